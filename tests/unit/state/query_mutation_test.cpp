#include <algorithm>

#include "query_fixture.hpp"

using namespace query_test;
using state::MutateCallbacks;
using state::MutationContext;
using state::MutationOptions;
using state::MutationState;
using state::MutationStatus;
using state::OptimisticEdit;

namespace {

struct Writes {
    Server server;
    std::vector<MutationContext> contexts;
    state::MutationFunction run() {
        return [this, fn = server.function()](const MutationContext& context, state::QueryDone done) -> state::QueryWork {
            contexts.push_back(context);
            return fn({}, std::move(done));
        };
    }
};

// Sets one member of an object.
MutationOptions set_member(Writes& writes, QueryKey key, const char* name) {
    return {.run = writes.run(), .optimistic = [key, name](const SharedJson& value) {
                return std::vector<OptimisticEdit>{{key, [name, value](const std::optional<SharedJson>& now) -> std::optional<SharedJson> {
                                                       if (!now) return std::nullopt;
                                                       return now->with(name, value);
                                                   }}};
            }};
}

}  // namespace

TEST_CASE("callbacks run in their order, each with what it needs, and the state is settled last [M1]") {
    std::vector<std::string> order;
    const auto note = [&order](const char* what) {
        return [&order, what](const MutationState& s) { order.push_back(std::string(what) + (s.status == MutationStatus::pending ? "" : "!")); };
    };
    Fixture f({.hooks = {.on_mutate = note("hook mutate"),
                         .on_success = [&](const SharedJson&, const MutationState&) { order.push_back("hook success"); },
                         .on_error = [&](const base::Error&, const MutationState&) { order.push_back("hook error"); },
                         .on_settled = note("hook settled")}});
    Writes writes;
    const MutationOptions options{.run =
                                      [&](const MutationContext& c, state::QueryDone done) {
                                          order.push_back("run " + c.context.text());
                                          return writes.run()(c, std::move(done));
                                      },
                                  .retry = 0,
                                  .on_mutate =
                                      [&](const SharedJson& variables) {
                                          order.push_back("mutate " + variables.text());
                                          return SharedJson("context");
                                      },
                                  .on_success = [&](const SharedJson& data, const MutationState& s) { order.push_back("success " + data.text() + s.context.text()); },
                                  .on_error = [&](const base::Error& e, const MutationState&) { order.push_back("error " + e.message); },
                                  .on_settled = note("settled")};
    const auto id = f.client.mutate(options, 7);
    CHECK(order == std::vector<std::string>{"hook mutate", "mutate 7", R"(run "context")"});
    order.clear();
    writes.server.answer_last(1);
    CHECK(order == std::vector<std::string>{"hook success", R"(success 1"context")", "hook settled", "settled"});
    CHECK(f.client.mutation_state(id)->status == MutationStatus::success);
    order.clear();
    (void)f.client.mutate(options, 8);
    order.clear();
    writes.server.fail_last();
    CHECK(order == std::vector<std::string>{"hook error", "error down", "hook settled", "settled"});
}

TEST_CASE("a success callback that fails leads to the error path; one that fails on the error path is reported and masks nothing [M1]") {
    std::vector<std::string> reported;
    Fixture f({.hooks = {.on_report = [&](const base::Error& e) { reported.push_back(e.message); }}});
    Writes writes;
    std::vector<std::string> errors;
    const auto id = f.client.mutate({.run = writes.run(),
                                     .on_success = [](const SharedJson&, const MutationState&) -> base::Result<void> {
                                         return base::fail(ErrorCode::internal, "callback");
                                     },
                                     .on_error = [&](const base::Error& e, const MutationState&) -> base::Result<void> {
                                         errors.push_back(e.message);
                                         return base::fail(ErrorCode::internal, "second");
                                     }});
    writes.server.answer_last(1);
    CHECK(errors == std::vector<std::string>{"callback"});
    CHECK(reported == std::vector<std::string>{"second"});
    CHECK(f.client.mutation_state(id)->status == MutationStatus::error);
    CHECK(f.client.mutation_state(id)->error->message == "callback");
}

TEST_CASE("variables, context and time are in the state while the mutation runs [M2]") {
    Fixture f;
    Writes writes;
    const auto id = f.client.mutate({.run = writes.run(), .on_mutate = [](const SharedJson& v) { return v.with("seen", true); }},
                                    SharedJson::object({{"id", "a"}}));
    const auto state = f.client.mutation_state(id);
    CHECK(state->status == MutationStatus::pending);
    CHECK(state->variables.string_or("id", "") == "a");
    CHECK(state->context.boolean_or("seen", false));
    CHECK(state->submitted_at_ms == f.time.unix_ms());
    CHECK(writes.contexts[0].context == state->context);
    CHECK(f.client.mutating_count() == 1);
}

