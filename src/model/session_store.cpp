#include "model/session_store.hpp"

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "model/return_path.hpp"
#include "state/trace.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

constexpr std::int64_t kMaxYearsMs = 100LL * 366 * 24 * 60 * 60 * 1000;  // keeps sums of times far from overflow
constexpr std::size_t kMaxTokenBytes = 64 * 1024;

// The first of these members that is a string.
std::string text_of(const Json& object, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const auto it = object.find(name);
        if (it != object.end() && it->is_string()) return it->get_ref<const std::string&>();
    }
    return {};
}

std::optional<std::int64_t> integer_of(const Json& object, const char* name) {
    wire::JsonErrors ignored;
    return wire::JsonReader(object, ignored).optional_integer(name, {.min = 0, .max = kMaxYearsMs});
}

Json user_json(const User& user) {
    Json out{{"id", user.id},          {"name", user.name},          {"email", user.email},
             {"role", user.role},      {"createdAt", user.created_at}, {"avatarUrl", user.avatar_url},
             {"authProvider", user.auth_provider}};
    if (!user.full_name.empty()) out["full_name"] = user.full_name;
    if (!user.organization_id.empty()) out["organization_id"] = user.organization_id;
    return out;
}

// "isAuthenticated" of seed 1 is derived from the token, so that the two cannot disagree.
Json state_json(const AuthState& s) {
    Json out{{"token", s.token}, {"expiresAt", s.expires_at_ms}, {"obtainedAt", s.obtained_at_ms}, {"skewMs", s.skew_ms}, {"user", nullptr}, {"epoch", s.epoch}};
    if (!s.refresh_token.empty()) out["refreshToken"] = s.refresh_token;
    if (s.user) out["user"] = user_json(*s.user);
    if (!s.permissions.empty()) out["permissions"] = s.permissions;
    if (!s.owner_id.empty()) out["ownerId"] = s.owner_id;
    if (!s.return_path.empty()) out["returnPath"] = s.return_path;
    return out;
}

bool complete(const AuthState& s) { return s.token.empty() || (s.expires_at_ms > 0 && s.user.has_value()); }

// Version 1 knew neither epochs nor clocks.
const std::vector<state::Migration>& migrations() {
    static const std::vector<state::Migration> kMigrations{{1, [](base::Json old) -> base::Result<base::Json> {
        if (!old.is_object()) return base::fail(base::ErrorCode::protocol, "no object");
        old.erase("isAuthenticated");
        return old;
    }}};
    return kMigrations;
}

}  // namespace

std::optional<User> read_user(const Json* json) {
    if (!json || !json->is_object()) return std::nullopt;
    User user;
    user.id = text_of(*json, {"id"});
    user.full_name = text_of(*json, {"full_name", "fullName"});
    user.name = text_of(*json, {"name"});
    if (user.name.empty()) user.name = user.full_name;
    user.email = text_of(*json, {"email"});
    user.role = text_of(*json, {"role"});
    user.created_at = text_of(*json, {"createdAt", "created_at"});
    user.avatar_url = text_of(*json, {"avatarUrl", "avatar_url"});
    user.auth_provider = text_of(*json, {"authProvider", "auth_provider"});
    if (user.auth_provider.empty()) user.auth_provider = "email";
    user.organization_id = text_of(*json, {"organization_id", "organizationId"});
    return user;
}

