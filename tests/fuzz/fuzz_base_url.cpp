// URL reading: whatever is accepted writes back to something that reads the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "base/url.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<char> own(data, data + size);
    const std::string_view text(own.data(), own.size());

    if (const auto decoded = base::percent_decode(text)) {
        require(base::is_valid_utf8(*decoded));
        require(base::percent_decode(base::percent_encode(*decoded)) == *decoded);
    }
    if (const auto query = base::parse_query(text)) {
        const auto again = base::parse_query(query->to_string());
        // A parameter without name or value ("=") writes as "=", which reads as itself.
        require(again.has_value() && again->fields() == query->fields());
    }
    if (const auto target = base::parse_target(text)) {
        std::string path;
        for (const std::string& segment : target->segments) path += "/" + base::percent_encode_segment(segment);
        const auto again = base::parse_target((path.empty() ? "/" : path) + target->query.to_suffix());
        require(again.has_value() && again->segments == target->segments && again->query.fields() == target->query.fields());
    }
    if (const auto url = base::parse_http_url(text)) {
        const auto again = base::parse_http_url(url->to_string());
        require(again.has_value() && *again == *url);
        require(url->path.starts_with('/') && url->port != 0 && !url->host.empty());
    }
    return 0;
}