TEST_CASE("mutations of one scope run one after another, others at the same time [M3]") {
    Fixture f;
    Writes writes;
    const auto mutate = [&](const char* scope, int n) { return f.client.mutate({.run = writes.run(), .scope = scope}, n); };
    (void)mutate("a", 1);
    const auto second = mutate("a", 2);
    (void)mutate("a", 3);
    (void)mutate("b", 4);
    (void)mutate("", 5);
    CHECK(writes.server.count() == 3);
    CHECK(f.client.mutation_state(second)->is_paused);
    writes.server.answer(0, SharedJson(1));
    REQUIRE(writes.contexts.size() == 4);
    CHECK(writes.contexts[3].variables == SharedJson(2));
    writes.server.answer(3, base::fail(failure("no", ErrorCode::forbidden)));
    REQUIRE(writes.contexts.size() == 5);
    CHECK(writes.contexts[4].variables == SharedJson(3));
}

TEST_CASE("a mutation waits for the network, and is retried once by default [M3]") {
    Fixture f;
    Writes writes;
    f.client.set_online(false);
    const auto a = f.client.mutate({.run = writes.run(), .network_mode = state::NetworkMode::online}, 1);
    const auto b = f.client.mutate({.run = writes.run(), .scope = "s", .network_mode = state::NetworkMode::online}, 2);
    const auto c = f.client.mutate({.run = writes.run(), .scope = "s", .network_mode = state::NetworkMode::online}, 3);
    CHECK(f.client.mutation_state(a)->is_paused);
    CHECK(writes.server.count() == 0);
    f.client.set_online(true);
    CHECK(writes.server.count() == 2);  // in parallel, but one of the scope
    CHECK_FALSE(f.client.mutation_state(b)->is_paused);
    CHECK(f.client.mutation_state(c)->is_paused);
    writes.server.answer(1, SharedJson(1));
    CHECK(writes.server.count() == 3);
    writes.server.answer(0, base::fail(failure()));
    f.client.set_online(false);
    f.time.advance(1000);
    CHECK(f.client.mutation_state(a)->is_paused);
    f.client.set_online(true);
    CHECK(writes.server.count() == 4);
    CHECK(writes.contexts[3].id == writes.contexts[0].id);
    CHECK(writes.contexts[3].attempt == 1);
    writes.server.answer(3, base::fail(failure()));
    CHECK(f.client.mutation_state(a)->status == MutationStatus::error);
}

TEST_CASE("a settled mutation never runs again; a restored one does, with the function its key stands for [M4]") {
    Fixture f;
    Writes writes;
    (void)f.client.mutate({.run = writes.run()}, 1);
    writes.server.answer_last(1);
    f.client.resume_paused_mutations();
    f.client.set_online(false);
    f.client.set_online(true);
    CHECK(writes.server.count() == 1);
    f.client.set_online(false);
    (void)f.client.mutate({.key = QueryKey{"save", "w1"}, .run = writes.run(), .scope = "w1", .network_mode = state::NetworkMode::online}, "text");
    const SharedJson kept = f.client.dehydrate();

    Fixture later;
    Writes after;
    later.client.set_mutation_defaults({"save"}, {.run = after.run()});
    CHECK(later.client.hydrate(kept) == 1);
    CHECK(after.server.count() == 0);
    later.client.resume_paused_mutations();
    REQUIRE(after.server.count() == 1);
    CHECK(after.contexts[0].variables == SharedJson("text"));
    CHECK(later.client.list_mutations().at(0).scope == "w1");
    after.server.answer_last(1);
    CHECK(later.client.list_mutations().at(0).status == MutationStatus::success);
    later.client.resume_paused_mutations();
    CHECK(after.server.count() == 1);
}

