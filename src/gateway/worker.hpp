// Worker: one thread that runs jobs in order; what a job returns is a completion for the loop.
//
//   Worker worker(loop);
//   worker.run([...] { auto row = query(...); return [row, done] { done(row); }; });
//
// Completions run through the loop in the order of the jobs. The destructor lets the jobs that are queued finish (nothing that was
// accepted is lost), then their completions are dropped.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "gateway/asio_scheduler.hpp"

namespace gateway {

class Worker {
public:
    using Completion = base::UniqueFunction<void()>;
    using Job = base::UniqueFunction<Completion()>;

    // `loop` must outlive the worker.
    explicit Worker(AsioScheduler& loop);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // From the loop's thread.
    void run(Job job);
    // Jobs accepted and not yet completed.
    [[nodiscard]] std::size_t pending() const { return *pending_; }

private:
    void work();

    AsioScheduler& loop_;
    std::shared_ptr<std::size_t> pending_ = std::make_shared<std::size_t>(0);  // of the loop's thread; gone with the worker
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    bool stopping_ = false;
    std::weak_ptr<std::size_t> alive_ = pending_;
    std::thread thread_;
};

}  // namespace gateway
