// The table of kinds the API server serves. Discovery, routing, tables and error messages are all made from it.
//
//   const ResourceType* pods = find_resource("", "v1", "pods");
//   pods->kind            // "Pod"
//   pods->api_version()   // "v1"; of deployments "apps/v1"
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace kube {

struct ResourceType {
    std::string_view group;  // empty for the core group
    std::string_view version;
    std::string_view plural;
    std::string_view singular;
    std::string_view kind;
    std::string_view short_names;  // separated by blanks
    bool namespaced = true;
    bool has_status = false;  // serves /status; writes to the resource itself then leave the status alone
    bool has_scale = false;
    bool in_all = false;  // `kubectl get all`

    [[nodiscard]] std::string api_version() const;
    [[nodiscard]] bool is(std::string_view other_plural) const { return plural == other_plural; }
};

[[nodiscard]] std::span<const ResourceType> resource_types();

// Null when not served. A plural is served by one group only.
[[nodiscard]] const ResourceType* find_resource(std::string_view group, std::string_view version, std::string_view plural);
[[nodiscard]] const ResourceType* find_resource(std::string_view plural);

}  // namespace kube
