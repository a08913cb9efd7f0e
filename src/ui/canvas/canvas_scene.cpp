#include "ui/canvas/canvas_scene.hpp"

#include <algorithm>
#include <cmath>

#include "model/edge_geometry.hpp"

namespace ui {

using model::EdgeIndex;
using model::NodeIndex;
using model::NodeState;
using model::Rect;
using model::Vec2;

void canvas_batch_callback(const ImDrawList*, const ImDrawCmd*) {}

namespace {

constexpr float kMarginFraction = 0.6F;  // the region is the view and this much of it on every side
constexpr float kGridStep = 2 * kCanvasSnap;  // canvas units between dots at zoom 1: where nodes snap to
constexpr float kChip = 32;
constexpr float kDashPx = 5;

void begin(CanvasBatch& batch) {
    batch.flat.clear();
    batch.sdf.clear();
    batch.indices.clear();
    ++batch.version;
}

void push_indices(CanvasBatch& batch, std::uint32_t first) {
    for (const std::uint32_t i : {0U, 1U, 2U, 0U, 2U, 3U}) batch.indices.push_back(first + i);
}

// Solid box.
void flat_box(CanvasBatch& batch, Vec2 min, Vec2 max, ImU32 color) {
    const auto first = static_cast<std::uint32_t>(batch.flat.size());
    batch.flat.push_back({min.x, min.y, color});
    batch.flat.push_back({max.x, min.y, color});
    batch.flat.push_back({max.x, max.y, color});
    batch.flat.push_back({min.x, max.y, color});
    push_indices(batch, first);
}

// Solid line as a quad.
void flat_line(CanvasBatch& batch, Vec2 a, Vec2 b, float width, ImU32 color) {
    const float dx = b.x - a.x;
    const float dy = b.y - a.y;
    const float length = std::hypot(dx, dy);
    if (length <= 0) return;
    const float nx = -dy / length * width / 2;
    const float ny = dx / length * width / 2;
    const auto first = static_cast<std::uint32_t>(batch.flat.size());
    batch.flat.push_back({a.x + nx, a.y + ny, color});
    batch.flat.push_back({b.x + nx, b.y + ny, color});
    batch.flat.push_back({b.x - nx, b.y - ny, color});
    batch.flat.push_back({a.x - nx, a.y - ny, color});
    push_indices(batch, first);
}

// Rounded box by its distance field. `pad` is room for the antialiased rim: one device pixel in canvas units.
void sdf_box(CanvasBatch& batch, Vec2 min, Vec2 max, float radius, float stroke, ImU32 color, float pad) {
    const float half_w = (max.x - min.x) / 2;
    const float half_h = (max.y - min.y) / 2;
    const float cx = (min.x + max.x) / 2;
    const float cy = (min.y + max.y) / 2;
    const auto first = static_cast<std::uint32_t>(batch.sdf.size());
    const auto corner = [&](float sx, float sy) {
        const float u = sx * (half_w + pad);
        const float v = sy * (half_h + pad);
        batch.sdf.push_back({cx + u, cy + v, u, v, half_w, half_h, radius, stroke, color});
    };
    corner(-1, -1);
    corner(1, -1);
    corner(1, 1);
    corner(-1, 1);
    push_indices(batch, first);
}

void sdf_circle(CanvasBatch& batch, Vec2 center, float radius, float stroke, ImU32 color, float pad) {
    sdf_box(batch, {center.x - radius, center.y - radius}, {center.x + radius, center.y + radius}, radius, stroke, color, pad);
}

// Antialiased line: a thin box in the frame of the line.
void sdf_line(CanvasBatch& batch, Vec2 a, Vec2 b, float width, ImU32 color, float pad) {
    const float dx = b.x - a.x;
    const float dy = b.y - a.y;
    const float length = std::hypot(dx, dy);
    if (length <= 0) return;
    const Vec2 along{dx / length, dy / length};
    const Vec2 across{-along.y, along.x};
    const Vec2 center{(a.x + b.x) / 2, (a.y + b.y) / 2};
    // Neighbours overlap by half a pixel, so that no seam shows.
    const float half_w = length / 2 + pad / 2;
    const float half_h = width / 2;
    const auto first = static_cast<std::uint32_t>(batch.sdf.size());
    const auto corner = [&](float sx, float sy) {
        const float u = sx * (half_w + pad);
        const float v = sy * (half_h + pad);
        batch.sdf.push_back({center.x + along.x * u + across.x * v, center.y + along.y * u + across.y * v, u, v, half_w, half_h, 0, 0, color});
    };
    corner(-1, -1);
    corner(1, -1);
    corner(1, 1);
    corner(-1, 1);
    push_indices(batch, first);
}

bool rolling_out(NodeState state) { return state == NodeState::pending || state == NodeState::running; }

struct Painter {
    const model::Graph& graph;
    const Theme& theme;
    const SceneLook& look;
    float zoom;
    float pixel;  // one device pixel in canvas units
    Detail detail;

