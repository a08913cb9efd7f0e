// Signing in by a provider, with the gateway and the issuer on real sockets and a client that walks as a browser does.
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <optional>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/url.hpp"
#include "gateway/app.hpp"
#include "gateway/beast_client.hpp"
#include "gateway/openssl_signatures.hpp"
#include "hub/testing/fake_issuer.hpp"
#include "socket_fixture.hpp"
#include "temporary_folder.hpp"

namespace {

using hub::Json;

// A key pair that signs as an issuer does.
class SigningKey {
public:
    explicit SigningKey(bool rsa, unsigned bits = 2048) : rsa_(rsa), key_(rsa ? EVP_RSA_gen(bits) : EVP_EC_gen("P-256"), EVP_PKEY_free) { REQUIRE(key_); }

    [[nodiscard]] std::string sign(const std::string& text) const {
        std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        REQUIRE(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
        const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
        std::size_t size = 0;
        REQUIRE(EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1);
        std::string signature(size, '\0');
        REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size()) == 1);
        signature.resize(size);
        if (rsa_) return signature;
        const auto* der = reinterpret_cast<const unsigned char*>(signature.data());
        std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(size)), ECDSA_SIG_free);
        REQUIRE(pair);
        return padded(ECDSA_SIG_get0_r(pair.get())) + padded(ECDSA_SIG_get0_s(pair.get()));
    }
    [[nodiscard]] Json jwk(const std::string& id) const {
        if (rsa_) {
            return {{"kty", "RSA"}, {"kid", id}, {"use", "sig"}, {"n", base::base64url_encode(number(OSSL_PKEY_PARAM_RSA_N))}, {"e", base::base64url_encode(number(OSSL_PKEY_PARAM_RSA_E))}};
        }
        unsigned char point[65];
        std::size_t size = 0;
        REQUIRE(EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point, sizeof point, &size) == 1);
        const std::string_view bytes(reinterpret_cast<const char*>(point), size);
        REQUIRE(size == 65);
        return {{"kty", "EC"}, {"kid", id}, {"crv", "P-256"}, {"x", base::base64url_encode(bytes.substr(1, 32))}, {"y", base::base64url_encode(bytes.substr(33))}};
    }

private:
    static std::string padded(const BIGNUM* value) {
        std::string bytes(32, '\0');
        REQUIRE(BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), 32) == 32);
        return bytes;
    }
    [[nodiscard]] std::string number(const char* name) const {
        BIGNUM* value = nullptr;
        REQUIRE(EVP_PKEY_get_bn_param(key_.get(), name, &value) == 1);
        std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
        BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
        BN_free(value);
        return bytes;
    }
    bool rsa_;
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

class Console {
public:
    Console() {
        folder_.write("site/index.html", "<!doctype html>the page");
        folder_.write("site/auth/callback.html", "<!doctype html>back");
        folder_.write("secret", "s3cret\n");
        issuer.client_secret = "s3cret";
        issuer_server_ = test::listen(loop, issuer);
        issuer.origin = issuer_server_->url();
        issuer.origin.pop_back();
        gateway::Options options;
        options.port = 0;
        options.auth = hub::AuthMode::builtin;
        options.static_dir = (folder_.path() / "site").string();
        options.data_dir = (folder_.path() / "data").string();
        const std::string oidc = "name=sso,title=Company,issuer=" + issuer.issuer() + ",client-id=binnacle,secret-file=" + (folder_.path() / "secret").string();
        REQUIRE(gateway::set_oauth_value(options.oauth, "--oauth-oidc", oidc).has_value());
        REQUIRE(gateway::complete_oauth(options.oauth, {}).has_value());
        auto started = gateway::App::start(loop, options);
        if (!started) FAIL(started.error().message);
        app = std::move(*started);
        address = app->url();
        address.pop_back();
        issuer.redirect_uri = address + "/v1/api/auth/oauth/sso/callback";
    }
    ~Console() {
        bool down = false;
        app->shutdown([&] { down = true; });
        CHECK(loop.run_until([&] { return down; }, test::kWatchdogMs));
    }
    // One step of a browser: no redirect is followed, cookies are kept.
    net::Response visit(const std::string& location) {
        const auto url = base::parse_http_url(location);
        REQUIRE(url.has_value());
        net::Headers headers;
        if (!cookie.empty() && location.starts_with(address)) headers.set("Cookie", cookie);
        auto response = ask(url->origin(), {.target = url->path + (url->query.empty() ? "" : "?" + url->query), .headers = std::move(headers)});
        if (const std::string set(response.headers.get("Set-Cookie")); !set.empty()) cookie = set.substr(0, set.find(';'));
        return response;
    }
    net::Response ask(const std::string& origin, net::Request request) {
        auto client = gateway::BeastClient::create(loop, {.base_url = origin});
        REQUIRE(client.has_value());
        std::optional<base::Result<net::Response>> answer;
        auto handle = net::fetch(**client, std::move(request), [&](auto result) { answer = std::move(result); });
        REQUIRE(loop.run_until([&] { return answer.has_value(); }, test::kWatchdogMs));
        REQUIRE(answer->has_value());
        return **answer;
    }
    // All the way to the page.
    std::string sign_in(const std::string& query = "") {
        const auto begun = visit(address + "/v1/api/auth/oauth/sso/authorize" + query);
        if (begun.status != 307) return std::string(begun.headers.get("Location"));
        const auto agreed = visit(std::string(begun.headers.get("Location")));
        REQUIRE(agreed.status == 302);
        const auto back = visit(std::string(agreed.headers.get("Location")));
        CHECK(back.status == 303);
        return std::string(back.headers.get("Location"));
    }
    net::Response exchange(const std::string& page, const std::string& tab) {
        return ask(address, {.method = "POST",
                             .target = "/v1/api/auth/oauth/exchange",
                             .headers = {{"Content-Type", "application/json"}, {"Origin", address}},
                             .body = base::dump_json({{"code", page.substr(page.find('=') + 1)}, {"tab", tab}})});
    }

