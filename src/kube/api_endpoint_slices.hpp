// EndpointSlices as mirrors of Endpoints, for clients that read only slices (kubectl since 1.32 describes Services by them). One
// slice per subset, labelled with the name of its Service; it goes when the Endpoints go.
#pragma once

#include "kube/object_store.hpp"

namespace kube::api {

class EndpointSliceMirror {
public:
    explicit EndpointSliceMirror(ObjectStore& store);

private:
    void sync(const ObjectKey& endpoints);

    ObjectStore& store_;
    Subscription subscription_;
};

}  // namespace kube::api
