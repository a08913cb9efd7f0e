// Counts of events over time as stacked bars, with the same numbers as a table for who does not see them.
//
//   draw_event_chart(ctx, events, from_ms, to_ms);      // at the cursor, as wide as there is room
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/feed_query.hpp"

namespace ui {

struct UiContext;

// Times are unix; `to_ms` is the right edge.
void draw_event_chart(UiContext& ctx, std::span<const model::FeedEventPtr> events, std::int64_t from_ms, std::int64_t to_ms);

// Colour of a level, and its word where counts stand: "3 failed".
struct LevelLook {
    unsigned color;
    std::string_view word;
};
[[nodiscard]] LevelLook level_look(const UiContext& ctx, model::EventLevel level);

}  // namespace ui
