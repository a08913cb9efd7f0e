#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "model/graph/arrange.hpp"

using namespace model;

namespace {

Graph of(const std::vector<std::pair<std::string, Vec2>>& nodes) {
    Graph graph;
    for (const auto& [id, at] : nodes) {
        Node node;
        node.id = id;
        node.type = "deployment";
        node.position = at;
        node.data = Json{{"name", id}};
        REQUIRE(graph.apply(AddNode{std::move(node)}));
    }
    return graph;
}

Vec2 at(const Graph& graph, std::string_view id) { return graph.node(graph.find_node(id)).position; }

const std::set<std::string> kAll{"a", "b", "c"};

}  // namespace

TEST_CASE("arrange: each way of aligning brings that line of all to the same place, and moves nothing else") {
    struct Case {
        Arrange how;
        Vec2 a, b, c;
    };
    const std::vector<Case> cases{
        {Arrange::align_left, {0, 0}, {0, 50}, {0, 300}},         {Arrange::align_right, {200, 0}, {200, 50}, {200, 300}},
        {Arrange::align_center, {100, 0}, {100, 50}, {100, 300}}, {Arrange::align_top, {0, 0}, {70, 0}, {200, 0}},
        {Arrange::align_bottom, {0, 300}, {70, 300}, {200, 300}}, {Arrange::align_middle, {0, 150}, {70, 150}, {200, 150}},
    };
    for (const Case& one : cases) {
        INFO(arrange_title(one.how));
        Graph graph = of({{"a", {0, 0}}, {"b", {70, 50}}, {"c", {200, 300}}, {"other", {9, 9}}});
        REQUIRE(graph.apply(arranged(graph, kAll, one.how)));
        CHECK(at(graph, "a") == one.a);
        CHECK(at(graph, "b") == one.b);
        CHECK(at(graph, "c") == one.c);
        CHECK(at(graph, "other") == Vec2{9, 9});
        CHECK(arranged(graph, kAll, one.how).moves.empty());
    }
}

TEST_CASE("arrange: distributing leaves the outermost and makes the gaps equal") {
    Graph graph = of({{"a", {0, 0}}, {"b", {250, 10}}, {"c", {1000, 20}}});
    const MoveNodes moves = arranged(graph, kAll, Arrange::distribute_horizontally);
    REQUIRE(moves.moves.size() == 1);
    CHECK(moves.moves[0].id == "b");
    CHECK(moves.moves[0].to == Vec2{500, 10});
    CHECK(arranged(graph, {"a", "b"}, Arrange::distribute_vertically).moves.empty());
}

TEST_CASE("arrange: one node, no node and strangers are nothing to align") {
    const Graph graph = of({{"a", {0, 0}}, {"b", {5, 5}}});
    CHECK(arranged(graph, {}, Arrange::align_left).moves.empty());
    CHECK(arranged(graph, {"a"}, Arrange::align_left).moves.empty());
    CHECK(arranged(graph, {"a", "nobody"}, Arrange::align_left).moves.empty());
}

TEST_CASE("arrange: tidying up the selection leaves the others where they are") {
    Graph graph = of({{"a", {500, 500}}, {"b", {500, 500}}, {"c", {-40, -40}}});
    REQUIRE(graph.apply(AddEdge{{"e", "a", "b", "", ""}}).has_value() == !graph.why_not_connect("a", "b").has_value());
    REQUIRE(graph.apply(tidied(graph, {"a", "b"}, {})));
    CHECK(at(graph, "c") == Vec2{-40, -40});
    CHECK_FALSE(graph.node_rect(graph.find_node("a")).overlaps(graph.node_rect(graph.find_node("b"))));
    CHECK(std::min(at(graph, "a").x, at(graph, "b").x) == 495);  // on the grid of 15
    CHECK(tidied(graph, {"a", "b"}, {}).moves.empty());
}
