// The notification centre: bell, panel, and where a click leads.
#include <catch2/catch_test_macros.hpp>

#include "model/notifications.hpp"
#include "ui/ui_rig.hpp"

using namespace ui;
using namespace ui::testing;

namespace {

void run_sample(Rig& rig) {
    rig.start();
    rig.click(Role::button, "Run");
    rig.pass(90'000);
}

}  // namespace

TEST_CASE("the bell counts what is unread, the panel lists it by day, and a click goes to the node that failed") {
    Rig rig;
    rig.start();
    REQUIRE(rig.find(Role::button, "Notifications"));
    rig.click(Role::button, "Run");
    rig.pass(90'000);
    REQUIRE(rig.find(Role::button, "Notifications, 2 unread"));
    rig.app->clear_selection();
    rig.app->set_rail("settings");
    rig.settle();
    rig.click(Role::button, "Notifications, 2 unread");
    REQUIRE(rig.find(Role::dialog, "Notifications"));
    CHECK(rig.find(Role::text, "Today"));
    const SemanticRecord* deployed = rig.find(Role::listitem, "Online shop is deployed, unread");
    REQUIRE(deployed);
    CHECK(deployed->description.find("nodes are applied") != std::string::npos);
    CHECK(rig.unrecorded().empty());
    rig.click(Role::listitem, "checkout of Online shop failed, unread");
    CHECK_FALSE(rig.find(Role::dialog, "Notifications"));
    CHECK(rig.app->ui().rail == "workflows");
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{rig.node_id("checkout")});
    REQUIRE(rig.find(Role::button, "Notifications, 1 unread"));
    rig.click(Role::button, "Notifications, 1 unread");
    rig.click(Role::button, "Mark all as read");
    REQUIRE(rig.find(Role::button, "Notifications"));
    CHECK(rig.find(Role::listitem, "checkout of Online shop failed"));
    rig.click(Role::button, "Only unread");
    CHECK_FALSE(rig.find(Role::listitem, "checkout of Online shop failed"));
    CHECK(rig.find(Role::status, "Nothing unread"));
    rig.click(Role::button, "Show all");
    CHECK(rig.find(Role::listitem, "checkout of Online shop failed"));
    rig.press(ImGuiKey_Escape);
    CHECK_FALSE(rig.find(Role::dialog, "Notifications"));
}

TEST_CASE("a notification leads to a workflow that is not open") {
    Rig rig;
    run_sample(rig);
    const std::string shop = rig.app->workflow().id;
    rig.app->create_workflow("Other");
    rig.pass(2'000);
    REQUIRE(rig.app->workflow().name == "Other");
    rig.click(Role::button, "Notifications, 2 unread");
    rig.click(Role::listitem, "checkout of Online shop failed, unread");
    rig.pass(2'000);
    CHECK(rig.app->workflow().id == shop);
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{rig.node_id("checkout")});
}

TEST_CASE("the panel says when it is empty, loading, or cannot be read, and retries") {
    Rig rig;
    rig.start();
    rig.interceptor->add({.method = "GET", .path_part = "/user-notifications?", .kind = Interceptor::Kind::hang});
    rig.click(Role::button, "Notifications");
    rig.pass(400);
    CHECK(rig.app->notifications().state().phase == model::LoadPhase::loading);
    rig.press(ImGuiKey_Escape);
    rig.interceptor->clear();
    rig.interceptor->add({.method = "GET", .path_part = "/user-notifications?", .kind = Interceptor::Kind::answer, .status = 500, .body = R"({"error":"The disk is away"})"});
    rig.app->notifications().clear_notification_state();
    rig.app->notifications().start();
    rig.pass(500);
    rig.click(Role::button, "Notifications");
    rig.pass(10'000);
    CHECK(rig.find(Role::alert, "The disk is away"));
    CHECK(rig.unrecorded().empty());
    rig.interceptor->clear();
    rig.click(Role::button, "Retry");
    rig.pass(500);
    CHECK(rig.find(Role::status, "Nothing yet"));
}

TEST_CASE("the panel opens and is walked by keyboard") {
    Rig rig;
    run_sample(rig);
    rig.type("gn");
    REQUIRE(rig.find(Role::dialog, "Notifications"));
    for (int i = 0; i < 12; ++i) {
        const SemanticRecord* focus = rig.focused();
        if (focus != nullptr && focus->role == Role::listitem) break;
        rig.press(ImGuiKey_DownArrow);
    }
    REQUIRE(rig.focused());
    REQUIRE(rig.focused()->role == Role::listitem);
    rig.press(ImGuiKey_Enter);
    CHECK_FALSE(rig.find(Role::dialog, "Notifications"));
    CHECK(rig.app->notifications().state().unread == 1);
}

TEST_CASE("an open panel and a live bell draw nothing while nothing happens") {
    Rig rig;
    run_sample(rig);
    rig.pass(120'000);
    rig.click(Role::button, "Notifications, 2 unread");
    rig.pass(5'000);
    CHECK(rig.frames_during(10'000) <= 1);  // "2 min ago" becomes "3 min ago"
}

TEST_CASE("the panel fits a phone") {
    Rig rig({.auth = hub::AuthMode::none, .sample = true, .input = {}});
    run_sample(rig);
    rig.input.coarse_pointer = true;
    rig.resize(390, 844);
    rig.click(Role::button, "Notifications, 2 unread");
    const SemanticRecord* panel = rig.find(Role::dialog, "Notifications");
    REQUIRE(panel);
    CHECK(panel->rect.x >= 0);
    CHECK(panel->rect.x + panel->rect.w <= 390);
    for (const SemanticRecord& record : rig.shell->semantics().records()) {
        if (record.role == Role::listitem && record.parent == panel->id) CHECK(record.rect.h >= 44);
    }
}
