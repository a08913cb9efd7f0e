// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), for the hub's tokens. Small and plain: it signs a few hundred bytes per
// request. Passwords are never hashed with this (see password_hasher.hpp).
//
//   auto mac = hub::crypto::hmac_sha256(secret, "header.payload");
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hub::crypto {

using Digest = std::array<std::uint8_t, 32>;

[[nodiscard]] Digest sha256(std::string_view bytes);
[[nodiscard]] Digest hmac_sha256(std::string_view key, std::string_view message);

[[nodiscard]] std::string_view as_bytes(const Digest& digest);

// Compares without telling by its duration where the difference is. Different lengths differ at once.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace hub::crypto
