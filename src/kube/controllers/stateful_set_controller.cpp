#include "kube/controllers/stateful_set_controller.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace kube::controllers {
namespace {

constexpr const char* kRevisionLabel = "controller-revision-hash";
constexpr const char* kComponent = "statefulset-controller";

std::int64_t desired(const Json& set) { return std::clamp<std::int64_t>(integer(set, {"spec", "replicas"}, 1), 0, 1'000'000); }
std::int64_t first_ordinal(const Json& set) { return std::clamp<std::int64_t>(integer(set, {"spec", "ordinals", "start"}, 0), 0, 1'000'000); }
bool is_parallel(const Json& set) { return text(set, {"spec", "podManagementPolicy"}) == "Parallel"; }

// -1 when the name is not `<set>-<number>`.
std::int64_t ordinal_of(const Json& set, const Json& pod) {
    const std::string prefix = name_of(set) + "-";
    const std::string name = name_of(pod);
    if (!name.starts_with(prefix)) return -1;
    std::int64_t ordinal = -1;
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, ordinal);
    return error == std::errc{} && stop == end ? ordinal : -1;
}

std::map<std::int64_t, ObjectPtr> by_ordinal(const Json& set, const std::vector<ObjectPtr>& pods) {
    std::map<std::int64_t, ObjectPtr> found;
    for (const ObjectPtr& pod : pods) {
        if (const std::int64_t ordinal = ordinal_of(set, *pod); ordinal >= 0) found[ordinal] = pod;
    }
    return found;
}

bool is_healthy(const Json& pod) { return is_ready(pod) && !is_deleting(pod); }

}  // namespace

StatefulSetController::StatefulSetController(Context& context)
    : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    subscriptions_.push_back(context_.store.subscribe("statefulsets", [this](const StoreEvent& event) { queue_.add(event.key); }));
    subscriptions_.push_back(context_.store.subscribe("pods", [this](const StoreEvent& event) {
        if (const Json* owner = controller_of(*event.object); owner && text(*owner, {"kind"}) == "StatefulSet") {
            queue_.add({"statefulsets", event.key.ns, text(*owner, {"name"})});
        }
    }));
    for (const ObjectPtr& set : context_.store.list("statefulsets")) queue_.add(key_of("statefulsets", *set));
}

void StatefulSetController::sync(const ObjectKey& key) {
    const ObjectPtr set = context_.store.get(key);
    if (!set) return queue_.forget_delayed(key);
    if (is_deleting(*set)) return;
    const Revisions known = revisions(*set);
    const auto pods = by_ordinal(*set, claim_pods(context_, *set, map(*set, {"spec", "selector"})));
    if (!fill(*set, pods, known) && !shrink(*set, pods)) update(*set, pods, known);
    write_status(*set, known);
    trim_revisions(*set, known);
}

StatefulSetController::Revisions StatefulSetController::revisions(const Json& set) {
    const Json& pod_template = map(set, {"spec", "template"});
    Revisions found;
    found.update = joined_name(name_of(set), short_hash(dump(pod_template)), 253);
    const ObjectKey key{"controllerrevisions", namespace_of(set), found.update};
    std::int64_t newest = 0;
    for (const ObjectPtr& revision : context_.store.list("controllerrevisions", key.ns)) {
        if (is_controlled_by(*revision, set)) newest = std::max(newest, integer(*revision, {"revision"}));
    }
    if (const ObjectPtr known = context_.store.get(key); !known) {
        Json revision{{"apiVersion", "apps/v1"},
                      {"kind", "ControllerRevision"},
                      {"metadata", {{"labels", map(set, {"spec", "template", "metadata", "labels"})}, {"ownerReferences", Json::array({owner_reference(set)})}}},
                      {"data", {{"spec", {{"template", pod_template}}}}},
                      {"revision", newest + 1}};
        [[maybe_unused]] const auto created = context_.store.create(key, std::move(revision));
    } else if (integer(*known, {"revision"}) < newest) {  // an older template again
        [[maybe_unused]] const auto raised = context_.store.modify(key, [&](Json& changed) { changed["revision"] = newest + 1; });
    }
    found.current = text(set, {"status", "currentRevision"});
    if (found.current.empty() || !context_.store.get({"controllerrevisions", key.ns, found.current})) found.current = found.update;
    return found;
}

