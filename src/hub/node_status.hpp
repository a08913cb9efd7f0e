// What a node of a workflow says about itself, from the Kubernetes objects that belong to it. Pure; the table of states is in
// docs/hub.md.
//
//   Json status = node_status({.kind = NodeKind::deployment, .name = "web", .object = &deployment, .pods = pods});
//   // {"state":"partial","message":"2 of 3 ready","replicas":3,"readyReplicas":2}
#pragma once

#include <string>
#include <vector>

#include "hub/json_text.hpp"
#include "hub/node_kinds.hpp"

namespace hub {

struct NodeObservation {
    NodeKind kind = NodeKind::deployment;
    std::string name;
    const Json* object = nullptr;    // null: there is none (any more)
    std::vector<const Json*> pods;   // of the node; for a service those its selector matches
    bool applied = true;             // false: a run has announced the object but not written it yet
    std::string run_error;           // what the last run could not apply, in Kubernetes' words; empty when it could
};

// {state, message, replicas?, readyReplicas?, clusterIP?, externalIP?, nodePort?, loadBalancerIP?}
[[nodiscard]] Json node_status(const NodeObservation& seen);

// Why a pod does not get on: "ImagePullBackOff: Back-off pulling image ..."; empty when nothing is wrong with it.
[[nodiscard]] std::string pod_failure(const Json& pod);
// The short word for a pod as `kubectl get pods` shows it: "Running", "ContainerCreating", "CrashLoopBackOff", "Terminating".
[[nodiscard]] std::string pod_reason(const Json& pod);
[[nodiscard]] bool pod_ready(const Json& pod);
[[nodiscard]] int pod_restarts(const Json& pod);
// Equality-based selector over labels; an empty selector matches nothing.
[[nodiscard]] bool labels_match(const Json& selector, const Json& labels);

}  // namespace hub
