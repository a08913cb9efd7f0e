// The ID token of OpenID Connect, and PKCE: pure functions, no I/O.
//
//   auto token = read_id_token(text);                                       // well-formed? not yet trusted
//   auto wrong = problem_of_claims(token->claims, {.issuer = ..., .client_id = ..., .nonce = ..., .now_s = ...});
//   if (!wrong.empty()) ...                                                 // "aud does not name this client"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "hub/json_text.hpp"

namespace hub {

struct IdToken {
    std::string algorithm;  // "alg"
    std::string key_id;     // "kid", may be empty
    Json claims;
    std::string signed_text;
    std::string signature;  // bytes
};

// At most 16 KiB, three parts, JSON objects. Says nothing about its truth.
[[nodiscard]] base::Result<IdToken> read_id_token(std::string_view text);

struct ExpectedClaims {
    std::string_view issuer;
    std::string_view client_id;
    std::string_view nonce;
    std::int64_t now_s = 0;
};
inline constexpr std::int64_t kClockSkew_s = 120;

// Empty when every claim is as OpenID Connect Core 3.1.3.7 demands, else what is wrong.
[[nodiscard]] std::string problem_of_claims(const Json& claims, const ExpectedClaims& expected);

// RFC 7636, 4.2: base64url(sha256(verifier)).
[[nodiscard]] std::string pkce_challenge(std::string_view verifier);

}  // namespace hub
