#include "kube/controllers/autoscaler.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace kube::controllers {
namespace {

constexpr std::string_view kResource = "horizontalpodautoscalers";

// One entry of status.currentMetrics for a Resource metric; null for other kinds, which nothing here measures.
Json current_metric(const Json& metric, const std::string& target, std::int64_t replicas) {
    if (text(metric, {"type"}) != "Resource") return nullptr;
    const std::string resource = text(metric, {"resource", "name"}, "cpu");
    const std::uint64_t seed = fnv1a(target + "/" + resource);
    const std::int64_t goal = std::clamp<std::int64_t>(integer(metric, {"resource", "target", "averageUtilization"}, 80), 1, 1000);
    const std::int64_t load = goal * static_cast<std::int64_t>(35 + seed % 40) / 100;  // comfortably under the goal
    const std::int64_t utilization = std::max<std::int64_t>(1, load * 2 / (1 + std::max<std::int64_t>(1, replicas)));
    Json current{{"averageUtilization", utilization}};
    current["averageValue"] = resource == "memory" ? std::to_string(48 + seed % 160) + "Mi" : std::to_string(utilization * 2) + "m";
    return {{"type", "Resource"}, {"resource", {{"name", resource}, {"current", std::move(current)}}}};
}

}  // namespace

Autoscaler::Autoscaler(Context& context) : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    subscriptions_.push_back(context_.store.subscribe(kResource, [this](const StoreEvent& event) { queue_.add(event.key); }));
    for (const char* resource : {"deployments", "statefulsets", "replicasets"}) {
        subscriptions_.push_back(context_.store.subscribe(resource, [this](const StoreEvent& event) {
            for (const ObjectPtr& scaler : context_.store.list(kResource, event.key.ns)) {
                if (text(*scaler, {"spec", "scaleTargetRef", "name"}) == event.key.name) queue_.add(key_of(kResource, *scaler));
            }
        }));
    }
    for (const ObjectPtr& scaler : context_.store.list(kResource)) queue_.add(key_of(kResource, *scaler));
}

void Autoscaler::sync(const ObjectKey& key) {
    const ObjectPtr scaler = context_.store.get(key);
    if (!scaler || is_deleting(*scaler)) return;
    const std::string kind = text(*scaler, {"spec", "scaleTargetRef", "kind"});
    const std::string name = text(*scaler, {"spec", "scaleTargetRef", "name"});
    const ObjectPtr target = context_.store.get({std::string(resource_of_kind(kind)), key.ns, name});
    const bool known = condition_is(*scaler, "AbleToScale", target ? "True" : "False");
    [[maybe_unused]] const auto written = context_.store.modify(key, [&](Json& changed) {
        Json& status = member(changed, {"status"});
        if (!target) {
            set_condition(status, "AbleToScale", "False", "FailedGetScale",
                          "the HPA controller was unable to get the target's current scale: " + kind + " \"" + name + "\" not found",
                          context_.now_ms());
            return;
        }
        const std::int64_t replicas = integer(*target, {"status", "replicas"});
        status["currentReplicas"] = replicas;
        status["desiredReplicas"] = integer(*target, {"spec", "replicas"}, 1);
        status["observedGeneration"] = integer(*scaler, {"metadata", "generation"}, 1);
        Json metrics = Json::array();
        for (const Json& metric : array(*scaler, {"spec", "metrics"})) {
            if (Json current = current_metric(metric, kind + "/" + name, replicas); !current.is_null()) metrics.push_back(std::move(current));
        }
        const bool measured = replicas > 0 && !metrics.empty();
        status["currentMetrics"] = measured ? std::move(metrics) : Json::array();
        set_condition(status, "AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size", context_.now_ms());
        set_condition(status, "ScalingActive", measured ? "True" : "False", measured ? "ValidMetricFound" : "FailedGetResourceMetric",
                      measured ? "the HPA was able to successfully calculate a replica count from its resource metrics"
                               : "the HPA was unable to compute the replica count: no metrics for the target's pods yet",
                      context_.now_ms());
        set_condition(status, "ScalingLimited", "False", "DesiredWithinRange", "the desired count is within the acceptable range",
                      context_.now_ms());
    });
    if (!target && !known) {
        context_.events.record(*scaler, {.reason = "FailedGetScale",
                                         .message = kind + " \"" + name + "\" not found",
                                         .component = "horizontal-pod-autoscaler",
                                         .warning = true});
    }
}

}  // namespace kube::controllers
