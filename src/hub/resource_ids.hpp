// Ids of Kubernetes objects in the hub's API. Opaque to clients; they hold what finds the object by one request, and its
// uid, so that a successor of the same name is not mistaken for it: "pods~default~web-0~<uid>". Those of a cluster other than the
// built-in one end with its name: "pods~default~web-0~<uid>~staging".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hub/json_text.hpp"

namespace hub {

struct ResourceType {
    std::string_view type;         // "Pod", as in the contract
    std::string_view api_version;
    std::string_view plural;
    bool namespaced = true;
};

// All that GET /resources lists.
[[nodiscard]] const ResourceType* find_resource_type(std::string_view type);
[[nodiscard]] const ResourceType* find_resource_plural(std::string_view plural);
[[nodiscard]] const ResourceType* resource_types_begin();
[[nodiscard]] const ResourceType* resource_types_end();

struct ResourceId {
    const ResourceType* type = nullptr;
    std::string ns;
    std::string name;
    std::string uid;
    std::string cluster;  // empty: the built-in one

    [[nodiscard]] std::string path() const;
};

[[nodiscard]] std::string make_resource_id(const ResourceType& type, const Json& object);
// nullopt for anything this hub would not have made.
[[nodiscard]] std::optional<ResourceId> parse_resource_id(std::string_view text);

}  // namespace hub
