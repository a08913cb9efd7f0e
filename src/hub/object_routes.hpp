// ObjectRoutes: the few ways in which the Resources view changes one object of a cluster, done there as the caller.
//
//   POST /v1/api/objects/delete   {cluster?, path, uid?}         -> {deleted: true} or {deleted: false, waiting: "..."}
//   POST /v1/api/objects/restart  {cluster?, path}               -> {}       Deployments, StatefulSets, DaemonSets: a rollout of the same
//   POST /v1/api/objects/scale    {cluster?, path, replicas}     -> {replicas}   whatever serves /scale
//
// `path` is the object's path in the Kubernetes API ("/apis/apps/v1/namespaces/default/deployments/web"). A `uid` guards against
// deleting another object that has meanwhile taken the name. Dependents go in the background. Only for callers who may run workflows on
// that cluster (and in that namespace); refusals carry the cluster's own words.
#pragma once

#include "hub/kube_access.hpp"
#include "hub/services.hpp"

namespace hub {

class ObjectRoutes {
public:
    static constexpr std::int64_t kMaxReplicas = 10'000;

    explicit ObjectRoutes(Services& services) : services_(services) {}
    void add_routes(net::Router& router);

private:
    struct Wanted {
        ClusterLink* link = nullptr;
        KubePlace place;
        Json body;
    };
    // The object that the body names, reachable for changing; answers the error itself.
    [[nodiscard]] bool read(const User& caller, const net::ServerRequest& request, net::ResponseWriter& writer, Wanted& wanted);
    void remove(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void restart(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void scale(const User& caller, const net::ServerRequest& request, const Writer& writer);

    Services& services_;
    Lifetime lifetime_;
};

}  // namespace hub
