// StructuralSchema: the openAPIV3Schema of a CustomResourceDefinition's version, and what an API server does with it: refuse
// objects that break it, drop fields it does not know, fill in its defaults, and tell server-side apply how lists and maps merge.
//
//   Causes causes;
//   StructuralSchema::check(schema_json, "spec.versions[0].schema.openAPIV3Schema", causes);   // of the definition
//   StructuralSchema schema(schema_json, object_meta);
//   schema.prune(object); schema.set_defaults(object); schema.validate(object, causes);        // of its objects
//
// Checked in objects: type, nullable, required, enum, minimum and maximum (with their exclusive forms), minLength, maxLength,
// minItems, maxItems, minProperties, maxProperties, allOf, anyOf, oneOf, not, the keys of list maps, the uniqueness of sets.
// Kept but not checked: pattern, format and x-kubernetes-validations; they need a regular expression and a CEL engine.
// Messages are those of kube-apiserver.
#pragma once

#include <deque>
#include <string>

#include "kube/api_error.hpp"
#include "kube/api_schema.hpp"

namespace kube::api {

inline constexpr int kMaxSchemaDepth = 40;

class StructuralSchema {
public:
    // The rules a schema must keep to be structural; `path` is where it stands in the definition.
    static void check(const Json& schema, const std::string& path, Causes& causes);

    // `object_meta` is the type of `metadata` and must outlive this.
    StructuralSchema(Json schema, const Schema::Type& object_meta);
    StructuralSchema(const StructuralSchema&) = delete;
    StructuralSchema& operator=(const StructuralSchema&) = delete;

    [[nodiscard]] const Schema::Type& type() const { return *root_; }
    void prune(Json& object) const;
    void set_defaults(Json& object) const;
    void validate(const Json& object, Causes& causes) const;

private:
    const Schema::Type* build(const Json& schema, int depth);

    Json schema_;
    std::deque<Schema::Type> types_;
    const Schema::Type* root_ = nullptr;
};

}  // namespace kube::api
