#include "ui/canvas/canvas_view.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "model/edge_geometry.hpp"
#include "ui/canvas/canvas_compare.hpp"
#include "ui/canvas/canvas_text.hpp"
#include "ui/widgets.hpp"

namespace ui {

using model::EdgeIndex;
using model::kNoIndex;
using model::NodeIndex;
using model::Rect;
using model::Vec2;

namespace {

constexpr float kDragThresholdPx = 4;
constexpr float kEdgeReachPx = 7;
constexpr float kPortReachPx = 11;
constexpr float kWheelPanPx = 100;     // of one notch
constexpr float kZoomPerNotch = 1.18F;
constexpr std::int64_t kPulseMs = 600;
constexpr std::int64_t kGlideMs = 180;
constexpr std::size_t kMaxRings = 500;
constexpr std::size_t kMaxRecords = 300;  // of the canvas; the rest is counted

float snapped(float v) { return std::round(v / kCanvasSnap) * kCanvasSnap; }

}  // namespace

void CanvasView::draw(UiContext& ctx, ImVec2 min, ImVec2 max) {
    model::App& app = ctx.app;
    const auto phase = app.workflow().phase;
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(min, max, ctx.theme.background);
    if (phase == model::LoadPhase::failed || phase == model::LoadPhase::idle || phase == model::LoadPhase::loading) {
        focused_ = false;
        begin_region(ctx, "canvas-state", min, max, ctx.theme.background, ImVec2(metrics::kPad, metrics::kPad));
        if (phase == model::LoadPhase::failed) {
            if (error_state(ctx, "canvas-error", app.workflow().error)) app.retry();
        } else if (app.workflow().list_phase == model::LoadPhase::failed) {
            if (error_state(ctx, "canvas-error", app.workflow().list_error)) app.retry();
        } else {
            skeleton(ctx, "canvas-loading", 5);
        }
        end_region(ctx);
        return;
    }
    if (app.workflow().id.empty()) {
        begin_region(ctx, "canvas-state", min, max, ctx.theme.background, ImVec2(metrics::kPad, metrics::kPad));
        if (state_message(ctx, "no-workflow", {.icon = Icon::workflows, .title = "No workflow yet", .text = "A workflow is a drawing of what runs in the cluster.", .action = "New workflow", .details = {}, .error = false})) {
            ctx.commands.run("workflow.new");
        }
        end_region(ctx);
        return;
    }
    draw_content(ctx, min, max);
    draw_history_layer(ctx, space_);
    draw_overlays(ctx);
    draw_add_menu(ctx);
}

void CanvasView::draw_bare(UiContext& ctx, ImVec2 min, ImVec2 max) {
    ImGui::GetWindowDrawList()->AddRectFilled(min, max, ctx.theme.background);
    bare_ = true;
    draw_content(ctx, min, max);
    if (const auto target = minimap_.draw(ctx, ctx.app.graph(), space_, ImVec2(max.x - Minimap::kSize.x - 12, max.y - Minimap::kSize.y - 12))) {
        ctx.app.set_viewport(*target);
        ctx.wake_in(0);
    }
}

void CanvasView::draw_content(UiContext& ctx, ImVec2 min, ImVec2 max) {
    model::App& app = ctx.app;
    const model::Graph& graph = app.graph();
    const ImVec2 size(max.x - min.x, max.y - min.y);
    if (size.x < 8 || size.y < 8) return;
    if (slot_epoch_ != graph.slot_epoch()) {
        slot_epoch_ = graph.slot_epoch();
        cancel_gesture();
        hovered_node_ = kNoIndex;
        hovered_edge_ = kNoIndex;
        hovered_port_ = 0;
    }
    if (!app.canvas().viewport) {
        if (graph.node_count() > 0) fit(app, size);
        else app.set_viewport({-size.x / 2, -size.y / 2, 1});
    }
    space_ = {min, max, current_viewport(app)};
    placed_ = true;

    const ImGuiID id = id_of("canvas");
    ImGuiContext& g = *ImGui::GetCurrentContext();
    const ImRect box(min, max);
    begin_record_group(ctx, id, min, max, {.role = Role::group, .name = "Workflow canvas", .description = "Tab walks the nodes, arrows move the selection, 1 fits"});
    bool hovered = false;
    bool held = false;
    ImGui::SetCursorScreenPos(min);
    ImGui::SetNextItemAllowOverlap();
    if (ImGui::ItemAdd(box, id)) {
        ImGui::ButtonBehavior(box, id, &hovered, &held,
                              ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight | ImGuiButtonFlags_MouseButtonMiddle | ImGuiButtonFlags_AllowOverlap);
        IMGUI_TEST_ENGINE_ITEM_INFO(id, "canvas", g.LastItemData.StatusFlags);
    }
    SemanticAction action;
    if (focus_wanted_ || ctx.semantics.take_action(id, ActionKind::focus, action)) {
        ImGui::SetFocusID(id, g.CurrentWindow);
        focus_wanted_ = false;
    }
    focused_ = g.NavId == id && !ImGui::GetIO().WantTextInput && g.OpenPopupStack.Size == 0;
    handle_input(ctx, id, hovered, held);
    space_.view = current_viewport(app);

    look_.selected_edges = &app.canvas().selected_edges;
    std::string edges_key;
    for (const auto& edge : app.canvas().selected_edges) edges_key.append(edge).push_back('\n');
    if (edges_key != selected_edges_key_) {
        selected_edges_key_ = std::move(edges_key);
        ++look_.version;
    }
    const float pr = ctx.input.pixel_ratio;
    step_glide(ctx);
    scene_.update(graph, index_, space_, ctx.theme, look_, pr);
    const bool lifting = (gesture_ == Gesture::move && moved_) || glide_.active;
    if (lifting) scene_.build_lifted(graph, space_, ctx.theme, look_, lift_, pr);
    else scene_.clear_lifted();

    ImDrawList* list = ImGui::GetWindowDrawList();
    ImGui::PushClipRect(min, max, true);
    for (CanvasBatch* batch : {&scene_.grid(), &scene_.edges(), &scene_.edge_marks(), &scene_.nodes()}) {
        place_batch(*batch, space_);
        if (!batch->indices.empty()) list->AddCallback(&canvas_batch_callback, batch);
    }
    const auto is_lifted = [&](NodeIndex i) { return i < look_.lifted.size() && look_.lifted[i]; };
    const auto is_dimmed = [&](NodeIndex i) { return look_.dim_invalid && i < look_.valid_targets.size() && !look_.valid_targets[i]; };
    if (space_.view.zoom >= kMiddleZoom) {
        const std::vector<NodeIndex> visible = index_.nodes_in(graph, space_.visible());
        for (const NodeIndex i : visible) {
            if (is_lifted(i)) continue;
            // The words of a card that lies under another one do not shine through.
            const Rect r = graph.node_rect(i);
            const bool covered = visible.size() <= 600 && index_.node_at(graph, {(r.min.x + r.max.x) / 2, (r.min.y + r.max.y) / 2}) != i;
            if (!covered) draw_node_text(ctx, list, space_, graph.node(i), graph.status(i), r.min, is_dimmed(i));
        }
    }
    if (lifting) {
        for (CanvasBatch* batch : {&scene_.lifted_edges(), &scene_.lifted_nodes()}) {
            place_batch(*batch, space_);
            if (!batch->indices.empty()) list->AddCallback(&canvas_batch_callback, batch);
        }
        for (NodeIndex i = 0; i < look_.lifted.size(); ++i) {
            if (!look_.lifted[i] || !graph.node_alive(i)) continue;
            const Vec2 at = graph.node(i).position;
            const Vec2 by = lift_.of(i);
            draw_node_text(ctx, list, space_, graph.node(i), graph.status(i), {at.x + by.x, at.y + by.y}, false);
        }
    }
    draw_marks(ctx, list);
    draw_pulses(ctx, list);
    draw_connection(ctx, list);
    ImGui::PopClipRect();
    push_records(ctx);
    end_record_group(ctx);
}

void CanvasView::hit_test(const model::Graph& graph, ImVec2 mouse) {
    const Vec2 at = space_.canvas_from_screen(mouse);
    const float zoom = space_.view.zoom;
    NodeIndex node = index_.node_at(graph, at);
    EdgeIndex edge = kNoIndex;
    int port = 0;
    if (zoom >= kMiddleZoom) {
        const float reach = kPortReachPx / zoom;
        float best = reach;
        for (const NodeIndex i : index_.nodes_in(graph, Rect{{at.x - reach, at.y - reach}, {at.x + reach, at.y + reach}})) {
            const Rect r = graph.node_rect(i);
            for (const int side : {-1, 1}) {
                const Vec2 p = side < 0 ? model::input_port(r) : model::output_port(r);
                const float distance = std::hypot(at.x - p.x, at.y - p.y);
                if (distance < best) {
                    best = distance;
                    node = i;
                    port = side;
                }
            }
        }
    }
    if (node == kNoIndex) {
        const float reach = kEdgeReachPx / zoom;
        float best = reach;
        for (const EdgeIndex i : index_.edges_in(graph, Rect{{at.x - reach, at.y - reach}, {at.x + reach, at.y + reach}})) {
            const float distance = model::distance_to(model::edge_curve(graph, i), at);
            if (distance < best) {
                best = distance;
                edge = i;
            }
        }
    }
    if (node != hovered_node_ || edge != hovered_edge_ || port != hovered_port_) {
        hovered_node_ = node;
        hovered_edge_ = edge;
        hovered_port_ = port;
        // At a distance the highlight of edges cannot be told from noise and would rebuild everything.
        const bool near_enough = zoom >= kMiddleZoom;
        const NodeIndex lit_node = near_enough ? node : kNoIndex;
        const EdgeIndex lit_edge = near_enough ? edge : kNoIndex;
        const bool node_matters = lit_node != look_.hovered_node;
        if (node_matters || lit_edge != look_.hovered_edge) {
            look_.hovered_node = lit_node;
            look_.hovered_edge = lit_edge;
            ++look_.version;
        }
    }
}

void CanvasView::wheel(UiContext& ctx) {
    const ImGuiIO& io = ImGui::GetIO();
    if (io.MouseWheel == 0 && io.MouseWheelH == 0) return;
    model::App& app = ctx.app;
    if (io.KeyCtrl || io.KeySuper) {
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
    if (active && gesture_ == Gesture::none && ImGui::IsItemActivated()) begin_gesture(ctx);
    if (gesture_ != Gesture::none) {
        const ImVec2 delta(io.MousePos.x - press_at_.x, io.MousePos.y - press_at_.y);
        if (!moved_ && std::hypot(delta.x, delta.y) >= kDragThresholdPx) {
            moved_ = true;
            if (gesture_ == Gesture::move) {
                look_.lifted.assign(app.graph().node_slots(), false);
                for (const auto& node : app.canvas().selected_nodes) {
                    const NodeIndex i = app.graph().find_node(node);
                    if (i != kNoIndex) look_.lifted[i] = true;
                }
                ++look_.version;
            }
        }
        if (gesture_ == Gesture::pan && moved_) {
            model::Viewport view = press_view_;
            view.x -= delta.x / view.zoom;
            view.y -= delta.y / view.zoom;
            app.set_viewport(view);
            ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeAll);
        } else if (gesture_ == Gesture::move && moved_) {
            lift_.all = {snapped(delta.x / space_.view.zoom), snapped(delta.y / space_.view.zoom)};
            ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeAll);
        } else if (gesture_ == Gesture::connect) {
            hit_test(app.graph(), io.MousePos);
        }
        if (!active) end_gesture(ctx);
    } else if (hovered) {
        if (hovered_port_ != 0 || hovered_node_ != kNoIndex || hovered_edge_ != kNoIndex) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
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
    press_at_ = io.MousePos;
    press_view_ = space_.view;
    moved_ = false;
    lift_ = {};
    if (bare_ || io.MouseDown[ImGuiMouseButton_Middle]) {
        gesture_ = Gesture::pan;
        return;
    }
    if (io.MouseDown[ImGuiMouseButton_Right]) {
        gesture_ = Gesture::pan;  // a click without a drag opens the menu
        return;
    }
    if (hovered_port_ != 0) {
        gesture_ = Gesture::connect;
        connect_from_ = hovered_node_;
        connect_backwards_ = hovered_port_ < 0;
        const model::Graph& graph = app.graph();
        look_.dim_invalid = true;
        look_.valid_targets.assign(graph.node_slots(), false);
        for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
            if (!graph.node_alive(i)) continue;
            const std::string& from = graph.node(connect_backwards_ ? i : connect_from_).id;
            const std::string& to = graph.node(connect_backwards_ ? connect_from_ : i).id;
            look_.valid_targets[i] = i == connect_from_ || !graph.why_not_connect(from, to);
        }
        ++look_.version;
        return;
    }
    pressed_on_node_ = hovered_node_ != kNoIndex;
    if (pressed_on_node_) {
        const std::string& node = app.graph().node(hovered_node_).id;
        const bool selected = app.canvas().selected_nodes.contains(node);
        if (io.KeyShift || io.KeyCtrl || io.KeySuper) {
            auto ids = app.canvas().selected_nodes;
            if (selected) ids.erase(node);
            else ids.insert(node);
            app.select_nodes(std::move(ids));
        } else if (!selected) {
            app.select_nodes({node});
        }
        gesture_ = Gesture::move;
        return;
    }
    gesture_ = io.KeyShift ? Gesture::marquee : Gesture::pan;
}

