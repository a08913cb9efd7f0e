// Pictures of the main screens for people to look at; hidden, because nothing is asserted about their looks.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>

#include "model/registries.hpp"
#include "ui/ui_raster.hpp"

using ui::testing::Rig;
using ui::testing::write_picture;

TEST_CASE("pictures of the main screens", "[.shot]") {
    const char* folder = std::getenv("BINNACLE_SHOTS");
    REQUIRE(folder != nullptr);
    const std::string dir = std::string(folder) + "/";
    Rig rig;
    rig.start();
    REQUIRE(write_picture(rig, dir + "first.ppm"));
    rig.app->run();
    rig.pass(60'000);
    rig.select("storefront");
    rig.pass(20'000);
    REQUIRE(write_picture(rig, dir + "log.ppm"));
    rig.app->set_log_search("GET");
    rig.select("checkout");
    rig.app->show_toast(model::ToastKind::danger, "checkout failed", "ImagePullBackOff · registry.local/checkout:9.9", rig.node_id("checkout"));
    rig.settle();
    rig.pass(1'000);
    REQUIRE(write_picture(rig, dir + "dark.ppm"));
    rig.app->set_theme(model::ThemeChoice::light);
    rig.settle();
    REQUIRE(write_picture(rig, dir + "light.ppm"));
    rig.app->set_theme(model::ThemeChoice::dark);
    rig.press(ImGuiKey_K, ImGuiMod_Ctrl);
    rig.type("the");
    REQUIRE(write_picture(rig, dir + "palette.ppm"));
    rig.press(ImGuiKey_Escape);
    rig.app->set_dock_tab("events");
    rig.click(ui::Role::button, "Workflow: Online shop");
    REQUIRE(write_picture(rig, dir + "menu.ppm"));
    rig.press(ImGuiKey_Escape);
    rig.type("gn");
    rig.pass(500);
    REQUIRE(write_picture(rig, dir + "notifications.ppm"));
    rig.press(ImGuiKey_Escape);
    rig.app->set_rail("activity");
    rig.pass(500);
    REQUIRE(write_picture(rig, dir + "activity.ppm"));
    rig.app->set_theme(model::ThemeChoice::light);
    rig.settle();
    REQUIRE(write_picture(rig, dir + "activity-light.ppm"));
    rig.set_text(ui::Role::searchbox, "Search events", "checkout failed");
    rig.click(ui::Role::listitem, rig.find_part(ui::Role::listitem, "checkout failed")->name);
    rig.pass(300);
    REQUIRE(write_picture(rig, dir + "event-details.ppm"));
    rig.press(ImGuiKey_Escape);
    rig.set_text(ui::Role::searchbox, "Search events", "");
    rig.app->set_theme(model::ThemeChoice::dark);
    rig.resize(820, 800);
    REQUIRE(write_picture(rig, dir + "activity-compact.ppm"));
    rig.resize(1280, 800);
    rig.app->set_rail("settings");
    rig.settle();
    REQUIRE(write_picture(rig, dir + "settings.ppm"));
    rig.click(ui::Role::button, "Plugins");
    rig.pass(500);
    rig.click(ui::Role::switch_, "Enable cert-manager");
    rig.click(ui::Role::button, "cert-manager details");
    rig.pass(8'000);
    REQUIRE(write_picture(rig, dir + "plugins.ppm"));
    rig.click(ui::Role::button, "Registries");
    rig.pass(500);
    rig.app->registries().save("", {{"name", "Packages"}, {"registryType", "ghcr"}}, [](base::Result<void>) {});
    rig.app->registries().save("", {{"name", "Packages"}, {"registryType", "ghcr"}}, [](base::Result<void>) {});
    rig.pass(500);
    rig.app->registries().save("", {{"name", "Docker Hub"}, {"registryType", "dockerhub"}}, [](base::Result<void>) {});
    rig.pass(500);
    REQUIRE(write_picture(rig, dir + "registries.ppm"));
    rig.app->set_theme(model::ThemeChoice::light);
    rig.click(ui::Role::button, "Add registry");
    rig.pass(500);
    REQUIRE(write_picture(rig, dir + "registry-form.ppm"));
    rig.press(ImGuiKey_Escape);
    rig.app->set_theme(model::ThemeChoice::dark);
    rig.app->set_rail("workflows");
    rig.input.coarse_pointer = true;
    rig.input.pixel_ratio = 2;
    rig.app->clear_selection();
    rig.resize(390, 844);
    REQUIRE(write_picture(rig, dir + "phone.ppm"));
    rig.type("gn");
    rig.pass(500);
    REQUIRE(write_picture(rig, dir + "phone-notifications.ppm"));
    rig.press(ImGuiKey_Escape);
    rig.app->set_rail("settings");
    rig.settle();
    REQUIRE(write_picture(rig, dir + "phone-settings.ppm"));
    rig.app->set_rail("activity");
    rig.pass(500);
    REQUIRE(write_picture(rig, dir + "phone-activity.ppm"));
    rig.app->set_rail("workflows");
    rig.settle();
    rig.select("checkout");
    REQUIRE(write_picture(rig, dir + "phone-sheet.ppm"));
    Rig login({.auth = hub::AuthMode::builtin});
    login.start();
    REQUIRE(write_picture(login, dir + "login.ppm"));
}
