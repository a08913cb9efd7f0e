#include "ui/canvas/minimap.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "ui/widgets.hpp"

namespace ui {

using model::NodeIndex;
using model::NodeState;
using model::Rect;
using model::Vec2;

namespace {

constexpr float kPad = 6;
constexpr float kCellPx = 2;
constexpr int kColumns = 78;  // (168 - 2 * 6) / 2
constexpr int kRows = 46;

ImU32 block_color(const Theme& theme, const model::Graph& graph, NodeIndex i) {
    const NodeState state = graph.status(i).state;
    return state == NodeState::none ? mixed(kind_color(theme, graph.node(i).kind), theme.surface, 0.4F) : state_color(theme, state);
}

// What must not be overlooked wins a cell.
int severity(NodeState state) {
    switch (state) {
        case NodeState::error:
        case NodeState::lost: return 5;
        case NodeState::partial: return 4;
        case NodeState::running: return 3;
        case NodeState::pending: return 2;
        case NodeState::none: return 0;
        default: return 1;
    }
}

void box(CanvasBatch& batch, float x0, float y0, float x1, float y1, ImU32 color) {
    const auto first = static_cast<std::uint32_t>(batch.flat.size());
    batch.flat.push_back({x0, y0, color});
    batch.flat.push_back({x1, y0, color});
    batch.flat.push_back({x1, y1, color});
    batch.flat.push_back({x0, y1, color});
    for (const std::uint32_t i : {0U, 1U, 2U, 0U, 2U, 3U}) batch.indices.push_back(first + i);
}

}  // namespace

void Minimap::build(const model::Graph& graph, const Rect& bounds, const Theme& theme) {
    batch_.flat.clear();
    batch_.indices.clear();
    ++batch_.version;
    const float inner_w = kSize.x - 2 * kPad;
    const float inner_h = kSize.y - 2 * kPad;
    const float w = std::max(bounds.max.x - bounds.min.x, 1.0F);
    const float h = std::max(bounds.max.y - bounds.min.y, 1.0F);
    const float scale = std::min(inner_w / w, inner_h / h);
    const float left = kPad + (inner_w - w * scale) / 2;
    const float top = kPad + (inner_h - h * scale) / 2;
    if (graph.node_count() <= kDetailed) {
        for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
            if (!graph.node_alive(i)) continue;
            const Rect r = graph.node_rect(i);
            const float x0 = left + (r.min.x - bounds.min.x) * scale;
            const float y0 = top + (r.min.y - bounds.min.y) * scale;
            box(batch_, x0, y0, std::max(left + (r.max.x - bounds.min.x) * scale, x0 + 2), std::max(top + (r.max.y - bounds.min.y) * scale, y0 + 2),
                block_color(theme, graph, i));
        }
        return;
    }
    std::array<NodeIndex, static_cast<std::size_t>(kColumns* kRows)> worst;
    worst.fill(model::kNoIndex);
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (!graph.node_alive(i)) continue;
        const Rect r = graph.node_rect(i);
        const auto column = [&](float x) { return std::clamp(static_cast<int>((left - kPad + (x - bounds.min.x) * scale) / kCellPx), 0, kColumns - 1); };
        const auto row = [&](float y) { return std::clamp(static_cast<int>((top - kPad + (y - bounds.min.y) * scale) / kCellPx), 0, kRows - 1); };
        for (int y = row(r.min.y); y <= row(r.max.y); ++y) {
            for (int x = column(r.min.x); x <= column(r.max.x); ++x) {
                NodeIndex& cell = worst[static_cast<std::size_t>(y * kColumns + x)];
                if (cell == model::kNoIndex || severity(graph.status(cell).state) < severity(graph.status(i).state)) cell = i;
            }
        }
    }
    for (int y = 0; y < kRows; ++y) {
        for (int x = 0; x < kColumns;) {
            const NodeIndex cell = worst[static_cast<std::size_t>(y * kColumns + x)];
            if (cell == model::kNoIndex) {
                ++x;
                continue;
            }
            const ImU32 color = block_color(theme, graph, cell);
            const int begin = x;
            while (x < kColumns) {
                const NodeIndex next = worst[static_cast<std::size_t>(y * kColumns + x)];
                if (next == model::kNoIndex || block_color(theme, graph, next) != color) break;
                ++x;
            }
            box(batch_, kPad + static_cast<float>(begin) * kCellPx, kPad + static_cast<float>(y) * kCellPx, kPad + static_cast<float>(x) * kCellPx,
                kPad + static_cast<float>(y + 1) * kCellPx, color);
        }
    }
}

std::optional<model::Viewport> Minimap::draw(UiContext& ctx, const model::Graph& graph, const CanvasSpace& space, ImVec2 min) {
    if (graph_ != &graph || layout_version_ != graph.layout_version() || status_version_ != graph.status_version() || dark_ != ctx.theme.dark) {
        const auto bounds = graph.bounds();
        if (!bounds) return std::nullopt;
        graph_ = &graph;
        layout_version_ = graph.layout_version();
        status_version_ = graph.status_version();
        dark_ = ctx.theme.dark;
        bounds_ = *bounds;
        build(graph, bounds_, ctx.theme);
    }
    const ImVec2 max{min.x + kSize.x, min.y + kSize.y};
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(min, max, ctx.theme.surface, metrics::kRadius);
    list->AddRect(min, max, ctx.theme.border, metrics::kRadius);
    batch_.transform = {1, min.x, min.y};
    ImGui::PushClipRect(min, max, true);
    list->AddCallback(&canvas_batch_callback, &batch_);

    const float inner_w = kSize.x - 2 * kPad;
    const float inner_h = kSize.y - 2 * kPad;
    const float w = std::max(bounds_.max.x - bounds_.min.x, 1.0F);
    const float h = std::max(bounds_.max.y - bounds_.min.y, 1.0F);
    const float scale = std::min(inner_w / w, inner_h / h);
    const ImVec2 origin{min.x + kPad + (inner_w - w * scale) / 2, min.y + kPad + (inner_h - h * scale) / 2};
    const Rect view = space.visible();
    const auto map = [&](Vec2 p) { return ImVec2(origin.x + (p.x - bounds_.min.x) * scale, origin.y + (p.y - bounds_.min.y) * scale); };
    ImVec2 frame_min = map(view.min);
    ImVec2 frame_max = map(view.max);
    // The frame stays in the map however far out the view is.
    frame_min = {std::clamp(frame_min.x, min.x + 2, max.x - 6), std::clamp(frame_min.y, min.y + 2, max.y - 6)};
    frame_max = {std::clamp(frame_max.x, min.x + 6, max.x - 2), std::clamp(frame_max.y, min.y + 6, max.y - 2)};
    list->AddRect(frame_min, frame_max, ctx.theme.accent, 3, 0, 1.5F);
    ImGui::PopClipRect();

    ImGui::SetCursorScreenPos(min);
    ImGui::SetNextItemAllowOverlap();
    const Interaction item = interact(ctx, id_of("minimap"), min, max, {.role = Role::img, .name = "Minimap", .description = "Press to move the view there"});
    if (!item.held) return std::nullopt;
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const Vec2 center{bounds_.min.x + (mouse.x - origin.x) / scale, bounds_.min.y + (mouse.y - origin.y) / scale};
    model::Viewport target = space.view;
    target.x = center.x - space.width() / target.zoom / 2;
    target.y = center.y - space.height() / target.zoom / 2;
    return target;
}

}  // namespace ui
