#include "model/resource_kinds.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "base/url.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

constexpr std::size_t kMaxGroups = 200;
constexpr std::size_t kMaxReason = 300;

// What stands first in the list of kinds.
constexpr auto kFirst = std::to_array<std::string_view>({"apis/apps/v1/deployments", "api/v1/pods", "api/v1/services", "apis/apps/v1/statefulsets",
                                                         "apis/apps/v1/daemonsets", "apis/batch/v1/jobs", "apis/batch/v1/cronjobs",
                                                         "apis/networking.k8s.io/v1/ingresses", "api/v1/configmaps", "api/v1/secrets",
                                                         "api/v1/persistentvolumeclaims", "api/v1/events", "api/v1/nodes", "api/v1/namespaces"});

bool is_name(std::string_view text, std::string_view more) {
    if (text.empty() || text.size() > 253 || text.find("..") != std::string_view::npos) return false;
    if (text.front() == '.' || text.front() == '-' || text.back() == '.' || text.back() == '-') return false;
    return std::all_of(text.begin(), text.end(), [more](char c) { return (c >= 'a' && c <= 'z') || base::is_ascii_digit(c) || more.find(c) != std::string_view::npos; });
}

// Groups of Kubernetes itself have no dot, or end in k8s.io.
bool is_custom_group(std::string_view group) { return group.find('.') != std::string_view::npos && !group.ends_with(".k8s.io"); }

const Json* at(const Json& object, std::initializer_list<std::string_view> path) {
    const Json* value = &object;
    for (const std::string_view name : path) {
        if (!value->is_object()) return nullptr;
        const auto found = value->find(name);
        if (found == value->end()) return nullptr;
        value = &*found;
    }
    return value;
}
std::string text_at(const Json& object, std::initializer_list<std::string_view> path) {
    const Json* value = at(object, path);
    return value && value->is_string() ? *value->get_ptr<const std::string*>() : std::string();
}
std::int64_t number_at(const Json& object, std::initializer_list<std::string_view> path, std::int64_t otherwise = 0) {
    const Json* value = at(object, path);
    return value && value->is_number_integer() ? *value->get_ptr<const Json::number_integer_t*>() : otherwise;
}
const Json& list_at(const Json& object, std::initializer_list<std::string_view> path) {
    static const Json kEmpty = Json::array();
    const Json* value = at(object, path);
    return value && value->is_array() ? *value : kEmpty;
}

const Json* condition(const Json& object, std::string_view type) {
    for (const Json& each : list_at(object, {"status", "conditions"})) {
        if (text_at(each, {"type"}) == type) return &each;
    }
    return nullptr;
}

std::string reason_of(const Json& part) {
    std::string reason = text_at(part, {"reason"});
    const std::string message = text_at(part, {"message"});
    if (!message.empty()) reason += (reason.empty() ? "" : ": ") + message;
    return std::string(base::utf8_prefix(reason, kMaxReason));
}

ResourceStatus of_pod(const Json& pod) {
    const std::string phase = text_at(pod, {"status", "phase"});
    // What is wrong with a container says more than the phase.
    for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
        for (const Json& container : list_at(pod, {"status", list})) {
            if (const Json* waiting = at(container, {"state", "waiting"})) {
                const std::string word = text_at(*waiting, {"reason"});
                if (word == "ContainerCreating" || word == "PodInitializing" || word.empty()) continue;
                return {StatusTone::bad, word, reason_of(*waiting)};
            }
            if (const Json* ended = at(container, {"state", "terminated"}); ended && number_at(*ended, {"exitCode"}) != 0 && phase != "Succeeded") {
                const std::string word = text_at(*ended, {"reason"});
                return {StatusTone::bad, word.empty() ? "Error" : word, reason_of(*ended)};
            }
        }
    }
    if (phase == "Succeeded") return {StatusTone::good, "Completed", {}};
    if (phase == "Failed") return {StatusTone::bad, "Failed", reason_of(*at(pod, {"status"}))};
    if (phase == "Pending") {
        const Json* scheduled = condition(pod, "PodScheduled");
        const bool stuck = scheduled && text_at(*scheduled, {"status"}) == "False";
        return {stuck ? StatusTone::warning : StatusTone::busy, "Pending", stuck ? reason_of(*scheduled) : std::string()};
    }
    if (phase == "Running") {
        const Json* ready = condition(pod, "Ready");
        if (ready && text_at(*ready, {"status"}) != "True") return {StatusTone::busy, "Not ready", reason_of(*ready)};
        return {StatusTone::good, "Running", {}};
    }
    return {StatusTone::none, phase, {}};
}

