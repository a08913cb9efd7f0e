#include "kube/log_run.hpp"

#include <algorithm>
#include <utility>

#include "kube/controllers/object_access.hpp"
#include "kube/kubelet/pod_status.hpp"

namespace kube {
namespace {

using controllers::find;
using controllers::integer;
using controllers::text;
using controllers::time_ms;

constexpr std::int64_t kMillisecond_ns = 1'000'000;
constexpr std::int64_t kSecond_ns = 1000 * kMillisecond_ns;
// How far ahead an empty stretch is looked through before the follower looks again.
constexpr int kLookAheadSlots = 120;
// Activity comes and goes in waves of this many slots.
constexpr std::int64_t kWaveSlots = 12;

}  // namespace

std::optional<LogRun> LogRun::of(const Json& pod, const std::string& container, bool previous, double speed) {
    bool is_init = false;
    const Json* spec = kubelet::container_spec(pod, container, &is_init);
    const Json* status = kubelet::container_status(pod, container);
    if (!spec || !status) return std::nullopt;
    const Json* running = find(*status, {"state", "running"});
    const Json* terminated = find(*status, {"state", "terminated"});
    const Json* last = find(*status, {"lastState", "terminated"});
    std::int64_t number = integer(*status, {"restartCount"});
    const bool waiting = !running && !terminated;
    const Json* ended = terminated;
    if (previous) {
        if (!last) return std::nullopt;
        if (!waiting) --number;  // while it waits, the last run has the present number
        ended = last;
        running = nullptr;
    } else if (waiting) {
        ended = last;
    }
    if (!running && !ended) return std::nullopt;
    const auto started_ms = time_ms(running ? *running : *ended, {"startedAt"});
    if (!started_ms) return std::nullopt;

    LogRun run;
    run.plan_ = kubelet::plan_run(pod, *spec, number, is_init);
    run.identity_ = controllers::uid_of(pod) + "/" + container + "/" + std::to_string(number);
    run.speed_ = speed;
    run.start_ns_ = *started_ms * kMillisecond_ns;
    run.slot_ns_ = std::max<std::int64_t>(kMillisecond_ns, static_cast<std::int64_t>(static_cast<double>(kSecond_ns) / speed));
    run.ended_ = !running;
    if (run.plan_.ends_after_ms && (ended || running)) {
        run.stop_ns_ = run.start_ns_ + run.scaled_ns(*run.plan_.ends_after_ms) + kMillisecond_ns;
    }
    // Times in the API are whole seconds: SIGTERM is taken to have come at the end of its second, so that no line that was
    // shown before is missing afterwards.
    std::optional<std::int64_t> term_ms;
    if (running && controllers::is_deleting(pod)) {
        const std::int64_t grace_ms = controllers::seconds_as_ms(pod, {"metadata", "deletionGracePeriodSeconds"});
        term_ms = time_ms(pod, {"metadata", "deletionTimestamp"}).value_or(*started_ms) - grace_ms + 1000;
    } else if (ended && !run.plan_.ends_after_ms) {
        term_ms = time_ms(*ended, {"finishedAt"}).value_or(*started_ms) + 1000;
    }
    if (term_ms) {
        const std::int64_t term_ns = std::max(run.start_ns_, *term_ms * kMillisecond_ns);
        if (!run.stop_ns_ || term_ns < *run.stop_ns_) {
            run.stop_ns_ = term_ns;
            run.says_goodbye_ = true;
        }
    }
    if (run.stop_ns_) run.last_slot_ = run.slot_of(*run.stop_ns_ + kMillisecond_ns * 10);
    if (!run.plan_.serves && (!run.plan_.loop || run.plan_.loop->lines.empty())) {
        const std::int64_t last_ms = run.plan_.script.empty() ? 0 : run.plan_.script.back().at_ms;
        run.silent_from_slot_ = run.slot_of(run.start_ns_ + run.scaled_ns(last_ms) + kMillisecond_ns * 10) + 1;
    }
    return run;
}

bool LogRun::is_silent_from(const LogPosition& position) const {
    return at_end(position) || (silent_from_slot_ && position.slot >= *silent_from_slot_);
}

void LogRun::end(std::int64_t now_ns) {
    ended_ = true;
    cached_slot_ = -1;
    if (stop_ns_) return;
    stop_ns_ = std::max(start_ns_, now_ns);
    last_slot_ = slot_of(*stop_ns_);
}

void LogRun::skip_silence(LogPosition& position, std::int64_t to_slot) const {
    if (!silent_from_slot_ || position.slot < *silent_from_slot_) return;
    if (last_slot_) to_slot = std::min(to_slot, *last_slot_ - 1);  // the last words may still be there
    if (position.slot < to_slot) position = {to_slot, 0};
}

std::int64_t LogRun::scaled_ns(std::int64_t duration_ms) const {
    return static_cast<std::int64_t>(static_cast<double>(duration_ms * kMillisecond_ns) / speed_);
}

const std::vector<LogLine>& LogRun::slot_lines(std::int64_t slot) {
    if (cached_slot_ == slot) return cached_;
    cached_slot_ = slot;
    cached_.clear();
    const std::int64_t from_ns = start_ns_ + slot * slot_ns_;
    const std::int64_t to_ns = from_ns + slot_ns_;
    add_script(from_ns, to_ns, cached_);
    add_loop(from_ns, to_ns, cached_);
    if (plan_.serves) add_steady(slot, from_ns, cached_);
    std::stable_sort(cached_.begin(), cached_.end(), [](const LogLine& a, const LogLine& b) { return a.time_ns < b.time_ns; });
    if (stop_ns_) {
        std::erase_if(cached_, [&](const LogLine& line) { return line.time_ns >= *stop_ns_; });
        // Last words go a little after the end, in its slot or the next.
        if (says_goodbye_) {
            std::int64_t at_ns = *stop_ns_;
            for (std::string& words : shutdown_lines(plan_.flavour, plan_.program, *stop_ns_ / kMillisecond_ns)) {
                at_ns += kMillisecond_ns / 4;
                if (at_ns >= from_ns && at_ns < to_ns) cached_.push_back({at_ns, std::move(words)});
            }
        }
    }
    return cached_;
}

void LogRun::add_script(std::int64_t from_ns, std::int64_t to_ns, std::vector<LogLine>& lines) const {
    std::int64_t previous_ns = 0;
    for (std::size_t i = 0; i < plan_.script.size(); ++i) {
        std::int64_t at_ns = start_ns_ + scaled_ns(plan_.script[i].at_ms);
        at_ns = std::max(at_ns, previous_ns + 1000);  // lines of one moment keep their order
        previous_ns = at_ns;
        if (at_ns >= from_ns && at_ns < to_ns) lines.push_back({at_ns, plan_.script[i].text});
    }
}

void LogRun::add_loop(std::int64_t from_ns, std::int64_t to_ns, std::vector<LogLine>& lines) const {
    if (!plan_.loop || plan_.loop->lines.empty()) return;
    const std::int64_t begin_ns = start_ns_ + scaled_ns(plan_.loop->from_ms);
    const std::int64_t period_ns = std::max<std::int64_t>(kMillisecond_ns, scaled_ns(plan_.loop->period_ms));
    std::int64_t turn = from_ns <= begin_ns ? 0 : (from_ns - begin_ns) / period_ns;
    for (; begin_ns + turn * period_ns < to_ns; ++turn) {
        std::int64_t order = 0;
        for (const ScriptLine& line : plan_.loop->lines) {
            const std::int64_t at_ns = begin_ns + turn * period_ns + scaled_ns(line.at_ms) + order++ * 1000;
            if (at_ns >= from_ns && at_ns < to_ns) lines.push_back({at_ns, line.text});
        }
    }
}

void LogRun::add_steady(std::int64_t slot, std::int64_t from_ns, std::vector<LogLine>& lines) const {
    const std::int64_t served_from_ns = start_ns_ + scaled_ns(plan_.serves_from_ms);
    if (from_ns + slot_ns_ <= served_from_ns) return;
    const std::uint64_t slot_seed = plan_.seed ^ (static_cast<std::uint64_t>(slot) * 0x9E3779B97F4A7C15ULL);
    Dice dice(slot_seed);
    std::int64_t count = plan_.lines_per_second;
    if (count == 0) {
        const Pace pace = pace_of(plan_.flavour);
        Dice wave(plan_.seed + static_cast<std::uint64_t>(slot / kWaveSlots));
        const std::int64_t tenths = wave.between(pace.low_tenths, pace.high_tenths);
        count = tenths / 10 + (dice.below(10) < static_cast<std::uint64_t>(tenths % 10) ? 1 : 0);
        if (dice.chance(12)) count = 0;
        if (dice.chance(4)) count *= 3;
    }
    std::vector<std::int64_t> times;
    for (std::int64_t i = 0; i < count; ++i) times.push_back(from_ns + static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(slot_ns_ - 20'000))));
    std::sort(times.begin(), times.end());
    std::int64_t earliest_ns = from_ns;
    for (std::size_t i = 0; i < times.size(); ++i) {
        const std::int64_t at_ns = std::max(times[i], earliest_ns);
        if (at_ns < served_from_ns) continue;
        std::int64_t each_ns = at_ns;
        for (std::string& words : steady_entry(plan_.flavour, plan_.program, slot_seed + 1 + i, at_ns / kMillisecond_ns)) {
            if (each_ns < from_ns + slot_ns_) lines.push_back({each_ns, std::move(words)});
            each_ns += 700;
        }
        earliest_ns = each_ns;
    }
    if (plan_.probe_period_s > 0 && slot % plan_.probe_period_s == 0) {
        const std::int64_t at_ns = from_ns + slot_ns_ / 3;
        std::string words = probe_line(plan_.flavour, at_ns / kMillisecond_ns);
        if (!words.empty() && at_ns >= served_from_ns) lines.push_back({at_ns, std::move(words)});
    }
}

std::optional<LogLine> LogRun::line_at(LogPosition& position, std::int64_t now_ns) {
    const std::int64_t present_slot = ended_ && last_slot_ ? *last_slot_ : slot_of(now_ns);
    while (position.slot <= present_slot && !at_end(position)) {
        skip_silence(position, present_slot);
        const auto& lines = slot_lines(position.slot);
        if (position.index >= lines.size()) {
            // The present slot is left only when it is over: until then its place is kept.
            if (position.slot == present_slot && !(ended_ && last_slot_)) return std::nullopt;
            ++position.slot;
            position.index = 0;
            continue;
        }
        const LogLine& line = lines[position.index];
        if (!ended_ && line.time_ns > now_ns) return std::nullopt;
        ++position.index;
        return line;
    }
    return std::nullopt;
}

LogPosition LogRun::history_begin(std::int64_t now_ns) {
    std::int64_t slot = slot_of(now_ns);
    if (last_slot_) slot = std::min(slot, *last_slot_);
    if (ended_ && last_slot_) slot = *last_slot_;
    if (silent_from_slot_) return {};  // the script is all there is
    std::size_t lines = 0, bytes = 0;
    for (std::int64_t walked = 0; slot >= 0 && walked < 20'000; --slot, ++walked) {
        const auto& here = slot_lines(slot);
        for (std::size_t i = here.size(); i-- > 0;) {
            if (!ended_ && here[i].time_ns > now_ns) continue;
            ++lines;
            bytes += here[i].text.size() + 1;
            if (lines > kLogHistoryLines || bytes > kLogHistoryBytes) return {slot, i + 1};
        }
    }
    return {slot + 1, 0};
}

std::optional<std::int64_t> LogRun::next_time_ns(LogPosition& position, std::int64_t now_ns) {
    const std::int64_t horizon = slot_of(now_ns) + kLookAheadSlots;
    while (position.slot <= horizon && !at_end(position)) {
        skip_silence(position, horizon);
        const auto& lines = slot_lines(position.slot);
        if (position.index < lines.size()) return lines[position.index].time_ns;
        ++position.slot;
        position.index = 0;
    }
    return std::nullopt;
}

}  // namespace kube
