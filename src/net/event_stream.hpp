// EventStream: one live text/event-stream over an HttpClient, kept alive. The one class under every use of server-sent events.
//
//   net::EventStream stream(http, scheduler, random,
//       net::stream_options(net::stream_profile(net::StreamBackend::binnacle, net::StreamKind::pod_log), api.target("/resources/1/logs/stream")),
//       {.on_event = ..., .on_change = ...});
//   stream.open();
//
// - A new attempt follows a cut, a clean end, silence and the statuses that stream_profiles.hpp says: after base_delay_ms times
//   growth per attempt in a row up to max_delay_ms, less 0-50 % jitter. A `retry:` takes the place of base_delay_ms. The delay
//   starts again from the bottom when another `retry:` comes and after the stream stayed good for good_after_ms. Retry-After (seconds or
//   a date) is a floor under the delay.
// - After max_retries new attempts in a row without an event it has given up; reconnect_now() is then a person's to call.
// - 401 asks `renew` once, then stops. Every stop has a StopReason and words for people.
// - Each attempt asks for the bearer anew and sends method, headers and body again, with the Last-Event-ID when there is one that
//   can be a header value: no control characters, at most kMaxSentIdBytes.
// - Bytes of an earlier attempt never reach the callbacks; nor does anything after close() or destruction, both silent.
// - Inside every callback the stream may be closed, opened anew, restarted or destroyed.
//
// State says what to show: connecting, open, retrying at retry_at_ms, gave_up, stopped and why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "net/http.hpp"
#include "net/stream_profiles.hpp"
#include "wire/sse_parser.hpp"

namespace net {

struct EventStreamOptions {
    std::string target;
    std::string method = "GET";
    Headers headers{};                           // besides accept, cache-control, authorization and last-event-id
    std::string body{};
    base::UniqueFunction<std::string()> authorization{};  // the header's value for this attempt; empty: none
    // Renews the token and calls back whether that worked; without it a 401 stops the stream.
    base::UniqueFunction<void(base::UniqueFunction<void(bool)>)> renew{};
    std::string last_event_id{};                 // as if received before; sent with the first attempt
    std::int64_t base_delay_ms = 1'000;
    double growth = 2.0;
    std::int64_t max_delay_ms = 30'000;
    std::int64_t min_delay_ms = 100;             // also under a `retry: 0`
    std::int64_t good_after_ms = 60'000;
    std::int64_t idle_timeout_ms = 0;            // only where the backend promises heartbeats
    int max_retries = kForever;                  // new attempts in a row without an event between them; 0: none
    bool reconnect_on_end = true;                // false: a clean end stops the stream without an error
    std::string last_events{};                   // types, separated by blanks: after one of them the stream has ended
    std::string token_parameter{};               // the bearer in the query under this name, instead of the header
    std::size_t max_event_bytes = 16 * 1024 * 1024;
};

// The options of a stream that behaves as the table says; the caller adds the bearer.
[[nodiscard]] EventStreamOptions stream_options(const StreamProfile& profile, std::string target);

class EventStream {
public:
    static constexpr std::size_t kMaxSentIdBytes = 4096;  // servers refuse longer header fields, and then every attempt

    enum class Phase : std::uint8_t { closed, connecting, open, retrying, gave_up, stopped };

    struct State {
        Phase phase = Phase::closed;
        std::int64_t phase_since_ms = 0; // monotonic
        int retries = 0;                 // new attempts in a row since the stream was last good
        std::int64_t retry_at_ms = 0;    // monotonic; while retrying
        StopReason reason = StopReason::none;  // while stopped
        std::string last_error;          // empty while all is well
        std::uint64_t bytes = 0;         // over all attempts, as are the following
        std::uint64_t events = 0;
        std::uint64_t attempts = 0;
        std::uint64_t too_large = 0;     // events over max_event_bytes, left out
    };

    struct Callbacks {
        base::UniqueFunction<void(const wire::SseEvent&)> on_event{};
        base::UniqueFunction<void()> on_change{};                     // state().phase changed, or another wait began
        base::UniqueFunction<void(std::string_view)> on_comment{};    // the text after the colon, unchanged
    };

    EventStream(HttpClient& http, base::Scheduler& scheduler, base::Random& random, EventStreamOptions options, Callbacks callbacks);
    ~EventStream();
    EventStream(const EventStream&) = delete;
    EventStream& operator=(const EventStream&) = delete;

    void open();           // no-op while connecting, open or retrying
    void close();
    void reconnect_now();  // skips the wait; also revives a stream that is closed, stopped or gave up. No-op while it works
    void restart();        // as if the server had cut it now; no-op unless connecting or open
    [[nodiscard]] const State& state() const { return state_; }
    [[nodiscard]] const std::string& last_event_id() const { return last_event_id_; }
    [[nodiscard]] const std::string& target() const { return options_.target; }

private:
    class Delivery;

    void attempt();
    void on_head(const ResponseHead& head);
    void on_data(std::string_view bytes);
    void on_done(const base::Result<void>& result);
    void renew_token();
    void keep_position();
    [[nodiscard]] bool is_last(std::string_view type) const;
    void retry(std::string why, std::int64_t at_least_ms = 0);
    void stop(StopReason reason, std::string why);
    void set_phase(Phase phase);

    HttpClient& http_;
    base::Scheduler& scheduler_;
    base::Random& random_;
    EventStreamOptions options_;
    std::shared_ptr<Callbacks> callbacks_;       // one that is running outlives the stream
    State state_;
    std::shared_ptr<wire::SseParser> parser_;    // one per attempt: the one that feeds outlives its attempt
    std::string last_event_id_;
    std::optional<std::int64_t> server_retry_ms_;
    RequestHandle handle_;
    base::Timer timer_;
    std::int64_t opened_at_ms_ = 0;
    int failures_ = 0;           // attempts in a row without an event
    bool renewed_ = false;       // since the stream was last good
    bool accepted_ = false;      // this attempt's head was good
    std::uint64_t generation_ = 0;
    std::shared_ptr<EventStream*> self_;
};

}  // namespace net
