#include "gateway/byte_stream.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <algorithm>
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
    TlsStream(asio::io_context& context, asio::ssl::context& tls, std::string server_name, bool check_name)
        : stream_(context, tls),
          connector_(std::make_shared<Connector>(context, stream_.next_layer())),
          server_name_(std::move(server_name)),
          check_name_(check_name) {}

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
    std::string refusal() const override { return refusal_; }

private:
    void shake_hands(const std::string& host, OnConnected done) {
        const std::string& name = server_name_.empty() ? host : server_name_;
        error_code not_an_address;
        (void)asio::ip::make_address(name, not_an_address);
        // Server Name Indication is for names only (RFC 6066, 3).
        if (not_an_address) SSL_set_tlsext_host_name(stream_.native_handle(), name.c_str());
        error_code ignored;
        if (check_name_) {
            // Runs within the handshake, which holds this stream.
            stream_.set_verify_callback([this, name, matches = asio::ssl::host_name_verification(name)](bool accepted, asio::ssl::verify_context& certificate) {
                return accept(accepted, certificate, matches, name);
            }, ignored);
        }
        stream_.async_handshake(asio::ssl::stream_base::client,
                                [self = shared_from_this(), done = std::move(done)](error_code error) mutable { done(error); });
    }

    bool accept(bool accepted, asio::ssl::verify_context& certificate, const asio::ssl::host_name_verification& matches, const std::string& name) {
        X509_STORE_CTX* store = certificate.native_handle();
        if (!accepted) {
            refusal_ = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
            return false;
        }
        if (matches(accepted, certificate)) return true;
        const std::string names = names_of(X509_STORE_CTX_get_current_cert(store));
        refusal_ = "it is for " + (names.empty() ? "nobody" : names) + ", not for " + name;
        return false;
    }

    // The subject's alternative names: hosts and addresses.
    static std::string names_of(const X509* certificate) {
        std::string names;
        auto* list = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
        for (int i = 0; list && i < sk_GENERAL_NAME_num(list) && names.size() < 500; ++i) {
            const GENERAL_NAME* entry = sk_GENERAL_NAME_value(list, i);
            std::string text;
            if (entry->type == GEN_DNS) {
                text.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(entry->d.dNSName)), static_cast<std::size_t>(ASN1_STRING_length(entry->d.dNSName)));
            } else if (entry->type == GEN_IPADD) {
                const unsigned char* bytes = ASN1_STRING_get0_data(entry->d.iPAddress);
                if (ASN1_STRING_length(entry->d.iPAddress) == 4) {
                    text = asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{bytes[0], bytes[1], bytes[2], bytes[3]}).to_string();
                } else if (ASN1_STRING_length(entry->d.iPAddress) == 16) {
                    asio::ip::address_v6::bytes_type address;
                    std::copy(bytes, bytes + 16, address.begin());
                    text = asio::ip::make_address_v6(address).to_string();
                }
            }
            if (!text.empty()) names += (names.empty() ? "" : ", ") + text;
        }
        GENERAL_NAMES_free(list);
        return names;
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
    std::string server_name_;
    bool check_name_;
    std::string refusal_;
};

}  // namespace

std::shared_ptr<ByteStream> make_plain_stream(asio::io_context& context) { return std::make_shared<PlainStream>(context); }

std::shared_ptr<ByteStream> make_tls_stream(asio::io_context& context, asio::ssl::context& tls, std::string server_name, bool check_name) {
    return std::make_shared<TlsStream>(context, tls, std::move(server_name), check_name);
}

}  // namespace gateway
