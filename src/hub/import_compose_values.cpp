#include "hub/import_compose_values.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "hub/import_draft.hpp"

namespace hub {

namespace {

constexpr int kMaxNesting = 8;
constexpr int kMaxRange = 100;

bool is_name_start(char c) { return base::is_ascii_alpha(c) || c == '_'; }
bool is_name(char c) { return is_name_start(c) || base::is_ascii_digit(c); }

// The brace that closes the one before `from`, or npos.
std::size_t closing_brace(std::string_view text, std::size_t from) {
    int depth = 1;
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text[i] == '{') ++depth;
        if (text[i] == '}' && --depth == 0) return i;
    }
    return std::string_view::npos;
}

void expand(std::string_view text, int depth, Interpolated& out) {
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] != '$' || i + 1 >= text.size()) {
            out.text += text[i++];
            continue;
        }
        const char next = text[i + 1];
        if (next == '$') {
            out.text += '$';
            i += 2;
        } else if (is_name_start(next)) {
            std::size_t end = i + 1;
            while (end < text.size() && is_name(text[end])) ++end;
            out.missing.emplace_back(text.substr(i + 1, end - i - 1));
            i = end;
        } else if (next == '{') {
            const std::size_t close = closing_brace(text, i + 2);
            if (close == std::string_view::npos) {
                out.text += text.substr(i);
                return;
            }
            const std::string_view inner = text.substr(i + 2, close - i - 2);
            std::size_t end = 0;
            while (end < inner.size() && is_name(inner[end])) ++end;
            std::string_view rest = inner.substr(end);
            if (rest.starts_with(':')) rest.remove_prefix(1);
            if (rest.starts_with('-') && depth < kMaxNesting) expand(rest.substr(1), depth + 1, out);
            else if (!rest.starts_with('+')) out.missing.emplace_back(inner.substr(0, end));
            i = close + 1;
        } else {
            out.text += text[i++];
        }
    }
}

