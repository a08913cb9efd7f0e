#include "kube/controllers/daemon_set_controller.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "kube/controllers/pod_scheduler.hpp"

namespace kube::controllers {
namespace {

constexpr const char* kHashLabel = "controller-revision-hash";
constexpr const char* kComponent = "daemonset-controller";

// The node a daemon pod is meant for: assigned, or still by its affinity.
std::string target_node(const Json& pod) {
    if (const std::string node = text(pod, {"spec", "nodeName"}); !node.empty()) return node;
    for (const Json& term : array(pod, {"spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"})) {
        for (const Json& field : array(term, {"matchFields"})) {
            const Json& values = array(field, {"values"});
            if (text(field, {"key"}) == "metadata.name" && !values.empty() && values.front().is_string()) return values.front().get_ref<const std::string&>();
        }
    }
    return {};
}

}  // namespace

DaemonSetController::DaemonSetController(Context& context)
    : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    subscriptions_.push_back(context_.store.subscribe("daemonsets", [this](const StoreEvent& event) { queue_.add(event.key); }));
    subscriptions_.push_back(context_.store.subscribe("nodes", [this](const StoreEvent&) { sync_all(); }));
    subscriptions_.push_back(context_.store.subscribe("pods", [this](const StoreEvent& event) {
        if (const Json* owner = controller_of(*event.object); owner && text(*owner, {"kind"}) == "DaemonSet") {
            queue_.add({"daemonsets", event.key.ns, text(*owner, {"name"})});
        }
    }));
    sync_all();
}

void DaemonSetController::sync_all() {
    for (const ObjectPtr& set : context_.store.list("daemonsets")) queue_.add(key_of("daemonsets", *set));
}

void DaemonSetController::sync(const ObjectKey& key) {
    const ObjectPtr set = context_.store.get(key);
    if (!set) return queue_.forget_delayed(key);
    if (is_deleting(*set)) return;
    std::vector<std::string> nodes;
    const Json& spec = map(*set, {"spec", "template", "spec"});
    for (const ObjectPtr& node : context_.store.list("nodes")) {
        if (node_admits_daemon(*node, spec)) nodes.push_back(name_of(*node));
    }
    const std::string hash = short_hash(dump(map(*set, {"spec", "template"})));
    std::map<std::string, ObjectPtr> on_node;
    for (const ObjectPtr& pod : claim_pods(context_, *set, map(*set, {"spec", "selector"}))) {
        const std::string node = target_node(*pod);
        const bool wanted = std::find(nodes.begin(), nodes.end(), node) != nodes.end();
        const bool doubled = on_node.contains(node) && !is_deleting(*pod);
        if ((!wanted || doubled || is_finished(*pod)) && !is_deleting(*pod)) {
            delete_object(context_, key_of("pods", *pod));
            context_.events.record(*set, {.reason = "SuccessfulDelete", .message = "Deleted pod: " + name_of(*pod), .component = kComponent});
        }
        on_node[node] = pod;  // while it ends, nothing new is made there
    }
    for (const std::string& node : nodes) {
        if (!on_node.contains(node)) create_on(*set, node, hash);
    }
    update(*set, on_node, hash, static_cast<std::int64_t>(nodes.size()));
    write_status(*set, nodes, hash);
}

void DaemonSetController::create_on(const Json& set, const std::string& node, const std::string& hash) {
    Json pod = pod_from_template(map(set, {"spec", "template"}), set);
    Json& labels = member(pod, {"metadata", "labels"});
    labels[kHashLabel] = hash;
    labels["pod-template-generation"] = std::to_string(integer(set, {"metadata", "generation"}, 1));
    Json& required = member(pod, {"spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"});
    const Json by_name = Json::array({{{"key", "metadata.name"}, {"operator", "In"}, {"values", Json::array({node})}}});
    required["nodeSelectorTerms"] = Json::array({Json{{"matchFields", by_name}}});
    const auto created = create_pod(context_, set, std::move(pod), name_of(set) + "-");
    const std::string message = created ? "Created pod: " + name_of(**created) : "Error creating: " + created.error().message;
    context_.events.record(
        set, {.reason = created ? "SuccessfulCreate" : "FailedCreate", .message = message, .component = kComponent, .warning = !created});
}

void DaemonSetController::update(const Json& set, const std::map<std::string, ObjectPtr>& pods, const std::string& hash,
                                 std::int64_t node_count) {
    if (text(set, {"spec", "updateStrategy", "type"}) == "OnDelete") return;
    const std::int64_t may_be_down =
        std::max<std::int64_t>(1, int_or_percent(find(set, {"spec", "updateStrategy", "rollingUpdate", "maxUnavailable"}), node_count, true, "1"));
    std::int64_t down = 0;
    std::vector<ObjectPtr> outdated_and_ready;
    for (const auto& [node, pod] : pods) {
        const bool outdated = label(*pod, kHashLabel) != hash && !is_deleting(*pod);
        if (!is_ready(*pod) || is_deleting(*pod)) {
            ++down;
            if (outdated) delete_object(context_, key_of("pods", *pod));  // replacing it costs nothing
        } else if (outdated) {
            outdated_and_ready.push_back(pod);
        }
    }
    down += std::max<std::int64_t>(0, node_count - static_cast<std::int64_t>(pods.size()));
    for (const ObjectPtr& pod : outdated_and_ready) {
        if (down >= may_be_down) return;
        ++down;
        delete_object(context_, key_of("pods", *pod));
        context_.events.record(set, {.reason = "SuccessfulDelete", .message = "Deleted pod: " + name_of(*pod), .component = kComponent});
    }
}

void DaemonSetController::write_status(const Json& set, const std::vector<std::string>& nodes, const std::string& hash) {
    const ObjectKey key = key_of("daemonsets", set);
    std::set<std::string> scheduled, misplaced;
    std::int64_t ready = 0, available = 0, updated = 0, wait_ms = -1;
    for (const ObjectPtr& pod : pods_controlled_by(context_, set)) {
        const std::string node = target_node(*pod);
        if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) {
            misplaced.insert(node);
            continue;
        }
        if (is_deleting(*pod)) continue;
        scheduled.insert(node);
        ready += is_ready(*pod);
        available += is_available(*pod, set, context_.now_ms(), &wait_ms);
        updated += label(*pod, kHashLabel) == hash;
    }
    const auto wanted = static_cast<std::int64_t>(nodes.size());
    [[maybe_unused]] const auto written = context_.store.modify(key, [&](Json& changed) {
        Json& status = member(changed, {"status"});
        status["observedGeneration"] = integer(set, {"metadata", "generation"});
        status["desiredNumberScheduled"] = wanted;
        status["currentNumberScheduled"] = scheduled.size();
        status["numberMisscheduled"] = misplaced.size();
        status["numberReady"] = ready;
        for (const auto& [name, value] : {std::pair{"numberAvailable", available}, std::pair{"numberUnavailable", wanted - available},
                                          std::pair{"updatedNumberScheduled", updated}}) {
            if (value > 0) {
                status[name] = value;
            } else {
                status.erase(name);
            }
        }
    });
    if (wait_ms >= 0) queue_.add_after(key, wait_ms);
}

}  // namespace kube::controllers
