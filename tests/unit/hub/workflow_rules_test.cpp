#include <catch2/catch_test_macros.hpp>

#include <limits>

#include "hub/workflow_rules.hpp"
#include "hub_rig.hpp"

using namespace hub;
using hub::testing::edge;
using hub::testing::node;

namespace {

std::string first(const Json& nodes, const Json& edges) {
    const auto problems = check_structure(nodes, edges);
    return problems.empty() ? "" : problems.front().path + ": " + problems.front().message;
}

std::string first_runnable(const Json& nodes, const Json& edges) {
    REQUIRE(check_structure(nodes, edges).empty());
    const auto problems = check_runnable(nodes, edges, "default");
    return problems.empty() ? "" : problems.front().path + ": " + problems.front().message;
}

}  // namespace

TEST_CASE("structural mistakes are named with their JSON path") {
    const Json ok = node("a", "deployment", Json::object());
    const Json none = Json::array();
    CHECK(first(none, none).empty());
    CHECK(first(Json::array({ok}), none).empty());
    CHECK(first("x", none) == "nodes: expected array, got string");
    CHECK(first(none, Json::object()) == "edges: expected array, got object");
    CHECK(first(Json::array({1}), none) == "nodes[0]: expected object, got number");
    CHECK(first(Json::array({{{"type", "deployment"}}}), none) == "nodes[0].id: is missing");
    CHECK(first(Json::array({node("", "deployment", Json::object())}), none) == "nodes[0].id: is empty");
    CHECK(first(Json::array({node(std::string(200, 'x'), "deployment", Json::object())}), none) == "nodes[0].id: is longer than 128 bytes");
    CHECK(first(Json::array({node("a", "lambda", Json::object())}), none) == "nodes[0].type: unknown node type \"lambda\"");
    CHECK(first(Json::array({ok, ok}), none) == "nodes[1].id: \"a\" is already the id of nodes[0]");
    CHECK(first(Json::array({node("a", "deployment", Json::array())}), none) == "nodes[0].data: expected object, got array");
    CHECK(first(Json::array({node("a", "deployment", {{"name", 3}})}), none) == "nodes[0].data.name: expected string, got number");
    Json moved = ok;
    moved["position"]["x"] = "left";
    CHECK(first(Json::array({moved}), none) == "nodes[0].position.x: expected number, got string");
    moved["position"]["x"] = std::numeric_limits<double>::infinity();
    CHECK(first(Json::array({moved}), none) == "nodes[0].position.x: is not a usable coordinate");
    moved["position"].erase("x");
    CHECK(first(Json::array({moved}), none) == "nodes[0].position.x: is missing");
    moved.erase("position");
    CHECK(first(Json::array({moved}), none) == "nodes[0].position: is missing");
}

TEST_CASE("edges must join nodes that are there, of kinds that belong together") {
    const Json nodes = Json::array({node("s", "service", Json::object()), node("d", "deployment", Json::object()), node("c", "configmap", Json::object())});
    CHECK(first(nodes, Json::array({edge("s", "d"), edge("c", "d")})).empty());
    CHECK(first(nodes, Json::array({edge("s", "gone")})) == "edges[0].target: there is no node \"gone\"");
    CHECK(first(nodes, Json::array({edge("gone", "d")})) == "edges[0].source: there is no node \"gone\"");
    CHECK(first(nodes, Json::array({edge("s", "d"), edge("s", "d")})) == "edges[1].id: \"s>d\" is already the id of edges[0]");
    CHECK(first(nodes, Json::array({edge("d", "s")})) == "edges[0]: a deployment (d) cannot be connected to a service (s)");
    CHECK(first(nodes, Json::array({edge("s", "c")})) == "edges[0]: a service (s) cannot be connected to a configmap (c)");
    Json handle = edge("s", "d");
    handle["sourceHandle"] = 5;
    CHECK(first(nodes, Json::array({handle})) == "edges[0].sourceHandle: expected string, got number");
}

