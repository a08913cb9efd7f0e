// The open workflow: list, load, edit, autosave, run. Autosave stores the document only; the cluster changes by run().
#include <algorithm>
#include <cmath>

#include "model/app_impl.hpp"

namespace model {

namespace {

constexpr std::int64_t kAutosaveMs = 2'000;
constexpr std::int64_t kAutosaveRetryMs = 5'000;
constexpr std::int64_t kDraftMs = 500;

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
    workflow.update([](WorkflowState& s) {
        if (s.list_phase != LoadPhase::ready) s.list_phase = LoadPhase::loading;
    });
    changed(kTopicWorkflows | kTopicChrome);
    call_in("workflows", {.path = "/workflows"}, [this, open_one](base::Result<net::ApiReply> reply) {
        if (!reply) {
            workflow.update([&](WorkflowState& s) {
                s.list_phase = LoadPhase::failed;
                s.list_error = reply.error();
            });
            return changed(kTopicWorkflows | kTopicChrome);
        }
        wire::JsonErrors errors;
        std::vector<WorkflowSummary> list;
        for (const wire::JsonReader item : wire::JsonReader(reply->json, errors).array_or_empty("workflows")) {
            WorkflowSummary summary = read_summary(item);
            if (!summary.id.empty()) list.push_back(std::move(summary));
        }
        std::string open_id;
        if (open_one && workflow.get().id.empty() && !place.workflow.empty()) {
            open_id = std::exchange(place.workflow, {});  // if there is none of that id, the page says so
        } else if (open_one && workflow.get().id.empty() && !list.empty()) {
            const std::string& last = ui.get().last_workflow_id;
            const auto known = std::find_if(list.begin(), list.end(), [&](const WorkflowSummary& s) { return s.id == last; });
            open_id = known != list.end() ? known->id : list.front().id;
        }
        workflow.update([&](WorkflowState& s) {
            s.list_phase = LoadPhase::ready;
            s.list = std::move(list);
            s.list_error = {};
            if (open_one && s.list.empty()) s.phase = LoadPhase::ready;
        });
        changed(kTopicWorkflows | kTopicChrome);
        if (!open_id.empty()) open_workflow(open_id);
    });
}

void App::Impl::close_workflow() {
    write_draft();
    remember_canvas();
    autosave_timer.cancel();
    refresh_timer.cancel();
    status_stream.reset();
    log_stream.reset();
    slots.erase("open");
    slots.erase("pods");
    slots.erase("events");
    // A save under way goes on; its answer finds another workflow open and is ignored by id.
    graph = Graph{};
    etag.clear();
    followed_node.clear();
    wanted_pod.clear();
    log.clear();
    log_resume.reset();
    saved_document_version = edits = 0;
    save_in_flight = false;
    canvas.update([](CanvasState& s) { s = CanvasState{}; });
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
    if (workflow.get().save == SavePhase::unsaved && workflow.get().id != id) save([](bool) {});
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
    auto loaded = Graph::from_json(json);
    wire::JsonErrors errors;
    const wire::JsonReader reader(json, errors);
    if (!loaded) {
        workflow.update([&](WorkflowState& s) {
            s.phase = LoadPhase::failed;
            s.error = loaded.error();
            s.error.hint = "The stored document is damaged; open another workflow or mend it through the API";
        });
        return changed(kTopicCanvas | kTopicChrome);
    }
    graph = std::move(*loaded);
    etag = std::string(headers.get("etag"));
    workflow.update([&](WorkflowState& s) {
        s.phase = LoadPhase::ready;
        s.name = reader.string_or("name", "");
        s.description = reader.string_or("description", "");
        s.status = reader.string_or("status", "");
        s.cluster = reader.string_or("cluster_id", "");
        s.run_count = static_cast<int>(reader.integer_or("run_count", 0));
        s.save = SavePhase::saved;
    });
    edits = saved_document_version = 0;
    ui.update([&](UiState& s) { s.last_workflow_id = workflow.get().id; });
    // Edits of the last visit that the backend never got.
    if (draft.get().workflow_id == workflow.get().id) {
        const Draft kept = draft.get();
        if (kept.etag == etag) {
            auto restored = Graph::from_json(Json{{"nodes", kept.nodes}, {"edges", kept.edges}});
            if (restored) {
                for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
                    if (graph.node_alive(i)) restored->set_status(graph.node(i).id, graph.status(i));
                }
                graph = std::move(*restored);
                workflow.update([&](WorkflowState& s) { s.name = kept.name; });
                mark_dirty();
            }
        } else {
            toast(ToastKind::warning, "Unsaved changes were left out",
                  "This workflow was changed elsewhere after the edits you made in this tab.");
            drop_draft();
        }
    }
    recall_canvas(workflow.get().id);
    take_wanted_selection();
    recount();
    changed(~0U);
    open_status_stream();
    follow_selection();
}

