#include "hub/resource_routes.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "hub/manifests.hpp"
#include "hub/node_status.hpp"
#include "hub/resource_summary.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxEvents = 200;
constexpr std::int64_t kDefaultTail = 100;
constexpr std::int64_t kMinTail = 50;
constexpr std::int64_t kMaxTail = 5'000;

bool is_system(std::string_view ns) { return ns.starts_with("kube-"); }

// A number of the query within bounds (clamped), the default when missing; nullopt when it is no number.
std::optional<std::int64_t> query_number(const base::Query& query, std::string_view name, std::int64_t otherwise, std::int64_t low, std::int64_t high) {
    if (!query.has(name)) return otherwise;
    const auto value = base::parse_integer<std::int64_t>(query.get(name));
    if (!value) return std::nullopt;
    return std::clamp(*value, low, high);
}

// Ids say in which cluster they are.
Json with_cluster(Json row, const ClusterLink& link) {
    if (!link.id_suffix.empty()) row["id"] = text_at(row, "id") + link.id_suffix;
    return row;
}

bool allows(const std::vector<std::string>& namespaces, const std::string& ns) {
    return namespaces.empty() || std::find(namespaces.begin(), namespaces.end(), ns) != namespaces.end();
}

void refuse_number(net::ResponseWriter& writer, std::string_view name) { send_error(writer, 400, std::string(name) + ": expected a number"); }

}  // namespace

struct ResourceRoutes::ListRequest {
    std::string ns;
    std::vector<std::string> only_in;  // namespaces that are shared with the caller; empty: all
    const ResourceType* type = nullptr;
    std::string search;
    bool hide_system = false;
    std::size_t limit = 25;
    std::size_t offset = 0;
    std::string sort_by = "name";
    bool descending = false;
};

// Lists every kind at once and answers when the last list has arrived. A kind that the cluster does not serve or does not let
// us see is left out; only when none can be listed is that an error.
class ResourceRoutes::ListTask : public std::enable_shared_from_this<ListTask> {
public:
    ListTask(ClusterLink& cluster, ListRequest request, Writer writer)
        : cluster_(cluster), request_(std::move(request)), writer_(std::move(writer)) {}

    void start(const Lifetime& lifetime) {
        std::vector<const ResourceType*> types;
        if (request_.type) {
            types.push_back(request_.type);
        } else {
            for (const ResourceType* type = resource_types_begin(); type != resource_types_end(); ++type) types.push_back(type);
        }
        waiting_ = types.size();
        for (const ResourceType* type : types) {
            const std::string ns = type->namespaced ? request_.ns : std::string();
            cluster_.kube.get(resource_path(type->api_version, type->plural, ns),
                               lifetime.guard([self = shared_from_this(), type](base::Result<Json> list) { self->on_list(*type, list); }));
        }
    }

private:
    void on_list(const ResourceType& type, const base::Result<Json>& list) {
        if (list) {
            ++answered_;
            for (const Json& object : array_at(*list, "items")) add(type, object);
        } else {
            last_error_ = list.error();
        }
        if (--waiting_ == 0) finish();
    }

    void add(const ResourceType& type, const Json& object) {
        if (!allows(request_.only_in, text_at(object, "metadata", "namespace"))) return;
        if (request_.hide_system && is_system(text_at(object, "metadata", "namespace"))) return;
        Json row = with_cluster(resource_row(type, object, cluster_.name), cluster_);
        if (!request_.search.empty() && base::find_ascii_case(text_at(row, "name"), request_.search) == std::string_view::npos &&
            base::find_ascii_case(text_at(row, "summary"), request_.search) == std::string_view::npos) {
            return;
        }
        rows_.push_back(std::move(row));
    }

    void finish() {
        if (answered_ == 0) return send_error(*writer_, last_error_);
        const std::string key = request_.sort_by == "cluster" ? "clusterName" : request_.sort_by == "created" ? "createdAt" : request_.sort_by;
        std::stable_sort(rows_.begin(), rows_.end(), [&](const Json& a, const Json& b) {
            const int order = text_at(a, key).compare(text_at(b, key));
            return request_.descending ? order > 0 : order < 0;
        });
        Json page = Json::array();
        for (std::size_t i = request_.offset; i < rows_.size() && page.size() < request_.limit; ++i) page.push_back(std::move(rows_[i]));
        send_json(*writer_, 200,
                  {{"resources", std::move(page)}, {"total", rows_.size()}, {"limit", request_.limit}, {"offset", request_.offset}});
    }

    ClusterLink& cluster_;  // its calls end with it
    ListRequest request_;
    Writer writer_;
    std::size_t waiting_ = 0;
    std::size_t answered_ = 0;
    base::Error last_error_;
    std::vector<Json> rows_;
};

