#include "kube/controllers/claim_binder.hpp"

#include <utility>

namespace kube::controllers {

ClaimBinder::ClaimBinder(Context& context) : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    const auto is_unbound = [](const Json& claim) {
        const std::string phase = text(claim, {"status", "phase"});
        return !is_deleting(claim) && phase != "Bound" && phase != "Lost";
    };
    subscription_ = context_.store.subscribe("persistentvolumeclaims", [this, is_unbound](const StoreEvent& event) {
        if (event.type == EventType::deleted) return queue_.forget_delayed(event.key);
        if (is_unbound(*event.object)) queue_.add_after(event.key, context_.between(300, 1200));
    });
    for (const ObjectPtr& claim : context_.store.list("persistentvolumeclaims")) {
        if (is_unbound(*claim)) queue_.add_after(key_of("persistentvolumeclaims", *claim), context_.between(300, 1200));
    }
}

void ClaimBinder::sync(const ObjectKey& key) {
    const ObjectPtr claim = context_.store.get(key);
    if (!claim || is_deleting(*claim) || text(*claim, {"status", "phase"}) == "Bound") return;
    const std::string storage_class = text(*claim, {"spec", "storageClassName"}, "standard");
    if (storage_class == "missing" || storage_class.starts_with("no-")) {
        const bool told = text(*claim, {"status", "phase"}) == "Pending";
        [[maybe_unused]] const auto written =
            context_.store.modify(key, [](Json& changed) { member(changed, {"status"})["phase"] = "Pending"; });
        if (!told || integer(*claim, {"metadata", "generation"}, 1) == 1) {
            context_.events.record(*claim, {.reason = "ProvisioningFailed",
                                            .message = "storageclass.storage.k8s.io \"" + storage_class + "\" not found",
                                            .component = "persistentvolume-controller",
                                            .warning = true});
        }
        return;
    }
    const std::string volume = "pvc-" + uid_of(*claim);
    const auto bound = context_.store.modify(key, [&](Json& changed) {
        Json& spec = member(changed, {"spec"});
        if (text(spec, {"volumeName"}).empty()) spec["volumeName"] = volume;
        if (!spec.contains("storageClassName")) spec["storageClassName"] = "standard";
        if (!spec.contains("volumeMode")) spec["volumeMode"] = "Filesystem";
        Json& notes = member(changed, {"metadata", "annotations"});
        notes["pv.kubernetes.io/bind-completed"] = "yes";
        notes["volume.kubernetes.io/storage-provisioner"] = "rancher.io/local-path";
        Json& status = member(changed, {"status"});
        status["phase"] = "Bound";
        status["accessModes"] = array(*claim, {"spec", "accessModes"});
        status["capacity"] = {{"storage", text(*claim, {"spec", "resources", "requests", "storage"}, "1Gi")}};
    });
    if (!bound) return;
    context_.events.record(*claim, {.reason = "ProvisioningSucceeded",
                                    .message = "Successfully provisioned volume " + volume,
                                    .component = "rancher.io/local-path"});
}

}  // namespace kube::controllers
