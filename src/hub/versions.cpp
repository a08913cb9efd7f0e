#include "hub/versions.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace hub {

namespace {

constexpr int kNumberTries = 20;  // others who keep a version at the same moment

// Documents are ordered by id.
std::string key_of(std::int64_t number) {
    std::string digits = std::to_string(number);
    return std::string(digits.size() < 9 ? 9 - digits.size() : 0, '0') + digits;
}

std::string graph_text(const WorkflowRecord& record) { return dump_json(Json{{"nodes", record.nodes()}, {"edges", record.edges()}}); }

base::Result<Json> read(const Document& document) {
    auto json = base::parse_json(document.json);
    if (!json || !json->is_object()) return base::fail(base::ErrorCode::internal, "The stored version " + document.id + " cannot be read.");
    return json;
}

bool is_kept(const Json& version) { return !flag_at(version, "is_automatic") || !text_at(version, "name").empty() || !text_at(version, "tag").empty(); }

base::Error no_version(std::int64_t number) {
    return {base::ErrorCode::not_found, "There is no version " + std::to_string(number) + " of this workflow.", "Old versions without a name are dropped in time; list the versions again"};
}

base::Error tag_taken(const std::string& tag, std::int64_t number) {
    return {base::ErrorCode::conflict, "tag: version " + std::to_string(number) + " has the tag \"" + tag + "\" already.", "Choose another tag, or take it from that version first"};
}

const Json* tagged(const std::vector<Json>& versions, const std::string& tag, std::int64_t but_not) {
    if (tag.empty()) return nullptr;
    for (const Json& version : versions) {
        if (text_at(version, "tag") == tag && number_at(version, 0, "version") != but_not) return &version;
    }
    return nullptr;
}

Json edge_wire(const Json& edge) {
    return {{"edge_id", text_at(edge, "id")},
            {"source", text_at(edge, "source")},
            {"target", text_at(edge, "target")},
            {"sourceHandle", text_at(edge, "sourceHandle")},
            {"targetHandle", text_at(edge, "targetHandle")}};
}

std::map<std::string, const Json*> by_id(const Json& list) {
    std::map<std::string, const Json*> found;
    for (const Json& item : list) found[text_at(item, "id")] = &item;
    return found;
}

}  // namespace

struct WorkflowVersions::NewVersion {
    std::string workflow_id;
    std::int64_t number = 1;
    std::string graph;
    Json about;
    Done done;
};

std::string WorkflowVersions::now() const { return base::format_rfc3339_millis(scheduler_.clock().unix_ms()); }

void WorkflowVersions::keep(const WorkflowRecord& record, Wish wish, Done done) {
    auto version = std::make_shared<NewVersion>();
    version->workflow_id = record.id;
    version->number = record.version + 1;
    version->graph = graph_text(record);
    version->about = {{"name", wish.name},
                      {"tag", wish.tag},
                      {"description", wish.description},
                      {"created_at", now()},
                      {"created_by", wish.by},
                      {"is_automatic", wish.automatic},
                      {"node_count", record.nodes().size()},
                      {"edge_count", record.edges().size()}};
    if (wish.restored_from > 0) version->about["restored_from"] = wish.restored_from;
    version->done = std::move(done);
    if (!is_kept(version->about)) return put_next(std::move(version), kNumberTries);
    list(record.id, lifetime_.guard([this, version, tag = wish.tag](base::Result<std::vector<Json>> versions) {
        if (!versions) return version->done(base::fail(versions.error()));
        if (const Json* other = tagged(*versions, tag, 0)) return version->done(base::fail(tag_taken(tag, number_at(*other, 0, "version"))));
        const auto kept = static_cast<std::size_t>(std::count_if(versions->begin(), versions->end(), is_kept));
        if (kept >= kKeptNamed) {
            return version->done(base::fail(base::ErrorCode::conflict, "There are " + std::to_string(kept) + " named versions of this workflow, which is the limit.",
                                            "Take name and tag from an automatic one that nobody needs any more"));
        }
        put_next(version, kNumberTries);
    }));
}

