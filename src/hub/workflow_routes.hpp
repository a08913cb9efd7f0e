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

private:
    using Loaded = base::UniqueFunction<void(WorkflowRecord)>;

    void list(const Writer& writer);
    void create(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void get(std::string id, const Writer& writer);
    void put(std::string id, const net::ServerRequest& request, const Writer& writer);
    void try_put(std::string id, Json body, std::string if_match, int tries, const Writer& writer);
    void remove(std::string id, const Writer& writer);
    void clone(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer);
    void put_status(std::string id, const net::ServerRequest& request, const Writer& writer);
    void archive(WorkflowRecord record, const Writer& writer);
    void save(std::string id, const net::ServerRequest& request, const Writer& writer);
    void save_removing(WorkflowRecord record, const Writer& writer);
    void run(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer);
    // What keeps it from running: plugins that are not enabled, and what is not filled in.
    [[nodiscard]] std::vector<Problem> problems_of(const WorkflowRecord& record) const;
    void tell_of_run(const std::string& caller_id, const RunOutcome& outcome);
    void runs(std::string id, std::string_view query, const Writer& writer);
    void problems(std::string id, const Writer& writer);
    void stream(std::string id, const Writer& writer);

    // Answers the error itself when it cannot be loaded.
    void with_workflow(std::string id, const Writer& writer, Loaded then);
    void store_document(WorkflowRecord record, const Writer& writer, Loaded then);
    [[nodiscard]] Json new_document(const User& caller, std::string name, std::string description) const;
    void send_workflow(net::ResponseWriter& writer, int status, const WorkflowRecord& record) const;

    Services& services_;
    Lifetime lifetime_;
};

}  // namespace hub
