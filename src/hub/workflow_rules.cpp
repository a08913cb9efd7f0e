#include "hub/workflow_rules.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "hub/plugin_catalogue.hpp"

namespace hub {

namespace {

std::string_view type_name(const Json& value) {
    switch (value.type()) {
        case Json::value_t::null: return "null";
        case Json::value_t::object: return "object";
        case Json::value_t::array: return "array";
        case Json::value_t::string: return "string";
        case Json::value_t::boolean: return "boolean";
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
        case Json::value_t::number_float: return "number";
        default: return "something else";
    }
}

std::string indexed(std::string_view list, std::size_t index) {
    return std::string(list) + "[" + std::to_string(index) + "]";
}

class StructureCheck {
public:
    std::vector<Problem> run(const Json& nodes, const Json& edges) {
        if (!nodes.is_array()) report("nodes", type_mismatch("array", nodes));
        if (!edges.is_array()) report("edges", type_mismatch("array", edges));
        if (!problems_.empty()) return std::move(problems_);
        if (nodes.size() > kMaxNodes) report("nodes", too_many("nodes", nodes.size(), kMaxNodes));
        if (edges.size() > kMaxEdges) report("edges", too_many("edges", edges.size(), kMaxEdges));
        if (!problems_.empty()) return std::move(problems_);
        for (std::size_t i = 0; i < nodes.size(); ++i) check_node(indexed("nodes", i), nodes[i], i);
        for (std::size_t i = 0; i < edges.size(); ++i) check_edge(indexed("edges", i), edges[i]);
        if (problems_.empty()) check_cycles(nodes);
        if (problems_.empty()) check_edge_kinds();
        return std::move(problems_);
    }

private:
    struct KnownEdge {
        std::string path;
        std::string id;
        std::size_t source;
        std::size_t target;
    };

    static std::string too_many(std::string_view what, std::size_t count, std::size_t limit) {
        return std::to_string(count) + " " + std::string(what) + "; the limit is " + std::to_string(limit);
    }

    void report(std::string path, std::string message, std::string node_id = {}) {
        if (problems_.size() < kMaxProblems) {
            problems_.push_back({std::move(path), std::move(message), std::move(node_id)});
        }
    }

    // The string at `name`, reporting a missing or wrong one; empty then.
    std::string required_id(const std::string& path, const Json& object, std::string_view name) {
        const Json* value = field(object, name);
        const std::string value_path = path + "." + std::string(name);
        if (!value) {
            report(value_path, "is missing");
        } else if (!value->is_string()) {
            report(value_path, type_mismatch("string", *value));
        } else {
            const std::string& text = *value->get_ptr<const std::string*>();
            if (text.empty()) {
                report(value_path, "is empty");
            } else if (text.size() > kMaxIdBytes) {
                report(value_path, "is longer than " + std::to_string(kMaxIdBytes) + " bytes");
            } else {
                return text;
            }
        }
        return {};
    }

    void check_coordinate(const std::string& path, const Json& position, std::string_view axis, const std::string& id) {
        const Json* value = field(position, axis);
        const std::string value_path = path + ".position." + std::string(axis);
        if (!value) return report(value_path, "is missing", id);
        if (!value->is_number()) return report(value_path, type_mismatch("number", *value), id);
        double number = 0;
        if (const auto* real = value->get_ptr<const Json::number_float_t*>()) {
            number = *real;
        } else {
            number = static_cast<double>(as_number(*value, 0));
        }
        if (!std::isfinite(number) || std::abs(number) > 1e7) report(value_path, "is not a usable coordinate", id);
    }

    void check_node(const std::string& path, const Json& node, std::size_t index) {
        kinds_.push_back(std::nullopt);
        ids_.emplace_back();
        if (!node.is_object()) return report(path, type_mismatch("object", node));
        const std::string id = required_id(path, node, "id");
        if (!id.empty()) {
            ids_.back() = id;
            const auto [known, is_new] = index_by_id_.emplace(id, index);
            if (!is_new) {
                report(path + ".id", "\"" + id + "\" is already the id of " + indexed("nodes", known->second), id);
            }
        }
        const std::string type = required_id(path, node, "type");
        if (!type.empty()) {
            kinds_.back() = node_kind_from_type(type);
            if (!kinds_.back()) report(path + ".type", "unknown node type \"" + type + "\"", id);
        }
        const Json* position = field(node, "position");
        if (!position) {
            report(path + ".position", "is missing", id);
        } else if (!position->is_object()) {
            report(path + ".position", type_mismatch("object", *position), id);
        } else {
            check_coordinate(path, *position, "x", id);
            check_coordinate(path, *position, "y", id);
        }
        const Json* data = field(node, "data");
        if (!data) return;
        if (!data->is_object()) return report(path + ".data", type_mismatch("object", *data), id);
        if (const Json* name = field(*data, "name"); name && !name->is_string() && !name->is_null()) {
            report(path + ".data.name", type_mismatch("string", *name), id);
        }
    }

