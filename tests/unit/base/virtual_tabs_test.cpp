// The fake browser keeps the promises of base/tabs.hpp, which other tests rely on.
#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "base/testing/virtual_tabs.hpp"

TEST_CASE("a message reaches the other tabs, later and in order, and never the sender") {
    base::testing::VirtualScheduler time;
    base::testing::VirtualBrowser browser(time);
    const auto a = browser.open_tab();
    const auto b = browser.open_tab();
    const auto from_a = a->channel("x");
    const auto in_b = b->channel("x");
    const auto other = b->channel("y");
    std::vector<std::string> heard;
    from_a->on_message([&](std::string_view) { heard.emplace_back("self"); });
    in_b->on_message([&](std::string_view text) { heard.emplace_back(text); });
    other->on_message([&](std::string_view) { heard.emplace_back("other name"); });
    REQUIRE(from_a->post("1"));
    REQUIRE(from_a->post("2"));
    CHECK(heard.empty());
    const auto late = b->channel("x");
    late->on_message([&](std::string_view) { heard.emplace_back("late"); });
    time.advance(10);
    CHECK(heard == std::vector<std::string>{"1", "2"});

    b->freeze(true);
    REQUIRE(from_a->post("3"));
    time.advance(10);
    b->freeze(false);
    time.advance(10);
    CHECK(heard.size() == 2);
}

TEST_CASE("a lock has one holder; the next gets it when the holder lets go or its tab closes") {
    base::testing::VirtualScheduler time;
    base::testing::VirtualBrowser browser(time);
    const auto a = browser.open_tab();
    const auto b = browser.open_tab();
    const auto c = browser.open_tab();
    std::string order;
    auto first = a->request("lock", {}, [&](base::Result<void>) { order += 'a'; });
    auto second = b->request("lock", {}, [&](base::Result<void>) { order += 'b'; });
    auto third = c->request("lock", {}, [&](base::Result<void>) { order += 'c'; });
    CHECK(order.empty());
    time.run_ready();
    CHECK(order == "a");
    a->close();
    time.run_ready();
    CHECK(order == "ab");
    second.release();
    time.run_ready();
    CHECK(order == "abc");
}

TEST_CASE("a withdrawn request is never granted, a stolen lock tells its holder, denied locks fail") {
    base::testing::VirtualScheduler time;
    base::testing::VirtualBrowser browser(time);
    const auto a = browser.open_tab();
    const auto b = browser.open_tab();
    bool lost = false;
    int granted = 0;
    auto held = a->request("lock", {.steal = false, .lost = [&] { lost = true; }}, [&](base::Result<void>) { ++granted; });
    auto waiting = b->request("lock", {}, [&](base::Result<void>) { ++granted; });
    time.run_ready();
    waiting.release();
    held.release();
    time.run_ready();
    CHECK(granted == 1);

    auto again = a->request("lock", {.steal = false, .lost = [&] { lost = true; }}, [&](base::Result<void>) { ++granted; });
    time.run_ready();
    auto thief = b->request("lock", {.steal = true, .lost = {}}, [&](base::Result<void>) { ++granted; });
    time.run_ready();
    CHECK(lost);
    CHECK(granted == 3);

    b->deny_locks(true);
    base::Result<void> answer;
    auto denied = b->request("other", {}, [&](base::Result<void> result) { answer = std::move(result); });
    time.run_ready();
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == base::ErrorCode::unavailable);
}
