// Everything that must not let somebody in.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "oauth_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

std::string replace_parameter(const std::string& location, const std::string& name, const std::string& value) {
    const auto url = base::parse_http_url(location);
    auto query = base::parse_query(url->query);
    query->set(name, value);
    return url->origin() + url->path + query->to_suffix();
}

// Nothing of a secret may be where people or logs see it.
void check_silent(const OAuthRig& oauth) {
    for (const std::string& line : oauth.log) {
        INFO(line);
        for (const std::string& secret : {std::string("s3cret"), std::string("code-1"), std::string("access-token")}) CHECK(line.find(secret) == std::string::npos);
    }
}

}  // namespace

TEST_CASE("a wrong, missing or used state does nothing [D2]") {
    OAuthRig oauth;
    auto browser = oauth.begin();
    const std::string back = browser.back;
    for (const char* state : {"", "x", "0123456789012345678901234567890123456789012"}) {
        browser.back = replace_parameter(back, "state", state);
        CHECK(oauth.finish(browser) == "error=expired");
    }
    CHECK(oauth.issuer.token_requests == 0);
    browser.back = back;
    CHECK(oauth.finish(browser).starts_with("code="));
    CHECK(oauth.finish(browser) == "error=expired");
    CHECK(oauth.issuer.token_requests == 1);
}

TEST_CASE("an answer in a browser without the transaction's cookie does nothing, and ends the transaction [D2]") {
    OAuthRig oauth;
    const auto victim = oauth.begin();
    for (const std::string& cookies : {std::string(), std::string("other=1"), victim.cookies + "x", oauth.begin().cookies}) {
        auto browser = oauth.begin();
        browser.cookies = cookies;
        CHECK(oauth.finish(browser) == "error=wrong_browser");
        CHECK(oauth.finish(browser) == "error=expired");
    }
    CHECK(oauth.issuer.token_requests == 0);
    CHECK(oauth.finish(victim).starts_with("code="));
}

