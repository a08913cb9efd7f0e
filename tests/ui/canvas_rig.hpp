// CanvasRig: the Rig with the sample workflow open, and what tests of the canvas need of it.
#pragma once

#include <cmath>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "model/edge_geometry.hpp"
#include "ui/commands.hpp"
#include "ui_rig.hpp"

namespace ui::testing {

inline ImVec2 center_of(const SemanticRecord& record) { return {record.rect.x + record.rect.w / 2, record.rect.y + record.rect.h / 2}; }

struct CanvasRig : Rig {
    CanvasRig() { start(); }
    ImVec2 node_center(std::string_view name) {
        const SemanticRecord* record = find_part(Role::node, std::string(name) + ",");
        REQUIRE(record);
        return center_of(*record);
    }
    ImVec2 port(std::string_view name, bool output) {
        const SemanticRecord* record = find_part(Role::node, std::string(name) + ",");
        REQUIRE(record);
        return {output ? record->rect.x + record->rect.w : record->rect.x, record->rect.y + record->rect.h / 2};
    }
    ImVec2 empty_place() {
        const SemanticRecord* canvas = find(Role::group, "Workflow canvas");
        REQUIRE(canvas);
        return {canvas->rect.x + canvas->rect.w / 2, canvas->rect.y + canvas->rect.h - 12};
    }
    void drag(ImVec2 from, ImVec2 to, ImGuiKey modifier = ImGuiKey_None) {
        ImGuiIO& io = ImGui::GetIO();
        if (modifier != ImGuiKey_None) io.AddKeyEvent(modifier, true);
        io.AddMousePosEvent(from.x, from.y);
        frame();
        frame();
        io.AddMouseButtonEvent(0, true);
        frame();
        for (int step = 1; step <= 5; ++step) {
            const float t = static_cast<float>(step) / 5;
            io.AddMousePosEvent(from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t);
            frame();
        }
        io.AddMouseButtonEvent(0, false);
        frame();
        if (modifier != ImGuiKey_None) io.AddKeyEvent(modifier, false);
        settle();
    }
    void move_mouse(ImVec2 to) {
        ImGui::GetIO().AddMousePosEvent(to.x, to.y);
        frame();
    }
    void mouse(int button, bool down) {
        ImGui::GetIO().AddMouseButtonEvent(button, down);
        frame();
    }
    // Presses at `from` and moves to `to`; the button is still down then.
    void begin_drag(ImVec2 from, ImVec2 to, int button = 0) {
        move_mouse(from);
        frame();
        mouse(button, true);
        for (int step = 1; step <= 4; ++step) {
            const float t = static_cast<float>(step) / 4;
            move_mouse({from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t});
        }
        frame();
    }
    void end_drag(int button = 0) {
        mouse(button, false);
        settle();
    }
    void right_click(ImVec2 at) {
        move_mouse(at);
        mouse(1, true);
        mouse(1, false);
        settle();
    }
    void hold(ImGuiKey key, bool down) { ImGui::GetIO().AddKeyEvent(key, down); }
    // Frames as the page draws them, for what goes on by itself.
    void run_frames(int count, std::int64_t step_ms = 16) {
        for (int i = 0; i < count; ++i) {
            time.advance(step_ms);
            frame();
        }
    }
    void run(std::string_view command) {
        INFO(command);
        REQUIRE(shell->commands().enabled(command));
        shell->commands().find(command)->run();
        settle();
    }
    void select_nodes(std::initializer_list<std::string_view> names) {
        std::set<std::string> ids;
        for (const auto name : names) ids.insert(node_id(name));
        app->select_nodes(std::move(ids));
        settle();
    }
    void focus_canvas() {
        click_at(empty_place());
        settle();
    }
    // Where a point of the canvas is in the window.
    ImVec2 screen(model::Vec2 at) {
        const SemanticRecord* canvas = find(Role::group, "Workflow canvas");
        REQUIRE(canvas);
        const model::Viewport v = view();
        return {canvas->rect.x + (at.x - v.x) * v.zoom, canvas->rect.y + (at.y - v.y) * v.zoom};
    }
    // All the room there is for the canvas, at that zoom.
    void make_room(float zoom = 0.8F) {
        app->set_inspector_open(false);
        app->set_dock_open(false);
        settle();
        app->set_viewport({0, -60, zoom});
        settle();
    }
    std::string add(std::string_view type, std::string_view name, model::Vec2 at) {
        model::Node node;
        node.id = std::string(name);
        node.type = std::string(type);
        node.position = at;
        node.data = model::Json{{"name", std::string(name)}};
        REQUIRE(app->edit(model::AddNode{std::move(node)}));
        settle();
        return std::string(name);
    }
    bool connected(std::string_view from, std::string_view to) {
        const model::Graph& graph = app->graph();
        for (model::EdgeIndex e = 0; e < graph.edge_slots(); ++e) {
            if (graph.edge_alive(e) && graph.node(graph.edge_source(e)).name == from && graph.node(graph.edge_target(e)).name == to) return true;
        }
        return false;
    }
    // On the edge, some px before its end (or behind its start).
    ImVec2 near_end(std::string_view from, std::string_view to, bool target_end, float px = 20) {
        const model::Graph& graph = app->graph();
        for (model::EdgeIndex e = 0; e < graph.edge_slots(); ++e) {
            if (!graph.edge_alive(e) || graph.node(graph.edge_source(e)).name != from || graph.node(graph.edge_target(e)).name != to) continue;
            const auto curve = model::edge_curve(graph, e);
            const ImVec2 end = screen(target_end ? curve.points.back() : curve.points.front());
            for (float t = 0; t <= 1; t += 0.01F) {
                const ImVec2 at = screen(model::point_at(curve, target_end ? 1 - t : t));
                if (std::hypot(at.x - end.x, at.y - end.y) >= px) return at;
            }
        }
        FAIL("no such edge");
        return {};
    }
    model::Vec2 position(std::string_view name) { return app->graph().node(app->graph().find_node(node_id(name))).position; }
    model::Viewport view() { return app->canvas().viewport.value(); }
};

}  // namespace ui::testing
