// What the hub's route groups share. Built once by Hub, in this order; destroyed in reverse, so that streams end before the
// clients they use.
#pragma once

#include "hub/auth.hpp"
#include "hub/clusters.hpp"
#include "hub/heartbeat.hpp"
#include "hub/workflow_repository.hpp"

namespace hub {

inline constexpr const char* kApiPrefix = "/v1/api";

struct Services {
    Services(HubPorts hub_ports, HubOptions hub_options)
        : ports(hub_ports),
          options(std::move(hub_options)),
          auth(ports, options.auth),
          heartbeat(ports.scheduler, options.heartbeat_ms),
          repository(ports.documents),
          clusters(ports, options, auth, repository, heartbeat) {}

    HubPorts ports;
    HubOptions options;
    Auth auth;
    Heartbeat heartbeat;
    WorkflowRepository repository;
    Clusters clusters;

    // Registers a route that needs a signed-in caller: handle(caller, routed_request, writer).
    template <class F>
    void route(net::Router& router, const char* method, const std::string& path, F handle, TokenFrom from = TokenFrom::header) {
        router.route(method, kApiPrefix + path,
                     [this, from, handle = std::move(handle)](net::RoutedRequest routed, const Writer& writer) mutable {
                         const auto caller = auth.authenticate(routed.request, from);
                         if (!caller) return send_error(*writer, caller.error());
                         handle(*caller, std::move(routed), writer);
                     });
    }
};

}  // namespace hub
