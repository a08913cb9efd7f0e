#include "model/graph/connections.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace model {

namespace {

bool is_workload(NodeKind kind) {
    return kind == NodeKind::deployment || kind == NodeKind::statefulset || kind == NodeKind::daemonset || kind == NodeKind::job || kind == NodeKind::cronjob;
}

bool has_links(NodeKind kind) {
    return is_workload(kind) || kind == NodeKind::service || kind == NodeKind::ingress || kind == NodeKind::hpa || kind == NodeKind::networkpolicy;
}

struct Mountable {
    NodeKind kind;
    const char* list;
    const char* mount_type;
    const char* default_path;
};
constexpr std::array<Mountable, 3> kMountables{{
    {NodeKind::configmap, "_linkedConfigMaps", "configMap", "/etc/config"},
    {NodeKind::secret, "_linkedSecrets", "secret", "/etc/secrets"},
    {NodeKind::persistentvolumeclaim, "_linkedPVCs", "persistentVolumeClaim", "/data"},
}};

const Json* member(const Json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto it = object.find(key);
    return it == object.end() ? nullptr : &*it;
}

std::string text_of(const Json& object, const char* key) {
    const Json* value = member(object, key);
    const auto* text = value ? value->get_ptr<const Json::string_t*>() : nullptr;
    return text ? *text : std::string{};
}

bool is_nothing(const Json* value) {
    if (!value || value->is_null()) return true;
    const auto* text = value->get_ptr<const Json::string_t*>();
    return (text && text->empty()) || (value->is_object() && value->empty());
}

// The port that reaches `node`: of a workload its own, of a service that of its first entry.
Json port_of(const Node& node) {
    const Json* ports = member(node.data, "ports");
    const Json* port = member(ports && ports->is_array() && !ports->empty() ? ports->front() : node.data, "port");
    return is_nothing(port) ? Json() : *port;
}

Json mount_of(const Node& node, const Mountable& how) {
    const std::string path = text_of(node.data, "mountPath");
    return {{"type", how.mount_type}, {"name", node.name}, {"mountPath", path.empty() ? how.default_path : path}, {"nodeId", node.id}};
}

// A path of an Ingress by its id, or by its place.
std::string path_key(const Json& path, std::size_t at) {
    std::string id = text_of(path, "id");
    return id.empty() ? "#" + std::to_string(at) : id;
}

// What the edges of a node say about it: the fields of its data, "paths" by path_key(), "mounts" by the other node's id.
Json links_of(const Graph& graph, NodeIndex index) {
    const Node& node = graph.node(index);
    Json links = Json::object();
    if (!has_links(node.kind)) return links;
    Json workloads = Json::array();
    std::string workload_name;
    for (const EdgeIndex e : graph.edges_of(index)) {
        const Edge& edge = graph.edge(e);
        // Documents of others have edges the other way round, too.
        const bool outgoing = graph.edge_source(e) == index;
        const Node& other = graph.node(outgoing ? graph.edge_target(e) : graph.edge_source(e));
        const std::string& handle = outgoing ? edge.source_handle : edge.target_handle;
        if (node.kind == NodeKind::service && is_workload(other.kind) && !links.contains("_linkedDeployment")) {
            links["_linkedDeployment"] = other.id;
            links["targetApp"] = other.name;
            if (Json port = port_of(other); !port.is_null()) links["targetPort"] = std::move(port);
        } else if (node.kind == NodeKind::hpa && is_workload(other.kind) && !links.contains("_linkedTarget")) {
            links["_linkedTarget"] = other.id;
            links["scaleTargetKind"] = std::string(kind_title(other.kind));
            links["scaleTargetName"] = other.name;
        } else if (node.kind == NodeKind::networkpolicy && is_workload(other.kind) && (handle.empty() || handle == "output")) {
            workloads.push_back(other.id);
            workload_name = other.name;
        } else if (node.kind == NodeKind::ingress && other.kind == NodeKind::service) {
            const Json* paths = member(node.data, "paths");
            if (!paths || !paths->is_array() || paths->empty()) continue;
            std::string key = path_key(paths->front(), 0);
            for (std::size_t i = 0; i < paths->size(); ++i) {
                if (!handle.empty() && path_key((*paths)[i], i) == handle) key = handle;
            }
            if (links["paths"].contains(key)) continue;
            Json path{{"_linkedService", other.id}, {"serviceName", other.name}};
            if (Json port = port_of(other); !port.is_null()) path["servicePort"] = std::move(port);
            links["paths"][key] = std::move(path);
        } else if (is_workload(node.kind)) {
            for (const Mountable& how : kMountables) {
                if (other.kind != how.kind) continue;
                links[how.list].push_back(other.id);
                links["mounts"][other.id] = mount_of(other, how);
            }
        }
    }
    if (!workloads.empty()) {
        if (workloads.size() == 1) links["podSelector"] = Json{{"app", workload_name}};
        links["_linkedWorkloads"] = std::move(workloads);
    }
    return links;
}

enum class Follow : std::uint8_t { always, proposal };
struct Field {
    const char* key;
    Follow follow;
};

// Brings one field to what the links say. `linked`: the object has said before this change that it is linked.
void renew(Json& object, const Field& field, const Json& before, const Json& after, bool linked) {
    const Json* now = member(object, field.key);
    const Json* old_link = member(before, field.key);
    const Json* link = member(after, field.key);
    // Untouched: as the link before this change had it, or empty.
    const bool untouched = is_nothing(now) || (old_link && *now == *old_link);
    if (link) {
        if (field.follow == Follow::always || untouched) object[field.key] = *link;
    } else if (now && (field.follow == Follow::always ? linked : untouched && old_link)) {
        object.erase(field.key);
    }
}

void renew_all(Json& object, const Json& before, const Json& after, const char* mark, std::initializer_list<Field> fields) {
    const bool linked = member(object, mark) != nullptr;
    for (const Field& field : fields) renew(object, field, before, after, linked);
}

void renew_paths(Json& data, const Json& before, const Json& after) {
    const auto paths = data.find("paths");
    if (paths == data.end() || !paths->is_array()) return;
    static const Json kNone = Json::object();
    for (std::size_t i = 0; i < paths->size(); ++i) {
        Json& path = (*paths)[i];
        if (!path.is_object()) continue;
        const auto said = [&](const Json& links) -> const Json& {
            const Json* all = member(links, "paths");
            const Json* one = all ? member(*all, path_key(path, i).c_str()) : nullptr;
            return one ? *one : kNone;
        };
        renew_all(path, said(before), said(after), "_linkedService",
                  {{"servicePort", Follow::proposal}, {"serviceName", Follow::always}, {"_linkedService", Follow::always}});
    }
}

// Mounts of nodes that are linked have their name; those of nodes that no longer are go. All others are somebody's own.
void renew_mounts(Json& data, const Json& before, const Json& after) {
    static const Json kNone = Json::object();
    const auto said = [](const Json& links) -> const Json& {
        const Json* mounts = member(links, "mounts");
        return mounts ? *mounts : kNone;
    };
    const Json& wanted = said(after);
    // The ids that the data itself calls linked: those of a node that was pasted are another node's.
    std::unordered_set<std::string> linked;
    for (const Mountable& how : kMountables) {
        const Json* list = member(data, how.list);
        for (std::size_t i = 0; list && list->is_array() && i < list->size(); ++i) {
            if (const auto* id = (*list)[i].get_ptr<const Json::string_t*>()) linked.insert(*id);
        }
    }
    Json mounts = Json::array();
    std::unordered_set<std::string> mounted;
    if (const Json* now = member(data, "volumeMounts"); now && now->is_array()) {
        for (const Json& mount : *now) {
            const std::string id = text_of(mount, "nodeId");
            const Json* want = id.empty() ? nullptr : member(wanted, id.c_str());
            if (!want) {
                if (id.empty() || (!linked.contains(id) && !said(before).contains(id))) mounts.push_back(mount);
                continue;
            }
            mounted.insert(id);
            Json renewed = mount;
            renewed["name"] = (*want)["name"];
            renewed["type"] = (*want)["type"];
            if (is_nothing(member(mount, "mountPath"))) renewed["mountPath"] = (*want)["mountPath"];
            mounts.push_back(std::move(renewed));
        }
    } else if (now) {
        return;  // something else under that name: not ours
    }
    for (auto it = wanted.begin(); it != wanted.end(); ++it) {
        if (!mounted.contains(it.key())) mounts.push_back(*it);
    }
    if (!mounts.empty()) data["volumeMounts"] = std::move(mounts);
    else if (!linked.empty() || !said(before).empty()) data.erase("volumeMounts");
}

Json renewed(const Node& node, const Json& before, const Json& after) {
    Json data = node.data;
    switch (node.kind) {
        case NodeKind::service:
            renew_all(data, before, after, "_linkedDeployment", {{"targetPort", Follow::proposal}, {"targetApp", Follow::always}, {"_linkedDeployment", Follow::always}});
            break;
        case NodeKind::hpa:
            renew_all(data, before, after, "_linkedTarget", {{"scaleTargetKind", Follow::always}, {"scaleTargetName", Follow::always}, {"_linkedTarget", Follow::always}});
            break;
        case NodeKind::networkpolicy:
            renew_all(data, before, after, "_linkedWorkloads", {{"podSelector", Follow::proposal}, {"_linkedWorkloads", Follow::always}});
            break;
        case NodeKind::ingress: renew_paths(data, before, after); break;
        default:
            if (!is_workload(node.kind)) break;
            renew_mounts(data, before, after);
            for (const Mountable& how : kMountables) renew(data, {how.list, Follow::always}, before, after, true);
    }
    return data;
}

// Ids of the nodes whose links `change` may concern.
struct Concerned {
    const Graph& graph;
    std::unordered_set<std::string> ids;

