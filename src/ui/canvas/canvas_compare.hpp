// What the canvas shows of the past, over the nodes: a comparison with an older version (what was added, changed and removed since), and
// that the states are those of a past run. Cost follows the differences, not the document.
#pragma once

#include "ui/canvas/canvas_space.hpp"
#include "ui/ui_context.hpp"

namespace ui {

void draw_history_layer(UiContext& ctx, const CanvasSpace& space);

}  // namespace ui
