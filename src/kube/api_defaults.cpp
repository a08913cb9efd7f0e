#include "kube/api_defaults.hpp"

#include "base/encoding.hpp"
#include "kube/api_json.hpp"
#include "kube/custom_resources.hpp"

namespace kube::api {
namespace {

void set_default(Json& object, const char* name, Json value) {
    if (!object.contains(name)) object[name] = std::move(value);
}

// The members of an array of objects, made writable; nothing for anything else.
template <class Function>
void for_each_object(Json& object, const char* name, Function function) {
    const auto it = object.find(name);
    if (it == object.end() || !it->is_array()) return;
    for (Json& item : *it) {
        if (item.is_object()) function(item);
    }
}

template <class Function>
void with_object(Json& object, const char* name, Function function) {
    const auto it = object.find(name);
    if (it != object.end() && it->is_object()) function(*it);
}

void default_probe(Json& container, const char* name) {
    with_object(container, name, [](Json& probe) {
        set_default(probe, "timeoutSeconds", 1);
        set_default(probe, "periodSeconds", 10);
        set_default(probe, "successThreshold", 1);
        set_default(probe, "failureThreshold", 3);
        with_object(probe, "httpGet", [](Json& action) {
            set_default(action, "path", "/");
            set_default(action, "scheme", "HTTP");
        });
    });
}

std::string_view pull_policy(std::string_view image) {
    if (image.contains('@')) return "IfNotPresent";
    const auto slash = image.rfind('/');
    const auto colon = image.rfind(':');
    const bool tagged = colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
    return !tagged || image.ends_with(":latest") ? "Always" : "IfNotPresent";
}

void default_container(Json& container) {
    set_default(container, "imagePullPolicy", pull_policy(view(child(container, "image"))));
    set_default(container, "resources", Json::object());
    set_default(container, "terminationMessagePath", "/dev/termination-log");
    set_default(container, "terminationMessagePolicy", "File");
    for_each_object(container, "ports", [](Json& port) { set_default(port, "protocol", "TCP"); });
    for_each_object(container, "env", [](Json& variable) {
        with_object(variable, "valueFrom", [](Json& source) {
            with_object(source, "fieldRef", [](Json& field) { set_default(field, "apiVersion", "v1"); });
        });
    });
    for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) default_probe(container, probe);
    with_object(container, "resources", [](Json& resources) {
        if (!resources.contains("limits") || !resources["limits"].is_object()) return;
        for (const auto& [name, limit] : resources["limits"].items()) {
            Json& requests = resources["requests"];
            if (!requests.is_object()) requests = Json::object();
            set_default(requests, name.c_str(), limit);
        }
    });
}

void default_pod_spec(Json& spec) {
    set_default(spec, "restartPolicy", "Always");
    set_default(spec, "dnsPolicy", "ClusterFirst");
    set_default(spec, "schedulerName", "default-scheduler");
    set_default(spec, "terminationGracePeriodSeconds", 30);
    set_default(spec, "securityContext", Json::object());
    for (const char* containers : {"containers", "initContainers"}) for_each_object(spec, containers, default_container);
    for_each_object(spec, "volumes", [](Json& volume) {
        for (const char* source : {"configMap", "secret"}) {
            with_object(volume, source, [](Json& files) { set_default(files, "defaultMode", 0644); });
        }
    });
}

void default_template(Json& spec) {
    with_object(spec, "template", [](Json& pod_template) {
        with_object(pod_template, "spec", default_pod_spec);
    });
}

void default_deployment(Json& spec) {
    set_default(spec, "replicas", 1);
    set_default(spec, "revisionHistoryLimit", 10);
    set_default(spec, "progressDeadlineSeconds", 600);
    Json& strategy = member(spec, {"strategy"});
    set_default(strategy, "type", "RollingUpdate");
    if (view(child(strategy, "type")) == "RollingUpdate") {
        Json& rolling = member(strategy, {"rollingUpdate"});
        set_default(rolling, "maxSurge", "25%");
        set_default(rolling, "maxUnavailable", "25%");
    }
    default_template(spec);
}

void default_claim(Json& claim) {
    Json& spec = member(claim, {"spec"});
    set_default(spec, "volumeMode", "Filesystem");
}

void default_stateful_set(Json& spec) {
    set_default(spec, "replicas", 1);
    set_default(spec, "podManagementPolicy", "OrderedReady");
    set_default(spec, "revisionHistoryLimit", 10);
    Json& strategy = member(spec, {"updateStrategy"});
    set_default(strategy, "type", "RollingUpdate");
    if (view(child(strategy, "type")) == "RollingUpdate") set_default(member(strategy, {"rollingUpdate"}), "partition", 0);
    for_each_object(spec, "volumeClaimTemplates", default_claim);
    default_template(spec);
}

void default_daemon_set(Json& spec) {
    set_default(spec, "revisionHistoryLimit", 10);
    Json& strategy = member(spec, {"updateStrategy"});
    set_default(strategy, "type", "RollingUpdate");
    if (view(child(strategy, "type")) == "RollingUpdate") {
        Json& rolling = member(strategy, {"rollingUpdate"});
        set_default(rolling, "maxSurge", 0);
        set_default(rolling, "maxUnavailable", 1);
    }
    default_template(spec);
}

void default_job(Json& spec) {
    // Neither given: one pod. Only parallelism given: a work queue without a fixed number.
    if (!spec.contains("completions") && !spec.contains("parallelism")) spec["completions"] = 1;
    set_default(spec, "parallelism", 1);
    set_default(spec, "backoffLimit", 6);
    set_default(spec, "completionMode", "NonIndexed");
    set_default(spec, "suspend", false);
    default_template(spec);
}

void default_cron_job(Json& spec) {
    set_default(spec, "concurrencyPolicy", "Allow");
    set_default(spec, "suspend", false);
    set_default(spec, "successfulJobsHistoryLimit", 3);
    set_default(spec, "failedJobsHistoryLimit", 1);
    with_object(spec, "jobTemplate", [](Json& job) {
        with_object(job, "spec", [](Json& job_spec) { default_template(job_spec); });
    });
}

void default_service(Json& spec) {
    set_default(spec, "type", "ClusterIP");
    set_default(spec, "sessionAffinity", "None");
    set_default(spec, "internalTrafficPolicy", "Cluster");
    const std::string type = text(spec, {"type"});
    if (type == "NodePort" || type == "LoadBalancer") set_default(spec, "externalTrafficPolicy", "Cluster");
    if (type == "LoadBalancer") set_default(spec, "allocateLoadBalancerNodePorts", true);
    if (type != "ExternalName") {
        set_default(spec, "ipFamilies", Json::array({"IPv4"}));
        set_default(spec, "ipFamilyPolicy", "SingleStack");
    }
    for_each_object(spec, "ports", [](Json& port) {
        set_default(port, "protocol", "TCP");
        if (const Json* number = child(port, "port"); number && !port.contains("targetPort")) port["targetPort"] = Json(*number);
    });
}

void default_autoscaler(Json& spec) {
    set_default(spec, "minReplicas", 1);
    if (array(spec, {"metrics"}).empty()) {
        spec["metrics"] = Json::array({Json{
            {"type", "Resource"},
            {"resource", {{"name", "cpu"}, {"target", {{"type", "Utilization"}, {"averageUtilization", 80}}}}}}});
    }
}

void default_network_policy(Json& spec) {
    if (spec.contains("policyTypes")) return;
    Json types = Json::array({"Ingress"});
    if (spec.contains("egress")) types.push_back("Egress");
    spec["policyTypes"] = std::move(types);
}

// stringData is for writing only; it wins over data.
void fold_string_data(Json& secret) {
    set_default(secret, "type", "Opaque");
    const auto it = secret.find("stringData");
    if (it == secret.end()) return;
    const Json plain = std::move(*it);
    secret.erase("stringData");
    if (!plain.is_object() || plain.empty()) return;
    Json& data = member(secret, {"data"});
    for (const auto& [name, value] : plain.items()) data[name] = base::base64_encode(view(&value));
}

}  // namespace

