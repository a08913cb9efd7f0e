#include "query_fixture.hpp"

using namespace query_test;

namespace {
struct Answers {
    std::vector<base::Result<SharedJson>> list;
    auto take() {
        return [this](base::Result<SharedJson> answer) { list.push_back(std::move(answer)); };
    }
};
}  // namespace

TEST_CASE("everybody who asks for a key shares one fetch [F1 O1]") {
    Fixture f;
    Answers answers;
    auto a = f.watch({"a"});
    auto b = f.watch({"a"});
    auto c = f.client.fetch(f.query({"a"}), answers.take());
    auto d = f.client.ensure(f.query({"a"}), answers.take());
    f.client.prefetch(f.query({"a"}));
    CHECK(f.server.count() == 1);
    f.server.answer_last(1);
    f.run();
    CHECK(a.result().data == SharedJson(1));
    CHECK(b.result().data == SharedJson(1));
    REQUIRE(answers.list.size() == 2);
    CHECK(answers.list[0] == SharedJson(1));
    CHECK(f.heard.size() == 2);
}

TEST_CASE("a refetch restarts a running fetch only if there is data, and who waited gets the new answer [F2 F18]") {
    Fixture f;
    Answers answers;
    auto observer = f.watch({"a"});
    observer.refetch();
    CHECK(f.server.count() == 1);
    f.server.answer_last(1);
    QueryOptions again = f.query({"a"});
    again.settings.stale_ms = 0;
    auto waiting = f.client.fetch(std::move(again), answers.take());
    observer.refetch();
    CHECK(f.server.count() == 3);
    CHECK(f.server.calls[1]->cancelled);
    f.server.answer(1, SharedJson("late"));
    f.run();
    CHECK(answers.list.empty());
    f.server.answer(2, SharedJson("new"));
    f.run();
    REQUIRE(answers.list.size() == 1);
    CHECK(answers.list[0] == SharedJson("new"));
    CHECK(observer.result().data == SharedJson("new"));
}

TEST_CASE("a refetch that cancels nothing joins the running fetch and wakes its retries [F3]") {
    Fixture f;
    auto observer = f.watch(f.query({"a"}, false));
    f.server.answer_last(1);
    observer.refetch();
    observer.reset();  // nobody looks: no more retries
    auto second = f.watch(f.query({"a"}, false));
    second.refetch({.cancel_running = false});
    CHECK(f.server.count() == 2);
    f.server.fail_last();
    f.time.advance(1000);
    CHECK(f.server.count() == 3);
}

TEST_CASE("when the last observer leaves, cancellable work is cancelled and the state goes back [F4]") {
    Fixture f;
    auto observer = f.watch({"a"});
    auto second = f.watch({"a"});
    observer.reset();
    CHECK_FALSE(f.server.calls[0]->cancelled);
    second.reset();
    CHECK(f.server.calls[0]->cancelled);
    CHECK(f.client.get_state({"a"})->fetch_status == FetchStatus::idle);
    CHECK(f.client.get_state({"a"})->status == QueryStatus::pending);
    f.server.answer(0, SharedJson(1));
    CHECK_FALSE(f.client.get_data({"a"}));
}

TEST_CASE("work that cannot be cancelled ends and is cached, but is not tried again [F4 F11]") {
    Fixture f;
    f.watch(f.query({"a"}, false)).reset();
    CHECK(f.client.get_state({"a"})->fetch_status == FetchStatus::fetching);
    f.server.answer_last(1);
    CHECK(f.data({"a"}) == SharedJson(1));
    f.watch(f.query({"b"}, false)).reset();
    f.server.fail_last();
    f.time.advance(10 * kMinute - 1);
    CHECK(f.server.count() == 2);
    CHECK(f.client.get_state({"b"})->status == QueryStatus::error);
}

TEST_CASE("somebody who awaits an imperative fetch keeps it alive when observers leave [F4]") {
    Fixture f;
    Answers answers;
    auto observer = f.watch({"a"});
    auto waiting = f.client.fetch(f.query({"a"}), answers.take());
    observer.reset();
    CHECK_FALSE(f.server.calls[0]->cancelled);
    waiting.reset();
    CHECK(f.server.calls[0]->cancelled);
    f.client.prefetch(f.query({"b"}));
    f.watch({"b"}).reset();
    CHECK_FALSE(f.server.calls[1]->cancelled);
    f.run();
    CHECK(answers.list.empty());
}

TEST_CASE("a first fetch that waits for the network is cancelled when nobody looks any more [F5]") {
    Fixture f({.queries = {.network_mode = state::NetworkMode::online}, .online = false});
    auto observer = f.watch(f.query({"a"}, false));
    CHECK(observer.result().is_paused());
    observer.reset();
    CHECK(f.client.get_state({"a"})->fetch_status == FetchStatus::idle);
    f.client.set_online(true);
    f.run();
    CHECK(f.server.count() == 0);
}

