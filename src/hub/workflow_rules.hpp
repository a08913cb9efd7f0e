// What a workflow document must be before it is stored, and before it may run. Pure functions over JSON from outside.
//
// Two levels, because of autosave: `check_structure` refuses what no editor may produce and no reader could show (wrong types,
// duplicate ids, dangling edges, cycles, edges between the wrong kinds); `check_runnable` names what a person has still to fill
// in (a name, an image), which is no reason to lose their work, only to refuse Run.
//
//   std::vector<Problem> problems = check_structure(nodes, edges);
//   if (!problems.empty()) answer 400 with problems;    // "nodes[3].position.x: expected number, got string"
//   WorkflowGraph graph = read_graph(nodes, edges);     // only after check_structure has passed
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub/json_text.hpp"
#include "hub/node_kinds.hpp"

namespace hub {

inline constexpr std::size_t kMaxNodes = 5'000;
inline constexpr std::size_t kMaxEdges = 20'000;
inline constexpr std::size_t kMaxIdBytes = 128;
inline constexpr std::size_t kMaxProblems = 20;  // more are counted, not listed

struct Problem {
    std::string path;     // "nodes[3].position.x"
    std::string message;  // "expected number, got string"
    std::string node_id;  // where it belongs to one node, else empty
    friend bool operator==(const Problem&, const Problem&) = default;
};

[[nodiscard]] std::vector<Problem> check_structure(const Json& nodes, const Json& edges);
[[nodiscard]] std::vector<Problem> check_runnable(const Json& nodes, const Json& edges, std::string_view default_namespace);

// Takes out what must not be stored: live state (data._status) and the values of secrets (contract: a secret node keeps only
// its key names).
[[nodiscard]] Json without_transient_data(Json nodes);

struct GraphNode {
    std::string id;
    NodeKind kind = NodeKind::deployment;
    std::string name;
    std::string ns;
    const Json* data = nullptr;  // into the JSON given to read_graph
};

struct GraphEdge {
    std::size_t source = 0;  // indexes into nodes
    std::size_t target = 0;
    std::string source_handle;
};

struct WorkflowGraph {
    std::vector<GraphNode> nodes;
    std::vector<GraphEdge> edges;
    std::vector<std::vector<std::size_t>> outgoing;  // edge indexes by node
    std::vector<std::vector<std::size_t>> incoming;

    // Each node once, in the order of the edges.
    [[nodiscard]] std::vector<const GraphNode*> targets_of(std::size_t node) const;
    [[nodiscard]] std::vector<const GraphNode*> sources_of(std::size_t node, NodeKind kind) const;
    [[nodiscard]] const GraphNode* find(std::string_view id) const;
};

// `nodes` must outlive the graph. Skips what check_structure would have refused.
[[nodiscard]] WorkflowGraph read_graph(const Json& nodes, const Json& edges, std::string_view default_namespace);

// "expected number, got string"
[[nodiscard]] std::string type_mismatch(std::string_view expected, const Json& got);

}  // namespace hub
