// What is alive: node status, pods, logs and events of what is selected. Everything here is driven by streams; nothing polls.
#include <algorithm>

#include "model/app_impl.hpp"
#include "model/stream_payloads.hpp"

namespace model {

namespace {

constexpr std::int64_t kRefreshDelayMs = 300;   // a rollout sends node updates in bursts
constexpr int kLogTail = 100;

bool has_pods(NodeKind kind) {
    switch (kind) {
        case NodeKind::deployment:
        case NodeKind::statefulset:
        case NodeKind::daemonset:
        case NodeKind::job:
        case NodeKind::cronjob: return true;
        default: return false;
    }
}

bool is_settled(NodeState state) {
    return state == NodeState::healthy || state == NodeState::created || state == NodeState::bound;
}

}  // namespace

void App::Impl::open_status_stream() {
    const std::string path = "/workflows/" + workflow.get().id + "/status/stream";
    status_stream = live.join("workflow:" + workflow.get().id, [this, path] { return context.stream(net::StreamKind::workflow_status, path); },
                              {.on_event = [this](const wire::SseEvent& event) { on_status_event(event); },
                               .on_change = [this](const net::EventStream::State& stream) { on_status_phase(stream); }},
                              "metadata workflow_sync");
}

void App::Impl::on_status_phase(const net::EventStream::State& stream) {
    using Phase = net::EventStream::Phase;
    if (stream.phase == Phase::open && !connection.get().online) {
        back_online();
    } else if (stream.phase == Phase::retrying && stream.retries > 0) {
        connection.update([&](ConnectionState& s) {
            s.online = false;
            s.problem = "The " + options.backend_label + " does not answer";
            s.retry_at_ms = stream.retry_at_ms;
        });
    } else if (stream.phase == Phase::open && workflow.get().phase == LoadPhase::ready) {
        refresh_live_soon();
    }
    changed(kTopicChrome);
}

void App::Impl::backend_reachable(bool reached) {
    // While a workflow is open its stream knows better, and says when it is tried again.
    if (reached && !connection.get().online && !status_stream) {
        connection.update([](ConnectionState& s) { s = ConnectionState{}; });
        changed(kTopicChrome);
    }
}

void App::Impl::on_status_event(const wire::SseEvent& event) {
    auto said = decode_workflow_event(event.type, event.data);
    if (!said || said->kind == WorkflowEvent::Kind::complete) return;
    if (said->kind == WorkflowEvent::Kind::error) {
        if (!said->text.empty()) toast(ToastKind::warning, "Trouble with the cluster", std::move(said->text));
        return;
    }
    const bool announce = said->kind == WorkflowEvent::Kind::node_update;
    for (auto& node : said->nodes) apply_node_status(node.node_id, std::move(node.status).value_or(NodeStatus{}), announce);
    if (said->run_count) {
        workflow.update([&](WorkflowState& s) { s.run_count = *said->run_count; });
    }
    recount();
}

void App::Impl::apply_node_status(std::string_view node_id, NodeStatus status, bool announce) {
    const NodeIndex index = graph.find_node(node_id);
    if (index == kNoIndex) return;
    const NodeState before = graph.status(index).state;
    const NodeState after = status.state;
    const std::string message = status.message;
    if (execution.node(node_id, after, message, now())) follow_execution();
    if (live_states) {
        (*live_states)[std::string(node_id)] = std::move(status);
        return;
    }
    if (!document.set_status(node_id, std::move(status))) return;
    TopicSet topics = kTopicCanvas;
    if (canvas.get().selected_nodes.contains(std::string(node_id))) topics |= kTopicInspector;
    changed(topics);
    if (node_id == followed_node || events.get().node_id.empty()) refresh_live_soon();
    // The feed tells of this too, and of the workflows that are not open.
    if (!announce || before == after || event_feed.live()) return;
    const Node& node = graph.node(index);
    if (after == NodeState::error) {
        toast(ToastKind::danger, node.name + " failed", message, node.id);
    } else if (before == NodeState::error && is_settled(after)) {
        toast(ToastKind::success, node.name + " is " + std::string(ui_word(after)) + " again", "", node.id);
    }
}

void App::Impl::recount() {
    int total = 0;
    int ready = 0;
    int failed = 0;
    std::vector<Problem> found;
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (!graph.node_alive(i)) continue;
        ++total;
        const NodeStatus& status = graph.status(i);
        if (is_settled(status.state)) ++ready;
        if (status.state == NodeState::error || status.state == NodeState::lost) {
            ++failed;
            found.push_back({graph.node(i).id, graph.node(i).name, status.message});
        }
    }
    const std::uint64_t before = problems.version() + workflow.version();
    workflow.update([&](WorkflowState& s) {
        s.nodes_total = total;
        s.nodes_ready = ready;
        s.nodes_failed = failed;
    });
    problems.update([&](std::vector<Problem>& p) { p = std::move(found); });
    if (problems.version() + workflow.version() != before) changed(kTopicChrome | kTopicEvents);
}