void CanvasView::end_gesture(UiContext& ctx) {
    const ImGuiIO& io = ImGui::GetIO();
    model::App& app = ctx.app;
    const model::Graph& graph = app.graph();
    switch (gesture_) {
        case Gesture::pan:
            if (moved_) break;
            if (ImGui::IsMouseReleased(ImGuiMouseButton_Right)) {
                if (hovered_node_ == kNoIndex) open_add_menu(space_.canvas_from_screen(io.MousePos));
            } else if (hovered_edge_ != kNoIndex) {
                app.select_edges({graph.edge(hovered_edge_).id}, io.KeyShift);
            } else if (ImGui::IsMouseReleased(ImGuiMouseButton_Left)) {
                app.clear_selection();
            }
            break;
        case Gesture::marquee: {
            const Vec2 a = space_.canvas_from_screen(press_at_);
            const Vec2 b = space_.canvas_from_screen(io.MousePos);
            const Rect marquee{{std::min(a.x, b.x), std::min(a.y, b.y)}, {std::max(a.x, b.x), std::max(a.y, b.y)}};
            std::set<std::string> ids;
            if (moved_) {
                for (const NodeIndex i : index_.nodes_in(graph, marquee)) ids.insert(graph.node(i).id);
            }
            app.select_nodes(std::move(ids), true);
            break;
        }
        case Gesture::move: {
            if (!moved_ || (lift_.all.x == 0 && lift_.all.y == 0)) {
                // A plain click on one of several selected nodes leaves that one.
                if (!moved_ && hovered_node_ != kNoIndex && !io.KeyShift && !io.KeyCtrl && !io.KeySuper && app.canvas().selected_nodes.size() > 1) {
                    app.select_nodes({graph.node(hovered_node_).id});
                }
                break;
            }
            model::MoveNodes change;
            for (NodeIndex i = 0; i < look_.lifted.size(); ++i) {
                if (!look_.lifted[i] || !graph.node_alive(i)) continue;
                const Vec2 at = graph.node(i).position;
                change.moves.push_back({graph.node(i).id, {at.x + lift_.all.x, at.y + lift_.all.y}});
            }
            (void)app.edit(change);
            break;
        }
        case Gesture::connect:
            if (hovered_node_ != kNoIndex && hovered_node_ != connect_from_ && graph.node_alive(connect_from_)) {
                const std::string source = graph.node(connect_backwards_ ? hovered_node_ : connect_from_).id;
                const std::string target = graph.node(connect_backwards_ ? connect_from_ : hovered_node_).id;
                (void)app.edit(model::AddEdge{{source + "-" + target, source, target, "", ""}});
            }
            break;
        case Gesture::none: break;
    }
    cancel_gesture();
    ctx.wake_in(0);
}

