// Base64 (RFC 4648, sections 4 and 5) and hexadecimal.
//
//   base::base64_encode(bytes);                  // with padding
//   base::base64url_encode(bytes);               // no padding: JWT parts, ids in URLs
//   auto bytes = base::base64_decode(text);      // strict; std::nullopt for anything a sound encoder would not write
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace base {

[[nodiscard]] std::string base64_encode(std::string_view bytes);
[[nodiscard]] std::string base64url_encode(std::string_view bytes);
// Padding required, no blanks, no stray bits in the last character.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);
// Padding not allowed, else as strict.
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

// Lower case.
[[nodiscard]] std::string hex_encode(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::string hex_encode(std::string_view bytes);
// Either case, even length.
[[nodiscard]] std::optional<std::string> hex_decode(std::string_view text);

}  // namespace base
