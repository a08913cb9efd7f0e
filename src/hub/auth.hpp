// Auth: users, passwords and tokens (contracts: KubeOrch core, "Auth").
//
// Users are kept in memory besides the store, so that a request is judged without waiting. Tokens are JWTs (HS256, 24 h) under
// a secret that is made at the first start and kept in the store; a new password makes all older tokens invalid. The first
// user is admin; later ones need the six-digit invite code, which an admin can read and renew. People whom a provider vouches for
// (ports.external) come in by enter(), in auth_external.cpp.
//
//   auth.load([](base::Result<void> loaded) { ... });       // before anything else
//   auth.add_routes(router, prefix);
//   auto caller = auth.authenticate(request, TokenFrom::header);
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "hub/answers.hpp"
#include "hub/attempt_limiter.hpp"
#include "hub/external_sign_in.hpp"
#include "hub/hub.hpp"
#include "hub/lifetime.hpp"
#include "net/router.hpp"

namespace hub {

struct User {
    std::string id;
    std::string email;
    std::string name;
    std::string role;  // "admin" or "user"
    std::string created_at;
    std::string password_hash;  // empty: signs in by a provider only
    std::int64_t token_version = 1;
    std::string auth_provider = "email";  // or the id of an OAuth provider
    std::string auth_subject{};           // who that is there
    std::string avatar_url{};

    [[nodiscard]] Json to_wire() const;
};

// A stream that a plain EventSource opens cannot send headers: there the token may be in the query.
enum class TokenFrom { header, header_or_query };

class Auth final : private ExternalUsers {
public:
    Auth(HubPorts ports, AuthMode mode) : ports_(ports), mode_(mode) {}
    Auth(const Auth&) = delete;
    Auth& operator=(const Auth&) = delete;
    ~Auth() override;

    void load(base::UniqueFunction<void(base::Result<void>)> done);
    void add_routes(net::Router& router, const std::string& prefix);

    [[nodiscard]] base::Result<User> authenticate(const net::ServerRequest& request, TokenFrom from) const;
    [[nodiscard]] bool authorizes(std::string_view authorization) const;
    [[nodiscard]] AuthMode mode() const { return mode_; }
    // By id or e-mail address; null when there is none. Valid until users change.
    [[nodiscard]] const User* find_user(std::string_view id_or_email) const;
    enum class Whom { everybody, admins };
    [[nodiscard]] std::vector<std::string> user_ids(Whom whom) const;

private:
    using Done = base::UniqueFunction<void(base::Result<void>)>;
    using UserDone = base::UniqueFunction<void(base::Result<void>)>;

    void load_secret(Done done);
    void load_invite(Done done);
    void load_users(Done done);
    void load_dummy_hash(Done done);
    void load_or_create(std::string id, std::string field, std::string fresh, std::string& into, Done done);

    void register_user(const net::ServerRequest& request, const Writer& writer);
    void finish_register(User user, std::string password, const Writer& writer);
    void login(const net::ServerRequest& request, const Writer& writer);
    void refresh(const net::ServerRequest& request, const Writer& writer);
    void methods(const Writer& writer) const;
    void put_profile(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void put_password(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void renew_invite(const Writer& writer);
    void save_user(User user, UserDone done);
    void enter(ExternalIdentity identity, base::UniqueFunction<void(ExternalEntry)> done) override;
    [[nodiscard]] Json session_of(const std::string& user_id) const override;
    void admit(User user, bool is_new, base::UniqueFunction<void(ExternalEntry)> done);
    // Answers 403 and true where passwords are not in use.
    [[nodiscard]] bool without_passwords(net::ResponseWriter& writer) const;

    // Answers 429 and true when this peer tries too often.
    bool limited(const net::ServerRequest& request, const std::string& email, net::ResponseWriter& writer);
    [[nodiscard]] base::Result<User> user_of_token(std::string_view token, std::int64_t grace_s) const;
    [[nodiscard]] std::string issue_token(const User& user) const;
    [[nodiscard]] Json session_json(const User& user) const;
    [[nodiscard]] const User* find_by_email(std::string_view email) const;
    [[nodiscard]] const User* find_by_identity(const ExternalIdentity& identity) const;
    [[nodiscard]] std::string random_digits(int count) const;

    HubPorts ports_;
    AuthMode mode_;
    std::string secret_;
    std::string invite_code_;
    std::string dummy_hash_;  // verified for unknown users, so that both answers take the same work
    std::map<std::string, User> users_;  // by id
    std::set<std::string> emails_being_registered_;
    AttemptLimiter login_limiter_{10, 60'000};
    AttemptLimiter peer_limiter_{60, 60'000};
    Lifetime lifetime_;
};

}  // namespace hub