std::string_view quality_of_service(const Json& pod_spec) {
    bool any = false;
    bool guaranteed = true;
    for (const Json& container : array(pod_spec, {"containers"})) {
        for (const char* resource : {"cpu", "memory"}) {
            const Json* request = find(container, {"resources", "requests", resource});
            const Json* limit = find(container, {"resources", "limits", resource});
            any = any || request || limit;
            if (!limit || (request && *request != *limit)) guaranteed = false;
        }
    }
    if (!any) return "BestEffort";
    return guaranteed ? "Guaranteed" : "Burstable";
}

void apply_defaults(const ResourceType& type, Json& object) {
    if (type.custom) return type.custom->schema.set_defaults(object);
    if (type.is(kDefinitions)) return default_definition(object);
    if (type.is("secrets")) return fold_string_data(object);
    if (type.is("persistentvolumeclaims")) {
        default_claim(object);
        set_default(object["spec"], "storageClassName", "standard");
        return;
    }
    if (!object.contains("spec") || !object["spec"].is_object()) return;
    Json& spec = object["spec"];
    if (type.is("pods")) {
        default_pod_spec(spec);
        set_default(spec, "enableServiceLinks", true);
    } else if (type.is("deployments")) {
        default_deployment(spec);
    } else if (type.is("replicasets")) {
        set_default(spec, "replicas", 1);
        default_template(spec);
    } else if (type.is("statefulsets")) {
        default_stateful_set(spec);
    } else if (type.is("daemonsets")) {
        default_daemon_set(spec);
    } else if (type.is("jobs")) {
        default_job(spec);
    } else if (type.is("cronjobs")) {
        default_cron_job(spec);
    } else if (type.is("services")) {
        default_service(spec);
    } else if (type.is("horizontalpodautoscalers")) {
        default_autoscaler(spec);
    } else if (type.is("networkpolicies")) {
        default_network_policy(spec);
    }
}

