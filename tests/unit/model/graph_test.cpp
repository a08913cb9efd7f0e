#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "model/edge_geometry.hpp"
#include "model/graph.hpp"
#include "model/spatial_index.hpp"

using namespace model;

namespace {

Node make_node(std::string id, std::string type, Vec2 at = {}) {
    Node node;
    node.id = id;
    node.type = std::move(type);
    node.position = at;
    node.data = Json{{"name", id}, {"image", "nginx:1.27"}};
    return node;
}

Graph shop() {
    Graph graph;
    REQUIRE(graph.apply(AddNode{make_node("in", "ingress", {0, 0})}));
    REQUIRE(graph.apply(AddNode{make_node("svc", "service", {280, 0})}));
    REQUIRE(graph.apply(AddNode{make_node("web", "deployment", {560, 0})}));
    REQUIRE(graph.apply(AddEdge{{"e1", "in", "svc", "", ""}}));
    REQUIRE(graph.apply(AddEdge{{"e2", "svc", "web", "", ""}}));
    return graph;
}

}  // namespace

TEST_CASE("a workflow read from JSON and written again is the same") {
    const Json workflow = {
        {"nodes", {{{"id", "svc"}, {"type", "service"}, {"position", {{"x", 10}, {"y", 20}}}, {"data", {{"name", "svc"}, {"port", 80}}}},
                   {{"id", "web"}, {"type", "deployment"}, {"position", {{"x", 300.5}, {"y", -20}}}, {"data", {{"name", "web"}, {"image", "nginx"}}}}}},
        {"edges", {{{"id", "e"}, {"source", "svc"}, {"target", "web"}, {"sourceHandle", "p1"}}}}};
    const auto graph = Graph::from_json(workflow);
    REQUIRE(graph);
    CHECK(graph->nodes_to_json() == workflow["nodes"]);
    CHECK(graph->edges_to_json() == workflow["edges"]);
    CHECK(graph->document_version() == 0);
}

TEST_CASE("live status is split off the document and never written back") {
    const Json workflow = {{"nodes", {{{"id", "web"}, {"type", "deployment"},
                                       {"data", {{"name", "web"}, {"_status", {{"state", "partial"}, {"replicas", 3}, {"readyReplicas", 1}, {"nodePort", "no"}}}}}}}}};
    const auto graph = Graph::from_json(workflow);
    REQUIRE(graph);
    const NodeStatus& status = graph->status(graph->find_node("web"));
    CHECK(status.state == NodeState::partial);
    CHECK(status.replicas == 3);
    CHECK(status.ready_replicas == 1);
    CHECK(status.node_port == 0);
    CHECK_FALSE(graph->nodes_to_json()[0]["data"].contains("_status"));
}

TEST_CASE("damaged workflows are refused with the path of the mistake") {
    const auto error_of = [](const Json& workflow) {
        const auto graph = Graph::from_json(workflow);
        return graph ? std::string("none") : graph.error().message;
    };
    CHECK(error_of(Json::array()) == "workflow: expected an object");
    CHECK(error_of({{"nodes", 1}}) == "nodes: expected an array");
    CHECK(error_of({{"nodes", {1}}}) == "nodes[0]: expected an object");
    CHECK(error_of({{"nodes", {{{"type", "service"}}}}}) == "nodes[0].id: missing");
    CHECK(error_of({{"nodes", {{{"id", "a"}, {"position", {{"x", "1"}}}}}}}) == "nodes[0].position: expected finite numbers x and y");
    CHECK(error_of({{"nodes", {{{"id", "a"}, {"position", {{"x", 1e300}}}}}}}) == "nodes[0].position: expected finite numbers x and y");
    CHECK(error_of({{"nodes", {{{"id", "a"}}, {{"id", "a"}}}}}) == "nodes[1]: There is already a node with the id \"a\"");
    CHECK(error_of({{"nodes", {{{"id", "a"}}}}, {"edges", {{{"source", "a"}, {"target", "ghost"}}}}}) == "edges[0].target: there is no node \"ghost\"");
}

TEST_CASE("a stored cycle can be opened, a new one cannot be made") {
    const Json loop = {{"nodes", {{{"id", "a"}, {"type", "x"}}, {{"id", "b"}, {"type", "x"}}}},
                       {"edges", {{{"id", "1"}, {"source", "a"}, {"target", "b"}}, {{"id", "2"}, {"source", "b"}, {"target", "a"}}}}};
    auto graph = Graph::from_json(loop);
    REQUIRE(graph);
    CHECK(graph->edge_count() == 2);

    Graph fresh;
    REQUIRE(fresh.apply(AddNode{make_node("a", "x")}));
    REQUIRE(fresh.apply(AddNode{make_node("b", "x")}));
    REQUIRE(fresh.apply(AddNode{make_node("c", "x")}));
    REQUIRE(fresh.apply(AddEdge{{"1", "a", "b", "", ""}}));
    REQUIRE(fresh.apply(AddEdge{{"2", "b", "c", "", ""}}));
    const auto closing = fresh.apply(AddEdge{{"3", "c", "a", "", ""}});
    REQUIRE_FALSE(closing);
    CHECK(closing.error().message == "This edge would close a cycle through a");
    CHECK(fresh.edge_count() == 2);
}

