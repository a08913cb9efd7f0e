// StreamFrame: what the one live connection of a tab carries besides watches: the bodies of other streams, cut into frames. The hub writes
// them (hub/stream_channels), StreamMux reads them. They are server-sent events:
//
//   event: head          data: {"channel":"7","status":200,"headers":[["content-type","text/event-stream"]]}
//   event: data          data: 7 1024 t            channel, offset of the first byte in the body, encoding
//                        data: event:log           the bytes themselves: `t` as text, line by line,
//                        data: data:a line         or `b` as base64 where text would not arrive as it is
//   event: end           data: {"channel":"7","bytes":2048}
//   event: stream-error  data: {"channel":"7","code":"unavailable","message":"..."}
//
// Promises: any bytes come out as they went in, whatever UTF-8, CR or NUL they hold; a text costs its size and a few bytes per line. Offsets
// show a lost or doubled frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/http.hpp"

namespace net {

inline constexpr std::size_t kMaxStreamDataBytes = 64 * 1024;  // of a body in one frame
// What the hub sends of a channel beyond what the client's reader has taken. More than kHighWaterBytes plus a frame, so that a reader
// which has it all unread lags by the seam's own rule, and is asked for credit when it has drained.
inline constexpr std::int64_t kStreamWindowBytes = 384 * 1024;
inline constexpr std::size_t kMaxChannelIdBytes = 64;

// A channel's id as a client may choose it: 1 to kMaxChannelIdBytes letters, digits, '-' and '_'.
[[nodiscard]] bool is_channel_id(std::string_view text);

struct StreamData {
    std::string_view channel;
    std::int64_t offset = 0;
    std::string_view bytes;  // of the frame, or of `scratch`
};
// The data of a `data` frame. Nothing when it is malformed.
[[nodiscard]] std::optional<StreamData> read_stream_data(std::string_view data, std::string& scratch);
// `bytes` is at most kMaxStreamDataBytes.
[[nodiscard]] std::string write_stream_data(std::string_view channel, std::int64_t offset, std::string_view bytes);

struct StreamHead {
    std::string channel;
    ResponseHead head;
};
[[nodiscard]] std::optional<StreamHead> read_stream_head(std::string_view data);
[[nodiscard]] std::string write_stream_head(std::string_view channel, const ResponseHead& head);

struct StreamEnd {
    std::string channel;
    std::int64_t bytes = 0;  // of the whole body
};
[[nodiscard]] std::optional<StreamEnd> read_stream_end(std::string_view data);
[[nodiscard]] std::string write_stream_end(std::string_view channel, std::int64_t bytes);

struct StreamError {
    std::string channel;
    base::Error error;  // an unknown code is `unavailable`: the caller tries again
};
[[nodiscard]] std::optional<StreamError> read_stream_error(std::string_view data);
[[nodiscard]] std::string write_stream_error(std::string_view channel, const base::Error& error);

}  // namespace net
