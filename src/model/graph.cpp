#include "model/graph.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "model/graph/connecting.hpp"

namespace model {

namespace {

struct KindWord {
    NodeKind kind;
    std::string_view type;
    std::string_view title;
};

constexpr std::array<KindWord, 13> kKinds{{
    {NodeKind::deployment, "deployment", "Deployment"},
    {NodeKind::service, "service", "Service"},
    {NodeKind::ingress, "ingress", "Ingress"},
    {NodeKind::configmap, "configmap", "ConfigMap"},
    {NodeKind::secret, "secret", "Secret"},
    {NodeKind::persistentvolumeclaim, "persistentvolumeclaim", "PersistentVolumeClaim"},
    {NodeKind::statefulset, "statefulset", "StatefulSet"},
    {NodeKind::job, "job", "Job"},
    {NodeKind::cronjob, "cronjob", "CronJob"},
    {NodeKind::daemonset, "daemonset", "DaemonSet"},
    {NodeKind::hpa, "hpa", "HorizontalPodAutoscaler"},
    {NodeKind::networkpolicy, "networkpolicy", "NetworkPolicy"},
    {NodeKind::plugin, "plugin", "Resource"},
}};

struct StateWord {
    NodeState state;
    std::string_view wire;
    std::string_view ui;
};

// The one table from the contract's words to the words a user reads.
constexpr std::array<StateWord, 9> kStates{{
    {NodeState::none, "", "not deployed"},
    {NodeState::created, "created", "created"},
    {NodeState::pending, "pending", "pending"},
    {NodeState::running, "running", "rolling out"},
    {NodeState::partial, "partial", "degraded"},
    {NodeState::healthy, "healthy", "healthy"},
    {NodeState::error, "error", "failed"},
    {NodeState::bound, "Bound", "bound"},
    {NodeState::lost, "Lost", "lost"},
}};

// Edges that mean something in Kubernetes (contract: "Edges the UI allows").
bool kinds_connect(NodeKind source, NodeKind target) {
    using K = NodeKind;
    switch (source) {
        case K::ingress: return target == K::service;
        case K::service: return target == K::deployment || target == K::statefulset || target == K::daemonset;
        case K::configmap:
        case K::secret:
            return target == K::deployment || target == K::statefulset || target == K::job || target == K::cronjob ||
                   target == K::daemonset;
        case K::persistentvolumeclaim:
        case K::hpa: return target == K::deployment || target == K::statefulset;
        case K::networkpolicy: return target == K::deployment || target == K::statefulset || target == K::daemonset;
        case K::plugin: return true;
        default: return target == K::plugin;
    }
}

// "an Ingress"
std::string with_article(NodeKind kind, bool sentence = false) {
    const std::string_view title = kind_title(kind);
    const bool vowel = !title.empty() && std::string_view("AEIOU").find(title.front()) != std::string_view::npos;
    return std::string(sentence ? "A" : "a") + (vowel ? "n " : " ") + std::string(title);
}

// "a Deployment, a StatefulSet or a DaemonSet"; empty when edges only lead to this kind.
std::string targets_of(NodeKind kind) {
    std::vector<std::string> names;
    for (const KindWord& target : kKinds) {
        if (target.kind != NodeKind::plugin && kinds_connect(kind, target.kind)) names.push_back(with_article(target.kind));
    }
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) out += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
    return out;
}

std::string string_field(const Json& object, const char* key) {
    if (!object.is_object()) return {};
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? it->get_ref<const std::string&>() : std::string{};
}

std::string subtitle_of(const Node& node) {
    switch (node.kind) {
        case NodeKind::deployment:
        case NodeKind::statefulset:
        case NodeKind::daemonset:
        case NodeKind::job:
        case NodeKind::cronjob: {
            const std::string image = string_field(node.data, "image");
            return image.empty() ? std::string(kind_title(node.kind)) : image;
        }
        case NodeKind::configmap:
        case NodeKind::secret: {
            const char* field = node.kind == NodeKind::secret ? "keys" : "data";
            const auto it = node.data.find(field);
            const std::size_t count = it != node.data.end() && (it->is_object() || it->is_array()) ? it->size() : 0;
            std::string text(kind_title(node.kind));
            if (count > 0) text += " · " + std::to_string(count) + (count == 1 ? " key" : " keys");
            return text;
        }
        case NodeKind::plugin: return node.type;
        default: return std::string(kind_title(node.kind));
    }
}

base::Result<Vec2> position_from_json(const Json& node, const std::string& path) {
    Vec2 position;
    const auto it = node.find("position");
    if (it == node.end()) return position;
    if (!it->is_object()) return base::fail(base::ErrorCode::invalid_argument, path + ".position: expected an object");
    const auto read = [&](const char* key, float& out) {
        const auto field = it->find(key);
        if (field == it->end()) return true;
        if (!field->is_number()) return false;
        const double value = field->template get<double>();
        if (!std::isfinite(value) || std::abs(value) > static_cast<double>(kMaxCoordinate)) return false;
        out = static_cast<float>(value);
        return true;
    };
    if (!read("x", position.x) || !read("y", position.y)) {
        return base::fail(base::ErrorCode::invalid_argument, path + ".position: expected finite numbers x and y");
    }
    return position;
}

}  // namespace

