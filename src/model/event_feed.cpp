#include "model/event_feed.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

constexpr std::int64_t kClockSlackMs = 1'000;  // clocks that are told in whole seconds
constexpr std::string_view kTabKind = "events";
constexpr std::string_view kStreamKey = "events";

constexpr std::array<EventFeedSource, 2> kSources{{
    {.kind = "kubeorch", .backend = net::StreamBackend::binnacle, .path = "/events/stream"},  // our own hub
    {.kind = "kubenest", .backend = net::StreamBackend::kubenest, .path = "/api/v1/events/stream", .below_api = false},
}};

base::ErrorCode code_of(net::StopReason reason) {
    switch (reason) {
        case net::StopReason::not_signed_in: return base::ErrorCode::unauthenticated;
        case net::StopReason::forbidden: return base::ErrorCode::forbidden;
        case net::StopReason::not_found:
        case net::StopReason::gone: return base::ErrorCode::not_found;
        default: return base::ErrorCode::unavailable;
    }
}

}  // namespace

const EventFeedSource& event_feed_source(std::string_view kind) {
    const auto found = std::find_if(kSources.begin(), kSources.end(), [&](const EventFeedSource& source) { return source.kind == kind; });
    return found == kSources.end() ? kSources.front() : *found;
}

bool EventFeed::Wanted::wants(const FeedEvent& event) const {
    if (about && event.about != *about) return false;
    const auto is = [](const std::string& wanted, const std::string& id) { return wanted.empty() || wanted == id; };
    return is(cluster_id, event.cluster_id) && is(project_id, event.project_id) && is(workload_id, event.workload_id);
}

EventFeed::EventFeed(Parts parts)
    : context_(parts.context), tabs_(parts.tabs), source_(parts.source), archive_(parts.archive, parts.context.scheduler) {
    tabs_.on(std::string(kTabKind), [this](const Json& message) {
        wire::JsonErrors errors;
        const wire::JsonReader reader(message, errors);
        std::set<std::string> ids;
        for (std::string& id : reader.string_list("acknowledged")) ids.insert(std::move(id));
        set_acknowledged(ids, reader.boolean_or("value", true), false);
    });
}

EventFeed::~EventFeed() { tabs_.on(std::string(kTabKind), [](const Json&) {}); }

template <class F>
void EventFeed::update(F change) {
    const std::uint64_t before = state_.version();
    state_.update([&](EventFeedState& s) { change(s); });
    if (state_.version() != before) context_.changed(kTopicPages);
}

void EventFeed::start(std::string owner) {
    const std::uint64_t round = ++round_;
    stream_.reset();
    started_ms_ = context_.scheduler.clock().unix_ms();
    clock_ahead_ms_ = 0;
    last_sse_id_.clear();
    update([](EventFeedState& s) {
        s = EventFeedState{};
        s.phase = FeedPhase::connecting;
        s.loading = true;
    });
    const auto current = [this, alive = std::weak_ptr<char>(alive_), round] { return !alive.expired() && round == round_; };
    archive_.open(std::move(owner), [this, current](base::Result<void> opened) {
        if (!current()) return;
        if (!opened) {
            update([&](EventFeedState& s) {
                s.loading = false;
                s.archive_problem = archive_.problem();
            });
            return open_stream("0");
        }
        archive_.read(0, kKept, [this, current](base::Result<std::vector<FeedEventPtr>> events) {
            if (!current()) return;
            std::string after = "0";
            update([&](EventFeedState& s) {
                s.loading = false;
                s.newer_kept = archive_.newer_kept();
                if (!events) {
                    s.archive_problem = events.error().message;
                    return;
                }
                s.events = *events;
            });
            if (events) {
                for (auto event = events->rbegin(); event != events->rend(); ++event) (void)remember((*event)->id);
                if (!events->empty()) after = events->front()->id;
            }
            open_stream(after);
        });
    });
}

// `after`: id of the last event of an earlier visit; what came since then comes first.
void EventFeed::open_stream(const std::string& after) {
    const bool resumes = net::stream_profile(source_.backend, net::StreamKind::events).resumes;
    if (resumes) last_sse_id_ = after;
    stream_ = context_.streams.join(
        kStreamKey,
        [this, resumes, after] {
            net::EventStreamOptions options = context_.stream(source_.backend, net::StreamKind::events, source_.path);
            if (!source_.below_api) options.target = source_.path;
            if (resumes) options.last_event_id = after;
            options.max_event_bytes = FeedEvent::kMaxDataBytes;
            return options;
        },
        {.on_event = [this](const wire::SseEvent& frame) { on_frame(frame); }, .on_change = [this](const net::EventStream::State& stream) { on_phase(stream); }});
}

