// Validation: whether a complete (defaulted) object may be stored, and whether one may replace another. Wrong JSON types were
// refused before (Schema::check); here are the rules: names, required fields, ranges, references within the object, immutability.
//
//   Causes causes = validate(type, object);
//   if (!causes.empty()) return fail(invalid(type, name, causes));
#pragma once

#include <set>
#include <string>

#include "kube/api_error.hpp"

namespace kube::api {

// Beyond what any node of this cluster could run; a real API server has no such limit, a simulated one needs it.
inline constexpr std::int64_t kMaxReplicas = 1000;

[[nodiscard]] Causes validate(const ResourceType& type, const Json& object);
// On top of validate(): what must not change.
[[nodiscard]] Causes validate_update(const ResourceType& type, const Json& before, const Json& after);

// Parts, by file: api_validation_pod.cpp, api_validation_kinds.cpp.
// `volumes`: names that may be mounted beside the volumes of the pod itself.
void validate_pod_spec(const Json& spec, const std::string& path, Causes& causes, std::set<std::string> volumes = {});
void validate_labels(const Json& labels, const std::string& path, Causes& causes);
// At least `low`, at most `high`; absent is fine.
void validate_range(const Json& object, std::string_view name, const std::string& path, std::int64_t low, std::int64_t high, Causes& causes);
// A metav1.LabelSelector; false when it is malformed.
bool validate_selector(const Json* selector, const std::string& path, Causes& causes);
void validate_kind(const ResourceType& type, const Json& object, Causes& causes);
// "100m", "1.5Gi", "2e3": resource.Quantity.
[[nodiscard]] bool is_quantity(const Json& value);

}  // namespace kube::api
