// What the developer panel shows of each store. A projection holds what is small and not secret.
#include "model/app_impl.hpp"

namespace model {

namespace {

std::string_view phase_word(LoadPhase phase) {
    switch (phase) {
        case LoadPhase::idle: return "idle";
        case LoadPhase::loading: return "loading";
        case LoadPhase::ready: return "ready";
        case LoadPhase::failed: return "failed";
    }
    return "";
}
std::string_view session_word(SessionPhase phase) {
    switch (phase) {
        case SessionPhase::starting: return "starting";
        case SessionPhase::signed_out: return "signed out";
        case SessionPhase::signed_in: return "signed in";
    }
    return "";
}
std::string_view save_word(SavePhase phase) {
    switch (phase) {
        case SavePhase::saved: return "saved";
        case SavePhase::unsaved: return "unsaved";
        case SavePhase::saving: return "saving";
        case SavePhase::failed: return "failed";
        case SavePhase::conflict: return "conflict";
    }
    return "";
}

}  // namespace

void App::Impl::watch_stores() {
    traced.push_back(trace.watch(auth.store(), "auth", session_trace));
    traced.push_back(trace.watch(session, "session", [](const SessionState& s) {
        return Json{{"phase", session_word(s.phase)}, {"busy", s.busy}, {"cluster", s.cluster_name}, {"formError", s.form_error}};
    }));
    traced.push_back(trace.watch(ui, "ui", [](const UiState& s) {
        return Json{{"theme", static_cast<int>(s.theme)}, {"density", static_cast<int>(s.density)}, {"fontPercent", s.font_percent}, {"page", s.rail},
                    {"dockTab", s.dock_tab}, {"dockOpen", s.dock_open}, {"inspectorOpen", s.inspector_open}, {"sidebarOpen", s.sidebar_open},
                    {"sidebarCollapsed", s.sidebar_collapsed}, {"modal", s.active_modal}, {"modalData", s.modal_data}, {"selectedRow", s.selected_row}};
    }));
    traced.push_back(trace.watch(panels, "panels", [](const PanelState& s) { return Json{{"inspectorWidth", s.inspector_width}, {"dockHeight", s.dock_height}}; }));
    traced.push_back(trace.watch(canvas, "canvas", [](const CanvasState& s) {
        Json viewport;
        if (s.viewport) viewport = Json{{"x", s.viewport->x}, {"y", s.viewport->y}, {"zoom", s.viewport->zoom}};
        // A marquee may select thousands.
        const auto one = [](const std::set<std::string>& ids) { return ids.size() == 1 ? Json(*ids.begin()) : Json(ids.size()); };
        return Json{{"workflow", s.workflow_id}, {"viewport", std::move(viewport)}, {"nodes", one(s.selected_nodes)}, {"edges", one(s.selected_edges)}};
    }));
    traced.push_back(trace.watch(workflow, "workflow", [](const WorkflowState& s) {
        return Json{{"id", s.id}, {"name", s.name}, {"phase", phase_word(s.phase)}, {"list", s.list.size()}, {"save", save_word(s.save)}, {"saveError", s.save_error.message},
                    {"run", static_cast<int>(s.run)}, {"ready", s.nodes_ready}, {"failed", s.nodes_failed}};
    }));
    traced.push_back(trace.watch(connection, "connection", [](const ConnectionState& s) { return Json{{"online", s.online}, {"problem", s.problem}}; }));
    traced.push_back(trace.watch(pods, "pods", [](const PodsState& s) { return Json{{"node", s.node_id}, {"phase", phase_word(s.phase)}, {"pods", s.pods.size()}}; }));
    traced.push_back(trace.watch(events, "events", [](const EventsState& s) { return Json{{"node", s.node_id}, {"phase", phase_word(s.phase)}, {"events", s.events.size()}}; }));
    traced.push_back(trace.watch(log_panel, "log panel", [](const LogPanelState& s) {
        return Json{{"node", s.node_id}, {"pod", s.pod_name}, {"follow", s.follow}, {"wrap", s.wrap}, {"search", s.search}};
    }));
    traced.push_back(trace.watch(toasts, "toasts", [](const std::vector<Toast>& list) {
        Json shown = Json::array();
        for (const Toast& toast : list) shown.push_back(toast.title + (toast.text.empty() ? "" : ": " + toast.text));
        return shown;
    }));
}

}  // namespace model
