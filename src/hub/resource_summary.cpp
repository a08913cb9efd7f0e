#include "hub/resource_summary.hpp"

#include "hub/node_status.hpp"

namespace hub {

namespace {

std::string pod_status(const Json& pod) {
    const std::string phase = text_at(pod, "status", "phase");
    if (!pod_failure(pod).empty()) return phase == "Succeeded" ? "completed" : "failed";
    if (phase == "Running") return pod_ready(pod) ? "running" : "pending";
    if (phase == "Pending") return "pending";
    if (phase == "Succeeded") return "completed";
    return phase == "Failed" ? "failed" : "unknown";
}

std::string replicas_status(const Json& object, std::int64_t desired, std::int64_t ready) {
    if (ready >= desired) return "running";
    for (const Json& condition : array_at(object, "status", "conditions")) {
        if (text_at(condition, "type") == "ReplicaFailure" && text_at(condition, "status") == "True") return "failed";
    }
    return ready == 0 ? "pending" : "warning";
}

std::string job_condition(const Json& object) {
    for (const Json& condition : array_at(object, "status", "conditions")) {
        if (text_at(condition, "status") != "True") continue;
        if (text_at(condition, "type") == "Complete") return "completed";
        if (text_at(condition, "type") == "Failed") return "failed";
    }
    return number_at(object, 0, "status", "active") > 0 ? "running" : "pending";
}

std::string first_image(const Json& pod_spec) {
    const Json& containers = array_at(pod_spec, "containers");
    return containers.empty() ? std::string() : text_at(containers.front(), "image");
}

std::string plural(std::size_t count, std::string_view word) {
    return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

std::string ratio(std::int64_t ready, std::int64_t desired) { return std::to_string(ready) + "/" + std::to_string(desired) + " ready"; }

Json container_details(const Json& object) {
    const bool pod = text_at(object, "kind") == "Pod" || value_at(object, "spec", "containers").is_array();
    const Json& spec = pod ? object_at(object, "spec") : object_at(object, "spec", "template", "spec");
    Json containers = Json::array();
    for (const Json& container : array_at(spec, "containers")) {
        Json entry = {{"name", text_at(container, "name")}, {"image", text_at(container, "image")}};
        for (const Json& status : array_at(object, "status", "containerStatuses")) {
            if (text_at(status, "name") != text_at(container, "name")) continue;
            entry["restartCount"] = number_at(status, 0, "restartCount");
            entry["ready"] = flag_at(status, "ready");
            const Json& state = object_at(status, "state");
            entry["state"] = state.empty() ? "unknown" : state.begin().key();
        }
        containers.push_back(std::move(entry));
    }
    return containers;
}

}  // namespace

std::string resource_status(const ResourceType& type, const Json& object) {
    if (value_at(object, "metadata", "deletionTimestamp").is_string()) return "deleted";
    if (type.type == "Pod") return pod_status(object);
    if (type.type == "Job") return job_condition(object);
    if (type.type == "DaemonSet") {
        return replicas_status(object, number_at(object, 0, "status", "desiredNumberScheduled"), number_at(object, 0, "status", "numberReady"));
    }
    if (type.type == "Deployment" || type.type == "StatefulSet" || type.type == "ReplicaSet") {
        return replicas_status(object, number_at(object, 1, "spec", "replicas"), number_at(object, 0, "status", "readyReplicas"));
    }
    if (type.type == "PVC") {
        const std::string phase = text_at(object, "status", "phase");
        return phase == "Bound" ? "running" : phase == "Lost" ? "failed" : "pending";
    }
    if (type.type == "Node") {
        for (const Json& condition : array_at(object, "status", "conditions")) {
            if (text_at(condition, "type") == "Ready") return text_at(condition, "status") == "True" ? "running" : "failed";
        }
        return "unknown";
    }
    return "running";
}

std::string resource_summary(const ResourceType& type, const Json& object) {
    if (type.type == "Pod") {
        return pod_reason(object) + ", " + first_image(object_at(object, "spec")) + ", " + plural(static_cast<std::size_t>(pod_restarts(object)), "restart");
    }
    if (type.type == "Deployment" || type.type == "StatefulSet" || type.type == "ReplicaSet") {
        return first_image(object_at(object, "spec", "template", "spec")) + ", " +
               ratio(number_at(object, 0, "status", "readyReplicas"), number_at(object, 1, "spec", "replicas"));
    }
    if (type.type == "DaemonSet") {
        return first_image(object_at(object, "spec", "template", "spec")) + ", " +
               ratio(number_at(object, 0, "status", "numberReady"), number_at(object, 0, "status", "desiredNumberScheduled"));
    }
    if (type.type == "Service") {
        std::string text = text_at(object, "spec", "type") + " " + text_at(object, "spec", "clusterIP");
        const Json& ports = array_at(object, "spec", "ports");
        if (!ports.empty()) text += ", port " + std::to_string(number_at(ports.front(), 0, "port"));
        return text;
    }
    if (type.type == "ConfigMap" || type.type == "Secret") return plural(object_at(object, "data").size(), "key");
    if (type.type == "CronJob") return "Schedule " + text_at(object, "spec", "schedule");
    if (type.type == "Job") {
        return std::to_string(number_at(object, 0, "status", "succeeded")) + "/" + std::to_string(number_at(object, 1, "spec", "completions")) + " succeeded";
    }
    if (type.type == "Node") return text_at(object, "status", "nodeInfo", "kubeletVersion");
    if (type.type == "PVC") return text_at(object, "status", "phase") + " " + text_at(object, "spec", "resources", "requests", "storage");
    if (type.type == "Ingress") {
        const Json& rules = array_at(object, "spec", "rules");
        return rules.empty() ? std::string() : text_at(rules.front(), "host");
    }
    return {};
}

Json resource_row(const ResourceType& type, const Json& object, const std::string& cluster) {
    return {{"id", make_resource_id(type, object)},
            {"name", text_at(object, "metadata", "name")},
            {"namespace", text_at(object, "metadata", "namespace")},
            {"type", type.type},
            {"clusterName", cluster},
            {"status", resource_status(type, object)},
            {"createdAt", text_at(object, "metadata", "creationTimestamp")},
            {"isFavorite", false},
            {"summary", resource_summary(type, object)}};
}

Json resource_details(const ResourceType& type, const Json& object, const std::string& cluster) {
    Json details = resource_row(type, object, cluster);
    details["labels"] = object_at(object, "metadata", "labels");
    details["spec"] = {{"containers", container_details(object)}};
    details["metadata"] = {{"uid", text_at(object, "metadata", "uid")},
                           {"resourceVersion", text_at(object, "metadata", "resourceVersion")},
                           {"events", Json::array()}};
    return details;
}

Json pod_row(const Json& pod) {
    Json containers = Json::array();
    for (const Json& container : array_at(pod, "spec", "containers")) containers.push_back(text_at(container, "name"));
    return {{"id", make_resource_id(*find_resource_type("Pod"), pod)},
            {"name", text_at(pod, "metadata", "name")},
            {"namespace", text_at(pod, "metadata", "namespace")},
            {"phase", text_at(pod, "status", "phase")},
            {"reason", pod_reason(pod)},
            {"message", pod_failure(pod)},
            {"ready", pod_ready(pod)},
            {"restarts", pod_restarts(pod)},
            {"started_at", text_at(pod, "status", "startTime")},
            {"created_at", text_at(pod, "metadata", "creationTimestamp")},
            {"node", text_at(pod, "spec", "nodeName")},
            {"ip", text_at(pod, "status", "podIP")},
            {"containers", std::move(containers)}};
}

Json event_row(const Json& event) {
    const std::string first = text_at(event, "firstTimestamp");
    std::string last = text_at(event, "lastTimestamp");
    if (last.empty()) last = text_at(event, "eventTime");
    if (last.empty()) last = text_at(event, "metadata", "creationTimestamp");
    return {{"id", text_at(event, "metadata", "uid")},
            {"type", text_at(event, "type")},
            {"reason", text_at(event, "reason")},
            {"message", text_at(event, "message")},
            {"object", text_at(event, "involvedObject", "kind") + "/" + text_at(event, "involvedObject", "name")},
            {"namespace", text_at(event, "metadata", "namespace")},
            {"count", number_at(event, 1, "count")},
            {"first_seen", first.empty() ? last : first},
            {"last_seen", last}};
}

}  // namespace hub
