// Clipping: a part of a workflow as text, for the clipboard and for pasting it into another workflow, tab or file.
//
//   std::string text = clipping_of(graph, app.canvas().selected_nodes);
//   auto clipping = read_clipping(text);                     // of anybody's clipboard: untrusted
//   Restore change = paste_of(graph, *clipping, {40, 40});   // new ids, free names, moved by (40, 40)
//
// The text is JSON, {"binnacle":"nodes","version":1,"nodes":[...],"edges":[...]}, nodes and edges as the workflow API has them. Live status is not
// in it. Edges are those between the nodes.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/graph.hpp"

namespace model {

inline constexpr std::size_t kMaxClippingBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxClippingNodes = 5'000;  // of a whole workflow, too (hub)

struct Clipping {
    Graph graph;
};

// "" when none of the ids is a node.
[[nodiscard]] std::string clipping_of(const Graph& graph, const std::set<std::string>& ids);
// The whole workflow with its name, for a file; also read by read_clipping(). Values of secrets that somebody has put into a node's data are left
// out, as they are when it is stored.
[[nodiscard]] std::string document_text(std::string_view name, const Graph& graph);
// invalid_argument with a sentence for people when the text is not one of ours; too_large beyond the limits.
[[nodiscard]] base::Result<Clipping> read_clipping(std::string_view text);

// What puts the clipping into `graph`, as one change. Positions are moved by `offset`; a name that is taken gets a number. Needs a clipping
// of at least one node.
[[nodiscard]] Restore paste_of(const Graph& graph, const Clipping& clipping, Vec2 offset);

}  // namespace model