// The graph first: what is said of a version makes it one.
void WorkflowVersions::put_next(std::shared_ptr<NewVersion> version, int tries) {
    version->about["id"] = version->workflow_id + "-v" + std::to_string(version->number);
    version->about["workflow_id"] = version->workflow_id;
    version->about["version"] = version->number;
    const std::string key = key_of(version->number);
    store_.put("version_graphs:" + version->workflow_id, key, version->graph, DocumentStore::kMustNotExist,
               lifetime_.guard([this, version, key, tries](base::Result<std::int64_t> stored) {
                   if (!stored && stored.error().code == base::ErrorCode::conflict && tries > 1) {
                       ++version->number;
                       return put_next(version, tries - 1);
                   }
                   if (!stored) return version->done(base::fail(stored.error()));
                   store_.put("versions:" + version->workflow_id, key, dump_json(version->about), DocumentStore::kAnyRevision,
                              lifetime_.guard([this, version](base::Result<std::int64_t> said) {
                                  if (!said) return version->done(base::fail(said.error()));
                                  store_.put("version_heads", version->workflow_id, dump_json(Json{{"current", version->number}}), DocumentStore::kAnyRevision,
                                             lifetime_.guard([this, version](base::Result<std::int64_t> head) {
                                                 if (!head) return version->done(base::fail(head.error()));
                                                 if (version->number > static_cast<std::int64_t>(kKeptAutomatic)) prune(version->workflow_id);
                                                 version->done(std::move(version->about));
                                             }));
                              }));
               }));
}

void WorkflowVersions::prune(const std::string& workflow_id) {
    list(workflow_id, lifetime_.guard([this, workflow_id](base::Result<std::vector<Json>> versions) {
        if (!versions) return;  // the next one tries again
        std::size_t automatic = 0;
        for (const Json& version : *versions) {
            if (is_kept(version) || ++automatic <= kKeptAutomatic) continue;
            const std::string key = key_of(number_at(version, 0, "version"));
            store_.remove("versions:" + workflow_id, key, DocumentStore::kAnyRevision, [](base::Result<void>) {});
            store_.remove("version_graphs:" + workflow_id, key, DocumentStore::kAnyRevision, [](base::Result<void>) {});
        }
    }));
}

void WorkflowVersions::ensure(const WorkflowRecord& record, Wish wish, Done done) {
    if (record.version == 0) return keep(record, std::move(wish), std::move(done));
    const std::string key = key_of(record.version);
    store_.get("version_graphs:" + record.id, key, lifetime_.guard([this, record, key, wish = std::move(wish), done = std::move(done)](base::Result<Document> graph) mutable {
        if (!graph && graph.error().code != base::ErrorCode::not_found) return done(base::fail(graph.error()));
        if (!graph || graph->json != graph_text(record)) return keep(record, std::move(wish), std::move(done));
        store_.get("versions:" + record.id, key, lifetime_.guard([this, record, wish = std::move(wish), done = std::move(done)](base::Result<Document> about) mutable {
            if (!about) return keep(record, std::move(wish), std::move(done));
            done(read(*about));
        }));
    }));
}

void WorkflowVersions::list(const std::string& workflow_id, base::UniqueFunction<void(base::Result<std::vector<Json>>)> done) {
    store_.list("versions:" + workflow_id, [done = std::move(done)](base::Result<std::vector<Document>> documents) mutable {
        if (!documents) return done(base::fail(documents.error()));
        std::vector<Json> versions;
        for (auto document = documents->rbegin(); document != documents->rend(); ++document) {
            if (auto version = read(*document)) versions.push_back(std::move(*version));
        }
        done(std::move(versions));
    });
}

void WorkflowVersions::get(const std::string& workflow_id, std::int64_t number, Done done) {
    store_.get("versions:" + workflow_id, key_of(number), lifetime_.guard([this, workflow_id, number, done = std::move(done)](base::Result<Document> about) mutable {
        if (!about) return done(base::fail(about.error().code == base::ErrorCode::not_found ? no_version(number) : about.error()));
        auto version = read(*about);
        if (!version) return done(base::fail(version.error()));
        store_.get("version_graphs:" + workflow_id, key_of(number), [number, version = std::move(*version), done = std::move(done)](base::Result<Document> graph) mutable {
            if (!graph) return done(base::fail(graph.error().code == base::ErrorCode::not_found ? no_version(number) : graph.error()));
            auto json = read(*graph);
            if (!json) return done(base::fail(json.error()));
            version["nodes"] = array_at(*json, "nodes");
            version["edges"] = array_at(*json, "edges");
            done(std::move(version));
        });
    }));
}

