// DeploymentController: Deployments become ReplicaSets, one per pod template, and move from one to the next as apps/v1 says:
// RollingUpdate within maxSurge and maxUnavailable, Recreate, paused, revision history, and the conditions Available and
// Progressing with ProgressDeadlineExceeded.
#pragma once

#include <string>
#include <vector>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

inline constexpr std::string_view kRevisionAnnotation = "deployment.kubernetes.io/revision";

class DeploymentController {
public:
    explicit DeploymentController(Context& context);

private:
    struct ReplicaSets {
        ObjectPtr newest;             // of the current template; null until it is made
        std::vector<ObjectPtr> old;   // by age
        [[nodiscard]] std::vector<ObjectPtr> all() const;
    };

    void sync(const ObjectKey& key);
    [[nodiscard]] ReplicaSets find_replica_sets(const Json& deployment);
    // Makes sure the ReplicaSet of the current template exists and has the newest revision.
    void ensure_newest(const Json& deployment, ReplicaSets& sets, bool create);
    void create_newest(const Json& deployment, ReplicaSets& sets, std::int64_t revision);
    [[nodiscard]] std::int64_t newest_size(const Json& deployment, const ReplicaSets& sets) const;
    void scale(const Json& deployment, ObjectPtr& set, std::int64_t replicas);
    void scale_proportionally(const Json& deployment, ReplicaSets& sets);
    void roll(const Json& deployment, ReplicaSets& sets);
    void roll_down_old(const Json& deployment, ReplicaSets& sets);
    void recreate(const Json& deployment, ReplicaSets& sets);
    void clean_up_history(const Json& deployment, ReplicaSets& sets);
    void write_status(const Json& deployment, const ReplicaSets& sets);
    void write_progress(const Json& deployment, const ReplicaSets& sets, Json& status, const Json& before);

    Context& context_;
    WorkQueue queue_;
    std::vector<Subscription> subscriptions_;
};

}  // namespace kube::controllers
