#include "model/graph_diff.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"

namespace model {

namespace {

bool same_edge(const Edge& a, const Edge& b) {
    return a.source == b.source && a.target == b.target && a.source_handle == b.source_handle && a.target_handle == b.target_handle;
}

std::string short_text(const Json& value) {
    const auto* text = value.get_ptr<const Json::string_t*>();
    std::string out = text ? *text : base::dump_json(value);
    if (out.size() <= GraphDiff::kMaxValueBytes) return out;
    return std::string(base::utf8_prefix(out, GraphDiff::kMaxValueBytes)) + "…";
}

// Objects are compared member by member, two levels deep; what differs below that is shown as JSON.
void diff_members(const Json& left, const Json& right, const std::string& prefix, int depth, std::vector<FieldDiff>& out) {
    const auto one = [&](const std::string& key, const Json* l, const Json* r) {
        if (out.size() == GraphDiff::kMaxFields) return;
        const bool inside = depth < 2 && (!l || l->is_object()) && (!r || r->is_object()) && (l || r);
        static const Json kNone = Json::object();
        if (inside) return diff_members(l ? *l : kNone, r ? *r : kNone, prefix + key + ".", depth + 1, out);
        out.push_back({prefix + key, l ? short_text(*l) : std::string{}, r ? short_text(*r) : std::string{}});
    };
    for (auto it = left.begin(); it != left.end(); ++it) {
        const auto other = right.find(it.key());
        if (other == right.end()) one(it.key(), &*it, nullptr);
        else if (*other != *it) one(it.key(), &*it, &*other);
    }
    for (auto it = right.begin(); it != right.end(); ++it) {
        if (!left.contains(it.key())) one(it.key(), nullptr, &*it);
    }
}

EdgeDiff edge_diff(DiffKind kind, const Graph& graph, EdgeIndex i) {
    return {kind, graph.edge(i).id, graph.node(graph.edge_source(i)).name, graph.node(graph.edge_target(i)).name};
}

}  // namespace

GraphOrder order_of(const Graph& graph) {
    GraphOrder order;
    order.nodes.reserve(graph.node_count());
    order.edges.reserve(graph.edge_count());
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (graph.node_alive(i)) order.nodes.push_back(graph.node(i).id);
    }
    for (EdgeIndex i = 0; i < graph.edge_slots(); ++i) {
        if (graph.edge_alive(i)) order.edges.push_back(graph.edge(i).id);
    }
    return order;
}

GraphDiff diff_graphs(const Graph& left, const Graph& right) {
    GraphDiff diff;
    for (NodeIndex i = 0; i < left.node_slots(); ++i) {
        if (!left.node_alive(i)) continue;
        const Node& node = left.node(i);
        const NodeIndex other = right.find_node(node.id);
        NodeDiff entry{DiffKind::changed, node.id, node.name, node.type, false, {}};
        if (other == kNoIndex) {
            entry.kind = DiffKind::only_left;
        } else {
            const Node& theirs = right.node(other);
            entry.moved = theirs.position != node.position;
            if (theirs.type != node.type) entry.fields.push_back({"type", node.type, theirs.type});
            if (theirs.data != node.data) diff_members(node.data, theirs.data, "", 1, entry.fields);
            if (!entry.moved && entry.fields.empty()) continue;
        }
        diff.nodes.push_back(std::move(entry));
    }
    for (NodeIndex i = 0; i < right.node_slots(); ++i) {
        if (!right.node_alive(i) || left.find_node(right.node(i).id) != kNoIndex) continue;
        const Node& node = right.node(i);
        diff.nodes.push_back({DiffKind::only_right, node.id, node.name, node.type, false, {}});
    }
    for (EdgeIndex i = 0; i < left.edge_slots(); ++i) {
        if (!left.edge_alive(i)) continue;
        const EdgeIndex other = right.find_edge(left.edge(i).id);
        if (other == kNoIndex) diff.edges.push_back(edge_diff(DiffKind::only_left, left, i));
        else if (!same_edge(left.edge(i), right.edge(other))) diff.edges.push_back(edge_diff(DiffKind::changed, left, i));
    }
    for (EdgeIndex i = 0; i < right.edge_slots(); ++i) {
        if (right.edge_alive(i) && left.find_edge(right.edge(i).id) == kNoIndex) diff.edges.push_back(edge_diff(DiffKind::only_right, right, i));
    }
    if (diff.nodes.empty() && diff.edges.empty()) diff.reordered = order_of(left) != order_of(right);
    return diff;
}

std::vector<Change> changes_between(const Graph& from, const Graph& to) {
    RemoveEdges gone_edges;
    RemoveNodes gone_nodes;
    MoveNodes moves;
    std::vector<Change> data;
    Restore added;
    for (NodeIndex i = 0; i < from.node_slots(); ++i) {
        if (!from.node_alive(i)) continue;
        const Node& node = from.node(i);
        const NodeIndex other = to.find_node(node.id);
        if (other == kNoIndex || to.node(other).type != node.type) {
            gone_nodes.ids.push_back(node.id);  // a node of another type is another node
            continue;
        }
        if (to.node(other).position != node.position) moves.moves.push_back({node.id, to.node(other).position});
        if (to.node(other).data != node.data) data.push_back(SetNodeData{node.id, to.node(other).data});
    }
    const auto kept = [&](const std::string& id) {
        const NodeIndex i = from.find_node(id);
        const NodeIndex j = to.find_node(id);
        return i != kNoIndex && j != kNoIndex && from.node(i).type == to.node(j).type;
    };
    for (NodeIndex i = 0; i < to.node_slots(); ++i) {
        if (to.node_alive(i) && !kept(to.node(i).id)) added.nodes.push_back({kNoIndex, to.node(i), to.status(i)});
    }
    for (EdgeIndex i = 0; i < from.edge_slots(); ++i) {
        if (!from.edge_alive(i)) continue;
        const Edge& edge = from.edge(i);
        const EdgeIndex other = to.find_edge(edge.id);
        const bool stays = other != kNoIndex && same_edge(edge, to.edge(other));
        if (!stays) gone_edges.ids.push_back(edge.id);
    }
    for (EdgeIndex i = 0; i < to.edge_slots(); ++i) {
        if (!to.edge_alive(i)) continue;
        const Edge& edge = to.edge(i);
        const EdgeIndex other = from.find_edge(edge.id);
        const bool stays = other != kNoIndex && same_edge(edge, from.edge(other)) && kept(edge.source) && kept(edge.target);
        if (!stays) added.edges.push_back({kNoIndex, edge});
    }
    std::vector<Change> out;
    if (!gone_edges.ids.empty()) out.push_back(std::move(gone_edges));
    if (!gone_nodes.ids.empty()) out.push_back(std::move(gone_nodes));
    if (!added.nodes.empty() || !added.edges.empty()) out.push_back(std::move(added));
    if (!moves.moves.empty()) out.push_back(std::move(moves));
    for (Change& change : data) out.push_back(std::move(change));
    return out;
}

}  // namespace model