Json StatefulSetController::template_of(const Json& set, const std::string& revision) const {
    const ObjectPtr kept = context_.store.get({"controllerrevisions", namespace_of(set), revision});
    return kept ? map(*kept, {"data", "spec", "template"}) : map(set, {"spec", "template"});
}

bool StatefulSetController::fill(const Json& set, const std::map<std::int64_t, ObjectPtr>& pods, const Revisions& known) {
    constexpr int kBurst = 500;  // the status write brings the next round
    int created = 0;
    for (std::int64_t ordinal = first_ordinal(set); ordinal < first_ordinal(set) + desired(set); ++ordinal) {
        const auto it = pods.find(ordinal);
        const bool parallel = is_parallel(set);
        if (it == pods.end()) {
            if (!create_ordinal(set, ordinal, known)) return true;
            if (!parallel || ++created == kBurst) return true;
            continue;
        }
        if (is_finished(*it->second) && !is_deleting(*it->second)) {  // it will be made anew
            context_.events.record(set, {.reason = "RecreatingFailedPod",
                                         .message = "StatefulSet " + namespace_of(set) + "/" + name_of(set) + " is recreating failed Pod " + name_of(*it->second),
                                         .component = kComponent,
                                         .warning = true});
            delete_object(context_, key_of("pods", *it->second));
            return true;
        }
        if (is_healthy(*it->second) || parallel) continue;
        // A pod of an old template that does not come up would block its own repair: let the update replace it.
        const bool outdated = label(*it->second, kRevisionLabel) != known.update && !is_deleting(*it->second);
        return !outdated;
    }
    return created > 0;
}

bool StatefulSetController::create_ordinal(const Json& set, std::int64_t ordinal, const Revisions& known) {
    const std::string name = name_of(set) + "-" + std::to_string(ordinal);
    const std::int64_t partition = std::clamp<std::int64_t>(integer(set, {"spec", "updateStrategy", "rollingUpdate", "partition"}, 0), 0, 1'000'000);
    const std::string& revision = ordinal < first_ordinal(set) + partition ? known.current : known.update;
    Json pod = pod_from_template(template_of(set, revision), set);
    Json& labels = member(pod, {"metadata", "labels"});
    labels[kRevisionLabel] = revision;
    labels["statefulset.kubernetes.io/pod-name"] = name;
    labels["apps.kubernetes.io/pod-index"] = std::to_string(ordinal);
    pod["metadata"]["generateName"] = name_of(set) + "-";
    pod["spec"]["hostname"] = name;
    if (const std::string service = text(set, {"spec", "serviceName"}); !service.empty()) pod["spec"]["subdomain"] = service;
    ensure_claims(set, name, pod);
    const auto created = create_pod(context_, set, std::move(pod), {}, name);
    if (!created) {
        context_.events.record(set, {.reason = "FailedCreate",
                                     .message = "create Pod " + name + " in StatefulSet " + name_of(set) + " failed error: " + created.error().message,
                                     .component = kComponent,
                                     .warning = true});
        return false;
    }
    context_.events.record(set, {.reason = "SuccessfulCreate",
                                 .message = "create Pod " + name + " in StatefulSet " + name_of(set) + " successful",
                                 .component = kComponent});
    return true;
}

void StatefulSetController::ensure_claims(const Json& set, const std::string& pod_name, Json& pod) {
    for (const Json& claim_template : array(set, {"spec", "volumeClaimTemplates"})) {
        const std::string volume = name_of(claim_template);
        if (volume.empty()) continue;
        const ObjectKey key{"persistentvolumeclaims", namespace_of(set), volume + "-" + pod_name};
        if (!context_.store.get(key)) {
            Json claim{{"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"}, {"metadata", Json::object()}, {"spec", map(claim_template, {"spec"})}};
            claim["metadata"]["labels"] = map(set, {"spec", "selector", "matchLabels"});
            for (const auto& [name, value] : map(claim_template, {"metadata", "labels"}).items()) claim["metadata"]["labels"][name] = value;
            claim["status"] = {{"phase", "Pending"}};
            if (context_.store.create(key, std::move(claim))) {
                context_.events.record(set, {.reason = "SuccessfulCreate",
                                             .message = "create Claim " + key.name + " Pod " + pod_name + " in StatefulSet " + name_of(set) + " success",
                                             .component = kComponent});
            }
        }
        Json& volumes = list_member(pod, {"spec", "volumes"});
        for (std::size_t i = volumes.size(); i-- > 0;) {
            if (text(volumes[i], {"name"}) == volume) volumes.erase(i);
        }
        volumes.push_back({{"name", volume}, {"persistentVolumeClaim", {{"claimName", key.name}}}});
    }
}