std::string short_name(std::string_view name) {
    constexpr std::size_t kMaxBytes = 60;
    if (name.size() <= kMaxBytes) return std::string(name);
    return std::string(base::utf8_prefix(name, kMaxBytes)) + "…";
}

void derive_fields(Node& node) {
    node.kind = node_kind_from_type(node.type);
    node.name = string_field(node.data, "name");
    if (node.name.empty()) node.name = node.id;
    node.subtitle = subtitle_of(node);
}

bool kinds_may_connect(NodeKind source, NodeKind target) { return kinds_connect(source, target); }

NodeKind node_kind_from_type(std::string_view type) {
    for (const auto& entry : kKinds) {
        if (entry.type == type) return entry.kind;
    }
    return NodeKind::plugin;
}

std::string_view kind_title(NodeKind kind) { return kKinds[static_cast<std::size_t>(kind)].title; }

NodeState node_state_from_wire(std::string_view word) {
    if (word == "Pending") return NodeState::pending;  // a claim's phase
    for (const auto& entry : kStates) {
        if (entry.wire == word) return entry.state;
    }
    return NodeState::none;
}

std::string_view wire_word(NodeState state) { return kStates[static_cast<std::size_t>(state)].wire; }
std::string_view ui_word(NodeState state) { return kStates[static_cast<std::size_t>(state)].ui; }

NodeStatus node_status_from_json(const Json& status) {
    NodeStatus out;
    if (!status.is_object()) return out;
    out.wire_state = string_field(status, "state");
    out.state = node_state_from_wire(out.wire_state);
    out.message = string_field(status, "message");
    out.cluster_ip = string_field(status, "clusterIP");
    out.external_ip = string_field(status, "externalIP");
    if (out.external_ip.empty()) out.external_ip = string_field(status, "loadBalancerIP");
    const auto integer = [&](const char* key, int& target) {
        const auto it = status.find(key);
        if (it != status.end() && it->is_number_integer()) target = static_cast<int>(it->template get<std::int64_t>());
    };
    integer("replicas", out.replicas);
    integer("readyReplicas", out.ready_replicas);
    integer("nodePort", out.node_port);
    return out;
}

std::string_view ui_word(NodeKind kind, NodeState state) {
    if (kind == NodeKind::job && state == NodeState::healthy) return "completed";
    if (kind == NodeKind::job && state == NodeState::running) return "running";
    return ui_word(state);
}

base::Result<NodeOfJson> node_from_json(const Json& item, const std::string& path) {
    if (!item.is_object()) return base::fail(base::ErrorCode::invalid_argument, path + ": expected an object");
    NodeOfJson out;
    Node& node = out.node;
    node.id = string_field(item, "id");
    node.type = string_field(item, "type");
    if (node.id.empty()) return base::fail(base::ErrorCode::invalid_argument, path + ".id: missing");
    auto position = position_from_json(item, path);
    if (!position) return base::fail(position.error());
    node.position = *position;
    const auto data = item.find("data");
    if (data != item.end() && data->is_object()) {
        node.data = *data;
        if (const auto live = node.data.find("_status"); live != node.data.end()) {
            out.status = node_status_from_json(*live);
            node.data.erase(live);
        }
    }
    derive_fields(node);
    return out;
}

