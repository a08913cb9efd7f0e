#include "model/log_stream.hpp"

#include <functional>
#include <utility>

#include "base/time_text.hpp"
#include "base/url.hpp"
#include "model/stream_payloads.hpp"

namespace model {

namespace {

constexpr std::string_view kGapWords = "Lines may be missing here: the connection was lost";

}  // namespace

void LogResume::restart() {
    replaying_ = !known_.empty();
    at_ = kNowhere;
}

void LogResume::complete() { completed_ = true; }

LogResume::Verdict LogResume::take(std::string_view timestamp, std::string_view raw) {
    const std::size_t hash = std::hash<std::string_view>{}(raw);
    bool gap = false;
    if (replaying_) {
        // Behind the last known line everything is new.
        if (at_ != known_.size()) {
            if (const std::size_t found = find(hash, at_ == kNowhere ? 0 : at_); found != kNowhere) {
                at_ = found + 1;
                return Verdict::seen;
            }
            if (exact_ && at_ == kNowhere && !is_later(timestamp)) return Verdict::seen;
        }
        replaying_ = false;
        gap = !std::exchange(completed_, false) && !(exact_ && at_ != kNowhere);
    }
    remember(timestamp, hash);
    return gap ? Verdict::take_after_gap : Verdict::take;
}

void LogResume::remember(std::string_view timestamp, std::size_t hash) {
    known_.push_back(hash);
    if (!timestamp.empty() && (last_.empty() || compare_timestamps(timestamp, last_) > 0)) last_.assign(timestamp);
}

// Than all that is known, by more than lines are late. What has no stamp counts as later.
bool LogResume::is_later(std::string_view timestamp) const {
    constexpr std::int64_t kLateMs = 1'000;
    const auto then = base::parse_rfc3339_ms(timestamp);
    const auto last = base::parse_rfc3339_ms(last_);
    return !then || !last || *then - *last > kLateMs;
}

std::size_t LogResume::find(std::size_t hash, std::size_t from) const {
    for (std::size_t i = from; i < known_.size(); ++i) {
        if (known_[i] == hash) return i;
    }
    return kNowhere;
}

LogStream::LogStream(net::SharedStreams& streams, MakeOptions make, Callbacks callbacks)
    : streams_(streams), make_(std::move(make)), callbacks_(std::move(callbacks)) {}

void LogStream::open(LogSource source) {
    reset();
    source_ = std::move(source);
    resume_ = LogResume(source_.exact);
    base::Query query{{"follow", source_.follow ? "true" : "false"}, {"tail", std::to_string(source_.tail)}};
    if (!source_.container.empty()) query.add("container", source_.container);
    // Another view of the same log has lines that this one lacks, so it gets a connection, and a key, of its own.
    const std::string base_key = "pod-logs:" + source_.resource_id;
    std::string key = base_key;
    for (int n = 2; streams_.has(key); ++n) key = base_key + "#" + std::to_string(n);
    const auto options = [this, path = "/resources/" + base::percent_encode_segment(source_.resource_id) + "/logs/stream" + query.to_suffix()] {
        net::EventStreamOptions made = make_(path);
        if (!source_.follow) {
            made.max_retries = 0;
            made.reconnect_on_end = false;
        }
        return made;
    };
    lease_ = streams_.join(key, options, {.on_event = [this](const wire::SseEvent& event) { on_event(event); },
                                          .on_change = [this](const net::EventStream::State& state) { on_phase(state); }});
    changed();
}

void LogStream::close() { lease_.reset(); }

void LogStream::reset() {
    close();
    lines_.clear();
    pod_ = {};
    problem_.clear();
    completed_ = false;
}

void LogStream::reconnect() {
    using Phase = net::EventStream::Phase;
    const Phase phase = lease_.state().phase;
    if (phase == Phase::open || phase == Phase::connecting) lease_.restart();
    lease_.reconnect_now();
}

void LogStream::on_phase(const net::EventStream::State& state) {
    if (state.phase == net::EventStream::Phase::connecting) {
        resume_.restart();
        completed_ = false;
    }
    if (callbacks_.on_phase) callbacks_.on_phase();
}

void LogStream::on_event(const wire::SseEvent& event) {
    const auto said = decode_log_event(event.type, event.data, scratch_);
    if (!said) return;
    switch (said->kind) {
        case LogEvent::Kind::line: {
            const LogResume::Verdict verdict = resume_.take(parse_log(said->line).timestamp, said->line);
            if (verdict == LogResume::Verdict::seen) return;
            if (verdict == LogResume::Verdict::take_after_gap) lines_.append_gap(kGapWords);
            lines_.append(said->line, source_.label);
            problem_.clear();
            break;
        }
        case LogEvent::Kind::metadata: pod_ = {said->pod, said->container, said->ns, said->cluster}; break;
        case LogEvent::Kind::error: problem_ = said->text; break;
        case LogEvent::Kind::complete:
            completed_ = true;
            resume_.complete();
            if (callbacks_.on_complete) callbacks_.on_complete();
            return;
    }
    changed();
}

void LogStream::changed() {
    if (callbacks_.on_change) callbacks_.on_change();
}

}  // namespace model
