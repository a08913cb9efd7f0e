// A workflow as an SVG image: pure text from a graph, for documents and for printing.
//
//   std::string svg = graph_as_svg(graph, {.title = "Shop", .dark = false, .edge_style = EdgeStyle::bezier});
//
// - Well-formed XML 1.0 whatever the labels hold: markup is escaped, what XML has no place for (control characters, broken UTF-8) becomes
//   U+FFFD. No script, no links, no fonts or images from elsewhere: it can be put on any page.
// - Long labels end in "…" and are clipped to their card; up to 500 characters of the whole are in the card's <title>.
// - An empty graph is an empty image with its title. Width and height are at most 16,384; the viewBox has the true extent.
#pragma once

#include <string>
#include <string_view>

#include "model/edge_geometry.hpp"
#include "model/graph.hpp"

namespace model {

struct SvgLook {
    std::string title = {};
    bool dark = false;
    bool transparent = false;  // no background
    bool states = true;        // the state of each node that has one
    EdgeStyle edge_style = EdgeStyle::bezier;
};

[[nodiscard]] std::string graph_as_svg(const Graph& graph, const SvgLook& look = {});

// Text between tags or in an attribute's quotes.
[[nodiscard]] std::string xml_text(std::string_view text);

}  // namespace model
