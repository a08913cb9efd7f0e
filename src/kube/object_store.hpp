// ObjectStore: etcd's part of the in-memory cluster. Objects are JSON in the API's own shape, keyed by resource, namespace and
// name; every write takes the next resourceVersion and is kept in a bounded history from which watches are served.
//
// The API server (src/kube/api_*) turns HTTP into these calls; controllers and the kubelet call it directly and listen by
// subscribe(). Writes are visible at once; subscribers are told through the scheduler, in order, never inside the write.
//
//   auto pod = store.get({"pods", "default", "web-0"});
//   store.modify({"pods", "default", "web-0"}, [](Json& object) { object["status"]["phase"] = "Running"; });
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "base/random.hpp"
#include "base/unique_function.hpp"

namespace kube {

using Json = nlohmann::json;

// `resource` is the plural of a built-in kind ("pods", "deployments"); of a custom one plural and group ("dnszones.dns.example").
// `ns` is empty for cluster-scoped kinds.
struct ObjectKey {
    std::string resource;
    std::string ns;
    std::string name;
    friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};

// A random UUID (version 4), as metadata.uid has it.
[[nodiscard]] std::string make_uid(base::Random& random);

enum class EventType { added, modified, deleted };

// Objects are shared and immutable: a snapshot stays valid however the store goes on.
using ObjectPtr = std::shared_ptr<const Json>;

struct StoreEvent {
    EventType type = EventType::added;
    ObjectKey key;
    ObjectPtr object;    // for deleted: the last state, with the resourceVersion of the deletion
    ObjectPtr previous;  // null for added
    std::uint64_t resource_version = 0;
};

class Subscription {
public:
    class Impl {
    public:
        virtual ~Impl() = default;
    };
    Subscription() = default;
    explicit Subscription(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

private:
    std::unique_ptr<Impl> impl_;
};

class ObjectStore {
public:
    ObjectStore(base::Scheduler& scheduler, base::Random& random, std::size_t history_limit);
    ~ObjectStore();

    [[nodiscard]] ObjectPtr get(const ObjectKey& key) const;  // null when there is none
    // All objects of a resource, by namespace then name; an empty `ns` means all namespaces.
    [[nodiscard]] std::vector<ObjectPtr> list(std::string_view resource, std::string_view ns = {}) const;
    // Every resource of which there is an object, in order.
    [[nodiscard]] std::vector<std::string> resources() const;

    // Fills metadata.uid (unless it is there), creationTimestamp, resourceVersion and generation. conflict when the name is taken.
    base::Result<ObjectPtr> create(const ObjectKey& key, Json object);
    // Replaces the object. A metadata.resourceVersion in `object` that is not the current one is a conflict; without one the
    // write is unconditional. uid and creationTimestamp are kept; generation is raised when anything outside metadata and
    // status changed. A write that changes nothing takes no resourceVersion and makes no event. An object whose
    // deletionTimestamp is set, whose finalizers (a namespace's spec.finalizers too) are now empty and whose
    // deletionGracePeriodSeconds is 0 or absent is removed: a pod within its grace period stays until remove().
    base::Result<ObjectPtr> update(const ObjectKey& key, Json object);
    // Reads, lets `change` edit a copy, writes. not_found when the object is gone. For controllers.
    base::Result<ObjectPtr> modify(const ObjectKey& key, const std::function<void(Json&)>& change);
    // Removes the object now (graceful deletion is the API server's and kubelet's affair: they set deletionTimestamp first).
    base::Result<ObjectPtr> remove(const ObjectKey& key);

    [[nodiscard]] std::uint64_t resource_version() const;  // of the newest write
    [[nodiscard]] std::uint64_t compacted_version() const; // a watch from a version below this gets 410

    // Events of one resource with resource_version > `after`, oldest first; nullopt when compacted away.
    [[nodiscard]] std::optional<std::vector<StoreEvent>> events_after(std::string_view resource, std::uint64_t after) const;

    // `listener` gets every later event of `resource` ("" = all). Dropping the subscription ends it at once.
    [[nodiscard]] Subscription subscribe(std::string_view resource, base::UniqueFunction<void(const StoreEvent&)> listener);

    // Forgets history up to the newest write (tests of 410, and a developer command).
    void compact();

    [[nodiscard]] Json to_json() const;  // {"resourceVersion": n, "objects": [{"resource","object"}...]}
    base::Result<void> from_json(const Json& snapshot);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace kube