    std::optional<std::size_t> check_end(const std::string& path, const Json& edge, std::string_view end) {
        const std::string id = required_id(path, edge, end);
        if (id.empty()) return std::nullopt;
        const auto found = index_by_id_.find(id);
        if (found == index_by_id_.end()) {
            report(path + "." + std::string(end), "there is no node \"" + id + "\"");
            return std::nullopt;
        }
        return found->second;
    }

    void check_edge(const std::string& path, const Json& edge) {
        if (!edge.is_object()) return report(path, type_mismatch("object", edge));
        const std::string id = required_id(path, edge, "id");
        if (!id.empty() && !edge_ids_.emplace(id, path).second) {
            report(path + ".id", "\"" + id + "\" is already the id of " + edge_ids_[id]);
        }
        for (const std::string_view optional : {"sourceHandle", "targetHandle", "type"}) {
            const Json* value = field(edge, optional);
            if (value && !value->is_string() && !value->is_null()) {
                report(path + "." + std::string(optional), type_mismatch("string", *value));
            }
        }
        const auto source = check_end(path, edge, "source");
        const auto target = check_end(path, edge, "target");
        if (source && target) edges_.push_back({path, id, *source, *target});
    }

    // Kahn's algorithm: what is left over lies on a cycle or behind one; walking back along it finds one cycle to name.
    void check_cycles(const Json& nodes) {
        std::vector<std::vector<std::size_t>> targets(nodes.size());
        std::vector<std::size_t> incoming(nodes.size(), 0);
        for (const KnownEdge& edge : edges_) {
            targets[edge.source].push_back(edge.target);
            ++incoming[edge.target];
        }
        std::vector<std::size_t> free_nodes;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (incoming[i] == 0) free_nodes.push_back(i);
        }
        std::size_t sorted = 0;
        while (!free_nodes.empty()) {
            const std::size_t node = free_nodes.back();
            free_nodes.pop_back();
            ++sorted;
            for (const std::size_t target : targets[node]) {
                if (--incoming[target] == 0) free_nodes.push_back(target);
            }
        }
        if (sorted == nodes.size()) return;
        report("edges", "the edges form a cycle: " + describe_cycle(incoming));
    }

    std::string describe_cycle(const std::vector<std::size_t>& incoming) const {
        std::vector<std::size_t> predecessor(incoming.size(), incoming.size());
        for (const KnownEdge& edge : edges_) {
            if (incoming[edge.source] > 0 && incoming[edge.target] > 0) predecessor[edge.target] = edge.source;
        }
        std::size_t node = 0;
        while (incoming[node] == 0) ++node;
        for (std::size_t i = 0; i < incoming.size(); ++i) node = predecessor[node];  // now surely on the cycle
        std::string text = ids_[node];
        constexpr std::size_t kNamed = 8;
        std::size_t length = 0;
        std::size_t current = node;
        do {
            current = predecessor[current];
            if (++length <= kNamed) text = ids_[current] + " → " + text;
        } while (current != node);
        if (length > kNamed) text = "… " + text;
        return text;
    }

    void check_edge_kinds() {
        for (const KnownEdge& edge : edges_) {
            const NodeKind source = *kinds_[edge.source];
            const NodeKind target = *kinds_[edge.target];
            if (edge_allowed(source, target)) continue;
            report(edge.path, "a " + std::string(info_of(source).type) + " (" + ids_[edge.source] +
                                  ") cannot be connected to a " + std::string(info_of(target).type) + " (" +
                                  ids_[edge.target] + ")");
        }
    }

    std::vector<Problem> problems_;
    std::vector<std::optional<NodeKind>> kinds_;
    std::vector<std::string> ids_;
    std::unordered_map<std::string, std::size_t> index_by_id_;
    std::unordered_map<std::string, std::string> edge_ids_;
    std::vector<KnownEdge> edges_;
};

void add_once(std::vector<const GraphNode*>& list, const GraphNode* node) {
    if (std::find(list.begin(), list.end(), node) == list.end()) list.push_back(node);
}

bool needs_image(NodeKind kind) { return has_pods(kind); }

bool name_fits(NodeKind kind, std::string_view name) {
    switch (kind) {
        case NodeKind::service:  // DNS-1035: no digit in front
            return is_dns_label(name) && !(name.front() >= '0' && name.front() <= '9');
        case NodeKind::cronjob:  // the controller appends 11 characters
            return is_dns_label(name) && name.size() <= 52;
        case NodeKind::deployment:
        case NodeKind::statefulset:
        case NodeKind::daemonset:
        case NodeKind::job:
            return is_dns_label(name);
        default:  // a label value at the same time, so not longer than one
            return is_dns_subdomain(name) && name.size() <= 63;
    }
}

}  // namespace

std::string type_mismatch(std::string_view expected, const Json& got) {
    return "expected " + std::string(expected) + ", got " + std::string(type_name(got));
}

std::vector<Problem> check_structure(const Json& nodes, const Json& edges) { return StructureCheck().run(nodes, edges); }

