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

#include "base/ring_buffer.hpp"
#include "base/unique_function.hpp"
#include "model/log_buffer.hpp"
#include "net/shared_streams.hpp"

namespace model {

// Tells which lines of a replay are new: a replay is a run of the log, so it is laid beside the lines that are known, by their texts. Stamps
// only say what is older than all that is known; they need not come in order (stdout and stderr are two pipes).
class LogResume {
public:
    enum class Verdict : std::uint8_t { take, seen, take_after_gap };

    // `exact`: a replay misses nothing that is still in the log. Else lines may be missing wherever a connection began.
    explicit LogResume(bool exact = true) : exact_(exact) {}

    void restart();   // a new connection: what comes may be a replay
    void complete();  // the log has said all; what comes next is another run's
    // `raw` is the line, `timestamp` that of it, or empty. An exact replay begins before the last known line, so what comes before a
    // known one is older than what was shown at first; if no known line comes, it is taken from the first one on that is later by a second.
    [[nodiscard]] Verdict take(std::string_view timestamp, std::string_view raw);

private:
    static constexpr std::size_t kKnown = 5'000;
    static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
    void remember(std::string_view timestamp, std::size_t hash);
    [[nodiscard]] std::size_t find(std::size_t hash, std::size_t from) const;
    [[nodiscard]] bool is_later(std::string_view timestamp) const;

    base::RingBuffer<std::size_t> known_{kKnown};  // hashes of the lines taken, in order
    std::string last_;                             // the latest stamp
    std::size_t at_ = kNowhere;                    // in known_, behind the line that this replay has shown last
    bool exact_ = true;
    bool replaying_ = false;
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
