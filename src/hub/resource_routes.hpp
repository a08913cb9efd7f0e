// /resources, and what belongs to one node of a workflow: its pods, its events (contracts: KubeOrch core,
// "Resources"; the node routes are ours).
#pragma once

#include <string>

#include "base/url.hpp"
#include "hub/resource_ids.hpp"
#include "hub/resource_streams.hpp"
#include "hub/services.hpp"

namespace hub {

class ResourceRoutes {
public:
    explicit ResourceRoutes(Services& services) : services_(services), streams_(services.watches, services.ports.scheduler, services.heartbeat) {}
    void add_routes(net::Router& router);

private:
    struct ListRequest;
    class ListTask;

    void list(const User& caller, std::string_view query, const Writer& writer);
    void get(const User& caller, std::string_view id, const Writer& writer);
    void pods_of_resource(const User& caller, std::string_view id, const Writer& writer);
    // `after`: the Last-Event-ID.
    void stream_log(const User& caller, std::string_view id, std::string_view query, std::string after, const Writer& writer);
    void node_pods(const User& caller, std::string workflow_id, std::string node_id, const Writer& writer);
    void events(const User& caller, std::string workflow_id, std::string node_id, const Writer& writer);

    // The object, if the id is one of ours and its uid still fits, and where it is; answers the error itself.
    void with_object(const User& caller, std::string_view id, const Writer& writer, base::UniqueFunction<void(ClusterLink&, ResourceId, Json)> then);

    Services& services_;
    ResourceStreams streams_;
    Lifetime lifetime_;
};

}  // namespace hub
