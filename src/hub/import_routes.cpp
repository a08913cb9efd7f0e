#include "hub/import_routes.hpp"

#include <map>
#include <set>

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "hub/crypto/sha256.hpp"
#include "hub/import_analysis.hpp"
#include "hub/multipart.hpp"
#include "hub/workflow_rules.hpp"
#include "wire/json_reader.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxNameBytes = 200;

bool is_yaml_name(std::string_view name) {
    const std::string lower = base::to_ascii_lower(name);
    return lower.ends_with(".yml") || lower.ends_with(".yaml");
}

void refuse_size(net::ResponseWriter& writer, std::size_t size) {
    send_error(writer, 413, "The file has " + base::human_bytes(size) + "; at most " + base::human_bytes(kMaxImportBytes) + " are read.", {"Import it in parts."});
}

bool refuse_namespace(net::ResponseWriter& writer, std::string_view ns) {
    if (ns.empty() || is_dns_label(ns)) return false;
    send_error(writer, 400, "namespace: is no namespace name");
    return true;
}

bool send_problems(net::ResponseWriter& writer, const std::vector<Problem>& problems) {
    if (problems.empty()) return false;
    std::vector<std::string> lines;
    for (const Problem& problem : problems) lines.push_back(problem.path + ": " + problem.message);
    send_error(writer, 400, "The nodes cannot be used: " + lines.front(), lines);
    return true;
}

// Nodes and edges of an import with their positions, under ids that `taken` does not have.
struct Graft {
    Json nodes = Json::array();
    Json edges = Json::array();
    Json ids = Json::object();  // as they were -> as they are
};
Graft graft(const Json& nodes, const Json& edges, const Json& positions, std::set<std::string> taken) {
    Graft result;
    std::map<std::string, std::string> renamed;
    for (Json node : nodes) {
        const std::string old = text_at(node, "id");
        if (const Json* position = field(positions, old); position && position->is_object()) node["position"] = *position;
        std::string id = old;
        for (int i = 2; !taken.insert(id).second; ++i) id = std::string(base::utf8_prefix(old, kMaxIdBytes - 8)) + "-" + std::to_string(i);
        node["id"] = id;
        renamed[old] = id;
        result.ids[old] = id;
        result.nodes.push_back(std::move(node));
    }
    for (Json edge : edges) {
        for (const char* end : {"source", "target"}) edge[end] = renamed[text_at(edge, end)];
        edge["id"] = "edge-" + base::hex_encode(crypto::as_bytes(crypto::sha256(text_at(edge, "source") + ">" + text_at(edge, "target")))).substr(0, 24);
        result.edges.push_back(std::move(edge));
    }
    return result;
}

}  // namespace

ImportRoutes::ImportRoutes(Services& services) : services_(services), sessions_(services.ports.outbound, services.ports.scheduler, services.ports.random, services.heartbeat) {}

void ImportRoutes::add_routes(net::Router& router) {
    using Routed = net::RoutedRequest;
    const auto post = [&](const char* path, void (ImportRoutes::*handle)(const User&, const net::ServerRequest&, const Writer&)) {
        services_.route(router, "POST", path, [this, handle](const User& caller, Routed routed, const Writer& writer) { (this->*handle)(caller, routed.request, writer); });
    };
    post("/import/analyze", &ImportRoutes::analyze);
    post("/import/apply", &ImportRoutes::apply);
    post("/import/create-workflow", &ImportRoutes::create_workflow);
    services_.route(router, "POST", "/import/upload", [this](const User&, Routed routed, const Writer& writer) { upload(routed.request, writer); });
    services_.route(router, "GET", "/import/:id", [this](const User& caller, Routed routed, const Writer& writer) { sessions_.get(caller, routed.param("id"), writer); });
    services_.route(router, "GET", "/import/:id/stream",
                    [this](const User& caller, Routed routed, const Writer& writer) { sessions_.stream(caller, routed.param("id"), routed.request.headers.get("last-event-id"), writer); },
                    TokenFrom::header_or_query);
}

void ImportRoutes::analyze(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    wire::JsonErrors errors;
    const wire::JsonReader fields(*body, errors);
    const std::string source = fields.string_or("source", "file");
    const std::string ns = fields.string_or("namespace", "");
    const std::string file_name = fields.string_or("fileName", "");
    const std::string branch = fields.string_or("branch", "");
    const bool from_file = source == "file";
    const std::string content = from_file ? fields.string("fileContent") : std::string();
    const std::string url = from_file ? std::string() : fields.string("url");
    if (!from_file && source != "github" && source != "gitlab" && source != "git_url") fields.fail("source", "expected one of file, github, gitlab, git_url");
    if (!errors.empty()) return send_error(*writer, errors.to_error());
    if (refuse_namespace(*writer, ns)) return;
    if (!from_file) return analyze_repository(caller, {.kind = source, .url = url, .branch = std::string(base::trim(branch))}, ns, writer);
    const auto text = base::base64_decode(content);
    if (!text) return send_error(*writer, 400, "fileContent: expected base64");
    if (text->size() > kMaxImportBytes) return refuse_size(*writer, text->size());
    send_json(*writer, 200, {{"async", false}, {"analysis", analyze_import(*text, {.file_name = file_name, .ns = ns})}});
}

