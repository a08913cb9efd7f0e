// Clock and Scheduler: the only way shared code knows the time or runs something later.
//
// Everything in Binnacle below the adapters is single-threaded: a Scheduler runs its tasks one after another on one
// thread (the browser's event loop, the gateway's io_context, or VirtualScheduler in tests). No task ever runs inside
// the call that scheduled it.
//
//   timer_ = scheduler.after(3000, [this] { reconnect(); });   // cancelled when timer_ is dropped or reassigned
#pragma once

#include <cstdint>
#include <memory>

#include "base/unique_function.hpp"

namespace base {

class Clock {
public:
    virtual ~Clock() = default;
    // Milliseconds since an arbitrary start; never goes back.
    [[nodiscard]] virtual std::int64_t monotonic_ms() const = 0;
    // Milliseconds since 1970-01-01 UTC; may jump either way.
    [[nodiscard]] virtual std::int64_t unix_ms() const = 0;
};

// Owns one pending task. Dropping it cancels the task; a cancelled task never runs.
class Timer {
public:
    class Impl {
    public:
        virtual ~Impl() = default;  // cancels
        [[nodiscard]] virtual bool pending() const = 0;
    };

    Timer() = default;
    explicit Timer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
    void cancel() { impl_.reset(); }
    [[nodiscard]] bool pending() const { return impl_ && impl_->pending(); }

private:
    std::unique_ptr<Impl> impl_;
};

class Scheduler {
public:
    virtual ~Scheduler() = default;
    // Runs `task` soon, after what is already queued. Cannot be cancelled.
    virtual void post(UniqueFunction<void()> task) = 0;
    // Runs `task` once, not before `delay_ms` (>= 0) from now, unless the Timer is dropped first.
    [[nodiscard]] virtual Timer after(std::int64_t delay_ms, UniqueFunction<void()> task) = 0;
    [[nodiscard]] virtual const Clock& clock() const = 0;
};

}  // namespace base
