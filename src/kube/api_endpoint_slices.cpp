#include "kube/api_endpoint_slices.hpp"

#include <set>

#include "kube/api_json.hpp"

namespace kube::api {
namespace {

constexpr const char* kServiceLabel = "kubernetes.io/service-name";
constexpr const char* kManagedByLabel = "endpointslice.kubernetes.io/managed-by";
constexpr const char* kManagedBy = "endpointslicemirroring-controller.k8s.io";

void add_endpoints(const Json& addresses, bool ready, Json& out) {
    for (const Json& address : addresses) {
        Json endpoint{{"addresses", Json::array({text(address, {"ip"})})},
                      {"conditions", {{"ready", ready}, {"serving", ready}, {"terminating", false}}}};
        for (const char* name : {"hostname", "nodeName", "targetRef"}) {
            if (const Json* value = child(address, name)) endpoint[name] = *value;
        }
        out.push_back(std::move(endpoint));
    }
}

Json slice_of(const Json& endpoints, const Json& subset) {
    Json list = Json::array();
    add_endpoints(array(subset, {"addresses"}), true, list);
    add_endpoints(array(subset, {"notReadyAddresses"}), false, list);
    Json ports = array(subset, {"ports"});
    for (Json& port : ports) {
        if (port.is_object() && !port.contains("name")) port["name"] = "";
    }
    Json slice{{"apiVersion", "discovery.k8s.io/v1"}, {"kind", "EndpointSlice"}, {"addressType", "IPv4"}, {"endpoints", std::move(list)}, {"ports", std::move(ports)}};
    slice["metadata"] = Json{{"labels", {{kServiceLabel, name_of(endpoints)}, {kManagedByLabel, kManagedBy}}},
                             {"ownerReferences", Json::array({Json{{"apiVersion", "v1"},
                                                                   {"kind", "Endpoints"},
                                                                   {"name", name_of(endpoints)},
                                                                   {"uid", uid_of(endpoints)},
                                                                   {"controller", true},
                                                                   {"blockOwnerDeletion", true}}})}};
    return slice;
}

}  // namespace

EndpointSliceMirror::EndpointSliceMirror(ObjectStore& store) : store_(store) {
    subscription_ = store_.subscribe("endpoints", [this](const StoreEvent& event) { sync(event.key); });
    for (const ObjectPtr& endpoints : store_.list("endpoints")) sync({"endpoints", namespace_of(*endpoints), name_of(*endpoints)});
}

void EndpointSliceMirror::sync(const ObjectKey& key) {
    const ObjectPtr endpoints = store_.get(key);
    std::set<std::string> wanted;
    const Json& subsets = endpoints ? array(*endpoints, {"subsets"}) : Json::array();
    for (std::size_t i = 0; i < subsets.size(); ++i) {
        const ObjectKey slice_key{"endpointslices", key.ns, key.name + "-" + std::to_string(i)};
        wanted.insert(slice_key.name);
        Json slice = slice_of(*endpoints, subsets[i]);
        if (!store_.get(slice_key)) {
            [[maybe_unused]] const auto made = store_.create(slice_key, std::move(slice));
            continue;
        }
        [[maybe_unused]] const auto written = store_.modify(slice_key, [&](Json& have) {
            for (const char* name : {"endpoints", "ports"}) have[name] = slice[name];
            member(have, {"metadata"})["ownerReferences"] = slice["metadata"]["ownerReferences"];
        });
    }
    for (const ObjectPtr& slice : store_.list("endpointslices", key.ns)) {
        const Json& labels = map(*slice, {"metadata", "labels"});
        if (view(child(labels, kServiceLabel)) != key.name || view(child(labels, kManagedByLabel)) != kManagedBy) continue;
        if (wanted.contains(name_of(*slice))) continue;
        [[maybe_unused]] const auto gone = store_.remove({"endpointslices", key.ns, name_of(*slice)});
    }
}

}  // namespace kube::api
