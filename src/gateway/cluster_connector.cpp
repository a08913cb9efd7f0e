#include "gateway/cluster_connector.hpp"

#include "base/url.hpp"
#include "gateway/beast_client.hpp"
#include "gateway/options.hpp"

namespace gateway {

base::Result<std::unique_ptr<net::HttpClient>> BeastConnector::connect(const hub::ClusterAccess& access) {
    const auto url = base::parse_http_url(access.server);
    if (!url) return base::fail(url.error());
    const bool has_secret = !access.token.empty() || !access.client_key_pem.empty();
    if (!url->is_tls() && !access.client_cert_pem.empty()) {
        return base::fail(base::ErrorCode::invalid_argument, "A client certificate needs an https address.", "Use the https address of the API server");
    }
    if (!url->is_tls() && has_secret && !is_this_machine(url->host)) {
        return base::fail(base::ErrorCode::invalid_argument, "The token would go to " + url->authority() + " unencrypted.", "Use the https address of the API server");
    }
    ClientOptions options{.base_url = access.server};
    options.ca_pem = access.ca_pem;
    options.client_cert_pem = access.client_cert_pem;
    options.client_key_pem = access.client_key_pem;
    options.tls_server_name = access.tls_server_name;
    options.insecure = access.insecure;
    options.extra_headers = {{"User-Agent", "binnacle-gateway"}};
    if (!access.token.empty()) options.extra_headers.set("Authorization", "Bearer " + access.token);
    auto client = BeastClient::create(loop_, std::move(options));
    if (!client) return base::fail(client.error());
    return std::unique_ptr<net::HttpClient>(std::move(*client));
}

}  // namespace gateway
