// The gateway put together, over real sockets.
#include "gateway/app.hpp"

#include <catch2/catch_test_macros.hpp>
#include <optional>

#include "gateway/beast_client.hpp"
#include "temporary_folder.hpp"

namespace {

constexpr std::int64_t kWatchdogMs = 30'000;

class Gateways {
public:
    Gateways() { folder_.write("site/index.html", "<!doctype html>the page"); }

    std::unique_ptr<gateway::App> start(gateway::Options options) {
        options.port = 0;
        options.static_dir = (folder_.path() / "site").string();
        options.data_dir = (folder_.path() / ("data" + std::to_string(started_++))).string();
        options.kube_speed = 50;
        auto app = gateway::App::start(loop, options);
        if (!app) FAIL(app.error().message);
        return std::move(*app);
    }
    net::Response ask(const gateway::App& app, net::Request request) {
        auto client = gateway::BeastClient::create(loop, {.base_url = app.url()});
        REQUIRE(client.has_value());
        std::optional<base::Result<net::Response>> answer;
        auto handle = net::fetch(**client, std::move(request), [&](auto result) { answer = std::move(result); });
        REQUIRE(loop.run_until([&] { return answer.has_value(); }, kWatchdogMs));
        REQUIRE(answer->has_value());
        return **answer;
    }
    void stop(gateway::App& app) {
        bool down = false;
        app.shutdown([&] { down = true; });
        REQUIRE(loop.run_until([&] { return down; }, kWatchdogMs));
    }
    gateway::AsioScheduler loop;

private:
    test::TemporaryFolder folder_;
    int started_ = 0;
};

}  // namespace

TEST_CASE("site, API and cluster answer at their places, all with the security headers") {
    Gateways gateways;
    auto app = gateways.start({});
    auto page = gateways.ask(*app, {.target = "/"});
    CHECK(page.body == "<!doctype html>the page");
    CHECK(page.headers.get("Content-Security-Policy").find("frame-ancestors 'self'") != std::string_view::npos);
    auto health = gateways.ask(*app, {.target = "/v1/api/health"});
    CHECK(health.status == 200);
    CHECK(health.headers.get("Content-Type").starts_with("application/json"));
    CHECK(health.headers.has("X-Content-Type-Options"));
    // An unknown API path is never the page, even for a browser.
    CHECK(gateways.ask(*app, {.target = "/v1/api/nothing", .headers = {{"Accept", "text/html"}}}).status == 404);
    CHECK(gateways.ask(*app, {.target = "/k8s/version"}).body.find("gitVersion") != std::string::npos);
    CHECK(gateways.ask(*app, {.target = "/v1/api/workflows"}).body.find("Online shop") != std::string::npos);
    gateways.stop(*app);
}

TEST_CASE("with --auth builtin the cluster needs the hub's bearer") {
    Gateways gateways;
    auto app = gateways.start({.auth = hub::AuthMode::builtin});
    auto refused = gateways.ask(*app, {.target = "/k8s/api/v1/namespaces"});
    CHECK(refused.status == 401);
    CHECK(refused.body.find(R"("kind":"Status")") != std::string::npos);
    CHECK(gateways.ask(*app, {.target = "/k8s/version", .headers = {{"Authorization", "Bearer nonsense"}}}).status == 401);
    auto registered = gateways.ask(*app, {.method = "POST",
                                          .target = "/v1/api/auth/register",
                                          .headers = {{"Content-Type", "application/json"}},
                                          .body = R"({"name":"Ann","email":"ann@example.com","password":"correct horse battery"})"});
    REQUIRE(registered.status < 300);
    const auto at = registered.body.find("\"token\":\"") + 9;
    const std::string token = registered.body.substr(at, registered.body.find('"', at) - at);
    CHECK(gateways.ask(*app, {.target = "/k8s/api/v1/namespaces", .headers = {{"Authorization", "Bearer " + token}}}).status == 200);
    gateways.stop(*app);
}

TEST_CASE("with --kubernetes the hub uses that cluster, and /k8s is not served") {
    Gateways gateways;
    auto cluster = gateways.start({});
    auto app = gateways.start({.kubernetes_url = cluster->url() + "k8s"});
    CHECK(gateways.ask(*app, {.target = "/k8s/version"}).status == 404);
    CHECK(gateways.ask(*app, {.target = "/v1/api/health"}).status == 200);
    auto created = gateways.ask(*cluster, {.method = "POST",
                                           .target = "/k8s/api/v1/namespaces/default/configmaps",
                                           .headers = {{"Content-Type", "application/json"}},
                                           .body = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"seen-from-afar"}})"});
    CHECK(created.status == 201);
    auto resources = gateways.ask(*app, {.target = "/v1/api/resources"});
    CHECK(resources.status == 200);
    gateways.stop(*app);
    gateways.stop(*cluster);
}
