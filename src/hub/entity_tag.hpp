// Entity tags of documents: a revision as an ETag, and what If-Match says of it (RFC 9110, 13.1.1).
//
//   if (!if_match_holds(request.headers.get("if-match"), record.revision)) return answer 412
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace hub {

[[nodiscard]] inline std::string etag_of(std::int64_t revision) { return "\"" + std::to_string(revision) + "\""; }

// Absent, "*" and the current tag match. Weak tags do not by the RFC, but proxies make them of ours.
[[nodiscard]] inline bool if_match_holds(std::string_view header, std::int64_t revision) {
    if (base::trim(header).empty()) return true;
    for (std::string_view tag : base::split(header, ',')) {
        tag = base::trim(tag);
        if (tag.starts_with("W/")) tag.remove_prefix(2);
        if (tag == "*" || tag == etag_of(revision)) return true;
    }
    return false;
}

}  // namespace hub
