#include "kube/controllers/deployment_controller.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace kube::controllers {
namespace {

constexpr std::string_view kHashLabel = "pod-template-hash";
constexpr std::string_view kDesiredAnnotation = "deployment.kubernetes.io/desired-replicas";
constexpr std::string_view kMaxAnnotation = "deployment.kubernetes.io/max-replicas";

// More replicas than any cluster of ours holds count as this many, so that sums stay numbers.
constexpr std::int64_t kMostReplicas = 1'000'000;

std::int64_t desired(const Json& deployment) { return std::clamp<std::int64_t>(integer(deployment, {"spec", "replicas"}, 1), 0, kMostReplicas); }
std::int64_t size_of(const Json& set) { return std::clamp<std::int64_t>(integer(set, {"spec", "replicas"}, 0), 0, kMostReplicas); }
std::int64_t available_of(const Json& set) { return integer(set, {"status", "availableReplicas"}); }

std::int64_t number(const std::string& text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::int64_t revision_of(const Json& object) { return number(annotation(object, kRevisionAnnotation)); }

bool is_recreate(const Json& deployment) { return text(deployment, {"spec", "strategy", "type"}) == "Recreate"; }

struct Bounds {
    std::int64_t surge = 0;
    std::int64_t unavailable = 0;
};

// maxSurge rounds up, maxUnavailable down; both zero would never move, so one may then be unavailable.
Bounds rolling_bounds(const Json& deployment) {
    if (is_recreate(deployment)) return {0, desired(deployment)};
    const std::int64_t total = desired(deployment);
    Bounds bounds{int_or_percent(find(deployment, {"spec", "strategy", "rollingUpdate", "maxSurge"}), total, true, "25%"),
                  int_or_percent(find(deployment, {"spec", "strategy", "rollingUpdate", "maxUnavailable"}), total, false, "25%")};
    bounds.unavailable = std::min(bounds.unavailable, total);
    if (bounds.surge == 0 && bounds.unavailable == 0) bounds.unavailable = 1;
    return bounds;
}

// The template without the label that the hash adds.
Json comparable_template(const Json& object) {
    Json copy = map(object, {"spec", "template"});
    if (Json& labels = member(copy, {"metadata", "labels"}); labels.contains(kHashLabel)) labels.erase(std::string(kHashLabel));
    member(copy, {"metadata"}).erase("creationTimestamp");
    return copy;
}

std::int64_t sum(const std::vector<ObjectPtr>& sets, std::int64_t (*of)(const Json&)) {
    std::int64_t total = 0;
    for (const ObjectPtr& set : sets) total += of(*set);
    return total;
}

bool older(const ObjectPtr& a, const ObjectPtr& b) {
    const auto created = [](const ObjectPtr& set) { return text(*set, {"metadata", "creationTimestamp"}); };
    return std::pair(created(a), revision_of(*a)) < std::pair(created(b), revision_of(*b));
}

}  // namespace

std::vector<ObjectPtr> DeploymentController::ReplicaSets::all() const {
    std::vector<ObjectPtr> sets = old;
    if (newest) sets.push_back(newest);
    return sets;
}

DeploymentController::DeploymentController(Context& context)
    : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    subscriptions_.push_back(context_.store.subscribe("deployments", [this](const StoreEvent& event) { queue_.add(event.key); }));
    subscriptions_.push_back(context_.store.subscribe("replicasets", [this](const StoreEvent& event) {
        if (const Json* owner = controller_of(*event.object); owner && text(*owner, {"kind"}) == "Deployment") {
            queue_.add({"deployments", event.key.ns, text(*owner, {"name"})});
        }
    }));
    // Recreate waits for the last old pod.
    subscriptions_.push_back(context_.store.subscribe("pods", [this](const StoreEvent& event) {
        if (event.type != EventType::deleted) return;
        const Json* set_reference = controller_of(*event.object);
        if (!set_reference || text(*set_reference, {"kind"}) != "ReplicaSet") return;
        const ObjectPtr set = context_.store.get({"replicasets", event.key.ns, text(*set_reference, {"name"})});
        const Json* owner = set ? controller_of(*set) : nullptr;
        if (owner && text(*owner, {"kind"}) == "Deployment") queue_.add({"deployments", event.key.ns, text(*owner, {"name"})});
    }));
    for (const ObjectPtr& deployment : context_.store.list("deployments")) queue_.add(key_of("deployments", *deployment));
}

