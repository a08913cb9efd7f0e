#include "model/stream_payloads.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>

#include "model/log_fields.hpp"
#include "net/api_client.hpp"
#include "wire/flat_json.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

using Keys = std::initializer_list<std::string_view>;

std::optional<Json> parse_object(std::string_view data) {
    auto json = wire::parse_json(data, {.max_bytes = net::ApiClient::kMaxReplyBytes, .max_depth = net::ApiClient::kMaxReplyDepth});
    if (!json || !json->is_object()) return std::nullopt;
    return std::move(*json);
}

const Json* member(const Json& object, std::string_view key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

// The inner object of an envelope, or the object itself. A bare payload may have a member "data" of its own.
const Json& payload_of(const Json& event) {
    const Json* const data = member(event, "data");
    const bool enveloped = data != nullptr && data->is_object() && (member(event, "event_type") != nullptr || member(event, "stream_key") != nullptr || member(event, "type") != nullptr);
    return enveloped ? *data : event;
}

// The first of `keys` that is a string and not empty.
std::string text_of(const Json& object, Keys keys) {
    for (const std::string_view key : keys) {
        const Json* const value = member(object, key);
        if (value != nullptr && value->is_string() && !value->get_ref<const std::string&>().empty()) return value->get_ref<const std::string&>();
    }
    return {};
}

int percent_of(const Json& object) {
    const Json* const value = member(object, "progress");
    if (value == nullptr || !value->is_number()) return -1;
    const auto number = value->get<double>();
    return std::isfinite(number) ? static_cast<int>(std::lround(std::clamp(number, 0.0, 100.0))) : -1;
}

Json object_of(const Json& object, std::string_view key) {
    const Json* const value = member(object, key);
    return value != nullptr && value->is_object() ? *value : Json();
}

StageLog stage_log_of(std::string_view data) {
    LogFieldReader reader;
    const LogFields fields = reader.read(data);
    return {.stage = std::string(fields.stage), .message = std::string(fields.message), .level = std::string(fields.level)};
}

// Of `error` and `complete`: text, or an object that has one.
std::string plain_text(std::string_view data) {
    if (data.starts_with('{')) {
        if (const auto object = parse_object(data)) {
            const Json& payload = payload_of(*object);
            std::string text = text_of(payload, {"error", "message", "error_message", "errorMessage"});
            if (text.empty()) text = text_of(*object, {"error", "message"});
            return text;
        }
    }
    return std::string(data);
}

WorkflowEvent::NodeState node_state_of(const Json& node) {
    WorkflowEvent::NodeState out{.node_id = text_of(node, {"node_id", "nodeId", "id"}), .type = text_of(node, {"type"}), .status = {}};
    const Json* status = member(node, "status");
    if (status == nullptr || !status->is_object()) {
        const Json* const data = member(node, "data");
        status = data != nullptr ? member(*data, "_status") : member(node, "_status");
    }
    if (status != nullptr && status->is_object()) out.status = node_status_from_json(*status);
    return out;
}

void read_nodes(const Json& payload, WorkflowEvent& event) {
    const Json* const nodes = member(payload, "nodes");
    if (nodes == nullptr || !nodes->is_array()) return;
    for (const Json& node : *nodes) {
        auto state = node_state_of(node);
        if (!state.node_id.empty()) event.nodes.push_back(std::move(state));
    }
}

}  // namespace

std::optional<WorkflowEvent> decode_workflow_event(std::string_view type, std::string_view data) {
    using Kind = WorkflowEvent::Kind;
    WorkflowEvent event;
    if (type == "error" || type == "complete") {
        event.kind = type == "error" ? Kind::error : Kind::complete;
        event.text = plain_text(data);
        return event;
    }
    if (type != "metadata" && type != "node_update" && type != "workflow_sync") return std::nullopt;
    const auto object = parse_object(data);
    if (!object) return std::nullopt;
    const Json& payload = payload_of(*object);
    if (type == "node_update") {
        event.kind = Kind::node_update;
        auto state = node_state_of(payload);
        if (state.node_id.empty() || !state.status) return std::nullopt;
        event.nodes.push_back(std::move(state));
        return event;
    }
    event.kind = type == "metadata" ? Kind::snapshot : Kind::sync;
    const Json* const nodes = member(payload, "nodes");
    // "nodes": null is how Go writes an empty list; a sync without the member says nothing, and must not clear everything.
    if (event.kind == Kind::sync && (nodes == nullptr || !(nodes->is_array() || nodes->is_null()))) return std::nullopt;
    read_nodes(payload, event);
    if (const Json* const runs = member(payload, "run_count"); runs != nullptr && runs->is_number()) {
        const auto count = runs->get<double>();
        if (count >= 0 && count <= 1e9) event.run_count = static_cast<int>(count);
    }
    return event;
}