void prepare_for_create(const ResourceType& type, Json& object) {
    if (type.custom) {
        if (type.has_status) object.erase("status");
        return;
    }
    if (type.has_status) object["status"] = Json::object();
    if (type.is("pods")) {
        object["status"] = Json{{"phase", "Pending"}, {"qosClass", quality_of_service(map(object, {"spec"}))}};
    } else if (type.is("persistentvolumeclaims")) {
        object["status"] = Json{{"phase", "Pending"}};
    } else if (type.is("services")) {
        object["status"] = Json{{"loadBalancer", Json::object()}};
    } else if (type.is("ingresses")) {
        object["status"] = Json{{"loadBalancer", Json::object()}};
    } else if (type.is("namespaces")) {
        object["status"] = Json{{"phase", "Active"}};
        member(object, {"spec"})["finalizers"] = Json::array({"kubernetes"});
        member(object, {"metadata", "labels"})["kubernetes.io/metadata.name"] = name_of(object);
    } else if (type.is("jobs") && !flag(object, {"spec", "manualSelector"})) {
        // A job's pods are told from all others by its uid.
        const std::string uid = uid_of(object);
        Json& labels = member(object, {"spec", "template", "metadata", "labels"});
        for (const char* prefix : {"", "batch.kubernetes.io/"}) {
            labels[std::string(prefix) + "controller-uid"] = uid;
            labels[std::string(prefix) + "job-name"] = name_of(object);
        }
        object["spec"]["selector"] = Json{{"matchLabels", {{"batch.kubernetes.io/controller-uid", uid}}}};
    }
}

}  // namespace kube::api
