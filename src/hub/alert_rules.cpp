#include "hub/alert_rules.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "hub/node_kinds.hpp"
#include "hub/node_status.hpp"
#include "wire/json_reader.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kMaxDescriptionBytes = 2'000;
constexpr std::int64_t kMaxThreshold = 10'000;
constexpr std::int64_t kMaxForSeconds = 24 * 3'600;
// A pod that has been ready for so long has got over its restarts.
constexpr std::int64_t kCalm_ms = 5 * 60'000;

constexpr std::array kTypes = std::to_array<AlertType>({
    {"pod_restarts", "Pod restarts", "Restarts", 3, 0, "A pod's containers have restarted too often. Over when the pod has been ready for 5 minutes.", "warning"},
    {"pod_not_starting", "Pod does not start", {}, 0, 60, "A pod cannot pull its image, crashes, or finds no node.", "critical"},
    {"workload_not_ready", "Workload not ready", {}, 0, 120, "A Deployment, StatefulSet or DaemonSet has fewer ready pods than it wants.", "warning"},
    {"job_failed", "Job failed", {}, 0, 0, "A Job has given up.", "critical"},
    {"volume_pending", "Volume pending", {}, 0, 120, "A claim is not bound to a volume.", "warning"},
    {"node_not_ready", "Node not ready", {}, 0, 60, "A node of the cluster is not ready.", "critical"},
});

constexpr std::array kPods = std::to_array<AlertKind>({{"v1", "pods", "Pod", true}});
constexpr std::array kWorkloads = std::to_array<AlertKind>({{"apps/v1", "deployments", "Deployment", true}, {"apps/v1", "statefulsets", "StatefulSet", true}, {"apps/v1", "daemonsets", "DaemonSet", true}});
constexpr std::array kJobs = std::to_array<AlertKind>({{"batch/v1", "jobs", "Job", true}});
constexpr std::array kClaims = std::to_array<AlertKind>({{"v1", "persistentvolumeclaims", "PersistentVolumeClaim", true}});
constexpr std::array kNodes = std::to_array<AlertKind>({{"v1", "nodes", "Node", false}});

std::string title_of(const Json& object) {
    const std::string ns = text_at(object, "metadata", "namespace");
    return (ns.empty() ? "" : ns + "/") + text_at(object, "metadata", "name");
}

const Json* condition(const Json& object, std::string_view type) {
    for (const Json& entry : array_at(object, "status", "conditions")) {
        if (text_at(entry, "type") == type) return &entry;
    }
    return nullptr;
}

AlertFinding too_many_restarts(const AlertRule& rule, const Json& pod, std::int64_t now_ms) {
    const int restarts = pod_restarts(pod);
    if (restarts < rule.threshold || restarts == 0) return {};
    AlertFinding finding{.holds = true, .message = title_of(pod) + " has restarted " + std::to_string(restarts) + (restarts == 1 ? " time" : " times")};
    if (const std::string why = pod_failure(pod); !why.empty()) finding.message += ": " + why;
    if (!pod_ready(pod)) return finding;
    const Json* ready = condition(pod, "Ready");
    const auto since_ms = base::parse_rfc3339_ms(ready ? text_at(*ready, "lastTransitionTime") : std::string());
    if (!since_ms) return {};
    finding.look_again_ms = *since_ms + kCalm_ms;
    if (now_ms >= finding.look_again_ms) return {};
    return finding;
}

AlertFinding pod_not_starting(const Json& pod) {
    if (!text_at(pod, "metadata", "deletionTimestamp").empty() || pod_ready(pod)) return {};
    const std::string phase = text_at(pod, "status", "phase");
    if (phase == "Succeeded") return {};
    if (const std::string why = pod_failure(pod); !why.empty()) return {.holds = true, .message = title_of(pod) + " does not start: " + why};
    if (phase == "Pending") return {.holds = true, .message = title_of(pod) + " is pending: " + pod_reason(pod)};
    return {};
}

AlertFinding workload_not_ready(const Json& object) {
    const Json& status = value_at(object, "status");
    const bool daemon_set = text_at(object, "kind") == "DaemonSet" || status.contains("desiredNumberScheduled");
    const std::int64_t wanted = daemon_set ? number_at(status, 0, "desiredNumberScheduled") : number_at(object, 1, "spec", "replicas");
    const std::int64_t ready = daemon_set ? number_at(status, 0, "numberReady") : number_at(status, 0, "readyReplicas");
    if (ready >= wanted) return {};
    return {.holds = true, .message = title_of(object) + ": " + std::to_string(ready) + " of " + std::to_string(wanted) + " ready"};
}

AlertFinding job_failed(const Json& job) {
    const Json* failed = condition(job, "Failed");
    if (!failed || text_at(*failed, "status") != "True") return {};
    const std::string why = text_at(*failed, "message");
    return {.holds = true, .message = title_of(job) + " has failed" + (why.empty() ? "" : ": " + why)};
}

AlertFinding volume_pending(const Json& claim) {
    const std::string phase = text_at(claim, "status", "phase");
    if (phase != "Pending" && phase != "Lost") return {};
    return {.holds = true, .message = title_of(claim) + (phase == "Lost" ? " has lost its volume" : " is not bound to a volume")};
}

AlertFinding node_not_ready(const Json& node) {
    const Json* ready = condition(node, "Ready");
    if (ready && text_at(*ready, "status") == "True") return {};
    const std::string why = ready ? text_at(*ready, "message") : std::string();
    return {.holds = true, .message = "Node " + title_of(node) + " is not ready" + (why.empty() ? "" : ": " + why)};
}

}  // namespace

