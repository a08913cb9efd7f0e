// The JSON readers of the API server: those of the controllers, under one short name.
//
//   const std::string phase = api::text(pod, {"status", "phase"});
#pragma once

#include "kube/controllers/object_access.hpp"

namespace kube::api {

using controllers::array;
using controllers::dump;
using controllers::find;
using controllers::flag;
using controllers::format_time;
using controllers::integer;
using controllers::map;
using controllers::member;
using controllers::name_of;
using controllers::namespace_of;
using controllers::text;
using controllers::uid_of;

// A member by a name known at run time only; null when there is none.
[[nodiscard]] inline const Json* child(const Json& object, std::string_view name) {
    if (!object.is_object()) return nullptr;
    const auto it = object.find(name);
    return it == object.end() ? nullptr : &*it;
}

// The text of a JSON string; empty for anything else.
[[nodiscard]] inline std::string_view view(const Json* value) {
    if (!value || !value->is_string()) return {};
    return value->get_ref<const std::string&>();
}

}  // namespace kube::api
