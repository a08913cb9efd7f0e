// WebScheduler: base::Scheduler on the browser's event loop. Posted tasks run from a MessageChannel, so they are not slowed to
// 4 ms or throttled as timers are; each turn ends after kTurnBudgetMs so that input and frames get in between. Timers share one
// setTimeout; in a hidden tab the browser may call it late (then all that are due run).
//
//   WebScheduler loop;
//   loop.post([] { ... });
//   timer_ = loop.after(3000, [] { ... });
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>

#include "base/scheduler.hpp"

namespace web {

class WebClock final : public base::Clock {
public:
    [[nodiscard]] std::int64_t monotonic_ms() const override;
    [[nodiscard]] std::int64_t unix_ms() const override;
};

class WebScheduler final : public base::Scheduler {
public:
    static constexpr double kTurnBudgetMs = 8;

    WebScheduler();
    ~WebScheduler() override;
    WebScheduler(const WebScheduler&) = delete;
    WebScheduler& operator=(const WebScheduler&) = delete;

    void post(base::UniqueFunction<void()> task) override;
    [[nodiscard]] base::Timer after(std::int64_t delay_ms, base::UniqueFunction<void()> task) override;
    [[nodiscard]] const base::Clock& clock() const override { return clock_; }

    // Nothing posted waits (timers do not count).
    [[nodiscard]] bool idle() const { return queue_.empty(); }

    // Called by the browser.
    void run_turn();
    void run_timers();

private:
    struct Pending;
    class WebTimer;
    using Timers = std::multimap<double, std::shared_ptr<Pending>>;  // by due time, ms

    void arm();

    WebClock clock_;
    std::deque<base::UniqueFunction<void()>> queue_;
    bool turn_posted_ = false;
    Timers timers_;
    double armed_for_ms_ = -1;
    double round_ms_ = -1;  // while timers run: the time up to which they are due
    std::shared_ptr<WebScheduler*> self_;  // timers may outlive the scheduler
};

}  // namespace web
