// Aligning and distributing nodes: pure functions from where nodes are to where they go. Canvas units.
//
//   MoveNodes moves = arranged(graph, app.canvas().selected_nodes, Arrange::align_left);
//   if (!moves.moves.empty()) app.edit(moves);
//
// Only nodes whose place changes are in the answer; fewer than two nodes (three for distributing) give none. Ids that are not in the
// graph are ignored.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "model/graph.hpp"
#include "model/graph/layered_layout.hpp"

namespace model {

enum class Arrange : std::uint8_t {
    align_left, align_center, align_right,   // of the selection's box
    align_top, align_middle, align_bottom,
    distribute_horizontally, distribute_vertically,  // the outermost stay, the gaps between become equal
};
// "Align left edges", as commands and undo call it.
[[nodiscard]] std::string_view arrange_title(Arrange how);
[[nodiscard]] std::size_t arrange_needs(Arrange how);  // nodes

[[nodiscard]] MoveNodes arranged(const Graph& graph, const std::set<std::string>& ids, Arrange how);

// layered_layout() of these nodes and the edges among them; of all nodes when `ids` is empty.
[[nodiscard]] MoveNodes tidied(const Graph& graph, const std::set<std::string>& ids, const LayoutOptions& options);

}  // namespace model
