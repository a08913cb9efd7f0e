// The menus of the canvas: the search for a node to add (on empty canvas, at the end of a dragged edge, into an edge), and what a right
// click on a node, an edge or the canvas offers.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "model/edge_geometry.hpp"
#include "model/graph/connecting.hpp"
#include "ui/canvas/canvas_view.hpp"
#include "ui/widgets.hpp"

namespace ui {

using model::EdgeIndex;
using model::kNoIndex;
using model::NodeIndex;
using model::NodeKind;
using model::Vec2;

namespace {

constexpr const char* kSearchMenu = "add-node-menu";
constexpr const char* kContextMenu = "canvas-context-menu";
constexpr float kSearchWidth = 300;
constexpr float kItemHeight = 32;  // of menu_item()

struct AddEntry {
    model::NodeKind kind;
    const char* type;
    const char* hint;
};
constexpr std::array<AddEntry, 12> kAddEntries{{
    {model::NodeKind::deployment, "deployment", "replicated pods"},
    {model::NodeKind::statefulset, "statefulset", "pods with a name and a disk"},
    {model::NodeKind::daemonset, "daemonset", "a pod on every node"},
    {model::NodeKind::job, "job", "runs to completion"},
    {model::NodeKind::cronjob, "cronjob", "a job on a schedule"},
    {model::NodeKind::service, "service", "a stable address"},
    {model::NodeKind::ingress, "ingress", "HTTP from outside"},
    {model::NodeKind::configmap, "configmap", "settings"},
    {model::NodeKind::secret, "secret", "credentials"},
    {model::NodeKind::persistentvolumeclaim, "persistentvolumeclaim", "a disk"},
    {model::NodeKind::hpa, "hpa", "scales by load"},
    {model::NodeKind::networkpolicy, "networkpolicy", "who may talk to whom"},
}};

struct Candidate {
    std::string type, title, hint;
    NodeKind kind;
    Icon icon;
    int score = 0;
};

std::vector<Candidate> all_candidates(const model::App& app) {
    std::vector<Candidate> out;
    for (const AddEntry& entry : kAddEntries) out.push_back({entry.type, std::string(model::kind_title(entry.kind)), entry.hint, entry.kind, kind_icon(entry.kind)});
    // What enabled plugins bring.
    for (const model::NodeType& type : app.node_types()) {
        if (model::node_kind_from_type(type.type) == NodeKind::plugin) out.push_back({type.type, type.title, type.category, NodeKind::plugin, Icon::puzzle});
    }
    return out;
}

void keep_matches(std::vector<Candidate>& candidates, std::string_view query) {
    if (query.empty()) return;
    std::erase_if(candidates, [&](Candidate& c) {
        const auto by_title = fuzzy_score(query, c.title);
        const auto by_hint = fuzzy_score(query, c.hint);
        if (!by_title && !by_hint) return true;
        c.score = std::max(by_title.value_or(-1000), by_hint.value_or(-1000) - 20);
        return false;
    });
    std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
}

}  // namespace

void CanvasView::draw_menus(UiContext& ctx) {
    draw_node_search(ctx);
    draw_context_menu(ctx);
}

void CanvasView::draw_node_search(UiContext& ctx) {
    model::App& app = ctx.app;
    const model::Graph& graph = app.graph();
    if (std::exchange(search_.wanted, false)) {
        open_menu(kSearchMenu);
        ctx.wake_in(0);
    }
    if (!menu_is_open(kSearchMenu)) {
        search_.connect.clear();
        return;
    }
    const NodeIndex other = search_.connect.empty() ? kNoIndex : graph.find_node(search_.connect);
    const EdgeIndex edge = search_.edge.empty() ? kNoIndex : graph.find_edge(search_.edge);
    std::vector<Candidate> candidates = all_candidates(app);
    std::erase_if(candidates, [&](const Candidate& c) {
        if (other != kNoIndex) {
            const NodeKind kind = graph.node(other).kind;
            return search_.before ? !model::kinds_may_connect(c.kind, kind) : !model::kinds_may_connect(kind, c.kind);
        }
        return edge != kNoIndex && !model::why_not_between(graph, edge, c.kind).empty();
    });
    // Where all of it has room, if the window has that much.
    const float item_height = ctx.input.coarse_pointer ? metrics::kTouchTarget : kItemHeight;
    const float whole = item_height * static_cast<float>(candidates.size()) + control_height(ctx) + 48;
    ImVec2 anchor = space_.screen_from_canvas(search_.at);
    anchor.y = std::max(std::min(anchor.y, ctx.input.height - whole), 8.0F);
    if (!begin_menu(ctx, kSearchMenu, {.anchor_min = anchor, .anchor_max = anchor, .align_right = false, .width = kSearchWidth, .name = "Add a node"})) return;
    const FieldResult field = input_text(ctx, "add-node-query", search_.query,
                                         {.name = "Search node kinds", .placeholder = "Search", .search = true, .focus = ImGui::IsWindowAppearing(), .width = kSearchWidth - 12});
    if (field.cancelled) ImGui::CloseCurrentPopup();
    ImGui::Dummy(ImVec2(0, 4));
    const bool nothing_fits = candidates.empty();
    keep_matches(candidates, search_.query);
    const int last = static_cast<int>(candidates.size()) - 1;
    if (field.changed) search_.chosen = 0;
    if (field.down) search_.chosen = search_.chosen >= last ? 0 : search_.chosen + 1;
    if (field.up) search_.chosen = search_.chosen <= 0 ? std::max(last, 0) : search_.chosen - 1;
    search_.chosen = std::clamp(search_.chosen, 0, std::max(last, 0));

    std::string picked;
    if (field.submitted && last >= 0) {
        picked = candidates[static_cast<std::size_t>(search_.chosen)].type;
        ImGui::CloseCurrentPopup();
    }
    bool plugins = false;
    for (int i = 0; i <= last; ++i) {
        const Candidate& c = candidates[static_cast<std::size_t>(i)];
        if (search_.query.empty() && i > 0 && c.kind == NodeKind::plugin && !std::exchange(plugins, true)) menu_separator(ctx);
        if (field.active && i == search_.chosen) {
            // What Enter would add.
            const ImVec2 min = ImGui::GetCursorScreenPos();
            ImGui::GetWindowDrawList()->AddRectFilled(min, ImVec2(min.x + ImGui::GetContentRegionAvail().x, min.y + item_height), ctx.theme.hover, 4);
        }
        if (menu_item(ctx, c.title, {.icon = c.icon, .shortcut = {}, .id = c.type, .hint = c.hint})) picked = c.type;
    }
    if (candidates.empty()) menu_label(ctx, nothing_fits ? "No kind of node fits here" : "Nothing found");
    end_menu(ctx);
    if (picked.empty()) return;

    std::string made;
    if (!search_.connect.empty()) {
        // The port that the edge ends at comes to where it was dropped.
        const Vec2 corner{search_.before ? search_.at.x - model::kNodeSize.x : search_.at.x, search_.at.y - model::kNodeSize.y / 2};
        made = app.add_connected_node(picked, settled(app, corner), search_.connect, search_.before);
    } else if (!search_.edge.empty()) {
        made = app.add_node_on_edge(picked, settled(app, {search_.at.x - model::kNodeSize.x / 2, search_.at.y - model::kNodeSize.y / 2}), search_.edge);
    } else {
        made = app.add_node(picked, settled(app, search_.at));
    }
    search_ = {};
    if (made.empty()) return;
    app.set_inspector_open(true);
    focus_wanted_ = true;
    ctx.wake_in(0);
}

void CanvasView::open_context_menu(model::App& app, Vec2 at, NodeIndex node, EdgeIndex edge) {
    const model::Graph& graph = app.graph();
    menu_ = {.wanted = true, .at = at, .of = ContextMenu::Of::canvas};
    if (node != kNoIndex) {
        menu_.of = ContextMenu::Of::node;
        const std::string& id = graph.node(node).id;
        if (!app.canvas().selected_nodes.contains(id)) app.select_nodes({id});
    } else if (edge != kNoIndex) {
        menu_.of = ContextMenu::Of::edge;
        const std::string& id = graph.edge(edge).id;
        if (!app.canvas().selected_edges.contains(id)) app.select_edges({id});
    }
}

void CanvasView::open_context_menu_of_selection(model::App& app) {
    if (!placed_) return;
    const model::Graph& graph = app.graph();
    const auto& state = app.canvas();
    const NodeIndex node = state.selected_nodes.empty() ? kNoIndex : graph.find_node(*state.selected_nodes.begin());
    const EdgeIndex edge = node != kNoIndex || state.selected_edges.empty() ? kNoIndex : graph.find_edge(*state.selected_edges.begin());
    const model::Rect seen = space_.visible();
    Vec2 at{(seen.min.x + seen.max.x) / 2, (seen.min.y + seen.max.y) / 2};
    if (node != kNoIndex) {
        const model::Rect r = graph.node_rect(node);
        at = {(r.min.x + r.max.x) / 2, (r.min.y + r.max.y) / 2};
    } else if (edge != kNoIndex) {
        at = model::point_at(model::edge_curve(graph, edge, look_.edge_style), 0.5F);
    }
    open_context_menu(app, at, node, edge);
}

void CanvasView::insert_on_selected_edge(model::App& app) {
    const auto& edges = app.canvas().selected_edges;
    if (edges.size() != 1) return;
    const EdgeIndex edge = app.graph().find_edge(*edges.begin());
    if (edge == kNoIndex) return;
    open_add_menu(model::point_at(model::edge_curve(app.graph(), edge, look_.edge_style), 0.5F));
    search_.edge = *edges.begin();
}

void CanvasView::draw_context_menu(UiContext& ctx) {
    if (std::exchange(menu_.wanted, false)) {
        open_menu(kContextMenu);
        ctx.wake_in(0);
    }
    const ImVec2 anchor = space_.screen_from_canvas(menu_.at);
    const std::string_view name = menu_.of == ContextMenu::Of::node ? "Node" : menu_.of == ContextMenu::Of::edge ? "Edge" : "Canvas";
    if (!begin_menu(ctx, kContextMenu, {.anchor_min = anchor, .anchor_max = anchor, .align_right = false, .width = 280, .name = name})) return;
    model::App& app = ctx.app;
    switch (menu_.of) {
        case ContextMenu::Of::node:
            menu_command(ctx, "canvas.open", Icon::edit);
            menu_command(ctx, "canvas.connect", Icon::network);
            menu_command(ctx, "canvas.zoom_selection", Icon::fit);
            menu_separator(ctx);
            menu_command(ctx, "canvas.copy", Icon::copy);
            menu_command(ctx, "canvas.cut");
            menu_command(ctx, "canvas.duplicate");
            menu_separator(ctx);
            menu_command(ctx, "canvas.delete_reconnect");
            menu_command(ctx, "canvas.delete", Icon::trash, true);
            break;
        case ContextMenu::Of::edge:
            menu_command(ctx, "canvas.insert_node", Icon::plus);
            menu_command(ctx, "canvas.zoom_selection", Icon::fit);
            menu_separator(ctx);
            menu_command(ctx, "canvas.delete", Icon::trash, true);
            break;
        case ContextMenu::Of::canvas: {
            if (menu_item(ctx, "Add a node here…", {.icon = Icon::plus, .id = "add-here"})) open_add_menu(menu_.at);
            menu_command(ctx, "canvas.paste");
            menu_command(ctx, "canvas.select_all");
            menu_separator(ctx);
            menu_command(ctx, "canvas.find", Icon::search);
            menu_command(ctx, "canvas.fit", Icon::fit);
            menu_command(ctx, "canvas.tidy", Icon::layout);
            menu_separator(ctx);
            if (menu_item(ctx, "Snap to the grid", {.shortcut = ctx.commands.shortcut("canvas.snap"), .id = "snap", .checked = app.ui().canvas.snap})) ctx.commands.run("canvas.snap");
            if (menu_item(ctx, "Lock the canvas", {.shortcut = ctx.commands.shortcut("canvas.lock"), .id = "lock", .checked = app.canvas().locked})) ctx.commands.run("canvas.lock");
            break;
        }
    }
    end_menu(ctx);
}

}  // namespace ui
