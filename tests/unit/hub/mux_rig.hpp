// MuxRig: StreamLink and StreamMux of a tab against the hub's StreamSessions, with a network in between that can be cut anywhere, in virtual
// time.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "net/loopback.hpp"
#include "net/stream_link.hpp"
#include "net/stream_mux.hpp"
#include "unit/hub/mux_server.hpp"

namespace hub::testing {

// A network: hands on in pieces, and can be cut.
class FlakyNetwork final : public net::HttpClient {
public:
    FlakyNetwork(base::testing::VirtualScheduler& time, net::HttpHandler& server, std::uint64_t seed = 1)
        : random_(seed), inner_(time, server), front_(std::make_unique<net::LoopbackClient>(time, [this](net::ServerRequest request, std::shared_ptr<net::RelayWriter> writer) {
              relay(std::move(request), std::move(writer));
          })) {}
    ~FlakyNetwork() override {
        front_.reset();
        exchanges_.clear();
    }
    net::RequestHandle send(net::Request request, net::ResponseCallbacks callbacks) override { return front_->send(std::move(request), std::move(callbacks)); }

    // Every exchange ends with an error; what was on its way is lost.
    void cut() {
        for (const auto& exchange : std::exchange(exchanges_, {})) end(*exchange);
    }
    // Live streams only.
    void cut_streams() {
        const auto all = exchanges_;
        for (const auto& exchange : all) {
            if (exchange->is_stream) end(*exchange);
        }
        std::erase_if(exchanges_, [](const auto& exchange) { return exchange->ended; });
    }
    [[nodiscard]] std::size_t open_streams() const {
        std::size_t count = 0;
        for (const auto& exchange : exchanges_) count += exchange->is_stream ? 1 : 0;
        return count;
    }

    bool down = false;                  // nobody answers
    std::int64_t cut_stream_after = -1; // bytes more of live streams, then a cut within a piece; -1: never
    std::size_t max_piece = 0;          // 0: as they come
    int streams_opened = 0;
    std::size_t most_streams = 0;

private:
    struct Exchange {
        std::shared_ptr<net::RelayWriter> writer;
        net::RequestHandle handle;
        bool is_stream = false;
        bool ended = false;
    };

    static void end(Exchange& exchange) {
        exchange.ended = true;
        exchange.handle.cancel();
        exchange.writer->fail({base::ErrorCode::unavailable, "the network was cut", {}});
    }

    void relay(net::ServerRequest request, std::shared_ptr<net::RelayWriter> writer) {
        if (down) return writer->fail({base::ErrorCode::unavailable, "the network is down", {}});
        const auto exchange = std::make_shared<Exchange>();
        exchange->writer = writer;
        exchange->is_stream = request.target.find("/stream?") != std::string::npos;
        std::weak_ptr<Exchange> weak = exchange;
        writer->on_close([this, weak] {
            if (const auto gone = weak.lock()) std::erase(exchanges_, gone);
        });
        exchanges_.push_back(exchange);
        if (exchange->is_stream) ++streams_opened;
        most_streams = std::max(most_streams, open_streams());
        net::Request inner{.method = request.method, .target = request.target, .headers = request.headers, .body = request.body, .head_timeout_ms = 0};
        exchange->handle = inner_.send(std::move(inner), {.on_head =
                                                              [weak](net::ResponseHead head) {
                                                                  if (const auto open = weak.lock()) open->writer->start(std::move(head));
                                                              },
                                                          .on_data =
                                                              [this, weak](std::string_view bytes) {
                                                                  if (const auto open = weak.lock()) pass(open, bytes);
                                                              },
                                                          .on_done =
                                                              [this, weak](base::Result<void> result) {
                                                                  const auto open = weak.lock();
                                                                  if (!open) return;
                                                                  open->ended = true;
                                                                  std::erase(exchanges_, open);
                                                                  if (result) open->writer->end();
                                                                  else open->writer->fail(result.error());
                                                              }});
    }

    void pass(const std::shared_ptr<Exchange>& exchange, std::string_view bytes) {
        while (!bytes.empty() && !exchange->ended) {
            std::size_t size = max_piece == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 1 + random_.below(max_piece));
            bool cuts = false;
            if (exchange->is_stream && cut_stream_after >= 0) {
                if (static_cast<std::int64_t>(size) >= cut_stream_after) {
                    size = static_cast<std::size_t>(cut_stream_after);
                    cuts = true;
                }
                cut_stream_after -= static_cast<std::int64_t>(size);
            }
            const bool has_room = exchange->writer->write(bytes.substr(0, size));
            bytes.remove_prefix(size);
            if (cuts) {
                cut_stream_after = -1;
                return cut_streams();
            }
            if (has_room) continue;
            exchange->handle.set_paused(true);
            exchange->writer->on_drain([weak = std::weak_ptr<Exchange>(exchange)] {
                if (const auto open = weak.lock()) open->handle.set_paused(false);
            });
        }
    }

    base::testing::SeededRandom random_;
    net::LoopbackClient inner_;
    std::vector<std::shared_ptr<Exchange>> exchanges_;
    std::unique_ptr<net::LoopbackClient> front_;
};

// What a reader of a stream has seen.
struct Seen {
    net::RequestHandle handle;
    int status = 0;
    std::string body;
    bool done = false;
    std::optional<base::Error> error;
};

inline std::unique_ptr<Seen> open_stream(net::HttpClient& client, std::string target, net::Headers headers = {}) {
    auto seen = std::make_unique<Seen>();
    Seen* raw = seen.get();
    headers.set("accept", "text/event-stream");
    seen->handle = client.send({.target = "/v1/api" + std::move(target), .headers = std::move(headers)},
                               {.on_head = [raw](net::ResponseHead head) { raw->status = head.status; },
                                .on_data = [raw](std::string_view bytes) { raw->body += bytes; },
                                .on_done =
                                    [raw](base::Result<void> result) {
                                        raw->done = true;
                                        if (!result) raw->error = result.error();
                                    }});
    return seen;
}

}  // namespace hub::testing
