// CanvasRig: the Rig with the sample workflow open, and what tests of the canvas need of it.
#pragma once

#include <string_view>

#include <catch2/catch_test_macros.hpp>

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
    model::Vec2 position(std::string_view name) { return app->graph().node(app->graph().find_node(node_id(name))).position; }
    model::Viewport view() { return app->canvas().viewport.value(); }
};

}  // namespace ui::testing
