// What one asks of a list of feed events: which of them, how many when, and all of them as a file.
//
//   const EventFilter filter{.search = "image", .about = EventAbout::workload, .least = EventPriority::high};
//   for (const FeedEventPtr& event : events) if (filter.passes(*event)) ...
//   for (const EventBucket& bar : count_over_time(events, now - hour, now, 24)) draw(bar.of(EventLevel::danger), bar.total());
//   platform.save_file("activity.csv", "text/csv", events_to_csv(events));
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/feed_event.hpp"

namespace model {

struct EventFilter {
    enum class Acknowledged : std::uint8_t { any, open, done };

    std::string search = {};                   // each word, in any case, in title, message, resource, type, status or an id
    std::optional<EventAbout> about = {};
    std::string resource = {};                 // exactly that name or id; empty: any
    EventPriority least = EventPriority::low;
    Acknowledged acknowledged = Acknowledged::any;

    [[nodiscard]] bool passes(const FeedEvent& event) const;
    [[nodiscard]] bool any() const { return *this == EventFilter{}; }  // lets everything pass
    friend bool operator==(const EventFilter&, const EventFilter&) = default;
};

// The event is about this id, as its own or as a part: of a workload, its project or cluster; of a build, an addon.
[[nodiscard]] bool concerns(const FeedEvent& event, std::string_view resource_id);

// Where it leads, as parse_notification_link() reads it: to the node, the workflow, the clusters, ...; may be empty.
[[nodiscard]] std::string event_link(const FeedEvent& event);

struct EventBucket {
    std::int64_t from_ms = 0, to_ms = 0;      // unix; from included
    std::array<int, 4> counts{};              // by EventLevel
    [[nodiscard]] int of(EventLevel level) const { return counts[static_cast<std::size_t>(level)]; }
    [[nodiscard]] int total() const { return counts[0] + counts[1] + counts[2] + counts[3]; }
    friend bool operator==(const EventBucket&, const EventBucket&) = default;
};
// `count` (>= 1) equal parts of [from_ms, to_ms); events outside of it are not counted.
[[nodiscard]] std::vector<EventBucket> count_over_time(std::span<const FeedEventPtr> events, std::int64_t from_ms, std::int64_t to_ms, int count);

// {"events": [...]}, indented, in the order given.
[[nodiscard]] std::string events_to_json(std::span<const FeedEventPtr> events);
// RFC 4180 with a header line. A cell that a spreadsheet would take for a formula gets an apostrophe in front.
[[nodiscard]] std::string events_to_csv(std::span<const FeedEventPtr> events);

}  // namespace model
