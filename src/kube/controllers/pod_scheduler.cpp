#include "kube/controllers/pod_scheduler.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace kube::controllers {
namespace {

bool tolerates(const Json& pod_spec, const Json& taint) {
    for (const Json& toleration : array(pod_spec, {"tolerations"})) {
        const std::string effect = text(toleration, {"effect"});
        if (!effect.empty() && effect != text(taint, {"effect"})) continue;
        const std::string key = text(toleration, {"key"});
        const bool exists = text(toleration, {"operator"}) == "Exists";
        if (key.empty() && exists) return true;
        if (key != text(taint, {"key"})) continue;
        if (exists || text(toleration, {"value"}) == text(taint, {"value"})) return true;
    }
    return false;
}

// The first taint that keeps the pod away, or null.
const Json* blocking_taint(const Json& node, const Json& pod_spec) {
    for (const Json& taint : array(node, {"spec", "taints"})) {
        const std::string effect = text(taint, {"effect"});
        if ((effect == "NoSchedule" || effect == "NoExecute") && !tolerates(pod_spec, taint)) return &taint;
    }
    return nullptr;
}

bool term_matches(const Json& term, const Json& node) {
    const Json& expressions = array(term, {"matchExpressions"});
    const Json& fields = array(term, {"matchFields"});
    if (expressions.empty() && fields.empty()) return false;
    if (!expressions.empty() && !selector_matches(Json{{"matchExpressions", expressions}}, map(node, {"metadata", "labels"}))) return false;
    const Json field_values{{"metadata.name", name_of(node)}};
    return fields.empty() || selector_matches(Json{{"matchExpressions", fields}}, field_values);
}

bool affinity_matches(const Json& node, const Json& pod_spec) {
    if (const Json& selector = map(pod_spec, {"nodeSelector"}); !map_matches(selector, map(node, {"metadata", "labels"}))) return false;
    const Json* terms = find(pod_spec, {"affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"});
    if (!terms || !terms->is_array()) return true;
    return std::any_of(terms->begin(), terms->end(), [&](const Json& term) { return term_matches(term, node); });
}

struct Request {
    std::int64_t cpu_milli = 0;
    std::int64_t memory_bytes = 0;
};

// Limits stand in for missing requests; init containers run alone, so the largest of them counts.
Request request_of(const Json& pod) {
    const auto of = [](const Json& container) {
        const auto either = [&](std::string_view resource) {
            const Json* request = find(container, {"resources", "requests", resource});
            return request ? request : find(container, {"resources", "limits", resource});
        };
        return Request{milli_cores(either("cpu")), bytes(either("memory"))};
    };
    Request total;
    for (const Json& container : array(pod, {"spec", "containers"})) {
        const Request each = of(container);
        total.cpu_milli += each.cpu_milli;
        total.memory_bytes += each.memory_bytes;
    }
    for (const Json& container : array(pod, {"spec", "initContainers"})) {
        const Request each = of(container);
        total.cpu_milli = std::max(total.cpu_milli, each.cpu_milli);
        total.memory_bytes = std::max(total.memory_bytes, each.memory_bytes);
    }
    return total;
}

}  // namespace

bool node_admits_daemon(const Json& node, const Json& pod_spec) {
    if (!affinity_matches(node, pod_spec)) return false;
    const Json* taint = blocking_taint(node, pod_spec);
    return !taint || text(*taint, {"key"}).starts_with("node.kubernetes.io/");  // daemons tolerate a node's troubles
}

PodScheduler::PodScheduler(Context& context)
    : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    subscriptions_.push_back(context_.store.subscribe("pods", [this](const StoreEvent& event) {
        if (event.type == EventType::added) queue_.add(event.key);
        const bool ended = event.type == EventType::modified && is_finished(*event.object) && event.previous && !is_finished(*event.previous);
        if (event.type == EventType::deleted || ended) retry_pending();
    }));
    subscriptions_.push_back(context_.store.subscribe("nodes", [this](const StoreEvent&) { retry_pending(); }));
    subscriptions_.push_back(context_.store.subscribe("persistentvolumeclaims", [this](const StoreEvent&) { retry_pending(); }));
    retry_pending();
}

void PodScheduler::retry_pending() {
    std::vector<ObjectPtr> pending = context_.store.list("pods");
    std::erase_if(pending, [](const ObjectPtr& pod) { return !text(*pod, {"spec", "nodeName"}).empty() || is_deleting(*pod); });
    // Who waits longest comes first.
    std::stable_sort(pending.begin(), pending.end(), [](const ObjectPtr& a, const ObjectPtr& b) {
        return text(*a, {"metadata", "creationTimestamp"}) < text(*b, {"metadata", "creationTimestamp"});
    });
    for (const ObjectPtr& pod : pending) queue_.add(key_of("pods", *pod));
}

std::map<std::string, PodScheduler::Usage> PodScheduler::usage_by_node() const {
    std::map<std::string, Usage> usage;
    for (const ObjectPtr& pod : context_.store.list("pods")) {
        const std::string node = text(*pod, {"spec", "nodeName"});
        if (node.empty() || is_finished(*pod)) continue;
        const Request request = request_of(*pod);
        Usage& on_node = usage[node];
        on_node.cpu_milli += request.cpu_milli;
        on_node.memory_bytes += request.memory_bytes;
        ++on_node.pods;
    }
    return usage;
}

