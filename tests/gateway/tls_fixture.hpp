// Certificates made on the spot, and a TLS door before a plain server: bytes that come in encrypted go on as they are.
//
//   test::Authority ca("Test CA");
//   test::TlsDoor door(loop, server->port(), ca.issue("localhost", {"DNS:localhost"}), {.client_ca_pem = ca.certificate_pem()});
//   "https://localhost:" + std::to_string(door.port())
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gateway/asio_scheduler.hpp"

namespace test {

struct Certificate {
    std::string certificate_pem;
    std::string key_pem;
};

class Authority {
public:
    explicit Authority(const std::string& name);
    ~Authority();
    Authority(const Authority&) = delete;
    Authority& operator=(const Authority&) = delete;

    // `alternative_names` as openssl writes them: "DNS:localhost,IP:127.0.0.1"; empty: a client's.
    [[nodiscard]] Certificate issue(const std::string& name, const std::string& alternative_names) const;
    [[nodiscard]] const std::string& certificate_pem() const { return pem_; }

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
    std::string pem_;
};

class TlsDoor {
public:
    // Lets in only those with a certificate of `client_ca_pem`, unless that is empty.
    TlsDoor(gateway::AsioScheduler& loop, std::uint16_t behind, const Certificate& certificate, const std::string& client_ca_pem = {});
    ~TlsDoor();
    TlsDoor(const TlsDoor&) = delete;
    TlsDoor& operator=(const TlsDoor&) = delete;
    [[nodiscard]] std::uint16_t port() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace test