std::span<const AlertType> alert_types() { return kTypes; }

const AlertType* find_alert_type(std::string_view type) {
    const auto found = std::find_if(kTypes.begin(), kTypes.end(), [type](const AlertType& entry) { return entry.type == type; });
    return found == kTypes.end() ? nullptr : &*found;
}

std::span<const AlertKind> kinds_of(std::string_view type) {
    if (type == "pod_restarts" || type == "pod_not_starting") return kPods;
    if (type == "workload_not_ready") return kWorkloads;
    if (type == "job_failed") return kJobs;
    if (type == "volume_pending") return kClaims;
    if (type == "node_not_ready") return kNodes;
    return {};
}

Json alert_templates() {
    Json list = Json::array();
    for (const AlertType& type : kTypes) {
        list.push_back({{"id", type.type}, {"name", type.title}, {"description", type.description}, {"type", type.type}, {"severity", type.severity},
                        {"threshold", type.threshold}, {"thresholdLabel", type.threshold_words}, {"forSeconds", type.for_seconds}});
    }
    return list;
}

Json AlertRule::to_wire() const {
    return {{"id", id},           {"name", name},       {"description", description}, {"type", type},
            {"severity", severity}, {"enabled", enabled}, {"cluster", cluster},         {"namespace", ns},
            {"threshold", threshold}, {"forSeconds", for_seconds}, {"templateId", template_id}, {"createdBy", created_by},
            {"createdAt", created_at}, {"updatedAt", updated_at}};
}

AlertRule alert_rule_from_document(std::string id, const Json& json) {
    return {.id = std::move(id),
            .name = text_at(json, "name"),
            .description = text_at(json, "description"),
            .type = text_at(json, "type"),
            .severity = text_at(json, "severity"),
            .enabled = flag_at(json, "enabled"),
            .cluster = text_at(json, "cluster"),
            .ns = text_at(json, "namespace"),
            .threshold = number_at(json, 0, "threshold"),
            .for_seconds = number_at(json, 0, "forSeconds"),
            .template_id = text_at(json, "templateId"),
            .created_by = text_at(json, "createdBy"),
            .created_at = text_at(json, "createdAt"),
            .updated_at = text_at(json, "updatedAt")};
}

base::Result<AlertRule> read_alert_rule(const Json& body, const AlertRule* old) {
    wire::JsonErrors errors;
    const wire::JsonReader fields(body, errors);
    AlertRule rule = old ? *old : AlertRule{};
    const auto name = fields.optional_string("name");
    const auto type = fields.optional_string("type");
    if (name) rule.name = base::trim(*name);
    else if (!old) fields.fail("name", "is missing");
    if (type) rule.type = *type;
    else if (!old) fields.fail("type", "is missing");
    const AlertType* known = find_alert_type(rule.type);
    if (type && !known) {
        std::string words;
        for (const AlertType& entry : kTypes) words += (words.empty() ? "" : ", ") + std::string(entry.type);
        fields.fail("type", "expected one of " + words);
    }
    rule.description = fields.string_or("description", rule.description);
    rule.severity = fields.string_or("severity", old ? rule.severity : known ? std::string(known->severity) : rule.severity);
    rule.enabled = fields.boolean_or("enabled", rule.enabled);
    rule.cluster = base::trim(fields.string_or("cluster", rule.cluster));
    rule.ns = base::trim(fields.string_or("namespace", rule.ns));
    const bool retyped = known && (!old || old->type != rule.type);
    rule.threshold = fields.integer_or("threshold", retyped ? known->threshold : rule.threshold, {.min = 0, .max = kMaxThreshold});
    rule.for_seconds = fields.integer_or("forSeconds", retyped ? known->for_seconds : rule.for_seconds, {.min = 0, .max = kMaxForSeconds});
    if (!errors.empty()) return base::fail(errors.to_error());
    if (rule.name.empty()) fields.fail("name", "Give the rule a name");
    if (rule.name.size() > kMaxNameBytes) fields.fail("name", "At most " + std::to_string(kMaxNameBytes) + " bytes");
    if (rule.description.size() > kMaxDescriptionBytes) fields.fail("description", "At most " + std::to_string(kMaxDescriptionBytes) + " bytes");
    if (rule.severity != "info" && rule.severity != "warning" && rule.severity != "critical") fields.fail("severity", "expected one of info, warning, critical");
    if (!rule.ns.empty() && !is_dns_label(rule.ns)) fields.fail("namespace", "is no namespace name");
    if (known && !known->threshold_words.empty() && rule.threshold < 1) fields.fail("threshold", "expected a number from 1");
    if (!errors.empty()) return base::fail(errors.to_error());
    return rule;
}

AlertFinding examine(const AlertRule& rule, const Json& object, std::int64_t now_unix_ms) {
    if (rule.type == "pod_restarts") return too_many_restarts(rule, object, now_unix_ms);
    if (rule.type == "pod_not_starting") return pod_not_starting(object);
    if (rule.type == "workload_not_ready") return workload_not_ready(object);
    if (rule.type == "job_failed") return job_failed(object);
    if (rule.type == "volume_pending") return volume_pending(object);
    if (rule.type == "node_not_ready") return node_not_ready(object);
    return {};
}

}  // namespace hub
