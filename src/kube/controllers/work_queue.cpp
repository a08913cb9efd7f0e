#include "kube/controllers/work_queue.hpp"

#include <algorithm>
#include <string>

namespace kube::controllers {
namespace {

// Keys handled in one task; the rest waits for the next, so that a tab with thousands of objects still answers in between.
constexpr int kBatch = 32;

}  // namespace

WorkQueue::WorkQueue(base::Scheduler& scheduler, base::UniqueFunction<void(const ObjectKey&)> handler)
    : scheduler_(scheduler), state_(std::make_shared<State>()) {
    state_->handler = std::move(handler);
}

void WorkQueue::add(const ObjectKey& key) {
    if (state_->ready.insert(key).second) state_->order.push_back(key);
    post_run(scheduler_, state_);
}

void WorkQueue::post_run(base::Scheduler& scheduler, const std::shared_ptr<State>& state) {
    if (state->posted) return;
    state->posted = true;
    scheduler.post([&scheduler, weak = std::weak_ptr<State>(state)] {
        const auto locked = weak.lock();
        if (!locked) return;
        locked->posted = false;
        for (int i = 0; i < kBatch && !locked->order.empty(); ++i) {
            const ObjectKey key = std::move(locked->order.front());
            locked->order.pop_front();
            locked->ready.erase(key);
            locked->handler(key);
        }
        if (!locked->order.empty()) post_run(scheduler, locked);
    });
}

void WorkQueue::add_after(const ObjectKey& key, std::int64_t delay_ms) {
    const std::int64_t due_ms = scheduler_.clock().monotonic_ms() + std::max<std::int64_t>(0, delay_ms);
    Delayed& entry = state_->delayed[key];
    if (entry.timer.pending() && entry.due_ms <= due_ms) return;
    entry.due_ms = due_ms;
    entry.timer = scheduler_.after(std::max<std::int64_t>(0, delay_ms), [this, key, weak = std::weak_ptr<State>(state_)] {
        const auto locked = weak.lock();
        if (!locked) return;
        const ObjectKey kept = key;  // erasing the entry drops the timer, which may own this closure
        WorkQueue* self = this;
        locked->delayed.erase(kept);
        self->add(kept);
    });
}

void WorkQueue::forget_delayed(const ObjectKey& key) { state_->delayed.erase(key); }

}  // namespace kube::controllers
