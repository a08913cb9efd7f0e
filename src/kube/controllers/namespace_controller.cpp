#include "kube/controllers/namespace_controller.hpp"

#include <array>

namespace kube::controllers {
namespace {

// Those that make others go first, so that nothing is made anew meanwhile; the rest in any order.
constexpr std::array<std::string_view, 7> kMakers{"cronjobs",   "jobs",        "deployments", "statefulsets",
                                                  "daemonsets", "replicasets", "services"};

}  // namespace

NamespaceController::NamespaceController(Context& context)
    : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    subscription_ = context_.store.subscribe("", [this](const StoreEvent& event) {
        if (event.key.resource == "namespaces") {
            queue_.add(event.key);
        } else if (!event.key.ns.empty() && !ending_.empty() && ending_.contains(event.key.ns)) {
            queue_.add({"namespaces", "", event.key.ns});
        }
    });
    for (const ObjectPtr& ns : context_.store.list("namespaces")) {
        if (is_deleting(*ns)) queue_.add(key_of("namespaces", *ns));
    }
}

void NamespaceController::sync(const ObjectKey& key) {
    const ObjectPtr ns = context_.store.get(key);
    if (ns && !is_deleting(*ns)) {
        ending_.erase(key.name);
        return;
    }
    ending_.insert(key.name);
    if (ns && text(*ns, {"status", "phase"}) != "Terminating") {
        [[maybe_unused]] const auto marked =
            context_.store.modify(key, [](Json& changed) { member(changed, {"status"})["phase"] = "Terminating"; });
    }
    const auto empty_of = [&](std::string_view resource) {
        for (const ObjectPtr& object : context_.store.list(resource, key.name)) delete_object(context_, key_of(resource, *object));
        return context_.store.list(resource, key.name).empty();
    };
    bool left = false;
    for (const std::string_view resource : kMakers) left = !empty_of(resource) || left;
    for (const std::string& resource : context_.store.resources()) left = !empty_of(resource) || left;
    if (left) return;  // the end of a pod, or of a finalizer, brings us here again
    ending_.erase(key.name);
    if (ns) [[maybe_unused]] const auto removed = context_.store.remove(key);
}

}  // namespace kube::controllers
