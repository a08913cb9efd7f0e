// ChannelFrame: one message between the tabs that share a hub (ChannelHost, ChannelClient, TabGroup), as text and back; and
// ChannelLink, one tab's end of the channel.
//
//   bn1 <kind> <from> <to> <exchange> <number>\n<payload>
//
// Payload bytes travel as they are (base::TabChannel is transparent), so a body costs its own size and the line above. `from` and `to`
// are tab ids (base::is_id), `to` may be "*". What does not parse, is too large, or begins with another version is not for us: ignored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/tabs.hpp"
#include "base/unique_function.hpp"
#include "net/http.hpp"

namespace net {

enum class FrameKind : char {
    // to the owner
    hello = 'N',     // to "*": who owns the hub? Answered by `announce`
    request = 'Q',   // number: bytes of the body, which follows in `body` frames; payload: write_head()
    body = 'B',      // number: offset
    cancel = 'X',
    credit = 'C',    // number: bytes of the answer consumed so far
    ping = 'P',      // payload: the exchanges that the sender holds open, "3 17 18"; answered by `announce`
    bye = 'Y',       // the tab goes: its exchanges are over
    // from the owner
    announce = 'A',  // to "*" or to who asked; number: AnnounceBits; payload: the owner's epoch
    head = 'h',      // payload: write_head()
    data = 'd',      // number: offset
    end = 'e',       // number: bytes of the whole body
    error = 'x',     // payload: code, a line end, the message; also for an exchange that the owner does not know
    gone = 'G',      // to "*": the owner leaves
};

enum AnnounceBits : std::int64_t {
    kAnnounceReady = 1,   // else: it has the lock and builds the hub
    kAnnounceHidden = 2,  // its timers are slow: pings make it run what is due
};

struct ChannelFrame {
    FrameKind kind = FrameKind::hello;
    std::string_view from;
    std::string_view to;
    std::uint64_t exchange = 0;
    std::int64_t number = 0;
    std::string_view payload;
};

inline constexpr std::size_t kFrameDataBytes = 64 * 1024;   // of a body in one frame
inline constexpr std::size_t kMaxFrameBytes = 1024 * 1024;  // of anything
// What the owner sends of an answer beyond what was consumed. More than kHighWaterBytes plus a frame, so that a reader which has it all
// unread lags by the seam's own rule, and is asked for credit when it has drained.
inline constexpr std::int64_t kCreditWindowBytes = 384 * 1024;

// Views into `text`.
[[nodiscard]] std::optional<ChannelFrame> read_frame(std::string_view text);
[[nodiscard]] std::string write_frame(const ChannelFrame& frame);

// The first line and the fields of a request ("POST /v1/api/runs") or an answer ("200"). Line ends within become blanks.
[[nodiscard]] std::string write_head(std::string_view first_line, const Headers& headers);
struct HeadText {
    std::string first_line;
    Headers headers;
};
[[nodiscard]] std::optional<HeadText> read_head(std::string_view payload);

[[nodiscard]] std::string write_error(const base::Error& error);
[[nodiscard]] base::Error read_error(std::string_view payload);

// One tab's end: posts under its id and hands over what is meant for it.
class ChannelLink {
public:
    ChannelLink(std::unique_ptr<base::TabChannel> channel, base::Random& random);

    [[nodiscard]] const std::string& id() const { return id_; }
    // Never used twice by this tab, so that a frame about an old exchange finds nothing.
    [[nodiscard]] std::uint64_t next_exchange() { return ++last_exchange_; }
    base::Result<void> post(FrameKind kind, std::string_view to, std::uint64_t exchange = 0, std::int64_t number = 0,
                            std::string_view payload = {});
    void on_frame(base::UniqueFunction<void(const ChannelFrame&)> callback) { on_frame_ = std::move(callback); }

private:
    std::unique_ptr<base::TabChannel> channel_;
    std::string id_;
    std::uint64_t last_exchange_ = 0;
    base::UniqueFunction<void(const ChannelFrame&)> on_frame_;
};

}  // namespace net
