// WorkflowRepository: workflows in the DocumentStore. A workflow is two documents: what people edit ("workflows", its revision
// is the ETag) and what runs leave behind ("workflow_states": counters, deployed objects), so that a run never makes an
// editor's revision stale. The number of the newest version is a third, "version_heads", for the same reason.
//
//   repository.load(id, [](base::Result<WorkflowRecord> record) { ... });
//   repository.save_document(record, record.revision, [](base::Result<std::int64_t> revision) { ... });
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/document_store.hpp"
#include "hub/json_text.hpp"
#include "hub/lifetime.hpp"
#include "hub/node_kinds.hpp"

namespace hub {

// An object that a run has put, or will put, into the cluster.
struct DeployedNode {
    std::string node_id = {};
    NodeKind kind = NodeKind::deployment;
    std::string ns = {};
    std::string name = {};
    bool applied = false;
    bool stale = false;  // its node is gone from the workflow; the object is still to be deleted
    std::string error = {};  // why the last run could not apply it

    [[nodiscard]] bool same_object(const DeployedNode& other) const {
        return kind == other.kind && ns == other.ns && name == other.name;
    }
};

// A run that has begun. One that is found when the hub starts was cut off: the tab was closed, the server killed.
struct PendingRun {
    std::string id;                 // empty: there is none
    std::int64_t started_ms = 0;    // unix
    std::string triggered_by;
    std::string caller_id;
    std::int64_t revision = 0;      // of the workflow that is being applied
    bool repeatable = false;        // no values came with it, which are kept nowhere
    int attempts = 0;
};

struct WorkflowState {
    PendingRun pending;
    std::int64_t run_count = 0;
    std::int64_t success_count = 0;
    std::int64_t failure_count = 0;
    std::string last_run_at;
    std::vector<DeployedNode> deployed;
};

struct WorkflowRecord {
    std::string id;
    std::int64_t revision = 0;
    Json document = Json::object();  // name, description, cluster_id, status, nodes, edges, ... as on the wire
    WorkflowState state;
    std::int64_t version = 0;  // the newest that was kept (hub/versions.hpp); 0: there is none

    [[nodiscard]] const Json& nodes() const { return array_at(document, "nodes"); }
    [[nodiscard]] const Json& edges() const { return array_at(document, "edges"); }
    [[nodiscard]] std::string name() const { return text_at(document, "name"); }
    // The contract's Workflow, and `revision` besides.
    [[nodiscard]] Json to_wire() const;
};

// A draft with no nodes and no description.
[[nodiscard]] Json new_workflow_document(const std::string& owner_id, std::string name, std::string cluster, std::int64_t unix_ms);

class WorkflowRepository {
public:
    using RecordDone = base::UniqueFunction<void(base::Result<WorkflowRecord>)>;
    using RevisionDone = base::UniqueFunction<void(base::Result<std::int64_t>)>;

    explicit WorkflowRepository(DocumentStore& store) : store_(store) {}

    void load(std::string id, RecordDone done);
    void list(base::UniqueFunction<void(base::Result<std::vector<WorkflowRecord>>)> done);
    void save_document(const WorkflowRecord& record, std::int64_t expected_revision, RevisionDone done);
    void save_state(const WorkflowRecord& record, RevisionDone done);
    // The document, its state, its runs and its versions.
    void remove(std::string id, base::UniqueFunction<void(base::Result<void>)> done);

    void save_run(std::string workflow_id, const Json& run, RevisionDone done);
    // One that is stored already, with more in it: nothing else is read or dropped for it.
    void update_run(const std::string& workflow_id, const Json& run, RevisionDone done);
    // Newest first, `limit` at most.
    void runs(std::string workflow_id, std::size_t limit, base::UniqueFunction<void(base::Result<std::vector<Json>>)> done);

private:
    DocumentStore& store_;
    Lifetime lifetime_;
};

}  // namespace hub