ResourceStatus of_replicas(std::int64_t ready, std::int64_t wanted, const Json& object) {
    const std::string word = std::to_string(ready) + "/" + std::to_string(wanted) + " ready";
    for (const char* type : {"ReplicaFailure", "Progressing"}) {
        const Json* found = condition(object, type);
        const bool bad = found && text_at(*found, {"status"}) == (std::string_view(type) == "Progressing" ? "False" : "True");
        if (bad) return {StatusTone::bad, word, reason_of(*found)};
    }
    const bool seen = number_at(object, {"status", "observedGeneration"}, number_at(object, {"metadata", "generation"})) >= number_at(object, {"metadata", "generation"});
    return {ready >= wanted && seen ? StatusTone::good : StatusTone::busy, word, {}};
}

ResourceStatus of_job(const Json& job) {
    if (const Json* failed = condition(job, "Failed"); failed && text_at(*failed, {"status"}) == "True") return {StatusTone::bad, "Failed", reason_of(*failed)};
    if (const Json* complete = condition(job, "Complete"); complete && text_at(*complete, {"status"}) == "True") return {StatusTone::good, "Completed", {}};
    const Json* suspend = at(job, {"spec", "suspend"});
    if (suspend && suspend->is_boolean() && *suspend == true) return {StatusTone::none, "Suspended", {}};
    return {StatusTone::busy, "Running", {}};
}

// By the conditions that say whether something works, as most controllers and custom kinds have them.
ResourceStatus of_conditions(const Json& object) {
    for (const char* type : {"Ready", "Available", "Programmed", "Established", "Accepted", "Healthy"}) {
        const Json* found = condition(object, type);
        if (!found) continue;
        const std::string status = text_at(*found, {"status"});
        if (status == "True") return {StatusTone::good, type, {}};
        if (status == "False") return {StatusTone::warning, std::string("Not ") + base::to_ascii_lower(type), reason_of(*found)};
        return {StatusTone::busy, "Pending", reason_of(*found)};
    }
    const std::string phase = text_at(object, {"status", "phase"});
    if (phase == "Active" || phase == "Bound" || phase == "Available" || phase == "Ready") return {StatusTone::good, phase, {}};
    if (phase == "Failed" || phase == "Lost") return {StatusTone::bad, phase, {}};
    if (!phase.empty()) return {StatusTone::busy, phase, {}};
    return {};
}

}  // namespace

std::string ResourceKind::path(std::string_view ns, std::string_view name) const {
    std::string path = group.empty() ? "/api/" + version : "/apis/" + group + "/" + version;
    if (namespaced && !ns.empty()) path += "/namespaces/" + base::percent_encode_segment(ns);
    path += "/" + plural;
    if (!name.empty()) path += "/" + base::percent_encode_segment(name);
    return path;
}

bool ResourceKind::can_restart() const { return group == "apps" && (plural == "deployments" || plural == "statefulsets" || plural == "daemonsets"); }

bool is_resource_type(std::string_view type) {
    const auto parts = base::split(type, '/');
    if (parts.size() == 3 && parts[0] == "api") return is_name(parts[1], "") && is_name(parts[2], "-");
    return parts.size() == 4 && parts[0] == "apis" && is_name(parts[1], "-.") && is_name(parts[2], "") && is_name(parts[3], "-");
}

std::vector<std::string> read_api_groups(const Json& group_list) {
    std::vector<std::string> versions;
    wire::JsonErrors errors;
    for (const wire::JsonReader group : wire::JsonReader(group_list, errors).array_or_empty("groups")) {
        std::string version;
        if (const auto preferred = group.optional_object("preferredVersion")) version = preferred.string_or("groupVersion", "");
        if (is_resource_type("apis/" + version + "/x") && versions.size() < kMaxGroups) versions.push_back(std::move(version));
    }
    return versions;
}

