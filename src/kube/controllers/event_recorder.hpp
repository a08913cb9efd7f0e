// EventRecorder: core/v1 Events, aggregated as client-go does: the same thing said again about the same object raises `count`
// and `lastTimestamp` of the Event there is. A namespace keeps its newest 200, and each for an hour after it was last seen.
//
//   events.record(pod, {.reason = "Scheduled", .message = "Successfully assigned default/web-0 to node-1",
//                       .component = "default-scheduler"});
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "kube/object_store.hpp"

namespace kube::controllers {

inline constexpr std::size_t kEventsPerNamespace = 200;
inline constexpr std::int64_t kEventLifetime_ms = 60 * 60 * 1000;

struct EventNote {
    std::string reason;
    std::string message;
    std::string component;
    std::string host = {};        // the node, for the kubelet's
    std::string field_path = {};  // "spec.containers{web}"
    bool warning = false;
};

class EventRecorder {
public:
    EventRecorder(ObjectStore& store, base::Scheduler& scheduler, base::Random& random);

    void record(const Json& object, const EventNote& note);

private:
    // What makes two notes the same: object uid, field path, reason, message, component.
    using Subject = std::tuple<std::string, std::string, std::string, std::string, std::string>;

    void load();
    void create(const Json& object, const EventNote& note, const Subject& subject);
    void trim(const std::string& ns);
    void arm_expiry(std::int64_t delay_ms);
    void expire();

    ObjectStore& store_;
    base::Scheduler& scheduler_;
    base::Random& random_;
    std::map<Subject, ObjectKey> known_;
    std::map<ObjectKey, Subject> subjects_;
    Subscription subscription_;
    base::Timer expiry_;
};

}  // namespace kube::controllers
