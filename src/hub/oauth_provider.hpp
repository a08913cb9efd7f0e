// One OAuth provider: its configuration, and the conversation with it behind the user's back (discovery, code for tokens, who is
// that). Knows nothing of browsers, cookies or our users: that is oauth.hpp.
//
//   OAuthProvider authentik{.id = "authentik", .title = "Authentik", .kind = OAuthKind::oidc,
//                           .issuer = "https://sso.example/application/o/binnacle/", .client_id = "...", .client_secret = "..."};
//   OAuthProviderClient client(authentik, {outbound, scheduler, signatures});
//   client.authorize_url({.redirect_uri = ..., .state = ..., .nonce = ..., .verifier = ...}, [](base::Result<std::string> url) {});
//   client.identify({.code = ..., .redirect_uri = ..., .nonce = ..., .verifier = ...}, [](base::Result<ProviderIdentity> who) {});
//
// Promises
//   - PKCE S256 (RFC 7636) always; a code is exchanged once, over https (or loopback), redirects are not followed.
//   - OpenID Connect: the issuer in the discovery document must be exactly the configured one; of the ID token iss, aud, azp, exp,
//     nbf, iat, nonce and sub are checked (OpenID Connect Core 3.1.3.7), and its signature when there is a SignatureChecker (RS256,
//     ES256; HS256 by the client secret). Without one the TLS connection to the token endpoint vouches for it, as 3.1.3.7 item 6 allows.
//   - What the ID token leaves out is asked of userinfo, whose `sub` must be the same.
//   - GitHub: /user, and of /user/emails the primary address if verified.
// Errors carry, as `hint`, the short code of oauth.hpp; `message` is for the operator's log and has no secret in it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/scheduler.hpp"
#include "hub/json_text.hpp"
#include "hub/outbound_http.hpp"

namespace hub {

enum class OAuthKind { github, oidc };

struct OAuthProvider {
    std::string id{};             // in addresses and as authProvider: lower case letters, digits and '-'
    std::string title{};          // "GitHub"
    std::string icon{};           // "github", "authentik", "oidc"
    OAuthKind kind = OAuthKind::oidc;
    std::string issuer{};         // OpenID Connect: exactly as the issuer writes it. GitHub: "https://github.com" or an Enterprise server
    std::string client_id{};
    std::string client_secret{};  // empty: a public client, PKCE alone
    std::string scopes{};         // empty: "openid email profile", GitHub "read:user user:email"
    // New users whose address is in one of these need no invite; "*": none does.
    std::vector<std::string> join_domains{};
    // Takes an address without `email_verified` for verified: for issuers that own their users' addresses and do not say so.
    bool trust_email = false;
};

// Checks a signature with a public key in JWK form (RFC 7517). Needs a crypto library, so it is a port.
class SignatureChecker {
public:
    virtual ~SignatureChecker() = default;
    // False for a wrong signature, and for an algorithm (RS256, ES256) or key that it does not know.
    [[nodiscard]] virtual bool verify(std::string_view algorithm, const Json& jwk, std::string_view text, std::string_view signature) const = 0;
};

struct ProviderIdentity {
    std::string subject;
    std::string email;           // verified
    std::string name;
    std::string avatar_url;
};

struct AuthorizeRequest {
    std::string redirect_uri;
    std::string state;
    std::string nonce;
    std::string verifier;
};

struct CodeGrant {
    std::string code;
    std::string redirect_uri;
    std::string nonce;
    std::string verifier;
};

struct OAuthProviderPorts {
    OutboundHttp& outbound;
    base::Scheduler& scheduler;
    const SignatureChecker* signatures = nullptr;
};

class OAuthProviderClient {
public:
    OAuthProviderClient(OAuthProvider config, OAuthProviderPorts ports);
    OAuthProviderClient(const OAuthProviderClient&) = delete;
    OAuthProviderClient& operator=(const OAuthProviderClient&) = delete;
    ~OAuthProviderClient();  // ends what is under way, silently

    [[nodiscard]] const OAuthProvider& config() const { return config_; }
    void authorize_url(AuthorizeRequest request, base::UniqueFunction<void(base::Result<std::string>)> done);
    void identify(CodeGrant grant, base::UniqueFunction<void(base::Result<ProviderIdentity>)> done);
    // `iss` of the authorization response (RFC 9207): nothing when there was none.
    [[nodiscard]] bool accepts_issuer(const std::optional<std::string>& iss) const;

private:
    struct Endpoints {
        std::string authorization;
        std::string token;
        std::string userinfo;
        std::string keys;
        bool secret_in_body = false;   // client_secret_post
        bool names_itself = false;     // authorization_response_iss_parameter_supported
        std::int64_t read_at_ms = 0;
    };
    struct Inquiry;
    using EndpointsDone = base::UniqueFunction<void(base::Result<Endpoints>)>;
    using JsonDone = base::UniqueFunction<void(base::Result<Json>)>;
    using InquiryPtr = std::shared_ptr<Inquiry>;

    void read_endpoints(EndpointsDone done);
    [[nodiscard]] base::Result<Endpoints> endpoints_from(const Json& document) const;
    void ask(const std::string& url, net::Request request, JsonDone done);
    void ask_with_token(const std::string& url, const std::string& access_token, JsonDone done);

    void trade_code(const InquiryPtr& inquiry);
    void take_tokens(const InquiryPtr& inquiry, const Json& tokens);
    void check_signature(const InquiryPtr& inquiry, bool keys_are_fresh);
    void read_keys(const InquiryPtr& inquiry);
    void take_claims(const InquiryPtr& inquiry);
    void take_userinfo(const InquiryPtr& inquiry, const Json& info);
    void finish_oidc(const InquiryPtr& inquiry);
    void ask_github_user(const InquiryPtr& inquiry);
    void ask_github_emails(const InquiryPtr& inquiry);

    OAuthProvider config_;
    OAuthProviderPorts ports_;
    std::optional<Endpoints> endpoints_;
    Json keys_;
    std::int64_t keys_read_at_ms_ = 0;
    std::map<std::string, std::unique_ptr<net::HttpClient>> clients_;  // by origin
    std::map<std::uint64_t, net::RequestHandle> running_;
    std::uint64_t next_request_ = 1;
};

}  // namespace hub
