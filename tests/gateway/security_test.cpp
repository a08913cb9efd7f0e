// Host and Origin checks, and the headers of the page.
#include <catch2/catch_test_macros.hpp>

#include "base/testing/virtual_scheduler.hpp"
#include "gateway/security.hpp"
#include "net/loopback.hpp"

namespace {

class Anything final : public net::HttpHandler {
public:
    void handle(net::ServerRequest, std::shared_ptr<net::ResponseWriter> writer) override { writer->respond({200, {}, "in"}); }
};

struct Ask {
    std::string method = "GET";
    net::Headers headers{};
};

net::Response ask(const gateway::OriginGuardOptions& options, Ask what) {
    base::testing::VirtualScheduler time;
    Anything inner;
    gateway::OriginGuard guard(inner, options);
    net::LoopbackClient client(time, guard);
    net::Response answer;
    auto handle = net::fetch(client, {.method = what.method, .headers = what.headers}, [&](auto result) { answer = std::move(*result); });
    time.run_ready();
    return answer;
}

}  // namespace

TEST_CASE("only our own host names are answered") {
    const gateway::OriginGuardOptions options{.bound_address = "192.0.2.7", .allowed_hosts = {"Binnacle.example:443"}};
    for (const char* host : {"localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "192.0.2.7:1", "binnacle.example", "binnacle.example.:8080"}) {
        INFO(host);
        CHECK(ask(options, {.headers = {{"Host", host}}}).status == 200);
    }
    for (const char* host : {"evil.example", "127.0.0.1.evil.example", "192.0.2.8", "localhost.evil.example:8080", "[::2]", "a:b:c", "[", "\xff"}) {
        INFO(host);
        auto answer = ask(options, {.headers = {{"Host", host}}});
        CHECK(answer.status == 421);
        CHECK(answer.body.find("--allowed-host") != std::string::npos);
    }
}

TEST_CASE("bound to all addresses, an IP address is a fine host, a foreign name is not") {
    const gateway::OriginGuardOptions options{.bound_address = "0.0.0.0"};
    CHECK(ask(options, {.headers = {{"Host", "192.0.2.8:8080"}}}).status == 200);
    CHECK(ask(options, {.headers = {{"Host", "[2001:db8::1]:8080"}}}).status == 200);
    CHECK(ask(options, {.headers = {{"Host", "evil.example"}}}).status == 421);
    CHECK(ask(options, {.headers = {{"Host", "999.0.0.1"}}}).status == 421);
}

TEST_CASE("state changes are taken from our own origin, listed ones, and programs") {
    const gateway::OriginGuardOptions options{.allowed_origins = {"https://portal.example"}};
    const auto post = [&](net::Headers headers) {
        headers.add("Host", "127.0.0.1:8080");
        return ask(options, {.method = "POST", .headers = std::move(headers)}).status;
    };
    CHECK(post({}) == 200);
    CHECK(post({{"Origin", "http://127.0.0.1:8080"}}) == 200);
    CHECK(post({{"Origin", "https://portal.example"}}) == 200);
    CHECK(post({{"Sec-Fetch-Site", "same-origin"}}) == 200);
    CHECK(post({{"Origin", "http://127.0.0.1:9090"}}) == 403);
    CHECK(post({{"Origin", "http://localhost:8080"}}) == 403);
    CHECK(post({{"Origin", "https://evil.example"}}) == 403);
    CHECK(post({{"Origin", "null"}}) == 403);
    CHECK(post({{"Sec-Fetch-Site", "cross-site"}}) == 403);
    CHECK(ask(options, {.method = "GET", .headers = {{"Host", "localhost"}, {"Origin", "https://evil.example"}}}).status == 200);
    CHECK_FALSE(ask(options, {.method = "GET", .headers = {{"Host", "localhost"}, {"Origin", "https://evil.example"}}}).headers.has("Access-Control-Allow-Origin"));
}

TEST_CASE("a listed origin gets CORS answers") {
    const gateway::OriginGuardOptions options{.allowed_origins = {"https://portal.example/"}};
    auto answer = ask(options, {.headers = {{"Host", "localhost"}, {"Origin", "https://portal.example"}}});
    CHECK(answer.headers.get("Access-Control-Allow-Origin") == "https://portal.example");
    CHECK(answer.headers.get("Vary") == "Origin");
    CHECK(answer.body == "in");
    auto preflight = ask(options, {.method = "OPTIONS",
                                   .headers = {{"Host", "localhost"}, {"Origin", "https://portal.example"}, {"Access-Control-Request-Method", "PUT"}}});
    CHECK(preflight.status == 204);
    CHECK(preflight.headers.get("Access-Control-Allow-Methods").find("PUT") != std::string_view::npos);
    CHECK_FALSE(answer.headers.has("Access-Control-Allow-Credentials"));
}

TEST_CASE("the page's headers") {
    const auto headers = gateway::security_headers({});
    const auto csp = headers.get("Content-Security-Policy");
    for (const char* part : {"default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "connect-src 'self';", "frame-ancestors 'self'",
                             "object-src 'none'", "base-uri 'none'", "worker-src 'self'"}) {
        INFO(part);
        CHECK(csp.find(part) != std::string_view::npos);
    }
    CHECK(csp.find("'unsafe-eval'") == std::string_view::npos);
    CHECK(csp.find("unsafe-inline") == std::string_view::npos);
    CHECK(headers.get("X-Content-Type-Options") == "nosniff");
    CHECK(headers.get("Referrer-Policy") == "no-referrer");
    CHECK(headers.get("X-Frame-Options") == "SAMEORIGIN");
    CHECK(headers.get("Cross-Origin-Opener-Policy") == "same-origin");

    const auto embedded = gateway::security_headers({"https://portal.example", {"https://core.example"}});
    CHECK(embedded.get("Content-Security-Policy").find("frame-ancestors https://portal.example") != std::string_view::npos);
    CHECK(embedded.get("Content-Security-Policy").find("connect-src 'self' https://core.example;") != std::string_view::npos);
    CHECK_FALSE(embedded.has("X-Frame-Options"));
    CHECK_FALSE(embedded.has("Cross-Origin-Opener-Policy"));
}
