// What no editor should meet and every editor does: each of it is a clear error or a clean drawing, and nothing is lost.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <limits>

#include "base/json.hpp"
#include "base/text.hpp"
#include "model/graph/arrange.hpp"
#include "model/graph/clipping.hpp"
#include "model/graph/connections.hpp"
#include "model/graph/graph_svg.hpp"
#include "model/graph_diff.hpp"
#include "model/spatial_index.hpp"
#include "model/workflow_document.hpp"

using namespace model;

namespace {

Node make_node(std::string id, std::string type, Vec2 at = {}, std::string name = {}) {
    Node node;
    node.id = id;
    node.type = std::move(type);
    node.position = at;
    node.data = Json{{"name", name.empty() ? id : name}};
    return node;
}

Json stored(const Graph& graph) { return {{"nodes", graph.nodes_to_json()}, {"edges", graph.edges_to_json()}}; }

// As it goes over the wire.
Graph reloaded(const Graph& graph) {
    const auto json = base::parse_json(base::dump_json(stored(graph)));
    REQUIRE(json);
    auto again = Graph::from_json(*json);
    REQUIRE(again);
    return std::move(*again);
}

// Tags are closed in order, attributes quoted, nothing but text and entities between: enough XML to know that a browser reads it.
bool well_formed(std::string_view xml) {
    if (!base::is_valid_utf8(xml)) return false;
    std::vector<std::string> open;
    for (std::size_t at = 0; at < xml.size();) {
        const char c = xml[at];
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r') return false;
        if (c == '&') {
            const std::size_t end = xml.find(';', at);
            if (end == std::string_view::npos || end - at > 6) return false;
            at = end + 1;
            continue;
        }
        if (c != '<') {
            ++at;
            continue;
        }
        std::size_t end = at + 1;
        for (bool quoted = false; end < xml.size() && (quoted || xml[end] != '>'); ++end) {
            if (xml[end] == '"') quoted = !quoted;
            if (xml[end] == '<') return false;
        }
        if (end >= xml.size()) return false;
        const std::string_view tag = xml.substr(at + 1, end - at - 1);
        at = end + 1;
        if (tag.starts_with("?")) continue;
        if (tag.starts_with("/")) {
            if (open.empty() || open.back() != tag.substr(1)) return false;
            open.pop_back();
        } else if (!tag.ends_with("/")) {
            open.emplace_back(tag.substr(0, tag.find(' ')));
        }
    }
    return open.empty();
}

}  // namespace