void EventFeed::on_phase(const net::EventStream::State& now) {
    using Phase = net::EventStream::Phase;
    FeedPhase phase = FeedPhase::connecting;
    switch (now.phase) {
        case Phase::closed: return;
        case Phase::connecting: break;
        case Phase::open: phase = FeedPhase::open; break;
        case Phase::retrying: phase = FeedPhase::retrying; break;
        case Phase::gave_up: phase = FeedPhase::gave_up; break;
        case Phase::stopped: phase = FeedPhase::refused; break;
    }
    update([&](EventFeedState& s) {
        s.phase = phase;
        s.tries = now.retries;
        s.retry_at_ms = phase == FeedPhase::retrying ? now.retry_at_ms : 0;
        s.refusal = code_of(now.reason);
        s.problem = phase == FeedPhase::refused && now.last_error.empty() ? std::string("The server has ended the feed") : now.last_error;
    });
}

void EventFeed::wake() {
    if (state().phase == FeedPhase::retrying || state().phase == FeedPhase::gave_up) reconnect();
}

void EventFeed::reconnect() {
    stream_.reconnect_now();
}

int EventFeed::max_tries() const { return net::stream_profile(source_.backend, net::StreamKind::events).max_retries; }

void EventFeed::flush() { archive_.flush(); }

void EventFeed::clear_event_state() {
    ++round_;
    stream_.reset();
    archive_.clear();
    known_.clear();
    known_order_.clear();
    last_sse_id_.clear();
    state_.set(EventFeedState{});
    context_.changed(kTopicPages);
}

bool EventFeed::remember(const std::string& id) {
    if (!known_.insert(id).second) return false;
    known_order_.push_back(id);
    if (known_order_.size() > kKnown) {
        known_.erase(known_order_.front());
        known_order_.pop_front();
    }
    return true;
}

void EventFeed::on_frame(const wire::SseEvent& frame) {
    // The id of a stream stays until another comes; only one that is new belongs to this frame.
    const bool own_id = frame.last_event_id != last_sse_id_;
    last_sse_id_ = frame.last_event_id;
    if (frame.type == "connected") return on_greeting(frame.data);
    if (frame.type == "gap") {
        return update([](EventFeedState& s) { s.gap = true; });
    }
    if (frame.type == "heartbeat") return;
    auto event = read_feed_event(frame.type, frame.data, own_id ? frame.last_event_id : std::string_view(), context_.scheduler.clock().unix_ms() + clock_ahead_ms_);
    if (event && remember(event->id)) take(std::make_shared<const FeedEvent>(std::move(*event)));
}

void EventFeed::on_greeting(std::string_view data) {
    const auto json = base::parse_json(data, {.max_bytes = FeedEvent::kMaxDataBytes, .max_depth = 16});
    if (!json || !json->is_object()) return;
    const auto stamp = json->find("timestamp");
    if (stamp != json->end()) {
        if (const auto now_ms = read_event_time(*stamp)) {
            const std::int64_t ahead_ms = *now_ms - context_.scheduler.clock().unix_ms();
            // Whole seconds, and the way here: less than that is no difference between clocks.
            clock_ahead_ms_ = std::abs(ahead_ms) < 5'000 ? 0 : ahead_ms;
        }
    }
    // A server that was started anew has events of its present life only; what it was silent about while it was down did not happen for it.
    wire::JsonErrors errors;
    const wire::JsonReader greeting(*json, errors);
    if (!greeting.boolean_or("complete", true) && !greeting.boolean_or("restarted", false)) update([](EventFeedState& s) { s.gap = true; });
}

void EventFeed::take(FeedEventPtr event) {
    archive_.add(event);
    const std::int64_t now_ms = context_.scheduler.clock().unix_ms() + clock_ahead_ms_;
    // What happened before this tab was there, however shortly, has had its toast, or nobody to see it.
    const bool fresh = now_ms - event->time_ms <= kFreshMs && event->time_ms >= started_ms_ + clock_ahead_ms_ - kClockSlackMs;
    const auto insert = [&](std::vector<FeedEventPtr>& list) {
        // Nearly always at the front.
        const auto at = std::find_if(list.begin(), list.end(), [&](const FeedEventPtr& other) { return other->time_ms <= event->time_ms; });
        list.insert(at, event);
    };
    update([&](EventFeedState& s) {
        insert(s.events);
        if (s.events.size() > kKept) s.events.pop_back();
        s.archive_problem = archive_.problem();
        if (s.replay.phase != LoadPhase::ready || event->time_ms < s.replay.from_ms) return;
        insert(s.replay.events);
        if (s.replay.events.size() > kMaxReplay) {
            s.replay.events.pop_back();
            s.replay.cut = true;
        }
    });
    std::erase_if(listeners_, [](const std::weak_ptr<Listener>& listener) { return listener.expired(); });
    const std::vector<std::weak_ptr<Listener>> now = listeners_;  // callbacks subscribe and end
    for (const std::weak_ptr<Listener>& each : now) {
        const std::shared_ptr<Listener> listener = each.lock();
        if (listener && listener->wanted.wants(*event)) listener->callback(*event);
    }
    if (fresh && on_fresh_) on_fresh_(event);
}

