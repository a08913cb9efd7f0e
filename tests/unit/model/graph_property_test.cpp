// Properties of the graph over seeded random edits of all kinds of nodes: history, storing, the spatial index, layout. A failure prints its
// seed.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <random>

#include "model/edge_geometry.hpp"
#include "model/graph/arrange.hpp"
#include "model/graph/clipping.hpp"
#include "model/spatial_index.hpp"
#include "model/workflow_document.hpp"

using namespace model;

namespace {

constexpr std::array<const char*, 13> kTypes{"deployment", "service", "ingress", "configmap", "secret", "persistentvolumeclaim", "statefulset",
                                             "job", "cronjob", "daemonset", "hpa", "networkpolicy", "certificate"};

struct Editor {
    std::mt19937 random;
    explicit Editor(unsigned seed) : random(seed) {}
    unsigned below(std::size_t n) { return static_cast<unsigned>(random() % n); }
    Vec2 place() { return {static_cast<float>(below(4'000)) - 2'000, static_cast<float>(below(3'000)) - 1'500}; }

    Node node() {
        Node node;
        node.id = "n" + std::to_string(below(14));  // ids come back
        node.type = kTypes[below(kTypes.size())];
        node.position = place();
        node.data = Json{{"name", "name-" + std::to_string(below(6))}, {"port", below(3)}};
        if (node.type == "ingress") node.data["paths"] = Json::array({{{"id", "p1"}, {"path", "/"}}, {{"id", "p2"}, {"path", "/api"}}});
        return node;
    }
    std::vector<std::string> ids(const Graph& graph) const {
        std::vector<std::string> out;
        for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
            if (graph.node_alive(i)) out.push_back(graph.node(i).id);
        }
        return out;
    }
    Change change(const Graph& graph) {
        const auto all = ids(graph);
        if (all.size() < 3) return AddNode{node()};
        const auto one = [&] { return all[below(all.size())]; };
        switch (below(9)) {
            case 0: return AddNode{node()};
            case 1: return below(3) == 0 ? RemoveNodes{{one(), one()}} : RemoveNodes{{one()}};
            case 2: return MoveNodes{{{one(), place()}, {one(), place()}}};
            case 3: {
                const std::string id = one();
                Json data = graph.node(graph.find_node(id)).data;
                static constexpr std::array<const char*, 4> kFields{"name", "port", "image", "mountPath"};
                data[kFields[below(kFields.size())]] = "v" + std::to_string(below(4));
                return SetNodeData{id, std::move(data)};
            }
            case 4: {
                for (EdgeIndex i = below(graph.edge_slots() + 1); i < graph.edge_slots(); ++i) {
                    if (graph.edge_alive(i)) return RemoveEdges{{graph.edge(i).id}};
                }
                return AddNode{node()};
            }
            default: {
                const std::string a = one();
                const std::string b = one();
                return AddEdge{{a + "-" + b, a, b, below(2) ? "p2" : "", ""}};
            }
        }
    }
};

std::string text_of(const WorkflowDocument& document) {
    return document.name() + document.graph().nodes_to_json().dump() + document.graph().edges_to_json().dump();
}

// Every link field names a node that an edge joins to this one, and every such edge is in a link field.
void check_links(const Graph& graph) {
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (!graph.node_alive(i)) continue;
        const Node& node = graph.node(i);
        const auto neighbour = [&](const std::string& id) {
            const auto& edges = graph.edges_of(i);
            return std::any_of(edges.begin(), edges.end(), [&](EdgeIndex e) { return graph.edge(e).source == id || graph.edge(e).target == id; });
        };
        for (const char* key : {"_linkedDeployment", "_linkedTarget"}) {
            if (node.data.contains(key)) REQUIRE(neighbour(node.data[key].get<std::string>()));
        }
        std::size_t linked = 0;
        for (const char* key : {"_linkedConfigMaps", "_linkedSecrets", "_linkedPVCs"}) {
            if (!node.data.contains(key)) continue;
            for (const Json& id : node.data[key]) REQUIRE(neighbour(id.get<std::string>()));
            linked += node.data[key].size();
        }
        REQUIRE(linked == (node.data.contains("volumeMounts") ? node.data["volumeMounts"].size() : 0));
        if (node.kind == NodeKind::service || node.kind == NodeKind::hpa) {
            const char* key = node.kind == NodeKind::service ? "_linkedDeployment" : "_linkedTarget";
            const auto& edges = graph.edges_of(i);
            const bool wanted = std::any_of(edges.begin(), edges.end(), [&](EdgeIndex e) {
                const NodeKind target = graph.node(graph.edge_target(e)).kind;
                return graph.edge_source(e) == i && (target == NodeKind::deployment || target == NodeKind::statefulset || target == NodeKind::daemonset);
            });
            REQUIRE(node.data.contains(key) == wanted);
        }
    }
}

}  // namespace

TEST_CASE("any sequence of edits: undo all is the start, redo all the end, stored and read again the same, links true throughout") {
    for (unsigned seed = 1; seed <= 1'000; ++seed) {
        INFO("seed " << seed);
        Editor editor(seed);
        WorkflowDocument document;
        Graph begin;
        for (int i = 0; i < 4; ++i) (void)begin.apply(AddNode{editor.node()});
        document.open(std::move(begin), "Shop");
        const std::string start = text_of(document);
        for (int step = 0; step < 14; ++step) (void)document.edit(editor.change(document.graph()), {}, step * 5'000);
        const std::string end = text_of(document);
        check_links(document.graph());
        const auto again = Graph::from_json(Json{{"nodes", document.graph().nodes_to_json()}, {"edges", document.graph().edges_to_json()}});
        REQUIRE(again);
        REQUIRE("Shop" + again->nodes_to_json().dump() + again->edges_to_json().dump() == end);
        (void)document.undo(1'000);
        REQUIRE(text_of(document) == start);
        REQUIRE_FALSE(document.dirty());
        (void)document.redo(1'000);
        REQUIRE(text_of(document) == end);
        // One at a time, as a person does: every state on the way is one where the links are true.
        while (document.undo(1)) check_links(document.graph());
        REQUIRE(text_of(document) == start);
    }
}

TEST_CASE("a graph as text of the clipboard and back is the same graph, for any graph") {
    for (unsigned seed = 1; seed <= 400; ++seed) {
        INFO("seed " << seed);
        Editor editor(seed);
        Graph graph;
        for (int step = 0; step < 25; ++step) (void)graph.apply(editor.change(graph));
        if (graph.node_count() == 0) continue;
        const auto clipping = read_clipping(document_text("Shop", graph));
        REQUIRE(clipping);
        REQUIRE(clipping->graph.nodes_to_json() == graph.nodes_to_json());
        REQUIRE(clipping->graph.edges_to_json() == graph.edges_to_json());
    }
}

TEST_CASE("after any edit the spatial index finds what brute force finds, and the topmost node under a point") {
    for (unsigned seed = 1; seed <= 400; ++seed) {
        INFO("seed " << seed);
        Editor editor(seed);
        Graph graph;
        SpatialIndex index;
        std::vector<std::vector<Change>> undos;
        for (int step = 0; step < 24; ++step) {
            std::vector<Change> undo;
            if (step % 7 == 6 && !undos.empty()) {
                for (const Change& change : undos.back()) (void)graph.apply(change);
                undos.pop_back();
            } else if (graph.apply(editor.change(graph), &undo)) {
                undos.push_back(std::move(undo));
            }
            const Vec2 at = editor.place();
            const float size = static_cast<float>(editor.below(3) == 0 ? editor.below(20'000) : editor.below(600));
            const Rect rect{at, {at.x + size, at.y + size / 2}};
            std::vector<NodeIndex> nodes;
            NodeIndex top = kNoIndex;
            const auto all = editor.ids(graph);
            const Vec2 point = all.empty() || editor.below(2) ? at : graph.node(graph.find_node(all[editor.below(all.size())])).position;
            for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
                if (!graph.node_alive(i)) continue;
                if (graph.node_rect(i).overlaps(rect)) nodes.push_back(i);
                if (graph.node_rect(i).contains(point)) top = i;
            }
            REQUIRE(index.nodes_in(graph, rect) == nodes);
            REQUIRE(index.node_at(graph, point) == top);
            std::vector<EdgeIndex> edges;
            for (EdgeIndex i = 0; i < graph.edge_slots(); ++i) {
                if (!graph.edge_alive(i)) continue;
                const Rect box = edge_bounds(edge_curve(graph, i));
                if (box.min.x <= rect.max.x && rect.min.x <= box.max.x && box.min.y <= rect.max.y && rect.min.y <= box.max.y) edges.push_back(i);
            }
            REQUIRE(index.edges_in(graph, rect) == edges);
        }
    }
}

TEST_CASE("tidying up any graph, cycles and all, leaves no overlap and is undone whole") {
    for (unsigned seed = 1; seed <= 400; ++seed) {
        INFO("seed " << seed);
        Editor editor(seed);
        Graph graph;
        for (int step = 0; step < 30; ++step) (void)graph.apply(editor.change(graph));
        // As documents of others may have it.
        const auto ids = editor.ids(graph);
        Restore loops;
        for (int i = 0; ids.size() > 1 && i < 3; ++i) loops.edges.push_back({kNoIndex, {"loop" + std::to_string(i), ids[editor.below(ids.size())], ids[editor.below(ids.size())], "", ""}});
        (void)graph.apply(loops);
        const Json before = graph.nodes_to_json();
        const LayoutOptions options{.direction = seed % 2 ? LayoutDirection::left_right : LayoutDirection::top_down};
        std::vector<Change> undo;
        REQUIRE(graph.apply(tidied(graph, {}, options), &undo));
        for (NodeIndex a = 0; a < graph.node_slots(); ++a) {
            for (NodeIndex b = a + 1; b < graph.node_slots(); ++b) {
                if (graph.node_alive(a) && graph.node_alive(b)) REQUIRE_FALSE(graph.node_rect(a).overlaps(graph.node_rect(b)));
            }
        }
        for (const Change& change : undo) REQUIRE(graph.apply(change));
        REQUIRE(graph.nodes_to_json() == before);
    }
}
