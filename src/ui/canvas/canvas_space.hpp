// CanvasSpace: the map between canvas units and logical px of the window, for one frame. Pure.
#pragma once

#include <imgui.h>

#include <algorithm>

#include "model/app_state.hpp"
#include "model/graph.hpp"

namespace ui {

inline constexpr float kMinZoom = 0.02F;
inline constexpr float kMaxZoom = 4.0F;
inline constexpr float kCanvasSnap = 15;  // canvas units: moved nodes lie on this grid when snapping is on; LayoutOptions::snap is the same

struct CanvasSpace {
    ImVec2 min;  // window px of the canvas area
    ImVec2 max;
    model::Viewport view;

    [[nodiscard]] ImVec2 screen_from_canvas(model::Vec2 p) const {
        return {min.x + (p.x - view.x) * view.zoom, min.y + (p.y - view.y) * view.zoom};
    }
    [[nodiscard]] model::Vec2 canvas_from_screen(ImVec2 p) const {
        return {view.x + (p.x - min.x) / view.zoom, view.y + (p.y - min.y) / view.zoom};
    }
    [[nodiscard]] float width() const { return max.x - min.x; }
    [[nodiscard]] float height() const { return max.y - min.y; }
    // What of the canvas is in view.
    [[nodiscard]] model::Rect visible() const {
        return {{view.x, view.y}, {view.x + width() / view.zoom, view.y + height() / view.zoom}};
    }
};

// The viewport after zooming by `factor` with the canvas point under `anchor` (window px) staying where it is.
[[nodiscard]] inline model::Viewport zoomed_at(const CanvasSpace& space, ImVec2 anchor, float factor) {
    const model::Vec2 fixed = space.canvas_from_screen(anchor);
    model::Viewport view = space.view;
    view.zoom = std::clamp(view.zoom * factor, kMinZoom, kMaxZoom);
    view.x = fixed.x - (anchor.x - space.min.x) / view.zoom;
    view.y = fixed.y - (anchor.y - space.min.y) / view.zoom;
    return view;
}

// The viewport that shows `content` centred with a margin, at `max_zoom` at the most.
[[nodiscard]] inline model::Viewport fitted(const model::Rect& content, ImVec2 size, float margin_px = 32, float max_zoom = 1) {
    const float w = std::max(content.max.x - content.min.x, 1.0F);
    const float h = std::max(content.max.y - content.min.y, 1.0F);
    const float usable_w = std::max(size.x - 2 * margin_px, 16.0F);
    const float usable_h = std::max(size.y - 2 * margin_px, 16.0F);
    model::Viewport view;
    view.zoom = std::clamp(std::min(usable_w / w, usable_h / h), kMinZoom, max_zoom);
    view.x = (content.min.x + content.max.x) / 2 - size.x / view.zoom / 2;
    view.y = (content.min.y + content.max.y) / 2 - size.y / view.zoom / 2;
    return view;
}

}  // namespace ui