TEST_CASE("a stored graph with cycles, loops and doubles is opened, drawn, tidied and stored as it was; what would add one is refused") {
    Json nodes = Json::array();
    Json edges = Json::array();
    for (int i = 0; i < 50; ++i) {
        nodes.push_back(Json{{"id", "n" + std::to_string(i)}, {"type", i % 2 ? "x" : "deployment"}});
        edges.push_back(Json{{"id", "next" + std::to_string(i)}, {"source", "n" + std::to_string(i)}, {"target", "n" + std::to_string((i + 1) % 50)}});
    }
    edges.push_back(Json{{"id", "self"}, {"source", "n1"}, {"target", "n1"}});
    edges.push_back(Json{{"id", "twice"}, {"source", "n1"}, {"target", "n2"}});
    auto graph = Graph::from_json(Json{{"nodes", nodes}, {"edges", edges}});
    REQUIRE(graph);
    CHECK(graph->edge_count() == 52);
    CHECK(stored(reloaded(*graph)) == stored(*graph));
    CHECK(well_formed(graph_as_svg(*graph)));
    REQUIRE(graph->apply(tidied(*graph, {}, {})));
    for (NodeIndex a = 0; a < graph->node_slots(); ++a) {
        for (NodeIndex b = a + 1; b < graph->node_slots(); ++b) REQUIRE_FALSE(graph->node_rect(a).overlaps(graph->node_rect(b)));
    }
    CHECK(can_connect(*graph, "n3", "n1").error().message == "This edge would close a cycle through n1");
    // It can be mended, and the edits undone.
    WorkflowDocument document;
    document.open(std::move(*graph), "Loop");
    const Json before = stored(document.graph());
    REQUIRE(document.edit(RemoveEdges{{"next49", "self"}}, {}, 0));
    REQUIRE(document.edit(RemoveNodes{{"n1"}}, {}, 5'000));
    (void)document.undo(2);
    CHECK(stored(document.graph()) == before);
}

TEST_CASE("100,000 edges on one node: opened, found, moved, deleted and brought back") {
    constexpr int kLeaves = 500;
    constexpr int kEach = 200;
    Graph graph;
    REQUIRE(graph.apply(AddNode{make_node("hub", "x")}));
    Restore many;
    for (int i = 0; i < kLeaves; ++i) {
        many.nodes.push_back({kNoIndex, make_node("leaf" + std::to_string(i), "x", {600.0F + static_cast<float>(i % 25) * 240, static_cast<float>(i / 25) * 110}), {}});
        for (int k = 0; k < kEach; ++k) {
            many.edges.push_back({kNoIndex, {std::to_string(i) + ":" + std::to_string(k), "hub", "leaf" + std::to_string(i), std::to_string(k), ""}});
        }
    }
    WorkflowDocument document;
    document.open(std::move(graph), "Hub");
    REQUIRE(document.edit(many, {}, 0));
    CHECK(document.graph().edges_of(document.graph().find_node("hub")).size() == kLeaves * kEach);
    SpatialIndex index;
    CHECK(index.nodes_in(document.graph(), {{0, 0}, {100, 100}}).size() == 1);
    CHECK(index.edges_in(document.graph(), {{-900, -900}, {-800, -800}}).empty());
    CHECK(index.edges_in(document.graph(), {{300, 0}, {301, 4'000}}).size() > 1'000);
    CHECK(can_connect(document.graph(), "hub", "leaf0").error().message == "hub is already connected to leaf0");
    CHECK_FALSE(tidied(document.graph(), {}, {}).moves.empty());

    REQUIRE(document.edit(MoveNodes{{{"hub", {-500, 40}}}}, {}, 10'000));
    std::vector<std::string> odd;
    for (int i = 0; i < kLeaves; ++i) {
        for (int k = 1; k < kEach; k += 2) odd.push_back(std::to_string(i) + ":" + std::to_string(k));
    }
    REQUIRE(document.edit(RemoveEdges{odd}, {}, 20'000));
    CHECK(document.graph().edge_count() == kLeaves * kEach / 2);
    REQUIRE(document.edit(RemoveNodes{{"hub"}}, {}, 30'000));
    CHECK(document.graph().edge_count() == 0);
    (void)document.undo(3);
    const NodeIndex hub = document.graph().find_node("hub");
    CHECK(document.graph().edge_count() == kLeaves * kEach);
    CHECK(std::is_sorted(document.graph().edges_of(hub).begin(), document.graph().edges_of(hub).end()));
    CHECK(document.graph().node(hub).position == Vec2{0, 0});
}

TEST_CASE("positions that are no place are refused with the reason, by every way into a graph") {
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    Graph graph;
    REQUIRE(graph.apply(AddNode{make_node("a", "x", {1, 2})}));
    const Json before = stored(graph);
    for (const Vec2 bad : {Vec2{kNan, 0}, Vec2{0, -kInfinity}, Vec2{2e7F, 0}, Vec2{0, std::numeric_limits<float>::max()}}) {
        for (const Change& change : std::vector<Change>{AddNode{make_node("b", "x", bad)}, MoveNodes{{{"a", bad}}}, Restore{{{kNoIndex, make_node("b", "x", bad), {}}}, {}, 0}}) {
            const auto done = graph.apply(change);
            REQUIRE_FALSE(done);
            CHECK(done.error().message.starts_with("A node"));
            CHECK(stored(graph) == before);
        }
    }
    for (const char* text : {R"({"nodes":[{"id":"a","position":{"x":1e999,"y":0}}]})", R"({"nodes":[{"id":"a","position":{"x":null,"y":0}}]})",
                             R"({"nodes":[{"id":"a","position":{"x":1e30,"y":0}}]})", R"({"nodes":[{"id":"a","position":[1,2]}]})"}) {
        const auto json = base::parse_json(text);
        if (!json) continue;  // not even JSON to the parser
        const auto read = Graph::from_json(*json);
        REQUIRE_FALSE(read);
        CHECK(read.error().message.starts_with("nodes[0].position"));
    }
    // As far out as may be: still drawn, and stored.
    REQUIRE(graph.apply(MoveNodes{{{"a", {kMaxCoordinate, -kMaxCoordinate}}}}));
    REQUIRE(graph.apply(AddNode{make_node("b", "x", {-kMaxCoordinate, kMaxCoordinate})}));
    REQUIRE(graph.apply(AddEdge{{"e", "a", "b", "", ""}}));
    CHECK(stored(reloaded(graph)) == stored(graph));
    CHECK(well_formed(graph_as_svg(graph)));
    SpatialIndex index;
    CHECK(index.nodes_in(graph, {{-2e7F, -2e7F}, {2e7F, 2e7F}}).size() == 2);
    CHECK(index.node_at(graph, {kMaxCoordinate + 50, -kMaxCoordinate + 20}) == graph.find_node("a"));
}

TEST_CASE("a label of a megabyte is kept whole, cut where it is shown, and undone") {
    const std::string label(1024 * 1024, 'x');
    WorkflowDocument document;
    document.open(Graph{}, "w");
    REQUIRE(document.edit(AddNode{make_node("web", "deployment", {}, label)}, {}, 0));
    REQUIRE(document.edit(AddNode{make_node("svc", "service")}, {}, 5'000));
    REQUIRE(document.edit(AddEdge{{"e", "svc", "web", "", ""}}, {}, 10'000));
    CHECK(document.undo_title().size() < 200);
    CHECK(can_connect(document.graph(), "svc", "web").error().message.size() < 200);
    CHECK(reloaded(document.graph()).node(0).name == label);
    const std::string svg = graph_as_svg(document.graph());
    CHECK(well_formed(svg));
    CHECK(svg.size() < 8'000);
    CHECK(svg.find("…") != std::string::npos);
    Graph other;
    REQUIRE(other.apply(AddNode{make_node("web", "deployment", {}, label + "y")}));
    for (const NodeDiff& node : diff_graphs(document.graph(), other).nodes) {
        for (const FieldDiff& field : node.fields) CHECK(field.left.size() + field.right.size() < 300);
    }
    REQUIRE(document.edit(RemoveNodes{{"web"}}, {}, 15'000));
    CHECK(document.undo_title().size() < 200);
    (void)document.undo();
    CHECK(document.graph().node(document.graph().find_node("web")).name == label);
}

TEST_CASE("labels right to left, of emoji, with control characters, markup or broken UTF-8 are stored as they are and drawn as text") {
    const std::vector<std::string> labels{
        "\xD8\xA7\xD9\x84\xD8\xAA\xD8\xAC\xD8\xB1",                                        // Arabic
        "\xE2\x80\xAE" "evil\xE2\x80\xAC",                                                 // an override
        "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7 family",  // a joined emoji
        "</text><script>alert(1)</script>", "a & b < c > \"d\" 'e'", "]]>", "tab\tand\nline", "\xEF\xBF\xBF\xEF\xBF\xBE"};
    Graph graph;
    for (std::size_t i = 0; i < labels.size(); ++i) REQUIRE(graph.apply(AddNode{make_node("n" + std::to_string(i), "x", {static_cast<float>(i) * 250, 0}, labels[i])}));
    const Graph again = reloaded(graph);
    for (std::size_t i = 0; i < labels.size(); ++i) CHECK(again.node(static_cast<NodeIndex>(i)).name == labels[i]);
    const auto clipping = read_clipping(document_text("Shop", graph));
    REQUIRE(clipping);
    CHECK(clipping->graph.nodes_to_json() == graph.nodes_to_json());
    std::string svg = graph_as_svg(graph, {.title = "<b>\x01", .dark = true});
    CHECK(well_formed(svg));
    CHECK(svg.find("<script") == std::string::npos);
    CHECK(svg.find(labels[0]) != std::string::npos);
    CHECK(svg.find("&lt;/text&gt;") != std::string::npos);

    // What is no UTF-8 comes from nowhere but a bug; even then the image is one.
    Graph broken;
    REQUIRE(broken.apply(AddNode{make_node("n", "x", {}, "a\xFF\xC3(\xF0\x9F")}));
    svg = graph_as_svg(broken, {.title = "\xC3\x28"});
    CHECK(well_formed(svg));
    // A cut never leaves half of a joined emoji's joiner, or half a character.
    std::string joined;
    for (int i = 0; i < 12; ++i) joined += "\xF0\x9F\x91\xA9\xE2\x80\x8D";
    Graph family;
    REQUIRE(family.apply(AddNode{make_node("n", "x", {}, joined + joined)}));
    svg = graph_as_svg(family);
    CHECK(well_formed(svg));
    CHECK(svg.find("\xE2\x80\x8D…") == std::string::npos);
}

TEST_CASE("documents that are something else are refused with the place of the mistake") {
    const auto error_of = [](const char* text) {
        const auto json = base::parse_json(text);
        REQUIRE(json);
        const auto graph = Graph::from_json(*json);
        return graph ? std::string("none") : graph.error().message;
    };
    CHECK(error_of(R"({"nodes":{"a":1}})") == "nodes: expected an array");
    CHECK(error_of(R"({"nodes":[{"id":"a"}],"edges":[[]]})") == "edges[0]: expected an object");
    CHECK(error_of(R"({"nodes":[{"id":"a"}],"edges":[{"id":"e","source":"a","target":"a"},{"id":"e","source":"a","target":"a"}]})") == "edges[1].id: \"e\" is taken");
    CHECK(error_of(R"({"nodes":[{"id":{}}]})") == "nodes[0].id: missing");
    // Data of the wrong kinds is data.
    CHECK(error_of(R"({"nodes":[{"id":"a","type":"service","data":{"name":[],"port":{},"ports":"x","volumeMounts":3,"paths":{"0":1},"_linkedDeployment":[1]}}]})") == "none");
}

TEST_CASE("link fields of the wrong kinds do no harm to edits") {
    const auto json = base::parse_json(R"({"nodes":[
        {"id":"web","type":"deployment","data":{"name":"web","port":{"a":1},"volumeMounts":"mine","_linkedSecrets":{"x":1},"_linkedConfigMaps":[1,null,"ghost"]}},
        {"id":"svc","type":"service","data":{"name":7,"targetPort":[],"_linkedDeployment":{"deep":[]}}},
        {"id":"in","type":"ingress","data":{"paths":[1,"two",{"id":3},null]}},
        {"id":"conf","type":"configmap","data":{"mountPath":9}}],"edges":[]})");
    REQUIRE(json);
    auto graph = Graph::from_json(*json);
    REQUIRE(graph);
    WorkflowDocument document;
    document.open(std::move(*graph), "w");
    const Json before = stored(document.graph());
    REQUIRE(document.edit(AddEdge{{"1", "svc", "web", "", ""}}, {}, 0));
    REQUIRE(document.edit(AddEdge{{"2", "in", "svc", "", ""}}, {}, 5'000));
    REQUIRE(document.edit(AddEdge{{"3", "conf", "web", "", ""}}, {}, 10'000));
    const Json& web = document.graph().node(document.graph().find_node("web")).data;
    CHECK(web["volumeMounts"] == "mine");
    CHECK(web["_linkedConfigMaps"] == Json::array({"conf"}));
    CHECK(document.graph().node(document.graph().find_node("svc")).data["_linkedDeployment"] == "web");
    REQUIRE(document.edit(RemoveNodes{{"web", "svc"}}, {}, 15'000));
    (void)document.undo(10);
    CHECK(stored(document.graph()) == before);
}
