// GarbageCollector: removes what its owners left behind, by metadata.ownerReferences, in all kinds. How an owner goes is told by
// its finalizers, as the API server sets them for `propagationPolicy`:
//   none                   background: the owner is gone, dependents whose last owner it was follow
//   "foregroundDeletion"   dependents go first, then the finalizer is taken off (and the store removes the owner)
//   "orphan"               the owner's references are taken off its dependents, then the finalizer
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

class GarbageCollector {
public:
    explicit GarbageCollector(Context& context);

private:
    void observe(const StoreEvent& event);
    void index(const ObjectKey& key, const Json& object);
    void unindex(const ObjectKey& key, const Json& object);
    void sync(const ObjectKey& key);
    void finish_foreground(const ObjectKey& key, const Json& owner);
    void finish_orphan(const ObjectKey& key, const Json& owner);
    void take_off_finalizer(const ObjectKey& key, std::string_view finalizer);

    Context& context_;
    WorkQueue queue_;
    std::map<std::string, std::set<ObjectKey>> dependents_;  // by the owner's uid
    std::map<std::string, ObjectKey> alive_;                 // uid -> object
    Subscription subscription_;
};

}  // namespace kube::controllers
