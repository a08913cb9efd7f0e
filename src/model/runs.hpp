// Runs: the past runs of the open workflow, what became of each node over time, and one of them shown again on the canvas.
//
//   runs.show("w1");                       // the History tab is on screen
//   runs.select("run-7");                  // its timeline: selected()->nodes[i].spans
//   runs.replay_at(at_ms);                 // the canvas shows the states of that moment, unix ms
//   runs.end_replay();                     // ... and what is live
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/graph.hpp"
#include "model/list_query.hpp"
#include "model/model_context.hpp"
#include "state/store.hpp"

namespace model {

// What a node was from one moment to the next.
struct RunSpan {
    std::string state;             // applying, applied, unchanged, failed, and the words of the status stream
    std::string message;
    std::int64_t from_ms = 0, to_ms = 0;  // unix
    friend bool operator==(const RunSpan&, const RunSpan&) = default;
};

struct RunNode {
    std::string id, name, type;
    std::vector<RunSpan> spans;    // in order, without gaps
    friend bool operator==(const RunNode&, const RunNode&) = default;
};

struct RunView {
    std::string id, status, triggered_by, error, started_at;
    std::int64_t number = 0, version = 0;
    std::int64_t from_ms = 0, to_ms = 0;  // of its timeline, unix
    std::int64_t duration_ms = 0;         // of applying it
    std::vector<RunNode> nodes;
    std::vector<std::string> logs;
    bool cut = false;                     // more happened than was recorded

    [[nodiscard]] bool failed() const { return status == "failed"; }
    friend bool operator==(const RunView&, const RunView&) = default;
};

struct RunsState {
    std::string workflow_id;
    LoadPhase phase = LoadPhase::idle;
    base::Error error;
    std::vector<RunView> runs;     // newest first
    std::string selected;          // id
    std::string replayed;          // id of the run that the canvas shows; empty: it shows what is live
    std::int64_t replay_at_ms = 0; // unix
    friend bool operator==(const RunsState&, const RunsState&) = default;
};

// "completed" -> "Completed", ...
[[nodiscard]] std::string run_words(std::string_view status);
// "applying" -> "applying", "error" -> "failed", ...: as the canvas says it.
[[nodiscard]] std::string span_words(const RunSpan& span, NodeKind kind);
[[nodiscard]] NodeState span_state(const RunSpan& span);
// One run of GET /runs.
[[nodiscard]] RunView read_run(const Json& json);
// The states of all nodes of the run at a moment; nodes that it had not reached are not in it.
[[nodiscard]] std::map<std::string, NodeStatus> states_at(const RunView& run, std::int64_t at_ms);
// The moments at which something changed, in order, each once.
[[nodiscard]] std::vector<std::int64_t> moments_of(const RunView& run);

class Runs {
public:
    static constexpr int kListed = 50;

    // Null: what is live.
    using Shown = std::function<void(const std::map<std::string, NodeStatus>*)>;
    Runs(ModelContext& context, Shown shown) : context_(context), shown_(std::move(shown)) {}

    [[nodiscard]] const RunsState& state() const { return state_.get(); }
    [[nodiscard]] std::uint64_t version() const { return state_.version(); }
    [[nodiscard]] const RunView* find(std::string_view id) const;
    [[nodiscard]] const RunView* selected() const { return find(state().selected); }
    [[nodiscard]] const RunView* replayed() const { return find(state().replayed); }

    void show(const std::string& workflow_id);
    void reload();
    void select(const std::string& id);
    void replay_at(std::int64_t at_ms);  // of the selected run; clamped to it
    void end_replay();
    void run_ended();
    void clear();

private:
    void update(const std::function<void(RunsState&)>& change);
    void take(const base::Result<Json>& answer);

    ModelContext& context_;
    Shown shown_;
    state::Store<RunsState> state_;
    std::unique_ptr<ListQuery> list_;
};

}  // namespace model
