#include "model/stream_words.hpp"

#include <algorithm>

namespace model {

std::string stream_words(const StreamView& stream, std::int64_t now_ms, std::int64_t* next_change_ms) {
    if (next_change_ms) *next_change_ms = -1;
    const std::string why = stream.last_error.empty() ? std::string() : ": " + stream.last_error;
    switch (stream.phase) {
        case StreamPhase::closed:
        case StreamPhase::open: return {};
        case StreamPhase::connecting: return "Connecting";
        case StreamPhase::retrying: {
            const std::int64_t left_ms = std::max<std::int64_t>(stream.retry_at_ms - now_ms, 0);
            const std::int64_t seconds = (left_ms + 999) / 1000;
            if (next_change_ms && left_ms > 0) *next_change_ms = left_ms - std::max<std::int64_t>(seconds - 1, 0) * 1000;
            return seconds == 0 ? std::string("Reconnecting") : "Reconnecting in " + std::to_string(seconds) + " s";
        }
        case StreamPhase::gave_up: return "Gave up" + why;
        case StreamPhase::stopped: return stream.ended ? std::string("Ended") : "Stopped" + why;
    }
    return {};
}

bool can_reconnect(const StreamView& stream) {
    return stream.phase == StreamPhase::retrying || stream.phase == StreamPhase::gave_up || stream.phase == StreamPhase::stopped;
}

}  // namespace model
