// The routes of the shared stream and of reading from clusters (contract: Datum's watch hub; docs/streams.md):
//
//   GET  /api/watch/stream?cid=<uuid>, POST /api/watch/subscribe|unsubscribe|credit     stream_api.hpp
//   GET  /api/watch/stats                  admins: {clients, upstreams, subscriptions{channel: clients}, streams{target: count}, ...}
//   GET  /api/proxy/<kubernetes path>      reads there as the caller; ?cluster=<name> picks one (kube_access.hpp decides who may). Lists may be
//                                          paged; bodies are passed on as they come. `watch`, `follow` and subresources that hold a
//                                          connection are refused
#pragma once

#include <cstdint>
#include <map>
#include <memory>

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
    struct Relay {
        Writer writer;
        net::RequestHandle upstream;
        bool started = false;
    };

    void stats(const User& caller, const Writer& writer);
    void proxy(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void relay(ClusterLink& link, net::Request upstream, const Writer& writer);

    Services& services_;
    StreamSessions sessions_;
    StreamApi api_;
    std::map<std::uint64_t, std::shared_ptr<Relay>> relays_;
    std::uint64_t next_relay_ = 0;
    Lifetime lifetime_;
};

}  // namespace hub
