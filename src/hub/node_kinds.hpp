// The node kinds of a workflow: their words on the wire, the Kubernetes kind each stands for, and which edges the UI allows
// between them (contracts: KubeOrch core, "Node types"). Twelve are the core's; the node types of plugins (plugin_catalogue.hpp)
// are kinds too, numbered from kFirstPluginKind on in the order of the catalogue. Numbers are never stored, words are.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

enum class NodeKind {
    deployment,
    service,
    ingress,
    configmap,
    secret,
    persistentvolumeclaim,
    statefulset,
    job,
    cronjob,
    daemonset,
    hpa,
    networkpolicy,
};

inline constexpr std::size_t kFirstPluginKind = 1'000;
[[nodiscard]] constexpr bool is_plugin_kind(NodeKind kind) { return static_cast<std::size_t>(kind) >= kFirstPluginKind; }

struct NodeKindInfo {
    NodeKind kind;
    std::string_view type;         // "deployment", the node's `type`
    std::string_view api_version;  // "apps/v1"
    std::string_view kube_kind;    // "Deployment"
    std::string_view plural;       // "deployments"
    int apply_order;               // lower is applied earlier, removed later
};

inline constexpr std::array<NodeKindInfo, 12> kNodeKinds = {{
    {NodeKind::configmap, "configmap", "v1", "ConfigMap", "configmaps", 0},
    {NodeKind::secret, "secret", "v1", "Secret", "secrets", 0},
    {NodeKind::persistentvolumeclaim, "persistentvolumeclaim", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", 1},
    {NodeKind::networkpolicy, "networkpolicy", "networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", 2},
    {NodeKind::service, "service", "v1", "Service", "services", 3},
    {NodeKind::statefulset, "statefulset", "apps/v1", "StatefulSet", "statefulsets", 4},
    {NodeKind::deployment, "deployment", "apps/v1", "Deployment", "deployments", 5},
    {NodeKind::daemonset, "daemonset", "apps/v1", "DaemonSet", "daemonsets", 5},
    {NodeKind::job, "job", "batch/v1", "Job", "jobs", 6},
    {NodeKind::cronjob, "cronjob", "batch/v1", "CronJob", "cronjobs", 6},
    {NodeKind::hpa, "hpa", "autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", 7},
    {NodeKind::ingress, "ingress", "networking.k8s.io/v1", "Ingress", "ingresses", 8},
}};

[[nodiscard]] const NodeKindInfo& info_of(NodeKind kind);
// "deployment" -> its row; nullopt for an unknown word.
[[nodiscard]] std::optional<NodeKind> node_kind_from_type(std::string_view type);

[[nodiscard]] bool has_pods(NodeKind kind);
[[nodiscard]] bool edge_allowed(NodeKind source, NodeKind target);

// "/api/v1/namespaces/default/pods", "/apis/apps/v1/deployments"; all namespaces when `ns` is empty; one object with `name`.
[[nodiscard]] std::string resource_path(std::string_view api_version, std::string_view plural, std::string_view ns,
                                        std::string_view name = {});
[[nodiscard]] std::string resource_path(NodeKind kind, std::string_view ns, std::string_view name = {});

// DNS-1123 label: lower case letters, digits and '-', 1 to 63 characters, no '-' at the ends.
[[nodiscard]] bool is_dns_label(std::string_view text);
// DNS-1123 subdomain: labels joined by dots, 253 characters at most.
[[nodiscard]] bool is_dns_subdomain(std::string_view text);

}  // namespace hub
