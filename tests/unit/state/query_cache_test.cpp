#include "query_fixture.hpp"

using namespace query_test;

TEST_CASE("data is stale after its stale time, or when invalidated, or absent; observers are told when it comes [G1]") {
    Fixture f;
    auto observer = f.watch({"a"});
    CHECK(observer.result().is_stale);
    f.server.answer_last(1);
    f.run();
    f.heard.clear();
    CHECK_FALSE(observer.result().is_stale);
    f.time.advance(5 * kMinute - 1);
    CHECK_FALSE(observer.result().is_stale);
    CHECK(f.heard.empty());
    f.time.advance(1);
    CHECK(observer.result().is_stale);
    REQUIRE(f.heard.size() == 1);
    CHECK(f.heard[0].is_stale);
    CHECK(f.server.count() == 1);  // stale is no reason to fetch by itself
    auto second = f.watch({"a"});
    CHECK(f.server.count() == 2);
    f.server.answer_last(2);
    f.client.invalidate(QueryKey{"a"}, std::nullopt);
    CHECK(observer.result().is_stale);
}

TEST_CASE("data that is never stale by age is stale when invalidated, static data not even then [G1 G2]") {
    Fixture f;
    QueryOptions forever = f.query({"a"});
    forever.initial_data = 1;
    forever.settings.stale_ms = state::kForeverMs;
    auto a = f.watch(std::move(forever));
    QueryOptions fixed = f.query({"b"});
    fixed.initial_data = 1;
    fixed.settings.stale_ms = state::kStaticMs;
    auto b = f.watch(std::move(fixed));
    f.time.advance(1'000'000 * kMinute);
    CHECK_FALSE(a.result().is_stale);
    f.client.invalidate({});
    CHECK(a.result().is_stale);
    CHECK_FALSE(b.result().is_stale);
    CHECK(f.server.count() == 1);
}

TEST_CASE("invalidate marks all that match and fetches what is asked for [G2]") {
    Fixture f;
    auto active = f.watch({"a", 1});
    f.server.answer_last(1);
    f.watch({"a", 2}).reset();
    f.client.prefetch(f.query({"a", 2}));
    f.server.answer_last(1);
    f.client.set_data({"b"}, 1);
    const std::size_t before = f.server.count();
    f.client.invalidate(QueryKey{"a"});
    CHECK(f.client.get_state({"a", 1})->invalidated);
    CHECK(f.client.get_state({"a", 2})->invalidated);
    CHECK_FALSE(f.client.get_state({"b"})->invalidated);
    CHECK(f.server.count() == before + 1);
    f.server.answer_last(2);
    CHECK_FALSE(f.client.get_state({"a", 1})->invalidated);
    f.client.invalidate(QueryKey{"a"}, std::nullopt);
    CHECK(f.server.count() == before + 1);
    f.client.invalidate(QueryKey{"a"}, QueryActivity::inactive);
    CHECK(f.server.count() == before + 2);
    CHECK(f.server.calls.back()->context.key == QueryKey{"a", 2});
    f.client.invalidate(QueryKey{"a"}, QueryActivity::all);
    CHECK(f.server.count() == before + 4);
}

TEST_CASE("a bulk refetch goes by the observer's settings, not by those of an imperative fetch in between [G2]") {
    Fixture f;
    auto observer = f.watch({"a"});
    auto request = f.client.fetch(f.query({"a"}), [](const base::Result<SharedJson>&) {});
    f.server.answer_last(1);
    f.client.invalidate({});
    f.server.fail_last();
    f.time.advance(1000);
    CHECK(f.server.count() == 3);
    CHECK(observer.result().is_fetching());
}

TEST_CASE("invalidating what is invalid already tells nobody again [G2]") {
    Fixture f;
    auto observer = f.watch({"a"});
    f.server.answer_last(1);
    f.client.invalidate(QueryKey{"a"}, std::nullopt);
    f.run();
    f.heard.clear();
    const auto version = f.client.version();
    f.client.invalidate(QueryKey{"a"}, std::nullopt);
    f.run();
    CHECK(f.heard.empty());
    CHECK(f.client.version() == version);
}

TEST_CASE("filters select by activity, staleness, fetch status and predicate [G2]") {
    Fixture f;
    auto active = f.watch({"a"});
    f.client.set_data({"b"}, 1);
    f.client.set_data({"c"}, 1);
    f.client.invalidate(QueryKey{"c"}, std::nullopt);
    const auto count = [&f](QueryFilter filter) {
        std::size_t n = 0;
        filter.predicate = [&n, inner = filter.predicate](const QueryKey& key, const state::QueryState& state) {
            const bool fits = !inner || inner(key, state);
            n += fits ? 1 : 0;
            return fits;
        };
        (void)f.client.get_all_data(filter);
        return n;
    };
    CHECK(count({}) == 3);
    CHECK(count(QueryFilter::active_only()) == 1);
    QueryFilter filter;
    filter.activity = QueryActivity::inactive;
    CHECK(count(filter) == 2);
    filter.stale = true;
    CHECK(count(filter) == 1);
    QueryFilter fetching;
    fetching.fetch_status = FetchStatus::fetching;
    CHECK(count(fetching) == 1);
    CHECK(f.client.fetching_count() == 1);
    QueryFilter by_rule;
    by_rule.predicate = [](const QueryKey& key, const state::QueryState&) { return key == QueryKey{"b"}; };
    CHECK(count(by_rule) == 1);
}

