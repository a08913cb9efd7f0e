#include "gateway/oauth_options.hpp"

#include <algorithm>
#include <fstream>

#include "base/text.hpp"
#include "base/url.hpp"

namespace gateway {

namespace {

constexpr std::size_t kMaxSecretBytes = 4 * 1024;
constexpr std::string_view kFlags[] = {"--oauth-github-id", "--oauth-github-secret-file", "--oauth-github-url", "--oauth-github-join",
                                       "--oauth-oidc",      "--public-url",               "--frontend-url",     "--password-sign-in"};
constexpr std::string_view kOidcForm = "name=NAME,issuer=URL,client-id=ID,secret-file=FILE";

std::unexpected<base::Error> refuse(std::string message, std::string hint = "See --help for every flag") {
    return base::fail(base::ErrorCode::invalid_argument, std::move(message), std::move(hint));
}

std::vector<std::string> words_of(std::string_view list) {
    std::vector<std::string> words;
    for (auto word : base::split(list, '+')) {
        if (!base::trim(word).empty()) words.emplace_back(base::trim(word));
    }
    return words;
}

base::Result<std::string> address_of(std::string_view flag, const std::string& value) {
    const auto url = base::parse_http_url(value);
    if (!url || !url->query.empty()) return refuse(std::string(flag) + " takes an address like https://console.example");
    std::string address = url->origin() + url->path;
    while (address.ends_with('/')) address.pop_back();
    return address;
}

base::Result<void> set_oidc_part(ProviderSetting& setting, std::string_view key, std::string_view value) {
    hub::OAuthProvider& provider = setting.provider;
    if (key == "name") provider.id = value;
    else if (key == "title") provider.title = value;
    else if (key == "icon") provider.icon = value;
    else if (key == "issuer") provider.issuer = value;
    else if (key == "client-id") provider.client_id = value;
    else if (key == "secret-file") setting.secret_file = value;
    else if (key == "scopes") provider.scopes = base::join(words_of(value), " ");
    else if (key == "join") provider.join_domains = words_of(value);
    else if (key == "trust-email" && (value == "yes" || value == "no")) provider.trust_email = value == "yes";
    else if (key == "client-secret" || key == "secret") {
        return refuse("--oauth-oidc takes no secret: every user of this machine can read a command line",
                      "Put it into a file and give secret-file=FILE, or into the environment as BINNACLE_OAUTH_SECRET_<NAME>");
    } else {
        return refuse("--oauth-oidc does not know \"" + std::string(key.substr(0, 40)) + "\"",
                      "It takes " + std::string(kOidcForm) + " and title=, icon=, scopes=, join=, trust-email=yes");
    }
    return {};
}

base::Result<void> add_oidc(OAuthSettings& settings, std::string_view text) {
    ProviderSetting setting;
    for (auto part : base::split(text, ',')) {
        const auto halves = base::split_once(base::trim(part), '=');
        if (!halves || base::trim(halves->after).empty()) return refuse("--oauth-oidc has a part that is not KEY=VALUE", "It takes " + std::string(kOidcForm));
        if (auto set = set_oidc_part(setting, base::trim(halves->before), base::trim(halves->after)); !set) return set;
    }
    hub::OAuthProvider& provider = setting.provider;
    if (provider.id.empty() || provider.issuer.empty() || provider.client_id.empty()) {
        return refuse("--oauth-oidc lacks a name, an issuer or a client id", "It takes " + std::string(kOidcForm));
    }
    if (provider.title.empty()) {
        provider.title = provider.id;
        provider.title.front() = base::ascii_upper(provider.title.front());
    }
    if (provider.icon.empty()) provider.icon = base::find_ascii_case(provider.id, "authentik") != std::string_view::npos ? "authentik" : "oidc";
    settings.oidc.push_back(std::move(setting));
    return {};
}

std::string_view variable(const Variables& variables, std::string_view name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string_view() : std::string_view(found->second);
}

std::string secret_variable(std::string_view id) {
    std::string name = "BINNACLE_OAUTH_SECRET_" + base::to_ascii_upper(id);
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

base::Result<std::string> read_secret(const std::string& path, std::string_view id) {
    std::string text(kMaxSecretBytes + 1, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.eof() || file.bad()) {
        return refuse("Cannot read the client secret of \"" + std::string(id) + "\" from " + path, "Check the path, and that the gateway may read the file");
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    text = base::trim(text);
    if (text.empty()) return refuse("The file " + path + " holds no client secret", "It holds the secret and nothing else");
    return text;
}

}  // namespace

bool is_oauth_flag(std::string_view flag) { return std::find(std::begin(kFlags), std::end(kFlags), flag) != std::end(kFlags); }

base::Result<void> set_oauth_value(OAuthSettings& settings, std::string_view flag, const std::string& value) {
    if (flag == "--oauth-oidc") return add_oidc(settings, value);
    if (flag == "--oauth-github-id") {
        settings.github.provider.client_id = value;
    } else if (flag == "--oauth-github-secret-file") {
        settings.github.secret_file = value;
    } else if (flag == "--oauth-github-join") {
        settings.github.provider.join_domains = words_of(value);
    } else if (flag == "--password-sign-in") {
        if (value != "on" && value != "off") return refuse("--password-sign-in takes on or off");
        settings.passwords = value == "on";
    } else {
        auto address = address_of(flag, value);
        if (!address) return base::fail(address.error());
        if (flag == "--public-url") settings.public_url = std::move(*address);
        else if (flag == "--frontend-url") settings.frontend_url = std::move(*address);
        else settings.github.provider.issuer = std::move(*address);
    }
    return {};
}

base::Result<void> complete_oauth(OAuthSettings& settings, const Variables& variables) {
    hub::OAuthProvider& github = settings.github.provider;
    if (github.client_id.empty()) github.client_id = variable(variables, "BINNACLE_OAUTH_GITHUB_ID");
    if (settings.oidc.empty()) {
        for (auto text : base::split(variable(variables, "BINNACLE_OAUTH_OIDC"), ';')) {
            if (base::trim(text).empty()) continue;
            if (auto added = add_oidc(settings, text); !added) return base::fail(base::ErrorCode::invalid_argument, "BINNACLE_OAUTH_OIDC: " + added.error().message, added.error().hint);
        }
    }
    if (const auto url = variable(variables, "BINNACLE_PUBLIC_URL"); settings.public_url.empty() && !url.empty()) {
        auto address = address_of("BINNACLE_PUBLIC_URL", std::string(url));
        if (!address) return base::fail(address.error());
        settings.public_url = std::move(*address);
    }
    github.id = github.icon = "github";
    github.title = "GitHub";
    github.kind = hub::OAuthKind::github;
    if (github.issuer.empty()) github.issuer = "https://github.com";
    if (github.client_id.empty() && !settings.github.secret_file.empty()) return refuse("--oauth-github-secret-file is of no use without --oauth-github-id");

    std::vector<hub::OAuthProvider> checked;
    const auto check = [&](ProviderSetting& setting, bool needs_secret) -> base::Result<void> {
        if (auto good = hub::check_provider(setting.provider, checked); !good) return good;
        if (setting.secret_file.empty()) setting.provider.client_secret = variable(variables, secret_variable(setting.provider.id));
        if (needs_secret && setting.secret_file.empty() && setting.provider.client_secret.empty()) {
            return refuse("The sign-in provider \"" + setting.provider.id + "\" has no client secret",
                          "Give --oauth-github-secret-file FILE, or " + secret_variable(setting.provider.id) + " in the environment");
        }
        checked.push_back(setting.provider);
        return {};
    };
    if (!github.client_id.empty()) {
        if (auto good = check(settings.github, true); !good) return good;
    }
    for (ProviderSetting& setting : settings.oidc) {
        if (auto good = check(setting, false); !good) return good;
    }
    if (!settings.passwords && !settings.any()) {
        return refuse("--password-sign-in off leaves no way in", "Add a provider with --oauth-github-id or --oauth-oidc");
    }
    return {};
}

base::Result<hub::OAuthOptions> read_oauth_secrets(const OAuthSettings& settings) {
    hub::OAuthOptions options;
    options.public_url = settings.public_url;
    options.frontend_url = settings.frontend_url;
    options.passwords = settings.passwords;
    const auto add = [&](const ProviderSetting& setting) -> base::Result<void> {
        options.providers.push_back(setting.provider);
        if (setting.secret_file.empty()) return {};
        auto secret = read_secret(setting.secret_file, setting.provider.id);
        if (!secret) return base::fail(secret.error());
        options.providers.back().client_secret = std::move(*secret);
        return {};
    };
    if (!settings.github.provider.client_id.empty()) {
        if (auto added = add(settings.github); !added) return base::fail(added.error());
    }
    for (const ProviderSetting& setting : settings.oidc) {
        if (auto added = add(setting); !added) return base::fail(added.error());
    }
    return options;
}

}  // namespace gateway