void App::Impl::mark_dirty() {
    ++edits;
    workflow.update([](WorkflowState& s) {
        if (s.save != SavePhase::saving) s.save = SavePhase::unsaved;
        s.save_error = {};
    });
    if (bench) return;
    if (!draft_timer.pending()) draft_timer = ports.scheduler.after(kDraftMs, [this] { write_draft(); });
    autosave_timer = ports.scheduler.after(kAutosaveMs, [this] { save([](bool) {}); });
    changed(kTopicChrome);
}

void App::Impl::write_draft() {
    draft_timer.cancel();
    if (bench || workflow.get().phase != LoadPhase::ready || edits == saved_document_version) return;
    draft.set(Draft{workflow.get().id, etag, workflow.get().name, graph.nodes_to_json(), graph.edges_to_json()});
    changed(kTopicChrome);  // a frame writes it
}

void App::Impl::drop_draft() {
    draft_timer.cancel();
    draft.set(Draft{});
}

void App::Impl::save(std::function<void(bool)> done) {
    autosave_timer.cancel();
    if (workflow.get().phase != LoadPhase::ready || workflow.get().id.empty() || bench) return done(false);
    if (edits == saved_document_version && !save_in_flight) return done(true);
    save_waiters.push_back(std::move(done));
    if (save_in_flight) return;  // one at a time; the answer looks whether more came meanwhile
    save_in_flight = true;
    workflow.update([](WorkflowState& s) { s.save = SavePhase::saving; });
    changed(kTopicChrome);
    const std::string id = workflow.get().id;
    const std::uint64_t saved_edits = edits;
    net::ApiRequest request{.method = "PUT", .path = "/workflows/" + id, .body = Json{{"name", workflow.get().name}, {"nodes", graph.nodes_to_json()}, {"edges", graph.edges_to_json()}}};
    if (!etag.empty()) request.headers.set("if-match", etag);
    call(std::move(request), [this, id, saved_edits](base::Result<net::ApiReply> reply) {
        if (workflow.get().id != id) {
            // Another workflow is open by now. What failed stays in the draft.
            if (reply && draft.get().workflow_id == id) drop_draft();
            return;
        }
        save_in_flight = false;
        auto waiters = std::exchange(save_waiters, {});
        if (!reply) {
            const bool conflict = reply.error().code == base::ErrorCode::conflict;
            workflow.update([&](WorkflowState& s) {
                s.save = SavePhase::failed;
                s.save_error = reply.error();
                if (conflict) s.save_error = {base::ErrorCode::conflict, "This workflow was changed elsewhere", "Open it again to see the other version; your edits are kept in this tab until then"};
            });
            const bool later = reply.error().code == base::ErrorCode::unavailable || reply.error().code == base::ErrorCode::timed_out;
            if (later) {
                autosave_timer = ports.scheduler.after(kAutosaveRetryMs, [this] { save([](bool) {}); });
            } else {
                toast(ToastKind::danger, "Not saved", workflow.get().save_error.message);
            }
            changed(kTopicChrome);
            for (auto& waiter : waiters) waiter(false);
            return;
        }
        if (const auto fresh = reply->headers.get("etag"); !fresh.empty()) etag = std::string(fresh);
        saved_document_version = saved_edits;
        const bool more = edits != saved_edits;
        workflow.update([&](WorkflowState& s) {
            s.save = more ? SavePhase::unsaved : SavePhase::saved;
            for (auto& entry : s.list) {
                if (entry.id == s.id) entry.name = s.name;
            }
        });
        if (more) write_draft();
        else drop_draft();
        changed(kTopicChrome | kTopicWorkflows);
        if (!more) {
            for (auto& waiter : waiters) waiter(true);
            return;
        }
        // Edited while the save was under way: whoever waits for a saved document waits for the next one.
        if (waiters.empty()) {
            autosave_timer = ports.scheduler.after(kAutosaveMs, [this] { save([](bool) {}); });
        } else {
            for (auto& waiter : waiters) save(std::move(waiter));
        }
    });
}

