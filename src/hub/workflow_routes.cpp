#include "hub/workflow_routes.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "hub/entity_tag.hpp"
#include "hub/version_routes.hpp"
#include "wire/json_reader.hpp"
#include "wire/sse_writer.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kMaxDescriptionBytes = 10'000;
constexpr int kSaveTries = 3;

std::vector<std::string> describe(const std::vector<Problem>& problems) {
    std::vector<std::string> lines;
    for (const Problem& problem : problems) lines.push_back(problem.path + ": " + problem.message);
    return lines;
}

bool send_problems(net::ResponseWriter& writer, std::string_view what, const std::vector<Problem>& problems) {
    if (problems.empty()) return false;
    const std::vector<std::string> lines = describe(problems);
    std::string message = std::string(what) + ": " + lines.front();
    if (lines.size() > 1) message += " (and " + std::to_string(lines.size() - 1) + " more)";
    send_error(writer, 400, message, lines);
    return true;
}

std::optional<std::string> bad_name(std::string_view name) {
    if (base::trim(name).empty()) return "name: is empty";
    if (name.size() > kMaxNameBytes) return "name: is longer than " + std::to_string(kMaxNameBytes) + " bytes";
    return std::nullopt;
}

// Moves what the body may change into the document. Answers the problems, all with their paths.
std::vector<std::string> apply_fields(const Json& body, Json& document) {
    wire::JsonErrors errors;
    const wire::JsonReader fields(body, errors);
    const auto name = fields.optional_string("name");
    const auto description = fields.optional_string("description");
    const auto status = fields.optional_string("status");
    std::vector<std::string> problems;
    for (const auto& issue : errors.issues()) problems.push_back(issue.path + ": " + issue.message);
    if (name) {
        if (auto problem = bad_name(*name)) problems.push_back(*problem);
    }
    if (description && description->size() > kMaxDescriptionBytes) problems.push_back("description: is too long");
    if (status && *status != "draft" && *status != "published" && *status != text_at(document, "status")) {
        problems.push_back("status: expected one of draft, published; archive by PUT /workflows/:id/status");
    }
    const Json& nodes = body.contains("nodes") ? body["nodes"] : array_at(document, "nodes");
    const Json& edges = body.contains("edges") ? body["edges"] : array_at(document, "edges");
    const bool graph_given = body.contains("nodes") || body.contains("edges");
    if (graph_given) {
        for (std::string& line : describe(check_structure(nodes, edges))) problems.push_back(std::move(line));
    }
    if (!problems.empty()) return problems;
    if (name) document["name"] = std::string(base::trim(*name));
    if (description) document["description"] = *description;
    if (status) document["status"] = *status;
    if (graph_given) {
        Json stored_edges = edges;
        document["nodes"] = without_transient_data(nodes);
        document["edges"] = std::move(stored_edges);
    }
    return {};
}

bool send_field_problems(net::ResponseWriter& writer, const std::vector<std::string>& problems) {
    if (problems.empty()) return false;
    std::string message = "The workflow is not valid: " + problems.front();
    if (problems.size() > 1) message += " (and " + std::to_string(problems.size() - 1) + " more)";
    send_error(writer, 400, message, problems);
    return true;
}

// trigger_data.secrets and .envVars: {node id: {key: value}}.
ValuesByNode read_values(const wire::JsonReader& values) {
    ValuesByNode result;
    if (!values) return result;
    for (const std::string_view node : values.keys()) result[std::string(node)] = values.string_map(node);
    return result;
}

}  // namespace

