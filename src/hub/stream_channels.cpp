#include "hub/stream_channels.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "net/stream_frame.hpp"

namespace hub {

bool StreamChannels::open(const std::string& id, net::Request request) {
    const auto [place, fresh] = channels_.try_emplace(id);
    if (!fresh) return place->second.target == request.target;
    place->second.target = request.target;
    // The clocks are in the tab.
    request.head_timeout_ms = request.idle_timeout_ms = 0;
    net::ResponseCallbacks callbacks;
    callbacks.on_head = [this, id](const net::ResponseHead& head) { output_.send_frame("head", net::write_stream_head(id, head)); };
    callbacks.on_data = [this, id](std::string_view bytes) {
        Channel& channel = channels_.find(id)->second;  // it owns the handle whose callback this is
        const std::size_t sent = send(id, channel, bytes);
        if (sent == bytes.size()) return;
        channel.pending.assign(bytes.substr(sent));
        channel.handle.set_paused(true);
    };
    callbacks.on_done = [this, id](const base::Result<void>& result) {
        const auto node = channels_.extract(id);
        if (result) output_.send_frame("end", net::write_stream_end(id, node.mapped().sent));
        else output_.send_frame("stream-error", net::write_stream_error(id, result.error()));
    };
    place->second.handle = client_.send(std::move(request), std::move(callbacks));
    return true;
}

// As much as credit and output take; how much that was.
std::size_t StreamChannels::send(const std::string& id, Channel& channel, std::string_view bytes) {
    std::size_t done = 0;
    while (done < bytes.size() && !output_.full()) {
        const std::int64_t credit = channel.consumed + net::kStreamWindowBytes - channel.sent;
        if (credit <= 0) break;
        const std::string_view piece = bytes.substr(done, std::min(net::kMaxStreamDataBytes, static_cast<std::size_t>(credit)));
        output_.send_frame("data", net::write_stream_data(id, channel.sent, piece));
        channel.sent += static_cast<std::int64_t>(piece.size());
        done += piece.size();
    }
    return done;
}

void StreamChannels::send_pending(Channels::iterator place) {
    Channel& channel = place->second;
    if (channel.pending.empty()) return;
    channel.pending.erase(0, send(place->first, channel, channel.pending));
    if (channel.pending.empty()) channel.handle.set_paused(false);
}

bool StreamChannels::credit(std::string_view id, std::int64_t consumed_bytes) {
    const auto place = channels_.find(id);
    if (place == channels_.end()) return false;
    if (consumed_bytes <= place->second.consumed || consumed_bytes > place->second.sent) return true;
    place->second.consumed = consumed_bytes;
    send_pending(place);
    return true;
}

bool StreamChannels::close(std::string_view id) {
    const auto place = channels_.find(id);
    if (place == channels_.end()) return false;
    channels_.erase(place);
    return true;
}

void StreamChannels::resume() {
    if (channels_.empty()) return;
    auto next = channels_.upper_bound(resumed_first_);
    if (next == channels_.end()) next = channels_.begin();
    resumed_first_ = next->first;
    for (std::size_t left = channels_.size(); left > 0 && !output_.full(); --left) {
        send_pending(next);
        if (++next == channels_.end()) next = channels_.begin();
    }
}

void StreamChannels::count_targets(std::map<std::string, int>& counts) const {
    for (const auto& [id, channel] : channels_) ++counts[channel.target.substr(0, channel.target.find('?'))];
}

}  // namespace hub
