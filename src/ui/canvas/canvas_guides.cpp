#include "ui/canvas/canvas_guides.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ui {

namespace {

using model::Rect;

struct Span {
    float from, to;
};

std::array<float, 3> lines_of(Span s) { return {s.from, (s.from + s.to) / 2, s.to}; }

// `across` is the direction in which things are brought in line, `along` that of the line.
std::optional<Guide> guide_of(const Rect& moved, std::span<const Rect> others, float reach, Span (*across)(const Rect&), Span (*along)(const Rect&)) {
    constexpr float kSame = 0.01F;
    std::optional<Guide> best;
    float best_distance = 0;
    const Span mine = along(moved);
    const auto my_lines = lines_of(across(moved));
    for (std::size_t i = 0; i < others.size(); ++i) {
        const Span theirs = along(others[i]);
        const float distance = std::max({theirs.from - mine.to, mine.from - theirs.to, 0.0F});
        const auto lines = lines_of(across(others[i]));
        for (std::size_t k = 0; k < lines.size(); ++k) {
            const float shift = lines[k] - my_lines[k];
            if (std::abs(shift) > reach) continue;
            const float gain = best ? std::abs(best->shift) - std::abs(shift) : 1;
            if (gain < -kSame || (gain <= kSame && best && distance >= best_distance)) continue;
            best_distance = distance;
            best = Guide{.shift = shift, .at = lines[k], .from = std::min(mine.from, theirs.from), .to = std::max(mine.to, theirs.to),
                         .gap_from = std::min(mine.to, theirs.to), .gap_to = std::max(mine.from, theirs.from), .line = static_cast<GuideLine>(k), .other = i};
        }
    }
    return best;
}

Span horizontal(const Rect& r) { return {r.min.x, r.max.x}; }
Span vertical(const Rect& r) { return {r.min.y, r.max.y}; }

}  // namespace

Guides guides_for(const Rect& moved, std::span<const Rect> others, float reach) {
    Guides out;
    out.x = guide_of(moved, others, reach, &horizontal, &vertical);
    Rect placed = moved;
    if (out.x) {
        placed.min.x += out.x->shift;
        placed.max.x += out.x->shift;
    }
    out.y = guide_of(placed, others, reach, &vertical, &horizontal);
    if (out.x && out.y) {
        // The vertical line and its gap follow the shift that the other direction has brought.
        placed.min.y += out.y->shift;
        placed.max.y += out.y->shift;
        const Span mine = vertical(placed);
        const Span theirs = vertical(others[out.x->other]);
        out.x->from = std::min(mine.from, theirs.from);
        out.x->to = std::max(mine.to, theirs.to);
        out.x->gap_from = std::min(mine.to, theirs.to);
        out.x->gap_to = std::max(mine.from, theirs.from);
    }
    return out;
}

}  // namespace ui
