// FeedEvent: one thing that happened, whatever words the backend has for it.
//
// Backends of the event feed disagree, and so do the documents of one (contract: KubeNest events): the wire says `workload_status_update`, the
// types say `workload.running`, the toasts listened for `workload_status`; members are clusterId or cluster_id, at the top or within
// `data`; times are seconds, milliseconds or ISO; ids may be missing. One table (event_names()) and one function make one value of all that:
//
//   if (auto event = model::read_feed_event(sse.type, sse.data, sse.last_event_id, clock.unix_ms())) use(*event);
//   event->type;     // "workload_status_update"
//   event->status;   // "Running"
//   event->title;    // "web is running"
//
// Promises
//   - A name that the table does not have is no error: the event keeps it and is shown as information.
//   - Texts are cut (kMaxTextBytes, kMaxIdBytes), data over kMaxDataBytes is refused, nothing that comes in can throw or grow.
//   - An event without an id gets one made of what it says, so that every tab makes the same.
//   - A time that is missing or absurd becomes `received_ms`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace model {

using base::Json;

enum class EventAbout : std::uint8_t { workload, project, cluster, addon, build, error, other };
// How it looks, and what a toast of it is.
enum class EventLevel : std::uint8_t { info, success, warning, danger };
enum class EventPriority : std::uint8_t { low, normal, high, critical };

struct FeedEvent {
    static constexpr std::size_t kMaxDataBytes = 64 * 1024;
    static constexpr std::size_t kMaxTextBytes = 2'000;
    static constexpr std::size_t kMaxIdBytes = 256;
    static constexpr std::size_t kMaxDetailBytes = 8 * 1024;

    std::string id;
    std::string type;         // the wire's canonical name, or the unknown name as it came
    EventAbout about = EventAbout::other;
    EventLevel level = EventLevel::info;
    EventPriority priority = EventPriority::normal;
    std::int64_t time_ms = 0;  // unix
    std::string status;        // "Running", "Ready", "healthy", ...; may be empty
    std::string title;         // "web is running"
    std::string message;       // may be empty
    std::string resource;      // name of what it is about, else its id; may be empty
    std::string cluster_id, project_id, workload_id;
    std::string resource_id;   // of a build, an addon, or what an error report names
    std::string details;       // the data as it came; empty when longer than kMaxDetailBytes
    bool acknowledged = false;
    friend bool operator==(const FeedEvent&, const FeedEvent&) = default;
};
using FeedEventPtr = std::shared_ptr<const FeedEvent>;

// What a name of an event stands for.
struct EventName {
    std::string_view name;    // as on the wire or in the types
    std::string_view type;    // canonical
    EventAbout about = EventAbout::other;
    std::string_view status = {};  // what the name alone says; the event's own status counts more
};
[[nodiscard]] std::span<const EventName> event_names();
// Null for a name that is not in the table. Letter case does not matter.
[[nodiscard]] const EventName* find_event_name(std::string_view name);
// Frames that say something of the stream, not of the world: connected, heartbeat, gap.
[[nodiscard]] bool is_stream_frame(std::string_view name);

// Nothing for data that is no JSON object, too large, or names no event at all. `sse_id`: the id of this very frame, empty if it had none.
[[nodiscard]] std::optional<FeedEvent> read_feed_event(std::string_view sse_type, std::string_view data, std::string_view sse_id, std::int64_t received_ms);

// A point in time as backends write it: seconds, milli-, micro- or nanoseconds since 1970 as a number or digits, or RFC 3339.
[[nodiscard]] std::optional<std::int64_t> read_event_time(const Json& value);

// For the archive and the export. from_json() takes what to_json() made, of this version or another, and nothing without an id and a time.
[[nodiscard]] Json feed_event_to_json(const FeedEvent& event);
[[nodiscard]] std::optional<FeedEvent> feed_event_from_json(const Json& json);

// Words: "workload", "Workloads"; "danger"; "high".
[[nodiscard]] std::string_view word_of(EventAbout about);
[[nodiscard]] std::string_view plural_of(EventAbout about);
[[nodiscard]] std::string_view word_of(EventLevel level);
[[nodiscard]] std::string_view word_of(EventPriority priority);
[[nodiscard]] std::optional<EventAbout> event_about_from_word(std::string_view word);
[[nodiscard]] std::optional<EventPriority> event_priority_from_word(std::string_view word);

}  // namespace model
