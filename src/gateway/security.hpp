// What keeps other sites' pages away from a gateway on the user's machine, and the headers that keep the page itself in line.
//
//   gateway::OriginGuard guard(mounts, {.bound_address = "127.0.0.1"});     // the outermost handler
//   options.extra_headers = gateway::security_headers({.frame_ancestors = "'self'"});
//
// OriginGuard answers 421 when Host is not one of ours (DNS rebinding), 403 when a state-changing request comes from another
// origin (Origin, else Sec-Fetch-Site; neither: no browser, fine). Listed origins get CORS answers, preflight included.
// Hosts are compared without ports; a gateway bound to all addresses also takes any IP address as Host.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.hpp"

namespace gateway {

struct SecurityHeaderOptions {
    std::string frame_ancestors = "'self'";      // CSP source list
    std::vector<std::string> connect_sources{};  // besides 'self'
};
[[nodiscard]] net::Headers security_headers(const SecurityHeaderOptions& options);

struct OriginGuardOptions {
    std::string bound_address = "127.0.0.1";
    std::vector<std::string> allowed_hosts{};    // names or addresses, a port is ignored
    std::vector<std::string> allowed_origins{};  // "https://portal.example"
};

class OriginGuard final : public net::HttpHandler {
public:
    // `inner` must outlive the guard.
    OriginGuard(net::HttpHandler& inner, OriginGuardOptions options);
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override;

private:
    [[nodiscard]] bool is_host_allowed(std::string_view host) const;
    [[nodiscard]] bool is_origin_listed(std::string_view origin) const;

    net::HttpHandler& inner_;
    std::vector<std::string> hosts_;
    std::vector<std::string> origins_;
    bool any_address_ = false;
};

}  // namespace gateway
