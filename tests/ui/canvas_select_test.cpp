// Panning, zooming and selecting by mouse and keys, and the settings of it.
#include <catch2/catch_test_macros.hpp>

#include <cmath>

#include "canvas_rig.hpp"

using namespace ui;
using namespace ui::testing;

namespace {

bool near(float a, float b, float by = 0.6F) { return std::abs(a - b) < by; }

void check_panned(CanvasRig& rig, const model::Viewport& before, float dx, float dy) {
    CHECK(near(rig.view().x, before.x - dx / before.zoom));
    CHECK(near(rig.view().y, before.y - dy / before.zoom));
    CHECK(rig.view().zoom == before.zoom);
}

}  // namespace

TEST_CASE("canvas: the middle button, the right button and Space pan from anywhere, and move and select nothing") {
    CanvasRig rig;
    const auto place = rig.position("mailer");
    for (const int button : {2, 1}) {
        const auto before = rig.view();
        const ImVec2 from = rig.node_center("mailer");
        rig.begin_drag(from, {from.x - 70, from.y + 30}, button);
        rig.end_drag(button);
        check_panned(rig, before, -70, 30);
    }
    CHECK_FALSE(rig.find(Role::menu, "Node"));  // a drag with the right button is no click
    const auto before = rig.view();
    const ImVec2 from = rig.node_center("mailer");
    rig.hold(ImGuiKey_Space, true);
    rig.begin_drag(from, {from.x + 50, from.y - 20});
    rig.end_drag();
    rig.hold(ImGuiKey_Space, false);
    rig.settle();
    check_panned(rig, before, 50, -20);
    CHECK(rig.position("mailer") == place);
    CHECK(rig.app->canvas().selected_nodes.empty());
}

TEST_CASE("canvas: the wheel pans, sideways with Shift; a setting makes it zoom at the pointer") {
    CanvasRig rig;
    const ImVec2 at = rig.node_center("catalog");
    auto before = rig.view();
    rig.wheel(at, -1);
    check_panned(rig, before, 0, -100);
    before = rig.view();
    rig.hold(ImGuiMod_Shift, true);
    rig.wheel(at, -1);
    rig.hold(ImGuiMod_Shift, false);
    rig.settle();
    check_panned(rig, before, -100, 0);
    rig.run("canvas.wheel_zooms");
    before = rig.view();
    const ImVec2 there = rig.node_center("catalog");
    rig.wheel(there, 1);
    CHECK(rig.view().zoom > before.zoom);
    CHECK(near(rig.node_center("catalog").x, there.x, 1));
}

TEST_CASE("canvas: zoom stays between 0.02 and 4, by wheel and by keys") {
    CanvasRig rig;
    const ImVec2 at = rig.node_center("catalog");
    rig.hold(ImGuiMod_Ctrl, true);
    for (int i = 0; i < 8; ++i) rig.wheel(at, 8);
    CHECK(rig.view().zoom == 4.0F);
    for (int i = 0; i < 8; ++i) rig.wheel(at, -8);
    CHECK(rig.view().zoom == 0.02F);
    rig.hold(ImGuiMod_Ctrl, false);
    rig.settle();
    for (int i = 0; i < 3; ++i) rig.run("canvas.zoom_out");
    CHECK(rig.view().zoom == 0.02F);
    rig.app->set_viewport({0, 0, 900});
    CHECK(rig.view().zoom == 4.0F);
    rig.run("canvas.fit");
    CHECK(rig.view().zoom > 0.3F);
}

TEST_CASE("canvas: 2 zooms to the selection, an edge by both its ends") {
    CanvasRig rig;
    rig.focus_canvas();
    rig.select_nodes({"mailer"});
    rig.type("2");
    rig.settle();
    const SemanticRecord* canvas = rig.find(Role::group, "Workflow canvas");
    REQUIRE(canvas);
    CHECK(near(rig.node_center("mailer").x, canvas->rect.x + canvas->rect.w / 2, 1));
    CHECK(near(rig.node_center("mailer").y, canvas->rect.y + canvas->rect.h / 2, 1));
    rig.app->select_edges({"service-orders--statefulset-orders-db"});
    rig.run("canvas.zoom_selection");
    CHECK(rig.find_part(Role::node, "orders,"));
    CHECK(rig.find_part(Role::node, "orders-db,"));
}

