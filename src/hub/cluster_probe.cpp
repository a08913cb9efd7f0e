#include "hub/cluster_probe.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "hub/quantity.hpp"

namespace hub {

namespace {

constexpr const char* kAddressHint = "Check the server's address, and that it can be reached from where the hub runs";
constexpr const char* kCredentialsHint = "Tokens expire: make a new one (kubectl create token NAME) and replace the credentials";

std::int64_t now_ms(KubeApi& kube) { return kube.scheduler().clock().monotonic_ms(); }

using Answers = std::vector<base::Result<Json>>;

// All targets at once; `done` gets the answers in their order.
void get_all(KubeApi& kube, const std::vector<std::string>& targets, base::UniqueFunction<void(Answers)> done) {
    struct State {
        Answers answers;
        std::size_t waiting = 0;
        base::UniqueFunction<void(Answers)> done;
    };
    auto state = std::make_shared<State>();
    state->answers.resize(targets.size());
    state->waiting = targets.size();
    state->done = std::move(done);
    for (std::size_t i = 0; i < targets.size(); ++i) {
        kube.send({.method = "GET", .target = targets[i], .head_timeout_ms = kClusterCheckTimeoutMs}, [state, i](base::Result<Json> answer) {
            state->answers[i] = std::move(answer);
            if (--state->waiting == 0) state->done(std::move(state->answers));
        });
    }
}

const Json& items_of(const base::Result<Json>& answer) { return answer ? array_at(*answer, "items") : array_at(shared_null()); }

double quantity_at(const Json& object, std::string_view name) {
    const Json* value = field(object, name);
    if (!value) return 0;
    if (value->is_number()) return value->get<double>();
    const auto* text = value->get_ptr<const std::string*>();
    return text ? parse_quantity(*text).value_or(0) : 0;
}

bool is_ready(const Json& node) {
    for (const Json& condition : array_at(node, "status", "conditions")) {
        if (text_at(condition, "type") == "Ready") return text_at(condition, "status") == "True";
    }
    return false;
}

struct Check : std::enable_shared_from_this<Check> {
    Check(KubeApi& its_kube, std::string its_ns, base::UniqueFunction<void(CheckResult)> its_done)
        : kube(its_kube), ns(std::move(its_ns)), done(std::move(its_done)) {}

    void start() {
        started_ms = now_ms(kube);
        kube.send({.method = "GET", .target = "/version", .head_timeout_ms = kClusterCheckTimeoutMs},
                  [self = shared_from_this()](base::Result<Json> version) { self->on_version(version); });
    }

    void on_version(const base::Result<Json>& version) {
        result.latency_ms = now_ms(kube) - started_ms;
        if (!version) {
            const base::Error& error = version.error();
            switch (error.code) {
                case base::ErrorCode::not_found: return finish("error", "There is no Kubernetes API at this address.", kAddressHint);
                case base::ErrorCode::forbidden: return ask_access();  // a cluster that tells nobody its version may still take us
                case base::ErrorCode::unavailable:
                case base::ErrorCode::timed_out: return finish("disconnected", error.message, error.hint.empty() ? kAddressHint : error.hint);
                default: return finish("error", error.message, error.hint.empty() ? kAddressHint : error.hint);
            }
        }
        result.version = text_at(*version, "gitVersion");
        result.platform = text_at(*version, "platform");
        if (result.version.empty()) return finish("error", "What answers at this address is no Kubernetes API.", kAddressHint);
        ask_access();
    }

    void ask_access() {
        const Json review = {{"apiVersion", "authorization.k8s.io/v1"},
                             {"kind", "SelfSubjectAccessReview"},
                             {"spec", {{"resourceAttributes", {{"verb", "list"}, {"resource", "pods"}, {"namespace", ns}}}}}};
        kube.send({.method = "POST",
                   .target = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                   .headers = {{"content-type", "application/json"}},
                   .body = dump_json(review),
                   .head_timeout_ms = kClusterCheckTimeoutMs},
                  [self = shared_from_this()](base::Result<Json> answer) { self->on_access(answer); });
    }

    void on_access(const base::Result<Json>& answer) {
        if (answer) {
            if (!flag_at(*answer, "status", "allowed")) {
                result.message = "These credentials may not list pods in the namespace " + ns + ".";
                result.hint = "Give them the role \"view\" or \"edit\" there";
            }
            return finish("connected", result.message, result.hint);
        }
        const base::Error& error = answer.error();
        if (error.code == base::ErrorCode::forbidden) return finish("error", error.message, kCredentialsHint);
        if (error.code == base::ErrorCode::not_found) {  // a server without access reviews: whoever may list the API is in
            kube.send({.method = "GET", .target = "/api", .head_timeout_ms = kClusterCheckTimeoutMs}, [self = shared_from_this()](base::Result<Json> api) {
                if (api) return self->finish("connected", {}, {});
                self->finish("error", api.error().message, api.error().hint);
            });
            return;
        }
        finish(error.code == base::ErrorCode::unavailable || error.code == base::ErrorCode::timed_out ? "disconnected" : "error", error.message, error.hint);
    }

