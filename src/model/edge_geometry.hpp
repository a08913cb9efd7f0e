// Edge geometry: the curve of an edge between two ports, as pure functions. Canvas units.
//
// An edge leaves its source at the middle of the right side and enters its target at the middle of the left side. Its style says how:
//   bezier       one cubic with horizontal ends
//   smooth_step  level and upright pieces with rounded corners
//   straight     one line
// Between ports at the same height, left to right, each of them is a straight line. Whatever the style, the edge stays in
// edge_bounds(), the box of the bezier: an index of the boxes holds when the style changes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/graph.hpp"

namespace model {

enum class EdgeStyle : std::uint8_t { bezier, smooth_step, straight };
[[nodiscard]] std::string_view edge_style_word(EdgeStyle style);                // as it is stored: "smooth-step"
[[nodiscard]] EdgeStyle edge_style_from_word(std::string_view word);            // bezier when unknown
[[nodiscard]] std::string_view edge_style_title(EdgeStyle style);               // "Smooth step"
[[nodiscard]] EdgeStyle next_edge_style(EdgeStyle style);

struct EdgeCurve {
    std::array<Vec2, 4> points;  // start, two controls, end
    EdgeStyle style = EdgeStyle::bezier;
    [[nodiscard]] bool straight() const { return style == EdgeStyle::straight || (points[0].y == points[3].y && points[0].x <= points[3].x); }
};

[[nodiscard]] Vec2 output_port(const Rect& node);
[[nodiscard]] Vec2 input_port(const Rect& node);
[[nodiscard]] EdgeCurve curve_between(Vec2 from, Vec2 to, EdgeStyle style = EdgeStyle::bezier);
[[nodiscard]] EdgeCurve edge_curve(const Graph& graph, EdgeIndex edge, EdgeStyle style = EdgeStyle::bezier);
[[nodiscard]] Vec2 point_at(const EdgeCurve& curve, float t);  // t 0..1, from start to end
// Smallest box around start, end and the bezier's controls: contains the edge in every style.
[[nodiscard]] Rect edge_bounds(const EdgeCurve& curve);
// Appends the edge as a line of points: 2 for a straight one, `segments` + 1 for a bezier, the corners and what rounds them for a smooth
// step (its corners are sharp, or the whole a straight line, when `segments` is too small for more).
void flatten(const EdgeCurve& curve, int segments, std::vector<Vec2>& out);
// Shortest distance from a point to the edge, to within a unit (of edges of a few thousand units).
[[nodiscard]] float distance_to(const EdgeCurve& curve, Vec2 point);
// The `d` of an SVG path: "M 0 0 C 50 0 50 80 100 80". Coordinates to a hundredth.
[[nodiscard]] std::string svg_path(const EdgeCurve& curve);
// A coordinate as SVG has it: to a hundredth, without an exponent; 0 for what is not finite.
[[nodiscard]] std::string svg_number(float value);

}  // namespace model
