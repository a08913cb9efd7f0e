// Server-side apply and the book-keeping of managedFields (KEP-555; structured-merge-diff's semantics).
//
//   auto applied = apply_configuration(type, live, config, {.manager = "binnacle", ...}, /*force=*/false);
//   if (!applied) -> applied.error() names each field and the manager that owns it, or what is malformed
//
// What a manager applies it owns; what it applied before and now leaves out is removed, unless somebody else owns it too.
// Changing a field that another manager owns is a conflict, unless forced: then ownership moves. Setting it to the value it
// has is no conflict: both own it. Ordinary writes (track_update) take ownership of what they change.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "kube/patch_field_set.hpp"

namespace kube::api {

struct FieldWriter {
    std::string manager;
    std::string api_version;
    std::string time;         // RFC 3339
    std::string subresource;  // "status", "scale" or empty
};

struct ApplyConflict {
    std::string who;    // `conflict with "kubectl" using apps/v1`
    std::string field;  // ".spec.replicas"
};

struct ApplyFailure {
    std::string malformed;  // empty when it is about conflicts
    std::vector<ApplyConflict> conflicts;
};

// The new state of the object, managedFields included; `live` is null when there is none yet. When nothing changes it
// equals `live`.
[[nodiscard]] std::expected<Json, ApplyFailure> apply_configuration(const Schema::Type& type, const Json* live, Json config,
                                                                    const FieldWriter& writer, bool force);

// Records in `after` that `writer` changed what differs from `before` (null: created).
void track_update(const Schema::Type& type, const Json* before, Json& after, const FieldWriter& writer);

// Whether two states differ in nothing but the times of their managedFields entries.
[[nodiscard]] bool differs_only_in_times(const Json& a, const Json& b);

}  // namespace kube::api
