// RedirectClient: a client over sockets that follows redirects, as a browser's fetch does under the same EventStream. One BeastClient
// per origin it meets. 301, 302 and 303 make a GET of what was a POST, 307 and 308 repeat the request (fetch standard, HTTP-redirect
// fetch). At most kMaxRedirects; without a Location that leads somewhere the redirect itself is the answer.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "gateway/asio_scheduler.hpp"
#include "gateway/beast_client.hpp"
#include "net/http.hpp"

namespace sse_service {

class RedirectClient final : public net::HttpClient {
public:
    static constexpr int kMaxRedirects = 20;

    // `origin`: "http://127.0.0.1:8001".
    [[nodiscard]] static base::Result<std::unique_ptr<RedirectClient>> create(gateway::AsioScheduler& loop, std::string origin);
    [[nodiscard]] net::RequestHandle send(net::Request request, net::ResponseCallbacks callbacks) override;

private:
    struct Exchange;
    class Handle;

    RedirectClient(gateway::AsioScheduler& loop, std::string origin) : loop_(loop), origin_(std::move(origin)) {}
    [[nodiscard]] base::Result<gateway::BeastClient*> client_for(const std::string& origin);
    void send_to(const std::shared_ptr<Exchange>& exchange);
    // True when it goes on elsewhere.
    [[nodiscard]] bool follow(const std::shared_ptr<Exchange>& exchange, const net::ResponseHead& head);

    gateway::AsioScheduler& loop_;
    std::string origin_;
    std::map<std::string, std::unique_ptr<gateway::BeastClient>> clients_;
};

}  // namespace sse_service
