// Where a live stream stands, in words for people.
//
//   draw(stream_words(app.log_stream(), now_ms));     // "Reconnecting in 3 s", "Stopped: You may not read this stream"
#pragma once

#include <cstdint>
#include <string>

#include "model/app_state.hpp"

namespace model {

// Empty while it is open or closed: nothing to say. `next_change_ms`, if given, gets the delay until the words change, or -1.
[[nodiscard]] std::string stream_words(const StreamView& stream, std::int64_t now_ms, std::int64_t* next_change_ms = nullptr);
// It rests, or waits for its next attempt: asking again makes sense.
[[nodiscard]] bool can_reconnect(const StreamView& stream);

}  // namespace model
