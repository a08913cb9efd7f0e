// WorkQueue: the level-triggered heart of every controller. A key added any number of times before its turn is handled once;
// the handler reads the world and moves it a step, and never runs inside add().
//
//   WorkQueue queue(scheduler, [this](const ObjectKey& key) { sync(key); });
//   queue.add(key);                 // soon
//   queue.add_after(key, 10'000);   // once more when something is due; an earlier date for the same key wins
//
// A queue with nothing due holds no timer. Dropping it drops its work.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "base/scheduler.hpp"
#include "kube/object_store.hpp"

namespace kube::controllers {

class WorkQueue {
public:
    WorkQueue(base::Scheduler& scheduler, base::UniqueFunction<void(const ObjectKey&)> handler);
    WorkQueue(const WorkQueue&) = delete;
    WorkQueue& operator=(const WorkQueue&) = delete;

    void add(const ObjectKey& key);
    void add_after(const ObjectKey& key, std::int64_t delay_ms);
    // Drops what is delayed for this key (its object is gone).
    void forget_delayed(const ObjectKey& key);

private:
    struct Delayed {
        std::int64_t due_ms = 0;
        base::Timer timer;
    };
    struct State {
        base::UniqueFunction<void(const ObjectKey&)> handler;
        std::deque<ObjectKey> order;  // first come, first served
        std::set<ObjectKey> ready;    // the same keys
        std::map<ObjectKey, Delayed> delayed;
        bool posted = false;
    };
    static void post_run(base::Scheduler& scheduler, const std::shared_ptr<State>& state);

    base::Scheduler& scheduler_;
    std::shared_ptr<State> state_;
};

}  // namespace kube::controllers
