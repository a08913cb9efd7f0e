// Where the tab is, as its address says it.
#include <algorithm>

#include "model/app_impl.hpp"

namespace model {

namespace {

constexpr std::int64_t kLinkToastMs = 15'000;  // it comes while everything else is still loading

}  // namespace

Route App::Impl::route() const {
    Route now = place;  // the explorer's part
    now.view = ui.get().rail;
    if (!is_view(now.view)) now.view = "workflows";
    now.workflow = workflow.get().id.empty() ? place.workflow : workflow.get().id;
    if (now.view == "resources" && resources.state().open) now.resources = resources.place();
    if (now.view != "resources") now.resources = {};
    if (workflow.get().phase == LoadPhase::ready) {
        const auto& selected = canvas.get().selected_nodes;
        now.selection.assign(selected.begin(), selected.end());
        if (now.selection.size() > Route::kMaxSelected) now.selection.clear();  // no link can hold it
    }
    return now;
}

void App::Impl::go(const ReadRoute& to) {
    if (!to.problems.empty()) {
        std::string text = to.problems.front();
        if (to.problems.size() > 1) text += ", and " + std::to_string(to.problems.size() - 1) + " more of its parts";
        toast(ToastKind::warning, "This link could not be followed whole", std::move(text), {}, kLinkToastMs);
    }
    place = to.route;
    ui.update([&](UiState& s) { s.rail = to.route.view; });
    changed(~0U);
    if (session.get().phase == SessionPhase::signed_in && !place.resources.type.empty()) resources.go(std::exchange(place.resources, {}));
    if (session.get().phase != SessionPhase::signed_in || place.workflow.empty()) return;
    const std::string wanted = std::exchange(place.workflow, {});
    if (workflow.get().id == wanted && workflow.get().phase == LoadPhase::ready) take_wanted_selection(true);
    else if (workflow.get().id != wanted) open_workflow(wanted);
}

// `also_none`: an address without a selection clears it; one that opens a workflow leaves what was remembered.
void App::Impl::take_wanted_selection(bool also_none) {
    const std::vector<std::string> wanted = std::exchange(place.selection, {});
    std::set<std::string> there;
    for (const std::string& id : wanted) {
        if (graph.find_node(id) != kNoIndex) there.insert(id);
    }
    if (!there.empty() || also_none) select(std::move(there), {});
}

}  // namespace model
