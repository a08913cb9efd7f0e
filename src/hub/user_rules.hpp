// What every user record obeys, however the person came in.
#pragma once

#include <string>
#include <string_view>

namespace hub {

// One '@' with something on both sides, a host with no blanks, at most 254 bytes.
[[nodiscard]] bool looks_like_email(std::string_view text);
// Addresses compare in this form.
[[nodiscard]] std::string normal_email(std::string_view text);

}  // namespace hub
