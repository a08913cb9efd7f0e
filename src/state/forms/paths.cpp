#include "state/forms/paths.hpp"

#include <utility>

#include "base/text.hpp"

namespace state {

namespace {

void append_segment(std::string& path, std::string_view key) {
    if (!path.empty()) path += '/';
    for (const char c : key) {
        if (c == '~') path += "~0";
        else if (c == '/') path += "~1";
        else path += c;
    }
}

base::Json* child_of(base::Json& json, const std::string& segment) {
    if (json.is_object()) {
        const auto found = json.find(segment);
        return found == json.end() ? nullptr : &*found;
    }
    const auto index = index_segment(segment);
    return json.is_array() && index && *index < json.size() ? &json[*index] : nullptr;
}

}  // namespace

std::string join_path(std::string_view path, std::string_view key) {
    std::string joined(path);
    append_segment(joined, key);
    return joined;
}

std::string join_path(std::string_view path, std::size_t index) { return join_path(path, std::string_view(std::to_string(index))); }

std::string concat_paths(std::string_view path, std::string_view below) {
    if (path.empty() || below.empty()) return std::string(path.empty() ? below : path);
    return std::string(path) + "/" + std::string(below);
}

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> segments;
    if (path.empty()) return segments;
    for (const std::string_view part : base::split(path, '/')) {
        if (segments.size() == kMaxPathSegments) break;
        // In this order, so that "~01" is "~1" and not "/".
        segments.push_back(part.find('~') == std::string_view::npos ? std::string(part)
                                                                    : base::replace_all(base::replace_all(part, "~1", "/"), "~0", "~"));
    }
    return segments;
}

bool is_within(std::string_view path, std::string_view above) {
    return above.empty() || (path.starts_with(above) && (path.size() == above.size() || path[above.size()] == '/'));
}

std::optional<std::size_t> index_segment(std::string_view segment) {
    if (segment.empty() || !base::is_ascii_digit(segment.front()) || (segment.size() > 1 && segment.front() == '0')) return std::nullopt;
    return base::parse_integer<std::size_t>(segment);
}

const base::Json* find_at(const base::Json& json, std::string_view path) {
    const base::Json* at = &json;
    for (const std::string& segment : split_path(path)) {
        if (at->is_object()) {
            const auto found = at->find(segment);
            if (found == at->end()) return nullptr;
            at = &*found;
            continue;
        }
        const auto index = index_segment(segment);
        if (!at->is_array() || !index || *index >= at->size()) return nullptr;
        at = &(*at)[*index];
    }
    return at;
}

bool set_at(base::Json& json, std::string_view path, base::Json value) {
    const std::vector<std::string> segments = split_path(path);
    // First see that it can be done: down to where nothing is yet.
    base::Json* at = &json;
    std::size_t depth = 0;
    for (; depth < segments.size(); ++depth) {
        base::Json* next = child_of(*at, segments[depth]);
        if (next == nullptr) break;
        at = next;
    }
    if (depth == segments.size()) {
        *at = std::move(value);
        return true;
    }
    if (at->is_array() && index_segment(segments[depth]) != at->size()) return false;
    if (!at->is_array() && !at->is_object() && !at->is_null()) return false;
    for (std::size_t i = segments.size(); i > depth + 1; --i) value = base::Json(base::Json::object_t{{segments[i - 1], std::move(value)}});
    if (at->is_array()) at->push_back(std::move(value));
    else (*at)[segments[depth]] = std::move(value);
    return true;
}

bool erase_at(base::Json& json, std::string_view path) {
    std::vector<std::string> segments = split_path(path);
    if (segments.empty()) return false;
    base::Json* at = &json;
    for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
        at = child_of(*at, segments[i]);
        if (at == nullptr) return false;
    }
    return at->is_object() && at->erase(segments.back()) > 0;
}

std::string normal_path(std::string_view text) {
    if (text.starts_with('/')) return std::string(text.substr(1));
    if (text.find('/') != std::string_view::npos) return std::string(text);
    std::string path;
    std::string segment;
    auto end_segment = [&] {
        if (!segment.empty()) append_segment(path, segment);
        segment.clear();
    };
    for (const char c : text) {
        if (c == '.' || c == '[' || c == ']') end_segment();
        else segment += c;
    }
    end_segment();
    return path;
}

}  // namespace state
