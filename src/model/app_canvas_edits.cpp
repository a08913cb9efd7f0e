// What the canvas does with edges and the nodes at their ends: connecting, reconnecting, splitting, deleting with reconnecting. Also its
// lock, bookmarks and settings.
#include <algorithm>
#include <utility>

#include "model/app_impl.hpp"
#include "model/graph/connecting.hpp"

namespace model {

bool App::Impl::refuse_if_locked() {
    if (!canvas.get().locked) return false;
    toast(ToastKind::warning, "The canvas is locked", "Unlock it to add, move, connect or delete: L, or the lock at the bottom left.");
    return true;
}

std::string App::Impl::free_edge_id(const std::string& source, const std::string& target) const {
    const std::string wanted = source + "-" + target;
    std::string id = wanted;
    for (int n = 2; graph.find_edge(id) != kNoIndex; ++n) id = wanted + "-" + std::to_string(n);
    return id;
}

bool App::Impl::edit_all(std::string title, const std::vector<Change>& changes) {
    document.begin(std::move(title));
    std::size_t made = 0;
    while (made < changes.size() && edit(changes[made])) ++made;
    document.end();
    if (made == changes.size()) return true;
    if (made > 0 && document.undo()) document_changed();
    return false;
}

void App::Impl::delete_and_reconnect() {
    if (refuse_if_locked()) return;
    const CanvasState selection = canvas.get();
    if (selection.selected_nodes.empty() && selection.selected_edges.empty()) return;
    document.begin("Delete and reconnect");
    if (!selection.selected_edges.empty()) (void)edit(RemoveEdges{{selection.selected_edges.begin(), selection.selected_edges.end()}});
    std::vector<std::pair<std::string, std::string>> joins;
    for (const auto& [before, after] : neighbours_across(graph, selection.selected_nodes)) joins.emplace_back(graph.node(before).id, graph.node(after).id);
    if (!selection.selected_nodes.empty()) (void)edit(RemoveNodes{{selection.selected_nodes.begin(), selection.selected_nodes.end()}});
    std::size_t refused = 0;
    std::string reason;
    for (const auto& [source, target] : joins) {
        const auto& edges = graph.edges_of(graph.find_node(source));
        const bool there = std::any_of(edges.begin(), edges.end(), [&](EdgeIndex e) { return graph.edge(e).source == source && graph.edge(e).target == target; });
        if (there) continue;
        if (const auto why = graph.why_not_connect(source, target)) {
            if (refused++ == 0) reason = *why;
            continue;
        }
        (void)edit(AddEdge{{free_edge_id(source, target), source, target, "", ""}});
    }
    document.end();
    if (refused == 0) return;
    const std::string more = refused > 1 ? ", and " + std::to_string(refused - 1) + " more like it" : "";
    toast(ToastKind::info, refused == 1 ? "One edge was not made" : std::to_string(refused) + " edges were not made", reason + more + ".");
}

void App::delete_and_reconnect() { impl_->delete_and_reconnect(); }

void App::connect(const std::string& source_id, const std::string& target_id) {
    (void)impl_->edit(AddEdge{{impl_->free_edge_id(source_id, target_id), source_id, target_id, "", ""}});
}

void App::reconnect_edge(const std::string& edge_id, bool target_end, const std::string& node_id) {
    Impl& i = *impl_;
    if (i.refuse_if_locked()) return;
    const EdgeIndex index = i.graph.find_edge(edge_id);
    if (index == kNoIndex) return;
    Edge edge = i.graph.edge(index);
    if ((target_end ? edge.target : edge.source) == node_id) return;  // it is there already
    (target_end ? edge.target : edge.source) = node_id;
    (target_end ? edge.target_handle : edge.source_handle).clear();
    if (const auto reason = i.graph.why_not_connect(edge.source, edge.target)) return i.toast(ToastKind::warning, "Not possible", *reason);
    edge.id = i.free_edge_id(edge.source, edge.target);
    const std::string id = edge.id;
    if (i.edit_all("Reconnect " + i.graph.node(i.graph.find_node(node_id)).name, {RemoveEdges{{edge_id}}, AddEdge{std::move(edge)}})) i.select({}, {id});
}

std::string App::add_connected_node(std::string_view type, Vec2 position, const std::string& node_id, bool before) {
    Impl& i = *impl_;
    if (i.refuse_if_locked()) return {};
    const NodeIndex other = i.graph.find_node(node_id);
    Node node = i.new_node(type, position);
    node.kind = node_kind_from_type(node.type);
    if (other == kNoIndex || !(before ? kinds_may_connect(node.kind, i.graph.node(other).kind) : kinds_may_connect(i.graph.node(other).kind, node.kind))) {
        i.toast(ToastKind::warning, "Not possible", other == kNoIndex ? "The node that was to be connected is gone." : "A node of this kind cannot be connected there.");
        return {};
    }
    const std::string id = node.id;
    const std::string& source = before ? id : node_id;
    const std::string& target = before ? node_id : id;
    const AddEdge edge{{i.free_edge_id(source, target), source, target, "", ""}};
    std::string title = title_of(i.graph, AddNode{node});
    if (!i.edit_all(std::move(title), {AddNode{std::move(node)}, edge})) return {};
    i.select({id}, {});
    return id;
}

void App::insert_on_edge(const std::string& edge_id, const std::string& node_id, Vec2 position) {
    Impl& i = *impl_;
    if (i.refuse_if_locked()) return;
    const EdgeIndex index = i.graph.find_edge(edge_id);
    const NodeIndex node = i.graph.find_node(node_id);
    if (index == kNoIndex || node == kNoIndex) return;
    if (const std::string reason = why_not_between(i.graph, index, node); !reason.empty()) return i.toast(ToastKind::warning, "Not possible", reason);
    const Edge edge = i.graph.edge(index);
    const bool done = i.edit_all("Insert " + i.graph.node(node).name,
                                 {MoveNodes{{{node_id, position}}}, RemoveEdges{{edge_id}},
                                  AddEdge{{i.free_edge_id(edge.source, node_id), edge.source, node_id, edge.source_handle, ""}},
                                  AddEdge{{i.free_edge_id(node_id, edge.target), node_id, edge.target, "", edge.target_handle}}});
    if (done) i.select({node_id}, {});
}

std::string App::add_node_on_edge(std::string_view type, Vec2 position, const std::string& edge_id) {
    Impl& i = *impl_;
    if (i.refuse_if_locked()) return {};
    const EdgeIndex index = i.graph.find_edge(edge_id);
    Node node = i.new_node(type, position);
    const std::string reason = index == kNoIndex ? "The edge is gone." : why_not_between(i.graph, index, node_kind_from_type(type));
    if (!reason.empty()) {
        i.toast(ToastKind::warning, "Not possible", reason);
        return {};
    }
    const Edge edge = i.graph.edge(index);
    const std::string id = node.id;
    std::string title = title_of(i.graph, AddNode{node});
    const bool done = i.edit_all(std::move(title), {AddNode{std::move(node)}, RemoveEdges{{edge_id}},
                                                    AddEdge{{i.free_edge_id(edge.source, id), edge.source, id, edge.source_handle, ""}},
                                                    AddEdge{{i.free_edge_id(id, edge.target), id, edge.target, "", edge.target_handle}}});
    if (!done) return {};
    i.select({id}, {});
    return id;
}

void App::set_canvas_locked(bool locked) {
    impl_->canvas.update("lock", [&](CanvasState& s) { s.locked = locked; });
    impl_->remember_canvas_soon();
    impl_->changed(kTopicCanvas | kTopicInspector | kTopicChrome);
}

void App::set_bookmark(int number) {
    if (number < 1 || number > CanvasState::kMaxBookmarks || !canvas().viewport) return;
    impl_->canvas.update("bookmark", [&](CanvasState& s) { s.bookmarks[number] = *s.viewport; });
    impl_->remember_canvas_soon();
    impl_->changed(kTopicCanvas);
}

void App::remove_bookmark(int number) {
    impl_->canvas.update("bookmark", [&](CanvasState& s) { s.bookmarks.erase(number); });
    impl_->remember_canvas_soon();
    impl_->changed(kTopicCanvas);
}

void App::go_to_bookmark(int number) {
    const auto& bookmarks = canvas().bookmarks;
    if (const auto found = bookmarks.find(number); found != bookmarks.end()) set_viewport(Viewport(found->second));
}

void App::set_canvas_settings(CanvasSettings settings) {
    impl_->ui.update("canvas", [&](UiState& s) { s.canvas = settings; });
    impl_->changed(kTopicCanvas | kTopicPages | kTopicChrome);
}

}  // namespace model
