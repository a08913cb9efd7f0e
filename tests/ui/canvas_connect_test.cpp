// Edges by mouse: connecting, the search at the end of a dragged edge, reconnecting, going into an edge, deleting with reconnecting.
#include <catch2/catch_test_macros.hpp>

#include <cmath>

#include "canvas_rig.hpp"

using namespace ui;
using namespace ui::testing;

TEST_CASE("canvas: while an edge is dragged every node says whether it fits, and the one under the pointer why not") {
    CanvasRig rig;
    rig.begin_drag(rig.port("web", true), rig.node_center("shop-config"));
    const auto described = [&](std::string_view name) {
        const SemanticRecord* node = rig.find_part(Role::node, std::string(name) + ",");
        REQUIRE(node);
        return node->description;
    };
    CHECK(described("mailer") == "Can be connected");
    CHECK(described("orders-db") == "Can be connected");
    CHECK(described("storefront") == "Cannot be connected");  // it is already
    CHECK(described("migrate") == "Cannot be connected");
    CHECK(rig.find_part(Role::status, "A Service does not connect to a ConfigMap"));
    rig.move_mouse(rig.node_center("mailer"));
    rig.frame();
    CHECK(rig.find(Role::status, "Connects web to mailer"));
    rig.end_drag();
    CHECK(rig.connected("web", "mailer"));
    CHECK(described("mailer") != "Can be connected");
}

TEST_CASE("canvas: an edge dropped on empty canvas opens the search for what fits, and connects what is chosen, as one step") {
    CanvasRig rig;
    rig.make_room();
    const auto nodes = rig.app->graph().node_count();
    const auto edges = rig.app->graph().edge_count();
    const ImVec2 drop = rig.screen({900, 200});
    rig.drag(rig.port("web", true), drop);
    REQUIRE(rig.find(Role::menu, "Add a node"));
    for (const auto fits : {"Deployment", "StatefulSet", "DaemonSet"}) CHECK(rig.find(Role::menuitem, fits));
    for (const auto other : {"Ingress", "Service", "Job", "Secret"}) CHECK_FALSE(rig.find(Role::menuitem, other));
    rig.type("stat");
    CHECK_FALSE(rig.find(Role::menuitem, "Deployment"));
    rig.press(ImGuiKey_Enter);
    rig.settle();
    CHECK(rig.app->graph().node_count() == nodes + 1);
    CHECK(rig.app->graph().edge_count() == edges + 1);
    CHECK(rig.connected("web", "statefulset"));
    CHECK(std::abs(rig.port("statefulset", false).x - drop.x) <= 8);
    CHECK(std::abs(rig.port("statefulset", false).y - drop.y) <= 8);
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{rig.node_id("statefulset")});
    rig.app->undo();
    CHECK(rig.app->graph().node_count() == nodes);
    CHECK(rig.app->graph().edge_count() == edges);
}

TEST_CASE("canvas: from an input the search offers what may feed it; Escape leaves everything as it was") {
    CanvasRig rig;
    rig.make_room();
    const auto version = rig.app->graph().document_version();
    const ImVec2 drop = rig.screen({850, 300});
    rig.drag(rig.port("mailer", false), drop);
    REQUIRE(rig.find(Role::menu, "Add a node"));
    for (const auto fits : {"Service", "ConfigMap", "Secret", "PersistentVolumeClaim"}) CHECK(rig.find(Role::menuitem, fits));
    CHECK_FALSE(rig.find(Role::menuitem, "Ingress"));
    rig.press(ImGuiKey_Escape);
    rig.settle();
    CHECK_FALSE(rig.find(Role::menu, "Add a node"));
    CHECK(rig.app->graph().document_version() == version);
    rig.drag(rig.port("mailer", false), drop);
    rig.click(Role::menuitem, "Secret");
    CHECK(rig.connected("secret", "mailer"));
    CHECK(std::abs(rig.port("secret", true).x - drop.x) <= 8);
}

TEST_CASE("canvas: Add node searches all kinds by letters and arrow keys") {
    CanvasRig rig;
    rig.make_room();
    rig.click(Role::button, "Add node");
    CHECK(rig.find(Role::menuitem, "Ingress"));
    CHECK(rig.find(Role::menuitem, "Deployment"));
    rig.type("job");
    CHECK(rig.find(Role::menuitem, "Job"));
    CHECK(rig.find(Role::menuitem, "CronJob"));
    CHECK_FALSE(rig.find(Role::menuitem, "Ingress"));
    rig.press(ImGuiKey_DownArrow);
    rig.press(ImGuiKey_Enter);
    rig.settle();
    CHECK_FALSE(rig.app->canvas().selected_nodes.empty());
    CHECK(rig.app->graph().node(rig.app->graph().find_node(*rig.app->canvas().selected_nodes.begin())).kind == model::NodeKind::cronjob);
    const auto at = rig.position("cronjob");
    CHECK(std::fmod(at.x, 15.0F) == 0);
    CHECK(std::fmod(at.y, 15.0F) == 0);
    CHECK(rig.unrecorded().empty());
}

