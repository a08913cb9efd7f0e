#include "gateway/options.hpp"

#include <catch2/catch_test_macros.hpp>

namespace {

const gateway::Environment kHome{"/home/me", ""};

base::Result<gateway::Options> parse(std::vector<std::string> arguments) { return gateway::parse_options(arguments, kHome); }

}  // namespace

TEST_CASE("the defaults bind loopback without login") {
    auto options = parse({});
    REQUIRE(options.has_value());
    CHECK(options->bind == "127.0.0.1");
    CHECK(options->port == 8080);
    CHECK(options->auth == hub::AuthMode::none);
    CHECK(options->data_dir == "/home/me/.local/share/binnacle");
    CHECK(options->frame_ancestors == "'self'");
    auto xdg = gateway::parse_options({}, {"/home/me", "/data"});
    REQUIRE(xdg.has_value());
    CHECK(xdg->data_dir == "/data/binnacle");
    CHECK_FALSE(gateway::parse_options({}, {}).has_value());
    CHECK(gateway::parse_options({"--help"}, {}).has_value());
}

TEST_CASE("every flag is read, with a blank or an equals sign") {
    auto options = parse({"--port", "0", "--bind=::1", "--static", "dist", "--data-dir=/d", "--auth", "builtin", "--kubernetes", "http://127.0.0.1:8001",
                          "--frame-ancestors", "self https://a.example", "--allowed-host", "x", "--allowed-host", "y", "--allowed-origin",
                          "https://Portal.example/", "--connect-src", "https://core.example", "--kube-speed", "2.5", "--log-requests",
                          "--watch-clients", "20", "--watch-channels=7", "--key-file", "/k", "--rotate-key"});
    REQUIRE(options.has_value());
    CHECK(options->port == 0);
    CHECK(options->bind == "::1");
    CHECK(options->static_dir == "dist");
    CHECK(options->data_dir == "/d");
    CHECK(options->auth == hub::AuthMode::builtin);
    CHECK(options->kubernetes_url == "http://127.0.0.1:8001");
    CHECK(options->frame_ancestors == "'self' https://a.example");
    CHECK(options->allowed_hosts == std::vector<std::string>{"x", "y"});
    CHECK(options->allowed_origins == std::vector<std::string>{"https://portal.example"});
    CHECK(options->connect_sources == std::vector<std::string>{"https://core.example"});
    CHECK(options->kube_speed == 2.5);
    CHECK(options->log_requests);
    CHECK(options->watch_clients == 20);
    CHECK(options->watch_channels == 7);
    CHECK(options->key_file == "/k");
    CHECK(options->rotate_key);
}

TEST_CASE("bad flags and values are refused with a hint") {
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"--bogus"}, {"--bogus", "1"}, {"stray"}, {"-x"}, {"--port"}, {"--port", "65536"}, {"--port", "-1"}, {"--port", "80x"}, {"--port="},
             {"--auth", "maybe"}, {"--kubernetes", "ftp://x"}, {"--kubernetes", "127.0.0.1"}, {"--frame-ancestors", "a; script-src *"},
             {"--connect-src", "x\r\ny"}, {"--allowed-origin", "portal"}, {"--kube-speed", "0"}, {"--kube-speed", "nan"}, {"--watch-clients", "0"},
             {"--watch-channels", "many"}}) {
        INFO(arguments.front());
        auto options = parse(arguments);
        REQUIRE_FALSE(options.has_value());
        CHECK(options.error().code == base::ErrorCode::invalid_argument);
        CHECK(options.error().hint.find("--help") != std::string::npos);
    }
    CHECK(parse({"--bogus"}).error().message.find("--bogus") != std::string::npos);
}

TEST_CASE("no login is for loopback only") {
    CHECK(parse({"--bind", "127.0.0.2", "--auth", "none"}).has_value());
    auto open = parse({"--bind", "0.0.0.0", "--auth", "none"});
    REQUIRE_FALSE(open.has_value());
    CHECK(open.error().hint.find("--auth builtin") != std::string::npos);
    auto quiet = parse({"--bind", "0.0.0.0"});
    REQUIRE(quiet.has_value());
    CHECK(quiet->auth == hub::AuthMode::builtin);
}

TEST_CASE("the help names every flag") {
    for (const char* flag : {"--port", "--bind", "--static", "--data-dir", "--auth", "--kubernetes", "--kube-speed", "--allowed-host", "--allowed-origin",
                             "--frame-ancestors", "--connect-src", "--log-requests", "--watch-clients", "--watch-channels", "--oauth-github-id", "--oauth-github-secret-file", "--oauth-github-url",
                             "--oauth-github-join", "--oauth-oidc", "--public-url", "--frontend-url", "--password-sign-in", "--version", "--help"}) {
        INFO(flag);
        CHECK(gateway::help_text().find(flag) != std::string_view::npos);
    }
}
