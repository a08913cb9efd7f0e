// ApiClient: JSON calls to the hub's API with the session's bearer.
//
//   net::ApiClient api(http, scheduler, "/v1/api", session);
//   handle_ = api.call({.method = "GET", .path = "/workflows"}, [](base::Result<net::ApiReply> reply) { ... });
//
// - Answers with a status of 400 or more become an Error with the hub's own words (`error`, `details`).
// - A 401 renews the token once (POST /auth/refresh, one for all waiters) and sends the request a second time, never a third.
//   The calls of kAuthPaths neither trigger nor await that. When the renewal is refused the session has ended: every waiter fails
//   once with `unauthenticated` and Session::ended() runs once. A network error is not a logout: the waiters fail with `unavailable`.
// - Every call is cut after 30 s of silence. Nothing is retried here but after a renewal.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/scheduler.hpp"
#include "net/http.hpp"

namespace net {

using Json = nlohmann::json;

// What the client needs of whoever keeps the session (model::App). All calls come from the scheduler's thread.
class Session {
public:
    virtual ~Session() = default;
    [[nodiscard]] virtual std::string token() const = 0;      // empty: none
    [[nodiscard]] virtual bool token_expired() const = 0;     // then the token is renewed before the request goes out
    virtual void renewed(const Json& token_and_user) = 0;     // the answer of /auth/refresh
    virtual void ended() = 0;                                 // the token is no longer good
};

struct ApiRequest {
    std::string method = "GET";
    std::string path;                  // behind the prefix: "/workflows/1"
    std::optional<Json> body = {};
    Headers headers = {};              // If-Match and the like
};

struct ApiReply {
    int status = 200;
    Headers headers;
    Json json;                         // null for an empty body
};

class ApiClient {
public:
    static constexpr std::int64_t kTimeoutMs = 30'000;
    static constexpr std::int64_t kRefreshTimeoutMs = 10'000;
    static constexpr std::size_t kMaxReplyBytes = 32 * 1024 * 1024;
    static constexpr std::size_t kMaxReplyDepth = 64;

    // All must outlive the client.
    ApiClient(HttpClient& http, base::Scheduler& scheduler, std::string prefix, Session& session);
    ~ApiClient();

    // Dropping the handle cancels; `done` runs exactly once otherwise, never inside call().
    [[nodiscard]] RequestHandle call(ApiRequest request, base::UniqueFunction<void(base::Result<ApiReply>)> done);

    // Renews the token (joining a renewal under way). `done` gets success when there is a newer token now.
    void renew(base::UniqueFunction<void(base::Result<void>)> done);

    // The target of a path for a stream, and the headers it needs now.
    [[nodiscard]] std::string target(std::string_view path) const { return prefix_ + std::string(path); }
    [[nodiscard]] std::string authorization() const;  // "Bearer ..." or empty
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
};

// The Error that an HTTP status and its JSON body stand for.
[[nodiscard]] base::Error error_from_reply(int status, const Json& body);

}  // namespace net