std::vector<Problem> check_runnable(const Json& nodes, const Json& edges, std::string_view default_namespace) {
    std::vector<Problem> problems;
    const WorkflowGraph graph = read_graph(nodes, edges, default_namespace);
    std::map<std::string, const GraphNode*> owner_by_object;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const GraphNode& node = graph.nodes[i];
        const std::string path = "nodes[" + std::to_string(i) + "].data";
        auto report = [&](std::string_view name, std::string message) {
            problems.push_back({path + "." + std::string(name), std::move(message), node.id});
        };
        if (node.name.empty()) {
            report("name", "give it a name");
        } else if (!name_fits(node.kind, node.name)) {
            report("name", "\"" + node.name + "\" is no Kubernetes name: lower case letters, digits and '-', 63 at most" +
                               (node.kind == NodeKind::service ? ", beginning with a letter" : ""));
        } else {
            // Two workloads of one name would select each other's pods, whatever their kinds are.
            const bool workload = has_pods(node.kind);
            const std::string key =
                (workload ? "workload" : std::string(info_of(node.kind).type)) + "/" + node.ns + "/" + node.name;
            const auto [known, is_new] = owner_by_object.emplace(key, &node);
            if (!is_new) report("name", "\"" + node.name + "\" is also the name of node " + known->second->id);
        }
        if (!is_dns_label(node.ns)) report("namespace", "\"" + node.ns + "\" is no namespace name");
        if (needs_image(node.kind) && text_at(*node.data, "image").empty()) report("image", "choose an image");
        if (node.kind == NodeKind::cronjob && text_at(*node.data, "schedule").empty()) report("schedule", "set a schedule");
        if (node.kind == NodeKind::hpa && graph.targets_of(i).empty()) {
            report("name", "connect the autoscaler to a deployment or stateful set");
        }
        if (node.kind == NodeKind::ingress && graph.targets_of(i).empty()) report("name", "connect the ingress to a service");
        if (const PluginNodeType* type = plugin_node_type(node.kind)) {
            for (PluginFieldProblem& problem : check_fields(*type, *node.data)) report(problem.field, std::move(problem.message));
        }
        for (const GraphNode* target : graph.targets_of(i)) {
            if (target->ns == node.ns) continue;
            report("namespace", node.name + " is in namespace " + node.ns + " but " + target->name + " in " + target->ns);
        }
    }
    return problems;
}

Json without_transient_data(Json nodes) {
    if (!nodes.is_array()) return nodes;
    for (Json& node : nodes) {
        const Json* data = field(node, "data");
        if (!data || !data->is_object()) continue;
        Json& stored = node["data"];
        stored.erase("_status");
        const std::string type = text_at(node, "type");
        if (type == "secret") {
            for (const char* values : {"data", "stringData", "values"}) stored.erase(values);
        }
        for (const char* list : {"keys", "envKeys"}) {
            if (list == std::string_view("keys") && type != "secret") continue;
            if (!stored.contains(list) || !stored[list].is_array()) continue;
            for (Json& key : stored[list]) {
                if (key.is_object()) key.erase("value");
            }
        }
    }
    return nodes;
}

WorkflowGraph read_graph(const Json& nodes, const Json& edges, std::string_view default_namespace) {
    WorkflowGraph graph;
    std::unordered_map<std::string, std::size_t> index_by_id;
    if (nodes.is_array()) {
        for (const Json& node : nodes) {
            const auto kind = node_kind_from_type(text_at(node, "type"));
            if (!kind) continue;
            GraphNode entry;
            entry.id = text_at(node, "id");
            entry.kind = *kind;
            entry.data = &object_at(node, "data");
            entry.name = text_at(*entry.data, "name");
            entry.ns = text_at(*entry.data, "namespace");
            if (entry.ns.empty()) entry.ns = default_namespace;
            index_by_id.emplace(entry.id, graph.nodes.size());
            graph.nodes.push_back(std::move(entry));
        }
    }
    graph.outgoing.resize(graph.nodes.size());
    graph.incoming.resize(graph.nodes.size());
    if (edges.is_array()) {
        for (const Json& edge : edges) {
            const auto source = index_by_id.find(text_at(edge, "source"));
            const auto target = index_by_id.find(text_at(edge, "target"));
            if (source == index_by_id.end() || target == index_by_id.end()) continue;
            graph.outgoing[source->second].push_back(graph.edges.size());
            graph.incoming[target->second].push_back(graph.edges.size());
            graph.edges.push_back({source->second, target->second, text_at(edge, "sourceHandle")});
        }
    }
    return graph;
}

std::vector<const GraphNode*> WorkflowGraph::targets_of(std::size_t node) const {
    std::vector<const GraphNode*> found;
    for (const std::size_t edge : outgoing[node]) add_once(found, &nodes[edges[edge].target]);
    return found;
}

std::vector<const GraphNode*> WorkflowGraph::sources_of(std::size_t node, NodeKind kind) const {
    std::vector<const GraphNode*> found;
    for (const std::size_t edge : incoming[node]) {
        const GraphNode& source = nodes[edges[edge].source];
        if (source.kind == kind) add_once(found, &source);
    }
    return found;
}

const GraphNode* WorkflowGraph::find(std::string_view id) const {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [id](const GraphNode& node) { return node.id == id; });
    return found == nodes.end() ? nullptr : &*found;
}

}  // namespace hub
