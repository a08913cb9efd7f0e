// Alert rules: what they say, and whether it is true of a Kubernetes object. Pure.
//
//   const auto rule = read_alert_rule(body, nullptr);                    // {"name": "Restarts", "type": "pod_restarts", "threshold": 3}
//   const AlertFinding finding = examine(*rule, pod, now_ms);
//   if (finding.holds) ...   finding.message == "shop/web-0 has restarted 4 times: CrashLoopBackOff"
//
// Types: pod_restarts, pod_not_starting, workload_not_ready, job_failed, volume_pending, node_not_ready. How long it has to hold before
// anybody is told is `for_seconds`; when it does not hold any more the alert is over.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "hub/json_text.hpp"

namespace hub {

struct AlertRule {
    std::string id = {};
    std::string name = {};
    std::string description = {};
    std::string type = {};
    std::string severity = "warning";  // info, warning, critical
    bool enabled = true;
    std::string cluster = {};          // empty: all
    std::string ns = {};               // empty: all
    std::int64_t threshold = 0;        // of types that count
    std::int64_t for_seconds = 0;
    std::string template_id = {};      // what it was made of; may be empty
    std::string created_by = {};
    std::string created_at = {};
    std::string updated_at = {};

    // {id,name,description,type,severity,enabled,cluster,namespace,threshold,forSeconds,templateId,createdBy,createdAt,updatedAt}
    [[nodiscard]] Json to_wire() const;
};
[[nodiscard]] AlertRule alert_rule_from_document(std::string id, const Json& json);
// A POST body, or a PUT body for `old`; every mistake with its path.
[[nodiscard]] base::Result<AlertRule> read_alert_rule(const Json& body, const AlertRule* old);

struct AlertType {
    std::string_view type, title;       // "pod_restarts", "Pod restarts"
    std::string_view threshold_words;   // "Restarts"; empty: it counts nothing
    std::int64_t threshold, for_seconds;  // to begin with
    std::string_view description;
    std::string_view severity;
};
[[nodiscard]] std::span<const AlertType> alert_types();
[[nodiscard]] const AlertType* find_alert_type(std::string_view type);

// A kind whose objects a type looks at.
struct AlertKind {
    std::string_view api_version, plural, kind;
    bool namespaced = true;
};
[[nodiscard]] std::span<const AlertKind> kinds_of(std::string_view type);

// Ready-made rules: one for each type. {id,name,description,type,severity,threshold,forSeconds}
[[nodiscard]] Json alert_templates();

struct AlertFinding {
    bool holds = false;
    std::string message = {};
    std::int64_t look_again_ms = 0;  // unix: when the answer changes although the object does not; 0: never
};
[[nodiscard]] AlertFinding examine(const AlertRule& rule, const Json& object, std::int64_t now_unix_ms);

}  // namespace hub
