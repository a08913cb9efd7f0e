// StreamMux: an HttpClient whose live streams are channels of one connection (StreamLink), so that thirty open panels cost a tab one of the
// browser's six connections. Callers notice nothing: EventStream over it works as over any client.
//
//   net::StreamLink link(http, scheduler, random, {...});
//   net::StreamMux streams(http, scheduler, link);
//   net::EventStream log(streams, scheduler, random, {.target = "/v1/api/resources/7/logs/stream"}, {...});
//
// A stream is a GET with "Accept: text/event-stream"; everything else goes to `inner` as it is. Where the backend has no shared connection
// streams go to `inner` too, at most `budget` at a time (StreamBudget).
//
// Promises, beyond the seam's own (http.hpp)
//   - Credit per channel: the hub sends kStreamWindowBytes beyond what the channel's reader has taken, then pauses that producer. A reader
//     that stands still holds up nothing else.
//   - Within a session the connection may be cut and resumed: no byte is lost or doubled, the caller sees a pause. When the hub has lost
//     the session, or a frame is missing, the channel ends with `unavailable`, and EventStream's own retry opens the next one.
//   - While there is no connection head and idle timeout rest: the silence is ours. Channels that wait for a first connection fail with the
//     attempt that fails.
//   - Each channel has an id that is never used again by this client.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/http.hpp"
#include "net/stream_budget.hpp"
#include "net/stream_link.hpp"

namespace net {

class StreamMux final : public HttpClient {
public:
    static constexpr std::size_t kBudget = 2;

    struct ChannelStatus {
        std::string id;
        std::string target;
        bool subscribed = false;       // else it waits for the connection
        std::int64_t opened_at_ms = 0; // monotonic
        std::uint64_t bytes = 0;
        std::uint64_t unread_bytes = 0;
    };

    // All must outlive the client. `budget` 0: no limit.
    StreamMux(HttpClient& inner, base::Scheduler& scheduler, StreamLink& link, std::size_t budget = kBudget);
    ~StreamMux() override;
    StreamMux(const StreamMux&) = delete;
    StreamMux& operator=(const StreamMux&) = delete;

    [[nodiscard]] RequestHandle send(Request request, ResponseCallbacks callbacks) override;

    [[nodiscard]] std::vector<ChannelStatus> channels() const;
    // Streams of a backend without a shared connection that wait for their turn.
    [[nodiscard]] std::vector<std::string> queued() const;
    // Frames for channels that are not ours any more.
    [[nodiscard]] std::uint64_t stray_frames() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace net
