// GraphDiff: what two versions of a workflow have different, for people (conflicts, versions) and as a patch.
//
//   GraphDiff diff = diff_graphs(mine, theirs);
//   for (const NodeDiff& node : diff.nodes) row(node.name, node.fields);
//   for (const Change& change : changes_between(mine, theirs)) mine.apply(change);   // mine is theirs now, but for the order
//
// Pure. Nodes and edges are told apart by id. Cost: the size of both documents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/graph.hpp"

namespace model {

enum class DiffKind : std::uint8_t { only_left, only_right, changed };

// A member of a node's data (dotted below the first level: "env.PORT") with both values as short text; empty where there is none.
struct FieldDiff {
    std::string field, left, right;
    friend bool operator==(const FieldDiff&, const FieldDiff&) = default;
};

struct NodeDiff {
    DiffKind kind = DiffKind::changed;
    std::string id, name, type;      // as on the left, if it is there
    bool moved = false;
    std::vector<FieldDiff> fields;   // at most kMaxFields
    friend bool operator==(const NodeDiff&, const NodeDiff&) = default;
};

struct EdgeDiff {
    DiffKind kind = DiffKind::changed;
    std::string id, from, to;        // names of the nodes
    friend bool operator==(const EdgeDiff&, const EdgeDiff&) = default;
};

struct GraphDiff {
    static constexpr std::size_t kMaxFields = 40;
    static constexpr std::size_t kMaxValueBytes = 120;
    std::vector<NodeDiff> nodes;     // in the left's order, then those only on the right
    std::vector<EdgeDiff> edges;
    bool reordered = false;          // the same things in another drawing order
    [[nodiscard]] bool empty() const { return nodes.empty() && edges.empty() && !reordered; }
    friend bool operator==(const GraphDiff&, const GraphDiff&) = default;
};

[[nodiscard]] GraphDiff diff_graphs(const Graph& left, const Graph& right);

// What turns `from` into `to`, in order; the drawing order is not part of it (see order_of and Graph::arrange).
[[nodiscard]] std::vector<Change> changes_between(const Graph& from, const Graph& to);

struct GraphOrder {
    std::vector<std::string> nodes, edges;
    friend bool operator==(const GraphOrder&, const GraphOrder&) = default;
};
[[nodiscard]] GraphOrder order_of(const Graph& graph);

}  // namespace model
