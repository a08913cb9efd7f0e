#include "kube/controllers/endpoints_controller.hpp"

#include <map>
#include <utility>

namespace kube::controllers {
namespace {

// 0 when a named port is not there.
std::int64_t target_port(const Json& service_port, const Json& pod) {
    const Json* target = find(service_port, {"targetPort"});
    if (!target || target->is_null()) return integer(service_port, {"port"});
    if (target->is_number()) return integer(service_port, {"targetPort"});
    const std::string name = text(service_port, {"targetPort"});
    for (const Json& container : array(pod, {"spec", "containers"})) {
        for (const Json& port : array(container, {"ports"})) {
            if (text(port, {"name"}) == name) return integer(port, {"containerPort"});
        }
    }
    return 0;
}

Json ports_of(const Json& service, const Json& pod) {
    Json ports = Json::array();
    for (const Json& service_port : array(service, {"spec", "ports"})) {
        const std::int64_t number = target_port(service_port, pod);
        if (number == 0) continue;
        Json port{{"port", number}, {"protocol", text(service_port, {"protocol"}, "TCP")}};
        if (const std::string name = text(service_port, {"name"}); !name.empty()) port["name"] = name;
        ports.push_back(std::move(port));
    }
    return ports;
}

struct Subset {
    Json ready = Json::array();
    Json not_ready = Json::array();
};

}  // namespace

EndpointsController::EndpointsController(Context& context)
    : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    const auto by_name = [this](const StoreEvent& event) { queue_.add({"services", event.key.ns, event.key.name}); };
    subscriptions_.push_back(context_.store.subscribe("services", by_name));
    subscriptions_.push_back(context_.store.subscribe("endpoints", by_name));
    subscriptions_.push_back(context_.store.subscribe("pods", [this](const StoreEvent& event) {
        enqueue_selecting(*event.object);
        if (event.previous && map(*event.previous, {"metadata", "labels"}) != map(*event.object, {"metadata", "labels"})) {
            enqueue_selecting(*event.previous);
        }
    }));
    for (const ObjectPtr& service : context_.store.list("services")) queue_.add(key_of("services", *service));
}

void EndpointsController::enqueue_selecting(const Json& pod) {
    for (const ObjectPtr& service : context_.store.list("services", namespace_of(pod))) {
        const Json& selector = map(*service, {"spec", "selector"});
        if (!selector.empty() && map_matches(selector, map(pod, {"metadata", "labels"}))) queue_.add(key_of("services", *service));
    }
}

void EndpointsController::sync(const ObjectKey& key) {
    const ObjectKey endpoints_key{"endpoints", key.ns, key.name};
    const ObjectPtr service = context_.store.get(key);
    const ObjectPtr known = context_.store.get(endpoints_key);
    if (!service) {
        // Endpoints that somebody made for a Service still to come are left alone.
        if (known && !annotation(*known, "endpoints.kubernetes.io/last-change-trigger-time").empty()) delete_object(context_, endpoints_key);
        return;
    }
    const Json& selector = map(*service, {"spec", "selector"});
    if (selector.empty() || is_deleting(*service)) return;  // by hand, or on its way out

    const bool all_count = flag(*service, {"spec", "publishNotReadyAddresses"});
    std::map<std::string, std::pair<Json, Subset>> subsets;  // by the ports they share
    for (const ObjectPtr& pod : context_.store.list("pods", key.ns)) {
        const std::string ip = text(*pod, {"status", "podIP"});
        if (ip.empty() || !is_active(*pod) || !map_matches(selector, map(*pod, {"metadata", "labels"}))) continue;
        Json ports = ports_of(*service, *pod);
        auto& [subset_ports, subset] = subsets[dump(ports)];
        subset_ports = std::move(ports);
        Json address{{"ip", ip},
                     {"nodeName", text(*pod, {"spec", "nodeName"})},
                     {"targetRef", {{"kind", "Pod"}, {"namespace", key.ns}, {"name", name_of(*pod)}, {"uid", uid_of(*pod)}}}};
        if (const std::string host = text(*pod, {"spec", "hostname"}); !host.empty() && text(*pod, {"spec", "subdomain"}) == key.name) {
            address["hostname"] = host;
        }
        (is_ready(*pod) || all_count ? subset.ready : subset.not_ready).push_back(std::move(address));
    }
    Json list = Json::array();
    for (auto& [text_of_ports, entry] : subsets) {
        auto& [ports, subset] = entry;
        Json each = Json::object();
        if (!subset.ready.empty()) each["addresses"] = std::move(subset.ready);
        if (!subset.not_ready.empty()) each["notReadyAddresses"] = std::move(subset.not_ready);
        if (!ports.empty()) each["ports"] = ports;
        list.push_back(std::move(each));
    }
    if (known && array(*known, {"subsets"}) == list) return;
    const auto fill = [&](Json& endpoints) {
        if (list.empty()) {
            endpoints.erase("subsets");
        } else {
            endpoints["subsets"] = list;
        }
        member(endpoints, {"metadata"})["labels"] = map(*service, {"metadata", "labels"});
        member(endpoints, {"metadata", "annotations"})["endpoints.kubernetes.io/last-change-trigger-time"] = context_.now();
    };
    if (known) {
        [[maybe_unused]] const auto written = context_.store.modify(endpoints_key, fill);
        return;
    }
    Json endpoints{{"apiVersion", "v1"}, {"kind", "Endpoints"}, {"metadata", Json::object()}};
    fill(endpoints);
    [[maybe_unused]] const auto created = context_.store.create(endpoints_key, std::move(endpoints));
}

}  // namespace kube::controllers
