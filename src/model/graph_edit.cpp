// The one edit path of Graph: each change checks first, then changes, and says what undoes it.
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "model/graph.hpp"

namespace model {

base::Result<void> Graph::apply(const Change& change, std::vector<Change>* inverse) {
    return std::visit([&](const auto& one) { return apply_one(one, inverse); }, change);
}

void Graph::laid_out() {
    ++document_version_;
    ++layout_version_;
}

NodeIndex Graph::put_node(Node node, NodeIndex slot) {
    if (!node.data.is_object()) node.data = Json::object();
    derive_fields(node);
    const bool free = slot < nodes_.size() && nodes_[slot].node.id.empty();
    const auto index = free ? slot : static_cast<NodeIndex>(nodes_.size());
    if (!free) nodes_.emplace_back();
    node_by_id_.emplace(node.id, index);
    nodes_[index].node = std::move(node);
    return index;
}

EdgeIndex Graph::put_edge(const Edge& edge, EdgeIndex slot) {
    const bool free = slot < edges_.size() && edges_[slot].edge.id.empty();
    const auto index = free ? slot : static_cast<EdgeIndex>(edges_.size());
    if (!free) edges_.emplace_back();
    edges_[index] = EdgeSlot{edge, find_node(edge.source), find_node(edge.target)};
    edge_by_id_.emplace(edge.id, index);
    for (const NodeIndex end : {edges_[index].source, edges_[index].target}) {
        // In order of their indices, so that putting back what was taken restores the list.
        auto& list = nodes_[end].edges;
        if (list.empty() || list.back() <= index) list.push_back(index);
        else list.insert(std::upper_bound(list.begin(), list.end(), index), index);
    }
    laid_out();
    return index;
}

Edge Graph::take_edge(EdgeIndex index, NodeIndex except) {
    EdgeSlot& slot = edges_[index];
    for (const NodeIndex end : {slot.source, slot.target}) {
        if (end == except) continue;
        // Sorted (put_edge), so that a node of 100,000 edges is not searched from end to end for each of them.
        auto& list = nodes_[end].edges;
        const auto [first, last] = std::equal_range(list.begin(), list.end(), index);
        list.erase(first, last);
    }
    edge_by_id_.erase(slot.edge.id);
    Edge taken = std::move(slot.edge);
    slot = EdgeSlot{};
    return taken;
}

namespace {

base::Result<void> check_position(Vec2 position) {
    // What from_json() would refuse must not get into a document: it could be saved and never be opened again.
    if (std::isfinite(position.x) && std::isfinite(position.y) && std::abs(position.x) <= kMaxCoordinate && std::abs(position.y) <= kMaxCoordinate) return {};
    if (!std::isfinite(position.x) || !std::isfinite(position.y)) return base::fail(base::ErrorCode::invalid_argument, "A node's position must be finite");
    return base::fail(base::ErrorCode::invalid_argument, "A node must be within 10,000,000 of the middle of the canvas");
}

}  // namespace

base::Result<void> Graph::apply_one(const AddNode& change, Inverse inverse) {
    if (change.node.id.empty()) return base::fail(base::ErrorCode::invalid_argument, "A node needs an id");
    if (node_by_id_.contains(change.node.id)) {
        return base::fail(base::ErrorCode::conflict, "There is already a node with the id \"" + change.node.id + "\"");
    }
    if (auto there = check_position(change.node.position); !there) return there;
    put_node(change.node, kNoIndex);
    laid_out();
    if (inverse) inverse->push_back(RemoveNodes{{change.node.id}});
    return {};
}

base::Result<void> Graph::apply_one(const RemoveNodes& change, Inverse inverse) {
    for (const auto& id : change.ids) {
        if (!node_by_id_.contains(id)) return base::fail(base::ErrorCode::not_found, "There is no node \"" + id + "\"");
    }
    if (change.ids.empty()) return {};
    Restore restore;
    restore.epoch = slot_epoch_;
    for (const auto& id : change.ids) {
        const auto it = node_by_id_.find(id);
        if (it == node_by_id_.end()) continue;  // named twice
        const NodeIndex index = it->second;
        const std::vector<EdgeIndex> edges = std::move(nodes_[index].edges);
        for (const EdgeIndex edge : edges) {
            if (!edge_alive(edge)) continue;  // an edge to itself is listed twice
            restore.edges.push_back({edge, take_edge(edge, index)});
        }
        NodeSlot& slot = nodes_[index];
        restore.nodes.push_back({index, std::move(slot.node), std::move(slot.status)});
        slot = NodeSlot{};
        node_by_id_.erase(it);
    }
    laid_out();
    if (inverse) inverse->push_back(std::move(restore));
    return {};
}

base::Result<void> Graph::apply_one(const MoveNodes& change, Inverse inverse) {
    for (const auto& move : change.moves) {
        if (!node_by_id_.contains(move.id)) return base::fail(base::ErrorCode::not_found, "There is no node \"" + move.id + "\"");
        if (auto there = check_position(move.to); !there) return there;
    }
    MoveNodes back;
    for (const auto& move : change.moves) {
        Vec2& position = nodes_[node_by_id_.find(move.id)->second].node.position;
        if (position == move.to) continue;
        back.moves.push_back({move.id, position});
        position = move.to;
    }
    if (back.moves.empty()) return {};
    laid_out();
    if (!inverse) return {};
    std::reverse(back.moves.begin(), back.moves.end());  // a node that was named twice ends where it began
    inverse->push_back(std::move(back));
    return {};
}

base::Result<void> Graph::apply_one(const SetNodeData& change, Inverse inverse) {
    const NodeIndex index = find_node(change.id);
    if (index == kNoIndex) return base::fail(base::ErrorCode::not_found, "There is no node \"" + change.id + "\"");
    if (!change.data.is_object()) return base::fail(base::ErrorCode::invalid_argument, "A node's data must be an object");
    Node& node = nodes_[index].node;
    Json data = change.data;
    data.erase("_status");
    if (data == node.data) return {};
    if (inverse) inverse->push_back(SetNodeData{change.id, std::move(node.data), change.follows});
    node.data = std::move(data);
    derive_fields(node);
    ++document_version_;
    return {};
}

base::Result<void> Graph::apply_one(const AddEdge& change, Inverse inverse) {
    if (change.edge.id.empty()) return base::fail(base::ErrorCode::invalid_argument, "An edge needs an id");
    if (edge_by_id_.contains(change.edge.id)) {
        return base::fail(base::ErrorCode::conflict, "There is already an edge with the id \"" + change.edge.id + "\"");
    }
    if (const auto reason = why_not_connect(change.edge.source, change.edge.target)) {
        return base::fail(base::ErrorCode::invalid_argument, *reason);
    }
    put_edge(change.edge);
    if (inverse) inverse->push_back(RemoveEdges{{change.edge.id}});
    return {};
}

base::Result<void> Graph::apply_one(const RemoveEdges& change, Inverse inverse) {
    for (const auto& id : change.ids) {
        if (!edge_by_id_.contains(id)) return base::fail(base::ErrorCode::not_found, "There is no edge \"" + id + "\"");
    }
    if (change.ids.empty()) return {};
    Restore restore;
    restore.epoch = slot_epoch_;
    for (const auto& id : change.ids) {
        if (const EdgeIndex index = find_edge(id); index != kNoIndex) restore.edges.push_back({index, take_edge(index)});
    }
    laid_out();
    if (inverse) inverse->push_back(std::move(restore));
    return {};
}

base::Result<void> Graph::check(const Restore& change) const {
    std::unordered_set<std::string_view> nodes;
    for (const auto& [slot, node, status] : change.nodes) {
        if (node.id.empty()) return base::fail(base::ErrorCode::invalid_argument, "A node needs an id");
        if (node_by_id_.contains(node.id) || !nodes.insert(node.id).second) {
            return base::fail(base::ErrorCode::conflict, "There is already a node with the id \"" + node.id + "\"");
        }
        if (auto there = check_position(node.position); !there) return there;
    }
    std::unordered_set<std::string_view> edges;
    for (const auto& [slot, edge] : change.edges) {
        if (edge.id.empty()) return base::fail(base::ErrorCode::invalid_argument, "An edge needs an id");
        if (edge_by_id_.contains(edge.id) || !edges.insert(edge.id).second) {
            return base::fail(base::ErrorCode::conflict, "There is already an edge with the id \"" + edge.id + "\"");
        }
        for (const std::string* end : {&edge.source, &edge.target}) {
            if (!nodes.contains(*end) && !node_by_id_.contains(*end)) {
                return base::fail(base::ErrorCode::not_found, "There is no node \"" + *end + "\" for the edge");
            }
        }
    }
    return {};
}

base::Result<void> Graph::apply_one(const Restore& change, Inverse inverse) {
    if (auto fits = check(change); !fits) return fits;
    if (change.nodes.empty() && change.edges.empty()) return {};
    const bool same_slots = change.epoch == slot_epoch_;
    RemoveNodes nodes;
    RemoveEdges edges;
    for (const auto& [slot, node, status] : change.nodes) {
        const NodeIndex index = put_node(node, same_slots ? slot : kNoIndex);
        nodes_[index].status = status;
        nodes.ids.push_back(node.id);
    }
    for (const auto& [slot, edge] : change.edges) {
        put_edge(edge, same_slots ? slot : kNoIndex);
        edges.ids.push_back(edge.id);
    }
    laid_out();
    if (!inverse) return {};
    if (!edges.ids.empty()) inverse->push_back(std::move(edges));
    if (!nodes.ids.empty()) inverse->push_back(std::move(nodes));
    return {};
}

void Graph::replace(Graph other) {
    const std::uint64_t document = document_version_;
    const std::uint64_t layout = layout_version_;
    const std::uint64_t status = status_version_;
    const std::uint64_t epoch = slot_epoch_;
    *this = std::move(other);
    document_version_ += document + 1;
    layout_version_ += layout + 1;
    status_version_ += status + 1;
    slot_epoch_ += epoch;
}

void Graph::arrange(const std::vector<std::string>& node_ids, const std::vector<std::string>& edge_ids) {
    Graph next;
    const auto take_node = [&](NodeIndex i) {
        NodeSlot& slot = nodes_[i];
        const NodeIndex at = next.put_node(std::move(slot.node), kNoIndex);
        next.nodes_[at].status = std::move(slot.status);
        slot.node.id.clear();
    };
    for (const auto& id : node_ids) {
        if (const NodeIndex i = find_node(id); i != kNoIndex && node_alive(i)) take_node(i);
    }
    for (NodeIndex i = 0; i < node_slots(); ++i) {
        if (node_alive(i)) take_node(i);
    }
    const auto take = [&](EdgeIndex i) {
        next.put_edge(edges_[i].edge);
        edges_[i].edge.id.clear();
    };
    for (const auto& id : edge_ids) {
        if (const EdgeIndex i = find_edge(id); i != kNoIndex && edge_alive(i)) take(i);
    }
    for (EdgeIndex i = 0; i < edge_slots(); ++i) {
        if (edge_alive(i)) take(i);
    }
    replace(std::move(next));
}

}  // namespace model
