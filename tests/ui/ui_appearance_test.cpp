// The user's own arrangement: side bar, density, text size, the developer panel, and dialogs as state.
#include <catch2/catch_test_macros.hpp>

#include "base/json.hpp"
#include "ui/commands.hpp"
#include "ui/ui_rig.hpp"

using namespace ui;
using ui::testing::Rig;

TEST_CASE("the side bar is hidden, shown, and gets its words") {
    Rig rig;
    rig.start();
    const float narrow = rig.find(Role::main, "Canvas")->rect.x;
    rig.press(ImGuiKey_B, ImGuiMod_Ctrl);
    rig.settle();
    CHECK_FALSE(rig.find(Role::navigation, "Main"));
    CHECK(rig.find(Role::main, "Canvas")->rect.x == 0);
    rig.press(ImGuiKey_B, ImGuiMod_Ctrl);
    rig.settle();
    REQUIRE(rig.find(Role::navigation, "Main"));
    rig.app->set_sidebar_collapsed(false);
    rig.settle();
    CHECK(rig.find(Role::main, "Canvas")->rect.x > narrow + 100);
    rig.click(Role::button, "Settings");
    rig.settle();
    CHECK(rig.app->ui().rail == "settings");
    CHECK(rig.unrecorded().empty());
}

TEST_CASE("compact rows are lower, but not for fingers") {
    Rig rig;
    rig.start();
    const float comfortable = rig.find(Role::button, "Run")->rect.h;
    rig.app->set_density(model::Density::compact);
    rig.settle();
    CHECK(rig.find(Role::button, "Run")->rect.h < comfortable);
    ui::testing::RigOptions touch;
    touch.input.coarse_pointer = true;
    Rig finger(touch);
    finger.start();
    const float before = finger.find(Role::button, "Run")->rect.h;
    finger.app->set_density(model::Density::compact);
    finger.settle();
    CHECK(finger.find(Role::button, "Run")->rect.h == before);
}

TEST_CASE("text size has limits, and its commands end there") {
    Rig rig;
    rig.start();
    rig.app->set_font_percent(1'000);
    CHECK(rig.app->ui().font_percent == model::UiState::kMaxFontPercent);
    CHECK_FALSE(rig.shell->commands().enabled("view.larger"));
    CHECK(rig.shell->commands().enabled("view.smaller"));
    rig.app->set_font_percent(1);
    CHECK(rig.app->ui().font_percent == model::UiState::kMinFontPercent);
    CHECK_FALSE(rig.shell->commands().enabled("view.smaller"));
}

TEST_CASE("a side bar with words lists the workflows under their entry, as a folder that stays as it was left") {
    Rig rig;
    rig.start();
    const std::string shop = rig.app->workflow().id;
    rig.app->create_workflow("Mail");
    rig.pass(2'000);
    REQUIRE(rig.app->workflow().name == "Mail");
    CHECK_FALSE(rig.find(Role::list, "Workflows"));  // without words there is no room
    rig.app->set_sidebar_collapsed(false);
    rig.settle();
    REQUIRE(rig.find(Role::list, "Workflows"));
    CHECK(rig.unrecorded().empty());
    CHECK((rig.find(Role::button, "Mail")->flags & kSelected) != 0);
    rig.app->set_rail("settings");
    rig.settle();
    rig.click(Role::button, "Online shop");
    rig.pass(1'000);
    CHECK(rig.app->workflow().id == shop);
    CHECK(rig.app->ui().rail == "workflows");
    const float clusters_y = rig.find(Role::button, "Clusters")->rect.y;
    rig.click(Role::button, "Hide the workflows");
    CHECK_FALSE(rig.find(Role::list, "Workflows"));
    CHECK(rig.find(Role::button, "Clusters")->rect.y < clusters_y);
    rig.app->flush_storage();
    CHECK(rig.storage.get("binnacle-sidebar").value().value_or("").find("workflows") != std::string::npos);
    rig.click(Role::button, "Show the workflows");
    CHECK(rig.find(Role::list, "Workflows"));
    // More than there is room for: the palette finds the rest.
    for (int i = 0; i < 14; ++i) rig.app->create_workflow("Extra " + std::to_string(i));
    rig.pass(5'000);
    rig.click(Role::button, "5 more…");
    CHECK(rig.find(Role::searchbox, "Search or run a command"));
    rig.press(ImGuiKey_Escape);
    CHECK(rig.frames_during(2'000) <= 1);
}

TEST_CASE("the open dialog is state: opened and closed from either side") {
    Rig rig;
    rig.start();
    rig.press(ImGuiKey_K, ImGuiMod_Ctrl);
    rig.settle();
    CHECK(rig.app->ui().active_modal == "palette");
    rig.press(ImGuiKey_Escape);
    rig.settle();
    CHECK(rig.app->ui().active_modal.empty());

    rig.app->open_modal("new-workflow");
    rig.settle();
    CHECK(rig.find(Role::dialog, "New workflow"));
    rig.app->close_modal();
    rig.settle();
    CHECK_FALSE(rig.find(Role::dialog, "New workflow"));

    // One that nobody draws does not stay, nor does it keep the tab drawing.
    rig.app->open_modal("no-such-dialog");
    rig.settle();
    CHECK(rig.app->ui().active_modal.empty());
    CHECK(rig.frames_during(5'000) == 0);
}

TEST_CASE("the developer panel shows actions, queries, streams and storage, and copies them as JSON") {
    Rig rig;
    rig.start();
    rig.app->set_developer(true);
    rig.settle();
    REQUIRE(rig.find(Role::tab, "Developer"));
    rig.app->set_theme(model::ThemeChoice::light);
    rig.settle();
    REQUIRE(rig.find_part(Role::button, "ui, theme, theme:"));
    CHECK(rig.unrecorded().empty());

    rig.set_text(Role::searchbox, "Filter the developer panel", "panels");
    rig.settle();
    CHECK_FALSE(rig.find_part(Role::button, "ui, theme"));
    rig.set_text(Role::searchbox, "Filter the developer panel", "");
    rig.click(Role::tab, "Streams");
    rig.settle();
    CHECK(rig.find_part(Role::listitem, "workflow:"));
    CHECK(rig.find_part(Role::listitem, "connection, open"));
    CHECK(rig.unrecorded().empty());
    rig.click(Role::tab, "Queries");
    rig.settle();
    CHECK(rig.unrecorded().empty());
    rig.app->flush_storage(true);
    rig.click(Role::tab, "Storage");
    rig.settle();
    CHECK(rig.find_part(Role::listitem, "binnacle-ui"));

    rig.click(Role::button, "Copy all as JSON");
    rig.settle();
    const auto copied = base::parse_json(rig.platform.copied);
    REQUIRE(copied);
    CHECK((*copied)["actions"]["entries"].size() > 3);
    CHECK((*copied)["storage"].contains("binnacle-ui"));

    rig.app->set_developer(false);
    rig.settle();
    CHECK_FALSE(rig.find(Role::tab, "Developer"));
    CHECK(rig.app->ui().dock_tab == "logs");
}
