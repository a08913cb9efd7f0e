// Connecting: which edges a graph allows, for many nodes at once. Pure.
//
//   std::vector<bool> targets = connectable(graph, graph.find_node("web"), false);   // by slot: what an edge from web may lead to
//   if (kinds_may_connect(NodeKind::service, NodeKind::deployment)) ...                   // whatever the nodes
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/graph.hpp"

namespace model {

// Whether an edge between nodes of these kinds means something in Kubernetes (contract: "Edges the UI allows"). In graph.cpp.
[[nodiscard]] bool kinds_may_connect(NodeKind source, NodeKind target);

// By node slot, what Graph::why_not_connect() allows from `node` to it (`backwards`: from it to `node`). Costs one walk over the graph.
[[nodiscard]] std::vector<bool> connectable(const Graph& graph, NodeIndex node, bool backwards);

// Why nothing of kind `between` may stand between the ends of `edge`; "" when it may.
[[nodiscard]] std::string why_not_between(const Graph& graph, EdgeIndex edge, NodeKind between);
// The same for a node of the graph, which must not be connected to the ends yet.
[[nodiscard]] std::string why_not_between(const Graph& graph, EdgeIndex edge, NodeIndex node);

// Nodes outside of `ids` that an edge leads from into them, each with every one outside that edges among them lead on to; in order of slots.
[[nodiscard]] std::vector<std::pair<NodeIndex, NodeIndex>> neighbours_across(const Graph& graph, const std::set<std::string>& ids);

}  // namespace model
