#include "web/fetch_outbound.hpp"

#include "base/url.hpp"
#include "web/fetch_client.hpp"

namespace web {

base::Result<std::unique_ptr<net::HttpClient>> FetchOutbound::connect(const std::string& origin) {
    const auto url = base::parse_http_url(origin);
    if (!url) return base::fail(url.error());
    return std::unique_ptr<net::HttpClient>(std::make_unique<FetchClient>(scheduler_, url->origin()));
}

}  // namespace web
