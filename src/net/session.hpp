// Session: what ApiClient needs of whoever keeps the session (model::SessionStore behind model::App). All calls come from the
// scheduler's thread. The first four are the session; the rest is for sessions that several tabs share, with defaults for one that
// lives in a single tab.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/scheduler.hpp"
#include "base/tabs.hpp"
#include "net/http.hpp"

namespace net {

using Json = nlohmann::json;

// When a request went out and its answer came by our clock, and what the server's clock said.
struct ReplyTiming {
    std::int64_t sent_unix_ms = 0;
    std::int64_t received_unix_ms = 0;
    std::optional<std::int64_t> server_unix_ms = {};  // its Date header; browsers hide it from other origins
};
[[nodiscard]] ReplyTiming timing_of(const Headers& reply_headers, std::int64_t sent_unix_ms, const base::Clock& clock);

class Session {
public:
    virtual ~Session() = default;
    [[nodiscard]] virtual std::string token() const = 0;      // empty: none. May be expired: the renewal carries it
    [[nodiscard]] virtual bool token_expired() const = 0;     // then the token is renewed before a request goes out
    virtual void renewed(const Json& token_and_user) = 0;     // the answer of /auth/refresh; told to other tabs before it returns
    virtual void ended() = 0;                                 // the token is no longer good and cannot be renewed

    // Runs just before renewed() with the times of that answer.
    virtual void answered(const ReplyTiming&) {}
    // Raised by each sign-in, sign-out and change of user, never by a renewal: an answer of an older epoch belongs to nobody.
    [[nodiscard]] virtual std::uint64_t epoch() const { return 0; }
    // Soon to expire: renew now, while the token still works.
    [[nodiscard]] virtual bool renewal_due() const { return token_expired(); }
    // Takes over what another tab has stored meanwhile. Runs before every use of the token, so it must be cheap.
    virtual void sync() {}
    // The body of the renewal where the backend wants a refresh token; without one the bearer says all.
    [[nodiscard]] virtual std::optional<Json> renewal_body() const { return std::nullopt; }
    // Null or not available(): this tab renews without asking others.
    [[nodiscard]] virtual base::TabLocks* locks() { return nullptr; }
    [[nodiscard]] virtual std::string lock_name() const { return "binnacle-refresh"; }
    // [0, 1), another in each tab, so that tabs do not retry in step.
    [[nodiscard]] virtual double jitter() { return 0; }
};

}  // namespace net