void CanvasView::cancel_gesture() {
    gesture_ = Gesture::none;
    glide_.active = false;
    moved_ = false;
    connect_from_ = kNoIndex;
    lift_ = {};
    if (look_.dim_invalid || !look_.lifted.empty()) {
        look_.dim_invalid = false;
        look_.valid_targets.clear();
        look_.lifted.clear();
        ++look_.version;
    }
}

void CanvasView::step_glide(UiContext& ctx) {
    if (!glide_.active) return;
    const model::Graph& graph = ctx.app.graph();
    if (glide_.since_ms < 0) {
        glide_.since_ms = ctx.input.now_ms;
        look_.lifted.assign(graph.node_slots(), false);
        for (NodeIndex i = 0; i < glide_.from.size() && i < graph.node_slots(); ++i) look_.lifted[i] = graph.node_alive(i) && glide_.from[i] != Vec2{};
        ++look_.version;
    }
    const float t = static_cast<float>(ctx.input.now_ms - glide_.since_ms) / static_cast<float>(kGlideMs);
    if (ctx.input.reduced_motion || t >= 1 || glide_.from.size() != graph.node_slots()) return cancel_gesture();
    const float left = (1 - t) * (1 - t);
    lift_.each.resize(glide_.from.size());
    for (std::size_t i = 0; i < glide_.from.size(); ++i) lift_.each[i] = {glide_.from[i].x * left, glide_.from[i].y * left};
    ctx.wake_in(0);
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
    const auto order = reading_order(graph);
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

void CanvasView::draw_marks(UiContext& ctx, ImDrawList* list) {
    const model::Graph& graph = ctx.app.graph();
    const float zoom = space_.view.zoom;
    const Rect visible = space_.visible();
    const float radius = zoom >= kNearZoom ? 9 * zoom : 2;
    const auto ring = [&](NodeIndex i, ImU32 color, float width, float grow) {
        Rect r = graph.node_rect(i);
        if (i < look_.lifted.size() && look_.lifted[i]) r = lift_.moved(i, r);
        if (!r.overlaps(visible)) return false;
        const ImVec2 a = space_.screen_from_canvas(r.min);
        const ImVec2 b = space_.screen_from_canvas(r.max);
        list->AddRect(ImVec2(a.x - grow, a.y - grow), ImVec2(b.x + grow, b.y + grow), color, radius + grow, 0, width);
        return true;
    };
    std::size_t drawn = 0;
    const auto& selected = ctx.app.canvas().selected_nodes;
    for (const auto& id : selected) {
        const NodeIndex i = graph.find_node(id);
        if (i != kNoIndex && ring(i, ctx.theme.accent, 2, 0.5F) && ++drawn == kMaxRings) break;
    }
    if (hovered_node_ != kNoIndex && graph.node_alive(hovered_node_) && gesture_ == Gesture::none && !selected.contains(graph.node(hovered_node_).id)) {
        ring(hovered_node_, faded(ctx.theme.accent, 0.55F), 1, 0);
    }
    if (hovered_port_ != 0 && hovered_node_ != kNoIndex && graph.node_alive(hovered_node_) && gesture_ == Gesture::none) {
        const Rect r = graph.node_rect(hovered_node_);
        const ImVec2 at = space_.screen_from_canvas(hovered_port_ < 0 ? model::input_port(r) : model::output_port(r));
        list->AddCircleFilled(at, std::max(6 * zoom, 4.0F), ctx.theme.accent);
        ImGui::SetTooltip("%s", hovered_port_ < 0 ? "Input: drag to what should feed it" : "Output: drag to connect");
    }
    if (gesture_ == Gesture::marquee && moved_) {
        const ImVec2 mouse = ImGui::GetIO().MousePos;
        const ImVec2 a(std::min(mouse.x, press_at_.x), std::min(mouse.y, press_at_.y));
        const ImVec2 b(std::max(mouse.x, press_at_.x), std::max(mouse.y, press_at_.y));
        list->AddRectFilled(a, b, faded(ctx.theme.accent, 0.12F));
        list->AddRect(a, b, ctx.theme.accent);
    }
    if (focused_ && ImGui::GetCurrentContext()->NavCursorVisible && selected.empty()) {
        list->AddRect(ImVec2(space_.min.x + 1, space_.min.y + 1), ImVec2(space_.max.x - 1, space_.max.y - 1), ctx.theme.accent, 2, 0, 2);
    }
}

void CanvasView::draw_pulses(UiContext& ctx, ImDrawList* list) {
    const model::Graph& graph = ctx.app.graph();
    const bool other = pulses_workflow_ != ctx.app.workflow().id;
    if (other || pulses_version_ != graph.status_version() || pulses_.size() != graph.node_slots()) {
        const bool first = other || pulses_.empty();
        pulses_workflow_ = ctx.app.workflow().id;
        pulses_version_ = graph.status_version();
        pulses_.resize(graph.node_slots());
        for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
            const model::NodeState state = graph.node_alive(i) ? graph.status(i).state : model::NodeState::none;
            if (pulses_[i].state != state) pulses_[i] = {state, first ? -1 : ctx.input.now_ms};
        }
    }
    if (ctx.input.reduced_motion || space_.view.zoom < kMiddleZoom) return;
    bool moving = false;
    for (const NodeIndex i : index_.nodes_in(graph, space_.visible())) {
        Pulse& pulse = pulses_[i];
        if (pulse.since_ms < 0) continue;
        const float t = static_cast<float>(ctx.input.now_ms - pulse.since_ms) / static_cast<float>(kPulseMs);
        if (t >= 1) {
            pulse.since_ms = -1;
            continue;
        }
        moving = true;
        const Rect r = graph.node_rect(i);
        const ImVec2 center = space_.screen_from_canvas({r.min.x + 59, r.max.y - 11});
        const float eased = 1 - (1 - t) * (1 - t);
        list->AddCircle(center, (4 + 9 * eased) * space_.view.zoom, faded(state_color(ctx.theme, pulse.state), 1 - t), 0, 2);
    }
    if (moving) ctx.wake_in(0);
}

