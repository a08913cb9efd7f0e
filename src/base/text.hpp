// Text: UTF-8 checking and repair, ASCII case, trimming and splitting, words for sizes, checked numbers.
//
//   base::is_valid_utf8(bytes);
//   base::to_valid_utf8("a\xE2\x80");            // "a\uFFFD": one replacement per maximal subpart, as WHATWG decoders do
//   base::parse_integer<int>("80");               // std::optional: all of the text or nothing, no sign '+', no blanks
//   base::human_bytes(1'536);                     // "1.5 KiB"
//
// Everything that says "ascii" leaves bytes of 0x80 and above alone, so it is safe on UTF-8 and knows no locale.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

// UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
[[nodiscard]] bool is_valid_utf8(std::string_view bytes);
// Length of the longest prefix that is valid UTF-8.
[[nodiscard]] std::size_t valid_utf8_prefix(std::string_view bytes);
// Each maximal subpart of an ill-formed sequence becomes one U+FFFD (Unicode 3.9; what TextDecoder does).
[[nodiscard]] std::string to_valid_utf8(std::string_view bytes);
void append_valid_utf8(std::string& out, std::string_view bytes);
// Appends one code point; surrogates and values above U+10FFFF become U+FFFD.
void append_code_point(std::string& out, char32_t code_point);
// Number of code points of valid UTF-8 (of any bytes: those that are not continuation bytes).
[[nodiscard]] std::size_t code_point_count(std::string_view utf8);
// The longest prefix of at most `max_bytes` bytes that does not cut a UTF-8 sequence.
[[nodiscard]] std::string_view utf8_prefix(std::string_view utf8, std::size_t max_bytes);

[[nodiscard]] constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
[[nodiscard]] constexpr char ascii_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }
[[nodiscard]] constexpr bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_ascii_alpha(char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; }
[[nodiscard]] constexpr bool is_ascii_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
[[nodiscard]] std::string to_ascii_lower(std::string_view text);
[[nodiscard]] std::string to_ascii_upper(std::string_view text);
[[nodiscard]] bool equals_ascii_case(std::string_view a, std::string_view b);
[[nodiscard]] bool starts_with_ascii_case(std::string_view text, std::string_view prefix);
// Position of `needle` in `text` without regard to ASCII case, or npos. An empty needle is found at 0.
[[nodiscard]] std::size_t find_ascii_case(std::string_view text, std::string_view needle);

// Without ASCII white space at both ends; a view into `text`.
[[nodiscard]] std::string_view trim(std::string_view text);
// "a,,b" by ',' is {"a", "", "b"}; "" is {""}. Views into `text`.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
struct Halves {
    std::string_view before;
    std::string_view after;
};
// At the first separator, which belongs to neither half; nothing when there is none.
[[nodiscard]] std::optional<Halves> split_once(std::string_view text, char separator);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);
[[nodiscard]] std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

// The whole of `text` as a decimal integer of type T, or nothing (empty, other characters, out of range, a '+').
template <std::integral T>
[[nodiscard]] std::optional<T> parse_integer(std::string_view text, int radix = 10) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, radix);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}
// The same, and within [low, high].
template <std::integral T>
[[nodiscard]] std::optional<T> parse_integer_in(std::string_view text, T low, T high) {
    const auto value = parse_integer<T>(text);
    if (!value || *value < low || *value > high) return std::nullopt;
    return value;
}
// The whole of `text` as a finite decimal number ("1", "-2.5", "1e3"), or nothing.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

// Binary units with one decimal below 10: "0 B", "999 B", "1.5 KiB", "12 MiB".
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);
// "1,234,567": groups of three, for counts a person reads.
[[nodiscard]] std::string grouped(std::uint64_t count);
// A number with at most `decimals` digits after the point and no trailing zeros: (1.50, 2) is "1.5".
[[nodiscard]] std::string short_number(double value, int decimals);

}  // namespace base
