// StreamBudget: an HttpClient for the long streams of a backend that has no shared one: at most `max` are under way, the rest queue in order.
// Browsers allow six HTTP/1.1 connections per origin over all tabs; with six streams open a plain request hangs, and so does the next tab.
//
//   net::StreamBudget streams(http, 2);
//   streams.queued();             // for the developer panel: these wait
//
// A queued exchange has no timeout: its clock starts when it is sent. Otherwise the seam's rules hold (http.hpp).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "net/http.hpp"

namespace net {

class StreamBudget final : public HttpClient {
public:
    // `inner` must outlive the client.
    StreamBudget(HttpClient& inner, std::size_t max);
    ~StreamBudget() override;
    [[nodiscard]] RequestHandle send(Request request, ResponseCallbacks callbacks) override;

    [[nodiscard]] std::size_t running() const;
    // Targets that wait, in order.
    [[nodiscard]] std::vector<std::string> queued() const;

private:
    class Exchange;
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace net
