#include "hub/manifests.hpp"

#include <algorithm>
#include <charconv>

#include "base/encoding.hpp"
#include "hub/crypto/sha256.hpp"
#include "hub/plugin_catalogue.hpp"

namespace hub {

namespace {

// Forms deliver numbers as numbers or as text; anything else is absent.
std::optional<std::int64_t> number_field(const Json& data, std::string_view name) {
    const Json& value = value_at(data, name);
    if (value.is_number()) return as_number(value, 0);
    if (const auto* text = value.get_ptr<const std::string*>(); text && !text->empty()) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
        if (error == std::errc() && end == text->data() + text->size()) return number;
    }
    return std::nullopt;
}

// Numbers and booleans as text, as environment variables and config maps want them.
std::optional<std::string> scalar_text(const Json& value) {
    if (const auto* text = value.get_ptr<const std::string*>()) return *text;
    if (value.is_number() || value.is_boolean()) return value.dump();
    return std::nullopt;
}

// {"K": "v"} or [{"name": "K", "value": "v"}] -> ordered pairs.
std::vector<std::pair<std::string, std::string>> text_pairs(const Json& value) {
    std::vector<std::pair<std::string, std::string>> pairs;
    if (value.is_object()) {
        for (const auto& [key, entry] : value.items()) {
            if (auto text = scalar_text(entry)) pairs.emplace_back(key, std::move(*text));
        }
    } else if (value.is_array()) {
        for (const Json& entry : value) {
            std::string name = text_at(entry, "name");
            if (name.empty()) name = text_at(entry, "key");
            if (auto text = scalar_text(value_at(entry, "value")); text && !name.empty()) {
                pairs.emplace_back(std::move(name), std::move(*text));
            }
        }
    }
    return pairs;
}

Json text_list(const Json& value) {
    Json list = Json::array();
    if (value.is_array()) {
        for (const Json& entry : value) {
            if (auto text = scalar_text(entry)) list.push_back(std::move(*text));
        }
    } else if (value.is_string() && !value.get_ref<const std::string&>().empty()) {
        list = Json::array({"/bin/sh", "-c", value});
    }
    return list;
}

class Maker {
public:
    Maker(const WorkflowGraph& graph, const ManifestInput& input) : graph_(graph), input_(input) {}

    Json make(std::size_t index) const {
        if (const PluginNodeType* type = plugin_node_type(graph_.nodes[index].kind)) return custom_resource(index, *type);
        switch (graph_.nodes[index].kind) {
            case NodeKind::deployment: return deployment(index);
            case NodeKind::service: return service(index);
            case NodeKind::ingress: return ingress(index);
            case NodeKind::configmap: return config_map(index);
            case NodeKind::secret: return secret(index);
            case NodeKind::persistentvolumeclaim: return volume_claim(index);
            case NodeKind::statefulset: return stateful_set(index);
            case NodeKind::job: return job(index);
            case NodeKind::cronjob: return cron_job(index);
            case NodeKind::daemonset: return daemon_set(index);
            case NodeKind::hpa: return autoscaler(index);
            case NodeKind::networkpolicy: return network_policy(index);
        }
        return Json::object();
    }

private:
    Json base_object(const GraphNode& node) const {
        const NodeKindInfo& info = info_of(node.kind);
        Json labels = {{"app", node.name},
                       {"app.kubernetes.io/name", node.name},
                       {std::string(kManagedByLabel), "binnacle"},
                       {std::string(kWorkflowLabel), input_.workflow_id},
                       {std::string(kNodeLabel), node_label_value(node.id)}};
        for (auto& [key, value] : text_pairs(value_at(*node.data, "labels"))) {
            if (!labels.contains(key)) labels[key] = value;
        }
        return {{"apiVersion", info.api_version},
                {"kind", info.kube_kind},
                {"metadata", {{"name", node.name}, {"namespace", node.ns}, {"labels", std::move(labels)}}}};
    }

    Json custom_resource(std::size_t index, const PluginNodeType& type) const {
        Json object = fill_body(type, *graph_.nodes[index].data);
        object.merge_patch(base_object(graph_.nodes[index]));
        return object;
    }

    static bool selects_by_service_label(const WorkflowGraph& graph, std::size_t service) {
        return graph.targets_of(service).size() > 1;
    }

