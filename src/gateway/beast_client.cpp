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

base::Result<void> set_up_tls(boost::asio::ssl::context& tls, const ClientOptions& options) {
    namespace ssl = boost::asio::ssl;
    boost::system::error_code error;
    const auto refuse = [&](const std::string& what) {
        return base::fail(base::ErrorCode::invalid_argument, what + ": " + error.message(), "It must be PEM");
    };
    tls.set_verify_mode(options.insecure ? ssl::verify_none : ssl::verify_peer, error);
    if (!options.ca_file.empty()) {
        tls.load_verify_file(options.ca_file, error);
        if (error) return refuse("Cannot read the certificates in \"" + options.ca_file + "\"");
    } else if (!options.ca_pem.empty()) {
        tls.add_certificate_authority(boost::asio::buffer(options.ca_pem), error);
        if (error) return refuse("Cannot read the certificate authority");
    } else {
        tls.set_default_verify_paths(error);
        if (error) return refuse("Cannot read the system's certificates");
    }
    if (options.client_cert_pem.empty()) return {};
    tls.use_certificate_chain(boost::asio::buffer(options.client_cert_pem), error);
    if (error) return refuse("Cannot read the client certificate");
    tls.use_private_key(boost::asio::buffer(options.client_key_pem), ssl::context::pem, error);
    if (error) return refuse("Cannot use the client key with the client certificate");
    return {};
}

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
        shared->tls = std::make_unique<boost::asio::ssl::context>(boost::asio::ssl::context::tls_client);
        if (auto ready = set_up_tls(*shared->tls, shared->options); !ready) return base::fail(ready.error());
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
