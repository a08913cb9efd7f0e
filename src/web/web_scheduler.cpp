#include "web/web_scheduler.hpp"

#include <emscripten/emscripten.h>
#include <emscripten/html5.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "web/bindings.hpp"

namespace web {

namespace {
// setTimeout takes a signed 32-bit delay and runs a longer one at once: sleep in pieces.
constexpr double kLongestSleepMs = 1'000'000'000;
}  // namespace

std::int64_t WebClock::monotonic_ms() const { return static_cast<std::int64_t>(emscripten_get_now()); }
std::int64_t WebClock::unix_ms() const { return static_cast<std::int64_t>(emscripten_date_now()); }

struct WebScheduler::Pending {
    base::UniqueFunction<void()> task;
    Timers::iterator place;
};

class WebScheduler::WebTimer final : public base::Timer::Impl {
public:
    WebTimer(std::shared_ptr<WebScheduler*> scheduler, std::weak_ptr<Pending> pending)
        : scheduler_(std::move(scheduler)), pending_(std::move(pending)) {}
    ~WebTimer() override {
        const auto pending = pending_.lock();
        if (pending && *scheduler_) (*scheduler_)->timers_.erase(pending->place);
    }
    [[nodiscard]] bool pending() const override { return !pending_.expired(); }

private:
    std::shared_ptr<WebScheduler*> scheduler_;
    std::weak_ptr<Pending> pending_;
};

WebScheduler::WebScheduler() : self_(std::make_shared<WebScheduler*>(this)) { bn_loop_start(this); }

WebScheduler::~WebScheduler() {
    *self_ = nullptr;
    bn_loop_clear_timer();
}

void WebScheduler::post(base::UniqueFunction<void()> task) {
    queue_.push_back(std::move(task));
    if (!std::exchange(turn_posted_, true)) bn_loop_post();
}

base::Timer WebScheduler::after(std::int64_t delay_ms, base::UniqueFunction<void()> task) {
    auto pending = std::make_shared<Pending>();
    pending->task = std::move(task);
    double due = emscripten_get_now() + static_cast<double>(std::max<std::int64_t>(delay_ms, 0));
    // While timers run, a new one is never part of that round, however coarse the clock.
    if (due <= round_ms_) due = std::nextafter(round_ms_, round_ms_ + 1);
    pending->place = timers_.emplace(due, pending);
    auto timer = std::make_unique<WebTimer>(self_, pending);
    arm();
    return base::Timer(std::move(timer));
}

void WebScheduler::run_turn() {
    turn_posted_ = false;
    const double deadline = emscripten_get_now() + kTurnBudgetMs;
    // What is posted meanwhile has its turn later: a task that posts itself must not hold the page.
    for (std::size_t left = queue_.size(); left > 0; --left) {
        auto task = std::move(queue_.front());
        queue_.pop_front();
        task();
        if (emscripten_get_now() >= deadline) break;
    }
    if (!queue_.empty() && !std::exchange(turn_posted_, true)) bn_loop_post();
}

void WebScheduler::run_timers() {
    armed_for_ms_ = -1;
    round_ms_ = emscripten_get_now();
    while (!timers_.empty() && timers_.begin()->first <= round_ms_) {
        auto pending = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
        auto task = std::move(pending->task);
        // The timer reads as not pending while its task runs, and may be dropped by it.
        pending.reset();
        task();
    }
    round_ms_ = -1;
    arm();
}

void WebScheduler::arm() {
    if (timers_.empty()) return;
    const double due = timers_.begin()->first;
    if (armed_for_ms_ >= 0 && armed_for_ms_ <= due) return;
    armed_for_ms_ = due;
    bn_loop_set_timer(std::clamp(std::ceil(due - emscripten_get_now()), 0.0, kLongestSleepMs));
}

}  // namespace web

extern "C" {
EMSCRIPTEN_KEEPALIVE void bn_loop_tick(web::WebScheduler* self) { self->run_turn(); }
EMSCRIPTEN_KEEPALIVE void bn_loop_timer(web::WebScheduler* self) { self->run_timers(); }
}
