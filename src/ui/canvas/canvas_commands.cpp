// What the canvas does by command (keys, palette, buttons), apart from gestures and drawing.
#include <algorithm>

#include "ui/canvas/canvas_view.hpp"

namespace ui {

using model::kNoIndex;
using model::NodeIndex;
using model::Rect;
using model::Vec2;

namespace {

constexpr float kZoomStep = 1.25F;  // of the buttons and keys
constexpr float kFarSteps = 8;      // of an arrow key with Shift

}  // namespace

model::Viewport CanvasView::current_viewport(const model::App& app) const {
    return app.canvas().viewport.value_or(model::Viewport{});
}

void CanvasView::fit(model::App& app, ImVec2 size) {
    const auto bounds = app.graph().bounds();
    if (!bounds || size.x <= 0 || size.y <= 0) return;
    // The button in the corner stays clear of the first row.
    constexpr float kTopRoom = 28;
    model::Viewport view = fitted(*bounds, ImVec2(size.x, size.y - kTopRoom));
    view.y -= kTopRoom / view.zoom;
    app.set_viewport(view);
}

void CanvasView::zoom_by(model::App& app, float factor) {
    if (!placed_) return;
    space_.view = current_viewport(app);
    app.set_viewport(zoomed_at(space_, ImVec2((space_.min.x + space_.max.x) / 2, (space_.min.y + space_.max.y) / 2), factor));
}

void CanvasView::reveal(model::App& app, NodeIndex node) {
    if (!placed_) return;
    model::Viewport view = current_viewport(app);
    const Rect r = app.graph().node_rect(node);
    const float w = space_.width() / view.zoom;
    const float h = space_.height() / view.zoom;
    const float margin = 24 / view.zoom;
    view.x = std::clamp(view.x, std::min(r.max.x + margin - w, r.min.x - margin), r.min.x - margin);
    view.y = std::clamp(view.y, std::min(r.max.y + margin - h, r.min.y - margin), r.min.y - margin);
    if (view != current_viewport(app)) app.set_viewport(view);
}

const std::vector<NodeIndex>& CanvasView::reading_order(const model::Graph& graph) {
    std::vector<NodeIndex>& order = order_;
    if (order_layout_ == graph.layout_version() && order_epoch_ == graph.slot_epoch()) return order;
    order_layout_ = graph.layout_version();
    order_epoch_ = graph.slot_epoch();
    order.clear();
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (graph.node_alive(i)) order.push_back(i);
    }
    std::sort(order.begin(), order.end(), [&](NodeIndex a, NodeIndex b) {
        const Vec2 pa = graph.node(a).position;
        const Vec2 pb = graph.node(b).position;
        return pa.y != pb.y ? pa.y < pb.y : pa.x != pb.x ? pa.x < pb.x : a < b;
    });
    return order;
}

void CanvasView::step_node(model::App& app, int direction) {
    const auto& order = reading_order(app.graph());
    if (order.empty()) return;
    const auto& selected = app.canvas().selected_nodes;
    std::size_t next = direction > 0 ? 0 : order.size() - 1;
    if (!selected.empty()) {
        const NodeIndex current = app.graph().find_node(*selected.begin());
        const auto at = std::find(order.begin(), order.end(), current);
        if (at != order.end()) {
            const auto position = static_cast<std::ptrdiff_t>(at - order.begin()) + direction;
            if (position < 0 || position >= static_cast<std::ptrdiff_t>(order.size())) return;
            next = static_cast<std::size_t>(position);
        }
    }
    app.select_nodes({app.graph().node(order[next]).id});
    reveal(app, order[next]);
}

void CanvasView::nudge(model::App& app, float dx, float dy, float steps) {
    const float step = app.ui().canvas.snap ? kCanvasSnap : 1;
    dx *= step * steps;
    dy *= step * steps;
    model::MoveNodes change;
    for (const auto& id : app.canvas().selected_nodes) {
        const NodeIndex i = app.graph().find_node(id);
        if (i == kNoIndex) continue;
        const Vec2 at = app.graph().node(i).position;
        change.moves.push_back({id, {at.x + dx, at.y + dy}});
    }
    if (change.moves.empty()) return;
    // Steps in quick succession are one to undo.
    const std::string group = "nudge:" + change.moves.front().id + ":" + std::to_string(change.moves.size());
    (void)app.edit(change, group);
}

