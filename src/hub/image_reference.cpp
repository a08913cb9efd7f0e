#include "hub/image_reference.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxNameBytes = 255;
constexpr std::size_t kMaxTagBytes = 128;

bool is_lower_alnum(char c) { return (c >= 'a' && c <= 'z') || base::is_ascii_digit(c); }
bool is_word(char c) { return is_lower_alnum(base::ascii_lower(c)) || c == '_'; }

// Letters and digits, joined by one '.', one or two '_', or any number of '-'.
bool is_path_component(std::string_view part) {
    if (part.empty() || !is_lower_alnum(part.front()) || !is_lower_alnum(part.back())) return false;
    for (std::size_t i = 0; i < part.size();) {
        if (is_lower_alnum(part[i])) {
            ++i;
            continue;
        }
        const std::size_t start = i;
        while (i < part.size() && part[i] == part[start]) ++i;
        const std::size_t run = i - start;
        const bool fits = (part[start] == '.' && run == 1) || (part[start] == '_' && run <= 2) || part[start] == '-';
        if (!fits || (i < part.size() && !is_lower_alnum(part[i]))) return false;
    }
    return true;
}

bool is_tag(std::string_view tag) {
    if (tag.empty() || tag.size() > kMaxTagBytes || !is_word(tag.front())) return false;
    return std::all_of(tag.begin(), tag.end(), [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

bool is_digest(std::string_view digest) {
    const auto halves = base::split_once(digest, ':');
    if (!halves || halves->before.empty()) return false;
    const bool known_length = halves->before == "sha256" ? halves->after.size() == 64 : halves->before == "sha512" ? halves->after.size() == 128 : halves->after.size() >= 32;
    return known_length && std::all_of(halves->after.begin(), halves->after.end(), [](char c) { return base::is_ascii_digit(c) || (c >= 'a' && c <= 'f'); });
}

std::unexpected<base::Error> wrong(std::string_view what, std::string_view part) {
    return base::fail(base::ErrorCode::invalid_argument, "\"" + std::string(base::utf8_prefix(part, 80)) + "\" is no " + std::string(what) + ".",
                      "Write an image as registry/repository:tag, such as ghcr.io/example/web:1.4.");
}

}  // namespace

bool is_registry_host(std::string_view host) {
    std::string_view name = host;
    if (name.starts_with('[')) {  // IPv6
        const std::size_t end = name.find(']');
        if (end == std::string_view::npos || end < 3) return false;
        const std::string_view address = name.substr(1, end - 1);
        if (!std::all_of(address.begin(), address.end(), [](char c) { return base::is_ascii_digit(c) || (base::ascii_lower(c) >= 'a' && base::ascii_lower(c) <= 'f') || c == ':'; })) return false;
        name.remove_prefix(end + 1);
        return name.empty() || (name.front() == ':' && base::parse_integer_in<int>(name.substr(1), 1, 65'535));
    }
    if (const auto halves = base::split_once(name, ':')) {
        if (!base::parse_integer_in<int>(halves->after, 1, 65'535)) return false;
        name = halves->before;
    }
    if (name.empty() || name.size() > 253) return false;
    for (const std::string_view label : base::split(name, '.')) {
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        if (!std::all_of(label.begin(), label.end(), [](char c) { return is_lower_alnum(base::ascii_lower(c)) || c == '-'; })) return false;
    }
    return true;
}

std::string canonical_registry(std::string_view host) {
    std::string lower = base::to_ascii_lower(host);
    for (const std::string_view alias : {"index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com"}) {
        if (lower == alias) return "docker.io";
    }
    return lower;
}

base::Result<ImageReference> parse_image_reference(std::string_view text) {
    ImageReference image;
    std::string_view rest = base::trim(text);
    if (rest.empty()) return base::fail(base::ErrorCode::invalid_argument, "The image is empty.", "Write an image such as nginx:1.27.");
    if (const auto halves = base::split_once(rest, '@')) {
        if (!is_digest(halves->after)) return wrong("digest", halves->after);
        image.digest = halves->after;
        rest = halves->before;
    }
    const std::size_t slash = rest.find('/');
    const std::string_view first = rest.substr(0, slash);
    const bool hosted = slash != std::string_view::npos &&
                        (first == "localhost" || first.find_first_of(".:") != std::string_view::npos || base::to_ascii_lower(first) != first);
    if (hosted) {
        if (!is_registry_host(first)) return wrong("registry", first);
        image.registry = canonical_registry(first);
        rest.remove_prefix(slash + 1);
    } else {
        image.registry = "docker.io";
    }
    if (const std::size_t colon = rest.rfind(':'); colon != std::string_view::npos) {
        const std::string_view tag = rest.substr(colon + 1);
        if (!is_tag(tag)) return wrong("tag", tag);
        image.tag = tag;
        rest = rest.substr(0, colon);
    } else if (image.digest.empty()) {
        image.tag = "latest";
    }
    for (const std::string_view part : base::split(rest, '/')) {
        if (!is_path_component(part)) return wrong("repository", rest);
    }
    image.repository = rest;
    if (image.registry == "docker.io" && rest.find('/') == std::string_view::npos) image.repository = "library/" + image.repository;
    if (image.registry.size() + 1 + image.repository.size() > kMaxNameBytes) return wrong("repository of at most 255 characters", rest);
    return image;
}

}  // namespace hub