std::optional<ResourceStatusEvent> decode_resource_event(std::string_view type, std::string_view data) {
    using Kind = ResourceStatusEvent::Kind;
    ResourceStatusEvent event;
    if (type == "error" || type == "complete") {
        event.kind = type == "error" ? Kind::error : Kind::complete;
        event.text = plain_text(data);
        return event;
    }
    if (type != "metadata" && type != "status_update") return std::nullopt;
    const auto object = parse_object(data);
    if (!object) return std::nullopt;
    const Json& payload = payload_of(*object);
    event.kind = type == "metadata" ? Kind::snapshot : Kind::update;
    event.id = text_of(payload, {"resource_id", "resourceId", "id"});
    event.name = text_of(payload, {"name"});
    event.ns = text_of(payload, {"namespace"});
    event.type = text_of(payload, {"type"});
    event.spec = object_of(payload, "spec");
    event.detail = object_of(payload, "status");
    event.status = event.detail.is_object() ? text_of(event.detail, {"state", "status", "phase"}) : text_of(payload, {"status"});
    return event;
}

std::optional<LogEvent> decode_log_event(std::string_view type, std::string_view data, std::string& storage) {
    using Kind = LogEvent::Kind;
    LogEvent event;
    if (type == "log") {
        event.kind = Kind::line;
        event.line = data;
        if (!data.starts_with('{')) return event;
        // Scanned, not parsed: the lines of many programs are JSON, and all of them come by here.
        wire::FlatJson fields(data);
        std::string_view inner, raw;
        bool marked = false, has_message = false, has_raw = false;
        while (fields.next()) {
            if (fields.key_is("data") && fields.kind() == wire::FlatJson::Kind::object) inner = fields.raw();
            else if (fields.key_is("stream_key") || fields.key_is("event_type")) marked = true;
            else if (fields.key_is("message")) has_message = true;
            else if (fields.key_is("raw") && fields.kind() == wire::FlatJson::Kind::string) {
                has_raw = true;
                raw = fields.raw();
            }
        }
        if (fields.failed()) return event;
        if (has_raw && has_message) {
            event.line = wire::FlatJson::unescape(raw.substr(1, raw.size() - 2), storage);
        } else if (marked && !inner.empty()) {
            auto text = wire::flat_json_string(inner, "raw");
            if (!text) text = wire::flat_json_string(inner, "message");
            if (!text) return event;
            storage = std::move(*text);
            event.line = storage;
        }
        return event;
    }
    if (type == "error" || type == "complete") {
        event.kind = type == "error" ? Kind::error : Kind::complete;
        event.text = plain_text(data);
        return event;
    }
    if (type != "metadata") return std::nullopt;
    const auto object = parse_object(data);
    if (!object) return std::nullopt;
    const Json& payload = payload_of(*object);
    event.kind = Kind::metadata;
    event.pod = text_of(payload, {"pod", "name"});
    event.container = text_of(payload, {"container"});
    event.ns = text_of(payload, {"namespace"});
    event.cluster = text_of(payload, {"cluster"});
    return event;
}

std::optional<BuildEvent> decode_build_event(std::string_view type, std::string_view data) {
    using Kind = BuildEvent::Kind;
    BuildEvent event;
    if (type == "metadata") event.kind = Kind::snapshot;
    else if (type == "log") event.kind = Kind::log;
    else if (type == "progress") event.kind = Kind::progress;
    else if (type == "complete") event.kind = Kind::complete;
    else if (type == "failed") event.kind = Kind::failed;
    else if (type == "cancelled") event.kind = Kind::cancelled;
    else return std::nullopt;

    const auto object = parse_object(data);
    if (!object) {
        // Plain text where an object is usual: it is the message. A snapshot or progress of text says nothing.
        if (data.starts_with('{') || event.kind == Kind::snapshot || event.kind == Kind::progress) return std::nullopt;
        if (event.kind == Kind::log) event.log.message = data;
        if (event.kind == Kind::failed) event.error_message = data;
        return event;
    }
    const Json* payload = &payload_of(*object);
    if (const Json* const build = member(*payload, "build"); build != nullptr && build->is_object()) payload = build;
    event.id = text_of(*payload, {"build_id", "buildId", "id"});
    event.status = text_of(*payload, {"status"});
    event.stage = text_of(*payload, {"current_stage", "currentStage", "stage"});
    event.percent = percent_of(*payload);
    event.image_ref = text_of(*payload, {"final_image_ref", "finalImageRef"});
    event.image_digest = text_of(*payload, {"image_digest", "imageDigest"});
    event.error_message = text_of(*payload, {"error_message", "errorMessage", "error"});
    event.error_stage = text_of(*payload, {"error_stage", "errorStage"});
    if (event.kind == Kind::log) event.log = stage_log_of(data);
    if (event.kind == Kind::failed && event.error_message.empty()) event.error_message = text_of(*payload, {"message"});
    if (event.kind == Kind::snapshot) event.raw = *payload;
    // Opened after the end: always `complete`, and its status says which end it was.
    if (event.kind == Kind::complete && event.status == "failed") event.kind = Kind::failed;
    if (event.kind == Kind::complete && event.status == "cancelled") event.kind = Kind::cancelled;
    return event;
}