void WorkflowRoutes::add_routes(net::Router& router) {
    const auto by_id = [&](const char* method, const std::string& path, auto handle, TokenFrom from = TokenFrom::header) {
        services_.route(router, method, "/workflows/:id" + path,
                        [handle](const User& caller, net::RoutedRequest routed, const Writer& writer) mutable {
                            handle(caller, std::string(routed.param("id")), routed, writer);
                        },
                        from);
    };
    using Routed = net::RoutedRequest;
    services_.route(router, "GET", "/workflows", [this](const User&, Routed, const Writer& writer) { list(writer); });
    services_.route(router, "POST", "/workflows", [this](const User& caller, Routed routed, const Writer& writer) { create(caller, routed.request, writer); });
    by_id("GET", "", [this](const User&, std::string id, Routed&, const Writer& writer) { get(id, writer); });
    by_id("PUT", "", [this](const User& caller, std::string id, Routed& routed, const Writer& writer) { put(caller, id, routed.request, writer); });
    by_id("DELETE", "", [this](const User& caller, std::string id, Routed&, const Writer& writer) { remove(caller, id, writer); });
    by_id("POST", "/clone", [this](const User& caller, std::string id, Routed& routed, const Writer& writer) { clone(caller, id, routed.request, writer); });
    by_id("PUT", "/status", [this](const User& caller, std::string id, Routed& routed, const Writer& writer) { put_status(caller, id, routed.request, writer); });
    by_id("POST", "/save", [this](const User& caller, std::string id, Routed& routed, const Writer& writer) { save(caller, id, routed.request, writer); });
    by_id("POST", "/run", [this](const User& caller, std::string id, Routed& routed, const Writer& writer) { run(caller, id, routed.request, writer); });
    by_id("GET", "/runs", [this](const User&, std::string id, Routed& routed, const Writer& writer) { runs(id, routed.query(), writer); });
    by_id("GET", "/problems", [this](const User& caller, std::string id, Routed&, const Writer& writer) { problems(caller, id, writer); });
    by_id("GET", "/status/stream", [this](const User& caller, std::string id, Routed&, const Writer& writer) { stream(caller, id, writer); },
          TokenFrom::header_or_query);
}

void WorkflowRoutes::with_workflow(std::string id, const Writer& writer, Loaded then) {
    services_.repository.load(std::move(id), lifetime_.guard([writer, then = std::move(then)](base::Result<WorkflowRecord> record) mutable {
        if (!record) return send_error(*writer, record.error());
        then(std::move(*record));
    }));
}

void WorkflowRoutes::store_document(WorkflowRecord record, const Writer& writer, Loaded then) {
    record.document["updated_at"] = base::format_rfc3339_millis(services_.ports.scheduler.clock().unix_ms());
    services_.repository.save_document(record, record.revision,
                                       lifetime_.guard([record, writer, then = std::move(then)](base::Result<std::int64_t> revision) mutable {
                                           if (!revision) return send_error(*writer, revision.error());
                                           record.revision = *revision;
                                           then(std::move(record));
                                       }));
}

void WorkflowRoutes::keep_version(WorkflowRecord record, const std::string& by, const Writer& writer, Loaded then) {
    services_.versions.ensure(record, {.by = by, .automatic = true}, lifetime_.guard([record, writer, then = std::move(then)](base::Result<Json> version) mutable {
        if (!version) return send_error(*writer, version.error());
        record.version = number_at(*version, record.version, "version");
        then(std::move(record));
    }));
}

void WorkflowRoutes::send_workflow(net::ResponseWriter& writer, int status, const WorkflowRecord& record) const {
    send_json(writer, status, record.to_wire(), {{"etag", etag_of(record.revision)}});
}

base::Result<WorkflowRecord> WorkflowRoutes::make_sample(std::string_view json) const {
    const auto sample = base::parse_json(json);
    if (!sample || !sample->is_object()) return base::fail(base::ErrorCode::invalid_argument, "The sample workflow is no JSON object.");
    WorkflowRecord record;
    record.id = base::make_id(services_.ports.random, services_.ports.scheduler.clock().unix_ms());
    record.document = new_workflow_document("local", "Sample", services_.options.cluster_name, services_.ports.scheduler.clock().unix_ms());
    const auto problems = apply_fields(*sample, record.document);
    if (!problems.empty()) return base::fail(base::ErrorCode::invalid_argument, "The sample workflow is not valid: " + problems.front());
    record.document["status"] = "published";
    return record;
}

void WorkflowRoutes::list(const Writer& writer) {
    services_.repository.list(lifetime_.guard([writer](base::Result<std::vector<WorkflowRecord>> records) {
        if (!records) return send_error(*writer, records.error());
        Json workflows = Json::array();
        for (const WorkflowRecord& record : *records) workflows.push_back(record.to_wire());
        send_json(*writer, 200, {{"workflows", std::move(workflows)}});
    }));
}

