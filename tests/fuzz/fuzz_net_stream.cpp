// Any bytes as the hub's shared stream: frames read and written agree, and neither StreamLink, StreamMux nor WatchManager do anything but
// what their contracts allow: a channel has one end, offsets hold, views are told in order, nothing is connected twice.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/testing/virtual_scheduler.hpp"
#include "net/loopback.hpp"
#include "net/stream_frame.hpp"
#include "net/stream_link.hpp"
#include "net/stream_mux.hpp"
#include "net/watch_manager.hpp"
#include "net/watch_store.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void check_frames(std::string_view text) {
    std::string scratch;
    if (const auto data = net::read_stream_data(text, scratch)) {
        std::string again_scratch;
        const std::string written = net::write_stream_data(data->channel, data->offset, data->bytes);
        const auto again = net::read_stream_data(written, again_scratch);
        require(again && again->channel == data->channel && again->offset == data->offset && again->bytes == data->bytes);
    }
    if (const auto head = net::read_stream_head(text)) {
        const auto again = net::read_stream_head(net::write_stream_head(head->channel, head->head));
        require(again && again->channel == head->channel && again->head.status == head->head.status && again->head.headers.fields() == head->head.headers.fields());
    }
    if (const auto end = net::read_stream_end(text)) require(net::read_stream_end(net::write_stream_end(end->channel, end->bytes))->bytes == end->bytes);
    if (const auto failed = net::read_stream_error(text)) require(net::read_stream_error(net::write_stream_error(failed->channel, failed->error))->error.code == failed->error.code);
    if (const auto frame = net::read_watch_frame(text)) require((frame->object == nullptr) == (frame->type == net::WatchFrame::Type::bookmark));
    (void)net::read_watched(text);
    // As bytes of a body: out as they went in.
    const std::string_view body = text.substr(0, net::kMaxStreamDataBytes);
    const std::string written = net::write_stream_data("c", 7, body);
    const auto read = net::read_stream_data(written, scratch);
    require(read && read->bytes == body);
}

// Says "connected" and then whatever it is given; answers every POST.
struct Hub final : net::HttpHandler {
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        if (request.method == "POST") return writer->respond({200, {}, R"({"channel":"w"})"});
        require(!stream || stream->closed());
        writer->start({200, {{"content-type", "text/event-stream"}}});
        writer->write("id:1\nevent:connected\ndata:{\"clientId\":\"c\",\"resumed\":false}\n\n");
        stream = std::move(writer);
    }
    std::shared_ptr<net::ResponseWriter> stream;
};

}  // namespace

// Input: pieces, each up to a 0xFF byte, sent one after another; an empty piece cuts the connection.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random;
    Hub hub;
    net::LoopbackClient client(time, hub);
    net::StreamLink link(client, time, random, {});
    net::StreamMux mux(client, time, link);
    net::WatchManager watches(client, time, random, link);

    int ends = 0;
    bool synced = false;
    net::Request request{.target = "/v1/api/x"};
    request.headers.set("accept", "text/event-stream");
    const auto handle = mux.send(std::move(request), {.on_head = {}, .on_data = {}, .on_done = [&](const base::Result<void>&) { ++ends; }});
    const auto watch = watches.subscribe({.resource_type = "api/v1/pods"}, {.on_synced = [&](const net::WatchedObjects&, bool first) {
                                                                                require(first != synced);
                                                                                synced = true;
                                                                            },
                                                                            .on_event = [&](net::WatchChange, const net::WatchedPtr& object) { require(synced && object != nullptr); }});
    time.advance(10);
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    for (int pieces = 0; !rest.empty() && pieces < 200; ++pieces) {
        const auto end = std::min(rest.find('\xff'), rest.size());
        const std::string_view piece = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        check_frames(piece);
        if (piece.empty()) {
            if (hub.stream) hub.stream->abort();
        } else if (hub.stream) {
            hub.stream->write(piece);
        }
        time.advance(piece.empty() ? 1'000 : 1);
    }
    time.advance(30'000);
    require(ends <= 1);
    require(mux.channels().size() <= 1);
    return 0;
}
