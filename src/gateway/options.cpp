#include "gateway/options.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "base/url.hpp"

namespace gateway {

namespace {

constexpr std::string_view kSeeHelp = "See --help for every flag";

base::Error bad_value(std::string_view flag, std::string_view value, std::string_view expected) {
    return {base::ErrorCode::invalid_argument, std::string(flag) + " cannot be \"" + std::string(value) + "\": it takes " + std::string(expected),
            std::string(kSeeHelp)};
}

// A CSP source list goes into a header as it is: nothing that ends the directive or the line.
bool is_source_list(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f && c != ';' && c != ','; });
}

// self and none are keywords there, and shells eat their quotes.
std::string with_quoted_keywords(std::string_view sources) {
    std::string text;
    for (auto source : base::split(sources, ' ')) {
        if (source.empty()) continue;
        if (!text.empty()) text += ' ';
        text += source == "self" || source == "none" ? "'" + std::string(source) + "'" : std::string(source);
    }
    return text;
}

base::Result<void> set_value(Options& options, std::optional<hub::AuthMode>& auth, std::string_view flag, const std::string& value) {
    if (flag == "--port") {
        const auto port = base::parse_integer_in<int>(value, 0, 65535);
        if (!port) return base::fail(bad_value(flag, value, "a number from 0 (any free port) to 65535"));
        options.port = static_cast<std::uint16_t>(*port);
    } else if (flag == "--bind") {
        options.bind = value;
    } else if (flag == "--static") {
        options.static_dir = value;
    } else if (flag == "--data-dir") {
        options.data_dir = value;
    } else if (flag == "--key-file") {
        options.key_file = value;
    } else if (flag == "--auth") {
        if (value != "none" && value != "builtin") return base::fail(bad_value(flag, value, "none or builtin"));
        auth = value == "none" ? hub::AuthMode::none : hub::AuthMode::builtin;
    } else if (flag == "--kubernetes") {
        if (auto url = base::parse_http_url(value); !url) {
            return base::fail(bad_value(flag, value, "an address like http://127.0.0.1:8001 (" + url.error().message + ")"));
        }
        options.kubernetes_url = value;
    } else if (flag == "--frame-ancestors") {
        if (!is_source_list(value)) return base::fail(bad_value(flag, value, "a list of origins, 'self' or 'none'"));
        options.frame_ancestors = with_quoted_keywords(value);
    } else if (flag == "--allowed-host") {
        options.allowed_hosts.push_back(value);
    } else if (flag == "--allowed-origin") {
        const auto url = base::parse_http_url(value);
        if (!url) return base::fail(bad_value(flag, value, "an origin like https://portal.example"));
        options.allowed_origins.push_back(url->origin());
    } else if (flag == "--connect-src") {
        if (!is_source_list(value)) return base::fail(bad_value(flag, value, "an origin like https://core.example"));
        options.connect_sources.push_back(with_quoted_keywords(value));
    } else if (flag == "--kube-speed") {
        const auto speed = base::parse_number(value);
        if (!speed || *speed <= 0 || *speed > 1000) return base::fail(bad_value(flag, value, "a number above 0, at most 1000"));
        options.kube_speed = *speed;
    } else if (flag == "--watch-clients" || flag == "--watch-channels") {
        const auto count = base::parse_integer_in<int>(value, 1, 100'000);
        if (!count) return base::fail(bad_value(flag, value, "a number from 1 to 100000"));
        (flag == "--watch-clients" ? options.watch_clients : options.watch_channels) = static_cast<std::size_t>(*count);
    } else {
        return base::fail(base::ErrorCode::invalid_argument, "unknown flag " + std::string(flag), std::string(kSeeHelp));
    }
    return {};
}

}  // namespace

