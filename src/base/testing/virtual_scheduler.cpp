#include "base/testing/virtual_scheduler.hpp"

namespace base::testing {

struct VirtualScheduler::Queue {
    using DueKey = std::pair<std::int64_t, std::uint64_t>;  // due time, order of scheduling
    std::map<DueKey, UniqueFunction<void()>> tasks;
    std::uint64_t next_sequence = 0;
};

namespace {

template <class Queue>
class VirtualTimer final : public Timer::Impl {
public:
    VirtualTimer(std::weak_ptr<Queue> queue, typename Queue::DueKey key) : queue_(std::move(queue)), key_(key) {}
    ~VirtualTimer() override {
        if (auto queue = queue_.lock()) {
            // The node is destroyed after it left the map: a task's captures may own other timers.
            auto node = queue->tasks.extract(key_);
        }
    }
    [[nodiscard]] bool pending() const override {
        auto queue = queue_.lock();
        return queue && queue->tasks.contains(key_);
    }

private:
    std::weak_ptr<Queue> queue_;
    typename Queue::DueKey key_;
};

}  // namespace

VirtualScheduler::VirtualScheduler(std::int64_t unix_start_ms)
    : queue_(std::make_shared<Queue>()), unix_start_ms_(unix_start_ms) {}

VirtualScheduler::~VirtualScheduler() {
    // Captures may hold timers of this very queue; let go of them one by one while the queue is still whole.
    while (!queue_->tasks.empty()) auto node = queue_->tasks.extract(queue_->tasks.begin());
}

void VirtualScheduler::post(UniqueFunction<void()> task) {
    queue_->tasks.emplace(Queue::DueKey{now_ms_, queue_->next_sequence++}, std::move(task));
}

Timer VirtualScheduler::after(std::int64_t delay_ms, UniqueFunction<void()> task) {
    const Queue::DueKey key{now_ms_ + (delay_ms > 0 ? delay_ms : 0), queue_->next_sequence++};
    queue_->tasks.emplace(key, std::move(task));
    return Timer(std::make_unique<VirtualTimer<Queue>>(queue_, key));
}

std::size_t VirtualScheduler::run_ready(std::size_t limit) {
    std::size_t ran = 0;
    while (ran < limit && !queue_->tasks.empty() && queue_->tasks.begin()->first.first <= now_ms_) {
        auto node = queue_->tasks.extract(queue_->tasks.begin());
        node.mapped()();
        ++ran;
    }
    return ran;
}

void VirtualScheduler::advance(std::int64_t delta_ms) {
    const std::int64_t end_ms = now_ms_ + delta_ms;
    run_ready();
    while (!queue_->tasks.empty() && queue_->tasks.begin()->first.first <= end_ms) {
        now_ms_ = queue_->tasks.begin()->first.first;
        run_ready();
    }
    now_ms_ = end_ms;
}

bool VirtualScheduler::advance_to_next() {
    if (queue_->tasks.empty()) return false;
    const std::int64_t due_ms = queue_->tasks.begin()->first.first;
    if (due_ms > now_ms_) now_ms_ = due_ms;
    run_ready();
    return true;
}

std::size_t VirtualScheduler::pending() const { return queue_->tasks.size(); }

void SeededRandom::fill(std::span<std::uint8_t> bytes) {
    for (auto& byte : bytes) {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        byte = static_cast<std::uint8_t>((state_ * 0x2545F4914F6CDD1DULL) >> 56);
    }
}

}  // namespace base::testing
