// What may be connected to what, for many nodes at once; and the edits of edges as the App makes them are in tests/ui/canvas_connect_test.cpp.
#include <catch2/catch_test_macros.hpp>

#include <array>
#include <random>
#include <set>
#include <string>

#include "model/graph/connecting.hpp"

using namespace model;

namespace {

constexpr std::array<const char*, 14> kTypes{"deployment", "service", "ingress", "configmap", "secret", "persistentvolumeclaim", "statefulset",
                                             "job", "cronjob", "daemonset", "hpa", "networkpolicy", "widget", "gadget"};

std::string id_of(int i) { return "n" + std::to_string(i); }

Graph random_graph(std::mt19937& random, int nodes) {
    Graph graph;
    const auto pick = [&](int to) { return std::uniform_int_distribution<int>(0, to)(random); };
    for (int i = 0; i < nodes; ++i) {
        // Mostly plugins: they connect to everything, so there are paths.
        const char* type = pick(2) == 0 ? kTypes[static_cast<std::size_t>(pick(11))] : kTypes[12 + static_cast<std::size_t>(pick(1))];
        REQUIRE(graph.apply(AddNode{{.id = id_of(i), .type = type}}));
    }
    for (int i = 0; i < 2 * nodes; ++i) {
        const int from = pick(nodes - 1);
        const int to = pick(nodes - 1);
        (void)graph.apply(AddEdge{{"e" + std::to_string(i), id_of(from), id_of(to), "", ""}});
    }
    for (int i = 0; i < nodes / 6; ++i) REQUIRE(graph.apply(RemoveNodes{{id_of(i * 6)}}));
    return graph;
}

}  // namespace

TEST_CASE("connecting: the nodes that fit are exactly those that why_not_connect() allows, in both directions") {
    std::mt19937 random(5);
    for (int round = 0; round < 60; ++round) {
        const Graph graph = random_graph(random, 4 + round % 16);
        for (NodeIndex a = 0; a < graph.node_slots(); ++a) {
            if (!graph.node_alive(a)) continue;
            const auto targets = connectable(graph, a, false);
            const auto sources = connectable(graph, a, true);
            for (NodeIndex b = 0; b < graph.node_slots(); ++b) {
                if (!graph.node_alive(b)) {
                    REQUIRE_FALSE(targets[b]);
                    continue;
                }
                REQUIRE(targets[b] == !graph.why_not_connect(graph.node(a).id, graph.node(b).id));
                REQUIRE(sources[b] == !graph.why_not_connect(graph.node(b).id, graph.node(a).id));
            }
        }
    }
    CHECK(connectable(Graph{}, 3, false).empty());
}

TEST_CASE("connecting: an edge with a node put between its ends keeps the rules, whenever they say that it fits") {
    std::mt19937 random(6);
    int fitted = 0;
    for (int round = 0; round < 80; ++round) {
        const Graph graph = random_graph(random, 12);
        for (EdgeIndex e = 0; e < graph.edge_slots(); ++e) {
            if (!graph.edge_alive(e)) continue;
            for (NodeIndex n = 0; n < graph.node_slots(); ++n) {
                if (!graph.node_alive(n) || !why_not_between(graph, e, n).empty()) continue;
                if (!graph.edges_of(n).empty()) continue;
                Graph next = graph;
                const Edge edge = graph.edge(e);
                REQUIRE(next.apply(RemoveEdges{{edge.id}}));
                REQUIRE(next.apply(AddEdge{{"first", edge.source, graph.node(n).id, "", ""}}));
                REQUIRE(next.apply(AddEdge{{"second", graph.node(n).id, edge.target, "", ""}}));
                REQUIRE(why_not_between(graph, e, graph.node(n).kind).empty());
                ++fitted;
            }
        }
    }
    CHECK(fitted > 50);
}

TEST_CASE("connecting: neighbours across a set of nodes are those that its paths join") {
    Graph graph;
    for (const char* id : {"a", "b", "x", "y", "c", "d"}) REQUIRE(graph.apply(AddNode{{.id = id, .type = "widget"}}));
    const auto edge = [&](const char* from, const char* to) { REQUIRE(graph.apply(AddEdge{{std::string(from) + to, from, to, "", ""}})); };
    edge("a", "x");
    edge("x", "y");
    edge("y", "c");
    edge("b", "y");
    edge("x", "d");
    edge("a", "d");
    const auto pairs = [&](const std::set<std::string>& ids) {
        std::string out;
        for (const auto& [before, after] : neighbours_across(graph, ids)) out += graph.node(before).id + graph.node(after).id + " ";
        return out;
    };
    CHECK(pairs({"x", "y"}) == "ac ad bc ");
    CHECK(pairs({"x"}) == "ay ad ");
    CHECK(pairs({"c"}).empty());
    CHECK(pairs({"a", "b", "x", "y", "c", "d"}).empty());
    CHECK(pairs({"nobody"}).empty());
}
