#include "model/edge_geometry.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace model {

namespace {

constexpr float kStub = 24;     // how far a smooth step goes on before it turns back
constexpr float kCorner = 12;   // radius of its corners
constexpr int kCornerSteps = 4;

struct StyleWord {
    EdgeStyle style;
    std::string_view word, title;
};
constexpr std::array<StyleWord, 3> kStyles{{
    {EdgeStyle::bezier, "bezier", "Bezier"}, {EdgeStyle::smooth_step, "smooth-step", "Smooth step"}, {EdgeStyle::straight, "straight", "Straight"}}};

float distance_to_segment(Vec2 p, Vec2 a, Vec2 b) {
    const float dx = b.x - a.x;
    const float dy = b.y - a.y;
    const float length2 = dx * dx + dy * dy;
    const float t = length2 > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length2, 0.0F, 1.0F) : 0.0F;
    return std::hypot(p.x - (a.x + t * dx), p.y - (a.y + t * dy));
}

float length_of(Vec2 a, Vec2 b) { return std::hypot(b.x - a.x, b.y - a.y); }
Vec2 between(Vec2 a, Vec2 b, float t) { return {a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t}; }

// Start, corners, end. A forward step turns half way; one that goes back leaves and enters by a stub and crosses over half way down.
struct Corners {
    std::array<Vec2, 6> points{};
    std::size_t count = 0;
};

Corners step_corners(const EdgeCurve& curve) {
    const Vec2 from = curve.points[0];
    const Vec2 to = curve.points[3];
    if (curve.straight()) return {{from, to}, 2};
    if (to.x >= from.x) {
        const float middle = (from.x + to.x) / 2;
        return {{from, Vec2{middle, from.y}, Vec2{middle, to.y}, to}, 4};
    }
    const float middle = (from.y + to.y) / 2;
    return {{from, Vec2{from.x + kStub, from.y}, Vec2{from.x + kStub, middle}, Vec2{to.x - kStub, middle}, Vec2{to.x - kStub, to.y}, to}, 6};
}

// No corner takes more than half of a piece, so neighbours never meet.
float corner_radius(Vec2 before, Vec2 corner, Vec2 after) { return std::min({kCorner, length_of(before, corner) / 2, length_of(corner, after) / 2}); }

// The point `distance` away from `corner` towards `other`.
Vec2 towards(Vec2 corner, Vec2 other, float distance) {
    const float length = length_of(corner, other);
    return length > 0 ? between(corner, other, distance / length) : corner;
}

Vec2 quadratic(Vec2 a, Vec2 control, Vec2 b, float t) { return between(between(a, control, t), between(control, b, t), t); }

void flatten_step(const EdgeCurve& curve, bool rounded, std::vector<Vec2>& out) {
    const auto [corners, count] = step_corners(curve);
    out.push_back(corners[0]);
    for (std::size_t i = 1; i + 1 < count; ++i) {
        const float radius = rounded ? corner_radius(corners[i - 1], corners[i], corners[i + 1]) : 0;
        if (radius <= 0) {
            out.push_back(corners[i]);
            continue;
        }
        const Vec2 enter = towards(corners[i], corners[i - 1], radius);
        const Vec2 leave = towards(corners[i], corners[i + 1], radius);
        for (int k = 0; k <= kCornerSteps; ++k) out.push_back(quadratic(enter, corners[i], leave, static_cast<float>(k) / kCornerSteps));
    }
    out.push_back(corners[count - 1]);
}

void add_point(std::string& out, Vec2 p) { out += " " + svg_number(p.x) + " " + svg_number(p.y); }

}  // namespace

std::string_view edge_style_word(EdgeStyle style) { return kStyles[static_cast<std::size_t>(style)].word; }
std::string_view edge_style_title(EdgeStyle style) { return kStyles[static_cast<std::size_t>(style)].title; }
EdgeStyle next_edge_style(EdgeStyle style) { return kStyles[(static_cast<std::size_t>(style) + 1) % kStyles.size()].style; }

EdgeStyle edge_style_from_word(std::string_view word) {
    for (const StyleWord& entry : kStyles) {
        if (entry.word == word) return entry.style;
    }
    return EdgeStyle::bezier;
}

Vec2 output_port(const Rect& node) { return {node.max.x, (node.min.y + node.max.y) / 2}; }
Vec2 input_port(const Rect& node) { return {node.min.x, (node.min.y + node.max.y) / 2}; }

