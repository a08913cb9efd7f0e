#include "hub/auth.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "hub/crypto/jwt.hpp"
#include "hub/crypto/sha256.hpp"
#include "hub/user_rules.hpp"
#include "wire/json_reader.hpp"

namespace hub {

namespace {

constexpr std::int64_t kTokenLifetime_s = 24 * 3600;
constexpr std::int64_t kRefreshGrace_s = 7 * 24 * 3600;
constexpr std::size_t kMinPasswordBytes = 6;
constexpr std::size_t kMaxPasswordBytes = 1'024;
constexpr std::size_t kMaxNameBytes = 100;

User local_admin() {
    return {.id = "local", .email = "admin@localhost", .name = "Local admin", .role = "admin",
            .created_at = "2026-01-01T00:00:00Z", .password_hash = {}, .token_version = 0};
}

std::string_view bearer_of(std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer ";
    if (!base::starts_with_ascii_case(authorization, kScheme)) return {};
    return base::trim(authorization.substr(kScheme.size()));
}

Json user_to_json(const User& user) {
    return {{"email", user.email},         {"name", user.name},
            {"role", user.role},           {"created_at", user.created_at},
            {"password_hash", user.password_hash}, {"token_version", user.token_version},
            {"auth_provider", user.auth_provider}, {"auth_subject", user.auth_subject},
            {"avatar_url", user.avatar_url}};
}

void refuse_password(net::ResponseWriter& writer) {
    send_error(writer, 400, "The password must have " + std::to_string(kMinPasswordBytes) + " to " +
                                std::to_string(kMaxPasswordBytes) + " bytes.");
}

bool password_fits(std::string_view password) {
    return password.size() >= kMinPasswordBytes && password.size() <= kMaxPasswordBytes;
}

// The body and its fields at once; answers the 400 itself.
struct Body {
    Json json;
    wire::JsonErrors errors;
};

bool parse_into(Body& body, const net::ServerRequest& request, net::ResponseWriter& writer) {
    auto json = read_body(request);
    if (!json) {
        send_error(writer, json.error());
        return false;
    }
    body.json = std::move(*json);
    return true;
}

bool refused(const Body& body, net::ResponseWriter& writer) {
    if (body.errors.empty()) return false;
    send_error(writer, body.errors.to_error());
    return true;
}

}  // namespace

// One '@' with something on both sides, a host with no blanks: whether mail arrives is not ours to prove.
bool looks_like_email(std::string_view text) {
    if (text.size() > 254) return false;
    const auto halves = base::split_once(text, '@');
    if (!halves || halves->before.empty() || halves->after.empty()) return false;
    if (halves->after.find('@') != std::string_view::npos || halves->after.front() == '.' || halves->after.back() == '.') return false;
    return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; });
}

std::string normal_email(std::string_view text) { return base::to_ascii_lower(base::trim(text)); }

Json User::to_wire() const {
    return {{"id", id},         {"email", email},           {"name", name},           {"role", role},
            {"avatarUrl", avatar_url}, {"createdAt", created_at}, {"authProvider", auth_provider}};
}

// ---- start

void Auth::load(Done done) {
    if (mode_ == AuthMode::none) return done({});
    load_secret(std::move(done));
}

void Auth::load_or_create(std::string id, std::string name, std::string fresh, std::string& into, Done done) {
    ports_.documents.get("settings", id, lifetime_.guard([this, id, name, fresh, &into, done = std::move(done)](
                                                             base::Result<Document> stored) mutable {
        if (stored) {
            if (const auto json = base::parse_json(stored->json)) into = text_at(*json, name);
            if (into.empty()) return done(base::fail(base::ErrorCode::internal, "The stored setting " + id + " cannot be read."));
            return done({});
        }
        if (stored.error().code != base::ErrorCode::not_found) return done(base::fail(stored.error()));
        into = fresh;
        ports_.documents.put("settings", id, dump_json({{name, fresh}}), DocumentStore::kMustNotExist,
                             [done = std::move(done)](base::Result<std::int64_t> saved) mutable {
                                 if (!saved) return done(base::fail(saved.error()));
                                 done({});
                             });
    }));
}

