// OAuthRig: a hub with two providers, an OpenID Connect issuer and a GitHub Enterprise server, all in virtual time; and the steps
// that a browser would take.
#pragma once

#include "base/url.hpp"
#include "fake_kube.hpp"
#include "hub/oauth.hpp"
#include "hub/testing/fake_issuer.hpp"
#include "hub_rig.hpp"

namespace hub::testing {

struct OAuthRig {
    static constexpr const char* kCookieEnd = ";";

    explicit OAuthRig(OAuthOptions options = {}, const SignatureChecker* signatures = nullptr) {
        issuer.redirect_uri = "https://console.example/v1/api/auth/oauth/sso/callback";
        github.redirect_uri = "https://console.example/v1/api/auth/oauth/github/callback";
        github.names_itself = false;
        outbound.serve("https://sso.example", issuer);
        outbound.serve("https://ghe.example", github);
        if (options.public_url.empty()) options.public_url = "https://console.example/";
        if (options.providers.empty()) {
            options.providers = {{.id = "sso", .title = "Company", .icon = "authentik", .issuer = issuer.issuer(), .client_id = issuer.client_id, .client_secret = issuer.client_secret},
                                 {.id = "github", .title = "GitHub", .icon = "github", .kind = OAuthKind::github, .issuer = "https://ghe.example",
                                  .client_id = github.client_id, .client_secret = github.client_secret}};
        }
        oauth = std::make_unique<OAuth>(options, OAuthPorts{.outbound = outbound, .scheduler = time, .random = random, .signatures = signatures,
                                                            .log = [this](const std::string& line) { log.push_back(line); }});
        rig.outbound = &outbound;
        rig.external = oauth.get();
        rig.start();
    }

    // A browser: what it keeps between the steps.
    struct Browser {
        std::string cookies;
        std::string provider_location;  // where authorize sent it
        std::string back;               // where the provider sends it
    };

    Answer get(const std::string& path, const std::string& cookies = {}) {
        net::Headers headers;
        if (!cookies.empty()) headers.set("Cookie", cookies);
        return rig.call("GET", path, nullptr, headers);
    }
    Browser begin(const std::string& provider = "sso", const std::string& query = "") {
        const Answer answer = get("/auth/oauth/" + provider + "/authorize" + query);
        Browser browser;
        if (answer.status != 307) return browser;
        browser.provider_location = answer.headers.get("Location");
        const std::string cookie(answer.headers.get("Set-Cookie"));
        browser.cookies = "other=1; " + cookie.substr(0, cookie.find(';'));
        browser.back = (provider == "github" ? github : issuer).approve(browser.provider_location);
        return browser;
    }
    // Where the page ends up: "code=..." or "error=...".
    std::string finish(const Browser& browser) { return page_query(finish_raw(browser)); }
    Answer finish_raw(const Browser& browser) {
        const auto url = base::parse_http_url(browser.back);
        if (!url) return {};
        return get(url->path.substr(std::string("/v1/api").size()) + "?" + url->query, browser.cookies);
    }
    static std::string page_query(const Answer& answer) {
        const std::string location(answer.headers.get("Location"));
        const std::string page = "https://console.example/auth/callback?";
        return answer.status == 303 && location.starts_with(page) ? location.substr(page.size()) : "no redirect to the page: " + location;
    }
    std::string sign_in(const std::string& provider = "sso", const std::string& query = "") { return finish(begin(provider, query)); }
    Answer exchange(const std::string& page_query, const std::string& tab = "") {
        Json body{{"code", page_query.substr(page_query.find('=') + 1)}};
        if (!tab.empty()) body["tab"] = tab;
        return rig.call("POST", "/auth/oauth/exchange", body);
    }
    Json user_of(const std::string& page_query) { return value_at(exchange(page_query).body, "user"); }

    std::shared_ptr<base::testing::VirtualScheduler> time_owner = std::make_shared<base::testing::VirtualScheduler>();
    base::testing::VirtualScheduler& time = *time_owner;
    base::testing::SeededRandom random{11};
    LoopbackOutbound outbound{time};
    FakeIssuer issuer{time, "https://sso.example"};
    FakeIssuer github{time, "https://ghe.example"};
    std::vector<std::string> log;
    FakeKube kube;
    std::unique_ptr<OAuth> oauth;
    HubRig rig{time_owner, kube, AuthMode::builtin, {}};
};

}  // namespace hub::testing
