#include "model/spatial_index.hpp"

#include <algorithm>
#include <cmath>

#include "model/edge_geometry.hpp"

namespace model {

SpatialIndex::CellRange SpatialIndex::cells_of(const Rect& rect) {
    const auto cell = [](float v) { return static_cast<int>(std::floor(std::clamp(v, -1e8F, 1e8F) / kCell)); };
    return {cell(rect.min.x), cell(rect.min.y), cell(rect.max.x), cell(rect.max.y)};
}

void SpatialIndex::update(const Graph& graph) {
    if (graph_ == &graph && version_ == graph.layout_version()) return;
    graph_ = &graph;
    version_ = graph.layout_version();
    node_cells_.clear();
    edge_cells_.clear();
    long_edges_.clear();
    edge_boxes_.assign(graph.edge_slots(), Rect{});
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (!graph.node_alive(i)) continue;
        const CellRange range = cells_of(graph.node_rect(i));
        for (int y = range.y0; y <= range.y1; ++y) {
            for (int x = range.x0; x <= range.x1; ++x) node_cells_[cell_key(x, y)].push_back(i);
        }
    }
    for (EdgeIndex i = 0; i < graph.edge_slots(); ++i) {
        if (!graph.edge_alive(i)) continue;
        edge_boxes_[i] = edge_bounds(edge_curve(graph, i));
        const CellRange range = cells_of(edge_boxes_[i]);
        if (range.count() > kMaxCellsPerEdge) {
            long_edges_.push_back(i);
            continue;
        }
        for (int y = range.y0; y <= range.y1; ++y) {
            for (int x = range.x0; x <= range.x1; ++x) edge_cells_[cell_key(x, y)].push_back(i);
        }
    }
}

const std::vector<NodeIndex>& SpatialIndex::nodes_in(const Graph& graph, const Rect& rect) {
    update(graph);
    found_nodes_.clear();
    const CellRange range = cells_of(rect);
    if (range.count() > static_cast<std::int64_t>(node_cells_.size())) {
        for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
            if (graph.node_alive(i) && graph.node_rect(i).overlaps(rect)) found_nodes_.push_back(i);
        }
        return found_nodes_;
    }
    for (int y = range.y0; y <= range.y1; ++y) {
        for (int x = range.x0; x <= range.x1; ++x) {
            const auto cell = node_cells_.find(cell_key(x, y));
            if (cell == node_cells_.end()) continue;
            for (const NodeIndex i : cell->second) {
                if (graph.node_rect(i).overlaps(rect)) found_nodes_.push_back(i);
            }
        }
    }
    std::sort(found_nodes_.begin(), found_nodes_.end());
    found_nodes_.erase(std::unique(found_nodes_.begin(), found_nodes_.end()), found_nodes_.end());
    return found_nodes_;
}

const std::vector<EdgeIndex>& SpatialIndex::edges_in(const Graph& graph, const Rect& rect) {
    update(graph);
    found_edges_.clear();
    // A level edge has a box without height; <= keeps it.
    const auto touches = [&](EdgeIndex i) {
        const Rect& box = edge_boxes_[i];
        return box.min.x <= rect.max.x && rect.min.x <= box.max.x && box.min.y <= rect.max.y && rect.min.y <= box.max.y;
    };
    const CellRange range = cells_of(rect);
    if (range.count() > static_cast<std::int64_t>(edge_cells_.size())) {
        for (EdgeIndex i = 0; i < graph.edge_slots(); ++i) {
            if (graph.edge_alive(i) && touches(i)) found_edges_.push_back(i);
        }
        return found_edges_;
    }
    for (int y = range.y0; y <= range.y1; ++y) {
        for (int x = range.x0; x <= range.x1; ++x) {
            const auto cell = edge_cells_.find(cell_key(x, y));
            if (cell == edge_cells_.end()) continue;
            for (const EdgeIndex i : cell->second) {
                if (touches(i)) found_edges_.push_back(i);
            }
        }
    }
    for (const EdgeIndex i : long_edges_) {
        if (touches(i)) found_edges_.push_back(i);
    }
    std::sort(found_edges_.begin(), found_edges_.end());
    found_edges_.erase(std::unique(found_edges_.begin(), found_edges_.end()), found_edges_.end());
    return found_edges_;
}

NodeIndex SpatialIndex::node_at(const Graph& graph, Vec2 point) {
    const auto& hits = nodes_in(graph, Rect{point, {point.x + 0.01F, point.y + 0.01F}});
    return hits.empty() ? kNoIndex : hits.back();
}

}  // namespace model