base::Result<Edge> edge_from_json(const Json& item, const std::string& path) {
    if (!item.is_object()) return base::fail(base::ErrorCode::invalid_argument, path + ": expected an object");
    Edge edge{string_field(item, "id"), string_field(item, "source"), string_field(item, "target"), string_field(item, "sourceHandle"),
              string_field(item, "targetHandle")};
    if (edge.id.empty()) edge.id = edge.source + "-" + edge.target;
    return edge;
}

Json node_to_json(const Node& node) {
    return {{"id", node.id}, {"type", node.type}, {"position", {{"x", node.position.x}, {"y", node.position.y}}}, {"data", node.data}};
}

Json edge_to_json(const Edge& edge) {
    Json out{{"id", edge.id}, {"source", edge.source}, {"target", edge.target}};
    if (!edge.source_handle.empty()) out["sourceHandle"] = edge.source_handle;
    if (!edge.target_handle.empty()) out["targetHandle"] = edge.target_handle;
    return out;
}

base::Result<Graph> Graph::from_json(const Json& workflow) {
    Graph graph;
    if (!workflow.is_object()) return base::fail(base::ErrorCode::invalid_argument, "workflow: expected an object");
    const auto nodes = workflow.find("nodes");
    if (nodes != workflow.end() && !nodes->is_null()) {
        if (!nodes->is_array()) return base::fail(base::ErrorCode::invalid_argument, "nodes: expected an array");
        for (std::size_t i = 0; i < nodes->size(); ++i) {
            const std::string path = "nodes[" + std::to_string(i) + "]";
            auto read = node_from_json((*nodes)[i], path);
            if (!read) return base::fail(read.error());
            const std::string id = read->node.id;
            if (auto added = graph.apply(AddNode{std::move(read->node)}); !added) {
                return base::fail(added.error().code, path + ": " + added.error().message);
            }
            graph.set_status(id, std::move(read->status));
        }
    }
    const auto edges = workflow.find("edges");
    if (edges != workflow.end() && !edges->is_null()) {
        if (!edges->is_array()) return base::fail(base::ErrorCode::invalid_argument, "edges: expected an array");
        for (std::size_t i = 0; i < edges->size(); ++i) {
            const std::string path = "edges[" + std::to_string(i) + "]";
            auto read = edge_from_json((*edges)[i], path);
            if (!read) return base::fail(read.error());
            // A stored document is shown as it is: only what cannot be drawn is refused, the rules of kinds hold for new edges.
            for (const auto& [field, id] : {std::pair{".source", &read->source}, std::pair{".target", &read->target}}) {
                if (graph.find_node(*id) == kNoIndex) {
                    return base::fail(base::ErrorCode::invalid_argument, path + field + ": there is no node \"" + *id + "\"");
                }
            }
            if (graph.find_edge(read->id) != kNoIndex) {
                return base::fail(base::ErrorCode::conflict, path + ".id: \"" + read->id + "\" is taken");
            }
            graph.put_edge(*read);
        }
    }
    graph.document_version_ = 0;
    ++graph.layout_version_;
    return graph;
}

Json Graph::nodes_to_json() const {
    Json out = Json::array();
    for (const auto& slot : nodes_) {
        if (!slot.node.id.empty()) out.push_back(node_to_json(slot.node));
    }
    return out;
}

Json Graph::edges_to_json() const {
    Json out = Json::array();
    for (const auto& slot : edges_) {
        if (!slot.edge.id.empty()) out.push_back(edge_to_json(slot.edge));
    }
    return out;
}

bool Graph::reaches(NodeIndex from, NodeIndex to) const {
    if (nodes_[from].edges.empty()) return false;
    std::vector<NodeIndex> stack{from};
    std::vector<bool> seen(nodes_.size());
    while (!stack.empty()) {
        const NodeIndex at = stack.back();
        stack.pop_back();
        if (at == to) return true;
        if (seen[at]) continue;
        seen[at] = true;
        for (const EdgeIndex edge : nodes_[at].edges) {
            if (edges_[edge].source == at) stack.push_back(edges_[edge].target);
        }
    }
    return false;
}

