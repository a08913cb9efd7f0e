#include <catch2/catch_test_macros.hpp>

#include "base/url.hpp"
#include "fake_kube.hpp"
#include "hub/crypto/aws_signature.hpp"
#include "hub/image_reference.hpp"
#include "hub/outbound_http.hpp"
#include "hub/registry_check.hpp"
#include "hub_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

// Registries of the world, by origin; each answers as a test tells it.
class FakeInternet final : public OutboundHttp, public net::HttpHandler {
public:
    explicit FakeInternet(base::Scheduler& scheduler) : scheduler_(scheduler) {}

    base::Result<std::unique_ptr<net::HttpClient>> connect(const std::string& origin) override {
        if (dead.contains(origin)) return base::fail(base::ErrorCode::unavailable, "no route to " + origin);
        origin_ = origin;
        return std::unique_ptr<net::HttpClient>(std::make_unique<net::LoopbackClient>(scheduler_, *this));
    }
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        const std::string authorization(request.headers.get("authorization"));
        asked.push_back(origin_ + " " + request.method + " " + request.target + (authorization.empty() ? "" : " " + authorization.substr(0, 24)));
        if (!answer) {
            writer->start({.status = 200, .headers = {}});
            return writer->abort();
        }
        writer->respond(answer(origin_, request.target, authorization));
    }

    std::function<net::Response(const std::string& origin, const std::string& target, const std::string& authorization)> answer;
    std::set<std::string> dead;
    std::vector<std::string> asked;

private:
    base::Scheduler& scheduler_;
    std::string origin_;
};

class OutsideRig {
public:
    explicit OutsideRig(AuthMode auth = AuthMode::none) : rig(kube, auth), internet(rig.time) { restart(); }
    void restart() {
        rig.client.reset();
        rig.hub = std::make_unique<Hub>(
            HubPorts{.kube = rig.kube_client, .documents = rig.store, .scheduler = rig.time, .random = rig.random, .passwords = &rig.hasher, .outbound = &internet}, rig.options);
        rig.client = std::make_unique<net::LoopbackClient>(rig.time, *rig.hub);
    }
    std::string add(Json body) {
        const Answer answer = rig.call("POST", "/admin/registries", std::move(body));
        INFO(dump_json(answer.body));
        REQUIRE(answer.status == 201);
        return text_at(answer.body, "registry", "id");
    }
    FakeKube kube;
    HubRig rig;
    FakeInternet internet;
};

net::Response challenge(const std::string& header) { return {.status = 401, .headers = {{"www-authenticate", header}}, .body = "{}"}; }

const Json kGhcr = {{"name", "GitHub"}, {"registryType", "ghcr"}, {"credentials", {{"username", "ada"}, {"password", "ghp_secret"}}}};

}  // namespace

TEST_CASE("an image reference is taken apart as Docker does") {
    struct Case {
        const char* text;
        ImageReference expected;
    };
    const std::string digest = "sha256:" + std::string(64, 'a');
    const Case cases[] = {
        {"nginx", {"docker.io", "library/nginx", "latest", ""}},
        {"nginx:1.27-alpine", {"docker.io", "library/nginx", "1.27-alpine", ""}},
        {"valkey/valkey:8", {"docker.io", "valkey/valkey", "8", ""}},
        {"index.docker.io/library/redis", {"docker.io", "library/redis", "latest", ""}},
        {"ghcr.io/Example", {}},
        {"GHCR.io/example/web:v1", {"ghcr.io", "example/web", "v1", ""}},
        {"localhost/web", {"localhost", "web", "latest", ""}},
        {"localhost:5000/team/web:dev", {"localhost:5000", "team/web", "dev", ""}},
        {"registry.example:443/a/b/c", {"registry.example:443", "a/b/c", "latest", ""}},
        {"[::1]:5000/web", {"[::1]:5000", "web", "latest", ""}},
    };
    for (const Case& each : cases) {
        INFO(each.text);
        const auto image = parse_image_reference(each.text);
        if (each.expected.registry.empty()) {
            CHECK_FALSE(image);
            continue;
        }
        REQUIRE(image);
        CHECK(*image == each.expected);
    }
    const auto pinned = parse_image_reference("ghcr.io/a/b:1@" + digest);
    REQUIRE(pinned);
    CHECK(pinned->tag == "1");
    CHECK(pinned->digest == digest);
    CHECK(parse_image_reference("nginx@" + digest)->tag.empty());
    for (const char* bad : {"", " ", "Nginx", "nginx:", "nginx:a b", "a//b", "/nginx", "nginx/", "a..b/c", "web@sha256:123", "web@", "host:99999/web", "a___b", "-a/b", "ngi nx", "web:.dot"}) {
        INFO(bad);
        CHECK_FALSE(parse_image_reference(bad));
    }
}