void App::Impl::run() {
    if (workflow.get().run != RunPhase::idle || workflow.get().phase != LoadPhase::ready || workflow.get().id.empty()) return;
    workflow.update([](WorkflowState& s) {
        s.run = RunPhase::saving;
        s.last_run_message.clear();
    });
    changed(kTopicChrome);
    const std::string id = workflow.get().id;
    save([this, id](bool saved) {
        if (workflow.get().id != id) return;
        if (!saved) {
            workflow.update([](WorkflowState& s) { s.run = RunPhase::idle; });
            toast(ToastKind::danger, "Not deployed", "The workflow could not be saved first: " + workflow.get().save_error.message);
            return changed(kTopicChrome);
        }
        workflow.update([](WorkflowState& s) { s.run = RunPhase::applying; });
        changed(kTopicChrome);
        call({.method = "POST", .path = "/workflows/" + id + "/run", .body = Json{{"trigger_data", Json::object()}}},
             [this, id](base::Result<net::ApiReply> reply) {
                 if (workflow.get().id != id) return;
                 workflow.update([&](WorkflowState& s) {
                     s.run = RunPhase::idle;
                     if (reply) ++s.run_count;
                     else s.last_run_message = reply.error().hint.empty() ? reply.error().message : reply.error().message + ": " + reply.error().hint;
                 });
                 if (!reply) {
                     toast(ToastKind::danger, "Run failed", workflow.get().last_run_message);
                 } else {
                     toast(ToastKind::info, "Applied to the cluster", "Node states follow as the objects come up.");
                 }
                 if (status_stream) status_stream->reconnect_now();
                 refresh_live_soon();
                 changed(kTopicChrome | kTopicCanvas);
             });
    });
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

void App::Impl::rename_workflow(std::string name) {
    if (name.empty() || name == workflow.get().name || workflow.get().phase != LoadPhase::ready) return;
    workflow.update([&](WorkflowState& s) { s.name = std::move(name); });
    mark_dirty();
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
        if (was_open) close_workflow();
        if (draft.get().workflow_id == id) drop_draft();
        read_workflows(was_open);
        changed(~0U);
    });
}

base::Result<void> App::Impl::edit(const Change& change) {
    auto result = graph.apply(change);
    if (!result) {
        toast(ToastKind::warning, "Not possible", result.error().message);
        return result;
    }
    drop_stale_selection();
    mark_dirty();
    recount();
    changed(kTopicCanvas | kTopicInspector | kTopicChrome);
    return result;
}

std::string App::Impl::add_node(std::string_view type, Vec2 position) {
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
    const std::string id = node.id;
    if (!edit(AddNode{std::move(node)})) return {};
    select({id}, {});
    return id;
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

void App::Impl::load_bench_graph(int count) {
    constexpr NodeKind kCycle[] = {NodeKind::deployment, NodeKind::service, NodeKind::configmap, NodeKind::statefulset, NodeKind::job};
    constexpr const char* kTypes[] = {"deployment", "service", "configmap", "statefulset", "job"};
    constexpr NodeState kStatesShown[] = {NodeState::healthy, NodeState::healthy, NodeState::running, NodeState::error, NodeState::pending};
    close_workflow();
    bench = true;
    count = std::clamp(count, 1, 200'000);
    const int columns = std::max(1, static_cast<int>(std::lround(std::sqrt(static_cast<double>(count)))));
    Json nodes = Json::array();
    Json edges = Json::array();
    for (int i = 0; i < count; ++i) {
        const std::string id = "n" + std::to_string(i);
        const auto kind = static_cast<std::size_t>(i) % std::size(kCycle);
        nodes.push_back({{"id", id}, {"type", kTypes[kind]}, {"position", {{"x", (i % columns) * 240}, {"y", (i / columns) * 110}}},
                         {"data", {{"name", "node-" + std::to_string(i)}, {"image", "registry.local/app:" + std::to_string(i)}}}});
        if (i > 0) edges.push_back({{"id", "e" + std::to_string(i)}, {"source", "n" + std::to_string(i - 1)}, {"target", id}});
    }
    auto built = Graph::from_json(Json{{"nodes", std::move(nodes)}, {"edges", std::move(edges)}});
    if (!built) return;
    graph = std::move(*built);
    for (int i = 0; i < count; ++i) {
        NodeStatus status;
        status.state = kStatesShown[static_cast<std::size_t>(i / 7) % std::size(kStatesShown)];
        status.wire_state = std::string(wire_word(status.state));
        status.replicas = 3;
        status.ready_replicas = status.state == NodeState::healthy ? 3 : i % 3;
        graph.set_status("n" + std::to_string(i), std::move(status));
    }
    session.update([](SessionState& s) { s.phase = SessionPhase::signed_in; });
    workflow.update([](WorkflowState& s) {
        s.id = "bench";
        s.name = "Bench";
        s.phase = LoadPhase::ready;
    });
    changed(~0U);
}

}  // namespace model
