// EventToasts: which events of the feed pop up, in which words, and in which of several tabs.
//
//   EventToasts toasts({.scheduler = loop, .locks = locks, .tabs = tabs, .show = [](EventToast toast) { ... }});
//   feed.on_fresh([&](const FeedEventPtr& event) { toasts.consider(*event); });
//   toasts.set_visible(visible);
//
// Promises
//   - Once for an event over all tabs of a browser: the visible tab that holds the lock shows it and says so to the others. A tab that was
//     just brought to the front waits for the lock for kTurnWaitMs at most. Without locks each visible tab shows what no other has shown.
//   - Not what is going well as expected: a workload that comes up is worth a toast only after it had been in trouble.
//   - The same trouble of the same thing at most once in kAgainMs (a crash loop says it for ever).
//   - Grouped when many: after kSingles within kWindowMs one toast counts the rest.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/scheduler.hpp"
#include "base/tabs.hpp"
#include "model/feed_event.hpp"
#include "model/tab_sync.hpp"

namespace model {

struct EventToast {
    EventLevel level = EventLevel::info;
    EventAbout about = EventAbout::other;
    std::string title, text;
    std::string link = {};                // see event_link(); of a group: the Activity page
    std::string project_id = {}, workload_id = {};
    int grouped = 0;                      // > 0: stands for so many, and takes the place of the group that is shown
};

class EventToasts {
public:
    static constexpr std::int64_t kTurnWaitMs = 2'000;
    static constexpr std::int64_t kAgainMs = 5 * 60'000;
    static constexpr std::int64_t kWindowMs = 4'000;
    static constexpr int kSingles = 3;
    static constexpr std::size_t kMaxTold = 200;
    static constexpr std::size_t kMaxRemembered = 1'000;

    struct Ports {
        base::Scheduler& scheduler;
        base::TabLocks* locks = nullptr;
        TabSync& tabs;
        std::string lock_name;
        std::function<void(EventToast)> show;
    };
    explicit EventToasts(Ports ports);
    ~EventToasts();

    void set_visible(bool visible);
    void set_enabled(bool enabled) { enabled_ = enabled; }
    void consider(const FeedEvent& event);
    void clear();  // sign-out

    // Whether it is worth one at all, whoever shows it; remembers what it was asked.
    [[nodiscard]] bool worth(const FeedEvent& event);

private:
    void take_turn();
    void show(const FeedEvent& event);
    void tell(const std::string& id);
    void remember_told(std::string id);

    Ports ports_;
    bool visible_ = false;
    bool enabled_ = true;
    bool turn_ = false;                   // this tab shows
    base::LockHandle lock_;
    base::Timer turn_timer_;
    std::deque<FeedEvent> waiting_;       // for the turn
    std::deque<std::string> told_;        // ids that some tab has shown
    std::map<std::string, bool> trouble_; // by what it is about: the last status was trouble
    std::map<std::string, std::int64_t> shown_ms_;  // by thing and status, monotonic
    std::deque<std::int64_t> singles_ms_; // when toasts were shown on their own
    std::int64_t group_until_ms_ = 0;
    std::map<EventLevel, int> group_;
};

}  // namespace model