base::Result<Options> parse_options(const std::vector<std::string>& arguments, const Environment& environment) {
    Options options;
    std::optional<hub::AuthMode> auth;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        if (argument == "--help" || argument == "-h") {
            options.help = true;
            continue;
        }
        if (argument == "--version") {
            options.version = true;
            continue;
        }
        if (argument == "--rotate-key") {
            options.rotate_key = true;
            continue;
        }
        if (argument == "--log-requests") {
            options.log_requests = true;
            continue;
        }
        if (!argument.starts_with("--")) {
            return base::fail(base::ErrorCode::invalid_argument, "\"" + argument + "\" is not a flag", std::string(kSeeHelp));
        }
        const auto halves = base::split_once(argument, '=');
        const std::string flag(halves ? halves->before : std::string_view(argument));
        // The flag is checked before its value is asked for: "--bogus" alone is unknown, not incomplete.
        constexpr std::string_view kTakeValue[] = {"--port",           "--bind",         "--static",         "--data-dir",    "--auth",      "--kubernetes", "--key-file",
                                                   "--frame-ancestors", "--allowed-host", "--allowed-origin", "--connect-src", "--kube-speed",
                                                   "--watch-clients",   "--watch-channels"};
        if (!is_oauth_flag(flag) && std::find(std::begin(kTakeValue), std::end(kTakeValue), flag) == std::end(kTakeValue)) {
            return base::fail(base::ErrorCode::invalid_argument, "unknown flag " + flag, std::string(kSeeHelp));
        }
        if (!halves && i + 1 == arguments.size()) {
            return base::fail(base::ErrorCode::invalid_argument, flag + " needs a value", std::string(kSeeHelp));
        }
        const std::string value = halves ? std::string(halves->after) : arguments[++i];
        if (value.empty()) return base::fail(base::ErrorCode::invalid_argument, flag + " needs a value", std::string(kSeeHelp));
        auto set = is_oauth_flag(flag) ? set_oauth_value(options.oauth, flag, value) : set_value(options, auth, flag, value);
        if (!set) return base::fail(set.error());
    }
    if (auto completed = complete_oauth(options.oauth, environment.variables); !completed) return base::fail(completed.error());

    const bool open = is_loopback(options.bind) && !options.oauth.any();
    options.auth = auth.value_or(open ? hub::AuthMode::none : hub::AuthMode::builtin);
    if (options.auth == hub::AuthMode::none && options.oauth.any()) {
        return base::fail(base::ErrorCode::invalid_argument, "Sign-in providers are of no use with --auth none", "Use --auth builtin, or leave the providers out");
    }
    if (options.oauth.any() && options.oauth.public_url.empty() && !is_loopback(options.bind)) {
        return base::fail(base::ErrorCode::invalid_argument, "Sign-in providers send browsers back to this gateway, and have to know its address",
                          "Give --public-url, such as https://console.example");
    }
    if (options.auth == hub::AuthMode::none && !is_loopback(options.bind)) {
        return base::fail(base::ErrorCode::invalid_argument,
                          "--auth none would let everybody who reaches " + options.bind + " in: it is for loopback addresses only",
                          "Use --auth builtin, or leave --bind at 127.0.0.1");
    }
    if (options.data_dir.empty()) {
        if (!environment.xdg_data_home.empty()) {
            options.data_dir = environment.xdg_data_home + "/binnacle";
        } else if (!environment.home.empty()) {
            options.data_dir = environment.home + "/.local/share/binnacle";
        } else if (!options.help && !options.version) {
            return base::fail(base::ErrorCode::invalid_argument, "There is no home folder to keep data in", "Give one with --data-dir DIR");
        }
    }
    return options;
}

std::string_view version_text() { return "0.1.0"; }

bool is_loopback(std::string_view address) { return address == "localhost" || address == "::1" || address.starts_with("127."); }

std::string_view help_text() {
    return R"(binnacle-gateway: Binnacle's server - the site, its API (/v1/api) and a Kubernetes API (/k8s).

Usage: binnacle-gateway [flags]

  --port N               Port to listen on; 0 takes any free one. Default 8080.
  --bind ADDRESS         Address to listen on. Default 127.0.0.1: this machine only.
  --static DIR           Folder of the built site. Default: dist beside the build, if there is one.
  --data-dir DIR         Where users and workflows are kept.
                         Default $XDG_DATA_HOME/binnacle, else ~/.local/share/binnacle.
  --key-file FILE        The key that seals stored credentials of clusters and registries; made (mode 0600) when there is
                         none. Default credentials.key in the data folder. Keep copies of the two apart.
  --rotate-key           Seal everything with a new key, forget the old one, and go on.
  --auth none|builtin    none: no login, every request is the local admin (loopback only, and the default there).
                         builtin: register and log in with a password (the default elsewhere).
  --oauth-github-id ID   Let people sign in by GitHub: the client id of an OAuth app, whose callback address is
                         PUBLIC_URL/v1/api/auth/oauth/github/callback. Implies --auth builtin, as do the next ones.
  --oauth-github-secret-file FILE
                         Its client secret (or BINNACLE_OAUTH_SECRET_GITHUB in the environment).
  --oauth-github-url URL A GitHub Enterprise server in place of github.com.
  --oauth-github-join DOMAINS
                         Mail domains (a.example+b.example, or *) that need no invite code.
  --oauth-oidc name=NAME,issuer=URL,client-id=ID,secret-file=FILE
                         Let people sign in by an OpenID Connect issuer, such as Authentik; may be repeated. The callback
                         address is PUBLIC_URL/v1/api/auth/oauth/NAME/callback. Without secret-file the secret is
                         BINNACLE_OAUTH_SECRET_<NAME>, or there is none. Further parts: title=, icon=authentik|github|oidc,
                         scopes=a+b, join=DOMAINS, trust-email=yes (the issuer does not say email_verified).
  --public-url URL       How browsers reach this gateway, for the callback addresses. Default: where it listens.
  --frontend-url URL     Where the page is, if not there.
  --password-sign-in on|off
                         off: only the providers let people in. Default on.
  --kubernetes URL       Use the Kubernetes API at URL (a `kubectl proxy`: http://127.0.0.1:8001) in place of the
                         cluster in memory. /k8s is not served then.
  --kube-speed FACTOR    Makes the cluster in memory start, crash and log faster. Default 1.
  --watch-clients N      How many tabs may have a stream open. Default 1000.
  --watch-channels N     How many watches one of them may have open. Default 50.
  --allowed-host NAME    Another host name this gateway is reached by (behind a proxy, say). May be repeated.
  --allowed-origin URL   Another origin whose pages may call the API. May be repeated.
  --frame-ancestors LIST Who may embed the page: origins, self or none. Default self.
  --connect-src URL      Another server the page itself may call (a backend in config.json). May be repeated.
  --log-requests         Print a line per request to stderr (no queries, no headers).
  --version              Print the version.
  --help                 Print this.
)";
}

bool is_this_machine(std::string_view host) {
    return is_loopback(host) && (!host.starts_with("127.") || host.find_first_not_of("0123456789.") == std::string_view::npos);
}

}  // namespace gateway