TEST_CASE("a transaction ends after ten minutes") {
    OAuthRig oauth;
    const auto late = oauth.begin();
    oauth.time.advance(OAuth::kTransactionLifetimeMs);
    CHECK(oauth.finish(late) == "error=expired");
    CHECK(oauth.issuer.token_requests == 0);
    const auto early = oauth.begin();
    oauth.time.advance(OAuth::kTransactionLifetimeMs - 1'000);
    CHECK(oauth.finish(early).starts_with("code="));
}

TEST_CASE("the number of open transactions is bounded, the oldest goes") {
    OAuthRig oauth;
    const auto oldest = oauth.begin();
    for (std::size_t i = 0; i < OAuth::kMaxTransactions + 20; ++i) {
        if (i % 20 == 0) oauth.time.advance(60'000 / 40);
        net::LoopbackClient peer(oauth.time, *oauth.rig.hub, "peer-" + std::to_string(i));
        const auto handle = peer.send({.target = "/v1/api/auth/oauth/sso/authorize"}, {});
        oauth.time.run_ready();
    }
    CHECK(oauth.oauth->open_transactions() == OAuth::kMaxTransactions);
    CHECK(oauth.finish(oldest) == "error=expired");
}

TEST_CASE("one peer cannot start without end") {
    OAuthRig oauth;
    int sent = 0;
    while (oauth.get("/auth/oauth/sso/authorize").status == 307 && sent < 1'000) ++sent;
    CHECK(sent == 30);
    CHECK(OAuthRig::page_query(oauth.get("/auth/oauth/sso/authorize")) == "error=busy");
    oauth.time.advance(60'000);
    CHECK(oauth.get("/auth/oauth/sso/authorize").status == 307);
}

TEST_CASE("one provider's answer does not serve another") {
    OAuthRig oauth;
    auto browser = oauth.begin("github");
    browser.back = base::replace_all(browser.back, "/github/", "/sso/");
    CHECK(oauth.finish(browser) == "error=expired");
    CHECK(oauth.issuer.token_requests + oauth.github.token_requests == 0);
}

TEST_CASE("the answer must name the issuer where the issuer says that it does (RFC 9207) [D2]") {
    OAuthRig oauth;
    auto browser = oauth.begin();
    browser.back = replace_parameter(browser.back, "iss", "https://evil.example/");
    CHECK(oauth.finish(browser) == "error=provider_error");
    oauth.issuer.answer_parameters["iss"] = nullptr;
    CHECK(oauth.sign_in() == "error=provider_error");
    CHECK(oauth.issuer.token_requests == 0);
    OAuthRig silent;
    silent.issuer.names_itself = false;
    CHECK(silent.sign_in().starts_with("code="));
}

TEST_CASE("a provider's error comes back as a short word") {
    OAuthRig oauth;
    oauth.issuer.answer_parameters = {{"code", nullptr}, {"error", "access_denied"}};
    CHECK(oauth.sign_in() == "error=denied");
    CHECK(oauth.log.empty());
    oauth.issuer.answer_parameters["error"] = "server_error";
    CHECK(oauth.sign_in() == "error=provider_error");
    oauth.issuer.answer_parameters["error"] = nullptr;
    CHECK(oauth.sign_in() == "error=provider_error");  // neither code nor error
    CHECK(oauth.issuer.token_requests == 0);
    CHECK(oauth.log.size() == 2);
}

TEST_CASE("a code that the provider has seen before is refused there") {
    OAuthRig oauth;
    const auto first = oauth.begin();
    auto second = oauth.begin();
    const std::string code(base::parse_query(base::parse_http_url(first.back)->query)->get("code"));
    CHECK(oauth.finish(first).starts_with("code="));
    second.back = replace_parameter(second.back, "code", code);
    CHECK(oauth.finish(second) == "error=provider_error");
    check_silent(oauth);
}

TEST_CASE("a code stolen from another browser's answer fails by PKCE") {
    OAuthRig oauth;
    const auto victim = oauth.begin();
    auto thief = oauth.begin();
    thief.back = replace_parameter(thief.back, "code", std::string(base::parse_query(base::parse_http_url(victim.back)->query)->get("code")));
    CHECK(oauth.finish(thief) == "error=provider_error");
    check_silent(oauth);
}

TEST_CASE("an ID token for another client, issuer, time or sign-in is refused") {
    const std::int64_t now_s = 1767225600;
    for (const Json& change : {Json{{"aud", "another"}}, Json{{"aud", nullptr}}, Json{{"aud", {"binnacle", "another"}}}, Json{{"aud", Json::array()}},
                               Json{{"aud", {"binnacle", "another"}}, {"azp", "another"}}, Json{{"azp", "another"}},
                               Json{{"iss", "https://sso.example/o"}}, Json{{"iss", "https://evil.example/o/"}}, Json{{"iss", nullptr}}, Json{{"nonce", "wrong"}},
                               Json{{"nonce", nullptr}}, Json{{"exp", now_s - 1'000}}, Json{{"exp", nullptr}}, Json{{"exp", "soon"}}, Json{{"iat", nullptr}},
                               Json{{"iat", now_s + 1'000}}, Json{{"nbf", now_s + 1'000}}, Json{{"sub", nullptr}}, Json{{"sub", ""}}, Json{{"sub", std::string(300, 'x')}}}) {
        INFO(change.dump());
        OAuthRig oauth;
        oauth.issuer.claims = change;
        CHECK(oauth.sign_in() == "error=bad_token");
        REQUIRE(oauth.log.size() == 1);
        check_silent(oauth);
    }
    for (const Json& change : {Json{{"aud", {"binnacle"}}}, Json{{"aud", {"another", "binnacle"}}, {"azp", "binnacle"}}, Json{{"exp", now_s - 60}}, Json{{"nbf", now_s}}}) {
        INFO(change.dump());
        OAuthRig oauth;
        oauth.issuer.claims = change;
        CHECK(oauth.sign_in().starts_with("code="));
    }
}

TEST_CASE("an ID token that is none, or not signed, is refused") {
    const std::string body = base::base64url_encode("{}");
    for (const std::string& text : {std::string("x"), std::string("a.b.c"), body + "." + body, body + "." + body + "." + body + ".", "." + body + ".",
                                    body + "." + base::base64url_encode("[]") + ".", std::string(20'000, 'x')}) {
        INFO(text.substr(0, 60));
        OAuthRig oauth;
        oauth.issuer.raw_id_token = text;
        CHECK(oauth.sign_in() == "error=bad_token");
    }
    for (const char* algorithm : {"none", ""}) {
        OAuthRig oauth;
        oauth.issuer.token_header = {{"alg", algorithm}};
        CHECK(oauth.sign_in() == "error=bad_token");
    }
    OAuthRig oauth;
    oauth.issuer.sign = [](const std::string&) { return std::string(32, 'x'); };
    CHECK(oauth.sign_in() == "error=bad_token");
}

TEST_CASE("the issuer of the discovery document must be the configured one to the letter") {
    for (const char* issuer : {"https://sso.example/o", "https://sso.example/O/", "https://evil.example/o/", ""}) {
        OAuthRig oauth;
        oauth.issuer.discovery["issuer"] = issuer;
        CHECK(OAuthRig::page_query(oauth.get("/auth/oauth/sso/authorize")) == "error=provider_unavailable");
        CHECK(oauth.log.size() == 1);
    }
}

TEST_CASE("a provider that cannot be reached, or has not set itself up, says so") {
    OAuthRig oauth;
    oauth.issuer.discovery_status = 500;
    CHECK(OAuthRig::page_query(oauth.get("/auth/oauth/sso/authorize")) == "error=provider_unavailable");
    oauth.issuer.discovery_status = 404;
    CHECK(OAuthRig::page_query(oauth.get("/auth/oauth/sso/authorize")) == "error=provider_unavailable");
    oauth.issuer.discovery_status = 200;
    oauth.issuer.discovery["token_endpoint"] = nullptr;
    CHECK(OAuthRig::page_query(oauth.get("/auth/oauth/sso/authorize")) == "error=provider_unavailable");
    oauth.issuer.discovery = Json::object();
    oauth.issuer.token_status = 503;
    CHECK(oauth.sign_in() == "error=provider_unavailable");
    CHECK(oauth.oauth->open_transactions() == 0);
    oauth.issuer.token_status = 200;
    CHECK(oauth.sign_in().starts_with("code="));
    OAuthRig away;
    away.outbound.forget("https://sso.example");
    CHECK(OAuthRig::page_query(away.get("/auth/oauth/sso/authorize")) == "error=provider_unavailable");
    CHECK(away.oauth->open_transactions() == 0);
}

TEST_CASE("an address that nobody verified opens no account") {
    OAuthRig oauth;
    oauth.issuer.email_verified = false;
    CHECK(oauth.sign_in() == "error=email_unverified");
    oauth.github.email_verified = false;
    CHECK(oauth.sign_in("github") == "error=email_unverified");
    oauth.github.github_emails = Json::array();
    CHECK(oauth.sign_in("github") == "error=no_email");
    CHECK(oauth.rig.store.size("users") == 0);
    // Unless the operator says that this issuer owns its addresses.
    OAuthRig trusting({.providers = {{.id = "sso", .title = "Company", .icon = "oidc", .issuer = "https://sso.example/o/", .client_id = "binnacle",
                                      .client_secret = "s3cret/+ :x", .trust_email = true}}});
    trusting.issuer.email_verified = false;
    CHECK(trusting.sign_in().starts_with("code="));
}

TEST_CASE("an account with a password is never taken over by a provider's word") {
    OAuthRig oauth;
    REQUIRE(oauth.rig.call("POST", "/auth/register", {{"email", "ann@example.org"}, {"password", "secret1"}, {"name", "Ann"}}).status == 201);
    CHECK(oauth.sign_in() == "error=password_account");
    CHECK(oauth.sign_in("github") == "error=password_account");
    CHECK(oauth.rig.call("POST", "/auth/login", {{"email", "ann@example.org"}, {"password", "secret1"}}).status == 200);
}

TEST_CASE("one provider does not speak for another's user, but for its own") {
    OAuthRig oauth;
    const Json ann = oauth.user_of(oauth.sign_in());
    CHECK(oauth.sign_in("github") == "error=other_provider");
    oauth.issuer.subject = "ann-2";  // made anew over there, with the same verified address
    CHECK(oauth.user_of(oauth.sign_in()) == ann);
    oauth.issuer.email = "moved@example.org";
    CHECK(oauth.user_of(oauth.sign_in()) == ann);
}

TEST_CASE("after the first user a new one needs an invite, or a provider that may bring people in") {
    OAuthRig oauth;
    const Answer admin = oauth.exchange(oauth.sign_in());
    CHECK(text_at(admin.body, "user", "role") == "admin");
    oauth.rig.token = text_at(admin.body, "token");
    const std::string invite = text_at(oauth.rig.call("GET", "/admin/settings/invite-code").body, "inviteCode");
    oauth.rig.token.clear();
    oauth.issuer.subject = "bob";
    oauth.issuer.email = "Bob@Example.org";
    CHECK(oauth.sign_in() == "error=invite_required");
    CHECK(oauth.sign_in("sso", "?invite=000000x") == "error=invite_required");
    const Json bob = oauth.user_of(oauth.sign_in("sso", "?invite=" + invite));
    CHECK(text_at(bob, "email") == "bob@example.org");
    CHECK(text_at(bob, "role") == "user");
    CHECK(oauth.user_of(oauth.sign_in()) == bob);

    OAuthRig company({.providers = {{.id = "sso", .title = "Company", .icon = "oidc", .issuer = "https://sso.example/o/", .client_id = "binnacle",
                                     .client_secret = "s3cret/+ :x", .join_domains = {"example.org"}}}});
    CHECK(company.sign_in().starts_with("code="));
    company.issuer.subject = "bob";
    company.issuer.email = "bob@EXAMPLE.org";
    CHECK(company.sign_in().starts_with("code="));
    company.issuer.subject = "eve";
    for (const char* email : {"eve@evil.example", "eve@notexample.org", "eve@sub.example.org", "example.org@evil.example"}) {
        company.issuer.email = email;
        CHECK(company.sign_in() == "error=invite_required");
    }
}

TEST_CASE("a login code works once, for a minute, in the tab that began [D2]") {
    OAuthRig oauth;
    const std::string page = oauth.sign_in("sso", "?tab=tab-secret-1");
    CHECK(oauth.exchange(page, "tab-secret-2").status == 400);
    CHECK(oauth.exchange(page, "tab-secret-1").status == 400);  // a wrong guess uses it up
    CHECK(oauth.exchange(oauth.sign_in("sso", "?tab=tab-secret-1")).status == 400);
    const std::string good = oauth.sign_in("sso", "?tab=tab-secret-1");
    CHECK(oauth.exchange(good, "tab-secret-1").status == 200);
    CHECK(oauth.exchange(good, "tab-secret-1").status == 400);
    const std::string late = oauth.sign_in();
    oauth.time.advance(OAuth::kLoginCodeLifetimeMs);
    CHECK(oauth.exchange(late).status == 400);
    CHECK(oauth.exchange("code=nonsense").status == 400);
    CHECK(oauth.rig.call("POST", "/auth/oauth/exchange", {{"code", 7}}).status == 400);
    CHECK(oauth.rig.call("POST", "/auth/oauth/exchange", Json::object()).status == 400);
}

TEST_CASE("login codes cannot be guessed without end") {
    OAuthRig oauth;
    int tried = 0;
    while (oauth.exchange("code=guess").status == 400 && tried < 1'000) ++tried;
    CHECK(tried == 30);
    const Answer limited = oauth.exchange("code=guess");
    CHECK(limited.status == 429);
    CHECK(limited.headers.has("Retry-After"));
}

TEST_CASE("a hub that ends while a provider is asked answers nobody late") {
    OAuthRig oauth;
    const auto browser = oauth.begin();
    const auto url = base::parse_http_url(browser.back);
    const auto handle = oauth.rig.client->send({.target = url->path + "?" + url->query, .headers = {{"Cookie", browser.cookies}}}, {});
    oauth.time.run_ready(2);
    oauth.rig.hub.reset();
    oauth.time.run_ready();
    CHECK(oauth.oauth->open_transactions() == 0);
}
