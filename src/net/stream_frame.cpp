#include "net/stream_frame.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "wire/json_reader.hpp"

namespace net {

namespace {

constexpr std::size_t kMaxHeadBytes = 64 * 1024;
constexpr std::size_t kMaxHeaders = 100;

bool travels_as_text(std::string_view bytes) {
    return bytes.find('\r') == std::string_view::npos && base::is_valid_utf8(bytes);
}

std::optional<base::Json> read_object(std::string_view data) {
    auto json = base::parse_json(data, {.max_bytes = kMaxHeadBytes, .max_depth = 4});
    if (!json || !json->is_object()) return std::nullopt;
    return std::move(*json);
}

// The channel of a frame's JSON; empty when there is none that could be one.
std::string read_channel(const wire::JsonReader& frame) {
    std::string channel = frame.string_or("channel", "");
    if (!is_channel_id(channel)) channel.clear();
    return channel;
}

}  // namespace

bool is_channel_id(std::string_view text) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
    return !text.empty() && text.size() <= kMaxChannelIdBytes && std::all_of(text.begin(), text.end(), fits);
}

std::optional<StreamData> read_stream_data(std::string_view data, std::string& scratch) {
    const auto line_end = data.find('\n');
    if (line_end == std::string_view::npos) return std::nullopt;
    const std::string_view line = data.substr(0, line_end);
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last || last + 2 != line.size()) return std::nullopt;
    StreamData frame;
    frame.channel = line.substr(0, first);
    const auto offset = base::parse_integer<std::int64_t>(line.substr(first + 1, last - first - 1));
    if (!is_channel_id(frame.channel) || !offset || *offset < 0) return std::nullopt;
    frame.offset = *offset;
    frame.bytes = data.substr(line_end + 1);
    if (line.back() == 'b') {
        auto bytes = base::base64_decode(frame.bytes);
        if (!bytes) return std::nullopt;
        scratch = std::move(*bytes);
        frame.bytes = scratch;
    } else if (line.back() != 't') {
        return std::nullopt;
    }
    if (frame.bytes.size() > kMaxStreamDataBytes) return std::nullopt;
    return frame;
}

std::string write_stream_data(std::string_view channel, std::int64_t offset, std::string_view bytes) {
    const bool as_text = travels_as_text(bytes);
    std::string data;
    data.reserve(channel.size() + 24 + (as_text ? bytes.size() : bytes.size() * 4 / 3 + 4));
    data.append(channel).append(" ").append(std::to_string(offset)).append(as_text ? " t\n" : " b\n");
    if (as_text) data.append(bytes);
    else data.append(base::base64_encode(bytes));
    return data;
}

std::optional<StreamHead> read_stream_head(std::string_view data) {
    const auto json = read_object(data);
    if (!json) return std::nullopt;
    wire::JsonErrors errors;
    const wire::JsonReader frame(*json, errors);
    StreamHead head{read_channel(frame), {static_cast<int>(frame.integer("status", {.min = 200, .max = 599})), {}}};
    const wire::JsonArray headers = frame.array_or_empty("headers");
    if (headers.size() > kMaxHeaders) return std::nullopt;
    for (const wire::JsonReader field : headers) {
        const wire::JsonArray pair = field.as_array();
        if (pair.size() != 2) return std::nullopt;
        head.head.headers.add(pair[0].as_string(), pair[1].as_string());
    }
    if (!errors.empty() || head.channel.empty()) return std::nullopt;
    return head;
}

std::string write_stream_head(std::string_view channel, const ResponseHead& head) {
    base::Json headers = base::Json::array();
    for (const auto& [name, value] : head.headers.fields()) headers.push_back({name, value});
    return base::dump_json({{"channel", channel}, {"status", head.status}, {"headers", std::move(headers)}});
}

std::optional<StreamEnd> read_stream_end(std::string_view data) {
    const auto json = read_object(data);
    if (!json) return std::nullopt;
    wire::JsonErrors errors;
    const wire::JsonReader frame(*json, errors);
    StreamEnd end{read_channel(frame), frame.integer("bytes", {.min = 0, .max = std::numeric_limits<std::int64_t>::max()})};
    if (!errors.empty() || end.channel.empty()) return std::nullopt;
    return end;
}

std::string write_stream_end(std::string_view channel, std::int64_t bytes) { return base::dump_json({{"channel", channel}, {"bytes", bytes}}); }

std::optional<StreamError> read_stream_error(std::string_view data) {
    const auto json = read_object(data);
    if (!json) return std::nullopt;
    wire::JsonErrors errors;
    const wire::JsonReader frame(*json, errors);
    StreamError failed{read_channel(frame), {base::ErrorCode::unavailable, frame.string_or("message", "The stream was cut"), {}}};
    if (failed.channel.empty()) return std::nullopt;
    const std::string code = frame.string_or("code", "");
    using enum base::ErrorCode;
    for (const auto known : {timed_out, protocol, too_large, cancelled, internal}) {
        if (code == base::to_string(known)) failed.error.code = known;
    }
    return failed;
}

std::string write_stream_error(std::string_view channel, const base::Error& error) {
    return base::dump_json({{"channel", channel}, {"code", base::to_string(error.code)}, {"message", error.message}});
}

}  // namespace net
