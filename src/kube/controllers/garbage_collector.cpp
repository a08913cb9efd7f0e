#include "kube/controllers/garbage_collector.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace kube::controllers {
namespace {

constexpr std::string_view kForeground = "foregroundDeletion";
constexpr std::string_view kOrphan = "orphan";

bool has_finalizer(const Json& object, std::string_view finalizer) {
    const Json& list = array(object, {"metadata", "finalizers"});
    return std::any_of(list.begin(), list.end(), [&](const Json& each) { return each.is_string() && each == finalizer; });
}

}  // namespace

GarbageCollector::GarbageCollector(Context& context)
    : context_(context), queue_(context.scheduler, [this](const ObjectKey& key) { sync(key); }) {
    subscription_ = context_.store.subscribe("", [this](const StoreEvent& event) { observe(event); });
    for (const std::string& resource : context_.store.resources()) {
        for (const ObjectPtr& object : context_.store.list(resource)) {
            const ObjectKey key = key_of(resource, *object);
            index(key, *object);
            queue_.add(key);
        }
    }
}

void GarbageCollector::index(const ObjectKey& key, const Json& object) {
    alive_[uid_of(object)] = key;
    for (const Json& reference : array(object, {"metadata", "ownerReferences"})) dependents_[text(reference, {"uid"})].insert(key);
}

void GarbageCollector::unindex(const ObjectKey& key, const Json& object) {
    for (const Json& reference : array(object, {"metadata", "ownerReferences"})) {
        const auto it = dependents_.find(text(reference, {"uid"}));
        if (it == dependents_.end()) continue;
        it->second.erase(key);
        if (it->second.empty()) dependents_.erase(it);
    }
}

void GarbageCollector::observe(const StoreEvent& event) {
    if (event.key.resource == "events") return;  // they own nothing and nobody owns them
    if (event.previous) unindex(event.key, *event.previous);
    if (event.type != EventType::deleted) {
        index(event.key, *event.object);
        const bool owned = !array(*event.object, {"metadata", "ownerReferences"}).empty();
        if ((event.type == EventType::added && owned) || is_deleting(*event.object)) queue_.add(event.key);
    } else {
        const std::string uid = uid_of(*event.object);
        alive_.erase(uid);
        if (const auto it = dependents_.find(uid); it != dependents_.end()) {
            for (const ObjectKey& dependent : it->second) queue_.add(dependent);
        }
    }
    // An owner that waits for its dependents.
    for (const Json& reference : array(*event.object, {"metadata", "ownerReferences"})) {
        if (event.type != EventType::deleted) break;
        if (const auto it = alive_.find(text(reference, {"uid"})); it != alive_.end()) queue_.add(it->second);
    }
}

void GarbageCollector::sync(const ObjectKey& key) {
    const ObjectPtr object = context_.store.get(key);
    if (!object) return;
    if (is_deleting(*object)) {
        if (has_finalizer(*object, kOrphan)) return finish_orphan(key, *object);
        if (has_finalizer(*object, kForeground)) return finish_foreground(key, *object);
        return;
    }
    const Json& owners = array(*object, {"metadata", "ownerReferences"});
    if (owners.empty()) return;
    const bool any_alive = std::any_of(owners.begin(), owners.end(), [&](const Json& reference) {
        const auto it = alive_.find(text(reference, {"uid"}));
        if (it == alive_.end()) return false;
        // The event of its end may still be on its way.
        const ObjectPtr owner = context_.store.get(it->second);
        return owner && uid_of(*owner) == text(reference, {"uid"});
    });
    if (!any_alive) delete_object(context_, key);
}

void GarbageCollector::finish_foreground(const ObjectKey& key, const Json& owner) {
    bool waiting = false;
    if (const auto it = dependents_.find(uid_of(owner)); it != dependents_.end()) {
        const std::set<ObjectKey> dependents = it->second;
        for (const ObjectKey& dependent : dependents) {
            const ObjectPtr object = context_.store.get(dependent);
            if (!object) continue;
            waiting = true;
            if (is_deleting(*object)) continue;
            const bool has_own = dependents_.contains(uid_of(*object));
            if (!has_own) {
                delete_object(context_, dependent);
                continue;
            }
            // Its own dependents first, in the same manner.
            [[maybe_unused]] const auto marked = context_.store.modify(dependent, [&](Json& changed) {
                list_member(changed, {"metadata", "finalizers"}).push_back(kForeground);
                member(changed, {"metadata"})["deletionTimestamp"] = context_.now();
                changed["metadata"]["deletionGracePeriodSeconds"] = 0;
            });
        }
    }
    if (!waiting) take_off_finalizer(key, kForeground);  // else the end of each dependent brings the owner here again
}

void GarbageCollector::finish_orphan(const ObjectKey& key, const Json& owner) {
    if (const auto it = dependents_.find(uid_of(owner)); it != dependents_.end()) {
        const std::set<ObjectKey> dependents = it->second;
        for (const ObjectKey& dependent : dependents) {
            [[maybe_unused]] const auto released = context_.store.modify(dependent, [&](Json& changed) {
                Json& references = list_member(changed, {"metadata", "ownerReferences"});
                for (std::size_t i = references.size(); i-- > 0;) {
                    if (text(references[i], {"uid"}) == uid_of(owner)) references.erase(i);
                }
                if (references.empty()) changed["metadata"].erase("ownerReferences");
            });
        }
    }
    take_off_finalizer(key, kOrphan);
}

void GarbageCollector::take_off_finalizer(const ObjectKey& key, std::string_view finalizer) {
    [[maybe_unused]] const auto written = context_.store.modify(key, [&](Json& changed) {
        Json& list = list_member(changed, {"metadata", "finalizers"});
        for (std::size_t i = list.size(); i-- > 0;) {
            if (list[i].is_string() && list[i] == finalizer) list.erase(i);
        }
        if (list.empty()) changed["metadata"].erase("finalizers");
    });
}

}  // namespace kube::controllers
