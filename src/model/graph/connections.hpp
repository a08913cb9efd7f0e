// Connections: which nodes may be joined, and what an edge writes into the nodes it joins (KubeOrch's link fields).
//
//   base::Result<void> may = can_connect(graph, "ingress-1", "service-1");   // or a sentence for people
//
//   LinkUpdate links(graph, change);                       // before the change
//   graph.apply(change);
//   for (const SetNodeData& data : links.changes(graph)) graph.apply(data);
//
// What is written, by the kinds that an edge joins:
//   ingress -> service              ingress.paths[]._linkedService, serviceName, servicePort, of the path that the edge's source handle names
//                                   (the first one where it names none)
//   service -> workload             service._linkedDeployment, targetApp, targetPort
//   configmap, secret, claim -> workload   workload._linkedConfigMaps, _linkedSecrets, _linkedPVCs and volumeMounts[]
//   hpa -> workload                 hpa._linkedTarget, scaleTargetKind, scaleTargetName
//   networkpolicy -> workload       networkpolicy._linkedWorkloads; podSelector when it is one workload
//
// - Where a kind has room for one (a Service, an autoscaler, a path), the earliest of the edges is it.
// - Ids and names follow: they are renewed when the edge goes or the other node is renamed. Ports are a proposal: they follow for as long
//   as nobody has written another one.
// - When the last edge goes, what it wrote is taken out; what was entered by hand without an edge stays.
// - Everything is a change of data like any other: undo takes it back with the edit, and the other tabs are told.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/graph.hpp"

namespace model {

[[nodiscard]] base::Result<void> can_connect(const Graph& graph, std::string_view source_id, std::string_view target_id);

class LinkUpdate {
public:
    // Notes what the links of the nodes that `change` may concern say now.
    LinkUpdate(const Graph& graph, const Change& change);
    // Once the change is made: what it takes to bring the link fields up to date. Nothing when it was refused.
    [[nodiscard]] std::vector<SetNodeData> changes(const Graph& graph) const;

private:
    struct Noted {
        std::string id;
        Json links;
    };
    std::vector<Noted> noted_;
};

}  // namespace model