TEST_CASE("a disabled observer is not stale and fetches only when told [G3]") {
    Fixture f;
    QueryOptions options = f.query({"a"});
    options.enabled = false;
    auto observer = f.watch(std::move(options));
    CHECK(f.server.count() == 0);
    CHECK_FALSE(observer.result().is_enabled);
    CHECK_FALSE(observer.result().is_stale);
    f.client.set_data({"a"}, 1);
    f.client.invalidate({});
    f.client.refetch({});
    CHECK(f.server.count() == 0);
    observer.refetch();
    CHECK(f.server.count() == 1);
}

TEST_CASE("enabled may depend on the state or on anything else; turning it on fetches what is stale [G4]") {
    Fixture f;
    bool wanted = false;
    QueryOptions options = f.query({"a"});
    options.enabled_if = [&wanted](const state::QueryState&) { return wanted; };
    auto observer = f.watch(std::move(options));
    CHECK(f.server.count() == 0);
    wanted = true;
    observer.reconsider();
    CHECK(f.server.count() == 1);
    f.server.answer_last(1);
    QueryOptions off = f.query({"a"});
    off.enabled = false;
    observer.set_options(std::move(off));
    f.time.advance(6 * kMinute);
    observer.set_options(f.query({"a"}));
    CHECK(f.server.count() == 2);
    f.server.answer_last(2);
    QueryOptions again = f.query({"a"});
    again.enabled = false;
    observer.set_options(std::move(again));
    observer.set_options(f.query({"a"}));
    CHECK(f.server.count() == 2);  // fresh
    QueryOptions by_state = f.query({"b"});
    by_state.enabled_if = [](const state::QueryState& state) { return state.data.has_value(); };
    by_state.settings.stale_ms = 0;
    auto dependent = f.watch(std::move(by_state));
    CHECK(f.server.count() == 2);
    f.client.set_data({"b"}, 1);
    f.run();
    CHECK(f.server.count() == 3);
}

TEST_CASE("the stale time may be a function of the state [G5]") {
    Fixture f;
    QueryOptions options = f.query({"a"});
    options.settings.stale_ms_by = [](const state::QueryState& state) { return state.data ? state.data->integer_or("ttl", 0) : 0; };
    auto observer = f.watch(std::move(options));
    f.server.answer_last(SharedJson::object({{"ttl", 100}}));
    CHECK_FALSE(observer.result().is_stale);
    f.time.advance(99);
    CHECK_FALSE(observer.result().is_stale);
    f.time.advance(1);
    CHECK(observer.result().is_stale);
}

TEST_CASE("an unused entry is collected after 10 minutes, the longest wish counts, 0 is at once, for ever never [G6]") {
    Fixture f;
    f.watch(f.query({"a"}, false)).reset();
    f.server.answer_last(1);
    f.time.advance(10 * kMinute - 1);
    CHECK(f.client.get_data({"a"}));
    auto back = f.watch({"a"});
    f.time.advance(60 * kMinute);
    CHECK(f.client.get_data({"a"}));
    back.reset();
    f.time.advance(10 * kMinute);
    CHECK(f.client.size() == 0);
    const auto with_gc = [&f](const char* name, std::int64_t gc_ms) {
        QueryOptions options = f.query({name}, false);
        options.settings.gc_ms = gc_ms;
        return f.watch(std::move(options));
    };
    auto at_once = with_gc("zero", 0);
    at_once.reset();
    f.time.advance(1);
    CHECK(f.client.size() == 1);  // its fetch runs
    f.server.answer_last(1);
    f.time.advance(1);
    CHECK(f.client.size() == 0);
    with_gc("long", 60 * kMinute).reset();
    with_gc("long", 1).reset();
    f.server.answer_last(1);
    f.time.advance(59 * kMinute);
    CHECK(f.client.size() == 1);
    f.time.advance(kMinute);
    CHECK(f.client.size() == 0);
    with_gc("ever", state::kForeverMs).reset();
    f.server.answer_last(1);
    f.time.advance(1'000'000 * kMinute);
    CHECK(f.client.size() == 1);
}

