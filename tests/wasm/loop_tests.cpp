#include <memory>
#include <string>
#include <vector>

#include "wasm/web_test.hpp"

namespace web_test {

namespace {

void posted_tasks_run_in_order_and_later(TestCase& test) {
    auto seen = std::make_shared<std::string>();
    test.scheduler.post([seen] { *seen += 'a'; });
    test.scheduler.post([seen] { *seen += 'b'; });
    test.check(seen->empty(), "nothing runs inside post()");
    test.until("both ran", [seen] { return seen->size() == 2; }, [seen](TestCase& t) { t.check(*seen == "ab", "order: " + *seen); });
}

void timers_run_by_due_time(TestCase& test) {
    struct State {
        std::string seen;
        std::vector<base::Timer> timers;
    };
    auto state = std::make_shared<State>();
    state->timers.push_back(test.scheduler.after(20, [state] { state->seen += 'c'; }));
    state->timers.push_back(test.scheduler.after(10, [state] { state->seen += 'b'; }));
    state->timers.push_back(test.scheduler.after(0, [state] { state->seen += 'a'; }));
    test.check(state->timers[0].pending(), "pending before it is due");
    test.until("all three ran", [state] { return state->seen.size() == 3; }, [state](TestCase& t) {
        t.check(state->seen == "abc", "order: " + state->seen);
        t.check(!state->timers[0].pending(), "not pending after it ran");
    });
}

void a_dropped_timer_never_runs(TestCase& test) {
    struct State {
        bool dropped_ran = false;
        bool later_ran = false;
        base::Timer dropped, killer, later;
    };
    auto state = std::make_shared<State>();
    state->dropped = test.scheduler.after(5, [state] { state->dropped_ran = true; });
    // Due in the same round, and before it.
    state->killer = test.scheduler.after(4, [state] { state->dropped.cancel(); });
    state->later = test.scheduler.after(15, [state] { state->later_ran = true; });
    test.until("the later one ran", [state] { return state->later_ran; },
               [state](TestCase& t) { t.check(!state->dropped_ran, "the dropped one did not"); });
}

void a_timer_that_rearms_itself_lets_others_run(TestCase& test) {
    struct State {
        int rounds = 0;
        bool posted_ran = false;
        base::Timer timer;
        std::function<void()> again;
    };
    auto state = std::make_shared<State>();
    state->again = [state, &loop = test.scheduler] {
        if (++state->rounds < 50) state->timer = loop.after(0, [state] { state->again(); });
    };
    state->again();
    test.scheduler.post([state] { state->posted_ran = state->rounds < 50; });
    test.until("fifty rounds", [state] { return state->rounds == 50; }, [state](TestCase& t) {
        t.check(state->posted_ran, "a posted task got in between");
        state->again = nullptr;
    });
}

}  // namespace

void add_loop_tests(Suite& suite) {
    suite.add("scheduler: posted tasks run in order, never inside the call", posted_tasks_run_in_order_and_later);
    suite.add("scheduler: timers run by due time", timers_run_by_due_time);
    suite.add("scheduler: a dropped timer never runs, though it was due in the same round", a_dropped_timer_never_runs);
    suite.add("scheduler: a timer that rearms itself lets others run", a_timer_that_rearms_itself_lets_others_run);
}

}  // namespace web_test
