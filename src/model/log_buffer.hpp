// LogBuffer: the lines of one log panel. A ring with a line cap and a byte cap; what falls out at the front is counted.
// Appending copies the bytes once and parses nothing but the timestamp (the level is found when a line is drawn).
//
//   LogBuffer log(5000);
//   log.append("2026-01-01T00:00:00.123456789Z GET / 200");
//   for (std::size_t i = 0; i < log.size(); ++i) draw(log.line(i).message);
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace model {

enum class LogLevel : std::uint8_t { none, trace, debug, info, warning, error };

// Views are valid until the next append() or clear().
struct LogLine {
    std::uint64_t sequence = 0;     // 0 for the first line ever appended; the id of the line
    std::string_view raw;
    std::string_view timestamp;     // RFC 3339 prefix of `raw`, or empty
    std::string_view message;       // `raw` without the timestamp and the blank behind it
    std::string_view source;        // pod name, or empty
};

class LogBuffer {
public:
    static constexpr std::size_t kDefaultMaxLines = 5000;
    static constexpr std::size_t kDefaultMaxBytes = 16 * 1024 * 1024;
    static constexpr std::size_t kMaxLineBytes = 64 * 1024;  // longer lines are cut and marked with "…"

    explicit LogBuffer(std::size_t max_lines = kDefaultMaxLines, std::size_t max_bytes = kDefaultMaxBytes);

    void append(std::string_view raw, std::string_view source = {});
    void clear();  // the lines; counters stay

    [[nodiscard]] std::size_t size() const { return records_.size(); }
    [[nodiscard]] LogLine line(std::size_t index) const;  // 0 = oldest kept
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::uint64_t appended() const { return next_sequence_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }  // fell out at the front since the start
    [[nodiscard]] std::uint64_t version() const { return version_; }

private:
    struct Record {
        std::string text;             // raw
        std::uint16_t message_begin;  // offset of the message in raw
        std::uint16_t source;         // index into sources_
    };
    std::size_t max_lines_;
    std::size_t max_bytes_;
    std::deque<Record> records_;
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

}  // namespace model
