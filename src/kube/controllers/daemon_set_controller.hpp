// DaemonSetController: one pod on every node that its template admits, through the scheduler by node affinity, as apps/v1 does
// it. RollingUpdate replaces within maxUnavailable, OnDelete leaves it to the user.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

class DaemonSetController {
public:
    explicit DaemonSetController(Context& context);

private:
    void sync(const ObjectKey& key);
    void sync_all();
    void create_on(const Json& set, const std::string& node, const std::string& hash);
    void update(const Json& set, const std::map<std::string, ObjectPtr>& pods, const std::string& hash, std::int64_t node_count);
    void write_status(const Json& set, const std::vector<std::string>& nodes, const std::string& hash);

    Context& context_;
    WorkQueue queue_;
    std::vector<Subscription> subscriptions_;
};

}  // namespace kube::controllers
