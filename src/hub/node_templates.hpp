// GET /templates: the node types with everything a form needs to edit a node's `data` (contracts: KubeOrch core, "Node
// types"). What each parameter does is src/hub/manifests.cpp.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "hub/json_text.hpp"

namespace hub {

// {"templates": [...]}; each has id, name, type, displayName, category, description, icon, version, tags, usageFrequency,
// difficulty, dependencies, parameters; those of the enabled plugins also isPlugin and pluginId.
[[nodiscard]] Json node_templates(const std::set<std::string, std::less<>>& enabled_plugins = {});

}  // namespace hub
