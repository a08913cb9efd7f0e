// VirtualScheduler and SeededRandom: time and chance under a test's control.
//
//   base::testing::VirtualScheduler time;
//   time.after(3000, ...);
//   time.advance(3000);      // runs everything due, in order of due time, then of scheduling
//   time.run_ready();        // runs what is due now, including what those tasks post
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "base/random.hpp"
#include "base/scheduler.hpp"

namespace base::testing {

class VirtualScheduler final : public Scheduler, public Clock {
public:
    // `unix_start_ms` defaults to 2026-01-01T00:00:00Z.
    explicit VirtualScheduler(std::int64_t unix_start_ms = 1767225600000);
    ~VirtualScheduler() override;

    void post(UniqueFunction<void()> task) override;
    [[nodiscard]] Timer after(std::int64_t delay_ms, UniqueFunction<void()> task) override;
    [[nodiscard]] const Clock& clock() const override { return *this; }
    [[nodiscard]] std::int64_t monotonic_ms() const override { return now_ms_; }
    [[nodiscard]] std::int64_t unix_ms() const override { return unix_start_ms_ + now_ms_ + wall_jump_ms_; }

    // Runs everything due now, including what it posts. Returns the number of tasks run; stops after `limit`.
    std::size_t run_ready(std::size_t limit = 1'000'000);
    // Moves time forward by `delta_ms`, running tasks at their due times.
    void advance(std::int64_t delta_ms);
    // Moves to the next due task and runs what is due then. False when nothing is scheduled.
    bool advance_to_next();
    // The wall clock jumps (user changed it, laptop slept); monotonic time and timers are not touched.
    void jump_wall_clock(std::int64_t delta_ms) { wall_jump_ms_ += delta_ms; }
    [[nodiscard]] std::size_t pending() const;

private:
    struct Queue;
    std::shared_ptr<Queue> queue_;
    std::int64_t unix_start_ms_;
    std::int64_t now_ms_ = 0;
    std::int64_t wall_jump_ms_ = 0;
};

// xorshift64*: the same seed gives the same bytes on every machine. Not for secrets.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed = 1) : state_(seed * 0x9E3779B97F4A7C15ULL | 1) {}
    void fill(std::span<std::uint8_t> bytes) override;

private:
    std::uint64_t state_;
};

}  // namespace base::testing
