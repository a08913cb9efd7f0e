#include "base/url.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace base {

namespace {

bool is_unreserved(char c) {
    return is_ascii_alpha(c) || is_ascii_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

bool has_control_or_space(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
}

// The characters of a DNS name or an IPv4 address.
bool is_host_name(std::string_view host) {
    return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [](char c) {
        return is_ascii_alpha(c) || is_ascii_digit(c) || c == '-' || c == '.' || c == '_';
    });
}

bool is_ipv6_text(std::string_view host) {
    return host.size() >= 2 && host.size() <= 45 && host.find(':') != std::string_view::npos &&
           std::ranges::all_of(host, [](char c) {
               const char lower = ascii_lower(c);
               return is_ascii_digit(c) || (lower >= 'a' && lower <= 'f') || c == ':' || c == '.';
           });
}

std::uint16_t default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

}  // namespace

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            out.push_back(c);
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out.push_back('%');
            out.push_back(kHex[byte >> 4]);
            out.push_back(kHex[byte & 0xF]);
        }
    }
    return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const auto byte = parse_integer<std::uint8_t>(text.substr(i + 1, 2), 16);
        if (!byte) return std::nullopt;
        out.push_back(static_cast<char>(*byte));
        i += 2;
    }
    if (out.find('\0') != std::string::npos || !is_valid_utf8(out)) return std::nullopt;
    return out;
}

std::string_view Query::get(std::string_view name) const {
    for (const auto& [key, value] : fields_) {
        if (key == name) return value;
    }
    return {};
}

bool Query::has(std::string_view name) const {
    return std::ranges::any_of(fields_, [&](const auto& field) { return field.first == name; });
}

std::vector<std::string_view> Query::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [key, value] : fields_) {
        if (key == name) values.push_back(value);
    }
    return values;
}

bool Query::flag(std::string_view name, bool fallback) const {
    if (!has(name)) return fallback;
    const std::string_view value = get(name);
    if (value.empty() || value == "true" || value == "1") return true;
    if (value == "false" || value == "0") return false;
    return fallback;
}

void Query::add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }

void Query::set(std::string_view name, std::string value) {
    remove(name);
    add(std::string(name), std::move(value));
}

void Query::remove(std::string_view name) {
    std::erase_if(fields_, [&](const auto& field) { return field.first == name; });
}

std::string Query::to_string() const {
    std::string out;
    for (const auto& [key, value] : fields_) {
        if (!out.empty()) out.push_back('&');
        out += percent_encode(key) + "=" + percent_encode(value);
    }
    return out;
}

std::string Query::to_suffix() const { return fields_.empty() ? std::string() : "?" + to_string(); }

Result<Query> parse_query(std::string_view text) {
    Query query;
    for (const std::string_view part : split(text, '&')) {
        if (part.empty()) continue;
        const auto halves = split_once(part, '=').value_or(Halves{part, {}});
        auto name = percent_decode(replace_all(halves.before, "+", " "));
        auto value = percent_decode(replace_all(halves.after, "+", " "));
        if (!name || !value) return fail(ErrorCode::invalid_argument, "malformed percent-encoding in the query");
        query.add(std::move(*name), std::move(*value));
    }
    return query;
}

Result<Target> parse_target(std::string_view target) {
    if (!target.starts_with('/') || has_control_or_space(target)) {
        return fail(ErrorCode::invalid_argument, "malformed request target");
    }
    target = target.substr(0, target.find('#'));
    const std::size_t mark = target.find('?');
    Target result;
    result.path = std::string(target.substr(0, mark));
    for (const std::string_view part : split(result.path, '/')) {
        if (part.empty()) continue;
        auto segment = percent_decode(part);
        if (!segment) return fail(ErrorCode::invalid_argument, "malformed percent-encoding in the path");
        if (*segment == "." || *segment == "..") return fail(ErrorCode::invalid_argument, "dot segments are not allowed in the path");
        result.segments.push_back(std::move(*segment));
    }
    if (mark != std::string_view::npos) {
        auto query = parse_query(target.substr(mark + 1));
        if (!query) return fail(query.error());
        result.query = std::move(*query);
    }
    return result;
}

std::string HttpUrl::authority() const {
    std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != default_port(scheme)) out += ":" + std::to_string(port);
    return out;
}

std::string HttpUrl::origin() const { return scheme + "://" + authority(); }

std::string HttpUrl::to_string() const { return origin() + path + (query.empty() ? "" : "?" + query); }

Result<HttpUrl> parse_http_url(std::string_view text) {
    const auto bad = [](std::string message) { return fail(ErrorCode::invalid_argument, std::move(message), "an address looks like http://127.0.0.1:8001"); };
    HttpUrl url;
    if (has_control_or_space(text)) return bad("the address contains a space or a control character");
    if (starts_with_ascii_case(text, "http://")) {
        url.scheme = "http";
    } else if (starts_with_ascii_case(text, "https://")) {
        url.scheme = "https";
    } else {
        return bad("the address must start with http:// or https://");
    }
    text.remove_prefix(url.scheme.size() + 3);
    text = text.substr(0, text.find('#'));
    const std::size_t authority_end = std::min(text.find_first_of("/?"), text.size());
    std::string_view authority = text.substr(0, authority_end);
    std::string_view rest = text.substr(authority_end);
    if (authority.find('@') != std::string_view::npos) return bad("user names and passwords are not allowed in an address");

    std::string_view port_text;
    bool has_port = false;
    if (authority.starts_with('[')) {
        const std::size_t close = authority.find(']');
        if (close == std::string_view::npos || !is_ipv6_text(authority.substr(1, close - 1))) return bad("malformed IPv6 address");
        url.host = to_ascii_lower(authority.substr(1, close - 1));
        authority.remove_prefix(close + 1);
        if (!authority.empty()) {
            if (authority.front() != ':') return bad("malformed host");
            has_port = true;
            port_text = authority.substr(1);
        }
    } else {
        const auto halves = split_once(authority, ':');
        has_port = halves.has_value();
        const std::string_view host = halves ? halves->before : authority;
        if (!is_host_name(host)) return bad("malformed or missing host");
        url.host = to_ascii_lower(host);
        if (halves) port_text = halves->after;
    }
    url.port = default_port(url.scheme);
    if (has_port && !port_text.empty()) {  // "http://host:/" is allowed and means the default
        const auto port = is_ascii_digit(port_text.front()) ? parse_integer_in<std::uint16_t>(port_text, 1, 65535) : std::nullopt;
        if (!port) return bad("the port must be a number from 1 to 65535");
        url.port = *port;
    }
    const std::size_t mark = std::min(rest.find('?'), rest.size());
    url.path = mark == 0 ? "/" : std::string(rest.substr(0, mark));
    if (mark < rest.size()) url.query = std::string(rest.substr(mark + 1));
    return url;
}

}  // namespace base
