#include <catch2/catch_test_macros.hpp>

#include <random>

#include "base/json.hpp"
#include "model/graph/clipping.hpp"

using namespace model;

namespace {

Graph shop() {
    auto graph = Graph::from_json(Json{
        {"nodes",
         {{{"id", "in"}, {"type", "ingress"}, {"position", {{"x", 0}, {"y", 0}}}, {"data", {{"name", "shop.example"}}}},
          {{"id", "svc"}, {"type", "service"}, {"position", {{"x", 300}, {"y", 0}}}, {"data", {{"name", "web"}, {"port", 80}}}},
          {{"id", "web"}, {"type", "deployment"}, {"position", {{"x", 600}, {"y", 10}}}, {"data", {{"name", "web-2"}, {"image", "nginx"}, {"_status", {{"state", "healthy"}}}}}}}},
        {"edges", {{{"id", "in-svc"}, {"source", "in"}, {"target", "svc"}, {"sourceHandle", "p1"}}, {{"id", "svc-web"}, {"source", "svc"}, {"target", "web"}}}}});
    REQUIRE(graph.has_value());
    return std::move(*graph);
}

}  // namespace

TEST_CASE("clipping: copied and pasted into an empty workflow is the same nodes and the edges between them") {
    const Graph from = shop();
    const auto clipping = read_clipping(clipping_of(from, {"svc", "web"}));
    REQUIRE(clipping.has_value());
    Graph to;
    REQUIRE(to.apply(paste_of(to, *clipping, {0, 0})));
    CHECK(to.node_count() == 2);
    REQUIRE(to.edge_count() == 1);
    CHECK(node_to_json(to.node(to.find_node("web"))) == node_to_json(from.node(from.find_node("web"))));
    CHECK(to.find_edge("svc-web") != kNoIndex);
}

TEST_CASE("clipping: beside the original, ids and names are free ones, and links follow") {
    Graph graph = shop();
    const auto clipping = read_clipping(clipping_of(graph, {"in", "svc", "web"}));
    REQUIRE(clipping.has_value());
    std::vector<Change> inverse;
    const Json before = graph.nodes_to_json();
    REQUIRE(graph.apply(paste_of(graph, *clipping, {30, 40}), &inverse));
    CHECK(graph.node_count() == 6);
    CHECK(graph.edge_count() == 4);
    const NodeIndex copy = graph.find_node("svc-2");
    REQUIRE(copy != kNoIndex);
    CHECK(graph.node(copy).position == Vec2{330, 40});
    CHECK(graph.node(copy).name == "web-3");  // "web" and "web-2" are taken
    const EdgeIndex edge = graph.find_edge("in-2-svc-2");
    REQUIRE(edge != kNoIndex);
    CHECK(graph.edge(edge).source_handle == "p1");
    for (const Change& change : inverse) REQUIRE(graph.apply(change));
    CHECK(graph.nodes_to_json() == before);
}

TEST_CASE("clipping: live status does not travel") {
    const std::string text = clipping_of(shop(), {"web"});
    CHECK(text.find("_status") == std::string::npos);
    CHECK(text.find("healthy") == std::string::npos);
    CHECK(clipping_of(shop(), {"nobody"}).empty());
}

TEST_CASE("clipping: what is no clipping is refused in words") {
    for (const char* text : {"", "hello", "{}", "[]", "{\"binnacle\":1}", "{\"binnacle\":\"nodes\"}", "{\"binnacle\":\"nodes\",\"version\":2,\"nodes\":[]}",
                             "{\"binnacle\":\"nodes\",\"version\":1}", "{\"binnacle\":\"nodes\",\"version\":1,\"nodes\":[],\"edges\":[]}",
                             "{\"binnacle\":\"nodes\",\"version\":1,\"nodes\":[{\"id\":7}],\"edges\":[]}", "apiVersion: v1\nkind: Pod\n"}) {
        const auto clipping = read_clipping(text);
        INFO(text);
        REQUIRE_FALSE(clipping.has_value());
        CHECK_FALSE(clipping.error().message.empty());
    }
    CHECK(read_clipping(std::string(kMaxClippingBytes + 1, ' ')).error().code == base::ErrorCode::too_large);
}

TEST_CASE("clipping: random parts pasted again and again keep ids unique and undo exactly") {
    std::mt19937 random(5);
    Graph graph = shop();
    for (int run = 0; run < 40; ++run) {
        std::set<std::string> chosen;
        for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
            if (graph.node_alive(i) && random() % 3 == 0) chosen.insert(graph.node(i).id);
        }
        const std::string text = clipping_of(graph, chosen);
        if (text.empty()) continue;
        const auto clipping = read_clipping(text);
        REQUIRE(clipping.has_value());
        const Json nodes = graph.nodes_to_json();
        const Json edges = graph.edges_to_json();
        const std::size_t count = graph.node_count();
        std::vector<Change> inverse;
        REQUIRE(graph.apply(paste_of(graph, *clipping, {30, 30}), &inverse));
        REQUIRE(graph.node_count() == count + chosen.size());
        if (random() % 2 == 0 || graph.node_count() > 60) {
            for (const Change& change : inverse) REQUIRE(graph.apply(change));
            REQUIRE(graph.nodes_to_json() == nodes);
            REQUIRE(graph.edges_to_json() == edges);
        }
    }
}
