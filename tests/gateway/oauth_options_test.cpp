#include <catch2/catch_test_macros.hpp>

#include "gateway/options.hpp"
#include "temporary_folder.hpp"

namespace {

base::Result<gateway::Options> parse(std::vector<std::string> arguments, gateway::Variables variables = {}) {
    return gateway::parse_options(arguments, {"/home/me", "", std::move(variables)});
}

constexpr const char* kOidc = "name=sso,issuer=https://sso.example/o/,client-id=binnacle";

}  // namespace

TEST_CASE("providers are read from flags, and imply sign-in") {
    const auto options = parse({"--oauth-github-id", "gh", "--oauth-github-secret-file=/s/gh", "--oauth-github-join", "a.example+b.example", "--oauth-oidc",
                                std::string(kOidc) + ",secret-file=/s/sso,title=Our SSO,scopes=openid+email,join=*,trust-email=yes", "--oauth-oidc",
                                "name=my-authentik, issuer=https://auth.example/ , client-id=x", "--public-url", "https://console.example/", "--frontend-url",
                                "https://static.example/b/"});
    REQUIRE(options.has_value());
    CHECK(options->auth == hub::AuthMode::builtin);
    const hub::OAuthProvider& github = options->oauth.github.provider;
    CHECK(github.id == "github");
    CHECK(github.kind == hub::OAuthKind::github);
    CHECK(github.issuer == "https://github.com");
    CHECK(github.join_domains == std::vector<std::string>{"a.example", "b.example"});
    CHECK(options->oauth.github.secret_file == "/s/gh");
    REQUIRE(options->oauth.oidc.size() == 2);
    const gateway::ProviderSetting& sso = options->oauth.oidc[0];
    CHECK(sso.provider.title == "Our SSO");
    CHECK(sso.provider.icon == "oidc");
    CHECK(sso.provider.issuer == "https://sso.example/o/");
    CHECK(sso.provider.scopes == "openid email");
    CHECK(sso.provider.join_domains == std::vector<std::string>{"*"});
    CHECK(sso.provider.trust_email);
    CHECK(sso.secret_file == "/s/sso");
    CHECK(options->oauth.oidc[1].provider.title == "My-authentik");
    CHECK(options->oauth.oidc[1].provider.icon == "authentik");
    CHECK(options->oauth.public_url == "https://console.example");
    CHECK(options->oauth.frontend_url == "https://static.example/b");
    CHECK(options->oauth.passwords);
}

TEST_CASE("providers and secrets may come from the environment") {
    const auto options = parse({}, {{"BINNACLE_OAUTH_GITHUB_ID", "gh"},
                                    {"BINNACLE_OAUTH_SECRET_GITHUB", "one"},
                                    {"BINNACLE_OAUTH_OIDC", "name=my-sso,issuer=https://sso.example/,client-id=x; name=b,issuer=https://b.example/,client-id=y"},
                                    {"BINNACLE_OAUTH_SECRET_MY_SSO", "two"},
                                    {"BINNACLE_PUBLIC_URL", "https://console.example"}});
    REQUIRE(options.has_value());
    CHECK(options->auth == hub::AuthMode::builtin);
    CHECK(options->oauth.public_url == "https://console.example");
    const auto read = gateway::read_oauth_secrets(options->oauth);
    REQUIRE(read.has_value());
    REQUIRE(read->providers.size() == 3);
    CHECK(read->providers[0].client_secret == "one");
    CHECK(read->providers[1].client_secret == "two");
    CHECK(read->providers[2].client_secret.empty());
    // A flag has the last word.
    const auto flag = parse({"--public-url", "https://other.example", "--oauth-oidc", kOidc}, {{"BINNACLE_PUBLIC_URL", "https://console.example"}, {"BINNACLE_OAUTH_OIDC", "nonsense"}});
    REQUIRE(flag.has_value());
    CHECK(flag->oauth.public_url == "https://other.example");
    CHECK(flag->oauth.oidc.size() == 1);
}

TEST_CASE("bad provider settings are refused with a hint, and no secret is repeated") {
    const std::vector<std::vector<std::string>> cases{
        {"--oauth-oidc", ""},
        {"--oauth-oidc", "name=sso"},
        {"--oauth-oidc", "sso"},
        {"--oauth-oidc", "name=sso,issuer=,client-id=x"},
        {"--oauth-oidc", std::string(kOidc) + ",client-secret=hunter2"},
        {"--oauth-oidc", std::string(kOidc) + ",trust-email=hunter2"},
        {"--oauth-oidc", std::string(kOidc) + ",wish=hunter2"},
        {"--oauth-oidc", "name=SSO,issuer=https://sso.example/,client-id=hunter2"},
        {"--oauth-oidc", "name=sso,issuer=http://sso.example/,client-id=hunter2"},
        {"--oauth-oidc", kOidc, "--oauth-oidc", kOidc},
        {"--oauth-oidc", "name=github,issuer=https://sso.example/,client-id=x", "--oauth-github-id", "y", "--oauth-github-secret-file", "/s"},
        {"--oauth-github-id", "hunter2"},
        {"--oauth-github-secret-file", "/s"},
        {"--oauth-github-id", "x", "--oauth-github-secret-file", "/s", "--oauth-github-url", "ghe.example"},
        {"--oauth-github-id", "x", "--oauth-github-secret-file", "/s", "--oauth-github-url", "http://ghe.example"},
        {"--public-url", "console.example"},
        {"--public-url", "https://console.example/?a=b"},
        {"--password-sign-in", "maybe"},
        {"--password-sign-in", "off"},
        {"--auth", "none", "--oauth-oidc", kOidc},
        {"--bind", "0.0.0.0", "--oauth-oidc", kOidc},
    };
    for (const auto& arguments : cases) {
        std::string line;
        for (const auto& argument : arguments) line += argument + " ";
        INFO(line);
        const auto options = parse(arguments);
        REQUIRE_FALSE(options.has_value());
        CHECK(options.error().code == base::ErrorCode::invalid_argument);
        CHECK_FALSE(options.error().hint.empty());
        CHECK(options.error().message.find("hunter2") == std::string::npos);
        CHECK(options.error().hint.find("hunter2") == std::string::npos);
    }
    CHECK(parse({"--bind", "0.0.0.0", "--public-url", "https://console.example", "--oauth-oidc", kOidc}).has_value());
    CHECK(parse({"--password-sign-in", "off", "--oauth-oidc", kOidc}).has_value());
}

TEST_CASE("a client secret is read from its file when the gateway starts") {
    test::TemporaryFolder folder;
    folder.write("secret", "  s3cret\n");
    folder.write("empty", "\n");
    const auto settings = [&](const std::string& file) {
        const auto options = parse({"--oauth-oidc", std::string(kOidc) + ",secret-file=" + (folder.path() / file).string()});
        REQUIRE(options.has_value());
        return gateway::read_oauth_secrets(options->oauth);
    };
    const auto good = settings("secret");
    REQUIRE(good.has_value());
    CHECK(good->providers.front().client_secret == "s3cret");
    for (const char* file : {"empty", "missing", "."}) {
        INFO(file);
        const auto bad = settings(file);
        REQUIRE_FALSE(bad.has_value());
        CHECK_FALSE(bad.error().hint.empty());
    }
}
