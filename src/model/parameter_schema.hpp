// The rules of a node's parameter, made from its description: required, bounds, choices, and what names may be made of.
//
//   for (const state::Issue& issue : state::validate(parameter_schema(parameter), value).issues) ...   // "Image is needed"
#pragma once

#include <string>
#include <string_view>

#include "state/forms/schema.hpp"

namespace model {

struct NodeParameter;

// Of a value as it stands in the node's data; texts for numbers ("5") count as numbers. Lists and objects take what comes.
[[nodiscard]] state::Schema parameter_schema(const NodeParameter& parameter);

}  // namespace model