void CanvasView::draw_connection(UiContext& ctx, ImDrawList* list) {
    const model::Graph& graph = ctx.app.graph();
    if (gesture_ != Gesture::connect || !graph.node_alive(connect_from_)) return;
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const Rect from = graph.node_rect(connect_from_);
    const Vec2 start = connect_backwards_ ? model::input_port(from) : model::output_port(from);
    Vec2 end = space_.canvas_from_screen(mouse);
    bool invalid = false;
    if (hovered_node_ != kNoIndex && hovered_node_ != connect_from_) {
        const std::string& source = graph.node(connect_backwards_ ? hovered_node_ : connect_from_).id;
        const std::string& target = graph.node(connect_backwards_ ? connect_from_ : hovered_node_).id;
        if (const auto reason = graph.why_not_connect(source, target)) {
            invalid = true;
            ImGui::SetTooltip("%s", reason->c_str());
        } else {
            const Rect to = graph.node_rect(hovered_node_);
            end = connect_backwards_ ? model::output_port(to) : model::input_port(to);
            const ImVec2 a = space_.screen_from_canvas(to.min);
            const ImVec2 b = space_.screen_from_canvas(to.max);
            list->AddRect(a, b, ctx.theme.accent, 8 * space_.view.zoom, 0, 2);
        }
    }
    const auto curve = connect_backwards_ ? model::curve_between(end, start) : model::curve_between(start, end);
    const auto& p = curve.points;
    list->AddBezierCubic(space_.screen_from_canvas(p[0]), space_.screen_from_canvas(p[1]), space_.screen_from_canvas(p[2]), space_.screen_from_canvas(p[3]),
                         invalid ? ctx.theme.danger : ctx.theme.accent, 2);
}

