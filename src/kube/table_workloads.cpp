#include "base/text.hpp"
#include "base/time_text.hpp"
#include "kube/api_json.hpp"
#include "kube/selectors.hpp"
#include "kube/table_cells.hpp"

namespace kube {
namespace {

using api::array;
using api::find;
using api::integer;
using api::map;
using api::text;

std::string or_none(std::string value) { return value.empty() ? "<none>" : value; }

std::string join_container_field(const Json& pod_spec, std::string_view field) {
    std::vector<std::string> values;
    for (const Json& container : array(pod_spec, {"containers"})) values.push_back(text(container, {field}));
    return or_none(base::join(values, ","));
}

std::string selector_text(const Json& object) {
    const Json* selector = find(object, {"spec", "selector"});
    const auto parsed = selector ? LabelSelector::from_object(*selector) : base::Result<LabelSelector>();
    return parsed ? or_none(parsed->to_string()) : "<invalid>";
}

bool condition_is(const Json& object, std::string_view type, std::string_view status) {
    for (const Json& condition : array(object, {"status", "conditions"})) {
        if (text(condition, {"type"}) == type) return text(condition, {"status"}) == status;
    }
    return false;
}

// What a waiting or ended container says; empty for a running one.
std::string container_word(const Json& status) {
    if (const Json* waiting = find(status, {"state", "waiting"})) return text(*waiting, {"reason"});
    const Json* terminated = find(status, {"state", "terminated"});
    if (!terminated) return {};
    if (std::string reason = text(*terminated, {"reason"}); !reason.empty()) return reason;
    if (const auto signal = integer(*terminated, {"signal"})) return "Signal:" + std::to_string(signal);
    return "ExitCode:" + std::to_string(integer(*terminated, {"exitCode"}));
}

// The word of the first init container that has not succeeded; empty when all have.
std::string init_word(const Json& pod) {
    const Json& statuses = array(pod, {"status", "initContainerStatuses"});
    const std::size_t total = array(pod, {"spec", "initContainers"}).size();
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        const Json* terminated = find(statuses[i], {"state", "terminated"});
        if (terminated && integer(*terminated, {"exitCode"}) == 0) continue;
        const std::string word = container_word(statuses[i]);
        if (!word.empty() && word != "PodInitializing") return "Init:" + word;
        return "Init:" + std::to_string(i) + "/" + std::to_string(total);
    }
    return {};
}

struct Restarts {
    std::int64_t count = 0;
    std::int64_t newest_ms = -1;
};

Restarts restarts_of(const Json& pod) {
    Restarts restarts;
    for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
        for (const Json& status : array(pod, {"status", list})) {
            restarts.count += integer(status, {"restartCount"});
            const auto ended = base::parse_rfc3339_ms(text(status, {"lastState", "terminated", "finishedAt"}));
            if (ended) restarts.newest_ms = std::max(restarts.newest_ms, *ended);
        }
    }
    return restarts;
}

constexpr TableColumn kContainers{"Containers", "string", 1};
constexpr TableColumn kImages{"Images", "string", 1};
constexpr TableColumn kSelector{"Selector", "string", 1};

void push_template_cells(const Json& object, Json& out) {
    const Json& pod_spec = map(object, {"spec", "template", "spec"});
    out.push_back(join_container_field(pod_spec, "name"));
    out.push_back(join_container_field(pod_spec, "image"));
}

std::string of_desired(std::int64_t ready, std::int64_t desired) { return std::to_string(ready) + "/" + std::to_string(desired); }

std::string job_status(const Json& job) {
    if (condition_is(job, "Complete", "True")) return "Complete";
    if (condition_is(job, "Failed", "True")) return "Failed";
    if (!text(job, {"metadata", "deletionTimestamp"}).empty()) return "Terminating";
    if (condition_is(job, "Suspended", "True")) return "Suspended";
    if (condition_is(job, "FailureTarget", "True")) return "FailureTarget";
    if (condition_is(job, "SuccessCriteriaMet", "True")) return "SuccessCriteriaMet";
    return "Running";
}

std::string job_completions(const Json& job) {
    const auto succeeded = integer(job, {"status", "succeeded"});
    if (find(job, {"spec", "completions"})) return of_desired(succeeded, integer(job, {"spec", "completions"}));
    const auto parallelism = integer(job, {"spec", "parallelism"}, 1);
    if (parallelism > 1) return std::to_string(succeeded) + "/1 of " + std::to_string(parallelism);
    return std::to_string(succeeded) + "/1";
}