void ResourceRoutes::add_routes(net::Router& router) {
    using Routed = net::RoutedRequest;
    const auto route = [&](const std::string& path, auto handle, TokenFrom from = TokenFrom::header) {
        services_.route(router, "GET", path, [handle](const User& caller, Routed routed, const Writer& writer) { handle(caller, routed, writer); }, from);
    };
    route("/resources", [this](const User& caller, Routed& routed, const Writer& writer) { list(caller, routed.query(), writer); });
    route("/resources/:id", [this](const User& caller, Routed& routed, const Writer& writer) { get(caller, routed.param("id"), writer); });
    route("/resources/:id/pods", [this](const User& caller, Routed& routed, const Writer& writer) { pods_of_resource(caller, routed.param("id"), writer); });
    route("/resources/:id/stream", [this](const User& caller, Routed& routed, const Writer& writer) {
        const std::string id(routed.param("id"));
        with_object(caller, id, writer, [this, caller, id, writer](ClusterLink& link, const ResourceId& resource, const Json& object) { streams_.open(caller, link, resource, id, object, writer); });
    }, TokenFrom::header_or_query);
    route("/resources/:id/logs/stream", [this](const User& caller, Routed& routed, const Writer& writer) {
        stream_log(caller, routed.param("id"), routed.query(), std::string(routed.request.headers.get("last-event-id")), writer);
    },
          TokenFrom::header_or_query);
    route("/workflows/:id/nodes/:node/pods", [this](const User& caller, Routed& routed, const Writer& writer) {
        node_pods(caller, std::string(routed.param("id")), std::string(routed.param("node")), writer);
    });
    route("/workflows/:id/nodes/:node/events", [this](const User& caller, Routed& routed, const Writer& writer) {
        events(caller, std::string(routed.param("id")), std::string(routed.param("node")), writer);
    });
    route("/workflows/:id/events", [this](const User& caller, Routed& routed, const Writer& writer) { events(caller, std::string(routed.param("id")), {}, writer); });
}

void ResourceRoutes::list(const User& caller, std::string_view query_text, const Writer& writer) {
    const auto query = base::parse_query(query_text);
    if (!query) return send_error(*writer, query.error());
    ListRequest request;
    request.ns = query->get("namespace");
    if (!request.ns.empty() && !is_dns_label(request.ns)) return send_error(*writer, 400, "namespace: is no namespace name");
    if (const auto type = query->get("type"); !type.empty()) {
        request.type = find_resource_type(type);
        if (!request.type) return send_error(*writer, 400, "type: unknown resource type");
    }
    const auto link = services_.clusters.reach(caller, query->get("cluster"), ClusterUse::see);
    if (!link) return send_error(*writer, link.error());
    request.only_in = services_.clusters.namespaces_of(caller, *services_.clusters.find((*link)->name));
    request.search = query->get("search");
    request.hide_system = query->flag("hideSystem");
    const auto limit = query_number(*query, "limit", 25, 1, 100);
    const auto offset = query_number(*query, "offset", 0, 0, 10'000'000);
    if (!limit) return refuse_number(*writer, "limit");
    if (!offset) return refuse_number(*writer, "offset");
    request.limit = static_cast<std::size_t>(*limit);
    request.offset = static_cast<std::size_t>(*offset);
    if (query->has("sort_by")) request.sort_by = query->get("sort_by");
    constexpr std::string_view kSortable[] = {"name", "type", "namespace", "cluster", "status", "created"};
    if (std::find(std::begin(kSortable), std::end(kSortable), request.sort_by) == std::end(kSortable)) {
        return send_error(*writer, 400, "sort_by: expected one of name, type, namespace, cluster, status, created");
    }
    request.descending = query->get("sort_order") == "desc";
    std::make_shared<ListTask>(**link, std::move(request), writer)->start(lifetime_);
}

void ResourceRoutes::with_object(const User& caller, std::string_view id, const Writer& writer,
                                 base::UniqueFunction<void(ClusterLink&, ResourceId, Json)> then) {
    const auto parsed = parse_resource_id(id);
    if (!parsed) return send_error(*writer, 404, "There is no such resource.");
    const std::string& cluster = parsed->cluster.empty() ? services_.options.cluster_name : parsed->cluster;
    const auto reached = services_.clusters.reach(caller, cluster, ClusterUse::see);
    if (!reached) return send_error(*writer, reached.error());
    ClusterLink* link = *reached;
    if (!allows(services_.clusters.namespaces_of(caller, *services_.clusters.find(link->name)), parsed->ns)) {
        return send_error(*writer, 403, "The namespace " + parsed->ns + " of this cluster is not shared with you.");
    }
    link->kube.get(parsed->path(), lifetime_.guard([link, resource = *parsed, writer, then = std::move(then)](base::Result<Json> object) mutable {
        if (!object) return send_error(*writer, object.error());
        if (text_at(*object, "metadata", "uid") != resource.uid) {
            return send_error(*writer, 404, std::string(resource.type->type) + " " + resource.name + " was replaced by another of the same name.");
        }
        then(*link, std::move(resource), std::move(*object));
    }));
}

