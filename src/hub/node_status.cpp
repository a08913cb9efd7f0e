#include "hub/node_status.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace hub {

namespace {

constexpr std::array<std::string_view, 9> kFailingReasons = {
    "ImagePullBackOff",     "ErrImagePull",      "InvalidImageName", "ErrImageNeverPull",      "CrashLoopBackOff",
    "CreateContainerError", "RunContainerError", "CreateContainerConfigError", "RegistryUnavailable"};

Json make_status(std::string_view state, std::string message) {
    return {{"state", state}, {"message", std::move(message)}};
}

std::string count_of(std::int64_t part, std::int64_t whole, std::string_view word) {
    return std::to_string(part) + " of " + std::to_string(whole) + " " + std::string(word);
}

bool is_going(const Json& pod) { return value_at(pod, "metadata", "deletionTimestamp").is_string(); }

const Json* condition(const Json& object, std::string_view type) {
    for (const Json& entry : array_at(object, "status", "conditions")) {
        if (text_at(entry, "type") == type) return &entry;
    }
    return nullptr;
}

bool condition_is(const Json& object, std::string_view type, std::string_view status) {
    const Json* found = condition(object, type);
    return found && text_at(*found, "status") == status;
}

std::string last_end(const Json& container) {
    const Json& ended = object_at(container, "lastState", "terminated");
    if (ended.empty()) return {};
    const std::string reason = text_at(ended, "reason");
    std::string text = "last exit code " + std::to_string(number_at(ended, 0, "exitCode"));
    if (!reason.empty()) text += " (" + reason + ")";
    return text;
}

std::string container_failure(const Json& container) {
    const std::string waiting = text_at(container, "state", "waiting", "reason");
    if (std::find(kFailingReasons.begin(), kFailingReasons.end(), waiting) != kFailingReasons.end()) {
        const std::string message = text_at(container, "state", "waiting", "message");
        std::string text = waiting;
        if (text_at(container, "lastState", "terminated", "reason") == "OOMKilled") text = "OOMKilled, " + text;
        if (!message.empty()) text += ": " + message;
        if (const std::string end = last_end(container); !end.empty()) text += "; " + end;
        return text;
    }
    const Json& ended = object_at(container, "state", "terminated");
    if (!ended.empty() && number_at(ended, 0, "exitCode") != 0) {
        const std::string reason = text_at(ended, "reason");
        return (reason.empty() ? "Error" : reason) + ": exit code " + std::to_string(number_at(ended, 0, "exitCode"));
    }
    return {};
}

// Why a pod is not started yet, when that is nothing bad: "Pulling image nginx:1.27" is not told by the API, so the reason.
std::string waiting_reason(const std::vector<const Json*>& pods) {
    for (const Json* pod : pods) {
        if (is_going(*pod)) continue;
        const Json* scheduled = condition(*pod, "PodScheduled");
        if (scheduled && text_at(*scheduled, "status") == "False") {
            return text_at(*scheduled, "reason") + ": " + text_at(*scheduled, "message");
        }
        for (const Json& container : array_at(*pod, "status", "containerStatuses")) {
            if (std::string reason = text_at(container, "state", "waiting", "reason"); !reason.empty()) {
                const std::string message = text_at(container, "state", "waiting", "message");
                return message.empty() ? reason : reason + ": " + message;
            }
        }
    }
    return {};
}

std::string first_failure(const std::vector<const Json*>& pods) {
    // The one that kubelet has given the most to say about: a back-off explains more than a bare error.
    std::string best;
    for (const Json* pod : pods) {
        if (is_going(*pod)) continue;
        std::string failure = pod_failure(*pod);
        if (best.empty() || (failure.size() > best.size() && failure.find("BackOff") != std::string::npos &&
                             best.find("BackOff") == std::string::npos)) {
            if (!failure.empty()) best = std::move(failure);
        }
    }
    return best;
}

bool any_started(const std::vector<const Json*>& pods) {
    return std::any_of(pods.begin(), pods.end(), [](const Json* pod) {
        if (is_going(*pod)) return false;
        const Json& containers = array_at(*pod, "status", "containerStatuses");
        return std::any_of(containers.begin(), containers.end(),
                           [](const Json& container) { return value_at(container, "state", "running").is_object(); });
    });
}

bool any_not_ready_had_restarted(const std::vector<const Json*>& pods) {
    return std::any_of(pods.begin(), pods.end(), [](const Json* pod) {
        return !is_going(*pod) && !pod_ready(*pod) && pod_restarts(*pod) > 0;
    });
}

struct Counts {
    std::int64_t desired = 0;
    std::int64_t ready = 0;
    std::int64_t updated = 0;
    bool rolled_out = false;  // the controller says that the last change had been completed
};

Counts count_replicas(NodeKind kind, const Json& object, std::size_t pod_count) {
    Counts counts;
    if (kind == NodeKind::daemonset) {
        counts.desired = number_at(object, 0, "status", "desiredNumberScheduled");
        counts.ready = number_at(object, 0, "status", "numberReady");
        counts.updated = number_at(object, 0, "status", "updatedNumberScheduled");
    } else {
        counts.desired = number_at(object, 1, "spec", "replicas");
        counts.ready = number_at(object, 0, "status", "readyReplicas");
        counts.updated = number_at(object, 0, "status", "updatedReplicas");
    }
    if (kind == NodeKind::deployment) {
        const Json* progressing = condition(object, "Progressing");
        counts.rolled_out = progressing && text_at(*progressing, "reason") == "NewReplicaSetAvailable";
    } else {
        counts.rolled_out = static_cast<std::int64_t>(pod_count) >= counts.desired && counts.updated >= counts.desired;
    }
    return counts;
}

Json with_replicas(Json status, const Counts& counts) {
    status["replicas"] = counts.desired;
    status["readyReplicas"] = counts.ready;
    return status;
}

Json replicated_status(const NodeObservation& seen) {
    const Json& object = *seen.object;
    const Counts counts = count_replicas(seen.kind, object, seen.pods.size());
    const auto answer = [&](std::string_view state, std::string message) {
        return with_replicas(make_status(state, std::move(message)), counts);
    };
    const bool observed =
        number_at(object, 0, "status", "observedGeneration") >= number_at(object, 0, "metadata", "generation");
    if (!observed) return answer("pending", "Waiting for the controller");
    if (counts.desired == 0) {
        if (seen.kind == NodeKind::daemonset) return answer("healthy", "No node matches");
        return answer(seen.pods.empty() ? "healthy" : "running", "Scaled to zero");
    }
    const std::string failure = first_failure(seen.pods);
    if (!failure.empty()) return answer(counts.ready == 0 ? "error" : "partial", failure);
    if (condition_is(object, "ReplicaFailure", "True")) {
        return answer(counts.ready == 0 ? "error" : "partial", text_at(*condition(object, "ReplicaFailure"), "message"));
    }
    if (condition_is(object, "Progressing", "False")) {
        return answer(counts.ready == 0 ? "error" : "partial", text_at(*condition(object, "Progressing"), "message"));
    }
    if (counts.ready >= counts.desired && counts.updated >= counts.desired) {
        return answer("healthy", count_of(counts.ready, counts.desired, "ready"));
    }
    if (counts.ready == 0 && !any_started(seen.pods)) {
        const std::string reason = waiting_reason(seen.pods);
        return answer("pending", reason.empty() ? "Waiting for pods" : reason);
    }
    if (counts.updated < counts.desired) return answer("running", "Rolling out: " + count_of(counts.updated, counts.desired, "updated"));
    const bool was_complete = seen.kind == NodeKind::deployment ? counts.rolled_out
                                                                : counts.rolled_out && any_not_ready_had_restarted(seen.pods);
    return answer(was_complete ? "partial" : "running", count_of(counts.ready, counts.desired, "ready"));
}

Json job_status(const NodeObservation& seen) {
    const Json& object = *seen.object;
    const std::int64_t wanted = number_at(object, 1, "spec", "completions");
    const std::int64_t succeeded = number_at(object, 0, "status", "succeeded");
    const std::string failure = first_failure(seen.pods);
    if (condition_is(object, "Complete", "True")) return make_status("healthy", "Completed: " + count_of(succeeded, wanted, "succeeded"));
    if (condition_is(object, "Failed", "True")) {
        const Json& failed = *condition(object, "Failed");
        std::string message = text_at(failed, "reason") + ": " + text_at(failed, "message");
        if (!failure.empty()) message += "; " + failure;
        return make_status("error", std::move(message));
    }
    if (flag_at(object, "spec", "suspend")) return make_status("created", "Suspended");
    // A pod that has ended well is seen before the controller has counted it.
    const bool ended_well = std::any_of(seen.pods.begin(), seen.pods.end(), [](const Json* pod) { return text_at(*pod, "status", "phase") == "Succeeded"; });
    if (any_started(seen.pods) || ended_well || succeeded > 0) return make_status("running", count_of(succeeded, wanted, "succeeded"));
    // A pod that failed while others are still to be tried (backoffLimit) is no end; one that cannot start is.
    if (!failure.empty()) {
        const bool retrying = failure.find("BackOff") == std::string::npos && failure.find("ErrImage") == std::string::npos &&
                              failure.find("Create") == std::string::npos && failure.find("InvalidImage") == std::string::npos;
        return make_status(retrying ? "running" : "error", retrying ? "Trying again: " + failure : failure);
    }
    const std::string reason = waiting_reason(seen.pods);
    return make_status("pending", reason.empty() ? "Waiting for a pod" : reason);
}

Json cron_job_status(const NodeObservation& seen) {
    const Json& object = *seen.object;
    if (flag_at(object, "spec", "suspend")) return make_status("created", "Suspended");
    const std::string failure = first_failure(seen.pods);
    if (!array_at(object, "status", "active").empty()) {
        return make_status(failure.empty() ? "running" : "error", failure.empty() ? "A job is running" : failure);
    }
    std::string message = "Schedule " + text_at(object, "spec", "schedule");
    const std::string last = text_at(object, "status", "lastScheduleTime");
    if (!last.empty()) message += ", last run " + last;
    return make_status("created", std::move(message));
}

Json service_status(const NodeObservation& seen) {
    const Json& object = *seen.object;
    const std::string type = text_at(object, "spec", "type");
    std::string address;
    for (const Json& entry : array_at(object, "status", "loadBalancer", "ingress")) {
        address = text_at(entry, "ip").empty() ? text_at(entry, "hostname") : text_at(entry, "ip");
        if (!address.empty()) break;
    }
    Json status;
    const auto ready = std::count_if(seen.pods.begin(), seen.pods.end(),
                                     [](const Json* pod) { return !is_going(*pod) && pod_ready(*pod); });
    if (type == "LoadBalancer" && address.empty()) {
        status = make_status("pending", "Waiting for an external address");
    } else if (object_at(object, "spec", "selector").empty()) {
        status = make_status("created", "No workload is connected");
    } else if (ready == 0) {
        status = make_status("pending", "No pod behind it is ready");
    } else {
        status = make_status("healthy", std::to_string(ready) + (ready == 1 ? " endpoint" : " endpoints"));
    }
    if (const std::string ip = text_at(object, "spec", "clusterIP"); !ip.empty()) status["clusterIP"] = ip;
    if (!address.empty()) {
        status["externalIP"] = address;
        status["loadBalancerIP"] = address;
    } else if (const Json& ips = array_at(object, "spec", "externalIPs"); !ips.empty() && ips.front().is_string()) {
        status["externalIP"] = ips.front();
    }
    for (const Json& port : array_at(object, "spec", "ports")) {
        if (const std::int64_t number = number_at(port, 0, "nodePort"); number > 0) {
            status["nodePort"] = number;
            break;
        }
    }
    return status;
}

Json ingress_status(const Json& object) {
    for (const Json& entry : array_at(object, "status", "loadBalancer", "ingress")) {
        const std::string ip = text_at(entry, "ip").empty() ? text_at(entry, "hostname") : text_at(entry, "ip");
        if (ip.empty()) continue;
        Json status = make_status("healthy", "Reachable at " + ip);
        status["externalIP"] = ip;
        return status;
    }
    return make_status("pending", "Waiting for an address");
}

Json claim_status(const Json& object) {
    const std::string phase = text_at(object, "status", "phase");
    if (phase == "Bound") {
        const std::string capacity = text_at(object, "status", "capacity", "storage");
        return make_status("Bound", capacity.empty() ? "Bound" : capacity + " on " + text_at(object, "spec", "volumeName"));
    }
    if (phase == "Lost") return make_status("Lost", "The volume " + text_at(object, "spec", "volumeName") + " is gone");
    return make_status("Pending", "Waiting for a volume");
}

Json autoscaler_status(const Json& object) {
    const std::int64_t current = number_at(object, 0, "status", "currentReplicas");
    const std::string range = std::to_string(number_at(object, 1, "spec", "minReplicas")) + " to " +
                              std::to_string(number_at(object, 1, "spec", "maxReplicas"));
    Json status;
    if (condition_is(object, "AbleToScale", "False")) {
        status = make_status("error", text_at(*condition(object, "AbleToScale"), "message"));
    } else if (condition_is(object, "ScalingActive", "False")) {
        status = make_status("partial", text_at(*condition(object, "ScalingActive"), "message"));
    } else {
        status = make_status("healthy", std::to_string(current) + " replicas, " + range);
    }
    status["replicas"] = number_at(object, current, "status", "desiredReplicas");
    status["readyReplicas"] = current;
    return status;
}

std::string keys_message(const Json& object) {
    const std::size_t keys = object_at(object, "data").size() + object_at(object, "binaryData").size();
    return std::to_string(keys) + (keys == 1 ? " key" : " keys");
}

// Custom resources say how they are by conditions, as far as they follow the API conventions.
Json custom_status(const Json& object) {
    for (const char* type : {"Ready", "Available", "Accepted", "Synced", "Healthy", "Succeeded"}) {
        const Json* found = condition(object, type);
        if (!found) continue;
        const std::string reason = text_at(*found, "reason");
        std::string message = text_at(*found, "message");
        if (message.empty()) message = reason;
        if (text_at(*found, "status") == "True") return make_status("healthy", message.empty() ? std::string(type) : message);
        const bool failed = reason.find("Fail") != std::string::npos || reason.find("Error") != std::string::npos || reason.find("Invalid") != std::string::npos;
        return make_status(failed && text_at(*found, "status") == "False" ? "error" : "pending", message.empty() ? "Not " + base::to_ascii_lower(type) + " yet" : message);
    }
    return make_status("created", text_at(object, "status", "phase"));
}

Json object_status(const NodeObservation& seen) {
    if (is_plugin_kind(seen.kind)) return custom_status(*seen.object);

    switch (seen.kind) {
        case NodeKind::deployment:
        case NodeKind::statefulset:
        case NodeKind::daemonset: return replicated_status(seen);
        case NodeKind::job: return job_status(seen);
        case NodeKind::cronjob: return cron_job_status(seen);
        case NodeKind::service: return service_status(seen);
        case NodeKind::ingress: return ingress_status(*seen.object);
        case NodeKind::persistentvolumeclaim: return claim_status(*seen.object);
        case NodeKind::hpa: return autoscaler_status(*seen.object);
        case NodeKind::configmap:
        case NodeKind::secret: return make_status("created", keys_message(*seen.object));
        case NodeKind::networkpolicy: return make_status("created", "In force");
    }
    return make_status("created", "");
}

}  // namespace

