#include "kube/controllers/node_registrar.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace kube::controllers {
namespace {

constexpr const char* kKubeletVersion = "v1.34.1";

Json node_condition(const char* type, bool value, const char* reason, const char* message, const std::string& now) {
    return {{"type", type},      {"status", value ? "True" : "False"}, {"reason", reason}, {"message", message},
            {"lastHeartbeatTime", now}, {"lastTransitionTime", now}};
}

Json make_node(const std::string& name, int number, const std::string& now) {
    const Json capacity{{"cpu", "4"}, {"memory", "8145284Ki"}, {"ephemeral-storage", "61202244Ki"}, {"pods", "110"}};
    Json allocatable = capacity;
    allocatable["memory"] = "8042884Ki";
    const std::string pod_cidr = "10.244." + std::to_string(number - 1) + ".0/24";
    Json labels{{"kubernetes.io/hostname", name}, {"kubernetes.io/os", "linux"},     {"kubernetes.io/arch", "amd64"},
                {"beta.kubernetes.io/os", "linux"}, {"beta.kubernetes.io/arch", "amd64"}, {"topology.kubernetes.io/zone", number % 2 ? "harbour-a" : "harbour-b"}};
    if (number == 1) labels["node-role.kubernetes.io/control-plane"] = "";
    const Json conditions = Json::array({
        node_condition("MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available", now),
        node_condition("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", now),
        node_condition("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available", now),
        node_condition("Ready", true, "KubeletReady", "kubelet is posting ready status", now),
    });
    const std::string id = hex_digest(name, 32);
    return {{"apiVersion", "v1"},
            {"kind", "Node"},
            {"metadata", {{"name", name}, {"labels", std::move(labels)}, {"annotations", {{"node.alpha.kubernetes.io/ttl", "0"}}}}},
            {"spec", {{"podCIDR", pod_cidr}, {"podCIDRs", Json::array({pod_cidr})}, {"providerID", "binnacle://" + name}}},
            {"status",
             {{"capacity", capacity},
              {"allocatable", std::move(allocatable)},
              {"conditions", conditions},
              {"addresses", Json::array({Json{{"type", "InternalIP"}, {"address", "172.18.0." + std::to_string(number + 1)}},
                                         Json{{"type", "Hostname"}, {"address", name}}})},
              {"daemonEndpoints", {{"kubeletEndpoint", {{"Port", 10250}}}}},
              {"nodeInfo",
               {{"kubeletVersion", kKubeletVersion},
                {"kubeProxyVersion", ""},
                {"containerRuntimeVersion", "containerd://2.1.4"},
                {"kernelVersion", "6.1.0-simulated"},
                {"osImage", "Binnacle (simulated)"},
                {"operatingSystem", "linux"},
                {"architecture", "amd64"},
                {"machineID", id},
                {"systemUUID", id},
                {"bootID", hex_digest(name + "/boot", 32)}}}}}};
}

}  // namespace

void register_nodes(Context& context, int count) {
    for (int number = 1; number <= std::clamp(count, 0, 200); ++number) {
        const std::string name = "node-" + std::to_string(number);
        const ObjectKey key{"nodes", "", name};
        if (context.store.get(key)) continue;
        const auto created = context.store.create(key, make_node(name, number, context.now()));
        if (!created) continue;
        context.events.record(**created, {.reason = "RegisteredNode",
                                          .message = "Node " + name + " event: Registered Node " + name + " in Controller",
                                          .component = "node-controller"});
    }
}

}  // namespace kube::controllers