void ResourceRoutes::get(const User& caller, std::string_view id, const Writer& writer) {
    with_object(caller, id, writer, [this, writer](ClusterLink& link, ResourceId resource, Json object) {
        Json details = with_cluster(resource_details(*resource.type, object, link.name), link);
        const std::string target = resource_path("v1", "events", resource.ns) + "?fieldSelector=" +
                                   base::percent_encode("involvedObject.uid=" + resource.uid);
        if (resource.ns.empty()) return send_json(*writer, 200, {{"resource", std::move(details)}, {"history", Json::array()}});
        link.kube.get(target, lifetime_.guard([writer, uid = resource.uid, details = std::move(details)](base::Result<Json> list) mutable {
            if (list) {
                for (const Json& event : array_at(*list, "items")) {
                    if (text_at(event, "involvedObject", "uid") == uid) details["metadata"]["events"].push_back(event_row(event));
                }
            }
            send_json(*writer, 200, {{"resource", std::move(details)}, {"history", Json::array()}});
        }));
    });
}

void ResourceRoutes::pods_of_resource(const User& caller, std::string_view id, const Writer& writer) {
    with_object(caller, id, writer, [this, writer](ClusterLink& link, ResourceId resource, Json object) {
        const Json& selector = resource.type->type == "Service" ? object_at(object, "spec", "selector") : object_at(object, "spec", "selector", "matchLabels");
        Json parent = with_cluster(resource_row(*resource.type, object, link.name), link);
        if (selector.empty()) return send_json(*writer, 200, {{"parent", std::move(parent)}, {"pods", Json::array()}, {"count", 0}});
        std::string labels;
        for (const auto& [key, value] : selector.items()) {
            if (!value.is_string()) continue;
            labels += (labels.empty() ? "" : ",") + key + "=" + value.get_ref<const std::string&>();
        }
        link.kube.get(resource_path("v1", "pods", resource.ns) + "?labelSelector=" + base::percent_encode(labels),
                           lifetime_.guard([writer, &link, parent = std::move(parent)](base::Result<Json> list) mutable {
            if (!list) return send_error(*writer, list.error());
            Json pods = Json::array();
            for (const Json& pod : array_at(*list, "items")) pods.push_back(with_cluster(pod_row(pod), link));
            const std::size_t count = pods.size();
            send_json(*writer, 200, {{"parent", std::move(parent)}, {"pods", std::move(pods)}, {"count", count}});
        }));
    });
}