void Auth::load_secret(Done done) {
    std::uint8_t bytes[32];
    ports_.random.fill(bytes);
    const std::string fresh = base::base64url_encode({reinterpret_cast<const char*>(bytes), sizeof bytes});
    load_or_create("jwt", "secret", fresh, secret_, [this, done = std::move(done)](base::Result<void> result) mutable {
        if (!result) return done(std::move(result));
        load_invite(std::move(done));
    });
}

void Auth::load_invite(Done done) {
    load_or_create("invite", "code", random_digits(6), invite_code_, [this, done = std::move(done)](base::Result<void> result) mutable {
        if (!result) return done(std::move(result));
        load_users(std::move(done));
    });
}

void Auth::load_users(Done done) {
    ports_.documents.list("users", lifetime_.guard([this, done = std::move(done)](
                                                       base::Result<std::vector<Document>> documents) mutable {
        if (!documents) return done(base::fail(documents.error()));
        users_.clear();
        for (const Document& document : *documents) {
            const auto json = base::parse_json(document.json);
            if (!json) continue;
            users_[document.id] = {.id = document.id,
                                   .email = text_at(*json, "email"),
                                   .name = text_at(*json, "name"),
                                   .role = text_at(*json, "role"),
                                   .created_at = text_at(*json, "created_at"),
                                   .password_hash = text_at(*json, "password_hash"),
                                   .token_version = number_at(*json, 1, "token_version"),
                                   .auth_provider = field(*json, "auth_provider") ? text_at(*json, "auth_provider") : "email",
                                   .auth_subject = text_at(*json, "auth_subject"),
                                   .avatar_url = text_at(*json, "avatar_url")};
        }
        load_dummy_hash(std::move(done));
    }));
}

void Auth::load_dummy_hash(Done done) {
    if (!ports_.passwords) return done(base::fail(base::ErrorCode::internal, "Sign-in needs a password hasher."));
    ports_.passwords->hash(random_digits(24), lifetime_.guard([this, done = std::move(done)](base::Result<std::string> hash) mutable {
        if (!hash) return done(base::fail(hash.error()));
        dummy_hash_ = std::move(*hash);
        done({});
    }));
}

// ---- tokens

std::string Auth::random_digits(int count) const {
    std::string digits;
    for (int i = 0; i < count; ++i) digits += static_cast<char>('0' + ports_.random.below(10));
    return digits;
}

std::string Auth::issue_token(const User& user) const {
    const std::int64_t now_s = ports_.scheduler.clock().unix_ms() / 1'000;
    return crypto::sign_jwt({{"sub", user.id},
                             {"email", user.email},
                             {"role", user.role},
                             {"ver", user.token_version},
                             {"iat", now_s},
                             {"exp", now_s + kTokenLifetime_s}},
                            secret_);
}

Json Auth::session_json(const User& user) const {
    return {{"token", issue_token(user)}, {"expires_in", kTokenLifetime_s}, {"user", user.to_wire()}};
}

base::Result<User> Auth::user_of_token(std::string_view token, std::int64_t grace_s) const {
    if (token.empty()) return base::fail(base::ErrorCode::unauthenticated, "Sign in first.");
    if (secret_.empty()) return base::fail(base::ErrorCode::unauthenticated, "The server is still starting.");
    const auto claims = crypto::verify_jwt(token, secret_);
    if (!claims) return base::fail(claims.error());
    const std::int64_t now_s = ports_.scheduler.clock().unix_ms() / 1'000;
    if (now_s >= number_at(*claims, 0, "exp") + grace_s) {
        return base::fail(base::ErrorCode::unauthenticated, "The session has expired.", "Sign in again.");
    }
    const auto user = users_.find(text_at(*claims, "sub"));
    if (user == users_.end() || user->second.token_version != number_at(*claims, 0, "ver")) {
        return base::fail(base::ErrorCode::unauthenticated, "The session is no longer valid.", "Sign in again.");
    }
    return user->second;
}

