// WatchedList: keeps an entry of the query cache, which owns the list, as a watch says it is. The counterpart of seed 2's useResourceWatch.
//
//   zones_ = std::make_unique<WatchedList>(watches, queries, scheduler,
//       WatchedListOptions{.spec = {.resource_type = "apis/dns.networking.miloapis.com/v1alpha1/dnszones", .ns = "default"},
//                          .key = keys::watched("dnszones", "proj-abc"),
//                          .item = [](const net::WatchedObject& object) { return zone_row(object); }});
//
// Promises
//   - Cached lists are arrays; an item is replaced, put in or taken out by its member `item_key`. Changes of one moment (kBatchMs) are one update of
//     the cache, several of one object count once.
//   - Patch::all: the cache holds what the watch says; its first snapshot fills an empty entry, and replaces a filled one (of which only what
//     differs is told: structural sharing). Patch::modified: the list is the server's; changes of items it has are put in, all else
//     refetches it, at most once per throttle_ms, after debounce_ms of quiet, never losing the last one. The first snapshot is no change
//     (skip_initial_sync): it ends with the hub's own end marker, not after a guessed time.
//   - Nothing is written after a sign-out (QueryWriter), nor after destruction.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "model/refresh_throttle.hpp"
#include "net/watch_manager.hpp"
#include "state/query/query_client.hpp"

namespace model {

struct WatchedListOptions {
    enum class Patch { all, modified };

    net::WatchSpec spec{};
    state::QueryKey key{};
    std::string item_key = "key";   // member of an item that identifies it; net::WatchedObject::key() where `item` leaves it out
    // What of an object goes into the cache; null leaves it out. None: the whole object.
    base::UniqueFunction<state::SharedJson(const net::WatchedObject&)> item{};
    // For entries that are no arrays: puts a change into the cached value. Then `item_key` is of no use.
    base::UniqueFunction<state::SharedJson(const state::SharedJson& cached, net::WatchChange, const state::SharedJson& item)> update{};
    Patch patch = Patch::all;
    bool skip_initial_sync = true;
    std::int64_t throttle_ms = 1'000;
    std::int64_t debounce_ms = 300;
};

class WatchedList {
public:
    static constexpr std::int64_t kBatchMs = 50;

    // All must outlive it.
    WatchedList(net::WatchManager& watches, state::QueryClient& queries, base::Scheduler& scheduler, WatchedListOptions options);
    WatchedList(const WatchedList&) = delete;
    WatchedList& operator=(const WatchedList&) = delete;

    [[nodiscard]] const net::WatchState& state() const { return state_; }
    // After each change of state().
    void on_state(base::UniqueFunction<void()> callback) { on_state_ = std::move(callback); }

private:
    struct Change {
        net::WatchChange change;
        state::SharedJson item;
    };

    void synced(const net::WatchedObjects& all, bool first);
    void changed(net::WatchChange change, const net::WatchedObject& object);
    void flush();
    [[nodiscard]] state::SharedJson item_of(const net::WatchedObject& object);
    [[nodiscard]] state::SharedJson applied(const state::SharedJson& cached, const std::string& key, const Change& change);

    base::Scheduler& scheduler_;
    WatchedListOptions options_;
    state::QueryWriter writer_;
    net::WatchState state_;
    base::UniqueFunction<void()> on_state_;
    std::map<std::string, Change> waiting_;  // by the object's key
    base::Timer batch_timer_;
    RefreshThrottle refresh_;
    net::WatchSubscription subscription_;
};

}  // namespace model
