#include "kube/resource_types.hpp"

#include <algorithm>
#include <array>

#include "kube/custom_resources.hpp"

namespace kube {
namespace {

constexpr bool kNamespaced = true;
constexpr bool kCluster = false;
constexpr bool kStatus = true;
constexpr bool kScale = true;
constexpr bool kAll = true;

constexpr auto kTypes = std::to_array<ResourceType>({
    {"", "v1", "configmaps", "configmap", "ConfigMap", "cm", kNamespaced},
    {"", "v1", "endpoints", "endpoints", "Endpoints", "ep", kNamespaced},
    {"", "v1", "events", "event", "Event", "ev", kNamespaced},
    {"", "v1", "namespaces", "namespace", "Namespace", "ns", kCluster, kStatus},
    {"", "v1", "nodes", "node", "Node", "no", kCluster, kStatus},
    {"", "v1", "persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim", "pvc", kNamespaced, kStatus},
    {"", "v1", "pods", "pod", "Pod", "po", kNamespaced, kStatus, !kScale, kAll},
    {"", "v1", "secrets", "secret", "Secret", "", kNamespaced},
    {"", "v1", "serviceaccounts", "serviceaccount", "ServiceAccount", "sa", kNamespaced},
    {"", "v1", "services", "service", "Service", "svc", kNamespaced, kStatus, !kScale, kAll},
    {"apiextensions.k8s.io", "v1", "customresourcedefinitions", "customresourcedefinition", "CustomResourceDefinition", "crd crds",
     kCluster, kStatus},
    {"apps", "v1", "daemonsets", "daemonset", "DaemonSet", "ds", kNamespaced, kStatus, !kScale, kAll},
    {"apps", "v1", "deployments", "deployment", "Deployment", "deploy", kNamespaced, kStatus, kScale, kAll},
    {"apps", "v1", "replicasets", "replicaset", "ReplicaSet", "rs", kNamespaced, kStatus, kScale, kAll},
    {"apps", "v1", "statefulsets", "statefulset", "StatefulSet", "sts", kNamespaced, kStatus, kScale, kAll},
    {"autoscaling", "v2", "horizontalpodautoscalers", "horizontalpodautoscaler", "HorizontalPodAutoscaler", "hpa", kNamespaced,
     kStatus, !kScale, kAll},
    {"batch", "v1", "cronjobs", "cronjob", "CronJob", "cj", kNamespaced, kStatus, !kScale, kAll},
    {"batch", "v1", "jobs", "job", "Job", "", kNamespaced, kStatus, !kScale, kAll},
    {"discovery.k8s.io", "v1", "endpointslices", "endpointslice", "EndpointSlice", "", kNamespaced},
    {"networking.k8s.io", "v1", "ingresses", "ingress", "Ingress", "ing", kNamespaced, kStatus},
    {"networking.k8s.io", "v1", "networkpolicies", "networkpolicy", "NetworkPolicy", "netpol", kNamespaced},
});

}  // namespace

std::string ResourceType::api_version() const {
    if (group.empty()) return std::string(version);
    return std::string(group) + "/" + std::string(version);
}

std::string_view ResourceType::store_key() const { return custom ? std::string_view(custom->store_key) : plural; }

std::string ResourceType::list_kind() const { return custom ? custom->list_kind : std::string(kind) + "List"; }

std::span<const ResourceType> resource_types() { return kTypes; }

const ResourceType* find_resource(std::string_view group, std::string_view version, std::string_view plural) {
    const auto it = std::find_if(kTypes.begin(), kTypes.end(), [&](const ResourceType& type) {
        return type.plural == plural && type.group == group && type.version == version;
    });
    return it == kTypes.end() ? nullptr : &*it;
}

const ResourceType* find_resource(std::string_view plural) {
    const auto it = std::find_if(kTypes.begin(), kTypes.end(), [&](const ResourceType& type) { return type.plural == plural; });
    return it == kTypes.end() ? nullptr : &*it;
}

}  // namespace kube
