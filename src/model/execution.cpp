#include "model/execution.hpp"

#include <algorithm>

namespace model {

std::string_view word_of(ExecutionPhase phase) {
    switch (phase) {
        case ExecutionPhase::idle: return "idle";
        case ExecutionPhase::preparing: return "preparing";
        case ExecutionPhase::running: return "running";
        case ExecutionPhase::completed: return "completed";
        case ExecutionPhase::failed: return "failed";
        case ExecutionPhase::cancelled: return "cancelled";
    }
    return "";
}

void Execution::log(ExecutionLog::Level level, std::string_view node_id, std::string text, Now now) {
    logs_.push_back({now.unix_ms, level, std::string(node_id), std::move(text)});
}

void Execution::reset() {
    state_ = ExecutionState{};
    logs_.clear();
}

void Execution::prepare(std::string workflow_id, std::vector<std::pair<std::string, std::string>> nodes, Now now) {
    reset();
    state_.phase = ExecutionPhase::preparing;
    state_.workflow_id = std::move(workflow_id);
    state_.started_at_ms = now.unix_ms;
    state_.total = static_cast<int>(nodes.size());
    for (auto& [id, name] : nodes) {
        NodeResult result;
        result.id = std::move(id);
        result.name = std::move(name);
        state_.nodes.push_back(std::move(result));
    }
    log(ExecutionLog::Level::info, {}, "Saving and applying " + std::to_string(state_.total) + (state_.total == 1 ? " node" : " nodes"), now);
}

void Execution::start(std::string run_id, Now now) {
    if (state_.phase != ExecutionPhase::preparing) return;
    state_.phase = ExecutionPhase::running;
    state_.run_id = std::move(run_id);
    changed_at_ms_ = now.monotonic_ms;
    log(ExecutionLog::Level::info, {}, "Applied to the cluster", now);
}

void Execution::recount() {
    state_.done = state_.failed_nodes = 0;
    for (const NodeResult& node : state_.nodes) {
        state_.done += node.done ? 1 : 0;
        state_.failed_nodes += node.failed ? 1 : 0;
    }
}

bool Execution::node(std::string_view id, NodeState state, std::string_view message, Now now) {
    if (state_.phase != ExecutionPhase::running) return false;
    const auto found = std::find_if(state_.nodes.begin(), state_.nodes.end(), [&](const NodeResult& node) { return node.id == id; });
    if (found == state_.nodes.end() || (found->state == state && found->message == message)) return false;
    NodeResult& node = *found;
    const bool settled = state == NodeState::healthy || state == NodeState::created || state == NodeState::bound;
    const bool failed = state == NodeState::error || state == NodeState::lost;
    if (node.state != state) {
        std::string text = node.name + " is " + std::string(ui_word(state));
        if (failed && !message.empty()) text += ": " + std::string(message);
        log(failed ? ExecutionLog::Level::error : ExecutionLog::Level::info, id, std::move(text), now);
    }
    node.state = state;
    node.message = std::string(message);
    node.failed = failed;
    if ((settled || failed) && !node.done) node.done_at_ms = now.unix_ms;
    node.done = settled || failed;
    if (!node.done) state_.current_node = node.id;
    else if (state_.current_node == node.id) state_.current_node.clear();
    changed_at_ms_ = now.monotonic_ms;
    recount();
    return true;
}

void Execution::end(ExecutionPhase phase, Now now) {
    state_.phase = phase;
    state_.ended_at_ms = now.unix_ms;
    state_.current_node.clear();
}

void Execution::set_failed(std::string error, Now now) {
    if (!state_.active()) return;
    log(ExecutionLog::Level::error, {}, error, now);
    state_.error = std::move(error);
    end(ExecutionPhase::failed, now);
}

void Execution::cancel(Now now) {
    if (!state_.active()) return;
    log(ExecutionLog::Level::warning, {}, "Stopped waiting. What was applied stays in the cluster", now);
    end(ExecutionPhase::cancelled, now);
}

std::int64_t Execution::next_tick_ms() const {
    return state_.phase == ExecutionPhase::running && state_.done == state_.total ? changed_at_ms_ + kSettleMs : -1;
}

bool Execution::tick(Now now) {
    const std::int64_t due_ms = next_tick_ms();
    if (due_ms < 0 || now.monotonic_ms < due_ms) return false;
    if (state_.failed_nodes > 0) {
        set_failed(std::to_string(state_.failed_nodes) + " of " + std::to_string(state_.total) + (state_.total == 1 ? " node failed" : " nodes failed"), now);
    } else {
        log(ExecutionLog::Level::info, {}, "All nodes are up", now);
        end(ExecutionPhase::completed, now);
    }
    return true;
}

}  // namespace model
