// CanvasScene: turns the visible part of a Graph into batches of quads (ui/canvas_batch.hpp).
//
// Geometry is retained in canvas units for a region somewhat larger than the view: panning inside it builds and uploads nothing.
// Levels of detail follow the zoom: near (rounded cards, chips with icons, dashed and antialiased edges), middle (square cards), far
// (blocks in the colour of the state). Text is not here: canvas_text draws it through ImGui's atlas.
#pragma once

#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include "model/edge_geometry.hpp"
#include "model/graph.hpp"
#include "model/spatial_index.hpp"
#include "ui/canvas/canvas_space.hpp"
#include "ui/canvas_batch.hpp"
#include "ui/theme.hpp"

namespace ui {

enum class Detail : std::uint8_t { far, middle, near };
inline constexpr float kNearZoom = 0.75F;    // no rounding below
inline constexpr float kMiddleZoom = 0.28F;  // below: blocks
[[nodiscard]] constexpr Detail detail_of(float zoom) {
    return zoom >= kNearZoom ? Detail::near : zoom >= kMiddleZoom ? Detail::middle : Detail::far;
}

// What the scene shows beyond the document.
struct SceneLook {
    const std::set<std::string>* selected_edges = nullptr;
    model::EdgeStyle edge_style = model::EdgeStyle::bezier;
    model::NodeIndex hovered_node = model::kNoIndex;  // its edges are highlighted
    model::EdgeIndex hovered_edge = model::kNoIndex;
    bool dim_invalid = false;                         // while connecting: nodes that cannot be reached fade
    std::vector<bool> valid_targets;                  // by node slot, when dim_invalid
    std::vector<bool> lifted;                         // by node slot: being dragged or gliding, drawn by build_lifted()
    std::uint64_t version = 0;                        // raise it when any of the above changed
};

// By how much lifted nodes are drawn beside their place, in canvas units.
struct Lift {
    model::Vec2 all;                // while dragging
    std::vector<model::Vec2> each;  // by node slot, while gliding; empty: `all`
    [[nodiscard]] model::Vec2 of(model::NodeIndex i) const { return i < each.size() ? each[i] : all; }
    [[nodiscard]] model::Rect moved(model::NodeIndex i, const model::Rect& r) const {
        const model::Vec2 by = of(i);
        return {{r.min.x + by.x, r.min.y + by.y}, {r.max.x + by.x, r.max.y + by.y}};
    }
};

class CanvasScene {
public:
    // Rebuilds what the view needs that is not built yet. True when something was built.
    bool update(const model::Graph& graph, model::SpatialIndex& index, const CanvasSpace& space, const Theme& theme, const SceneLook& look,
                float pixel_ratio);
    // Lifted nodes and their edges, moved by `lift`; built anew in every frame of a drag.
    void build_lifted(const model::Graph& graph, const CanvasSpace& space, const Theme& theme, const SceneLook& look, const Lift& lift,
                      float pixel_ratio);
    void clear_lifted();

    [[nodiscard]] CanvasBatch& grid() { return grid_; }
    [[nodiscard]] CanvasBatch& edges() { return edges_; }
    [[nodiscard]] CanvasBatch& edge_marks() { return edge_marks_; }  // arrow heads
    [[nodiscard]] CanvasBatch& nodes() { return nodes_; }
    [[nodiscard]] CanvasBatch& lifted_edges() { return lifted_edges_; }
    [[nodiscard]] CanvasBatch& lifted_nodes() { return lifted_nodes_; }
    [[nodiscard]] std::uint64_t builds() const { return builds_; }

private:
    struct Key {
        std::uint64_t layout = std::numeric_limits<std::uint64_t>::max();
        std::uint64_t document = 0, status = 0, look = 0;
        float zoom = 0;
        bool dark = true;
        friend bool operator==(const Key&, const Key&) = default;
    };
    void build_grid(const CanvasSpace& space, const Theme& theme);

    CanvasBatch grid_{.key = 1};
    CanvasBatch edges_{.key = 2};
    CanvasBatch edge_marks_{.key = 3};
    CanvasBatch nodes_{.key = 4};
    CanvasBatch lifted_edges_{.key = 5};
    CanvasBatch lifted_nodes_{.key = 6};
    Key key_;
    const model::Graph* graph_ = nullptr;
    model::Rect region_;
    model::Rect grid_region_;
    float grid_zoom_ = 0;
    bool grid_dark_ = true;
    std::uint64_t builds_ = 0;
};

// Points the batch's transform at the window.
void place_batch(CanvasBatch& batch, const CanvasSpace& space);

// One edge by ImGui, for what is drawn over the scene.
void draw_curve(ImDrawList* list, const CanvasSpace& space, const model::EdgeCurve& curve, ImU32 color, float thickness);

}  // namespace ui
