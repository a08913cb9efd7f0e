// Kubernetes objects as nodes. What each field becomes is in docs/import.md.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "hub/import_formats.hpp"
#include "hub/manifests.hpp"
#include "hub/node_status.hpp"

namespace hub {

namespace {

struct Object {
    const Json* json = nullptr;
    const YamlMark* mark = nullptr;
    NodeKind kind = NodeKind::deployment;
    std::string name;
    std::string ns;          // as written; empty: none
    std::size_t node = ImportDraft::kNone;  // the first one, of an Ingress of several hosts

    [[nodiscard]] std::string title() const { return std::string(info_of(kind).kube_kind) + "/" + name; }
};

std::optional<NodeKind> kind_of(std::string_view api_version, std::string_view kind) {
    const std::string_view group = api_version.substr(0, api_version.find('/'));
    for (const NodeKindInfo& info : kNodeKinds) {
        // Whatever the version: what was written for extensions/v1beta1 or autoscaling/v1 means the same here.
        const std::string_view own = info.api_version.substr(0, info.api_version.find('/'));
        const bool core = own == "v1";
        if (info.kube_kind == kind && (core ? group == "v1" : group == own || group == "extensions")) return info.kind;
    }
    return std::nullopt;
}

// Fields of a pod or its container that nodes have no place for.
constexpr std::array kPodFields = std::to_array<std::string_view>({"initContainers", "serviceAccountName", "nodeSelector", "affinity", "tolerations", "securityContext", "hostNetwork", "imagePullSecrets",
                                                                   "priorityClassName", "topologySpreadConstraints", "hostAliases"});
constexpr std::array kContainerFields = std::to_array<std::string_view>({"livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "securityContext", "workingDir"});

class ManifestReader {
public:
    ManifestReader(const std::string& ns, ImportDraft& draft) : ns_(ns), draft_(draft) {}

    void run(const std::vector<YamlDocument>& documents) {
        for (const YamlDocument& document : documents) read_document(document.value, document.marks);
        for (Object& object : objects_) make_node(object);
        for (const Object& object : objects_) connect(object);
    }

private:
    void warn(const Object& object, std::string_view code, std::string message, std::string field, int line) {
        draft_.warn({.code = std::string(code), .message = std::move(message), .service = object.title(), .field = std::move(field), .line = line});
    }

    // ---- objects ----------------------------------------------------------------------------------------------------------------

    void read_document(const Json& json, const YamlMark& mark) {
        if (!json.is_object()) return draft_.error({.code = "not_an_object", .message = "This document is no Kubernetes object: it has no \"apiVersion\" and \"kind\".", .line = mark.line});
        const std::string kind = text_at(json, "kind");
        const std::string api_version = text_at(json, "apiVersion");
        if (kind.empty() || api_version.empty()) {
            return draft_.error({.code = "not_an_object", .message = std::string("This document has no \"") + (kind.empty() ? "kind" : "apiVersion") + "\".", .line = mark.line});
        }
        if (kind == "List" || (kind.ends_with("List") && value_at(json, "items").is_array())) {
            const Json& items = array_at(json, "items");
            for (std::size_t i = 0; i < items.size(); ++i) {
                // A list within a list would be one level too many for anybody to read.
                const bool nested = text_at(items[i], "kind") == "List";
                if (!nested) read_document(items[i], mark_at(mark, {"items", i}));
            }
            return;
        }
        const auto known = kind_of(api_version, kind);
        if (!known) return tell_unknown(kind, api_version, mark);
        Object object{.json = &json, .mark = &mark, .kind = *known, .name = text_at(json, "metadata", "name"), .ns = text_at(json, "metadata", "namespace")};
        if (object.name.empty()) {
            return draft_.error({.code = "no_name", .message = "This " + kind + " has no name (metadata.name).", .field = "metadata.name", .line = line_of(mark, {"metadata"})});
        }
        if (!seen_.insert(object.title() + "/" + object.ns).second) {
            return draft_.error({.code = "duplicate", .message = object.title() + " is there twice; the first one is used.", .service = object.title(), .line = mark.line});
        }
        if (objects_.size() < ImportDraft::kMaxNodes) return objects_.push_back(std::move(object));
        if (!std::exchange(told_many_, true)) draft_.error({.code = "too_many_objects", .message = "The file has more than " + std::to_string(ImportDraft::kMaxNodes) + " objects. Import it in parts.", .line = mark.line});
    }

    void tell_unknown(const std::string& kind, const std::string& api_version, const YamlMark& mark) {
        draft_.warn({.code = "unsupported_kind", .message = "A " + kind + " (" + api_version + ") is no node of the canvas. Apply it with kubectl where it is needed.", .field = "kind", .line = line_of(mark, {"kind"})});
    }

    // ---- nodes --------------------------------------------------------------------------------------------------------------------

    Json base_data(const Object& object) const {
        Json data = Json::object();
        const std::string& ns = object.ns.empty() ? ns_ : object.ns;
        if (!ns.empty()) data["namespace"] = ns;
        Json labels = Json::object();
        for (const auto& [name, value] : object_at(*object.json, "metadata", "labels").items()) {
            const bool ours = name == "app" || name == "app.kubernetes.io/name" || name == kManagedByLabel || name.starts_with("binnacle.dev/");
            if (!ours && value.is_string()) labels[name] = value;
        }
        if (!labels.empty()) data["labels"] = std::move(labels);
        return data;
    }

    void make_node(Object& object) {
        Json data = base_data(object);
        const Json& json = *object.json;
        switch (object.kind) {
            case NodeKind::configmap: config_map(object, data); break;
            case NodeKind::secret: secret(object, data); break;
            case NodeKind::persistentvolumeclaim: claim(json, data); break;
            case NodeKind::service: service(json, data); break;
            case NodeKind::hpa: autoscaler(object, data); break;
            case NodeKind::networkpolicy: policy(object, data); break;
            case NodeKind::ingress: return ingress(object, data);
            default: workload(object, data); break;
        }
        object.node = draft_.add(object.kind, object.name, std::move(data));
        if (has_pods(object.kind)) describe(object);
    }

    void config_map(const Object& object, Json& data) {
        data["data"] = Json::object();
        for (const auto& [key, value] : object_at(*object.json, "data").items()) data["data"][key] = scalar_words(value);
        if (!object_at(*object.json, "binaryData").empty()) warn(object, "binary_data", "Its binary data is left out.", "binaryData", line_of(*object.mark, {"binaryData"}));
    }

    void secret(const Object& object, Json& data) {
        std::set<std::string> names;
        for (const char* part : {"data", "stringData"}) {
            for (const auto& [key, value] : object_at(*object.json, part).items()) names.insert(key);
        }
        data["keys"] = Json::array();
        for (const std::string& name : names) data["keys"].push_back({{"id", name}, {"name", name}});
        const std::string type = text_at(*object.json, "type");
        const bool known = type == "kubernetes.io/tls" || type == "kubernetes.io/basic-auth";
        data["secretType"] = known ? type : "Opaque";
        if (!known && !type.empty() && type != "Opaque") warn(object, "secret_type", "Its type " + type + " becomes Opaque.", "type", line_of(*object.mark, {"type"}));
        if (!names.empty()) warn(object, "secret_values", "The import keeps the names of its keys, not the values. Run asks for them.", "data", line_of(*object.mark, {"data"}));
    }

    static void claim_fields(const Json& spec, Json& data, const char* size) {
        if (const std::string storage = scalar_words(value_at(spec, "resources", "requests", "storage")); !storage.empty()) data[size] = storage;
        if (const std::string name = text_at(spec, "storageClassName"); !name.empty()) data["storageClass"] = name;
    }

    static void claim(const Json& json, Json& data) {
        data["size"] = "1Gi";
        claim_fields(value_at(json, "spec"), data, "size");
        const Json& modes = array_at(json, "spec", "accessModes");
        data["accessMode"] = modes.empty() ? "ReadWriteOnce" : scalar_words(modes.front());
    }

    void service(const Json& json, Json& data) {
        const std::string type = text_at(json, "spec", "type");
        data["serviceType"] = type == "NodePort" || type == "LoadBalancer" ? type : "ClusterIP";
        if (text_at(json, "spec", "clusterIP") == "None") data["headless"] = true;
        const Json& ports = array_at(json, "spec", "ports");
        Json list = Json::array();
        for (const Json& port : ports) {
            Json entry = {{"port", number_at(port, 80, "port")}, {"protocol", text_at(port, "protocol").empty() ? "TCP" : text_at(port, "protocol")}};
            if (const std::string name = text_at(port, "name"); !name.empty()) entry["portName"] = name;
            const Json& target = value_at(port, "targetPort");
            if (target.is_number()) entry["targetPort"] = target;
            if (target.is_string()) entry["targetPortName"] = target;  // a number as soon as the workload is known
            if (const std::int64_t node_port = number_at(port, 0, "nodePort"); node_port > 0) entry["nodePort"] = node_port;
            list.push_back(std::move(entry));
        }
        if (list.size() == 1) data.update(list.front());
        else if (!list.empty()) data["ports"] = std::move(list);
    }

    void autoscaler(const Object& object, Json& data) {
        const Json& spec = value_at(*object.json, "spec");
        data["minReplicas"] = number_at(spec, 1, "minReplicas");
        data["maxReplicas"] = number_at(spec, 5, "maxReplicas");
        std::int64_t target = number_at(spec, 0, "targetCPUUtilizationPercentage");
        bool others = false;
        for (const Json& metric : array_at(spec, "metrics")) {
            const bool cpu = text_at(metric, "type") == "Resource" && text_at(metric, "resource", "name") == "cpu";
            if (cpu) target = number_at(metric, target, "resource", "target", "averageUtilization");
            else others = true;
        }
        if (target > 0) data["targetCPU"] = target;
        if (others) warn(object, "metrics", "Only its CPU target is carried over.", "spec.metrics", line_of(*object.mark, {"spec", "metrics"}));
    }

    void policy(const Object& object, Json& data) {
        const Json& spec = value_at(*object.json, "spec");
        const int line = line_of(*object.mark, {"spec"});
        const Json& rules = array_at(spec, "ingress");
        bool simple = object_at(spec, "podSelector", "matchExpressions").empty() && value_at(spec, "egress").is_null() && rules.size() <= 1;
        std::string from = "none";
        if (!rules.empty()) {
            const Json& peers = array_at(rules.front(), "from");
            from = peers.empty() ? "all" : "namespace";
            for (const Json& peer : peers) simple = simple && value_at(peer, "podSelector").is_object() && object_at(peer, "podSelector").empty() && value_at(peer, "namespaceSelector").is_null();
            const Json& ports = array_at(rules.front(), "ports");
            if (!ports.empty() && value_at(ports.front(), "port").is_number()) data["port"] = value_at(ports.front(), "port");
            simple = simple && ports.size() <= 1;
        }
        data["allowFrom"] = from;
        if (!simple) warn(object, "policy_simplified", "A node knows \"nobody\", \"pods of the namespace\" and \"everybody\" for one port; the rest of this policy is left out.", "spec", line);
    }

    // One node for each host: a node has one.
    void ingress(Object& object, const Json& common) {
        const Json& rules = array_at(*object.json, "spec", "rules");
        const Json& fallback = value_at(*object.json, "spec", "defaultBackend");
        const std::size_t count = std::max<std::size_t>(rules.size(), fallback.is_object() ? 1 : 0);
        for (std::size_t i = 0; i < count; ++i) {
            Json data = common;
            const Json& rule = i < rules.size() ? rules[i] : shared_null();
            if (const std::string host = text_at(rule, "host"); !host.empty()) data["host"] = host;
            if (const std::string name = text_at(*object.json, "spec", "ingressClassName"); !name.empty()) data["ingressClassName"] = name;
            const Json& tls = array_at(*object.json, "spec", "tls");
            if (!tls.empty()) data["tlsSecret"] = text_at(tls.front(), "secretName");
            data["paths"] = Json::array();
            std::vector<std::pair<std::string, std::string>> backends;  // path id, service
            const Json& paths = array_at(rule, "http", "paths");
            for (std::size_t k = 0; k < paths.size(); ++k) {
                const std::string id = "path-" + std::to_string(k + 1);
                const std::string path = text_at(paths[k], "path");
                const std::string type = text_at(paths[k], "pathType");
                data["paths"].push_back({{"id", id}, {"path", path.empty() ? "/" : path}, {"pathType", type.empty() ? "Prefix" : type}});
                std::string name = text_at(paths[k], "backend", "service", "name");
                if (name.empty()) name = text_at(paths[k], "backend", "serviceName");  // before networking.k8s.io/v1
                backends.emplace_back(id, std::move(name));
            }
            if (backends.empty() && fallback.is_object()) {
                data["paths"].push_back({{"id", "path-1"}, {"path", "/"}, {"pathType", "Prefix"}});
                backends.emplace_back("path-1", text_at(fallback, "service", "name"));
            }
            const std::string name = i == 0 ? object.name : kube_name(object.name, false, 58) + "-" + std::to_string(i + 1);
            const std::size_t node = draft_.add(NodeKind::ingress, name, std::move(data));
            if (i == 0) object.node = node;
            for (auto& [id, target] : backends) routes_.push_back({&object, node, std::move(id), std::move(target)});
        }
        if (count == 0) warn(object, "no_rules", "It has no rules and leads nowhere; it is left out.", "spec", line_of(*object.mark, {"spec"}));
        if (count > 1) warn(object, "split_ingress", "It has " + std::to_string(count) + " hosts and becomes as many nodes.", "spec.rules", line_of(*object.mark, {"spec", "rules"}));
    }

    // ---- workloads ------------------------------------------------------------------------------------------------------------------

    static const Json& pod_template(const Object& object) {
        if (object.kind == NodeKind::cronjob) return value_at(*object.json, "spec", "jobTemplate", "spec", "template");
        return value_at(*object.json, "spec", "template");
    }
    static const YamlMark& pod_mark(const Object& object) {
        if (object.kind == NodeKind::cronjob) return mark_at(*object.mark, {"spec", "jobTemplate", "spec", "template", "spec"});
        return mark_at(*object.mark, {"spec", "template", "spec"});
    }

    void workload(const Object& object, Json& data) {
        const Json& spec = value_at(*object.json, "spec");
        const Json& pod = value_at(pod_template(object), "spec");
        const YamlMark& mark = pod_mark(object);
        const Json& containers = array_at(pod, "containers");
        if (containers.empty()) {
            draft_.error({.code = "no_container", .message = object.title() + " has no container.", .service = object.title(), .field = "containers", .line = mark.line});
        } else {
            container(object, containers.front(), mark_at(mark, {"containers", std::size_t{0}}), data);
        }
        if (containers.size() > 1) warn(object, "more_containers", "It has " + std::to_string(containers.size()) + " containers; a node has one, the first.", "containers", line_of(mark, {"containers", std::size_t{1}}));
        for (const std::string_view field : kPodFields) {
            const Json& value = value_at(pod, field);
            if (value.is_null() || (value.is_structured() && value.empty())) continue;
            warn(object, "unsupported_field", std::string(field) + " is not carried over.", std::string(field), line_of(mark, {field}));
        }
        if (object.kind == NodeKind::deployment || object.kind == NodeKind::statefulset) data["replicas"] = number_at(spec, 1, "replicas");
        if (object.kind == NodeKind::deployment && text_at(spec, "strategy", "type") == "Recreate") data["strategy"] = "Recreate";
        if (object.kind == NodeKind::statefulset) volume_templates(object, spec, containers, data);
        const Json& job = object.kind == NodeKind::cronjob ? value_at(spec, "jobTemplate", "spec") : spec;
        if (object.kind == NodeKind::job || object.kind == NodeKind::cronjob) {
            for (const char* name : {"completions", "parallelism", "backoffLimit", "activeDeadlineSeconds"}) {
                if (value_at(job, name).is_number()) data[name] = value_at(job, name);
            }
            data["restartPolicy"] = text_at(pod, "restartPolicy") == "OnFailure" ? "OnFailure" : "Never";
        }
        if (object.kind == NodeKind::cronjob) {
            data["schedule"] = text_at(spec, "schedule");
            if (const std::string rule = text_at(spec, "concurrencyPolicy"); !rule.empty()) data["concurrencyPolicy"] = rule;
            if (flag_at(spec, "suspend")) data["suspend"] = true;
        }
    }

    void container(const Object& object, const Json& json, const YamlMark& mark, Json& data) {
        data["image"] = text_at(json, "image");
        if (text_at(json, "image").empty()) {
            draft_.error({.code = "no_image", .message = object.title() + " has a container without an image.", .service = object.title(), .field = "image", .line = mark.line});
        }
        const Json& ports = array_at(json, "ports");
        if (!ports.empty() && number_at(ports.front(), 0, "containerPort") > 0) data["port"] = number_at(ports.front(), 0, "containerPort");
        for (const char* list : {"command", "args"}) {
            for (const Json& word : array_at(json, list)) data[list].push_back(scalar_words(word));
        }
        if (const std::string policy = text_at(json, "imagePullPolicy"); !policy.empty()) data["imagePullPolicy"] = policy;
        environment(object, json, mark, data);
        resources(json, data);
        for (const std::string_view field : kContainerFields) {
            if (!value_at(json, field).is_null()) warn(object, "unsupported_field", std::string(field) + " is not carried over.", std::string(field), line_of(mark, {field}));
        }
    }

    void environment(const Object& object, const Json& json, const YamlMark& mark, Json& data) {
        const Json& env = array_at(json, "env");
        std::vector<std::string> secret;
        for (std::size_t i = 0; i < env.size(); ++i) {
            const std::string name = text_at(env[i], "name");
            const Json& from = value_at(env[i], "valueFrom");
            const int line = line_of(mark, {"env", i});
            if (name.empty()) continue;
            if (from.is_null()) {
                const std::string value = scalar_words(value_at(env[i], "value"));
                if (looks_secret(name, value)) {
                    data["envKeys"].push_back({{"id", name}, {"name", name}});
                    secret.push_back(name);
                } else {
                    data["env"][name] = value;
                }
                continue;
            }
            const bool map = from.contains("configMapKeyRef");
            if (!map && !from.contains("secretKeyRef")) {
                warn(object, "value_from", "The value of " + name + " comes from the pod itself, which nodes cannot say. It is left out.", "env", line);
                continue;
            }
            const Json& reference = value_at(from, map ? "configMapKeyRef" : "secretKeyRef");
            refer(object, map ? NodeKind::configmap : NodeKind::secret, text_at(reference, "name"), line);
            if (text_at(reference, "key") != name) {
                warn(object, "other_key", name + " is called " + text_at(reference, "key") + " here: all keys of " + text_at(reference, "name") + " become variables of their own names.", "env", line);
            }
        }
        if (!secret.empty()) warn(object, "secret_values", base::join(secret, ", ") + (secret.size() == 1 ? " looks" : " look") + " secret: the import keeps the names only, Run asks for the values.", "env", line_of(mark, {"env"}));
        const Json& sources = array_at(json, "envFrom");
        for (std::size_t i = 0; i < sources.size(); ++i) {
            const int line = line_of(mark, {"envFrom", i});
            if (sources[i].contains("configMapRef")) refer(object, NodeKind::configmap, text_at(sources[i], "configMapRef", "name"), line);
            if (sources[i].contains("secretRef")) refer(object, NodeKind::secret, text_at(sources[i], "secretRef", "name"), line);
        }
        volumes(object, json);
    }

    void volumes(const Object& object, const Json& container_json) {
        const Json& list = array_at(pod_template(object), "spec", "volumes");
        const YamlMark& mark = pod_mark(object);
        for (std::size_t i = 0; i < list.size(); ++i) {
            const int line = line_of(mark, {"volumes", i});
            const std::string name = text_at(list[i], "name");
            std::string path;
            for (const Json& mount : array_at(container_json, "volumeMounts")) {
                if (path.empty() && text_at(mount, "name") == name) path = text_at(mount, "mountPath");
            }
            if (list[i].contains("persistentVolumeClaim")) {
                claims_.push_back({&object, text_at(list[i], "persistentVolumeClaim", "claimName"), path, line});
            } else if (list[i].contains("configMap") || list[i].contains("secret")) {
                const bool map = list[i].contains("configMap");
                refer(object, map ? NodeKind::configmap : NodeKind::secret, map ? text_at(list[i], "configMap", "name") : text_at(list[i], "secret", "secretName"), line);
                warn(object, "as_environment", "The volume " + name + " becomes environment variables; files at " + (path.empty() ? "its place" : path) + " do not exist.", "volumes", line);
            } else {
                warn(object, "volume_kind", "The volume " + name + " is left out: nodes know claims, config maps and secrets.", "volumes", line);
            }
        }
    }

    void refer(const Object& object, NodeKind kind, std::string name, int line) {
        if (!name.empty()) references_.push_back({&object, kind, std::move(name), line});
    }

    static void resources(const Json& json, Json& data) {
        const auto amount = [&](const char* part, const char* what) { return scalar_words(value_at(json, "resources", part, what)); };
        const std::string memory_request = amount("requests", "memory");
        const std::string memory_limit = amount("limits", "memory");
        if (const std::string cpu = amount("requests", "cpu"); !cpu.empty()) data["cpu"] = cpu;
        if (const std::string cpu = amount("limits", "cpu"); !cpu.empty()) data["resources"]["limits"]["cpu"] = cpu;
        if (!memory_request.empty() && memory_request == memory_limit) {
            data["memory"] = memory_limit;
            return;
        }
        if (!memory_request.empty()) data["resources"]["requests"]["memory"] = memory_request;
        if (!memory_limit.empty()) data["resources"]["limits"]["memory"] = memory_limit;
    }

    void volume_templates(const Object& object, const Json& spec, const Json& containers, Json& data) {
        const Json& templates = array_at(spec, "volumeClaimTemplates");
        if (templates.empty()) return;
        data["storage"] = "1Gi";
        claim_fields(value_at(templates.front(), "spec"), data, "storage");
        for (const Json& mount : array_at(containers.empty() ? shared_null() : containers.front(), "volumeMounts")) {
            if (text_at(mount, "name") == text_at(templates.front(), "metadata", "name")) data["mountPath"] = text_at(mount, "mountPath");
        }
        if (templates.size() > 1) warn(object, "more_volumes", "It has " + std::to_string(templates.size()) + " volumes for each pod; a node has one, the first.", "spec.volumeClaimTemplates", line_of(*object.mark, {"spec", "volumeClaimTemplates"}));
    }

    void describe(const Object& object) {
        if (object.node == ImportDraft::kNone) return;
        const Json& data = draft_.nodes()[object.node].data;
        Json ports = Json::array();
        if (data.contains("port")) ports.push_back({{"target", data["port"]}, {"protocol", "TCP"}});
        draft_.services.push_back({{"name", object.name}, {"kind", info_of(object.kind).type}, {"image", text_at(data, "image")}, {"ports", std::move(ports)}, {"nodeId", draft_.nodes()[object.node].id}, {"line", object.mark->line}});
    }

    // ---- edges --------------------------------------------------------------------------------------------------------------------------

    // By kind and name; objects of another namespace do not count.
    const Object* find(NodeKind kind, std::string_view name, std::string_view ns) const {
        for (const Object& object : objects_) {
            if (object.kind == kind && object.name == name && object.ns == ns) return &object;
        }
        return nullptr;
    }

    void connect(const Object& object) {
        if (object.node == ImportDraft::kNone) return;
        if (object.kind == NodeKind::service) connect_service(object);
        if (object.kind == NodeKind::networkpolicy) connect_selected(object, value_at(*object.json, "spec", "podSelector"), false);
        if (object.kind == NodeKind::hpa) connect_autoscaler(object);
        if (object.kind == NodeKind::ingress) {
            for (const Route& route : routes_) {
                if (route.ingress == &object) connect_route(route);
            }
        }
        for (const Reference& reference : references_) {
            if (reference.from != &object) continue;
            const Object* target = find(reference.kind, reference.name, object.ns);
            if (target) (void)draft_.connect(target->node, object.node);
            else tell_missing(object, reference.kind, reference.name, reference.line);
        }
        for (const Claim& claim : claims_) {
            if (claim.from == &object) connect_claim(object, claim);
        }
    }

    struct Reference {
        const Object* from;
        NodeKind kind;
        std::string name;
        int line;
    };
    struct Claim {
        const Object* from;
        std::string name;
        std::string path;
        int line;
    };
    struct Route {
        const Object* ingress;
        std::size_t node;
        std::string path_id;
        std::string service;
    };

    void tell_missing(const Object& object, NodeKind kind, const std::string& name, int line) {
        const std::string what = std::string(info_of(kind).kube_kind) + "/" + name;
        if (told_missing_.insert(object.title() + ">" + what).second) warn(object, "missing_reference", "It uses " + what + ", which is not in the file. Import it too, or make it by hand.", {}, line);
    }

    void connect_claim(const Object& object, const Claim& claim) {
        const Object* target = find(NodeKind::persistentvolumeclaim, claim.name, object.ns);
        if (!target || target->node == ImportDraft::kNone) return tell_missing(object, NodeKind::persistentvolumeclaim, claim.name, claim.line);
        if (!draft_.connect(target->node, object.node)) return warn(object, "volume_of_kind", "The volume is left out: a " + std::string(info_of(object.kind).kube_kind) + " node has no volumes.", "volumes", claim.line);
        Json& data = draft_.data(target->node);
        if (claim.path.empty()) return;
        if (!data.contains("mountPath")) data["mountPath"] = claim.path;
        else if (data["mountPath"] != claim.path) warn(object, "second_path", "The claim " + claim.name + " is mounted at " + text_at(data, "mountPath") + " everywhere, not at " + claim.path + ".", "volumes", claim.line);
    }

    // False when nothing is selected. Selectors that are more than labels are left out.
    bool connect_selected(const Object& object, const Json& selector, bool plain) {
        const Json& labels = plain ? selector : object_at(selector, "matchLabels");
        if (labels.empty()) return true;
        bool found = false;
        for (const Object& other : objects_) {
            if (!has_pods(other.kind) || other.ns != object.ns || other.node == ImportDraft::kNone) continue;
            if (!labels_match(labels, object_at(pod_template(other), "metadata", "labels"))) continue;
            found = draft_.connect(object.node, other.node) || found;
            if (object.kind == NodeKind::service) name_target_ports(object, other);
        }
        return found;
    }

    void connect_service(const Object& object) {
        const Json& selector = object_at(*object.json, "spec", "selector");
        if (selector.empty()) return warn(object, "no_selector", "It selects no pods; connect it by hand.", "spec.selector", line_of(*object.mark, {"spec"}));
        if (!connect_selected(object, selector, true)) warn(object, "missing_reference", "No workload of the file has the labels that it selects.", "spec.selector", line_of(*object.mark, {"spec", "selector"}));
        drop_target_names(draft_.data(object.node));
    }

    // "http" -> 8080, as the selected container calls its ports.
    void name_target_ports(const Object& service_object, const Object& workload_object) {
        Json& data = draft_.data(service_object.node);
        const auto resolve = [&](Json& port) {
            const std::string name = text_at(port, "targetPortName");
            if (name.empty()) return;
            for (const Json& container_json : array_at(pod_template(workload_object), "spec", "containers")) {
                for (const Json& entry : array_at(container_json, "ports")) {
                    if (text_at(entry, "name") != name) continue;
                    port["targetPort"] = number_at(entry, 80, "containerPort");
                    port.erase("targetPortName");
                    return;
                }
            }
        };
        resolve(data);
        if (data.contains("ports")) {
            for (Json& port : data["ports"]) resolve(port);
        }
    }
    static void drop_target_names(Json& data) {
        data.erase("targetPortName");
        if (!data.contains("ports")) return;
        for (Json& port : data["ports"]) port.erase("targetPortName");
    }

    void connect_autoscaler(const Object& object) {
        const Json& target = value_at(*object.json, "spec", "scaleTargetRef");
        const int line = line_of(*object.mark, {"spec", "scaleTargetRef"});
        const auto kind = kind_of(text_at(target, "apiVersion").empty() ? "apps/v1" : text_at(target, "apiVersion"), text_at(target, "kind"));
        const Object* found = kind ? find(*kind, text_at(target, "name"), object.ns) : nullptr;
        if (!found || !draft_.connect(object.node, found->node)) tell_missing(object, kind.value_or(NodeKind::deployment), text_at(target, "name"), line);
    }

    void connect_route(const Route& route) {
        const int line = line_of(*route.ingress->mark, {"spec"});
        const Object* found = find(NodeKind::service, route.service, route.ingress->ns);
        if (!found || !draft_.connect(route.node, found->node, route.path_id)) tell_missing(*route.ingress, NodeKind::service, route.service, line);
    }

    const std::string& ns_;
    ImportDraft& draft_;
    std::vector<Object> objects_;
    std::vector<Reference> references_;
    std::vector<Claim> claims_;
    std::vector<Route> routes_;
    std::set<std::string> seen_;
    std::set<std::string> told_missing_;
    bool told_many_ = false;
};

}  // namespace

void read_manifests(const std::vector<YamlDocument>& documents, const std::string& ns, ImportDraft& draft) { ManifestReader(ns, draft).run(documents); }

}  // namespace hub
