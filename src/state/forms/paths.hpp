// Paths into a Json value, as text: the segments of an RFC 6901 pointer without its leading '/'. "tools/2", "env/a~1b" (the key
// "a/b": '/' is "~1" and '~' is "~0"), "" for the value itself. Every error of a schema and every field of a form is named so.
//
//   state::join_path("tools", 2);                     // "tools/2"
//   if (const base::Json* tool = state::find_at(values, "tools/2")) ...
//   state::normal_path("nodes[3].position.x");        // "nodes/3/position/x": how other programs write it
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace state {

inline constexpr std::size_t kMaxPathSegments = 64;  // deeper than any JSON that base::parse_json lets in

[[nodiscard]] std::string join_path(std::string_view path, std::string_view key);  // escapes the key
[[nodiscard]] std::string join_path(std::string_view path, std::size_t index);
// `below` is a path itself and may be "".
[[nodiscard]] std::string concat_paths(std::string_view path, std::string_view below);
// Unescaped. "" has none. At most kMaxPathSegments, the rest is left out.
[[nodiscard]] std::vector<std::string> split_path(std::string_view path);
// True for `above` itself and for everything below it; "" is above everything.
[[nodiscard]] bool is_within(std::string_view path, std::string_view above);
// A segment that may index an array: digits without a leading zero.
[[nodiscard]] std::optional<std::size_t> index_segment(std::string_view segment);

// Null when there is nothing.
[[nodiscard]] const base::Json* find_at(const base::Json& json, std::string_view path);
// Sets the value there, making the objects above it that are missing. False, and nothing changed, when an array has no such index
// (its size appends), a segment is no index, or something above is neither object nor array.
bool set_at(base::Json& json, std::string_view path, base::Json value);
// Removes a member of an object. False when there is none.
bool erase_at(base::Json& json, std::string_view path);

// From "/a/b", "a.b", "a[0].b" or "a/b" to "a/b".
[[nodiscard]] std::string normal_path(std::string_view text);

}  // namespace state
