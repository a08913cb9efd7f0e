// /workflows: create, read, change, clone, publish, save, run, runs, status stream (contracts: KubeOrch core, "Workflows").
//
// Saving never touches the cluster, with the contract's two exceptions: POST /save deletes the objects of nodes it removes,
// and archiving or deleting a workflow deletes what it deployed.
#pragma once

#include "hub/services.hpp"
#include "hub/workflow_rules.hpp"

namespace hub {

class WorkflowRoutes {
public:
    explicit WorkflowRoutes(Services& services) : services_(services) {}
    void add_routes(net::Router& router);

    // A new published workflow from {"name", "description", "nodes", "edges"}; for the sample.
    [[nodiscard]] base::Result<WorkflowRecord> make_sample(std::string_view json) const;
    // At the start: runs that the end of the former hub cut off are finished if that is sound (Runner::may_repeat), else recorded as failed.
    void end_cut_off_runs();

private:
    using Loaded = base::UniqueFunction<void(WorkflowRecord)>;

    void list(const Writer& writer);
    void create(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void get(std::string id, const Writer& writer);
    void put(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer);
    void try_put(const User& caller, std::string id, Json body, std::string if_match, int tries, const Writer& writer);
    void remove(const User& caller, std::string id, const Writer& writer);
    void clone(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer);
    void put_status(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer);
    void archive(const User& caller, WorkflowRecord record, const Writer& writer);
    void save(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer);
    void save_removing(const User& caller, WorkflowRecord record, const Writer& writer);
    void run(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer);
    // What keeps it from running: plugins that are not enabled, and what is not filled in.
    [[nodiscard]] std::vector<Problem> problems_of(const WorkflowRecord& record, const std::string& default_namespace) const;
    void end_cut_off_run(WorkflowRecord record);
    void tell_of_run(const std::string& caller_id, const RunOutcome& outcome);
    void runs(std::string id, std::string_view query, const Writer& writer);
    void problems(const User& caller, std::string id, const Writer& writer);
    void stream(const User& caller, std::string id, const Writer& writer);

    // Answers the error itself when it cannot be loaded.
    void with_workflow(std::string id, const Writer& writer, Loaded then);
    void store_document(WorkflowRecord record, const Writer& writer, Loaded then);
    // Its graph is a version then, if it was none; `then` gets the record with that number.
    void keep_version(WorkflowRecord record, const std::string& by, const Writer& writer, Loaded then);
    void start_run(const User& caller, WorkflowRecord record, Runner::Trigger given, const Writer& writer);
    // Removes what `chosen` picks from the workflow's cluster. A workflow whose cluster is gone has nothing to remove it from: then
    // `done` gets the record as it is.
    void remove_objects(const User& caller, WorkflowRecord record, const std::function<bool(const DeployedNode&)>& chosen, const Writer& writer,
                        base::UniqueFunction<void(Runner::Removal)> done);
    // Another cluster, for a workflow that has nothing in its present one.
    [[nodiscard]] base::Result<void> move_to_cluster(const User& caller, const Json& body, WorkflowRecord& record);
    void send_workflow(net::ResponseWriter& writer, int status, const WorkflowRecord& record) const;

    Services& services_;
    std::vector<Writer> without_cluster_;  // status streams of workflows whose cluster cannot be reached
    Lifetime lifetime_;
};

}  // namespace hub
