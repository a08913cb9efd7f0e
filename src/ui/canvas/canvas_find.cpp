#include "ui/canvas/canvas_find.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "ui/canvas/canvas_view.hpp"
#include "ui/widgets.hpp"

namespace ui {

using model::NodeIndex;
using model::Vec2;

namespace {

constexpr float kBarWidth = 400;
constexpr float kMargin = 12;
constexpr float kReadableZoom = 0.75F;

}  // namespace

bool node_fits(const model::Graph& graph, NodeIndex node, std::string_view query) {
    const model::Node& n = graph.node(node);
    const std::string_view state = model::ui_word(n.kind, graph.status(node).state);
    bool any = false;
    for (const std::string_view word : base::split(query, ' ')) {
        if (word.empty()) continue;
        any = true;
        const bool found = base::find_ascii_case(n.name, word) != std::string_view::npos || base::find_ascii_case(model::kind_title(n.kind), word) != std::string_view::npos ||
                           base::find_ascii_case(n.type, word) != std::string_view::npos || base::find_ascii_case(state, word) != std::string_view::npos;
        if (!found) return false;
    }
    return any;
}

void NodeFind::update(const model::Graph& graph) {
    if (query == searched_ && document_ == graph.document_version() && status_ == graph.status_version() && epoch_ == graph.slot_epoch()) return;
    // Who looks at a hit goes on from it while the graph changes; other words begin anew.
    const NodeIndex shown = query == searched_ && epoch_ == graph.slot_epoch() && current >= 0 ? hits[static_cast<std::size_t>(current)] : model::kNoIndex;
    searched_ = query;
    document_ = graph.document_version();
    status_ = graph.status_version();
    epoch_ = graph.slot_epoch();
    hits.clear();
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (graph.node_alive(i) && node_fits(graph, i, query)) hits.push_back(i);
    }
    std::sort(hits.begin(), hits.end(), [&](NodeIndex a, NodeIndex b) {
        const Vec2 pa = graph.node(a).position;
        const Vec2 pb = graph.node(b).position;
        return pa.y != pb.y ? pa.y < pb.y : pa.x != pb.x ? pa.x < pb.x : a < b;
    });
    const auto again = std::find(hits.begin(), hits.end(), shown);
    current = again == hits.end() ? -1 : static_cast<int>(again - hits.begin());
}

std::optional<NodeIndex> NodeFind::step(int direction) {
    if (hits.empty()) return std::nullopt;
    const int count = static_cast<int>(hits.size());
    current = current < 0 ? (direction > 0 ? 0 : count - 1) : (current + direction + count) % count;
    return hits[static_cast<std::size_t>(current)];
}

std::string NodeFind::words() const {
    if (query.find_first_not_of(' ') == std::string::npos) return {};
    if (hits.empty()) return "Nothing found";
    if (current < 0) return std::to_string(hits.size()) + " found";
    return std::to_string(current + 1) + " of " + std::to_string(hits.size());
}

void CanvasView::open_find() {
    find_.open = true;
    find_.focus_wanted = true;
}

void CanvasView::close_find() {
    find_.open = false;
    focus_wanted_ = true;
}

void CanvasView::center_on(model::App& app, NodeIndex node) {
    if (!placed_) return;
    model::Viewport view = current_viewport(app);
    view.zoom = std::max(view.zoom, kReadableZoom);
    const model::Rect r = app.graph().node_rect(node);
    view.x = (r.min.x + r.max.x) / 2 - space_.width() / view.zoom / 2;
    view.y = (r.min.y + r.max.y) / 2 - space_.height() / view.zoom / 2;
    app.set_viewport(view);
}

void CanvasView::find_step(model::App& app, int direction) {
    find_.update(app.graph());
    const auto hit = find_.step(direction);
    if (!hit) return;
    app.select_nodes({app.graph().node(*hit).id});
    center_on(app, *hit);
}

void CanvasView::draw_find(UiContext& ctx) {
    if (!find_.open) return;
    find_.update(ctx.app.graph());
    const float height = control_height(ctx);
    const float width = std::min(kBarWidth, space_.width() - 2 * kMargin);
    const float pad = 6;
    const ImVec2 min((space_.min.x + space_.max.x - width) / 2, space_.min.y + kMargin);
    const ImVec2 max(min.x + width, min.y + height + 2 * pad);
    draw_shadow(ctx, ImGui::GetWindowDrawList(), min, max, metrics::kRadiusLarge);
    begin_record_group(ctx, id_of("canvas-find"), min, max, {.role = Role::region, .name = "Find a node"});
    if (begin_region(ctx, "canvas-find", min, max, ctx.theme.raised, ImVec2(pad, pad))) {
        ImGui::GetWindowDrawList()->AddRect(min, max, ctx.theme.border, metrics::kRadius);
        const float buttons = 3 * (height + 2);
        const std::string words = find_.words();
        const FieldResult field = input_text(ctx, "find-node", find_.query,
                                             {.name = "Find a node", .placeholder = "Name, kind or state", .trailing = words, .search = true, .focus = find_.focus_wanted,
                                              .select_all_on_focus = true, .width = width - 2 * pad - buttons, .height = height});
        find_.focus_wanted = false;
        const ImVec2 at = ImGui::GetCursorScreenPos();
        record(ctx, id_of("find-words"), at, at, {.role = Role::status, .name = words});
        if (field.submitted) find_step(ctx.app, field.shift_submit ? -1 : 1);
        ImGui::SameLine(0, 2);
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::chevron_up, .tooltip = "Previous hit", .shortcut = "Shift Enter", .disabled = find_.hits.empty(), .width = height, .height = height}))
            find_step(ctx.app, -1);
        ImGui::SameLine(0, 2);
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::chevron_down, .tooltip = "Next hit", .shortcut = "Enter", .disabled = find_.hits.empty(), .width = height, .height = height}))
            find_step(ctx.app, 1);
        ImGui::SameLine(0, 2);
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::close, .tooltip = "Close", .width = height, .height = height}) || field.cancelled) close_find();
    }
    end_region(ctx);
    end_record_group(ctx);
}

}  // namespace ui
