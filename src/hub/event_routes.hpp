// GET /api/v1/events/stream (contract: KubeNest) and its twin under /v1/api: the hub's EventFeed, as the caller may see it.
//
// Query: cluster_id, project_id, workload_id, resource_type (cluster, project, workload, build, addon, all); last_event_id, which stands
// in for the header of that name on a first request. The token comes by header; a plain EventSource, which sends none, may put it into
// ?token=.
#pragma once

#include "hub/services.hpp"

namespace hub {

class EventRoutes {
public:
    static constexpr std::string_view kPath = "/api/v1/events/stream";

    explicit EventRoutes(Services& services) : services_(services) {}
    void add_routes(net::Router& router);

private:
    void stream(const User& caller, const net::ServerRequest& request, const Writer& writer);

    Services& services_;
};

}  // namespace hub
