// The three patch formats that need no knowledge of managers: JSON Patch (RFC 6902), JSON Merge Patch (RFC 7386) and
// Kubernetes' strategic merge patch. Pure functions; the target is not touched when one fails.
//
//   auto patched = apply_strategic_merge_patch(schema.kind("Deployment"), deployment, patch);
//
// Errors: invalid_argument for a patch that is malformed in itself (400), conflict for one that does not fit the target
// (a missing path, a failed test: 422), too_large for one whose result would explode (413).
#pragma once

#include "base/result.hpp"
#include "kube/api_schema.hpp"

namespace kube::api {

inline constexpr std::size_t kMaxPatchOperations = 10'000;
inline constexpr std::size_t kMaxPatchDepth = 64;             // of the result
inline constexpr std::size_t kMaxPatchedValues = 500'000;  // JSON values that `copy` operations may make in all

[[nodiscard]] base::Result<Json> apply_json_patch(Json target, const Json& patch);

[[nodiscard]] Json apply_merge_patch(Json target, const Json& patch);

// Lists merge by the keys of the schema; known directives: `$patch: replace|delete|merge`, `$deleteFromPrimitiveList/<field>`,
// `$setElementOrder/<field>`, `$retainKeys`. They never reach the result.
[[nodiscard]] base::Result<Json> apply_strategic_merge_patch(const Schema::Type& type, Json target, const Json& patch);

}  // namespace kube::api
