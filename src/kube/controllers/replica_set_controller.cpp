#include "kube/controllers/replica_set_controller.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

namespace kube::controllers {
namespace {

// The order in which pods are given up: the least comes first.
auto worth(const Json& pod, std::int64_t now_ms) {
    const std::string phase = text(pod, {"status", "phase"});
    const int phase_rank = phase == "Running" ? 2 : phase == "Unknown" ? 1 : 0;
    std::int64_t cost = 0;
    const std::string noted = annotation(pod, "controller.kubernetes.io/pod-deletion-cost");
    std::from_chars(noted.data(), noted.data() + noted.size(), cost);
    std::int64_t restarts = 0;
    for (const Json& container : array(pod, {"status", "containerStatuses"})) restarts = std::max(restarts, integer(container, {"restartCount"}));
    const Json* ready = condition(pod, "Ready");
    const std::int64_t ready_for_ms = ready && is_ready(pod) ? now_ms - time_ms(*ready, {"lastTransitionTime"}).value_or(now_ms) : 0;
    const std::int64_t age_ms = now_ms - time_ms(pod, {"metadata", "creationTimestamp"}).value_or(now_ms);
    return std::tuple(!text(pod, {"spec", "nodeName"}).empty(), phase_rank, is_ready(pod), cost, ready_for_ms, -restarts, age_ms, name_of(pod));
}

}  // namespace

ReplicaSetController::ReplicaSetController(Context& context)
    : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    subscriptions_.push_back(context_.store.subscribe("replicasets", [this](const StoreEvent& event) { queue_.add(event.key); }));
    subscriptions_.push_back(context_.store.subscribe("pods", [this](const StoreEvent& event) {
        for (const ObjectPtr& state : {event.object, event.previous}) {  // a released pod had its owner before
            const Json* owner = state ? controller_of(*state) : nullptr;
            if (owner && text(*owner, {"kind"}) == "ReplicaSet") queue_.add({"replicasets", event.key.ns, text(*owner, {"name"})});
        }
        if (controller_of(*event.object) || event.type == EventType::deleted) return;
        for (const ObjectPtr& set : context_.store.list("replicasets", event.key.ns)) {  // an orphan somebody may want
            if (selector_matches(map(*set, {"spec", "selector"}), map(*event.object, {"metadata", "labels"}))) {
                queue_.add(key_of("replicasets", *set));
            }
        }
    }));
    for (const ObjectPtr& set : context_.store.list("replicasets")) queue_.add(key_of("replicasets", *set));
}

void ReplicaSetController::sync(const ObjectKey& key) {
    const ObjectPtr set = context_.store.get(key);
    if (!set) return queue_.forget_delayed(key);
    if (!is_deleting(*set)) {
        auto pods = claim_pods(context_, *set, map(*set, {"spec", "selector"}));
        std::erase_if(pods, [](const ObjectPtr& pod) { return !is_active(*pod); });
        const std::int64_t wanted = std::clamp<std::int64_t>(integer(*set, {"spec", "replicas"}, 1), 0, 1'000'000);
        const std::int64_t have = static_cast<std::int64_t>(pods.size());
        if (have < wanted) create_missing(*set, wanted - have);
        if (have > wanted) delete_surplus(*set, std::move(pods), have - wanted);
    }
    write_status(*set);
}

void ReplicaSetController::create_missing(const Json& set, std::int64_t count) {
    constexpr std::int64_t kBurst = 500;  // as kube-controller-manager; the status write brings the next round
    for (std::int64_t i = 0; i < std::min(count, kBurst); ++i) {
        const auto pod = create_pod(context_, set, pod_from_template(map(set, {"spec", "template"}), set), name_of(set) + "-");
        if (!pod) {
            context_.events.record(set, {.reason = "FailedCreate",
                                         .message = "Error creating: " + pod.error().message,
                                         .component = "replicaset-controller",
                                         .warning = true});
            return;
        }
        context_.events.record(
            set, {.reason = "SuccessfulCreate", .message = "Created pod: " + name_of(**pod), .component = "replicaset-controller"});
    }
    if (count > kBurst) queue_.add(key_of("replicasets", set));
}

void ReplicaSetController::delete_surplus(const Json& set, std::vector<ObjectPtr> pods, std::int64_t count) {
    const std::int64_t now_ms = context_.now_ms();
    std::sort(pods.begin(), pods.end(), [&](const ObjectPtr& a, const ObjectPtr& b) { return worth(*a, now_ms) < worth(*b, now_ms); });
    pods.resize(static_cast<std::size_t>(count));
    for (const ObjectPtr& pod : pods) {
        delete_object(context_, key_of("pods", *pod));
        context_.events.record(
            set, {.reason = "SuccessfulDelete", .message = "Deleted pod: " + name_of(*pod), .component = "replicaset-controller"});
    }
}

void ReplicaSetController::write_status(const Json& set) {
    const ObjectKey key = key_of("replicasets", set);
    const Json& template_labels = map(set, {"spec", "template", "metadata", "labels"});
    std::int64_t total = 0, labelled = 0, ready = 0, available = 0, wait_ms = -1;
    for (const ObjectPtr& pod : pods_controlled_by(context_, set)) {
        if (!is_active(*pod)) continue;
        ++total;
        labelled += map_matches(template_labels, map(*pod, {"metadata", "labels"}));
        ready += is_ready(*pod);
        available += is_available(*pod, set, context_.now_ms(), &wait_ms);
    }
    [[maybe_unused]] const auto written = context_.store.modify(key, [&](Json& changed) {
        Json& status = member(changed, {"status"});
        status["replicas"] = total;
        status["observedGeneration"] = integer(set, {"metadata", "generation"});
        for (const auto& [name, value] : {std::pair{"fullyLabeledReplicas", labelled}, std::pair{"readyReplicas", ready},
                                          std::pair{"availableReplicas", available}}) {
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
