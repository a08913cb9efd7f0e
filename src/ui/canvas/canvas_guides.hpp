// Guides: while nodes are dragged, where they come to lie in line with others, and how far from them. Pure; canvas units.
//
//   const Guides guides = guides_for(moved, others, 6 / zoom);
//   if (guides.x) moved.x += guides.x->shift;      // exactly in line
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "model/graph.hpp"

namespace ui {

enum class GuideLine : std::uint8_t { start, middle, end };  // left, center, right; top, middle, bottom

struct Guide {
    float shift = 0;          // what brings the moved rectangle in line
    float at = 0;             // where the line is, across
    float from = 0, to = 0;   // how far it reaches, along: over both rectangles
    float gap_from = 0, gap_to = 0;  // the room between the two, along; empty when they overlap there
    GuideLine line = GuideLine::start;
    std::size_t other = 0;    // index in `others`
    [[nodiscard]] float gap() const { return gap_to > gap_from ? gap_to - gap_from : 0; }
};

struct Guides {
    std::optional<Guide> x;  // a vertical line
    std::optional<Guide> y;  // a horizontal one
};

// The nearest line of each direction within `reach`; of several, that of the nearest rectangle.
[[nodiscard]] Guides guides_for(const model::Rect& moved, std::span<const model::Rect> others, float reach);

}  // namespace ui
