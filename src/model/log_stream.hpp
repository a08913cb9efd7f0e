// LogStream: the log of one container, followed: its lines in a LogBuffer, across reconnects.
//
//   LogStream log(streams, [&](std::string path) { return context.stream(net::StreamKind::pod_log, path); }, {.on_change = ...});
//   log.open({.resource_id = "p1", .label = "web-0"});            // tail 100, follow
//   for (std::size_t i = 0; i < log.lines().size(); ++i) draw(log.lines().line(i));
//   log.clear();                                                  // clearLogs: the stream goes on
//   log.reconnect();                                              // at once, also after the end
//
// - At most 5,000 lines are kept (LogBuffer), what fell out is counted.
// - While it follows, a lost connection is opened anew (3 s, then as net::StreamProfile says); without follow it is read once.
// - No line is doubled after a reconnect. Against a backend that goes on behind the Last-Event-ID none is lost either, and if the log
//   no longer reaches back that far a gap row says so; against others a gap row stands wherever lines may be missing.
// - `complete` ends the stream: the container has ended. reconnect() reads the log of its next run, without a gap row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/unique_function.hpp"
#include "model/log_buffer.hpp"
#include "net/shared_streams.hpp"

namespace model {

// Tells which lines of a replay are new. Lines of one container come in time order, but for a few that are late by a little (stdout
// and stderr are two pipes): their order in a replay is that of the first time.
class LogResume {
public:
    enum class Verdict : std::uint8_t { take, seen, take_after_gap };

    // `exact`: a replay misses nothing that is still in the log. Else lines may be missing wherever a connection began.
    explicit LogResume(bool exact = true) : exact_(exact) {}

    void restart();   // a new connection: what comes may be a replay
    void complete();  // the log has said all; what comes next is another run's
    // `timestamp` is that of the line, or empty.
    [[nodiscard]] Verdict take(std::string_view timestamp);

private:
    void remember(std::string_view timestamp);

    std::string last_;               // the latest stamp
    std::size_t at_last_ = 0;        // lines taken with exactly that stamp
    std::size_t late_ = 0;           // lines taken behind it that are older
    std::size_t seen_at_last_ = 0;   // of both, what this replay has shown so far
    std::size_t seen_late_ = 0;
    bool exact_ = true;
    bool any_ = false;               // a line was taken
    bool replaying_ = false;
    bool overlapped_ = false;        // the replay has shown the latest line: nothing lies between
    bool completed_ = false;
};

struct LogSource {
    std::string resource_id;
    std::string container{};  // empty: the backend's choice
    std::string label{};      // LogLine::source of its lines
    bool follow = true;
    int tail = 100;           // lines of history at first
    bool exact = true;        // the backend goes on behind the Last-Event-ID (net::StreamProfile::resumes)
};

class LogStream {
public:
    // The options for a path below the API's base, with the bearer.
    using MakeOptions = base::UniqueFunction<net::EventStreamOptions(std::string path)>;
    struct Callbacks {
        base::UniqueFunction<void()> on_change{};    // lines, pod or problem
        base::UniqueFunction<void()> on_phase{};     // state().phase
        base::UniqueFunction<void()> on_complete{};  // the container has ended
    };
    struct Pod {
        std::string pod, container, ns, cluster;
    };

    LogStream(net::SharedStreams& streams, MakeOptions make, Callbacks callbacks);

    void open(LogSource source);  // drops the lines of what was open
    void close();                 // the lines stay
    void clear() { lines_.clear(); }
    void reconnect();
    void reset();                 // close and clear

    [[nodiscard]] bool is_open() const { return static_cast<bool>(lease_); }
    [[nodiscard]] bool completed() const { return completed_; }
    [[nodiscard]] const LogBuffer& lines() const { return lines_; }
    [[nodiscard]] const LogSource& source() const { return source_; }
    [[nodiscard]] const Pod& pod() const { return pod_; }                  // as the backend names it; empty before
    [[nodiscard]] const std::string& problem() const { return problem_; }  // the backend's words; empty once lines come again
    [[nodiscard]] const net::EventStream::State& state() const { return lease_.state(); }

private:
    void on_event(const wire::SseEvent& event);
    void on_phase(const net::EventStream::State& state);
    void changed();

    net::SharedStreams& streams_;
    MakeOptions make_;
    Callbacks callbacks_;
    LogSource source_;
    LogBuffer lines_;
    LogResume resume_;
    Pod pod_;
    std::string problem_;
    bool completed_ = false;
    std::string scratch_;
    net::SharedStreams::Lease lease_;
};

}  // namespace model
