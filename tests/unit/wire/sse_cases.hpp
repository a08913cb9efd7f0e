// The shared SSE cases (tests/data/sse-cases.json) and a sink that records what the parser says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/sse_parser.hpp"

namespace wire_test {

struct RecordedEvent {
    std::string type;
    std::string data;
    std::string last_event_id;
    friend bool operator==(const RecordedEvent&, const RecordedEvent&) = default;
};

struct SseRun {
    std::vector<RecordedEvent> events;
    std::vector<std::string> comments;
    std::string last_event_id;
    std::optional<std::int64_t> retry_ms;
    std::size_t overflows = 0;
    friend bool operator==(const SseRun&, const SseRun&) = default;
};

class RecordingSink final : public wire::SseSink {
public:
    explicit RecordingSink(SseRun& run) : run_(run) {}
    void on_event(const wire::SseEvent& event) override {
        run_.events.push_back({std::string(event.type), std::string(event.data), std::string(event.last_event_id)});
    }
    void on_comment(std::string_view text) override { run_.comments.emplace_back(text); }
    void on_overflow() override { ++run_.overflows; }

private:
    SseRun& run_;
};

struct SseCase {
    std::string id;
    std::vector<std::string> chunks;
    std::string seed_last_event_id;
    SseRun expected;
    bool expects_comments = false;
    std::vector<std::size_t> min_events_after_chunk;

    [[nodiscard]] std::string joined() const;
};

[[nodiscard]] std::vector<SseCase> load_sse_cases();
[[nodiscard]] SseRun run_sse(const std::vector<std::string_view>& chunks, std::string_view seed, wire::SseLimits limits = {});
[[nodiscard]] std::vector<std::string_view> cut(std::string_view bytes, std::size_t size);

}  // namespace wire_test
