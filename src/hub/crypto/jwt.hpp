// JSON Web Tokens with HS256 (RFC 7515, 7519), the only algorithm this hub writes or accepts.
//
//   std::string token = sign_jwt(claims, secret);
//   base::Result<Json> claims = verify_jwt(token, secret);     // signature only; the caller judges `exp`
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "hub/json_text.hpp"

namespace hub::crypto {

[[nodiscard]] std::string sign_jwt(const Json& claims, std::string_view secret);
// unauthenticated for anything but a well-formed token with that signature. "alg" must say HS256: no "none", no RS256.
[[nodiscard]] base::Result<Json> verify_jwt(std::string_view token, std::string_view secret);

}  // namespace hub::crypto
