// Runner: applies a workflow to the cluster, and takes objects away again.
//
// A run makes a manifest of each node, applies it by server-side apply in dependency order (a few at a time), records what
// Kubernetes says to each, deletes what former runs had put there and the workflow no longer has, and answers once everything
// has been applied: readiness is the status stream's affair. One run per workflow at a time.
//
//   runner.run(record, trigger_data, user_name, [](base::Result<RunOutcome> outcome) { ... });
//   runner.remove_objects(record, [](const DeployedNode&) { return true; }, ...);     // archive, delete
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "hub/kube_api.hpp"
#include "hub/lifetime.hpp"
#include "hub/manifests.hpp"
#include "hub/status_tracker.hpp"
#include "hub/workflow_repository.hpp"

namespace hub {

struct RunOutcome {
    Json run;                             // the contract's Run
    std::vector<std::string> problems;    // "checkout: ..." for each node that could not be applied
    WorkflowRecord record;                // with its new state, stored
};

class Runner {
public:
    struct Ports {
        KubeApi& kube;
        WorkflowRepository& repository;
        StatusTracker& tracker;
        base::Random& random;
        std::string default_namespace;
    };
    explicit Runner(Ports ports) : ports_(std::move(ports)) {}

    using RunDone = base::UniqueFunction<void(base::Result<RunOutcome>)>;
    struct Trigger {
        ValuesByNode secrets{};  // these two come from trigger_data
        ValuesByNode env{};
        std::string by{};         // for people
        std::string caller_id{};
    };
    // conflict while another run of this workflow is under way.
    void run(WorkflowRecord record, Trigger trigger, RunDone done);

    // What record.state.pending tells of: a run that the end of a former hub cut off. Whether repeating it is sound: it was cut off just
    // now, for the first time, the workflow is as it was, and all its values are in the cluster.
    static constexpr std::int64_t kRepeatWithinMs = 60'000;
    [[nodiscard]] bool may_repeat(const WorkflowRecord& record) const;
    // The same run again; applying twice is applying once.
    void repeat(WorkflowRecord record, RunDone done);
    // Recorded as failed, with what it had reached.
    void abandon(WorkflowRecord record, RunDone done);

    // Deletes the deployed objects that `chosen` picks, those that others refer to last. Objects that no longer carry this
    // workflow's label are left alone. `done` gets the record with its new state (stored), and what could not be deleted.
    struct Removal {
        WorkflowRecord record;
        std::vector<std::string> deleted;   // "Deployment web"
        std::vector<std::string> problems;
    };
    void remove_objects(WorkflowRecord record, const std::function<bool(const DeployedNode&)>& chosen,
                        base::UniqueFunction<void(base::Result<Removal>)> done);

    [[nodiscard]] bool busy(const std::string& workflow_id) const { return active_.contains(workflow_id); }

private:
    // False: `done` has been told that another run is under way.
    [[nodiscard]] bool claim(const std::string& workflow_id, RunDone& done);

    friend class RunTask;
    friend class RemoveTask;

    Ports ports_;
    std::set<std::string> active_;
    Lifetime lifetime_;
};

}  // namespace hub
