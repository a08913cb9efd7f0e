#include "hub/oauth_provider.hpp"

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "hub/crypto/sha256.hpp"
#include "hub/id_token.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxAnswerBytes = 1024 * 1024;
constexpr std::size_t kMaxEmails = 100;
constexpr std::int64_t kRequestTimeoutMs = 10'000;
constexpr std::int64_t kDiscoveryLifetimeMs = 3'600'000;
constexpr std::int64_t kKeysMinAgeMs = 60'000;  // keys are read again for an unknown key id, not more often than this

base::Error unreachable(std::string message) { return {base::ErrorCode::unavailable, std::move(message), "provider_unavailable"}; }
base::Error refused(std::string message) { return {base::ErrorCode::unauthenticated, std::move(message), "provider_error"}; }
base::Error bad_token(std::string message) { return {base::ErrorCode::unauthenticated, std::move(message), "bad_token"}; }

std::string without_slash(std::string text) {
    while (text.ends_with('/')) text.pop_back();
    return text;
}

// GitHub's own API has a host of its own; an Enterprise server has it under /api/v3.
std::string github_api(const std::string& base_url) {
    return base_url == "https://github.com" ? "https://api.github.com" : base_url + "/api/v3";
}

bool lists(const Json& array, std::string_view word) {
    return std::any_of(array.begin(), array.end(), [word](const Json& value) { return value.is_string() && *value.get_ptr<const std::string*>() == word; });
}

// Some issuers write the text "true".
bool is_verified(const Json& claims) { return flag_at(claims, "email_verified") || text_at(claims, "email_verified") == "true"; }

// Only what a page may show: https, of a length that fits a user record.
std::string picture_of(const std::string& url) { return url.starts_with("https://") && url.size() <= 1024 ? url : std::string(); }

}  // namespace

struct OAuthProviderClient::Inquiry {
    CodeGrant grant;
    base::UniqueFunction<void(base::Result<ProviderIdentity>)> done;
    Endpoints endpoints;
    std::string access_token;
    IdToken id_token;
    ProviderIdentity who;
    bool verified = false;
    void fail(base::Error error) { done(base::fail(std::move(error))); }
};

OAuthProviderClient::OAuthProviderClient(OAuthProvider config, OAuthProviderPorts ports) : config_(std::move(config)), ports_(ports) {}
OAuthProviderClient::~OAuthProviderClient() = default;

bool OAuthProviderClient::accepts_issuer(const std::optional<std::string>& iss) const {
    // GitHub has one redirect address of its own here, which is what tells providers apart.
    if (config_.kind == OAuthKind::github) return true;
    if (iss) return *iss == config_.issuer;
    return !(endpoints_ && endpoints_->names_itself);
}

// ---- requests

void OAuthProviderClient::ask(const std::string& url, net::Request request, JsonDone done) {
    const auto address = base::parse_http_url(url);
    if (!address) return done(base::fail(unreachable(config_.title + " named an address that is none")));
    auto& client = clients_[address->origin()];
    if (!client) {
        auto connected = ports_.outbound.connect(address->origin());
        if (!connected) return done(base::fail(unreachable(connected.error().message)));
        client = std::move(*connected);
    }
    request.target = address->path + (address->query.empty() ? "" : "?" + address->query);
    request.headers.set("Accept", "application/json");
    request.head_timeout_ms = request.idle_timeout_ms = kRequestTimeoutMs;
    const std::uint64_t number = next_request_++;
    running_[number] = net::fetch(
        *client, std::move(request),
        [this, number, origin = address->origin(), done = std::move(done)](base::Result<net::Response> response) mutable {
            const net::RequestHandle finished = std::move(running_[number]);
            running_.erase(number);
            if (!response) return done(base::fail(unreachable(origin + ": " + response.error().message)));
            auto json = base::parse_json(response->body);
            const bool is_object = json && (json->is_object() || json->is_array());
            if (response->status >= 500) return done(base::fail(unreachable(origin + " answers HTTP " + std::to_string(response->status))));
            if (response->status < 200 || response->status > 299) {
                // The error word of RFC 6749, 5.2 is for people; nothing else of the answer is repeated.
                const std::string word = json ? text_at(*json, "error") : std::string();
                return done(base::fail(refused(origin + " answers HTTP " + std::to_string(response->status) + (word.empty() ? "" : " (" + word.substr(0, 80) + ")"))));
            }
            if (!is_object) return done(base::fail(unreachable(origin + " answers no JSON")));
            done(std::move(*json));
        },
        kMaxAnswerBytes);
}

