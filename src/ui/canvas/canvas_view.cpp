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

constexpr float kEdgeReachPx = 7;
constexpr float kPortReachPx = 11;
constexpr std::int64_t kPulseMs = 600;
constexpr std::int64_t kGlideMs = 180;
constexpr std::size_t kMaxRings = 500;
constexpr std::size_t kMaxRecords = 300;  // of the canvas; the rest is counted

std::string_view line_words(GuideLine line, bool vertical) {
    switch (line) {
        case GuideLine::start: return vertical ? "Left edges" : "Top edges";
        case GuideLine::middle: return vertical ? "Centers" : "Middles";
        case GuideLine::end: return vertical ? "Right edges" : "Bottom edges";
    }
    return {};
}

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
    draw_find(ctx);
    draw_menus(ctx);
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
    if (edges_key != selected_edges_key_ || look_.edge_style != app.canvas().edge_style) {
        selected_edges_key_ = std::move(edges_key);
        look_.edge_style = app.canvas().edge_style;
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
    draw_lit_ports(ctx, list);
    draw_connection(ctx, list);
    draw_guides(ctx, list);
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
            const float distance = model::distance_to(model::edge_curve(graph, i, look_.edge_style), at);
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
    const bool locked = ctx.app.canvas().locked;
    if (gesture_ == Gesture::none && hovered_port_ != 0 && hovered_node_ != kNoIndex && graph.node_alive(hovered_node_)) {
        const Rect r = graph.node_rect(hovered_node_);
        const ImVec2 at = space_.screen_from_canvas(hovered_port_ < 0 ? model::input_port(r) : model::output_port(r));
        list->AddCircleFilled(at, std::max(6 * zoom, 4.0F), locked ? ctx.theme.muted : ctx.theme.accent);
        ImGui::SetTooltip("%s", locked ? "The canvas is locked" : hovered_port_ < 0 ? "Input: drag to what should feed it" : "Output: drag to connect");
    } else if (gesture_ == Gesture::none && hovered_end_ != 0 && hovered_edge_ != kNoIndex && graph.edge_alive(hovered_edge_) && !locked) {
        const auto curve = model::edge_curve(graph, hovered_edge_);
        const ImVec2 at = space_.screen_from_canvas(hovered_end_ < 0 ? curve.points.front() : curve.points.back());
        list->AddCircle(at, std::max(6 * zoom, 5.0F), ctx.theme.accent, 0, 2);
        ImGui::SetTooltip("Drag to reconnect");
    }
    if (gesture_ == Gesture::marquee && moved_) {
        const Rect box = marquee_rect();
        const ImVec2 a = space_.screen_from_canvas(box.min);
        const ImVec2 b = space_.screen_from_canvas(box.max);
        list->AddRectFilled(a, b, faded(ctx.theme.accent, 0.12F));
        list->AddRect(a, b, ctx.theme.accent);
        std::size_t rings = 0;
        for (const auto& id : marquee_hits(ctx.app)) {
            if (ring(graph.find_node(id), ctx.theme.accent, 1, 0) && ++rings == kMaxRings) break;
        }
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

// What an edge may lead to is lit while one is dragged.
void CanvasView::draw_lit_ports(UiContext& ctx, ImDrawList* list) {
    if (gesture_ != Gesture::connect || space_.view.zoom < kMiddleZoom) return;
    const model::Graph& graph = ctx.app.graph();
    const float radius = std::max(5 * space_.view.zoom, 4.0F);
    std::size_t drawn = 0;
    for (const NodeIndex i : index_.nodes_in(graph, space_.visible())) {
        if (i == connect_from_ || i >= look_.valid_targets.size() || !look_.valid_targets[i]) continue;
        const Rect r = graph.node_rect(i);
        list->AddCircleFilled(space_.screen_from_canvas(connect_backwards_ ? model::output_port(r) : model::input_port(r)), radius, ctx.theme.accent);
        if (++drawn == kMaxRings) return;
    }
}

void CanvasView::draw_connection(UiContext& ctx, ImDrawList* list) {
    const model::Graph& graph = ctx.app.graph();
    const bool dragged = gesture_ == Gesture::connect;
    // It stays while one looks for the node to add at its end.
    const NodeIndex node = dragged ? connect_from_ : search_.connect.empty() ? kNoIndex : graph.find_node(search_.connect);
    const bool backwards = dragged ? connect_backwards_ : search_.before;
    if (node == kNoIndex || !graph.node_alive(node)) return;
    const Rect from = graph.node_rect(node);
    const Vec2 start = backwards ? model::input_port(from) : model::output_port(from);
    Vec2 end = dragged ? space_.canvas_from_screen(ImGui::GetIO().MousePos) : search_.at;
    bool invalid = false;
    std::string words;
    if (dragged && hovered_node_ != kNoIndex && hovered_node_ != node) {
        const model::Node& source = graph.node(backwards ? hovered_node_ : node);
        const model::Node& target = graph.node(backwards ? node : hovered_node_);
        const bool stays = hovered_node_ < look_.valid_targets.size() && look_.valid_targets[hovered_node_];  // also where a dragged end comes from
        const auto reason = stays ? std::nullopt : graph.why_not_connect(source.id, target.id);
        if (reason) {
            invalid = true;
            words = *reason;
            ImGui::SetTooltip("%s", reason->c_str());
        } else {
            words = "Connects " + source.name + " to " + target.name;
            const Rect to = graph.node_rect(hovered_node_);
            end = backwards ? model::output_port(to) : model::input_port(to);
            const ImVec2 a = space_.screen_from_canvas(to.min);
            const ImVec2 b = space_.screen_from_canvas(to.max);
            list->AddRect(a, b, ctx.theme.accent, 8 * space_.view.zoom, 0, 2);
        }
    } else if (dragged && moved_) {
        words = reconnect_edge_.empty() ? "Drop on a node to connect it, or on empty canvas to add one" : "Drop on a node to reconnect the edge";
    }
    draw_curve(list, space_, backwards ? model::curve_between(end, start, look_.edge_style) : model::curve_between(start, end, look_.edge_style),
               invalid ? ctx.theme.danger : ctx.theme.accent, 2);
    if (!words.empty()) record(ctx, id_of("canvas-connecting"), space_.min, space_.min, {.role = Role::status, .name = words});
}

void CanvasView::draw_guides(UiContext& ctx, ImDrawList* list) {
    if (gesture_ != Gesture::move || !moved_) return;
    const model::Graph& graph = ctx.app.graph();
    std::string words;
    const auto draw_one = [&](const Guide& guide, bool vertical) {
        const auto at = [&](float along) { return space_.screen_from_canvas(vertical ? Vec2{guide.at, along} : Vec2{along, guide.at}); };
        list->AddLine(at(guide.from), at(guide.to), ctx.theme.purple, 1);
        const NodeIndex other = guide.other < guide_nodes_.size() ? guide_nodes_[guide.other] : kNoIndex;
        if (other == kNoIndex || !graph.node_alive(other)) return;
        if (!words.empty()) words += "; ";
        words += std::string(line_words(guide.line, vertical)) + " in line with " + graph.node(other).name;
        if (guide.gap() <= 0) return;
        const std::string distance = std::to_string(static_cast<int>(std::lround(guide.gap())));
        words += ", " + distance + " apart";
        const ImVec2 middle = at((guide.gap_from + guide.gap_to) / 2);
        draw_pill(ctx, list, ImVec2(middle.x - pill_width(ctx, distance) / 2, middle.y - 10), distance, ctx.theme.purple, ctx.theme.background);
    };
    if (guides_.x) draw_one(*guides_.x, true);
    if (guides_.y) draw_one(*guides_.y, false);
    if (drop_edge_ != kNoIndex && graph.edge_alive(drop_edge_)) {
        words = "Goes between " + graph.node(graph.edge_source(drop_edge_)).name + " and " + graph.node(graph.edge_target(drop_edge_)).name;
    }
    if (!words.empty()) record(ctx, id_of("canvas-guides"), space_.min, space_.min, {.role = Role::status, .name = words});
}

void CanvasView::push_records(UiContext& ctx) {
    if (!ctx.semantics.full()) return;
    model::App& app = ctx.app;
    const model::Graph& graph = app.graph();
    const std::vector<NodeIndex> visible = index_.nodes_in(graph, space_.visible());
    std::size_t pushed = 0;
    const ImGuiID seed = id_of("canvas-nodes");
    const auto fits = [&](NodeIndex i) { return std::string_view(i < look_.valid_targets.size() && look_.valid_targets[i] ? "Can be connected" : "Cannot be connected"); };
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
               {.role = Role::node, .name = name, .description = gesture_ == Gesture::connect && i != connect_from_ ? fits(i) : std::string_view(graph.status(i).message), .flags = flags});
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
        const Vec2 middle = model::point_at(model::edge_curve(graph, i, look_.edge_style), 0.5F);
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
