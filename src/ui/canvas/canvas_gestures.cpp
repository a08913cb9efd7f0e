// What the pointer does on the canvas: panning, zooming, selecting, moving, connecting. Edits are made once, when a gesture ends.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/edge_geometry.hpp"
#include "model/graph/connecting.hpp"
#include "ui/canvas/canvas_view.hpp"
#include "ui/widgets.hpp"

namespace ui {

using model::EdgeIndex;
using model::kNoIndex;
using model::NodeIndex;
using model::Rect;
using model::Vec2;

namespace {

constexpr float kDragThresholdPx = 4;
constexpr float kWheelPanPx = 100;     // of one notch
constexpr float kZoomPerNotch = 1.18F;
constexpr float kAutoPanEdgePx = 40;   // that near to the edge of the canvas a drag moves the view
constexpr float kAutoPanPxPerS = 900;  // at the edge and beyond
constexpr std::int64_t kAutoPanStepMs = 50;  // at the most: after a pause it does not jump
constexpr float kGuideReachPx = 6;
constexpr std::size_t kMaxGuideNodes = 2'000;
constexpr float kDropReachPx = 18;     // from the middle of a dragged node to the edge it goes into
constexpr float kEndReachPx = 30;      // along an edge from its end

// How strongly a pointer at `at` pushes the view, -1 to 1; a drag that began near an edge pushes there only when it comes nearer.
float push_of(float at, float pressed, float min, float max) {
    const auto side = [](float inside, float pressed_inside) {
        const float zone = std::clamp(pressed_inside - kDragThresholdPx, 0.0F, kAutoPanEdgePx);
        return inside < zone || inside < 0 ? std::clamp((kAutoPanEdgePx - inside) / kAutoPanEdgePx, 0.1F, 1.0F) : 0.0F;
    };
    return side(max - at, max - pressed) - side(at - min, pressed - min);
}

}  // namespace

Vec2 CanvasView::settled(const model::App& app, Vec2 at) {
    const float step = app.ui().canvas.snap ? kCanvasSnap : 1;
    return {std::round(at.x / step) * step, std::round(at.y / step) * step};
}

bool CanvasView::space_held() const {
    // Without the keyboard's focus ring nothing else is pressed by Space.
    const bool ours = focused_ || !ImGui::GetCurrentContext()->NavCursorVisible;
    return ours && ImGui::IsKeyDown(ImGuiKey_Space) && !ImGui::GetIO().WantTextInput;
}

void CanvasView::wheel(UiContext& ctx) {
    const ImGuiIO& io = ImGui::GetIO();
    if (io.MouseWheel == 0 && io.MouseWheelH == 0) return;
    model::App& app = ctx.app;
    if (io.KeyCtrl || io.KeySuper || (app.ui().canvas.wheel_zooms && !io.KeyShift)) {
        if (io.MouseWheel != 0) app.set_viewport(zoomed_at(space_, io.MousePos, std::pow(kZoomPerNotch, std::clamp(io.MouseWheel, -8.0F, 8.0F))));
        return;
    }
    model::Viewport view = space_.view;
    const float dx = io.KeyShift && io.MouseWheelH == 0 ? io.MouseWheel : io.MouseWheelH;
    const float dy = io.KeyShift && io.MouseWheelH == 0 ? 0 : io.MouseWheel;
    view.x -= dx * kWheelPanPx / view.zoom;
    view.y -= dy * kWheelPanPx / view.zoom;
    app.set_viewport(view);
}

void CanvasView::handle_input(UiContext& ctx, ImGuiID id, bool hovered, bool active) {
    const ImGuiIO& io = ImGui::GetIO();
    model::App& app = ctx.app;
    if (hovered && !active) hit_test(app.graph(), io.MousePos);
    else if (!hovered && !active && (hovered_node_ != kNoIndex || hovered_edge_ != kNoIndex)) hit_test(app.graph(), ImVec2(-1e6F, -1e6F));
    if (hovered || active) {
        ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelY);
        ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelX);
        wheel(ctx);
        space_.view = current_viewport(app);
    }
    if (gesture_ == Gesture::none && hovered && !active) find_edge_end(app.graph(), io.MousePos);
    if (active && gesture_ == Gesture::none && ImGui::IsItemActivated()) begin_gesture(ctx);
    if (gesture_ != Gesture::none) {
        continue_gesture(ctx);
        if (!active) end_gesture(ctx);
    } else if (hovered) {
        if (space_held()) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeAll);
        else if (hovered_port_ != 0 || hovered_node_ != kNoIndex || hovered_edge_ != kNoIndex) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
        if (ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
            if (hovered_node_ != kNoIndex) app.set_inspector_open(true);
            else if (hovered_edge_ == kNoIndex) open_add_menu(space_.canvas_from_screen(io.MousePos));
        }
    }
    keyboard(ctx, id);
}

