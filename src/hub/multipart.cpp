#include "hub/multipart.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxHeaderBytes = 8 * 1024;
constexpr std::size_t kMaxBoundaryBytes = 70;  // RFC 2046, 5.1.1

std::unexpected<base::Error> malformed(std::string_view what) {
    return base::fail(base::ErrorCode::invalid_argument, "The form is not readable: " + std::string(what) + ".", "Send it as multipart/form-data.");
}

// The value of `name` among "; name=value" or "; name=\"quoted \\\" value\"".
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
    std::size_t at = header.find(';');
    while (at != std::string_view::npos && at < header.size()) {
        ++at;
        while (at < header.size() && base::is_ascii_space(header[at])) ++at;
        const std::size_t equals = header.find_first_of("=;", at);
        if (equals == std::string_view::npos) return std::nullopt;
        if (header[equals] == ';') {
            at = equals;
            continue;
        }
        const bool ours = base::equals_ascii_case(base::trim(header.substr(at, equals - at)), name);
        std::string value;
        std::size_t end = equals + 1;
        if (end < header.size() && header[end] == '"') {
            for (++end; end < header.size() && header[end] != '"'; ++end) {
                if (header[end] == '\\' && end + 1 < header.size() && (header[end + 1] == '"' || header[end + 1] == '\\')) ++end;
                value += header[end];
            }
            if (end >= header.size()) return std::nullopt;
            ++end;
        } else {
            const std::size_t stop = std::min(header.find(';', end), header.size());
            value = base::trim(header.substr(end, stop - end));
            end = stop;
        }
        if (ours) return value;
        at = header.find(';', end);
    }
    return std::nullopt;
}

std::string without_folders(std::string name) {
    const std::size_t slash = name.find_last_of("/\\");
    return slash == std::string::npos ? name : name.substr(slash + 1);
}

}  // namespace

base::Result<std::vector<MultipartPart>> parse_multipart(std::string_view content_type, std::string_view body) {
    if (!base::starts_with_ascii_case(content_type, "multipart/form-data")) return malformed("its content type is no form");
    const auto boundary = parameter(content_type, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > kMaxBoundaryBytes) return malformed("it names no boundary");
    const std::string delimiter = "\r\n--" + *boundary;
    std::size_t at = body.find(std::string_view(delimiter).substr(2));  // the first one may begin the body
    if (at == std::string_view::npos) return malformed("it has no parts");
    at += delimiter.size() - 2;
    std::vector<MultipartPart> parts;
    for (;;) {
        if (body.substr(at).starts_with("--")) return parts;
        const std::size_t line_end = body.find("\r\n", at);
        if (line_end == std::string_view::npos || !base::trim(body.substr(at, line_end - at)).empty()) return malformed("a part does not begin on a line of its own");
        if (parts.size() >= kMaxParts) return malformed("it has more than " + std::to_string(kMaxParts) + " parts");
        MultipartPart part;
        std::size_t header = line_end + 2;
        for (const std::size_t first = header;;) {
            const std::size_t end = body.find("\r\n", header);
            if (end == std::string_view::npos || end - first > kMaxHeaderBytes) return malformed("the headers of a part do not end");
            const std::string_view line = body.substr(header, end - header);
            header = end + 2;
            if (line.empty()) break;
            const auto halves = base::split_once(line, ':');
            if (!halves || !base::equals_ascii_case(halves->before, "content-disposition")) continue;
            part.name = parameter(halves->after, "name").value_or("");
            part.file_name = base::to_valid_utf8(without_folders(parameter(halves->after, "filename").value_or("")));
        }
        // An empty body is followed by the delimiter's own line end, which is that of the headers.
        const std::size_t next = body.find(delimiter, header >= 2 ? header - 2 : 0);
        if (next == std::string_view::npos) return malformed("its last part does not end");
        part.body = next < header ? std::string_view() : body.substr(header, next - header);
        parts.push_back(std::move(part));
        at = next + delimiter.size();
    }
}

const MultipartPart* find_part(const std::vector<MultipartPart>& parts, std::string_view name) {
    const auto found = std::find_if(parts.begin(), parts.end(), [name](const MultipartPart& part) { return part.name == name; });
    return found == parts.end() ? nullptr : &*found;
}

}  // namespace hub
