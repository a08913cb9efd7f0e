// Every view in each of its states, over a real hub and cluster in virtual time.
#include <imgui_internal.h>

#include <catch2/catch_test_macros.hpp>
#include <set>

#include "ui/commands.hpp"
#include "ui/ui_rig.hpp"
#include "ui/views/log_view.hpp"

using namespace ui;           // a test file
using ui::testing::Interceptor;
using ui::testing::Rig;

namespace {

void check_all_recorded(Rig& rig) {
    const auto missing = rig.unrecorded();
    std::string list;
    for (const std::string& item : missing) list += item + "\n";
    INFO("items without a record:\n" << list);
    CHECK(missing.empty());
}

std::string image_of(Rig& rig, std::string_view node) {
    const auto& graph = rig.app->graph();
    return graph.node(graph.find_node(rig.node_id(node))).data.value("image", "");
}

}  // namespace

TEST_CASE("the first screen shows the sample workflow and every item has a record") {
    Rig rig;
    rig.start();
    CHECK(rig.find(Role::button, "Workflow: Online shop"));
    CHECK(rig.find(Role::button, "Run"));
    CHECK(rig.find(Role::status, "Saved"));
    CHECK(rig.find(Role::navigation, "Main"));
    CHECK(rig.find(Role::main, "Canvas"));
    CHECK(rig.find(Role::region, "Details"));
    CHECK(rig.find(Role::region, "Dock"));
    CHECK(rig.find_part(Role::node, "checkout"));
    CHECK(rig.platform.title == "Online shop · Binnacle");
    check_all_recorded(rig);
}

