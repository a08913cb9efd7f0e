// CanvasBatch: geometry that the canvas hands to the host's renderer, past ImGui's vertex format.
//
// Shapes are indexed quads (never instanced: on a CPU rasteriser an instance costs twenty times a quad). Coordinates are canvas units;
// the renderer maps them by `transform`, so a pan or zoom uploads nothing. The renderer keeps one vertex and index buffer per
// `key` and uploads only when `version` changed. It is called for by an ImDrawList callback:
//
//   draw_list->AddCallback(&ui::canvas_batch_callback, &batch);   // `batch` lives until the frame is rendered
//
// The renderer recognises the callback by its address and draws the batch under the command's clip rectangle. The null backend
// just reads the vectors.
#pragma once

#include <cstdint>
#include <vector>

struct ImDrawCmd;
struct ImDrawList;

namespace ui {

// Solid triangles: far zoom blocks, lines, ports. The cheap shader: position and colour.
struct FlatVertex {
    float x, y;
    std::uint32_t color;  // RGBA8, straight alpha, R in the low byte (ImU32 order)
};

// Rounded boxes, rings and circles by a signed distance: (u, v) is the position relative to the box centre.
struct SdfVertex {
    float x, y;
    float u, v;
    float half_w, half_h;
    float radius;
    float stroke;             // border width, canvas units; 0 = filled
    std::uint32_t color;      // of the fill, or of the border when stroke > 0
};

struct CanvasTransform {
    float scale = 1;              // logical px per canvas unit
    float offset_x = 0;           // logical px of canvas (0, 0)
    float offset_y = 0;
};

struct CanvasBatch {
    std::uint32_t key = 0;        // small stable number: the renderer's buffer slot
    std::uint64_t version = 0;
    CanvasTransform transform;
    // Exactly one of the two vertex vectors is used.
    std::vector<FlatVertex> flat;
    std::vector<SdfVertex> sdf;
    std::vector<std::uint32_t> indices;
    // Part of the indices to draw (all by default).
    std::uint32_t first_index = 0;
    std::uint32_t index_count = 0xffffffff;
};

// Marker for ImDrawList::AddCallback; does nothing when called.
void canvas_batch_callback(const ImDrawList* list, const ImDrawCmd* command);

}  // namespace ui
