// multipart/form-data (RFC 7578), as a browser's form sends a file.
//
//   const auto parts = parse_multipart(request.headers.get("content-type"), request.body);
//   if (!parts) return send_error(*writer, parts.error());
//   if (const MultipartPart* file = find_part(*parts, "file")) use(file->file_name, file->body);
//
// The views point into the body. At most kMaxParts parts; headers of a part at most 8 KB.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hub {

struct MultipartPart {
    std::string name;
    std::string file_name;  // without folders, whatever the client sent; empty for plain fields
    std::string_view body;
};

inline constexpr std::size_t kMaxParts = 32;

// invalid_argument for what is no multipart body.
[[nodiscard]] base::Result<std::vector<MultipartPart>> parse_multipart(std::string_view content_type, std::string_view body);
// The first of that name, or null.
[[nodiscard]] const MultipartPart* find_part(const std::vector<MultipartPart>& parts, std::string_view name);

}  // namespace hub
