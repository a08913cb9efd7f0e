// The canvas by mouse and keys, at the level of input events.
#include <catch2/catch_test_macros.hpp>

#include <cmath>

#include "canvas_rig.hpp"
#include "model/edge_geometry.hpp"
#include "ui/canvas/canvas_scene.hpp"

using namespace ui;
using namespace ui::testing;

TEST_CASE("the first view shows the whole workflow") {
    CanvasRig rig;
    const SemanticRecord* canvas = rig.find(Role::group, "Workflow canvas");
    REQUIRE(canvas);
    int nodes = 0;
    for (const auto& record : rig.shell->semantics().records()) {
        if (record.role != Role::node) continue;
        ++nodes;
        CHECK(record.rect.x >= canvas->rect.x);
        CHECK(record.rect.y >= canvas->rect.y + 40);  // clear of "Add node"
        CHECK(record.rect.x + record.rect.w <= canvas->rect.x + canvas->rect.w);
        CHECK(record.rect.y + record.rect.h <= canvas->rect.y + canvas->rect.h);
    }
    CHECK(nodes == 12);
}

TEST_CASE("dragging empty canvas pans by exactly the distance of the pointer") {
    CanvasRig rig;
    const auto before = rig.view();
    const ImVec2 from = rig.empty_place();
    rig.drag(from, {from.x - 120, from.y - 60});
    CHECK(std::abs(rig.view().x - (before.x + 120 / before.zoom)) < 0.5F);
    CHECK(std::abs(rig.view().y - (before.y + 60 / before.zoom)) < 0.5F);
    CHECK(rig.view().zoom == before.zoom);
}

TEST_CASE("Ctrl and the wheel zoom with the point under the pointer staying where it is") {
    CanvasRig rig;
    const ImVec2 at = rig.node_center("catalog");
    const float zoom = rig.view().zoom;
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Ctrl, true);
    rig.wheel(at, 2);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Ctrl, false);
    rig.settle();
    CHECK(rig.view().zoom > zoom);
    const ImVec2 now = rig.node_center("catalog");
    CHECK(std::abs(now.x - at.x) < 1);
    CHECK(std::abs(now.y - at.y) < 1);
}

TEST_CASE("a click selects, Ctrl-click adds and takes away, a click on nothing clears") {
    CanvasRig rig;
    rig.click_at(rig.node_center("web"));
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{rig.node_id("web")});
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Ctrl, true);
    rig.click_at(rig.node_center("checkout"));
    CHECK(rig.app->canvas().selected_nodes.size() == 2);
    rig.click_at(rig.node_center("web"));
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Ctrl, false);
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{rig.node_id("checkout")});
    rig.click_at(rig.empty_place());
    CHECK(rig.app->canvas().selected_nodes.empty());
}

TEST_CASE("dragging a node moves the selection once, on the snap grid, and makes it unsaved") {
    CanvasRig rig;
    const auto before = rig.position("mailer");
    const auto version = rig.app->graph().document_version();
    const ImVec2 from = rig.node_center("mailer");
    rig.drag(from, {from.x + 61, from.y + 33});
    const auto after = rig.position("mailer");
    CHECK(after != before);
    CHECK(std::fmod(after.x, 15.0F) == 0);
    CHECK(std::fmod(after.y, 15.0F) == 0);
    CHECK(rig.app->graph().document_version() == version + 1);  // one change for the whole drag
    CHECK(rig.app->workflow().save != model::SavePhase::saved);
}

TEST_CASE("Escape during a drag puts the node back") {
    CanvasRig rig;
    const auto before = rig.position("mailer");
    ImGuiIO& io = ImGui::GetIO();
    const ImVec2 from = rig.node_center("mailer");
    io.AddMousePosEvent(from.x, from.y);
    rig.frame();
    rig.frame();
    io.AddMouseButtonEvent(0, true);
    rig.frame();
    io.AddMousePosEvent(from.x + 80, from.y);
    rig.frame();
    rig.press(ImGuiKey_Escape);
    io.AddMouseButtonEvent(0, false);
    rig.settle();
    CHECK(rig.position("mailer") == before);
}

TEST_CASE("dragging from a port to a node that fits connects them; one that does not fit gives the reason") {
    CanvasRig rig;
    const auto edges = rig.app->graph().edge_count();
    rig.drag(rig.port("catalog-api", true), rig.node_center("mailer"));
    REQUIRE(rig.app->graph().edge_count() == edges + 1);
    CHECK(rig.find(Role::edge, "Edge from catalog-api to mailer"));
    rig.drag(rig.port("shop.example", true), rig.node_center("mailer"));
    CHECK(rig.app->graph().edge_count() == edges + 1);
    REQUIRE_FALSE(rig.app->toasts().empty());
    CHECK(rig.app->toasts().back().text.find("does not connect") != std::string::npos);
}

