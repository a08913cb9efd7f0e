#include "tls_fixture.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch_test_macros.hpp>

namespace test {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
}

std::string pem_of(X509* certificate) {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate);
    return text_of(bio);
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    REQUIRE(extension);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

X509* make_certificate(const std::string& name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key, const std::string& alternative_names) {
    static long serial = 1;
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509* signer = issuer ? issuer : certificate;
    X509_set_issuer_name(certificate, X509_get_subject_name(signer));
    add_extension(certificate, signer, NID_basic_constraints, issuer ? "critical,CA:FALSE" : "critical,CA:TRUE");
    if (!alternative_names.empty()) add_extension(certificate, signer, NID_subject_alt_name, alternative_names);
    REQUIRE(X509_sign(certificate, issuer_key, EVP_sha256()) > 0);
    return certificate;
}

}  // namespace

struct Authority::Impl {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = nullptr;
    ~Impl() {
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
};

Authority::Authority(const std::string& name) : impl_(std::make_unique<Impl>()) {
    impl_->certificate = make_certificate(name, impl_->key, nullptr, impl_->key, {});
    pem_ = pem_of(impl_->certificate);
}
Authority::~Authority() = default;

Certificate Authority::issue(const std::string& name, const std::string& alternative_names) const {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = make_certificate(name, key, impl_->certificate, impl_->key, alternative_names);
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    Certificate made{pem_of(certificate), text_of(bio)};
    X509_free(certificate);
    EVP_PKEY_free(key);
    return made;
}

namespace {

// One connection: what is read on either side is written on the other.
struct Pipe : std::enable_shared_from_this<Pipe> {
    Pipe(tcp::socket socket, asio::ssl::context& tls, std::uint16_t its_behind)
        : outside(std::move(socket), tls), inside(outside.get_executor()), behind(its_behind) {}

    void start() {
        outside.async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](error_code error) {
            if (error) return self->close();
            self->inside.async_connect({asio::ip::address_v4::loopback(), self->behind}, [self](error_code refused) {
                if (refused) return self->close();
                self->pump(self->outside, self->inside, self->inward);
                self->pump(self->inside, self->outside, self->outward);
            });
        });
    }
    template <class From, class To>
    void pump(From& from, To& to, std::array<char, 16384>& buffer) {
        from.async_read_some(asio::buffer(buffer), [self = shared_from_this(), &from, &to, &buffer](error_code error, std::size_t size) {
            if (error) return self->close();
            asio::async_write(to, asio::buffer(buffer.data(), size), [self, &from, &to, &buffer](error_code failed, std::size_t) {
                if (failed) return self->close();
                self->pump(from, to, buffer);
            });
        });
    }
    void close() {
        error_code ignored;
        outside.next_layer().close(ignored);
        inside.close(ignored);
    }

    asio::ssl::stream<tcp::socket> outside;
    tcp::socket inside;
    std::uint16_t behind;
    std::array<char, 16384> inward{};
    std::array<char, 16384> outward{};
};

}  // namespace

struct TlsDoor::Impl : std::enable_shared_from_this<TlsDoor::Impl> {
    Impl(gateway::AsioScheduler& loop, std::uint16_t its_behind)
        : acceptor(loop.context(), tcp::endpoint(asio::ip::address_v4::loopback(), 0)), behind(its_behind) {}

    void accept() {
        acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
            if (error) return;
            auto pipe = std::make_shared<Pipe>(std::move(socket), self->tls, self->behind);
            self->pipes.push_back(pipe);
            pipe->start();
            self->accept();
        });
    }

    asio::ssl::context tls{asio::ssl::context::tls_server};
    tcp::acceptor acceptor;
    std::uint16_t behind;
    std::vector<std::weak_ptr<Pipe>> pipes;
};

TlsDoor::TlsDoor(gateway::AsioScheduler& loop, std::uint16_t behind, const Certificate& certificate, const std::string& client_ca_pem)
    : impl_(std::make_shared<Impl>(loop, behind)) {
    impl_->tls.use_certificate_chain(asio::buffer(certificate.certificate_pem));
    impl_->tls.use_private_key(asio::buffer(certificate.key_pem), asio::ssl::context::pem);
    if (!client_ca_pem.empty()) {
        impl_->tls.add_certificate_authority(asio::buffer(client_ca_pem));
        impl_->tls.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    }
    impl_->accept();
}
TlsDoor::~TlsDoor() {
    error_code ignored;
    impl_->acceptor.close(ignored);
    for (const auto& weak : impl_->pipes) {
        if (const auto pipe = weak.lock()) pipe->close();
    }
}
std::uint16_t TlsDoor::port() const { return impl_->acceptor.local_endpoint().port(); }

}  // namespace test