void App::Impl::follow_selection() {
    const auto& selected = canvas.get().selected_nodes;
    const std::string node_id = selected.size() == 1 ? *selected.begin() : std::string{};
    if (bench || workflow.get().phase != LoadPhase::ready) return;
    if (events.get().node_id != node_id || events.get().phase == LoadPhase::idle) {
        events.update([&](EventsState& s) { s = EventsState{node_id, LoadPhase::loading, {}, {}}; });
        changed(kTopicEvents | kTopicInspector);
        read_events();
    }
    // With nothing or several selected the dock goes on showing the last log.
    if (node_id.empty() || node_id == followed_node) return;
    followed_node = node_id;
    wanted_pod.clear();
    log_stream.reset();
    pods.update([&](PodsState& s) { s = PodsState{node_id, LoadPhase::loading, {}, {}}; });
    log_panel.update([&](LogPanelState& s) {
        s.node_id = node_id;
        s.pod_id.clear();
        s.pod_name.clear();
        s.empty_reason.clear();
    });
    changed(kTopicLogs | kTopicInspector);
    read_pods();
}

void App::Impl::read_pods() {
    const std::string node_id = followed_node;
    const NodeIndex index = graph.find_node(node_id);
    if (index == kNoIndex) return;
    call_in("pods", {.path = "/workflows/" + workflow.get().id + "/nodes/" + node_id + "/pods"}, [this, node_id](base::Result<net::ApiReply> reply) {
        if (node_id != followed_node) return;
        if (!reply) {
            pods.update([&](PodsState& s) {
                s.phase = LoadPhase::failed;
                s.error = reply.error();
            });
            return changed(kTopicLogs | kTopicInspector);
        }
        wire::JsonErrors errors;
        std::vector<PodView> list;
        for (const wire::JsonReader item : wire::JsonReader(reply->json, errors).array_or_empty("pods")) {
            PodView pod;
            pod.id = item.string_or("id", "");
            pod.name = item.string_or("name", "");
            pod.phase = item.string_or("phase", "");
            pod.reason = item.string_or("reason", "");
            pod.started_at = item.string_or("started_at", item.string_or("created_at", ""));
            pod.containers = item.string_list("containers");
            pod.ready = item.boolean_or("ready", false);
            pod.restarts = static_cast<int>(item.integer_or("restarts", 0));
            if (!pod.id.empty()) list.push_back(std::move(pod));
        }
        pods.update([&](PodsState& s) { s = PodsState{node_id, LoadPhase::ready, {}, std::move(list)}; });
        changed(kTopicLogs | kTopicInspector);
        pick_pod();
    });
}

