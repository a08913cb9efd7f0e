#include "gateway/asio_scheduler.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>

namespace gateway {

namespace asio = boost::asio;
using Milliseconds = std::chrono::milliseconds;

struct AsioScheduler::Impl {
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(context);
    asio::signal_set signals{context};
    base::UniqueFunction<void()> on_signal;

    void wait_for_signal() {
        signals.async_wait([this](const boost::system::error_code& error, int) {
            if (error) return;
            if (!on_signal) std::_Exit(130);
            auto task = std::move(on_signal);
            on_signal.reset();
            wait_for_signal();
            task();
        });
    }
};

namespace {

// The task and its cancellation; the pending wait holds it, so the timer may be dropped inside the task.
struct TimerState {
    explicit TimerState(asio::io_context& context) : timer(context) {}
    asio::steady_timer timer;
    base::UniqueFunction<void()> task;
    bool pending = true;
};

class AsioTimer final : public base::Timer::Impl {
public:
    explicit AsioTimer(std::shared_ptr<TimerState> state) : state_(std::move(state)) {}
    ~AsioTimer() override {
        if (!state_->pending) return;
        state_->pending = false;  // a wait that is already due must not run it either
        state_->timer.cancel();
        auto task = std::move(state_->task);
    }
    [[nodiscard]] bool pending() const override { return state_->pending; }

private:
    std::shared_ptr<TimerState> state_;
};

}  // namespace

AsioScheduler::AsioScheduler() : impl_(std::make_unique<Impl>()) {}
AsioScheduler::~AsioScheduler() = default;

void AsioScheduler::post(base::UniqueFunction<void()> task) {
    asio::post(impl_->context, [task = std::move(task)]() mutable { task(); });
}

base::Timer AsioScheduler::after(std::int64_t delay_ms, base::UniqueFunction<void()> task) {
    auto state = std::make_shared<TimerState>(impl_->context);
    state->task = std::move(task);
    state->timer.expires_after(Milliseconds(delay_ms > 0 ? delay_ms : 0));
    state->timer.async_wait([state](const boost::system::error_code& error) {
        if (error || !state->pending) return;
        state->pending = false;
        auto due = std::move(state->task);
        due();
    });
    return base::Timer(std::make_unique<AsioTimer>(std::move(state)));
}

std::int64_t AsioScheduler::monotonic_ms() const {
    return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::int64_t AsioScheduler::unix_ms() const {
    return std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void AsioScheduler::run() { impl_->context.run(); }

void AsioScheduler::stop() { impl_->context.stop(); }

bool AsioScheduler::run_until(base::UniqueFunction<bool()> predicate, std::int64_t watchdog_ms) {
    const std::int64_t end_ms = monotonic_ms() + watchdog_ms;
    while (!predicate()) {
        const std::int64_t left_ms = end_ms - monotonic_ms();
        if (left_ms <= 0) return false;
        impl_->context.run_one_for(Milliseconds(left_ms));
    }
    return true;
}

void AsioScheduler::on_termination(base::UniqueFunction<void()> task) {
    impl_->on_signal = std::move(task);
    boost::system::error_code ignored;
    impl_->signals.add(SIGINT, ignored);
    impl_->signals.add(SIGTERM, ignored);
    impl_->wait_for_signal();
}

asio::io_context& AsioScheduler::context() { return impl_->context; }

}  // namespace gateway
