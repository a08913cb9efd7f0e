#include "wire/sse_writer.hpp"

#include "base/byte_scan.hpp"

namespace wire {

namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name);
    out.push_back(':');
    if (value.starts_with(' ')) out.push_back(' ');
    out.append(value);
    out.push_back('\n');
}

void append_single_line(std::string& out, std::string_view name, std::string_view value) {
    if (value.find_first_of("\r\n") == std::string_view::npos) {
        append_field(out, name, value);
        return;
    }
    std::string clean;
    for (const char c : value) {
        if (c != '\r' && c != '\n') clean.push_back(c);
    }
    append_field(out, name, clean);
}

// Calls `line` for each line of `text`; "a\n" has two, "" has one.
template <class Line>
void for_each_line(std::string_view text, Line line) {
    const char* p = text.data();
    const char* const end = p + text.size();
    while (true) {
        const char* const eol = base::find_either(p, end, '\r', '\n');
        line(std::string_view(p, static_cast<std::size_t>(eol - p)));
        if (eol == end) return;
        p = eol + 1;
        if (*eol == '\r' && p != end && *p == '\n') ++p;
    }
}

}  // namespace

void append_sse_event(std::string& out, std::string_view type, std::string_view data, SseFields fields) {
    out.reserve(out.size() + type.size() + data.size() + 32);
    if (fields.retry_ms && *fields.retry_ms >= 0) append_field(out, "retry", std::to_string(*fields.retry_ms));
    if (fields.id && fields.id->find('\0') == std::string_view::npos) append_single_line(out, "id", *fields.id);
    if (!type.empty()) append_single_line(out, "event", type);
    for_each_line(data, [&out](std::string_view line) { append_field(out, "data", line); });
    out.push_back('\n');
}

std::string sse_event(std::string_view type, std::string_view data, SseFields fields) {
    std::string out;
    append_sse_event(out, type, data, fields);
    return out;
}

std::string sse_comment(std::string_view text) {
    std::string out;
    for_each_line(text, [&out](std::string_view line) {
        out.append(": ").append(line);
        out.push_back('\n');
    });
    out.push_back('\n');
    return out;
}

std::string sse_retry(std::int64_t retry_ms) {
    std::string out;
    append_field(out, "retry", std::to_string(retry_ms < 0 ? 0 : retry_ms));
    out.push_back('\n');
    return out;
}

}  // namespace wire