void CanvasView::begin_gesture(UiContext& ctx) {
    const ImGuiIO& io = ImGui::GetIO();
    model::App& app = ctx.app;
    cancel_gesture();
    hit_test(app.graph(), io.MousePos);
    find_edge_end(app.graph(), io.MousePos);
    press_at_ = io.MousePos;
    press_canvas_ = space_.canvas_from_screen(io.MousePos);
    pressed_on_node_ = false;
    hand_ = space_held();
    gesture_ = Gesture::pan;
    // A right click without a drag opens a menu.
    if (bare_ || io.MouseDown[ImGuiMouseButton_Middle] || io.MouseDown[ImGuiMouseButton_Right] || hand_) return;
    const model::Graph& graph = app.graph();
    const bool locked = app.canvas().locked;
    if (hovered_port_ != 0) {
        locked_out_ = locked;
        if (!locked) begin_connecting(app, hovered_node_, hovered_port_ < 0);
        return;
    }
    if (hovered_end_ != 0) {
        locked_out_ = locked;
        if (locked) return;
        const bool target_end = hovered_end_ > 0;
        begin_connecting(app, target_end ? graph.edge_source(hovered_edge_) : graph.edge_target(hovered_edge_), !target_end);
        reconnect_edge_ = graph.edge(hovered_edge_).id;
        look_.valid_targets[target_end ? graph.edge_target(hovered_edge_) : graph.edge_source(hovered_edge_)] = true;  // where it is
        return;
    }
    if (hovered_node_ != kNoIndex) return begin_move(ctx);
    if (io.KeyShift == app.ui().canvas.drag_selects) return;
    gesture_ = Gesture::marquee;
    marquee_ = io.KeyCtrl || io.KeySuper ? Marquee::toggles : io.KeyShift ? Marquee::adds : Marquee::replaces;
    marquee_base_ = app.canvas().selected_nodes;
}

void CanvasView::begin_move(UiContext& ctx) {
    const ImGuiIO& io = ImGui::GetIO();
    model::App& app = ctx.app;
    pressed_on_node_ = true;
    grabbed_ = hovered_node_;
    const std::string node = app.graph().node(hovered_node_).id;
    auto nodes = app.canvas().selected_nodes;
    const bool selected = nodes.contains(node);
    if (io.KeyShift || io.KeyCtrl || io.KeySuper) {
        if (selected) nodes.erase(node);
        else nodes.insert(node);
        app.select(std::move(nodes), app.canvas().selected_edges);
    } else if (!selected) {
        app.select_nodes({node});
    }
    locked_out_ = app.canvas().locked;
    gesture_ = locked_out_ ? Gesture::pan : Gesture::move;
}

void CanvasView::begin_connecting(model::App& app, NodeIndex from, bool backwards) {
    const model::Graph& graph = app.graph();
    gesture_ = Gesture::connect;
    connect_from_ = from;
    connect_backwards_ = backwards;
    look_.dim_invalid = true;
    look_.valid_targets = model::connectable(graph, from, backwards);
    look_.valid_targets[from] = true;  // it does not fade
    ++look_.version;
}

void CanvasView::continue_gesture(UiContext& ctx) {
    const ImGuiIO& io = ImGui::GetIO();
    model::App& app = ctx.app;
    if (!moved_ && std::hypot(io.MousePos.x - press_at_.x, io.MousePos.y - press_at_.y) >= kDragThresholdPx) {
        moved_ = true;
        if (gesture_ == Gesture::move) lift(app);
        if (locked_out_) app.show_toast(model::ToastKind::info, "The canvas is locked", "Unlock it to move or connect nodes: L, or the lock at the bottom left.");
    }
    if (!moved_) return;
    switch (gesture_) {
        case Gesture::pan: {
            model::Viewport view = space_.view;
            view.x = press_canvas_.x - (io.MousePos.x - space_.min.x) / view.zoom;
            view.y = press_canvas_.y - (io.MousePos.y - space_.min.y) / view.zoom;
            app.set_viewport(view);
            ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeAll);
            return;
        }
        case Gesture::move:
            auto_pan(ctx);
            drag_nodes(app);
            ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeAll);
            return;
        case Gesture::connect:
            auto_pan(ctx);
            hit_test(app.graph(), io.MousePos);
            return;
        case Gesture::marquee: return auto_pan(ctx);
        case Gesture::none: return;
    }
}

