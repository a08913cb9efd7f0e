// WatchHub: watches on Kubernetes collections for many clients, one upstream watch per collection however many look at it.
//
//   auto channel = hub.join(caller, {.resource_type = "apis/apps/v1/deployments", .ns = "default"}, sink);
//   if (!channel) return send_error(*writer, channel.error());     // bad request, too many channels, not allowed
//   ...
//   hub.leave(sink, *channel);      // or, when the client has gone:
//   hub.leave_all(sink);            // before the sink is destroyed
//
// What a sink is sent, `data` always being a JSON object (one line):
//   watch        {channel, type, object, resourceVersion?}   type is ADDED, MODIFIED, DELETED or BOOKMARK
//   resync       {channel, reason}                           forget the channel's objects: a new snapshot follows
//   watch-error  {channel, code, reason, message, terminal}  terminal: the hub has left the channel, nothing more comes over it;
//                                                            else it goes on trying, and any later `watch` frame says that all is well
// A channel begins with its snapshot: one ADDED for each object, then a BOOKMARK whose object carries the annotation
// k8s.io/initial-events-end: "true"; changes follow. Objects are whole but for metadata.managedFields, which nobody here reads.
// What happens upstream (ends, cuts, 410, another token) costs a client nothing: the hub lists anew and sends the difference.
//
// Promises
//   - No sink is called inside join() or leave().
//   - A caller shares an upstream only with what he may see himself (kube_access.hpp): asked at join(), and again by recheck() whenever
//     shares, users or clusters change. Who may not see a channel any more gets a terminal watch-error (403 or 404). Channels with
//     `user_scoped` are never shared between users.
//   - A sink that lags (send() returned false) is sent nothing until drained(). What changed meanwhile waits in a queue with one place
//     per object; when that is full the channel gets `resync` and a snapshot of what is then true.
//   - An upstream nobody watches any more ends after 10 s; who joins before that gets the snapshot at once.
//   - Channel names are opaque, and injective: no two specs have one name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "hub/json_text.hpp"

namespace base {
class Random;
class Scheduler;
}  // namespace base

namespace hub {

class Auth;
class Clusters;
struct User;

struct WatchSpec {
    std::string cluster{};         // empty: the hub's default one
    std::string resource_type{};   // "api/v1/<plural>" or "apis/<group>/<version>/<plural>"
    std::string org{};             // of the control plane, where a cluster has several (its label binnacle.dev/control-planes: milo);
    std::string project{};         //   a plain cluster is one control plane, whatever org and project
    std::string ns{};              // empty: all namespaces, or a kind without
    std::string name{};            // empty: all
    std::string label_selector{};  // as kubectl has them, not percent-encoded
    std::string field_selector{};
    bool user_scoped = false;

    friend bool operator==(const WatchSpec&, const WatchSpec&) = default;
};

// One client's end: what becomes of its frames. Its address is the client's identity for the hub.
class WatchSink {
public:
    virtual ~WatchSink() = default;
    // Takes the frame in any case. False: this client lags; the hub waits for drained(). Must not call the hub.
    virtual bool send(std::string_view event, std::string_view data_json) = 0;
};

struct WatchHubOptions {
    std::size_t channels_per_client = 50;
    std::size_t upstreams = 2'000;
    std::size_t queued_events = 1'000;                       // per channel of a client that lags
    std::size_t upstream_bytes = 256 * 1024 * 1024;          // of the objects that one upstream keeps
    std::size_t lists_at_once = 8;                           // per cluster: after a restart of its API server not all list together
    std::int64_t grace_ms = 10'000;
};

class WatchHub {
public:
    // All must outlive the hub; it must not outlive its sinks without leave_all().
    WatchHub(Clusters& clusters, const Auth& auth, base::Scheduler& scheduler, base::Random& random, WatchHubOptions options = {});
    ~WatchHub();
    WatchHub(const WatchHub&) = delete;
    WatchHub& operator=(const WatchHub&) = delete;

    // The channel. Joining again what this sink has joined already gives the same channel and changes nothing.
    // invalid_argument: no such form of resource type, name or selector, or the sink has `channels_per_client` already;
    // forbidden, not_found: not for this caller; unavailable: the cluster cannot be reached from here, or `upstreams` are open.
    [[nodiscard]] base::Result<std::string> join(const User& caller, const WatchSpec& spec, WatchSink& sink);
    // Unknown channels are ignored.
    void leave(WatchSink& sink, const std::string& channel);
    void leave_all(WatchSink& sink);
    // The sink that lagged can take more.
    void drained(WatchSink& sink);
    // Shares, users, clusters or their credentials have changed. The hub calls this itself for what goes through Clusters.
    void recheck();

    // {clients, upstreams, subscriptions{channel: clients}, lists, watches, expired, events, resyncs, objects, bytes}
    [[nodiscard]] Json stats() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace hub