void OAuthProviderClient::ask_with_token(const std::string& url, const std::string& access_token, JsonDone done) {
    net::Request request;
    request.headers.set("Authorization", "Bearer " + access_token);
    ask(url, std::move(request), std::move(done));
}

// ---- where things are

void OAuthProviderClient::read_endpoints(EndpointsDone done) {
    const std::int64_t now_ms = ports_.scheduler.clock().monotonic_ms();
    if (endpoints_ && (config_.kind == OAuthKind::github || now_ms - endpoints_->read_at_ms < kDiscoveryLifetimeMs)) return done(*endpoints_);
    if (config_.kind == OAuthKind::github) {
        const std::string base_url = without_slash(config_.issuer.empty() ? "https://github.com" : config_.issuer);
        endpoints_ = Endpoints{.authorization = base_url + "/login/oauth/authorize",
                               .token = base_url + "/login/oauth/access_token",
                               .userinfo = github_api(base_url) + "/user",
                               .keys = {},
                               .secret_in_body = true};
        return done(*endpoints_);
    }
    ask(without_slash(config_.issuer) + "/.well-known/openid-configuration", {}, [this, done = std::move(done)](base::Result<Json> document) mutable {
        if (!document) {
            // A 404 there is no verdict on the user: the issuer is not what the configuration says.
            return done(base::fail(unreachable("Discovery: " + document.error().message)));
        }
        auto read = endpoints_from(*document);
        if (read) endpoints_ = *read;
        done(std::move(read));
    });
}

base::Result<OAuthProviderClient::Endpoints> OAuthProviderClient::endpoints_from(const Json& document) const {
    if (text_at(document, "issuer") != config_.issuer) {
        return base::fail(unreachable("The discovery document is of the issuer \"" + text_at(document, "issuer").substr(0, 200) +
                                      "\", configured is \"" + config_.issuer + "\": they must be the same to the letter"));
    }
    Endpoints found{.authorization = text_at(document, "authorization_endpoint"),
                    .token = text_at(document, "token_endpoint"),
                    .userinfo = text_at(document, "userinfo_endpoint"),
                    .keys = text_at(document, "jwks_uri"),
                    .read_at_ms = ports_.scheduler.clock().monotonic_ms()};
    found.names_itself = flag_at(document, "authorization_response_iss_parameter_supported");
    const Json& methods = array_at(document, "token_endpoint_auth_methods_supported");
    found.secret_in_body = !methods.empty() && !lists(methods, "client_secret_basic");
    if (!base::parse_http_url(found.authorization) || !base::parse_http_url(found.token)) {
        return base::fail(unreachable("The discovery document of " + config_.issuer + " lacks the authorization or token endpoint"));
    }
    return found;
}

void OAuthProviderClient::authorize_url(AuthorizeRequest request, base::UniqueFunction<void(base::Result<std::string>)> done) {
    read_endpoints([this, request = std::move(request), done = std::move(done)](base::Result<Endpoints> endpoints) mutable {
        if (!endpoints) return done(base::fail(endpoints.error()));
        const bool is_oidc = config_.kind == OAuthKind::oidc;
        const std::string scopes = !config_.scopes.empty() ? config_.scopes : is_oidc ? "openid email profile" : "read:user user:email";
        base::Query query{{"response_type", "code"},
                          {"client_id", config_.client_id},
                          {"redirect_uri", request.redirect_uri},
                          {"scope", scopes},
                          {"state", request.state},
                          {"code_challenge", pkce_challenge(request.verifier)},
                          {"code_challenge_method", "S256"}};
        if (is_oidc) query.add("nonce", request.nonce);
        const char* join = endpoints->authorization.find('?') == std::string::npos ? "?" : "&";
        done(endpoints->authorization + join + query.to_string());
    });
}

// ---- code for tokens

void OAuthProviderClient::identify(CodeGrant grant, base::UniqueFunction<void(base::Result<ProviderIdentity>)> done) {
    auto inquiry = std::make_shared<Inquiry>();
    inquiry->grant = std::move(grant);
    inquiry->done = std::move(done);
    read_endpoints([this, inquiry](base::Result<Endpoints> endpoints) {
        if (!endpoints) return inquiry->fail(endpoints.error());
        inquiry->endpoints = *endpoints;
        trade_code(inquiry);
    });
}

