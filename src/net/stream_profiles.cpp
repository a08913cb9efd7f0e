#include "net/stream_profiles.hpp"

#include <algorithm>
#include <array>

namespace net {

namespace {

using enum StatusAction;

// The first rule that covers a status counts.
constexpr std::array kStatusRules{
    StatusRule{200, 200, accept, StopReason::none, ""},
    StatusRule{204, 204, stop, StopReason::ended, ""},  // WHATWG HTML 9.2.3: the server's way to say "no more"
    StatusRule{401, 401, renew, StopReason::not_signed_in, "Not signed in"},
    StatusRule{403, 403, stop, StopReason::forbidden, "You may not read this stream"},
    StatusRule{404, 404, stop, StopReason::not_found, "The stream no longer exists"},
    StatusRule{408, 408, retry, StopReason::none, "The server gave up waiting for the request"},
    StatusRule{410, 410, stop, StopReason::gone, "The stream no longer exists"},
    StatusRule{425, 425, retry, StopReason::none, ""},
    StatusRule{429, 429, retry, StopReason::none, "The server asks for fewer requests"},
    StatusRule{500, 599, retry, StopReason::none, ""},
    StatusRule{0, 999, stop, StopReason::refused, ""},
};

// The hub sends a comment on every stream each 15 s (HubOptions::heartbeat_ms), on the watch stream an event each 5 s.
constexpr std::int64_t kHubHeartbeatMs = 15'000;
constexpr std::int64_t kWatchHeartbeatMs = 5'000;
constexpr std::string_view kTerminal = "complete failed cancelled";

constexpr std::array kProfiles{
    // Our hub. The watch stream and the workflow's status carry what is on screen, so they come back after one second.
    StreamProfile{.backend = StreamBackend::binnacle, .kind = StreamKind::workflow_status, .base_delay_ms = 1'000, .heartbeat_ms = kHubHeartbeatMs},
    StreamProfile{.backend = StreamBackend::binnacle, .kind = StreamKind::resource_status, .base_delay_ms = 1'000, .heartbeat_ms = kHubHeartbeatMs},
    StreamProfile{.backend = StreamBackend::binnacle, .kind = StreamKind::pod_log, .last_events = "complete", .heartbeat_ms = kHubHeartbeatMs, .resumes = true},
    StreamProfile{.backend = StreamBackend::binnacle, .kind = StreamKind::build, .last_events = kTerminal, .heartbeat_ms = kHubHeartbeatMs},
    StreamProfile{.backend = StreamBackend::binnacle, .kind = StreamKind::import_analysis, .last_events = "complete failed", .heartbeat_ms = kHubHeartbeatMs},
    StreamProfile{.backend = StreamBackend::binnacle, .kind = StreamKind::alerts, .heartbeat_ms = kHubHeartbeatMs},
    StreamProfile{.backend = StreamBackend::binnacle, .kind = StreamKind::user_notifications, .heartbeat_ms = kHubHeartbeatMs},
    StreamProfile{.backend = StreamBackend::binnacle, .kind = StreamKind::events, .base_delay_ms = 1'000, .max_retries = 10, .heartbeat_ms = kHubHeartbeatMs, .resumes = true},
    StreamProfile{.backend = StreamBackend::binnacle, .kind = StreamKind::watch, .base_delay_ms = 1'000, .heartbeat_ms = kWatchHeartbeatMs, .resumes = true},
    // KubeOrch: 3 s after any loss, no heartbeat, no ids; `complete` of a status stream only says that the server closed it.
    StreamProfile{.backend = StreamBackend::kubeorch, .kind = StreamKind::workflow_status},
    StreamProfile{.backend = StreamBackend::kubeorch, .kind = StreamKind::resource_status},
    StreamProfile{.backend = StreamBackend::kubeorch, .kind = StreamKind::pod_log, .last_events = "complete"},
    StreamProfile{.backend = StreamBackend::kubeorch, .kind = StreamKind::build, .last_events = kTerminal},
    StreamProfile{.backend = StreamBackend::kubeorch, .kind = StreamKind::import_analysis, .last_events = "complete failed"},
    StreamProfile{.backend = StreamBackend::kubeorch, .kind = StreamKind::alerts},
    StreamProfile{.backend = StreamBackend::kubeorch, .kind = StreamKind::user_notifications},
    // Datum: the heartbeat is every 5 s (their runtime closes what is idle for 12 s).
    StreamProfile{.backend = StreamBackend::datum, .kind = StreamKind::watch, .base_delay_ms = 1'000, .max_delay_ms = 60'000, .max_retries = 10, .heartbeat_ms = kWatchHeartbeatMs},
    // KubeNest: there is a heartbeat event, but nobody says how often, so its absence means nothing.
    StreamProfile{.backend = StreamBackend::kubenest, .kind = StreamKind::events, .base_delay_ms = 1'000, .max_retries = 10, .token_parameter = "token"},
    // Kaizen: the answer to one question. Asking again would ask twice, so a cut is the end and people decide.
    StreamProfile{.backend = StreamBackend::kaizen, .kind = StreamKind::agent_chat, .max_retries = 0, .reconnect_on_end = false, .last_events = "done error"},
};

constexpr std::array kCautious{
    StreamProfile{.backend = StreamBackend::binnacle}, StreamProfile{.backend = StreamBackend::kubeorch}, StreamProfile{.backend = StreamBackend::datum},
    StreamProfile{.backend = StreamBackend::kubenest}, StreamProfile{.backend = StreamBackend::kaizen},
};

}  // namespace

const StatusRule& status_rule(int status) {
    const auto rule = std::find_if(kStatusRules.begin(), kStatusRules.end(), [&](const StatusRule& r) { return r.first <= status && status <= r.last; });
    return rule == kStatusRules.end() ? kStatusRules.back() : *rule;
}

const StreamProfile& stream_profile(StreamBackend backend, StreamKind kind) {
    const auto row = std::find_if(kProfiles.begin(), kProfiles.end(), [&](const StreamProfile& p) { return p.backend == backend && p.kind == kind; });
    return row == kProfiles.end() ? kCautious[static_cast<std::size_t>(backend)] : *row;
}

std::span<const StreamProfile> stream_profiles() { return kProfiles; }

}  // namespace net
