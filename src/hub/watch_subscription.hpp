// WatchSubscription: one channel of one client: where its snapshot is, what waits for it, and the frames it is sent (watch_hub.hpp).
//
//   waiting ── the upstream has a list ──► snapshot ── all objects and what changed meanwhile are sent, BOOKMARK ──► live
//                                             ▲ resync: the queue was full, or the channel shows another cluster now ──┘
//
// A snapshot is read from the upstream's store while it is sent, in the order of keys: an object that changes ahead of where it is will be
// sent as it is then; one behind goes through the queue. So a client that reads slowly still gets to the end of a long snapshot.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "hub/watch_hub.hpp"
#include "hub/watch_queue.hpp"
#include "hub/watch_upstream.hpp"

namespace hub {

// Counts of a hub.
struct WatchCounters {
    std::uint64_t frames = 0;
    std::uint64_t resyncs = 0;
    std::uint64_t refused = 0;
};

class WatchSubscription;

struct WatchClient {
    WatchClient(std::uint64_t its_id, WatchSink& its_sink) : id(its_id), sink(its_sink) {}
    const std::uint64_t id;
    WatchSink& sink;
    bool lagging = false;
    bool pump_posted = false;
    std::string served_last;  // channel
    std::map<std::string, std::unique_ptr<WatchSubscription>> channels;
};

class WatchSubscription {
public:
    using Change = wire::WatchStore::Change;

    WatchSubscription(WatchClient& client, std::string channel, std::shared_ptr<const User> caller, WatchSpec spec, std::size_t queue_limit, WatchCounters& counters);

    [[nodiscard]] WatchClient& client() const { return client_; }
    [[nodiscard]] const std::string& channel() const { return channel_; }
    [[nodiscard]] const std::shared_ptr<const User>& caller() const { return caller_; }
    [[nodiscard]] const WatchSpec& spec() const { return spec_; }
    [[nodiscard]] WatchUpstream* upstream() const { return upstream_; }

    // Shows what `upstream` has from now on; `resync` tells the client why what it has is void, empty at first.
    void show(WatchUpstream& upstream, std::string resync);

    // ---- of the upstream; true: pump() is needed
    [[nodiscard]] bool change(Change change, const std::string& key, const wire::StoredObject& object);
    void bookmark();
    [[nodiscard]] bool trouble();
    [[nodiscard]] bool recovered();

    // Sends what there is, at most `budget` frames of it (counted down), unless the client lags. True: there is more.
    bool pump(std::size_t& budget);
    // The last frame of this channel.
    void send_end(int code, std::string_view reason, const base::Error& error);

private:
    enum class Phase : std::uint8_t { waiting, snapshot, live };

    bool pump_one();
    void send(std::string_view event, std::string_view data);
    void send(Change change, const wire::StoredObject& object) { send("watch", upstream_->frame(channel_json_, change, object)); }
    void send_error(int code, std::string_view reason, std::string_view message, bool terminal);

    WatchClient& client_;
    std::string channel_;
    std::string channel_json_;
    std::shared_ptr<const User> caller_;
    WatchSpec spec_;
    WatchCounters& counters_;
    WatchUpstream* upstream_ = nullptr;

    Phase phase_ = Phase::waiting;
    std::optional<std::string> cursor_;  // key of the last object of the snapshot that was sent
    WatchQueue queue_;
    std::string resync_;                 // reason to be told before the snapshot
    bool tell_trouble_ = false;
    bool tell_alive_ = false;
    bool trouble_told_ = false;  // and nothing since that said otherwise
};

}  // namespace hub
