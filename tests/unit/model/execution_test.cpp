#include <catch2/catch_test_macros.hpp>

#include "model/execution.hpp"

using namespace model;
using Phase = ExecutionPhase;

namespace {

Execution::Now at(std::int64_t ms) { return {ms, 1'000'000 + ms}; }

Execution three() {
    Execution run;
    run.prepare("w1", {{"a", "web"}, {"b", "db"}, {"c", "cache"}}, at(0));
    return run;
}

}  // namespace

TEST_CASE("a run goes from preparing through running to completed, with progress") {
    Execution run = three();
    CHECK(run.state().phase == Phase::preparing);
    CHECK(run.state().started_at_ms == 1'000'000);
    CHECK_FALSE(run.node("a", NodeState::healthy, "", at(1)));  // not yet
    run.start("r1", at(10));
    CHECK(run.state().run_id == "r1");
    CHECK(run.node("a", NodeState::running, "", at(20)));
    CHECK(run.state().current_node == "a");
    CHECK(run.node("a", NodeState::healthy, "", at(30)));
    CHECK(run.state().done == 1);
    CHECK(run.state().total == 3);
    CHECK(run.next_tick_ms() == -1);
    run.node("b", NodeState::healthy, "", at(40));
    run.node("c", NodeState::created, "", at(50));
    CHECK(run.state().progress() == 1.0);
    CHECK_FALSE(run.tick(at(1'000)));  // what looks settled may be the state of before
    run.node("a", NodeState::running, "", at(1'200));
    run.node("a", NodeState::healthy, "", at(1'300));
    CHECK(run.next_tick_ms() == 1'300 + Execution::kSettleMs);
    CHECK(run.tick(at(3'000)));
    CHECK(run.state().phase == Phase::completed);
    CHECK(run.state().nodes[0].done_at_ms == 1'001'300);
    CHECK_FALSE(run.node("a", NodeState::error, "late", at(4'000)));
}

TEST_CASE("a failed node fails the run once the others have come to rest") {
    Execution run = three();
    run.start("r1", at(0));
    run.node("a", NodeState::error, "ImagePullBackOff", at(10));
    run.node("b", NodeState::healthy, "", at(10));
    CHECK_FALSE(run.tick(at(10'000)));
    run.node("c", NodeState::healthy, "", at(10'000));
    CHECK(run.tick(at(12'000)));
    CHECK(run.state().phase == Phase::failed);
    CHECK(run.state().error == "1 of 3 nodes failed");
    CHECK(run.state().nodes[0].message == "ImagePullBackOff");
    // It was appended: the log before it is still there.
    CHECK(run.logs().size() > 4);
    CHECK(run.logs().back().level == ExecutionLog::Level::error);
    CHECK(run.logs().back().text == "1 of 3 nodes failed");
    CHECK(run.logs()[0].text == "Saving and applying 3 nodes");
}

TEST_CASE("set_failed appends its error to the log [S5]") {
    Execution run = three();
    run.set_failed("The cluster refused the Deployment", at(5));
    CHECK(run.state().phase == Phase::failed);
    REQUIRE(run.logs().size() == 2);
    CHECK(run.logs()[1].text == "The cluster refused the Deployment");
    run.set_failed("again", at(6));
    CHECK(run.logs().size() == 2);
}

TEST_CASE("cancelling ends the waiting and says what stays") {
    Execution run = three();
    run.start("r1", at(0));
    run.cancel(at(5));
    CHECK(run.state().phase == Phase::cancelled);
    CHECK(run.logs().back().text == "Stopped waiting. What was applied stays in the cluster");
    CHECK_FALSE(run.node("a", NodeState::healthy, "", at(6)));
    run.prepare("w1", {{"a", "web"}}, at(7));
    CHECK(run.state().phase == Phase::preparing);
    CHECK(run.logs().size() == 1);
}

TEST_CASE("the log of a run is bounded and counts what it dropped") {
    Execution run = three();
    run.start("r1", at(0));
    for (int i = 0; i < 2'000; ++i) run.node("a", i % 2 ? NodeState::running : NodeState::pending, "", at(i));
    CHECK(run.logs().size() == Execution::kMaxLogs);
    CHECK(run.dropped_logs() > 1'000);
}
