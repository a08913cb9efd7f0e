#include "hub/id_token.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "hub/crypto/sha256.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxIdTokenBytes = 16 * 1024;
constexpr std::size_t kMaxSubjectBytes = 255;
constexpr std::int64_t kNoTime = -1;

bool names_client(const Json& audience, std::string_view client_id) {
    const auto is_it = [client_id](const Json& value) { return value.is_string() && *value.get_ptr<const std::string*>() == client_id; };
    return audience.is_array() ? std::any_of(audience.begin(), audience.end(), is_it) : is_it(audience);
}

}  // namespace

base::Result<IdToken> read_id_token(std::string_view text) {
    const auto refuse = [] { return base::fail(base::ErrorCode::protocol, "The ID token is malformed."); };
    const std::size_t first = text.find('.');
    const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (text.size() > kMaxIdTokenBytes || second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) return refuse();
    const auto header = base::base64url_decode(text.substr(0, first));
    const auto payload = base::base64url_decode(text.substr(first + 1, second - first - 1));
    const auto signature = base::base64url_decode(text.substr(second + 1));
    if (!header || !payload || !signature) return refuse();
    const auto header_json = base::parse_json(*header);
    auto claims = base::parse_json(*payload);
    if (!header_json || !header_json->is_object() || !claims || !claims->is_object()) return refuse();
    return IdToken{.algorithm = text_at(*header_json, "alg"),
                   .key_id = text_at(*header_json, "kid"),
                   .claims = std::move(*claims),
                   .signed_text = std::string(text.substr(0, second)),
                   .signature = *signature};
}

std::string problem_of_claims(const Json& claims, const ExpectedClaims& expected) {
    if (text_at(claims, "iss") != expected.issuer) return "iss is not the issuer";
    const Json& audience = value_at(claims, "aud");
    if (!names_client(audience, expected.client_id)) return "aud does not name this client";
    const std::string authorized = text_at(claims, "azp");
    if (audience.is_array() && audience.size() > 1 && authorized.empty()) return "azp is missing although there are several audiences";
    if (field(claims, "azp") && authorized != expected.client_id) return "azp is another client";
    const std::int64_t expires_s = number_at(claims, kNoTime, "exp");
    if (expires_s == kNoTime) return "exp is missing";
    if (expected.now_s - kClockSkew_s >= expires_s) return "it has expired";
    const std::int64_t issued_s = number_at(claims, kNoTime, "iat");
    if (issued_s == kNoTime) return "iat is missing";
    if (issued_s > expected.now_s + kClockSkew_s) return "iat is in the future";
    if (number_at(claims, 0, "nbf") > expected.now_s + kClockSkew_s) return "nbf is in the future";
    if (expected.nonce.empty() || !crypto::equal_in_constant_time(text_at(claims, "nonce"), expected.nonce)) return "nonce is not ours";
    const std::string subject = text_at(claims, "sub");
    if (subject.empty() || subject.size() > kMaxSubjectBytes) return "sub is missing or too long";
    return {};
}

std::string pkce_challenge(std::string_view verifier) {
    const crypto::Digest digest = crypto::sha256(verifier);
    return base::base64url_encode(crypto::as_bytes(digest));
}

}  // namespace hub