void CanvasView::auto_pan(UiContext& ctx) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const float x = push_of(mouse.x, press_at_.x, space_.min.x, space_.max.x);
    const float y = push_of(mouse.y, press_at_.y, space_.min.y, space_.max.y);
    if (x == 0 && y == 0) {
        auto_pan_ms_ = -1;
        return;
    }
    const std::int64_t now_ms = ctx.input.now_ms;
    const std::int64_t step_ms = auto_pan_ms_ < 0 ? 0 : std::clamp<std::int64_t>(now_ms - auto_pan_ms_, 0, kAutoPanStepMs);
    auto_pan_ms_ = now_ms;
    const float distance = kAutoPanPxPerS * static_cast<float>(step_ms) / 1000 / space_.view.zoom;
    model::Viewport view = space_.view;
    view.x += x * distance;
    view.y += y * distance;
    ctx.app.set_viewport(view);
    space_.view = view;
    ctx.wake_in(0);
}

void CanvasView::lift(model::App& app) {
    const model::Graph& graph = app.graph();
    look_.lifted.assign(graph.node_slots(), false);
    bool first = true;
    for (const auto& node : app.canvas().selected_nodes) {
        const NodeIndex i = graph.find_node(node);
        if (i == kNoIndex) continue;
        look_.lifted[i] = true;
        const Rect r = graph.node_rect(i);
        lift_bounds_ = first ? r : Rect{{std::min(lift_bounds_.min.x, r.min.x), std::min(lift_bounds_.min.y, r.min.y)}, {std::max(lift_bounds_.max.x, r.max.x), std::max(lift_bounds_.max.y, r.max.y)}};
        first = false;
    }
    ++look_.version;
}

void CanvasView::drag_nodes(model::App& app) {
    const model::Graph& graph = app.graph();
    const Vec2 pointer = space_.canvas_from_screen(ImGui::GetIO().MousePos);
    Vec2 by{pointer.x - press_canvas_.x, pointer.y - press_canvas_.y};
    guides_ = {};
    guide_nodes_.clear();
    guide_rects_.clear();
    if (ImGui::GetIO().KeyAlt || !graph.node_alive(grabbed_)) {
        by = {std::round(by.x), std::round(by.y)};
    } else {
        if (space_.view.zoom >= kMiddleZoom) {
            for (const NodeIndex i : index_.nodes_in(graph, space_.visible())) {
                if (i < look_.lifted.size() && look_.lifted[i]) continue;
                if (guide_nodes_.size() == kMaxGuideNodes) break;
                guide_nodes_.push_back(i);
                guide_rects_.push_back(graph.node_rect(i));
            }
            const Rect moved{{lift_bounds_.min.x + by.x, lift_bounds_.min.y + by.y}, {lift_bounds_.max.x + by.x, lift_bounds_.max.y + by.y}};
            guides_ = guides_for(moved, guide_rects_, kGuideReachPx / space_.view.zoom);
        }
        // In line with another node comes before the grid.
        const Vec2 at = graph.node(grabbed_).position;
        const Vec2 on_grid = settled(app, {at.x + by.x, at.y + by.y});
        by.x = guides_.x ? by.x + guides_.x->shift : on_grid.x - at.x;
        by.y = guides_.y ? by.y + guides_.y->shift : on_grid.y - at.y;
    }
    lift_.all = by;
    find_drop_edge(graph);
}