TEST_CASE("ten thousand entries wait for collection behind one timer [G6]") {
    Fixture f;
    for (int i = 0; i < 10'000; ++i) f.client.set_data({"many", i}, i);
    CHECK(f.time.pending() <= 2);
    f.time.advance(10 * kMinute);
    CHECK(f.client.size() == 0);
    CHECK(f.time.pending() == 0);
}

TEST_CASE("a settled mutation is collected when nobody looks at it [G7 M7]") {
    Fixture f;
    const auto run = [&f](const state::MutationContext&, state::QueryDone done) -> state::QueryWork { return f.server.function()({}, std::move(done)); };
    const auto id = f.client.mutate({.run = run, .gc_ms = 1000});
    f.time.advance(kMinute);
    CHECK(f.client.mutation_state(id));
    f.server.answer_last(1);
    f.time.advance(999);
    CHECK(f.client.mutation_state(id)->status == state::MutationStatus::success);
    f.time.advance(1);
    CHECK_FALSE(f.client.mutation_state(id));
    auto mutator = f.client.mutator({.run = run, .gc_ms = 1000}, {});
    const auto seen = mutator.mutate(1);
    f.server.answer_last(1);
    f.time.advance(kMinute);
    CHECK(f.client.mutation_state(seen));
    mutator.reset();
    f.time.advance(1000);
    CHECK_FALSE(f.client.mutation_state(seen));
}

TEST_CASE("a jump of the wall clock makes nothing stale, fresh or collected; only the times shown follow it [G8]") {
    Fixture f;
    auto observer = f.watch({"a"});
    f.server.answer_last(1);
    f.time.jump_wall_clock(24 * 60 * kMinute);
    CHECK_FALSE(observer.result().is_stale);
    f.time.jump_wall_clock(-48 * 60 * kMinute);
    f.time.advance(5 * kMinute);
    CHECK(observer.result().is_stale);
    observer.refetch();
    f.server.answer_last(2);
    CHECK(observer.result().data == SharedJson(2));
    CHECK_FALSE(observer.result().is_stale);
    CHECK(observer.result().data_updated_at_ms == f.time.unix_ms());
    CHECK(f.client.list_queries().at(0).age_ms == 0);
}

TEST_CASE("sign-out empties everything, and no late answer, callback or writer of before brings anything back") {
    Fixture f;
    auto observer = f.watch({"a"});
    f.server.answer_last("secret");
    observer.refetch();
    auto uncancellable = f.watch(f.query({"b"}, false));
    std::vector<ErrorCode> codes;
    auto request = f.client.fetch(f.query({"c"}), [&](base::Result<SharedJson> answer) {
        if (!answer) codes.push_back(answer.error().code);
        CHECK_FALSE(f.client.set_data({"late"}, 1));
        CHECK_FALSE(f.client.update_data({"late"}, [](const auto&) { return std::optional<SharedJson>(1); }));
    });
    bool settled = false;
    f.client.mutate({.run = [&f](const state::MutationContext&, state::QueryDone done) { return f.server.function()({}, std::move(done)); },
                     .on_settled = [&settled](const state::MutationState&) { settled = true; }});
    const auto writer = f.client.writer();
    const auto epoch = f.client.epoch();
    f.client.clear();
    CHECK(f.client.epoch() == epoch + 1);
    CHECK(f.server.calls[1]->cancelled);
    CHECK_FALSE(observer.result().data);
    CHECK(observer.result().fetch_status == FetchStatus::idle);
    for (auto& call : f.server.calls) call->done(SharedJson("old session"));
    CHECK_FALSE(writer.set_data({"late"}, 1));
    CHECK_FALSE(writer.invalidate({}));
    f.time.advance(kMinute);
    CHECK(codes == std::vector{ErrorCode::cancelled});
    CHECK_FALSE(settled);
    CHECK(f.client.get_all_data({}).empty());
    CHECK(f.client.list_mutations().empty());
    CHECK(f.client.writer().set_data({"new"}, 1));
    observer.refetch();
    f.server.answer_last("new session");
    CHECK(observer.result().data == SharedJson("new session"));
}

TEST_CASE("after sign-out the data of before is no placeholder for a new key") {
    Fixture f;
    QueryOptions options = f.query({"user", 1});
    options.keep_previous = true;
    auto observer = f.watch(std::move(options));
    f.server.answer_last("private");
    CHECK(observer.result().data == SharedJson("private"));
    f.client.clear();
    QueryOptions next = f.query({"user", 2});
    next.keep_previous = true;
    observer.set_options(std::move(next));
    CHECK_FALSE(observer.result().data);
}

TEST_CASE("the developer panel's list shows key, state, age, observers and failures") {
    Fixture f;
    f.client.set_data({"b", SharedJson::object({{"y", 1}, {"x", 2}})}, 1);
    auto observer = f.watch({"a"});
    f.server.fail_last(failure("the hub is down"));
    f.time.advance(500);
    const auto list = f.client.list_queries();
    REQUIRE(list.size() == 2);
    CHECK(list[0].key == R"(["a"])");
    CHECK(list[0].observers == 1);
    CHECK(list[0].age_ms == -1);
    CHECK(list[0].failure_count == 1);
    CHECK(list[0].failure_reason == "the hub is down");
    CHECK(list[0].fetch_status == FetchStatus::fetching);
    CHECK(list[1].key == R"(["b",{"x":2,"y":1}])");
    CHECK(list[1].age_ms == 500);
    CHECK_FALSE(list[1].is_stale);
    f.client.mutate({.key = QueryKey{"save"}, .scope = "w1"});
    const auto mutations = f.client.list_mutations();
    REQUIRE(mutations.size() == 1);
    CHECK(mutations[0].key == R"(["save"])");
    CHECK(mutations[0].scope == "w1");
    CHECK(mutations[0].status == state::MutationStatus::pending);
}
