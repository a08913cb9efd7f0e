// Small, total readers over JSON of unknown shape: a missing field or another type gives the default, never an abort.
// Input that has to be *checked* (request bodies) goes through workflow_rules or wire::JsonReader; these are for documents of our
// own and for Kubernetes objects, where the unexpected counts as absent.
//
//   for (const Json& pod : items_of(list)) use(text_at(pod, "metadata", "name"), number_at(pod, 0, "status", "restarts"));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace hub {

using base::Json;

// Null when `json` is no object or has no such field.
[[nodiscard]] inline const Json* field(const Json& json, std::string_view name) {
    if (!json.is_object()) return nullptr;
    const auto found = json.find(name);
    return found == json.end() ? nullptr : &*found;
}

[[nodiscard]] inline const Json& shared_null() {
    static const Json kNull;
    return kNull;
}

// The value at a path of object keys, or JSON null.
template <class... Names>
[[nodiscard]] const Json& value_at(const Json& json, const Names&... names) {
    const Json* current = &json;
    ((current = current ? field(*current, names) : nullptr), ...);
    return current ? *current : shared_null();
}

template <class... Names>
[[nodiscard]] std::string text_at(const Json& json, const Names&... names) {
    const Json& value = value_at(json, names...);
    return value.is_string() ? *value.template get_ptr<const std::string*>() : std::string();
}

[[nodiscard]] inline std::int64_t as_number(const Json& value, std::int64_t otherwise) {
    if (const auto* number = value.get_ptr<const Json::number_integer_t*>()) return *number;
    if (const auto* number = value.get_ptr<const Json::number_float_t*>()) {
        if (*number >= -9.0e15 && *number <= 9.0e15) return static_cast<std::int64_t>(*number);
    }
    return otherwise;
}

template <class... Names>
[[nodiscard]] std::int64_t number_at(const Json& json, std::int64_t otherwise, const Names&... names) {
    return as_number(value_at(json, names...), otherwise);
}

template <class... Names>
[[nodiscard]] bool flag_at(const Json& json, const Names&... names) {
    const Json& value = value_at(json, names...);
    return value.is_boolean() && *value.template get_ptr<const bool*>();
}

// The elements at a path, or of an empty array.
template <class... Names>
[[nodiscard]] const Json& array_at(const Json& json, const Names&... names) {
    static const Json kEmpty = Json::array();
    const Json& value = value_at(json, names...);
    return value.is_array() ? value : kEmpty;
}

template <class... Names>
[[nodiscard]] const Json& object_at(const Json& json, const Names&... names) {
    static const Json kEmpty = Json::object();
    const Json& value = value_at(json, names...);
    return value.is_object() ? value : kEmpty;
}

using base::dump_json;

}  // namespace hub
