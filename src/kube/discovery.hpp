// Discovery: what the server serves, in the forms clients ask for it. All from the catalogue of kinds.
//
//   GET /api, /apis, /apis/<group>, /api/v1, /apis/<group>/<version>, /version
#pragma once

#include <optional>
#include <string_view>

#include "kube/custom_resources.hpp"

namespace kube::api {

[[nodiscard]] Json api_versions();
[[nodiscard]] Json api_group_list(const ResourceCatalogue& kinds);
[[nodiscard]] std::optional<Json> api_group(const ResourceCatalogue& kinds, std::string_view group);
[[nodiscard]] std::optional<Json> api_resource_list(const ResourceCatalogue& kinds, std::string_view group, std::string_view version);
[[nodiscard]] Json version_info();

}  // namespace kube::api
