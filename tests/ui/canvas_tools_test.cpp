// Lock, find, bookmarks and the menus of the canvas.
#include <catch2/catch_test_macros.hpp>

#include <cmath>

#include "canvas_rig.hpp"
#include "ui/canvas/canvas_find.hpp"

using namespace ui;
using namespace ui::testing;

TEST_CASE("canvas lock: nothing moves, connects, is added, deleted or undone; it says so; fields and the view stay free") {
    CanvasRig rig;
    rig.focus_canvas();
    rig.select_nodes({"mailer"});
    rig.press(ImGuiKey_RightArrow);  // something that could be undone
    rig.type("L");
    REQUIRE(rig.app->canvas().locked);
    CHECK(rig.find(Role::status, "Locked: nothing moves or connects"));
    const auto version = rig.app->graph().document_version();
    const auto place = rig.position("mailer");
    const auto before = rig.view();
    const ImVec2 from = rig.node_center("mailer");
    rig.drag(from, {from.x - 60, from.y - 20});
    CHECK(rig.position("mailer") == place);
    CHECK(rig.view().x != before.x);  // it pans
    REQUIRE_FALSE(rig.app->toasts().empty());
    CHECK(rig.app->toasts().back().title == "The canvas is locked");
    rig.drag(rig.port("catalog-api", true), rig.node_center("mailer"));
    rig.press(ImGuiKey_Delete);
    rig.press(ImGuiKey_LeftArrow);
    rig.run("canvas.duplicate");
    rig.run("canvas.delete_reconnect");
    CHECK(rig.app->add_node("job", {0, 0}).empty());
    rig.app->undo();
    CHECK_FALSE(rig.app->can_undo());
    CHECK(rig.app->graph().document_version() == version);
    CHECK(rig.app->edit(model::SetNodeData{rig.node_id("mailer"), model::Json{{"name", "mailer"}, {"image", "mail:2"}}}));
    rig.focus_canvas();
    rig.type("L");
    CHECK_FALSE(rig.app->canvas().locked);
    CHECK(rig.app->can_undo());
    CHECK_FALSE(rig.find(Role::status, "Locked: nothing moves or connects"));
}

