// The routes of the shared stream (contract: Datum's watch hub, and docs/streams.md):
//
//   GET  /api/watch/stream?cid=<uuid>      the stream: connected, heartbeat, watch..., head, data, end, stream-error
//   POST /api/watch/subscribe              a watch: {clientId, resourceType, orgId?, projectId?, namespace?, name?, labelSelector?,
//                                          fieldSelector?, userScoped?, cluster?}; or any stream of the hub: {clientId, stream: {id, target,
//                                          headers?}}. Answers {channel}
//   POST /api/watch/unsubscribe            {clientId, channel} → {ok}
//   POST /api/watch/credit                 {clientId, ack?, channels?: {id: bytes consumed}} → {ok}
//   GET  /api/watch/stats                  admins: {clients, upstreams, subscriptions{channel: clients}, ...}
//   GET  /api/proxy/<kubernetes path>      reads there as the caller; ?cluster=<name> picks one (kube_access.hpp decides who may)
//
// Refusals are JSON {error, details, reason?}; `reason` is a word for programs: "unknown_client", "other_owner", "too_many_channels".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "hub/services.hpp"
#include "hub/stream_sessions.hpp"
#include "hub/watch_hub.hpp"

namespace hub {

// The body of a subscription to a watch, checked for shape; WatchHub judges the rest. invalid_argument lists what is wrong.
[[nodiscard]] base::Result<WatchSpec> read_watch_spec(const Json& body);

// A stream of the hub that is to be carried by a channel.
struct StreamRequest {
    std::string id;
    net::Request request;
};
[[nodiscard]] base::Result<StreamRequest> read_stream_request(const Json& body);

[[nodiscard]] bool is_uuid(std::string_view text);

class WatchRoutes {
public:
    // `routes` is the hub itself: what channels carry is asked of it.
    WatchRoutes(Services& services, net::HttpHandler& routes, WatchHub& watches, StreamSessionOptions options);
    void add_routes(net::Router& router);

private:
    struct Relay {
        Writer writer;
        net::RequestHandle upstream;
        bool started = false;
    };

    void stream(const User& caller, const net::RoutedRequest& routed, const Writer& writer);
    void subscribe(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void unsubscribe(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void credit(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void stats(const User& caller, const Writer& writer);
    void proxy(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void relay(ClusterLink& link, net::Request upstream, const Writer& writer);

    // The session that the body's clientId names; answers the refusal itself.
    [[nodiscard]] StreamSession* session_of(const User& caller, const Json& body, net::ResponseWriter& writer);

    Services& services_;
    WatchHub& watches_;
    StreamSessions sessions_;
    std::map<std::uint64_t, std::shared_ptr<Relay>> relays_;
    std::uint64_t next_relay_ = 0;
    Lifetime lifetime_;
};

}  // namespace hub