TEST_CASE("nothing is drawn while nothing changes") {
    Rig rig;
    rig.start();
    rig.pass(20'000);
    CHECK(rig.frames_during(10'000) == 0);
}

TEST_CASE("Run brings nodes up, one fails with its reason, and fixing the image makes it healthy") {
    Rig rig;
    rig.start();
    rig.click(Role::button, "Run");
    rig.pass(90'000);
    REQUIRE(rig.find(Role::button, "1 failed"));
    CHECK(rig.find_part(Role::status, "ready"));

    rig.click(Role::button, "1 failed");
    CHECK(rig.app->ui().dock_tab == "problems");
    const auto* problem = rig.find_part(Role::button, "checkout: ");
    REQUIRE(problem);
    rig.click(Role::button, problem->name);
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{rig.node_id("checkout")});

    const auto* image = rig.find(Role::textbox, "Image");
    REQUIRE(image);
    CHECK((image->flags & kInvalid) != 0);
    CHECK((image->flags & kRequired) != 0);
    CHECK(image->description == "The registry has no tag 9.9. Newest known tag: 3.1");
    check_all_recorded(rig);

    rig.set_text(Role::textbox, "Image", "registry.local/checkout:3.1");
    CHECK(image_of(rig, "checkout") == "registry.local/checkout:3.1");
    rig.click(Role::button, "Apply");
    rig.pass(90'000);
    CHECK_FALSE(rig.find(Role::button, "1 failed"));
    CHECK_FALSE((rig.find(Role::textbox, "Image")->flags & kInvalid));
}

TEST_CASE("the inspector's form edits the document through its fields") {
    Rig rig;
    rig.start();
    rig.select("checkout");
    SECTION("typing into a field") {
        rig.click(Role::textbox, "Image");
        CHECK(ImGui::GetIO().WantTextInput);
        rig.press(ImGuiKey_End);
        rig.type("x");
        CHECK(image_of(rig, "checkout") == "registry.local/checkout:9.9x");
        CHECK(rig.shows("Unsaved changes"));
        rig.pass(3'000);
        CHECK(rig.shows("Saved"));
    }
    SECTION("an empty required field says so and keeps what was typed") {
        rig.set_text(Role::textbox, "Image", "");
        CHECK(rig.find(Role::textbox, "Image")->description == "Image is needed");
    }
    SECTION("a number out of range is refused with the reason") {
        rig.click(Role::textbox, "Replicas");
        rig.press(ImGuiKey_A, ImGuiMod_Ctrl);
        rig.type("5000");
        CHECK(rig.find(Role::textbox, "Replicas")->description == "At most 1000");
        const auto& node = rig.app->graph().node(rig.app->graph().find_node(rig.node_id("checkout")));
        CHECK(node.data["replicas"] == 500);
        rig.press(ImGuiKey_Backspace);
        rig.press(ImGuiKey_UpArrow);
        CHECK(rig.app->graph().node(rig.app->graph().find_node(rig.node_id("checkout"))).data["replicas"] == 501);
    }
    SECTION("environment variables keep their rows while their names are typed") {
        rig.set_text(Role::textbox, "Environment name 1", "ZZ");
        const auto data = rig.app->graph().node(rig.app->graph().find_node(rig.node_id("checkout"))).data;
        CHECK(data["env"].contains("ZZ"));
        CHECK(data["env"].contains("LOG_LEVEL"));
        CHECK(data["env"].size() == 2);
        CHECK(rig.find(Role::textbox, "Environment name 1")->value == "ZZ");
        rig.activate(Role::button, "Add to Environment");
        rig.set_text(Role::textbox, "Environment name 3", "ZZ");
        CHECK(rig.find(Role::textbox, "Environment name 3")->description == "Twice");
        rig.set_text(Role::textbox, "Environment name 3", "NEW");
        rig.activate(Role::button, "Remove ZZ");
        const auto after = rig.app->graph().node(rig.app->graph().find_node(rig.node_id("checkout"))).data["env"];
        CHECK_FALSE(after.contains("ZZ"));
        CHECK(after.contains("NEW"));
    }
    SECTION("seldom used options are behind one button") {
        CHECK_FALSE(rig.find(Role::combobox, "Pull policy"));
        rig.activate(Role::button, "More options");
        REQUIRE(rig.find(Role::combobox, "Pull policy"));
        rig.set_text(Role::combobox, "Pull policy", "Always");
        CHECK(rig.app->graph().node(rig.app->graph().find_node(rig.node_id("checkout"))).data["imagePullPolicy"] == "Always");
        check_all_recorded(rig);
    }
    SECTION("the other tabs") {
        rig.click(Role::tab, "Status");
        CHECK(rig.shows("Not deployed"));
        check_all_recorded(rig);
        rig.click(Role::tab, rig.find_part(Role::tab, "Events")->name);
        CHECK(rig.shows("No events of this node yet"));
        check_all_recorded(rig);
    }
}

TEST_CASE("every node kind of the sample has a complete form") {
    Rig rig;
    rig.start();
    for (const char* name : {"shop.example", "web", "shop-config", "db-credentials", "orders-db", "migrate"}) {
        CAPTURE(name);
        rig.select(name);
        CHECK(rig.find(Role::textbox, "Name"));
        if (rig.find(Role::button, "More options")) rig.activate(Role::button, "More options");
        check_all_recorded(rig);
        if (rig.find(Role::button, "More options")) rig.activate(Role::button, "More options");
    }
}

TEST_CASE("several selected nodes are counted and deleted together") {
    Rig rig;
    rig.start();
    const std::size_t before = rig.app->graph().node_count();
    rig.app->select_nodes({rig.node_id("checkout"), rig.node_id("mailer")});
    rig.settle();
    CHECK(rig.find(Role::heading, "2 nodes selected"));
    rig.click(Role::button, "Delete selection");
    CHECK(rig.app->graph().node_count() == before - 2);
    CHECK(rig.find(Role::heading, "Online shop"));
}

TEST_CASE("the log panel shows a live log, searches it, and follows until one scrolls") {
    Rig rig;
    rig.start();
    rig.click(Role::button, "Run");
    rig.pass(60'000);
    rig.select("storefront");
    rig.pass(20'000);
    REQUIRE(rig.app->log().size() > 5);
    const auto* log = rig.find_part(Role::log, "Log of storefront");
    REQUIRE(log);
    CHECK(rig.find_part(Role::listitem, "Z "));
    check_all_recorded(rig);

    rig.set_text(Role::searchbox, "Search log", "GET");
    CHECK(rig.app->log_panel().search == "GET");
    CHECK_FALSE(rig.app->log_panel().follow);
    CHECK(rig.find(Role::button, "Clear search"));
    rig.click(Role::button, "Clear search");
    CHECK(rig.app->log_panel().search.empty());

    rig.click(Role::button, "Follow");
    CHECK(rig.app->log_panel().follow);
    rig.click(Role::button, "Wrap");
    CHECK(rig.app->log_panel().wrap);

    const SemanticRecord area = *rig.find_part(Role::log, "Log of storefront");
    rig.click_at(ImVec2(area.rect.x + 100, area.rect.y + 20));
    CHECK_FALSE(rig.app->log_panel().follow);
    rig.press(ImGuiKey_C, ImGuiMod_Ctrl);
    CHECK(rig.platform.copied.starts_with("20"));
    CHECK(rig.platform.copied.ends_with("\n"));
}

TEST_CASE("a log of 5,000 lines builds only the rows in view") {
    Rig rig;
    rig.start();
    rig.select("checkout");
    auto& log = const_cast<model::LogBuffer&>(rig.app->log());  // the test plays the stream
    for (int i = 0; i < 5000; ++i) log.append("2026-01-01T00:00:00." + std::to_string(100 + i % 900) + "Z INFO line " + std::to_string(i), "pod-a");
    rig.settle();
    int rows = 0;
    for (const auto& record : rig.shell->semantics().records()) rows += record.role == Role::listitem && record.name.find(" INFO line ") != std::string::npos ? 1 : 0;
    CHECK(rows > 5);
    CHECK(rows < 14);
    CHECK(rig.shows("line 4999"));
    const auto* area = rig.find_part(Role::log, "Log of");
    REQUIRE(area);
    rig.wheel(ImVec2(area->rect.x + 50, area->rect.y + 50), 20);
    CHECK_FALSE(rig.app->log_panel().follow);
    CHECK_FALSE(rig.shows("line 4999"));
    CHECK(rig.shows("5,000 lines"));
}

TEST_CASE("pods, events and problems of a running workflow have rows") {
    Rig rig;
    rig.start();
    rig.click(Role::button, "Run");
    rig.pass(60'000);
    rig.select("storefront");
    CHECK(rig.find_part(Role::button, "storefront-"));
    rig.click(Role::tab, "Events");
    CHECK(rig.find(Role::list, "Events"));
    CHECK(rig.find_part(Role::listitem, "Normal: "));
    check_all_recorded(rig);
}

TEST_CASE("the palette finds commands and nodes, and works by keyboard alone") {
    Rig rig;
    rig.start();
    rig.press(ImGuiKey_K, ImGuiMod_Ctrl);
    REQUIRE(rig.find(Role::dialog, "Search or run a command"));
    check_all_recorded(rig);
    SECTION("a command") {
        rig.type("theme light");
        rig.press(ImGuiKey_Enter);
        CHECK(rig.app->ui().theme == model::ThemeChoice::light);
        CHECK_FALSE(rig.find(Role::dialog, "Search or run a command"));
        CHECK(rig.shell->background_rgb() == 0xF6F8FA);
    }
    SECTION("a node") {
        rig.type("orders-db");
        rig.press(ImGuiKey_Enter);
        CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{rig.node_id("orders-db")});
    }
    SECTION("the second result, and nothing found") {
        rig.type("theme");
        rig.press(ImGuiKey_DownArrow);
        int chosen = 0;
        for (const auto& record : rig.shell->semantics().records()) chosen += record.role == Role::option && (record.flags & kSelected) ? 1 : 0;
        CHECK(chosen == 1);
        rig.type("qqqq");
        CHECK(rig.shows("Nothing found"));
    }
    SECTION("Escape closes it and runs nothing") {
        rig.press(ImGuiKey_Escape);
        CHECK_FALSE(rig.find(Role::dialog, "Search or run a command"));
    }
}

TEST_CASE("workflows are made, renamed, switched and deleted from the menu") {
    Rig rig;
    rig.start();
    rig.click(Role::button, "Workflow: Online shop");
    REQUIRE(rig.find(Role::menuitem, "Online shop"));
    check_all_recorded(rig);
    rig.click(Role::menuitem, "New workflow…");
    REQUIRE(rig.find(Role::dialog, "New workflow"));
    rig.click(Role::button, "Create");
    CHECK(rig.find(Role::textbox, "Name")->description == "Enter a name");
    rig.set_text(Role::textbox, "Name", "Second");
    check_all_recorded(rig);
    rig.click(Role::button, "Create");
    rig.pass(2'000);
    CHECK(rig.app->workflow().name == "Second");
    CHECK(rig.shows("Add a node to begin"));

    rig.app->rename_workflow("Renamed");
    rig.pass(4'000);
    rig.click(Role::button, "Workflow: Renamed");
    rig.click(Role::menuitem, "Delete workflow…");
    REQUIRE(rig.find(Role::dialog, "Delete workflow?"));
    CHECK(rig.shows("This cannot be undone"));
    rig.click(Role::button, "Delete workflow");
    rig.pass(2'000);
    CHECK(rig.app->workflow().name == "Online shop");
}

TEST_CASE("an installation without workflows offers to make one") {
    Rig rig({.sample = false});
    rig.start();
    CHECK(rig.shows("No workflow yet"));
    rig.click(Role::button, "New workflow");
    CHECK(rig.find(Role::dialog, "New workflow"));
}

TEST_CASE("a list that cannot be loaded says why and can be tried again") {
    Rig rig;
    rig.interceptor->add({.method = "GET", .path_part = "/workflows", .status = 500, .body = R"({"error":"The store is broken"})"});
    rig.start();
    rig.pass(30'000);
    REQUIRE(rig.find(Role::button, "Retry"));
    CHECK(rig.shows("The store is broken"));
    check_all_recorded(rig);
    rig.click(Role::button, "Copy details");
    CHECK(rig.platform.copied.find("The store is broken") != std::string::npos);
    rig.interceptor->clear();
    rig.click(Role::button, "Retry");
    rig.pass(2'000);
    CHECK(rig.find(Role::button, "Workflow: Online shop"));
}

TEST_CASE("what one may not see names the permission") {
    Rig rig;
    rig.interceptor->add({.method = "GET", .path_part = "/workflows", .status = 403, .body = R"({"error":"workflows: list is not allowed"})"});
    rig.start();
    rig.pass(2'000);
    CHECK(rig.shows("You have no permission for this"));
    CHECK(rig.shows("workflows: list is not allowed"));
}

TEST_CASE("loading shows a skeleton, and only after 150 ms") {
    Rig rig;
    rig.interceptor->add({.method = "GET", .path_part = "/workflows", .kind = Interceptor::Kind::hang});
    rig.app->start();
    rig.settle();
    rig.time.advance(100);
    rig.frame();
    CHECK_FALSE(rig.find(Role::status, "Loading workflow"));
    rig.pass(400);
    CHECK(rig.find(Role::status, "Loading workflow"));
}

TEST_CASE("when the backend goes away a banner says so, counts down, and the data stays") {
    Rig rig;
    rig.start();
    rig.click(Role::button, "Run");
    rig.pass(30'000);
    rig.interceptor->add({.path_part = "/", .kind = Interceptor::Kind::cut});
    rig.hub.reset();  // cuts its open streams, as a killed gateway does; the rule above answers for it from now on
    rig.pass(20'000);
    REQUIRE_FALSE(rig.app->connection().online);
    CHECK(rig.find(Role::button, "Retry now"));
    CHECK(rig.find_part(Role::alert, "does not answer"));
    CHECK(rig.find_part(Role::node, "checkout"));
    check_all_recorded(rig);
    // While the countdown is shown it draws about one frame a second, not more.
    const int drawn = rig.frames_during(3'000);
    CHECK(drawn >= 1);
    CHECK(drawn <= 15);
    rig.restart_hub();
    rig.interceptor->clear();
    rig.app->wake();
    rig.pass(5'000);
    CHECK(rig.app->connection().online);
    CHECK_FALSE(rig.find(Role::button, "Retry now"));
}

TEST_CASE("a backend that never answered is tried again from the start screen") {
    Rig rig;
    rig.interceptor->add({.path_part = "/", .kind = Interceptor::Kind::cut});
    rig.start();
    rig.pass(3'000);
    REQUIRE(rig.find(Role::button, "Retry now"));
    CHECK(rig.find(Role::alert, "The gateway does not answer"));
    rig.interceptor->clear();
    rig.click(Role::button, "Retry now");
    rig.pass(3'000);
    CHECK(rig.find(Role::button, "Workflow: Online shop"));
}

TEST_CASE("sign-in: register, log out, wrong password, sign in") {
    Rig rig({.auth = hub::AuthMode::builtin});
    rig.start();
    REQUIRE(rig.find(Role::heading, "Sign in to Binnacle"));
    check_all_recorded(rig);
    rig.click(Role::button, "Sign in");
    CHECK(rig.find(Role::textbox, "Email")->description == "Enter your email address");
    rig.click(Role::link, "Create an account");
    REQUIRE(rig.find(Role::heading, "Create an account"));
    rig.set_text(Role::textbox, "Name", "Ada");
    rig.set_text(Role::textbox, "Email", "ada@example.org");
    rig.set_text(Role::textbox, "Password", "secret1");
    check_all_recorded(rig);
    CHECK(rig.find(Role::textbox, "Password")->value.empty());  // passwords stay out of the tree
    rig.activate(Role::button, "Create account");
    rig.pass(3'000);
    REQUIRE(rig.find(Role::button, "User menu"));
    rig.click(Role::button, "User menu");
    CHECK(rig.shows("Ada"));
    check_all_recorded(rig);
    rig.click(Role::menuitem, "Log out");
    rig.pass(2'000);
    REQUIRE(rig.find(Role::heading, "Sign in to Binnacle"));
    rig.set_text(Role::textbox, "Email", "ada@example.org");
    rig.set_text(Role::textbox, "Password", "wrong-one");
    rig.activate(Role::button, "Sign in");
    rig.pass(2'000);
    CHECK_FALSE(rig.app->session().form_error.empty());
    CHECK(rig.find(Role::alert, rig.app->session().form_error));
    rig.set_text(Role::textbox, "Password", "secret1");
    rig.activate(Role::button, "Sign in");
    rig.pass(3'000);
    CHECK(rig.find(Role::button, "Run"));
}

TEST_CASE("settings change the theme and copy diagnostics") {
    Rig rig;
    rig.start();
    rig.click(Role::button, "Settings");
    REQUIRE(rig.find(Role::main, "Settings"));
    check_all_recorded(rig);
    rig.click(Role::button, "Appearance");
    rig.click(Role::combobox, "Theme");
    REQUIRE(rig.find(Role::option, "Light"));
    check_all_recorded(rig);
    rig.click(Role::option, "Light");
    CHECK(rig.app->ui().theme == model::ThemeChoice::light);
    CHECK(rig.value(Role::combobox, "Theme") == "Light");
    rig.click(Role::button, "Help");
    rig.click(Role::button, "Copy diagnostics");
    CHECK(rig.platform.copied == "{\"diagnostics\":true}");
    CHECK(rig.find_part(Role::status, "Diagnostics copied"));
    rig.click(Role::button, "Workflows");
    CHECK(rig.find(Role::main, "Canvas"));
}

TEST_CASE("toasts can be dismissed and lead to their node") {
    Rig rig;
    rig.start();
    rig.app->show_toast(model::ToastKind::danger, "checkout failed", "ImagePullBackOff", rig.node_id("checkout"));
    rig.settle();
    REQUIRE(rig.find_part(Role::alert, "checkout failed"));
    check_all_recorded(rig);
    SECTION("a click selects the node") {
        rig.click(Role::button, "Show checkout failed");
        CHECK(rig.app->canvas().selected_nodes.contains(rig.node_id("checkout")));
    }
    SECTION("dismiss") {
        rig.click(Role::button, "Dismiss");
        CHECK(rig.app->toasts().empty());
    }
    SECTION("it goes by itself") {
        rig.pass(60'000);
        CHECK(rig.app->toasts().empty());
        CHECK(rig.frames_during(5'000) == 0);
    }
}

TEST_CASE("panels are resized by dragging and by keyboard, and remembered") {
    Rig rig;
    rig.start();
    const SemanticRecord* handle = rig.find(Role::separator, "Width of the details");
    REQUIRE(handle);
    const ImVec2 at(handle->rect.x + handle->rect.w / 2, handle->rect.y + 300);
    ImGuiIO& io = ImGui::GetIO();
    io.AddMousePosEvent(at.x, at.y);
    rig.frame();
    io.AddMouseButtonEvent(0, true);
    rig.frame();
    io.AddMousePosEvent(at.x - 60, at.y);
    rig.frame();
    io.AddMouseButtonEvent(0, false);
    rig.settle();
    CHECK(rig.app->panels().inspector_width == 380);
    rig.shell->semantics().post_action({.kind = ActionKind::focus, .id = rig.find(Role::separator, "Height of the dock")->id});
    rig.settle();
    rig.press(ImGuiKey_UpArrow);
    CHECK(rig.app->panels().dock_height == 256);
}

TEST_CASE("Tab reaches everything on the screen and comes back") {
    Rig rig;
    rig.start();
    rig.select("checkout");
    rig.app->set_rail("workflows");
    std::set<std::string> seen;
    std::string order;
    for (int i = 0; i < 120; ++i) {
        rig.press(ImGuiKey_Tab);
        if (const auto* record = rig.focused()) {
            seen.insert(record->name);
            order += record->name + "\n";
        }
    }
    INFO("order:\n" << order);
    for (const char* name : {"Workflows", "Settings", "Workflow: Online shop", "Search or run a command", "Run", "User menu", "Spec", "Image", "CPU", "Apply", "Logs", "Problems", "Search log", "Follow", "Width of the details"}) {
        CAPTURE(name);
        CHECK(seen.contains(name));
    }
}

TEST_CASE("Enter and Space press what has the keyboard") {
    Rig rig;
    rig.start();
    rig.shell->semantics().post_action({.kind = ActionKind::focus, .id = rig.find(Role::button, "Settings")->id});
    rig.settle();
    rig.press(ImGuiKey_Enter);
    CHECK(rig.app->ui().rail == "settings");
}

TEST_CASE("narrow windows: everything has a record, a place and 44 px for fingers") {
    Rig rig({.input = {.width = 390, .height = 844, .pixel_ratio = 3, .coarse_pointer = true}});
    rig.start();
    check_all_recorded(rig);
    for (const auto& record : rig.shell->semantics().records()) {
        if (record.role != Role::button && record.role != Role::tab && record.role != Role::textbox) continue;
        CAPTURE(record.name);
        CHECK(record.rect.x >= -1);
        CHECK(record.rect.x + record.rect.w <= 391);
        if (record.name != "Dismiss") CHECK(record.rect.h >= 43.5f);
    }
    rig.select("checkout");
    CHECK(rig.find(Role::textbox, "Image"));
    check_all_recorded(rig);
    rig.click(Role::button, "Close details");
    CHECK_FALSE(rig.find(Role::textbox, "Image"));
    rig.click(Role::tab, "Logs");
    CHECK(rig.find(Role::searchbox, "Search log"));
    check_all_recorded(rig);
    rig.press(ImGuiKey_Escape);
    CHECK_FALSE(rig.find(Role::searchbox, "Search log"));
}

TEST_CASE("embedded: neither rail nor top bar") {
    Rig rig({.input = {.width = 1000, .height = 640, .embed = true}});
    rig.start();
    CHECK_FALSE(rig.find(Role::navigation, "Main"));
    CHECK_FALSE(rig.find(Role::button, "Run"));
    CHECK(rig.find_part(Role::node, "checkout"));
    check_all_recorded(rig);
}

TEST_CASE("every width from phone to wide screen keeps controls inside the window") {
    Rig rig;
    rig.start();
    rig.select("checkout");
    for (const float width : {320.0f, 390.0f, 599.0f, 620.0f, 768.0f, 899.0f, 920.0f, 1024.0f, 1280.0f, 1920.0f}) {
        rig.resize(width, 720);
        CAPTURE(width);
        for (const auto& record : rig.shell->semantics().records()) {
            if (record.role != Role::button && record.role != Role::combobox && record.role != Role::searchbox && record.role != Role::tab) continue;
            CAPTURE(record.name);
            CHECK(record.rect.x + record.rect.w <= width + 1);
        }
        check_all_recorded(rig);
    }
}

TEST_CASE("a shortcut belongs to us only while it means something") {
    Rig rig;
    rig.start();
    CHECK(rig.shell->owns_key("k", true, false, false, false));
    CHECK(rig.shell->owns_key("Enter", true, false, false, false));
    CHECK_FALSE(rig.shell->owns_key("l", true, false, false, false));
    CHECK_FALSE(rig.shell->owns_key("F5", false, false, false, false));
    CHECK(rig.shell->owns_key("/", false, false, false, false));
    rig.press(ImGuiKey_Slash);  // a key without its character does nothing
    rig.type("/");
    CHECK(ImGui::GetIO().WantTextInput);
    CHECK_FALSE(rig.shell->owns_key("/", false, false, false, false));
    CHECK(rig.app->log_panel().search.empty());
}

TEST_CASE("the caret blinks for ten seconds, then nothing more is drawn") {
    Rig rig;
    rig.start();
    rig.pass(10'000);
    rig.click(Role::searchbox, "Search log");
    const int blinking = rig.frames_during(5'000);
    CHECK(blinking >= 8);
    CHECK(blinking <= 14);
    rig.frames_during(6'000);
    CHECK(rig.frames_during(10'000) == 0);
}

TEST_CASE("a change that cannot be seen draws nothing") {
    Rig rig;
    rig.start();
    rig.app->set_dock_open(false);
    rig.settle();
    CHECK((rig.shell->visible_topics() & model::kTopicLogs) == 0);
    rig.app->set_dock_open(true);
    rig.settle();
    CHECK((rig.shell->visible_topics() & model::kTopicLogs) != 0);
}

TEST_CASE("the bench shows the canvas alone") {
    Rig rig;
    rig.start();
    rig.shell->set_canvas_only(true);
    rig.settle();
    CHECK(rig.find(Role::main, "Canvas"));
    CHECK_FALSE(rig.find(Role::button, "Run"));
    CHECK(rig.shell->visible_topics() == model::kTopicCanvas);
}
