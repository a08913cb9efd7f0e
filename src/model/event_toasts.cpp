#include "model/event_toasts.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/feed_query.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

constexpr std::string_view kTabKind = "event-toast";

std::string thing_of(const FeedEvent& event) {
    std::string thing(word_of(event.about));
    for (const std::string* id : {&event.cluster_id, &event.project_id, &event.workload_id, &event.resource_id}) thing += "/" + *id;
    return thing;
}

bool is_trouble(const FeedEvent& event) { return event.level == EventLevel::danger || event.level == EventLevel::warning; }

}  // namespace

EventToasts::EventToasts(Ports ports) : ports_(std::move(ports)) {
    ports_.tabs.on(std::string(kTabKind), [this](const Json& message) {
        wire::JsonErrors errors;
        remember_told(wire::JsonReader(message, errors).string_or("id", ""));
    });
}

EventToasts::~EventToasts() { ports_.tabs.on(std::string(kTabKind), [](const Json&) {}); }

void EventToasts::set_visible(bool visible) {
    if (visible_ == visible) return;
    visible_ = visible;
    turn_ = false;
    turn_timer_.cancel();
    waiting_.clear();
    lock_.release();
    if (visible) take_turn();
}

void EventToasts::take_turn() {
    if (!ports_.locks || !ports_.locks->available()) {
        turn_ = true;
        return;
    }
    lock_ = ports_.locks->request(ports_.lock_name, {}, [this](base::Result<void> granted) {
        // A browser that refuses locks after all: every visible tab for itself.
        (void)granted;
        turn_ = true;
        for (const FeedEvent& event : std::exchange(waiting_, {})) show(event);
    });
}

void EventToasts::remember_told(std::string id) {
    if (id.empty()) return;
    told_.push_back(std::move(id));
    if (told_.size() > kMaxTold) told_.pop_front();
}

void EventToasts::tell(const std::string& id) {
    remember_told(id);
    ports_.tabs.post(kTabKind, {{"id", id}});
}

bool EventToasts::worth(const FeedEvent& event) {
    const std::string thing = thing_of(event);
    if (trouble_.size() > kMaxRemembered) trouble_.clear();
    bool& trouble = trouble_[thing];
    const bool was_trouble = std::exchange(trouble, is_trouble(event));
    if (event.priority == EventPriority::low) {
        trouble = trouble || was_trouble;  // on its way back: not there yet
        return false;
    }
    if (event.about == EventAbout::workload && !is_trouble(event)) return was_trouble;
    return true;
}

void EventToasts::consider(const FeedEvent& event) {
    const bool wanted = worth(event);  // every tab follows what is in trouble, whoever shows it
    if (!wanted || !visible_ || !enabled_) return;
    if (turn_) return show(event);
    waiting_.push_back(event);
    if (!turn_timer_.pending()) turn_timer_ = ports_.scheduler.after(kTurnWaitMs, [this] { waiting_.clear(); });
}

void EventToasts::show(const FeedEvent& event) {
    if (std::find(told_.begin(), told_.end(), event.id) != told_.end()) return;
    tell(event.id);
    const std::int64_t now_ms = ports_.scheduler.clock().monotonic_ms();
    std::erase_if(shown_ms_, [&](const auto& entry) { return now_ms - entry.second >= kAgainMs; });
    if (is_trouble(event) && !shown_ms_.emplace(thing_of(event) + "/" + event.status, now_ms).second) return;

    while (!singles_ms_.empty() && now_ms - singles_ms_.front() >= kWindowMs) singles_ms_.pop_front();
    if (now_ms >= group_until_ms_) group_.clear();
    if (group_.empty() && singles_ms_.size() < kSingles) {
        singles_ms_.push_back(now_ms);
        return ports_.show({.level = event.level, .about = event.about, .title = event.title, .text = event.message, .link = event_link(event), .project_id = event.project_id, .workload_id = event.workload_id});
    }
    ++group_[event.level];
    group_until_ms_ = now_ms + kWindowMs;
    static constexpr std::array<std::pair<EventLevel, std::string_view>, 4> kWords{{
        {EventLevel::danger, "failed"}, {EventLevel::warning, "in trouble"}, {EventLevel::success, "fine"}, {EventLevel::info, "changed"}}};
    EventToast toast;
    std::string words;
    for (const auto& [level, word] : kWords) {
        const auto count = group_.find(level);
        if (count == group_.end()) continue;
        if (toast.grouped == 0) toast.level = level;  // the worst
        toast.grouped += count->second;
        words += (words.empty() ? "" : ", ") + std::to_string(count->second) + " " + std::string(word);
    }
    toast.link = "/activity";
    toast.title = std::to_string(toast.grouped) + (toast.grouped == 1 ? " more event" : " more events");
    toast.text = words;
    ports_.show(std::move(toast));
}

void EventToasts::clear() {
    waiting_.clear();
    told_.clear();
    trouble_.clear();
    shown_ms_.clear();
    singles_ms_.clear();
    group_.clear();
    group_until_ms_ = 0;
}

}  // namespace model