void CanvasView::push_records(UiContext& ctx) {
    if (!ctx.semantics.full()) return;
    model::App& app = ctx.app;
    const model::Graph& graph = app.graph();
    const std::vector<NodeIndex> visible = index_.nodes_in(graph, space_.visible());
    std::size_t pushed = 0;
    const ImGuiID seed = id_of("canvas-nodes");
    for (const NodeIndex i : visible) {
        if (pushed++ == kMaxRecords) break;
        const model::Node& node = graph.node(i);
        const ImGuiID id = ImHashStr(node.id.c_str(), node.id.size(), seed);
        const Rect r = graph.node_rect(i);
        const bool selected = app.canvas().selected_nodes.contains(node.id);
        std::uint32_t flags = kPressable;
        if (selected) flags |= kSelected;
        if (selected && focused_) flags |= kFocused;
        const std::string name = node_spoken_name(graph, i);
        record(ctx, id, space_.screen_from_canvas(r.min), space_.screen_from_canvas(r.max),
               {.role = Role::node, .name = name, .description = graph.status(i).message, .flags = flags});
        SemanticAction action;
        if (ctx.semantics.take_action(id, ActionKind::activate, action) || ctx.semantics.take_action(id, ActionKind::focus, action)) {
            app.select_nodes({node.id});
            focus_wanted_ = true;
            ctx.wake_in(0);
        }
    }
    if (visible.size() > kMaxRecords) {
        const std::string more = std::to_string(visible.size() - kMaxRecords) + " more nodes in view; zoom in to reach them";
        record(ctx, id_of("canvas-more"), space_.min, space_.min, {.role = Role::text, .name = more});
        return;
    }
    const ImGuiID edge_seed = id_of("canvas-edges");
    for (const EdgeIndex i : index_.edges_in(graph, space_.visible())) {
        if (pushed++ >= kMaxRecords) break;
        const model::Edge& edge = graph.edge(i);
        const ImGuiID id = ImHashStr(edge.id.c_str(), edge.id.size(), edge_seed);
        const Vec2 middle = model::point_at(model::edge_curve(graph, i), 0.5F);
        const ImVec2 at = space_.screen_from_canvas(middle);
        const bool selected = app.canvas().selected_edges.contains(edge.id);
        const std::string name = "Edge from " + graph.node(graph.edge_source(i)).name + " to " + graph.node(graph.edge_target(i)).name;
        record(ctx, id, ImVec2(at.x - 6, at.y - 6), ImVec2(at.x + 6, at.y + 6),
               {.role = Role::edge, .name = name, .flags = kPressable | (selected ? static_cast<std::uint32_t>(kSelected) : 0U)});
        SemanticAction action;
        if (ctx.semantics.take_action(id, ActionKind::activate, action)) {
            app.select_edges({edge.id});
            focus_wanted_ = true;
            ctx.wake_in(0);
        }
    }
}

}  // namespace ui
