// BeastServer: serves a net::HttpHandler over HTTP/1.1.
//
//   auto server = gateway::BeastServer::listen(loop, handler, {.port = 8080});
//   if (!server) ...server.error()...                   // port in use: says which flag to use
//   (*server)->port();                                  // the real one when 0 was asked for
//   (*server)->shutdown([&] { loop.stop(); });
//
// Promises, beyond the contract in net/http.hpp:
//   - One request at a time per connection; pipelined ones wait. Keep-alive; `Expect: 100-continue` is answered.
//   - Limits: the head (431), the body (413, before it is read if it says its length), the time to send either (408), connections
//     (503). Malformed bytes get 400 and a close. All these are JSON {"error": ...}.
//   - Streams are chunked (HTTP/1.0: until close); write() lags by what the socket has not taken. A client that leaves is
//     noticed while streaming, by its FIN too.
//   - shutdown(): nobody new; idle connections close, live streams end cleanly (their on_close runs), answers under way get
//     `shutdown_timeout_ms` to arrive, then everything is cut.
//   - An exception out of the handler is a 500 (or a cut stream), never the end of the process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "gateway/asio_scheduler.hpp"
#include "net/http.hpp"

namespace gateway {

// What --log-requests prints. The query is left out: it may hold a token.
struct AccessRecord {
    std::string peer;
    std::string method;
    std::string path;
    int status = 0;          // 0: the client left before an answer
    std::uint64_t body_bytes = 0;
    std::int64_t duration_ms = 0;
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free one
    std::uint32_t max_head_bytes = 32 * 1024;
    std::uint64_t max_body_bytes = 8 * 1024 * 1024;
    std::int64_t head_timeout_ms = 15'000;  // from a request's first byte to the end of its head
    std::int64_t body_timeout_ms = 60'000;  // for the whole body
    std::int64_t keep_alive_ms = 75'000;    // between requests
    std::int64_t shutdown_timeout_ms = 5'000;
    std::size_t max_connections = 10'000;
    net::Headers extra_headers{};  // on every answer, errors too, unless the handler set that name
    std::shared_ptr<base::UniqueFunction<void(const AccessRecord&)>> on_access{};
};

class BeastServer {
public:
    // `loop` and `handler` must outlive the server; writers may outlive it.
    [[nodiscard]] static base::Result<std::unique_ptr<BeastServer>> listen(AsioScheduler& loop, net::HttpHandler& handler,
                                                                           ServerOptions options);
    ~BeastServer();  // cuts everything at once

    [[nodiscard]] std::uint16_t port() const;
    // "http://127.0.0.1:8080/"
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::size_t connection_count() const;
    // `done` runs once, in a task of its own, when the last connection is gone.
    void shutdown(base::UniqueFunction<void()> done);

private:
    class Impl;
    explicit BeastServer(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace gateway