TEST_CASE("the state is kept without observers; callbacks of a call run only if it is the newest and its mutator lives [M5]") {
    Fixture f;
    Writes writes;
    std::vector<std::string> heard;
    std::vector<MutationStatus> states;
    auto mutator = f.client.mutator({.run = writes.run()}, [&states](const MutationState& s) { states.push_back(s.status); });
    CHECK(mutator.result().status == MutationStatus::idle);
    const auto first = mutator.mutate(1, {.on_success = [&](const SharedJson&) { heard.push_back("first"); }});
    (void)mutator.mutate(2, {.on_success = [&](const SharedJson& d) { heard.push_back("second " + d.text()); }, .on_settled = [&] { heard.push_back("settled"); }});
    CHECK(mutator.result().status == MutationStatus::pending);
    writes.server.answer(0, SharedJson(10));
    writes.server.answer(1, SharedJson(20));
    CHECK(f.client.mutation_state(first)->status == MutationStatus::success);
    f.run();
    CHECK(heard == std::vector<std::string>{"second 20", "settled"});
    CHECK(states.back() == MutationStatus::success);
    CHECK(mutator.result().data == SharedJson(20));
    mutator.forget();
    CHECK(mutator.result().status == MutationStatus::idle);
    const auto last = mutator.mutate(3, {.on_settled = [&] { heard.push_back("never"); }});
    mutator.reset();
    writes.server.answer_last(1);
    f.run();
    CHECK(heard.size() == 2);
    CHECK(f.client.mutation_state(last)->status == MutationStatus::success);
    (void)f.client.mutate({.run = writes.run(), .retry = 0}, 4, {.on_error = [&](const base::Error& e) { heard.push_back(e.message); }});
    writes.server.fail_last();
    f.run();
    CHECK(heard.back() == "down");
}

TEST_CASE("an optimistic edit shows at once, is taken back on failure, and the key is fetched again after it [M6]") {
    Fixture f;
    Writes writes;
    auto observer = f.watch({"a"});
    f.server.answer_last(SharedJson::object({{"on", false}, {"n", 1}}));
    MutationOptions toggle = set_member(writes, {"a"}, "on");
    toggle.retry = 0;
    toggle.invalidates = {{"a"}};
    (void)f.client.mutate(toggle, true);
    CHECK(observer.result().data->boolean_or("on", false));
    CHECK(observer.result().is_optimistic);
    writes.server.fail_last();
    CHECK_FALSE(observer.result().data->boolean_or("on", true));
    CHECK_FALSE(observer.result().is_optimistic);
    CHECK(f.server.count() == 2);
    f.server.answer_last(SharedJson::object({{"on", false}, {"n", 2}}));
    (void)f.client.mutate(toggle, true);
    writes.server.answer_last(1);
    CHECK(observer.result().data->boolean_or("on", false));
    f.server.answer_last(SharedJson::object({{"on", true}, {"n", 3}}));
    CHECK(observer.result().data->text() == R"({"n":3,"on":true})");
    CHECK_FALSE(observer.result().is_optimistic);
}

TEST_CASE("a failed edit of absent data leaves it absent [M6]") {
    Fixture f;
    Writes writes;
    (void)f.client.mutate({.run = writes.run(), .retry = 0, .optimistic = [](const SharedJson& v) {
                               return std::vector<OptimisticEdit>{{{"new"}, [v](const auto&) { return std::optional<SharedJson>(v); }}};
                           }},
                          5);
    CHECK(f.data({"new"}) == SharedJson(5));
    CHECK(f.client.get_state({"new"})->status == QueryStatus::success);
    writes.server.fail_last();
    CHECK_FALSE(f.client.get_data({"new"}));
    CHECK(f.client.get_state({"new"})->status == QueryStatus::pending);
    f.time.advance(10 * kMinute);
    CHECK(f.client.size() == 0);
}

TEST_CASE("of two overlapping edits either may fail first and the other stays [M6]") {
    for (const bool first_fails_first : {true, false}) {
        for (const bool other_fails : {true, false}) {
            Fixture f;
            Writes writes;
            f.client.set_data({"a"}, SharedJson::object({{"x", 0}, {"y", 0}}));
            MutationOptions x = set_member(writes, {"a"}, "x");
            MutationOptions y = set_member(writes, {"a"}, "y");
            x.retry = y.retry = 0;
            (void)f.client.mutate(x, 1);
            (void)f.client.mutate(y, 2);
            CHECK(f.data({"a"}).text() == R"({"x":1,"y":2})");
            const std::size_t failing = first_fails_first ? 0 : 1;
            writes.server.answer(failing, base::fail(failure()));
            CHECK(f.data({"a"}).text() == (first_fails_first ? R"({"x":0,"y":2})" : R"({"x":1,"y":0})"));
            if (other_fails) {
                writes.server.answer(1 - failing, base::fail(failure()));
                CHECK(f.data({"a"}).text() == R"({"x":0,"y":0})");
            } else {
                writes.server.answer(1 - failing, SharedJson(1));
                CHECK(f.data({"a"}).text() == (first_fails_first ? R"({"x":0,"y":2})" : R"({"x":1,"y":0})"));
            }
        }
    }
}