TEST_CASE("registries are added, listed and changed, and their credentials never come back") {
    OutsideRig outside;
    HubRig& rig = outside.rig;
    CHECK(rig.call("GET", "/registries").body["registries"].empty());
    const std::string id = outside.add(kGhcr);
    const Answer got = rig.call("GET", "/registries/" + id);
    CHECK(text_at(got.body, "registryUrl") == "ghcr.io");
    CHECK(text_at(got.body, "previewUrl") == "https://github.com/ada?tab=packages");
    CHECK(text_at(got.body, "status") == "unknown");
    CHECK(flag_at(got.body, "isDefault"));
    CHECK(flag_at(got.body, "hasCredentials"));
    const Answer changed = rig.call("PUT", "/admin/registries/" + id, {{"name", "Packages"}});
    CHECK(text_at(changed.body, "registry", "name") == "Packages");
    CHECK(flag_at(changed.body, "registry", "hasCredentials"));
    for (const std::string& text : {dump_json(got.body), dump_json(changed.body), dump_json(rig.call("GET", "/registries").body), dump_json(rig.call("GET", "/admin/registries").body)}) {
        CHECK(text.find("ghp_secret") == std::string::npos);
        CHECK(text.find("password") == std::string::npos);
    }
    outside.restart();
    CHECK(rig.call("GET", "/registries").body["registries"].size() == 1);
}

TEST_CASE("a registry's mistakes are named with their fields") {
    OutsideRig outside;
    HubRig& rig = outside.rig;
    const auto refused = [&](Json body, const std::string& words) {
        const Answer answer = rig.call("POST", "/admin/registries", std::move(body));
        INFO(dump_json(answer.body));
        CHECK(answer.status == 400);
        CHECK(text_at(answer.body, "error").find(words) != std::string::npos);
    };
    refused({{"registryType", "ghcr"}}, "name: required");
    refused({{"name", " "}, {"registryType", "ghcr"}}, "name: is empty");
    refused({{"name", "x"}, {"registryType", "quay"}}, "registryType: expected one of");
    refused({{"name", "x"}, {"registryType", "custom"}}, "registryUrl: is needed");
    refused({{"name", "x"}, {"registryType", "custom"}, {"registryUrl", "https://a b/"}}, "registryUrl: is no address");
    refused({{"name", "x"}, {"registryType", "dockerhub"}, {"registryUrl", "ghcr.io"}}, "is not Docker Hub");
    refused({{"name", "x"}, {"registryType", "ghcr"}, {"credentials", {{"username", "ada"}}}}, "credentials.password: is needed");
    refused({{"name", "x"}, {"registryType", "ecr"}, {"registryUrl", "1.dkr.ecr.eu-west-1.amazonaws.com"}}, "credentials: are needed");
    refused({{"name", "x"}, {"registryType", "gcr"}, {"credentials", {{"serviceAccountJson", "{}"}}}}, "no key file");
    refused({{"name", "x"}, {"registryType", "acr"}, {"registryUrl", "a.azurecr.io"}, {"credentials", {{"clientId", "c"}}}}, "credentials.clientSecret: is needed");
    CHECK(rig.call("GET", "/registries/nope").status == 404);
    (void)outside.add(kGhcr);
    CHECK(rig.call("POST", "/admin/registries", kGhcr).status == 409);
}

TEST_CASE("a registry that moves to another address does not take its credentials there") {
    OutsideRig outside;
    const std::string id = outside.add({{"name", "Mine"}, {"registryType", "custom"}, {"registryUrl", "https://one.example/"}, {"credentials", {{"username", "u"}, {"password", "p"}}}});
    const Answer moved = outside.rig.call("PUT", "/admin/registries/" + id, {{"registryUrl", "two.example"}});
    CHECK(moved.status == 400);
    CHECK(text_at(moved.body, "error").find("entered again") != std::string::npos);
    const Answer again = outside.rig.call("PUT", "/admin/registries/" + id, {{"registryUrl", "two.example"}, {"credentials", {{"username", "u"}, {"password", "p2"}}}});
    CHECK(text_at(again.body, "registry", "registryUrl") == "two.example");
}

