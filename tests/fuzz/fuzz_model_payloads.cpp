// Every decoder of the live streams' payloads, for any type and any bytes: nothing but a value within its promises or none. A payload and
// the same in KubeOrch's envelope must say the same.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "model/log_buffer.hpp"
#include "model/log_stream.hpp"
#include "model/stream_payloads.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

constexpr std::array<std::string_view, 16> kTypes{"metadata", "node_update", "workflow_sync", "error", "complete", "status_update", "log", "progress",
                                                  "failed", "cancelled", "connected", "alert_fired", "alert_resolved", "new_notification", "", "unknown"};

bool same(const model::BuildEvent& a, const model::BuildEvent& b) {
    return a.kind == b.kind && a.id == b.id && a.status == b.status && a.stage == b.stage && a.percent == b.percent && a.image_ref == b.image_ref && a.error_message == b.error_message && a.raw == b.raw;
}

bool same(const model::WorkflowEvent& a, const model::WorkflowEvent& b) {
    if (a.kind != b.kind || a.nodes.size() != b.nodes.size() || a.run_count != b.run_count || a.text != b.text) return false;
    for (std::size_t i = 0; i < a.nodes.size(); ++i) {
        if (a.nodes[i].node_id != b.nodes[i].node_id || a.nodes[i].type != b.nodes[i].type || a.nodes[i].status != b.nodes[i].status) return false;
    }
    return true;
}

void all(std::string_view type, std::string_view data) {
    // An own, exact allocation: a view kept too long or a byte too far is seen by ASan.
    const std::vector<char> own(data.begin(), data.end());
    const std::string_view bytes(own.data(), own.size());
    if (const auto event = model::decode_workflow_event(type, bytes)) {
        for (const auto& node : event->nodes) require(!node.node_id.empty());
        if (event->kind == model::WorkflowEvent::Kind::node_update) require(event->nodes.size() == 1 && event->nodes[0].status);
    }
    (void)model::decode_resource_event(type, bytes);
    std::string storage;
    if (const auto event = model::decode_log_event(type, bytes, storage); event && event->kind == model::LogEvent::Kind::line) {
        const char* const at = event->line.data();
        const bool inside = event->line.empty() || (at >= bytes.data() && at + event->line.size() <= bytes.data() + bytes.size()) ||
                            (at >= storage.data() && at + event->line.size() <= storage.data() + storage.size());
        require(inside);
        const model::ParsedLog parsed = model::parse_log(event->line);
        require(parsed.timestamp.size() + parsed.message.size() <= parsed.raw.size());
        require(parsed.timestamp.empty() || parsed.raw.starts_with(parsed.timestamp));
        require(parsed.raw.ends_with(parsed.message));
        model::LogBuffer buffer(4, 2'000);
        buffer.append(event->line, "a");
        buffer.append_gap("gap");
        buffer.append(event->line, "b");
        require(buffer.line(buffer.size() - 1).raw.substr(0, 100) == event->line.substr(0, 100));
        model::LogResume resume;
        require(resume.take(parsed.timestamp, event->line) == model::LogResume::Verdict::take);
        resume.restart();
        require(resume.take(parsed.timestamp, event->line) == model::LogResume::Verdict::seen);
    }
    if (const auto event = model::decode_build_event(type, bytes)) require(event->percent >= -1 && event->percent <= 100);
    if (const auto event = model::decode_import_event(type, bytes)) {
        require(event->percent >= -1 && event->percent <= 100);
        require(event->analysis.is_null() || event->analysis.is_object());
        if (event->kind == model::ImportEvent::Kind::complete) require(event->analysis.is_object());
    }
    if (const auto event = model::decode_alert_event(type, bytes); event && event->kind != model::AlertEvent::Kind::connected) {
        require(!event->event_id.empty() || !event->rule_id.empty());
    }
    if (const auto event = model::decode_notification_event(type, bytes)) {
        require(event->unread >= 0);
        if (event->kind == model::NotificationEvent::Kind::added) require(event->item.is_object());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view type = kTypes[data[0] % kTypes.size()];
    const std::string_view payload(reinterpret_cast<const char*>(data) + 1, size - 1);
    all(type, payload);

    const auto object = base::parse_json(payload, {.max_bytes = 1 << 20, .max_depth = 40});
    if (object && object->is_object() && !object->contains("data")) {
        const std::string wrapped = R"({"type":"t","stream_key":"k","event_type":"t","timestamp":"2026-01-01T00:00:00Z","data":)" + std::string(payload) + "}";
        all(type, wrapped);
        const auto bare = model::decode_build_event(type, payload);
        const auto inner = model::decode_build_event(type, wrapped);
        require(bare.has_value() == inner.has_value() && (!bare || same(*bare, *inner)));
        const auto workflow = model::decode_workflow_event(type, payload);
        const auto workflow_inner = model::decode_workflow_event(type, wrapped);
        require(workflow.has_value() == workflow_inner.has_value());
        if (workflow && type != "error" && type != "complete") require(same(*workflow, *workflow_inner));
    }
    return 0;
}
