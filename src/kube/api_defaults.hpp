// Defaults and allocation: what the API server adds to an object before it is validated and stored, so that controllers and
// clients read complete objects.
//
//   apply_defaults(type, object);                        // replicas 1, protocol TCP, imagePullPolicy, ...
//   if (auto ok = allocate_service(store, random, old, service); !ok) -> ok.error() is a 422
#pragma once

#include "kube/api_error.hpp"
#include "kube/object_store.hpp"
#include "kube/resource_types.hpp"

namespace kube::api {

// Idempotent: a defaulted object stays as it is.
void apply_defaults(const ResourceType& type, Json& object);

// What only a new object gets: first status, labels and selectors the server makes (Namespace, Job, Pod, PersistentVolumeClaim).
// metadata.uid and name are set already.
void prepare_for_create(const ResourceType& type, Json& object);

// Cluster IPs from 10.96.0.0/16 and node ports from 30000-32767. Keeps what `before` (null: a new service) had where the new
// object does not say otherwise, refuses what is taken or out of range.
[[nodiscard]] ApiResult<void> allocate_service(const ObjectStore& store, base::Random& random, const Json* before, Json& service);

// "Guaranteed", "Burstable" or "BestEffort".
[[nodiscard]] std::string_view quality_of_service(const Json& pod_spec);

}  // namespace kube::api
