// SpatialIndex: which nodes and edges of a Graph touch a rectangle, without looking at all of them.
//
// A uniform grid of kCell canvas units. Edges whose box covers many cells are kept in one list that every query tests. The index is
// built for one layout_version(); update() does nothing while that is current.
//
//   index.update(graph);
//   for (NodeIndex i : index.nodes_in(rect)) ...   // in drawing order
#pragma once

#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

#include "model/graph.hpp"

namespace model {

class SpatialIndex {
public:
    static constexpr float kCell = 512;
    static constexpr int kMaxCellsPerEdge = 16;

    void update(const Graph& graph);
    // True when the last update() rebuilt the index.
    [[nodiscard]] std::uint64_t built_version() const { return version_; }

    // Nodes whose rectangle overlaps `rect`, ascending. The reference is valid until the next call.
    const std::vector<NodeIndex>& nodes_in(const Graph& graph, const Rect& rect);
    // Edges whose bounding box overlaps `rect`, ascending.
    const std::vector<EdgeIndex>& edges_in(const Graph& graph, const Rect& rect);
    // The topmost node under a point, or kNoIndex.
    [[nodiscard]] NodeIndex node_at(const Graph& graph, Vec2 point);

private:
    struct CellRange {
        int x0, y0, x1, y1;
        [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(x1 - x0 + 1) * (y1 - y0 + 1); }
    };
    [[nodiscard]] static CellRange cells_of(const Rect& rect);
    [[nodiscard]] static std::int64_t cell_key(int x, int y) { return (static_cast<std::int64_t>(x) << 32) ^ static_cast<std::uint32_t>(y); }

    std::uint64_t version_ = std::numeric_limits<std::uint64_t>::max();
    const Graph* graph_ = nullptr;
    std::unordered_map<std::int64_t, std::vector<NodeIndex>> node_cells_;
    std::unordered_map<std::int64_t, std::vector<EdgeIndex>> edge_cells_;
    std::vector<EdgeIndex> long_edges_;
    std::vector<Rect> edge_boxes_;  // by slot
    std::vector<NodeIndex> found_nodes_;
    std::vector<EdgeIndex> found_edges_;
};

}  // namespace model
