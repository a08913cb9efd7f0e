// URLs as Binnacle meets them: request targets ("/v1/api/workflows/42?limit=5") and absolute http(s) addresses.
//
//   auto target = base::parse_target(request.target);
//   if (!target) return base::fail(target.error());
//   target->segments;                                  // {"v1", "api", "workflows", "42"}, decoded
//   target->query.get("limit");                        // "5", or an empty view
//
//   base::percent_encode_segment(name);                // a name as one path segment
//   base::Query query; query.add("fieldSelector", "metadata.name=web");
//   std::string target = "/api/v1/pods" + query.to_suffix();           // "?fieldSelector=metadata.name%3Dweb"
//
//   auto url = base::parse_http_url("http://127.0.0.1:8001/k8s");
//
// Decoding is strict: a '%' without two hex digits is an error, and so is a result that is not UTF-8 or has a NUL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace base {

// Everything but unreserved characters (RFC 3986, 2.3) is encoded, so the result fits a segment, a query key or a value.
[[nodiscard]] std::string percent_encode(std::string_view text);
inline std::string percent_encode_segment(std::string_view text) { return percent_encode(text); }
// "%2F" is '/'; '+' stays '+'. Nothing when malformed (see above).
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

// Query parameters in order, names may repeat.
class Query {
public:
    Query() = default;
    Query(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

    // First value of that name, or an empty view.
    [[nodiscard]] std::string_view get(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
    // "true" and "1" are true, "", "false" and "0" are false; `fallback` when missing or anything else. "?watch" alone is true.
    [[nodiscard]] bool flag(std::string_view name, bool fallback = false) const;
    void add(std::string name, std::string value);
    // Replaces all of that name.
    void set(std::string_view name, std::string value);
    void remove(std::string_view name);
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }
    [[nodiscard]] bool empty() const { return fields_.empty(); }

    // "a=1&b=x%20y", "" when empty.
    [[nodiscard]] std::string to_string() const;
    // With "?" in front unless empty.
    [[nodiscard]] std::string to_suffix() const;

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

// Without the '?'; '+' is a space, as forms write it. Empty parts are skipped.
[[nodiscard]] Result<Query> parse_query(std::string_view text);

struct Target {
    std::string path;                   // encoded, as received, without query; starts with '/'
    std::vector<std::string> segments;  // decoded; "/" and "" have none, doubled and trailing slashes add none
    Query query;
};
// invalid_argument when it does not start with '/', is malformed, or has a "." or ".." segment (nobody sends those in good faith).
[[nodiscard]] Result<Target> parse_target(std::string_view target);

struct HttpUrl {
    std::string scheme;     // "http" or "https"
    std::string host;       // lower case; IPv6 without brackets
    std::uint16_t port = 0; // the scheme's default when not given
    std::string path;       // encoded; "/" when empty
    std::string query;      // encoded, without '?'

    [[nodiscard]] bool is_tls() const { return scheme == "https"; }
    // "http://127.0.0.1:8001", the port left out when it is the default: the form of an Origin header.
    [[nodiscard]] std::string origin() const;
    // "127.0.0.1:8001", as in a Host header.
    [[nodiscard]] std::string authority() const;
    [[nodiscard]] std::string to_string() const;
    friend bool operator==(const HttpUrl&, const HttpUrl&) = default;
};
// A fragment is dropped. User names and passwords in the address are refused: they end up in logs.
[[nodiscard]] Result<HttpUrl> parse_http_url(std::string_view text);

}  // namespace base
