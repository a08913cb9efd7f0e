// OAuthSettings: what the command line and the environment say about sign-in providers. Secrets come from files or the
// environment, never from the command line, where every user of the machine could read them.
//
//   OAuthSettings settings;
//   set_oauth_value(settings, "--oauth-oidc", "name=sso,issuer=https://sso.example/o/,client-id=binnacle,secret-file=/run/secrets/sso");
//   complete_oauth(settings, variables);                  // what the environment adds
//   auto options = read_oauth_secrets(settings);          // when the gateway starts: opens the files
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "hub/oauth.hpp"

namespace gateway {

struct ProviderSetting {
    hub::OAuthProvider provider{};
    std::string secret_file{};
};

struct OAuthSettings {
    ProviderSetting github{};            // used when it has a client id
    std::vector<ProviderSetting> oidc{};
    std::string public_url{};            // how browsers reach the gateway; empty: the address it listens on
    std::string frontend_url{};          // where the page is, if elsewhere
    bool passwords = true;

    [[nodiscard]] bool any() const { return !github.provider.client_id.empty() || !oidc.empty(); }
};

// Environment variables by name.
using Variables = std::map<std::string, std::string, std::less<>>;

[[nodiscard]] bool is_oauth_flag(std::string_view flag);
// `flag` is one of those. Errors do not repeat the value: it may hold a secret that does not belong there.
[[nodiscard]] base::Result<void> set_oauth_value(OAuthSettings& settings, std::string_view flag, const std::string& value);
// Takes BINNACLE_PUBLIC_URL, BINNACLE_OAUTH_GITHUB_ID, BINNACLE_OAUTH_OIDC and BINNACLE_OAUTH_SECRET_<NAME> where no flag has
// spoken, and checks the whole.
[[nodiscard]] base::Result<void> complete_oauth(OAuthSettings& settings, const Variables& variables);
[[nodiscard]] base::Result<hub::OAuthOptions> read_oauth_secrets(const OAuthSettings& settings);

}  // namespace gateway