    void add(NodeIndex i) {
        if (i != kNoIndex && graph.node_alive(i) && has_links(graph.node(i).kind)) ids.insert(graph.node(i).id);
    }
    void add_neighbours(NodeIndex i) {
        if (i == kNoIndex) return;
        for (const EdgeIndex e : graph.edges_of(i)) {
            add(graph.edge_source(e));
            add(graph.edge_target(e));
        }
    }
    void operator()(const AddNode& c) { ids.insert(c.node.id); }
    void operator()(const RemoveNodes& c) {
        for (const std::string& id : c.ids) add_neighbours(graph.find_node(id));
        for (const std::string& id : c.ids) ids.erase(id);
    }
    void operator()(const MoveNodes&) const {}
    void operator()(const SetNodeData& c) {
        const NodeIndex i = graph.find_node(c.id);
        add(i);
        // What the nodes at the other ends have of this one.
        const auto differs = [&](const char* key) {
            const Json* now = member(graph.node(i).data, key);
            const Json* next = member(c.data, key);
            return (now == nullptr) != (next == nullptr) || (now && *now != *next);
        };
        if (i != kNoIndex && (differs("name") || differs("port") || differs("ports") || differs("mountPath"))) add_neighbours(i);
    }
    void operator()(const AddEdge& c) { add_ends(c.edge); }
    void operator()(const RemoveEdges& c) {
        for (const std::string& id : c.ids) {
            if (const EdgeIndex e = graph.find_edge(id); e != kNoIndex) add_ends(graph.edge(e));
        }
    }
    void operator()(const Restore& c) {
        for (const Restore::NodeAt& at : c.nodes) ids.insert(at.node.id);
        for (const Restore::EdgeAt& at : c.edges) add_ends(at.edge);
    }
    void add_ends(const Edge& edge) {
        ids.insert(edge.source);
        ids.insert(edge.target);
    }
};

}  // namespace