TEST_CASE("Shift-drag selects what it touches") {
    CanvasRig rig;
    const SemanticRecord* canvas = rig.find(Role::group, "Workflow canvas");
    REQUIRE(canvas);
    const ImVec2 a{canvas->rect.x + canvas->rect.w - 6, canvas->rect.y + 4};
    const ImVec2 b = rig.node_center("checkout");
    rig.drag(a, b, ImGuiMod_Shift);
    const auto& selected = rig.app->canvas().selected_nodes;
    CHECK(selected.contains(rig.node_id("storefront")));
    CHECK(selected.contains(rig.node_id("checkout")));
    CHECK_FALSE(selected.contains(rig.node_id("web")));
}

TEST_CASE("the keyboard walks, moves, fits and deletes") {
    CanvasRig rig;
    rig.click_at(rig.node_center("shop.example"));
    rig.press(ImGuiKey_Tab);
    rig.settle();
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{rig.node_id("web")});
    const auto before = rig.position("web");
    rig.press(ImGuiKey_RightArrow);
    rig.settle();
    CHECK(rig.position("web").x == before.x + 15);
    rig.app->set_viewport({5000, 5000, 2});
    rig.settle();
    rig.type("1");
    rig.settle();
    CHECK(rig.view().zoom < 2);
    const auto nodes = rig.app->graph().node_count();
    rig.press(ImGuiKey_Delete);
    rig.settle();
    CHECK(rig.app->graph().node_count() == nodes - 1);
}

TEST_CASE("panning within the built region builds nothing, and far out a node is one quad") {
    CanvasRig rig;
    rig.app->load_bench_graph(2500);
    rig.app->set_viewport({0, 0, 0.5F});
    rig.shell->set_canvas_only(true);
    rig.settle();
    model::SpatialIndex index;
    CanvasScene scene;
    const Theme theme = dark_theme();
    SceneLook look;
    CanvasSpace space{{0, 0}, {1280, 720}, {0, 0, 0.5F}};
    CHECK(scene.update(rig.app->graph(), index, space, theme, look, 1));
    space.view.x += 200;
    CHECK_FALSE(scene.update(rig.app->graph(), index, space, theme, look, 1));
    space.view = {0, 0, 0.05F};
    CHECK(scene.update(rig.app->graph(), index, space, theme, look, 1));
    CHECK(scene.nodes().flat.size() == 2500 * 4);
    CHECK(scene.nodes().sdf.empty());
    // What is drawn follows what is in view, not the size of the graph.
    space.view = {0, 0, 1};
    CHECK(scene.update(rig.app->graph(), index, space, theme, look, 1));
    CHECK(scene.nodes().sdf.size() < 400 * 4 * 8);
}

TEST_CASE("what is typed while the palette is opening lands in its field") {
    CanvasRig rig;
    ImGuiIO& io = ImGui::GetIO();
    io.AddKeyEvent(ImGuiMod_Ctrl, true);
    io.AddKeyEvent(ImGuiKey_K, true);
    rig.frame();
    io.AddKeyEvent(ImGuiKey_K, false);
    io.AddKeyEvent(ImGuiMod_Ctrl, false);
    io.AddInputCharactersUTF8("日😀");
    rig.settle();
    CHECK(rig.value(Role::searchbox, "Search or run a command") == "日😀");
}

TEST_CASE("letters typed right after Ctrl+K come into its field whole and in order, however few of them a frame takes") {
    CanvasRig rig;
    ImGuiIO& io = ImGui::GetIO();
    io.ConfigInputTrickleEventQueue = true;  // as in the browser: one change of a key in a frame
    io.AddKeyEvent(ImGuiMod_Ctrl, true);
    io.AddKeyEvent(ImGuiKey_K, true);
    io.AddKeyEvent(ImGuiKey_K, false);
    io.AddKeyEvent(ImGuiMod_Ctrl, false);
    for (const char letter : std::string("developer")) {
        const auto key = static_cast<ImGuiKey>(ImGuiKey_A + (letter - 'a'));
        io.AddKeyEvent(key, true);
        io.AddInputCharacter(static_cast<unsigned>(letter));
        io.AddKeyEvent(key, false);
    }
    for (int i = 0; i < 60; ++i) rig.frame();
    rig.settle();
    CHECK(rig.value(Role::searchbox, "Search or run a command") == "developer");
}

TEST_CASE("what is typed right after a shortcut that leads to a field is that field's, and no further shortcut") {
    CanvasRig rig;
    ImGui::GetIO().AddInputCharactersUTF8("/g1nginx");
    rig.frame();
    rig.settle();
    CHECK(rig.value(Role::searchbox, "Search log") == "g1nginx");
}
