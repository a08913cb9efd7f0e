// ClientExchange and ClientConnection: one request of BeastClient, and the connection it may hand on. Internal to the client.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/url.hpp"
#include "gateway/beast_client.hpp"
#include "gateway/byte_stream.hpp"
#include "gateway/response_parser.hpp"

namespace gateway {

class ClientExchange;
class ClientConnection;

// What all exchanges of a client share.
struct ClientShared {
    AsioScheduler& loop;
    ClientOptions options;
    base::HttpUrl url;
    std::string prefix;  // "" or "/k8s"
    std::unique_ptr<boost::asio::ssl::context> tls{};
    std::unordered_set<ClientExchange*> live{};
    std::vector<std::shared_ptr<ClientConnection>> idle{};  // the most recently used last

    [[nodiscard]] std::shared_ptr<ByteStream> make_stream() const;
};

// Always has a read under way once connected, so that a server's close is noticed while idle too.
class ClientConnection final : public std::enable_shared_from_this<ClientConnection> {
public:
    explicit ClientConnection(std::shared_ptr<ByteStream> stream) : stream_(std::move(stream)) {}
    ~ClientConnection() { stream_->close(); }

    [[nodiscard]] ByteStream& stream() { return *stream_; }
    void use(std::weak_ptr<ClientExchange> user) {
        user_ = std::move(user);
        ++uses_;
    }
    [[nodiscard]] bool reused() const { return uses_ > 1; }
    void read();
    void park(const std::shared_ptr<ClientShared>& shared);
    void unpark() { idle_timer_.cancel(); }
    void close() {
        user_.reset();
        idle_timer_.cancel();
        stream_->close();
    }

private:
    void leave_pool();

    std::shared_ptr<ByteStream> stream_;
    std::weak_ptr<ClientExchange> user_;
    std::weak_ptr<ClientShared> pool_;
    base::Timer idle_timer_;
    int uses_ = 0;
    bool reading_ = false;
    std::array<char, std::size_t{64} * 1024> buffer_{};
};

class ClientExchange final : public std::enable_shared_from_this<ClientExchange> {
public:
    ClientExchange(std::shared_ptr<ClientShared> shared, net::Request request, net::ResponseCallbacks callbacks);
    ~ClientExchange();

    void start();
    void cancel();
    void set_paused(bool paused);
    void on_read(const boost::system::error_code& error, std::string_view bytes);

private:
    using ErrorCode = boost::system::error_code;

    void begin(bool fresh_connection);
    void connected(const ErrorCode& error);
    void write_request();
    [[nodiscard]] std::string request_text() const;
    void feed();
    void on_eof(const ErrorCode& error);
    bool retry_on_fresh_connection();
    void fail(base::ErrorCode code, std::string message, std::string hint = {});
    void deliver();
    void schedule_deliver();
    void finish(base::Result<void> result);
    void release_connection(bool reusable);
    void release_callbacks();
    void arm_idle_timeout();
    void leave();

    std::shared_ptr<ClientShared> shared_;
    net::Request request_;
    net::ResponseCallbacks callbacks_;
    std::shared_ptr<ClientConnection> connection_;
    std::string request_text_;
    bool request_written_ = false;
    bool retried_ = false;
    bool bytes_seen_ = false;

    std::optional<ResponseParser> parser_;
    std::string in_;
    bool head_ready_ = false;
    bool head_delivered_ = false;
    std::optional<base::Result<void>> outcome_;  // known, delivered after the body
    base::Timer timer_;                          // head timeout, then idle timeout

    bool paused_ = false;
    bool delivering_ = false;
    bool deliver_scheduled_ = false;
    bool over_ = false;  // done or cancelled: no callback any more
};

}  // namespace gateway