void DeploymentController::sync(const ObjectKey& key) {
    const ObjectPtr deployment = context_.store.get(key);
    if (!deployment) return queue_.forget_delayed(key);
    if (is_deleting(*deployment)) return;
    const bool paused = flag(*deployment, {"spec", "paused"});
    ReplicaSets sets = find_replica_sets(*deployment);
    ensure_newest(*deployment, sets, false);

    const auto scaled = std::any_of(sets.old.begin(), sets.old.end(), [&](const ObjectPtr& set) {
        const std::string noted = annotation(*set, kDesiredAnnotation);
        return size_of(*set) > 0 && !noted.empty() && number(noted) != desired(*deployment);
    }) || (sets.newest && size_of(*sets.newest) > 0 && number(annotation(*sets.newest, kDesiredAnnotation)) != desired(*deployment));
    if (paused || scaled) {
        scale_proportionally(*deployment, sets);
    } else if (is_recreate(*deployment)) {
        recreate(*deployment, sets);
    } else {
        ensure_newest(*deployment, sets, true);
        if (sets.newest) roll(*deployment, sets);
    }
    if (!paused) clean_up_history(*deployment, sets);
    write_status(*deployment, sets);
}

DeploymentController::ReplicaSets DeploymentController::find_replica_sets(const Json& deployment) {
    ReplicaSets sets;
    const Json& selector = map(deployment, {"spec", "selector"});
    for (ObjectPtr set : context_.store.list("replicasets", namespace_of(deployment))) {
        if (!controller_of(*set) && !is_deleting(*set) && selector_matches(selector, map(*set, {"metadata", "labels"}))) {
            const auto adopted = context_.store.modify(key_of("replicasets", *set), [&](Json& changed) {
                list_member(changed, {"metadata", "ownerReferences"}).push_back(owner_reference(deployment));
            });
            if (adopted) set = *adopted;
        }
        if (is_controlled_by(*set, deployment)) sets.old.push_back(std::move(set));
    }
    std::sort(sets.old.begin(), sets.old.end(), older);
    const Json wanted = comparable_template(deployment);
    const auto it = std::find_if(sets.old.begin(), sets.old.end(),
                                 [&](const ObjectPtr& set) { return !is_deleting(*set) && comparable_template(*set) == wanted; });
    if (it != sets.old.end()) {
        sets.newest = *it;
        sets.old.erase(it);
    }
    return sets;
}

void DeploymentController::ensure_newest(const Json& deployment, ReplicaSets& sets, bool create) {
    std::int64_t revision = 1;
    for (const ObjectPtr& set : sets.old) revision = std::max(revision, revision_of(*set) + 1);
    if (sets.newest) {
        revision = std::max(revision, revision_of(*sets.newest));
        if (revision_of(*sets.newest) < revision) {  // an older template is wanted again
            const auto raised = context_.store.modify(key_of("replicasets", *sets.newest), [&](Json& changed) {
                member(changed, {"metadata", "annotations"})[std::string(kRevisionAnnotation)] = std::to_string(revision);
            });
            if (raised) sets.newest = *raised;
        }
    } else if (create) {
        create_newest(deployment, sets, revision);
    }
    if (sets.newest && annotation(deployment, kRevisionAnnotation) != std::to_string(revision)) {
        [[maybe_unused]] const auto noted = context_.store.modify(key_of("deployments", deployment), [&](Json& changed) {
            member(changed, {"metadata", "annotations"})[std::string(kRevisionAnnotation)] = std::to_string(revision);
        });
    }
}

