// LogRun: the whole log of one run of a container as a function of time. Nothing is stored: which lines there are, when, and
// what they say follows from the pod object (uid, container, number of the run, start and end). So history can be told from any
// point, twice the same, and following is nothing but asking again later.
//
// Time is cut into slots of one second (divided by the cluster's speed); a line's place is its slot and its index within.
//
//   if (auto run = LogRun::of(pod, "web", false, speed)) {
//       LogPosition next;                                     // from the first line
//       while (auto line = run->line_at(next, now_ns)) {...}  // moves `next` on; nullopt: nothing more until later
//   }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/kubelet/run_plan.hpp"
#include "kube/object_store.hpp"

namespace kube {

// What `kubectl logs` can reach back to, per container: so much as a node's log file would keep.
inline constexpr std::size_t kLogHistoryLines = 2000;
inline constexpr std::size_t kLogHistoryBytes = 1024 * 1024;

struct LogLine {
    std::int64_t time_ns = 0;  // since 1970 UTC
    std::string text;          // without a line end
    friend bool operator==(const LogLine&, const LogLine&) = default;
};

struct LogPosition {
    std::int64_t slot = 0;
    std::size_t index = 0;
};

class LogRun {
public:
    // The run that `kubectl logs` shows (with `previous`: the one before it); nullopt when the container has not run.
    [[nodiscard]] static std::optional<LogRun> of(const Json& pod, const std::string& container, bool previous, double speed);

    // The line at `position`, if its time has come; moves `position` behind it.
    [[nodiscard]] std::optional<LogLine> line_at(LogPosition& position, std::int64_t now_ns);
    // Where the history that is kept begins: the newest kLogHistoryLines / kLogHistoryBytes before `now_ns`.
    [[nodiscard]] LogPosition history_begin(std::int64_t now_ns);
    // When the line at `position` is due; nullopt when there is none in the next minutes (or ever). Moves over empty slots.
    [[nodiscard]] std::optional<std::int64_t> next_time_ns(LogPosition& position, std::int64_t now_ns);

    // Nothing comes after `position` unless the container ends: no need to wait by the clock.
    [[nodiscard]] bool is_silent_from(const LogPosition& position) const;
    // The pod is gone: the run is over, at `now_ns` if nothing else says when.
    void end(std::int64_t now_ns);
    // The run is over: what is left to say is said at once, whatever the clock says.
    [[nodiscard]] bool has_ended() const { return ended_; }
    [[nodiscard]] bool at_end(const LogPosition& position) const { return last_slot_ && position.slot > *last_slot_; }
    // "uid/container/number": the same as long as the same run goes on.
    [[nodiscard]] const std::string& identity() const { return identity_; }

private:
    LogRun() = default;
    [[nodiscard]] const std::vector<LogLine>& slot_lines(std::int64_t slot);
    // Over the empty slots of a program that has said all it will.
    void skip_silence(LogPosition& position, std::int64_t to_slot) const;
    void add_script(std::int64_t from_ns, std::int64_t to_ns, std::vector<LogLine>& lines) const;
    void add_loop(std::int64_t from_ns, std::int64_t to_ns, std::vector<LogLine>& lines) const;
    void add_steady(std::int64_t slot, std::int64_t from_ns, std::vector<LogLine>& lines) const;
    [[nodiscard]] std::int64_t scaled_ns(std::int64_t duration_ms) const;
    [[nodiscard]] std::int64_t slot_of(std::int64_t time_ns) const { return time_ns <= start_ns_ ? 0 : (time_ns - start_ns_) / slot_ns_; }

    kubelet::RunPlan plan_;
    std::string identity_;
    double speed_ = 1.0;
    std::int64_t start_ns_ = 0;
    std::int64_t slot_ns_ = 1'000'000'000;
    std::optional<std::int64_t> stop_ns_;    // nothing but last words from here on: SIGTERM, or the end
    bool says_goodbye_ = false;              // upon SIGTERM
    std::optional<std::int64_t> last_slot_;  // nothing after this one
    std::optional<std::int64_t> silent_from_slot_;  // of a program that only has a script
    bool ended_ = false;
    std::int64_t cached_slot_ = -1;
    std::vector<LogLine> cached_;
};

}  // namespace kube