TEST_CASE("there is one default as long as there is a registry") {
    OutsideRig outside;
    HubRig& rig = outside.rig;
    const std::string first = outside.add(kGhcr);
    rig.time.advance(5'000);
    const std::string second = outside.add({{"name", "Hub"}, {"registryType", "dockerhub"}});
    const auto defaults = [&] {
        std::vector<std::string> ids;
        const Answer answer = rig.call("GET", "/registries");
        for (const Json& registry : array_at(answer.body, "registries")) {
            if (flag_at(registry, "isDefault")) ids.push_back(text_at(registry, "id"));
        }
        return ids;
    };
    CHECK(defaults() == std::vector{first});
    CHECK(rig.call("PUT", "/admin/registries/" + second + "/default").status == 200);
    CHECK(defaults() == std::vector{second});
    CHECK(rig.call("DELETE", "/admin/registries/" + second).status == 200);
    CHECK(defaults() == std::vector{first});
    CHECK(rig.call("DELETE", "/admin/registries/" + first).status == 200);
    CHECK(defaults().empty());
}

TEST_CASE("lookup finds the registry of an image, the one with the longest fitting path first") {
    OutsideRig outside;
    HubRig& rig = outside.rig;
    const auto lookup = [&](const std::string& image) { return rig.call("GET", "/registries/lookup?image=" + base::percent_encode(image)); };
    const Answer unknown = lookup("ghcr.io/ada/web:1");
    CHECK_FALSE(flag_at(unknown.body, "found"));
    CHECK(text_at(unknown.body, "registryType") == "ghcr");
    CHECK(text_at(unknown.body, "message").find("ghcr.io") != std::string::npos);
    (void)outside.add(kGhcr);
    (void)outside.add({{"name", "Ada's"}, {"registryType", "ghcr"}, {"registryUrl", "ghcr.io/ada"}});
    CHECK(text_at(lookup("ghcr.io/ada/web:1").body, "registry", "name") == "Ada's");
    CHECK(text_at(lookup("ghcr.io/adam/web:1").body, "registry", "name") == "GitHub");
    CHECK(text_at(lookup("nginx").body, "registryType") == "dockerhub");
    CHECK(text_at(lookup("1.dkr.ecr.eu-west-1.amazonaws.com/x").body, "registryType") == "ecr");
    CHECK(text_at(lookup("localhost:5000/x").body, "registryType") == "custom");
    CHECK(lookup("no image").status == 400);
    CHECK(rig.call("GET", "/registries/lookup").status == 400);
}

TEST_CASE("a check follows the challenge to the token server and comes back with the token") {
    OutsideRig outside;
    const std::string id = outside.add(kGhcr);
    outside.internet.answer = [](const std::string& origin, const std::string& target, const std::string& authorization) -> net::Response {
        if (origin == "https://ghcr.io" && authorization.empty()) return challenge(R"(Bearer realm="https://sso.ghcr.io/token?x=1", service="ghcr.io", scope="repository:user/image:pull")");
        if (origin == "https://sso.ghcr.io") {
            const bool right = authorization == "Basic YWRhOmdocF9zZWNyZXQ=";
            return {.status = right && target == "/token?x=1&service=ghcr.io&account=ada" ? 200 : 401, .headers = {}, .body = R"({"token":"t0ken"})"};
        }
        return {.status = authorization == "Bearer t0ken" ? 200 : 401, .headers = {}, .body = "{}"};
    };
    const Answer answer = outside.rig.call("POST", "/admin/registries/" + id + "/test");
    INFO(dump_json(answer.body) << " " << outside.internet.asked.size());
    CHECK(answer.status == 200);
    CHECK(text_at(answer.body, "status") == "connected");
    CHECK(text_at(answer.body, "registry", "status") == "connected");
    CHECK_FALSE(text_at(answer.body, "registry", "lastCheck").empty());
    CHECK_FALSE(answer.body.contains("simulated"));
    CHECK(outside.internet.asked.size() == 3);
}

TEST_CASE("a check says what is wrong: refused, no registry, unreachable, unencrypted") {
    OutsideRig outside;
    HubRig& rig = outside.rig;
    const std::string id = outside.add({{"name", "Mine"}, {"registryType", "custom"}, {"registryUrl", "r.example"}, {"credentials", {{"username", "u"}, {"password", "p"}}}});
    const auto test = [&] {
        const Answer answer = rig.call("POST", "/admin/registries/" + id + "/test");
        CHECK(answer.status == 503);
        CHECK(text_at(answer.body, "registry", "status") == "error");
        return text_at(answer.body, "error");
    };
    outside.internet.answer = [](const std::string&, const std::string&, const std::string&) { return challenge("Basic realm=\"r\""); };
    CHECK(test().find("refuses the credentials") != std::string::npos);
    outside.internet.answer = [](const std::string&, const std::string&, const std::string&) -> net::Response { return {.status = 404, .headers = {}, .body = ""}; };
    CHECK(test().find("status 404") != std::string::npos);
    outside.internet.answer = [](const std::string&, const std::string&, const std::string&) { return challenge("Bearer realm=\"http://evil.example/token\""); };
    CHECK(test().find("unencrypted") != std::string::npos);
    CHECK(outside.internet.asked.back().find("r.example") != std::string::npos);
    outside.internet.answer = [](const std::string&, const std::string&, const std::string&) { return challenge("Negotiate"); };
    CHECK(test().find("does not know") != std::string::npos);
    outside.internet.answer = nullptr;
    CHECK(test().find("does not answer") != std::string::npos);
    outside.internet.dead.insert("https://r.example");
    CHECK(test().find("no route") != std::string::npos);
}

TEST_CASE("an open registry is asked whether it would refuse our credentials") {
    OutsideRig outside;
    const std::string id = outside.add({{"name", "Open"}, {"registryType", "custom"}, {"registryUrl", "http://localhost:5000"}});
    outside.internet.answer = [](const std::string& origin, const std::string&, const std::string&) -> net::Response {
        return {.status = origin == "http://localhost:5000" ? 200 : 500, .headers = {}, .body = "{}"};
    };
    CHECK(outside.rig.call("POST", "/admin/registries/" + id + "/test").status == 200);
}

TEST_CASE("ECR's password comes from AWS, by a signed request") {
    OutsideRig outside;
    const std::string id = outside.add({{"name", "AWS"},
                                        {"registryType", "ecr"},
                                        {"registryUrl", "1.dkr.ecr.eu-west-1.amazonaws.com"},
                                        {"credentials", {{"accessKeyId", "AKID"}, {"secretAccessKey", "s"}, {"region", "eu-west-1"}}}});
    outside.internet.answer = [](const std::string& origin, const std::string&, const std::string& authorization) -> net::Response {
        if (origin == "https://api.ecr.eu-west-1.amazonaws.com") {
            const bool is_signed = authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKID/");
            return {.status = is_signed ? 200 : 403, .headers = {}, .body = R"({"authorizationData":[{"authorizationToken":"QVdTOnB3"}]})"};  // AWS:pw
        }
        if (authorization.empty()) return challenge("Basic realm=\"ecr\"");
        return {.status = authorization == "Basic QVdTOnB3" ? 200 : 401, .headers = {}, .body = "{}"};
    };
    CHECK(text_at(outside.rig.call("POST", "/admin/registries/" + id + "/test").body, "status") == "connected");
}

TEST_CASE("the AWS signature is that of the published example") {
    const crypto::AwsRequest request{.method = "GET",
                                     .headers = {{"host", "example.amazonaws.com"}, {"x-amz-date", "20150830T123600Z"}},
                                     .body = "",
                                     .region = "us-east-1",
                                     .service = "service",
                                     .date = "20150830T123600Z"};
    CHECK(crypto::aws_authorization(request, "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY") ==
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
          "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    CHECK(crypto::aws_date(1'440'938'160'000) == "20150830T123600Z");
}

TEST_CASE("with a simulated cluster the well-known registries are simulated, and every answer says so") {
    OutsideRig outside;
    outside.rig.options.simulated_registries = true;
    outside.restart();
    const std::string id = outside.add(kGhcr);
    const Answer answer = outside.rig.call("POST", "/admin/registries/" + id + "/test");
    CHECK(answer.status == 200);
    CHECK(flag_at(answer.body, "simulated"));
    CHECK(text_at(answer.body, "message").starts_with("Simulated"));
    CHECK(outside.internet.asked.empty());
    CHECK(text_at(outside.rig.call("GET", "/registries/lookup?image=registry.local%2Fcheckout").body, "message").starts_with("Simulated"));
    const std::string real = outside.add({{"name", "Real"}, {"registryType", "custom"}, {"registryUrl", "r.example"}});
    outside.internet.answer = [](const std::string&, const std::string&, const std::string&) -> net::Response { return {.status = 200, .headers = {}, .body = "{}"}; };
    CHECK_FALSE(outside.rig.call("POST", "/admin/registries/" + real + "/test").body.contains("simulated"));
    CHECK(outside.internet.asked.size() == 1);
}

TEST_CASE("only an admin changes registries, everybody may read them") {
    OutsideRig outside(AuthMode::builtin);
    HubRig& rig = outside.rig;
    const Answer admin = rig.call("POST", "/auth/register", {{"email", "a@x.example"}, {"password", "secret1"}, {"name", "A"}});
    rig.token = text_at(admin.body, "token");
    const std::string code = text_at(rig.call("GET", "/admin/settings/invite-code").body, "inviteCode");
    (void)outside.add(kGhcr);
    rig.token.clear();
    const Answer user = rig.call("POST", "/auth/register", {{"email", "b@x.example"}, {"password", "secret1"}, {"name", "B"}, {"inviteCode", code}});
    INFO(dump_json(user.body) << code);
    rig.token = text_at(user.body, "token");
    REQUIRE_FALSE(rig.token.empty());
    CHECK(rig.call("GET", "/registries").body["registries"].size() == 1);
    CHECK(rig.call("POST", "/admin/registries", kGhcr).status == 403);
    CHECK(rig.call("POST", "/plugins/keda/enable").status == 403);
    rig.token.clear();
    CHECK(rig.call("GET", "/registries").status == 401);
}