void OAuthProviderClient::trade_code(const InquiryPtr& inquiry) {
    base::Query form{{"grant_type", "authorization_code"},
                     {"code", inquiry->grant.code},
                     {"redirect_uri", inquiry->grant.redirect_uri},
                     {"code_verifier", inquiry->grant.verifier}};
    net::Request request{.method = "POST"};
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    if (config_.client_secret.empty() || inquiry->endpoints.secret_in_body) {
        form.add("client_id", config_.client_id);
        if (!config_.client_secret.empty()) form.add("client_secret", config_.client_secret);
    } else {
        // Both parts are form-encoded first (RFC 6749, 2.3.1).
        request.headers.set("Authorization", "Basic " + base::base64_encode(base::percent_encode(config_.client_id) + ":" + base::percent_encode(config_.client_secret)));
    }
    request.body = form.to_string();
    ask(inquiry->endpoints.token, std::move(request), [this, inquiry](base::Result<Json> tokens) {
        if (!tokens) return inquiry->fail(tokens.error());
        take_tokens(inquiry, *tokens);
    });
}

void OAuthProviderClient::take_tokens(const InquiryPtr& inquiry, const Json& tokens) {
    // GitHub answers errors with 200.
    if (const std::string error = text_at(tokens, "error"); !error.empty()) return inquiry->fail(refused("The code was refused: " + error.substr(0, 80)));
    inquiry->access_token = text_at(tokens, "access_token");
    if (config_.kind == OAuthKind::github) {
        if (inquiry->access_token.empty()) return inquiry->fail(refused("GitHub gave no access token"));
        return ask_github_user(inquiry);
    }
    auto token = read_id_token(text_at(tokens, "id_token"));
    if (!token) return inquiry->fail(bad_token(token.error().message));
    inquiry->id_token = std::move(*token);
    check_signature(inquiry, false);
}

// ---- the ID token

void OAuthProviderClient::check_signature(const InquiryPtr& inquiry, bool keys_are_fresh) {
    const IdToken& token = inquiry->id_token;
    if (token.algorithm == "HS256") {
        const auto mac = crypto::hmac_sha256(config_.client_secret, token.signed_text);
        if (config_.client_secret.empty() || !crypto::equal_in_constant_time(token.signature, crypto::as_bytes(mac))) {
            return inquiry->fail(bad_token("The ID token's signature is wrong"));
        }
        return take_claims(inquiry);
    }
    if (token.algorithm.empty() || token.algorithm == "none") return inquiry->fail(bad_token("The ID token is not signed"));
    if (!ports_.signatures || inquiry->endpoints.keys.empty()) return take_claims(inquiry);
    const Json* only = nullptr;
    int candidates = 0;
    for (const Json& key : array_at(keys_, "keys")) {
        if (const std::string use = text_at(key, "use"); !use.empty() && use != "sig") continue;
        if (const std::string alg = text_at(key, "alg"); !alg.empty() && alg != token.algorithm) continue;
        if (!token.key_id.empty() && text_at(key, "kid") != token.key_id) continue;
        if (text_at(key, "kty") != (token.algorithm.starts_with("RS") ? "RSA" : "EC")) continue;
        only = &key;
        ++candidates;
    }
    if (candidates == 1) {
        if (!ports_.signatures->verify(token.algorithm, *only, token.signed_text, token.signature)) {
            return inquiry->fail(bad_token("The ID token's signature is wrong, or " + token.algorithm.substr(0, 20) + " is not supported"));
        }
        return take_claims(inquiry);
    }
    const bool just_read = !keys_.is_null() && ports_.scheduler.clock().monotonic_ms() - keys_read_at_ms_ < kKeysMinAgeMs;
    if (keys_are_fresh || just_read) return inquiry->fail(bad_token("The ID token is signed with a key that the issuer does not publish"));
    read_keys(inquiry);
}

void OAuthProviderClient::read_keys(const InquiryPtr& inquiry) {
    ask(inquiry->endpoints.keys, {}, [this, inquiry](base::Result<Json> keys) {
        if (!keys) return inquiry->fail(unreachable("The issuer's keys: " + keys.error().message));
        keys_ = std::move(*keys);
        keys_read_at_ms_ = ports_.scheduler.clock().monotonic_ms();
        check_signature(inquiry, true);
    });
}

