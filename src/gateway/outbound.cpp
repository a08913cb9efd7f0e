#include "gateway/outbound.hpp"

#include "base/url.hpp"
#include "gateway/beast_client.hpp"
#include "gateway/options.hpp"

namespace gateway {

base::Result<std::unique_ptr<net::HttpClient>> Outbound::connect(const std::string& origin) {
    const auto url = base::parse_http_url(origin);
    if (!url) return base::fail(url.error());
    if (!url->is_tls() && !is_this_machine(url->host)) {
        return base::fail(base::ErrorCode::forbidden, origin + " is not encrypted: plain http goes to this machine only", "Use its https address");
    }
    auto client = BeastClient::create(loop_, {.base_url = url->origin(), .ca_file = ca_file_, .extra_headers = {{"User-Agent", "binnacle-gateway"}}});
    if (!client) return base::fail(client.error());
    return std::unique_ptr<net::HttpClient>(std::move(*client));
}

}  // namespace gateway