void WorkflowRoutes::create(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    wire::JsonErrors errors;
    const wire::JsonReader fields(*body, errors);
    const std::string name = fields.string("name");
    std::string cluster = fields.string_or("cluster_id", "default");
    if (!errors.empty()) return send_error(*writer, errors.to_error());
    if (cluster.empty() || cluster == "default") cluster = services_.clusters.default_entry().record.name;
    if (const auto known = services_.clusters.visible(caller, cluster); !known) return send_error(*writer, 400, known.error().message);
    WorkflowRecord record;
    record.id = base::make_id(services_.ports.random, services_.ports.scheduler.clock().unix_ms());
    record.document = new_workflow_document(caller.id, name, cluster, services_.ports.scheduler.clock().unix_ms());
    if (send_field_problems(*writer, apply_fields(*body, record.document))) return;
    services_.repository.save_document(record, DocumentStore::kMustNotExist,
                                       lifetime_.guard([record, writer](base::Result<std::int64_t> revision) mutable {
        if (!revision) return send_error(*writer, revision.error());
        record.revision = *revision;
        const Json& document = record.document;
        send_json(*writer, 201,
                  {{"id", record.id},
                   {"message", "Workflow created"},
                   {"workflow",
                    {{"id", record.id},
                     {"name", document["name"]},
                     {"description", document["description"]},
                     {"status", document["status"]},
                     {"created_at", document["created_at"]},
                     {"revision", record.revision}}}},
                  {{"etag", etag_of(record.revision)}});
    }));
}

void WorkflowRoutes::get(std::string id, const Writer& writer) {
    with_workflow(std::move(id), writer, [this, writer](WorkflowRecord record) { send_workflow(*writer, 200, record); });
}

void WorkflowRoutes::put(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer) {
    auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    try_put(caller, std::move(id), std::move(*body), std::string(request.headers.get("if-match")), kSaveTries, writer);
}

void WorkflowRoutes::try_put(const User& caller, std::string id, Json body, std::string if_match, int tries, const Writer& writer) {
    with_workflow(id, writer, [this, caller, id, body = std::move(body), if_match = std::move(if_match), tries, writer](WorkflowRecord record) mutable {
        if (!if_match_holds(if_match, record.revision)) {
            return send_json(*writer, 412,
                             {{"error", "The workflow was changed elsewhere."}, {"revision", record.revision}, {"workflow", record.to_wire()}},
                             {{"etag", etag_of(record.revision)}});
        }
        if (send_field_problems(*writer, apply_fields(body, record.document))) return;
        if (const auto moved = move_to_cluster(caller, body, record); !moved) return send_error(*writer, moved.error());
        record.document["updated_at"] = base::format_rfc3339_millis(services_.ports.scheduler.clock().unix_ms());
        services_.repository.save_document(record, record.revision, lifetime_.guard(
            [this, caller, id, body = std::move(body), if_match = std::move(if_match), tries, writer, record](base::Result<std::int64_t> revision) mutable {
                if (!revision && revision.error().code == base::ErrorCode::conflict && tries > 1) {
                    // Somebody was faster: again on what is there now; If-Match decides then.
                    return try_put(caller, std::move(id), std::move(body), std::move(if_match), tries - 1, writer);
                }
                if (!revision) return send_error(*writer, revision.error());
                record.revision = *revision;
                send_workflow(*writer, 200, record);
            }));
    });
}

void WorkflowRoutes::remove_objects(const User& caller, WorkflowRecord record, const std::function<bool(const DeployedNode&)>& chosen, const Writer& writer,
                                    base::UniqueFunction<void(Runner::Removal)> done) {
    const std::string cluster = text_at(record.document, "cluster_id");
    const auto& deployed = record.state.deployed;
    if ((!cluster.empty() && !services_.clusters.find(cluster)) || std::none_of(deployed.begin(), deployed.end(), chosen)) {
        return done({.record = std::move(record), .deleted = {}, .problems = {}});
    }
    const auto link = services_.clusters.reach_for(caller, record, ClusterUse::run);
    if (!link) return send_error(*writer, link.error());
    (*link)->runner.remove_objects(std::move(record), chosen, lifetime_.guard([writer, done = std::move(done)](base::Result<Runner::Removal> removal) mutable {
        if (!removal) return send_error(*writer, removal.error());
        done(std::move(*removal));
    }));
}

