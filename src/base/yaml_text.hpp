// JSON as YAML, for people to read: block style, two blanks of indent, texts quoted only where YAML would misread them, texts of
// several lines as blocks. Read by YAML 1.1 and 1.2 alike, it gives the same JSON back (tests/unit/hub/yaml_round_trip_test.cpp).
//
//   std::string text = base::yaml_text({{"kind", "Issuer"}, {"spec", {{"hosts", {"a", "b"}}}}});
#pragma once

#include <string>

#include "base/json.hpp"

namespace base {

[[nodiscard]] std::string yaml_text(const Json& json);

}  // namespace base
