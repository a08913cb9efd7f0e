// FaultServer: an HttpHandler that serves one event stream and misbehaves as badly as its plan allows; and SlowClient, an HttpClient whose
// reader falls asleep. Both by seeded chance on a virtual clock, so a scenario is its seed.
//
//   FaultServer server(time, random, [&](const net::ServerRequest& request) { return board.opening(request); });
//   server.set_faults(FaultServer::Faults::harsh());
//   server.send("data: x\n\n");                  // to whoever is connected
//   server.set_faults({});                       // from here on it behaves; what was begun badly ends badly
//
// What can go wrong: a request is refused with any status, hangs without a head, or is cut before one; a token has expired; the body
// comes in pieces of any size with pauses, is cut or ended after any byte, or falls silent for good while the connection
// stays. restart() cuts everybody. While it behaves it sends a comment every kHeartbeatMs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "base/unique_function.hpp"
#include "net/http.hpp"

namespace support {

class FaultServer final : public net::HttpHandler {
public:
    static constexpr std::int64_t kHeartbeatMs = 15'000;

    // Chances in percent, per request or per connection.
    struct Faults {
        int refuse = 0;             // one of all statuses, or a page in place of a stream
        int hang = 0;               // no head ever
        int cut_before_head = 0;
        int cut = 0;                // somewhere in the first kCutWithinBytes of the body
        int stall = 0;              // silence from somewhere in them
        std::size_t max_piece = 0;  // bytes a piece; 0: as they are sent
        std::int64_t max_pause_ms = 0;
        [[nodiscard]] static Faults harsh() { return {.refuse = 20, .hang = 3, .cut_before_head = 8, .cut = 60, .stall = 25, .max_piece = 40, .max_pause_ms = 40}; }
    };
    static constexpr std::size_t kCutWithinBytes = 200;

    struct Counts {
        std::uint64_t requests = 0, refused = 0, hung = 0, cut = 0, stalled = 0;
    };

    // The first bytes of a connection, as of the request; called when its head has been sent.
    using Opening = base::UniqueFunction<std::string(const net::ServerRequest&)>;

    FaultServer(base::Scheduler& scheduler, base::Random& random, Opening opening);
    ~FaultServer() override;

    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override;
    void send(std::string_view bytes);
    void restart();
    void set_faults(Faults faults) { faults_ = faults; }
    // Requests without it get a 401; empty: none is asked for.
    void require_token(std::string token) { token_ = std::move(token); }
    // Exactly this many bytes of the next body are sent, then it is cut.
    void cut_next_after(std::size_t bytes) { next_cut_ = static_cast<std::int64_t>(bytes); }

    [[nodiscard]] std::size_t connections() const { return connections_.size(); }  // hanging ones among them
    [[nodiscard]] std::size_t most_connections() const { return most_; }           // at once, so far
    [[nodiscard]] const Counts& counts() const { return counts_; }

private:
    struct Connection;

    [[nodiscard]] bool chance(int percent) { return random_.below(100) < static_cast<std::uint64_t>(percent); }
    void refuse(net::ResponseWriter& writer);
    void pump(const std::shared_ptr<Connection>& connection);
    void beat(const std::shared_ptr<Connection>& connection);
    void write_piece(const std::shared_ptr<Connection>& connection);
    void drop(std::uint64_t id);

    base::Scheduler& scheduler_;
    base::Random& random_;
    Opening opening_;
    Faults faults_;
    std::string token_;
    std::int64_t next_cut_ = -1;
    Counts counts_;
    std::uint64_t next_id_ = 1;
    std::size_t most_ = 0;
    std::map<std::uint64_t, std::shared_ptr<Connection>> connections_;
    std::shared_ptr<FaultServer*> self_;
};

// Hands requests on, and while it is drowsy stops reading a body now and then, for a while.
class SlowClient final : public net::HttpClient {
public:
    SlowClient(net::HttpClient& inner, base::Scheduler& scheduler, base::Random& random) : inner_(inner), scheduler_(scheduler), random_(random) {}
    [[nodiscard]] net::RequestHandle send(net::Request request, net::ResponseCallbacks callbacks) override;
    void set_drowsy(bool drowsy) { *drowsy_ = drowsy; }

private:
    class Handle;
    net::HttpClient& inner_;
    base::Scheduler& scheduler_;
    base::Random& random_;
    std::shared_ptr<bool> drowsy_ = std::make_shared<bool>(false);
};

}  // namespace support