    gateway::AsioScheduler loop;
    hub::testing::FakeIssuer issuer{loop.clock(), ""};
    std::unique_ptr<gateway::App> app;
    std::string address;
    std::string cookie;

private:
    test::TemporaryFolder folder_;
    std::unique_ptr<gateway::BeastServer> issuer_server_;
};

}  // namespace

TEST_CASE("over sockets: a browser signs in by an issuer, and its session opens the API and the cluster [D2]") {
    Console console;
    const SigningKey key(true);
    console.issuer.token_header = {{"alg", "RS256"}, {"kid", "k1"}};
    console.issuer.keys = {{"keys", {key.jwk("k1")}}};
    console.issuer.sign = [&](const std::string& text) { return key.sign(text); };
    const std::string page = console.sign_in("?tab=0123456789abcdef");
    REQUIRE(page.starts_with(console.address + "/auth/callback?code="));
    CHECK(console.cookie.ends_with("="));  // taken away again
    CHECK(console.issuer.key_requests == 1);

    const auto shown = console.visit(page);
    CHECK(shown.body == "<!doctype html>back");
    CHECK(shown.headers.get("Referrer-Policy") == "no-referrer");

    const auto session = console.exchange(page, "0123456789abcdef");
    REQUIRE(session.status == 200);
    const auto json = base::parse_json(session.body);
    REQUIRE(json.has_value());
    CHECK(hub::text_at(*json, "user", "authProvider") == "sso");
    const net::Headers bearer{{"Authorization", "Bearer " + hub::text_at(*json, "token")}};
    CHECK(console.ask(console.address, {.target = "/v1/api/profile", .headers = bearer}).status == 200);
    CHECK(console.ask(console.address, {.target = "/k8s/version", .headers = bearer}).status == 200);
    CHECK(console.exchange(page, "0123456789abcdef").status == 400);
}

TEST_CASE("over sockets: a signature by a key that the issuer does not have is refused") {
    Console console;
    const SigningKey right(true);
    const SigningKey wrong(true);
    console.issuer.token_header = {{"alg", "RS256"}, {"kid", "k1"}};
    console.issuer.keys = {{"keys", {right.jwk("k1")}}};
    console.issuer.sign = [&](const std::string& text) { return wrong.sign(text); };
    CHECK(console.sign_in() == console.address + "/auth/callback?error=bad_token");
    console.issuer.token_header["kid"] = "k2";
    CHECK(console.sign_in() == console.address + "/auth/callback?error=bad_token");
    CHECK(console.issuer.key_requests == 1);  // an unknown key is no reason to ask at will
    console.issuer.token_header = {{"alg", "none"}};
    CHECK(console.sign_in() == console.address + "/auth/callback?error=bad_token");
}

TEST_CASE("over sockets: someone who comes by another name of this machine is sent to the right one") {
    Console console;
    const auto url = base::parse_http_url(console.address);
    REQUIRE(url.has_value());
    test::RawPeer peer(console.loop, url->port);
    peer.send("GET /v1/api/auth/oauth/sso/authorize HTTP/1.1\r\nHost: localhost:" + std::to_string(url->port) + "\r\nConnection: close\r\n\r\n");
    const std::string answer = peer.read_to_end();
    CHECK(answer.starts_with("HTTP/1.1 303"));
    CHECK(answer.find("Location: " + console.address + "/auth/callback?error=wrong_address\r\n") != std::string::npos);
    CHECK(console.issuer.discoveries == 0);
}

TEST_CASE("signatures are checked by RS256 and ES256, and nothing else") {
    const gateway::OpensslSignatures checker;
    for (const bool rsa : {true, false}) {
        INFO(rsa);
        const SigningKey key(rsa);
        const char* algorithm = rsa ? "RS256" : "ES256";
        const std::string signature = key.sign("header.payload");
        CHECK(checker.verify(algorithm, key.jwk("k"), "header.payload", signature));
        CHECK_FALSE(checker.verify(algorithm, key.jwk("k"), "header.payloaD", signature));
        CHECK_FALSE(checker.verify(rsa ? "ES256" : "RS256", key.jwk("k"), "header.payload", signature));
        CHECK_FALSE(checker.verify("HS256", key.jwk("k"), "header.payload", signature));
        CHECK_FALSE(checker.verify("none", key.jwk("k"), "header.payload", ""));
        CHECK_FALSE(checker.verify(algorithm, key.jwk("k"), "header.payload", ""));
        CHECK_FALSE(checker.verify(algorithm, key.jwk("k"), "header.payload", signature.substr(1)));
        CHECK_FALSE(checker.verify(algorithm, SigningKey(rsa).jwk("k"), "header.payload", signature));
        for (const char* part : {"n", "e", "x", "y", "crv"}) {
            Json broken = key.jwk("k");
            if (!broken.contains(part)) continue;
            for (const Json& value : {Json(), Json(7), Json(""), Json("!"), Json("AQAB")}) {
                if (part == std::string_view("e") && value == "AQAB") continue;  // that is the value
                broken[part] = value;
                CHECK_FALSE(checker.verify(algorithm, broken, "header.payload", signature));
            }
        }
        CHECK_FALSE(checker.verify(algorithm, Json(), "header.payload", signature));
    }
    const SigningKey weak(true, 1024);
    CHECK_FALSE(checker.verify("RS256", weak.jwk("k"), "text", weak.sign("text")));
}