    Json pod_labels(std::size_t index) const {
        const GraphNode& node = graph_.nodes[index];
        Json labels = {{"app", node.name},
                       {std::string(kWorkflowLabel), input_.workflow_id},
                       {std::string(kNodeLabel), node_label_value(node.id)}};
        for (const std::size_t edge : graph_.incoming[index]) {
            const std::size_t source = graph_.edges[edge].source;
            if (graph_.nodes[source].kind == NodeKind::service && selects_by_service_label(graph_, source)) {
                labels["service.binnacle.dev/" + graph_.nodes[source].name] = "true";
            }
        }
        return labels;
    }

    Json environment(const GraphNode& node) const {
        std::map<std::string, std::string> values;
        for (auto& [key, value] : text_pairs(value_at(*node.data, "env"))) values.emplace(key, value);
        if (const auto given = input_.env.find(node.id); given != input_.env.end()) {
            for (const auto& [key, value] : given->second) values.insert_or_assign(key, value);
        }
        Json env = Json::array();
        for (const auto& [key, value] : values) env.push_back({{"name", key}, {"value", value}});
        return env;
    }

    Json environment_sources(std::size_t index) const {
        Json sources = Json::array();
        for (const GraphNode* map : graph_.sources_of(index, NodeKind::configmap)) {
            sources.push_back({{"configMapRef", {{"name", map->name}}}});
        }
        for (const GraphNode* map : graph_.sources_of(index, NodeKind::secret)) {
            sources.push_back({{"secretRef", {{"name", map->name}}}});
        }
        return sources;
    }

    // `resources` as Kubernetes spells it, or the form's `cpu` and `memory`.
    static Json resources(const Json& data) {
        Json result = Json::object();
        for (const char* part : {"requests", "limits"}) {
            for (auto& [key, value] : text_pairs(value_at(data, "resources", part))) result[part][key] = value;
        }
        if (const std::string cpu = text_at(data, "cpu"); !cpu.empty()) result["requests"]["cpu"] = cpu;
        if (const std::string memory = text_at(data, "memory"); !memory.empty()) {
            result["requests"]["memory"] = memory;
            result["limits"]["memory"] = memory;
        }
        return result;
    }

    Json container(std::size_t index) const {
        const GraphNode& node = graph_.nodes[index];
        const Json& data = *node.data;
        Json container = {{"name", node.name}, {"image", text_at(data, "image")}};
        if (const auto port = number_field(data, "port"); port && *port > 0) {
            container["ports"] = Json::array({{{"containerPort", *port}, {"protocol", "TCP"}}});
        }
        const auto add = [&container](const char* name, Json value) {
            if (!value.empty()) container[name] = std::move(value);
        };
        add("command", text_list(value_at(data, "command")));
        add("args", text_list(value_at(data, "args")));
        add("env", environment(node));
        add("envFrom", environment_sources(index));
        add("resources", resources(data));
        add("volumeMounts", volume_mounts(index));
        if (const std::string policy = text_at(data, "imagePullPolicy"); !policy.empty()) {
            container["imagePullPolicy"] = policy;
        }
        return container;
    }

    static std::string mount_path(const Json& data) {
        const std::string path = text_at(data, "mountPath");
        return path.empty() ? "/data" : path;
    }

    Json volume_mounts(std::size_t index) const {
        Json mounts = Json::array();
        for (const GraphNode* claim : graph_.sources_of(index, NodeKind::persistentvolumeclaim)) {
            mounts.push_back({{"name", claim->name}, {"mountPath", mount_path(*claim->data)}});
        }
        const GraphNode& node = graph_.nodes[index];
        if (node.kind == NodeKind::statefulset && !text_at(*node.data, "storage").empty()) {
            mounts.push_back({{"name", "data"}, {"mountPath", mount_path(*node.data)}});
        }
        return mounts;
    }

    Json pod_template(std::size_t index) const {
        Json spec = {{"containers", Json::array({container(index)})}};
        for (const GraphNode* claim : graph_.sources_of(index, NodeKind::persistentvolumeclaim)) {
            spec["volumes"].push_back(
                {{"name", claim->name}, {"persistentVolumeClaim", {{"claimName", claim->name}}}});
        }
        return {{"metadata", {{"labels", pod_labels(index)}}}, {"spec", std::move(spec)}};
    }

