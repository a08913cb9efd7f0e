// The values that nodes want and nobody stores but the cluster: of secrets, and of environment variables entered with a run.
#pragma once

#include <optional>
#include <string>

#include "hub/json_text.hpp"
#include "hub/workflow_rules.hpp"

namespace hub {

// What the cluster's object of this node has for `key`: of a Secret its data, of a workload the variable's value. nullopt: nothing.
[[nodiscard]] std::optional<std::string> kept_value(const GraphNode& node, const Json& existing, const std::string& key);

}  // namespace hub
