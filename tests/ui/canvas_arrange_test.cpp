// Copying, pasting and arranging nodes by commands and keys.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "canvas_rig.hpp"
#include "ui/commands.hpp"

using namespace ui;
using namespace ui::testing;

TEST_CASE("canvas: what is copied by keys is pasted with its edges, selected, and undone in one step") {
    CanvasRig rig;
    rig.focus_canvas();
    const auto nodes = rig.app->graph().node_count();
    const auto edges = rig.app->graph().edge_count();
    rig.select_nodes({"web", "storefront"});
    rig.press(ImGuiKey_C, ImGuiMod_Ctrl);
    rig.settle();
    REQUIRE(ImGui::GetClipboardText() != nullptr);
    CHECK(std::string(ImGui::GetClipboardText()).find("\"binnacle\"") != std::string::npos);
    rig.press(ImGuiKey_V, ImGuiMod_Ctrl);
    rig.settle();
    CHECK(rig.app->graph().node_count() == nodes + 2);
    CHECK(rig.app->graph().edge_count() > edges);
    CHECK(rig.app->canvas().selected_nodes.size() == 2);
    CHECK_FALSE(rig.app->canvas().selected_nodes.contains(rig.node_id("web")));
    CHECK(rig.app->undo_title() == "Undo Paste 2 nodes");
    rig.app->undo();
    CHECK(rig.app->graph().node_count() == nodes);
    CHECK(rig.app->graph().edge_count() == edges);
}

TEST_CASE("canvas: pasted twice in one place the copies do not hide each other") {
    CanvasRig rig;
    rig.focus_canvas();
    rig.select_nodes({"mailer"});
    rig.run("canvas.copy");
    ImGui::GetIO().AddMousePosEvent(-10, -10);  // not over the canvas
    rig.settle();
    rig.run("canvas.paste");
    const auto first = rig.position("mailer-2");
    rig.run("canvas.paste");
    const auto second = rig.position("mailer-3");
    CHECK(first != second);
    CHECK(first != rig.position("mailer"));
}

TEST_CASE("canvas: a paste lands under the pointer") {
    CanvasRig rig;
    rig.focus_canvas();
    rig.select_nodes({"mailer"});
    rig.run("canvas.copy");
    const ImVec2 at = rig.empty_place();
    ImGui::GetIO().AddMousePosEvent(at.x, at.y);
    rig.settle();
    rig.run("canvas.paste");
    const ImVec2 middle = rig.node_center("mailer-2");
    CHECK(std::abs(middle.x - at.x) < 1);
    CHECK(std::abs(middle.y - at.y) < 1);
}

TEST_CASE("canvas: cut takes away what it copies, duplicate leaves the clipboard alone") {
    CanvasRig rig;
    rig.focus_canvas();
    rig.select_nodes({"mailer"});
    const auto nodes = rig.app->graph().node_count();
    rig.run("canvas.cut");
    CHECK(rig.app->graph().node_count() == nodes - 1);
    rig.run("canvas.paste");
    CHECK(rig.app->graph().node_count() == nodes);
    ImGui::SetClipboardText("mine");
    rig.press(ImGuiKey_D, ImGuiMod_Ctrl);
    rig.settle();
    CHECK(rig.app->graph().node_count() == nodes + 1);
    CHECK(std::string(ImGui::GetClipboardText()) == "mine");
}

TEST_CASE("canvas: pasting something else says so and changes nothing") {
    CanvasRig rig;
    rig.focus_canvas();
    const auto nodes = rig.app->graph().node_count();
    ImGui::SetClipboardText("apiVersion: v1");
    rig.run("canvas.paste");
    CHECK(rig.app->graph().node_count() == nodes);
    REQUIRE_FALSE(rig.app->toasts().empty());
    CHECK(rig.app->toasts().back().title == "Nothing was pasted");
}

TEST_CASE("canvas: aligning the selection is one step, and the nodes glide there and come to rest") {
    CanvasRig rig;
    rig.focus_canvas();
    rig.select_nodes({"web", "mailer", "checkout"});
    const float left = std::min({rig.position("web").x, rig.position("mailer").x, rig.position("checkout").x});
    rig.run("canvas.align_left");
    for (const auto name : {"web", "mailer", "checkout"}) CHECK(rig.position(name).x == left);
    CHECK(rig.app->undo_title() == "Undo Align left edges");
    rig.pass(6'000);  // saved by then, and shown as saved
    CHECK(rig.frames_during(2'000) == 0);
}

TEST_CASE("canvas: tidying up leaves no overlap, every edge from left to right, and changes nothing the second time") {
    CanvasRig rig;
    rig.focus_canvas();
    const auto before = rig.position("web");
    rig.app->select_nodes({});
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, true);
    rig.type("T");
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, false);
    rig.settle();
    rig.pass(400);
    REQUIRE(rig.app->undo_title() == "Undo Tidy up");
    const model::Graph& graph = rig.app->graph();
    for (model::NodeIndex a = 0; a < graph.node_slots(); ++a) {
        for (model::NodeIndex b = a + 1; b < graph.node_slots(); ++b) {
            if (graph.node_alive(a) && graph.node_alive(b)) CHECK_FALSE(graph.node_rect(a).overlaps(graph.node_rect(b)));
        }
    }
    for (model::EdgeIndex e = 0; e < graph.edge_slots(); ++e) {
        if (graph.edge_alive(e)) CHECK(graph.node_rect(graph.edge_source(e)).max.x <= graph.node_rect(graph.edge_target(e)).min.x);
    }
    const auto version = graph.document_version();
    rig.run("canvas.tidy");
    CHECK(graph.document_version() == version);
    CHECK(rig.app->undo_title() == "Undo Tidy up");
    rig.app->undo();
    CHECK(rig.position("web") == before);
}
