// What the hub's route groups share. Built once by Hub, in this order; destroyed in reverse, so that streams end before the
// clients they use.
#pragma once

#include "hub/auth.hpp"
#include "hub/heartbeat.hpp"
#include "hub/kube_api.hpp"
#include "hub/runner.hpp"
#include "hub/status_tracker.hpp"
#include "hub/workflow_repository.hpp"

namespace hub {

inline constexpr const char* kApiPrefix = "/v1/api";

struct Services {
    Services(HubPorts hub_ports, HubOptions hub_options)
        : ports(hub_ports),
          options(std::move(hub_options)),
          auth(ports, options.auth),
          kube(ports.kube, ports.scheduler),
          heartbeat(ports.scheduler, options.heartbeat_ms),
          repository(ports.documents),
          tracker(kube, ports.random, heartbeat),
          runner({kube, repository, tracker, ports.random, options.default_namespace}) {}

    HubPorts ports;
    HubOptions options;
    Auth auth;
    KubeApi kube;
    Heartbeat heartbeat;
    WorkflowRepository repository;
    StatusTracker tracker;
    Runner runner;

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