void CanvasView::travel(model::App& app, bool redo) {
    cancel_gesture();
    if (redo) app.redo();
    else app.undo();
    const model::Graph& graph = app.graph();
    std::vector<NodeIndex> shown;
    for (const auto& id : app.canvas().selected_nodes) shown.push_back(graph.find_node(id));
    for (const auto& id : app.canvas().selected_edges) {
        if (const model::EdgeIndex edge = graph.find_edge(id); edge != kNoIndex) shown.push_back(graph.edge_source(edge));
    }
    std::erase(shown, kNoIndex);
    space_.view = current_viewport(app);
    const Rect visible = space_.visible();
    if (shown.empty() || std::any_of(shown.begin(), shown.end(), [&](NodeIndex i) { return graph.node_rect(i).overlaps(visible); })) return;
    reveal(app, shown.front());
}

void CanvasView::open_add_menu(Vec2 at) {
    search_ = {};
    search_.at = at;
    search_.wanted = true;
}

void CanvasView::register_commands(CommandTable& commands, model::App& app) {
    const auto ready = [&app] { return app.workflow().phase == model::LoadPhase::ready; };
    const auto has_nodes = [&app, ready] { return ready() && app.graph().node_count() > 0; };
    const auto has_selection = [&app] { return !app.canvas().selected_nodes.empty() || !app.canvas().selected_edges.empty(); };
    const auto has_selected_nodes = [&app] { return !app.canvas().selected_nodes.empty(); };
    const auto here = [this] { return focused_; };

    register_arrange_commands(commands, app);
    register_view_commands(commands, app);
    // In a text field these keys are the field's own.
    const auto not_typing = [] { return !ImGui::GetIO().WantTextInput; };
    commands.add({.id = "edit.undo", .title = "Undo", .group = "Workflow", .keys = {"Mod+Z"}, .mac_keys = {}, .enabled = [&app] { return app.can_undo(); },
                  .run = [this, &app] { travel(app, false); }, .in_palette = true, .keys_active = not_typing, .repeats = true});
    commands.add({.id = "edit.redo", .title = "Redo", .group = "Workflow", .keys = {"Mod+Shift+Z", "Mod+Y"}, .mac_keys = {}, .enabled = [&app] { return app.can_redo(); },
                  .run = [this, &app] { travel(app, true); }, .in_palette = true, .keys_active = not_typing, .repeats = true});
    commands.add({.id = "canvas.fit", .title = "Fit the workflow in view", .group = "Canvas", .keys = {"1"}, .mac_keys = {}, .enabled = has_nodes,
                  .run = [this, &app] { fit(app, ImVec2(space_.width(), space_.height())); }, .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.zoom_in", .title = "Zoom in", .group = "Canvas", .keys = {"+", "="}, .mac_keys = {}, .enabled = ready,
                  .run = [this, &app] { zoom_by(app, kZoomStep); }, .in_palette = true, .keys_active = here, .repeats = true});
    commands.add({.id = "canvas.zoom_out", .title = "Zoom out", .group = "Canvas", .keys = {"-"}, .mac_keys = {}, .enabled = ready,
                  .run = [this, &app] { zoom_by(app, 1 / kZoomStep); }, .in_palette = true, .keys_active = here, .repeats = true});
    commands.add({.id = "canvas.zoom_reset", .title = "Zoom to 100 %", .group = "Canvas", .keys = {"0"}, .mac_keys = {}, .enabled = ready,
                  .run = [this, &app] { zoom_by(app, 1 / current_viewport(app).zoom); }, .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.add_node", .title = "Add a node", .group = "Canvas", .keys = {"A"}, .mac_keys = {}, .enabled = ready,
                  .run = [this] {
                      const Rect v = space_.visible();
                      open_add_menu({(v.min.x + v.max.x - model::kNodeSize.x) / 2, (v.min.y + v.max.y - model::kNodeSize.y) / 2});
                  },
                  .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.delete", .title = "Delete the selection", .group = "Canvas", .keys = {"Delete", "Backspace"}, .mac_keys = {},
                  .enabled = has_selection, .run = [&app] { app.delete_selection(); }, .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.delete_reconnect", .title = "Delete and reconnect the neighbours", .group = "Canvas", .keys = {"Shift+Delete", "Shift+Backspace"}, .mac_keys = {},
                  .enabled = has_selection, .run = [&app] { app.delete_and_reconnect(); }, .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.insert_node", .title = "Insert a node on the selected edge…", .group = "Canvas", .keys = {}, .mac_keys = {},
                  .enabled = [&app] { return app.canvas().selected_edges.size() == 1; }, .run = [this, &app] { insert_on_selected_edge(app); }, .in_palette = true,
                  .keys_active = {}, .repeats = false});
    commands.add({.id = "canvas.select_all", .title = "Select all nodes", .group = "Canvas", .keys = {"Mod+A"}, .mac_keys = {}, .enabled = has_nodes,
                  .run = [&app] {
                      std::set<std::string> all;
                      for (NodeIndex i = 0; i < app.graph().node_slots(); ++i) {
                          if (app.graph().node_alive(i)) all.insert(app.graph().node(i).id);
                      }
                      app.select_nodes(std::move(all));
                  },
                  .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.clear_selection", .title = "Clear the selection", .group = "Canvas", .keys = {"Escape"}, .mac_keys = {},
                  .enabled = [this, has_selection] { return has_selection() || gesture_ != Gesture::none; },
                  .run = [this, &app] {
                      if (gesture_ != Gesture::none) cancel_gesture();
                      else app.clear_selection();
                  },
                  .in_palette = false, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.open", .title = "Open the inspector for the selection", .group = "Canvas", .keys = {"Enter"}, .mac_keys = {},
                  .enabled = has_selected_nodes, .run = [&app] { app.set_inspector_open(true); }, .in_palette = true, .keys_active = here, .repeats = false});
    commands.add({.id = "canvas.connect", .title = "Connect the two selected nodes", .group = "Canvas", .keys = {"C"}, .mac_keys = {},
                  .enabled = [&app] {
                      const auto& s = app.canvas().selected_nodes;
                      return s.size() == 2 && (!app.graph().why_not_connect(*s.begin(), *s.rbegin()) || !app.graph().why_not_connect(*s.rbegin(), *s.begin()));
                  },
                  .run = [&app] {
                      const auto& s = app.canvas().selected_nodes;
                      std::string a = *s.begin();
                      std::string b = *s.rbegin();
                      if (app.graph().why_not_connect(a, b)) std::swap(a, b);
                      app.connect(a, b);
                  },
                  .in_palette = true, .keys_active = here, .repeats = false});
    const struct {
        const char* id;
        const char* key;
        float dx, dy;
    } kMoves[] = {{"left", "ArrowLeft", -1, 0}, {"right", "ArrowRight", 1, 0}, {"up", "ArrowUp", 0, -1}, {"down", "ArrowDown", 0, 1}};
    for (const auto& move : kMoves) {
        commands.add({.id = std::string("canvas.move_") + move.id, .title = std::string("Move the selection ") + move.id, .group = "Canvas", .keys = {move.key},
                      .mac_keys = {}, .enabled = has_selected_nodes, .run = [this, &app, move] { nudge(app, move.dx, move.dy, 1); },
                      .in_palette = false, .keys_active = here, .repeats = true});
        commands.add({.id = std::string("canvas.move_far_") + move.id, .title = std::string("Move the selection far ") + move.id, .group = "Canvas",
                      .keys = {std::string("Shift+") + move.key}, .mac_keys = {}, .enabled = has_selected_nodes,
                      .run = [this, &app, move] { nudge(app, move.dx, move.dy, kFarSteps); }, .in_palette = false, .keys_active = here, .repeats = true});
    }
}

}  // namespace ui