TEST_CASE("cancel goes back to the state before the fetch; who awaits a first fetch hears that it was cancelled [F6]") {
    Fixture f;
    Answers answers;
    auto waiting = f.client.fetch(f.query({"a"}), answers.take());
    f.client.cancel(QueryKey{"a"});
    f.run();
    REQUIRE(answers.list.size() == 1);
    CHECK(answers.list[0].error().code == ErrorCode::cancelled);
    CHECK(f.client.get_state({"a"})->status == QueryStatus::pending);
    CHECK_FALSE(f.client.get_state({"a"})->error);
    f.client.set_data({"a"}, 1);
    QueryOptions again = f.query({"a"});
    again.settings.stale_ms = 0;
    waiting = f.client.fetch(std::move(again), answers.take());
    f.client.cancel(QueryKey{"a"});
    f.run();
    REQUIRE(answers.list.size() == 2);
    CHECK(answers.list[1] == SharedJson(1));  // there was data to go back to
}

TEST_CASE("a cancel without going back only stops [F6]") {
    Fixture f;
    auto observer = f.watch({"a"});
    f.server.fail_last();
    f.client.cancel({}, false);
    CHECK(observer.result().fetch_status == FetchStatus::idle);
    CHECK(observer.result().failure_count == 1);
    f.time.advance(kMinute);
    CHECK(f.server.count() == 1);
}

TEST_CASE("cancelling what is settled has no effect [F7]") {
    Fixture f;
    auto observer = f.watch({"a"});
    f.server.answer_last(1);
    f.run();
    f.heard.clear();
    f.client.cancel({});
    f.run();
    CHECK(observer.result().data == SharedJson(1));
    CHECK(f.heard.empty());
}

TEST_CASE("going back keeps data set by hand meanwhile and does not touch a newer fetch [F8]") {
    Fixture f;
    auto observer = f.watch({"a"});
    f.client.set_data({"a"}, "by hand");
    f.client.cancel({});
    CHECK(observer.result().data == SharedJson("by hand"));
    observer.refetch();
    observer.refetch();  // cancels the one before
    CHECK(observer.result().is_fetching());
    f.server.answer_last("newest");
    CHECK(observer.result().data == SharedJson("newest"));
}

TEST_CASE("a retry waits for its delay, then for focus and network, visibly [F9]") {
    Fixture f;
    auto observer = f.watch({"a"});
    f.client.set_focused(false);
    f.server.fail_last();
    f.time.advance(999);
    CHECK(observer.result().is_fetching());
    f.time.advance(1);
    CHECK(observer.result().is_paused());
    f.client.set_online(false);
    f.client.set_focused(true);
    CHECK(observer.result().is_paused());
    CHECK(f.server.count() == 1);
    f.client.set_online(true);
    CHECK(observer.result().is_fetching());
    CHECK(f.server.count() == 2);
    CHECK(f.server.calls[1]->context.attempt == 1);
    f.server.answer_last(1);
    CHECK(observer.result().is_success());
}

TEST_CASE("two retries after 1 and 2 seconds are the default, only for what trying again may help [F10]") {
    Fixture f;
    auto observer = f.watch({"a"});
    f.server.fail_last();
    f.time.advance(999);
    CHECK(f.server.count() == 1);
    f.time.advance(1);
    CHECK(f.server.count() == 2);
    f.server.fail_last();
    f.time.advance(1999);
    CHECK(f.server.count() == 2);
    f.time.advance(1);
    CHECK(f.server.count() == 3);
    f.server.fail_last();
    CHECK(observer.result().is_error());
    CHECK(observer.result().failure_count == 3);
    f.time.advance(kMinute);
    CHECK(f.server.count() == 3);
    auto other = f.watch({"b"});
    f.server.fail_last(failure("who are you", ErrorCode::unauthenticated));
    CHECK(other.result().is_error());
}

