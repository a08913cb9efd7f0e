#include "ui/views/layout.hpp"

#include <algorithm>

#include "ui/theme.hpp"

namespace ui {

namespace {

constexpr float kRailWithWords = 168;

}  // namespace

Layout make_layout(const LayoutInput& input) {
    Layout out;
    const float w = std::max(input.width, 1.0f);
    const float h = std::max(input.height, 1.0f);
    if (input.canvas_only) {
        out.main = out.canvas = {ImVec2(0, 0), ImVec2(w, h)};
        return out;
    }
    out.compact = w < kCompactWidth;
    out.narrow = w < kNarrowWidth;
    const bool touch = input.coarse_pointer;

    float left = 0;
    float top = 0;
    float bottom = h;
    if (!out.narrow) {
        out.status_bar = {ImVec2(0, h - metrics::kStatusBarHeight), ImVec2(w, h)};
        bottom = out.status_bar.min.y;
    }
    if (!input.embed) {
        if (out.narrow) {
            constexpr float kBottomBar = 56;
            out.rail = {ImVec2(0, bottom - kBottomBar), ImVec2(w, bottom)};
            bottom = out.rail.min.y;
        } else if (input.rail) {
            out.rail_words = input.rail_words && !out.compact;
            left = out.rail_words ? kRailWithWords : metrics::kRailWidth;
            out.rail = {ImVec2(0, 0), ImVec2(left, bottom)};
        }
        const float bar = touch ? metrics::kTouchTarget + 8 : metrics::kTopBarHeight;
        out.top_bar = {ImVec2(left, 0), ImVec2(w, bar)};
        top = bar;
    }
    if (input.banner) {
        const float height = touch ? metrics::kTouchTarget + 4 : 36.0f;
        out.banner = {ImVec2(left, top), ImVec2(w, top + height)};
        top += height;
    }
    out.main = {ImVec2(left, top), ImVec2(w, std::max(bottom, top))};
    out.canvas = out.main;
    if (input.full_page) return out;

    const float strip = touch ? metrics::kTouchTarget : metrics::kTabHeight;
    if (out.compact) {
        // The strip of dock tabs stays at the bottom; opened, the dock takes all of the main area.
        const float dock_top = input.dock_open ? out.main.min.y : std::max(out.main.max.y - strip, out.main.min.y);
        out.dock = {ImVec2(left, dock_top), out.main.max};
        out.canvas.max.y = std::max(out.main.max.y - strip, out.main.min.y);
        if (input.inspector && !input.dock_open) {
            if (out.narrow) {
                out.inspector = {ImVec2(left, out.main.min.y + out.main.height() * 0.28f), ImVec2(w, out.canvas.max.y)};
            } else {
                out.inspector = {ImVec2(std::max(w - 360, left), out.main.min.y), ImVec2(w, out.canvas.max.y)};
            }
        }
        return out;
    }

    out.inspector_largest = std::max(out.inspector_smallest, std::min(600.0f, out.main.width() - 420));
    out.dock_largest = std::max(out.dock_smallest, out.main.height() - 160);
    if (input.inspector) {
        const float width = std::clamp(input.sizes.inspector_width, out.inspector_smallest, out.inspector_largest);
        out.inspector = {ImVec2(w - width, out.main.min.y), out.main.max};
        out.canvas.max.x = out.inspector.min.x;
    }
    const float height = input.dock_open ? std::clamp(input.sizes.dock_height, out.dock_smallest, out.dock_largest) : strip;
    out.dock = {ImVec2(left, std::max(out.main.max.y - height, out.main.min.y)), ImVec2(out.canvas.max.x, out.main.max.y)};
    out.canvas.max.y = out.dock.min.y;
    return out;
}

}  // namespace ui
