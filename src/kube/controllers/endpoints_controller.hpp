// EndpointsController: the Endpoints of every Service with a selector, from its pods: ready ones under `addresses`, the others
// under `notReadyAddresses`, ports resolved by number or container port name. They go with the Service.
#pragma once

#include <vector>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

class EndpointsController {
public:
    explicit EndpointsController(Context& context);

private:
    void enqueue_selecting(const Json& pod);
    void sync(const ObjectKey& key);

    Context& context_;
    WorkQueue queue_;
    std::vector<Subscription> subscriptions_;
};

}  // namespace kube::controllers
