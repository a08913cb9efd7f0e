#include "net/shared_streams.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.hpp"

namespace net {

struct SharedStreams::Core {
    HttpClient& http;
    base::Scheduler& scheduler;
    base::Random& random;
    std::map<std::string, std::shared_ptr<Channel>, std::less<>> channels;
};

struct SharedStreams::Member {
    std::shared_ptr<Channel> channel;  // null once it has left
    Listener listener;
    bool caught_up = false;            // has what was kept when it came
};

// Outlives its place in the map while an event is handed out.
struct SharedStreams::Channel : std::enable_shared_from_this<Channel> {
    struct Kept {
        std::string type, data, id;
    };

    std::weak_ptr<Core> core;
    std::string key;
    std::string kept_types;
    std::vector<Kept> kept;
    std::vector<std::shared_ptr<Member>> members;
    std::unique_ptr<EventStream> stream;

    // A copy, as members come and go inside the callbacks; those that came during the walk have their turn the next time.
    template <class Visit>
    void each_member(Visit visit) {
        const std::shared_ptr<Channel> alive = shared_from_this();
        const std::vector<std::shared_ptr<Member>> now = members;
        for (const auto& member : now) {
            if (member->channel) visit(*member);
        }
    }
    void hand_out(const wire::SseEvent& event) {
        const std::shared_ptr<Channel> alive = shared_from_this();
        each_member([&](Member& member) {
            catch_up(member);
            if (member.channel && member.listener.on_event) member.listener.on_event(event);
        });
        keep(event);
    }
    void keep(const wire::SseEvent& event) {
        if (kept_types.empty()) return;
        const auto types = base::split(kept_types, ' ');
        if (std::find(types.begin(), types.end(), event.type) == types.end()) return;
        std::erase_if(kept, [&](const Kept& old) { return old.type == event.type; });
        kept.push_back({std::string(event.type), std::string(event.data), std::string(event.last_event_id)});
    }
    void catch_up(Member& member) {
        if (member.caught_up) return;
        member.caught_up = true;
        const std::vector<Kept> events = kept;
        for (const Kept& event : events) {
            if (!member.channel || !member.listener.on_event) return;
            member.listener.on_event({.type = event.type, .data = event.data, .last_event_id = event.id});
        }
    }
    void leave(const Member& member) {
        std::erase_if(members, [&](const std::shared_ptr<Member>& other) { return other.get() == &member; });
        if (!members.empty()) return;
        stream.reset();
        if (const auto owner = core.lock()) {
            if (const auto found = owner->channels.find(key); found != owner->channels.end() && found->second.get() == this) owner->channels.erase(found);
        }
    }
};

SharedStreams::Lease& SharedStreams::Lease::operator=(Lease&& other) noexcept {
    if (this != &other) {
        reset();
        member_ = std::move(other.member_);
    }
    return *this;
}

void SharedStreams::Lease::reset() {
    const std::shared_ptr<Member> member = std::move(member_);
    if (!member || !member->channel) return;
    const std::shared_ptr<Channel> channel = std::move(member->channel);
    member->channel = nullptr;
    channel->leave(*member);
}

const EventStream::State& SharedStreams::Lease::state() const {
    static const EventStream::State kClosed;
    return member_ && member_->channel && member_->channel->stream ? member_->channel->stream->state() : kClosed;
}

void SharedStreams::Lease::reconnect_now() {
    if (member_ && member_->channel && member_->channel->stream) member_->channel->stream->reconnect_now();
}

void SharedStreams::Lease::restart() {
    if (member_ && member_->channel && member_->channel->stream) member_->channel->stream->restart();
}

SharedStreams::SharedStreams(HttpClient& http, base::Scheduler& scheduler, base::Random& random)
    : core_(std::make_shared<Core>(Core{http, scheduler, random, {}})) {}

SharedStreams::~SharedStreams() {
    for (const auto& [key, channel] : core_->channels) {
        channel->stream.reset();
        for (const auto& member : std::exchange(channel->members, {})) member->channel = nullptr;
    }
}

SharedStreams::Lease SharedStreams::join(std::string_view key, base::UniqueFunction<EventStreamOptions()> make, Listener listener, std::string_view kept) {
    const auto found = core_->channels.find(key);
    const bool first = found == core_->channels.end();
    const std::shared_ptr<Channel> channel = first ? std::make_shared<Channel>() : found->second;
    const auto member = std::make_shared<Member>(Member{channel, std::move(listener), first});
    channel->members.push_back(member);
    if (first) {
        channel->core = core_;
        channel->key = key;
        channel->kept_types = kept;
        core_->channels.emplace(channel->key, channel);
        // The stream never outlives its channel, which owns it; a channel whose last member left inside a callback is kept by each_member.
        Channel* const owner = channel.get();
        channel->stream = std::make_unique<EventStream>(
            core_->http, core_->scheduler, core_->random, make(),
            EventStream::Callbacks{.on_event = [owner](const wire::SseEvent& event) { owner->hand_out(event); },
                                   .on_change = [owner] {
                                       // A copy: the stream may go with its last member.
                                       const EventStream::State state = owner->stream->state();
                                       owner->each_member([&state](Member& each) {
                                           if (each.listener.on_change) each.listener.on_change(state);
                                       });
                                   }});
    } else {
        core_->scheduler.post([channel = std::weak_ptr<Channel>(channel), weak = std::weak_ptr<Member>(member)] {
            const auto there = weak.lock();
            const auto stream = channel.lock();
            if (there && stream && there->channel) stream->catch_up(*there);
        });
    }
    channel->stream->open();
    return Lease(member);
}

bool SharedStreams::has(std::string_view key) const { return core_->channels.contains(key); }

std::vector<SharedStreams::Entry> SharedStreams::list() const {
    std::vector<Entry> entries;
    for (const auto& [key, channel] : core_->channels) {
        if (channel->stream) entries.push_back({key, channel->stream->state(), channel->members.size(), channel->stream->target()});
    }
    return entries;
}

void SharedStreams::wake() {
    const auto channels = core_->channels;
    for (const auto& [key, channel] : channels) {
        if (channel->stream && channel->stream->state().phase == EventStream::Phase::retrying) channel->stream->reconnect_now();
    }
}

}  // namespace net
