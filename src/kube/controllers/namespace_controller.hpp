// NamespaceController: a namespace with a deletionTimestamp loses its content first (controllers' objects before pods would be
// recreated: owners go together with their pods) and disappears when nothing is left.
#pragma once

#include <set>
#include <string>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

class NamespaceController {
public:
    explicit NamespaceController(Context& context);

private:
    void sync(const ObjectKey& key);

    Context& context_;
    WorkQueue queue_;
    std::set<std::string> ending_;
    Subscription subscription_;
};

}  // namespace kube::controllers
