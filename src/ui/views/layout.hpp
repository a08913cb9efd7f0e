// Layout: where the parts of the window are, as a pure function of its size and of what is open.
//
// Wide (>= 900 px): rail, top bar, canvas, inspector at the right, dock below the canvas, status bar. Compact (< 900): the inspector is a
// sheet over the canvas, the dock a strip of tabs that opens to full height. Narrow (< 600): the rail is a bar at the bottom. Embedded:
// neither rail nor top bar.
#pragma once

#include <imgui.h>

#include "model/app_state.hpp"
#include "ui/shell.hpp"

namespace ui {

struct Box {
    ImVec2 min = {}, max = {};
    [[nodiscard]] float width() const { return max.x - min.x; }
    [[nodiscard]] float height() const { return max.y - min.y; }
    [[nodiscard]] bool empty() const { return width() <= 0 || height() <= 0; }
};

struct LayoutInput {
    float width = 1280, height = 800;
    bool embed = false;
    bool coarse_pointer = false;
    bool banner = false;           // offline notice under the top bar
    bool canvas_only = false;
    bool full_page = false;        // a page in place of canvas, inspector and dock (settings)
    bool inspector = true;         // wanted
    bool dock_open = true;
    bool rail = true;              // shown (narrow windows always have it)
    bool rail_words = false;       // with the entries' titles
    model::PanelState sizes = {};
};

struct Layout {
    bool compact = false;
    bool narrow = false;
    bool rail_words = false;
    Box rail, top_bar, banner, main, canvas, inspector, dock, status_bar;
    // Limits for the splitters.
    float inspector_smallest = 260, inspector_largest = 600;
    float dock_smallest = 120, dock_largest = 600;
};

[[nodiscard]] Layout make_layout(const LayoutInput& input);

inline constexpr float kCompactWidth = 900;
inline constexpr float kNarrowWidth = 600;

}  // namespace ui