void DeploymentController::create_newest(const Json& deployment, ReplicaSets& sets, std::int64_t revision) {
    const ObjectKey owner_key = key_of("deployments", deployment);
    const std::int64_t collisions = integer(deployment, {"status", "collisionCount"});
    const std::string hash = short_hash(dump(comparable_template(deployment)) + (collisions ? std::to_string(collisions) : ""));
    Json set{{"apiVersion", "apps/v1"}, {"kind", "ReplicaSet"}, {"metadata", Json::object()}, {"spec", Json::object()}};
    set["spec"]["template"] = map(deployment, {"spec", "template"});
    member(set, {"spec", "template", "metadata", "labels"})[std::string(kHashLabel)] = hash;
    set["spec"]["selector"] = map(deployment, {"spec", "selector"});
    member(set, {"spec", "selector", "matchLabels"})[std::string(kHashLabel)] = hash;
    set["spec"]["minReadySeconds"] = integer(deployment, {"spec", "minReadySeconds"});
    const std::int64_t size = newest_size(deployment, sets);
    set["spec"]["replicas"] = size;
    Json& metadata = set["metadata"];
    metadata["labels"] = map(set, {"spec", "template", "metadata", "labels"});
    metadata["ownerReferences"] = Json::array({owner_reference(deployment)});
    metadata["annotations"] = {{std::string(kRevisionAnnotation), std::to_string(revision)},
                               {std::string(kDesiredAnnotation), std::to_string(desired(deployment))},
                               {std::string(kMaxAnnotation), std::to_string(desired(deployment) + rolling_bounds(deployment).surge)}};
    set["status"] = {{"replicas", 0}};
    const std::string name = joined_name(name_of(deployment), hash, 253);
    const auto created = context_.store.create({"replicasets", owner_key.ns, name}, std::move(set));
    if (!created) {
        // Somebody else's ReplicaSet has this name: another hash next time, as apps/v1's collisionCount does.
        if (created.error().code == base::ErrorCode::conflict) {
            [[maybe_unused]] const auto noted = context_.store.modify(
                owner_key, [&](Json& changed) { member(changed, {"status"})["collisionCount"] = collisions + 1; });
        }
        return;
    }
    sets.newest = *created;
    if (size > 0) {
        context_.events.record(deployment, {.reason = "ScalingReplicaSet",
                                            .message = "Scaled up replica set " + name + " from 0 to " + std::to_string(size),
                                            .component = "deployment-controller"});
    }
    [[maybe_unused]] const auto progressed = context_.store.modify(owner_key, [&](Json& changed) {
        set_condition(member(changed, {"status"}), "Progressing", "True", "NewReplicaSetCreated",
                      "Created new replica set \"" + name + "\"", context_.now_ms(), true);
    });
}

// How large the newest ReplicaSet may be now.
std::int64_t DeploymentController::newest_size(const Json& deployment, const ReplicaSets& sets) const {
    const std::int64_t wanted = desired(deployment);
    const std::int64_t now = sets.newest ? size_of(*sets.newest) : 0;
    if (is_recreate(deployment)) return wanted;
    const std::int64_t room = wanted + rolling_bounds(deployment).surge - sum(sets.all(), size_of);
    return room <= 0 ? now : now + std::min(room, std::max<std::int64_t>(0, wanted - now));
}

void DeploymentController::scale(const Json& deployment, ObjectPtr& set, std::int64_t replicas) {
    const std::int64_t before = size_of(*set);
    const auto written = context_.store.modify(key_of("replicasets", *set), [&](Json& changed) {
        member(changed, {"spec"})["replicas"] = replicas;
        Json& notes = member(changed, {"metadata", "annotations"});
        notes[std::string(kDesiredAnnotation)] = std::to_string(desired(deployment));
        notes[std::string(kMaxAnnotation)] = std::to_string(desired(deployment) + rolling_bounds(deployment).surge);
    });
    if (!written) return;
    const std::string name = name_of(*set);
    set = *written;
    if (before == replicas) return;
    context_.events.record(deployment, {.reason = "ScalingReplicaSet",
                                        .message = std::string("Scaled ") + (replicas > before ? "up" : "down") + " replica set " + name +
                                                   " from " + std::to_string(before) + " to " + std::to_string(replicas),
                                        .component = "deployment-controller"});
}

