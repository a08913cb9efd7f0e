// JSON as YAML, for people to read: block style, two blanks of indent, texts quoted only where YAML would misread them.
//
//   std::string text = yaml_text({{"kind", "Issuer"}, {"spec", {{"hosts", {"a", "b"}}}}});
#pragma once

#include <string>

#include "hub/json_text.hpp"

namespace hub {

[[nodiscard]] std::string yaml_text(const Json& json);

}  // namespace hub
