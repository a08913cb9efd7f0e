#include "web/tab_connector.hpp"

#include <utility>

#include "web/fetch_client.hpp"

namespace web {

namespace {

constexpr const char* kWayOut = "Use Binnacle's gateway, or serve this page by kubectl proxy --www";

class BearerClient final : public net::HttpClient {
public:
    BearerClient(base::Scheduler& scheduler, const hub::ClusterAccess& access)
        : inner_(scheduler, access.server), authorization_(access.token.empty() ? std::string() : "Bearer " + access.token) {}

    net::RequestHandle send(net::Request request, net::ResponseCallbacks callbacks) override {
        if (!authorization_.empty()) request.headers.set("authorization", authorization_);
        // A browser tells a page nothing about why: certificate, CORS and a dead host all look the same.
        callbacks.on_done = [done = std::move(callbacks.on_done)](base::Result<void> result) mutable {
            if (!result && result.error().code == base::ErrorCode::unavailable && result.error().hint.empty()) {
                result.error().hint = std::string("A browser reaches only servers that allow this page (CORS) and whose certificate it trusts. ") + kWayOut;
            }
            if (done) done(std::move(result));
        };
        return inner_.send(std::move(request), std::move(callbacks));
    }

private:
    FetchClient inner_;
    std::string authorization_;
};

}  // namespace

base::Result<std::unique_ptr<net::HttpClient>> TabConnector::connect(const hub::ClusterAccess& access) {
    const auto refuse = [](const char* what) { return base::fail(base::ErrorCode::invalid_argument, what, kWayOut); };
    if (!access.client_cert_pem.empty()) return refuse("A page in a browser cannot show a client certificate.");
    if (!access.ca_pem.empty()) return refuse("A page in a browser cannot bring its own certificate authority.");
    if (access.insecure) return refuse("A page in a browser cannot skip the check of a certificate.");
    if (!access.tls_server_name.empty()) return refuse("A page in a browser cannot choose the server name that is checked.");
    return std::unique_ptr<net::HttpClient>(std::make_unique<BearerClient>(scheduler_, access));
}

}  // namespace web
