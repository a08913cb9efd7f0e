// PodScheduler: gives pending pods a node. A node must be ready and schedulable, match nodeSelector, required node affinity and
// taints, and have the requested cpu, memory and pod slots free; the emptiest such node wins. A pod that fits nowhere gets
// PodScheduled=False, Unschedulable, with a FailedScheduling event in kube-scheduler's words, and is tried again when a pod
// goes, a node changes or a claim is bound.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

// Whether a DaemonSet's template may run there (nodeSelector, required affinity, taints; not resources, not cordons).
[[nodiscard]] bool node_admits_daemon(const Json& node, const Json& pod_spec);

class PodScheduler {
public:
    explicit PodScheduler(Context& context);

private:
    struct Usage {
        std::int64_t cpu_milli = 0;
        std::int64_t memory_bytes = 0;
        std::int64_t pods = 0;
    };

    void sync(const ObjectKey& key);
    void retry_pending();
    [[nodiscard]] std::map<std::string, Usage> usage_by_node() const;
    // Empty when the pod's claims are there and bound.
    [[nodiscard]] std::string claim_problem(const Json& pod) const;
    void bind(const Json& pod, const std::string& node);
    void report_unschedulable(const Json& pod, const std::string& message);

    Context& context_;
    WorkQueue queue_;
    std::vector<Subscription> subscriptions_;
};

}  // namespace kube::controllers