    mutable std::vector<Vec2> points = {};  // of the edge being drawn

    [[nodiscard]] ImU32 dimmed(NodeIndex i, ImU32 color) const {
        const bool fade = look.dim_invalid && i < look.valid_targets.size() && !look.valid_targets[i];
        return fade ? mixed(color, theme.background, 0.6F) : color;
    }

    void edge(CanvasBatch& lines, CanvasBatch& marks, EdgeIndex i, const model::EdgeCurve& curve) const {
        const NodeIndex source = graph.edge_source(i);
        const NodeIndex target = graph.edge_target(i);
        const bool selected = look.selected_edges && look.selected_edges->contains(graph.edge(i).id);
        const bool lit = selected || i == look.hovered_edge || (look.hovered_node != model::kNoIndex && (source == look.hovered_node || target == look.hovered_node));
        const ImU32 color = lit ? theme.accent : theme.edge;
        const float width_px = lit ? 2.0F : std::clamp(1.6F * zoom, 1.0F, 2.4F);
        const float width = width_px / zoom;
        const float length_px = (std::abs(curve.points[3].x - curve.points[0].x) + std::abs(curve.points[3].y - curve.points[0].y)) * zoom;
        if (detail == Detail::far) {
            // What shows between two blocks less than a pixel or two apart is nothing.
            if (length_px < 2.5F && !lit) return;
            const int segments = curve.straight() || length_px < 60 ? 1 : 6;
            points.clear();
            model::flatten(curve, segments, points);
            for (std::size_t p = 1; p < points.size(); ++p) flat_line(lines, points[p - 1], points[p], std::max(width, pixel), mixed(color, theme.background, lit ? 0 : 0.35F));
            return;
        }
        const int segments = std::clamp(static_cast<int>(length_px / 16), 4, 28);
        points.clear();
        model::flatten(curve, segments, points);
        const bool dashed = detail == Detail::near && (rolling_out(graph.status(source).state) || rolling_out(graph.status(target).state));
        if (dashed) {
            dashes(lines, width, color);
        } else {
            for (std::size_t p = 1; p < points.size(); ++p) sdf_line(lines, points[p - 1], points[p], width, color, pixel);
        }
        // Arrow head before the target's port.
        const float size = std::max(std::min(6.0F / std::sqrt(zoom), 9.0F), 3.0F / zoom);  // 3 px at the least
        const Vec2 tip{curve.points[3].x - 7, curve.points[3].y};
        sdf_line(marks, {tip.x - size, tip.y - size * 0.7F}, tip, width, color, pixel);
        sdf_line(marks, {tip.x - size, tip.y + size * 0.7F}, tip, width, color, pixel);
    }

    void dashes(CanvasBatch& lines, float width, ImU32 color) const {
        const float dash = kDashPx / zoom;
        float at = 0;  // along the whole line
        for (std::size_t p = 1; p < points.size(); ++p) {
            const Vec2 a = points[p - 1];
            const Vec2 b = points[p];
            const float length = std::hypot(b.x - a.x, b.y - a.y);
            if (length <= 0) continue;
            for (float s = 0; s < length;) {
                const float phase = std::fmod(at + s, 2 * dash);
                const bool on = phase < dash;
                const float step = std::min((on ? dash : 2 * dash) - phase, length - s);
                const float e = s + std::max(step, dash * 0.01F);
                if (on) sdf_line(lines, {a.x + (b.x - a.x) * s / length, a.y + (b.y - a.y) * s / length},
                                 {a.x + (b.x - a.x) * std::min(e, length) / length, a.y + (b.y - a.y) * std::min(e, length) / length}, width, color, 0);
                s = e;
            }
            at += length;
        }
    }

