#include "kube/kubelet/pod_status.hpp"

#include <utility>

#include "kube/controllers/object_access.hpp"

namespace kube::kubelet {
namespace {

using controllers::array;
using controllers::find;
using controllers::flag;
using controllers::integer;
using controllers::member;
using controllers::set_condition;
using controllers::text;

bool has_succeeded(const Json& status) {
    return find(status, {"state", "terminated"}) && integer(status, {"state", "terminated", "exitCode"}, -1) == 0;
}

std::string phase_of(const Json& pod) {
    const std::string policy = text(pod, {"spec", "restartPolicy"}, "Always");
    for (const Json& status : array(pod, {"status", "initContainerStatuses"})) {
        if (has_succeeded(status)) continue;
        const bool failed = find(status, {"state", "terminated"}) != nullptr;
        return failed && policy == "Never" ? "Failed" : "Pending";
    }
    int waiting = 0, running = 0, stopped = 0, succeeded = 0;
    const Json& statuses = array(pod, {"status", "containerStatuses"});
    for (const Json& status : statuses) {
        if (find(status, {"state", "running"})) {
            ++running;
        } else if (find(status, {"state", "terminated"})) {
            ++stopped;
            succeeded += has_succeeded(status);
        } else if (find(status, {"lastState", "terminated"})) {
            ++stopped;
        } else {
            ++waiting;
        }
    }
    if (waiting > 0 || statuses.empty()) return "Pending";
    if (running > 0 || policy == "Always") return "Running";
    if (stopped == succeeded) return "Succeeded";
    return policy == "Never" ? "Failed" : "Running";
}

std::string list_text(const std::string& names) { return "[" + names + "]"; }

}  // namespace

void summarize(Json& pod, std::int64_t now_ms) {
    const std::string phase = phase_of(pod);
    Json& status = member(pod, {"status"});
    status["phase"] = phase;
    const bool started = !text(status, {"podIP"}).empty();
    set_condition(status, "PodReadyToStartContainers", started && phase != "Succeeded" && phase != "Failed" ? "True" : "False", {}, {}, now_ms);

    std::string incomplete;
    for (const Json& each : array(status, {"initContainerStatuses"})) {
        if (!has_succeeded(each)) incomplete += (incomplete.empty() ? "" : " ") + text(each, {"name"});
    }
    if (incomplete.empty()) {
        set_condition(status, "Initialized", "True", phase == "Succeeded" ? "PodCompleted" : "", {}, now_ms);
    } else {
        set_condition(status, "Initialized", "False", "ContainersNotInitialized", "containers with incomplete status: " + list_text(incomplete), now_ms);
    }
    std::string unready;
    for (const Json& each : array(status, {"containerStatuses"})) {
        if (!flag(each, {"ready"})) unready += (unready.empty() ? "" : " ") + text(each, {"name"});
    }
    for (const char* type : {"ContainersReady", "Ready"}) {
        if (phase == "Succeeded" || phase == "Failed") {
            set_condition(status, type, "False", phase == "Succeeded" ? "PodCompleted" : "PodFailed", {}, now_ms);
        } else if (unready.empty() && incomplete.empty()) {
            set_condition(status, type, "True", {}, {}, now_ms);
        } else {
            set_condition(status, type, "False", "ContainersNotReady", "containers with unready status: " + list_text(unready), now_ms);
        }
    }
}

Json waiting_status(const Json& container, const std::string& reason) {
    return {{"name", text(container, {"name"})},
            {"image", text(container, {"image"})},
            {"imageID", ""},
            {"ready", false},
            {"started", false},
            {"restartCount", 0},
            {"lastState", Json::object()},
            {"state", {{"waiting", {{"reason", reason}}}}}};
}

void set_state(Json& container_status, const char* kind, Json body) {
    container_status["state"] = Json::object();
    container_status["state"][kind] = std::move(body);
}

const Json* container_spec(const Json& pod, const std::string& name, bool* is_init) {
    for (const char* list : {"containers", "initContainers"}) {
        for (const Json& container : array(pod, {"spec", list})) {
            if (text(container, {"name"}) != name) continue;
            if (is_init) *is_init = std::string_view(list) == "initContainers";
            return &container;
        }
    }
    return nullptr;
}

const Json* container_status(const Json& pod, const std::string& name) {
    for (const char* list : {"containerStatuses", "initContainerStatuses"}) {
        for (const Json& status : array(pod, {"status", list})) {
            if (text(status, {"name"}) == name) return &status;
        }
    }
    return nullptr;
}

std::int64_t restart_count(const Json& pod, const std::string& name) {
    const Json* status = container_status(pod, name);
    return status ? integer(*status, {"restartCount"}) : 0;
}

bool restarts(const Json& pod, bool is_init, int exit_code) {
    const std::string policy = text(pod, {"spec", "restartPolicy"}, "Always");
    if (policy == "Never" || (is_init && exit_code == 0)) return false;
    return policy == "Always" || exit_code != 0;
}

}  // namespace kube::kubelet
