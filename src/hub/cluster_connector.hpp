// ClusterConnector: the hub's port for reaching further clusters. What a client can do differs: the gateway does TLS with CAs and
// client certificates of its own, a browser does not let a page choose either.
//
//   auto client = connector.connect({.server = "https://10.0.0.1:6443", .ca_pem = ca, .token = token});
//   if (!client) show client.error();             // what cannot work here, and what to do instead
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/http.hpp"

namespace hub {

// All that is needed to reach a Kubernetes API. Holds secrets: never logged, never answered.
struct ClusterAccess {
    std::string server;            // "https://10.0.0.1:6443", with a path prefix if there is one ("/k8s/clusters/c-1")
    std::string ca_pem;            // empty: the system's
    std::string client_cert_pem;   // both or none
    std::string client_key_pem;
    std::string token;             // bearer; may be empty
    std::string tls_server_name;   // checked in place of the server's host; may be empty
    bool insecure = false;         // the certificate is not checked

    friend bool operator==(const ClusterAccess&, const ClusterAccess&) = default;
};

class ClusterConnector {
public:
    virtual ~ClusterConnector() = default;
    // Nothing is sent yet. invalid_argument when `access` cannot be used here: the message names the part, the hint the way out.
    [[nodiscard]] virtual base::Result<std::unique_ptr<net::HttpClient>> connect(const ClusterAccess& access) = 0;
};

}  // namespace hub
