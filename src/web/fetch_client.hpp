// FetchClient: net::HttpClient over the browser's fetch(), by Emscripten's Fetch API with FETCH_STREAMING.
//
// The contract is net/http.hpp's. What the browser adds: same-origin credentials, redirects are followed, forbidden header names
// (Host, Cookie, ...) are dropped, repeated answer headers arrive joined by ", ", and there is no back-pressure: while a handle is
// paused its bytes wait here, up to kMaxBufferedBytes, then the exchange fails with too_large.
//
//   FetchClient client(scheduler, "https://hub.example/base");   // or "" for this page's origin
//   handle = client.send({.target = "/v1/api/workflows"}, {...});
#pragma once

#include <memory>
#include <string>

#include "base/scheduler.hpp"
#include "net/http.hpp"

namespace web {

class FetchClient final : public net::HttpClient {
public:
    static constexpr std::size_t kMaxBufferedBytes = 64 * 1024 * 1024;
    // Browsers allow 64 KiB for all keepalive requests under way; a larger body is sent as usual, and ends with the page.
    static constexpr std::size_t kMaxKeepaliveBytes = 60'000;

    // `base` is put before every target: an origin, perhaps with a path, without a slash at the end.
    FetchClient(base::Scheduler& scheduler, std::string base);
    ~FetchClient() override;
    [[nodiscard]] net::RequestHandle send(net::Request request, net::ResponseCallbacks callbacks) override;

    // While the page is leaving, small requests are sent to outlive it; their answers may find nobody.
    void set_leaving(bool leaving) { leaving_ = leaving; }
    // Exchanges whose answer has not begun.
    [[nodiscard]] int waiting() const;

private:
    class Exchange;
    struct Shared;
    struct Route;
    class Handle;
    std::string base_;
    bool leaving_ = false;
    std::shared_ptr<Shared> shared_;
};

}  // namespace web