// A single node without edges goes into the edge that it is held over.
void CanvasView::find_drop_edge(const model::Graph& graph) {
    EdgeIndex found = kNoIndex;
    const bool single = std::count(look_.lifted.begin(), look_.lifted.end(), true) == 1;
    if (single && graph.node_alive(grabbed_) && look_.lifted[grabbed_] && graph.edges_of(grabbed_).empty() && space_.view.zoom >= kMiddleZoom) {
        const Rect r = lift_.moved(grabbed_, graph.node_rect(grabbed_));
        const Vec2 middle{(r.min.x + r.max.x) / 2, (r.min.y + r.max.y) / 2};
        const float reach = kDropReachPx / space_.view.zoom;
        float best = reach;
        for (const EdgeIndex i : index_.edges_in(graph, Rect{{middle.x - reach, middle.y - reach}, {middle.x + reach, middle.y + reach}})) {
            const float distance = model::distance_to(model::edge_curve(graph, i, look_.edge_style), middle);
            if (distance >= best || !model::why_not_between(graph, i, grabbed_).empty()) continue;
            best = distance;
            found = i;
        }
    }
    drop_edge_ = found;
    light_edge(found);
}

void CanvasView::light_edge(EdgeIndex edge) {
    if (look_.hovered_edge == edge) return;
    look_.hovered_edge = edge;
    ++look_.version;
}

// Which end of the edge under the pointer would be taken hold of.
void CanvasView::find_edge_end(const model::Graph& graph, ImVec2 mouse) {
    hovered_end_ = 0;
    if (hovered_edge_ == kNoIndex || hovered_node_ != kNoIndex || hovered_port_ != 0 || space_.view.zoom < kMiddleZoom) return;
    const auto curve = model::edge_curve(graph, hovered_edge_);
    const ImVec2 from = space_.screen_from_canvas(curve.points.front());
    const ImVec2 to = space_.screen_from_canvas(curve.points.back());
    const float to_source = std::hypot(mouse.x - from.x, mouse.y - from.y);
    const float to_target = std::hypot(mouse.x - to.x, mouse.y - to.y);
    if (std::min(to_source, to_target) <= kEndReachPx) hovered_end_ = to_target <= to_source ? 1 : -1;
}

Rect CanvasView::marquee_rect() const {
    const Vec2 b = space_.canvas_from_screen(ImGui::GetIO().MousePos);
    const Vec2 a = press_canvas_;
    return {{std::min(a.x, b.x), std::min(a.y, b.y)}, {std::max(a.x, b.x), std::max(a.y, b.y)}};
}

std::set<std::string> CanvasView::marquee_hits(const model::App& app) {
    const model::Graph& graph = app.graph();
    const Rect box = marquee_rect();
    std::set<std::string> ids;
    for (const NodeIndex i : index_.nodes_in(graph, box)) {
        const Rect r = graph.node_rect(i);
        const bool inside = r.min.x >= box.min.x && r.min.y >= box.min.y && r.max.x <= box.max.x && r.max.y <= box.max.y;
        if (inside || !app.ui().canvas.marquee_encloses) ids.insert(graph.node(i).id);
    }
    return ids;
}

void CanvasView::end_gesture(UiContext& ctx) {
    model::App& app = ctx.app;
    if (!moved_) {
        end_click(ctx);
    } else {
        switch (gesture_) {
            case Gesture::marquee: end_marquee(app); break;
            case Gesture::move: end_move(app); break;
            case Gesture::connect: end_connecting(ctx); break;
            case Gesture::pan:
            case Gesture::none: break;
        }
    }
    cancel_gesture();
    ctx.wake_in(0);
}

void CanvasView::end_click(UiContext& ctx) {
    const ImGuiIO& io = ImGui::GetIO();
    model::App& app = ctx.app;
    const model::Graph& graph = app.graph();
    const bool adds = io.KeyShift || io.KeyCtrl || io.KeySuper;
    if (ImGui::IsMouseReleased(ImGuiMouseButton_Right)) {
        if (!bare_) open_context_menu(app, space_.canvas_from_screen(io.MousePos), hovered_node_, hovered_edge_);
    } else if (!ImGui::IsMouseReleased(ImGuiMouseButton_Left) || hovered_port_ != 0 || hand_) {
        return;
    } else if (pressed_on_node_) {
        // A plain click on one of several selected nodes leaves that one.
        if (hovered_node_ != kNoIndex && !adds && app.canvas().selected_nodes.size() + app.canvas().selected_edges.size() > 1) app.select_nodes({graph.node(hovered_node_).id});
    } else if (hovered_edge_ != kNoIndex) {
        const std::string& id = graph.edge(hovered_edge_).id;
        if (!adds) return app.select_edges({id});
        auto edges = app.canvas().selected_edges;
        if (edges.erase(id) == 0) edges.insert(id);
        app.select(app.canvas().selected_nodes, std::move(edges));
    } else if (!adds) {
        app.clear_selection();
    }
}

