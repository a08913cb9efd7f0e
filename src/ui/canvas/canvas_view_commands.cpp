// Commands on the view of the canvas rather than on what is drawn there: zooming to the selection, bookmarks, find, lock, settings, menus.
#include <algorithm>
#include <string>

#include "ui/canvas/canvas_view.hpp"

namespace ui {

using model::kNoIndex;
using model::NodeIndex;
using model::Rect;

void CanvasView::zoom_to_selection(model::App& app) {
    const model::Graph& graph = app.graph();
    std::vector<NodeIndex> nodes;
    for (const auto& id : app.canvas().selected_nodes) nodes.push_back(graph.find_node(id));
    for (const auto& id : app.canvas().selected_edges) {
        const model::EdgeIndex edge = graph.find_edge(id);
        if (edge == kNoIndex) continue;
        nodes.push_back(graph.edge_source(edge));
        nodes.push_back(graph.edge_target(edge));
    }
    std::erase(nodes, kNoIndex);
    if (nodes.empty() || !placed_) return;
    Rect all = graph.node_rect(nodes.front());
    for (const NodeIndex i : nodes) {
        const Rect r = graph.node_rect(i);
        all = {{std::min(all.min.x, r.min.x), std::min(all.min.y, r.min.y)}, {std::max(all.max.x, r.max.x), std::max(all.max.y, r.max.y)}};
    }
    constexpr float kMarginPx = 64;
    constexpr float kClosest = 1.5F;
    app.set_viewport(fitted(all, ImVec2(space_.width(), space_.height()), kMarginPx, kClosest));
}

void CanvasView::register_view_commands(CommandTable& commands, model::App& app) {
    const auto ready = [&app] { return app.workflow().phase == model::LoadPhase::ready; };
    const auto here = [this] { return focused_; };
    const auto change = [&app](void (*edit)(model::CanvasSettings&)) {
        return [&app, edit] {
            model::CanvasSettings settings = app.ui().canvas;
            edit(settings);
            app.set_canvas_settings(settings);
        };
    };

    commands.add({.id = "canvas.zoom_selection", .title = "Zoom to the selection", .group = "Canvas", .keys = {"2"}, .mac_keys = {},
                  .enabled = [&app] { return !app.canvas().selected_nodes.empty() || !app.canvas().selected_edges.empty(); },
                  .run = [this, &app] { zoom_to_selection(app); }, .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.find", .title = "Find a node", .group = "Canvas", .keys = {"Mod+F"}, .mac_keys = {},
                  .enabled = [&app, ready] { return ready() && app.graph().node_count() > 0; }, .run = [this] { open_find(); }, .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.menu", .title = "Open the menu of the selection", .group = "Canvas", .keys = {"Shift+F10"}, .mac_keys = {}, .enabled = ready,
                  .run = [this, &app] { open_context_menu_of_selection(app); }, .in_palette = false, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.lock", .title = "Lock or unlock the canvas", .group = "Canvas", .keys = {"L"}, .mac_keys = {}, .enabled = ready,
                  .run = [this, &app] {
                      cancel_gesture();
                      app.set_canvas_locked(!app.canvas().locked);
                  },
                  .in_palette = true, .keys_active = here, .repeats = false});

    commands.add({.id = "canvas.snap", .title = "Snap moved nodes to the grid or not", .group = "Canvas", .keys = {"Shift+S"}, .mac_keys = {}, .enabled = {},
                  .run = change([](model::CanvasSettings& s) { s.snap = !s.snap; }), .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.drag_selects", .title = "Dragging empty canvas pans or selects", .group = "Canvas", .keys = {}, .mac_keys = {}, .enabled = {},
                  .run = change([](model::CanvasSettings& s) { s.drag_selects = !s.drag_selects; }), .in_palette = true, .keys_active = {}, .repeats = false});
    commands.add({.id = "canvas.marquee_encloses", .title = "A marquee selects what it touches or encloses", .group = "Canvas", .keys = {}, .mac_keys = {}, .enabled = {},
                  .run = change([](model::CanvasSettings& s) { s.marquee_encloses = !s.marquee_encloses; }), .in_palette = true, .keys_active = {}, .repeats = false});
    commands.add({.id = "canvas.wheel_zooms", .title = "The wheel pans or zooms", .group = "Canvas", .keys = {}, .mac_keys = {}, .enabled = {},
                  .run = change([](model::CanvasSettings& s) { s.wheel_zooms = !s.wheel_zooms; }), .in_palette = true, .keys_active = {}, .repeats = false});

    for (int n = 1; n <= model::CanvasState::kMaxBookmarks; ++n) {
        const std::string number = std::to_string(n);
        commands.add({.id = "canvas.set_bookmark_" + number, .title = "Bookmark this view as " + number, .group = "Bookmarks", .keys = {"M " + number}, .mac_keys = {}, .enabled = ready,
                      .run = [&app, n, number] {
                          app.set_bookmark(n);
                          app.show_toast(model::ToastKind::info, "Bookmark " + number + " is this view", "B, then " + number + " comes back to it.");
                      },
                      .in_palette = true, .keys_active = here, .repeats = false});
        const auto there = [&app, ready, n] { return ready() && app.canvas().bookmarks.contains(n); };
        commands.add({.id = "canvas.go_bookmark_" + number, .title = "Go to bookmark " + number, .group = "Bookmarks", .keys = {"B " + number}, .mac_keys = {}, .enabled = there,
                      .run = [&app, n] { app.go_to_bookmark(n); }, .in_palette = true, .keys_active = here, .repeats = false});
        commands.add({.id = "canvas.remove_bookmark_" + number, .title = "Remove bookmark " + number, .group = "Bookmarks", .keys = {}, .mac_keys = {}, .enabled = there,
                      .run = [&app, n] { app.remove_bookmark(n); }, .in_palette = true, .keys_active = {}, .repeats = false});
    }
}

}  // namespace ui
