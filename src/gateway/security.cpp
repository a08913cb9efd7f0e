#include "gateway/security.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "net/router.hpp"

namespace gateway {

namespace {

// "[::1]:8080" -> "::1", "LocalHost:80" -> "localhost", "::1" -> "::1"
std::string host_name(std::string_view authority) {
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        return base::to_ascii_lower(authority.substr(1, end == std::string_view::npos ? end : end - 1));
    }
    if (std::count(authority.begin(), authority.end(), ':') == 1) authority = authority.substr(0, authority.find(':'));
    if (authority.ends_with('.')) authority.remove_suffix(1);
    return base::to_ascii_lower(authority);
}

bool is_ip_address(std::string_view name) {
    if (name.find(':') != std::string_view::npos) {
        return std::all_of(name.begin(), name.end(), [](char c) {
            return base::is_ascii_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
        });
    }
    const auto parts = base::split(name, '.');
    return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
        return base::parse_integer_in<int>(part, 0, 255).has_value();
    });
}

bool changes_state(std::string_view method) { return method != "GET" && method != "HEAD" && method != "OPTIONS"; }

bool is_same_origin(std::string_view origin, std::string_view host) {
    // Either scheme: a proxy in front may speak TLS.
    for (std::string_view scheme : {"http://", "https://"}) {
        if (origin.starts_with(scheme) && base::equals_ascii_case(origin.substr(scheme.size()), host)) return true;
    }
    return false;
}

// Adds the CORS headers to whatever the handler answers.
class CorsWriter final : public net::ResponseWriter {
public:
    CorsWriter(std::shared_ptr<net::ResponseWriter> inner, std::string origin)
        : inner_(std::move(inner)), origin_(std::move(origin)) {}

    void respond(net::Response response) override {
        add_to(response.headers);
        inner_->respond(std::move(response));
    }
    void start(net::ResponseHead head) override {
        add_to(head.headers);
        inner_->start(std::move(head));
    }
    bool write(std::string_view bytes) override { return inner_->write(bytes); }
    void end() override { inner_->end(); }
    void abort() override { inner_->abort(); }
    void on_drain(base::UniqueFunction<void()> callback) override { inner_->on_drain(std::move(callback)); }
    void on_close(base::UniqueFunction<void()> callback) override { inner_->on_close(std::move(callback)); }
    [[nodiscard]] bool closed() const override { return inner_->closed(); }
    [[nodiscard]] std::size_t queued_bytes() const override { return inner_->queued_bytes(); }

private:
    void add_to(net::Headers& headers) const {
        headers.set("Access-Control-Allow-Origin", origin_);
        headers.add("Vary", "Origin");
    }
    std::shared_ptr<net::ResponseWriter> inner_;
    std::string origin_;
};

}  // namespace

net::Headers security_headers(const SecurityHeaderOptions& options) {
    std::string csp =
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        "connect-src 'self'";
    for (const auto& source : options.connect_sources) csp += " " + source;
    csp += "; manifest-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors " +
           options.frame_ancestors;
    net::Headers headers{
        {"Content-Security-Policy", csp},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
    };
    // For browsers that do not know frame-ancestors; a list of origins cannot be said in it.
    if (options.frame_ancestors == "'self'") headers.add("X-Frame-Options", "SAMEORIGIN");
    if (options.frame_ancestors == "'none'") headers.add("X-Frame-Options", "DENY");
    // A page meant to be embedded may also be opened by its portal, and must keep its opener then.
    if (headers.has("X-Frame-Options")) headers.add("Cross-Origin-Opener-Policy", "same-origin");
    return headers;
}

OriginGuard::OriginGuard(net::HttpHandler& inner, OriginGuardOptions options)
    : inner_(inner), hosts_{"localhost", "127.0.0.1", "::1"}, origins_(std::move(options.allowed_origins)) {
    const std::string bound = host_name(options.bound_address);
    any_address_ = bound == "0.0.0.0" || bound == "::";
    if (!any_address_) hosts_.push_back(bound);
    for (const auto& host : options.allowed_hosts) hosts_.push_back(host_name(host));
    for (auto& origin : origins_) {
        while (origin.ends_with('/')) origin.pop_back();
    }
}

bool OriginGuard::is_host_allowed(std::string_view host) const {
    if (host.empty()) return true;  // HTTP/1.0 has none, and no browser speaks it
    const std::string name = host_name(host);
    if (any_address_ && is_ip_address(name)) return true;
    return std::find(hosts_.begin(), hosts_.end(), name) != hosts_.end();
}

bool OriginGuard::is_origin_listed(std::string_view origin) const {
    return std::any_of(origins_.begin(), origins_.end(),
                       [origin](const auto& listed) { return base::equals_ascii_case(listed, origin); });
}

void OriginGuard::handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) {
    const std::string host(request.headers.get("Host"));
    if (!is_host_allowed(host)) {
        writer->respond(net::error_response(421, "the host name \"" + base::to_valid_utf8(host_name(host)) +
                                                     "\" is not one of this gateway's; start it with --allowed-host to add it"));
        return;
    }
    const std::string origin(request.headers.get("Origin"));
    const bool listed = !origin.empty() && is_origin_listed(origin);
    if (changes_state(request.method)) {
        const auto site = request.headers.get("Sec-Fetch-Site");
        const bool foreign = origin.empty() ? site == "cross-site" || site == "same-site" : !listed && !is_same_origin(origin, host);
        if (foreign) {
            writer->respond(net::error_response(403, "requests that change something are not taken from another origin; "
                                                     "start the gateway with --allowed-origin to add one"));
            return;
        }
    }
    if (!listed) return inner_.handle(std::move(request), std::move(writer));
    if (request.method == "OPTIONS" && request.headers.has("Access-Control-Request-Method")) {
        writer->respond({204,
                         {{"Access-Control-Allow-Origin", origin},
                          {"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"},
                          {"Access-Control-Allow-Headers", "Authorization, Content-Type, Accept, Last-Event-ID, If-Match, If-None-Match"},
                          {"Access-Control-Max-Age", "600"},
                          {"Vary", "Origin"}},
                         {}});
        return;
    }
    inner_.handle(std::move(request), std::make_shared<CorsWriter>(std::move(writer), origin));
}

}  // namespace gateway
