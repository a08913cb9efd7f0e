#include "gateway/byte_stream.hpp"

#include <openssl/ssl.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <vector>

namespace gateway {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// Name to connected socket.
class Connector final : public std::enable_shared_from_this<Connector> {
public:
    Connector(asio::io_context& context, tcp::socket& socket) : resolver_(context), socket_(socket) {}

    void connect(const std::string& host, std::uint16_t port, ByteStream::OnConnected done) {
        done_ = std::move(done);
        error_code not_an_address;
        const auto address = asio::ip::make_address(host, not_an_address);
        if (!not_an_address) return try_endpoints({tcp::endpoint(address, port)});
        resolver_.async_resolve(host, std::to_string(port),
                                [self = shared_from_this()](error_code error, const tcp::resolver::results_type& results) {
                                    if (error) return self->finish(error);
                                    std::vector<tcp::endpoint> endpoints;
                                    for (const auto& result : results) endpoints.push_back(result.endpoint());
                                    self->try_endpoints(std::move(endpoints));
                                });
    }
    void cancel() {
        cancelled_ = true;
        resolver_.cancel();
    }

private:
    void try_endpoints(std::vector<tcp::endpoint> endpoints) {
        if (cancelled_) return finish(asio::error::operation_aborted);
        endpoints_ = std::move(endpoints);
        asio::async_connect(socket_, endpoints_, [self = shared_from_this()](error_code error, const tcp::endpoint&) {
            if (!error && self->cancelled_) error = asio::error::operation_aborted;
            if (!error) {
                error_code ignored;
                self->socket_.set_option(tcp::no_delay(true), ignored);
                self->socket_.set_option(asio::socket_base::keep_alive(true), ignored);
            }
            self->finish(error);
        });
    }
    // The callback holds the stream, which holds this: it must not stay.
    void finish(error_code error) {
        auto done = std::move(done_);
        done(error);
    }

    tcp::resolver resolver_;
    tcp::socket& socket_;  // of the stream, which the callback holds
    ByteStream::OnConnected done_;
    std::vector<tcp::endpoint> endpoints_;
    bool cancelled_ = false;
};

class PlainStream final : public ByteStream, public std::enable_shared_from_this<PlainStream> {
public:
    explicit PlainStream(asio::io_context& context)
        : socket_(context), connector_(std::make_shared<Connector>(context, socket_)) {}

    void connect(const std::string& host, std::uint16_t port, OnConnected done) override {
        connector_->connect(host, port, [self = shared_from_this(), done = std::move(done)](error_code error) mutable { done(error); });
    }
    void read_some(asio::mutable_buffer buffer, OnBytes done) override { socket_.async_read_some(buffer, held(std::move(done))); }
    void write_all(asio::const_buffer buffer, OnBytes done) override { asio::async_write(socket_, buffer, held(std::move(done))); }
    void close() override {
        connector_->cancel();
        error_code ignored;
        socket_.close(ignored);
    }

private:
    OnBytes held(OnBytes done) {
        return [self = shared_from_this(), done = std::move(done)](error_code error, std::size_t size) mutable { done(error, size); };
    }
    tcp::socket socket_;
    std::shared_ptr<Connector> connector_;
};

class TlsStream final : public ByteStream, public std::enable_shared_from_this<TlsStream> {
public:
    TlsStream(asio::io_context& context, asio::ssl::context& tls)
        : stream_(context, tls), connector_(std::make_shared<Connector>(context, stream_.next_layer())) {}

    void connect(const std::string& host, std::uint16_t port, OnConnected done) override {
        connector_->connect(host, port, [self = shared_from_this(), host, done = std::move(done)](error_code error) mutable {
            if (error) return done(error);
            self->shake_hands(host, std::move(done));
        });
    }
    void read_some(asio::mutable_buffer buffer, OnBytes done) override { stream_.async_read_some(buffer, held(std::move(done))); }
    void write_all(asio::const_buffer buffer, OnBytes done) override { asio::async_write(stream_, buffer, held(std::move(done))); }
    void close() override {
        connector_->cancel();
        error_code ignored;
        stream_.next_layer().close(ignored);
    }

private:
    void shake_hands(const std::string& host, OnConnected done) {
        error_code not_an_address;
        (void)asio::ip::make_address(host, not_an_address);
        // Server Name Indication is for names only (RFC 6066, 3).
        if (not_an_address) SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str());
        error_code ignored;
        stream_.set_verify_callback(asio::ssl::host_name_verification(host), ignored);
        stream_.async_handshake(asio::ssl::stream_base::client,
                                [self = shared_from_this(), done = std::move(done)](error_code error) mutable { done(error); });
    }
    OnBytes held(OnBytes done) {
        return [self = shared_from_this(), done = std::move(done)](error_code error, std::size_t size) mutable {
            // A cut without close_notify: the HTTP framing above knows whether anything is missing.
            if (error == asio::ssl::error::stream_truncated) error = asio::error::eof;
            done(error, size);
        };
    }
    asio::ssl::stream<tcp::socket> stream_;
    std::shared_ptr<Connector> connector_;
};

}  // namespace

std::shared_ptr<ByteStream> make_plain_stream(asio::io_context& context) { return std::make_shared<PlainStream>(context); }

std::shared_ptr<ByteStream> make_tls_stream(asio::io_context& context, asio::ssl::context& tls) {
    return std::make_shared<TlsStream>(context, tls);
}

}  // namespace gateway
