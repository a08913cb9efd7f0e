#include "hub/log_stream.hpp"

#include "base/time_text.hpp"
#include "base/url.hpp"
#include "hub/node_kinds.hpp"
#include "wire/sse_writer.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxErrorBytes = 64 * 1024;
// stdout and stderr are two pipes: a line may lie behind one with a later stamp.
constexpr std::int64_t kLateMs = 1'000;

std::string log_target(const LogRequest& request) {
    base::Query query{{"timestamps", "true"}};
    const auto after_ms = base::parse_rfc3339_ms(request.after);
    if (after_ms) query.add("sinceTime", base::format_rfc3339(*after_ms - kLateMs));
    else query.add("tailLines", std::to_string(request.tail));
    if (request.follow) query.add("follow", "true");
    if (request.previous) query.add("previous", "true");
    if (!request.container.empty()) query.add("container", request.container);
    if (request.since_seconds && !after_ms) query.add("sinceSeconds", std::to_string(*request.since_seconds));
    return resource_path("v1", "pods", request.ns, request.pod) + "/log" + query.to_suffix();
}

}  // namespace

LogStreams::~LogStreams() {
    for (auto& [id, stream] : streams_) {
        stream->upstream.cancel();
        stream->writer->write(wire::sse_event("complete", "The stream was closed by the server."));
        stream->writer->end();
    }
}

void LogStreams::open(const LogRequest& request, Writer writer) {
    const std::uint64_t id = next_id_++;
    auto stream = std::make_shared<Stream>(writer);
    streams_[id] = stream;
    writer->start(event_stream_head());
    const Json metadata = {{"pod", request.pod}, {"container", request.container}, {"namespace", request.ns}, {"cluster", request.cluster}};
    writer->write(wire::sse_event("metadata", dump_json(metadata)));
    heartbeat_.add(writer);
    // The writer may outlive this object, but then the stream is gone too.
    writer->on_close([this, id, weak = std::weak_ptr<Stream>(stream)] {
        if (!weak.expired()) streams_.erase(id);
    });
    net::Request upstream{.method = "GET", .target = log_target(request)};
    upstream.head_timeout_ms = 0;  // a server may send its head with the first line, which may be hours away
    stream->upstream = kube_.client().send(std::move(upstream),
                                           {.on_head = [weak = std::weak_ptr<Stream>(stream)](net::ResponseHead head) {
                                                if (const auto known = weak.lock()) known->status = head.status;
                                            },
                                            .on_data = [this, id](std::string_view bytes) { on_data(id, bytes); },
                                            .on_done = [this, id](base::Result<void> result) { on_done(id, result); }});
}

void LogStreams::on_data(std::uint64_t id, std::string_view bytes) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    const std::shared_ptr<Stream> stream = found->second;
    if (stream->status != 200) {
        if (stream->error_body.size() < kMaxErrorBytes) stream->error_body.append(bytes.substr(0, kMaxErrorBytes - stream->error_body.size()));
        return;
    }
    std::string events;
    std::string stamp;  // of the last line
    std::size_t count = 0;
    const auto add = [&](std::string_view line) {
        stamp = line.substr(0, line.find(' '));
        const bool position = count++ == 0 && base::parse_rfc3339(stamp);
        wire::append_sse_event(events, "log", line, {.id = position ? std::optional<std::string_view>(stamp) : std::nullopt});
    };
    stream->lines.feed(bytes, add, add);
    // An id without data is no event but the reader's position (WHATWG HTML 9.2.6).
    if (count > 1 && base::parse_rfc3339(stamp)) events += "id:" + stamp + "\n\n";
    if (events.empty() || stream->writer->write(events) || stream->paused) return;
    stream->paused = true;
    stream->upstream.set_paused(true);
    stream->writer->on_drain([weak = std::weak_ptr<Stream>(stream)] {
        const auto drained = weak.lock();
        if (!drained) return;
        drained->paused = false;
        drained->upstream.set_paused(false);
    });
}

void LogStreams::on_done(std::uint64_t id, const base::Result<void>& result) {
    const auto node = streams_.extract(id);
    if (node.empty()) return;
    const std::shared_ptr<Stream> stream = node.mapped();
    if (!result) {
        stream->writer->write(wire::sse_event("error", kube_transport_error(result.error()).message));
    } else if (stream->status != 200) {
        stream->writer->write(wire::sse_event("error", kube_error(stream->status, stream->error_body).message));
    } else {
        stream->lines.finish([&](std::string_view line) { stream->writer->write(wire::sse_event("log", line)); });
        stream->writer->write(wire::sse_event("complete", "The log has ended."));
    }
    stream->writer->end();
}

}  // namespace hub