void ImportRoutes::analyze_repository(const User& caller, const ImportSource& source, std::string ns, const Writer& writer) {
    auto places = import_places(source);
    if (!places) {
        base::Error error = places.error();
        error.message = "url: " + error.message;
        return send_error(*writer, error);
    }
    if (caller.role != "admin" && !is_public_place(places->front())) {
        return send_error(*writer, 403, "Only an admin may let this hub read from " + places->front().origin + ".", {"Paste the file, or import from github.com or gitlab.com."});
    }
    const auto id = sessions_.begin(caller, source, std::move(*places), std::move(ns));
    if (!id) return send_error(*writer, id.error());
    send_json(*writer, 202, {{"async", true}, {"sessionId", *id}, {"message", "The repository is being read"}});
}

void ImportRoutes::upload(const net::ServerRequest& request, const Writer& writer) {
    const auto parts = parse_multipart(request.headers.get("content-type"), request.body);
    if (!parts) return send_error(*writer, parts.error());
    const MultipartPart* file = find_part(*parts, "file");
    if (!file || file->file_name.empty()) return send_error(*writer, 400, "file: choose a file to upload");
    if (!is_yaml_name(file->file_name)) return send_error(*writer, 400, "file: expected a .yml or .yaml file, got " + file->file_name);
    if (file->body.size() > kMaxImportBytes) return refuse_size(*writer, file->body.size());
    const MultipartPart* ns_part = find_part(*parts, "namespace");
    const std::string ns(ns_part ? base::trim(ns_part->body) : std::string_view());
    if (refuse_namespace(*writer, ns)) return;
    send_json(*writer, 200,
              {{"analysis", analyze_import(file->body, {.file_name = file->file_name, .ns = ns})},
               {"fileName", file->file_name},
               {"fileSize", file->body.size()},
               {"fileContent", base::base64_encode(file->body)}});
}

void ImportRoutes::apply(const User&, const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    wire::JsonErrors errors;
    const wire::JsonReader fields(*body, errors);
    const std::string id = fields.string("workflowId");
    (void)fields.array("nodes");
    (void)fields.array_or_empty("edges");
    if (!errors.empty()) return send_error(*writer, errors.to_error());
    Json nodes = array_at(*body, "nodes");
    Json edges = array_at(*body, "edges");
    if (send_problems(*writer, check_structure(nodes, edges))) return;
    services_.repository.load(id, lifetime_.guard([this, nodes = std::move(nodes), edges = std::move(edges), positions = object_at(*body, "positions"), writer](base::Result<WorkflowRecord> record) {
        if (!record) return send_error(*writer, record.error());
        std::set<std::string> taken;
        for (const Json& node : record->nodes()) taken.insert(text_at(node, "id"));
        Graft fresh = graft(without_transient_data(nodes), edges, positions, std::move(taken));
        for (Json& node : fresh.nodes) record->document["nodes"].push_back(std::move(node));
        for (Json& edge : fresh.edges) record->document["edges"].push_back(std::move(edge));
        if (send_problems(*writer, check_structure(record->nodes(), record->edges()))) return;
        record->document["updated_at"] = base::format_rfc3339_millis(services_.ports.scheduler.clock().unix_ms());
        services_.repository.save_document(*record, record->revision, lifetime_.guard([record = *record, ids = std::move(fresh.ids), writer](base::Result<std::int64_t> revision) mutable {
            if (!revision) return send_error(*writer, revision.error());
            record.revision = *revision;
            send_json(*writer, 200, {{"message", std::to_string(ids.size()) + " nodes were added"}, {"workflow", record.to_wire()}, {"nodeIds", std::move(ids)}});
        }));
    }));
}

void ImportRoutes::create_workflow(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    wire::JsonErrors errors;
    const wire::JsonReader fields(*body, errors);
    const std::string name(base::trim(fields.string("name")));
    std::string cluster = fields.string_or("clusterId", "default");
    const wire::JsonReader analysis = fields.object("analysis");
    if (name.empty()) fields.fail("name", "is empty");
    if (name.size() > kMaxNameBytes) fields.fail("name", "is longer than " + std::to_string(kMaxNameBytes) + " bytes");
    if (!errors.empty()) return send_error(*writer, errors.to_error());
    if (cluster.empty() || cluster == "default") cluster = services_.clusters.default_entry().record.name;
    if (const auto known = services_.clusters.visible(caller, cluster); !known) return send_error(*writer, 400, known.error().message);
    const Json& nodes = array_at(*analysis.raw(), "suggestedNodes");
    const Json& edges = array_at(*analysis.raw(), "suggestedEdges");
    if (send_problems(*writer, check_structure(nodes, edges))) return;
    Graft fresh = graft(without_transient_data(nodes), edges, object_at(*analysis.raw(), "layoutPositions"), {});
    if (send_problems(*writer, check_structure(fresh.nodes, fresh.edges))) return;
    const std::int64_t now_ms = services_.ports.scheduler.clock().unix_ms();
    WorkflowRecord record;
    record.id = base::make_id(services_.ports.random, now_ms);
    record.document = new_workflow_document(caller.id, name, std::move(cluster), now_ms);
    record.document["nodes"] = std::move(fresh.nodes);
    record.document["edges"] = std::move(fresh.edges);
    services_.repository.save_document(record, DocumentStore::kMustNotExist, lifetime_.guard([record, writer](base::Result<std::int64_t> revision) mutable {
        if (!revision) return send_error(*writer, revision.error());
        record.revision = *revision;
        send_json(*writer, 201, {{"message", "Workflow created"}, {"workflow", record.to_wire()}});
    }));
}

}  // namespace hub