void CanvasView::end_marquee(model::App& app) {
    std::set<std::string> ids = marquee_hits(app);
    if (marquee_ == Marquee::replaces) return app.select_nodes(std::move(ids));
    std::set<std::string> all = marquee_base_;
    for (const auto& id : ids) {
        if (!all.insert(id).second && marquee_ == Marquee::toggles) all.erase(id);
    }
    app.select(std::move(all), app.canvas().selected_edges);
}

void CanvasView::end_move(model::App& app) {
    const model::Graph& graph = app.graph();
    if (drop_edge_ != kNoIndex && graph.edge_alive(drop_edge_) && graph.node_alive(grabbed_)) {
        const Rect r = lift_.moved(grabbed_, graph.node_rect(grabbed_));
        const std::string edge = graph.edge(drop_edge_).id;
        const std::string node = graph.node(grabbed_).id;
        return app.insert_on_edge(edge, node, r.min);
    }
    if (lift_.all == Vec2{}) return;
    model::MoveNodes change;
    for (NodeIndex i = 0; i < look_.lifted.size(); ++i) {
        if (!look_.lifted[i] || !graph.node_alive(i)) continue;
        const Vec2 at = graph.node(i).position;
        change.moves.push_back({graph.node(i).id, {at.x + lift_.all.x, at.y + lift_.all.y}});
    }
    (void)app.edit(change);
}

void CanvasView::end_connecting(UiContext& ctx) {
    model::App& app = ctx.app;
    const model::Graph& graph = app.graph();
    if (!graph.node_alive(connect_from_)) return;
    const std::string from = graph.node(connect_from_).id;
    if (hovered_node_ != kNoIndex) {
        if (hovered_node_ == connect_from_) return;
        const std::string to = graph.node(hovered_node_).id;
        if (!reconnect_edge_.empty()) app.reconnect_edge(reconnect_edge_, !connect_backwards_, to);
        else app.connect(connect_backwards_ ? to : from, connect_backwards_ ? from : to);
        return;
    }
    // An edge whose end is dropped on nothing stays as it was.
    if (!reconnect_edge_.empty() || !pointed_at()) return;
    open_add_menu(*pointed_at());
    search_.connect = from;
    search_.before = connect_backwards_;
}

void CanvasView::cancel_gesture() {
    gesture_ = Gesture::none;
    glide_.active = false;
    moved_ = false;
    locked_out_ = false;
    connect_from_ = kNoIndex;
    reconnect_edge_.clear();
    grabbed_ = kNoIndex;
    auto_pan_ms_ = -1;
    guides_ = {};
    lift_ = {};
    if (std::exchange(drop_edge_, kNoIndex) != kNoIndex) light_edge(kNoIndex);
    if (look_.dim_invalid || !look_.lifted.empty()) {
        look_.dim_invalid = false;
        look_.valid_targets.clear();
        look_.lifted.clear();
        ++look_.version;
    }
}

void CanvasView::keyboard(UiContext& ctx, ImGuiID id) {
    if (!focused_) return;
    // These would move ImGui's own focus, or press the item.
    for (const ImGuiKey key : {ImGuiKey_LeftArrow, ImGuiKey_RightArrow, ImGuiKey_UpArrow, ImGuiKey_DownArrow, ImGuiKey_Enter, ImGuiKey_Space, ImGuiKey_Escape}) {
        ImGui::SetKeyOwner(key, id);
    }
    const model::Graph& graph = ctx.app.graph();
    if (graph.node_count() == 0) return;
    // Tab is ours while there is a next node in its direction; past the ends it leaves the canvas.
    const bool back = ImGui::GetIO().KeyShift;
    const auto& order = reading_order(graph);
    const auto& selected = ctx.app.canvas().selected_nodes;
    const NodeIndex current = selected.empty() ? kNoIndex : graph.find_node(*selected.begin());
    const bool at_end = current != kNoIndex && current == (back ? order.front() : order.back());
    if (at_end) return;
    ImGui::SetKeyOwner(ImGuiKey_Tab, id);
    if (ImGui::IsKeyPressed(ImGuiKey_Tab, ImGuiInputFlags_Repeat, id)) {
        step_node(ctx.app, back ? -1 : 1);
        ctx.wake_in(0);
    }
}

}  // namespace ui
