// EventStream: one live text/event-stream over an HttpClient, kept alive.
//
//   net::EventStream stream(http, scheduler, random,
//       {.target = "/v1/api/workflows/1/status/stream", .authorization = [&] { return api.authorization(); }},
//       {.on_event = ..., .on_change = ...});
//   stream.open();
//
// - A new attempt after a cut, a clean end, silence, 408, 429 (Retry-After), 5xx: after base_delay doubled per failure up to 30 s,
//   less 0-50 % jitter; the count starts again after the stream stayed good for 60 s or a `retry:` field.
// - 204 stops; 401 asks `renew` once, then stops; other statuses and a wrong content type stop with an error that says why.
// - The bearer is asked for at each attempt; Last-Event-ID is sent when there is one.
// - Bytes of an earlier attempt never reach the callbacks. close() and destruction are silent. on_event may close() the stream but
//   neither reopen nor destroy it (post that to the scheduler).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "net/http.hpp"
#include "wire/sse_parser.hpp"

namespace net {

struct EventStreamOptions {
    std::string target;
    std::function<std::string()> authorization;  // the header's value for this attempt; empty: none
    // Renews the token and calls back whether that worked; without it a 401 stops the stream.
    std::function<void(base::UniqueFunction<void(bool)>)> renew;
    std::int64_t base_delay_ms = 1'000;
    std::int64_t max_delay_ms = 30'000;
    std::int64_t good_after_ms = 60'000;
    std::int64_t idle_timeout_ms = 0;            // only where the backend promises heartbeats
    bool reconnect_on_end = true;                // false: a clean end stops the stream without an error
};

class EventStream {
public:
    enum class Phase { closed, connecting, open, retrying, stopped };

    struct State {
        Phase phase = Phase::closed;
        int retries = 0;                 // failed attempts since it last worked
        std::int64_t retry_at_ms = 0;    // monotonic; while retrying
        std::string last_error;          // empty while all is well
        std::uint64_t bytes = 0;         // over all attempts
        std::uint64_t events = 0;
        std::uint64_t attempts = 0;
    };

    struct Callbacks {
        base::UniqueFunction<void(const wire::SseEvent&)> on_event;
        base::UniqueFunction<void()> on_change;  // state().phase changed; may close() the stream
    };

    EventStream(HttpClient& http, base::Scheduler& scheduler, base::Random& random, EventStreamOptions options, Callbacks callbacks);
    ~EventStream();
    EventStream(const EventStream&) = delete;
    EventStream& operator=(const EventStream&) = delete;

    void open();           // no-op while connecting, open or retrying
    void close();
    void reconnect_now();  // skips the wait; also revives a stopped stream
    [[nodiscard]] const State& state() const { return state_; }
    [[nodiscard]] const std::string& target() const { return options_.target; }

private:
    void attempt();
    void on_head(const ResponseHead& head);
    void on_data(std::string_view bytes);
    void on_done(const base::Result<void>& result);
    void retry(std::string why, std::int64_t at_least_ms = 0);
    void stop(std::string why);
    void set_phase(Phase phase);

    HttpClient& http_;
    base::Scheduler& scheduler_;
    base::Random& random_;
    EventStreamOptions options_;
    Callbacks callbacks_;
    State state_;
    wire::SseParser parser_;
    RequestHandle handle_;
    base::Timer timer_;
    std::int64_t opened_at_ms_ = 0;
    bool renewed_ = false;       // since the stream last worked
    bool accepted_ = false;      // this attempt's head was good
    std::uint64_t generation_ = 0;
    std::shared_ptr<EventStream*> self_;
};

}  // namespace net