void OAuthProviderClient::take_claims(const InquiryPtr& inquiry) {
    const Json& claims = inquiry->id_token.claims;
    const std::string problem = problem_of_claims(
        claims, {.issuer = config_.issuer, .client_id = config_.client_id, .nonce = inquiry->grant.nonce, .now_s = ports_.scheduler.clock().unix_ms() / 1'000});
    if (!problem.empty()) return inquiry->fail(bad_token("The ID token is not for this sign-in: " + problem));
    inquiry->who = {.subject = text_at(claims, "sub"),
                    .email = text_at(claims, "email"),
                    .name = text_at(claims, "name"),
                    .avatar_url = picture_of(text_at(claims, "picture"))};
    inquiry->verified = is_verified(claims);
    const bool complete = !inquiry->who.email.empty() && field(claims, "email_verified") && !inquiry->who.name.empty();
    if (complete || inquiry->endpoints.userinfo.empty() || inquiry->access_token.empty()) return finish_oidc(inquiry);
    ask_with_token(inquiry->endpoints.userinfo, inquiry->access_token, [this, inquiry](base::Result<Json> info) {
        if (!info) {
            // A missing name is no reason to turn somebody away.
            return inquiry->who.email.empty() ? inquiry->fail(info.error()) : finish_oidc(inquiry);
        }
        take_userinfo(inquiry, *info);
    });
}

void OAuthProviderClient::take_userinfo(const InquiryPtr& inquiry, const Json& info) {
    if (text_at(info, "sub") != inquiry->who.subject) return inquiry->fail(bad_token("userinfo is about somebody else than the ID token"));
    ProviderIdentity& who = inquiry->who;
    const std::string email = text_at(info, "email");
    // `email_verified` speaks of the address beside it, no other.
    if (who.email.empty()) {
        who.email = email;
        inquiry->verified = is_verified(info);
    } else if (email == who.email && !field(inquiry->id_token.claims, "email_verified")) {
        inquiry->verified = is_verified(info);
    }
    if (who.name.empty()) who.name = text_at(info, "name");
    if (who.name.empty()) who.name = text_at(info, "preferred_username");
    if (who.avatar_url.empty()) who.avatar_url = picture_of(text_at(info, "picture"));
    finish_oidc(inquiry);
}

void OAuthProviderClient::finish_oidc(const InquiryPtr& inquiry) {
    if (inquiry->who.email.empty()) return inquiry->fail({base::ErrorCode::forbidden, config_.title + " gave no email address", "no_email"});
    if (!inquiry->verified && !config_.trust_email) {
        return inquiry->fail({base::ErrorCode::forbidden, config_.title + " has not verified the email address", "email_unverified"});
    }
    inquiry->done(std::move(inquiry->who));
}

// ---- GitHub

void OAuthProviderClient::ask_github_user(const InquiryPtr& inquiry) {
    ask_with_token(inquiry->endpoints.userinfo, inquiry->access_token, [this, inquiry](base::Result<Json> user) {
        if (!user) return inquiry->fail(user.error());
        const std::int64_t number = number_at(*user, 0, "id");  // the login may be renamed and taken by somebody else
        if (number <= 0) return inquiry->fail(refused("GitHub says nothing of who that is"));
        std::string name = text_at(*user, "name");
        inquiry->who = {.subject = std::to_string(number),
                        .email = {},
                        .name = name.empty() ? text_at(*user, "login") : std::move(name),
                        .avatar_url = picture_of(text_at(*user, "avatar_url"))};
        ask_github_emails(inquiry);
    });
}

void OAuthProviderClient::ask_github_emails(const InquiryPtr& inquiry) {
    ask_with_token(inquiry->endpoints.userinfo + "/emails", inquiry->access_token, [inquiry](base::Result<Json> emails) {
        if (!emails) return inquiry->fail(emails.error());
        std::size_t seen = 0;
        for (const Json& entry : *emails) {
            if (++seen > kMaxEmails) break;
            if (!flag_at(entry, "primary")) continue;
            if (!flag_at(entry, "verified")) {
                return inquiry->fail({base::ErrorCode::forbidden, "GitHub has not verified the primary email address", "email_unverified"});
            }
            inquiry->who.email = text_at(entry, "email");
        }
        if (inquiry->who.email.empty()) return inquiry->fail({base::ErrorCode::forbidden, "GitHub gave no email address", "no_email"});
        inquiry->done(std::move(inquiry->who));
    });
}

}  // namespace hub
