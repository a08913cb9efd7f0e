// Settings: appearance, backends, storage.
#include <catch2/catch_test_macros.hpp>

#include "ui/commands.hpp"
#include "ui/ui_rig.hpp"

using namespace ui;
using ui::testing::Rig;

TEST_CASE("settings: text size, density and side bar are chosen there and kept") {
    Rig rig;
    rig.start();
    rig.app->set_rail("settings");
    rig.settle();
    rig.click(Role::button, "Appearance");
    rig.settle();
    CHECK(rig.unrecorded().empty());
    rig.click(Role::combobox, "Text size");
    rig.settle();
    rig.click(Role::option, "125 %");
    rig.settle();
    CHECK(rig.app->ui().font_percent == 125);
    rig.click(Role::combobox, "Density");
    rig.settle();
    rig.click(Role::option, "Compact");
    rig.settle();
    CHECK(rig.app->ui().density == model::Density::compact);
    rig.click(Role::switch_, "Words in the side bar");
    rig.settle();
    CHECK_FALSE(rig.app->ui().sidebar_collapsed);
}

TEST_CASE("settings: what is stored is listed, and clearing it asks first") {
    Rig rig;
    rig.start();
    rig.app->set_theme(model::ThemeChoice::light);
    rig.app->flush_storage(true);
    rig.app->set_rail("settings");
    rig.settle();
    rig.click(Role::button, "Storage");
    rig.settle();
    CHECK(rig.find(Role::text, "Appearance"));  // the words for binnacle-ui
    CHECK(rig.shows("In all"));
    rig.click(Role::button, "Clear local data…");
    rig.settle();
    REQUIRE(rig.find(Role::dialog, "Clear local data?"));
    rig.click(Role::button, "Cancel");
    rig.settle();
    CHECK_FALSE(rig.app->storage_use().empty());

    rig.click(Role::button, "Clear local data…");
    rig.settle();
    rig.click(Role::button, "Clear");
    rig.settle();
    CHECK(rig.platform.reloads == 1);
    CHECK(rig.app->storage_use().empty());
    rig.app->flush_storage(true);  // as the page does when it goes
    CHECK(rig.app->storage_use().empty());
}
