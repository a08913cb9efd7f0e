// The routes of the shared stream (contract: Datum's watch hub; docs/streams.md). Reading from clusters is kube_proxy.hpp's.
//
//   GET  /api/watch/stream?cid=<uuid>, POST /api/watch/subscribe|unsubscribe|credit     stream_api.hpp
//   GET  /api/watch/stats                  admins: {clients, upstreams, subscriptions{channel: clients}, streams{target: count}, ...}
#pragma once

#include "hub/services.hpp"
#include "hub/stream_api.hpp"
#include "hub/stream_sessions.hpp"

namespace hub {

class WatchRoutes {
public:
    // `routes` is the hub itself: what channels carry is asked of it.
    WatchRoutes(Services& services, net::HttpHandler& routes);
    void add_routes(net::Router& router);

private:
    void stats(const User& caller, const Writer& writer);

    Services& services_;
    StreamSessions sessions_;
    StreamApi api_;
};

}  // namespace hub
