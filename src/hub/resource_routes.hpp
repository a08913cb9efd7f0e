// /resources, /clusters, and what belongs to one node of a workflow: its pods, its events (contracts: KubeOrch core,
// "Resources", "Clusters"; the node routes are ours).
#pragma once

#include <string>

#include "base/url.hpp"
#include "hub/log_stream.hpp"
#include "hub/resource_ids.hpp"
#include "hub/services.hpp"

namespace hub {

class ResourceRoutes {
public:
    explicit ResourceRoutes(Services& services) : services_(services), logs_(services.kube, services.heartbeat) {}
    void add_routes(net::Router& router);

private:
    struct ListRequest;
    class ListTask;

    void list(std::string_view query, const Writer& writer);
    void get(std::string_view id, const Writer& writer);
    void pods_of_resource(std::string_view id, const Writer& writer);
    void stream_log(std::string_view id, std::string_view query, const Writer& writer);
    void node_pods(std::string workflow_id, std::string node_id, const Writer& writer);
    void events(std::string workflow_id, std::string node_id, const Writer& writer);
    void clusters(const Writer& writer, bool only_default);
    void cluster_status(std::string_view name, const Writer& writer);

    // The object, if the id is one of ours and its uid still fits; answers the error itself.
    void with_object(std::string_view id, const Writer& writer, base::UniqueFunction<void(ResourceId, Json)> then);

    Services& services_;
    LogStreams logs_;
    Lifetime lifetime_;
};

}  // namespace hub
