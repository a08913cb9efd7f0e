#include "net/stream_budget.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace net {

struct StreamBudget::Shared {
    HttpClient* inner = nullptr;  // null once the client is gone
    std::size_t max = 1;
    std::size_t running = 0;
    std::deque<Exchange*> waiting;
    std::vector<Exchange*> live;  // those that were sent

    void pump();
};

// Owned by the caller's handle.
class StreamBudget::Exchange final : public RequestHandle::Impl {
public:
    Exchange(std::shared_ptr<Shared> shared, Request request, ResponseCallbacks callbacks)
        : shared_(std::move(shared)), request_(std::move(request)), callbacks_(std::move(callbacks)) {}
    ~Exchange() override {
        std::erase(shared_->waiting, this);
        handle_.cancel();
        leave();
    }
    void set_paused(bool paused) override {
        paused_ = paused;
        handle_.set_paused(paused);
    }
    [[nodiscard]] const std::string& target() const { return request_.target; }

    void start() {
        ++shared_->running;
        shared_->live.push_back(this);
        running_ = true;
        // The place is free for the next one before the caller hears of the end, who may drop this.
        callbacks_.on_done = [this, done = std::move(callbacks_.on_done)](base::Result<void> result) mutable {
            auto callback = std::move(done);
            leave();
            if (callback) callback(std::move(result));
        };
        handle_ = shared_->inner->send(std::move(request_), std::move(callbacks_));
        if (paused_) handle_.set_paused(true);
    }
    // The client is gone: ends silently.
    void abandon() {
        running_ = false;
        handle_.cancel();
        auto callbacks = std::move(callbacks_);
    }

private:
    void leave() {
        if (!std::exchange(running_, false)) return;
        std::erase(shared_->live, this);
        --shared_->running;
        const auto shared = shared_;
        shared->pump();
    }

    std::shared_ptr<Shared> shared_;
    Request request_;
    ResponseCallbacks callbacks_;
    RequestHandle handle_;
    bool running_ = false;
    bool paused_ = false;
};

void StreamBudget::Shared::pump() {
    while (inner && running < max && !waiting.empty()) {
        Exchange* next = waiting.front();
        waiting.pop_front();
        next->start();
    }
}

StreamBudget::StreamBudget(HttpClient& inner, std::size_t max) : shared_(std::make_shared<Shared>()) {
    shared_->inner = &inner;
    shared_->max = max;
}

StreamBudget::~StreamBudget() {
    shared_->inner = nullptr;
    for (Exchange* exchange : std::exchange(shared_->live, {})) exchange->abandon();
    for (Exchange* exchange : std::exchange(shared_->waiting, {})) exchange->abandon();
    shared_->running = 0;
}

RequestHandle StreamBudget::send(Request request, ResponseCallbacks callbacks) {
    auto exchange = std::make_unique<Exchange>(shared_, std::move(request), std::move(callbacks));
    shared_->waiting.push_back(exchange.get());
    shared_->pump();
    return RequestHandle(std::move(exchange));
}

std::size_t StreamBudget::running() const { return shared_->running; }

std::vector<std::string> StreamBudget::queued() const {
    std::vector<std::string> targets;
    for (const Exchange* exchange : shared_->waiting) targets.push_back(exchange->target());
    return targets;
}

}  // namespace net
