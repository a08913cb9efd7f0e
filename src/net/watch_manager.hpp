// WatchManager: live lists of Kubernetes objects in the tab, all over the one connection (StreamLink), each subscribed once however many
// views look at it. The client of hub/watch_hub.hpp and of hubs of Datum's kind.
//
//   pods_ = watches.subscribe({.resource_type = "api/v1/pods", .ns = "default"},
//                             {.on_synced = [this](const net::WatchedObjects& all, bool first) { ... },
//                              .on_event = [this](net::WatchChange change, const net::WatchedPtr& object) { ... },
//                              .on_state = [this](const net::WatchState& state) { ... }});
//   pods_.reset();          // the last one to leave ends the subscription, after kGraceMs
//
//   wait_ = watches.wait_for(spec, [](const net::WatchedObject& zone) { return is_ready(zone); }, 60'000,
//                            [](base::Result<net::WatchedPtr> zone) { ... });
//
// Promises
//   - on_synced comes first, with everything that is there; on_event tells every later change once, in order. After a reconnect, a resync or
//     an outage of the cluster the difference is told by on_event (what vanished meanwhile as `deleted`), then on_synced again with
//     first = false: nobody sees an empty list in between, objects that did not change stay the same pointer.
//   - An object is its namespace and name; another uid under the same name is `deleted`, then `added`. The same resourceVersion again is
//     nothing. MODIFIED of an unknown one is `added`, DELETED of an unknown one is nothing.
//   - One who joins later gets on_synced from a task of its own, with what is known then.
//   - A refusal for good (403, 404, a malformed request) is on_state(stopped) with the reason, asked again every kRecheckMs; any other failure
//     is retried with growing pauses (1 s to 30 s, less jitter). Frames of nobody's channel are counted.
//   - Subscriptions may be made and dropped anywhere, in callbacks too, and may outlive the manager. It may not be destroyed in a callback.
//   - An object is kept as its text; at most kMaxBytes per subscription, beyond that it stops with too_large.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "net/http.hpp"
#include "net/stream_link.hpp"

namespace net {

// What is watched: the body of POST subscribe.
struct WatchSpec {
    std::string resource_type;   // "api/v1/pods", "apis/apps/v1/deployments"
    std::string org;
    std::string project;
    std::string ns;              // empty: all
    std::string name;            // empty: all
    std::string label_selector;
    std::string field_selector;
    std::string cluster;         // empty: the hub's default one
    bool user_scoped = false;
    friend bool operator==(const WatchSpec&, const WatchSpec&) = default;
};

struct WatchedObject {
    std::string ns;
    std::string name;
    std::string uid;
    std::string resource_version;
    std::string text;            // the whole object, JSON
    [[nodiscard]] std::string key() const { return ns + '/' + name; }
};
using WatchedPtr = std::shared_ptr<const WatchedObject>;
using WatchedObjects = std::map<std::string, WatchedPtr, std::less<>>;  // by WatchedObject::key()

enum class WatchChange { added, modified, deleted };

enum class WatchPhase {
    waiting,   // for the connection
    syncing,   // the snapshot is under way
    live,
    retrying,  // something failed, see error; what was known stays
    stopped,   // refused, see error
};

struct WatchState {
    WatchPhase phase = WatchPhase::waiting;
    bool synced = false;         // the objects are known, if perhaps of a while ago
    base::Error error{};         // while retrying or stopped
};

struct WatchCallbacks {
    base::UniqueFunction<void(const WatchedObjects&, bool first)> on_synced{};
    base::UniqueFunction<void(WatchChange, const WatchedPtr&)> on_event{};
    base::UniqueFunction<void(const WatchState&)> on_state{};
};

class WatchManager;

// Owns one callback's place in a subscription, or one wait.
class WatchSubscription {
public:
    class Impl {
    public:
        virtual ~Impl() = default;  // leaves
    };
    WatchSubscription() = default;
    explicit WatchSubscription(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
    void reset() { impl_.reset(); }
    [[nodiscard]] bool active() const { return impl_ != nullptr; }

private:
    std::unique_ptr<Impl> impl_;
};

class WatchManager {
public:
    static constexpr std::int64_t kGraceMs = 500;
    static constexpr std::int64_t kRecheckMs = 60'000;
    static constexpr std::int64_t kRetryMs = 1'000;
    static constexpr std::int64_t kMaxRetryMs = 30'000;
    static constexpr std::size_t kMaxBytes = 192 * 1024 * 1024;
    static constexpr std::size_t kMaxHeldFrames = 4'000;  // that come before the answer which names their channel

    struct Options {
        // False: the hub sends no snapshot and no end marker (Datum's). The list is then read first, below `proxy_root`, page by page.
        bool snapshots = true;
        std::string proxy_root = "/api/proxy";
        base::UniqueFunction<std::string()> authorization{};  // of those lists
    };

    // All must outlive the manager.
    WatchManager(HttpClient& http, base::Scheduler& scheduler, base::Random& random, StreamLink& link, Options options);
    WatchManager(HttpClient& http, base::Scheduler& scheduler, base::Random& random, StreamLink& link) : WatchManager(http, scheduler, random, link, Options()) {}
    ~WatchManager();
    WatchManager(const WatchManager&) = delete;
    WatchManager& operator=(const WatchManager&) = delete;

    [[nodiscard]] WatchSubscription subscribe(const WatchSpec& spec, WatchCallbacks callbacks);
    // `done` once: an object for which `predicate` holds (one that is there already counts), or timed_out, or why it is refused. Dropping the
    // handle withdraws it. The subscription ends in every case.
    [[nodiscard]] WatchSubscription wait_for(const WatchSpec& spec, base::UniqueFunction<bool(const WatchedObject&)> predicate, std::int64_t timeout_ms,
                                             base::UniqueFunction<void(base::Result<WatchedPtr>)> done);
    // Sign-out: forgets everything; subscriptions that are still held hear nothing any more.
    void clear();
    // Asks again now what was refused or failed.
    void wake();

    struct Status {
        std::string key;          // of the spec, for people: "apis/apps/v1/deployments default"
        std::string channel;      // the hub's name, empty until it is known
        std::size_t subscribers = 0;
        WatchState state{};
        std::size_t objects = 0;
        std::size_t bytes = 0;    // of the objects
        std::uint64_t received_bytes = 0;
        std::uint64_t events = 0;
        std::uint64_t resyncs = 0;
        int retries = 0;
        std::int64_t retry_at_ms = 0;       // monotonic
        std::int64_t opened_at_ms = 0;      // monotonic; of the channel
        std::int64_t last_event_ms = 0;     // monotonic; 0: none yet
        std::string resource_version;       // the last one seen
    };
    [[nodiscard]] std::vector<Status> list() const;
    [[nodiscard]] std::uint64_t ignored_frames() const;
    // What window.__watchStatus() shows: the connection, and list() as JSON.
    [[nodiscard]] base::Json status() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

[[nodiscard]] std::string_view to_string(WatchPhase phase);
// The identity of an object's JSON text; nothing when it has no metadata.name.
[[nodiscard]] std::optional<WatchedObject> read_watched(std::string_view text);
// The collection's path behind an API server or a proxy, with the selectors as query: "/api/v1/namespaces/default/pods?labelSelector=...".
[[nodiscard]] std::string list_target(const WatchSpec& spec);

}  // namespace net
