// Which workflow is open: list, open, show, create, delete.
#include <algorithm>

#include "base/time_text.hpp"
#include "model/app_impl.hpp"

namespace model {

namespace {

WorkflowSummary read_summary(const wire::JsonReader& item) {
    WorkflowSummary summary;
    summary.id = item.string_or("id", "");
    summary.name = item.string_or("name", "");
    summary.description = item.string_or("description", "");
    summary.status = item.string_or("status", "");
    summary.updated_at = item.string_or("updated_at", "");
    summary.run_count = static_cast<int>(item.integer_or("run_count", 0));
    return summary;
}

}  // namespace

void App::Impl::read_workflows(bool open_one) {
    open_when_listed = open_when_listed || open_one;
    workflow.update([](WorkflowState& s) {
        if (s.list_phase != LoadPhase::ready) s.list_phase = LoadPhase::loading;
    });
    changed(kTopicWorkflows | kTopicChrome);
    workflow_list.load();
}

void App::Impl::take_workflows(const base::Result<Json>& answer) {
    if (!answer) {
        workflow.update([&](WorkflowState& s) {
            s.list_phase = LoadPhase::failed;
            s.list_error = answer.error();
        });
        return changed(kTopicWorkflows | kTopicChrome);
    }
    wire::JsonErrors errors;
    std::vector<WorkflowSummary> list;
    for (const wire::JsonReader item : wire::JsonReader(*answer, errors).array_or_empty("workflows")) {
        WorkflowSummary summary = read_summary(item);
        if (!summary.id.empty()) list.push_back(std::move(summary));
    }
    workflow.update([&](WorkflowState& s) {
        s.list = std::move(list);
        if (workflow_list.failing()) return;  // patched, but what it says may be old
        s.list_phase = LoadPhase::ready;
        s.list_error = {};
    });
    changed(kTopicWorkflows | kTopicChrome);
    if (std::exchange(open_when_listed, false)) open_from_list();
}

// The one that the address names, else the last one that was open, else the first.
void App::Impl::open_from_list() {
    if (!workflow.get().id.empty()) return;
    // If there is none of that id, the page says so.
    if (!place.workflow.empty()) return open_workflow(std::exchange(place.workflow, {}));
    const std::vector<WorkflowSummary>& list = workflow.get().list;
    if (list.empty()) return workflow.update([](WorkflowState& s) { s.phase = LoadPhase::ready; });
    const std::string& last = ui.get().last_workflow_id;
    const auto known = std::find_if(list.begin(), list.end(), [&](const WorkflowSummary& s) { return s.id == last; });
    open_workflow(known != list.end() ? known->id : list.front().id);
}

// The list calls the open workflow as it is called here.
void App::Impl::name_in_list() {
    const WorkflowState& now = workflow.get();
    workflow_list.patch([&](const state::SharedJson& data) -> std::optional<state::SharedJson> {
        const state::SharedJson& all = data.member("workflows");
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all.item(i).string_or("id", "") == now.id) return data.with("workflows", all.with_item(i, all.item(i).with("name", now.name)));
        }
        return std::nullopt;
    });
}

void App::Impl::close_workflow() {
    write_draft();
    remember_canvas();
    refresh_timer.cancel();
    status_stream.reset();
    log_stream.reset();
    slots.erase("open");
    slots.erase("pods");
    slots.erase("events");
    slots.erase("version");
    // A save under way goes on; its answer finds another workflow open and is ignored by id.
    autosave.close();
    outbox.clear();
    close_conflict();
    heard_meanwhile = false;
    execution.reset();
    execution_timer.cancel();
    forget_history();
    document.close();
    followed_node.clear();
    wanted_pod.clear();
    canvas.update([](CanvasState& s) {
        const EdgeStyle style = s.edge_style;
        s = CanvasState{};
        s.edge_style = style;
    });
    pods.update([](PodsState& s) { s = PodsState{}; });
    events.update([](EventsState& s) { s = EventsState{}; });
    problems.update([](std::vector<Problem>& p) { p.clear(); });
    log_panel.update([](LogPanelState& s) {
        s.node_id.clear();
        s.pod_id.clear();
        s.pod_name.clear();
        s.empty_reason.clear();
    });
    workflow.update([](WorkflowState& s) {
        WorkflowState fresh;
        fresh.list = std::move(s.list);
        fresh.list_phase = s.list_phase;
        fresh.list_error = s.list_error;
        s = std::move(fresh);
    });
}

