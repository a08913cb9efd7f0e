// ControllerManager: everything in the cluster that acts by itself: nodes, scheduler, controllers, the simulated kubelet and the
// logs. It lives on an ObjectStore and knows no HTTP. Built on a store that already has objects (restored from a snapshot), it
// goes on where they stand; restore the store first, then make the manager (or make a new one after a restore).
//
//   kube::ControllerManager manager({store, scheduler, random}, {.node_count = 3});
//   manager.logs().open({"pods", "default", "web-0"}, options, writer);
//
// With nothing to do it holds no timers but those of dates: CronJobs, back-offs, deadlines, Events that run out.
//
// What the API server leaves to it:
//   - pods with a deletionTimestamp: the kubelet ends and removes them
//   - owners deleted: dependents follow; finalizers "foregroundDeletion" and "orphan" are carried out and taken off
//   - namespaces with a deletionTimestamp: emptied, then removed
//   - the status of the sample custom kinds (sample_resources.hpp)
//   - Endpoints, PVC binding, Ingress and LoadBalancer addresses, Job selectors (when spec.selector is missing)
#pragma once

#include <memory>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "kube/log_source.hpp"
#include "kube/object_store.hpp"

namespace kube {

struct ControllerPorts {
    ObjectStore& store;
    base::Scheduler& scheduler;
    base::Random& random;
};

struct ControllerOptions {
    int node_count = 3;
    double speed = 1.0;  // > 1: pulls, starts, back-offs and logs are faster; API durations (minReadySeconds, schedules) are not
};

class ControllerManager {
public:
    ControllerManager(ControllerPorts ports, ControllerOptions options);
    ~ControllerManager();

    [[nodiscard]] LogSource& logs();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace kube