    Json workload(std::size_t index) const {
        const GraphNode& node = graph_.nodes[index];
        Json object = base_object(node);
        object["spec"] = {{"selector", {{"matchLabels", {{"app", node.name}}}}}, {"template", pod_template(index)}};
        return object;
    }

    // A workload under an autoscaler leaves its replicas to it.
    void set_replicas(std::size_t index, Json& spec) const {
        if (!graph_.sources_of(index, NodeKind::hpa).empty()) return;
        spec["replicas"] = std::max<std::int64_t>(0, number_field(*graph_.nodes[index].data, "replicas").value_or(1));
    }

    Json deployment(std::size_t index) const {
        Json object = workload(index);
        set_replicas(index, object["spec"]);
        if (text_at(*graph_.nodes[index].data, "strategy") == "Recreate") {
            object["spec"]["strategy"] = {{"type", "Recreate"}};
        }
        return object;
    }

    Json stateful_set(std::size_t index) const {
        const GraphNode& node = graph_.nodes[index];
        Json object = workload(index);
        Json& spec = object["spec"];
        set_replicas(index, spec);
        const auto services = graph_.sources_of(index, NodeKind::service);
        spec["serviceName"] = services.empty() ? node.name : services.front()->name;
        if (const std::string storage = text_at(*node.data, "storage"); !storage.empty()) {
            Json claim = {{"metadata", {{"name", "data"}}},
                          {"spec",
                           {{"accessModes", Json::array({"ReadWriteOnce"})},
                            {"resources", {{"requests", {{"storage", storage}}}}}}}};
            if (const std::string name = text_at(*node.data, "storageClass"); !name.empty()) {
                claim["spec"]["storageClassName"] = name;
            }
            spec["volumeClaimTemplates"] = Json::array({std::move(claim)});
        }
        return object;
    }

    Json daemon_set(std::size_t index) const { return workload(index); }

    Json job_spec(std::size_t index) const {
        const Json& data = *graph_.nodes[index].data;
        Json pods = pod_template(index);
        pods["spec"]["restartPolicy"] = text_at(data, "restartPolicy") == "OnFailure" ? "OnFailure" : "Never";
        Json spec = {{"template", std::move(pods)}};
        for (const char* name : {"completions", "parallelism", "backoffLimit", "activeDeadlineSeconds"}) {
            if (const auto number = number_field(data, name); number && *number >= 0) spec[name] = *number;
        }
        return spec;
    }

    Json job(std::size_t index) const {
        Json object = base_object(graph_.nodes[index]);
        object["spec"] = job_spec(index);
        Json work = object["spec"];
        work["template"].erase("metadata");  // the node's id is no part of what the Job does
        const std::string hash = base::hex_encode(crypto::sha256(dump_json(work))).substr(0, 16);
        object["metadata"]["annotations"] = {{std::string(kSpecHashAnnotation), hash}};
        return object;
    }

    Json cron_job(std::size_t index) const {
        const GraphNode& node = graph_.nodes[index];
        Json object = base_object(node);
        Json& spec = object["spec"];
        spec = {{"schedule", text_at(*node.data, "schedule")},
                {"jobTemplate", {{"metadata", {{"labels", pod_labels(index)}}}, {"spec", job_spec(index)}}}};
        if (const std::string policy = text_at(*node.data, "concurrencyPolicy"); !policy.empty()) {
            spec["concurrencyPolicy"] = policy;
        }
        if (value_at(*node.data, "suspend").is_boolean()) spec["suspend"] = flag_at(*node.data, "suspend");
        return object;
    }

    Json service_selector(std::size_t index) const {
        const auto targets = graph_.targets_of(index);
        if (targets.empty()) return Json::object();
        if (targets.size() == 1) return {{"app", targets.front()->name}};
        return {{"service.binnacle.dev/" + graph_.nodes[index].name, "true"}};
    }