base::Result<void> WorkflowRoutes::move_to_cluster(const User& caller, const Json& body, WorkflowRecord& record) {
    const std::string wanted = text_at(body, "cluster_id");
    const std::string now = text_at(record.document, "cluster_id");
    if (wanted.empty() || wanted == now) return {};
    const auto target = services_.clusters.visible(caller, wanted);
    if (!target) return base::fail(base::ErrorCode::invalid_argument, "cluster_id: " + target.error().message);
    if (services_.clusters.find(now) && !record.state.deployed.empty()) {
        return base::fail(base::ErrorCode::conflict, "The workflow has objects in the cluster \"" + now + "\".", "Archive it first, which deletes them, or clone it onto the other cluster");
    }
    record.document["cluster_id"] = wanted;
    record.state.deployed.clear();
    services_.repository.save_state(record, [](base::Result<std::int64_t>) {});
    return {};
}

void WorkflowRoutes::remove(const User& caller, std::string id, const Writer& writer) {
    with_workflow(id, writer, [this, caller, writer](WorkflowRecord record) {
        remove_objects(caller, std::move(record), [](const DeployedNode&) { return true; }, writer, [this, writer](Runner::Removal removal) {
            if (!removal.problems.empty()) {
                return send_error(*writer, 502, "The workflow is kept: not all of its objects could be deleted.", removal.problems);
            }
            const std::string workflow_id = removal.record.id;
            services_.clusters.forget_workflow(workflow_id);
            services_.runs.drop(workflow_id);
            services_.repository.remove(workflow_id, lifetime_.guard([this, writer, record = removal.record, deleted = removal.deleted](base::Result<void> removed) {
                if (!removed) return send_error(*writer, removed.error());
                services_.news.project_removed(record, true);
                send_json(*writer, 200, {{"message", "Workflow deleted"}, {"deleted_objects", deleted}});
            }));
        });
    });
}

void WorkflowRoutes::clone(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    wire::JsonErrors errors;
    const auto name = wire::JsonReader(*body, errors).optional_string("name");
    const auto target = wire::JsonReader(*body, errors).optional_string("cluster_id");  // ours: a copy for another cluster
    if (!errors.empty()) return send_error(*writer, errors.to_error());
    if (name) {
        if (auto problem = bad_name(*name)) return send_error(*writer, 400, *problem);
    }
    with_workflow(std::move(id), writer, [this, caller, name, target, writer](WorkflowRecord record) {
        WorkflowRecord copy;
        copy.id = base::make_id(services_.ports.random, services_.ports.scheduler.clock().unix_ms());
        std::string cluster = target ? *target : text_at(record.document, "cluster_id");
        if (const auto known = services_.clusters.visible(caller, cluster); !known) {
            if (target) return send_error(*writer, 400, "cluster_id: " + known.error().message);
            cluster = services_.clusters.default_entry().record.name;
        }
        copy.document = new_workflow_document(caller.id, name.value_or(record.name() + " (copy)"), std::move(cluster), services_.ports.scheduler.clock().unix_ms());
        copy.document["description"] = text_at(record.document, "description");
        copy.document["nodes"] = record.nodes();
        copy.document["edges"] = record.edges();
        services_.repository.save_document(copy, DocumentStore::kMustNotExist, lifetime_.guard([copy, writer](base::Result<std::int64_t> revision) mutable {
            if (!revision) return send_error(*writer, revision.error());
            copy.revision = *revision;
            send_json(*writer, 201, {{"id", copy.id}, {"message", "Workflow cloned"}, {"workflow", copy.to_wire()}},
                      {{"etag", etag_of(copy.revision)}});
        }));
    });
}

