// The hub: Binnacle's backend as an HttpHandler. Speaks /v1/api (contract: KubeOrch core) for whoever mounts it: the
// gateway over Beast, or the tab itself over loopback. It never knows which cluster its `kube` port talks to.
//
//   hub::Hub hub({.kube = kube_client, .documents = store, .scheduler = loop, .random = random, .passwords = &hasher},
//                {.auth = hub::AuthMode::none});
//   server.mount("/v1/api", hub);      // targets arrive with the prefix: "/v1/api/workflows"
//   server.mount("/api/watch", hub);   // the shared stream; and "/api/proxy", "/api/v1/events"
#pragma once

#include <memory>
#include <string>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "hub/cluster_connector.hpp"
#include "hub/document_store.hpp"
#include "hub/outbound_http.hpp"
#include "hub/password_hasher.hpp"
#include "net/http.hpp"

namespace hub {

class ExternalSignIn;

enum class AuthMode {
    none,     // every request is the local admin; login is not offered
    builtin,  // register and login with password; every other route needs a bearer
};

struct HubPorts {
    net::HttpClient& kube;  // bound to the root of a Kubernetes API: target "/api/v1/pods"
    DocumentStore& documents;
    base::Scheduler& scheduler;
    base::Random& random;
    PasswordHasher* passwords = nullptr;  // required with AuthMode::builtin
    OutboundHttp* outbound = nullptr;     // servers beyond the cluster; none: they are unreachable
    ExternalSignIn* external = nullptr;   // sign-in by providers (oauth.hpp), used with AuthMode::builtin
    ClusterConnector* connector = nullptr;  // how further clusters are reached; without it there is only `kube`
};

struct HubOptions {
    AuthMode auth = AuthMode::none;
    std::string version = "dev";
    std::string cluster_name = "demo";        // what the UI shows as the cluster
    std::string default_namespace = "default";
    std::string sample_workflow_json;         // seeded as a published workflow when the store has no workflow at all; may be empty
    std::int64_t heartbeat_ms = 15'000;       // SSE comment on every stream at this interval, 0 = none
    bool simulated_registries = false;        // the cluster pulls from nowhere: checks of well-known registries are simulated, and say so
    std::size_t max_body_bytes = 4 * 1024 * 1024;
    std::size_t watch_clients = 1'000;        // open at /api/watch/stream
    std::size_t watch_channels = 50;          // of one of them
};

class Hub final : public net::HttpHandler {
public:
    Hub(HubPorts ports, HubOptions options);
    ~Hub() override;  // ends all streams
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override;

    // True when `authorization` (the header's value) carries a valid token, or the mode is `none`. The gateway guards /k8s by it.
    [[nodiscard]] bool authorizes(std::string_view authorization) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace hub