TEST_CASE("a cycle is named by its nodes") {
    Json nodes = Json::array();
    for (const char* id : {"a", "b", "c", "d"}) nodes.push_back(node(id, "deployment", Json::object()));
    const std::string found = first(nodes, Json::array({edge("d", "a"), edge("a", "b"), edge("b", "c"), edge("c", "a")}));
    CHECK(found.starts_with("edges: the edges form a cycle: "));
    for (const char* step : {"a → b", "b → c"}) {
        // The cycle may be told from any of its nodes; two of its three steps are inside the text in any case.
        CHECK((found.find(step) != std::string::npos || found.find("c → a") != std::string::npos));
    }
    CHECK(found.find('d', std::string("edges: the edges form a cycle: ").size()) == std::string::npos);
    CHECK(first(nodes, Json::array({edge("a", "a")})) == "edges: the edges form a cycle: a → a");
}

TEST_CASE("too many nodes or edges are refused before they are looked at") {
    Json nodes = Json::array();
    for (std::size_t i = 0; i <= kMaxNodes; ++i) nodes.push_back(0);
    CHECK(first(nodes, Json::array()) == "nodes: 5001 nodes; the limit is 5000");
    Json edges = Json::array();
    for (std::size_t i = 0; i <= kMaxEdges; ++i) edges.push_back(0);
    CHECK(first(Json::array(), edges) == "edges: 20001 edges; the limit is 20000");
}

TEST_CASE("no more problems are listed than a person reads") {
    Json nodes = Json::array();
    for (int i = 0; i < 100; ++i) nodes.push_back(Json::object());
    CHECK(check_structure(nodes, Json::array()).size() == kMaxProblems);
}

TEST_CASE("what is missing for a run is named, and is no reason to refuse saving") {
    const Json none = Json::array();
    CHECK(first_runnable(Json::array({node("a", "deployment", {{"name", "web"}, {"image", "nginx"}})}), none).empty());
    CHECK(first_runnable(Json::array({node("a", "deployment", {{"image", "nginx"}})}), none) == "nodes[0].data.name: give it a name");
    CHECK(first_runnable(Json::array({node("a", "deployment", {{"name", "Web_1"}, {"image", "nginx"}})}), none).starts_with("nodes[0].data.name: \"Web_1\" is no Kubernetes name"));
    CHECK(first_runnable(Json::array({node("a", "deployment", {{"name", "web"}})}), none) == "nodes[0].data.image: choose an image");
    CHECK(first_runnable(Json::array({node("a", "cronjob", {{"name", "c"}, {"image", "x"}})}), none) == "nodes[0].data.schedule: set a schedule");
    CHECK(first_runnable(Json::array({node("a", "service", {{"name", "1st"}})}), none).find("beginning with a letter") != std::string::npos);
    CHECK(first_runnable(Json::array({node("a", "ingress", {{"name", "shop.example"}})}), none) == "nodes[0].data.name: connect the ingress to a service");
    CHECK(first_runnable(Json::array({node("a", "configmap", {{"name", "c"}, {"namespace", "No"}})}), none) == "nodes[0].data.namespace: \"No\" is no namespace name");
    const Json twice = Json::array({node("a", "deployment", {{"name", "web"}, {"image", "x"}}), node("b", "statefulset", {{"name", "web"}, {"image", "x"}})});
    CHECK(first_runnable(twice, none) == "nodes[1].data.name: \"web\" is also the name of node a");
    const Json apart = Json::array({node("s", "service", {{"name", "web"}, {"namespace", "one"}}), node("d", "deployment", {{"name", "web"}, {"image", "x"}, {"namespace", "two"}})});
    CHECK(first_runnable(apart, Json::array({edge("s", "d")})) == "nodes[0].data.namespace: web is in namespace one but web in two");
}

TEST_CASE("live state and secret values are never stored") {
    const Json nodes = without_transient_data(Json::array(
        {node("s", "secret", {{"name", "x"}, {"data", {{"K", "hidden"}}}, {"stringData", {{"K", "hidden"}}}, {"keys", Json::array({{{"name", "K"}, {"value", "hidden"}}})}, {"_status", {{"state", "created"}}}}),
         node("d", "deployment", {{"name", "d"}, {"envKeys", Json::array({{{"name", "T"}, {"value", "hidden"}}})}}),
         node("c", "configmap", {{"name", "c"}, {"data", {{"K", "kept"}}}})}));
    CHECK(dump_json(nodes).find("hidden") == std::string::npos);
    CHECK(dump_json(nodes).find("_status") == std::string::npos);
    CHECK(text_at(nodes[2], "data", "data", "K") == "kept");
    CHECK(text_at(nodes[0]["data"]["keys"][0], "name") == "K");
}
