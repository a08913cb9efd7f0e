#include "gateway/beast_client.hpp"

#include "gateway/client_exchange.hpp"

namespace gateway {

namespace {

class ExchangeHandle final : public net::RequestHandle::Impl {
public:
    explicit ExchangeHandle(std::shared_ptr<ClientExchange> exchange) : exchange_(std::move(exchange)) {}
    ~ExchangeHandle() override { exchange_->cancel(); }
    void set_paused(bool paused) override { exchange_->set_paused(paused); }

private:
    std::shared_ptr<ClientExchange> exchange_;
};

}  // namespace

class BeastClient::Impl {
public:
    explicit Impl(std::shared_ptr<ClientShared> its_shared) : shared(std::move(its_shared)) {}
    ~Impl() {
        std::vector<std::shared_ptr<ClientExchange>> live;
        for (auto* exchange : shared->live) {
            if (auto held = exchange->weak_from_this().lock()) live.push_back(std::move(held));
        }
        for (auto& exchange : live) exchange->cancel();
        for (auto& connection : shared->idle) connection->close();
        shared->idle.clear();
    }
    std::shared_ptr<ClientShared> shared;
};

base::Result<std::unique_ptr<BeastClient>> BeastClient::create(AsioScheduler& loop, ClientOptions options) {
    auto url = base::parse_http_url(options.base_url);
    if (!url) return base::fail(url.error());
    auto shared = std::make_shared<ClientShared>(ClientShared{loop, std::move(options), *url, url->path});
    while (shared->prefix.ends_with('/')) shared->prefix.pop_back();
    if (url->is_tls()) {
        boost::system::error_code error;
        shared->tls = std::make_unique<boost::asio::ssl::context>(boost::asio::ssl::context::tls_client);
        shared->tls->set_verify_mode(boost::asio::ssl::verify_peer, error);
        if (shared->options.ca_file.empty()) {
            shared->tls->set_default_verify_paths(error);
        } else {
            shared->tls->load_verify_file(shared->options.ca_file, error);
        }
        if (error) {
            return base::fail(base::ErrorCode::invalid_argument,
                              "Cannot read the certificates in \"" + shared->options.ca_file + "\": " + error.message(), "It must be a PEM file");
        }
    }
    return std::unique_ptr<BeastClient>(new BeastClient(std::make_shared<Impl>(std::move(shared))));
}

BeastClient::BeastClient(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
BeastClient::~BeastClient() = default;

net::RequestHandle BeastClient::send(net::Request request, net::ResponseCallbacks callbacks) {
    auto exchange = std::make_shared<ClientExchange>(impl_->shared, std::move(request), std::move(callbacks));
    exchange->start();
    return net::RequestHandle(std::make_unique<ExchangeHandle>(std::move(exchange)));
}

std::size_t BeastClient::idle_connection_count() const { return impl_->shared->idle.size(); }

}  // namespace gateway
