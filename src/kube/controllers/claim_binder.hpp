// ClaimBinder: binds every PersistentVolumeClaim to a volume with a made-up name, a moment after it appears, as a dynamic
// provisioner would. A claim that names a storage class "missing" or starting with "no-" stays Pending, with the event a real
// cluster gives; so that state can be shown too.
#pragma once

#include <vector>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

class ClaimBinder {
public:
    explicit ClaimBinder(Context& context);

private:
    void sync(const ObjectKey& key);

    Context& context_;
    WorkQueue queue_;
    Subscription subscription_;
};

}  // namespace kube::controllers