std::optional<std::string> Graph::why_not_connect(std::string_view source_id, std::string_view target_id) const {
    const NodeIndex source = find_node(source_id);
    const NodeIndex target = find_node(target_id);
    if (source == kNoIndex) return "There is no node \"" + short_name(source_id) + "\" for the edge to start at";
    if (target == kNoIndex) return "There is no node \"" + short_name(target_id) + "\" for the edge to end at";
    if (source == target) return std::string("A node cannot connect to itself");
    const Node& from = nodes_[source].node;
    const Node& to = nodes_[target].node;
    for (const EdgeIndex edge : nodes_[source].edges) {
        if (edges_[edge].source == source && edges_[edge].target == target) {
            return short_name(from.name) + " is already connected to " + short_name(to.name);
        }
    }
    if (!kinds_connect(from.kind, to.kind)) {
        if (kinds_connect(to.kind, from.kind)) {
            return "Connect from the " + std::string(kind_title(to.kind)) + " to the " + std::string(kind_title(from.kind)) +
                   ", not the other way";
        }
        const std::string reason = with_article(from.kind, true) + " does not connect to " + with_article(to.kind) + ". ";
        const std::string targets = targets_of(from.kind);
        return reason + (targets.empty() ? "Edges lead to " + with_article(from.kind) + ", not away from it" : "It connects to " + targets);
    }
    if (reaches(target, source)) return "This edge would close a cycle through " + short_name(to.name);
    return std::nullopt;
}

bool Graph::has_room_for(const Edge& edge) const {
    const NodeIndex source = find_node(edge.source);
    const NodeIndex target = find_node(edge.target);
    if (source == kNoIndex || target == kNoIndex || source == target) return false;
    for (const EdgeIndex other : nodes_[source].edges) {
        if (edges_[other].source == source && edges_[other].target == target) return false;
    }
    return !reaches(target, source);
}

NodeIndex Graph::find_node(std::string_view id) const {
    const auto it = node_by_id_.find(std::string(id));
    return it == node_by_id_.end() ? kNoIndex : it->second;
}

EdgeIndex Graph::find_edge(std::string_view id) const {
    const auto it = edge_by_id_.find(std::string(id));
    return it == edge_by_id_.end() ? kNoIndex : it->second;
}

Rect Graph::node_rect(NodeIndex i) const {
    const Vec2 at = nodes_[i].node.position;
    return {at, {at.x + kNodeSize.x, at.y + kNodeSize.y}};
}

std::optional<Rect> Graph::bounds() const {
    std::optional<Rect> all;
    for (NodeIndex i = 0; i < node_slots(); ++i) {
        if (!node_alive(i)) continue;
        const Rect rect = node_rect(i);
        if (!all) {
            all = rect;
            continue;
        }
        all->min.x = std::min(all->min.x, rect.min.x);
        all->min.y = std::min(all->min.y, rect.min.y);
        all->max.x = std::max(all->max.x, rect.max.x);
        all->max.y = std::max(all->max.y, rect.max.y);
    }
    return all;
}

bool Graph::set_status(std::string_view node_id, NodeStatus status) {
    const NodeIndex index = find_node(node_id);
    if (index == kNoIndex || nodes_[index].status == status) return false;
    nodes_[index].status = std::move(status);
    ++status_version_;
    return true;
}

void Graph::clear_statuses() {
    for (auto& slot : nodes_) slot.status = NodeStatus{};
    ++status_version_;
}

std::string Graph::free_node_id(std::string_view type) const {
    for (std::size_t n = node_count() + 1;; ++n) {
        std::string id = std::string(type) + "-" + std::to_string(n);
        if (!node_by_id_.contains(id)) return id;
    }
}

std::string Graph::free_name(std::string_view wanted) const {
    const auto taken = [this](const std::string& name) {
        return std::any_of(nodes_.begin(), nodes_.end(),
                           [&](const NodeSlot& slot) { return !slot.node.id.empty() && slot.node.name == name; });
    };
    std::string name(wanted);
    for (int n = 2; taken(name); ++n) name = std::string(wanted) + "-" + std::to_string(n);
    return name;
}

}  // namespace model