    void node(CanvasBatch& batch, NodeIndex i, Vec2 offset) const {
        Rect r = graph.node_rect(i);
        r.min.x += offset.x;
        r.min.y += offset.y;
        r.max.x += offset.x;
        r.max.y += offset.y;
        const model::NodeStatus& status = graph.status(i);
        const bool failed = status.state == NodeState::error || status.state == NodeState::lost;
        const ImU32 state_shade = state_color(theme, status.state);
        if (detail == Detail::far) {
            const ImU32 block = status.state == NodeState::none ? mixed(kind_color(theme, graph.node(i).kind), theme.background, 0.45F) : state_shade;
            flat_box(batch, r.min, r.max, dimmed(i, block));
            return;
        }
        const ImU32 border = dimmed(i, theme.border);
        const ImU32 fill = dimmed(i, theme.raised);
        const ImU32 chip = dimmed(i, kind_color(theme, graph.node(i).kind));
        const float line = std::max(pixel, std::round(1 / zoom / pixel) * pixel);
        if (detail == Detail::middle) {
            flat_box(batch, r.min, r.max, border);
            flat_box(batch, {r.min.x + line, r.min.y + line}, {r.max.x - line, r.max.y - line}, fill);
            if (failed) flat_box(batch, r.min, {r.min.x + 3 / zoom, r.max.y}, theme.danger);
            flat_box(batch, {r.min.x + 13, r.min.y + 13}, {r.min.x + 13 + kChip, r.min.y + 13 + kChip}, chip);
            const float dot = std::max(4.0F, 3.0F / zoom);
            flat_box(batch, {r.min.x + 59 - dot, r.max.y - 11 - dot}, {r.min.x + 59 + dot, r.max.y - 11 + dot}, dimmed(i, state_shade));
            const float port = 3;
            const float mid = (r.min.y + r.max.y) / 2;
            flat_box(batch, {r.min.x - port, mid - port}, {r.min.x + port, mid + port}, dimmed(i, theme.port));
            flat_box(batch, {r.max.x - port, mid - port}, {r.max.x + port, mid + port}, dimmed(i, theme.port));
            return;
        }
        const float radius = metrics::kRadius + 2;
        sdf_box(batch, r.min, r.max, radius, 0, border, pixel);
        sdf_box(batch, {r.min.x + line, r.min.y + line}, {r.max.x - line, r.max.y - line}, radius - line, 0, fill, pixel);
        if (failed) {
            // Danger bar on the left: the card's own outline, cut by the fill beside it.
            sdf_box(batch, r.min, {r.min.x + 2 * radius, r.max.y}, radius, 0, theme.danger, pixel);
            sdf_box(batch, {r.min.x + 3, r.min.y + line}, {r.min.x + 2 * radius + 4, r.max.y - line}, radius - 3, 0, fill, pixel);
            sdf_box(batch, {r.min.x + radius + 2, r.min.y}, {r.min.x + 2 * radius + 5, r.min.y + line}, 0, 0, border, 0);
            sdf_box(batch, {r.min.x + radius + 2, r.max.y - line}, {r.min.x + 2 * radius + 5, r.max.y}, 0, 0, border, 0);
        }
        sdf_box(batch, {r.min.x + 13, r.min.y + 13}, {r.min.x + 13 + kChip, r.min.y + 13 + kChip}, metrics::kRadius, 0, chip, pixel);
        sdf_circle(batch, {r.min.x + 59, r.max.y - 11}, 4, 0, dimmed(i, state_shade), pixel);
        const float mid = (r.min.y + r.max.y) / 2;
        for (const float x : {r.min.x, r.max.x}) {
            sdf_circle(batch, {x, mid}, 5, 0, dimmed(i, theme.background), pixel);
            sdf_circle(batch, {x, mid}, 5.5F, 1.8F, dimmed(i, theme.port), pixel);
        }
    }
};

Rect expanded(const Rect& rect, float fraction) {
    const float dx = (rect.max.x - rect.min.x) * fraction;
    const float dy = (rect.max.y - rect.min.y) * fraction;
    return {{rect.min.x - dx, rect.min.y - dy}, {rect.max.x + dx, rect.max.y + dy}};
}

bool inside(const Rect& inner, const Rect& outer) {
    return inner.min.x >= outer.min.x && inner.min.y >= outer.min.y && inner.max.x <= outer.max.x && inner.max.y <= outer.max.y;
}

}  // namespace

void place_batch(CanvasBatch& batch, const CanvasSpace& space) {
    batch.transform.scale = space.view.zoom;
    batch.transform.offset_x = space.min.x - space.view.x * space.view.zoom;
    batch.transform.offset_y = space.min.y - space.view.y * space.view.zoom;
}

void CanvasScene::build_grid(const CanvasSpace& space, const Theme& theme) {
    // Dots keep their distance between 20 and 40 px by doubling the step; they fade out when far away.
    const Rect visible = space.visible();
    const float zoom = space.view.zoom;
    if (grid_zoom_ == zoom && grid_dark_ == theme.dark && inside(visible, grid_region_)) return;
    grid_zoom_ = zoom;
    grid_dark_ = theme.dark;
    grid_region_ = expanded(visible, 0.25F);
    begin(grid_);
    float step = kGridStep;
    while (step * zoom < 20) step *= 2;
    while (step * zoom > 40) step /= 2;
    const float strength = std::clamp((zoom - 0.06F) / 0.3F, 0.0F, 1.0F);
    if (strength <= 0) return;
    const ImU32 color = mixed(theme.background, theme.dot_grid, strength);
    const float half = 1.0F / zoom;  // 2 px: two whole pixels wherever it lies
    const float x0 = std::floor(grid_region_.min.x / step) * step;
    const float y0 = std::floor(grid_region_.min.y / step) * step;
    for (float y = y0; y <= grid_region_.max.y; y += step) {
        for (float x = x0; x <= grid_region_.max.x; x += step) flat_box(grid_, {x - half, y - half}, {x + half, y + half}, color);
    }
}

bool CanvasScene::update(const model::Graph& graph, model::SpatialIndex& index, const CanvasSpace& space, const Theme& theme, const SceneLook& look,
                         float pixel_ratio) {
    build_grid(space, theme);
    const float zoom = space.view.zoom;
    const Detail detail = detail_of(zoom);
    // Far blocks look the same at every zoom; only what stays visible between them changes, slowly.
    const float zoom_key = detail == Detail::far ? std::exp2(std::round(std::log2(zoom) * 2) / 2) : zoom;
    const Key key{graph.layout_version(), graph.document_version(), graph.status_version(), look.version, zoom_key, theme.dark};
    const Rect visible = space.visible();
    if (graph_ == &graph && key == key_ && inside(visible, region_)) return false;
    graph_ = &graph;
    key_ = key;
    region_ = expanded(visible, kMarginFraction);
    ++builds_;

    const Painter painter{graph, theme, look, detail == Detail::far ? zoom_key : zoom, 1 / (zoom * pixel_ratio), detail};
    const auto lifted = [&](NodeIndex i) { return i < look.lifted.size() && look.lifted[i]; };
    begin(edges_);
    begin(edge_marks_);
    for (const EdgeIndex i : index.edges_in(graph, region_)) {
        if (lifted(graph.edge_source(i)) || lifted(graph.edge_target(i))) continue;
        painter.edge(edges_, edge_marks_, i, model::edge_curve(graph, i, look.edge_style));
    }
    begin(nodes_);
    for (const NodeIndex i : index.nodes_in(graph, region_)) {
        if (!lifted(i)) painter.node(nodes_, i, {});
    }
    return true;
}

void CanvasScene::build_lifted(const model::Graph& graph, const CanvasSpace& space, const Theme& theme, const SceneLook& look, const Lift& lift,
                               float pixel_ratio) {
    const float zoom = space.view.zoom;
    const Painter painter{graph, theme, look, zoom, 1 / (zoom * pixel_ratio), detail_of(zoom)};
    const Rect visible = expanded(space.visible(), 0.1F);
    const auto lifted = [&](NodeIndex i) { return i < look.lifted.size() && look.lifted[i]; };
    const auto rect_of = [&](NodeIndex i) {
        const Rect r = graph.node_rect(i);
        return lifted(i) ? lift.moved(i, r) : r;
    };
    begin(lifted_edges_);
    begin(lifted_nodes_);
    std::vector<EdgeIndex> edges;
    for (NodeIndex i = 0; i < look.lifted.size(); ++i) {
        if (look.lifted[i] && graph.node_alive(i)) edges.insert(edges.end(), graph.edges_of(i).begin(), graph.edges_of(i).end());
    }
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    for (const EdgeIndex i : edges) {
        const auto curve = model::curve_between(model::output_port(rect_of(graph.edge_source(i))), model::input_port(rect_of(graph.edge_target(i))), look.edge_style);
        const Rect box = model::edge_bounds(curve);
        if (box.min.x <= visible.max.x && visible.min.x <= box.max.x && box.min.y <= visible.max.y && visible.min.y <= box.max.y) {
            painter.edge(lifted_edges_, lifted_edges_, i, curve);
        }
    }
    for (NodeIndex i = 0; i < look.lifted.size(); ++i) {
        if (look.lifted[i] && graph.node_alive(i) && rect_of(i).overlaps(visible)) painter.node(lifted_nodes_, i, lift.of(i));
    }
}

void CanvasScene::clear_lifted() {
    if (!lifted_edges_.indices.empty()) begin(lifted_edges_);
    if (!lifted_nodes_.indices.empty()) begin(lifted_nodes_);
}

void draw_curve(ImDrawList* list, const CanvasSpace& space, const model::EdgeCurve& curve, ImU32 color, float thickness) {
    constexpr int kSegments = 24;
    std::vector<Vec2> line;
    model::flatten(curve, kSegments, line);
    for (const Vec2 point : line) list->PathLineTo(space.screen_from_canvas(point));
    list->PathStroke(color, 0, thickness);
}

}  // namespace ui
