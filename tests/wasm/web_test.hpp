// The smallest test harness that fits a browser: tests are steps that the event loop comes back to. Results go to the console as
// "PASS name", "FAIL name: why", "SKIP name: why" and at the end "DONE passed failed"; run.mjs reads them.
//
//   suite.add("a name that says what it proves", [](TestCase& test) {
//       test.check(1 + 1 == 2, "sum");
//       test.until("the timer fired", [&] { return fired; }, [&](TestCase& test) { test.check(...); });
//   });
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/scheduler.hpp"

namespace web_test {

class TestCase {
public:
    explicit TestCase(base::Scheduler& loop) : scheduler(loop) {}
    void check(bool condition, const std::string& what) {
        if (!condition) failures.push_back(what);
    }
    // Goes on with `then` once `predicate` holds; a test without a next step is over.
    void until(std::string what, std::function<bool()> predicate, std::function<void(TestCase&)> then) {
        waiting_for = std::move(what);
        ready = std::move(predicate);
        next = std::move(then);
    }

    base::Scheduler& scheduler;
    std::vector<std::string> failures;
    std::string skip_reason;
    std::string waiting_for;
    std::function<bool()> ready;
    std::function<void(TestCase&)> next;
};

class Suite {
public:
    static constexpr std::int64_t kStepMs = 2;
    static constexpr std::int64_t kGiveUpMs = 20'000;

    explicit Suite(base::Scheduler& scheduler) : scheduler_(scheduler) {}
    void add(std::string name, std::function<void(TestCase&)> body) { tests_.push_back({std::move(name), std::move(body)}); }
    void run();

private:
    struct Entry {
        std::string name;
        std::function<void(TestCase&)> body;
    };
    void start_next();
    void step();
    void report();

    base::Scheduler& scheduler_;
    std::deque<Entry> tests_;
    std::string name_;
    std::unique_ptr<TestCase> current_;
    std::int64_t started_ms_ = 0;
    base::Timer timer_;
    int passed_ = 0;
    int failed_ = 0;
};

// By the files of this folder.
void add_loop_tests(Suite& suite);
void add_storage_tests(Suite& suite);
void add_page_tests(Suite& suite);
void add_tabs_tests(Suite& suite, base::Scheduler& scheduler);
void add_sse_tests(Suite& suite, base::Scheduler& scheduler);
void add_http_tests(Suite& suite, base::Scheduler& scheduler);
void add_stream_tests(Suite& suite, base::Scheduler& scheduler);

}  // namespace web_test
