#include "hub/replay_stream.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "wire/sse_writer.hpp"

namespace hub {

ReplayStream::~ReplayStream() {
    for (auto& [id, reader] : readers_) {
        if (!reader.writer->closed()) reader.writer->abort();
    }
}

void ReplayStream::append_line(std::string_view event, const Json& data) {
    ++lines_;
    append(event, data);
}

void ReplayStream::append_state(std::string_view event, const Json& data) { append(event, data); }

void ReplayStream::append(std::string_view event, const Json& data) {
    if (finished_ || events_.size() >= kMaxEvents) return;
    const std::string number = std::to_string(lines_);
    events_.push_back({lines_, wire::sse_event(event, dump_json(data), {.id = number})});
    pump_all();
}

void ReplayStream::finish(std::string_view live_event, const Json& live, std::string_view late_event, const Json& late) {
    if (finished_) return;
    finished_ = true;
    live_end_ = wire::sse_event(live_event, dump_json(live));
    late_end_ = wire::sse_event(late_event, dump_json(late));
    pump_all();
}

void ReplayStream::follow(Writer writer, std::string_view last_event_id, std::string_view metadata_json) {
    if (writer->closed()) return;
    writer->start(event_stream_head());
    writer->write(wire::sse_event("metadata", metadata_json));
    const std::uint64_t id = next_reader_++;
    const std::size_t seen = base::parse_integer<std::size_t>(last_event_id).value_or(0);
    const auto first = std::find_if(events_.begin(), events_.end(), [seen](const Event& event) { return seen == 0 || event.number > seen; });
    writer->on_close(lifetime_.guard([this, id] { readers_.erase(id); }));
    if (!finished_) heartbeat_->add(writer);
    readers_[id] = {.writer = std::move(writer), .next = static_cast<std::size_t>(first - events_.begin()), .lagging = false, .late = finished_};
    pump(id);
}

void ReplayStream::pump_all() {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, reader] : readers_) ids.push_back(id);
    for (const std::uint64_t id : ids) pump(id);
}

void ReplayStream::pump(std::uint64_t id) {
    const auto found = readers_.find(id);
    if (found == readers_.end() || found->second.lagging) return;
    Reader& reader = found->second;
    while (reader.next < events_.size()) {
        if (reader.writer->write(events_[reader.next++].bytes)) continue;
        reader.lagging = true;
        reader.writer->on_drain(lifetime_.guard([this, id] {
            const auto drained = readers_.find(id);
            if (drained == readers_.end()) return;
            drained->second.lagging = false;
            pump(id);
        }));
        return;
    }
    if (!finished_) return;
    const Writer writer = reader.writer;
    writer->write(reader.late ? late_end_ : live_end_);
    readers_.erase(found);
    writer->end();
}

}  // namespace hub
