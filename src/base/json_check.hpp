// check_json: parse_json()'s judgement without building anything, for JSON that is handed on as text.
//
//   if (auto good = base::check_json(line, {.max_bytes = 16 << 20}); !good) count(good.error());
#pragma once

#include "base/json.hpp"

namespace base {

// Succeeds exactly when parse_json() would, and fails with the same error.
[[nodiscard]] Result<void> check_json(std::string_view text, JsonLimits limits = {});

}  // namespace base
