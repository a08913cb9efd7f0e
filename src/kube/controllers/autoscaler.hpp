// Autoscaler: the status of HorizontalPodAutoscalers. Metrics are made up from the target's name and size, so that they are
// believable and the same every time; nothing is scaled and nothing polls. Status follows when the autoscaler or its target
// changes.
#pragma once

#include <vector>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

class Autoscaler {
public:
    explicit Autoscaler(Context& context);

private:
    void sync(const ObjectKey& key);

    Context& context_;
    WorkQueue queue_;
    std::vector<Subscription> subscriptions_;
};

}  // namespace kube::controllers
