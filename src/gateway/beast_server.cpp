#include "gateway/beast_server.hpp"

#include <boost/asio/io_context.hpp>
#include <vector>

#include "gateway/server_connection.hpp"

namespace gateway {

namespace asio = boost::asio;
using asio::ip::tcp;

class BeastServer::Impl final : public std::enable_shared_from_this<BeastServer::Impl> {
public:
    Impl(AsioScheduler& loop, net::HttpHandler& handler, ServerOptions options)
        : acceptor_(loop.context()), shared_(new ServerShared{loop, handler, std::move(options)}) {}

    base::Result<void> listen() {
        const ServerOptions& options = shared_->options;
        boost::system::error_code error;
        const auto address = asio::ip::make_address(options.address == "localhost" ? "127.0.0.1" : options.address, error);
        if (error) {
            return base::fail(base::ErrorCode::invalid_argument, "\"" + options.address + "\" is not an IP address",
                              "Give --bind an address of this machine: 127.0.0.1, ::1, 0.0.0.0");
        }
        const tcp::endpoint endpoint(address, options.port);
        acceptor_.open(endpoint.protocol(), error);
        if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (error) return base::fail(explain(error, endpoint));
        endpoint_ = acceptor_.local_endpoint(error);
        accept();
        return {};
    }

    [[nodiscard]] std::uint16_t port() const { return endpoint_.port(); }
    [[nodiscard]] std::string url() const {
        const std::string host = endpoint_.address().to_string();
        return "http://" + (endpoint_.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint_.port()) + "/";
    }
    [[nodiscard]] std::size_t connection_count() const { return shared_->live.size(); }

    void shutdown(base::UniqueFunction<void()> done) {
        stop_accepting();
        shared_->on_idle = std::move(done);
        for (auto& connection : held_connections()) connection->begin_shutdown();
        if (shared_->live.empty()) {
            if (shared_->on_idle) shared_->loop.post(std::move(shared_->on_idle));
            return;
        }
        deadline_ = shared_->loop.after(shared_->options.shutdown_timeout_ms, [this] { cut_all(); });
    }

    void stop_now() {
        stop_accepting();
        shared_->on_idle.reset();
        deadline_.cancel();
        cut_all();
    }

private:
    static base::Error explain(const boost::system::error_code& error, const tcp::endpoint& endpoint) {
        const std::string port = std::to_string(endpoint.port());
        const std::string where = endpoint.address().to_string() + " port " + port;
        if (error == asio::error::address_in_use) {
            return {base::ErrorCode::conflict, "Another program already listens on " + where,
                    "Stop it, or choose another port with --port N (--port 0 takes any free one)"};
        }
        if (error == asio::error::access_denied) {
            return {base::ErrorCode::forbidden, "No permission to listen on " + where,
                    "Ports below 1024 are reserved: choose another with --port N"};
        }
        if (error == boost::system::errc::address_not_available) {
            return {base::ErrorCode::invalid_argument, endpoint.address().to_string() + " is not an address of this machine",
                    "Choose another with --bind"};
        }
        return {base::ErrorCode::unavailable, "Cannot listen on " + where + ": " + error.message(), "See --bind and --port"};
    }

    void accept() {
        acceptor_.async_accept([weak = weak_from_this()](const boost::system::error_code& error, tcp::socket socket) {
            auto self = weak.lock();
            if (!self || self->shared_->stopping || error == asio::error::operation_aborted) return;
            if (!error) {
                auto connection = std::make_shared<ServerConnection>(self->shared_, std::move(socket));
                if (self->shared_->live.size() < self->shared_->options.max_connections) {
                    connection->start();
                } else {
                    connection->refuse();
                }
            } else if (error != asio::error::connection_aborted) {
                // Out of file descriptors, most likely: the next one may find some.
                constexpr std::int64_t kRetryMs = 100;
                self->deadline_ = self->shared_->loop.after(kRetryMs, [weak] {
                    if (auto again = weak.lock()) again->accept();
                });
                return;
            }
            self->accept();
        });
    }

    void stop_accepting() {
        shared_->stopping = true;
        boost::system::error_code ignored;
        acceptor_.close(ignored);
    }

    // Ending one may end others: each is held while its turn comes.
    [[nodiscard]] std::vector<std::shared_ptr<ServerConnection>> held_connections() const {
        std::vector<std::shared_ptr<ServerConnection>> held;
        for (auto* connection : shared_->live) {
            if (auto strong = connection->weak_from_this().lock()) held.push_back(std::move(strong));
        }
        return held;
    }

    void cut_all() {
        for (auto& connection : held_connections()) connection->cut();
    }

    tcp::acceptor acceptor_;
    tcp::endpoint endpoint_;
    std::shared_ptr<ServerShared> shared_;
    base::Timer deadline_;
};

base::Result<std::unique_ptr<BeastServer>> BeastServer::listen(AsioScheduler& loop, net::HttpHandler& handler, ServerOptions options) {
    auto impl = std::make_shared<Impl>(loop, handler, std::move(options));
    if (auto listening = impl->listen(); !listening) return base::fail(std::move(listening).error());
    return std::unique_ptr<BeastServer>(new BeastServer(std::move(impl)));
}

BeastServer::BeastServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
BeastServer::~BeastServer() { impl_->stop_now(); }
std::uint16_t BeastServer::port() const { return impl_->port(); }
std::string BeastServer::url() const { return impl_->url(); }
std::size_t BeastServer::connection_count() const { return impl_->connection_count(); }
void BeastServer::shutdown(base::UniqueFunction<void()> done) { impl_->shutdown(std::move(done)); }

}  // namespace gateway
