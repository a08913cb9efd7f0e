#include "net/token_renewal.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "wire/json_reader.hpp"

namespace net {

namespace {

constexpr std::size_t kMaxReplyBytes = 1024 * 1024;
// Looks at what other tabs stored, while a refusal is not yet believed: at 200, 500 and 1,000 ms.
constexpr std::array<std::int64_t, 3> kSiblingSteps_ms{200, 300, 500};
static_assert(kSiblingSteps_ms[0] + kSiblingSteps_ms[1] + kSiblingSteps_ms[2] == TokenRenewal::kSiblingWaitMs);

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [text](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

}  // namespace

ReplyTiming timing_of(const Headers& reply_headers, std::int64_t sent_unix_ms, const base::Clock& clock) {
    return {.sent_unix_ms = sent_unix_ms, .received_unix_ms = clock.unix_ms(), .server_unix_ms = base::parse_http_date_ms(reply_headers.get("date"))};
}

RenewalFailure classify_renewal_failure(int status, const Json& body) {
    if (status >= 500 || status == 429 || status == 408) return RenewalFailure::network;
    std::string text;
    if (body.is_object()) {
        for (const char* key : {"error", "error_description", "message", "details", "code"}) {
            const auto it = body.find(key);
            if (it != body.end() && it->is_string()) text += base::to_ascii_lower(it->get_ref<const std::string&>()) + "\n";
        }
    }
    if (mentions(text, {"revoked", "reuse", "already used", "no longer valid"})) return RenewalFailure::revoked;
    if (status == 401 || mentions(text, {"expired", "invalid_grant"})) return RenewalFailure::expired;
    return RenewalFailure::unknown;
}

TokenRenewal::TokenRenewal(HttpClient& http, base::Scheduler& scheduler, std::string target, Session& session)
    : http_(http), scheduler_(scheduler), target_(std::move(target)), session_(session), self_(std::make_shared<TokenRenewal*>(this)) {}

TokenRenewal::~TokenRenewal() { *self_ = nullptr; }

std::uint64_t TokenRenewal::join(std::string stale, Why why, Done done) {
    if (running_ && epoch_ != session_.epoch()) abandon();  // it is for a session that is over
    const std::uint64_t id = next_waiter_++;
    waiters_.emplace(id, std::move(done));
    if (running_) {
        rejected_ = rejected_ || why == Why::rejected;
        return id;
    }
    running_ = true;
    rejected_ = why == Why::rejected;
    stale_ = std::move(stale);
    epoch_ = session_.epoch();
    later(0, &TokenRenewal::begin);
    return id;
}

bool TokenRenewal::pausing() const { return scheduler_.clock().monotonic_ms() < pause_until_ms_; }

bool TokenRenewal::fresh(const std::string& token) const {
    return !token.empty() && token == fresh_token_ && scheduler_.clock().monotonic_ms() - fresh_at_ms_ < kFreshMs;
}

void TokenRenewal::later(std::int64_t delay_ms, void (TokenRenewal::*step)()) {
    timer_ = scheduler_.after(delay_ms, [this, step] { (this->*step)(); });
}

void TokenRenewal::begin() {
    if (settled_elsewhere()) return;
    if (pausing()) {
        return settle(base::fail(base::ErrorCode::unavailable, "The session could not be renewed, because the server does not answer",
                                 "It is tried again in a moment"));
    }
    const std::int64_t now_ms = scheduler_.clock().monotonic_ms();
    while (!sent_at_ms_.empty() && now_ms - sent_at_ms_.front() >= kWindowMs) sent_at_ms_.pop_front();
    if (sent_at_ms_.size() >= kMaxPerWindow) {
        return settle(base::fail(base::ErrorCode::unavailable, "The session was renewed too often",
                                 "The server refuses tokens it has just handed out; wait half a minute, then sign in again"));
    }
    ask_for_lock(false);
}

void TokenRenewal::ask_for_lock(bool steal) {
    base::TabLocks* locks = session_.locks();
    if (!locks || !locks->available()) return send();
    base::TabLocks::Options options;
    options.steal = steal;
    options.lost = [this] { lost_lock(); };
    // A holder that is frozen must not hold up everybody for ever. What it does when it wakes is harmless: it finds the lock lost, or the
    // stored session newer than its answer. Some seconds of jitter, so that of several waiting tabs one takes it over.
    const std::int64_t wait_ms = steal ? kStealWaitMs : kLockWaitMs + static_cast<std::int64_t>(session_.jitter() * 5'000);
    timer_ = scheduler_.after(wait_ms, [this, steal] {
        if (settled_elsewhere()) return;
        if (!steal) return ask_for_lock(true);
        lock_.release();
        send();
    });
    lock_ = locks->request(session_.lock_name(), std::move(options), [this](base::Result<void> granted) {
        timer_.cancel();
        if (!granted) lock_.release();
        if (!settled_elsewhere()) send();
    });
}

void TokenRenewal::lost_lock() {
    if (!running_) return;
    request_.cancel();
    failed_softly(RenewalFailure::network, "Another tab has taken over the renewal of the session");
}

// True when there is nothing to renew any more; then the waiters have their answer.
bool TokenRenewal::settled_elsewhere() {
    session_.sync();
    if (session_.epoch() != epoch_ || session_.token().empty()) {
        settle(base::fail(base::ErrorCode::unauthenticated, "You are signed out", "Sign in again"));
        return true;
    }
    if (session_.token() == stale_ || session_.token_expired()) return false;
    succeed();
    return true;
}

void TokenRenewal::send() {
    stale_ = session_.token();  // another tab's, if that has expired too
    sent_at_ms_.push_back(scheduler_.clock().monotonic_ms());
    sent_unix_ms_ = scheduler_.clock().unix_ms();
    Request request;
    request.method = "POST";
    request.target = target_;
    request.headers.set("accept", "application/json");
    request.headers.set("authorization", "Bearer " + stale_);
    request.head_timeout_ms = kTimeoutMs;
    request.idle_timeout_ms = kTimeoutMs;
    if (const auto body = session_.renewal_body()) {
        request.headers.set("content-type", "application/json");
        request.body = wire::dump_json(*body);
    }
    timer_ = scheduler_.after(kTimeoutMs, [this] {
        request_.cancel();
        received(base::fail(base::ErrorCode::timed_out, "The server did not answer in time"));
    });
    request_ = fetch(
        http_, std::move(request),
        [self = self_](base::Result<Response> response) {
            if (*self) (*self)->received(std::move(response));
        },
        kMaxReplyBytes);
}

void TokenRenewal::received(base::Result<Response> response) {
    timer_.cancel();
    if (reachable_) reachable_(response.has_value());
    session_.sync();
    if (session_.epoch() != epoch_ || session_.token().empty()) {
        return settle(base::fail(base::ErrorCode::unauthenticated, "You are signed out", "Sign in again"));
    }
    if (!response) return failed_softly(RenewalFailure::network, "The session could not be renewed, because the server does not answer");
    Json json;
    if (auto parsed = wire::parse_json(response->body, {.max_bytes = kMaxReplyBytes, .max_depth = 32})) json = std::move(*parsed);
    if (response->status == 200 && json.is_object()) {
        session_.answered(timing_of(response->headers, sent_unix_ms_, scheduler_.clock()));
        session_.renewed(json);
        if (session_.token() != stale_ || !session_.token_expired()) return succeed();
    }
    const RenewalFailure failure = classify_renewal_failure(response->status, json);
    const bool definite = response->status == 401 || (response->status == 400 && failure != RenewalFailure::unknown);
    if (!definite) return failed_softly(failure, "The session could not be renewed");
    last_failure_ = failure;
    sibling_looks_ = 0;
    look_for_sibling();
}

// The server refused, perhaps because another tab was faster with the same token. Its newer one is then on its way to the storage.
void TokenRenewal::look_for_sibling() {
    if (settled_elsewhere()) return;
    if (sibling_looks_ == static_cast<int>(kSiblingSteps_ms.size())) return refused();
    later(kSiblingSteps_ms[static_cast<std::size_t>(sibling_looks_++)], &TokenRenewal::look_for_sibling);
}

void TokenRenewal::refused() {
    if (!rejected_ && !session_.token_expired()) {
        pause(kRefusedPauseMs);
        return settle(base::fail(base::ErrorCode::unavailable, "The session could not be renewed early", "It goes on until it expires"));
    }
    const bool revoked = last_failure_ == RenewalFailure::revoked;
    const std::uint64_t epoch = epoch_;
    settle(base::fail(base::ErrorCode::unauthenticated, revoked ? "The server has ended your session" : "Your session has expired", "Sign in again"));
    // A waiter may have signed out, or in again.
    if (session_.epoch() == epoch) session_.ended();
}

void TokenRenewal::pause(std::int64_t delay_ms) { pause_until_ms_ = scheduler_.clock().monotonic_ms() + delay_ms; }

void TokenRenewal::failed_softly(RenewalFailure failure, std::string message) {
    last_failure_ = failure;
    const std::int64_t longest_ms = std::min(kMaxPauseMs, kFirstPauseMs << std::min(failures_++, 5));
    pause(longest_ms - static_cast<std::int64_t>(session_.jitter() * static_cast<double>(longest_ms) / 2));
    settle(base::fail(base::ErrorCode::unavailable, std::move(message), "It is tried again in a moment"));
}

void TokenRenewal::succeed() {
    failures_ = 0;
    pause_until_ms_ = 0;
    last_failure_ = RenewalFailure::none;
    fresh_token_ = session_.token();
    fresh_at_ms_ = scheduler_.clock().monotonic_ms();
    settle({});
}

void TokenRenewal::settle(base::Result<void> result) {
    timer_.cancel();
    lock_.release();
    running_ = false;
    stale_.clear();
    const auto self = self_;
    const RequestHandle request = std::exchange(request_, {});  // we may be inside its callback
    // One by one: a waiter may make another one leave, and may join for the next renewal.
    const std::uint64_t end = next_waiter_;
    while (*self && !waiters_.empty() && waiters_.begin()->first < end) {
        auto first = waiters_.extract(waiters_.begin());
        first.mapped()(result);
    }
}

void TokenRenewal::abandon() {
    if (!running_) return;
    running_ = false;
    timer_.cancel();
    lock_.release();
    request_.cancel();
    if (waiters_.empty()) return;
    scheduler_.post([waiters = std::make_shared<std::map<std::uint64_t, Done>>(std::exchange(waiters_, {}))] {
        for (auto& [id, done] : *waiters) done(base::fail(base::ErrorCode::unauthenticated, "You are signed out", "Sign in again"));
    });
}

}  // namespace net
