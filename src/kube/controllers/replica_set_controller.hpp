// ReplicaSetController: keeps as many pods as spec.replicas says. Adopts matching pods without a controller; when there are too
// many, those go first that are worth least: unassigned, pending, not ready, restarted often, young.
#pragma once

#include <vector>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

class ReplicaSetController {
public:
    explicit ReplicaSetController(Context& context);

private:
    void sync(const ObjectKey& key);
    void create_missing(const Json& set, std::int64_t count);
    void delete_surplus(const Json& set, std::vector<ObjectPtr> pods, std::int64_t count);
    void write_status(const Json& set);

    Context& context_;
    WorkQueue queue_;
    std::vector<Subscription> subscriptions_;
};

}  // namespace kube::controllers
