#include "hub/workflow_repository.hpp"

#include <algorithm>

#include "base/time_text.hpp"

namespace hub {

namespace {

constexpr std::size_t kKeptRuns = 100;  // per workflow; the contract's largest page

std::string runs_collection(std::string_view workflow_id) { return "runs:" + std::string(workflow_id); }

WorkflowState state_from_json(const Json& json) {
    WorkflowState state;
    state.run_count = number_at(json, 0, "run_count");
    state.success_count = number_at(json, 0, "success_count");
    state.failure_count = number_at(json, 0, "failure_count");
    state.last_run_at = text_at(json, "last_run_at");
    const Json& pending = object_at(json, "pending");
    state.pending = {text_at(pending, "id"),
                     number_at(pending, 0, "started_ms"),
                     text_at(pending, "triggered_by"),
                     text_at(pending, "caller_id"),
                     number_at(pending, 0, "revision"),
                     flag_at(pending, "repeatable"),
                     static_cast<int>(std::clamp<std::int64_t>(number_at(pending, 0, "attempts"), 0, 1000))};
    for (const Json& entry : array_at(json, "deployed")) {
        const auto kind = node_kind_from_type(text_at(entry, "type"));
        if (!kind) continue;
        state.deployed.push_back({text_at(entry, "node_id"), *kind, text_at(entry, "namespace"), text_at(entry, "name"),
                                  flag_at(entry, "applied"), flag_at(entry, "stale"), text_at(entry, "error")});
    }
    return state;
}

Json state_to_json(const WorkflowState& state) {
    Json deployed = Json::array();
    for (const DeployedNode& node : state.deployed) {
        deployed.push_back({{"node_id", node.node_id},
                            {"type", info_of(node.kind).type},
                            {"namespace", node.ns},
                            {"name", node.name},
                            {"applied", node.applied},
                            {"stale", node.stale},
                            {"error", node.error}});
    }
    Json json = {{"run_count", state.run_count},
                 {"success_count", state.success_count},
                 {"failure_count", state.failure_count},
                 {"last_run_at", state.last_run_at},
                 {"deployed", std::move(deployed)}};
    if (!state.pending.id.empty()) {
        json["pending"] = {{"id", state.pending.id},
                           {"started_ms", state.pending.started_ms},
                           {"triggered_by", state.pending.triggered_by},
                           {"caller_id", state.pending.caller_id},
                           {"revision", state.pending.revision},
                           {"repeatable", state.pending.repeatable},
                           {"attempts", state.pending.attempts}};
    }
    return json;
}

base::Result<Json> read_document(const Document& document) {
    auto json = base::parse_json(document.json);
    if (!json || !json->is_object()) {
        return base::fail(base::ErrorCode::internal, "The stored document " + document.id + " cannot be read.");
    }
    return json;
}

base::Result<WorkflowRecord> make_record(const Document& document, const Document* state) {
    auto json = read_document(document);
    if (!json) return base::fail(json.error());
    WorkflowRecord record;
    record.id = document.id;
    record.revision = document.revision;
    record.document = std::move(*json);
    if (state) {
        if (auto state_json = read_document(*state)) record.state = state_from_json(*state_json);
    }
    return record;
}

std::int64_t version_of(const Document& head) {
    const auto json = read_document(head);
    return json ? number_at(*json, 0, "current") : 0;
}

const Document* find_document(const std::vector<Document>& documents, std::string_view id) {
    const auto found = std::find_if(documents.begin(), documents.end(), [&](const Document& document) { return document.id == id; });
    return found == documents.end() ? nullptr : &*found;
}

}  // namespace

Json WorkflowRecord::to_wire() const {
    Json wire = document;
    wire["id"] = id;
    wire["revision"] = revision;
    wire["run_count"] = state.run_count;
    wire["success_count"] = state.success_count;
    wire["failure_count"] = state.failure_count;
    if (version > 0) wire["current_version"] = version;
    if (!state.last_run_at.empty()) wire["last_run_at"] = state.last_run_at;
    return wire;
}

Json new_workflow_document(const std::string& owner_id, std::string name, std::string cluster, std::int64_t unix_ms) {
    const std::string now = base::format_rfc3339_millis(unix_ms);
    return {{"name", std::move(name)},
            {"description", ""},
            {"cluster_id", std::move(cluster)},
            {"status", "draft"},
            {"tags", Json::array()},
            {"nodes", Json::array()},
            {"edges", Json::array()},
            {"versions", Json::array()},
            {"current_version", 1},
            {"owner_id", owner_id},
            {"team_id", ""},
            {"created_at", now},
            {"updated_at", now}};
}

void WorkflowRepository::load(std::string id, RecordDone done) {
    store_.get("workflows", id,
               lifetime_.guard([this, id, done = std::move(done)](base::Result<Document> document) mutable {
                   if (!document) {
                       if (document.error().code == base::ErrorCode::not_found) {
                           document.error().message = "There is no workflow " + id + ".";
                       }
                       return done(base::fail(document.error()));
                   }
                   store_.get("workflow_states", id, lifetime_.guard([this, document = std::move(*document), done = std::move(done)](base::Result<Document> state) mutable {
                       if (!state && state.error().code != base::ErrorCode::not_found) return done(base::fail(state.error()));
                       auto record = make_record(document, state ? &*state : nullptr);
                       if (!record) return done(std::move(record));
                       store_.get("version_heads", record->id, [record = std::move(*record), done = std::move(done)](base::Result<Document> head) mutable {
                           if (!head && head.error().code != base::ErrorCode::not_found) return done(base::fail(head.error()));
                           if (head) record.version = version_of(*head);
                           done(std::move(record));
                       });
                   }));
               }));
}

void WorkflowRepository::list(base::UniqueFunction<void(base::Result<std::vector<WorkflowRecord>>)> done) {
    store_.list("workflows", lifetime_.guard([this, done = std::move(done)](
                                                 base::Result<std::vector<Document>> documents) mutable {
        if (!documents) return done(base::fail(documents.error()));
        store_.list("workflow_states", lifetime_.guard([this, documents = std::move(*documents), done = std::move(done)](base::Result<std::vector<Document>> states) mutable {
            if (!states) return done(base::fail(states.error()));
            std::vector<WorkflowRecord> records;
            for (const Document& document : documents) {
                auto record = make_record(document, find_document(*states, document.id));
                if (record) records.push_back(std::move(*record));  // one broken document does not hide the others
            }
            store_.list("version_heads", [records = std::move(records), done = std::move(done)](base::Result<std::vector<Document>> heads) mutable {
                if (!heads) return done(base::fail(heads.error()));
                for (WorkflowRecord& record : records) {
                    if (const Document* head = find_document(*heads, record.id)) record.version = version_of(*head);
                }
                done(std::move(records));
            });
        }));
    }));
}

void WorkflowRepository::save_document(const WorkflowRecord& record, std::int64_t expected_revision, RevisionDone done) {
    store_.put("workflows", record.id, dump_json(record.document), expected_revision, std::move(done));
}

void WorkflowRepository::save_state(const WorkflowRecord& record, RevisionDone done) {
    store_.put("workflow_states", record.id, dump_json(state_to_json(record.state)), DocumentStore::kAnyRevision,
               std::move(done));
}

void WorkflowRepository::remove(std::string id, base::UniqueFunction<void(base::Result<void>)> done) {
    store_.remove("workflow_states", id, DocumentStore::kAnyRevision, [](base::Result<void>) {});
    store_.remove("version_heads", id, DocumentStore::kAnyRevision, [](base::Result<void>) {});
    for (const std::string& collection : {runs_collection(id), "versions:" + id, "version_graphs:" + id}) {
        store_.list(collection, lifetime_.guard([this, collection](base::Result<std::vector<Document>> documents) {
            if (!documents) return;
            for (const Document& document : *documents) store_.remove(collection, document.id, DocumentStore::kAnyRevision, [](base::Result<void>) {});
        }));
    }
    store_.remove("workflows", id, DocumentStore::kAnyRevision, std::move(done));
}

void WorkflowRepository::save_run(std::string workflow_id, const Json& run, RevisionDone done) {
    const std::string collection = runs_collection(workflow_id);
    store_.put(collection, text_at(run, "id"), dump_json(run), DocumentStore::kAnyRevision, std::move(done));
    store_.list(collection, lifetime_.guard([this, collection](base::Result<std::vector<Document>> runs) {
        if (!runs || runs->size() <= kKeptRuns) return;
        // Ids sort by time.
        for (std::size_t i = 0; i + kKeptRuns < runs->size(); ++i) {
            store_.remove(collection, (*runs)[i].id, DocumentStore::kAnyRevision, [](base::Result<void>) {});
        }
    }));
}

void WorkflowRepository::update_run(const std::string& workflow_id, const Json& run, RevisionDone done) {
    store_.put(runs_collection(workflow_id), text_at(run, "id"), dump_json(run), DocumentStore::kAnyRevision, std::move(done));
}

void WorkflowRepository::runs(std::string workflow_id, std::size_t limit,
                              base::UniqueFunction<void(base::Result<std::vector<Json>>)> done) {
    store_.list(runs_collection(workflow_id),
                [limit, done = std::move(done)](base::Result<std::vector<Document>> documents) mutable {
                    if (!documents) return done(base::fail(documents.error()));
                    std::vector<Json> runs;
                    for (const Document& document : *documents) {
                        if (auto run = read_document(document)) runs.push_back(std::move(*run));
                    }
                    std::stable_sort(runs.begin(), runs.end(), [](const Json& a, const Json& b) {
                        return number_at(a, 0, "number") > number_at(b, 0, "number");
                    });
                    if (runs.size() > limit) runs.resize(limit);
                    done(std::move(runs));
                });
}

}  // namespace hub