// spec.replicas changed (or the rollout is paused): one active set takes the number; in the middle of a rollout the
// difference is shared out in proportion, the largest set first.
void DeploymentController::scale_proportionally(const Json& deployment, ReplicaSets& sets) {
    std::vector<ObjectPtr*> active;
    for (ObjectPtr& set : sets.old) {
        if (size_of(*set) > 0) active.push_back(&set);
    }
    if (sets.newest && (size_of(*sets.newest) > 0 || active.empty())) active.push_back(&sets.newest);
    if (active.empty()) return;
    const std::int64_t wanted = desired(deployment);
    if (active.size() == 1) return scale(deployment, *active.front(), wanted);
    const bool saturated = sets.newest && size_of(*sets.newest) == wanted && available_of(*sets.newest) == wanted;
    if (saturated || wanted == 0) {
        for (ObjectPtr* set : active) {
            if (set != &sets.newest || wanted == 0) scale(deployment, *set, 0);
        }
        if (sets.newest) scale(deployment, sets.newest, wanted);
        return;
    }
    std::int64_t total = 0;
    for (ObjectPtr* set : active) total += size_of(**set);
    const std::int64_t allowed = wanted + rolling_bounds(deployment).surge;
    std::int64_t to_add = allowed - total;
    std::stable_sort(active.begin(), active.end(), [](ObjectPtr* a, ObjectPtr* b) { return size_of(**a) > size_of(**b); });
    if (to_add > 0) std::stable_partition(active.begin(), active.end(), [&](ObjectPtr* set) { return set == &sets.newest; });
    std::vector<std::int64_t> sizes;
    for (ObjectPtr* set : active) {
        const std::int64_t before = size_of(**set);
        const std::int64_t noted = std::max<std::int64_t>(1, number(annotation(**set, kMaxAnnotation)));
        const std::int64_t share = before * allowed / noted - before;
        const std::int64_t step = to_add > 0 ? std::clamp<std::int64_t>(share, 0, to_add) : std::clamp<std::int64_t>(share, to_add, 0);
        sizes.push_back(std::max<std::int64_t>(0, before + step));
        to_add -= sizes.back() - before;
    }
    sizes.front() = std::max<std::int64_t>(0, sizes.front() + to_add);  // what rounding left over
    for (std::size_t i = 0; i < active.size(); ++i) scale(deployment, *active[i], sizes[i]);
}

void DeploymentController::roll(const Json& deployment, ReplicaSets& sets) {
    const std::int64_t size = size_of(*sets.newest);
    const std::int64_t next = size > desired(deployment) ? desired(deployment) : newest_size(deployment, sets);
    if (next != size) scale(deployment, sets.newest, next);
    roll_down_old(deployment, sets);
}

void DeploymentController::roll_down_old(const Json& deployment, ReplicaSets& sets) {
    const std::int64_t old_total = sum(sets.old, size_of);
    if (old_total == 0) return;
    const std::int64_t min_available = desired(deployment) - rolling_bounds(deployment).unavailable;
    const std::int64_t newest_unavailable = size_of(*sets.newest) - available_of(*sets.newest);
    std::int64_t may_go = old_total + size_of(*sets.newest) - min_available - newest_unavailable;
    if (may_go <= 0) return;
    // First the replicas that serve nobody, then as many as the available ones can spare.
    for (ObjectPtr& set : sets.old) {
        const std::int64_t gone = std::min(may_go, std::max<std::int64_t>(0, size_of(*set) - available_of(*set)));
        if (gone > 0) {
            scale(deployment, set, size_of(*set) - gone);
            may_go -= gone;
        }
    }
    std::int64_t spare = std::min(may_go, sum(sets.all(), available_of) - min_available);
    for (ObjectPtr& set : sets.old) {
        const std::int64_t gone = std::min(spare, size_of(*set));
        if (gone > 0) {
            scale(deployment, set, size_of(*set) - gone);
            spare -= gone;
        }
    }
}

void DeploymentController::recreate(const Json& deployment, ReplicaSets& sets) {
    bool scaled = false;
    bool pods_left = false;
    for (ObjectPtr& set : sets.old) {
        if (size_of(*set) > 0) {
            scale(deployment, set, 0);
            scaled = true;
        }
        for (const ObjectPtr& pod : pods_controlled_by(context_, *set)) pods_left = pods_left || !is_finished(*pod);
    }
    if (scaled || pods_left) return;
    ensure_newest(deployment, sets, true);
    if (sets.newest && size_of(*sets.newest) != desired(deployment)) scale(deployment, sets.newest, desired(deployment));
}

void DeploymentController::clean_up_history(const Json& deployment, ReplicaSets& sets) {
    const std::int64_t limit = std::max<std::int64_t>(0, integer(deployment, {"spec", "revisionHistoryLimit"}, 10));
    std::vector<ObjectPtr> idle;
    for (const ObjectPtr& set : sets.old) {
        const bool empty = size_of(*set) == 0 && integer(*set, {"status", "replicas"}) == 0 && !is_deleting(*set) &&
                           integer(*set, {"status", "observedGeneration"}) >= integer(*set, {"metadata", "generation"});
        if (empty) idle.push_back(set);
    }
    std::sort(idle.begin(), idle.end(), [](const ObjectPtr& a, const ObjectPtr& b) { return revision_of(*a) < revision_of(*b); });
    for (std::size_t i = 0; i + static_cast<std::size_t>(limit) < idle.size(); ++i) {
        std::erase(sets.old, idle[i]);
        delete_object(context_, key_of("replicasets", *idle[i]));
    }
}