EventFeed::Subscription EventFeed::subscribe(Wanted wanted, base::UniqueFunction<void(const FeedEvent&)> callback) {
    auto listener = std::make_shared<Listener>(Listener{std::move(wanted), std::move(callback)});
    listeners_.push_back(listener);
    return listener;
}

std::vector<FeedEventPtr> EventFeed::events_of_type(std::string_view name) const {
    const EventName* known = find_event_name(name);
    const std::string_view type = known ? known->type : name;
    // "workload.running" asks for a status too.
    const std::string_view status = known ? known->status : std::string_view();
    std::vector<FeedEventPtr> found;
    for (const FeedEventPtr& event : state().events) {
        if (event->type == type && (status.empty() || base::equals_ascii_case(event->status, status))) found.push_back(event);
    }
    return found;
}

std::vector<FeedEventPtr> EventFeed::events_of_resource(std::string_view resource_id) const {
    std::vector<FeedEventPtr> found;
    for (const FeedEventPtr& event : state().events) {
        if (concerns(*event, resource_id)) found.push_back(event);
    }
    return found;
}

void EventFeed::acknowledge(const std::vector<std::string>& ids, bool acknowledged) {
    if (ids.empty()) return;
    set_acknowledged(std::set<std::string>(ids.begin(), ids.end()), acknowledged, true);
    tabs_.post(kTabKind, {{"acknowledged", ids}, {"value", acknowledged}});
}

void EventFeed::set_acknowledged(const std::set<std::string>& ids, bool acknowledged, bool keep) {
    std::vector<FeedEventPtr> changed;
    update([&](EventFeedState& s) {
        for (std::vector<FeedEventPtr>* list : {&s.events, &s.replay.events}) {
            for (FeedEventPtr& event : *list) {
                if (event->acknowledged == acknowledged || !ids.contains(event->id)) continue;
                const auto same = std::find_if(changed.begin(), changed.end(), [&](const FeedEventPtr& other) { return other->id == event->id; });
                if (same == changed.end()) {
                    FeedEvent next = *event;
                    next.acknowledged = acknowledged;
                    changed.push_back(std::make_shared<const FeedEvent>(std::move(next)));
                    event = changed.back();
                } else {
                    event = *same;
                }
            }
        }
    });
    if (keep && !changed.empty()) archive_.put(std::move(changed));
}

void EventFeed::replay_from(std::int64_t from_ms) {
    if (from_ms < 0) {
        return update([](EventFeedState& s) { s.replay = EventReplay{}; });
    }
    update([&](EventFeedState& s) {
        if (s.replay.phase != LoadPhase::ready) s.replay.phase = LoadPhase::loading;
        s.replay.from_ms = from_ms;
        s.replay.error = {};
    });
    archive_.read(from_ms, kMaxReplay + 1, [this, from_ms, round = round_, alive = std::weak_ptr<char>(alive_)](base::Result<std::vector<FeedEventPtr>> events) {
        // Another time was asked for, or none any more.
        if (alive.expired() || round != round_ || state().replay.phase == LoadPhase::idle || state().replay.from_ms != from_ms) return;
        update([&](EventFeedState& s) {
            if (!events) {
                s.replay.phase = LoadPhase::failed;
                s.replay.error = events.error();
                return;
            }
            s.replay.phase = LoadPhase::ready;
            s.replay.events = std::move(*events);
            s.replay.cut = s.replay.events.size() > kMaxReplay;
            if (s.replay.cut) s.replay.events.resize(kMaxReplay);
            // Acknowledged here a moment ago, and on its way to the archive.
            for (FeedEventPtr& event : s.replay.events) {
                const auto live = std::find_if(s.events.begin(), s.events.end(), [&](const FeedEventPtr& other) { return other->id == event->id; });
                if (live != s.events.end()) event = *live;
            }
        });
    });
}

void EventFeed::retry_replay() {
    if (state().replay.phase == LoadPhase::failed) replay_from(state().replay.from_ms);
}

}  // namespace model
