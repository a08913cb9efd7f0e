// OutboundHttp: how the hub reaches servers on the network that are not its cluster: sign-in providers, registries, other
// clusters. Whoever mounts the hub decides what may be reached; a hub without this port reaches nothing.
//
//   auto client = outbound.connect("https://sso.example");      // an origin, no path
//   if (!client) return base::fail(client.error());             // malformed, or plain http to another machine
//   handle = net::fetch(**client, {.target = "/.well-known/openid-configuration"}, ...);
//
// The gateway gives one over sockets (https with the system's certificates; http to loopback addresses only).
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/http.hpp"

namespace hub {

class OutboundHttp {
public:
    virtual ~OutboundHttp() = default;
    // Opens no connection yet. Redirects are never followed.
    [[nodiscard]] virtual base::Result<std::unique_ptr<net::HttpClient>> connect(const std::string& origin) = 0;
};

}  // namespace hub
