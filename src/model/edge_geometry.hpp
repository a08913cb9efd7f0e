// Edge geometry: the curve of an edge between two ports, as pure functions. Canvas units.
//
// An edge leaves its source at the middle of the right side and enters its target at the middle of the left side, as one cubic
// bezier with horizontal ends. Between ports at the same height, left to right, it is a straight line.
#pragma once

#include <array>
#include <vector>

#include "model/graph.hpp"

namespace model {

struct EdgeCurve {
    std::array<Vec2, 4> points;  // start, two controls, end
    [[nodiscard]] bool straight() const { return points[0].y == points[3].y && points[0].x <= points[3].x; }
};

[[nodiscard]] Vec2 output_port(const Rect& node);
[[nodiscard]] Vec2 input_port(const Rect& node);
[[nodiscard]] EdgeCurve curve_between(Vec2 from, Vec2 to);
[[nodiscard]] EdgeCurve edge_curve(const Graph& graph, EdgeIndex edge);
[[nodiscard]] Vec2 point_at(const EdgeCurve& curve, float t);  // t 0..1
// Smallest box around the control points: contains the curve.
[[nodiscard]] Rect edge_bounds(const EdgeCurve& curve);
// Appends `segments` + 1 points (2 for a straight curve).
void flatten(const EdgeCurve& curve, int segments, std::vector<Vec2>& out);
// Shortest distance from a point to the curve, to within a fraction of a unit.
[[nodiscard]] float distance_to(const EdgeCurve& curve, Vec2 point);

}  // namespace model
