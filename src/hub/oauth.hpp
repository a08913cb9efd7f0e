// OAuth: sign-in by providers (GitHub, any OpenID Connect issuer), the browser's side of it.
//
//   hub::OAuth oauth({.providers = {github, authentik}, .public_url = "https://console.example"},
//                    {.outbound = outbound, .scheduler = loop, .random = random});
//   hub::Hub hub({..., .external = &oauth}, {.auth = AuthMode::builtin});
//
//   1. GET  /auth/oauth/:provider/authorize?tab=SECRET&invite=CODE   -> 307 to the provider, with a cookie for this browser
//   2. the provider sends the browser to GET /auth/oauth/:provider/callback?code&state&iss
//                                                                     -> 303 to FRONTEND/auth/callback?code=LOGIN_CODE, or ?error=WORD
//   3. POST /auth/oauth/exchange {code, tab}                          -> {token, expires_in, user}
//
// Promises
//   - A transaction is made by 1 and ended by the first 2 that names its state: one use, 10 minutes, at most kMaxTransactions. It
//     holds the PKCE verifier and the nonce, which never leave the hub but as hash or to the provider.
//   - 2 also needs the HttpOnly, SameSite=Lax cookie that 1 has set: somebody else's authorization response does nothing here.
//   - `tab` is a secret that the page makes for itself; when 1 had one, 3 must bring the same. So nobody can be signed in by a link with
//     a stranger's login code. Clients of the plain contract leave it out.
//   - A login code works once, for 60 s.
//   - The redirect address is exact: PUBLIC_URL/v1/api/auth/oauth/<id>/callback, one for each provider.
//   - No code, token or secret is in an error.
//
// Words of ?error=: denied (the person said no), expired (or used: begin again), wrong_browser, wrong_address, provider_unavailable, provider_error,
// bad_token, no_email, email_unverified, password_account, other_provider, invite_required, busy, unknown_provider, server_error.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "hub/answers.hpp"
#include "hub/attempt_limiter.hpp"
#include "hub/external_sign_in.hpp"
#include "hub/lifetime.hpp"
#include "hub/oauth_provider.hpp"

namespace hub {

struct OAuthOptions {
    std::vector<OAuthProvider> providers{};
    std::string public_url{};    // how browsers reach this hub's server: "https://console.example", no slash at the end
    std::string frontend_url{};  // where the page is, if not there
    bool passwords = true;       // the built-in sign-in is offered besides
};

struct OAuthPorts {
    OutboundHttp& outbound;
    base::Scheduler& scheduler;
    base::Random& random;
    const SignatureChecker* signatures = nullptr;
    // What went wrong between hub and provider, for the operator; no secrets in it. May be empty.
    base::UniqueFunction<void(const std::string&)> log{};
};

// invalid_argument when an id is malformed or used twice, a client id is missing, or an issuer is neither https nor on this machine.
[[nodiscard]] base::Result<void> check_provider(const OAuthProvider& provider, const std::vector<OAuthProvider>& others);

class OAuth final : public ExternalSignIn {
public:
    static constexpr std::size_t kMaxTransactions = 1'000;
    static constexpr std::int64_t kTransactionLifetimeMs = 10 * 60'000;
    static constexpr std::int64_t kLoginCodeLifetimeMs = 60'000;

    OAuth(OAuthOptions options, OAuthPorts ports);
    ~OAuth() override;

    // In place of options.public_url, where that is where the server listens: an address known only when it does. People who come
    // by another name of this machine (localhost for 127.0.0.1) are then sent to that one first, as cookies are kept by name.
    void set_listening_url(const std::string& url);

    void attach(ExternalUsers& users, net::Router& router, const std::string& prefix) override;
    void detach(const ExternalUsers& users) override;
    [[nodiscard]] Json providers() const override;
    [[nodiscard]] bool with_passwords() const override { return options_.passwords; }

    [[nodiscard]] std::size_t open_transactions() const { return transactions_.size(); }

private:
    struct Transaction {
        std::string provider;
        std::string verifier;
        std::string nonce;
        std::string cookie;
        std::string tab;
        std::string invite;
        std::int64_t ends_at_ms = 0;  // monotonic
    };
    struct LoginCode {
        std::string user_id;
        std::string tab;
        std::int64_t ends_at_ms = 0;
    };

    void reset();
    void authorize(const net::RoutedRequest& routed, const Writer& writer);
    void callback(const net::RoutedRequest& routed, const Writer& writer);
    void exchange(const net::ServerRequest& request, const Writer& writer);
    void enter(const OAuthProvider& provider, const Transaction& transaction, ProviderIdentity who, const std::string& gone, const Writer& writer);

    [[nodiscard]] OAuthProviderClient* find(std::string_view id) const;
    [[nodiscard]] std::string random_word() const;
    [[nodiscard]] std::string redirect_uri(std::string_view provider) const;
    [[nodiscard]] std::string cookie_of(const Transaction& transaction, std::string_view state, bool clear) const;
    [[nodiscard]] bool may_join(const OAuthProvider& provider, std::string_view email) const;
    void to_page(net::ResponseWriter& writer, const std::string& name, const std::string& value, const std::string& cookie = {}) const;
    void to_error(net::ResponseWriter& writer, const base::Error& error, const std::string& cookie = {});
    template <class Map>
    void make_room(Map& map) const;

    OAuthOptions options_;
    OAuthPorts ports_;
    bool checks_host_ = false;
    std::string prefix_;
    ExternalUsers* users_ = nullptr;
    std::vector<std::unique_ptr<OAuthProviderClient>> clients_;
    std::map<std::string, Transaction, std::less<>> transactions_;  // by state
    std::map<std::string, LoginCode, std::less<>> codes_;
    AttemptLimiter starts_{30, 60'000};
    AttemptLimiter exchanges_{30, 60'000};
    std::unique_ptr<Lifetime> lifetime_;
};

}  // namespace hub
