// The table of built-in kinds the API server serves, and the form that custom ones take (custom_resources.hpp). Discovery, routing,
// tables and error messages are all made from it.
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

struct CustomKind;

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
    const CustomKind* custom = nullptr;  // of a CustomResourceDefinition; null for the built-in kinds

    [[nodiscard]] std::string api_version() const;
    // Whether it is that built-in kind; a custom one may have the same plural in another group.
    [[nodiscard]] bool is(std::string_view built_in_plural) const { return plural == built_in_plural && !custom; }
    // ObjectKey::resource of its objects: the plural, of custom kinds "plural.group".
    [[nodiscard]] std::string_view store_key() const;
    // "PodList".
    [[nodiscard]] std::string list_kind() const;
};

[[nodiscard]] std::span<const ResourceType> resource_types();

// Null when not served. A plural is served by one group only.
[[nodiscard]] const ResourceType* find_resource(std::string_view group, std::string_view version, std::string_view plural);
[[nodiscard]] const ResourceType* find_resource(std::string_view plural);

}  // namespace kube
