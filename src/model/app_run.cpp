// Running the open workflow: saved first, applied by the hub, followed through the status stream.
#include <algorithm>

#include "model/app_impl.hpp"

namespace model {

void App::Impl::run() {
    if (workflow.get().run != RunPhase::idle || workflow.get().phase != LoadPhase::ready || workflow.get().id.empty()) return;
    workflow.update([](WorkflowState& s) {
        s.run = RunPhase::saving;
        s.last_run_message.clear();
    });
    std::vector<std::pair<std::string, std::string>> nodes;
    for (NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (graph.node_alive(i)) nodes.emplace_back(graph.node(i).id, graph.node(i).name);
    }
    execution.prepare(workflow.get().id, std::move(nodes), now());
    changed(kTopicChrome);
    const std::string id = workflow.get().id;
    save([this, id](bool saved) {
        if (workflow.get().id != id) return;
        if (!saved) {
            workflow.update([](WorkflowState& s) { s.run = RunPhase::idle; });
            const std::string why = "The workflow could not be saved first: " + workflow.get().save_error.message;
            execution.set_failed(why, now());
            toast(ToastKind::danger, "Not deployed", why);
            return changed(kTopicChrome);
        }
        if (execution.state().phase == ExecutionPhase::cancelled) {
            // Before anything was applied.
            workflow.update([](WorkflowState& s) { s.run = RunPhase::idle; });
            return changed(kTopicChrome);
        }
        ask_and_apply(id);
    });
}

void App::Impl::ask_and_apply(const std::string& id) {
    run_inputs.ask(id, false, [this, id](RunInputs::Answer answer, Json trigger_data) {
        if (workflow.get().id != id) return;
        if (answer == RunInputs::Answer::go && execution.state().phase != ExecutionPhase::cancelled) return apply_run(id, std::move(trigger_data));
        workflow.update([](WorkflowState& s) { s.run = RunPhase::idle; });
        if (execution.state().active()) {
            execution.cancel(now());
            toast(ToastKind::info, "Run cancelled", "Nothing was applied to the cluster.");
        }
        changed(kTopicChrome);
    });
}

void App::Impl::apply_run(const std::string& id, Json trigger_data) {
    runs.end_replay();
    workflow.update([](WorkflowState& s) { s.run = RunPhase::applying; });
    changed(kTopicChrome);
    call({.method = "POST", .path = "/workflows/" + id + "/run", .body = Json{{"trigger_data", std::move(trigger_data)}}}, [this, id](base::Result<net::ApiReply> reply) {
        if (workflow.get().id != id) return;
        run_answered_ms = now().monotonic_ms;
        workflow.update([&](WorkflowState& s) {
            s.run = RunPhase::idle;
            if (reply) ++s.run_count;
            else s.last_run_message = reply.error().hint.empty() ? reply.error().message : reply.error().message + ": " + reply.error().hint;
        });
        if (!reply) {
            execution.set_failed(workflow.get().last_run_message, now());
            toast(ToastKind::danger, "Run failed", workflow.get().last_run_message);
        } else {
            wire::JsonErrors errors;
            execution.start(wire::JsonReader(reply->json, errors).string_or("run_id", ""), now());
            toast(ToastKind::info, "Applied to the cluster", "Node states follow as the objects come up.");
            follow_execution();
        }
        versions.run_ended();
        runs.run_ended();
        status_stream.reconnect_now();
        refresh_live_soon();
        changed(kTopicChrome | kTopicCanvas);
    });
}

void App::Impl::cancel_run() {
    if (!execution.state().active()) return;
    const bool applied = execution.state().phase == ExecutionPhase::running || workflow.get().run == RunPhase::applying;
    execution.cancel(now());
    execution_timer.cancel();
    if (run_inputs.state().open) run_inputs.cancel();
    toast(ToastKind::info, applied ? "No longer waiting for the run" : "Run cancelled",
          applied ? "What was applied stays in the cluster and goes on by itself." : "Nothing was applied to the cluster.");
    changed(kTopicChrome);
}

void App::Impl::follow_execution() {
    execution_timer.cancel();
    if (execution.tick(now())) {
        const ExecutionState& s = execution.state();
        runs.run_ended();  // its timeline is whole now
        if (s.phase == ExecutionPhase::completed) toast(ToastKind::success, "Run completed", std::to_string(s.total) + (s.total == 1 ? " node is up." : " nodes are up."));
        // Failed nodes have had their toasts.
    }
    if (const std::int64_t due_ms = execution.next_tick_ms(); due_ms >= 0) {
        execution_timer = ports.scheduler.after(std::max<std::int64_t>(due_ms - now().monotonic_ms, 0), [this] { follow_execution(); });
    }
    changed(kTopicChrome);
}

}  // namespace model
