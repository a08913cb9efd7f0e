#include "sse_service/redirect_client.hpp"

#include <utility>

#include "base/url.hpp"

namespace sse_service {

struct RedirectClient::Exchange {
    net::Request request;
    net::ResponseCallbacks callbacks;
    std::string origin;
    int redirects = 0;
    bool over = false;       // the handle was dropped
    net::RequestHandle handle;
};

class RedirectClient::Handle final : public net::RequestHandle::Impl {
public:
    explicit Handle(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
    ~Handle() override {
        exchange_->over = true;
        exchange_->handle.cancel();
    }
    void set_paused(bool paused) override { exchange_->handle.set_paused(paused); }

private:
    std::shared_ptr<Exchange> exchange_;
};

base::Result<std::unique_ptr<RedirectClient>> RedirectClient::create(gateway::AsioScheduler& loop, std::string origin) {
    auto client = std::unique_ptr<RedirectClient>(new RedirectClient(loop, std::move(origin)));
    if (const auto first = client->client_for(client->origin_); !first) return std::unexpected(first.error());
    return client;
}

base::Result<gateway::BeastClient*> RedirectClient::client_for(const std::string& origin) {
    auto& client = clients_[origin];
    if (!client) {
        auto made = gateway::BeastClient::create(loop_, {.base_url = origin});
        if (!made) return std::unexpected(made.error());
        client = std::move(*made);
    }
    return client.get();
}

net::RequestHandle RedirectClient::send(net::Request request, net::ResponseCallbacks callbacks) {
    const auto exchange = std::make_shared<Exchange>();
    exchange->request = std::move(request);
    exchange->callbacks = std::move(callbacks);
    exchange->origin = origin_;
    send_to(exchange);
    return net::RequestHandle(std::make_unique<Handle>(exchange));
}

void RedirectClient::send_to(const std::shared_ptr<Exchange>& exchange) {
    const auto client = client_for(exchange->origin);
    if (!client) {
        loop_.post([exchange, error = client.error()] {
            if (!exchange->over && exchange->callbacks.on_done) exchange->callbacks.on_done(std::unexpected(error));
        });
        return;
    }
    exchange->handle = (*client)->send(exchange->request, {.on_head =
                                                               [this, exchange](net::ResponseHead head) {
                                                                   if (follow(exchange, head)) return;
                                                                   if (exchange->callbacks.on_head) exchange->callbacks.on_head(std::move(head));
                                                               },
                                                           .on_data =
                                                               [exchange](std::string_view bytes) {
                                                                   if (exchange->callbacks.on_data) exchange->callbacks.on_data(bytes);
                                                               },
                                                           .on_done =
                                                               [exchange](base::Result<void> result) {
                                                                   if (exchange->callbacks.on_done) exchange->callbacks.on_done(std::move(result));
                                                               }});
}

bool RedirectClient::follow(const std::shared_ptr<Exchange>& exchange, const net::ResponseHead& head) {
    const int status = head.status;
    if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308) return false;
    const std::string_view location = head.headers.get("location");
    if (location.empty() || exchange->redirects == kMaxRedirects) return false;
    const auto url = base::parse_http_url(location.starts_with('/') ? exchange->origin + std::string(location) : std::string(location));
    if (!url) return false;
    ++exchange->redirects;
    if (status == 303 || (status < 303 && exchange->request.method == "POST")) {
        exchange->request.method = "GET";
        exchange->request.body.clear();
    }
    // What was meant for the one origin is no business of another.
    if (url->origin() != exchange->origin) exchange->request.headers.remove("authorization");
    exchange->origin = url->origin();
    exchange->request.target = url->path + (url->query.empty() ? "" : "?" + url->query);
    exchange->handle.cancel();
    // Not within the callback of the exchange that was just given up.
    loop_.post([this, exchange] {
        if (!exchange->over) send_to(exchange);
    });
    return true;
}

}  // namespace sse_service
