// SessionStore: who is signed in, in this tab and in all tabs of the browser. The one place that reads and writes "auth-storage".
//
//   SessionStore auth({.storage = storage, .clock = clock, .random = random, .tabs = &tabs}, "auth-storage");
//   auth.on_event([this](SessionEvent event) { ... });     // another tab signed in or out; later, never inside a call
//   auth.login(reply_json, timing, epoch_when_asked);
//   if (auto token = auth.validate_and_get_token()) ...
//
// Promises
//   - Storage carries, the channel tells: the whole session is one value and one write, and a message names only the epoch. sync() takes
//     over what is stored; it is one comparison when nothing has changed, so it runs before every use of the token.
//   - The epoch grows with each sign-in and sign-out. Something stored with an older epoch is a late write of another tab: it is
//     put right. Of two values of one epoch the one that expires later counts. A key that somebody removed is a sign-out.
//   - Incomplete sessions are never taken over: a token needs its expiry and its user.
//   - Expiry is judged by the server's clock: the difference to ours is measured when a token comes. A clock that is put back cannot
//     prolong a token (there is a monotonic deadline, and a token from the future counts as expired); one that is put forward makes it
//     expire, which costs a renewal and no more.
//   - After logout() no key of the storage and no member of this object holds a token.
//   - Where nothing can be stored the session lives in this tab alone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "model/app_state.hpp"
#include "model/tab_sync.hpp"
#include "net/session.hpp"
#include "state/persist.hpp"
#include "state/storage.hpp"
#include "state/store.hpp"

namespace model {

enum class SessionEvent : std::uint8_t {
    signed_in_elsewhere,   // or as another user
    signed_out_elsewhere,
    expired,               // validate_and_get_token() found it so
};

// The user of a backend's answer (kubeorch's camelCase, kaizen's snake_case); nothing when it is no object.
[[nodiscard]] std::optional<User> read_user(const Json* json);
// "exp" and "iat" of a JWT in unix milliseconds, unverified (that is the server's part).
struct TokenTimes {
    std::optional<std::int64_t> expires_at_ms = {};
    std::optional<std::int64_t> issued_at_ms = {};
};
[[nodiscard]] TokenTimes read_token_times(std::string_view token);

// What a trace or a debug panel may show of it: no token.
[[nodiscard]] Json session_trace(const AuthState& state);

class SessionStore {
public:
    static constexpr int kVersion = 2;
    static constexpr std::int64_t kDefaultLifetimeMs = 24LL * 60 * 60 * 1000;
    static constexpr std::int64_t kMinEarlyMs = 30'000;
    static constexpr std::int64_t kClockTolerance_ms = 60'000;

    struct Ports {
        state::KeyValueStorage& storage;
        base::Scheduler& scheduler;
        base::Random& random;
        TabSync* tabs = nullptr;
        std::function<void(const state::PersistNotice&)> on_notice = {};
    };
    // Reads what is stored. All ports must outlive it.
    SessionStore(Ports ports, std::string key);
    ~SessionStore();
    SessionStore(const SessionStore&) = delete;
    SessionStore& operator=(const SessionStore&) = delete;

    [[nodiscard]] const AuthState& get() const { return store_.get(); }
    [[nodiscard]] std::uint64_t version() const { return store_.version(); }
    [[nodiscard]] state::Store<AuthState>& store() { return store_; }  // for subscriptions
    [[nodiscard]] const std::string& key() const { return key_; }

    [[nodiscard]] bool is_authenticated() const { return !get().token.empty(); }
    [[nodiscard]] bool is_token_expired() const;  // true without a token, or without a known expiry
    // From max(30 s, a tenth of the lifetime) before the expiry, and some seconds earlier in each tab.
    [[nodiscard]] bool renewal_due() const { return is_authenticated() && renewal_in_ms() <= 0; }
    [[nodiscard]] std::int64_t renewal_in_ms() const;
    // Nothing when there is none, or it has expired: then the session is cleared and `expired` is told. ApiClient renews before it asks.
    [[nodiscard]] std::optional<std::string> validate_and_get_token();
    [[nodiscard]] bool has_permission(std::string_view permission) const;  // an admin has all

    void set_user(User user);
    void set_tokens(std::string access, std::string refresh);
    void set_permissions(std::vector<std::string> permissions);

    // The answer of a sign-in that was asked for in `asked_epoch`. `conflict` when another tab has signed in or out since,
    // `protocol` when there is no token in it. True: another user's settings and drafts lie here and must go first.
    base::Result<bool> login(const Json& reply, const net::ReplyTiming& timing, std::uint64_t asked_epoch);
    // The answer of a renewal: unless what is stored is newer.
    void renewed(const Json& reply, const net::ReplyTiming& timing);
    // Clears memory and storage and tells the other tabs. `keep_owner`: the same user may find a draft again, and the way back.
    void logout(bool keep_owner = false, std::string return_path = {});
    // Takes over what another tab has stored.
    void sync();
    void on_event(std::function<void(SessionEvent)> callback) { on_event_ = std::move(callback); }
    // [0, 1), chosen once per tab.
    [[nodiscard]] double jitter() const { return jitter_; }

private:
    void adopt(AuthState next, const char* action);
    [[nodiscard]] std::uint64_t next_epoch() const;
    void measure(const AuthState& state);
    bool write();
    void tell(bool signed_out);
    void emit(SessionEvent event);
    void notice(const base::Error& error);
    [[nodiscard]] std::optional<AuthState> read(const std::string& text);
    [[nodiscard]] std::int64_t remaining_ms() const;
    void commit(AuthState next, const char* action);
    void on_message(const Json& message);

    Ports ports_;
    std::string key_;
    state::Store<AuthState> store_;
    std::function<void(SessionEvent)> on_event_;
    std::shared_ptr<SessionStore*> self_;
    std::string stored_text_;            // what the storage held when last looked at or written
    bool stores_ = false;                // the storage holds our value: its absence means something
    bool noticed_ = false;
    std::int64_t deadline_ms_ = 0;       // monotonic
    std::int64_t lifetime_ms_ = kDefaultLifetimeMs;
    double jitter_ = 0;
};

}  // namespace model
