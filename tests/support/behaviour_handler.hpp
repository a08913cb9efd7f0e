// BehaviourHandler: the server end of the seam suite (http_behaviour.hpp). Everything the suite wants to know about it is
// asked over HTTP, so it can just as well run in another process (binnacle-behaviour-server, for the browser).
//
//   ANY    /echo...                     the body back; X-Method, X-Target, X-Body-Bytes; X-Send-<a> comes back as X-Seen-<a>
//   POST   /sum                         "<bytes> <checksum>" of the body
//   ANY    /status?code=N               that status, JSON body (no body for 204)
//   GET    /headers                     X-Twice twice, X-Mixed-Case, an empty X-Empty
//   GET    /bytes?n=N&chunk=C[&key=K]   N bytes of the pattern in chunks of C, waiting for on_drain when the reader lags
//   ANY    /hold?key=K                  nothing, until /control says what
//   POST   /control?key=K&op=OP         start, write (the body), end, abort, drop (the writer), respond (the body)
//   GET    /wait?key=K&for=WHAT         answers "yes" when the exchange of that key is opened, closed, lagged, drained or ended
//   GET    /state?key=K                 "opened=1 closed=0 lagged=0 drained=0 ended=0 max_queued=0 produced=0"
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.hpp"
#include "net/router.hpp"

namespace support {

// Byte `index` of every generated body, and an order-sensitive checksum (FNV-1a) over bytes.
[[nodiscard]] char pattern_byte(std::uint64_t index);
class Checksum {
public:
    void add(std::string_view bytes);
    [[nodiscard]] std::uint64_t value() const { return value_; }

private:
    std::uint64_t value_ = 14695981039346656037ULL;
};

class BehaviourHandler final : public net::HttpHandler {
public:
    BehaviourHandler();
    ~BehaviourHandler() override;
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override;

private:
    struct Held;
    using Writer = std::shared_ptr<net::ResponseWriter>;

    void add_routes();
    Held& held(std::string_view key);
    void watch(Held& held, const Writer& writer);
    void note(Held& held, bool Held::*what);
    void stream_bytes(const net::RoutedRequest& request, Writer writer);
    void control(const net::RoutedRequest& request, const Writer& writer);
    void wait(const net::RoutedRequest& request, Writer writer);

    net::Router router_;
    std::map<std::string, std::shared_ptr<Held>, std::less<>> held_;
};

}  // namespace support
