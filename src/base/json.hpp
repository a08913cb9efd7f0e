// Json: nlohmann's DOM, made and written without exceptions and within limits.
//
//   auto json = base::parse_json(body, {.max_bytes = 4 << 20});
//   if (!json) return base::fail(json.error());            // "not valid JSON at byte 17"
//   std::string text = base::dump_json(*json);             // never throws: ill-formed UTF-8 becomes U+FFFD
//
// Limits are enforced while reading, before anything is built: a million '[' costs nothing and cannot overflow a stack later.
// Values that came from outside are read through wire::JsonReader, never by .at(), operator[] or get<T>().
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace base {

using Json = nlohmann::json;

struct JsonLimits {
    std::size_t max_bytes = 16 * 1024 * 1024;
    std::size_t max_depth = 64;  // nesting of arrays and objects; a scalar has depth 0
};

// too_large when `text` is over max_bytes, else invalid_argument for malformed or too deep. Of duplicate keys the last wins.
[[nodiscard]] Result<Json> parse_json(std::string_view text, JsonLimits limits = {});
// indent < 0: one line.
[[nodiscard]] std::string dump_json(const Json& json, int indent = -1);
// `text` as a JSON string literal with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace base
