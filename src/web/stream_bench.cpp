#include "web/stream_bench.hpp"

#include <emscripten.h>

#include <algorithm>

#include "web/bindings.hpp"

namespace web {

StreamBench::StreamBench() : chunk_(kChunkBytes) { bn_bench_start(this); }

void StreamBench::begin(bool logs) {
    parser_ = std::make_unique<wire::SseParser>();
    lines_ = logs ? std::make_unique<model::LogBuffer>() : nullptr;
    events_ = 0;
}

void StreamBench::feed(std::size_t bytes) { parser_->feed({chunk_.data(), std::min(bytes, kChunkBytes)}, static_cast<wire::SseSink&>(*this)); }

void StreamBench::on_event(const wire::SseEvent& event) {
    ++events_;
    if (!lines_) return;
    const model::LogFields fields = reader_.read(event.data);
    lines_->append_parts(fields.timestamp, fields.message, fields.source.empty() ? fields.stage : fields.source);
}

}  // namespace web

extern "C" {
EMSCRIPTEN_KEEPALIVE char* bn_bench_begin(web::StreamBench* self, int logs) {
    self->begin(logs != 0);
    return self->chunk();
}
EMSCRIPTEN_KEEPALIVE void bn_bench_feed(web::StreamBench* self, std::uint32_t bytes) { self->feed(bytes); }
EMSCRIPTEN_KEEPALIVE double bn_bench_events(web::StreamBench* self) { return self->events(); }
EMSCRIPTEN_KEEPALIVE double bn_bench_kept(web::StreamBench* self) { return self->kept(); }
}
