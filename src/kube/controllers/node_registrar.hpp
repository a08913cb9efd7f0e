// NodeRegistrar: the Node objects of this cluster, as their kubelets would register them. Nodes that are there already (after a
// restore) stay as they are. There are no heartbeats: nothing in an idle cluster ticks.
#pragma once

#include "kube/controllers/context.hpp"

namespace kube::controllers {

// Makes node-1 ... node-<count>: 4 cores, 8 GiB, 110 pods each, addresses 172.18.0.<n + 1>, pods in 10.244.<n - 1>.0/24.
void register_nodes(Context& context, int count);

}  // namespace kube::controllers
