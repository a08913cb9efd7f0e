#include "model/graph/connecting.hpp"

#include <algorithm>

namespace model {

namespace {

// Every node that can be reached from `start` along the edges (`backwards`: against them), itself included.
std::vector<bool> reachable(const Graph& graph, NodeIndex start, bool backwards) {
    std::vector<bool> seen(graph.node_slots(), false);
    std::vector<NodeIndex> stack{start};
    while (!stack.empty()) {
        const NodeIndex at = stack.back();
        stack.pop_back();
        if (seen[at]) continue;
        seen[at] = true;
        for (const EdgeIndex edge : graph.edges_of(at)) {
            const NodeIndex near = backwards ? graph.edge_target(edge) : graph.edge_source(edge);
            const NodeIndex far = backwards ? graph.edge_source(edge) : graph.edge_target(edge);
            if (near == at && !seen[far]) stack.push_back(far);
        }
    }
    return seen;
}

std::string with_article(NodeKind kind, std::string article) {
    const std::string_view title = kind_title(kind);
    return std::move(article) + (title.starts_with('I') ? "n " : " ") + std::string(title);
}

std::string kinds_words(NodeKind source, NodeKind target) { return with_article(source, "A") + " does not connect to " + with_article(target, "a"); }

}  // namespace

std::vector<bool> connectable(const Graph& graph, NodeIndex node, bool backwards) {
    std::vector<bool> out(graph.node_slots(), false);
    if (!graph.node_alive(node)) return out;
    // What leads to the source already would close a cycle as target.
    const std::vector<bool> cycle = reachable(graph, node, !backwards);
    const NodeKind kind = graph.node(node).kind;
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (!graph.node_alive(i) || cycle[i]) continue;
        out[i] = backwards ? kinds_may_connect(graph.node(i).kind, kind) : kinds_may_connect(kind, graph.node(i).kind);
    }
    for (const EdgeIndex edge : graph.edges_of(node)) {
        if ((backwards ? graph.edge_target(edge) : graph.edge_source(edge)) == node) out[backwards ? graph.edge_source(edge) : graph.edge_target(edge)] = false;
    }
    return out;
}

std::string why_not_between(const Graph& graph, EdgeIndex edge, NodeKind between) {
    const NodeKind source = graph.node(graph.edge_source(edge)).kind;
    const NodeKind target = graph.node(graph.edge_target(edge)).kind;
    if (!kinds_may_connect(source, between)) return kinds_words(source, between);
    if (!kinds_may_connect(between, target)) return kinds_words(between, target);
    return {};
}

std::string why_not_between(const Graph& graph, EdgeIndex edge, NodeIndex node) {
    const std::string& id = graph.node(node).id;
    if (const auto reason = graph.why_not_connect(graph.node(graph.edge_source(edge)).id, id)) return *reason;
    return graph.why_not_connect(id, graph.node(graph.edge_target(edge)).id).value_or(std::string());
}

std::vector<std::pair<NodeIndex, NodeIndex>> neighbours_across(const Graph& graph, const std::set<std::string>& ids) {
    std::vector<bool> inside(graph.node_slots(), false);
    for (const auto& id : ids) {
        if (const NodeIndex i = graph.find_node(id); i != kNoIndex) inside[i] = true;
    }
    std::vector<NodeIndex> before;
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (!inside[i]) continue;
        for (const EdgeIndex edge : graph.edges_of(i)) {
            if (const NodeIndex source = graph.edge_source(edge); !inside[source]) before.push_back(source);
        }
    }
    std::sort(before.begin(), before.end());
    before.erase(std::unique(before.begin(), before.end()), before.end());
    std::vector<std::pair<NodeIndex, NodeIndex>> out;
    for (const NodeIndex first : before) {
        // On through the inside only.
        std::vector<bool> seen(graph.node_slots(), false);
        std::vector<NodeIndex> stack;
        std::vector<NodeIndex> after;
        const auto follow = [&](NodeIndex at, bool from_outside) {
            for (const EdgeIndex edge : graph.edges_of(at)) {
                const NodeIndex next = graph.edge_target(edge);
                if (graph.edge_source(edge) != at || seen[next] || (from_outside && !inside[next])) continue;
                seen[next] = true;
                if (inside[next]) stack.push_back(next);
                else if (next != first) after.push_back(next);
            }
        };
        follow(first, true);
        while (!stack.empty()) {
            const NodeIndex at = stack.back();
            stack.pop_back();
            follow(at, false);
        }
        std::sort(after.begin(), after.end());
        for (const NodeIndex last : after) out.emplace_back(first, last);
    }
    return out;
}

}  // namespace model
