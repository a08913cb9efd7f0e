#include "wasm/web_test.hpp"

#include <cstdio>
#include <utility>

namespace web_test {

void Suite::run() { start_next(); }

void Suite::start_next() {
    if (tests_.empty()) {
        std::printf("DONE %d %d\n", passed_, failed_);
        return;
    }
    Entry entry = std::move(tests_.front());
    tests_.pop_front();
    name_ = std::move(entry.name);
    current_ = std::make_unique<TestCase>(scheduler_);
    started_ms_ = scheduler_.clock().monotonic_ms();
    entry.body(*current_);
    step();
}

void Suite::step() {
    while (current_->ready && current_->ready()) {
        auto next = std::exchange(current_->next, nullptr);
        current_->ready = nullptr;
        if (next) next(*current_);
    }
    if (!current_->ready) return report();
    if (scheduler_.clock().monotonic_ms() - started_ms_ > kGiveUpMs) {
        current_->failures.push_back("gave up waiting until " + current_->waiting_for);
        return report();
    }
    timer_ = scheduler_.after(kStepMs, [this] { step(); });
}

void Suite::report() {
    if (!current_->failures.empty()) {
        ++failed_;
        for (const std::string& failure : current_->failures) std::printf("FAIL %s: %s\n", name_.c_str(), failure.c_str());
    } else if (!current_->skip_reason.empty()) {
        std::printf("SKIP %s: %s\n", name_.c_str(), current_->skip_reason.c_str());
    } else {
        ++passed_;
        std::printf("PASS %s\n", name_.c_str());
    }
    timer_ = scheduler_.after(0, [this] { start_next(); });
}

}  // namespace web_test
