#include "model/return_path.hpp"

#include <algorithm>

namespace model {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// One round of percent-decoding; what is no escape stays.
std::string decoded_once(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low < 0) {
            out += text[i];
            continue;
        }
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

bool has_controls(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Browsers read "\" as "/", and "//host" as another host; they also drop tabs and line ends from addresses.
bool is_local_path(std::string_view text) {
    const std::string_view path = text.substr(0, text.find_first_of("?#"));
    if (!path.starts_with('/') || path.find('\\') != std::string_view::npos || has_controls(text)) return false;
    // "/a/..//host" resolves to "//host" nowhere, but nothing of ours is called so either.
    return path.find("//") == std::string_view::npos;
}

}  // namespace

std::string safe_return_path(std::string_view wish, std::string_view own_origin) {
    if (!own_origin.empty() && wish.starts_with(own_origin) && wish.substr(own_origin.size()).starts_with('/')) wish.remove_prefix(own_origin.size());
    if (wish.size() > kMaxReturnPathBytes || wish.find(' ') != std::string_view::npos || !is_local_path(wish) || !is_local_path(decoded_once(wish))) return "/";
    return std::string(wish);
}

}  // namespace model
