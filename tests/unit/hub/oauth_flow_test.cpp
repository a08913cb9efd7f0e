#include <catch2/catch_test_macros.hpp>

#include "hub/id_token.hpp"
#include "oauth_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

base::Query query_of(const std::string& location) {
    const auto url = base::parse_http_url(location);
    REQUIRE(url.has_value());
    auto query = base::parse_query(url->query);
    REQUIRE(query.has_value());
    return *query;
}

}  // namespace

TEST_CASE("the providers are offered beside the password, and only with sign-in") {
    OAuthRig oauth;
    const Json methods = oauth.get("/auth/methods").body;
    CHECK(flag_at(methods, "builtin", "enabled"));
    CHECK(value_at(methods, "providers") == Json::array({{{"name", "sso"}, {"displayName", "Company"}, {"icon", "authentik"}},
                                                         {{"name", "github"}, {"displayName", "GitHub"}, {"icon", "github"}}}));
    HubRig open(oauth.kube);
    open.external = oauth.oauth.get();
    open.start();
    CHECK(value_at(open.call("GET", "/auth/methods").body, "providers") == Json::array());
    CHECK(open.call("GET", "/auth/oauth/sso/authorize").status == 404);
}

TEST_CASE("authorize sends the browser to the provider with state, nonce, PKCE S256 and the exact redirect [D2]") {
    OAuthRig oauth;
    const Answer answer = oauth.get("/auth/oauth/sso/authorize");
    REQUIRE(answer.status == 307);
    const std::string location(answer.headers.get("Location"));
    CHECK(location.starts_with("https://sso.example/authorize?"));
    const base::Query query = query_of(location);
    CHECK(query.get("response_type") == "code");
    CHECK(query.get("client_id") == "binnacle");
    CHECK(query.get("redirect_uri") == "https://console.example/v1/api/auth/oauth/sso/callback");
    CHECK(query.get("scope") == "openid email profile");
    CHECK(query.get("state").size() == 43);
    CHECK(query.get("nonce").size() == 43);
    CHECK(query.get("code_challenge").size() == 43);
    CHECK(query.get("code_challenge_method") == "S256");
    CHECK(answer.headers.get("Cache-Control") == "no-store");
    const std::string cookie(answer.headers.get("Set-Cookie"));
    CHECK(cookie.starts_with("binnacle_oauth_" + std::string(query.get("state").substr(0, 8)) + "="));
    for (const char* attribute : {"; Path=/v1/api/auth/oauth/sso;", "; Max-Age=600;", "; HttpOnly", "; SameSite=Lax", "; Secure"}) {
        INFO(attribute);
        CHECK(cookie.find(attribute) != std::string::npos);
    }
    // Nothing of it repeats.
    const base::Query second = query_of(std::string(oauth.get("/auth/oauth/sso/authorize").headers.get("Location")));
    CHECK(second.get("state") != query.get("state"));
    CHECK(second.get("nonce") != query.get("nonce"));
    CHECK(second.get("code_challenge") != query.get("code_challenge"));
}