    void finish(std::string status, std::string message, std::string hint) {
        result.status = std::move(status);
        result.message = std::move(message);
        result.hint = std::move(hint);
        done(std::move(result));
    }

    KubeApi& kube;
    std::string ns;
    base::UniqueFunction<void(CheckResult)> done;
    CheckResult result;
    std::int64_t started_ms = 0;
};

std::string provider_of(const Json& nodes) {
    for (const Json& node : nodes) {
        const std::string id = text_at(node, "spec", "providerID");
        if (const auto colon = id.find("://"); colon != std::string::npos && colon > 0) return id.substr(0, colon);
    }
    return {};
}

std::string region_of(const Json& nodes) {
    for (const Json& node : nodes) {
        if (std::string region = text_at(node, "metadata", "labels", "topology.kubernetes.io/region"); !region.empty()) return region;
    }
    return {};
}

Json names_of(const Json& items) {
    Json names = Json::array();
    for (const Json& item : items) names.push_back(text_at(item, "metadata", "name"));
    return names;
}

// What the API groups say that the cluster can do, in words for people.
Json capabilities_of(const base::Result<Json>& groups, const Json& storage_classes) {
    struct Known {
        std::string_view group, words;
    };
    static constexpr Known kKnown[] = {{"metrics.k8s.io", "Metrics"},
                                       {"networking.k8s.io", "Ingress and network policies"},
                                       {"autoscaling", "Autoscaling"},
                                       {"batch", "Jobs"},
                                       {"snapshot.storage.k8s.io", "Volume snapshots"},
                                       {"gateway.networking.k8s.io", "Gateway API"},
                                       {"cert-manager.io", "cert-manager"},
                                       {"monitoring.coreos.com", "Prometheus"},
                                       {"serving.knative.dev", "Knative"},
                                       {"metallb.io", "MetalLB"}};
    Json capabilities = Json::array();
    if (!groups) return capabilities;
    for (const Known& known : kKnown) {
        for (const Json& group : array_at(*groups, "groups")) {
            if (text_at(group, "name") != known.group) continue;
            capabilities.push_back(known.words);
            break;
        }
    }
    if (!storage_classes.empty()) capabilities.push_back("Storage classes");
    return capabilities;
}

// The sums of one resource, and how they go on the wire.
struct Usage {
    double used = 0;
    double capacity = 0;
    [[nodiscard]] Json to_json() const {
        const double percentage = capacity > 0 ? std::round(used / capacity * 1000) / 10 : 0;
        return {{"used", used}, {"capacity", capacity}, {"percentage", percentage}};
    }
};

bool counts(const Json& pod) {
    const std::string phase = text_at(pod, "status", "phase");
    return phase != "Succeeded" && phase != "Failed" && !text_at(pod, "spec", "nodeName").empty();
}

void add_requests(const Json& pods, Usage& cpu, Usage& memory) {
    for (const Json& pod : pods) {
        if (!counts(pod)) continue;
        for (const Json& container : array_at(pod, "spec", "containers")) {
            const Json& requests = object_at(container, "resources", "requests");
            cpu.used += quantity_at(requests, "cpu");
            memory.used += quantity_at(requests, "memory");
        }
    }
}

Json health_row(std::string name, std::string status, std::string message) {
    return {{"name", std::move(name)}, {"status", std::move(status)}, {"message", std::move(message)}};
}

Json metrics_of(const std::string& name, const std::string& now, const Answers& answers) {
    const base::Result<Json>& nodes = answers[0];
    const base::Result<Json>& pods = answers[1];
    const base::Result<Json>& node_metrics = answers[2];
    const base::Result<Json>& claims = answers[3];
    const base::Result<Json>& volumes = answers[4];
    Usage cpu, memory, storage;
    double local_storage = 0;
    std::size_t ready = 0;
    for (const Json& node : items_of(nodes)) {
        const Json& allocatable = object_at(node, "status", "allocatable");
        cpu.capacity += quantity_at(allocatable, "cpu");
        memory.capacity += quantity_at(allocatable, "memory");
        local_storage += quantity_at(allocatable, "ephemeral-storage");
        ready += is_ready(node) ? 1 : 0;
    }
    const bool measured = node_metrics && !items_of(node_metrics).empty();
    if (measured) {
        for (const Json& entry : items_of(node_metrics)) {
            cpu.used += quantity_at(object_at(entry, "usage"), "cpu");
            memory.used += quantity_at(object_at(entry, "usage"), "memory");
        }
    } else {
        add_requests(items_of(pods), cpu, memory);
    }
    for (const Json& claim : items_of(claims)) {
        if (text_at(claim, "status", "phase") == "Bound") storage.used += quantity_at(object_at(claim, "status", "capacity"), "storage");
    }
    for (const Json& volume : items_of(volumes)) storage.capacity += quantity_at(object_at(volume, "spec", "capacity"), "storage");
    const bool by_volumes = storage.capacity > 0;
    if (!by_volumes) storage.capacity = local_storage;

    Json health = Json::array();
    const std::size_t node_count = items_of(nodes).size();
    if (!nodes) health.push_back(health_row("Nodes", "unknown", nodes.error().message));
    else if (ready == node_count && ready > 0) health.push_back(health_row("Nodes", "healthy", std::to_string(ready) + " of " + std::to_string(node_count) + " ready"));
    else health.push_back(health_row("Nodes", ready == 0 ? "error" : "warning", std::to_string(ready) + " of " + std::to_string(node_count) + " ready"));
    std::size_t running = 0, failing = 0;
    for (const Json& pod : items_of(pods)) {
        const std::string phase = text_at(pod, "status", "phase");
        running += phase == "Running" ? 1 : 0;
        failing += phase == "Failed" ? 1 : 0;
    }
    if (!pods) health.push_back(health_row("Pods", "unknown", pods.error().message));
    else health.push_back(health_row("Pods", failing ? "warning" : "healthy", std::to_string(running) + " running" + (failing ? ", " + std::to_string(failing) + " failed" : "")));
    health.push_back(health_row("Metrics server", measured ? "healthy" : "unknown", measured ? "Usage is measured" : "Not installed: usage is what pods request"));

    Json resources = {{"cpu", cpu.to_json()}, {"memory", memory.to_json()}, {"storage", storage.to_json()}};
    return {{"clusterName", name},
            {"health", std::move(health)},
            {"resources", std::move(resources)},
            {"source", measured ? "metrics" : "requests"},
            {"storageSource", by_volumes ? "volumes" : "nodes"},
            {"nodeCount", node_count},
            {"podCount", items_of(pods).size()},
            {"lastUpdated", now}};
}

}  // namespace

void check_cluster(KubeApi& kube, std::string ns, base::UniqueFunction<void(CheckResult)> done) {
    std::make_shared<Check>(kube, std::move(ns), std::move(done))->start();
}

void read_cluster_metadata(KubeApi& kube, CheckResult check, std::string now, base::UniqueFunction<void(Json)> done) {
    get_all(kube, {"/api/v1/nodes", "/api/v1/namespaces", "/apis/storage.k8s.io/v1/storageclasses", "/apis"},
            [check = std::move(check), now = std::move(now), done = std::move(done)](const Answers& answers) mutable {
                Usage cpu, memory;
                const Json& nodes = items_of(answers[0]);
                for (const Json& node : nodes) {
                    cpu.capacity += quantity_at(object_at(node, "status", "capacity"), "cpu");
                    memory.capacity += quantity_at(object_at(node, "status", "capacity"), "memory");
                }
                done({{"version", check.version},
                      {"platform", check.platform},
                      {"provider", provider_of(nodes)},
                      {"region", region_of(nodes)},
                      {"nodeCount", nodes.size()},
                      {"cpuCapacity", cpu.capacity},
                      {"memoryCapacity", memory.capacity},
                      {"storageClasses", names_of(items_of(answers[2]))},
                      {"namespaces", names_of(items_of(answers[1]))},
                      {"capabilities", capabilities_of(answers[3], items_of(answers[2]))},
                      {"lastUpdated", now}});
            });
}

void read_cluster_metrics(KubeApi& kube, std::string name, std::string now, base::UniqueFunction<void(base::Result<Json>)> done) {
    get_all(kube, {"/api/v1/nodes", "/api/v1/pods", "/apis/metrics.k8s.io/v1beta1/nodes", "/api/v1/persistentvolumeclaims", "/api/v1/persistentvolumes"},
            [name = std::move(name), now = std::move(now), done = std::move(done)](const Answers& answers) mutable {
                if (!answers[0] && !answers[1]) return done(base::fail(answers[0].error()));
                done(metrics_of(name, now, answers));
            });
}

}  // namespace hub
