#include "hub/node_templates.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/node_kinds.hpp"
#include "hub/plugin_catalogue.hpp"

namespace hub {

namespace {

// One form field. Built in steps so that each reads as a sentence.
class Parameter {
public:
    Parameter(std::string_view name, std::string_view label, std::string_view type, std::string_view description) {
        json_ = {{"name", name}, {"label", label}, {"type", type}, {"description", description}, {"required", false}};
    }
    Parameter& required() {
        json_["required"] = true;
        return *this;
    }
    Parameter& preset(Json value) {
        json_["default"] = std::move(value);
        return *this;
    }
    Parameter& between(std::int64_t low, std::int64_t high) {
        json_["min"] = low;
        json_["max"] = high;
        return *this;
    }
    Parameter& options(const std::vector<std::pair<std::string_view, std::string_view>>& values) {
        json_["options"] = Json::array();
        for (const auto& [value, label] : values) json_["options"].push_back({{"value", value}, {"label", label}});
        return *this;
    }
    [[nodiscard]] Json json() const { return json_; }

private:
    Json json_;
};

using Parameters = std::vector<Parameter>;

constexpr std::int64_t kMaxReplicas = 1'000;
constexpr std::int64_t kMaxPort = 65'535;

Parameter name_field(std::string_view what) {
    return Parameter("name", "Name", "string", "Name of the " + std::string(what) + ": lower case letters, digits and '-'").required();
}
Parameter namespace_field() { return {"namespace", "Namespace", "string", "Empty: the cluster's default namespace"}; }
Parameter image_field() {
    return Parameter("image", "Image", "string", "Container image with its tag, such as nginx:1.27").required();
}
Parameter replicas_field() { return Parameter("replicas", "Replicas", "number", "How many pods").preset(1).between(0, kMaxReplicas); }
Parameter container_port_field() { return Parameter("port", "Port", "number", "The port that the container listens on").between(1, kMaxPort); }
Parameter mount_path_field() {
    return Parameter("mountPath", "Mount path", "string", "Where the volume is mounted in the container").preset("/data");
}
Parameter storage_class_field() { return {"storageClass", "Storage class", "string", "Empty: the cluster's default"}; }

void add_container_fields(Parameters& list) {
    list.push_back(Parameter("env", "Environment", "object", "Environment variables; connected config maps and secrets add theirs").preset(Json::object()));
    list.push_back(Parameter("envKeys", "Environment asked for at Run", "array", "Variables whose values are not stored: {id, name}").preset(Json::array()));
    list.push_back(Parameter("cpu", "CPU", "string", "CPU request, such as 250m"));
    list.push_back(Parameter("memory", "Memory", "string", "Memory request and limit, such as 256Mi"));
    list.push_back(Parameter("command", "Command", "array", "Replaces the image's entry point").preset(Json::array()));
    list.push_back(Parameter("args", "Arguments", "array", "Arguments of the command").preset(Json::array()));
    list.push_back(Parameter("imagePullPolicy", "Pull policy", "select", "When the image is pulled")
                       .options({{"", "Default"}, {"IfNotPresent", "If not present"}, {"Always", "Always"}, {"Never", "Never"}}));
}

Parameters parameters_of(NodeKind kind) {
    Parameters list;
    switch (kind) {
        case NodeKind::deployment:
            list = {name_field("deployment"), image_field(), replicas_field(), container_port_field()};
            add_container_fields(list);
            list.push_back(Parameter("strategy", "Strategy", "select", "How new pods replace old ones")
                               .preset("RollingUpdate")
                               .options({{"RollingUpdate", "Rolling update"}, {"Recreate", "Recreate"}}));
            break;
        case NodeKind::statefulset:
            list = {name_field("stateful set"), image_field(), replicas_field(), container_port_field()};
            add_container_fields(list);
            list.push_back(Parameter("storage", "Storage", "string", "Size of each pod's volume, such as 1Gi; empty: none"));
            list.push_back(mount_path_field());
            list.push_back(storage_class_field());
            break;
        case NodeKind::daemonset:
            list = {name_field("daemon set"), image_field(), container_port_field()};
            add_container_fields(list);
            break;
        case NodeKind::job:
        case NodeKind::cronjob:
            list = {name_field(kind == NodeKind::job ? "job" : "cron job"), image_field()};
            if (kind == NodeKind::cronjob) {
                list.push_back(Parameter("schedule", "Schedule", "string", "Five cron fields: minute hour day month weekday")
                                   .required()
                                   .preset("0 * * * *"));
                list.push_back(Parameter("concurrencyPolicy", "While one is running", "select", "What happens when the next one is due")
                                   .preset("Allow")
                                   .options({{"Allow", "Start another"}, {"Forbid", "Skip"}, {"Replace", "Replace it"}}));
                list.push_back(Parameter("suspend", "Suspended", "boolean", "Start no further jobs").preset(false));
            }
            add_container_fields(list);
            list.push_back(Parameter("completions", "Completions", "number", "Pods that must succeed").preset(1).between(1, kMaxReplicas));
            list.push_back(Parameter("parallelism", "Parallelism", "number", "Pods at a time").preset(1).between(0, kMaxReplicas));
            list.push_back(Parameter("backoffLimit", "Retries", "number", "Failed pods before the job has failed").preset(6).between(0, 100));
            list.push_back(Parameter("restartPolicy", "Restart", "select", "What follows a failure")
                               .preset("Never")
                               .options({{"Never", "A new pod"}, {"OnFailure", "The same pod again"}}));
            break;
        case NodeKind::service:
            list = {name_field("service"),
                    Parameter("serviceType", "Type", "select", "From where it can be reached")
                        .preset("ClusterIP")
                        .options({{"ClusterIP", "Cluster only"}, {"NodePort", "Port on every node"}, {"LoadBalancer", "Load balancer"}}),
                    Parameter("port", "Port", "number", "The port of the service").preset(80).between(1, kMaxPort),
                    Parameter("targetPort", "Target port", "number", "Empty: the port of the connected workload").between(1, kMaxPort),
                    Parameter("nodePort", "Node port", "number", "Empty: chosen by the cluster").between(30'000, 32'767),
                    Parameter("protocol", "Protocol", "select", "Transport").preset("TCP").options({{"TCP", "TCP"}, {"UDP", "UDP"}}),
                    Parameter("headless", "Headless", "boolean", "No address of its own: DNS answers with the pods").preset(false)};
            break;
        case NodeKind::ingress:
            list = {name_field("ingress"), Parameter("host", "Host", "string", "Host name, such as shop.example; empty: any"),
                    Parameter("paths", "Paths", "array", "{id, path, pathType}; an edge leaves from a path's id")
                        .preset(Json::array({{{"id", "root"}, {"path", "/"}, {"pathType", "Prefix"}}})),
                    Parameter("ingressClassName", "Ingress class", "string", "Empty: the cluster's default"),
                    Parameter("tlsSecret", "TLS secret", "string", "Secret with the certificate; empty: plain HTTP")};
            break;
        case NodeKind::configmap:
            list = {name_field("config map"),
                    Parameter("data", "Data", "object", "Keys and values, given to connected workloads as environment").preset(Json::object())};
            break;
        case NodeKind::secret:
            list = {name_field("secret"),
                    Parameter("keys", "Keys", "array", "{id, name, generate?}: names only; values are asked for at Run, or generated")
                        .preset(Json::array()),
                    Parameter("secretType", "Type", "select", "Kubernetes' type of the secret")
                        .preset("Opaque")
                        .options({{"Opaque", "Opaque"}, {"kubernetes.io/tls", "TLS"}, {"kubernetes.io/basic-auth", "Basic auth"}})};
            break;
        case NodeKind::persistentvolumeclaim:
            list = {name_field("claim"), Parameter("size", "Size", "string", "Such as 1Gi").required().preset("1Gi"),
                    Parameter("accessMode", "Access", "select", "Who may mount it")
                        .preset("ReadWriteOnce")
                        .options({{"ReadWriteOnce", "One node"}, {"ReadWriteMany", "Many nodes"}, {"ReadOnlyMany", "Many nodes, read only"}}),
                    storage_class_field(), mount_path_field()};
            break;
        case NodeKind::hpa:
            list = {name_field("autoscaler"),
                    Parameter("minReplicas", "At least", "number", "Fewest pods").preset(1).between(1, kMaxReplicas),
                    Parameter("maxReplicas", "At most", "number", "Most pods").required().preset(5).between(1, kMaxReplicas),
                    Parameter("targetCPU", "CPU target", "number", "Average use of the CPU request in %").preset(80).between(1, 100)};
            break;
        case NodeKind::networkpolicy:
            list = {name_field("policy"),
                    Parameter("allowFrom", "Allow from", "select", "Whose traffic the connected pods accept")
                        .preset("namespace")
                        .options({{"none", "Nobody"}, {"namespace", "Pods of the namespace"}, {"all", "Everybody"}}),
                    Parameter("port", "Port", "number", "Only this port; empty: all").between(1, kMaxPort)};
            break;
    }
    list.push_back(namespace_field());
    return list;
}

struct Card {
    NodeKind kind;
    std::string_view title, category, icon, description, difficulty;
};

constexpr Card kCards[] = {
    {NodeKind::deployment, "Deployment", "Workloads", "deployment", "Keeps pods of one image running", "beginner"},
    {NodeKind::service, "Service", "Networking", "service", "One address for the pods of its workloads", "beginner"},
    {NodeKind::ingress, "Ingress", "Networking", "ingress", "Brings HTTP from outside to services", "intermediate"},
    {NodeKind::configmap, "ConfigMap", "Configuration", "configmap", "Settings as environment variables", "beginner"},
    {NodeKind::secret, "Secret", "Configuration", "secret", "Passwords and keys as environment variables", "beginner"},
    {NodeKind::persistentvolumeclaim, "PersistentVolumeClaim", "Storage", "persistentvolumeclaim", "A volume that outlives its pods", "intermediate"},
    {NodeKind::statefulset, "StatefulSet", "Workloads", "statefulset", "Pods with stable names and volumes, for databases", "intermediate"},
    {NodeKind::job, "Job", "Workloads", "job", "Runs to completion once", "beginner"},
    {NodeKind::cronjob, "CronJob", "Workloads", "cronjob", "Runs to completion on a schedule", "intermediate"},
    {NodeKind::daemonset, "DaemonSet", "Workloads", "daemonset", "One pod on every node", "advanced"},
    {NodeKind::hpa, "HorizontalPodAutoscaler", "Workloads", "hpa", "As many pods as the load needs", "intermediate"},
    {NodeKind::networkpolicy, "NetworkPolicy", "Networking", "networkpolicy", "Who may talk to the pods", "advanced"},
};

}  // namespace

Json node_templates(const std::set<std::string, std::less<>>& enabled_plugins) {
    Json templates = Json::array();
    for (const Card& card : kCards) {
        const std::string_view type = info_of(card.kind).type;
        Json parameters = Json::array();
        for (const Parameter& parameter : parameters_of(card.kind)) parameters.push_back(parameter.json());
        Json connects_to = Json::array();
        for (const NodeKindInfo& target : kNodeKinds) {
            if (edge_allowed(card.kind, target.kind)) connects_to.push_back(target.type);
        }
        templates.push_back({{"id", "core/" + std::string(type)},
                             {"name", type},
                             {"type", type},
                             {"displayName", card.title},
                             {"category", card.category},
                             {"description", card.description},
                             {"icon", card.icon},
                             {"version", "1.0.0"},
                             {"tags", Json::array({card.category})},
                             {"usageFrequency", 0},
                             {"difficulty", card.difficulty},
                             {"dependencies", Json::array()},
                             {"connectsTo", std::move(connects_to)},
                             {"parameters", std::move(parameters)}});
    }
    for (const Plugin& plugin : plugins()) {
        if (!enabled_plugins.contains(plugin.id)) continue;
        for (Json& entry : plugin_templates(plugin)) templates.push_back(std::move(entry));
    }
    return {{"templates", std::move(templates)}};
}

}  // namespace hub
