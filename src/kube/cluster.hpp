// An in-memory Kubernetes cluster: API server, controllers, scheduler and a simulated kubelet in one object. `kubectl` works
// against `api()`. Nothing in it runs but through the given scheduler, so tests drive it in virtual time.
//
//   kube::Cluster cluster({.scheduler = loop, .random = random}, {});
//   server.mount("/k8s", cluster.api());   // targets arrive without the mount prefix: "/api/v1/pods?watch=1"
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "net/http.hpp"

namespace kube {

class ObjectStore;

struct ClusterPorts {
    base::Scheduler& scheduler;
    base::Random& random;
};

struct ClusterOptions {
    int node_count = 3;
    double speed = 1.0;                    // > 1 makes pulls, starts and back-offs shorter (tests); logs too
    std::size_t watch_history = 4096;      // events kept per store before compaction (then a watch from before gets 410)
    std::int64_t bookmark_interval_ms = 30'000;
    std::size_t max_body_bytes = 3 * 1024 * 1024;
};

class Cluster {
public:
    Cluster(ClusterPorts ports, ClusterOptions options);
    ~Cluster();

    [[nodiscard]] net::HttpHandler& api();
    [[nodiscard]] ObjectStore& store();

    // All objects and the resourceVersion counter as JSON text; restore() replaces the content (call it before anybody connects).
    [[nodiscard]] std::string snapshot() const;
    base::Result<void> restore(std::string_view snapshot_json);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace kube