std::string job_duration(const Json& job, std::int64_t now_ms) {
    const auto started = base::parse_rfc3339_ms(text(job, {"status", "startTime"}));
    if (!started) return "";
    const auto completed = base::parse_rfc3339_ms(text(job, {"status", "completionTime"}));
    return base::short_duration(completed.value_or(now_ms) - *started);
}

}  // namespace

std::string pod_status_word(const Json& pod) {
    std::string word = text(pod, {"status", "reason"});
    if (word.empty()) word = text(pod, {"status", "phase"}, "Pending");
    const std::string init = init_word(pod);
    if (!init.empty()) {
        word = init;
    } else {
        bool has_running = false;
        const Json& statuses = array(pod, {"status", "containerStatuses"});
        for (std::size_t i = statuses.size(); i-- > 0;) {  // the first container has the last say
            if (std::string said = container_word(statuses[i]); !said.empty()) {
                word = std::move(said);
            } else if (api::flag(statuses[i], {"ready"}) && find(statuses[i], {"state", "running"})) {
                has_running = true;
            }
        }
        if (word == "Completed" && has_running) word = condition_is(pod, "Ready", "True") ? "Running" : "NotReady";
    }
    if (!text(pod, {"metadata", "deletionTimestamp"}).empty()) {
        return text(pod, {"status", "reason"}) == "NodeLost" ? "Unknown" : "Terminating";
    }
    return word;
}

