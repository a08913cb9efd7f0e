#include "model/graph/arrange.hpp"

#include <algorithm>
#include <vector>

namespace model {

namespace {

struct Placed {
    NodeIndex index = kNoIndex;
    Rect rect;
};

std::vector<Placed> placed_nodes(const Graph& graph, const std::set<std::string>& ids) {
    std::vector<Placed> nodes;
    for (const auto& id : ids) {
        const NodeIndex i = graph.find_node(id);
        if (i != kNoIndex) nodes.push_back({i, graph.node_rect(i)});
    }
    return nodes;
}

void add_move(const Graph& graph, NodeIndex i, Vec2 to, MoveNodes& out) {
    if (graph.node(i).position != to) out.moves.push_back({graph.node(i).id, to});
}

void distribute(const Graph& graph, std::vector<Placed> nodes, float Vec2::*axis, MoveNodes& out) {
    std::sort(nodes.begin(), nodes.end(), [&](const Placed& a, const Placed& b) {
        const float middle_a = a.rect.min.*axis + a.rect.max.*axis;
        const float middle_b = b.rect.min.*axis + b.rect.max.*axis;
        return middle_a != middle_b ? middle_a < middle_b : a.index < b.index;
    });
    float used = 0;
    for (const Placed& node : nodes) used += node.rect.max.*axis - node.rect.min.*axis;
    const float from = nodes.front().rect.min.*axis;
    const float gap = (nodes.back().rect.max.*axis - from - used) / static_cast<float>(nodes.size() - 1);
    float at = from;
    for (const Placed& node : nodes) {
        Vec2 to = node.rect.min;
        to.*axis = at;
        at += node.rect.max.*axis - node.rect.min.*axis + gap;
        // The outermost stay, whatever rounding says.
        if (&node != &nodes.front() && &node != &nodes.back()) add_move(graph, node.index, to, out);
    }
}

}  // namespace

std::string_view arrange_title(Arrange how) {
    switch (how) {
        case Arrange::align_left: return "Align left edges";
        case Arrange::align_center: return "Align centers";
        case Arrange::align_right: return "Align right edges";
        case Arrange::align_top: return "Align top edges";
        case Arrange::align_middle: return "Align middles";
        case Arrange::align_bottom: return "Align bottom edges";
        case Arrange::distribute_horizontally: return "Distribute horizontally";
        case Arrange::distribute_vertically: return "Distribute vertically";
    }
    return "";
}

std::size_t arrange_needs(Arrange how) { return how == Arrange::distribute_horizontally || how == Arrange::distribute_vertically ? 3 : 2; }

MoveNodes arranged(const Graph& graph, const std::set<std::string>& ids, Arrange how) {
    MoveNodes out;
    const std::vector<Placed> nodes = placed_nodes(graph, ids);
    if (nodes.size() < arrange_needs(how)) return out;
    if (how == Arrange::distribute_horizontally || how == Arrange::distribute_vertically) {
        distribute(graph, nodes, how == Arrange::distribute_horizontally ? &Vec2::x : &Vec2::y, out);
        return out;
    }
    Rect box = nodes.front().rect;
    for (const Placed& node : nodes) {
        box.min = {std::min(box.min.x, node.rect.min.x), std::min(box.min.y, node.rect.min.y)};
        box.max = {std::max(box.max.x, node.rect.max.x), std::max(box.max.y, node.rect.max.y)};
    }
    for (const Placed& node : nodes) {
        const Vec2 size{node.rect.max.x - node.rect.min.x, node.rect.max.y - node.rect.min.y};
        Vec2 to = node.rect.min;
        switch (how) {
            case Arrange::align_left: to.x = box.min.x; break;
            case Arrange::align_center: to.x = (box.min.x + box.max.x - size.x) / 2; break;
            case Arrange::align_right: to.x = box.max.x - size.x; break;
            case Arrange::align_top: to.y = box.min.y; break;
            case Arrange::align_middle: to.y = (box.min.y + box.max.y - size.y) / 2; break;
            case Arrange::align_bottom: to.y = box.max.y - size.y; break;
            case Arrange::distribute_horizontally:
            case Arrange::distribute_vertically: break;
        }
        add_move(graph, node.index, to, out);
    }
    return out;
}

MoveNodes tidied(const Graph& graph, const std::set<std::string>& ids, const LayoutOptions& options) {
    LayoutInput input;
    std::vector<NodeIndex> indices;
    std::vector<std::uint32_t> number(graph.node_slots(), kNoIndex);
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (!graph.node_alive(i) || (!ids.empty() && !ids.contains(graph.node(i).id))) continue;
        const Rect rect = graph.node_rect(i);
        number[i] = static_cast<std::uint32_t>(indices.size());
        indices.push_back(i);
        input.nodes.push_back({rect.min, {rect.max.x - rect.min.x, rect.max.y - rect.min.y}});
    }
    for (EdgeIndex i = 0; i < graph.edge_slots(); ++i) {
        if (!graph.edge_alive(i)) continue;
        const std::uint32_t from = number[graph.edge_source(i)];
        const std::uint32_t to = number[graph.edge_target(i)];
        if (from != kNoIndex && to != kNoIndex) input.edges.emplace_back(from, to);
    }
    MoveNodes out;
    const std::vector<Vec2> at = layered_layout(input, options);
    for (std::size_t k = 0; k < indices.size(); ++k) add_move(graph, indices[k], at[k], out);
    return out;
}

}  // namespace model
