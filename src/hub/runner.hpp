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

    // conflict while another run of this workflow is under way. `secrets` and `env` come from trigger_data.
    void run(WorkflowRecord record, ValuesByNode secrets, ValuesByNode env, std::string triggered_by,
             base::UniqueFunction<void(base::Result<RunOutcome>)> done);

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
    friend class RunTask;
    friend class RemoveTask;

    Ports ports_;
    std::set<std::string> active_;
    Lifetime lifetime_;
};

}  // namespace hub