EdgeCurve curve_between(Vec2 from, Vec2 to, EdgeStyle style) {
    const float dx = to.x - from.x;
    // Forward edges bend over half their width; backward ones swing out, the more the farther they go back.
    const float reach = dx >= 0 ? std::max(dx / 2, std::min(24.0F, std::abs(to.y - from.y))) : std::min(40 + std::sqrt(-dx) * 6, 240.0F);
    return {{from, Vec2{from.x + reach, from.y}, Vec2{to.x - reach, to.y}, to}, style};
}

EdgeCurve edge_curve(const Graph& graph, EdgeIndex edge, EdgeStyle style) {
    return curve_between(output_port(graph.node_rect(graph.edge_source(edge))), input_port(graph.node_rect(graph.edge_target(edge))), style);
}

Vec2 point_at(const EdgeCurve& curve, float t) {
    const auto& p = curve.points;
    if (curve.style == EdgeStyle::bezier) {
        const float u = 1 - t;
        const float a = u * u * u;
        const float b = 3 * u * u * t;
        const float c = 3 * u * t * t;
        const float d = t * t * t;
        return {a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x, a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y};
    }
    if (curve.straight()) return between(p[0], p[3], t);
    std::vector<Vec2> line;
    flatten_step(curve, true, line);
    float length = 0;
    for (std::size_t i = 1; i < line.size(); ++i) length += length_of(line[i - 1], line[i]);
    float left = length * std::clamp(t, 0.0F, 1.0F);
    for (std::size_t i = 1; i < line.size(); ++i) {
        const float piece = length_of(line[i - 1], line[i]);
        if (left <= piece && piece > 0) return between(line[i - 1], line[i], left / piece);
        left -= piece;
    }
    return line.back();
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
    if (segments > 1 && curve.style == EdgeStyle::smooth_step) return flatten_step(curve, segments > 6, out);
    out.push_back(curve.points[0]);
    for (int i = 1; i < segments; ++i) out.push_back(point_at(curve, static_cast<float>(i) / static_cast<float>(segments)));
    out.push_back(curve.points[3]);
}

float distance_to(const EdgeCurve& curve, Vec2 point) {
    if (curve.straight()) return distance_to_segment(point, curve.points[0], curve.points[3]);
    float best = std::numeric_limits<float>::max();
    if (curve.style == EdgeStyle::smooth_step) {
        std::vector<Vec2> line;
        flatten_step(curve, true, line);
        for (std::size_t i = 1; i < line.size(); ++i) best = std::min(best, distance_to_segment(point, line[i - 1], line[i]));
        return best;
    }
    // The longer it is, the farther a piece of it would be off where it bends.
    const Rect box = edge_bounds(curve);
    const int segments = static_cast<int>(std::clamp((box.max.x - box.min.x + box.max.y - box.min.y) / 24, 32.0F, 128.0F));
    Vec2 last = curve.points[0];
    for (int i = 1; i <= segments; ++i) {
        const Vec2 next = point_at(curve, static_cast<float>(i) / static_cast<float>(segments));
        best = std::min(best, distance_to_segment(point, last, next));
        last = next;
    }
    return best;
}

std::string svg_number(float value) {
    // Positions are 1e7 at most, so the hundredths fit.
    const double limited = std::isfinite(value) ? std::clamp(static_cast<double>(value), -1e12, 1e12) : 0.0;
    const long long hundredths = std::llround(limited * 100);
    const long long whole = std::abs(hundredths) / 100;
    const long long rest = std::abs(hundredths) % 100;
    std::string out = (hundredths < 0 ? "-" : "") + std::to_string(whole);
    if (rest == 0) return out;
    out += rest < 10 ? ".0" : ".";
    out += std::to_string(rest % 10 == 0 ? rest / 10 : rest);
    return out;
}

std::string svg_path(const EdgeCurve& curve) {
    std::string out = "M";
    add_point(out, curve.points[0]);
    if (curve.straight()) {
        out += " L";
        add_point(out, curve.points[3]);
        return out;
    }
    if (curve.style == EdgeStyle::bezier) {
        out += " C";
        for (std::size_t i = 1; i < 4; ++i) add_point(out, curve.points[i]);
        return out;
    }
    const auto [corners, count] = step_corners(curve);
    for (std::size_t i = 1; i + 1 < count; ++i) {
        const float radius = corner_radius(corners[i - 1], corners[i], corners[i + 1]);
        out += " L";
        add_point(out, towards(corners[i], corners[i - 1], radius));
        out += " Q";
        add_point(out, corners[i]);
        add_point(out, towards(corners[i], corners[i + 1], radius));
    }
    out += " L";
    add_point(out, corners[count - 1]);
    return out;
}

}  // namespace model
