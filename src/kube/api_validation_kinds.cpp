#include <algorithm>
#include <array>
#include <set>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "kube/api_json.hpp"
#include "kube/api_validation.hpp"
#include "kube/custom_resources.hpp"
#include "kube/controllers/cron_schedule.hpp"
#include "kube/selectors.hpp"

namespace kube::api {
namespace {

constexpr std::int64_t kIntMax = 2'147'483'647;
constexpr std::size_t kMaxDataBytes = 1024 * 1024;

void validate_template(const Json& spec, const std::string& path, bool always_restart, Causes& causes) {
    const Json* pod_template = child(spec, "template");
    if (!pod_template) return causes.required(path + ".template");
    validate_labels(map(*pod_template, {"metadata", "labels"}), path + ".template.metadata.labels", causes);
    const Json* pod_spec = child(*pod_template, "spec");
    if (!pod_spec) return causes.required(path + ".template.spec");
    std::set<std::string> claims;
    for (const Json& claim : array(spec, {"volumeClaimTemplates"})) claims.insert(name_of(claim));
    validate_pod_spec(*pod_spec, path + ".template.spec", causes, std::move(claims));
    const std::string restart = text(*pod_spec, {"restartPolicy"}, "Always");
    if (always_restart && restart != "Always") {
        causes.not_supported(path + ".template.spec.restartPolicy", restart, R"("Always")");
    } else if (!always_restart && restart == "Always") {
        causes.required(path + ".template.spec.restartPolicy", R"(valid values: "OnFailure", "Never")");
    }
}

// Deployment, ReplicaSet, StatefulSet, DaemonSet: the selector must find the pods of the template.
void validate_workload(const Json& object, Causes& causes) {
    const Json& spec = map(object, {"spec"});
    const Json* selector = child(spec, "selector");
    if (!selector) {
        causes.required("spec.selector");
    } else if (map(*selector, {"matchLabels"}).empty() && array(*selector, {"matchExpressions"}).empty()) {
        causes.invalid("spec.selector", *selector, "empty selector is invalid for " + base::to_ascii_lower(text(object, {"kind"})));
    } else if (validate_selector(selector, "spec.selector", causes)) {
        const Json& labels = map(spec, {"template", "metadata", "labels"});
        const auto parsed = LabelSelector::from_object(*selector);
        if (parsed && !parsed->matches_labels(labels)) {
            causes.invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
        }
    }
    validate_range(spec, "replicas", "spec", 0, kMaxReplicas, causes);
    validate_range(spec, "minReadySeconds", "spec", 0, kIntMax, causes);
    validate_range(spec, "revisionHistoryLimit", "spec", 0, kIntMax, causes);
    validate_template(spec, "spec", true, causes);
}

// A number, or "25%".
bool is_int_or_percent(const Json& value) {
    if (value.is_number_integer()) return value.get<std::int64_t>() >= 0;
    std::string_view percent = view(&value);
    if (!percent.ends_with('%')) return false;
    percent.remove_suffix(1);
    return base::parse_integer_in<int>(percent, 0, 1'000'000).has_value();
}

bool is_zero(const Json& value) {
    return value.is_number_integer() ? value.get<std::int64_t>() == 0 : view(&value) == "0%";
}

void validate_deployment(const Json& object, Causes& causes) {
    validate_workload(object, causes);
    const Json& strategy = map(object, {"spec", "strategy"});
    const std::string type = text(strategy, {"type"}, "RollingUpdate");
    const Json* rolling = child(strategy, "rollingUpdate");
    if (type == "Recreate") {
        if (rolling) causes.forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
    } else if (type != "RollingUpdate") {
        causes.not_supported("spec.strategy.type", type, R"("Recreate", "RollingUpdate")");
    } else if (rolling) {
        for (const char* name : {"maxSurge", "maxUnavailable"}) {
            const Json* value = child(*rolling, name);
            if (value && !is_int_or_percent(*value)) {
                causes.invalid(std::string("spec.strategy.rollingUpdate.") + name, *value,
                               "must be an integer or percentage (e.g '5%'), not negative");
            }
        }
        const Json* surge = child(*rolling, "maxSurge");
        const Json* unavailable = child(*rolling, "maxUnavailable");
        if (surge && unavailable && is_zero(*surge) && is_zero(*unavailable)) {
            causes.invalid("spec.strategy.rollingUpdate.maxUnavailable", *unavailable, "may not be 0 when `maxSurge` is 0");
        }
    }
}

void validate_job_spec(const Json& spec, const std::string& path, Causes& causes) {
    validate_range(spec, "parallelism", path, 0, kMaxReplicas, causes);
    validate_range(spec, "completions", path, 0, kMaxReplicas, causes);
    validate_range(spec, "backoffLimit", path, 0, kIntMax, causes);
    validate_range(spec, "activeDeadlineSeconds", path, 0, kIntMax, causes);
    validate_range(spec, "ttlSecondsAfterFinished", path, 0, kIntMax, causes);
    validate_template(spec, path, false, causes);
}

void validate_cron_job(const Json& spec, Causes& causes) {
    const std::string schedule = text(spec, {"schedule"});
    if (schedule.empty()) {
        causes.required("spec.schedule");
    } else if (const auto parsed = controllers::CronSchedule::parse(schedule); !parsed) {
        causes.invalid("spec.schedule", schedule, parsed.error().message);
    }
    const std::string policy = text(spec, {"concurrencyPolicy"}, "Allow");
    if (policy != "Allow" && policy != "Forbid" && policy != "Replace") {
        causes.not_supported("spec.concurrencyPolicy", policy, R"("Allow", "Forbid", "Replace")");
    }
    const Json* job = find(spec, {"jobTemplate", "spec"});
    if (!job) return causes.required("spec.jobTemplate.spec");
    validate_job_spec(*job, "spec.jobTemplate.spec", causes);
}

void validate_service(const Json& spec, Causes& causes) {
    const std::string type = text(spec, {"type"}, "ClusterIP");
    if (type != "ClusterIP" && type != "NodePort" && type != "LoadBalancer" && type != "ExternalName") {
        causes.not_supported("spec.type", type, R"("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")");
    }
    const bool headless = text(spec, {"clusterIP"}) == "None";
    const Json& ports = array(spec, {"ports"});
    if (type == "ExternalName") {
        if (!is_dns_subdomain(text(spec, {"externalName"}))) causes.required("spec.externalName");
    } else if (ports.empty() && !headless) {
        causes.required("spec.ports");
    }
    if (headless && (type == "NodePort" || type == "LoadBalancer")) {
        causes.invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for " + type + " services");
    }
    validate_labels(map(spec, {"selector"}), "spec.selector", causes);
    std::set<std::string> names;
    std::set<std::string> numbers;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const std::string path = "spec.ports[" + std::to_string(i) + "]";
        const Json& port = ports[i];
        const std::string name = text(port, {"name"});
        if (name.empty() && ports.size() > 1) causes.required(path + ".name");
        if (!name.empty() && !is_dns_label(name)) causes.invalid(path + ".name", name, "must be a DNS label");
        if (!name.empty() && !names.insert(name).second) causes.duplicate(path + ".name", name);
        if (!child(port, "port")) causes.required(path + ".port");
        for (const char* field : {"port", "targetPort"}) {
            const Json* value = child(port, field);
            if (!value || !value->is_number_integer()) continue;
            const auto number = value->get<std::int64_t>();
            if (number < 1 || number > 65535) causes.invalid(path + "." + field, *value, "must be between 1 and 65535, inclusive");
        }
        if (const Json* target = child(port, "targetPort"); target && target->is_string() && (view(target).size() > 15 || !is_dns_label(view(target)))) {
            causes.invalid(path + ".targetPort", *target, "must be a port number or the name of a container's port");
        }
        const std::string protocol = text(port, {"protocol"}, "TCP");
        if (protocol != "TCP" && protocol != "UDP" && protocol != "SCTP") {
            causes.not_supported(path + ".protocol", protocol, R"("SCTP", "TCP", "UDP")");
        }
        if (child(port, "port") && !numbers.insert(protocol + std::to_string(integer(port, {"port"}))).second) {
            causes.duplicate(path, Json{{"port", integer(port, {"port"})}, {"protocol", protocol}});
        }
    }
}

void validate_data(const Json& object, bool is_secret, Causes& causes) {
    std::size_t bytes = 0;
    for (const char* part : {"data", "binaryData"}) {
        for (const auto& [key, value] : map(object, {part}).items()) {
            const std::string path = std::string(part) + "[" + key.substr(0, 80) + "]";
            const bool valid_key = !key.empty() && key.size() <= 253 && key != "." && key != ".." &&
                                   key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == std::string::npos;
            if (!valid_key) {
                causes.invalid(path, key, "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
                                          "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
            }
            bytes += view(&value).size();
            if ((is_secret || part[0] == 'b') && !base::base64_decode(view(&value))) {
                causes.invalid(path, "...", "illegal base64 data");
            }
        }
    }
    if (bytes > kMaxDataBytes) causes.too_long("data", "must have at most 1048576 bytes");
}

void validate_backend(const Json* backend, const std::string& path, Causes& causes) {
    if (!backend) return causes.required(path);
    const Json* service = child(*backend, "service");
    if (!service) {
        if (!child(*backend, "resource")) causes.required(path + ".service");
        return;
    }
    if (text(*service, {"name"}).empty()) causes.required(path + ".service.name");
    const bool named = !text(*service, {"port", "name"}).empty();
    const bool numbered = find(*service, {"port", "number"}) != nullptr;
    if (!named && !numbered) causes.required(path + ".service.port", "port name or number is required");
    if (named && numbered) causes.invalid(path + ".service.port", "", "cannot set both port name & port number");
    if (numbered) validate_range(map(*service, {"port"}), "number", path + ".service.port", 1, 65535, causes);
}

void validate_ingress(const Json& spec, Causes& causes) {
    const Json& rules = array(spec, {"rules"});
    const Json* fallback = child(spec, "defaultBackend");
    if (rules.empty() && !fallback) causes.invalid("spec", Json::array(), "either `defaultBackend` or `rules` must be specified");
    if (fallback) validate_backend(fallback, "spec.defaultBackend", causes);
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const std::string path = "spec.rules[" + std::to_string(i) + "]";
        std::string host = text(rules[i], {"host"});
        if (host.starts_with("*.")) host = host.substr(2);
        if (!host.empty() && !is_dns_subdomain(host)) causes.invalid(path + ".host", host, "a DNS name is required");
        const Json* http = child(rules[i], "http");
        if (!http) continue;
        const Json& paths = array(*http, {"paths"});
        if (paths.empty()) causes.required(path + ".http.paths");
        for (std::size_t j = 0; j < paths.size(); ++j) {
            const std::string field = path + ".http.paths[" + std::to_string(j) + "]";
            const std::string type = text(paths[j], {"pathType"});
            const std::string url_path = text(paths[j], {"path"});
            if (type.empty()) {
                causes.required(field + ".pathType", "pathType must be specified");
            } else if (type != "Exact" && type != "Prefix" && type != "ImplementationSpecific") {
                causes.not_supported(field + ".pathType", type, R"("Exact", "ImplementationSpecific", "Prefix")");
            }
            if (type != "ImplementationSpecific" && !url_path.starts_with('/')) {
                causes.invalid(field + ".path", url_path, "must be an absolute path");
            }
            validate_backend(child(paths[j], "backend"), field + ".backend", causes);
        }
    }
}

void validate_claim(const Json& spec, Causes& causes) {
    const Json& modes = array(spec, {"accessModes"});
    if (modes.empty()) causes.required("spec.accessModes", "at least 1 access mode is required");
    for (const Json& mode : modes) {
        const auto word = view(&mode);
        if (word != "ReadWriteOnce" && word != "ReadOnlyMany" && word != "ReadWriteMany" && word != "ReadWriteOncePod") {
            causes.not_supported("spec.accessModes", mode, R"("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")");
        }
    }
    const Json* storage = find(spec, {"resources", "requests", "storage"});
    if (!storage) {
        causes.required("spec.resources[storage]");
    } else if (!is_quantity(*storage)) {
        causes.invalid("spec.resources[storage]", *storage, "not a quantity");
    }
}

void validate_autoscaler(const Json& spec, Causes& causes) {
    for (const char* field : {"kind", "name"}) {
        if (text(spec, {"scaleTargetRef", field}).empty()) causes.required(std::string("spec.scaleTargetRef.") + field);
    }
    if (!child(spec, "maxReplicas")) causes.required("spec.maxReplicas");
    validate_range(spec, "minReplicas", "spec", 1, kMaxReplicas, causes);
    validate_range(spec, "maxReplicas", "spec", 1, kMaxReplicas, causes);
    if (integer(spec, {"maxReplicas"}) < integer(spec, {"minReplicas"})) {
        causes.invalid("spec.maxReplicas", integer(spec, {"maxReplicas"}), "must be greater than or equal to `minReplicas`");
    }
}

void validate_network_policy(const Json& spec, Causes& causes) {
    validate_selector(child(spec, "podSelector"), "spec.podSelector", causes);
    for (const Json& type : array(spec, {"policyTypes"})) {
        if (view(&type) != "Ingress" && view(&type) != "Egress") {
            causes.not_supported("spec.policyTypes", type, R"("Egress", "Ingress")");
        }
    }
}

void validate_event(const Json& event, Causes& causes) {
    const std::string ns = text(event, {"involvedObject", "namespace"});
    if (!ns.empty() && ns != namespace_of(event)) {
        causes.invalid("involvedObject.namespace", ns, "does not match event.namespace");
    }
}

}  // namespace

