// The words and icons on the cards, through ImGui's atlas, for the nodes in view. What is written depends on the zoom: the subtitle
// goes first, then the state, then the name; a name is never drawn smaller than people can read.
#pragma once

#include <string>

#include "model/graph.hpp"
#include "ui/canvas/canvas_space.hpp"
#include "ui/ui_context.hpp"

namespace ui {

// Second line of a card: why it failed, else addresses, else image or kind.
[[nodiscard]] std::string node_second_line(const model::Node& node, const model::NodeStatus& status);
// "2/3", or empty for kinds without replicas.
[[nodiscard]] std::string replicas_text(const model::NodeStatus& status);
// "Deployment api, failed, 0 of 2 ready, connects to Service api" for people who listen.
[[nodiscard]] std::string node_spoken_name(const model::Graph& graph, model::NodeIndex index);

// Draws the text of one card whose left upper corner is at `canvas_min`.
void draw_node_text(UiContext& ctx, ImDrawList* list, const CanvasSpace& space, const model::Node& node, const model::NodeStatus& status,
                    model::Vec2 canvas_min, bool dimmed);

}  // namespace ui
