// AWS Signature Version 4 for one POST request with a body: what ECR wants before it gives a registry's password.
//
//   net headers: "x-amz-date" = request.date, "authorization" = aws_authorization(request)
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace hub::crypto {

struct AwsRequest {
    std::string method = "POST";
    std::string path = "/";
    std::map<std::string, std::string> headers;  // lower-case names; all of them are signed: at least host and x-amz-date
    std::string body;
    std::string region;
    std::string service;
    std::string date;  // "20150830T123600Z"
};

// "20150830T123600Z" of a time.
[[nodiscard]] std::string aws_date(std::int64_t unix_ms);
// The value of the Authorization header.
[[nodiscard]] std::string aws_authorization(const AwsRequest& request, std::string_view access_key_id, std::string_view secret_access_key);

}  // namespace hub::crypto
