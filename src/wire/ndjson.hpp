// LineSplitter: bytes in any chunking to lines, for Kubernetes watch streams (one JSON object a line) and log streams.
//
//   wire::LineSplitter lines({.skip_blank = true});
//   lines.feed(chunk, [&](std::string_view line) { apply(line); });
//   // at the end of the body: a last line without its LF
//   lines.finish([&](std::string_view line) { apply(line); });
//
// A line ends at LF; one CR before it is dropped. Work is linear in the bytes fed, and a line that lies within one chunk is
// not copied. A line over max_line_bytes is not delivered as such: the overflow callback gets its first max_line_bytes
// (JSON: an error; a log: show it cut), the rest up to its LF is skipped, overflows() counts. The views are valid during the call.
// The bytes are handed on as they are: not checked for UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace wire {

struct LineLimits {
    std::size_t max_line_bytes = 16 * 1024 * 1024;
    bool skip_blank = false;  // NDJSON: blank lines mean nothing; a log: they are lines
};

class LineSplitter {
public:
    explicit LineSplitter(LineLimits limits = {}) : limits_(limits) {}

    template <class OnLine, class OnOverflow>
    void feed(std::string_view chunk, OnLine&& on_line, OnOverflow&& on_overflow) {
        while (!chunk.empty()) {
            const void* const found = std::memchr(chunk.data(), '\n', chunk.size());
            const bool ended = found != nullptr;
            const std::size_t length =
                ended ? static_cast<std::size_t>(static_cast<const char*>(found) - chunk.data()) : chunk.size();
            const std::string_view piece = chunk.substr(0, length);
            chunk.remove_prefix(length + (ended ? 1 : 0));
            take(piece, ended, on_line, on_overflow);
        }
    }
    template <class OnLine>
    void feed(std::string_view chunk, OnLine&& on_line) {
        feed(chunk, on_line, [](std::string_view) {});
    }

    // End of the body: delivers an unterminated last line. The splitter is then as new (overflows() stays).
    template <class OnLine>
    void finish(OnLine&& on_line) {
        if (!skipping_ && !pending_.empty()) deliver(pending_, on_line);
        reset();
    }
    // Drops what is pending: a cut connection, where half an object is no object.
    void reset() {
        pending_.clear();
        skipping_ = false;
    }
    [[nodiscard]] std::size_t buffered_bytes() const { return pending_.size(); }
    [[nodiscard]] std::uint64_t overflows() const { return overflows_; }

private:
    template <class OnLine, class OnOverflow>
    void take(std::string_view piece, bool ended, OnLine& on_line, OnOverflow& on_overflow) {
        if (!skipping_ && piece.size() > limits_.max_line_bytes - pending_.size()) {
            ++overflows_;
            skipping_ = true;
            pending_.append(piece.substr(0, limits_.max_line_bytes - pending_.size()));
            on_overflow(std::string_view(pending_));
            pending_.clear();
        }
        if (skipping_) {
            skipping_ = !ended;
        } else if (!ended) {
            pending_.append(piece);
        } else if (pending_.empty()) {
            deliver(piece, on_line);
        } else {
            pending_.append(piece);
            deliver(pending_, on_line);
            pending_.clear();
        }
    }
    template <class OnLine>
    void deliver(std::string_view line, OnLine& on_line) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty() || !limits_.skip_blank) on_line(line);
    }

    LineLimits limits_;
    std::string pending_;
    bool skipping_ = false;  // within a line that overflowed
    std::uint64_t overflows_ = 0;
};

}  // namespace wire
