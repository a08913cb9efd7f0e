#include "ui/canvas/canvas_compare.hpp"

#include <algorithm>
#include <string>

#include "base/time_text.hpp"
#include "model/edge_geometry.hpp"
#include "model/runs.hpp"
#include "model/versions.hpp"
#include "ui/canvas/canvas_scene.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

ImU32 with_alpha(ImU32 color, unsigned alpha) { return (color & 0x00FFFFFFU) | (alpha << 24U); }

ImU32 color_of(const Theme& theme, model::DiffKind kind) {
    return kind == model::DiffKind::only_left ? theme.danger : kind == model::DiffKind::only_right ? theme.success : theme.warning;
}

void draw_edge(ImDrawList* list, const CanvasSpace& space, const model::Graph& graph, model::EdgeIndex index, model::EdgeStyle style, ImU32 color) {
    const model::EdgeCurve curve = model::edge_curve(graph, index, style);
    if (model::edge_bounds(curve).overlaps(space.visible())) draw_curve(list, space, curve, color, 3);
}

void draw_node(UiContext& ctx, ImDrawList* list, const CanvasSpace& space, const model::Rect& rect, model::DiffKind kind, const std::string& name) {
    if (!rect.overlaps(space.visible())) return;
    const ImVec2 a = space.screen_from_canvas(rect.min);
    const ImVec2 b = space.screen_from_canvas(rect.max);
    const ImU32 color = color_of(ctx.theme, kind);
    const float radius = space.view.zoom >= kNearZoom ? 9 * space.view.zoom : 2;
    const bool removed = kind == model::DiffKind::only_left;
    if (removed) list->AddRectFilled(a, b, with_alpha(color, 40), radius);
    list->AddRect(ImVec2(a.x - 3, a.y - 3), ImVec2(b.x + 3, b.y + 3), color, radius + 3, 0, 3);
    if (space.view.zoom < kMiddleZoom) return;
    // Never by colour alone.
    const std::string_view word = removed ? "removed" : kind == model::DiffKind::only_right ? "added" : "changed";
    const float width = text_width(ctx.fonts.semibold, text_size::kSmall, word) + 12;
    const ImVec2 label(a.x, a.y - 22);
    list->AddRectFilled(label, ImVec2(label.x + width, label.y + 18), color, 4);
    draw_text(list, ctx.fonts.semibold, text_size::kSmall, ImVec2(label.x + 6, label.y + 1), ctx.theme.background, word);
    if (removed) draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(a.x + 10, a.y + 8), ctx.theme.muted, name, b.x - a.x - 20);
}

void draw_comparison(UiContext& ctx, ImDrawList* list, const CanvasSpace& space) {
    const model::Versions& versions = ctx.app.versions();
    const model::VersionComparison& compare = versions.state().compare;
    const model::Graph* old = versions.compared_left();
    if (compare.phase != model::LoadPhase::ready || compare.to != model::Versions::kPresent || !old) return;
    const model::Graph& graph = ctx.app.graph();
    for (const model::EdgeDiff& edge : compare.diff.edges) {
        const model::Graph& of = edge.kind == model::DiffKind::only_left ? *old : graph;
        const model::EdgeIndex index = of.find_edge(edge.id);
        if (index != model::kNoIndex) draw_edge(list, space, of, index, ctx.app.canvas().edge_style, with_alpha(color_of(ctx.theme, edge.kind), 170));
    }
    for (const model::NodeDiff& node : compare.diff.nodes) {
        const model::Graph& of = node.kind == model::DiffKind::only_left ? *old : graph;
        const model::NodeIndex index = of.find_node(node.id);
        if (index != model::kNoIndex) draw_node(ctx, list, space, of.node_rect(index), node.kind, node.name);
    }
}

// One line at the top of the canvas, with the way back.
bool notice(UiContext& ctx, const CanvasSpace& space, std::string_view id, const std::string& words, std::string_view action, float top) {
    const float width = std::min(text_width(ctx.fonts.ui, text_size::kUi, words) + button_width(ctx, action) + 40, space.width() - 24);
    const float height = button_height(ctx) + 10;
    const ImVec2 min(space.min.x + (space.width() - width) / 2, space.min.y + top);
    const ImVec2 max(min.x + width, min.y + height);
    bool pressed = false;
    if (begin_region(ctx, id, min, max, ctx.theme.raised, ImVec2(12, 5))) {
        ImGui::GetWindowDrawList()->AddRect(min, max, ctx.theme.accent, metrics::kRadius);
        const float room = width - button_width(ctx, action) - 36;
        text(ctx, words, {.max_width = room, .role = Role::status});
        ImGui::SetCursorScreenPos(ImVec2(max.x - button_width(ctx, action) - 8, min.y + 5));
        pressed = button(ctx, action);
    }
    end_region(ctx);
    return pressed;
}

}  // namespace

void draw_history_layer(UiContext& ctx, const CanvasSpace& space) {
    const model::VersionComparison& compare = ctx.app.versions().state().compare;
    const model::RunView* run = ctx.app.runs().replayed();
    if (!compare.open && !run) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->PushClipRect(space.min, space.max, true);
    draw_comparison(ctx, list, space);
    list->PopClipRect();
    const float step = button_height(ctx) + 18;
    float top = 12 + step;  // below the button that adds a node
    if (run) {
        const std::string words = "Run " + std::to_string(run->number) + ", " + base::short_duration(ctx.app.runs().state().replay_at_ms - run->from_ms) + " after its start. Not live";
        if (notice(ctx, space, "replay-notice", words, "Back to live", top)) return ctx.app.runs().end_replay();
        top += step;
    }
    if (compare.open && compare.to == model::Versions::kPresent && compare.phase == model::LoadPhase::ready) {
        const std::size_t things = compare.diff.nodes.size() + compare.diff.edges.size();
        const std::string words = "Since version " + std::to_string(compare.from) + ": " + (things == 0 ? std::string("no differences") : std::to_string(things) + (things == 1 ? " difference" : " differences"));
        if (notice(ctx, space, "compare-notice", words, "Done", top)) ctx.app.versions().end_compare();
    }
}

}  // namespace ui