std::optional<ImportEvent> decode_import_event(std::string_view type, std::string_view data) {
    using Kind = ImportEvent::Kind;
    ImportEvent event;
    if (type == "metadata") event.kind = Kind::snapshot;
    else if (type == "log") event.kind = Kind::log;
    else if (type == "progress") event.kind = Kind::progress;
    else if (type == "complete") event.kind = Kind::complete;
    else if (type == "failed") event.kind = Kind::failed;
    else return std::nullopt;

    auto object = parse_object(data);
    if (!object) {
        if (data.starts_with('{') || (event.kind != Kind::log && event.kind != Kind::failed)) return std::nullopt;
        if (event.kind == Kind::log) event.log.message = data;
        else event.error_message = data;
        return event;
    }
    const Json& payload = payload_of(*object);
    event.id = text_of(payload, {"session_id", "sessionId", "id"});
    event.status = text_of(payload, {"status"});
    event.stage = text_of(payload, {"current_stage", "currentStage", "stage"});
    event.percent = percent_of(payload);
    event.error_message = text_of(payload, {"error_message", "errorMessage", "error"});
    event.error_stage = text_of(payload, {"error_stage", "errorStage"});
    event.analysis = object_of(payload, "analysis");
    if (event.kind == Kind::log) event.log = stage_log_of(data);
    if (event.kind == Kind::failed && event.error_message.empty()) event.error_message = text_of(payload, {"message"});
    if (event.kind == Kind::complete && event.analysis.is_null()) {
        // Opened after the end: the analysis itself.
        if (member(payload, "suggestedNodes") == nullptr && member(payload, "services") == nullptr && member(payload, "detectedType") == nullptr) return std::nullopt;
        event.analysis = payload;
    }
    return event;
}

std::optional<AlertEvent> decode_alert_event(std::string_view type, std::string_view data) {
    using Kind = AlertEvent::Kind;
    AlertEvent event;
    if (type == "connected") return event;
    if (type != "alert_fired" && type != "alert_resolved") return std::nullopt;
    const auto object = parse_object(data);
    if (!object) return std::nullopt;
    const Json& payload = payload_of(*object);
    event.kind = type == "alert_fired" ? Kind::fired : Kind::resolved;
    event.event_id = text_of(payload, {"event_id", "eventId", "id"});
    event.rule_id = text_of(payload, {"rule_id", "ruleId"});
    event.severity = text_of(payload, {"severity"});
    event.message = text_of(payload, {"message"});
    event.type = text_of(payload, {"type"});
    if (event.event_id.empty() && event.rule_id.empty()) return std::nullopt;  // nothing to tell it by
    return event;
}

std::optional<NotificationEvent> decode_notification_event(std::string_view type, std::string_view data) {
    using Kind = NotificationEvent::Kind;
    NotificationEvent event;
    if (type != "connected" && type != "new_notification") return std::nullopt;
    auto object = parse_object(data);
    if (!object) return std::nullopt;
    const Json& payload = payload_of(*object);
    if (type == "connected") {
        for (const std::string_view key : {"unreadCount", "unread_count"}) {
            const Json* const count = member(payload, key);
            if (count == nullptr || !count->is_number()) continue;
            event.unread = static_cast<int>(std::clamp(count->get<double>(), 0.0, 1e6));
        }
        return event;
    }
    event.kind = Kind::added;
    if (text_of(payload, {"id"}).empty()) return std::nullopt;
    event.item = payload;
    return event;
}

}  // namespace model