void App::Impl::open_workflow(std::string id) {
    if (workflow.get().id != id) autosave.flush();
    close_workflow();
    workflow.update([&](WorkflowState& s) {
        s.id = id;
        s.phase = LoadPhase::loading;
    });
    changed(~0U);
    call_in("open", {.path = "/workflows/" + id}, [this, id](base::Result<net::ApiReply> reply) {
        if (!reply) {
            workflow.update([&](WorkflowState& s) {
                s.phase = LoadPhase::failed;
                s.error = reply.error();
            });
            return changed(kTopicCanvas | kTopicChrome);
        }
        show_workflow(reply->json, reply->headers);
    });
}

void App::Impl::open_workflow_at(std::string id, std::string node_id) {
    place.selection.clear();
    if (!node_id.empty()) place.selection.push_back(std::move(node_id));
    if (workflow.get().id == id && workflow.get().phase == LoadPhase::ready) return take_wanted_selection();
    open_workflow(std::move(id));
}

void App::Impl::show_workflow(const Json& json, const net::Headers& headers) {
    auto version = read_version(json, headers);
    if (!version) {
        workflow.update([&](WorkflowState& s) {
            s.phase = LoadPhase::failed;
            s.error = version.error();
            s.error.hint = "The stored document is damaged; open another workflow or mend it through the API";
        });
        return changed(kTopicCanvas | kTopicChrome);
    }
    wire::JsonErrors errors;
    const wire::JsonReader reader(json, errors);
    document.set_listener(&outbox);
    document.open(version->graph, version->name);
    outbox.clear();
    workflow.update([&](WorkflowState& s) {
        s.phase = LoadPhase::ready;
        s.name = version->name;
        s.description = reader.string_or("description", "");
        s.status = reader.string_or("status", "");
        s.cluster = reader.string_or("cluster_id", "");
        s.run_count = static_cast<int>(reader.integer_or("run_count", 0));
        s.saved_at_ms = base::parse_rfc3339_ms(version->updated_at).value_or(0);
    });
    ui.update([&](UiState& s) { s.last_workflow_id = workflow.get().id; });
    take_up_draft(std::move(*version));
    recall_canvas(workflow.get().id);
    take_wanted_selection();
    recount();
    changed(~0U);
    open_status_stream();
    follow_selection();
}

void App::Impl::create_workflow(std::string name) {
    std::string cluster = clusters.for_new_workflow();
    if (cluster.empty()) cluster = clusters.default_cluster() ? clusters.default_cluster()->name : session.get().cluster_name;
    if (cluster.empty()) cluster = "default";
    call({.method = "POST", .path = "/workflows", .body = Json{{"name", std::move(name)}, {"cluster_id", cluster}}},
         [this](base::Result<net::ApiReply> reply) {
             if (!reply) return toast(ToastKind::danger, "Workflow not created", reply.error().message);
             wire::JsonErrors errors;
             const wire::JsonReader reader(reply->json, errors);
             std::string id = reader.string_or("id", "");
             if (id.empty()) return toast(ToastKind::danger, "Workflow not created", "The server's answer has no id");
             // A draft cannot be run; here every workflow is meant to be.
             call({.method = "PUT", .path = "/workflows/" + id + "/status", .body = Json{{"status", "published"}}},
                  [this, id](base::Result<net::ApiReply>) {
                      read_workflows(false);
                      open_workflow(id);
                  });
         });
}

void App::Impl::move_workflow(std::string cluster) {
    if (workflow.get().phase != LoadPhase::ready || workflow.get().cluster == cluster) return;
    save([this, cluster = std::move(cluster)](bool saved) {
        if (!saved) return;
        const std::string id = workflow.get().id;
        call_in("move", {.method = "PUT", .path = "/workflows/" + id, .body = Json{{"cluster_id", cluster}}}, [this, id](base::Result<net::ApiReply> reply) {
            if (!reply) return toast(ToastKind::danger, "Workflow not moved", reply.error().message + (reply.error().hint.empty() ? "" : " " + reply.error().hint + "."));
            if (workflow.get().id == id) open_workflow(id);  // its objects and streams are others now
        });
    });
}

void App::Impl::delete_workflow(std::string id) {
    call({.method = "DELETE", .path = "/workflows/" + id}, [this, id](base::Result<net::ApiReply> reply) {
        if (!reply) return toast(ToastKind::danger, "Workflow not deleted", reply.error().message);
        const bool was_open = workflow.get().id == id;
        if (was_open) {
            document.close();  // nothing of it is kept as a draft
            close_workflow();
        }
        drop_draft(id);
        tabs.post("workflow", Json{{"id", id}, {"deleted", true}});
        workflow_list.patch([&](const state::SharedJson& data) -> std::optional<state::SharedJson> {
            return data.with("workflows", data.member("workflows").without_item_by("id", id));
        });
        const bool listed = workflow.get().list_phase == LoadPhase::ready;
        if (was_open && listed) open_from_list();
        read_workflows(was_open && !listed);
        changed(~0U);
    });
}

}  // namespace model