void WorkflowVersions::describe(const std::string& workflow_id, std::int64_t number, Words words, Done done) {
    list(workflow_id, lifetime_.guard([this, workflow_id, number, words = std::move(words), done = std::move(done)](base::Result<std::vector<Json>> versions) mutable {
        if (!versions) return done(base::fail(versions.error()));
        const auto found = std::find_if(versions->begin(), versions->end(), [&](const Json& version) { return number_at(version, 0, "version") == number; });
        if (found == versions->end()) return done(base::fail(no_version(number)));
        if (words.tag) {
            if (const Json* other = tagged(*versions, *words.tag, number)) return done(base::fail(tag_taken(*words.tag, number_at(*other, 0, "version"))));
        }
        Json version = std::move(*found);
        if (words.name) version["name"] = *words.name;
        if (words.tag) version["tag"] = *words.tag;
        if (words.description) version["description"] = *words.description;
        std::string text = dump_json(version);
        store_.put("versions:" + workflow_id, key_of(number), std::move(text), DocumentStore::kAnyRevision, [version = std::move(version), done = std::move(done)](base::Result<std::int64_t> stored) mutable {
            if (!stored) return done(base::fail(stored.error()));
            done(std::move(version));
        });
    }));
}

void WorkflowVersions::note_run(const std::string& workflow_id, std::int64_t number, const std::string& run_id, const std::string& status) {
    store_.get("versions:" + workflow_id, key_of(number), lifetime_.guard([this, workflow_id, number, run_id, status](base::Result<Document> about) {
        if (!about) return;
        auto version = read(*about);
        if (!version) return;
        (*version)["run_id"] = run_id;
        (*version)["run_status"] = status;
        store_.put("versions:" + workflow_id, key_of(number), dump_json(*version), about->revision, [](base::Result<std::int64_t>) {});
    }));
}

std::vector<std::string> check_version_words(const WorkflowVersions::Words& words) {
    std::vector<std::string> problems;
    const auto check = [&](const std::optional<std::string>& value, const char* path, std::size_t most) {
        if (value && value->size() > most) problems.push_back(std::string(path) + ": is longer than " + std::to_string(most) + " bytes");
    };
    check(words.name, "name", WorkflowVersions::kMaxWordBytes);
    check(words.tag, "tag", WorkflowVersions::kMaxWordBytes);
    check(words.description, "description", WorkflowVersions::kMaxDescriptionBytes);
    if (words.tag && words.tag->find_first_of(" \t\n") != std::string::npos) problems.emplace_back("tag: has a space in it; write v1.2 or before-the-move");
    return problems;
}

Json compare_graphs(const Json& from, const Json& to) {
    Json answer = {{"added_nodes", Json::array()}, {"removed_nodes", Json::array()}, {"modified_nodes", Json::array()}, {"added_edges", Json::array()}, {"removed_edges", Json::array()}};
    const auto old_nodes = by_id(array_at(from, "nodes"));
    const auto new_nodes = by_id(array_at(to, "nodes"));
    for (const Json& node : array_at(to, "nodes")) {
        const auto before = old_nodes.find(text_at(node, "id"));
        if (before == old_nodes.end()) {
            answer["added_nodes"].push_back(node);
        } else if (text_at(*before->second, "type") != text_at(node, "type") || object_at(*before->second, "data") != object_at(node, "data")) {
            answer["modified_nodes"].push_back({{"node_id", text_at(node, "id")}, {"type", text_at(node, "type")}, {"old_data", object_at(*before->second, "data")}, {"new_data", object_at(node, "data")}});
        }
    }
    for (const Json& node : array_at(from, "nodes")) {
        if (!new_nodes.contains(text_at(node, "id"))) answer["removed_nodes"].push_back(node);
    }
    // An edge that leads elsewhere is another edge.
    const auto old_edges = by_id(array_at(from, "edges"));
    const auto new_edges = by_id(array_at(to, "edges"));
    const auto same_in = [](const std::map<std::string, const Json*>& others, const Json& edge) {
        const auto other = others.find(text_at(edge, "id"));
        return other != others.end() && edge_wire(*other->second) == edge_wire(edge);
    };
    for (const Json& edge : array_at(to, "edges")) {
        if (!same_in(old_edges, edge)) answer["added_edges"].push_back(edge_wire(edge));
    }
    for (const Json& edge : array_at(from, "edges")) {
        if (!same_in(new_edges, edge)) answer["removed_edges"].push_back(edge_wire(edge));
    }
    return answer;
}

}  // namespace hub
