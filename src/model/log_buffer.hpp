// LogBuffer: the lines of one log panel. A ring with a line cap and a byte cap; what falls out at the front is counted.
// Appending copies the bytes once, into blocks that many lines share, and parses nothing but the timestamp (the level is found when
// a line is drawn).
//
//   LogBuffer log(5000);
//   log.append("2026-01-01T00:00:00.123456789Z GET / 200");
//   log.append_gap("Lines may be missing here");     // a row among the lines, not one of the container's
//   for (std::size_t i = 0; i < log.size(); ++i) draw(log.line(i).message);
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "base/ring_buffer.hpp"

namespace model {

enum class LogLevel : std::uint8_t { none, trace, debug, info, warning, error };

// A raw line in its parts (seed's ParsedLog without the id). Views into `raw`.
struct ParsedLog {
    std::string_view raw;
    std::string_view timestamp;     // RFC 3339 prefix of `raw`, or empty
    std::string_view message;       // `raw` without the timestamp and the blank behind it; all of it when there is none
};
[[nodiscard]] ParsedLog parse_log(std::string_view raw);

// Views are valid until the next append(), append_gap() or clear().
struct LogLine : ParsedLog {
    std::uint64_t sequence = 0;     // 0 for the first line ever appended; the id of the line
    std::string_view source;        // pod name, or empty
    bool gap = false;               // not a line of the container: lines may be missing here, `message` says so
};

class LogBuffer {
public:
    static constexpr std::size_t kDefaultMaxLines = 5000;
    static constexpr std::size_t kDefaultMaxBytes = 16 * 1024 * 1024;
    static constexpr std::size_t kMaxLineBytes = 64 * 1024;  // longer lines are cut and marked with "…"

    explicit LogBuffer(std::size_t max_lines = kDefaultMaxLines, std::size_t max_bytes = kDefaultMaxBytes);

    void append(std::string_view raw, std::string_view source = {});
    // A line that came in its parts; its raw text is "timestamp message".
    void append_parts(std::string_view timestamp, std::string_view message, std::string_view source = {});
    void append_gap(std::string_view words);
    void clear();  // the lines; counters stay

    [[nodiscard]] std::size_t size() const { return records_.size(); }
    [[nodiscard]] LogLine line(std::size_t index) const;  // 0 = oldest kept
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::uint64_t appended() const { return next_sequence_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }  // fell out at the front since the start
    [[nodiscard]] std::uint64_t version() const { return version_; }

private:
    struct Record {
        const char* text = nullptr;
        std::uint32_t length = 0;
        std::uint16_t message_begin = 0;  // offset of the message; the timestamp is what stands before it
        std::uint16_t source = 0;         // index into sources_; kGap for a gap
    };
    // Lines lie one behind the other. A block is given back when its last line has fallen out.
    struct Block {
        std::unique_ptr<char[]> bytes;
        std::size_t capacity = 0;
        std::size_t used = 0;
        std::size_t records = 0;
    };
    static constexpr std::size_t kBlockBytes = 64 * 1024;
    static constexpr std::uint16_t kGap = 0xffff;

    // The text is what `parts` are joined, with an ellipsis if it was cut.
    void add(std::string_view first, std::string_view second, bool cut, std::uint16_t message_begin, std::uint16_t source);
    void drop_front();
    [[nodiscard]] char* room_for(std::size_t length);
    [[nodiscard]] std::uint16_t index_of(std::string_view source);

    std::size_t max_bytes_;
    base::RingBuffer<Record> records_;
    std::deque<Block> blocks_;
    Block spare_;                          // of the last one given back: a full ring allocates nothing
    std::deque<std::string> sources_;
    std::size_t bytes_ = 0;
    std::uint64_t next_sequence_ = 0;
    std::uint64_t dropped_ = 0;
    std::uint64_t version_ = 0;
};

// Finds a level word in the first 120 bytes of a message: INFO, "level":"warn", [error], WARN:, E0716 (klog).
[[nodiscard]] LogLevel detect_level(std::string_view message);
// Length of an RFC 3339 timestamp at the front of `raw`, 0 when there is none.
[[nodiscard]] std::size_t timestamp_length(std::string_view raw);
// Time order of two RFC 3339 stamps in UTC whose fractions may differ in length: <0, 0, >0.
[[nodiscard]] int compare_timestamps(std::string_view a, std::string_view b);

}  // namespace model
