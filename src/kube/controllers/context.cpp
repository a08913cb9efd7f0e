#include "kube/controllers/context.hpp"

#include <utility>

namespace kube::controllers {
namespace {

void default_to(Json& object, const char* name, Json value) {
    if (!object.contains(name)) object[name] = std::move(value);
}

std::string default_pull_policy(const std::string& image) {
    const std::size_t slash = image.rfind('/');
    const std::size_t colon = image.rfind(':');
    const bool tagged = image.find('@') != std::string::npos || (colon != std::string::npos && (slash == std::string::npos || colon > slash));
    return !tagged || image.ends_with(":latest") ? "Always" : "IfNotPresent";
}

void default_container(Json& container) {
    if (!container.is_object()) return;
    default_to(container, "imagePullPolicy", default_pull_policy(text(container, {"image"})));
    default_to(container, "resources", Json::object());
    default_to(container, "terminationMessagePath", "/dev/termination-log");
    default_to(container, "terminationMessagePolicy", "File");
}

std::string quality_class(const Json& spec) {
    bool any = false;
    bool guaranteed = true;
    for (const Json& container : array(spec, {"containers"})) {
        for (const char* resource : {"cpu", "memory"}) {
            const Json* request = find(container, {"resources", "requests", resource});
            const Json* limit = find(container, {"resources", "limits", resource});
            any = any || request || limit;
            if (!limit || (request && *request != *limit)) guaranteed = false;
        }
    }
    if (!any) return "BestEffort";
    return guaranteed ? "Guaranteed" : "Burstable";
}

}  // namespace

void delete_object(Context& context, const ObjectKey& key) {
    const ObjectPtr object = context.store.get(key);
    if (!object) return;
    const bool held = !array(*object, {"metadata", "finalizers"}).empty();
    if (key.resource != "pods" && !held) {
        [[maybe_unused]] const auto removed = context.store.remove(key);
        return;
    }
    if (is_deleting(*object)) return;
    const bool graceful = key.resource == "pods" && !text(*object, {"spec", "nodeName"}).empty() && !is_finished(*object);
    const std::int64_t grace_s = graceful ? std::clamp<std::int64_t>(integer(*object, {"spec", "terminationGracePeriodSeconds"}, 30), 0, 86'400) : 0;
    [[maybe_unused]] const auto marked = context.store.modify(key, [&](Json& changed) {
        Json& metadata = member(changed, {"metadata"});
        metadata["deletionTimestamp"] = format_time(context.now_ms() + grace_s * 1000);
        metadata["deletionGracePeriodSeconds"] = grace_s;
    });
}

Json pod_from_template(const Json& pod_template, const Json& owner) {
    Json pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", Json::object()}, {"spec", map(pod_template, {"spec"})}};
    if (const Json* labels = find(pod_template, {"metadata", "labels"})) pod["metadata"]["labels"] = *labels;
    if (const Json* notes = find(pod_template, {"metadata", "annotations"})) pod["metadata"]["annotations"] = *notes;
    pod["metadata"]["ownerReferences"] = Json::array({owner_reference(owner)});
    Json& spec = member(pod, {"spec"});
    default_to(spec, "restartPolicy", "Always");
    default_to(spec, "terminationGracePeriodSeconds", 30);
    default_to(spec, "dnsPolicy", "ClusterFirst");
    default_to(spec, "schedulerName", "default-scheduler");
    default_to(spec, "securityContext", Json::object());
    default_to(spec, "enableServiceLinks", true);
    default_to(spec, "serviceAccountName", "default");
    for (const char* name : {"containers", "initContainers"}) {
        if (!spec.contains(name)) continue;
        for (Json& container : list_member(spec, {name})) default_container(container);
    }
    pod["status"] = Json{{"phase", "Pending"}, {"qosClass", quality_class(spec)}};
    return pod;
}

base::Result<ObjectPtr> create_pod(Context& context, const Json& owner, Json pod, const std::string& prefix, const std::string& name) {
    const std::string ns = namespace_of(owner);
    const auto home = context.store.get({"namespaces", "", ns});
    if (home && is_deleting(*home)) {
        return base::fail(base::ErrorCode::forbidden, "unable to create new content in namespace " + ns + " because it is being terminated");
    }
    if (!name.empty()) return context.store.create({"pods", ns, name}, std::move(pod));
    member(pod, {"metadata"})["generateName"] = prefix;
    for (int attempt = 0; attempt < 4; ++attempt) {
        const ObjectKey key{"pods", ns, prefix + random_suffix(context.random)};
        if (!context.store.get(key)) return context.store.create(key, std::move(pod));
    }
    return base::fail(base::ErrorCode::conflict, "no free pod name for " + prefix);
}

std::vector<ObjectPtr> pods_controlled_by(const Context& context, const Json& owner) {
    auto pods = context.store.list("pods", namespace_of(owner));
    std::erase_if(pods, [&](const ObjectPtr& pod) { return !is_controlled_by(*pod, owner); });
    return pods;
}

std::vector<ObjectPtr> claim_pods(Context& context, const Json& owner, const Json& selector) {
    std::vector<ObjectPtr> claimed;
    for (const ObjectPtr& pod : context.store.list("pods", namespace_of(owner))) {
        const bool matches = selector_matches(selector, map(*pod, {"metadata", "labels"}));
        const Json* controller = controller_of(*pod);
        if (controller && text(*controller, {"uid"}) == uid_of(owner)) {
            if (matches) {
                claimed.push_back(pod);
            } else if (!is_deleting(*pod)) {
                [[maybe_unused]] const auto released = context.store.modify(key_of("pods", *pod), [&](Json& changed) {
                    Json& references = list_member(changed, {"metadata", "ownerReferences"});
                    for (std::size_t i = references.size(); i-- > 0;) {
                        if (text(references[i], {"uid"}) == uid_of(owner)) references.erase(i);
                    }
                });
            }
        } else if (!controller && matches && is_active(*pod) && !is_deleting(owner)) {
            const auto adopted = context.store.modify(key_of("pods", *pod), [&](Json& changed) {
                list_member(changed, {"metadata", "ownerReferences"}).push_back(owner_reference(owner));
            });
            if (adopted) claimed.push_back(*adopted);
        }
    }
    return claimed;
}

bool is_finished(const Json& pod) {
    const std::string phase = text(pod, {"status", "phase"});
    return phase == "Succeeded" || phase == "Failed";
}

bool is_active(const Json& pod) { return !is_finished(pod) && !is_deleting(pod); }

bool is_ready(const Json& pod) { return condition_is(pod, "Ready", "True"); }

bool is_available(const Json& pod, const Json& owner, std::int64_t now_ms, std::int64_t* wait_ms) {
    const Json* ready = condition(pod, "Ready");
    if (!ready || text(*ready, {"status"}) != "True") return false;
    const std::int64_t min_ready_ms = seconds_as_ms(owner, {"spec", "minReadySeconds"});
    if (min_ready_ms <= 0) return true;
    const std::int64_t since_ms = time_ms(*ready, {"lastTransitionTime"}).value_or(now_ms);
    const std::int64_t missing_ms = since_ms + min_ready_ms - now_ms;
    if (missing_ms <= 0) return true;
    if (wait_ms && (*wait_ms < 0 || missing_ms < *wait_ms)) *wait_ms = missing_ms;
    return false;
}

}  // namespace kube::controllers
