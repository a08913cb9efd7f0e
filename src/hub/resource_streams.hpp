// The state of one Kubernetes object as it changes (contracts: KubeOrch core, /resources/:id/stream): `metadata` once, then a
// `status_update` whenever what it says is another, both without an envelope.
//
// Over the watch hub: everybody who looks at an object shares one upstream watch. A reader that lags gets the latest state when it has
// caught up, not those between. When the object is deleted, or replaced by another of its name, the stream says so and ends.
//
//   streams.open(caller, link, resource_id, object, writer);
#pragma once

#include <map>
#include <memory>
#include <string>

#include "hub/clusters.hpp"
#include "hub/resource_ids.hpp"
#include "hub/watch_hub.hpp"

namespace hub {

// {state, message, phase?, reason?, ready?, restarts?, replicas?, readyReplicas?}; state as in GET /resources. Pure.
[[nodiscard]] Json resource_state(const ResourceType& type, const Json& object);

class ResourceStreams {
public:
    ResourceStreams(WatchHub& watches, base::Scheduler& scheduler, Heartbeat& heartbeat);
    ~ResourceStreams();  // cuts the streams, so that their readers come back
    ResourceStreams(const ResourceStreams&) = delete;
    ResourceStreams& operator=(const ResourceStreams&) = delete;

    // `id_text` is the resource's id as the client knows it; `object` what it is now.
    void open(const User& caller, const ClusterLink& link, const ResourceId& resource, std::string id_text, const Json& object, Writer writer);
    [[nodiscard]] std::size_t open_streams() const { return streams_.size(); }

private:
    class Stream;
    void close_soon(std::uint64_t id);

    WatchHub& watches_;
    base::Scheduler& scheduler_;
    Heartbeat& heartbeat_;
    std::map<std::uint64_t, std::unique_ptr<Stream>> streams_;
    std::uint64_t next_ = 1;
    Lifetime lifetime_;
};

}  // namespace hub
