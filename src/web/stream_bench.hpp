// StreamBench: window.binnacle.bench on the page ?bench=logs, for whoever wants to compare with data of their own (docs/benchmarks.md):
// bytes of a text/event-stream, fed in chunks as they would come from fetch, through
//   sse    the parser alone
//   logs   the parser, the fields of each event's JSON, and the ring of a log panel (5,000 lines)
// It is the code of the live streams; nothing is left out or cached between two runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/log_buffer.hpp"
#include "model/log_fields.hpp"
#include "wire/sse_parser.hpp"

namespace web {

class StreamBench final : public wire::SseSink {
public:
    static constexpr std::size_t kChunkBytes = 64 * 1024;

    StreamBench();
    void begin(bool logs);
    // Where the next chunk is put; kChunkBytes long.
    [[nodiscard]] char* chunk() { return chunk_.data(); }
    void feed(std::size_t bytes);
    [[nodiscard]] double events() const { return static_cast<double>(events_); }
    // Of the ring: how many lines it kept, so that one sees that they went there.
    [[nodiscard]] double kept() const { return lines_ ? static_cast<double>(lines_->size()) : 0; }

    void on_event(const wire::SseEvent& event) override;

private:
    std::vector<char> chunk_;
    std::unique_ptr<wire::SseParser> parser_;
    std::unique_ptr<model::LogBuffer> lines_;  // null: the parser alone
    model::LogFieldReader reader_;
    std::uint64_t events_ = 0;
};

}  // namespace web
