// BeastClient: a net::HttpClient over HTTP/1.1 sockets, bound to one base address (http or https, with a path prefix).
//
//   auto client = gateway::BeastClient::create(loop, {.base_url = "http://127.0.0.1:8001/k8s"});
//   if (!client) ...client.error()...                         // malformed address, unreadable CA file
//   (*client)->send({.target = "/api/v1/pods"}, ...);         // asks for /k8s/api/v1/pods
//
// Keeps idle connections for further requests; an idempotent request that meets a connection the server has just closed is
// sent again once. A paused exchange stops reading from its socket, so the server notices. Redirects are not followed.
// https: the system's certificates (or `ca_file`, `ca_pem`), host name checked; a certificate that is refused is described in the error.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "gateway/asio_scheduler.hpp"
#include "net/http.hpp"

namespace gateway {

struct ClientOptions {
    std::string base_url{};
    std::string ca_file{};           // PEM; empty: `ca_pem`, or the system's
    std::string ca_pem{};            // certificate authorities as text
    std::string client_cert_pem{};   // shown to the server, with its chain
    std::string client_key_pem{};
    std::string tls_server_name{};   // in place of the address's host, for SNI and the check of the certificate
    bool insecure = false;           // any certificate will do
    net::Headers extra_headers{};    // on every request that does not set them itself
    std::size_t max_idle_connections = 16;
    std::int64_t idle_connection_ms = 30'000;
    std::uint32_t max_head_bytes = 64 * 1024;
};

class BeastClient final : public net::HttpClient {
public:
    // `loop` must outlive the client and its handles.
    [[nodiscard]] static base::Result<std::unique_ptr<BeastClient>> create(AsioScheduler& loop, ClientOptions options);
    ~BeastClient() override;
    [[nodiscard]] net::RequestHandle send(net::Request request, net::ResponseCallbacks callbacks) override;

    [[nodiscard]] std::size_t idle_connection_count() const;

private:
    class Impl;
    explicit BeastClient(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace gateway
