// Outbound: hub::OutboundHttp over sockets.
//
//   gateway::Outbound outbound(loop);
//   auto client = outbound.connect("https://sso.example");
//
// https with the system's certificates (or `ca_file`), host name checked. Plain http only to this machine (127.x.x.x, ::1,
// localhost): what goes out here are secrets and codes.
#pragma once

#include <string>

#include "gateway/asio_scheduler.hpp"
#include "hub/outbound_http.hpp"

namespace gateway {

class Outbound final : public hub::OutboundHttp {
public:
    // `loop` must outlive this and its clients.
    explicit Outbound(AsioScheduler& loop, std::string ca_file = {}) : loop_(loop), ca_file_(std::move(ca_file)) {}
    [[nodiscard]] base::Result<std::unique_ptr<net::HttpClient>> connect(const std::string& origin) override;

private:
    AsioScheduler& loop_;
    std::string ca_file_;
};

}  // namespace gateway
