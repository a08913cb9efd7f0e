// Layered layout: where the nodes of a directed graph go so that edges run one way and cross little.
//
// The method of Sugiyama, Tagawa and Toda in its four steps: cycles are broken, nodes get layers (longest path, then pulled towards their
// targets), each layer is ordered (barycentres and medians, sweeping both ways, fewest crossings kept), coordinates follow the order.
// Components are laid out by themselves and packed in rows; nodes without edges become a block.
//
//   model::LayoutInput input{.nodes = {{{0, 0}, model::kNodeSize}, ...}, .edges = {{0, 1}}};
//   std::vector<model::Vec2> at = model::layered_layout(input, {.direction = LayoutDirection::left_right});
//
// - Pure and deterministic. `at[i]` is the top left corner of node i, in canvas units; the whole begins where the input's bounds begin.
// - No two nodes overlap; between layers and within them the gaps of the options are kept, to within a step of the grid.
// - Stable: nodes keep the order they have unless another one has fewer crossings, so a second run changes nothing.
// - Edges that name a node that is not there, loops and doubles are ignored. 10,000 nodes and edges take some tens of milliseconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/graph.hpp"

namespace model {

enum class LayoutDirection : std::uint8_t { left_right, top_down };

struct LayoutNode {
    Vec2 position;
    Vec2 size = kNodeSize;
};

struct LayoutInput {
    std::vector<LayoutNode> nodes;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;  // source, target
};

struct LayoutOptions {
    LayoutDirection direction = LayoutDirection::left_right;
    float layer_gap = 90;   // between the layers, along the edges
    float node_gap = 36;    // between neighbours of a layer
    float part_gap = 72;    // between components
    // Results are multiples of it, so that a dragged node meets its neighbours; 0: anywhere.
    float snap = 15;
};

[[nodiscard]] std::vector<Vec2> layered_layout(const LayoutInput& input, const LayoutOptions& options = {});

// Pairs of edges that cross between layers when each layer is ordered as given; for tests and for choosing the better of two orders.
// `layers[k]` holds node numbers top to bottom; edges must join neighbouring layers (others are not counted).
[[nodiscard]] std::size_t count_crossings(const std::vector<std::vector<std::uint32_t>>& layers,
                                          const std::vector<std::pair<std::uint32_t, std::uint32_t>>& edges);

}  // namespace model
