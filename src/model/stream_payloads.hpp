// What the events of the live streams say, read out of their payloads. Pure: an event's type and data in, a value out.
//
//   if (const auto event = model::decode_build_event(sse.type, sse.data)) {
//       if (event->kind == model::BuildEvent::Kind::log) lines.append(event->log.message);
//   }
//
// Backends send the same thing in several shapes (contract: KubeOrch core); all of them are read:
//   - enveloped: {"type","stream_key","event_type","timestamp","data":{...}}, the payload being "data"
//   - bare: the payload itself
//   - plain text, for `log` of pods, `error` and `complete` ({"error":...} or {"message":...} are read as that text)
//   - terminal: a stream opened after the end answers `complete` with a bare {"status"}, a bare analysis, or `failed` {"error"}
// Field names are taken in snake_case and camelCase alike, as the raw objects of `metadata` are camelCase.
//
// Nothing is answered for types that are not of the stream and payloads that are not what their type says; both are skipped by
// the caller, as a newer server may send what this program does not know. Payloads over the limits of an API reply are refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "model/graph.hpp"

namespace model {

// GET /workflows/:id/status/stream
struct WorkflowEvent {
    enum class Kind : std::uint8_t {
        snapshot,     // metadata: all nodes, told once per connection
        node_update,  // one node
        sync,         // all nodes again: what is not among them has no state
        error,        // trouble on the server's side; the stream goes on
        complete,     // the server closed the stream; says nothing about a run
    };
    struct NodeState {
        std::string node_id;
        std::string type;
        std::optional<NodeStatus> status;  // nothing: the node has none (not deployed)
    };
    Kind kind = Kind::error;
    std::vector<NodeState> nodes;
    std::optional<int> run_count;          // of a snapshot
    std::string text;                      // of error and complete
};
[[nodiscard]] std::optional<WorkflowEvent> decode_workflow_event(std::string_view type, std::string_view data);

// GET /resources/:id/stream
struct ResourceStatusEvent {
    enum class Kind : std::uint8_t { snapshot, update, error, complete };
    Kind kind = Kind::error;
    std::string id, name, ns, type;
    std::string status;  // one word, from a text or from the state or phase of an object
    Json detail;         // status as an object, else null
    Json spec;           // of a snapshot
    std::string text;
};
[[nodiscard]] std::optional<ResourceStatusEvent> decode_resource_event(std::string_view type, std::string_view data);

// GET /resources/:id/logs/stream. The views point into `data`, or into `storage` where JSON had to be read.
struct LogEvent {
    enum class Kind : std::uint8_t { metadata, line, error, complete };
    Kind kind = Kind::error;
    std::string_view line;  // `RFC3339Nano message`, or whatever the container wrote
    std::string text;
    std::string pod, container, ns, cluster;
};
// A log line may itself be JSON; it counts as a wrapping only with the marks of one (stream_key or event_type beside data; or raw and
// message).
[[nodiscard]] std::optional<LogEvent> decode_log_event(std::string_view type, std::string_view data, std::string& storage);

struct StageLog {
    std::string stage, message, level;
};

// GET /builds/:id/stream
struct BuildEvent {
    enum class Kind : std::uint8_t { snapshot, log, progress, complete, failed, cancelled };
    Kind kind = Kind::log;
    std::string id, status, stage;
    int percent = -1;  // 0 to 100; -1: not said
    StageLog log;
    std::string image_ref, image_digest;
    std::string error_message, error_stage;
    Json raw;          // of a snapshot: the whole build
};
[[nodiscard]] std::optional<BuildEvent> decode_build_event(std::string_view type, std::string_view data);

// GET /import/:id/stream
struct ImportEvent {
    enum class Kind : std::uint8_t { snapshot, log, progress, complete, failed };
    Kind kind = Kind::log;
    std::string id, status, stage;
    int percent = -1;
    StageLog log;
    Json analysis;     // of complete, and of a snapshot that has one; else null
    std::string error_message, error_stage;
};
[[nodiscard]] std::optional<ImportEvent> decode_import_event(std::string_view type, std::string_view data);

// GET /alerts/stream
struct AlertEvent {
    enum class Kind : std::uint8_t { connected, fired, resolved };
    Kind kind = Kind::connected;
    std::string event_id, rule_id, severity, message, type;
};
[[nodiscard]] std::optional<AlertEvent> decode_alert_event(std::string_view type, std::string_view data);

// GET /user-notifications/stream
struct NotificationEvent {
    enum class Kind : std::uint8_t { connected, added };
    Kind kind = Kind::connected;
    int unread = 0;  // of connected
    Json item;       // of added: the notification
};
[[nodiscard]] std::optional<NotificationEvent> decode_notification_event(std::string_view type, std::string_view data);

}  // namespace model