struct Range {
    int low = 0, high = 0;
};
std::optional<Range> parse_range(std::string_view text) {
    const auto halves = base::split_once(text, '-');
    const auto low = base::parse_integer_in<int>(halves ? halves->before : text, 0, 65'535);
    const auto high = halves ? base::parse_integer_in<int>(halves->after, 0, 65'535) : low;
    if (!low || !high || *high < *low || *high - *low >= kMaxRange) return std::nullopt;
    return Range{*low, *high};
}

std::optional<std::vector<ComposePort>> short_port(std::string_view text) {
    std::string protocol = "TCP";
    if (const auto halves = base::split_once(text, '/')) {
        protocol = base::to_ascii_upper(halves->after);
        if (protocol != "TCP" && protocol != "UDP") return std::nullopt;
        text = halves->before;
    }
    const std::size_t last = text.rfind(':');
    const auto target = parse_range(last == std::string_view::npos ? text : text.substr(last + 1));
    if (!target || target->low == 0) return std::nullopt;
    Range published;
    if (last != std::string_view::npos) {
        std::string_view host = text.substr(0, last);
        if (const std::size_t colon = host.rfind(':'); colon != std::string_view::npos) host.remove_prefix(colon + 1);  // an address before it
        if (!host.empty()) {
            const auto range = parse_range(host);
            if (!range) return std::nullopt;
            published = *range;
        }
    }
    // A range of the host for one port, "8000-9000:80", means any of them.
    const bool pairs = published.high - published.low == target->high - target->low;
    std::vector<ComposePort> ports;
    for (int port = target->low; port <= target->high; ++port) {
        ports.push_back({port, published.low == 0 ? 0 : pairs ? published.low + (port - target->low) : published.low, protocol});
    }
    return ports;
}

}  // namespace

Interpolated interpolate(std::string_view text) {
    Interpolated out;
    expand(text, 0, out);
    return out;
}

std::optional<std::vector<ComposePort>> parse_compose_port(const Json& value) {
    if (value.is_object()) {
        const auto target = parse_range(interpolate(scalar_words(value_at(value, "target"))).text);
        if (!target || target->low == 0 || target->low != target->high) return std::nullopt;
        ComposePort port{.target = target->low, .published = 0, .protocol = "TCP"};
        if (const auto published = parse_range(interpolate(scalar_words(value_at(value, "published"))).text)) port.published = published->low;
        if (base::to_ascii_lower(text_at(value, "protocol")) == "udp") port.protocol = "UDP";
        return std::vector<ComposePort>{port};
    }
    const std::string text = interpolate(scalar_words(value)).text;
    if (text.empty()) return std::nullopt;
    return short_port(text);
}

std::optional<ComposeMount> parse_compose_mount(const Json& value) {
    using Kind = ComposeMount::Kind;
    if (value.is_object()) {
        const std::string type = text_at(value, "type");
        ComposeMount mount{.kind = Kind::named, .source = interpolate(text_at(value, "source")).text, .target = interpolate(text_at(value, "target")).text};
        if (type == "bind") mount.kind = Kind::bind;
        else if (type == "tmpfs") mount.kind = Kind::tmpfs;
        else if (type != "volume" && !type.empty()) return std::nullopt;
        else if (mount.source.empty()) mount.kind = Kind::anonymous;
        if (mount.target.empty()) return std::nullopt;
        return mount;
    }
    const std::string text = interpolate(scalar_words(value)).text;
    if (text.empty()) return std::nullopt;
    // C:\data:/data: the drive's colon separates nothing.
    const std::size_t start = text.size() > 2 && base::is_ascii_alpha(text[0]) && text[1] == ':' && (text[2] == '\\' || text[2] == '/') ? 2 : 0;
    const std::size_t colon = text.find(':', start);
    if (colon == std::string::npos) return ComposeMount{.kind = Kind::anonymous, .source = {}, .target = text};
    ComposeMount mount{.kind = Kind::named, .source = text.substr(0, colon), .target = text.substr(colon + 1)};
    if (const std::size_t mode = mount.target.find(':'); mode != std::string::npos) mount.target.resize(mode);
    if (mount.target.empty()) return std::nullopt;
    if (mount.source.find_first_of("/\\~") != std::string::npos || mount.source.starts_with('.')) mount.kind = Kind::bind;
    return mount;
}

std::vector<std::string> shell_words(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            if (c == quote) quote = 0;
            else if (c == '\\' && quote == '"' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) word += text[++i];
            else word += c;
        } else if (c == '\'' || c == '"') {
            quote = c;
            in_word = true;
        } else if (c == '\\' && i + 1 < text.size()) {
            word += text[++i];
            in_word = true;
        } else if (base::is_ascii_space(c)) {
            if (in_word) words.push_back(std::exchange(word, {}));
            in_word = false;
        } else {
            word += c;
            in_word = true;
        }
    }
    if (in_word) words.push_back(std::move(word));
    return words;
}

std::string kube_memory(std::string_view text) {
    std::size_t digits = 0;
    while (digits < text.size() && (base::is_ascii_digit(text[digits]) || text[digits] == '.')) ++digits;
    const auto amount = base::parse_number(text.substr(0, digits));
    if (!amount || *amount <= 0 || *amount > 1e15) return {};
    const std::string unit = base::to_ascii_lower(base::trim(text.substr(digits)));
    double bytes = *amount;
    if (unit == "k" || unit == "kb") bytes *= 1024.0;
    else if (unit == "m" || unit == "mb") bytes *= 1024.0 * 1024;
    else if (unit == "g" || unit == "gb") bytes *= 1024.0 * 1024 * 1024;
    else if (!unit.empty() && unit != "b") return {};
    const auto whole = static_cast<std::uint64_t>(std::llround(std::min(bytes, 9e18)));
    constexpr std::uint64_t kKi = 1024, kMi = kKi * 1024, kGi = kMi * 1024;
    if (whole >= kGi && whole % kGi == 0) return std::to_string(whole / kGi) + "Gi";
    if (whole >= kMi && whole % kMi == 0) return std::to_string(whole / kMi) + "Mi";
    if (whole >= kKi && whole % kKi == 0) return std::to_string(whole / kKi) + "Ki";
    return std::to_string(whole);
}

std::string kube_cpu(std::string_view text) {
    const auto cores = base::parse_number(base::trim(text));
    if (!cores || *cores <= 0 || *cores > 10'000) return {};
    const auto millis = static_cast<std::int64_t>(std::llround(*cores * 1000));
    if (millis <= 0) return {};
    return millis % 1000 == 0 ? std::to_string(millis / 1000) : std::to_string(millis) + "m";
}

}  // namespace hub