TEST_CASE("the PKCE challenge is that of RFC 7636, appendix B") {
    CHECK(pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST_CASE("a person signs in by an OpenID Connect issuer and gets a session like everybody's") {
    OAuthRig oauth;
    const auto browser = oauth.begin();
    const Answer back = oauth.finish_raw(browser);
    const std::string page = OAuthRig::page_query(back);
    REQUIRE(page.starts_with("code="));
    CHECK(back.headers.get("Set-Cookie").find("Max-Age=0") != std::string_view::npos);
    const Answer session = oauth.exchange(page);
    REQUIRE(session.status == 200);
    CHECK(session.headers.get("cache-control") == "no-store");
    CHECK(number_at(session.body, 0, "expires_in") == 86'400);
    const Json& user = value_at(session.body, "user");
    CHECK(text_at(user, "email") == "ann@example.org");
    CHECK(text_at(user, "name") == "Ann Archer");
    CHECK(text_at(user, "role") == "admin");
    CHECK(text_at(user, "authProvider") == "sso");
    oauth.rig.token = text_at(session.body, "token");
    CHECK(oauth.rig.call("GET", "/profile").body == user);
    CHECK(oauth.rig.call("GET", "/workflows").status == 200);
    CHECK(oauth.oauth->open_transactions() == 0);
    CHECK(oauth.log.empty());
}

TEST_CASE("the person stays the same user, after a restart too") {
    OAuthRig oauth;
    const Json first = oauth.user_of(oauth.sign_in());
    oauth.issuer.email = "ann.new@example.org";  // who somebody is does not hang on the address
    CHECK(oauth.user_of(oauth.sign_in()) == first);
    oauth.rig.start();
    CHECK(oauth.user_of(oauth.sign_in()) == first);
}

TEST_CASE("a person signs in by GitHub with the verified primary address") {
    OAuthRig oauth;
    const auto browser = oauth.begin("github");
    CHECK(browser.provider_location.starts_with("https://ghe.example/login/oauth/authorize?"));
    const base::Query query = query_of(browser.provider_location);
    CHECK(query.get("scope") == "read:user user:email");
    CHECK_FALSE(query.has("nonce"));
    const Json user = oauth.user_of(oauth.finish(browser));
    CHECK(text_at(user, "email") == "ann@example.org");
    CHECK(text_at(user, "name") == "ann");
    CHECK(text_at(user, "authProvider") == "github");
    CHECK(text_at(user, "avatarUrl") == "https://avatars.example/4711");
}

TEST_CASE("what the ID token leaves out comes from userinfo, of the same person only") {
    OAuthRig oauth;
    oauth.issuer.email_in_token = false;
    SECTION("the same") {
        const Json user = oauth.user_of(oauth.sign_in());
        CHECK(text_at(user, "email") == "ann@example.org");
        CHECK(text_at(user, "name") == "Ann of userinfo");
    }
    SECTION("another") {
        oauth.issuer.userinfo["sub"] = "somebody-else";
        CHECK(oauth.sign_in() == "error=bad_token");
    }
    SECTION("without an address") {
        oauth.issuer.userinfo["email"] = nullptr;
        CHECK(oauth.sign_in() == "error=no_email");
    }
    SECTION("with an address that nobody verified") {
        oauth.issuer.userinfo["email_verified"] = false;
        CHECK(oauth.sign_in() == "error=email_unverified");
    }
}

TEST_CASE("the client secret goes by header, or in the body where the issuer wants that, or there is none") {
    SECTION("by header, both parts encoded") {
        OAuthRig oauth;
        CHECK(oauth.sign_in().starts_with("code="));
        CHECK(oauth.issuer.last_token_authorization.starts_with("Basic "));
        CHECK(oauth.issuer.last_token_body.find("client_secret") == std::string::npos);
    }
    SECTION("in the body") {
        OAuthRig oauth;
        oauth.issuer.discovery["token_endpoint_auth_methods_supported"] = {"client_secret_post"};
        CHECK(oauth.sign_in().starts_with("code="));
        CHECK(oauth.issuer.last_token_authorization.empty());
    }
    SECTION("none: a public client with PKCE alone") {
        OAuthRig oauth({.providers = {{.id = "sso", .title = "Company", .icon = "oidc", .issuer = "https://sso.example/o/", .client_id = "binnacle"}}});
        oauth.issuer.client_secret.clear();
        oauth.issuer.token_header = {{"alg", "RS256"}};  // a symmetric signature needs a secret
        CHECK(oauth.sign_in().starts_with("code="));
        oauth.issuer.token_header = {{"alg", "HS256"}};
        CHECK(oauth.sign_in() == "error=bad_token");
    }
}

TEST_CASE("the discovery document is read once an hour") {
    OAuthRig oauth;
    for (int i = 0; i < 5; ++i) CHECK(oauth.sign_in().starts_with("code="));
    CHECK(oauth.issuer.discoveries == 1);
    oauth.time.advance(3'600'000);
    CHECK(oauth.sign_in().starts_with("code="));
    CHECK(oauth.issuer.discoveries == 2);
}

TEST_CASE("a page elsewhere and a path in front are kept in the addresses") {
    OAuthRig oauth({.public_url = "https://portal.example/console/", .frontend_url = "https://static.example/binnacle"});
    oauth.issuer.redirect_uri = "https://portal.example/console/v1/api/auth/oauth/sso/callback";
    const Answer answer = oauth.get("/auth/oauth/sso/authorize");
    CHECK(answer.headers.get("Set-Cookie").find("; Path=/console/v1/api/auth/oauth/sso;") != std::string_view::npos);
    CHECK_FALSE(oauth.issuer.approve(std::string(answer.headers.get("Location"))).empty());
    CHECK(oauth.get("/auth/oauth/nobody/authorize").headers.get("Location") == "https://static.example/binnacle/auth/callback?error=unknown_provider");
}

TEST_CASE("without passwords only the providers let people in") {
    OAuthRig oauth({.passwords = false});
    const Json methods = oauth.get("/auth/methods").body;
    CHECK_FALSE(flag_at(methods, "builtin", "enabled"));
    CHECK_FALSE(flag_at(methods, "builtin", "signupEnabled"));
    CHECK(value_at(methods, "providers").size() == 2);
    CHECK(oauth.rig.call("POST", "/auth/register", {{"email", "a@example.org"}, {"password", "secret1"}, {"name", "A"}}).status == 403);
    CHECK(oauth.rig.call("POST", "/auth/login", {{"email", "a@example.org"}, {"password", "secret1"}}).status == 403);
    CHECK(oauth.sign_in().starts_with("code="));
}

TEST_CASE("who signs in by a provider has no password, and none is right for the account") {
    OAuthRig oauth;
    const Answer session = oauth.exchange(oauth.sign_in());
    for (const char* password : {"", "h:", "secret1"}) {
        CHECK(oauth.rig.call("POST", "/auth/login", {{"email", "ann@example.org"}, {"password", password}}).status == 401);
    }
    oauth.rig.token = text_at(session.body, "token");
    CHECK(oauth.rig.call("PUT", "/profile/password", {{"currentPassword", ""}, {"newPassword", "secret2"}}).status == 403);
    const Answer renamed = oauth.rig.call("PUT", "/profile", {{"name", "Ann B."}});
    CHECK(text_at(renamed.body, "name") == "Ann B.");
    CHECK(text_at(renamed.body, "authProvider") == "sso");
    // The name is the person's own from now on.
    CHECK(text_at(oauth.user_of(oauth.sign_in()), "name") == "Ann B.");
}

TEST_CASE("a provider's configuration is checked with words that help") {
    const OAuthProvider good{.id = "sso", .title = "S", .icon = "oidc", .issuer = "https://sso.example/o/", .client_id = "x"};
    CHECK(check_provider(good, {}).has_value());
    OAuthProvider local = good;
    local.issuer = "http://127.0.0.1:9000/o/";
    CHECK(check_provider(local, {}).has_value());
    const auto broken = [&](auto change) {
        OAuthProvider provider = good;
        change(provider);
        const auto result = check_provider(provider, {});
        REQUIRE_FALSE(result.has_value());
        CHECK_FALSE(result.error().hint.empty());
    };
    for (const char* id : {"", "Sso", "a b", "-x", "a/b", "email", "0123456789012345678901234567890123"}) broken([&](auto& p) { p.id = id; });
    for (const char* issuer : {"", "sso.example", "http://sso.example/", "http://127.example.org/", "https://sso.example/?a=b"}) broken([&](auto& p) { p.issuer = issuer; });
    broken([](auto& p) { p.client_id = ""; });
    CHECK_FALSE(check_provider(good, {good}).has_value());
}
