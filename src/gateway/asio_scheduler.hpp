// AsioScheduler: base::Scheduler and base::Clock over an Asio io_context: the gateway's one thread of work.
//
//   gateway::AsioScheduler loop;
//   loop.post([] { ... });
//   loop.run();                                  // until stop()
//   loop.run_until([&] { return done; }, 30'000);    // tests: the watchdog is real time
//
// post() may be called from any thread (workers hand their results over by it); everything else from the loop's thread.
#pragma once

#include <cstdint>
#include <memory>

#include "base/scheduler.hpp"

namespace boost::asio {
class io_context;
}

namespace gateway {

class AsioScheduler final : public base::Scheduler, public base::Clock {
public:
    AsioScheduler();
    ~AsioScheduler() override;
    AsioScheduler(const AsioScheduler&) = delete;
    AsioScheduler& operator=(const AsioScheduler&) = delete;

    void post(base::UniqueFunction<void()> task) override;
    [[nodiscard]] base::Timer after(std::int64_t delay_ms, base::UniqueFunction<void()> task) override;
    [[nodiscard]] const base::Clock& clock() const override { return *this; }
    [[nodiscard]] std::int64_t monotonic_ms() const override;
    [[nodiscard]] std::int64_t unix_ms() const override;

    // Runs tasks until stop().
    void run();
    void stop();
    // Runs tasks until `predicate` holds (checked between tasks); false when `watchdog_ms` passed before.
    bool run_until(base::UniqueFunction<bool()> predicate, std::int64_t watchdog_ms);
    // `task` runs once on SIGINT or SIGTERM; a second signal ends the process at once.
    void on_termination(base::UniqueFunction<void()> task);

    [[nodiscard]] boost::asio::io_context& context();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace gateway
