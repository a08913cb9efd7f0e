// What a pod needs from other objects before its containers can start.
#pragma once

#include <string>

#include "kube/object_store.hpp"

namespace kube::kubelet {

struct MissingVolume {
    std::string volume;
    std::string problem;  // `configmap "x" not found`
};

// The first volume that cannot be mounted (a ConfigMap, Secret or claim that is not there, a claim not bound); empty when all can.
[[nodiscard]] MissingVolume find_missing_volume(const ObjectStore& store, const Json& pod);
// Why the environment of a container cannot be made: `secret "x" not found`, `couldn't find key k in ConfigMap ns/x`. Else empty.
[[nodiscard]] std::string find_missing_environment(const ObjectStore& store, const Json& pod, const Json& container);

}  // namespace kube::kubelet