std::string PodScheduler::claim_problem(const Json& pod) const {
    for (const Json& volume : array(pod, {"spec", "volumes"})) {
        const std::string claim = text(volume, {"persistentVolumeClaim", "claimName"});
        if (claim.empty()) continue;
        const ObjectPtr found = context_.store.get({"persistentvolumeclaims", namespace_of(pod), claim});
        if (!found) return "persistentvolumeclaim \"" + claim + "\" not found";
        if (is_deleting(*found)) return "persistentvolumeclaim \"" + claim + "\" is being deleted";
        if (text(*found, {"status", "phase"}) != "Bound") return "pod has unbound immediate PersistentVolumeClaims";
    }
    return {};
}

void PodScheduler::sync(const ObjectKey& key) {
    const ObjectPtr pod = context_.store.get(key);
    if (!pod || is_deleting(*pod) || is_finished(*pod) || !text(*pod, {"spec", "nodeName"}).empty()) return;
    if (const std::string name = text(*pod, {"spec", "schedulerName"}, "default-scheduler"); !name.empty() && name != "default-scheduler") return;
    const auto nodes = context_.store.list("nodes");
    const std::string prefix = "0/" + std::to_string(nodes.size()) + " nodes are available: ";
    if (const std::string problem = claim_problem(*pod); !problem.empty()) return report_unschedulable(*pod, prefix + problem + ".");

    auto usage = usage_by_node();
    const Request request = request_of(*pod);
    const Json& spec = map(*pod, {"spec"});
    std::map<std::string, int> refusals;
    const bool is_daemon = controller_of(*pod) && text(*controller_of(*pod), {"kind"}) == "DaemonSet";
    std::optional<std::pair<double, std::string>> best;
    for (const ObjectPtr& node : nodes) {
        const Usage& used = usage[name_of(*node)];
        const std::int64_t cpu = milli_cores(find(*node, {"status", "allocatable", "cpu"}));
        const std::int64_t memory = bytes(find(*node, {"status", "allocatable", "memory"}));
        const Json* slots = find(*node, {"status", "allocatable", "pods"});
        bool refused = false;
        const auto refuse = [&](const std::string& why) {
            ++refusals[why];
            refused = true;
        };
        if (flag(*node, {"spec", "unschedulable"}) && !is_daemon) {
            refuse("node(s) were unschedulable");
        } else if (!condition_is(*node, "Ready", "True")) {
            refuse("node(s) were not ready");
        } else if (const Json* taint = blocking_taint(*node, spec); taint && !(is_daemon && node_admits_daemon(*node, spec))) {
            refuse("node(s) had untolerated taint {" + text(*taint, {"key"}) + ": " + text(*taint, {"value"}) + "}");
        } else if (!affinity_matches(*node, spec)) {
            refuse("node(s) didn't match Pod's node affinity/selector");
        } else {
            if (used.pods + 1 > bytes(slots)) refuse("Too many pods");
            if (request.cpu_milli > 0 && used.cpu_milli + request.cpu_milli > cpu) refuse("Insufficient cpu");
            if (request.memory_bytes > 0 && used.memory_bytes + request.memory_bytes > memory) refuse("Insufficient memory");
        }
        if (refused) continue;
        const double load = static_cast<double>(used.cpu_milli + request.cpu_milli) / static_cast<double>(std::max<std::int64_t>(1, cpu)) +
                            static_cast<double>(used.memory_bytes + request.memory_bytes) / static_cast<double>(std::max<std::int64_t>(1, memory)) +
                            static_cast<double>(used.pods) / 110.0;
        if (!best || load < best->first) best.emplace(load, name_of(*node));
    }
    if (best) return bind(*pod, best->second);
    if (nodes.empty()) return report_unschedulable(*pod, "no nodes available to schedule pods");
    std::string message = prefix;
    for (const auto& [why, count] : refusals) message += std::to_string(count) + " " + why + ", ";
    message.replace(message.size() - 2, 2, ".");
    report_unschedulable(*pod, message);
}

void PodScheduler::bind(const Json& pod, const std::string& node) {
    const auto bound = context_.store.modify(key_of("pods", pod), [&](Json& changed) {
        member(changed, {"spec"})["nodeName"] = node;
        Json& status = member(changed, {"status"});
        if (text(status, {"phase"}).empty()) status["phase"] = "Pending";
        set_condition(status, "PodScheduled", "True", {}, {}, context_.now_ms());
    });
    if (!bound) return;
    context_.events.record(pod, {.reason = "Scheduled",
                                 .message = "Successfully assigned " + namespace_of(pod) + "/" + name_of(pod) + " to " + node,
                                 .component = "default-scheduler"});
}

void PodScheduler::report_unschedulable(const Json& pod, const std::string& message) {
    const Json* known = condition(pod, "PodScheduled");
    if (known && text(*known, {"message"}) == message) return;  // said already
    [[maybe_unused]] const auto written = context_.store.modify(key_of("pods", pod), [&](Json& changed) {
        Json& status = member(changed, {"status"});
        if (text(status, {"phase"}).empty()) status["phase"] = "Pending";
        set_condition(status, "PodScheduled", "False", "Unschedulable", message, context_.now_ms());
    });
    context_.events.record(pod, {.reason = "FailedScheduling", .message = message, .component = "default-scheduler", .warning = true});
}

}  // namespace kube::controllers