TEST_CASE("canvas: the setting swaps what dragging empty canvas does, with Shift and without; other tabs and visits follow") {
    CanvasRig rig;
    rig.run("canvas.drag_selects");
    const SemanticRecord* canvas = rig.find(Role::group, "Workflow canvas");
    REQUIRE(canvas);
    const ImVec2 corner{canvas->rect.x + canvas->rect.w - 6, canvas->rect.y + 4};
    auto before = rig.view();
    rig.select_nodes({"migrate"});
    rig.drag(corner, rig.node_center("checkout"));
    CHECK(rig.view() == before);
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{rig.node_id("storefront"), rig.node_id("checkout")});  // only these
    const ImVec2 from = rig.empty_place();
    rig.drag(from, {from.x - 80, from.y - 40}, ImGuiMod_Shift);
    check_panned(rig, before, -80, -40);
    // A click on nothing still clears.
    rig.click_at(rig.empty_place());
    CHECK(rig.app->canvas().selected_nodes.empty());
    rig.app->flush_storage(true);
    model::App next({.api = *rig.client, .scheduler = rig.time, .random = rig.random, .storage = rig.storage}, {.backend_label = "gateway", .storage_suffix = {}});
    CHECK(next.ui().canvas.drag_selects);
    CHECK(next.ui().canvas.snap);
}

TEST_CASE("canvas: a marquee takes what it touches or what it encloses; Shift adds to the selection, Ctrl changes what is in it") {
    CanvasRig rig;
    const SemanticRecord* canvas = rig.find(Role::group, "Workflow canvas");
    REQUIRE(canvas);
    const ImVec2 corner{canvas->rect.x + canvas->rect.w - 6, canvas->rect.y + 4};
    const auto ids = [&](std::initializer_list<std::string_view> names) {
        std::set<std::string> out;
        for (const auto name : names) out.insert(rig.node_id(name));
        return out;
    };
    rig.select_nodes({"migrate"});
    const ImVec2 half = rig.node_center("checkout");  // storefront whole, checkout by half
    rig.drag(corner, half, ImGuiMod_Shift);
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>(ids({"migrate", "storefront", "checkout"})));
    rig.hold(ImGuiMod_Ctrl, true);
    rig.drag(corner, half, ImGuiMod_Shift);
    rig.hold(ImGuiMod_Ctrl, false);
    rig.settle();
    CHECK(rig.app->canvas().selected_nodes == ids({"migrate"}));
    rig.run("canvas.marquee_encloses");
    const SemanticRecord* storefront = rig.find_part(Role::node, "storefront,");
    REQUIRE(storefront);
    const ImVec2 left{storefront->rect.x - 6, half.y};
    rig.drag(corner, left, ImGuiMod_Shift);
    CHECK(rig.app->canvas().selected_nodes == ids({"migrate", "storefront"}));
}

TEST_CASE("canvas: Ctrl-click adds an edge to the selection and takes it away, and leaves the nodes") {
    CanvasRig rig;
    rig.select_nodes({"mailer"});
    const ImVec2 on_edge = rig.near_end("orders", "orders-db", true, 45);
    rig.hold(ImGuiMod_Ctrl, true);
    rig.click_at(on_edge);
    CHECK(rig.app->canvas().selected_edges.size() == 1);
    CHECK(rig.app->canvas().selected_nodes.size() == 1);
    rig.click_at(on_edge);
    rig.hold(ImGuiMod_Ctrl, false);
    rig.settle();
    CHECK(rig.app->canvas().selected_edges.empty());
    CHECK(rig.app->canvas().selected_nodes.size() == 1);
}

TEST_CASE("canvas: a marquee that reaches the edge goes on beyond it") {
    CanvasRig rig;
    rig.app->set_viewport({0, 60, 1});
    rig.settle();
    const SemanticRecord* canvas = rig.find(Role::group, "Workflow canvas");
    REQUIRE(canvas);
    const ImVec2 from{canvas->rect.x + 240, canvas->rect.y + 140};
    rig.hold(ImGuiMod_Shift, true);
    rig.begin_drag(from, {from.x + 200, canvas->rect.y - 30});
    rig.run_frames(30);
    rig.hold(ImGuiMod_Shift, false);
    rig.end_drag();
    CHECK(rig.view().y < 0);
    CHECK(rig.app->canvas().selected_nodes.contains(rig.node_id("web")));
}

TEST_CASE("canvas: its section of Settings changes all of it") {
    CanvasRig rig;
    rig.app->set_rail("settings");
    rig.settle();
    rig.click(Role::button, "Canvas");
    CHECK(rig.unrecorded().empty());
    rig.click(Role::combobox, "Dragging empty canvas");
    rig.click(Role::option, "Selects; with Shift it pans");
    rig.click(Role::combobox, "A marquee selects");
    rig.click(Role::option, "What lies in it whole");
    rig.click(Role::combobox, "Mouse wheel and two fingers");
    rig.click(Role::option, "Zooms; with Shift it pans");
    rig.click(Role::switch_, "Snap moved nodes to the grid");
    CHECK(rig.app->ui().canvas == model::CanvasSettings{.snap = false, .drag_selects = true, .marquee_encloses = true, .wheel_zooms = true});
}
