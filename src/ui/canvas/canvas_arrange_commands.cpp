// Commands on several nodes at once: copy, cut, paste, duplicate, align, distribute, tidy up.
#include <algorithm>
#include <array>

#include "ui/canvas/canvas_view.hpp"

namespace ui {

using model::Arrange;
using model::LayoutDirection;
using model::NodeIndex;
using model::Vec2;

void CanvasView::glide(model::App& app, base::UniqueFunction<void()> edit) {
    const model::Graph& graph = app.graph();
    std::vector<Vec2> before(graph.node_slots());
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (graph.node_alive(i)) before[i] = graph.node(i).position;
    }
    const std::uint64_t epoch = graph.slot_epoch();
    edit();
    if (graph.slot_epoch() != epoch || graph.node_slots() != before.size()) return;
    glide_.from.assign(before.size(), {});
    bool moves = false;
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (!graph.node_alive(i)) continue;
        glide_.from[i] = {before[i].x - graph.node(i).position.x, before[i].y - graph.node(i).position.y};
        moves = moves || glide_.from[i] != Vec2{};
    }
    glide_.since_ms = -1;
    glide_.active = moves;
}

std::optional<Vec2> CanvasView::pointed_at() const {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    if (!placed_ || mouse.x < space_.min.x || mouse.x >= space_.max.x || mouse.y < space_.min.y || mouse.y >= space_.max.y) return std::nullopt;
    return space_.canvas_from_screen(mouse);
}

void CanvasView::register_arrange_commands(CommandTable& commands, model::App& app) {
    const auto ready = [&app] { return app.workflow().phase == model::LoadPhase::ready; };
    const auto has_nodes = [&app] { return !app.canvas().selected_nodes.empty(); };
    const auto here = [this] { return focused_; };

    commands.add({.id = "canvas.copy", .title = "Copy the selected nodes", .group = "Canvas", .keys = {"Mod+C"}, .mac_keys = {}, .enabled = has_nodes,
                  .run = [&app] { ImGui::SetClipboardText(app.selection_as_text().c_str()); }, .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.cut", .title = "Cut the selected nodes", .group = "Canvas", .keys = {"Mod+X"}, .mac_keys = {}, .enabled = has_nodes,
                  .run = [&app] {
                      ImGui::SetClipboardText(app.selection_as_text().c_str());
                      app.delete_selection();
                  },
                  .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.paste", .title = "Paste nodes", .group = "Canvas", .keys = {"Mod+V"}, .mac_keys = {}, .enabled = ready,
                  .run = [this, &app] {
                      const char* text = ImGui::GetClipboardText();
                      app.paste_text(text != nullptr ? text : "", pointed_at());
                  },
                  .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.duplicate", .title = "Duplicate the selected nodes", .group = "Canvas", .keys = {"Mod+D"}, .mac_keys = {}, .enabled = has_nodes,
                  .run = [&app] { app.duplicate_selection(); }, .in_palette = true, .keys_active = here, .repeats = false});

    struct Way {
        const char* id;
        Arrange how;
    };
    static constexpr std::array<Way, 8> kWays{{
        {"canvas.align_left", Arrange::align_left}, {"canvas.align_center", Arrange::align_center}, {"canvas.align_right", Arrange::align_right},
        {"canvas.align_top", Arrange::align_top}, {"canvas.align_middle", Arrange::align_middle}, {"canvas.align_bottom", Arrange::align_bottom},
        {"canvas.distribute_horizontally", Arrange::distribute_horizontally}, {"canvas.distribute_vertically", Arrange::distribute_vertically},
    }};
    for (const Way& way : kWays) {
        commands.add({.id = way.id, .title = std::string(model::arrange_title(way.how)), .group = "Arrange", .keys = {}, .mac_keys = {},
                      .enabled = [&app, way] { return app.canvas().selected_nodes.size() >= model::arrange_needs(way.how); },
                      .run = [this, &app, way] { glide(app, [&] { app.arrange(way.how); }); }, .in_palette = true, .keys_active = {}, .repeats = false});
    }
    const auto graph_there = [&app, ready] { return ready() && app.graph().node_count() > 1; };
    const auto tidy = [this, &app](LayoutDirection direction) {
        const bool all = app.canvas().selected_nodes.size() < 2;
        glide(app, [&] { app.tidy_up(direction); });
        // Everything went somewhere else: where it is now is shown.
        if (all && placed_) fit(app, ImVec2(space_.width(), space_.height()));
    };
    commands.add({.id = "canvas.tidy", .title = "Tidy up, left to right", .group = "Arrange", .keys = {"Shift+T"}, .mac_keys = {}, .enabled = graph_there,
                  .run = [tidy] { tidy(LayoutDirection::left_right); }, .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.tidy_down", .title = "Tidy up, top down", .group = "Arrange", .keys = {}, .mac_keys = {}, .enabled = graph_there,
                  .run = [tidy] { tidy(LayoutDirection::top_down); }, .in_palette = true, .keys_active = {}, .repeats = false});
}

}  // namespace ui
