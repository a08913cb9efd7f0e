#include "wire/sse_parser.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "base/testing/virtual_scheduler.hpp"
#include "sse_cases.hpp"

using wire_test::cut;
using wire_test::RecordedEvent;
using wire_test::RecordingSink;
using wire_test::run_sse;
using wire_test::SseCase;
using wire_test::SseRun;

namespace {

constexpr wire::SseLimits kWithComments{.report_comments = true};

void check_case(const SseCase& item, const std::vector<std::string_view>& chunks) {
    SseRun run = run_sse(chunks, item.seed_last_event_id, kWithComments);
    if (!item.expects_comments) run.comments.clear();
    if (run == item.expected) return;  // Catch's own comparison only where it has something to say
    CAPTURE(item.id, chunks.size());
    for (const RecordedEvent& event : run.events) UNSCOPED_INFO(event.type << " | " << event.data << " | " << event.last_event_id);
    CHECK(run.events.size() == item.expected.events.size());
    CHECK(run.last_event_id == item.expected.last_event_id);
    CHECK(run.retry_ms == item.expected.retry_ms);
    CHECK(run.comments == item.expected.comments);
    CHECK(run == item.expected);
}

}  // namespace

TEST_CASE("every shared SSE case gives its events as chunked and joined [P1-P9]") {
    const auto cases = wire_test::load_sse_cases();
    REQUIRE(cases.size() >= 130);
    for (const SseCase& item : cases) {
        check_case(item, {item.chunks.begin(), item.chunks.end()});
        check_case(item, {item.joined()});
    }
    SUCCEED(cases.size() << " cases");
}

TEST_CASE("every shared SSE case gives the same events in chunks of 1, 2, 3, 5 and 7 bytes [P1-P9]") {
    for (const SseCase& item : wire_test::load_sse_cases()) {
        const std::string bytes = item.joined();
        for (const std::size_t size : {1U, 2U, 3U, 5U, 7U}) check_case(item, cut(bytes, size));
    }
    SUCCEED();
}

TEST_CASE("every shared SSE case gives the same events at every cut in two [P1-P9]") {
    for (const SseCase& item : wire_test::load_sse_cases()) {
        const std::string bytes = item.joined();
        for (std::size_t at = 0; at <= bytes.size(); ++at) {
            const std::string_view all = bytes;
            check_case(item, {all.substr(0, at), all.substr(at)});
        }
    }
    SUCCEED();
}

TEST_CASE("events arrive with the chunk that completes them") {
    for (const SseCase& item : wire_test::load_sse_cases()) {
        SseRun run;
        RecordingSink sink(run);
        wire::SseParser parser({}, item.seed_last_event_id);
        for (std::size_t i = 0; i < item.chunks.size(); ++i) {
            parser.feed(item.chunks[i], sink);
            if (i < item.min_events_after_chunk.size()) {
                CAPTURE(item.id, i);
                CHECK(run.events.size() >= item.min_events_after_chunk[i]);
            }
        }
    }
}

TEST_CASE("a CR ends its line at once and swallows one LF of the next chunk [P3]") {
    SseRun run;
    RecordingSink sink(run);
    wire::SseParser parser;
    parser.feed("data:1\r\r", sink);
    REQUIRE(run.events.size() == 1);
    parser.feed("", sink);
    parser.feed("\ndata:2\r\n\n", sink);
    REQUIRE(run.events.size() == 2);
    CHECK(run.events[1].data == "2");
}

TEST_CASE("an event inside one chunk with one data line is not copied") {
    const std::string chunk = "event: log\ndata: {\"message\":\"hello\"}\n\ndata: next\n\n";
    wire::SseParser parser;
    std::size_t inside = 0;
    parser.feed(chunk, [&](const wire::SseEvent& event) {
        if (event.data.data() >= chunk.data() && event.data.data() < chunk.data() + chunk.size()) ++inside;
    });
    CHECK(inside == 2);
    CHECK(parser.buffered_bytes() == 0);
}

TEST_CASE("a 10 MiB line in chunks of 16 bytes costs linear work [K2]") {
    constexpr std::size_t kBytes = 10 * 1024 * 1024;
    const std::string piece(16, 'x');
    wire::SseParser parser;
    std::size_t received = 0;
    const auto on_event = [&](const wire::SseEvent& event) { received = event.data.size(); };
    parser.feed("data:", on_event);
    for (std::size_t fed = 0; fed < kBytes; fed += piece.size()) parser.feed(piece, on_event);
    CHECK(received == 0);
    CHECK(parser.buffered_bytes() == kBytes);
    parser.feed("\n\n", on_event);
    CHECK(received == kBytes);
    CHECK(parser.bytes_scanned() <= 2 * kBytes + 100);  // once for the line end, once for UTF-8
    CHECK(parser.buffered_bytes() == 0);
}

TEST_CASE("a 64 MiB comment and a 64 MiB unknown field need no memory [P10]") {
    const std::string piece(64 * 1024, 'x');
    for (const std::string_view start : {":", "unknown:", "unknownwithoutcolon"}) {
        wire::SseParser parser;
        std::size_t events = 0;
        const auto on_event = [&](const wire::SseEvent&) { ++events; };
        parser.feed(start, on_event);
        std::size_t most = 0;
        for (int i = 0; i < 1024; ++i) {
            parser.feed(piece, on_event);
            most = std::max(most, parser.buffered_bytes());
        }
        parser.feed("\ndata:still here\n\n", on_event);
        CHECK(most == 0);
        CHECK(events == 1);
        CHECK(parser.bytes_scanned() <= 64ULL * 1024 * 1024 + 200);
    }
}