namespace table {

std::string age_since(std::string_view time, std::int64_t now_ms) {
    const auto then = base::parse_rfc3339_ms(time);
    if (!then) return "<unknown>";
    // Stored times are whole seconds, and so is an age.
    if (*then > now_ms + 1000) return "<invalid>";
    return base::short_duration(std::max<std::int64_t>(0, now_ms - *then));
}

std::string age(const Json& object, std::int64_t now_ms) {
    return age_since(text(object, {"metadata", "creationTimestamp"}), now_ms);
}

TableColumns pod_columns() {
    return {{"Name", "string"},        {"Ready", "string"},   {"Status", "string"},  {"Restarts", "string"},
            {"Age", "string"},         {"IP", "string", 1},   {"Node", "string", 1}, {"Nominated Node", "string", 1},
            {"Readiness Gates", "string", 1}};
}

void pod_cells(const Json& pod, std::int64_t now_ms, Json& out) {
    std::int64_t ready = 0;
    for (const Json& status : array(pod, {"status", "containerStatuses"})) {
        if (api::flag(status, {"ready"}) && find(status, {"state", "running"})) ++ready;
    }
    const Restarts restarts = restarts_of(pod);
    std::string restart_cell = std::to_string(restarts.count);
    if (restarts.count > 0 && restarts.newest_ms >= 0) {
        restart_cell += " (" + base::short_duration(std::max<std::int64_t>(0, now_ms - restarts.newest_ms)) + " ago)";
    }
    out.push_back(api::name_of(pod));
    out.push_back(of_desired(ready, static_cast<std::int64_t>(array(pod, {"spec", "containers"}).size())));
    out.push_back(pod_status_word(pod));
    out.push_back(std::move(restart_cell));
    out.push_back(age(pod, now_ms));
    out.push_back(or_none(text(pod, {"status", "podIP"})));
    out.push_back(or_none(text(pod, {"spec", "nodeName"})));
    out.push_back(or_none(text(pod, {"status", "nominatedNodeName"})));
    out.push_back("<none>");
}

TableColumns deployment_columns() {
    return {{"Name", "string"}, {"Ready", "string"}, {"Up-to-date", "integer"}, {"Available", "integer"}, {"Age", "string"},
            kContainers,        kImages,             kSelector};
}

void deployment_cells(const Json& object, std::int64_t now_ms, Json& out) {
    out.push_back(api::name_of(object));
    out.push_back(of_desired(integer(object, {"status", "readyReplicas"}), integer(object, {"spec", "replicas"})));
    out.push_back(integer(object, {"status", "updatedReplicas"}));
    out.push_back(integer(object, {"status", "availableReplicas"}));
    out.push_back(age(object, now_ms));
    push_template_cells(object, out);
    out.push_back(selector_text(object));
}

TableColumns replica_set_columns() {
    return {{"Name", "string"}, {"Desired", "integer"}, {"Current", "integer"}, {"Ready", "integer"}, {"Age", "string"},
            kContainers,        kImages,                kSelector};
}

void replica_set_cells(const Json& object, std::int64_t now_ms, Json& out) {
    out.push_back(api::name_of(object));
    out.push_back(integer(object, {"spec", "replicas"}));
    out.push_back(integer(object, {"status", "replicas"}));
    out.push_back(integer(object, {"status", "readyReplicas"}));
    out.push_back(age(object, now_ms));
    push_template_cells(object, out);
    out.push_back(selector_text(object));
}

TableColumns stateful_set_columns() {
    return {{"Name", "string"}, {"Ready", "string"}, {"Age", "string"}, kContainers, kImages};
}

void stateful_set_cells(const Json& object, std::int64_t now_ms, Json& out) {
    out.push_back(api::name_of(object));
    out.push_back(of_desired(integer(object, {"status", "readyReplicas"}), integer(object, {"spec", "replicas"})));
    out.push_back(age(object, now_ms));
    push_template_cells(object, out);
}

TableColumns daemon_set_columns() {
    return {{"Name", "string"},          {"Desired", "integer"},   {"Current", "integer"},       {"Ready", "integer"},
            {"Up-to-date", "integer"},   {"Available", "integer"}, {"Node Selector", "string"},  {"Age", "string"},
            kContainers,                 kImages,                  kSelector};
}

void daemon_set_cells(const Json& object, std::int64_t now_ms, Json& out) {
    out.push_back(api::name_of(object));
    out.push_back(integer(object, {"status", "desiredNumberScheduled"}));
    out.push_back(integer(object, {"status", "currentNumberScheduled"}));
    out.push_back(integer(object, {"status", "numberReady"}));
    out.push_back(integer(object, {"status", "updatedNumberScheduled"}));
    out.push_back(integer(object, {"status", "numberAvailable"}));
    std::string node_selector;
    for (const auto& [key, value] : map(object, {"spec", "template", "spec", "nodeSelector"}).items()) {
        node_selector += (node_selector.empty() ? "" : ",") + key + "=" + std::string(api::view(&value));
    }
    out.push_back(or_none(std::move(node_selector)));
    out.push_back(age(object, now_ms));
    push_template_cells(object, out);
    out.push_back(selector_text(object));
}

TableColumns job_columns() {
    return {{"Name", "string"}, {"Status", "string"}, {"Completions", "string"}, {"Duration", "string"}, {"Age", "string"},
            kContainers,        kImages,              kSelector};
}

void job_cells(const Json& job, std::int64_t now_ms, Json& out) {
    out.push_back(api::name_of(job));
    out.push_back(job_status(job));
    out.push_back(job_completions(job));
    out.push_back(job_duration(job, now_ms));
    out.push_back(age(job, now_ms));
    push_template_cells(job, out);
    out.push_back(selector_text(job));
}

TableColumns cron_job_columns() {
    return {{"Name", "string"},          {"Schedule", "string"}, {"Timezone", "string"}, {"Suspend", "string"}, {"Active", "integer"},
            {"Last Schedule", "string"}, {"Age", "string"},      kContainers,            kImages,                kSelector};
}

void cron_job_cells(const Json& object, std::int64_t now_ms, Json& out) {
    const std::string last = text(object, {"status", "lastScheduleTime"});
    const Json& pod_spec = map(object, {"spec", "jobTemplate", "spec", "template", "spec"});
    out.push_back(api::name_of(object));
    out.push_back(text(object, {"spec", "schedule"}));
    out.push_back(or_none(text(object, {"spec", "timeZone"})));
    out.push_back(api::flag(object, {"spec", "suspend"}) ? "True" : "False");
    out.push_back(array(object, {"status", "active"}).size());
    out.push_back(last.empty() ? "<none>" : age_since(last, now_ms));
    out.push_back(age(object, now_ms));
    out.push_back(join_container_field(pod_spec, "name"));
    out.push_back(join_container_field(pod_spec, "image"));
    out.push_back("<none>");
}

}  // namespace table
}  // namespace kube
