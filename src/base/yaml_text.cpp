#include "base/yaml_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "base/text.hpp"

namespace base {

namespace {

constexpr std::array<std::string_view, 9> kWords = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};

// Number of bytes of a code point at the front of `text` that a YAML reader refuses or takes for a line break (C1 controls with NEL,
// LS, PS, the byte order mark, U+FFFE and U+FFFF); 0 for any other.
std::size_t unprintable_bytes(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) == 0x7F) return 1;
    if (text.size() >= 2 && byte(0) == 0xC2 && byte(1) < 0xA0) return 2;
    for (const std::string_view mark : {"\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF", "\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
        if (text.starts_with(mark)) return 3;
    }
    return 0;
}

bool has_unprintable(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (unprintable_bytes(text.substr(i)) > 0) return true;
    }
    return false;
}

// YAML would take it for something else, or for a part of its own grammar.
bool needs_quotes(std::string_view text) {
    if (text.empty() || is_ascii_space(text.front()) || is_ascii_space(text.back())) return true;
    if (std::string_view("-?:,[]{}#&*!|>'\"%@`~=<").find(text.front()) != std::string_view::npos) return true;
    if (is_ascii_digit(text.front()) || text.front() == '.' || text.front() == '+') {
        // Numbers in any spelling (1e3, 0x1F, 1_000, 12:30, .inf, .nan), dates, versions.
        if (std::all_of(text.begin(), text.end(), [](char c) { return is_ascii_digit(c) || std::string_view("+-.:_eExXoabcdfABCDFiInNtTzZ").find(c) != std::string_view::npos; })) return true;
    }
    if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos || text.ends_with(':')) return true;
    if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }) || has_unprintable(text)) return true;
    const std::string lower = to_ascii_lower(text);
    return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

// A double-quoted scalar.
void append_quoted(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto hex = [&](std::uint32_t code, int digits) {
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += kHex[(code >> static_cast<unsigned>(shift)) & 0xFU];
    };
    out += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (const std::size_t bytes = unprintable_bytes(text.substr(i)); bytes > 0) {
            const auto next = [&](std::size_t k) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i + k]) & 0x3FU); };
            out += "\\u";
            hex(bytes == 1 ? c : bytes == 2 ? ((c & 0x1FU) << 6U) | next(1) : ((c & 0x0FU) << 12U) | (next(1) << 6U) | next(2), 4);
            i += bytes - 1;
        } else if (c == '"' || c == '\\') {
            out += '\\';
            out += text[i];
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c < 0x20) {
            out += "\\x";
            hex(c, 2);
        } else {
            out += text[i];
        }
    }
    out += '"';
}

// Several lines, each printable, the first not indented: a literal block says exactly the same and can be read.
bool is_literal(std::string_view text) {
    if (text.find('\n') == std::string_view::npos || is_ascii_space(text.front()) || has_unprintable(text)) return false;
    return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t'; });
}

// From the indicator on; ends without the line's end.
void append_literal(std::string& out, std::string_view text, std::size_t indent) {
    out += '|';
    const bool ends = text.ends_with('\n');
    if (!ends) {
        out += '-';
    } else {
        text.remove_suffix(1);
        if (text.ends_with('\n')) out += '+';
    }
    for (const std::string_view line : split(text, '\n')) {
        out += '\n';
        if (line.empty()) continue;
        out.append(indent, ' ');
        out += line;
    }
}

// `indent`: of a literal block's lines.
void append_scalar(std::string& out, const Json& value, std::size_t indent) {
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr) {
        out += dump_json(value);  // JSON's other scalars, its empty lists and objects are YAML's
        return;
    }
    const std::string valid = is_valid_utf8(*text) ? *text : to_valid_utf8(*text);
    if (indent > 0 && is_literal(valid)) return append_literal(out, valid, indent);
    if (needs_quotes(valid)) return append_quoted(out, valid);
    out += valid;
}

bool is_block(const Json& value) { return value.is_structured() && !value.empty(); }

// Lines of a block; the first begins where `out` stands.
void append_block(std::string& out, const Json& value, std::size_t indent) {
    const std::string margin(indent, ' ');
    bool first = true;
    const auto begin_line = [&] {
        if (!first) out += margin;
        first = false;
    };
    if (value.is_object()) {
        for (const auto& [key, entry] : value.items()) {
            begin_line();
            append_scalar(out, Json(key), 0);
            out += ':';
            if (!is_block(entry)) {
                out += ' ';
                append_scalar(out, entry, indent + 2);
                out += '\n';
                continue;
            }
            out += '\n';
            out.append(indent + 2, ' ');
            append_block(out, entry, indent + 2);
        }
        return;
    }
    for (const Json& entry : value) {
        begin_line();
        out += "- ";
        if (is_block(entry)) {
            append_block(out, entry, indent + 2);
        } else {
            append_scalar(out, entry, indent + 2);
            out += '\n';
        }
    }
}

}  // namespace

std::string yaml_text(const Json& json) {
    std::string out;
    if (is_block(json)) {
        append_block(out, json, 0);
    } else {
        append_scalar(out, json, 0);
        out += '\n';
    }
    return out;
}

}  // namespace base