void DeploymentController::write_status(const Json& deployment, const ReplicaSets& sets) {
    const ObjectKey key = key_of("deployments", deployment);
    const auto field_sum = [](const std::vector<ObjectPtr>& list, std::string_view name) {
        std::int64_t total = 0;
        for (const ObjectPtr& set : list) total += integer(*set, {"status", name});
        return total;
    };
    const auto all = sets.all();
    const std::int64_t wanted = desired(deployment);
    const std::int64_t available = field_sum(all, "availableReplicas");
    const std::int64_t total = field_sum(all, "replicas");
    [[maybe_unused]] const auto written = context_.store.modify(key, [&](Json& changed) {
        const Json before = map(changed, {"status"});
        Json& status = member(changed, {"status"});
        status["observedGeneration"] = integer(deployment, {"metadata", "generation"});
        const auto count = [&](const char* name, std::int64_t value) {
            if (value > 0) {
                status[name] = value;
            } else {
                status.erase(name);  // omitempty
            }
        };
        count("replicas", total);
        count("updatedReplicas", sets.newest ? integer(*sets.newest, {"status", "replicas"}) : 0);
        count("readyReplicas", field_sum(all, "readyReplicas"));
        count("availableReplicas", available);
        count("unavailableReplicas", std::max<std::int64_t>(0, std::max(wanted, total) - available));
        const bool enough = available >= wanted - rolling_bounds(deployment).unavailable;
        set_condition(status, "Available", enough ? "True" : "False",
                      enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                      enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
                      context_.now_ms(), true);
        write_progress(deployment, sets, status, before);
    });
}

void DeploymentController::write_progress(const Json& deployment, const ReplicaSets& sets, Json& status, const Json& before) {
    const ObjectKey key = key_of("deployments", deployment);
    const std::int64_t now_ms = context_.now_ms();
    const Json* known = nullptr;
    for (const Json& each : array(status, {"conditions"})) {
        if (text(each, {"type"}) == "Progressing") known = &each;
    }
    if (flag(deployment, {"spec", "paused"})) {
        set_condition(status, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused", now_ms, true);
        return;
    }
    if (known && text(*known, {"reason"}) == "DeploymentPaused") {
        set_condition(status, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed", now_ms, true);
        return queue_.add(key);
    }
    const std::int64_t wanted = desired(deployment);
    const std::int64_t updated = integer(status, {"updatedReplicas"});
    const std::int64_t available = integer(status, {"availableReplicas"});
    const std::string set_name = sets.newest ? name_of(*sets.newest) : std::string();
    if (updated == wanted && integer(status, {"replicas"}) == wanted && available >= wanted) {
        set_condition(status, "Progressing", "True", "NewReplicaSetAvailable",
                      "ReplicaSet \"" + set_name + "\" has successfully progressed.", now_ms, true);
        queue_.forget_delayed(key);
        return;
    }
    const bool moved = updated > integer(before, {"updatedReplicas"}) || available > integer(before, {"availableReplicas"}) ||
                       integer(status, {"readyReplicas"}) > integer(before, {"readyReplicas"}) ||
                       integer(status, {"replicas"}) - updated < integer(before, {"replicas"}) - integer(before, {"updatedReplicas"});
    const std::string reason = known ? text(*known, {"reason"}) : std::string();
    if (moved || !known || reason == "NewReplicaSetAvailable") {
        set_condition(status, "Progressing", "True", "ReplicaSetUpdated", "ReplicaSet \"" + set_name + "\" is progressing.", now_ms, true);
        for (Json& each : list_member(status, {"conditions"})) {
            if (text(each, {"type"}) == "Progressing") each["lastUpdateTime"] = format_time(now_ms);
        }
    }
    const std::int64_t deadline_ms = seconds_as_ms(deployment, {"spec", "progressDeadlineSeconds"}, 600);
    if (reason == "ProgressDeadlineExceeded" && !moved) return;
    std::int64_t progressed_ms = now_ms;
    for (const Json& each : array(status, {"conditions"})) {
        if (text(each, {"type"}) == "Progressing") progressed_ms = time_ms(each, {"lastUpdateTime"}).value_or(now_ms);
    }
    const std::int64_t left_ms = progressed_ms + deadline_ms - now_ms;
    if (left_ms > 0) return queue_.add_after(key, left_ms);
    set_condition(status, "Progressing", "False", "ProgressDeadlineExceeded",
                  "ReplicaSet \"" + set_name + "\" has timed out progressing.", now_ms, true);
}

}  // namespace kube::controllers