void ResourceRoutes::stream_log(const User& caller, std::string_view id, std::string_view query_text, std::string after, const Writer& writer) {
    const auto query = base::parse_query(query_text);
    if (!query) return send_error(*writer, query.error());
    const auto resource = parse_resource_id(id);
    if (resource && resource->type->type != "Pod") return send_error(*writer, 400, "Only pods have logs.");
    const auto tail = query_number(*query, "tail", kDefaultTail, kMinTail, kMaxTail);
    if (!tail) return refuse_number(*writer, "tail");
    LogRequest request{.ns = {}, .pod = {}, .container = std::string(query->get("container")), .cluster = {},
                       .follow = query->flag("follow", true), .previous = query->flag("previous"), .tail = *tail, .since_seconds = {}, .after = std::move(after)};
    if (query->has("sinceSeconds")) {
        request.since_seconds = query_number(*query, "sinceSeconds", 0, 1, 366LL * 86'400);
        if (!request.since_seconds) return refuse_number(*writer, "sinceSeconds");
    }
    with_object(caller, id, writer, [writer, request](ClusterLink& link, ResourceId pod_id, Json pod) mutable {
        request.cluster = link.name;
        request.ns = pod_id.ns;
        request.pod = pod_id.name;
        std::vector<std::string> names;
        for (const char* list : {"containers", "initContainers"}) {
            for (const Json& container : array_at(pod, "spec", list)) names.push_back(text_at(container, "name"));
        }
        if (request.container.empty() && !names.empty()) request.container = names.front();
        if (std::find(names.begin(), names.end(), request.container) == names.end()) {
            return send_error(*writer, 400, "The pod has no container \"" + request.container + "\".", names);
        }
        link.logs.open(request, writer);
    });
}

void ResourceRoutes::node_pods(const User& caller, std::string workflow_id, std::string node_id, const Writer& writer) {
    services_.repository.load(workflow_id, lifetime_.guard([this, caller, node_id, writer](base::Result<WorkflowRecord> record) {
        if (!record) return send_error(*writer, record.error());
        const auto reached = services_.clusters.reach_for(caller, *record, ClusterUse::see);
        if (!reached) return send_error(*writer, reached.error());
        ClusterLink& link = **reached;
        const WorkflowGraph graph = read_graph(record->nodes(), record->edges(), link.default_namespace);
        const GraphNode* node = graph.find(node_id);
        if (!node) return send_error(*writer, 404, "There is no node " + node_id + " in this workflow.");
        std::string ns = node->ns;
        for (const DeployedNode& deployed : record->state.deployed) {
            if (deployed.node_id == node_id && !deployed.stale) ns = deployed.ns;
        }
        const std::string labels = std::string(kWorkflowLabel) + "=" + record->id + "," + std::string(kNodeLabel) + "=" + node_label_value(node_id);
        link.kube.get(resource_path("v1", "pods", ns) + "?labelSelector=" + base::percent_encode(labels),
                           lifetime_.guard([writer, &link](base::Result<Json> list) {
            if (!list) return send_error(*writer, list.error());
            Json pods = Json::array();
            for (const Json& pod : array_at(*list, "items")) pods.push_back(with_cluster(pod_row(pod), link));
            send_json(*writer, 200, {{"pods", std::move(pods)}});
        }));
    }));
}

namespace {

// The node that an event is about: by its own object, or by a pod, replica set or job whose name begins with the node's; the
// longest such name wins ("web-admin-7d9c-x" is web-admin's, not web's).
const DeployedNode* node_of_event(const std::vector<DeployedNode>& deployed, const Json& event) {
    const std::string kind = text_at(event, "involvedObject", "kind");
    const std::string name = text_at(event, "involvedObject", "name");
    const std::string ns = text_at(event, "involvedObject", "namespace");
    const DeployedNode* best = nullptr;
    for (const DeployedNode& node : deployed) {
        if (node.stale || node.ns != ns) continue;
        if (info_of(node.kind).kube_kind == kind && node.name == name) return &node;
        const bool descendant = (kind == "Pod" || kind == "ReplicaSet" || (kind == "Job" && node.kind == NodeKind::cronjob)) &&
                                has_pods(node.kind) && name.starts_with(node.name + "-");
        if (descendant && (!best || node.name.size() > best->name.size())) best = &node;
    }
    return best;
}

}  // namespace

// `node_id` empty: the whole workflow.
void ResourceRoutes::events(const User& caller, std::string workflow_id, std::string node_id, const Writer& writer) {
    services_.repository.load(workflow_id, lifetime_.guard([this, caller, node_id, writer](base::Result<WorkflowRecord> record) {
        if (!record) return send_error(*writer, record.error());
        const auto reached = services_.clusters.reach_for(caller, *record, ClusterUse::see);
        if (!reached) return send_error(*writer, reached.error());
        ClusterLink& link = **reached;
        const WorkflowGraph graph = read_graph(record->nodes(), record->edges(), link.default_namespace);
        if (!node_id.empty() && !graph.find(node_id)) return send_error(*writer, 404, "There is no node " + node_id + " in this workflow.");
        std::set<std::string> namespaces;
        for (const DeployedNode& node : record->state.deployed) {
            if (!node.stale && (node_id.empty() || node.node_id == node_id)) namespaces.insert(node.ns);
        }
        struct Gathered {
            std::size_t waiting = 0;
            std::vector<Json> rows;
            base::Error error;
            bool failed = false;
        };
        auto gathered = std::make_shared<Gathered>();
        gathered->waiting = namespaces.size();
        if (namespaces.empty()) return send_json(*writer, 200, {{"events", Json::array()}});
        for (const std::string& ns : namespaces) {
            link.kube.get(resource_path("v1", "events", ns), lifetime_.guard([gathered, node_id, writer, deployed = record->state.deployed](base::Result<Json> list) {
                if (!list) {
                    gathered->failed = true;
                    gathered->error = list.error();
                } else {
                    for (const Json& event : array_at(*list, "items")) {
                        const DeployedNode* node = node_of_event(deployed, event);
                        if (!node || (!node_id.empty() && node->node_id != node_id)) continue;
                        Json row = event_row(event);
                        row["node_id"] = node->node_id;
                        gathered->rows.push_back(std::move(row));
                    }
                }
                if (--gathered->waiting > 0) return;
                if (gathered->failed && gathered->rows.empty()) return send_error(*writer, gathered->error);
                std::stable_sort(gathered->rows.begin(), gathered->rows.end(),
                                 [](const Json& a, const Json& b) { return text_at(a, "last_seen") > text_at(b, "last_seen"); });
                if (gathered->rows.size() > kMaxEvents) gathered->rows.resize(kMaxEvents);
                send_json(*writer, 200, {{"events", gathered->rows}});
            }));
        }
    }));
}

}  // namespace hub
