// Events of a feed: whatever a backend sends, the normaliser gives nothing or an event within its limits, with an id, a time and words, which
// the archive gives back unchanged and every query and export takes.
// Input: the first line is the frame's type, the rest its data.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "model/feed_query.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void check_text(const std::string& text, std::size_t most) {
    require(text.size() <= most * 3);  // a cut byte may have become U+FFFD
    require(base::is_valid_utf8(text));
    for (const char c : text) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::int64_t kNow = 1'767'225'600'000;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t line = std::min(text.find('\n'), text.size());
    const std::string type = base::to_valid_utf8(text.substr(0, line));  // as the SSE parser gives it
    const auto event = model::read_feed_event(type, text.substr(std::min(line + 1, text.size())), "", kNow);
    if (!event) return 0;
    require(!event->id.empty() && !event->type.empty() && !event->title.empty());
    require(!model::is_stream_frame(event->type) || model::find_event_name(event->type) == nullptr);
    require(event->time_ms > 0 && event->time_ms <= kNow + 24 * 60 * 60 * 1000LL);
    check_text(event->id, model::FeedEvent::kMaxIdBytes);
    check_text(event->type, model::FeedEvent::kMaxIdBytes);
    check_text(event->status, model::FeedEvent::kMaxIdBytes);
    check_text(event->title, model::FeedEvent::kMaxTextBytes);
    check_text(event->message, model::FeedEvent::kMaxTextBytes);
    check_text(event->resource, model::FeedEvent::kMaxIdBytes);
    require(event->details.size() <= model::FeedEvent::kMaxDetailBytes);
    // The same again, and the same from the archive.
    require(model::read_feed_event(type, text.substr(std::min(line + 1, text.size())), "", kNow) == event);
    const auto kept = base::parse_json(base::dump_json(model::feed_event_to_json(*event)));
    require(kept.has_value());
    const auto again = model::feed_event_from_json(*kept);
    require(again && again->id == event->id && again->time_ms == event->time_ms && again->about == event->about && again->priority == event->priority);

    const std::vector<model::FeedEventPtr> list{std::make_shared<const model::FeedEvent>(*event)};
    require(base::parse_json(model::events_to_json(list)).has_value());
    require(model::events_to_csv(list).ends_with("\r\n"));
    int counted = 0;
    for (const model::EventBucket& bucket : model::count_over_time(list, event->time_ms - 1, event->time_ms + 1, 3)) counted += bucket.total();
    require(counted == 1);
    require(model::EventFilter{}.passes(*event));
    (void)model::EventFilter{.search = event->title}.passes(*event);
    (void)model::event_link(*event);
    return 0;
}
