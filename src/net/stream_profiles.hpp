// The tables of live streams: what each HTTP status means to one, and how each stream of each backend behaves. EventStream
// follows them; nothing else decides whether, when and how often a stream is opened again.
//
//   const net::StreamProfile& profile = net::stream_profile(net::StreamBackend::kubeorch, net::StreamKind::pod_log);
//   net::EventStreamOptions options = net::stream_options(profile, api.target("/resources/1/logs/stream"));
//
// docs/streams-sse.md shows both tables with their reasons.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace net {

enum class StatusAction : std::uint8_t {
    accept,  // the body is read, if its type is text/event-stream
    renew,   // the token is renewed once, then as `stop`
    retry,   // as after a cut; a Retry-After is honoured
    stop,    // nothing is sent again by itself
};

// Why a stream is stopped. A person may open it again in any case.
enum class StopReason : std::uint8_t {
    none,
    ended,           // it is one that ends, and it did: its last event came, or the server's 204
    not_signed_in,
    forbidden,
    not_found,
    gone,
    refused,         // another status that trying again cannot help
    not_a_stream,    // a good status with another content type
};

struct StatusRule {
    int first = 0;  // statuses first..last
    int last = 0;
    StatusAction action = StatusAction::stop;
    StopReason reason = StopReason::refused;
    std::string_view words;  // for people; empty: nothing went wrong, or the status itself is named
};

// Every status has a rule.
[[nodiscard]] const StatusRule& status_rule(int status);

enum class StreamBackend : std::uint8_t { binnacle, kubeorch, datum, kubenest, kaizen };

enum class StreamKind : std::uint8_t {
    workflow_status,
    resource_status,
    pod_log,
    build,
    import_analysis,
    alerts,
    user_notifications,
    events,       // the event feed
    watch,        // the one stream of a tab that carries all channels
    agent_chat,   // the answer to a POST
};

inline constexpr int kForever = -1;

struct StreamProfile {
    StreamBackend backend = StreamBackend::binnacle;
    StreamKind kind = StreamKind::workflow_status;
    std::int64_t base_delay_ms = 3'000;    // before the first new attempt; a `retry:` of the server takes its place
    double growth = 2.0;                   // per attempt in a row, up to max_delay_ms
    std::int64_t max_delay_ms = 30'000;
    int max_retries = kForever;            // new attempts in a row without an event between them before it gives up
    bool reconnect_on_end = true;          // a clean end of the body is a cut
    std::string_view last_events;          // types, separated by blanks, after which the stream has ended for good
    std::int64_t heartbeat_ms = 0;         // promised by the server; 0: none is, so silence means nothing
    bool resumes = false;                  // sends ids and goes on behind the Last-Event-ID
    std::string_view token_parameter;      // the bearer goes into the query under this name: only where headers are not read

    // Three missed heartbeats are a dead connection; 0: none is armed.
    [[nodiscard]] constexpr std::int64_t idle_timeout_ms() const { return heartbeat_ms * 3; }
};

// A pair that does not exist (no backend has them all) is answered with the cautious row of that backend: no idle timeout, no
// last events.
[[nodiscard]] const StreamProfile& stream_profile(StreamBackend backend, StreamKind kind);
[[nodiscard]] std::span<const StreamProfile> stream_profiles();

}  // namespace net