base::Result<User> Auth::authenticate(const net::ServerRequest& request, TokenFrom from) const {
    if (mode_ == AuthMode::none) return local_admin();
    std::string token(bearer_of(request.headers.get("authorization")));
    if (token.empty() && from == TokenFrom::header_or_query) {
        if (const auto query = base::parse_query(net::split_target(request.target).query)) token = query->get("token");
    }
    return user_of_token(token, 0);
}

bool Auth::authorizes(std::string_view authorization) const {
    return mode_ == AuthMode::none || user_of_token(bearer_of(authorization), 0).has_value();
}

// ---- routes

void Auth::add_routes(net::Router& router, const std::string& prefix) {
    const auto open = [&](const char* method, const std::string& path, auto handle) {
        router.route(method, prefix + path, [this, handle](net::RoutedRequest routed, const Writer& writer) {
            (this->*handle)(routed.request, writer);
        });
    };
    const auto signed_in = [&](const char* method, const std::string& path, auto handle) {
        router.route(method, prefix + path, [this, handle](net::RoutedRequest routed, const Writer& writer) {
            const auto caller = authenticate(routed.request, TokenFrom::header);
            if (!caller) return send_error(*writer, caller.error());
            handle(*caller, routed.request, writer);
        });
    };
    if (mode_ == AuthMode::builtin && ports_.external) ports_.external->attach(*this, router, prefix);
    open("POST", "/auth/register", &Auth::register_user);
    open("POST", "/auth/login", &Auth::login);
    open("POST", "/auth/refresh", &Auth::refresh);
    router.route("GET", prefix + "/auth/methods", [this](net::RoutedRequest, const Writer& writer) { methods(writer); });
    signed_in("GET", "/profile", [](const User& caller, const net::ServerRequest&, const Writer& writer) {
        send_json(*writer, 200, caller.to_wire());
    });
    signed_in("PUT", "/profile", [this](const User& caller, const net::ServerRequest& request, const Writer& writer) {
        put_profile(caller, request, writer);
    });
    signed_in("PUT", "/profile/password", [this](const User& caller, const net::ServerRequest& request, const Writer& writer) {
        put_password(caller, request, writer);
    });
    const auto admin_only = [](const User& caller, net::ResponseWriter& writer) {
        if (caller.role == "admin") return true;
        send_error(writer, 403, "Only an admin may do this.");
        return false;
    };
    signed_in("GET", "/admin/settings/invite-code", [this, admin_only](const User& caller, const net::ServerRequest&, const Writer& writer) {
        if (admin_only(caller, *writer)) send_json(*writer, 200, {{"inviteCode", invite_code_}});
    });
    signed_in("POST", "/admin/settings/invite-code", [this, admin_only](const User& caller, const net::ServerRequest&, const Writer& writer) {
        if (admin_only(caller, *writer)) renew_invite(writer);
    });
}

void Auth::methods(const Writer& writer) const {
    const bool builtin = mode_ == AuthMode::builtin;
    const bool passwords = builtin && (!ports_.external || ports_.external->with_passwords());
    send_json(*writer, 200,
              {{"builtin", {{"enabled", passwords}, {"signupEnabled", passwords}, {"inviteRequired", builtin && !users_.empty()}}},
               {"providers", builtin && ports_.external ? ports_.external->providers() : Json::array()}});
}

const User* Auth::find_user(std::string_view id_or_email) const {
    const auto found = users_.find(std::string(id_or_email));
    return found == users_.end() ? find_by_email(id_or_email) : &found->second;
}

std::vector<std::string> Auth::user_ids(Whom whom) const {
    if (mode_ == AuthMode::none) return {local_admin().id};
    std::vector<std::string> ids;
    for (const auto& [id, user] : users_) {
        if (whom == Whom::everybody || user.role == "admin") ids.push_back(id);
    }
    return ids;
}

