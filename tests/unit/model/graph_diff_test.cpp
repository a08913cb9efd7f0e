#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>

#include "model/graph_diff.hpp"

using namespace model;

namespace {

Graph parse(const char* text) {
    auto graph = Graph::from_json(Json::parse(text));
    REQUIRE(graph);
    return std::move(*graph);
}

std::string text_of(const Graph& graph) { return graph.nodes_to_json().dump() + graph.edges_to_json().dump(); }

Graph random_graph(std::mt19937& random) {
    Graph graph;
    for (int i = 0; i < 12; ++i) {
        if (random() % 3 == 0) continue;
        Node node;
        node.id = "n" + std::to_string(random() % 10);
        node.type = random() % 4 ? "x" : "y";
        node.position = {static_cast<float>(random() % 3), 0};
        node.data = Json{{"name", node.id}, {"image", "v" + std::to_string(random() % 3)}};
        (void)graph.apply(AddNode{node});
    }
    for (int i = 0; i < 14; ++i) {
        const std::string a = "n" + std::to_string(random() % 10);
        const std::string b = "n" + std::to_string(random() % 10);
        (void)graph.apply(AddEdge{{"e" + std::to_string(random() % 12), a, b, "", random() % 2 ? "p" : ""}});
    }
    return graph;
}

}  // namespace

TEST_CASE("a difference names nodes, fields and edges of both sides [A5]") {
    const Graph mine = parse(R"({"nodes":[
        {"id":"web","type":"deployment","position":{"x":1,"y":1},"data":{"name":"web","image":"nginx:2","env":{"PORT":"80","A":"1"}}},
        {"id":"old","type":"service","data":{"name":"old"}},
        {"id":"same","type":"service","data":{"name":"same"}}],
        "edges":[{"id":"e","source":"same","target":"web"}]})");
    const Graph theirs = parse(R"({"nodes":[
        {"id":"web","type":"deployment","position":{"x":5,"y":1},"data":{"name":"web","image":"nginx:1","env":{"PORT":"81","A":"1"},"replicas":3}},
        {"id":"same","type":"service","data":{"name":"same"}},
        {"id":"new","type":"secret","data":{"name":"keys"}}],
        "edges":[{"id":"f","source":"new","target":"web"}]})");
    const GraphDiff diff = diff_graphs(mine, theirs);
    REQUIRE(diff.nodes.size() == 3);
    CHECK(diff.nodes[0].name == "web");
    CHECK(diff.nodes[0].moved);
    CHECK(diff.nodes[0].fields == std::vector<FieldDiff>{{"env.PORT", "80", "81"}, {"image", "nginx:2", "nginx:1"}, {"replicas", "", "3"}});
    CHECK(diff.nodes[1].kind == DiffKind::only_left);
    CHECK(diff.nodes[2].kind == DiffKind::only_right);
    CHECK(diff.nodes[2].name == "keys");
    REQUIRE(diff.edges.size() == 2);
    CHECK(diff.edges[0] == EdgeDiff{DiffKind::only_left, "e", "same", "web"});
    CHECK(diff.edges[1] == EdgeDiff{DiffKind::only_right, "f", "keys", "web"});
}

TEST_CASE("equal graphs have no difference, and another order is one [A5]") {
    std::mt19937 random(4);
    const Graph graph = random_graph(random);
    CHECK(diff_graphs(graph, graph).empty());
    Graph turned = graph;
    GraphOrder order = order_of(turned);
    std::reverse(order.nodes.begin(), order.nodes.end());
    turned.arrange(order.nodes, order.edges);
    const GraphDiff diff = diff_graphs(graph, turned);
    CHECK(diff.reordered);
    CHECK_FALSE(diff.empty());
}

TEST_CASE("the changes between two graphs, and their order, turn one into the other [A5]") {
    for (unsigned seed = 1; seed <= 200; ++seed) {
        std::mt19937 random(seed);
        Graph from = random_graph(random);
        const Graph to = random_graph(random);
        for (const Change& change : changes_between(from, to)) REQUIRE(from.apply(change));
        const GraphOrder order = order_of(to);
        const auto versions = std::pair(from.document_version(), from.slot_epoch());
        from.arrange(order.nodes, order.edges);
        REQUIRE(text_of(from) == text_of(to));
        CHECK(diff_graphs(from, to).empty());
        CHECK(from.document_version() > versions.first);
        CHECK(from.slot_epoch() > versions.second);
    }
}

TEST_CASE("long values and many fields are cut in a difference") {
    Node a;
    a.id = "a";
    a.type = "x";
    Node b = a;
    a.data = Json{{"text", std::string(5000, 'x')}};
    b.data = Json{{"text", std::string(5000, 'y')}};
    for (int i = 0; i < 100; ++i) b.data["k" + std::to_string(i)] = i;
    Graph left;
    Graph right;
    REQUIRE(left.apply(AddNode{a}));
    REQUIRE(right.apply(AddNode{b}));
    const GraphDiff diff = diff_graphs(left, right);
    REQUIRE(diff.nodes.size() == 1);
    CHECK(diff.nodes[0].fields.size() == GraphDiff::kMaxFields);
    CHECK(diff.nodes[0].fields[0].left.size() < 200);
}
