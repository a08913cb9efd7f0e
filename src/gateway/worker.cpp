#include "gateway/worker.hpp"

namespace gateway {

Worker::Worker(AsioScheduler& loop) : loop_(loop), thread_([this] { work(); }) {}

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Worker::run(Job job) {
    ++*pending_;
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void Worker::work() {
    while (true) {
        Job job;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
            if (jobs_.empty()) return;
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        // Completions own callbacks of the loop's thread: they run and die there.
        loop_.post([alive = alive_, completion = job()]() mutable {
            auto pending = alive.lock();
            if (!pending) return;
            --*pending;
            completion();
        });
    }
}

}  // namespace gateway
