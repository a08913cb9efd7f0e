#include <catch2/catch_test_macros.hpp>

#include "model/graph/graph_svg.hpp"

using namespace model;

namespace {

Graph shop() {
    Graph graph;
    for (const auto& [id, type, x] : {std::tuple{"svc", "service", 0.0F}, std::tuple{"web", "deployment", 300.0F}}) {
        Node node;
        node.id = id;
        node.type = type;
        node.position = {x, 0};
        node.data = Json{{"name", id}, {"image", "nginx:1.27"}};
        REQUIRE(graph.apply(AddNode{std::move(node)}));
    }
    REQUIRE(graph.apply(AddEdge{{"e", "svc", "web", "", ""}}));
    return graph;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++n;
    return n;
}

}  // namespace

TEST_CASE("SVG: the image has the graph's extent with a margin, its cards, edges and names") {
    const std::string svg = graph_as_svg(shop(), {.title = "Shop"});
    CHECK(has(svg, R"(viewBox="-32 -32 572 136")"));
    CHECK(has(svg, R"(width="572" height="136")"));
    CHECK(has(svg, "<title>Shop</title>\n<desc>2 nodes, 1 edge</desc>"));
    CHECK(has(svg, "M 208 36 L 300 36"));
    CHECK(has(svg, "<title>Deployment web</title>"));
    CHECK(has(svg, ">nginx:1.27</text>"));
    CHECK(count(svg, "<g transform=") == 2);
    CHECK(has(svg, "#f6f8fa"));
    CHECK(svg.ends_with("</svg>\n"));
    // Nothing from elsewhere.
    CHECK(count(svg, "http") == 1);
    CHECK_FALSE(has(svg, "href"));
}

TEST_CASE("SVG: dark, transparent, and the style of the edges") {
    Graph graph = shop();
    REQUIRE(graph.apply(MoveNodes{{{"web", {400, 200}}}}));
    const std::string dark = graph_as_svg(graph, {.dark = true});
    CHECK(has(dark, "fill=\"#0e1116\"/>\n"));
    CHECK(has(dark, " C "));
    const std::string step = graph_as_svg(graph, {.transparent = true, .edge_style = EdgeStyle::smooth_step});
    CHECK(has(step, " Q "));
    CHECK_FALSE(has(step, "height=\"336\" fill="));
    CHECK(has(graph_as_svg(graph), "height=\"336\" fill="));
}

TEST_CASE("SVG: states with their words, or without") {
    Graph graph = shop();
    NodeStatus status;
    status.state = NodeState::partial;
    status.replicas = 3;
    status.ready_replicas = 1;
    REQUIRE(graph.set_status("web", status));
    const std::string svg = graph_as_svg(graph);
    CHECK(has(svg, "<title>Deployment web, degraded</title>"));
    CHECK(has(svg, ">degraded 1/3</text>"));
    CHECK_FALSE(has(graph_as_svg(graph, {.states = false}), "degraded"));
}

TEST_CASE("SVG: an empty graph is an empty image; a huge one has a size that programs open") {
    const std::string empty = graph_as_svg(Graph{});
    CHECK(has(empty, "<title>Workflow</title>\n<desc>0 nodes, 0 edges</desc>"));
    CHECK_FALSE(has(empty, "<g"));
    Graph wide = shop();
    REQUIRE(wide.apply(MoveNodes{{{"web", {1e6F, 0}}}}));
    const std::string svg = graph_as_svg(wide);
    CHECK(has(svg, R"(width="16384")"));
    CHECK(has(svg, R"(viewBox="-32 -32 1000272 136")"));
}

TEST_CASE("SVG: text is escaped for tags and attributes alike") {
    CHECK(xml_text("a&b<c>\"d\"'e'") == "a&amp;b&lt;c&gt;&quot;d&quot;&#39;e&#39;");
    CHECK(xml_text(std::string_view("a\0b\x1F", 4)) == "a\xEF\xBF\xBD" "b\xEF\xBF\xBD");
    CHECK(xml_text("\xFF") == "\xEF\xBF\xBD");
    CHECK(xml_text("\xEF\xBF\xBE!") == "\xEF\xBF\xBD!");
    CHECK(xml_text("\xC3\xA9\n") == "\xC3\xA9\n");
}
