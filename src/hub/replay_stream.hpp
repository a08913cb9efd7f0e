// ReplayStream: the events of something that runs once and ends (a build, an import), for any number of readers at any time.
//
// Lines are kept and numbered from 1; the number is their SSE id, and stays the same when the lines are put in again after a restart of
// the hub. Other events say where things stand, and carry the number of the last line. A reader gets `metadata`, then all there is
// after the line it says it has (Last-Event-ID), then what comes; a slow one is behind, but loses nothing and holds up nobody. After
// finish() the streams end: those that were there get the last event as it happened, those that come later get the other words that
// the contract has for them.
//
//   ReplayStream events(heartbeat);
//   events.append_line("log", envelope);
//   events.append_state("progress", envelope);
//   events.follow(writer, request.headers.get("last-event-id"), dump_json(build));
//   events.finish("complete", live, "complete", late);
//
// At most kMaxEvents are kept; what comes after them is left out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hub/answers.hpp"
#include "hub/heartbeat.hpp"
#include "hub/lifetime.hpp"

namespace hub {

class ReplayStream {
public:
    static constexpr std::size_t kMaxEvents = 2'000;

    explicit ReplayStream(Heartbeat& heartbeat) : heartbeat_(&heartbeat) {}
    ~ReplayStream();  // cuts the readers that are left, so that they come back
    ReplayStream(const ReplayStream&) = delete;
    ReplayStream& operator=(const ReplayStream&) = delete;

    void append_line(std::string_view event, const Json& data);
    void append_state(std::string_view event, const Json& data);
    void finish(std::string_view live_event, const Json& live, std::string_view late_event, const Json& late);
    // `last_event_id` empty: from the beginning.
    void follow(Writer writer, std::string_view last_event_id, std::string_view metadata_json);
    [[nodiscard]] std::size_t readers() const { return readers_.size(); }

private:
    struct Reader {
        Writer writer;
        std::size_t next = 0;  // index of the event it gets next
        bool lagging = false;
        bool late = false;
    };
    struct Event {
        std::size_t number = 0;
        std::string bytes;  // as they go out
    };
    void append(std::string_view event, const Json& data);
    void pump(std::uint64_t id);
    void pump_all();

    Heartbeat* heartbeat_;
    std::vector<Event> events_;
    std::size_t lines_ = 0;
    std::string live_end_, late_end_;
    bool finished_ = false;
    std::map<std::uint64_t, Reader> readers_;
    std::uint64_t next_reader_ = 1;
    Lifetime lifetime_;
};

}  // namespace hub
