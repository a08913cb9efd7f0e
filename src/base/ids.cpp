#include "base/ids.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/encoding.hpp"

namespace base {

std::string make_id(Random& random, std::int64_t unix_ms) {
    std::array<std::uint8_t, kIdLength / 2> bytes{};
    const auto seconds = static_cast<std::uint32_t>(unix_ms / 1000);
    for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(seconds >> (24 - 8 * i));
    random.fill(std::span(bytes).subspan(4));
    return hex_encode(bytes);
}

std::string make_id(Random& random) {
    std::array<std::uint8_t, kIdLength / 2> bytes{};
    random.fill(bytes);
    return hex_encode(bytes);
}

bool is_id(std::string_view text) {
    return text.size() == kIdLength &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string make_name_suffix(Random& random, std::size_t length) {
    constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    std::string out;
    for (std::size_t i = 0; i < length; ++i) out.push_back(kAlphabet[random.below(kAlphabet.size())]);
    return out;
}

std::string make_uuid(Random& random) {
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    std::string text = hex_encode(bytes);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
    return text;
}

}  // namespace base
