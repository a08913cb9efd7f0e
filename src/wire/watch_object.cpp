#include "wire/watch_object.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "wire/flat_json.hpp"
#include "wire/json_reader.hpp"

namespace wire {

namespace {

constexpr std::size_t kMaxStatusBytes = 64 * 1024;
constexpr std::int64_t kMaxRetryAfter_s = 24 * 60 * 60;
constexpr std::string_view kEndOfInitialEvents = "k8s.io/initial-events-end";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The member that `fields` stands at, with one of the commas beside it: without it `text` is an object still.
std::string_view member_span(std::string_view text, const FlatJson& fields) {
    const char* begin = fields.raw_key().data() - 1;  // its quote
    const char* end = fields.raw().data() + fields.raw().size();
    const char* const text_end = text.data() + text.size();
    const char* after = end;
    while (after != text_end && is_space(*after)) ++after;
    if (after != text_end && *after == ',') {
        end = after + 1;
    } else {
        const char* before = begin;
        while (before != text.data() && is_space(before[-1])) --before;
        if (before != text.data() && before[-1] == ',') begin = before - 1;
    }
    return {begin, static_cast<std::size_t>(end - begin)};
}

WatchEventType type_of(std::string_view word) {
    if (word == "ADDED") return WatchEventType::added;
    if (word == "MODIFIED") return WatchEventType::modified;
    if (word == "DELETED") return WatchEventType::deleted;
    if (word == "BOOKMARK") return WatchEventType::bookmark;
    if (word == "ERROR") return WatchEventType::error;
    return WatchEventType::unknown;
}

bool is_version_number(std::string_view text) {
    return !text.empty() && text.front() != '0' && std::all_of(text.begin(), text.end(), base::is_ascii_digit);
}

}  // namespace

bool WatchObjectReader::read_metadata(std::string_view metadata) {
    object_ = {};
    managed_fields_ = {};
    FlatJson fields(metadata);
    while (fields.next()) {
        if (fields.key_is("name")) object_.name = fields.string(name_);
        else if (fields.key_is("namespace")) object_.ns = fields.string(ns_);
        else if (fields.key_is("uid")) object_.uid = fields.string(uid_);
        else if (fields.key_is("resourceVersion")) object_.resource_version = fields.string(version_);
        else if (fields.key_is("managedFields")) managed_fields_ = member_span(metadata, fields);
    }
    return !fields.failed() && !object_.name.empty() && !object_.resource_version.empty();
}

// Only where it must: most objects of a watch go through as they are.
void WatchObjectReader::rewrite(std::string_view json, std::string_view api_version, std::string_view kind) {
    text_.clear();
    const std::size_t brace = json.find('{') + 1;
    text_.assign("{");
    if (!api_version.empty()) text_.append("\"apiVersion\":").append(api_version).append(",");
    if (!kind.empty()) text_.append("\"kind\":").append(kind).append(",");
    std::string_view rest = json.substr(brace);
    if (!managed_fields_.empty()) {
        const std::size_t at = static_cast<std::size_t>(managed_fields_.data() - rest.data());
        text_.append(rest.substr(0, at));
        rest.remove_prefix(at + managed_fields_.size());
    }
    text_.append(rest);
    // In valid JSON a line end is white space.
    std::replace_if(text_.begin(), text_.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
}

bool WatchObjectReader::read(std::string_view json, std::string_view api_version, std::string_view kind) {
    bool found = false;
    FlatJson fields(json);
    while (fields.next()) {
        if (fields.key_is("metadata")) found = read_metadata(fields.raw());
        else if (fields.key_is("apiVersion")) api_version = {};
        else if (fields.key_is("kind")) kind = {};
    }
    if (fields.failed() || !found) return false;
    const bool as_it_is = managed_fields_.empty() && api_version.empty() && kind.empty() && json.find_first_of("\n\r") == std::string_view::npos;
    if (!as_it_is) rewrite(json, api_version, kind);
    object_.json = as_it_is ? json : std::string_view(text_);
    return true;
}

bool read_watch_event(std::string_view line, WatchEvent& event) {
    event = {};
    bool typed = false;
    std::string scratch;
    FlatJson fields(line);
    while (fields.next()) {
        if (fields.key_is("type") && fields.kind() == FlatJson::Kind::string) {
            event.type = type_of(fields.string(scratch));
            typed = true;
        } else if (fields.key_is("object") && fields.kind() == FlatJson::Kind::object) {
            event.object = fields.raw();
        }
    }
    return !fields.failed() && typed && !event.object.empty();
}

WatchBookmark read_bookmark(std::string_view object) {
    WatchBookmark found;
    std::string scratch;
    FlatJson fields(object);
    while (fields.next()) {
        if (!fields.key_is("metadata")) continue;
        FlatJson metadata(fields.raw());
        while (metadata.next()) {
            if (metadata.key_is("resourceVersion")) found.resource_version = metadata.string(scratch);
            if (!metadata.key_is("annotations")) continue;
            FlatJson annotations(metadata.raw());
            while (annotations.next()) {
                if (annotations.key_is(kEndOfInitialEvents)) found.ends_initial_events = annotations.string(scratch) == "true";
            }
        }
    }
    return found;
}

bool read_watch_page(std::string_view json, WatchPage& page) {
    page = {};
    std::string scratch;
    bool listed = false;
    FlatJson fields(json);
    while (fields.next()) {
        if (fields.key_is("items")) {
            listed = fields.kind() == FlatJson::Kind::array || fields.is_null();
            if (!fields.is_null()) page.items = fields.raw();
        } else if (fields.key_is("apiVersion") && fields.kind() == FlatJson::Kind::string) {
            page.api_version = fields.raw();
        } else if (fields.key_is("kind")) {
            const std::string_view kind = fields.string(scratch);
            page.kind.clear();
            if (kind.size() > 4 && kind.ends_with("List")) append_json_string(page.kind, kind.substr(0, kind.size() - 4));
        } else if (fields.key_is("metadata")) {
            FlatJson metadata(fields.raw());
            while (metadata.next()) {
                if (metadata.key_is("resourceVersion")) page.resource_version = metadata.string(scratch);
                if (metadata.key_is("continue")) page.continue_token = metadata.string(scratch);
            }
        }
    }
    // A plain "List" (kubectl's own) holds anything: its apiVersion says nothing of the items.
    if (page.kind.empty()) page.api_version = {};
    return !fields.failed() && listed && !page.resource_version.empty();
}

WatchStatus read_watch_status(std::string_view json) {
    WatchStatus status;
    const auto parsed = parse_json(json, {.max_bytes = kMaxStatusBytes, .max_depth = 32});
    if (!parsed) return status;
    JsonErrors ignored;
    const JsonReader reader(*parsed, ignored);
    status.code = static_cast<int>(reader.integer_or("code", 0, {.min = 0, .max = 999}));
    status.reason = reader.string_or("reason", "");
    status.message = reader.string_or("message", "");
    status.too_large_version = status.code == 504 && base::find_ascii_case(status.message, "too large resource version") != std::string_view::npos;
    const JsonReader details = reader.optional_object("details");
    if (!details) return status;
    status.retry_after_ms = details.integer_or("retryAfterSeconds", 0, {.min = 0, .max = kMaxRetryAfter_s}) * 1'000;
    for (const JsonReader cause : details.array_or_empty("causes")) {
        if (cause.string_or("reason", "") == "ResourceVersionTooLarge") status.too_large_version = true;
    }
    return status;
}

bool is_older_version(std::string_view a, std::string_view b) {
    if (!is_version_number(a) || !is_version_number(b)) return false;
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace wire