void WorkflowRoutes::put_status(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    wire::JsonErrors errors;
    const std::string status = wire::JsonReader(*body, errors).string("status");
    if (!errors.empty()) return send_error(*writer, errors.to_error());
    if (status != "draft" && status != "published" && status != "archived") {
        return send_error(*writer, 400, "status: expected one of draft, published, archived");
    }
    with_workflow(std::move(id), writer, [this, caller, status, writer](WorkflowRecord record) {
        record.document["status"] = status;
        if (status == "archived") return archive(caller, std::move(record), writer);
        store_document(std::move(record), writer, [this, by = words_for(caller), status, writer](WorkflowRecord stored) {
            const auto answer = [status, writer](const WorkflowRecord& now) {
                send_json(*writer, 200, {{"message", "The workflow is now " + status}, {"revision", now.revision}}, {{"etag", etag_of(now.revision)}});
            };
            if (status != "published" || stored.nodes().empty()) return answer(stored);
            keep_version(std::move(stored), by, writer, answer);
        });
    });
}

void WorkflowRoutes::archive(const User& caller, WorkflowRecord record, const Writer& writer) {
    remove_objects(caller, std::move(record), [](const DeployedNode&) { return true; }, writer, [this, writer](Runner::Removal removal) {
        store_document(removal.record, writer, [this, writer, problems = removal.problems](WorkflowRecord stored) {
            services_.news.project_removed(stored, false);
            Json answer = {{"message", "The workflow is archived, its objects are deleted"}, {"revision", stored.revision}};
            if (!problems.empty()) answer["warning"] = "Not all objects could be deleted: " + base::join(problems, "; ");
            send_json(*writer, 200, answer, {{"etag", etag_of(stored.revision)}});
        });
    });
}

void WorkflowRoutes::save(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer) {
    auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    for (const char* needed : {"nodes", "edges"}) {
        if (!body->contains(needed)) return send_error(*writer, 400, std::string(needed) + ": required");
    }
    body->erase("status");
    with_workflow(std::move(id), writer, [this, caller, body = std::move(*body), writer](WorkflowRecord record) mutable {
        if (send_field_problems(*writer, apply_fields(body, record.document))) return;
        save_removing(caller, std::move(record), writer);
    });
}

// Contract: a removed node's deployed object goes with it.
void WorkflowRoutes::save_removing(const User& caller, WorkflowRecord record, const Writer& writer) {
    std::set<std::string> kept;
    for (const Json& node : record.nodes()) kept.insert(text_at(node, "id"));
    const auto& deployed = record.state.deployed;
    const bool anything = std::any_of(deployed.begin(), deployed.end(), [&](const DeployedNode& node) { return !kept.contains(node.node_id); });
    const auto answer = [this, by = words_for(caller), writer](WorkflowRecord stored) {
        keep_version(std::move(stored), by, writer, [writer](const WorkflowRecord& kept) {
            send_json(*writer, 200, {{"message", "Workflow saved"}, {"workflow", kept.to_wire()}}, {{"etag", etag_of(kept.revision)}});
        });
    };
    store_document(std::move(record), writer, [this, caller, anything, kept = std::move(kept), answer, writer](WorkflowRecord stored) {
        if (!anything) return answer(std::move(stored));
        remove_objects(caller, std::move(stored), [&kept](const DeployedNode& node) { return !kept.contains(node.node_id); }, writer,
                       [answer, writer](Runner::Removal removal) {
            if (!removal.problems.empty()) {
                return send_error(*writer, 502, "The workflow is saved, but not all removed objects could be deleted.", removal.problems);
            }
            answer(std::move(removal.record));
        });
    });
}

