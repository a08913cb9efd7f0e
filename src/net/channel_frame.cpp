#include "net/channel_frame.hpp"

#include <utility>

#include "base/ids.hpp"
#include "base/text.hpp"

namespace net {

namespace {

constexpr std::string_view kVersion = "bn1";
constexpr std::string_view kKinds = "NQBXCPYAhdexG";
constexpr std::size_t kMaxHeaders = 256;
constexpr std::size_t kMaxLineBytes = 128;

// The text up to the next `end`, which is taken too; nothing when there is none.
std::optional<std::string_view> take(std::string_view& text, char end) {
    const auto at = text.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const auto word = text.substr(0, at);
    text.remove_prefix(at + 1);
    return word;
}

void append_line(std::string& out, std::string_view text) {
    for (const char c : text) out += c == '\n' || c == '\r' ? ' ' : c;
}

}  // namespace

std::optional<ChannelFrame> read_frame(std::string_view text) {
    if (text.size() > kMaxFrameBytes) return std::nullopt;
    const auto line_end = text.substr(0, kMaxLineBytes).find('\n');
    if (line_end == std::string_view::npos) return std::nullopt;
    ChannelFrame frame;
    frame.payload = text.substr(line_end + 1);
    std::string_view line = text.substr(0, line_end);
    const auto version = take(line, ' ');
    const auto kind = take(line, ' ');
    const auto from = take(line, ' ');
    const auto to = take(line, ' ');
    const auto exchange = take(line, ' ');
    if (!exchange || *version != kVersion || kind->size() != 1 || kKinds.find(kind->front()) == std::string_view::npos) return std::nullopt;
    if (!base::is_id(*from) || (*to != "*" && !base::is_id(*to))) return std::nullopt;
    const auto exchange_id = base::parse_integer<std::uint64_t>(*exchange);
    const auto number = base::parse_integer_in<std::int64_t>(line, 0, std::int64_t{1} << 53);
    if (!exchange_id || !number) return std::nullopt;
    frame.kind = static_cast<FrameKind>(kind->front());
    frame.from = *from;
    frame.to = *to;
    frame.exchange = *exchange_id;
    frame.number = *number;
    return frame;
}

std::string write_frame(const ChannelFrame& frame) {
    std::string text;
    text.reserve(kMaxLineBytes + frame.payload.size());
    text += kVersion;
    text += ' ';
    text += static_cast<char>(frame.kind);
    text += ' ';
    text += frame.from;
    text += ' ';
    text += frame.to;
    text += ' ';
    text += std::to_string(frame.exchange);
    text += ' ';
    text += std::to_string(frame.number);
    text += '\n';
    text += frame.payload;
    return text;
}

std::string write_head(std::string_view first_line, const Headers& headers) {
    std::string text;
    append_line(text, first_line);
    text += '\n';
    for (const auto& [name, value] : headers.fields()) {
        append_line(text, name);
        text += ':';
        append_line(text, value);
        text += '\n';
    }
    return text;
}

std::optional<HeadText> read_head(std::string_view payload) {
    HeadText head;
    const auto first_line = take(payload, '\n');
    if (!first_line) return std::nullopt;
    head.first_line = std::string(*first_line);
    for (std::size_t count = 0; !payload.empty(); ++count) {
        const auto name = take(payload, ':');
        const auto value = take(payload, '\n');
        if (!name || !value || name->empty() || name->find('\n') != std::string_view::npos || count == kMaxHeaders) return std::nullopt;
        head.headers.add(*name, std::string(*value));
    }
    return head;
}

std::string write_error(const base::Error& error) {
    std::string text(base::to_string(error.code));
    text += '\n';
    text += error.message;
    return text;
}

base::Error read_error(std::string_view payload) {
    using enum base::ErrorCode;
    const auto word = take(payload, '\n');
    for (const auto code : {timed_out, protocol, too_large, cancelled, internal}) {
        if (word && *word == base::to_string(code)) return {code, std::string(payload), {}};
    }
    // Whatever else cut the exchange: trying again may help.
    return {unavailable, std::string(word ? payload : "the owner of the hub ended the exchange"), {}};
}

ChannelLink::ChannelLink(std::unique_ptr<base::TabChannel> channel, base::Random& random)
    : channel_(std::move(channel)), id_(base::make_id(random)) {
    channel_->on_message([this](std::string_view text) {
        const auto frame = read_frame(text);
        if (frame && frame->from != id_ && (frame->to == "*" || frame->to == id_) && on_frame_) on_frame_(*frame);
    });
}

base::Result<void> ChannelLink::post(FrameKind kind, std::string_view to, std::uint64_t exchange, std::int64_t number,
                                     std::string_view payload) {
    return channel_->post(write_frame({kind, id_, to, exchange, number, payload}));
}

}  // namespace net
