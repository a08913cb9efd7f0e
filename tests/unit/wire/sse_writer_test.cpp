#include "wire/sse_writer.hpp"

#include <catch2/catch_test_macros.hpp>

#include "base/testing/virtual_scheduler.hpp"
#include "base/text.hpp"
#include "sse_cases.hpp"

using wire_test::RecordedEvent;
using wire_test::run_sse;

TEST_CASE("an event is written as KubeOrch writes it") {
    CHECK(wire::sse_event("node_update", "{\"a\":1}") == "event:node_update\ndata:{\"a\":1}\n\n");
    CHECK(wire::sse_event("", "x", {.id = "9", .retry_ms = 3000}) == "retry:3000\nid:9\ndata:x\n\n");
    CHECK(wire::sse_event("log", "a\nb\r\nc\rd") == "event:log\ndata:a\ndata:b\ndata:c\ndata:d\n\n");
    CHECK(wire::sse_comment("keep-alive") == ": keep-alive\n\n");
    CHECK(wire::sse_retry(500) == "retry:500\n\n");
}

TEST_CASE("line ends in a type or id cannot start another field") {
    const auto run = run_sse({wire::sse_event("a\ndata:evil\r", "ok", {.id = "1\nretry:1"})}, "");
    REQUIRE(run.events.size() == 1);
    CHECK(run.events[0] == RecordedEvent{"adata:evil", "ok", "1retry:1"});
    CHECK(!run.retry_ms);
}

TEST_CASE("a comment of several lines stays a comment") {
    const auto run = run_sse({wire::sse_comment("a\ndata:b\r\n\rdata:c"), wire::sse_event("", "x")}, "");
    REQUIRE(run.events.size() == 1);
    CHECK(run.events[0].data == "x");
}

TEST_CASE("what the writer writes the parser reads") {
    base::testing::SeededRandom random(7);
    constexpr std::string_view kParts[] = {" ", ":", "data:", "\n", "x", "\xE2\x80\xA6", std::string_view("\0", 1), "\t", "id"};
    const auto text = [&](bool lines) {
        std::string out;
        for (auto i = random.below(8); i > 0; --i) {
            const auto part = kParts[random.below(std::size(kParts))];
            if (lines || (part != "\n" && part[0] != '\0')) out += part;
        }
        return out;
    };
    std::string stream;
    std::vector<RecordedEvent> written;
    std::string id;
    for (int i = 0; i < 1000; ++i) {
        const std::string type = text(false);
        const std::string data = text(true);
        wire::SseFields fields;
        const std::string next_id = text(false);
        if (random.below(2) == 0) {
            fields.id = next_id;
            id = next_id;
        }
        wire::append_sse_event(stream, type, data, fields);
        if (random.below(5) == 0) stream += wire::sse_comment(data);
        written.push_back({type.empty() ? "message" : type, data, id});
    }
    CHECK(run_sse({stream}, "").events == written);
    CHECK(run_sse(wire_test::cut(stream, 3), "").events == written);
}
