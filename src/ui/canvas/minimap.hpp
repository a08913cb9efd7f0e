// Minimap: the whole graph in a corner, in the colours of the states, with the view as a frame; press or drag to go there.
//
// Up to kDetailed nodes are drawn one by one. Beyond that the map is a raster of 2 px cells, each in the worst state of what lies in it,
// equal neighbours merged: its cost follows the size of the map, not the number of nodes.
#pragma once

#include <cstdint>

#include "model/graph.hpp"
#include "ui/canvas/canvas_space.hpp"
#include "ui/canvas_batch.hpp"
#include "ui/ui_context.hpp"

namespace ui {

class Minimap {
public:
    static constexpr int kDetailed = 400;
    static constexpr ImVec2 kSize{168, 104};

    // Draws into the window at `min`; answers a new viewport while it is pressed.
    std::optional<model::Viewport> draw(UiContext& ctx, const model::Graph& graph, const CanvasSpace& space, ImVec2 min);

private:
    void build(const model::Graph& graph, const model::Rect& bounds, const Theme& theme);

    CanvasBatch batch_{.key = 7};
    std::uint64_t layout_version_ = ~0ULL;
    std::uint64_t status_version_ = ~0ULL;
    const model::Graph* graph_ = nullptr;
    bool dark_ = true;
    model::Rect bounds_;
};

}  // namespace ui
