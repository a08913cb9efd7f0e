// Changing the open document: edits, undo and redo, selection. Storing it is app_save's.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "model/app_impl.hpp"

namespace model {

base::Result<void> App::Impl::edit(const Change& change, EditOptions edit_options) {
    if (!std::holds_alternative<SetNodeData>(change) && refuse_if_locked()) return base::fail(base::ErrorCode::conflict, "The canvas is locked. Unlock it first.");
    const state::StateId before = document.present();
    auto result = document.edit(change, std::move(edit_options), ports.scheduler.clock().monotonic_ms());
    if (!result) {
        toast(ToastKind::warning, "Not possible", result.error().message);
        return result;
    }
    if (document.present() == before) return result;  // it left everything as it was
    document_changed();
    mark_dirty();
    return result;
}

void App::Impl::rename_workflow(std::string name) {
    if (name.empty() || workflow.get().phase != LoadPhase::ready) return;
    if (!document.rename(std::move(name), ports.scheduler.clock().monotonic_ms())) return;
    document_changed();
    mark_dirty();
}

void App::Impl::document_changed() {
    workflow.update([&](WorkflowState& s) { s.name = document.name(); });
    drop_stale_selection();
    recount();
    versions.document_changed();
    changed(kTopicCanvas | kTopicInspector | kTopicChrome);
}

void App::Impl::travel(bool redo, int steps) {
    if (workflow.get().phase != LoadPhase::ready || steps <= 0 || refuse_if_locked()) return;
    const bool had = redo ? document.can_redo() : document.can_undo();
    const auto touched = redo ? document.redo(static_cast<std::size_t>(steps)) : document.undo(static_cast<std::size_t>(steps));
    if (!touched) {
        if (had) toast(ToastKind::info, redo ? "Nothing to redo" : "Nothing to undo", "What you changed was changed elsewhere since.");
        return changed(kTopicChrome | kTopicCanvas);
    }
    document_changed();
    mark_dirty();
    // What it was about is shown.
    if (!touched->nodes.empty() || !touched->edges.empty()) {
        select({touched->nodes.begin(), touched->nodes.end()}, {touched->edges.begin(), touched->edges.end()});
    }
}

Node App::Impl::new_node(std::string_view type, Vec2 position) const {
    Node node;
    node.id = graph.free_node_id(type);
    node.type = std::string(type);
    node.position = position;
    node.data = Json{{"name", graph.free_name(type)}};
    for (const NodeType& known : node_types) {
        if (known.type != type) continue;
        for (const NodeParameter& p : known.parameters) {
            if (!p.default_value.is_null() && !node.data.contains(p.name)) node.data[p.name] = p.default_value;
        }
    }
    return node;
}

std::string App::Impl::add_node(std::string_view type, Vec2 position) {
    Node node = new_node(type, position);
    const std::string id = node.id;
    if (!edit(AddNode{std::move(node)})) return {};
    select({id}, {});
    return id;
}

base::Result<int> App::Impl::insert_import(const Json& nodes, const Json& edges) {
    if (workflow.get().phase != LoadPhase::ready) return base::fail(base::ErrorCode::conflict, "No workflow is open. Make a new one of the import.");
    // What is imported stands right of what is there, with a gap.
    constexpr float kGap = 92;
    Restore change;
    std::map<std::string, std::string> renamed;
    std::optional<Vec2> corner;
    for (const Json& item : nodes) {
        auto node = node_from_json(item, "nodes");
        if (!node) return base::fail(node.error());
        const Vec2 at = node->node.position;
        corner = corner ? Vec2{std::min(corner->x, at.x), std::min(corner->y, at.y)} : at;
        change.nodes.push_back({.slot = kNoIndex, .node = std::move(node->node)});
    }
    if (change.nodes.empty()) return base::fail(base::ErrorCode::invalid_argument, "There are no nodes in the import.");
    const auto there = graph.bounds();
    const Vec2 shift = there ? Vec2{there->max.x + kGap - corner->x, there->min.y - corner->y} : Vec2{};
    std::set<std::string> taken;
    std::set<std::string> ids;
    for (auto& [slot, node, status] : change.nodes) {
        const std::string old = node.id;
        for (int i = 2; graph.find_node(node.id) != kNoIndex || !taken.insert(node.id).second; ++i) node.id = old + "-" + std::to_string(i);
        renamed[old] = node.id;
        node.position = {node.position.x + shift.x, node.position.y + shift.y};
        ids.insert(node.id);
    }
    for (const Json& item : edges) {
        auto edge = edge_from_json(item, "edges");
        if (!edge) return base::fail(edge.error());
        edge->source = renamed[edge->source];
        edge->target = renamed[edge->target];
        const std::string wanted = edge->source + ">" + edge->target;
        edge->id = wanted;
        for (int i = 2; graph.find_edge(edge->id) != kNoIndex; ++i) edge->id = wanted + "-" + std::to_string(i);
        change.edges.push_back({.slot = kNoIndex, .edge = std::move(*edge)});
    }
    const int count = static_cast<int>(change.nodes.size());
    if (const auto done = edit(std::move(change), {.title = "Import " + std::to_string(count) + (count == 1 ? " node" : " nodes")}); !done) return base::fail(done.error());
    select(std::move(ids), {});
    canvas.update([](CanvasState& s) { s.viewport.reset(); });  // all of it is shown
    return count;
}

bool App::Impl::use_image(const std::string& node_id, const std::string& image) {
    const NodeIndex index = graph.find_node(node_id);
    if (index == kNoIndex || !graph.node(index).data.contains("image")) {
        toast(ToastKind::warning, "The image was not set", index == kNoIndex ? "The open workflow has no such node. Select one that runs an image." : "This node runs no image. Select one that does.");
        return false;
    }
    Json data = graph.node(index).data;
    data["image"] = image;
    if (!edit(SetNodeData{node_id, std::move(data)}, {.title = "Use image " + image.substr(0, image.find('@'))})) return false;
    select({node_id}, {});
    return true;
}

void App::Impl::delete_selection() {
    if (refuse_if_locked()) return;
    const CanvasState selection = canvas.get();
    const bool both = !selection.selected_edges.empty() && !selection.selected_nodes.empty();
    if (both) document.begin("Delete the selection");
    if (!selection.selected_edges.empty()) {
        (void)edit(RemoveEdges{{selection.selected_edges.begin(), selection.selected_edges.end()}});
    }
    if (!selection.selected_nodes.empty()) {
        (void)edit(RemoveNodes{{selection.selected_nodes.begin(), selection.selected_nodes.end()}});
    }
    if (both) document.end();
}

void App::Impl::select(std::set<std::string> nodes, std::set<std::string> edges) {
    std::erase_if(nodes, [&](const std::string& id) { return graph.find_node(id) == kNoIndex; });
    std::erase_if(edges, [&](const std::string& id) { return graph.find_edge(id) == kNoIndex; });
    canvas.update([&](CanvasState& s) {
        s.selected_nodes = std::move(nodes);
        s.selected_edges = std::move(edges);
    });
    remember_canvas_soon();
    follow_selection();
    changed(kTopicCanvas | kTopicInspector | kTopicLogs | kTopicEvents);
}

void App::Impl::drop_stale_selection() {
    const CanvasState& s = canvas.get();
    const auto node_gone = [&](const std::string& id) { return graph.find_node(id) == kNoIndex; };
    const auto edge_gone = [&](const std::string& id) { return graph.find_edge(id) == kNoIndex; };
    if (std::any_of(s.selected_nodes.begin(), s.selected_nodes.end(), node_gone) ||
        std::any_of(s.selected_edges.begin(), s.selected_edges.end(), edge_gone)) {
        select(s.selected_nodes, s.selected_edges);
    }
}

}  // namespace model