TEST_CASE("retries by number, by rule and for ever, delays by rule, the built-in one capped at 30 s [F10]") {
    Fixture f;
    QueryOptions options = f.query({"a"});
    std::vector<int> asked;
    options.settings.retry_if = [&asked](int count, const base::Error& error) {
        asked.push_back(count);
        return error.message == "again";
    };
    options.settings.retry_delay_ms = [](int count, const base::Error&) -> std::int64_t { return 10 * (count + 1); };
    auto observer = f.watch(std::move(options));
    f.server.fail_last(failure("again", ErrorCode::forbidden));
    f.time.advance(10);
    f.server.fail_last(failure("again"));
    f.time.advance(20);
    CHECK(f.server.count() == 3);
    f.server.fail_last(failure("enough"));
    CHECK(observer.result().is_error());
    CHECK(asked == std::vector<int>{0, 1, 2});
    CHECK(state::default_retry_delay_ms(0) == 1000);
    CHECK(state::default_retry_delay_ms(4) == 16000);
    CHECK(state::default_retry_delay_ms(5) == 30000);
    CHECK(state::default_retry_delay_ms(1000) == 30000);
    QueryOptions endless = f.query({"b"});
    endless.settings.retry = -1;
    auto patient = f.watch(std::move(endless));
    for (int i = 0; i < 50; ++i) {
        f.server.fail_last();
        f.time.advance(30'000);
    }
    CHECK(patient.result().is_fetching());
    QueryOptions none = f.query({"c"});
    none.settings.retry = 0;
    auto once = f.watch(std::move(none));
    f.server.fail_last();
    CHECK(once.result().is_error());
}

TEST_CASE("online waits to start, offline-first tries once, always never waits [F12]") {
    Fixture f({.online = false});
    const auto watch = [&f](const char* name, state::NetworkMode mode) {
        QueryOptions options = f.query({name});
        options.settings.network_mode = mode;
        return f.watch(std::move(options));
    };
    auto online = watch("online", state::NetworkMode::online);
    CHECK(online.result().is_paused());
    CHECK(f.server.count() == 0);
    auto first = watch("first", state::NetworkMode::offline_first);
    CHECK(first.result().is_fetching());
    f.server.fail_last();
    f.time.advance(1000);
    CHECK(first.result().is_paused());
    CHECK(f.server.count() == 1);
    auto always = watch("always", state::NetworkMode::always);
    f.server.fail_last();
    f.time.advance(1000);
    CHECK(f.server.count() == 3);
    f.client.set_online(true);
    CHECK(online.result().is_fetching());
    CHECK(first.result().is_fetching());
    CHECK(f.server.count() == 5);
}

TEST_CASE("after a reconnect paused mutations go first, then the queries [F13 M3]") {
    Fixture f;
    auto observer = f.watch({"a"});
    f.server.answer_last(1);
    f.client.invalidate({}, std::nullopt);
    f.client.set_online(false);
    Server writes;
    f.client.mutate({.run = [fn = writes.function()](const state::MutationContext&, state::QueryDone done) -> state::QueryWork {
                         return fn({}, std::move(done));
                     },
                     .network_mode = state::NetworkMode::online});
    CHECK(writes.count() == 0);
    f.client.set_online(true);
    CHECK(writes.count() == 1);
    CHECK(f.server.count() == 1);
    writes.answer_last(1);
    CHECK(f.server.count() == 2);
    CHECK(observer.result().is_refetching());
}

TEST_CASE("coming back fetches once per query, if it is stale and enabled and wants that [F14]") {
    Fixture f;
    auto a1 = f.watch({"a"});
    auto a2 = f.watch({"a"});
    f.server.answer_last(1);
    auto fresh = f.watch({"fresh"});
    f.server.answer_last(1);
    QueryOptions disabled = f.query({"off"});
    disabled.enabled = false;
    auto off = f.watch(std::move(disabled));
    QueryOptions constant = f.query({"static"});
    constant.initial_data = 1;
    constant.settings.stale_ms = state::kStaticMs;
    constant.settings.refetch_on_reconnect = RefetchWhen::always;
    auto fixed = f.watch(std::move(constant));
    QueryOptions eager = f.query({"eager"});
    eager.initial_data = 1;
    eager.settings.refetch_on_reconnect = RefetchWhen::always;
    eager.settings.refetch_on_focus = RefetchWhen::if_stale;
    auto always = f.watch(std::move(eager));
    f.client.invalidate(QueryKey{"a"}, std::nullopt);
    f.client.invalidate(QueryKey{"static"}, std::nullopt);
    REQUIRE(f.server.count() == 2);
    f.client.set_online(false);
    f.client.set_online(true);
    f.client.set_online(true);
    CHECK(f.server.count() == 4);
    CHECK(a1.result().is_fetching());
    CHECK(always.result().is_fetching());
    CHECK_FALSE(fresh.result().is_fetching());
    CHECK_FALSE(off.result().is_fetching());
    CHECK_FALSE(fixed.result().is_fetching());
    f.server.answer(2, SharedJson(1));
    f.server.answer(3, SharedJson(1));
    f.client.invalidate({}, std::nullopt);
    f.client.set_focused(false);
    f.client.set_focused(true);
    CHECK(f.server.count() == 5);  // only the one that asked for it: seed 5 turns focus off
    CHECK(always.result().is_fetching());
}

TEST_CASE("an imperative fetch does not retry, gives fresh data from the cache, and prefetch swallows errors [F15]") {
    Fixture f;
    Answers answers;
    auto a = f.client.fetch(f.query({"a"}), answers.take());
    f.server.fail_last();
    f.time.advance(kMinute);
    CHECK(f.server.count() == 1);
    REQUIRE(answers.list.size() == 1);
    CHECK(answers.list[0].error() == failure());
    f.client.set_data({"b"}, 2);
    auto b = f.client.fetch(f.query({"b"}), answers.take());
    CHECK(answers.list.size() == 1);  // never inside the call
    f.run();
    REQUIRE(answers.list.size() == 2);
    CHECK(answers.list[1] == SharedJson(2));
    CHECK(f.server.count() == 1);
    f.client.prefetch(f.query({"b"}));
    CHECK(f.server.count() == 1);
    f.client.prefetch(f.query({"c"}));
    f.server.fail_last();
    f.run();
    CHECK(f.client.get_state({"c"})->status == QueryStatus::error);
    f.time.advance(5 * kMinute);
    auto old = f.client.ensure(f.query({"b"}), answers.take());
    f.run();
    CHECK(answers.list.size() == 3);
    CHECK(f.server.count() == 2);
    QueryOptions stubborn = f.query({"d"});
    stubborn.settings.retry = 1;
    auto d = f.client.fetch(std::move(stubborn), answers.take());
    f.server.fail_last();
    f.time.advance(1000);
    CHECK(f.server.count() == 4);
}

TEST_CASE("a bulk refetch leaves out what is disabled or static [F16]") {
    Fixture f;
    auto plain = f.watch({"plain"});
    f.server.answer_last(1);
    QueryOptions off = f.query({"off"});
    off.enabled = false;
    off.initial_data = 1;
    auto disabled = f.watch(std::move(off));
    QueryOptions fixed = f.query({"static"});
    fixed.initial_data = 1;
    fixed.settings.stale_ms = state::kStaticMs;
    auto constant = f.watch(std::move(fixed));
    f.client.set_data({"by hand"}, 1);
    f.client.refetch({});
    CHECK(f.server.count() == 2);
    CHECK(plain.result().is_fetching());
    disabled.refetch();
    CHECK(f.server.count() == 3);
}

TEST_CASE("a settled fetch lets go of its work and of the answer [F17]") {
    Fixture f;
    auto token = std::make_shared<int>(1);
    const std::weak_ptr<int> alive = token;
    std::vector<state::QueryDone> dones;
    auto observer = f.watch({.key = {"a"}, .fetch = [&](const state::QueryContext&, state::QueryDone done) -> state::QueryWork {
                                 dones.push_back(std::move(done));
                                 return std::exchange(token, nullptr);
                             }});
    CHECK_FALSE(alive.expired());
    dones[0](SharedJson("text"));
    f.run();
    CHECK(alive.expired());
    CHECK(observer.result().is_success());
}

TEST_CASE("late and second answers are dropped [F18]") {
    Fixture f;
    auto observer = f.watch({"a"});
    auto& call = *f.server.calls[0];
    state::QueryDone done = std::move(call.done);
    f.client.cancel({});
    done(SharedJson(1));
    f.run();
    CHECK_FALSE(observer.result().data);
    observer.refetch();
    f.server.answer_last(2);
    f.server.answer_last(3);
    CHECK(observer.result().data == SharedJson(2));
}

TEST_CASE("handles outlive the client, and an answer after its end goes nowhere") {
    base::testing::VirtualScheduler time;
    Server server;
    auto client = std::make_unique<state::QueryClient>(time);
    int heard = 0;
    auto observer = client->observe({.key = {"a"}, .fetch = server.function()}, [&heard](const QueryResult&) { ++heard; });
    auto request = client->fetch({.key = {"b"}, .fetch = server.function()}, [&heard](const base::Result<SharedJson>&) { ++heard; });
    auto mutator = client->mutator({}, [&heard](const state::MutationState&) { ++heard; });
    client->set_data({"a"}, 1);
    auto writer = client->writer();
    client.reset();
    server.answer(0, SharedJson(1));
    time.advance(kMinute);
    observer.refetch();
    mutator.mutate(1);
    CHECK(heard == 0);
    CHECK_FALSE(writer.set_data({"a"}, 2));
    CHECK(server.calls[1]->cancelled);
    CHECK(observer.result().data == std::nullopt);
}

TEST_CASE("observers may be dropped and made, the client cleared, inside a query function") {
    Fixture f;
    state::QueryObserver other;
    auto observer = f.watch({.key = {"a"}, .fetch = [&](const state::QueryContext&, state::QueryDone done) -> state::QueryWork {
                                 f.client.clear();
                                 other = f.watch({"b"});
                                 done(SharedJson(1));
                                 return std::make_shared<int>(1);
                             }});
    f.run();
    CHECK_FALSE(f.client.get_data({"a"}));
    CHECK(observer.result().fetch_status == FetchStatus::idle);
    CHECK(other.result().is_loading());
}
