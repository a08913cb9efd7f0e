// Moving nodes: the grid, guides with distances, the view that follows at the edges of the canvas.
#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "canvas_rig.hpp"
#include "ui/canvas/canvas_guides.hpp"

using namespace ui;
using namespace ui::testing;
using model::Rect;
using model::Vec2;

TEST_CASE("canvas guides: the nearest line of each direction within reach, of the nearest rectangle, with the room between") {
    const Rect moved{{104, 300}, {304, 372}};
    const std::array<Rect, 3> others{{{{100, 0}, {300, 72}}, {{100, 150}, {300, 222}}, {{500, 303}, {700, 375}}}};
    const Guides guides = guides_for(moved, others, 6);
    REQUIRE(guides.x);
    CHECK(guides.x->shift == -4);
    CHECK(guides.x->other == 1);  // as well in line as the first, and nearer
    CHECK(guides.x->line == GuideLine::start);
    REQUIRE(guides.y);
    CHECK(guides.y->shift == 3);
    CHECK(guides.x->gap() == 303 - 222);  // where the other direction brings it
    CHECK(guides.y->gap() == 500 - 300);
    CHECK_FALSE(guides_for(moved, others, 2).x);
    CHECK_FALSE(guides_for(moved, {}, 6).y);
}

TEST_CASE("canvas guides: a shift is never longer than the reach and always ends in line") {
    std::mt19937 random(11);
    const auto pick = [&](float from, float to) { return std::uniform_real_distribution<float>(from, to)(random); };
    const auto rect = [&] {
        const Vec2 at{pick(-400, 400), pick(-400, 400)};
        return Rect{at, {at.x + pick(20, 300), at.y + pick(20, 300)}};
    };
    const auto lines = [](float a, float b) { return std::array<float, 3>{a, (a + b) / 2, b}; };
    for (int round = 0; round < 3'000; ++round) {
        std::vector<Rect> others(static_cast<std::size_t>(round % 7));
        for (Rect& other : others) other = rect();
        const Rect moved = rect();
        const float reach = pick(0, 20);
        float least = 1e9F;
        for (const Rect& other : others) {
            for (std::size_t k = 0; k < 3; ++k) least = std::min(least, std::abs(lines(other.min.x, other.max.x)[k] - lines(moved.min.x, moved.max.x)[k]));
        }
        const Guides guides = guides_for(moved, others, reach);
        REQUIRE(guides.x.has_value() == (least <= reach));
        if (!guides.x) continue;
        REQUIRE(std::abs(std::abs(guides.x->shift) - least) < 0.02F);
        const auto line = static_cast<std::size_t>(guides.x->line);
        REQUIRE(std::abs(lines(moved.min.x, moved.max.x)[line] + guides.x->shift - guides.x->at) < 0.01F);
    }
}

TEST_CASE("canvas: a dragged node snaps to the grid of 15, not with Alt, and not when snapping is off") {
    CanvasRig rig;
    rig.make_room(1);
    rig.add("deployment", "lone", {900, 440});
    const auto drag = [&](float dx, float dy, ImGuiKey modifier = ImGuiKey_None) {
        const ImVec2 from = rig.node_center("lone");
        rig.drag(from, {from.x + dx, from.y + dy}, modifier);
        return rig.position("lone");
    };
    CHECK(drag(53, 41) == Vec2{960, 480});  // 953, 481
    CHECK(drag(-47, -33, ImGuiMod_Alt) == Vec2{913, 447});
    rig.run("canvas.snap");
    CHECK_FALSE(rig.app->ui().canvas.snap);
    CHECK(drag(48, 33) == Vec2{961, 480});
    rig.focus_canvas();
    rig.select_nodes({"lone"});
    rig.press(ImGuiKey_RightArrow);
    CHECK(rig.position("lone") == Vec2{962, 480});
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, true);
    rig.type("S");
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, false);
    CHECK(rig.app->ui().canvas.snap);
}

TEST_CASE("canvas: a dragged node comes in line with another one, and the line says with which and how far") {
    CanvasRig rig;
    rig.make_room(1);
    rig.add("deployment", "lone", {900, 440});
    const ImVec2 from = rig.node_center("lone");
    rig.begin_drag(from, {from.x - 296, from.y + 10});
    const SemanticRecord* guide = rig.find_part(Role::status, "in line with");
    REQUIRE(guide);
    CHECK(guide->name == "Left edges in line with orders-db, 66 apart");
    rig.end_drag();
    CHECK(rig.position("lone") == Vec2{600, 450});
    CHECK_FALSE(rig.find_part(Role::status, "in line with"));
    // Alt: neither line nor grid.
    const ImVec2 again = rig.node_center("lone");
    rig.drag(again, {again.x + 3, again.y + 101}, ImGuiMod_Alt);
    CHECK(rig.position("lone") == Vec2{603, 551});
}

TEST_CASE("canvas: at the edge a dragged node takes the view along, and the node stays under the pointer") {
    CanvasRig rig;
    const ImVec2 from = rig.node_center("checkout");
    const SemanticRecord* canvas = rig.find(Role::group, "Workflow canvas");
    REQUIRE(canvas);
    const ImVec2 edge{canvas->rect.x + canvas->rect.w - 4, from.y};
    const auto before = rig.view();
    rig.begin_drag(from, edge);
    rig.run_frames(30);
    CHECK(rig.view().x > before.x + 100);
    CHECK(std::abs(rig.view().y - before.y) < 0.01F);
    const auto seen = rig.view();
    const ImVec2 inside{edge.x - 200, edge.y};
    rig.move_mouse(inside);
    rig.run_frames(5);
    CHECK(rig.view() == seen);  // away from the edge it stands still
    rig.end_drag();
    const ImVec2 middle = rig.node_center("checkout");
    CHECK(std::abs(middle.x - inside.x) <= 16);
    CHECK(rig.view() == seen);
}

TEST_CASE("canvas: a drag that begins near the edge does not move the view by itself") {
    CanvasRig rig;
    const SemanticRecord* canvas = rig.find(Role::group, "Workflow canvas");
    REQUIRE(canvas);
    const ImVec2 from{canvas->rect.x + canvas->rect.w / 2, canvas->rect.y + canvas->rect.h - 12};
    const auto before = rig.view();
    rig.hold(ImGuiMod_Shift, true);
    rig.begin_drag(from, {from.x - 60, from.y});
    rig.run_frames(20);
    CHECK(rig.view() == before);
    rig.move_mouse({from.x - 60, from.y + 11});
    rig.run_frames(20);
    CHECK(rig.view().y > before.y);
    rig.hold(ImGuiMod_Shift, false);
    rig.end_drag();
}