void WorkflowRoutes::run(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    wire::JsonErrors errors;
    const wire::JsonReader trigger = wire::JsonReader(*body, errors).optional_object("trigger_data");
    ValuesByNode secrets;
    ValuesByNode env;
    if (trigger) {
        secrets = read_values(trigger.optional_object("secrets"));
        env = read_values(trigger.optional_object("envVars"));
    }
    if (!errors.empty()) return send_error(*writer, errors.to_error());
    const std::string by = caller.email.empty() ? caller.name : caller.email;
    with_workflow(std::move(id), writer, [this, caller, secrets = std::move(secrets), env = std::move(env), by, writer](WorkflowRecord record) mutable {
        if (text_at(record.document, "status") != "published") {
            return send_error(*writer, 400, "The workflow must be published before it can run.");
        }
        if (record.nodes().empty()) return send_error(*writer, 400, "The workflow has no nodes.");
        const auto link = services_.clusters.reach_for(caller, record, ClusterUse::run);
        if (!link) {
            if (link.error().code == base::ErrorCode::unavailable) services_.news.run_refused(text_at(record.document, "cluster_id"), record, link.error());
            return send_error(*writer, link.error());
        }
        if (send_problems(*writer, "The workflow cannot run", problems_of(record, (*link)->default_namespace))) return;
        Runner::Trigger given{.secrets = std::move(secrets), .env = std::move(env), .by = by, .caller_id = caller.id};
        // Another run is under way: the runner says so.
        if ((*link)->runner.busy(record.id)) return start_run(caller, std::move(record), std::move(given), writer);
        keep_version(std::move(record), by, writer, [this, caller, given = std::move(given), writer](WorkflowRecord kept) mutable { start_run(caller, std::move(kept), std::move(given), writer); });
    });
}

void WorkflowRoutes::start_run(const User& caller, WorkflowRecord record, Runner::Trigger given, const Writer& writer) {
    const auto link = services_.clusters.reach_for(caller, record, ClusterUse::run);
    if (!link) return send_error(*writer, link.error());
    ClusterLink& cluster = **link;
    if (!cluster.runner.busy(record.id)) services_.news.run_started(cluster.name, record);
    const WorkflowRecord asked = record;
    if (!cluster.runner.busy(record.id)) services_.runs.begin(record.id);
    cluster.runner.run(std::move(record), std::move(given), lifetime_.guard([this, &cluster, caller_id = caller.id, asked, writer](base::Result<RunOutcome> outcome) {
        if (!outcome) {
            if (outcome.error().code != base::ErrorCode::conflict) {
                services_.runs.drop(asked.id);
                services_.news.run_refused(cluster.name, asked, outcome.error());
            }
            return send_error(*writer, outcome.error());
        }
        const bool failed = !outcome->problems.empty();
        services_.versions.note_run(asked.id, asked.version, text_at(outcome->run, "id"), text_at(outcome->run, "status"));
        tell_of_run(caller_id, *outcome);
        services_.news.run_ended(cluster.name, *outcome);
        const auto* statuses = cluster.tracker.statuses_of(asked.id);
        services_.runs.end(outcome->run, statuses ? *statuses : std::map<std::string, Json>());
        cluster.tracker.linger(outcome->record);
        Json answer = {{"run_id", outcome->run["id"]},
                       {"status", outcome->run["status"]},
                       {"version", asked.version},
                       {"logs", outcome->run["logs"]},
                       {"node_states", outcome->run["node_states"]}};
        if (failed) {
            answer["error"] = "The run failed: " + outcome->problems.front();
            answer["details"] = outcome->problems;
        } else {
            answer["message"] = "All nodes are applied";
        }
        send_json(*writer, failed ? 500 : 200, answer);
    }));
}

void WorkflowRoutes::end_cut_off_runs() {
    services_.repository.list(lifetime_.guard([this](base::Result<std::vector<WorkflowRecord>> records) {
        if (!records) return;  // whoever asks for workflows hears of it
        for (WorkflowRecord& record : *records) {
            if (!record.state.pending.id.empty()) end_cut_off_run(std::move(record));
        }
    }));
}

void WorkflowRoutes::end_cut_off_run(WorkflowRecord record) {
    const std::string name = text_at(record.document, "cluster_id");
    const bool anywhere = name.empty() || name == "default";
    const Clusters::Entry* entry = anywhere ? &services_.clusters.default_entry() : services_.clusters.find(name);
    if (!entry || !entry->link) return;  // with the next run there, or with the cluster
    ClusterLink& cluster = *entry->link;
    auto done = lifetime_.guard([this, caller_id = record.state.pending.caller_id](base::Result<RunOutcome> outcome) {
        if (outcome) tell_of_run(caller_id, *outcome);
    });
    const bool repeat = cluster.runner.may_repeat(record) && problems_of(record, cluster.default_namespace).empty();
    if (repeat) cluster.runner.repeat(std::move(record), std::move(done));
    else cluster.runner.abandon(std::move(record), std::move(done));
}

