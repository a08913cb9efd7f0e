// CanvasView: the workflow canvas inside the Shell. Pan, zoom, select, move, connect, minimap; nodes and edges as semantic records.
//
// Shapes are written into buffers of flat or SDF quads that a host-side renderer draws with its own shader (an ImDrawList callback);
// text goes through ImGui's atlas. Without such a renderer (null backend) the buffers are built all the same and can be inspected.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/graph.hpp"
#include "model/app_state.hpp"

namespace ui {

struct UiContext;  // theme, fonts, semantics, commands, frame input: ui/ui_context.hpp

// One vertex of the canvas shader. A shape is four of them and six indices (two triangles); never instanced.
struct CanvasVertex {
    float x, y;               // window px
    float u, v;               // px from the shape's centre, for the rounded-box SDF
    float half_w, half_h;     // of the box
    float radius;             // corner radius, px
    float stroke;             // border width px; 0 = filled
    std::uint32_t color;      // RGBA8, straight alpha
};
static_assert(sizeof(CanvasVertex) == 36);

struct CanvasBatch {
    std::vector<CanvasVertex> vertices;  // SDF shapes
    std::vector<std::uint32_t> indices;
    bool flat = false;                   // all shapes are solid axis-aligned boxes or line quads: the cheap shader
};

}  // namespace ui