TEST_CASE("news from the server come under the pending edits, not over them [M6]") {
    Fixture f;
    Writes writes;
    f.client.set_data({"a"}, SharedJson::object({{"x", 0}}));
    MutationOptions x = set_member(writes, {"a"}, "x");
    x.retry = 0;
    (void)f.client.mutate(x, 1);
    f.client.set_data({"a"}, SharedJson::object({{"x", 0}, {"seen", true}}));
    CHECK(f.data({"a"}).text() == R"({"seen":true,"x":1})");
    writes.server.fail_last();
    CHECK(f.data({"a"}).text() == R"({"seen":true,"x":0})");
}

TEST_CASE("an answer asked for before an edit was confirmed does not undo it; one asked for later does away with it [M6]") {
    Fixture f;
    Writes writes;
    auto observer = f.watch({"a"});
    f.server.answer_last(SharedJson::object({{"x", 0}}));
    observer.refetch();
    (void)f.client.mutate(set_member(writes, {"a"}, "x"), 1);
    writes.server.answer_last("done");
    f.server.answer_last(SharedJson::object({{"x", 0}, {"old", true}}));
    CHECK(observer.result().data->integer_or("x", -1) == 1);
    observer.refetch();
    f.server.answer_last(SharedJson::object({{"x", 9}}));
    CHECK(observer.result().data->integer_or("x", -1) == 9);
}

TEST_CASE("an edit may learn from the server's reply when it is confirmed [M6]") {
    Fixture f;
    Writes writes;
    f.client.set_data({"list"}, SharedJson::array({}));
    (void)f.client.mutate({.run = writes.run(), .optimistic = [](const SharedJson& v) {
                               return std::vector<OptimisticEdit>{
                                   {.key = {"list"},
                                    .apply = [v](const std::optional<SharedJson>& now) { return std::optional(now->with_item_by("id", v)); },
                                    .confirm = [](const std::optional<SharedJson>& now, const SharedJson& reply) {
                                        return std::optional(now->with_item_by("id", reply));
                                    }}};
                           }},
                          SharedJson::object({{"id", "temporary"}}));
    CHECK(f.data({"list"}).text() == R"([{"id":"temporary"}])");
    writes.server.answer_last(SharedJson::object({{"id", "w-17"}}));
    CHECK(f.data({"list"}).text() == R"([{"id":"w-17"}])");
}

TEST_CASE("whatever the order of edits, answers and news, what is seen is the server's data with the pending edits on top [M6]") {
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        base::testing::SeededRandom random(seed);
        const auto pick = [&random](std::uint64_t n) { return random.next_u64() % n; };
        Fixture f;
        Writes writes;
        struct Edit {
            std::string name;
            int value;
            bool settled = false;
        };
        std::vector<Edit> edits;
        // The server's truth, and what the cache was last told of it plus what was confirmed since.
        SharedJson truth = SharedJson::object({{"base", 0}});
        auto observer = f.watch({"a"});
        f.server.answer_last(truth);
        for (int step = 0; step < 40; ++step) {
            switch (pick(4)) {
                case 0: {
                    const std::string name(1, static_cast<char>('a' + pick(3)));
                    const int value = static_cast<int>(pick(1000));
                    MutationOptions options{.run = writes.run(), .retry = 0, .optimistic = [name](const SharedJson& v) {
                                                return std::vector<OptimisticEdit>{{{"a"}, [name, v](const std::optional<SharedJson>& now) {
                                                                                        return now ? std::optional(now->with(name, v)) : std::nullopt;
                                                                                    }}};
                                            }};
                    (void)f.client.mutate(std::move(options), value);
                    edits.push_back({name, value});
                    break;
                }
                case 1: {
                    // The server takes edits in the order they were sent, so one that waits behind an earlier one settles later.
                    const auto next = std::find_if(edits.begin(), edits.end(), [](const Edit& e) { return !e.settled; });
                    if (next == edits.end()) break;
                    next->settled = true;
                    const auto index = static_cast<std::size_t>(next - edits.begin());
                    if (pick(2) == 0) {
                        truth = truth.with(next->name, next->value);
                        writes.server.answer(index, SharedJson("ok"));
                    } else {
                        writes.server.answer(index, base::fail(failure()));
                    }
                    break;
                }
                case 2:
                    truth = truth.with("base", static_cast<int>(pick(1000)));
                    observer.refetch();
                    f.server.answer_last(truth);
                    break;
                default: f.run();
            }
            // Only news of "base" that were fetched are known here; edits are compared in full.
            SharedJson expected = truth.with("base", observer.result().data->member("base"));
            for (const Edit& edit : edits) {
                if (!edit.settled) expected = expected.with(edit.name, edit.value);
            }
            REQUIRE(observer.result().data->text() == expected.text());
        }
    }
}
