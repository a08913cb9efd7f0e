// TokenRenewal: one renewal of the token at a time, for all who wait in this tab and, under a lock, for all tabs of the browser.
//
//   waiter_ = renewal.join(token_that_failed, TokenRenewal::Why::rejected, [this](base::Result<void> renewed) { ... });
//   renewal.leave(waiter_);     // a waiter that lost interest; the others still get their token
//
// In order: the lock (a bounded wait, then it is taken over) → Session::sync(), and if another tab has brought a newer valid token
// that is the result → POST /auth/refresh by a path of its own (no interceptors, own timeout, the old token) → Session::renewed(),
// which stores and tells → release → the waiters.
//
// Promises
//   - `done` runs once, never inside join(), for all waiters with the same result; then the queue is empty and the next may begin.
//   - Session::ended() runs only on a definite refusal (401, or 400 that says revoked, expired or invalid_grant) of a token that is
//     expired or was rejected, and only after another tab's newer token was looked for for kSiblingWaitMs. A refusal while the token
//     still works (renewed early) ends nothing. No answer, 5xx, 403 and anything unclear: `unavailable`, and a pause before the next.
//   - An answer that comes after a sign-out or a change of user (Session::epoch) is thrown away.
//   - At most kMaxPerWindow renewals in kWindowMs.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/scheduler.hpp"
#include "net/http.hpp"
#include "net/session.hpp"

namespace net {

// Why the last renewal failed. `revoked` takes precedence over `expired` when an answer says both.
enum class RenewalFailure : std::uint8_t { none, revoked, expired, network, unknown };
[[nodiscard]] RenewalFailure classify_renewal_failure(int status, const Json& body);

class TokenRenewal {
public:
    static constexpr std::int64_t kTimeoutMs = 10'000;
    static constexpr std::int64_t kLockWaitMs = 15'000;   // longer than a holder may take: kTimeoutMs + kSiblingWaitMs
    static constexpr std::int64_t kStealWaitMs = 1'000;   // a browser that does not even grant that: without a lock
    static constexpr std::int64_t kSiblingWaitMs = 1'000;
    static constexpr std::int64_t kFreshMs = 10'000;
    static constexpr std::int64_t kWindowMs = 30'000;
    static constexpr std::size_t kMaxPerWindow = 10;
    static constexpr std::int64_t kFirstPauseMs = 1'000;
    static constexpr std::int64_t kMaxPauseMs = 30'000;
    static constexpr std::int64_t kRefusedPauseMs = 60'000;  // after a refusal that ended nothing

    enum class Why : std::uint8_t { due, rejected };
    using Done = base::UniqueFunction<void(base::Result<void>)>;

    // All must outlive it.
    TokenRenewal(HttpClient& http, base::Scheduler& scheduler, std::string target, Session& session);
    ~TokenRenewal();
    TokenRenewal(const TokenRenewal&) = delete;
    TokenRenewal& operator=(const TokenRenewal&) = delete;

    // `stale` is the token that is due or was rejected: if there is a newer one by now, that is the result.
    std::uint64_t join(std::string stale, Why why, Done done);
    void leave(std::uint64_t waiter) { waiters_.erase(waiter); }
    [[nodiscard]] bool running() const { return running_; }
    // No use asking before this is over; join() then fails at once.
    [[nodiscard]] bool pausing() const;
    // The session it is for is over: the waiters are told so, soon, and what is under way is dropped.
    void abandon();
    void forget_pause() { pause_until_ms_ = 0; failures_ = 0; }
    // This very token came less than kFreshMs ago: if it is rejected, another one will be too.
    [[nodiscard]] bool fresh(const std::string& token) const;
    [[nodiscard]] RenewalFailure last_failure() const { return last_failure_; }
    [[nodiscard]] std::size_t waiting() const { return waiters_.size(); }
    void on_reachable(std::function<void(bool)> callback) { reachable_ = std::move(callback); }

private:
    void begin();
    void later(std::int64_t delay_ms, void (TokenRenewal::*step)());
    void ask_for_lock(bool steal);
    void locked();
    void lost_lock();
    void send();
    void received(base::Result<Response> response);
    void refused();
    void look_for_sibling();
    [[nodiscard]] bool settled_elsewhere();
    void pause(std::int64_t delay_ms);
    void failed_softly(RenewalFailure failure, std::string message);
    void succeed();
    void settle(base::Result<void> result);

    HttpClient& http_;
    base::Scheduler& scheduler_;
    std::string target_;
    Session& session_;
    std::function<void(bool)> reachable_;
    std::shared_ptr<TokenRenewal*> self_;

    std::map<std::uint64_t, Done> waiters_;  // in order of joining
    std::uint64_t next_waiter_ = 1;
    bool running_ = false;
    bool rejected_ = false;       // somebody's request was refused, not only early
    std::string stale_;
    std::uint64_t epoch_ = 0;
    std::int64_t sent_unix_ms_ = 0;
    int sibling_looks_ = 0;
    RequestHandle request_;
    base::LockHandle lock_;
    base::Timer timer_;

    std::deque<std::int64_t> sent_at_ms_;
    std::string fresh_token_;
    std::int64_t fresh_at_ms_ = 0;
    std::int64_t pause_until_ms_ = 0;
    int failures_ = 0;
    RenewalFailure last_failure_ = RenewalFailure::none;
};

}  // namespace net
