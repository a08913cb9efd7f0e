// The SSE parser against itself: the same bytes whole, byte by byte, and in chunks the input chooses must give the same events,
// ids, retry, comments and overflows, every string valid UTF-8, with linear work.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "wire/sse_parser.hpp"
#include "wire/sse_writer.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct Event {
    std::string type;
    std::string data;
    std::string id;
    friend bool operator==(const Event&, const Event&) = default;
};

struct Run final : wire::SseSink {
    void on_event(const wire::SseEvent& event) override {
        require(base::is_valid_utf8(event.type) && base::is_valid_utf8(event.data) && base::is_valid_utf8(event.last_event_id));
        require(!event.type.empty());
        require(event.last_event_id.find('\0') == std::string_view::npos);
        events.push_back({std::string(event.type), std::string(event.data), std::string(event.last_event_id)});
    }
    void on_comment(std::string_view text) override { comments.emplace_back(text); }
    void on_overflow() override { ++overflows; }

    std::vector<Event> events;
    std::vector<std::string> comments;
    std::size_t overflows = 0;
    std::string last_id;
    std::optional<std::int64_t> retry_ms;

    [[nodiscard]] bool same_as(const Run& other) const {
        return events == other.events && comments == other.comments && overflows == other.overflows && last_id == other.last_id &&
               retry_ms == other.retry_ms;
    }
};

// `next_size(rest)` answers how many bytes the next chunk takes.
template <class NextSize>
Run run(std::string_view bytes, wire::SseLimits limits, NextSize next_size) {
    Run out;
    wire::SseParser parser(limits, "seed");
    const std::size_t total = bytes.size();
    while (!bytes.empty()) {
        const std::size_t size = std::min<std::size_t>(bytes.size(), next_size());
        const std::vector<char> own(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        parser.feed(std::string_view(own.data(), own.size()), out);
        require(parser.buffered_bytes() <= limits.max_event_bytes + 2 * limits.max_field_bytes + 8);
        bytes.remove_prefix(size);
    }
    require(parser.bytes_scanned() <= 3 * total + 16);
    parser.finish();
    require(parser.buffered_bytes() == 0);
    out.last_id = parser.last_event_id();
    out.retry_ms = parser.retry_ms();
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    // The first byte chooses the limits, the second the chunk sizes.
    wire::SseLimits limits{.report_comments = true};
    if (data[0] & 1) limits.max_event_bytes = data[0] >> 1;
    if (data[0] & 2) limits.max_field_bytes = 1 + (data[0] >> 3);
    std::uint32_t state = data[1] * 2654435761U + 1;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);

    const Run whole = run(bytes, limits, [&] { return bytes.size(); });
    require(whole.same_as(run(bytes, limits, [] { return std::size_t{1}; })));
    require(whole.same_as(run(bytes, limits, [&] {
        state = state * 1664525U + 1013904223U;
        return static_cast<std::size_t>(1 + (state >> 28));
    })));

    // What was read, written again, reads the same (data without CR, which the format cannot carry).
    if (limits.max_event_bytes > bytes.size() * 4 && limits.max_field_bytes > bytes.size() * 4) {
        std::string again;
        for (const Event& event : whole.events) wire::append_sse_event(again, event.type, event.data, {.id = event.id});
        require(run(again, limits, [&] { return again.size(); }).events == whole.events);
    }
    return 0;
}
