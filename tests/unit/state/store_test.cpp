#include "state/store.hpp"

#include <catch2/catch_test_macros.hpp>
#include <optional>
#include <string>
#include <vector>

namespace {

struct Panel {
    int height_px = 200;
    std::string tab = "logs";
    friend bool operator==(const Panel&, const Panel&) = default;
};

}  // namespace

TEST_CASE("an update that changes nothing is not a change [Z1]") {
    state::Store<Panel> store;
    int calls = 0;
    const auto sub = store.subscribe([&](const Panel&) { ++calls; });
    store.update([](Panel& p) { p.height_px = 200; });
    store.set(Panel{});
    store.mutate([](Panel&) { return false; });
    CHECK(store.version() == 0);
    CHECK(calls == 0);
    store.update([](Panel& p) { p.height_px = 240; });
    store.mutate([](Panel& p) {
        p.tab = "events";
        return true;
    });
    CHECK(store.version() == 2);
    CHECK(calls == 2);
    CHECK(store.get() == Panel{240, "events"});
}

TEST_CASE("a selector subscription hears only of what it selects, with before and after") {
    state::Store<Panel> store;
    std::vector<std::pair<int, int>> heights;
    const auto sub = store.subscribe(&Panel::height_px, [&](int now, int before) { heights.emplace_back(before, now); });
    store.update([](Panel& p) { p.tab = "events"; });
    store.update([](Panel& p) { p.height_px = 1; });
    store.update([](Panel& p) { p.height_px = 2; });
    CHECK(heights == std::vector<std::pair<int, int>>{{200, 1}, {1, 2}});
}

TEST_CASE("a dropped subscription is never called again [Z2]") {
    state::Store<int> store;
    int calls = 0;
    auto sub = store.subscribe([&](int) { ++calls; });
    CHECK(sub.active());
    sub.reset();
    store.set(1);
    {
        auto scoped = store.subscribe([&](int) { ++calls; });
        auto moved = std::move(scoped);
        store.set(2);
    }
    store.set(3);
    CHECK(calls == 1);
    CHECK(store.subscriber_count() == 0);
}

TEST_CASE("updates made in callbacks run after the round, in order") {
    state::Store<int> store;
    std::vector<std::string> heard;
    const auto first = store.subscribe([&](int value) {
        heard.push_back("a" + std::to_string(value));
        if (value == 1) {
            store.update([](int& v) { v += 10; });
            store.update([](int& v) { v += 100; });
            CHECK(store.get() == 1);
        }
    });
    const auto second = store.subscribe([&](int value) { heard.push_back("b" + std::to_string(value)); });
    store.set(1);
    CHECK(heard == std::vector<std::string>{"a1", "b1", "a11", "b11", "a111", "b111"});
    CHECK(store.version() == 3);
}

TEST_CASE("an update inside an updater is queued too") {
    state::Store<int> store;
    store.update([&](int& v) {
        store.update([](int& later) { later *= 2; });
        v = 5;
    });
    CHECK(store.get() == 10);
}

TEST_CASE("subscribers dropped in a round are skipped, added ones wait for the next change [Z2]") {
    state::Store<int> store;
    std::string heard;
    state::Subscription second;
    state::Subscription third;
    const auto first = store.subscribe([&](int) {
        heard += "1";
        second.reset();
        if (!third.active()) third = store.subscribe([&](int) { heard += "3"; });
    });
    second = store.subscribe([&](int) { heard += "2"; });
    store.set(1);
    CHECK(heard == "1");
    store.set(2);
    CHECK(heard == "113");
}

TEST_CASE("callbacks that feed each other for ever are cut and counted") {
    state::Store<int> store;
    const auto sub = store.subscribe([&](int) { store.update([](int& v) { ++v; }); });
    store.set(1);
    CHECK(store.get() == 1 + static_cast<int>(state::Store<int>::kMaxQueuedUpdates));
    CHECK(store.dropped_updates() == 1);
}

TEST_CASE("a store may be destroyed in a callback and before its subscriptions [Z2]") {
    std::optional<state::Store<int>> store(std::in_place);
    int later = 0;
    const auto first = store->subscribe([&](int) {
        store->set(9);
        store.reset();
    });
    const auto second = store->subscribe([&](int) { ++later; });
    store->set(1);
    CHECK(later == 0);
    CHECK(first.active());
}

TEST_CASE("reset goes back to the value the store was made with [Z4]") {
    state::Store<int> store(7);
    store.set(9);
    store.reset();
    CHECK(store.get() == 7);
    CHECK(store.version() == 2);
}

TEST_CASE("a selector subscription can be told at once [Z3]") {
    state::Store<int> store(7);
    std::vector<std::pair<int, int>> told;
    const auto sub = store.subscribe([](const int& n) { return n / 10; }, [&](int now, int before) { told.emplace_back(now, before); }, true);
    CHECK(told == std::vector<std::pair<int, int>>{{0, 0}});
    store.set(12);
    CHECK(told.back() == std::pair{1, 0});
}
