// YAML as people paste it (a kubeconfig), made into Json within limits. Over libyaml's events; nothing else includes libyaml.
//
//   auto json = hub::parse_yaml(text);
//   if (!json) return base::fail(json.error());    // "line 7, column 3: the key "name" is there twice"
//
// Promises: one document (an empty one is null); scalars by YAML's core schema (1.2, 10.3): null, booleans and numbers only when plain;
// keys are strings. Refused, always with line and column: duplicate keys, keys that are no scalars, merge keys (<<), tags other than
// the core ones, an alias inside of its own anchor. Aliases are expanded, and what they expand to counts against the limits, so that
// ten lines cannot become gigabytes.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"

namespace hub {

struct YamlLimits {
    std::size_t max_bytes = 1024 * 1024;
    std::size_t max_depth = 64;
    std::size_t max_nodes = 100'000;                    // with expanded aliases
    std::size_t max_expanded_bytes = 4 * 1024 * 1024;   // of all scalars, with expanded aliases
};

// too_large over a limit, else invalid_argument.
[[nodiscard]] base::Result<base::Json> parse_yaml(std::string_view text, YamlLimits limits = {});

}  // namespace hub
