// StreamChannels: what one client has open besides watches: GET routes of the hub itself, run as that client, their bodies carried in
// frames (net/stream_frame.hpp).
//
//   channels.open("7", {.target = "/v1/api/workflows/1/status/stream", .headers = {...}});   // frames head, data..., end or stream-error
//   channels.credit("7", consumed);      // bytes of the body that the client's reader has taken
//   channels.close("7");
//
// Promises
//   - Any route, any bytes, any status: what the route answers arrives as it is.
//   - Credit per channel: at most net::kStreamWindowBytes beyond what was consumed are sent, then that producer is paused by the seam's own
//     back-pressure. One reader that stands still holds up nothing else.
//   - While the output is full every producer is paused; resume() goes on in turn, beginning with another one each time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/scheduler.hpp"
#include "hub/json_text.hpp"
#include "net/http.hpp"
#include "net/loopback.hpp"

namespace hub {

class StreamChannels {
public:
    // Where frames go.
    class Output {
    public:
        virtual ~Output() = default;
        virtual bool send_frame(std::string_view event, std::string_view data) = 0;
        [[nodiscard]] virtual bool full() const = 0;
    };

    // All must outlive the channels.
    StreamChannels(base::Scheduler& scheduler, net::HttpHandler& routes, Output& output) : client_(scheduler, routes, "stream"), output_(output) {}
    StreamChannels(const StreamChannels&) = delete;
    StreamChannels& operator=(const StreamChannels&) = delete;

    // False when there is a channel of that id for another target. The same again changes nothing.
    bool open(const std::string& id, net::Request request);
    // Absolute; what is less than before, or more than was sent, is ignored. False for an unknown channel.
    bool credit(std::string_view id, std::int64_t consumed_bytes);
    bool close(std::string_view id);
    void close_all() { channels_.clear(); }
    // The output has room again.
    void resume();

    [[nodiscard]] std::size_t size() const { return channels_.size(); }
    void count_targets(std::map<std::string, int>& counts) const;

private:
    struct Channel {
        std::string target;
        net::RequestHandle handle;
        std::string pending;      // what credit and output did not take: the rest of one write
        std::int64_t sent = 0;
        std::int64_t consumed = 0;
    };
    using Channels = std::map<std::string, Channel, std::less<>>;

    void send_pending(Channels::iterator place);
    [[nodiscard]] std::size_t send(const std::string& id, Channel& channel, std::string_view bytes);

    net::LoopbackClient client_;
    Output& output_;
    Channels channels_;
    std::string resumed_first_;   // by the last resume()
};

}  // namespace hub