    Json service(std::size_t index) const {
        const GraphNode& node = graph_.nodes[index];
        const Json& data = *node.data;
        Json object = base_object(node);
        Json& spec = object["spec"];
        const std::string type = text_at(data, "serviceType");
        spec["type"] = type.empty() ? "ClusterIP" : type;
        if (flag_at(data, "headless")) spec["clusterIP"] = "None";
        if (Json selector = service_selector(index); !selector.empty()) spec["selector"] = std::move(selector);
        std::int64_t target_port = 0;
        for (const GraphNode* target : graph_.targets_of(index)) {
            if (const auto port = number_field(*target->data, "port"); port && target_port == 0) target_port = *port;
        }
        Json ports = Json::array();
        const auto add_port = [&](const Json& from) {
            const std::int64_t port =
                number_field(from, "port").value_or(target_port > 0 ? target_port : std::int64_t{80});
            const std::string protocol = text_at(from, "protocol");
            Json entry = {{"name", text_at(from, "portName").empty() ? "port-" + std::to_string(port) : text_at(from, "portName")},
                          {"port", port},
                          {"protocol", protocol.empty() ? "TCP" : protocol},
                          {"targetPort", number_field(from, "targetPort").value_or(target_port > 0 ? target_port : port)}};
            if (const auto node_port = number_field(from, "nodePort"); node_port && *node_port > 0 && spec["type"] != "ClusterIP") {
                entry["nodePort"] = *node_port;
            }
            ports.push_back(std::move(entry));
        };
        if (array_at(data, "ports").empty()) {
            add_port(data);
        } else {
            for (const Json& port : array_at(data, "ports")) add_port(port);
        }
        spec["ports"] = std::move(ports);
        return object;
    }

    static std::int64_t service_port(const WorkflowGraph& graph, std::size_t service) {
        const Json& data = *graph.nodes[service].data;
        const Json& ports = array_at(data, "ports");
        if (const auto port = number_field(ports.empty() ? data : ports.front(), "port")) return *port;
        for (const GraphNode* target : graph.targets_of(service)) {
            if (const auto port = number_field(*target->data, "port")) return *port;
        }
        return 80;
    }

    Json ingress_path(const Json& path, std::size_t service) const {
        const std::string text = text_at(path, "path");
        const std::string type = text_at(path, "pathType");
        return {{"path", text.empty() ? "/" : text},
                {"pathType", type.empty() ? "Prefix" : type},
                {"backend",
                 {{"service",
                   {{"name", graph_.nodes[service].name}, {"port", {{"number", service_port(graph_, service)}}}}}}}};
    }

    // Each edge is a backend; its sourceHandle says which of the node's paths leads there, the first one by default.
    Json ingress(std::size_t index) const {
        const GraphNode& node = graph_.nodes[index];
        const Json& data = *node.data;
        Json object = base_object(node);
        Json paths = Json::array();
        const Json& declared = array_at(data, "paths");
        for (const std::size_t edge_index : graph_.outgoing[index]) {
            const GraphEdge& edge = graph_.edges[edge_index];
            const Json* chosen = nullptr;
            for (const Json& path : declared) {
                if (!edge.source_handle.empty() && text_at(path, "id") == edge.source_handle) chosen = &path;
            }
            if (!chosen && !declared.empty()) chosen = &declared.front();
            paths.push_back(ingress_path(chosen ? *chosen : data, edge.target));
        }
        Json rule = {{"http", {{"paths", std::move(paths)}}}};
        const std::string host = text_at(data, "host");
        if (!host.empty()) rule["host"] = host;
        object["spec"] = {{"rules", Json::array({std::move(rule)})}};
        if (const std::string name = text_at(data, "ingressClassName"); !name.empty()) {
            object["spec"]["ingressClassName"] = name;
        }
        if (const std::string name = text_at(data, "tlsSecret"); !name.empty()) {
            Json tls = {{"secretName", name}};
            if (!host.empty()) tls["hosts"] = Json::array({host});
            object["spec"]["tls"] = Json::array({std::move(tls)});
        }
        return object;
    }

    Json config_map(std::size_t index) const {
        Json object = base_object(graph_.nodes[index]);
        object["data"] = Json::object();
        for (auto& [key, value] : text_pairs(value_at(*graph_.nodes[index].data, "data"))) object["data"][key] = value;
        return object;
    }

    Json secret(std::size_t index) const {
        const GraphNode& node = graph_.nodes[index];
        Json object = base_object(node);
        const std::string type = text_at(*node.data, "secretType");
        object["type"] = type.empty() ? "Opaque" : type;
        object["data"] = Json::object();
        if (const auto values = input_.secrets.find(node.id); values != input_.secrets.end()) {
            for (const auto& [key, value] : values->second) object["data"][key] = base::base64_encode(value);
        }
        return object;
    }

