#include "model/feed_query.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"

namespace model {

namespace {

bool has_word(const FeedEvent& event, std::string_view word) {
    for (const std::string* text : {&event.title, &event.message, &event.resource, &event.type, &event.status, &event.cluster_id, &event.project_id, &event.workload_id, &event.resource_id}) {
        if (base::find_ascii_case(*text, word) != std::string::npos) return true;
    }
    return false;
}

void append_cell(std::string& line, std::string_view text) {
    if (!line.empty()) line += ',';
    const bool formula = !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
    line += '"';
    if (formula) line += '\'';
    for (const char c : text) {
        if (c == '"') line += '"';
        line += c;
    }
    line += '"';
}

}  // namespace

bool EventFilter::passes(const FeedEvent& event) const {
    if (about && event.about != *about) return false;
    if (event.priority < least) return false;
    if (acknowledged != Acknowledged::any && event.acknowledged != (acknowledged == Acknowledged::done)) return false;
    if (!resource.empty() && event.resource != resource && !concerns(event, resource)) return false;
    for (const std::string_view word : base::split(search, ' ')) {
        if (!word.empty() && !has_word(event, word)) return false;
    }
    return true;
}

bool concerns(const FeedEvent& event, std::string_view resource_id) {
    if (resource_id.empty()) return false;
    return event.workload_id == resource_id || event.project_id == resource_id || event.cluster_id == resource_id || event.resource_id == resource_id;
}

std::string event_link(const FeedEvent& event) {
    if (!event.project_id.empty()) {
        std::string link = "/workflows/" + base::percent_encode_segment(event.project_id);
        if (!event.workload_id.empty()) link += "/nodes/" + base::percent_encode_segment(event.workload_id);
        return link;
    }
    if (event.about == EventAbout::cluster) return "/clusters";
    if (event.about == EventAbout::addon) return "/settings/plugins";
    return {};
}

std::vector<EventBucket> count_over_time(std::span<const FeedEventPtr> events, std::int64_t from_ms, std::int64_t to_ms, int count) {
    std::vector<EventBucket> buckets(static_cast<std::size_t>(std::max(count, 1)));
    const std::int64_t length_ms = std::max<std::int64_t>(to_ms - from_ms, 1);
    const auto parts = static_cast<std::int64_t>(buckets.size());
    for (std::int64_t i = 0; i < parts; ++i) {
        buckets[static_cast<std::size_t>(i)].from_ms = from_ms + length_ms * i / parts;
        buckets[static_cast<std::size_t>(i)].to_ms = from_ms + length_ms * (i + 1) / parts;
    }
    for (const FeedEventPtr& event : events) {
        if (event->time_ms < from_ms || event->time_ms >= to_ms) continue;
        const auto at = std::upper_bound(buckets.begin(), buckets.end(), event->time_ms, [](std::int64_t time_ms, const EventBucket& bucket) { return time_ms < bucket.to_ms; });
        if (at != buckets.end()) ++at->counts[static_cast<std::size_t>(event->level)];
    }
    return buckets;
}

std::string events_to_json(std::span<const FeedEventPtr> events) {
    Json list = Json::array();
    for (const FeedEventPtr& event : events) {
        Json json = feed_event_to_json(*event);
        // What came over the wire as the value that it is, not as a text within a text.
        if (const auto details = base::parse_json(event->details); details) json["details"] = *details;
        list.push_back(std::move(json));
    }
    return base::dump_json({{"events", std::move(list)}}, 2) + "\n";
}

std::string events_to_csv(std::span<const FeedEventPtr> events) {
    std::string csv = "time,type,priority,level,title,message,status,resource,cluster,project,workload,id,acknowledged\r\n";
    for (const FeedEventPtr& event : events) {
        std::string line;
        append_cell(line, base::format_rfc3339_millis(event->time_ms));
        for (const std::string_view cell : {std::string_view(event->type), word_of(event->priority), word_of(event->level), std::string_view(event->title), std::string_view(event->message),
                                            std::string_view(event->status), std::string_view(event->resource), std::string_view(event->cluster_id), std::string_view(event->project_id),
                                            std::string_view(event->workload_id), std::string_view(event->id)}) {
            append_cell(line, cell);
        }
        append_cell(line, event->acknowledged ? "yes" : "no");
        csv += line + "\r\n";
    }
    return csv;
}

}  // namespace model
