#include "kube/controllers/address_controller.hpp"

#include <set>
#include <utility>

namespace kube::controllers {
namespace {

const Json& ingress_points(const Json& object) { return array(object, {"status", "loadBalancer", "ingress"}); }

std::set<std::string> backends(const Json& ingress) {
    std::set<std::string> services;
    const auto add = [&](const Json& backend) {
        if (std::string name = text(backend, {"service", "name"}); !name.empty()) services.insert(std::move(name));
    };
    add(map(ingress, {"spec", "defaultBackend"}));
    for (const Json& rule : array(ingress, {"spec", "rules"})) {
        for (const Json& path : array(rule, {"http", "paths"})) add(map(path, {"backend"}));
    }
    return services;
}

bool has_ready_address(const Json& endpoints) {
    for (const Json& subset : array(endpoints, {"subsets"})) {
        if (!array(subset, {"addresses"}).empty()) return true;
    }
    return false;
}

}  // namespace

AddressController::AddressController(Context& context)
    : context_(context),
      services_(context.scheduler, [this](const ObjectKey& key) { sync_service(key); }),
      ingresses_(context.scheduler, [this](const ObjectKey& key) { sync_ingress(key); }) {
    const auto wants_address = [](const Json& service) {
        return text(service, {"spec", "type"}) == "LoadBalancer" && ingress_points(service).empty();
    };
    subscriptions_.push_back(context_.store.subscribe("services", [this, wants_address](const StoreEvent& event) {
        if (event.type == EventType::deleted) return services_.forget_delayed(event.key);
        if (wants_address(*event.object)) {
            const bool asked_before = event.previous && wants_address(*event.previous);
            if (!asked_before) {
                context_.events.record(*event.object, {.reason = "EnsuringLoadBalancer", .message = "Ensuring load balancer", .component = "service-controller"});
            }
            services_.add_after(event.key, context_.between(2000, 5000));
        } else if (text(*event.object, {"spec", "type"}) != "LoadBalancer") {
            services_.add(event.key);
        }
    }));
    subscriptions_.push_back(context_.store.subscribe("ingresses", [this](const StoreEvent& event) { ingresses_.add(event.key); }));
    subscriptions_.push_back(context_.store.subscribe("endpoints", [this](const StoreEvent& event) {
        for (const ObjectPtr& ingress : context_.store.list("ingresses", event.key.ns)) {
            if (backends(*ingress).contains(event.key.name)) ingresses_.add(key_of("ingresses", *ingress));
        }
    }));
    for (const ObjectPtr& service : context_.store.list("services")) {
        if (wants_address(*service)) services_.add_after(key_of("services", *service), context_.between(2000, 5000));
    }
    for (const ObjectPtr& ingress : context_.store.list("ingresses")) ingresses_.add(key_of("ingresses", *ingress));
}

std::string AddressController::free_address() const {
    std::set<std::string> taken{std::string(kIngressAddress)};
    for (const ObjectPtr& service : context_.store.list("services")) {
        for (const Json& point : ingress_points(*service)) taken.insert(text(point, {"ip"}));
    }
    for (int host = 20; host < 255; ++host) {
        std::string address = "203.0.113." + std::to_string(host);
        if (!taken.contains(address)) return address;
    }
    return {};
}

void AddressController::sync_service(const ObjectKey& key) {
    const ObjectPtr service = context_.store.get(key);
    if (!service || is_deleting(*service)) return;
    if (text(*service, {"spec", "type"}) != "LoadBalancer") {
        if (ingress_points(*service).empty()) return;
        [[maybe_unused]] const auto cleared =
            context_.store.modify(key, [](Json& changed) { member(changed, {"status"})["loadBalancer"] = Json::object(); });
        return;
    }
    if (!ingress_points(*service).empty()) return;
    const std::string asked = text(*service, {"spec", "loadBalancerIP"});
    const std::string address = asked.empty() ? free_address() : asked;
    if (address.empty()) {
        context_.events.record(*service, {.reason = "SyncLoadBalancerFailed",
                                          .message = "Error syncing load balancer: no free external address",
                                          .component = "service-controller",
                                          .warning = true});
        return;
    }
    [[maybe_unused]] const auto written = context_.store.modify(key, [&](Json& changed) {
        member(changed, {"status", "loadBalancer"})["ingress"] = Json::array({Json{{"ip", address}, {"ipMode", "VIP"}}});
    });
    context_.events.record(*service, {.reason = "EnsuredLoadBalancer", .message = "Ensured load balancer", .component = "service-controller"});
}

void AddressController::sync_ingress(const ObjectKey& key) {
    const ObjectPtr ingress = context_.store.get(key);
    if (!ingress || is_deleting(*ingress) || !ingress_points(*ingress).empty()) return;
    for (const std::string& name : backends(*ingress)) {
        const ObjectPtr endpoints = context_.store.get({"endpoints", key.ns, name});
        if (!endpoints || !has_ready_address(*endpoints)) continue;
        [[maybe_unused]] const auto written = context_.store.modify(key, [&](Json& changed) {
            member(changed, {"status", "loadBalancer"})["ingress"] = Json::array({Json{{"ip", kIngressAddress}}});
        });
        context_.events.record(*ingress, {.reason = "Sync", .message = "Scheduled for sync", .component = "nginx-ingress-controller"});
        return;
    }
}

}  // namespace kube::controllers