base::Result<void> can_connect(const Graph& graph, std::string_view source_id, std::string_view target_id) {
    if (auto reason = graph.why_not_connect(source_id, target_id)) return base::fail(base::ErrorCode::invalid_argument, std::move(*reason));
    return {};
}

LinkUpdate::LinkUpdate(const Graph& graph, const Change& change) {
    Concerned concerned{graph, {}};
    std::visit(concerned, change);
    for (const std::string& id : concerned.ids) {
        const NodeIndex i = graph.find_node(id);
        noted_.push_back({id, i == kNoIndex ? Json::object() : links_of(graph, i)});
    }
    // The same change makes the same records in every run.
    std::sort(noted_.begin(), noted_.end(), [](const Noted& a, const Noted& b) { return a.id < b.id; });
}

std::vector<SetNodeData> LinkUpdate::changes(const Graph& graph) const {
    std::vector<SetNodeData> out;
    for (const Noted& noted : noted_) {
        const NodeIndex i = graph.find_node(noted.id);
        if (i == kNoIndex || !has_links(graph.node(i).kind)) continue;
        Json data = renewed(graph.node(i), noted.links, links_of(graph, i));
        if (data != graph.node(i).data) out.push_back({noted.id, std::move(data), true});
    }
    return out;
}

}  // namespace model