TEST_CASE("canvas lock and bookmarks belong to a workflow and are there after a reload") {
    CanvasRig rig;
    rig.focus_canvas();
    rig.app->set_viewport({120, 40, 1.5F});
    rig.settle();
    rig.type("m1");
    REQUIRE(rig.app->canvas().bookmarks.size() == 1);
    rig.app->set_viewport({-500, -900, 0.3F});
    rig.settle();
    rig.type("b1");
    CHECK(rig.view() == model::Viewport{120, 40, 1.5F});
    rig.type("b2");  // there is none
    CHECK(rig.view() == model::Viewport{120, 40, 1.5F});
    rig.app->set_canvas_locked(true);
    const std::string shop = rig.app->workflow().id;
    rig.app->create_workflow("Other");
    rig.pass(1'000);
    REQUIRE(rig.app->workflow().name == "Other");
    CHECK(rig.app->canvas().bookmarks.empty());
    CHECK_FALSE(rig.app->canvas().locked);
    rig.app->open_workflow(shop);
    rig.pass(1'000);
    CHECK(rig.app->canvas().locked);
    CHECK(rig.app->canvas().bookmarks.at(1) == model::Viewport{120, 40, 1.5F});
    rig.app->flush_storage(true);

    model::App next({.api = *rig.client, .scheduler = rig.time, .random = rig.random, .storage = rig.storage}, {.backend_label = "gateway", .storage_suffix = {}});
    next.start();
    for (int i = 0; i < 20; ++i) rig.time.advance(50);
    next.open_workflow(shop);
    for (int i = 0; i < 20; ++i) rig.time.advance(50);
    REQUIRE(next.canvas().workflow_id == shop);
    CHECK(next.canvas().locked);
    CHECK(next.canvas().bookmarks.size() == 1);
    rig.run("canvas.remove_bookmark_1");
    CHECK(rig.app->canvas().bookmarks.empty());
}

TEST_CASE("canvas find: by name, kind and state, Enter through the hits and around, Shift+Enter back, Escape closes") {
    CanvasRig rig;
    rig.focus_canvas();
    rig.press(ImGuiKey_F, ImGuiMod_Ctrl);
    rig.settle();
    REQUIRE(rig.find(Role::searchbox, "Find a node"));
    CHECK(rig.unrecorded().empty());
    rig.type("deployment");
    CHECK(rig.find(Role::status, "4 found"));
    CHECK(rig.app->canvas().selected_nodes.empty());
    const auto selected = [&] { return rig.app->canvas().selected_nodes; };
    for (const auto name : {"storefront", "catalog", "checkout", "mailer", "storefront"}) {
        rig.press(ImGuiKey_Enter);
        rig.settle();
        CHECK(selected() == std::set<std::string>{rig.node_id(name)});
    }
    const SemanticRecord* canvas = rig.find(Role::group, "Workflow canvas");
    REQUIRE(canvas);
    CHECK(std::abs(rig.node_center("storefront").x - canvas->rect.x - canvas->rect.w / 2) < 2);
    CHECK(rig.find(Role::status, "1 of 4"));
    rig.press(ImGuiKey_Enter, ImGuiMod_Shift);
    rig.settle();
    CHECK(selected() == std::set<std::string>{rig.node_id("mailer")});
    rig.press(ImGuiKey_Escape);
    rig.settle();
    CHECK_FALSE(rig.find(Role::searchbox, "Find a node"));
    CHECK(selected().size() == 1);
    rig.press(ImGuiKey_Tab);  // the canvas has the keyboard again
    rig.settle();
    CHECK(selected() == std::set<std::string>{rig.node_id("orders")});
}

TEST_CASE("canvas find: every word must fit, the state counts, and what changes meanwhile is followed") {
    model::Graph graph;
    const auto add = [&](const char* id, const char* type, const char* name, float y, const char* state) {
        REQUIRE(graph.apply(model::AddNode{{.id = id, .type = type, .position = {0, y}, .data = {{"name", name}}}}));
        graph.set_status(id, model::node_status_from_json({{"state", state}}));
    };
    add("a", "deployment", "api", 200, "error");
    add("b", "deployment", "web", 100, "healthy");
    add("c", "service", "api", 0, "created");
    NodeFind find;
    const auto hits = [&](const char* query) {
        find.query = query;
        find.update(graph);
        std::string ids;
        for (const auto i : find.hits) ids += graph.node(i).id;
        return ids;
    };
    CHECK(hits("API") == "ca");
    CHECK(hits("failed") == "a");
    CHECK(hits("healthy deployment") == "b");
    CHECK(hits("api service") == "c");
    CHECK(hits("  ").empty());
    CHECK(find.words().empty());
    CHECK(hits("nothing such").empty());
    CHECK(find.words() == "Nothing found");
    CHECK_FALSE(find.step(1));
    CHECK(hits("deployment") == "ba");
    CHECK(find.step(-1) == graph.find_node("a"));
    CHECK(find.words() == "2 of 2");
    REQUIRE(graph.apply(model::RemoveNodes{{"b"}}));
    find.update(graph);
    CHECK(find.words() == "1 of 1");
}

TEST_CASE("canvas menus: a right click on a node, an edge and the canvas offers what can be done there") {
    CanvasRig rig;
    rig.make_room();
    rig.right_click(rig.node_center("mailer"));
    REQUIRE(rig.find(Role::menu, "Node"));
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{rig.node_id("mailer")});
    CHECK(rig.unrecorded().empty());
    rig.click(Role::menuitem, "Duplicate the selected nodes");
    CHECK_FALSE(rig.find(Role::menu, "Node"));
    const std::string copy = rig.node_id("mailer-2");
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{copy});
    rig.app->undo();
    rig.settle();

    rig.right_click(rig.near_end("orders", "orders-db", true, 40));
    REQUIRE(rig.find(Role::menu, "Edge"));
    rig.click(Role::menuitem, "Delete the selection");
    CHECK_FALSE(rig.connected("orders", "orders-db"));

    rig.right_click(rig.screen({900, 300}));
    REQUIRE(rig.find(Role::menu, "Canvas"));
    const bool snap = rig.app->ui().canvas.snap;
    rig.click(Role::menuitem, "Snap to the grid");
    CHECK(rig.app->ui().canvas.snap != snap);
    rig.right_click(rig.screen({900, 300}));
    rig.click(Role::menuitem, "Add a node here…");
    rig.click(Role::menuitem, "Job");
    CHECK(std::abs(rig.position("job").x - 900) <= 2);
    CHECK(std::abs(rig.position("job").y - 300) <= 2);
}

TEST_CASE("canvas menus: several selected nodes stay so under a right click on one of them; Shift+F10 opens the menu by keys") {
    CanvasRig rig;
    rig.make_room();
    rig.focus_canvas();
    rig.select_nodes({"mailer", "checkout"});
    rig.right_click(rig.node_center("mailer"));
    CHECK(rig.app->canvas().selected_nodes.size() == 2);
    rig.press(ImGuiKey_Escape);
    rig.settle();
    CHECK_FALSE(rig.find(Role::menu, "Node"));
    rig.focus_canvas();
    rig.select_nodes({"mailer"});
    rig.press(ImGuiKey_F10, ImGuiMod_Shift);
    rig.settle();
    CHECK(rig.find(Role::menu, "Node"));
}