const User* Auth::find_by_email(std::string_view email) const {
    const auto found = std::find_if(users_.begin(), users_.end(), [email](const auto& entry) { return entry.second.email == email; });
    return found == users_.end() ? nullptr : &found->second;
}

bool Auth::limited(const net::ServerRequest& request, const std::string& email, net::ResponseWriter& writer) {
    const std::int64_t now_ms = ports_.scheduler.clock().monotonic_ms();
    auto wait_ms = peer_limiter_.wait_ms(request.peer, now_ms);
    if (!wait_ms) wait_ms = login_limiter_.wait_ms(request.peer + "\n" + email, now_ms);
    if (!wait_ms) return false;
    const std::string seconds = std::to_string((*wait_ms + 999) / 1'000);
    send_error(writer, 429, "Too many attempts. Try again in " + seconds + " s.", {}, {{"retry-after", seconds}});
    return true;
}

void Auth::register_user(const net::ServerRequest& request, const Writer& writer) {
    if (without_passwords(*writer)) return;
    Body body;
    if (!parse_into(body, request, *writer)) return;
    wire::JsonReader fields(body.json, body.errors);
    User user;
    user.email = normal_email(fields.string("email"));
    user.name = std::string(base::trim(fields.string("name")));
    std::string password = fields.string("password");
    const std::string invite = fields.string_or("inviteCode", "");
    if (refused(body, *writer)) return;
    if (!looks_like_email(user.email)) return send_error(*writer, 400, "That is no email address.");
    if (user.name.empty() || user.name.size() > kMaxNameBytes) return send_error(*writer, 400, "The name must have 1 to 100 bytes.");
    if (!password_fits(password)) return refuse_password(*writer);
    if (limited(request, user.email, *writer)) return;
    const bool first = users_.empty() && emails_being_registered_.empty();
    if (!first && !crypto::equal_in_constant_time(invite, invite_code_)) {
        return send_error(*writer, 403, "The invite code is not right.", {"Ask an admin for the six-digit code."});
    }
    if (find_by_email(user.email) || !emails_being_registered_.insert(user.email).second) {
        return send_error(*writer, 409, "There is already a user with this email address.");
    }
    user.role = first ? "admin" : "user";
    finish_register(std::move(user), std::move(password), writer);
}

void Auth::finish_register(User user, std::string password, const Writer& writer) {
    const std::int64_t now_ms = ports_.scheduler.clock().unix_ms();
    user.id = base::make_id(ports_.random, now_ms);
    user.created_at = base::format_rfc3339_millis(now_ms);
    ports_.passwords->hash(std::move(password), lifetime_.guard([this, user = std::move(user), writer](base::Result<std::string> hash) mutable {
        const std::string email = user.email;
        if (!hash) {
            emails_being_registered_.erase(email);
            return send_error(*writer, hash.error());
        }
        user.password_hash = std::move(*hash);
        save_user(user, [this, user, email, writer](base::Result<void> saved) {
            emails_being_registered_.erase(email);
            if (!saved) return send_error(*writer, saved.error());
            send_json(*writer, 201, session_json(user));
        });
    }));
}

void Auth::save_user(User user, UserDone done) {
    ports_.documents.put("users", user.id, dump_json(user_to_json(user)), DocumentStore::kAnyRevision,
                         lifetime_.guard([this, user, done = std::move(done)](base::Result<std::int64_t> saved) mutable {
                             if (!saved) return done(base::fail(saved.error()));
                             users_[user.id] = user;
                             done({});
                         }));
}

void Auth::login(const net::ServerRequest& request, const Writer& writer) {
    if (without_passwords(*writer)) return;
    Body body;
    if (!parse_into(body, request, *writer)) return;
    wire::JsonReader fields(body.json, body.errors);
    const std::string email = normal_email(fields.string("email"));
    std::string password = fields.string("password");
    if (refused(body, *writer)) return;
    if (limited(request, email.substr(0, 254), *writer)) return;
    const User* user = find_by_email(email);
    // Who signs in by a provider has no password, and no password is right for that account.
    const bool has_password = user && !user->password_hash.empty();
    const std::string hash = has_password ? user->password_hash : dummy_hash_;
    if (password.size() > kMaxPasswordBytes) password.clear();
    ports_.passwords->verify(std::move(password), hash,
                             lifetime_.guard([this, id = has_password ? user->id : std::string(), key = request.peer + "\n" + email,
                                              writer](base::Result<bool> right) {
        if (!right) return send_error(*writer, right.error());
        const auto found = users_.find(id);
        if (!*right || found == users_.end()) return send_error(*writer, 401, "The email address or the password is not right.");
        login_limiter_.forget(key);
        send_json(*writer, 200, session_json(found->second));
    }));
}

void Auth::refresh(const net::ServerRequest& request, const Writer& writer) {
    if (mode_ == AuthMode::none) return send_json(*writer, 200, {{"token", ""}, {"user", local_admin().to_wire()}});
    const auto user = user_of_token(bearer_of(request.headers.get("authorization")), kRefreshGrace_s);
    if (!user) return send_error(*writer, user.error());
    send_json(*writer, 200, session_json(*user));
}

void Auth::put_profile(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    if (mode_ == AuthMode::none) return send_error(*writer, 403, "The local admin has no profile to change.");
    Body body;
    if (!parse_into(body, request, *writer)) return;
    const std::string name(base::trim(wire::JsonReader(body.json, body.errors).string("name")));
    if (refused(body, *writer)) return;
    if (name.empty() || name.size() > kMaxNameBytes) return send_error(*writer, 400, "The name must have 1 to 100 bytes.");
    User changed = caller;
    changed.name = name;
    save_user(changed, [changed, writer](base::Result<void> saved) {
        if (!saved) return send_error(*writer, saved.error());
        send_json(*writer, 200, changed.to_wire());
    });
}

void Auth::put_password(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    if (mode_ == AuthMode::none) return send_error(*writer, 403, "The local admin has no password.");
    if (caller.password_hash.empty()) return send_error(*writer, 403, "This account signs in by a provider and has no password.");
    Body body;
    if (!parse_into(body, request, *writer)) return;
    wire::JsonReader fields(body.json, body.errors);
    std::string current = fields.string("currentPassword");
    std::string next = fields.string("newPassword");
    if (refused(body, *writer)) return;
    if (!password_fits(next)) return refuse_password(*writer);
    if (limited(request, caller.email, *writer)) return;
    if (current.size() > kMaxPasswordBytes) current.clear();
    ports_.passwords->verify(std::move(current), caller.password_hash,
                             lifetime_.guard([this, caller, next = std::move(next), writer](base::Result<bool> right) mutable {
        if (!right) return send_error(*writer, right.error());
        if (!*right) return send_error(*writer, 403, "The current password is not right.");
        ports_.passwords->hash(std::move(next), lifetime_.guard([this, changed = caller, writer](base::Result<std::string> hash) mutable {
            if (!hash) return send_error(*writer, hash.error());
            changed.password_hash = std::move(*hash);
            ++changed.token_version;
            save_user(changed, [this, changed, writer](base::Result<void> saved) {
                if (!saved) return send_error(*writer, saved.error());
                Json answer = session_json(changed);
                answer["message"] = "The password has been changed. Other sessions have ended.";
                send_json(*writer, 200, answer);
            });
        }));
    }));
}

void Auth::renew_invite(const Writer& writer) {
    if (mode_ == AuthMode::none) return send_error(*writer, 403, "This server has no sign-in.");
    const std::string code = random_digits(6);
    ports_.documents.put("settings", "invite", dump_json({{"code", code}}), DocumentStore::kAnyRevision,
                         lifetime_.guard([this, code, writer](base::Result<std::int64_t> saved) {
                             if (!saved) return send_error(*writer, saved.error());
                             invite_code_ = code;
                             send_json(*writer, 200, {{"inviteCode", code}});
                         }));
}

}  // namespace hub
