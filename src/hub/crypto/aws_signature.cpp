#include "hub/crypto/aws_signature.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "hub/crypto/sha256.hpp"

namespace hub::crypto {

std::string aws_date(std::int64_t unix_ms) {
    std::string text = base::format_rfc3339_millis(unix_ms);  // 2015-08-30T12:36:00.000Z
    text = base::replace_all(base::replace_all(text.substr(0, 19), "-", ""), ":", "");
    return text + "Z";
}

std::string aws_authorization(const AwsRequest& request, std::string_view access_key_id, std::string_view secret_access_key) {
    std::string headers;
    std::string names;
    for (const auto& [name, value] : request.headers) {
        headers += name + ":" + std::string(base::trim(value)) + "\n";
        names += (names.empty() ? "" : ";") + name;
    }
    const std::string canonical =
        request.method + "\n" + request.path + "\n\n" + headers + "\n" + names + "\n" + base::hex_encode(as_bytes(sha256(request.body)));
    const std::string day = request.date.substr(0, 8);
    const std::string scope = day + "/" + request.region + "/" + request.service + "/aws4_request";
    const std::string to_sign = "AWS4-HMAC-SHA256\n" + request.date + "\n" + scope + "\n" + base::hex_encode(as_bytes(sha256(canonical)));
    std::string key = "AWS4" + std::string(secret_access_key);
    for (const std::string& step : {day, request.region, request.service, std::string("aws4_request"), to_sign}) {
        const Digest digest = hmac_sha256(key, step);
        key = as_bytes(digest);
    }
    return "AWS4-HMAC-SHA256 Credential=" + std::string(access_key_id) + "/" + scope + ", SignedHeaders=" + names + ", Signature=" + base::hex_encode(key);
}

}  // namespace hub::crypto
