// Icons: stroked vector drawings on an 18 x 18 grid, 1.6 px wide at that size; no icon font, no textures.
//
//   ui::draw_icon(draw_list, Icon::lock, ImVec2(x, y), metrics::kIcon, theme.muted);   // (x, y) is the left upper corner
#pragma once

#include <imgui.h>

#include <cstdint>

#include "model/graph.hpp"

namespace ui {

enum class Icon : std::uint8_t {
    none,
    // rail
    workflows, box, studio, clusters, activity, settings,
    // node kinds
    globe, network, hexagon, database, file, lock, check, clock, disk, shield, gauge, layers, puzzle,
    // ui
    plus, minus, fit, layout, search, play, close, chevron_down, chevron_right, chevron_up, copy, trash, warning, ok, info, error,
    external, sun, moon, monitor, menu, more, user, logout, refresh, edit, follow, help, terminal, list, arrow_up, arrow_down, undo, redo, bell,
    // sign-in providers
    github, key,
    count_,
};

// Draws `icon` in a box of `size` x `size` logical px. `stroke` is the line width at that size; 0 takes 1.6 px scaled from 18.
void draw_icon(ImDrawList* list, Icon icon, ImVec2 min, float size, ImU32 color, float stroke = 0);
// Centred on a point.
void draw_icon_centered(ImDrawList* list, Icon icon, ImVec2 center, float size, ImU32 color, float stroke = 0);

[[nodiscard]] Icon kind_icon(model::NodeKind kind);

}  // namespace ui
