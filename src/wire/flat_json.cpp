#include "wire/flat_json.hpp"

#include "base/byte_scan.hpp"
#include "base/text.hpp"

namespace wire {

namespace {

// The closing quote of a string whose content starts at `p`, or null. Sets `escaped` when a backslash was passed.
const char* find_string_end(const char* p, const char* end, bool& escaped) {
    while (true) {
        p = base::find_either(p, end, '"', '\\');
        if (p == end) return nullptr;
        if (*p == '"') return p;
        escaped = true;
        if (end - p < 2) return nullptr;
        p += 2;
    }
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = base::ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Four hex digits at the start of `text`, or -1.
int read_hex4(std::string_view text) {
    if (text.size() < 4) return -1;
    int value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const int digit = hex_digit(text[i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

bool is_high_surrogate(int unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(int unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

}  // namespace

bool FlatJson::fail() {
    state_ = State::failed;
    return false;
}

void FlatJson::skip_space() {
    while (p_ != end_ && (*p_ == ' ' || *p_ == '\t' || *p_ == '\n' || *p_ == '\r')) ++p_;
}

// To where the next member or element begins. False at the end, or after an error.
bool FlatJson::begin_or_comma(char open, char close) {
    if (state_ == State::done || state_ == State::failed) return false;
    skip_space();
    if (state_ == State::before_object) {
        if (!at(open)) return fail();
        ++p_;
        state_ = State::in_object;
        skip_space();
        if (at(close)) return finish();
    } else {
        if (at(close)) return finish();
        if (!at(',')) return fail();
        ++p_;
        skip_space();
    }
    return true;
}

bool FlatJson::next() {
    if (!begin_or_comma('{', '}')) return false;
    key_escaped_ = false;
    if (!read_string(key_, key_escaped_)) return fail();
    skip_space();
    if (!at(':')) return fail();
    ++p_;
    skip_space();
    return read_value() || fail();
}

bool FlatArray::next() { return scan_.begin_or_comma('[', ']') && (scan_.read_value() || scan_.fail()); }

// At the closing bracket: nothing but space may follow.
bool FlatJson::finish() {
    ++p_;
    skip_space();
    if (p_ != end_) return fail();
    state_ = State::done;
    return false;
}

bool FlatJson::read_string(std::string_view& content, bool& escaped) {
    if (!at('"')) return false;
    const char* const begin = p_ + 1;
    const char* const quote = find_string_end(begin, end_, escaped);
    if (quote == nullptr) return false;
    content = {begin, static_cast<std::size_t>(quote - begin)};
    p_ = quote + 1;
    return true;
}

bool FlatJson::read_value() {
    if (p_ == end_) return false;
    const char* const begin = p_;
    bool good = false;
    value_escaped_ = false;
    switch (*p_) {
        case '"': {
            std::string_view content;
            kind_ = Kind::string;
            good = read_string(content, value_escaped_);
            break;
        }
        case '{':
            kind_ = Kind::object;
            good = skip_nested();
            break;
        case '[':
            kind_ = Kind::array;
            good = skip_nested();
            break;
        default: good = read_word();
    }
    raw_ = {begin, static_cast<std::size_t>(p_ - begin)};
    return good;
}

bool FlatJson::skip_nested() {
    std::size_t depth = 0;
    while (p_ != end_) {
        switch (*p_) {
            case '"': {
                bool escaped = false;
                const char* const quote = find_string_end(p_ + 1, end_, escaped);
                if (quote == nullptr) return false;
                p_ = quote + 1;
                break;
            }
            case '{':
            case '[':
                ++depth;
                ++p_;
                break;
            case '}':
            case ']':
                ++p_;
                if (--depth == 0) return true;
                break;
            default: ++p_;
        }
    }
    return false;
}

// true, false, null or a number: up to the next delimiter.
bool FlatJson::read_word() {
    const char* const begin = p_;
    while (p_ != end_ && *p_ != ',' && *p_ != '}' && *p_ != ']' && *p_ != ' ' && *p_ != '\t' && *p_ != '\n' && *p_ != '\r') ++p_;
    const std::string_view word(begin, static_cast<std::size_t>(p_ - begin));
    if (word.empty()) return false;
    if (word == "true" || word == "false") {
        kind_ = Kind::boolean;
        return true;
    }
    if (word == "null") {
        kind_ = Kind::null;
        return true;
    }
    kind_ = Kind::number;
    for (const char c : word) {
        if (!base::is_ascii_digit(c) && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E') return false;
    }
    return base::is_ascii_digit(word.front()) || word.front() == '-';
}

bool FlatJson::key_is(std::string_view name) const {
    if (!key_escaped_) return key_ == name;
    std::string scratch;
    return unescape(key_, scratch) == name;
}

std::string_view FlatJson::string(std::string& scratch) const {
    if (kind_ != Kind::string) return {};
    const std::string_view content = raw_.substr(1, raw_.size() - 2);
    return value_escaped_ ? unescape(content, scratch) : content;
}

std::optional<std::int64_t> FlatJson::integer() const {
    if (kind_ != Kind::number) return std::nullopt;
    return base::parse_integer<std::int64_t>(raw_);
}

std::optional<double> FlatJson::number() const {
    if (kind_ != Kind::number) return std::nullopt;
    return base::parse_number(raw_);
}

std::optional<bool> FlatJson::boolean() const {
    if (kind_ != Kind::boolean) return std::nullopt;
    return raw_ == "true";
}

std::string_view FlatJson::unescape(std::string_view text, std::string& scratch) {
    scratch.clear();
    scratch.reserve(text.size());
    while (true) {
        const std::size_t at = text.find('\\');
        scratch.append(text.substr(0, at));
        if (at == std::string_view::npos) return scratch;
        text.remove_prefix(at + 1);
        const char code = text.empty() ? '\0' : text.front();
        if (!text.empty()) text.remove_prefix(1);
        switch (code) {
            case '"':
            case '\\':
            case '/': scratch.push_back(code); break;
            case 'b': scratch.push_back('\b'); break;
            case 'f': scratch.push_back('\f'); break;
            case 'n': scratch.push_back('\n'); break;
            case 'r': scratch.push_back('\r'); break;
            case 't': scratch.push_back('\t'); break;
            case 'u': {
                const int unit = read_hex4(text);
                if (unit < 0) {
                    base::append_code_point(scratch, 0xFFFD);
                    break;
                }
                text.remove_prefix(4);
                const int low = is_high_surrogate(unit) && text.starts_with("\\u") ? read_hex4(text.substr(2)) : -1;
                if (is_low_surrogate(low)) {
                    text.remove_prefix(6);
                    base::append_code_point(scratch, static_cast<char32_t>(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)));
                } else {
                    base::append_code_point(scratch, static_cast<char32_t>(unit));  // a lone surrogate becomes U+FFFD
                }
                break;
            }
            default: base::append_code_point(scratch, 0xFFFD);
        }
    }
}

std::optional<std::string> flat_json_string(std::string_view text, std::string_view name) {
    FlatJson fields(text);
    std::optional<std::string> found;
    std::string scratch;
    while (fields.next()) {
        if (fields.key_is(name)) {
            found.reset();
            if (fields.kind() == FlatJson::Kind::string) found = fields.string(scratch);
        }
    }
    return fields.failed() ? std::nullopt : found;
}

}  // namespace wire
