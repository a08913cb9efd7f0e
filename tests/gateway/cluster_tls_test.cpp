// Clusters over real sockets with TLS: an in-memory cluster behind a TLS door, reached by the gateway's connector and by its hub.
#include <optional>

#include "base/json.hpp"
#include "gateway/app.hpp"
#include "gateway/beast_client.hpp"
#include "gateway/cluster_connector.hpp"
#include "gateway/sodium_random.hpp"
#include "kube/cluster.hpp"
#include "socket_fixture.hpp"
#include "temporary_folder.hpp"
#include "tls_fixture.hpp"

namespace {

using base::Json;

// A cluster that wants "Bearer right" when it wants a token at all.
class Guarded final : public net::HttpHandler {
public:
    Guarded(net::HttpHandler& inner, bool wants_token) : inner_(inner), wants_token_(wants_token) {}
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        if (wants_token_ && request.headers.get("authorization") != "Bearer right") {
            return writer->respond({401, {{"content-type", "application/json"}}, R"({"kind":"Status","message":"Unauthorized","code":401})"});
        }
        inner_.handle(std::move(request), std::move(writer));
    }

private:
    net::HttpHandler& inner_;
    bool wants_token_;
};

struct Rig {
    gateway::AsioScheduler loop;
    gateway::SodiumRandom random;
    kube::Cluster cluster{{.scheduler = loop, .random = random}, {}};
    Guarded guarded;
    std::unique_ptr<gateway::BeastServer> server;
    test::Authority ca{"Cluster CA"};
    test::Authority other_ca{"Another CA"};
    std::optional<test::TlsDoor> door;
    gateway::BeastConnector connector{loop};

    explicit Rig(bool wants_token = false) : guarded(cluster.api(), wants_token), server(test::listen(loop, guarded)) {}

    hub::ClusterAccess open_door(const std::string& names, const std::string& client_ca = {}) {
        door.emplace(loop, server->port(), ca.issue("cluster", names), client_ca);
        hub::ClusterAccess access;
        access.server = "https://127.0.0.1:" + std::to_string(door->port());
        access.ca_pem = ca.certificate_pem();
        return access;
    }
    base::Result<net::Response> ask(const hub::ClusterAccess& access, const std::string& target = "/version") {
        auto client = connector.connect(access);
        if (!client) return base::fail(client.error());
        std::optional<base::Result<net::Response>> answer;
        const auto handle = net::fetch(**client, {.target = target}, [&](auto result) { answer = std::move(result); });
        REQUIRE(loop.run_until([&] { return answer.has_value(); }, test::kWatchdogMs));
        return *answer;
    }
};

constexpr const char* kRightNames = "DNS:localhost,IP:127.0.0.1";

}  // namespace

TEST_CASE("a cluster is reached by TLS when its authority is known, and not otherwise") {
    Rig rig;
    hub::ClusterAccess access = rig.open_door(kRightNames);
    const auto right = rig.ask(access);
    REQUIRE(right.has_value());
    CHECK(right->body.find("gitVersion") != std::string::npos);
    access.ca_pem = rig.other_ca.certificate_pem();
    const auto wrong = rig.ask(access);
    REQUIRE_FALSE(wrong.has_value());
    INFO(wrong.error().message);
    CHECK(wrong.error().message.find("the certificate of " + access.server + " is refused: ") == 0);
    CHECK_FALSE(wrong.error().hint.empty());
    access.ca_pem.clear();
    CHECK_FALSE(rig.ask(access).has_value());
    access.insecure = true;
    CHECK(rig.ask(access).has_value());
}

TEST_CASE("a certificate for other names is refused, and the names are told") {
    Rig rig;
    hub::ClusterAccess access = rig.open_door("DNS:kubernetes.default,IP:10.96.0.1");
    const auto refused = rig.ask(access);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("it is for kubernetes.default, 10.96.0.1, not for 127.0.0.1") != std::string::npos);
    access.tls_server_name = "kubernetes.default";
    CHECK(rig.ask(access).has_value());
    access.tls_server_name = "elsewhere";
    CHECK(rig.ask(access).error().message.find("not for elsewhere") != std::string::npos);
}

TEST_CASE("a bearer token goes with every request") {
    Rig rig(true);
    hub::ClusterAccess access = rig.open_door(kRightNames);
    CHECK(rig.ask(access)->status == 401);
    access.token = "right";
    CHECK(rig.ask(access)->status == 200);
    CHECK(rig.ask(access, "/api/v1/namespaces")->status == 200);
}

