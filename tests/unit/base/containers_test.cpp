#include <catch2/catch_test_macros.hpp>
#include <deque>
#include <memory>
#include <set>
#include <string>

#include "base/ids.hpp"
#include "base/ring_buffer.hpp"
#include "base/slot_map.hpp"
#include "base/testing/virtual_scheduler.hpp"

TEST_CASE("a full ring drops its oldest and counts") {
    base::RingBuffer<int> ring(3);
    CHECK_FALSE(ring.push_back(1));
    CHECK_FALSE(ring.push_back(2));
    CHECK_FALSE(ring.push_back(3));
    CHECK(ring.full());
    CHECK(ring.push_back(4));
    CHECK(ring.front() == 2);
    CHECK(ring.back() == 4);
    CHECK(ring.dropped() == 1);
    ring.clear();
    CHECK(ring.empty());
    CHECK(ring.dropped() == 0);
}

TEST_CASE("a ring behaves as a bounded deque under any mix of pushes and pops") {
    base::testing::SeededRandom random(11);
    for (const std::size_t capacity : {1U, 2U, 17U, 100U}) {
        base::RingBuffer<std::string> ring(capacity);
        std::deque<std::string> model;
        std::uint64_t dropped = 0;
        for (int i = 0; i < 3000; ++i) {
            if (random.below(3) == 0 && !model.empty()) {
                REQUIRE(ring.pop_front() == model.front());
                model.pop_front();
            } else {
                ring.push_back("a string longer than the small buffer " + std::to_string(i));
                model.push_back("a string longer than the small buffer " + std::to_string(i));
                if (model.size() > capacity) {
                    model.pop_front();
                    ++dropped;
                }
            }
            REQUIRE(ring.size() == model.size());
            if (!model.empty()) {
                const std::size_t at = random.below(model.size());
                REQUIRE(ring[at] == model[at]);
            }
        }
        CHECK(ring.dropped() == dropped);
    }
}

TEST_CASE("a stale handle finds nothing, even when its slot has a new tenant") {
    base::SlotMap<std::unique_ptr<int>> slots;
    const auto first = slots.insert(std::make_unique<int>(1));
    CHECK(**slots.find(first) == 1);
    CHECK(slots.erase(first));
    CHECK_FALSE(slots.erase(first));
    const auto second = slots.insert(std::make_unique<int>(2));
    CHECK(second.slot == first.slot);
    CHECK(slots.find(first) == nullptr);
    CHECK(**slots.find(second) == 2);
    CHECK(base::Handle::from_u64(second.to_u64()) == second);
    CHECK_FALSE(base::Handle{});
    CHECK(slots.find(base::Handle{}) == nullptr);
    CHECK(slots.find({99, 1}) == nullptr);
    CHECK(slots.handles() == std::vector<base::Handle>{second});
    CHECK(slots.size() == 1);
}

TEST_CASE("ids have their form, sort by time and do not repeat") {
    base::testing::SeededRandom random;
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) {
        const std::string id = base::make_id(random, 1767225600000);
        REQUIRE(base::is_id(id));
        ids.insert(id);
    }
    CHECK(ids.size() == 1000);
    CHECK(base::make_id(random, 1767225600000) < base::make_id(random, 1767225601000));
    CHECK(base::make_id(random, 1767225600000).starts_with("6955b900"));
    CHECK(base::is_id(base::make_id(random)));
    for (const std::string_view bad : {"", "6955b900", "6955B9000000000000000000", "6955b90000000000000000zz"}) CHECK_FALSE(base::is_id(bad));
    const std::string uuid = base::make_uuid(random);
    CHECK(uuid.size() == 36);
    CHECK(uuid[14] == '4');
    CHECK(std::string_view("89ab").find(uuid[19]) != std::string_view::npos);
    CHECK(base::make_name_suffix(random).size() == 5);
}

TEST_CASE("virtual time runs tasks in due order and forgets cancelled ones") {
    base::testing::VirtualScheduler time;
    std::string order;
    const auto late = time.after(20, [&] { order += "c"; });
    auto cancelled = time.after(5, [&] { order += "x"; });
    const auto early = time.after(10, [&] {
        order += "a";
        time.post([&] { order += "b"; });
    });
    cancelled.cancel();
    time.run_ready();
    CHECK(order.empty());
    time.advance(20);
    CHECK(order == "abc");
    CHECK(time.monotonic_ms() == 20);
    CHECK_FALSE(late.pending());
    CHECK_FALSE(early.pending());
}
