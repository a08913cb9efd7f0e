#include <catch2/catch_test_macros.hpp>

#include "model/stream_words.hpp"

using namespace model;

TEST_CASE("a stream says where it stands, and when the words change") {
    std::int64_t next = 0;
    CHECK(stream_words({.phase = StreamPhase::open}, 0).empty());
    CHECK(stream_words({.phase = StreamPhase::closed}, 0).empty());
    CHECK(stream_words({.phase = StreamPhase::connecting}, 0) == "Connecting");
    const StreamView waiting{.phase = StreamPhase::retrying, .retry_at_ms = 3'500};
    CHECK(stream_words(waiting, 1'000, &next) == "Reconnecting in 3 s");
    CHECK(next == 500);
    CHECK(stream_words(waiting, 1'500, &next) == "Reconnecting in 2 s");
    CHECK(next == 1'000);
    CHECK(stream_words(waiting, 9'000, &next) == "Reconnecting");
    CHECK(next == -1);
    CHECK(stream_words({.phase = StreamPhase::gave_up, .last_error = "The server does not answer"}, 0) == "Gave up: The server does not answer");
    CHECK(stream_words({.phase = StreamPhase::stopped, .last_error = "You may not read this stream"}, 0) == "Stopped: You may not read this stream");
    CHECK(stream_words({.phase = StreamPhase::stopped, .ended = true}, 0) == "Ended");
    CHECK_FALSE(can_reconnect(StreamView{.phase = StreamPhase::open}));
    CHECK_FALSE(can_reconnect(StreamView{.phase = StreamPhase::closed}));
    CHECK(can_reconnect(waiting));
    CHECK(can_reconnect(StreamView{.phase = StreamPhase::stopped}));
}
