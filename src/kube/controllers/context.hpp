// Context: what every controller is given, and the few writes they share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "kube/controllers/event_recorder.hpp"
#include "kube/controllers/object_access.hpp"
#include "kube/object_store.hpp"

namespace kube::controllers {

struct Context {
    ObjectStore& store;
    base::Scheduler& scheduler;
    base::Random& random;
    EventRecorder& events;
    double speed = 1.0;

    [[nodiscard]] std::int64_t now_ms() const { return scheduler.clock().unix_ms(); }
    [[nodiscard]] std::string now() const { return format_time(now_ms()); }
    // A duration of the simulated world in scheduler time.
    [[nodiscard]] std::int64_t scaled(std::int64_t duration_ms) const {
        return static_cast<std::int64_t>(static_cast<double>(duration_ms) / speed);
    }
    // Scaled, with chance: uniform in [from_ms, to_ms].
    [[nodiscard]] std::int64_t between(std::int64_t from_ms, std::int64_t to_ms) const {
        return scaled(from_ms + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(std::max<std::int64_t>(1, to_ms - from_ms + 1)))));
    }
};

// Asks for the end of an object, as DELETE with background propagation does: a pod is marked and the kubelet finishes it, an
// object with finalizers is marked, anything else goes at once.
void delete_object(Context& context, const ObjectKey& key);

// Builds a pod from a template (PodTemplateSpec) for `owner`, with the API server's defaults.
[[nodiscard]] Json pod_from_template(const Json& pod_template, const Json& owner);
// Creates it as `prefix` + 5 random characters, or as `name` when given. The pod, or the reason why not.
base::Result<ObjectPtr> create_pod(Context& context, const Json& owner, Json pod, const std::string& prefix, const std::string& name = {});

[[nodiscard]] std::vector<ObjectPtr> pods_controlled_by(const Context& context, const Json& owner);
// Takes pods that match the selector and have no controller; lets go of those that no longer match. The pods afterwards.
[[nodiscard]] std::vector<ObjectPtr> claim_pods(Context& context, const Json& owner, const Json& selector);

[[nodiscard]] bool is_finished(const Json& pod);     // Succeeded or Failed
[[nodiscard]] bool is_active(const Json& pod);       // neither finished nor on its way out
[[nodiscard]] bool is_ready(const Json& pod);        // condition Ready
// Ready for spec.minReadySeconds of `owner`. If only time is missing, `wait_ms` (when given) becomes the least time to wait.
[[nodiscard]] bool is_available(const Json& pod, const Json& owner, std::int64_t now_ms, std::int64_t* wait_ms = nullptr);

}  // namespace kube::controllers