TEST_CASE("the reason says what is wrong with a connection") {
    const Graph graph = shop();
    CHECK(graph.why_not_connect("web", "svc") == "Connect from the Service to the Deployment, not the other way");
    CHECK(graph.why_not_connect("in", "web") == "An Ingress does not connect to a Deployment. It connects to a Service");
    CHECK(graph.why_not_connect("in", "svc") == "in is already connected to svc");
    CHECK(graph.why_not_connect("in", "in") == "A node cannot connect to itself");
    CHECK(graph.why_not_connect("in", "ghost").has_value());
}

TEST_CASE("removing a node removes its edges and nothing else") {
    Graph graph = shop();
    REQUIRE(graph.apply(RemoveNodes{{"svc"}}));
    CHECK(graph.node_count() == 2);
    CHECK(graph.edge_count() == 0);
    CHECK(graph.find_node("svc") == kNoIndex);
    CHECK(graph.edges_of(graph.find_node("web")).empty());
    CHECK_FALSE(graph.apply(RemoveNodes{{"web", "ghost"}}));
    CHECK(graph.node_count() == 2);  // all or nothing
}

TEST_CASE("a move to nowhere is refused") {
    Graph graph = shop();
    const auto version = graph.document_version();
    CHECK_FALSE(graph.apply(MoveNodes{{{"web", {std::numeric_limits<float>::quiet_NaN(), 0}}}}));
    CHECK(graph.document_version() == version);
    REQUIRE(graph.apply(MoveNodes{{{"web", {1, 2}}}}));
    CHECK(graph.node(graph.find_node("web")).position == Vec2{1, 2});
}

TEST_CASE("free ids and names are free") {
    Graph graph = shop();
    CHECK(graph.find_node(graph.free_node_id("deployment")) == kNoIndex);
    CHECK(graph.free_name("web") == "web-2");
    CHECK(graph.free_name("other") == "other");
}

TEST_CASE("the spatial index finds what brute force finds") {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> place(-4000, 4000);
    Graph graph;
    for (int i = 0; i < 400; ++i) REQUIRE(graph.apply(AddNode{make_node("n" + std::to_string(i), "x", {place(random), place(random)})}));
    for (int i = 1; i < 400; ++i) {
        (void)graph.apply(AddEdge{{"e" + std::to_string(i), "n" + std::to_string(random() % static_cast<unsigned>(i)), "n" + std::to_string(i), "", ""}});
    }
    SpatialIndex index;
    for (int round = 0; round < 300; ++round) {
        if (round % 10 == 0) REQUIRE(graph.apply(MoveNodes{{{"n" + std::to_string(random() % 400), {place(random), place(random)}}}}));
        const float w = std::abs(place(random)) * (round % 7 == 0 ? 4.0F : 0.2F);
        const Vec2 at{place(random), place(random)};
        const Rect rect{at, {at.x + w, at.y + w / 2}};
        std::vector<NodeIndex> nodes;
        for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
            if (graph.node_alive(i) && graph.node_rect(i).overlaps(rect)) nodes.push_back(i);
        }
        CHECK(index.nodes_in(graph, rect) == nodes);
        std::vector<EdgeIndex> edges;
        for (EdgeIndex i = 0; i < graph.edge_slots(); ++i) {
            const Rect box = edge_bounds(edge_curve(graph, i));
            if (box.min.x <= rect.max.x && rect.min.x <= box.max.x && box.min.y <= rect.max.y && rect.min.y <= box.max.y) edges.push_back(i);
        }
        CHECK(index.edges_in(graph, rect) == edges);
    }
}

TEST_CASE("an edge's curve starts and ends at the ports and stays in its box") {
    for (const Vec2 to : {Vec2{400, 0}, Vec2{400, 300}, Vec2{-500, 40}, Vec2{0, 0}}) {
        const EdgeCurve curve = curve_between({0, 0}, to);
        CHECK(point_at(curve, 0) == Vec2{0, 0});
        CHECK(std::abs(point_at(curve, 1).x - to.x) < 1e-3F);
        const Rect box = edge_bounds(curve);
        for (int i = 0; i <= 20; ++i) {
            const Vec2 p = point_at(curve, static_cast<float>(i) / 20);
            CHECK(p.x >= box.min.x - 1e-3F);
            CHECK(p.x <= box.max.x + 1e-3F);
            CHECK(distance_to(curve, p) < 1.5F);
        }
        CHECK(distance_to(curve, {0, 5000}) > 1000);
    }
}
