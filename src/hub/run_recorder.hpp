// RunRecorder: what became of a run's nodes, over time, for the run's history and for showing it again later.
//
// The runner says when each node was applied; the status tracker what state it came into. Both go into the run's "timeline":
// [{node_id, at, state, message}], in the order of time; states are applying, applied, unchanged, failed and those of the status stream. A run is
// followed for kFollowMs after it was applied, or until the next one of the same workflow begins.
//
//   recorder.begin(workflow_id);                     // a run is asked for: what is heard from now on is its
//   recorder.end(outcome.run, tracker statuses);     // it was applied, and is stored
//   recorder.heard(workflow_id, node_id, status);    // any time
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/scheduler.hpp"
#include "hub/json_text.hpp"
#include "hub/lifetime.hpp"
#include "hub/workflow_repository.hpp"

namespace hub {

class RunRecorder {
public:
    static constexpr std::int64_t kFollowMs = 10 * 60'000;
    static constexpr std::int64_t kSaveMs = 1'000;        // a rollout's changes come in bursts: they are stored together
    static constexpr std::size_t kMaxEntries = 2'000;     // of one run's timeline; then it says "timeline_cut": true

    RunRecorder(WorkflowRepository& repository, base::Scheduler& scheduler) : repository_(repository), scheduler_(scheduler) {}

    void begin(const std::string& workflow_id);
    // `statuses`: by node id, as they are now. Nodes that this run has not changed have been in that state since they were applied.
    void end(const Json& run, const std::map<std::string, Json>& statuses);
    void drop(const std::string& workflow_id) { recordings_.erase(workflow_id); }
    void heard(const std::string& workflow_id, const std::string& node_id, const Json& status);

private:
    struct Recording {
        Json run;                         // null until it was applied
        Json heard = Json::array();       // before that
        std::int64_t until_ms = 0;        // monotonic
        base::Timer saving;
    };
    void add(Recording& recording, Json entry);
    void save(const std::string& workflow_id);

    WorkflowRepository& repository_;
    base::Scheduler& scheduler_;
    std::map<std::string, Recording> recordings_;  // by workflow id
};

}  // namespace hub
