#include "base/text.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include "base/byte_scan.hpp"

namespace base {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Sequence {
    std::size_t length;  // bytes to step over: the whole sequence, or the maximal subpart of an ill-formed one
    bool valid;
};

// One non-ASCII sequence at `p` (Unicode, table 3-7). `p` < `end`, *p >= 0x80.
Sequence read_sequence(const char* p, const char* end) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(p[i]); };
    const auto available = static_cast<std::size_t>(end - p);
    const unsigned char lead = byte(0);
    std::size_t length = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        if (lead == 0xE0) low = 0xA0;
        if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        if (lead == 0xF0) low = 0x90;
        if (lead == 0xF4) high = 0x8F;
    } else {
        return {1, false};
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (i >= available || byte(i) < low || byte(i) > high) return {i, false};
        low = 0x80;
        high = 0xBF;
    }
    return {length, true};
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view bytes) {
    const char* const begin = bytes.data();
    const char* const end = begin + bytes.size();
    const char* p = begin;
    while (true) {
        p = find_non_ascii(p, end);
        // Runs of non-ASCII text are common: stay here until ASCII returns.
        while (p != end && static_cast<unsigned char>(*p) >= 0x80) {
            const Sequence sequence = read_sequence(p, end);
            if (!sequence.valid) return static_cast<std::size_t>(p - begin);
            p += sequence.length;
        }
        if (p == end) return bytes.size();
    }
}

bool is_valid_utf8(std::string_view bytes) { return valid_utf8_prefix(bytes) == bytes.size(); }

void append_valid_utf8(std::string& out, std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t good = valid_utf8_prefix(bytes);
        out.append(bytes.substr(0, good));
        bytes.remove_prefix(good);
        if (bytes.empty()) return;
        out.append(kReplacement);
        bytes.remove_prefix(read_sequence(bytes.data(), bytes.data() + bytes.size()).length);
    }
}

std::string to_valid_utf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    append_valid_utf8(out, bytes);
    return out;
}

void append_code_point(std::string& out, char32_t code_point) {
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
        out.append(kReplacement);
        return;
    }
    const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xC0 | code_point >> 6);
        put(0x80 | (code_point & 0x3F));
    } else if (code_point < 0x10000) {
        put(0xE0 | code_point >> 12);
        put(0x80 | (code_point >> 6 & 0x3F));
        put(0x80 | (code_point & 0x3F));
    } else {
        put(0xF0 | code_point >> 18);
        put(0x80 | (code_point >> 12 & 0x3F));
        put(0x80 | (code_point >> 6 & 0x3F));
        put(0x80 | (code_point & 0x3F));
    }
}

std::size_t code_point_count(std::string_view utf8) {
    std::size_t count = 0;
    for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    return count;
}

std::string_view utf8_prefix(std::string_view utf8, std::size_t max_bytes) {
    if (utf8.size() <= max_bytes) return utf8;
    std::size_t cut = max_bytes;
    while (cut > 0 && (static_cast<unsigned char>(utf8[cut]) & 0xC0) == 0x80) --cut;
    return utf8.substr(0, cut);
}

std::string to_ascii_lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = ascii_lower(c);
    return out;
}

std::string to_ascii_upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = ascii_upper(c);
    return out;
}

bool equals_ascii_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && starts_with_ascii_case(a, b);
}

bool starts_with_ascii_case(std::string_view text, std::string_view prefix) {
    if (text.size() < prefix.size()) return false;
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        if (ascii_lower(text[i]) != ascii_lower(prefix[i])) return false;
    }
    return true;
}

std::size_t find_ascii_case(std::string_view text, std::string_view needle) {
    if (needle.empty()) return 0;
    if (text.size() < needle.size()) return std::string_view::npos;
    const char lower = ascii_lower(needle.front());
    const char upper = ascii_upper(needle.front());
    const char* const last = text.data() + (text.size() - needle.size()) + 1;  // one past the last possible start
    for (const char* p = text.data();; ++p) {
        p = find_either(p, last, lower, upper);
        if (p == last) return std::string_view::npos;
        const auto at = static_cast<std::size_t>(p - text.data());
        if (starts_with_ascii_case(text.substr(at), needle)) return at;
    }
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_ascii_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_ascii_space(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (auto halves = split_once(text, separator)) {
        parts.push_back(halves->before);
        text = halves->after;
    }
    parts.push_back(text);
    return parts;
}

std::optional<Halves> split_once(std::string_view text, char separator) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) return std::nullopt;
    return Halves{text.substr(0, at), text.substr(at + 1)};
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) out.append(separator);
        out.append(parts[i]);
    }
    return out;
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
    if (from.empty()) return std::string(text);
    std::string out;
    while (true) {
        const std::size_t at = text.find(from);
        out.append(text.substr(0, at));
        if (at == std::string_view::npos) return out;
        out.append(to);
        text.remove_prefix(at + from.size());
    }
}

std::optional<double> parse_number(std::string_view text) {
    // from_chars also takes "inf" and "nan", which are no numbers anybody typed.
    if (text.empty() || !(is_ascii_digit(text.front()) || text.front() == '-' || text.front() == '.')) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::string human_bytes(std::uint64_t bytes) {
    constexpr std::array<const char*, 7> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) return std::to_string(bytes) + " B";
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    // 1023.5 and more would print as "1024 KiB".
    while (value >= 1023.5 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    return short_number(value, value < 9.95 ? 1 : 0) + " " + kUnits[unit];
}

std::string grouped(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
    return digits;
}

std::string short_number(double value, int decimals) {
    if (!std::isfinite(value)) return value != value ? "nan" : (value < 0 ? "-inf" : "inf");
    std::array<char, 400> buffer{};  // the longest double has 309 digits before the point
    const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals < 0 ? 0 : (decimals > 17 ? 17 : decimals), value);
    std::string text(buffer.data(), static_cast<std::size_t>(length));
    if (text.find('.') != std::string::npos) {
        while (text.back() == '0') text.pop_back();
        if (text.back() == '.') text.pop_back();
    }
    return text == "-0" ? "0" : text;
}

}  // namespace base