TokenTimes read_token_times(std::string_view token) {
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.size() > kMaxTokenBytes) return {};
    const auto bytes = base::base64url_decode(token.substr(first + 1, second - first - 1));
    if (!bytes) return {};
    const auto json = base::parse_json(*bytes, {.max_bytes = kMaxTokenBytes, .max_depth = 16});
    if (!json || !json->is_object()) return {};
    TokenTimes times;
    // Some issuers write fractions of seconds.
    const auto seconds = [&](const char* name) -> std::optional<std::int64_t> {
        const auto it = json->find(name);
        if (it == json->end() || !it->is_number()) return std::nullopt;
        wire::JsonErrors ignored;
        const double value = wire::JsonReader(*json, ignored).number_or(name, 0);
        if (!(value > 0) || value > static_cast<double>(kMaxYearsMs) / 1'000) return std::nullopt;
        return static_cast<std::int64_t>(value * 1'000);
    };
    times.expires_at_ms = seconds("exp");
    times.issued_at_ms = seconds("iat");
    return times;
}

Json session_trace(const AuthState& s) {
    Json out{{"token", state::redacted(s.token)}, {"refreshToken", state::redacted(s.refresh_token)}, {"expiresAt", s.expires_at_ms},
             {"skewMs", s.skew_ms}, {"epoch", s.epoch}, {"permissions", s.permissions}, {"user", nullptr}};
    if (s.user) out["user"] = user_json(*s.user);
    return out;
}

SessionStore::SessionStore(Ports ports, std::string key)
    : ports_(std::move(ports)), key_(std::move(key)), self_(std::make_shared<SessionStore*>(this)) {
    jitter_ = static_cast<double>(ports_.random.below(1'000)) / 1'000;
    if (ports_.tabs) ports_.tabs->on("session", [this](const Json& message) { on_message(message); });
    const auto text = ports_.storage.get(key_);
    if (!text) notice(text.error());
    if (!text || !*text) return;
    stored_text_ = **text;
    stores_ = true;
    if (auto state = read(stored_text_)) adopt(std::move(*state), "restore");
}

SessionStore::~SessionStore() {
    *self_ = nullptr;
    if (ports_.tabs) ports_.tabs->on("session", [](const Json&) {});
}

// ---- time

void SessionStore::measure(const AuthState& s) {
    const std::int64_t now_ms = ports_.scheduler.clock().unix_ms();
    std::int64_t left_ms = s.expires_at_ms - (now_ms + s.skew_ms);
    // Obtained in the future: our clock was put back since. How much of the token is left is anybody's guess, so none.
    if (s.obtained_at_ms > now_ms + kClockTolerance_ms) left_ms = 0;
    deadline_ms_ = ports_.scheduler.clock().monotonic_ms() + left_ms;
    lifetime_ms_ = s.obtained_at_ms > 0 ? std::max<std::int64_t>(s.expires_at_ms - (s.obtained_at_ms + s.skew_ms), 0) : kDefaultLifetimeMs;
}

std::int64_t SessionStore::remaining_ms() const {
    const AuthState& s = get();
    if (s.token.empty() || s.expires_at_ms <= 0) return 0;
    const base::Clock& clock = ports_.scheduler.clock();
    return std::min(s.expires_at_ms - (clock.unix_ms() + s.skew_ms), deadline_ms_ - clock.monotonic_ms());
}

bool SessionStore::is_token_expired() const { return remaining_ms() <= 0; }

std::int64_t SessionStore::renewal_in_ms() const {
    // At most half of a short life, or a token would always be due.
    const std::int64_t early_ms = std::min(std::max(kMinEarlyMs, lifetime_ms_ / 10), lifetime_ms_ / 2);
    return remaining_ms() - early_ms - static_cast<std::int64_t>(jitter_ * static_cast<double>(early_ms) / 5);
}

std::optional<std::string> SessionStore::validate_and_get_token() {
    sync();
    if (!is_authenticated()) return std::nullopt;
    if (!is_token_expired()) return get().token;
    logout(/*keep_owner=*/true);
    emit(SessionEvent::expired);
    return std::nullopt;
}

bool SessionStore::has_permission(std::string_view permission) const {
    const AuthState& s = get();
    if (!s.user) return false;
    if (s.user->role == "admin") return true;
    return std::find(s.permissions.begin(), s.permissions.end(), permission) != s.permissions.end();
}

// ---- changes made here

// The time, so that epochs grow even where the storage was cleared and a new tab knows nothing of the older ones.
std::uint64_t SessionStore::next_epoch() const {
    return std::max(get().epoch + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(ports_.scheduler.clock().unix_ms(), 0)));
}

void SessionStore::commit(AuthState next, const char* action) {
    adopt(std::move(next), action);
    write();
}

void SessionStore::set_user(User user) {
    sync();
    if (!is_authenticated() && !user.id.empty()) {
        // A backend without sign-in has a user and no token: known here, stored nowhere.
        return store_.update("set user", [&](AuthState& s) { s.user = std::move(user); });
    }
    AuthState next = get();
    if (next.user == user) return;
    if (next.owner_id.empty()) next.owner_id = user.id;
    next.user = std::move(user);
    commit(std::move(next), "set user");
}

void SessionStore::set_tokens(std::string access, std::string refresh) {
    sync();
    AuthState next = get();
    next.token = std::move(access);
    next.refresh_token = std::move(refresh);
    next.obtained_at_ms = ports_.scheduler.clock().unix_ms();
    next.expires_at_ms = read_token_times(next.token).expires_at_ms.value_or(next.obtained_at_ms + next.skew_ms + kDefaultLifetimeMs);
    if (next.token.empty()) return logout();
    commit(std::move(next), "set tokens");
    tell(false);
}

void SessionStore::set_permissions(std::vector<std::string> permissions) {
    sync();
    AuthState next = get();
    if (next.permissions == permissions) return;
    next.permissions = std::move(permissions);
    commit(std::move(next), "set permissions");
}

namespace {

// Takes the token and what belongs to it out of an answer. False when there is none.
bool take_tokens(AuthState& s, const Json& reply, const net::ReplyTiming& timing) {
    if (!reply.is_object()) return false;
    std::string token = text_of(reply, {"token", "accessToken", "access_token"});
    if (token.empty() || token.size() > kMaxTokenBytes) return false;
    s.token = std::move(token);
    if (std::string refresh = text_of(reply, {"refreshToken", "refresh_token"}); !refresh.empty()) s.refresh_token = std::move(refresh);
    const TokenTimes times = read_token_times(s.token);
    const auto lifetime_s = integer_of(reply, "expires_in");
    s.obtained_at_ms = timing.received_unix_ms;
    s.skew_ms = 0;
    if (timing.server_unix_ms) {
        // A Date header is the second in which the answer was made, some time between question and answer.
        // After a long wait (a sleep, or a clock that was set) the start counts: it makes the token look old, not young.
        const std::int64_t waited_ms = timing.received_unix_ms - timing.sent_unix_ms;
        const std::int64_t made_ms = timing.sent_unix_ms + (waited_ms >= 0 && waited_ms <= 10'000 ? waited_ms / 2 : 0);
        s.skew_ms = *timing.server_unix_ms + 500 - made_ms;
        if (s.skew_ms >= -1'500 && s.skew_ms <= 1'500) s.skew_ms = 0;  // no more than the header's own grain
    } else if (times.expires_at_ms && lifetime_s) {
        s.skew_ms = *times.expires_at_ms - (timing.sent_unix_ms + *lifetime_s * 1'000);
    } else if (times.expires_at_ms && times.issued_at_ms) {
        s.skew_ms = *times.issued_at_ms - timing.sent_unix_ms;
    }
    if (times.expires_at_ms) {
        s.expires_at_ms = *times.expires_at_ms;
    } else {
        s.expires_at_ms = timing.sent_unix_ms + s.skew_ms + (lifetime_s ? *lifetime_s * 1'000 : SessionStore::kDefaultLifetimeMs);
    }
    const auto user = reply.find("user");
    if (user != reply.end() && user->is_object()) s.user = read_user(&*user);
    const auto permissions = reply.find("permissions");
    if (permissions != reply.end() && permissions->is_array()) {
        s.permissions.clear();
        for (const Json& item : *permissions) {
            if (item.is_string()) s.permissions.push_back(item.get_ref<const std::string&>());
        }
    }
    return true;
}

}  // namespace

base::Result<bool> SessionStore::login(const Json& reply, const net::ReplyTiming& timing, std::uint64_t asked_epoch) {
    sync();
    if (get().epoch != asked_epoch) {
        return base::fail(base::ErrorCode::conflict, "Another tab has signed in or out meanwhile", "Sign in again");
    }
    AuthState next;
    if (!take_tokens(next, reply, timing)) {
        return base::fail(base::ErrorCode::protocol, "The server's answer holds no token", "Check the backend's address in Settings");
    }
    if (!next.user) next.user.emplace();
    const bool other_owner = get().owner_id.empty() || get().owner_id != next.user->id;
    next.epoch = next_epoch();
    next.owner_id = next.user->id;
    commit(std::move(next), "sign in");
    tell(false);
    return other_owner;
}

void SessionStore::renewed(const Json& reply, const net::ReplyTiming& timing) {
    AuthState next = get();
    if (next.token.empty() || !take_tokens(next, reply, timing)) return;
    // Somebody else's token was handed to us: not to be mixed with this user's screen.
    if (get().user && next.user && !get().user->id.empty() && !next.user->id.empty() && get().user->id != next.user->id) return;
    const bool late = get().expires_at_ms > next.expires_at_ms && !is_token_expired();
    if (late) return;
    commit(std::move(next), "renew");
    tell(false);
}

void SessionStore::logout(bool keep_owner, std::string return_path) {
    const AuthState before = get();
    AuthState next;
    next.epoch = before.token.empty() ? before.epoch : next_epoch();
    if (keep_owner) {
        next.owner_id = before.owner_id;
        next.return_path = return_path.size() > 1 ? std::move(return_path) : before.return_path;
    }
    store_.set("sign out", next);
    deadline_ms_ = 0;
    // Removed first: a storage that is too full to write still forgets.
    (void)ports_.storage.remove(key_);
    stored_text_.clear();
    stores_ = false;
    // What stays says that nobody is signed in, and since when: a tab that slept must not bring its session back.
    if (next.epoch > 0) write();
    if (!before.token.empty()) tell(true);
}

// ---- other tabs

void SessionStore::tell(bool signed_out) {
    if (!ports_.tabs) return;
    Json fields{{"epoch", get().epoch}};
    if (signed_out) fields["signedOut"] = true;
    ports_.tabs->post("session", std::move(fields));
}

void SessionStore::on_message(const Json& message) {
    wire::JsonErrors errors;
    const wire::JsonReader reader(message, errors);
    const std::int64_t epoch = reader.integer_or("epoch", -1, {.min = 0});
    const bool signed_out = reader.boolean_or("signedOut", false);
    if (!errors.empty() || epoch < 0) return;
    if (static_cast<std::uint64_t>(epoch) < get().epoch) return;  // late news of a session that is over
    sync();
    // Nothing is stored anywhere (a frame that may not store): then the word of the other tab must do.
    if (!stores_ && signed_out && is_authenticated()) {
        logout();
        emit(SessionEvent::signed_out_elsewhere);
    }
}

void SessionStore::sync() {
    const auto text = ports_.storage.get(key_);
    if (!text) return;
    if (!*text) {
        if (!stores_) return;
        stores_ = false;
        stored_text_.clear();
        if (!is_authenticated()) return;
        AuthState next;
        next.epoch = next_epoch();
        adopt(std::move(next), "storage cleared");
        return emit(SessionEvent::signed_out_elsewhere);
    }
    if (**text == stored_text_) return;
    stored_text_ = **text;
    stores_ = true;
    auto stored = read(stored_text_);
    if (!stored) return;
    const AuthState before = get();
    const bool same_epoch = stored->epoch == before.epoch;
    // A sign-in that did not name its user is followed by the profile.
    const bool same_user = before.user && stored->user && (before.user->id == stored->user->id || before.user->id.empty());
    const bool older_token = same_epoch && same_user && !before.token.empty() && !stored->token.empty() && stored->expires_at_ms < before.expires_at_ms;
    if (stored->epoch < before.epoch || older_token) {
        write();  // a late write of a tab that slept: put right what the next tab would read
        return;
    }
    if (*stored == before) return;
    adopt(std::move(*stored), "from another tab");
    const AuthState& now = get();
    const bool other_session = !same_epoch || now.token.empty() != before.token.empty() || (!before.token.empty() && !same_user);
    if (!other_session) return;
    if (!now.token.empty()) return emit(SessionEvent::signed_in_elsewhere);
    if (!before.token.empty()) emit(SessionEvent::signed_out_elsewhere);
}

void SessionStore::adopt(AuthState next, const char* action) {
    measure(next);
    store_.set(action, std::move(next));
}

void SessionStore::emit(SessionEvent event) {
    // Not inside the call that found it out: whoever hears this drops calls and handles.
    ports_.scheduler.post([self = self_, event] {
        if (*self && (*self)->on_event_) (*self)->on_event_(event);
    });
}

// ---- storage

std::optional<AuthState> SessionStore::read(const std::string& text) {
    auto envelope = state::read_envelope(text, kVersion);
    if (!envelope || envelope->version > kVersion) return std::nullopt;  // a newer program's session: sign in to have one here
    auto current = state::migrate(std::move(*envelope), kVersion, migrations());
    if (!current) return std::nullopt;
    wire::JsonErrors errors;
    const wire::JsonReader reader(current->state, errors);
    AuthState s;
    s.token = reader.string_or("token", "");
    s.refresh_token = reader.string_or("refreshToken", "");
    s.expires_at_ms = reader.integer_or("expiresAt", 0, {.min = 0, .max = kMaxYearsMs});
    s.obtained_at_ms = reader.integer_or("obtainedAt", 0, {.min = 0, .max = kMaxYearsMs});
    s.skew_ms = reader.integer_or("skewMs", 0, {.min = -kMaxYearsMs, .max = kMaxYearsMs});
    if (const auto user = reader.optional_object("user")) s.user = read_user(user.raw());
    if (reader.has("permissions")) s.permissions = reader.string_list("permissions");
    s.epoch = static_cast<std::uint64_t>(reader.integer_or("epoch", 0, {.min = 0, .max = kMaxYearsMs}));
    s.owner_id = reader.string_or("ownerId", s.user ? s.user->id : "");
    if (s.token.empty()) s.return_path = safe_return_path(reader.string_or("returnPath", "/"));
    if (s.return_path == "/") s.return_path.clear();
    if (!errors.empty() || !complete(s)) return std::nullopt;
    return s;
}

bool SessionStore::write() {
    std::string text = state::write_envelope(state_json(get()), kVersion);
    const auto written = ports_.storage.set(key_, text);
    if (!written) {
        notice(written.error());
        return false;
    }
    stored_text_ = std::move(text);
    stores_ = true;
    return true;
}

void SessionStore::notice(const base::Error& error) {
    if (std::exchange(noticed_, true) || !ports_.on_notice) return;
    using Kind = state::PersistNotice::Kind;
    const Kind kind = error.code == base::ErrorCode::quota       ? Kind::storage_full
                      : error.code == base::ErrorCode::forbidden ? Kind::storage_denied
                                                                 : Kind::storage_failed;
    ports_.on_notice({kind, key_, "You stay signed in only as long as this tab is open, because the browser stores nothing: " + error.message});
}

}  // namespace model
