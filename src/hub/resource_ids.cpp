#include "hub/resource_ids.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "hub/node_kinds.hpp"

namespace hub {

namespace {

constexpr ResourceType kTypes[] = {
    {"Pod", "v1", "pods"},
    {"Deployment", "apps/v1", "deployments"},
    {"StatefulSet", "apps/v1", "statefulsets"},
    {"DaemonSet", "apps/v1", "daemonsets"},
    {"ReplicaSet", "apps/v1", "replicasets"},
    {"Service", "v1", "services"},
    {"Ingress", "networking.k8s.io/v1", "ingresses"},
    {"ConfigMap", "v1", "configmaps"},
    {"Secret", "v1", "secrets"},
    {"Namespace", "v1", "namespaces", false},
    {"Node", "v1", "nodes", false},
    {"PVC", "v1", "persistentvolumeclaims"},
    {"Job", "batch/v1", "jobs"},
    {"CronJob", "batch/v1", "cronjobs"},
    {"HPA", "autoscaling/v2", "horizontalpodautoscalers"},
    {"NetworkPolicy", "networking.k8s.io/v1", "networkpolicies"},
};

}  // namespace

const ResourceType* resource_types_begin() { return std::begin(kTypes); }
const ResourceType* resource_types_end() { return std::end(kTypes); }

const ResourceType* find_resource_type(std::string_view type) {
    const auto found = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const ResourceType& entry) { return base::equals_ascii_case(entry.type, type); });
    return found == std::end(kTypes) ? nullptr : found;
}

const ResourceType* find_resource_plural(std::string_view plural) {
    const auto found = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const ResourceType& entry) { return entry.plural == plural; });
    return found == std::end(kTypes) ? nullptr : found;
}

std::string ResourceId::path() const { return resource_path(type->api_version, type->plural, ns, name); }

std::string make_resource_id(const ResourceType& type, const Json& object) {
    return std::string(type.plural) + "~" + text_at(object, "metadata", "namespace") + "~" + text_at(object, "metadata", "name") + "~" +
           text_at(object, "metadata", "uid");
}

std::optional<ResourceId> parse_resource_id(std::string_view text) {
    const auto parts = base::split(text, '~');
    if (parts.size() != 4 && parts.size() != 5) return std::nullopt;
    if (parts.size() == 5 && !is_dns_label(parts[4])) return std::nullopt;
    const ResourceType* type = find_resource_plural(parts[0]);
    // Names go into request paths: only what Kubernetes itself would accept as one.
    if (!type || type->namespaced == parts[1].empty() || (type->namespaced && !is_dns_label(parts[1]))) return std::nullopt;
    if (!is_dns_subdomain(parts[2]) || parts[3].empty() || parts[3].size() > 64) return std::nullopt;
    return ResourceId{type, std::string(parts[1]), std::string(parts[2]), std::string(parts[3]), parts.size() == 5 ? std::string(parts[4]) : std::string()};
}

}  // namespace hub