TEST_CASE("canvas: the end of an edge is dragged to another node, as one step; where the rules refuse, or on nothing, it stays") {
    CanvasRig rig;
    rig.make_room(1);
    const auto edges = rig.app->graph().edge_count();
    rig.drag(rig.near_end("web", "checkout", true), rig.node_center("mailer"));
    CHECK(rig.connected("web", "mailer"));
    CHECK_FALSE(rig.connected("web", "checkout"));
    CHECK(rig.app->graph().edge_count() == edges);
    CHECK(rig.app->undo_title() == "Undo Reconnect mailer");
    rig.app->undo();
    rig.settle();
    CHECK(rig.connected("web", "checkout"));
    CHECK_FALSE(rig.connected("web", "mailer"));

    const auto version = rig.app->graph().document_version();
    rig.drag(rig.near_end("web", "checkout", true), rig.node_center("shop.example"));
    CHECK(rig.app->graph().document_version() == version);
    REQUIRE_FALSE(rig.app->toasts().empty());
    CHECK(rig.app->toasts().back().title == "Not possible");
    rig.drag(rig.near_end("web", "checkout", true), rig.screen({900, 300}));
    CHECK(rig.app->graph().document_version() == version);
    CHECK_FALSE(rig.find(Role::menu, "Add a node"));

    // The other end.
    rig.drag(rig.near_end("web", "checkout", false), rig.node_center("orders"));
    CHECK(rig.connected("orders", "checkout"));
    CHECK_FALSE(rig.connected("web", "checkout"));
}

TEST_CASE("canvas: a node without edges that is dropped on an edge goes into it, if it fits there") {
    CanvasRig rig;
    rig.make_room();
    const std::string source = rig.add("widget", "operator", {840, 400});
    const std::string target = rig.add("deployment", "target", {1240, 400});
    rig.add("configmap", "between", {1000, 120});
    rig.add("job", "stranger", {1240, 120});
    rig.app->connect(source, target);
    rig.settle();
    const auto edges = rig.app->graph().edge_count();
    const auto was = rig.position("between");
    const ImVec2 middle = rig.screen({1144, 436});
    rig.begin_drag(rig.node_center("between"), middle);
    CHECK(rig.find(Role::status, "Goes between operator and target"));
    rig.end_drag();
    CHECK(rig.connected("operator", "between"));
    CHECK(rig.connected("between", "target"));
    CHECK_FALSE(rig.connected("operator", "target"));
    CHECK(rig.app->graph().edge_count() == edges + 1);
    CHECK(rig.position("between") != was);
    rig.app->undo();
    rig.settle();
    CHECK(rig.position("between") == was);
    CHECK(rig.connected("operator", "target"));
    CHECK(rig.app->graph().edge_count() == edges);
    // A job feeds no deployment: it lies over the edge and nothing more.
    rig.drag(rig.node_center("stranger"), middle);
    CHECK(rig.connected("operator", "target"));
    CHECK(rig.app->graph().edge_count() == edges);
}

TEST_CASE("canvas: Insert a node offers what fits into the edge, and says so when nothing does") {
    CanvasRig rig;
    rig.make_room();
    const std::string source = rig.add("widget", "operator", {840, 400});
    const std::string target = rig.add("deployment", "target", {1240, 400});
    rig.app->connect(source, target);
    rig.settle();
    const auto nodes = rig.app->graph().node_count();
    rig.right_click(rig.screen({1144, 436}));
    REQUIRE(rig.find(Role::menu, "Edge"));
    rig.click(Role::menuitem, "Insert a node on the selected edge…");
    REQUIRE(rig.find(Role::menu, "Add a node"));
    CHECK(rig.find(Role::menuitem, "Service"));
    CHECK_FALSE(rig.find(Role::menuitem, "Job"));
    rig.click(Role::menuitem, "Service");
    CHECK(rig.connected("operator", "service"));
    CHECK(rig.connected("service", "target"));
    CHECK_FALSE(rig.connected("operator", "target"));
    rig.app->undo();
    rig.settle();
    CHECK(rig.app->graph().node_count() == nodes);
    CHECK(rig.connected("operator", "target"));

    rig.app->select_edges({"service-web--deployment-checkout"});
    rig.run("canvas.insert_node");
    CHECK(rig.shows("No kind of node fits here"));
}

TEST_CASE("canvas: Shift+Delete joins the neighbours where the rules allow it, and says where not") {
    CanvasRig rig;
    rig.make_room();
    const std::string a = rig.add("widget", "first", {840, 400});
    const std::string b = rig.add("gadget", "second", {1240, 400});
    rig.app->connect(a, b);
    rig.app->connect(b, rig.node_id("storefront"));
    rig.focus_canvas();
    rig.select_nodes({"second"});
    const auto edges = rig.app->graph().edge_count();
    rig.press(ImGuiKey_Delete, ImGuiMod_Shift);
    rig.settle();
    CHECK(rig.connected("first", "storefront"));
    CHECK(rig.app->graph().edge_count() == edges - 1);
    CHECK(rig.app->undo_title() == "Undo Delete and reconnect");
    rig.app->undo();
    rig.settle();
    CHECK(rig.connected("first", "second"));
    CHECK_FALSE(rig.connected("first", "storefront"));

    rig.select_nodes({"web"});
    rig.run("canvas.delete_reconnect");
    CHECK_FALSE(rig.connected("shop.example", "storefront"));
    REQUIRE_FALSE(rig.app->toasts().empty());
    CHECK(rig.app->toasts().back().title == "2 edges were not made");
    rig.app->undo();
    CHECK(rig.connected("shop.example", "web"));
    CHECK(rig.connected("web", "checkout"));
}