    Json volume_claim(std::size_t index) const {
        const Json& data = *graph_.nodes[index].data;
        Json object = base_object(graph_.nodes[index]);
        const std::string size = text_at(data, "size");
        const std::string mode = text_at(data, "accessMode");
        object["spec"] = {{"accessModes", Json::array({mode.empty() ? "ReadWriteOnce" : mode})},
                          {"resources", {{"requests", {{"storage", size.empty() ? "1Gi" : size}}}}}};
        if (const std::string name = text_at(data, "storageClass"); !name.empty()) {
            object["spec"]["storageClassName"] = name;
        }
        return object;
    }

    Json autoscaler(std::size_t index) const {
        const Json& data = *graph_.nodes[index].data;
        Json object = base_object(graph_.nodes[index]);
        const std::int64_t min_replicas = std::max<std::int64_t>(1, number_field(data, "minReplicas").value_or(1));
        Json& spec = object["spec"];
        spec = {{"minReplicas", min_replicas},
                {"maxReplicas", std::max(min_replicas, number_field(data, "maxReplicas").value_or(5))},
                {"metrics",
                 Json::array({{{"type", "Resource"},
                               {"resource",
                                {{"name", "cpu"},
                                 {"target",
                                  {{"type", "Utilization"},
                                   {"averageUtilization", number_field(data, "targetCPU").value_or(80)}}}}}}})}};
        if (const auto targets = graph_.targets_of(index); !targets.empty()) {
            const NodeKindInfo& info = info_of(targets.front()->kind);
            spec["scaleTargetRef"] = {
                {"apiVersion", info.api_version}, {"kind", info.kube_kind}, {"name", targets.front()->name}};
        }
        return object;
    }

    Json network_policy(std::size_t index) const {
        const Json& data = *graph_.nodes[index].data;
        Json object = base_object(graph_.nodes[index]);
        Json names = Json::array();
        for (const GraphNode* target : graph_.targets_of(index)) names.push_back(target->name);
        Json selector = Json::object();  // without an edge: every pod of the namespace
        if (names.size() == 1) selector = {{"matchLabels", {{"app", names.front()}}}};
        if (names.size() > 1) {
            selector = {{"matchExpressions", Json::array({{{"key", "app"}, {"operator", "In"}, {"values", names}}})}};
        }
        object["spec"] = {{"podSelector", std::move(selector)}, {"policyTypes", Json::array({"Ingress"})}};
        const std::string allow = text_at(data, "allowFrom");
        Json rule = Json::object();
        if (const auto port = number_field(data, "port"); port && *port > 0) {
            rule["ports"] = Json::array({{{"protocol", "TCP"}, {"port", *port}}});
        }
        if (allow == "none") {
            object["spec"]["ingress"] = Json::array();
        } else {
            if (allow != "all") rule["from"] = Json::array({{{"podSelector", Json::object()}}});
            object["spec"]["ingress"] = Json::array({std::move(rule)});
        }
        return object;
    }

    const WorkflowGraph& graph_;
    const ManifestInput& input_;
};

bool is_label_value(std::string_view text) {
    if (text.empty() || text.size() > 63) return false;
    const auto alnum = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return alnum(text.front()) && alnum(text.back()) &&
           std::all_of(text.begin(), text.end(), [&](char c) { return alnum(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace

std::vector<std::size_t> apply_order(const WorkflowGraph& graph) {
    std::vector<std::size_t> order(graph.nodes.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&graph](std::size_t a, std::size_t b) {
        return info_of(graph.nodes[a].kind).apply_order < info_of(graph.nodes[b].kind).apply_order;
    });
    return order;
}

Json make_manifest(const WorkflowGraph& graph, std::size_t node, const ManifestInput& input) {
    return Maker(graph, input).make(node);
}

std::string node_label_value(std::string_view node_id) {
    if (is_label_value(node_id)) return std::string(node_id);
    return "h-" + base::hex_encode(crypto::sha256(node_id)).substr(0, 16);
}

std::vector<ExpectedKey> expected_keys(const GraphNode& node) {
    std::vector<ExpectedKey> keys;
    const bool secret = node.kind == NodeKind::secret;
    for (const Json& key : array_at(*node.data, secret ? "keys" : "envKeys")) {
        if (std::string name = text_at(key, "name"); !name.empty()) {
            keys.push_back({std::move(name), secret && flag_at(key, "generate")});
        }
    }
    return keys;
}

}  // namespace hub
