#include "model/graph/clipping.hpp"

#include <unordered_map>
#include <unordered_set>

#include "base/json.hpp"

namespace model {

namespace {

constexpr const char* kMark = "binnacle";
constexpr const char* kWhat = "nodes";
constexpr int kVersion = 1;

base::Error not_ours() {
    return {base::ErrorCode::invalid_argument, "The clipboard has no nodes of a workflow. Copy some on the canvas first."};
}

// `wanted`, or that with the lowest number behind it that is free.
std::string free_of(const std::string& wanted, const std::unordered_set<std::string>& taken) {
    if (!taken.contains(wanted)) return wanted;
    // "web-2" becomes "web-3", not "web-2-2".
    std::string stem = wanted;
    const std::size_t dash = stem.rfind('-');
    if (dash != std::string::npos && dash > 0 && dash + 1 < stem.size() && stem.size() - dash <= 7 &&
        stem.find_first_not_of("0123456789", dash + 1) == std::string::npos) {
        stem.resize(dash);
    }
    for (int n = 2;; ++n) {
        std::string candidate = stem + "-" + std::to_string(n);
        if (!taken.contains(candidate)) return candidate;
    }
}

void leave_out_values(Json& node) {
    Json& data = node["data"];
    const bool secret = node["type"] == "secret";
    if (secret) {
        for (const char* values : {"data", "stringData", "values"}) data.erase(values);
    }
    for (const char* list : {"keys", "envKeys"}) {
        const auto keys = data.find(list);
        if ((!secret && list == std::string_view("keys")) || keys == data.end() || !keys->is_array()) continue;
        for (Json& key : *keys) {
            if (key.is_object()) key.erase("value");
        }
    }
}

}  // namespace

std::string document_text(std::string_view name, const Graph& graph) {
    Json nodes = graph.nodes_to_json();
    for (Json& node : nodes) leave_out_values(node);
    return base::dump_json(Json{{kMark, kWhat}, {"version", kVersion}, {"name", name}, {"nodes", std::move(nodes)}, {"edges", graph.edges_to_json()}}, 2);
}

std::string clipping_of(const Graph& graph, const std::set<std::string>& ids) {
    Json nodes = Json::array();
    Json edges = Json::array();
    std::vector<bool> chosen(graph.node_slots(), false);
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (!graph.node_alive(i) || !ids.contains(graph.node(i).id)) continue;
        chosen[i] = true;
        nodes.push_back(node_to_json(graph.node(i)));
    }
    if (nodes.empty()) return {};
    for (EdgeIndex i = 0; i < graph.edge_slots(); ++i) {
        if (graph.edge_alive(i) && chosen[graph.edge_source(i)] && chosen[graph.edge_target(i)]) edges.push_back(edge_to_json(graph.edge(i)));
    }
    return base::dump_json(Json{{kMark, kWhat}, {"version", kVersion}, {"nodes", std::move(nodes)}, {"edges", std::move(edges)}}, 2);
}

base::Result<Clipping> read_clipping(std::string_view text) {
    if (text.size() > kMaxClippingBytes) return base::fail(base::ErrorCode::too_large, "The clipboard has more text than a workflow may have.");
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || text[first] != '{') return base::fail(not_ours());
    const auto json = base::parse_json(text, {.max_bytes = kMaxClippingBytes});
    if (!json || !json->is_object()) return base::fail(not_ours());
    const auto mark = json->find(kMark);
    if (mark == json->end() || !mark->is_string() || *mark != kWhat) return base::fail(not_ours());
    const auto version = json->find("version");
    if (version == json->end() || !version->is_number_integer() || *version != kVersion) {
        return base::fail(base::ErrorCode::invalid_argument, "These nodes were copied from another version of Binnacle. Reload both pages and copy them again.");
    }
    auto graph = Graph::from_json(*json);
    if (!graph) return base::fail(graph.error());
    if (graph->node_count() == 0) return base::fail(not_ours());
    if (graph->node_count() > kMaxClippingNodes) return base::fail(base::ErrorCode::too_large, "The clipboard has more nodes than a workflow may have.");
    return Clipping{std::move(*graph)};
}

Restore paste_of(const Graph& graph, const Clipping& clipping, Vec2 offset) {
    std::unordered_set<std::string> ids;
    std::unordered_set<std::string> names;
    std::unordered_set<std::string> edge_ids;
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (!graph.node_alive(i)) continue;
        ids.insert(graph.node(i).id);
        names.insert(graph.node(i).name);
    }
    for (EdgeIndex i = 0; i < graph.edge_slots(); ++i) {
        if (graph.edge_alive(i)) edge_ids.insert(graph.edge(i).id);
    }
    Restore change;
    std::unordered_map<std::string, std::string> new_ids;
    const Graph& from = clipping.graph;
    for (NodeIndex i = 0; i < from.node_slots(); ++i) {
        if (!from.node_alive(i)) continue;
        Node node = from.node(i);
        const std::string id = free_of(node.id, ids);
        new_ids.emplace(node.id, id);
        node.id = id;
        ids.insert(id);
        if (node.data.contains("name")) {
            const std::string name = free_of(node.name, names);
            names.insert(name);
            node.data["name"] = name;
        }
        node.position = {node.position.x + offset.x, node.position.y + offset.y};
        derive_fields(node);
        change.nodes.push_back({kNoIndex, std::move(node)});
    }
    for (EdgeIndex i = 0; i < from.edge_slots(); ++i) {
        if (!from.edge_alive(i)) continue;
        Edge edge = from.edge(i);
        edge.source = new_ids[edge.source];
        edge.target = new_ids[edge.target];
        edge.id = free_of(edge.source + "-" + edge.target, edge_ids);
        edge_ids.insert(edge.id);
        change.edges.push_back({kNoIndex, std::move(edge)});
    }
    return change;
}

}  // namespace model
