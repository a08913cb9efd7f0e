// WatchDriver: the I/O of a wire::WatchMachine over a cluster's HttpClient: one request at a time, one timer. All rules are the machine's.
//
//   WatchDriver driver(link.kube, random, {.path = "/api/v1/pods"}, consumer, &gate);
//   driver.move_to(other_link.kube);     // the cluster has other credentials or another address: lists anew there
#pragma once

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "hub/kube_api.hpp"
#include "hub/lifetime.hpp"
#include "hub/list_gate.hpp"
#include "net/http.hpp"
#include "wire/watch_machine.hpp"

namespace hub {

class WatchDriver {
public:
    // Begins at once; no consumer is called before this returns. All must outlive the driver. The consumer may not destroy it from within a
    // call (scheduler.post does). Lists go through `gate`, if any.
    WatchDriver(KubeApi& kube, base::Random& random, wire::WatchOptions options, wire::WatchConsumer& consumer, ListGate* gate = nullptr);
    WatchDriver(const WatchDriver&) = delete;
    WatchDriver& operator=(const WatchDriver&) = delete;

    void move_to(KubeApi& kube);

    [[nodiscard]] const wire::WatchMachine& machine() const { return machine_; }

private:
    void follow();
    void send();
    void arm();
    [[nodiscard]] std::int64_t now_ms() const { return kube_->scheduler().clock().monotonic_ms(); }

    KubeApi* kube_;
    ListGate* gate_;
    wire::WatchMachine machine_;
    std::uint64_t under_way_ = 0;  // id of the request in handle_
    net::RequestHandle handle_;
    ListGate::Ticket ticket_;
    base::Timer timer_;
    std::int64_t timer_due_ms_ = 0;
    bool renewal_posted_ = false;
    Lifetime lifetime_;
};

}  // namespace hub