void add_api_resources(const Json& resource_list, std::vector<ResourceKind>& kinds) {
    wire::JsonErrors errors;
    const wire::JsonReader list(resource_list, errors);
    const std::string group_version = list.string_or("groupVersion", "");
    const auto halves = base::split_once(group_version, '/');
    const std::string group(halves ? halves->before : std::string_view());
    const std::string version(halves ? halves->after : std::string_view(group_version));
    std::set<std::string, std::less<>> scaled;
    for (const wire::JsonReader resource : list.array_or_empty("resources")) {
        const std::string name = resource.string_or("name", "");
        if (name.ends_with("/scale")) scaled.insert(name.substr(0, name.size() - 6));
    }
    for (const wire::JsonReader resource : list.array_or_empty("resources")) {
        ResourceKind kind;
        kind.plural = resource.string_or("name", "");
        kind.type = (group.empty() ? "api/" + version : "apis/" + group + "/" + version) + "/" + kind.plural;
        if (!is_resource_type(kind.type)) continue;  // subresources too
        bool can_list = false;
        for (const wire::JsonReader verb : resource.array_or_empty("verbs")) {
            const Json* word = verb.raw();
            if (!word || !word->is_string()) continue;
            can_list = can_list || *word == "list";
            kind.can_watch = kind.can_watch || *word == "watch";
            kind.can_delete = kind.can_delete || *word == "delete";
        }
        if (!can_list || kinds.size() >= ResourceKind::kMaxKinds) continue;
        kind.group = group;
        kind.version = version;
        kind.kind = resource.string_or("kind", kind.plural);
        kind.namespaced = resource.boolean_or("namespaced", true);
        kind.can_scale = scaled.contains(kind.plural);
        kind.custom = is_custom_group(group);
        for (const wire::JsonReader name : resource.array_or_empty("shortNames")) {
            const Json* word = name.raw();
            if (word && word->is_string()) kind.short_names += (kind.short_names.empty() ? "" : " ") + *word->get_ptr<const std::string*>();
        }
        kinds.push_back(std::move(kind));
    }
}

void sort_kinds(std::vector<ResourceKind>& kinds) {
    const auto rank = [](const ResourceKind& kind) {
        const auto found = std::find(kFirst.begin(), kFirst.end(), kind.type);
        return found - kFirst.begin() + (kind.custom ? 1 : 0);
    };
    std::sort(kinds.begin(), kinds.end(), [&](const ResourceKind& a, const ResourceKind& b) {
        return std::make_tuple(rank(a), a.custom ? a.group : std::string(), a.kind, a.type) < std::make_tuple(rank(b), b.custom ? b.group : std::string(), b.kind, b.type);
    });
    kinds.erase(std::unique(kinds.begin(), kinds.end(), [](const ResourceKind& a, const ResourceKind& b) { return a.type == b.type; }), kinds.end());
}

const ResourceKind* find_kind(const std::vector<ResourceKind>& kinds, std::string_view type) {
    const auto found = std::find_if(kinds.begin(), kinds.end(), [type](const ResourceKind& kind) { return kind.type == type; });
    return found == kinds.end() ? nullptr : &*found;
}

ResourceStatus resource_status(std::string_view type, const Json& object) {
    if (!text_at(object, {"metadata", "deletionTimestamp"}).empty()) return {StatusTone::busy, "Terminating", {}};
    if (type == "api/v1/pods") return of_pod(object);
    if (type == "apis/apps/v1/deployments" || type == "apis/apps/v1/statefulsets" || type == "apis/apps/v1/replicasets") {
        return of_replicas(number_at(object, {"status", "readyReplicas"}), number_at(object, {"spec", "replicas"}, 1), object);
    }
    if (type == "apis/apps/v1/daemonsets") return of_replicas(number_at(object, {"status", "numberReady"}), number_at(object, {"status", "desiredNumberScheduled"}), object);
    if (type == "apis/batch/v1/jobs") return of_job(object);
    if (type == "api/v1/events") {
        const bool warning = text_at(object, {"type"}) == "Warning";
        return {warning ? StatusTone::warning : StatusTone::none, text_at(object, {"type"}), {}};
    }
    return of_conditions(object);
}

std::string_view to_string(StatusTone tone) {
    switch (tone) {
        case StatusTone::good: return "good";
        case StatusTone::busy: return "busy";
        case StatusTone::warning: return "warning";
        case StatusTone::bad: return "bad";
        case StatusTone::none: break;
    }
    return "none";
}

}  // namespace model
