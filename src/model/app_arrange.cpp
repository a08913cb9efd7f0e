// Several nodes of the open workflow at once: aligning, tidying up, copying, pasting, duplicating. One step of undo each.
#include <algorithm>

#include "model/app_impl.hpp"
#include "model/graph/arrange.hpp"
#include "model/graph/clipping.hpp"

namespace model {

namespace {

constexpr float kPasteStep = 30;  // what is pasted where it was copied stands beside it

std::string counted(std::string_view verb, std::size_t n) {
    return std::string(verb) + " " + std::to_string(n) + (n == 1 ? " node" : " nodes");
}

// Moved on until none of the nodes covers exactly another one.
Vec2 free_offset(const Graph& graph, const Clipping& clipping, Vec2 offset) {
    const auto covered = [&](Vec2 by) {
        for (NodeIndex i = 0; i < clipping.graph.node_slots(); ++i) {
            if (!clipping.graph.node_alive(i)) continue;
            const Vec2 at{clipping.graph.node(i).position.x + by.x, clipping.graph.node(i).position.y + by.y};
            for (NodeIndex k = 0; k < graph.node_slots(); ++k) {
                if (graph.node_alive(k) && graph.node(k).position == at) return true;
            }
        }
        return false;
    };
    // Nobody pastes the same a hundred times to see where it ends.
    for (int step = 0; step < 100 && covered(offset); ++step) offset = {offset.x + kPasteStep, offset.y + kPasteStep};
    return offset;
}

}  // namespace

void App::Impl::arrange(Arrange how) {
    MoveNodes moves = arranged(graph, canvas.get().selected_nodes, how);
    if (!moves.moves.empty()) (void)edit(std::move(moves), {.title = std::string(arrange_title(how))});
}

void App::Impl::tidy_up(LayoutDirection direction) {
    // One selected node is looked at, not to be arranged with itself.
    const auto& selected = canvas.get().selected_nodes;
    MoveNodes moves = tidied(graph, selected.size() > 1 ? selected : std::set<std::string>{}, {.direction = direction});
    if (!moves.moves.empty()) (void)edit(std::move(moves), {.title = "Tidy up"});
}

void App::Impl::paste(const Clipping& clipping, std::string_view verb, Vec2 offset) {
    Restore change = paste_of(graph, clipping, free_offset(graph, clipping, offset));
    std::set<std::string> ids;
    for (const Restore::NodeAt& node : change.nodes) ids.insert(node.node.id);
    if (edit(std::move(change), {.title = counted(verb, ids.size())})) select(std::move(ids), {});
}

void App::arrange(Arrange how) { impl_->arrange(how); }
void App::tidy_up(LayoutDirection direction) { impl_->tidy_up(direction); }

std::string App::selection_as_text() const { return clipping_of(impl_->graph, impl_->canvas.get().selected_nodes); }

void App::paste_text(std::string_view text, std::optional<Vec2> at) {
    if (impl_->workflow.get().phase != LoadPhase::ready) return;
    const auto clipping = read_clipping(text);
    if (!clipping) return impl_->toast(ToastKind::warning, "Nothing was pasted", clipping.error().message);
    Vec2 offset{kPasteStep, kPasteStep};
    if (const auto bounds = clipping->graph.bounds(); at && bounds) {
        offset = {at->x - (bounds->min.x + bounds->max.x) / 2, at->y - (bounds->min.y + bounds->max.y) / 2};
    }
    impl_->paste(*clipping, "Paste", offset);
}

void App::duplicate_selection() {
    const std::string text = selection_as_text();
    if (text.empty()) return;
    if (const auto clipping = read_clipping(text)) impl_->paste(*clipping, "Duplicate", {kPasteStep, kPasteStep});
}

}  // namespace model