void StatefulSetController::delete_ordinal(const Json& set, const Json& pod) {
    delete_object(context_, key_of("pods", pod));
    context_.events.record(set, {.reason = "SuccessfulDelete",
                                 .message = "delete Pod " + name_of(pod) + " in StatefulSet " + name_of(set) + " successful",
                                 .component = kComponent});
}

bool StatefulSetController::shrink(const Json& set, const std::map<std::int64_t, ObjectPtr>& pods) {
    bool waiting = false;
    for (auto it = pods.rbegin(); it != pods.rend(); ++it) {
        if (it->first >= first_ordinal(set) && it->first < first_ordinal(set) + desired(set)) continue;
        waiting = true;
        if (!is_deleting(*it->second)) delete_ordinal(set, *it->second);
        if (!is_parallel(set)) return true;  // one at a time, from the top
    }
    return waiting;
}

void StatefulSetController::update(const Json& set, const std::map<std::int64_t, ObjectPtr>& pods, const Revisions& known) {
    if (text(set, {"spec", "updateStrategy", "type"}) == "OnDelete") return;
    const std::int64_t partition = first_ordinal(set) + std::clamp<std::int64_t>(integer(set, {"spec", "updateStrategy", "rollingUpdate", "partition"}, 0), 0, 1'000'000);
    for (auto it = pods.rbegin(); it != pods.rend(); ++it) {
        if (it->first < partition) return;
        if (is_deleting(*it->second)) return;
        if (label(*it->second, kRevisionLabel) != known.update) return delete_ordinal(set, *it->second);
        if (!is_healthy(*it->second)) return;
    }
}

void StatefulSetController::write_status(const Json& set, const Revisions& known) {
    const ObjectKey key = key_of("statefulsets", set);
    std::int64_t total = 0, ready = 0, available = 0, updated = 0, current = 0, wait_ms = -1;
    for (const ObjectPtr& pod : pods_controlled_by(context_, set)) {
        if (ordinal_of(set, *pod) < 0) continue;
        ++total;
        if (is_deleting(*pod)) continue;
        ready += is_ready(*pod);
        available += is_available(*pod, set, context_.now_ms(), &wait_ms);
        updated += label(*pod, kRevisionLabel) == known.update;
        current += label(*pod, kRevisionLabel) == known.current;
    }
    const bool complete = updated == total && total == desired(set) && ready == total;
    [[maybe_unused]] const auto written = context_.store.modify(key, [&](Json& changed) {
        Json& status = member(changed, {"status"});
        status["observedGeneration"] = integer(set, {"metadata", "generation"});
        status["replicas"] = total;
        status["availableReplicas"] = available;
        status["currentRevision"] = complete ? known.update : known.current;
        status["updateRevision"] = known.update;
        status["collisionCount"] = 0;
        for (const auto& [name, value] : {std::pair{"readyReplicas", ready}, std::pair{"updatedReplicas", updated},
                                          std::pair{"currentReplicas", complete ? updated : current}}) {
            if (value > 0) {
                status[name] = value;
            } else {
                status.erase(name);
            }
        }
    });
    if (wait_ms >= 0) queue_.add_after(key, wait_ms);
}

void StatefulSetController::trim_revisions(const Json& set, const Revisions& known) {
    const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(integer(set, {"spec", "revisionHistoryLimit"}, 10), 0, 1000));
    std::vector<ObjectPtr> kept;
    for (const ObjectPtr& revision : context_.store.list("controllerrevisions", namespace_of(set))) {
        const std::string name = name_of(*revision);
        if (is_controlled_by(*revision, set) && name != known.current && name != known.update) kept.push_back(revision);
    }
    std::sort(kept.begin(), kept.end(), [](const ObjectPtr& a, const ObjectPtr& b) { return integer(*a, {"revision"}) < integer(*b, {"revision"}); });
    for (std::size_t i = 0; i + limit < kept.size(); ++i) delete_object(context_, key_of("controllerrevisions", *kept[i]));
}

}  // namespace kube::controllers