TEST_CASE("a client certificate is shown; without one, or with one of another authority, the door stays shut") {
    Rig rig;
    test::Authority clients("Client CA");
    hub::ClusterAccess access = rig.open_door(kRightNames, clients.certificate_pem());
    const auto nobody = rig.ask(access);
    REQUIRE_FALSE(nobody.has_value());
    INFO(nobody.error().message);
    CHECK(nobody.error().code == base::ErrorCode::unavailable);
    const test::Certificate ann = clients.issue("ann", "");
    access.client_cert_pem = ann.certificate_pem;
    access.client_key_pem = ann.key_pem;
    const auto right = rig.ask(access);
    INFO((right ? "" : right.error().message));
    CHECK(right.has_value());
    const test::Certificate eve = rig.other_ca.issue("eve", "");
    access.client_cert_pem = eve.certificate_pem;
    access.client_key_pem = eve.key_pem;
    CHECK_FALSE(rig.ask(access).has_value());
    access.client_cert_pem = ann.certificate_pem;
    const auto mixed = rig.connector.connect(access);
    REQUIRE_FALSE(mixed.has_value());
    CHECK(mixed.error().message.find("Cannot use the client key with the client certificate") == 0);
}

TEST_CASE("what cannot be PEM, and secrets in the clear, are refused before anything is sent") {
    Rig rig;
    hub::ClusterAccess access = rig.open_door(kRightNames);
    access.ca_pem = "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
    CHECK(rig.connector.connect(access).error().message.find("Cannot read the certificate authority") == 0);
    hub::ClusterAccess plain;
    plain.server = "http://10.0.0.1:8080";
    CHECK(rig.connector.connect(plain).has_value());
    plain.token = "t";
    CHECK(rig.connector.connect(plain).error().message == "The token would go to 10.0.0.1:8080 unencrypted.");
    plain.server = "http://127.0.0.1:8001";
    CHECK(rig.connector.connect(plain).has_value());
}

TEST_CASE("the gateway adds a cluster by token over TLS and runs a workflow on it") {
    Rig rig(true);
    const hub::ClusterAccess access = rig.open_door(kRightNames);
    test::TemporaryFolder folder;
    folder.write("site/index.html", "<!doctype html>");
    gateway::Options options;
    options.port = 0;
    options.static_dir = (folder.path() / "site").string();
    options.data_dir = (folder.path() / "data").string();
    auto app = gateway::App::start(rig.loop, options);
    REQUIRE(app.has_value());
    auto client = gateway::BeastClient::create(rig.loop, {.base_url = (*app)->url()});
    REQUIRE(client.has_value());
    const auto call = [&](const std::string& method, const std::string& path, const Json& body) {
        std::optional<base::Result<net::Response>> answer;
        const auto handle = net::fetch(**client, {.method = method, .target = "/v1/api" + path, .headers = {{"content-type", "application/json"}}, .body = base::dump_json(body)},
                                       [&](auto result) { answer = std::move(result); });
        REQUIRE(rig.loop.run_until([&] { return answer.has_value(); }, test::kWatchdogMs));
        REQUIRE(answer->has_value());
        return **answer;
    };
    Json body = {{"name", "far"}, {"server", access.server}, {"authType", "token"}, {"credentials", {{"token", "wrong"}, {"caData", access.ca_pem}}}};
    const auto refused = call("POST", "/clusters", body);
    CHECK(refused.status == 503);
    CHECK(refused.body.find("refuses the credentials") != std::string::npos);
    body["credentials"]["token"] = "right";
    body["credentials"]["caData"] = rig.other_ca.certificate_pem();
    const auto untrusted = call("POST", "/clusters", body);
    CHECK(untrusted.status == 503);
    CHECK(untrusted.body.find("is refused: ") != std::string::npos);
    body["credentials"]["caData"] = access.ca_pem;
    const auto added = call("POST", "/clusters", body);
    INFO(added.body);
    REQUIRE(added.status == 201);
    const Json nodes = Json::parse(R"([{"id":"c","type":"configmap","position":{"x":0,"y":0},"data":{"name":"seen","data":{"k":"v"}}}])");
    const auto made = call("POST", "/workflows", {{"name", "w"}, {"cluster_id", "far"}, {"nodes", nodes}, {"edges", Json::array()}});
    REQUIRE(made.status == 201);
    const std::string id = Json::parse(made.body)["id"].get<std::string>();
    CHECK(call("PUT", "/workflows/" + id + "/status", {{"status", "published"}}).status == 200);
    const auto run = call("POST", "/workflows/" + id + "/run", Json::object());
    INFO(run.body);
    CHECK(run.status == 200);
    hub::ClusterAccess with_token = access;
    with_token.token = "right";
    CHECK(rig.ask(with_token, "/api/v1/namespaces/default/configmaps/seen")->status == 200);
    bool down = false;
    (*app)->shutdown([&] { down = true; });
    REQUIRE(rig.loop.run_until([&] { return down; }, test::kWatchdogMs));
}
