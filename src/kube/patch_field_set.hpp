// FieldSet: which fields of an object a manager owns, as metadata.managedFields keeps it (fieldsV1).
//
// A set is a tree of path elements in their wire spelling: "f:replicas" a field, `k:{"name":"web"}` the item of a list with
// those keys, `v:"a"` the member of a set. A node can be a member itself (a leaf, or "." beside its children).
//
//   FieldSet owned = fields_of(schema.kind("Deployment"), applied);
//   owned.to_json()   // {"f:spec": {"f:replicas": {}}}
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kube/api_schema.hpp"

namespace kube::api {

struct FieldSet {
    bool member = false;
    std::map<std::string, FieldSet, std::less<>> children;

    [[nodiscard]] bool empty() const { return !member && children.empty(); }
    [[nodiscard]] const FieldSet* at(std::string_view element) const;
    [[nodiscard]] bool covers_anything() const;  // this node or one below is a member

    void unite(const FieldSet& other);
    void subtract(const FieldSet& other);  // members of `other` leave; nodes without members vanish
    [[nodiscard]] FieldSet intersection(const FieldSet& other) const;

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static FieldSet from_json(const Json& fields_v1);
    // ".spec.template.spec.containers[name=\"web\"].image", as conflicts name fields.
    [[nodiscard]] std::vector<std::string> paths() const;

    friend bool operator==(const FieldSet&, const FieldSet&) = default;
};

// `k:{...}` of an item of a list with keys, `v:...` of a scalar.
[[nodiscard]] std::string item_element(const Schema::Type& list, const Json& item);

// All fields `value` says something about; identity and bookkeeping (apiVersion, kind, most of metadata) are nobody's.
[[nodiscard]] FieldSet fields_of(const Schema::Type& type, const Json& object);

// The fields that differ between two states of an object: changed or new in `after`, and those that are gone from it.
struct FieldChanges {
    FieldSet changed;
    FieldSet removed;
};
[[nodiscard]] FieldChanges compare_fields(const Schema::Type& type, const Json& before, const Json& after);

}  // namespace kube::api
