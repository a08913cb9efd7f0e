#include "hub/event_feed.hpp"

#include <algorithm>
#include <optional>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "wire/sse_writer.hpp"

namespace hub {

namespace {

bool asked(const std::string& wanted, const Json& data, std::string_view member) { return wanted.empty() || text_at(data, member) == wanted; }

// The number in "<life>-<number>" of this life.
std::optional<std::uint64_t> number_in(std::string_view id, std::string_view life) {
    const auto halves = base::split_once(id, '-');
    if (!halves || halves->before != life) return std::nullopt;
    return base::parse_integer<std::uint64_t>(halves->after);
}

}  // namespace

bool FeedFilter::passes(const FeedEvent& event) const {
    if (!resource_type.empty() && resource_type != "all" && resource_type != event.resource_type) return false;
    return asked(cluster_id, event.data, "cluster_id") && asked(project_id, event.data, "project_id") && asked(workload_id, event.data, "workload_id");
}

EventFeed::EventFeed(base::Scheduler& scheduler, base::Random& random, std::int64_t heartbeat_ms, MaySee may_see)
    : scheduler_(scheduler), random_(random), heartbeat_ms_(heartbeat_ms), may_see_(std::move(may_see)), life_(base::make_id(random)) {}

EventFeed::~EventFeed() {
    for (Reader& reader : readers_) {
        if (!reader.writer->closed()) reader.writer->end();
    }
}

std::string EventFeed::frame(std::string_view type, Json data, const std::string& id) const {
    const std::int64_t now_ms = scheduler_.clock().unix_ms();
    data["event_type"] = type;
    data["timestamp"] = now_ms / 1'000;
    if (id.empty()) return wire::sse_event(type, dump_json(data));
    data["id"] = id;
    data["time"] = base::format_rfc3339_millis(now_ms);
    return wire::sse_event(type, dump_json(data), {.id = id});
}

void EventFeed::publish(FeedEvent event) {
    for (Json& value : event.data) {
        // What a cluster or a registry says may be long.
        if (const auto* text = value.get_ptr<const std::string*>(); text && text->size() > kMaxTextBytes) value = std::string(base::utf8_prefix(*text, kMaxTextBytes));
    }
    Kept kept;
    kept.number = next_number_++;
    kept.frame = frame(event.type, event.data, life_ + "-" + std::to_string(kept.number));
    kept.event = std::move(event);
    // Of the data only what filters look at is needed from here on.
    Json looked_at = Json::object();
    for (const char* member : {"cluster_id", "project_id", "workload_id"}) {
        if (const Json* value = field(kept.event.data, member)) looked_at[member] = *value;
    }
    kept.event.data = std::move(looked_at);
    kept_.push_back(std::move(kept));
    if (kept_.size() > kKept) kept_.pop_front();
    for (const std::uint64_t id : reader_ids()) pump(id);
}

std::vector<std::uint64_t> EventFeed::reader_ids() const {
    std::vector<std::uint64_t> ids;
    for (const Reader& reader : readers_) ids.push_back(reader.id);
    return ids;
}

EventFeed::Resume EventFeed::resume_at(std::string_view last_event_id) const {
    if (last_event_id.empty()) return {next_number_};
    const auto number = number_in(last_event_id, life_);
    if (!number || *number >= next_number_) return {oldest(), false, true};
    return {std::max(*number + 1, oldest()), *number + 1 >= oldest()};
}

void EventFeed::stream(User caller, FeedFilter filter, std::string_view last_event_id, Writer writer) {
    if (readers_.size() >= kMaxReaders) {
        return send_error(*writer, 503, "Too many readers follow the events of this server.", {"Close some tabs and try again."}, {{"retry-after", "30"}});
    }
    const Resume resume = resume_at(last_event_id);
    writer->start(event_stream_head());
    const std::uint64_t id = next_reader_++;
    writer->on_close(lifetime_.guard([this, id] { std::erase_if(readers_, [id](const Reader& reader) { return reader.id == id; }); }));
    readers_.push_back({.id = id, .caller = std::move(caller), .filter = std::move(filter), .writer = std::move(writer), .next = resume.next});
    send(readers_.back(), frame("connected", {{"connection_id", base::make_id(random_)}, {"complete", resume.complete}, {"restarted", resume.restarted}}));
    if (readers_.size() == 1) {
        scheduler_.post(lifetime_.guard([this] {
            if (on_first_reader_) on_first_reader_();
        }));
    }
    if (heartbeat_ms_ > 0 && !heartbeat_.pending()) heartbeat_ = scheduler_.after(heartbeat_ms_, [this] { beat(); });
    pump(id);
}

EventFeed::Reader* EventFeed::find(std::uint64_t reader_id) {
    const auto found = std::find_if(readers_.begin(), readers_.end(), [&](const Reader& reader) { return reader.id == reader_id; });
    return found == readers_.end() ? nullptr : &*found;
}

void EventFeed::send(Reader& reader, const std::string& bytes) {
    if (reader.writer->write(bytes)) return;
    reader.lagging = true;
    reader.writer->on_drain(lifetime_.guard([this, id = reader.id] {
        Reader* drained = find(id);
        if (!drained) return;
        drained->lagging = false;
        pump(id);
    }));
}

void EventFeed::pump(std::uint64_t reader_id) {
    for (;;) {
        Reader* reader = find(reader_id);  // a write may end it
        if (!reader || reader->lagging || reader->next >= next_number_) return;
        if (reader->next < oldest()) {
            const std::uint64_t missed = oldest() - reader->next;
            reader->next = oldest();
            send(*reader, frame("gap", {{"missed", missed}}));
            continue;
        }
        const Kept& kept = kept_[reader->next - oldest()];
        ++reader->next;
        if (reader->filter.passes(kept.event) && may_see_(reader->caller, kept.event)) send(*reader, kept.frame);
    }
}

void EventFeed::beat() {
    if (readers_.empty()) return;
    const std::string bytes = frame("heartbeat", Json::object());
    for (const std::uint64_t id : reader_ids()) {
        // A reader that lags has bytes enough to know that the stream lives.
        if (Reader* reader = find(id); reader && !reader->lagging) send(*reader, bytes);
    }
    heartbeat_ = scheduler_.after(heartbeat_ms_, [this] { beat(); });
}

}  // namespace hub
