// Execution: one run of a workflow as this tab sees it, from the button to the last node: phase, progress, results, a log.
//
//   Execution run;
//   run.prepare("w1", {{"web", "web"}, {"db", "db"}}, now);   // saving and applying
//   run.start("run-7", now);                                  // the hub has applied it
//   run.node(id, NodeState::healthy, "", now);                // from the status stream
//   run.state().phase; run.state().done;                      // "Running 3 of 7"
//
// Rules
//   - idle → preparing → running → completed | failed; cancelled from preparing and running. What comes in another phase is ignored.
//   - A node is done when it is settled (healthy, created, bound) or failed. When all are done and nothing has changed for
//     kSettleMs, the run has ended: failed if a node is, else completed. tick() asks the clock; next_tick_ms() says when.
//   - cancel() ends the waiting of this tab. What was applied stays in the cluster: Kubernetes has no run to stop.
//   - The log holds at most kMaxLogs lines; what is dropped is counted. set_failed() appends its error to it (seed 5's store replaced
//     the whole log by a function there).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ring_buffer.hpp"
#include "model/graph.hpp"

namespace model {

enum class ExecutionPhase : std::uint8_t { idle, preparing, running, completed, failed, cancelled };
[[nodiscard]] std::string_view word_of(ExecutionPhase phase);

struct ExecutionLog {
    enum class Level : std::uint8_t { info, warning, error };
    std::int64_t at_ms = 0;  // unix
    Level level = Level::info;
    std::string node_id;     // empty: of the whole run
    std::string text;
    friend bool operator==(const ExecutionLog&, const ExecutionLog&) = default;
};

struct NodeResult {
    std::string id, name;
    NodeState state = NodeState::none;
    std::string message;
    bool done = false;
    bool failed = false;
    std::int64_t done_at_ms = 0;  // unix
    friend bool operator==(const NodeResult&, const NodeResult&) = default;
};

struct ExecutionState {
    ExecutionPhase phase = ExecutionPhase::idle;
    std::string workflow_id, run_id;
    std::int64_t started_at_ms = 0;  // unix
    std::int64_t ended_at_ms = 0;
    std::string current_node;        // id of the last one that changed and is not done
    int done = 0;                    // nodes
    int total = 0;
    int failed_nodes = 0;
    std::string error;               // of a failed run
    std::vector<NodeResult> nodes;
    [[nodiscard]] bool active() const { return phase == ExecutionPhase::preparing || phase == ExecutionPhase::running; }
    [[nodiscard]] double progress() const { return total > 0 ? static_cast<double>(done) / total : 0; }
    friend bool operator==(const ExecutionState&, const ExecutionState&) = default;
};

class Execution {
public:
    static constexpr std::size_t kMaxLogs = 500;
    static constexpr std::int64_t kSettleMs = 1'500;

    struct Now {
        std::int64_t monotonic_ms = 0;
        std::int64_t unix_ms = 0;
    };

    Execution() : logs_(kMaxLogs) {}

    void prepare(std::string workflow_id, std::vector<std::pair<std::string, std::string>> nodes, Now now);  // id, name
    void start(std::string run_id, Now now);
    // True when something changed.
    bool node(std::string_view id, NodeState state, std::string_view message, Now now);
    void set_failed(std::string error, Now now);
    void cancel(Now now);
    void reset();
    // Ends the run when its nodes have come to rest; true when it did.
    bool tick(Now now);
    [[nodiscard]] std::int64_t next_tick_ms() const;  // monotonic; -1: never

    [[nodiscard]] const ExecutionState& state() const { return state_; }
    [[nodiscard]] const base::RingBuffer<ExecutionLog>& logs() const { return logs_; }
    [[nodiscard]] std::uint64_t dropped_logs() const { return logs_.dropped(); }

private:
    void log(ExecutionLog::Level level, std::string_view node_id, std::string text, Now now);
    void end(ExecutionPhase phase, Now now);
    void recount();

    ExecutionState state_;
    base::RingBuffer<ExecutionLog> logs_;
    std::int64_t changed_at_ms_ = 0;  // monotonic
};

}  // namespace model