std::vector<Problem> WorkflowRoutes::problems_of(const WorkflowRecord& record, const std::string& default_namespace) const {
    std::vector<Problem> problems = services_.plugins.check_enabled(record.nodes());
    for (Problem& problem : check_runnable(record.nodes(), record.edges(), default_namespace)) problems.push_back(std::move(problem));
    return problems;
}

void WorkflowRoutes::tell_of_run(const std::string& caller_id, const RunOutcome& outcome) {
    const bool failed = !outcome.problems.empty();
    const WorkflowRecord& record = outcome.record;
    std::string message = std::to_string(record.nodes().size()) + (record.nodes().size() == 1 ? " node is applied" : " nodes are applied");
    std::string link = "/workflows/" + record.id;
    if (failed) {
        message = outcome.problems.front();
        if (outcome.problems.size() > 1) message += " (and " + std::to_string(outcome.problems.size() - 1) + " more)";
        // To the node, if it is one's fault.
        for (const auto& [node_id, state] : object_at(outcome.run, "node_states").items()) {
            if (text_at(state, "state") != "failed") continue;
            link += "/nodes/" + base::percent_encode_segment(node_id);
            break;
        }
    }
    services_.tell_about_workflow(text_at(record.document, "owner_id"), caller_id,
                                  {.type = failed ? "workflow_failed" : "workflow_deployed",
                                   .title = record.name() + (failed ? ": the run failed" : " is deployed"),
                                   .message = std::move(message),
                                   .link = std::move(link),
                                   .ref_id = record.id});
}

void WorkflowRoutes::runs(std::string id, std::string_view query_text, const Writer& writer) {
    const auto query = base::parse_query(query_text);
    if (!query) return send_error(*writer, query.error());
    std::size_t limit = 20;
    if (query->has("limit")) {
        const auto value = base::parse_integer_in<int>(query->get("limit"), 1, 1'000'000);
        if (!value) return send_error(*writer, 400, "limit: expected a number from 1 to 100");
        limit = static_cast<std::size_t>(std::min(*value, 100));
    }
    with_workflow(std::move(id), writer, [this, limit, writer](WorkflowRecord record) {
        services_.repository.runs(record.id, limit, lifetime_.guard([writer](base::Result<std::vector<Json>> runs) {
            if (!runs) return send_error(*writer, runs.error());
            send_json(*writer, 200, {{"runs", *runs}});
        }));
    });
}

void WorkflowRoutes::problems(const User& caller, std::string id, const Writer& writer) {
    with_workflow(std::move(id), writer, [this, caller, writer](WorkflowRecord record) {
        const auto link = services_.clusters.reach_for(caller, record, ClusterUse::see);
        const std::string& ns = link ? (*link)->default_namespace : services_.options.default_namespace;
        Json list = Json::array();
        for (const Problem& problem : problems_of(record, ns)) {
            list.push_back({{"node_id", problem.node_id}, {"path", problem.path}, {"message", problem.message}});
        }
        send_json(*writer, 200, {{"problems", std::move(list)}});
    });
}

void WorkflowRoutes::stream(const User& caller, std::string id, const Writer& writer) {
    with_workflow(std::move(id), writer, [this, caller, writer](WorkflowRecord record) {
        const auto link = services_.clusters.reach_for(caller, record, ClusterUse::see);
        if (link) return (*link)->tracker.subscribe(record, writer);
        // Its cluster is gone or cannot be reached: an answer of 4xx or 5xx would look like trouble with the hub.
        writer->start(event_stream_head());
        writer->write(wire::sse_event("metadata", dump_json(record.to_wire())));
        writer->write(wire::sse_event("error", link.error().message));
        services_.heartbeat.add(writer);
        std::erase_if(without_cluster_, [](const Writer& open) { return open->closed(); });
        without_cluster_.push_back(writer);
    });
}

}  // namespace hub
