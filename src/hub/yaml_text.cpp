#include "hub/yaml_text.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace hub {

namespace {

constexpr std::array<std::string_view, 9> kWords = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};

// YAML would take it for something else, or for a part of its own grammar.
bool needs_quotes(std::string_view text) {
    if (text.empty() || base::is_ascii_space(text.front()) || base::is_ascii_space(text.back())) return true;
    if (std::string_view("-?:,[]{}#&*!|>'\"%@`~=").find(text.front()) != std::string_view::npos) return true;
    if (base::is_ascii_digit(text.front()) || text.front() == '.' || text.front() == '+') {
        if (std::all_of(text.begin(), text.end(), [](char c) { return base::is_ascii_digit(c) || std::string_view("+-.:_eExXoabcdfABCDF").find(c) != std::string_view::npos; })) return true;
    }
    if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos || text.ends_with(':')) return true;
    if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; })) return true;
    const std::string lower = base::to_ascii_lower(text);
    return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

void append_scalar(std::string& out, const Json& value) {
    const auto* text = value.get_ptr<const std::string*>();
    if (text && !needs_quotes(*text)) {
        out += *text;
    } else {
        out += dump_json(value);  // JSON's scalars, its empty lists and objects are YAML's
    }
}

void append_key(std::string& out, const std::string& key) {
    append_scalar(out, Json(key));
    out += ':';
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
            append_key(out, key);
            if (!is_block(entry)) {
                out += ' ';
                append_scalar(out, entry);
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
            append_scalar(out, entry);
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
        append_scalar(out, json);
        out += '\n';
    }
    return out;
}

}  // namespace hub
