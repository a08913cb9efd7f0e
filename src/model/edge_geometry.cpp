#include "model/edge_geometry.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace model {

namespace {

float distance_to_segment(Vec2 p, Vec2 a, Vec2 b) {
    const float dx = b.x - a.x;
    const float dy = b.y - a.y;
    const float length2 = dx * dx + dy * dy;
    const float t = length2 > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0.0F, 1.0F) : 0.0F;
    return std::hypot(p.x - (a.x + t * dx), p.y - (a.y + t * dy));
}

}  // namespace

Vec2 output_port(const Rect& node) { return {node.max.x, (node.min.y + node.max.y) / 2}; }
Vec2 input_port(const Rect& node) { return {node.min.x, (node.min.y + node.max.y) / 2}; }

EdgeCurve curve_between(Vec2 from, Vec2 to) {
    const float dx = to.x - from.x;
    // Forward edges bend over half their width; backward ones swing out, the more the farther they go back.
    const float reach = dx >= 0 ? std::max(dx / 2, std::min(24.0F, std::abs(to.y - from.y))) : std::min(40 + std::sqrt(-dx) * 6, 240.0F);
    return {{from, Vec2{from.x + reach, from.y}, Vec2{to.x - reach, to.y}, to}};
}

EdgeCurve edge_curve(const Graph& graph, EdgeIndex edge) {
    return curve_between(output_port(graph.node_rect(graph.edge_source(edge))), input_port(graph.node_rect(graph.edge_target(edge))));
}

Vec2 point_at(const EdgeCurve& curve, float t) {
    const float u = 1 - t;
    const float a = u * u * u;
    const float b = 3 * u * u * t;
    const float c = 3 * u * t * t;
    const float d = t * t * t;
    const auto& p = curve.points;
    return {a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x, a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y};
}

Rect edge_bounds(const EdgeCurve& curve) {
    Rect box{curve.points[0], curve.points[0]};
    for (const Vec2& p : curve.points) {
        box.min.x = std::min(box.min.x, p.x);
        box.min.y = std::min(box.min.y, p.y);
        box.max.x = std::max(box.max.x, p.x);
        box.max.y = std::max(box.max.y, p.y);
    }
    return box;
}

void flatten(const EdgeCurve& curve, int segments, std::vector<Vec2>& out) {
    if (curve.straight()) segments = 1;
    out.push_back(curve.points[0]);
    for (int i = 1; i < segments; ++i) out.push_back(point_at(curve, static_cast<float>(i) / static_cast<float>(segments)));
    out.push_back(curve.points[3]);
}

float distance_to(const EdgeCurve& curve, Vec2 point) {
    if (curve.straight()) return distance_to_segment(point, curve.points[0], curve.points[3]);
    constexpr int kSegments = 32;
    float best = std::numeric_limits<float>::max();
    Vec2 last = curve.points[0];
    for (int i = 1; i <= kSegments; ++i) {
        const Vec2 next = point_at(curve, static_cast<float>(i) / kSegments);
        best = std::min(best, distance_to_segment(point, last, next));
        last = next;
    }
    return best;
}

}  // namespace model
