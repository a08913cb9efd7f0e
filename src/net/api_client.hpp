// ApiClient: JSON calls to the hub's API with the session's bearer.
//
//   net::ApiClient api(http, scheduler, "/v1/api", session);
//   handle_ = api.call({.method = "GET", .path = "/workflows"}, [](base::Result<net::ApiReply> reply) { ... });
//
// - Answers with a status of 400 or more become an Error with the hub's own words (`error`, `details`), without the token, should the
//   hub have quoted it.
// - A token that has expired or soon will is renewed first (TokenRenewal: one renewal for all waiters of all tabs); calls made meanwhile
//   wait for it. The calls of kAuthPaths, matched exactly, carry no token and neither trigger nor await that.
// - A 401 renews the token and sends the request a second time, never a third. If there is a newer token already it is only sent again.
//   A 401 for a token that has just been handed out, and the second 401 of a request, are the answer: `forbidden`, and nobody is signed
//   out. A 403 renews nothing.
// - Only GET, HEAD, OPTIONS, PUT and DELETE are sent again; POST and PATCH only with an Idempotency-Key, or where the backend is known to
//   judge the token before it does anything (set_replay_all). Otherwise the token is renewed and the call fails with `unavailable`.
//   Nothing is ever sent again after a timeout or a 5xx.
// - When the renewal is refused the session has ended: every waiter fails once with `unauthenticated` and Session::ended() runs once. A
//   network error is not a logout: the waiters fail with `unavailable`.
// - A call belongs to the session it was made in: after a sign-out or a change of user it fails, whatever its answer is.
// - Every call ends within its timeout, 30 s in all: waiting for a renewal and the second attempt included.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/scheduler.hpp"
#include "net/http.hpp"
#include "net/session.hpp"
#include "net/token_renewal.hpp"

namespace net {

struct ApiRequest {
    std::string method = "GET";
    std::string path;                  // behind the prefix: "/workflows/1"
    bool beside_prefix = false;        // `path` is the whole target: "/api/proxy/..."
    std::optional<Json> body = {};
    Headers headers = {};              // If-Match and the like; Accept is application/json unless it stands here
    std::int64_t timeout_ms = 30'000;  // in all
};

struct ApiReply {
    int status = 200;
    Headers headers;
    Json json;                         // null for an empty body
};

class ApiClient {
public:
    static constexpr std::size_t kMaxReplyBytes = 32 * 1024 * 1024;
    static constexpr std::size_t kMaxReplyDepth = 64;

    // All must outlive the client.
    ApiClient(HttpClient& http, base::Scheduler& scheduler, std::string prefix, Session& session);
    ~ApiClient();

    // Dropping the handle cancels; `done` runs exactly once otherwise, never inside call().
    [[nodiscard]] RequestHandle call(ApiRequest request, base::UniqueFunction<void(base::Result<ApiReply>)> done);

    // For a stream that got a 401: renews the token (joining a renewal under way). `done` gets success when there is a newer token now.
    void renew(base::UniqueFunction<void(base::Result<void>)> done);
    // For a timer, and when the tab is shown again: renews a token that is due, without anybody waiting.
    void renew_if_due();
    // The network or the tab is back: the next call may renew at once. The pause after a failed renewal is over.
    void forget_pause() { renewal_.forget_pause(); }
    // The session is over, or another user's: drops a renewal under way.
    void drop_renewal() { renewal_.abandon(); }
    // Whether this backend judges the token before a call has any effect, so that even a POST may be sent again after a 401.
    void set_replay_all(bool replay_all) { replay_all_ = replay_all; }
    [[nodiscard]] const TokenRenewal& renewal() const { return renewal_; }

    // The target of a path for a stream, and the headers it needs now.
    [[nodiscard]] std::string target(std::string_view path) const { return prefix_ + std::string(path); }
    [[nodiscard]] std::string authorization();  // "Bearer ..." or empty
    [[nodiscard]] HttpClient& http() { return http_; }

    // Calls that have not settled yet.
    [[nodiscard]] int pending() const;
    // Runs after each settled call with whether the backend answered at all.
    void on_reachable(std::function<void(bool)> callback);

private:
    struct Shared;
    class Call;
    HttpClient& http_;
    base::Scheduler& scheduler_;
    std::string prefix_;
    Session& session_;
    std::shared_ptr<Shared> shared_;
    TokenRenewal renewal_;
    bool replay_all_ = false;
};

// The Error that an HTTP status and its JSON body stand for.
[[nodiscard]] base::Error error_from_reply(int status, const Json& body);

}  // namespace net
