// Where to go after signing in. The wish comes from an address (?next=...) or from where the tab was, so anybody may have written it.
//
//   safe_return_path("/?workflow=w1", "https://ops.example.org")                     // "/?workflow=w1"
//   safe_return_path("https://ops.example.org/x", "https://ops.example.org")         // "/x"
//   safe_return_path("//evil.example", ...), ("/%5Cevil.example", ...), ("javascript:...", ...)   // "/"
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace model {

inline constexpr std::size_t kMaxReturnPathBytes = 2'048;

// A path (with query and fragment) of this site, or "/" when `wish` is anything else: another host in any disguise, another scheme,
// a user name, control characters or blanks, plain or percent-encoded once; too long. `own_origin` may be empty: then only paths pass.
[[nodiscard]] std::string safe_return_path(std::string_view wish, std::string_view own_origin = {});

}  // namespace model
