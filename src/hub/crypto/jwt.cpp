#include "hub/crypto/jwt.hpp"

#include "base/encoding.hpp"
#include "hub/crypto/sha256.hpp"

namespace hub::crypto {

namespace {

constexpr std::size_t kMaxTokenBytes = 8 * 1024;

}  // namespace

std::string sign_jwt(const Json& claims, std::string_view secret) {
    std::string token = base::base64url_encode(R"({"alg":"HS256","typ":"JWT"})") + "." + base::base64url_encode(dump_json(claims));
    token += "." + base::base64url_encode(as_bytes(hmac_sha256(secret, token)));
    return token;
}

base::Result<Json> verify_jwt(std::string_view token, std::string_view secret) {
    const auto refuse = [] { return base::fail(base::ErrorCode::unauthenticated, "The token is not valid.", "Sign in again."); };
    if (token.size() > kMaxTokenBytes) return refuse();
    const std::size_t first = token.find('.');
    const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return refuse();
    const auto signature = base::base64url_decode(token.substr(second + 1));
    if (!signature) return refuse();
    const Digest expected = hmac_sha256(secret, token.substr(0, second));
    if (!equal_in_constant_time(*signature, as_bytes(expected))) return refuse();
    const auto header = base::base64url_decode(token.substr(0, first));
    const auto payload = base::base64url_decode(token.substr(first + 1, second - first - 1));
    if (!header || !payload) return refuse();
    const auto header_json = base::parse_json(*header);
    if (!header_json || text_at(*header_json, "alg") != "HS256") return refuse();
    auto claims = base::parse_json(*payload);
    if (!claims || !claims->is_object()) return refuse();
    return claims;
}

}  // namespace hub::crypto
