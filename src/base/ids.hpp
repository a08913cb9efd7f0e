// Ids: 24 lower-case hex digits in the shape of an ObjectId (4 bytes of seconds, 8 of chance), so that ids made later
// sort later, by the second.
//
//   workflow.id = base::make_id(random, clock.unix_ms());
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.hpp"

namespace base {

inline constexpr std::size_t kIdLength = 24;

[[nodiscard]] std::string make_id(Random& random, std::int64_t unix_ms);
// 24 hex digits of chance alone, where order must not show.
[[nodiscard]] std::string make_id(Random& random);
// Of the form make_id() gives (lower case).
[[nodiscard]] bool is_id(std::string_view text);
// `length` characters of Kubernetes' name alphabet ("bcdfghjklmnpqrstvwxz2456789"), as in "web-7d4b9c6f5-x2x9q".
[[nodiscard]] std::string make_name_suffix(Random& random, std::size_t length = 5);
// A version 4 UUID (RFC 9562), for uids.
[[nodiscard]] std::string make_uuid(Random& random);

}  // namespace base