void validate_kind(const ResourceType& type, const Json& object, Causes& causes) {
    constexpr auto kWithoutSpec = std::to_array<std::string_view>({"endpoints", "endpointslices", "serviceaccounts", "nodes", "namespaces"});
    if (type.is("configmaps")) return validate_data(object, false, causes);
    if (type.is("secrets")) return validate_data(object, true, causes);
    if (type.is("events")) return validate_event(object, causes);
    if (std::find(kWithoutSpec.begin(), kWithoutSpec.end(), type.plural) != kWithoutSpec.end()) return;
    const Json* spec = child(object, "spec");
    if (!spec) return causes.required("spec");
    if (type.is(kDefinitions)) return validate_definition(object, causes);
    if (type.is("pods")) return validate_pod_spec(*spec, "spec", causes);
    if (type.is("deployments")) return validate_deployment(object, causes);
    if (type.is("replicasets") || type.is("statefulsets") || type.is("daemonsets")) return validate_workload(object, causes);
    if (type.is("jobs")) return validate_job_spec(*spec, "spec", causes);
    if (type.is("cronjobs")) return validate_cron_job(*spec, causes);
    if (type.is("services")) return validate_service(*spec, causes);
    if (type.is("ingresses")) return validate_ingress(*spec, causes);
    if (type.is("persistentvolumeclaims")) return validate_claim(*spec, causes);
    if (type.is("horizontalpodautoscalers")) return validate_autoscaler(*spec, causes);
    if (type.is("networkpolicies")) return validate_network_policy(*spec, causes);
}

}  // namespace kube::api
