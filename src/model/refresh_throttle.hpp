// RefreshThrottle: many requests, few refreshes. Waits until it has been quiet for `debounce_ms`, but never longer than `throttle_ms` from the
// first request, and leaves `throttle_ms` between two refreshes. The last request is always followed by a refresh (trailing edge).
//
//   RefreshThrottle refresh(scheduler, 300, 1'000, [this] { queries.invalidate(key); });
//   refresh.request();
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/scheduler.hpp"

namespace model {

class RefreshThrottle {
public:
    // The scheduler must outlive it; `refresh` runs from a task of its own, and may destroy this.
    RefreshThrottle(base::Scheduler& scheduler, std::int64_t debounce_ms, std::int64_t throttle_ms, base::UniqueFunction<void()> refresh)
        : scheduler_(scheduler), debounce_ms_(debounce_ms), throttle_ms_(throttle_ms), refresh_(std::move(refresh)) {}

    void request() {
        const std::int64_t now_ms = scheduler_.clock().monotonic_ms();
        if (!timer_.pending()) first_ms_ = now_ms;
        std::int64_t due_ms = std::min(now_ms + debounce_ms_, first_ms_ + std::max(throttle_ms_, debounce_ms_));
        if (refreshed_) due_ms = std::max(due_ms, last_ms_ + throttle_ms_);
        timer_ = scheduler_.after(std::max<std::int64_t>(due_ms - now_ms, 0), [this] {
            refreshed_ = true;
            last_ms_ = scheduler_.clock().monotonic_ms();
            refresh_();
        });
    }
    // What was requested is not done.
    void cancel() { timer_.cancel(); }
    [[nodiscard]] bool pending() const { return timer_.pending(); }

private:
    base::Scheduler& scheduler_;
    std::int64_t debounce_ms_;
    std::int64_t throttle_ms_;
    base::UniqueFunction<void()> refresh_;
    base::Timer timer_;
    std::int64_t first_ms_ = 0;  // of the requests that wait
    std::int64_t last_ms_ = 0;   // of the refreshes
    bool refreshed_ = false;
};

}  // namespace model
