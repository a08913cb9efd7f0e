#include "kube/controllers/event_recorder.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "kube/controllers/object_access.hpp"

namespace kube::controllers {
namespace {

// Events are not dropped to the second: one wake-up clears all that ran out within this time.
constexpr std::int64_t kExpirySlack_ms = 60'000;

std::int64_t last_seen_ms(const Json& event) {
    if (const auto seen = time_ms(event, {"lastTimestamp"})) return *seen;
    return time_ms(event, {"metadata", "creationTimestamp"}).value_or(0);
}

}  // namespace

EventRecorder::EventRecorder(ObjectStore& store, base::Scheduler& scheduler, base::Random& random)
    : store_(store), scheduler_(scheduler), random_(random) {
    load();
    subscription_ = store_.subscribe("events", [this](const StoreEvent& event) {
        if (event.type == EventType::deleted) {
            if (const auto it = subjects_.find(event.key); it != subjects_.end()) {
                known_.erase(it->second);
                subjects_.erase(it);
            }
        } else if (!expiry_.pending()) {
            arm_expiry(kEventLifetime_ms + kExpirySlack_ms);
        }
    });
}

void EventRecorder::load() {
    for (const ObjectPtr& event : store_.list("events")) {
        Subject subject{text(*event, {"involvedObject", "uid"}), text(*event, {"involvedObject", "fieldPath"}), text(*event, {"reason"}),
                        text(*event, {"message"}), text(*event, {"source", "component"})};
        const ObjectKey key = key_of("events", *event);
        subjects_[key] = subject;
        known_[std::move(subject)] = key;
    }
    if (!subjects_.empty()) expire();
}

void EventRecorder::record(const Json& object, const EventNote& note) {
    Subject subject{uid_of(object), note.field_path, note.reason, note.message, note.component};
    if (const auto it = known_.find(subject); it != known_.end()) {
        const std::string now = format_time(scheduler_.clock().unix_ms());
        const auto raised = store_.modify(it->second, [&](Json& event) {
            event["count"] = integer(event, {"count"}, 1) + 1;
            event["lastTimestamp"] = now;
        });
        if (raised) return;
        subjects_.erase(it->second);
        known_.erase(it);
    }
    create(object, note, subject);
}

void EventRecorder::create(const Json& object, const EventNote& note, const Subject& subject) {
    const std::string own_namespace = namespace_of(object);
    const std::string ns = own_namespace.empty() ? "default" : own_namespace;
    // No event may appear in a namespace that is going away (or gone): it would keep it from ending.
    const auto home = store_.get({"namespaces", "", ns});
    if (home && is_deleting(*home)) return;

    const std::string now = format_time(scheduler_.clock().unix_ms());
    Json involved{{"kind", text(object, {"kind"})},
                  {"name", name_of(object)},
                  {"uid", uid_of(object)},
                  {"apiVersion", text(object, {"apiVersion"})},
                  {"resourceVersion", text(object, {"metadata", "resourceVersion"})}};
    if (!own_namespace.empty()) involved["namespace"] = own_namespace;
    if (!note.field_path.empty()) involved["fieldPath"] = note.field_path;
    Json source{{"component", note.component}};
    if (!note.host.empty()) source["host"] = note.host;
    Json event{{"apiVersion", "v1"},
               {"kind", "Event"},
               {"metadata", Json::object()},
               {"involvedObject", std::move(involved)},
               {"reason", note.reason},
               {"message", note.message},
               {"source", std::move(source)},
               {"firstTimestamp", now},
               {"lastTimestamp", now},
               {"count", 1},
               {"type", note.warning ? "Warning" : "Normal"},
               {"eventTime", nullptr},
               {"reportingComponent", note.component},
               {"reportingInstance", note.host}};
    const ObjectKey key{"events", ns, name_of(object) + "." + hex_digest(std::to_string(random_.next_u64()), 16)};
    if (!store_.create(key, std::move(event))) return;
    known_[subject] = key;
    subjects_[key] = subject;
    trim(ns);
}

void EventRecorder::trim(const std::string& ns) {
    auto events = store_.list("events", ns);
    if (events.size() <= kEventsPerNamespace) return;
    const auto version = [](const ObjectPtr& event) {
        const std::string value = text(*event, {"metadata", "resourceVersion"});
        return std::pair(value.size(), value);  // decimal numbers without leading zeros: the longer is the greater
    };
    std::sort(events.begin(), events.end(), [&](const ObjectPtr& a, const ObjectPtr& b) { return version(a) < version(b); });
    for (std::size_t i = 0; i + kEventsPerNamespace < events.size(); ++i) {
        [[maybe_unused]] const auto removed = store_.remove(key_of("events", *events[i]));
    }
}

void EventRecorder::arm_expiry(std::int64_t delay_ms) {
    expiry_ = scheduler_.after(delay_ms, [this] { expire(); });
}

void EventRecorder::expire() {
    const std::int64_t now_ms = scheduler_.clock().unix_ms();
    std::int64_t oldest_ms = now_ms;
    bool any = false;
    for (const ObjectPtr& event : store_.list("events")) {
        const std::int64_t seen_ms = last_seen_ms(*event);
        if (now_ms - seen_ms >= kEventLifetime_ms) {
            [[maybe_unused]] const auto removed = store_.remove(key_of("events", *event));
        } else {
            oldest_ms = std::min(oldest_ms, seen_ms);
            any = true;
        }
    }
    if (any) arm_expiry(oldest_ms + kEventLifetime_ms + kExpirySlack_ms - now_ms);
}

}  // namespace kube::controllers