void App::Impl::pick_pod() {
    const auto& list = pods.get().pods;
    const auto logs = [](const PodView& pod) {
        return pod.phase == "Running" || pod.phase == "Succeeded" || pod.phase == "Failed";
    };
    const auto is = [](const std::string& id) { return [&id](const PodView& pod) { return pod.id == id; }; };
    auto best = std::find_if(list.begin(), list.end(), is(wanted_pod));
    if (best == list.end()) {
        wanted_pod.clear();
        const auto current = std::find_if(list.begin(), list.end(), is(log_panel.get().pod_id));
        // Stay with the pod that is shown while it lives; else the first ready one, else one with a log.
        if (current != list.end() && logs(*current)) best = current;
        if (best == list.end()) best = std::find_if(list.begin(), list.end(), [](const PodView& pod) { return pod.ready; });
        if (best == list.end()) best = std::find_if(list.begin(), list.end(), logs);
        if (best == list.end()) best = list.begin();
    }
    std::string reason;
    if (best == list.end()) {
        const NodeIndex index = graph.find_node(followed_node);
        if (index != kNoIndex) {
            reason = !has_pods(graph.node(index).kind) ? "A " + std::string(kind_title(graph.node(index).kind)) + " has no pods of its own, so there is no log"
                     : graph.status(index).state == NodeState::none ? "Run the workflow to see the log of its pods here"
                                                                    : "There is no pod yet";
        }
    } else if (!logs(*best)) {
        reason = "The container has not started" + (best->reason.empty() ? std::string{} : ": " + best->reason);
    }
    log_panel.update([&](LogPanelState& s) { s.empty_reason = reason; });
    changed(kTopicLogs);
    if (best == list.end() || !logs(*best)) {
        if (best != list.end()) {
            log_panel.update([&](LogPanelState& s) {
                s.pod_id = best->id;
                s.pod_name = best->name;
            });
        }
        log_stream.close();
        return;
    }
    const bool same = log_panel.get().pod_id == best->id && log_stream.is_open();
    if (!same) return follow_pod(best->id);
    // The container was restarted or came up after the log had ended.
    if (log_stream.completed() && best->phase == "Running") log_stream.reconnect();
}

void App::Impl::follow_pod(std::string pod_id) {
    const auto& list = pods.get().pods;
    const auto pod = std::find_if(list.begin(), list.end(), [&](const PodView& p) { return p.id == pod_id; });
    if (pod == list.end()) return;
    log_panel.update([&](LogPanelState& s) {
        s.pod_id = pod->id;
        s.pod_name = pod->name;
        s.follow = true;
    });
    log_stream.open({.resource_id = pod_id, .label = pod->name, .tail = kLogTail});
    changed(kTopicLogs);
}

void App::Impl::on_log_change() {
    if (const std::string& problem = log_stream.problem(); !problem.empty() && problem != log_panel.get().empty_reason) {
        log_panel.update([&](LogPanelState& s) { s.empty_reason = problem; });
    }
    changed(kTopicLogs);
}

void App::Impl::on_log_complete() {
    // The container ended. Its log stays; a restart shows up as a node update and is followed then.
    refresh_live_soon();
}

void App::Impl::read_events() {
    const std::string node_id = events.get().node_id;
    const std::string path = "/workflows/" + workflow.get().id + (node_id.empty() ? "" : "/nodes/" + node_id) + "/events";
    call_in("events", {.path = path}, [this, node_id](base::Result<net::ApiReply> reply) {
        if (node_id != events.get().node_id) return;
        if (!reply) {
            events.update([&](EventsState& s) {
                s.phase = LoadPhase::failed;
                s.error = reply.error();
            });
            return changed(kTopicEvents | kTopicInspector);
        }
        wire::JsonErrors errors;
        std::vector<KubeEventView> list;
        for (const wire::JsonReader item : wire::JsonReader(reply->json, errors).array_or_empty("events")) {
            KubeEventView event;
            event.id = item.string_or("id", "");
            event.type = item.string_or("type", "Normal");
            event.reason = item.string_or("reason", "");
            event.message = item.string_or("message", "");
            event.object = item.string_or("object", "");
            event.last_seen = item.string_or("last_seen", "");
            event.count = static_cast<int>(item.integer_or("count", 1));
            list.push_back(std::move(event));
        }
        events.update([&](EventsState& s) { s = EventsState{node_id, LoadPhase::ready, {}, std::move(list)}; });
        changed(kTopicEvents | kTopicInspector);
    });
}

void App::Impl::refresh_live_soon() {
    if (bench || refresh_timer.pending()) return;
    refresh_timer = ports.scheduler.after(kRefreshDelayMs, [this] {
        if (workflow.get().phase != LoadPhase::ready) return;
        if (!followed_node.empty()) read_pods();
        read_events();
    });
}

void App::Impl::wake() {
    link.wake();
    watches.wake();
    notifications.wake();
    resources.wake();
    event_feed.wake();
    if (session.get().phase != SessionPhase::signed_in && connect_timer.pending()) return connect();
    live.wake();
}

}  // namespace model