TEST_CASE("comments are reported only on request and cut at the field limit [P10]") {
    const std::string stream = ": ping\n:" + std::string(100, 'y') + "\ndata:x\n\n";
    CHECK(run_sse({stream}, "").comments.empty());
    const SseRun run = run_sse({stream}, "", {.max_field_bytes = 10, .report_comments = true});
    CHECK(run.comments == std::vector<std::string>{" ping", std::string(10, 'y')});
    CHECK(run.events.size() == 1);
}

TEST_CASE("an event over the limit is dropped whole, reported once, and the next one arrives [K4]") {
    const std::string stream =
        "id:7\ndata:0123456789\ndata:0123456789\ndata:more\nevent:x\n\n"
        "data:fits\n\n";
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        CAPTURE(size);
        const SseRun run = run_sse(cut(stream, size), "", {.max_event_bytes = 16});
        CHECK(run.overflows == 1);
        REQUIRE(run.events.size() == 1);
        CHECK(run.events[0] == RecordedEvent{"message", "fits", "7"});  // the id of the dropped event counts
    }
}

TEST_CASE("empty data lines count against the limit") {
    std::string stream;
    for (int i = 0; i < 100; ++i) stream += "data\n";
    const SseRun run = run_sse({stream + "\ndata:ok\n\n"}, "", {.max_event_bytes = 50});
    CHECK(run.overflows == 1);
    REQUIRE(run.events.size() == 1);
    CHECK(run.events[0].data == "ok");
}

TEST_CASE("an event of exactly the limit arrives") {
    const SseRun run = run_sse({"data:01234567\ndata:1234567\n\n"}, "", {.max_event_bytes = 16});
    CHECK(run.overflows == 0);
    REQUIRE(run.events.size() == 1);
    CHECK(run.events[0].data.size() == 16);
}

TEST_CASE("an id or type over the field limit overflows the event and keeps the former id [K4]") {
    for (const std::string_view field : {"id", "event"}) {
        const std::string stream = "id:1\ndata:a\n\n" + std::string(field) + ":" + std::string(100, 'z') + "\ndata:b\n\ndata:c\n\n";
        for (const std::size_t size : {1U, 3U, 1000U}) {
            const SseRun run = run_sse(cut(stream, size), "", {.max_field_bytes = 64});
            CHECK(run.overflows == 1);
            REQUIRE(run.events.size() == 2);
            CHECK(run.events[1] == RecordedEvent{"message", "c", "1"});
        }
    }
}

TEST_CASE("a new connection starts clean and keeps id and retry [P9]") {
    SseRun run;
    RecordingSink sink(run);
    wire::SseParser parser;
    parser.feed("id:1\nretry:2500\ndata:a\n\nid:2\nevent:cut\ndata:b\r", sink);
    parser.reset_connection();
    CHECK(parser.last_event_id() == "1");
    CHECK(parser.retry_ms() == 2500);
    CHECK(parser.buffered_bytes() == 0);
    parser.feed("\xEF\xBB\xBF" "data:c\n\n", sink);  // a BOM again, and no CR that an LF could belong to
    REQUIRE(run.events.size() == 2);
    CHECK(run.events[1] == RecordedEvent{"message", "c", "1"});
}

TEST_CASE("retry saturates instead of wrapping [P8]") {
    CHECK(run_sse({"retry:99999999999999999999999\n"}, "").retry_ms == std::numeric_limits<std::int64_t>::max());
    CHECK(run_sse({"retry:0\n"}, "").retry_ms == 0);
}

TEST_CASE("stop() in a callback ends the feed and drops the rest of the chunk") {
    wire::SseParser parser;
    std::vector<std::string> seen;
    const auto on_event = [&](const wire::SseEvent& event) {
        seen.emplace_back(event.data);
        if (event.data == "2") parser.stop();
    };
    parser.feed("data:1\n\ndata:2\n\ndata:3\n\n", on_event);
    parser.feed("data:4\n\n", on_event);
    CHECK(seen == std::vector<std::string>{"1", "2"});
    parser.reset_connection();
    parser.feed("data:5\n\n", on_event);
    CHECK(seen.back() == "5");
}

TEST_CASE("random bytes of the grammar give the same events in any chunking [K1]") {
    base::testing::SeededRandom random(42);
    constexpr std::string_view kParts[] = {"data", "data:", "event:", "id:", "retry:", ":", " ", "\n", "\r", "\r\n", "\n\n", "x", "\xEF\xBB\xBF",
                                           "\xE2\x80", "\xA6", "\xFF", "12", std::string_view("\0", 1), "eventual", "\t"};
    for (int round = 0; round < 2000; ++round) {
        std::string stream;
        const auto parts = random.below(30);
        for (std::uint64_t i = 0; i < parts; ++i) stream += kParts[random.below(std::size(kParts))];
        const SseRun whole = run_sse({stream}, "seed", kWithComments);
        std::vector<std::string_view> pieces;
        for (std::string_view rest = stream; !rest.empty();) {
            const std::size_t size = 1 + random.below(4);
            pieces.push_back(rest.substr(0, size));
            rest.remove_prefix(std::min(rest.size(), size));
        }
        const SseRun pieced = run_sse(pieces, "seed", kWithComments);
        if (!(whole == pieced)) {
            CAPTURE(stream);
            REQUIRE(whole == pieced);
        }
    }
    SUCCEED();
}