Json node_status(const NodeObservation& seen) {
    if (!seen.run_error.empty()) return make_status("error", seen.run_error);
    if (!seen.object && !seen.applied) return make_status("pending", "Not applied yet");
    const std::string_view kube_kind = info_of(seen.kind).kube_kind;
    if (!seen.object) return make_status("error", std::string(kube_kind) + " " + seen.name + " was deleted outside Binnacle");
    if (is_going(*seen.object)) return make_status("pending", "Being deleted");
    return object_status(seen);
}

std::string pod_failure(const Json& pod) {
    for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
        for (const Json& container : array_at(pod, "status", list)) {
            if (std::string failure = container_failure(container); !failure.empty()) return failure;
        }
    }
    if (text_at(pod, "status", "phase") == "Failed") {
        const std::string reason = text_at(pod, "status", "reason");
        const std::string message = text_at(pod, "status", "message");
        return (reason.empty() ? "Failed" : reason) + (message.empty() ? "" : ": " + message);
    }
    return {};
}

std::string pod_reason(const Json& pod) {
    if (is_going(pod)) return "Terminating";
    for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
        for (const Json& container : array_at(pod, "status", list)) {
            if (std::string reason = text_at(container, "state", "waiting", "reason"); !reason.empty()) return reason;
            const Json& ended = object_at(container, "state", "terminated");
            const std::string reason = text_at(ended, "reason");
            if (!reason.empty() && reason != "Completed") return reason;
        }
    }
    const std::string phase = text_at(pod, "status", "phase");
    return phase == "Succeeded" ? "Completed" : phase;
}

bool pod_ready(const Json& pod) { return condition_is(pod, "Ready", "True"); }

int pod_restarts(const Json& pod) {
    std::int64_t restarts = 0;
    for (const Json& container : array_at(pod, "status", "containerStatuses")) {
        restarts += number_at(container, 0, "restartCount");
    }
    return static_cast<int>(std::min<std::int64_t>(restarts, 1'000'000));
}

bool labels_match(const Json& selector, const Json& labels) {
    if (!selector.is_object() || selector.empty()) return false;
    for (const auto& [key, value] : selector.items()) {
        const Json* label = field(labels, key);
        if (!label || *label != value) return false;
    }
    return true;
}

}  // namespace hub
