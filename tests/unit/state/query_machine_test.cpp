#include "query_fixture.hpp"

using namespace query_test;

TEST_CASE("status and fetch status are independent [S1]") {
    Fixture f;
    const QueryKey key{"a"};
    auto observer = f.watch(key);
    CHECK(observer.result().status == QueryStatus::pending);
    CHECK(observer.result().fetch_status == FetchStatus::fetching);
    f.server.answer_last(1);
    CHECK(observer.result().status == QueryStatus::success);
    CHECK(observer.result().fetch_status == FetchStatus::idle);
    observer.refetch();
    CHECK(observer.result().status == QueryStatus::success);
    CHECK(observer.result().fetch_status == FetchStatus::fetching);
    f.server.fail_last(failure("gone", ErrorCode::not_found));
    CHECK(observer.result().status == QueryStatus::error);
    CHECK(observer.result().fetch_status == FetchStatus::idle);
    f.client.set_online(false);
    QueryOptions other = f.query({"b"});
    other.settings.network_mode = state::NetworkMode::online;
    auto paused = f.watch(std::move(other));
    CHECK(paused.result().status == QueryStatus::pending);
    CHECK(paused.result().fetch_status == FetchStatus::paused);
}

TEST_CASE("a query is pending first, even if its function answers at once [S2]") {
    Fixture f;
    auto observer = f.watch({.key = {"a"}, .fetch = [](const state::QueryContext&, state::QueryDone done) -> state::QueryWork {
                                 done(SharedJson(7));
                                 return {};
                             }});
    CHECK(observer.result().is_loading());
    f.run();
    CHECK(observer.result().data == SharedJson(7));
    CHECK(f.heard.size() == 1);
}

TEST_CASE("a function that ends without an answer is an error, null is an answer [S3]") {
    Fixture f;
    QueryOptions silent{.key = {"a"}, .fetch = [](const state::QueryContext&, state::QueryDone) -> state::QueryWork { return {}; }};
    silent.settings.retry = 0;
    auto observer = f.watch(std::move(silent));
    f.run();
    REQUIRE(observer.result().is_error());
    CHECK(observer.result().error->code == ErrorCode::internal);
    auto null = f.watch({"b"});
    f.server.answer_last(SharedJson());
    CHECK(null.result().is_success());
    REQUIRE(null.result().data);
    CHECK(null.result().data->is_null());
    auto none = f.watch(QueryOptions{.key = {"no function"}});
    f.run();
    CHECK(none.result().error->code == ErrorCode::invalid_argument);
}

TEST_CASE("loading and refetching, and their errors, are told apart [S4]") {
    Fixture f;
    QueryOptions options = f.query({"a"});
    options.settings.retry = 0;
    auto observer = f.watch(std::move(options));
    CHECK(observer.result().is_loading());
    CHECK_FALSE(observer.result().is_refetching());
    f.server.fail_last();
    CHECK(observer.result().is_loading_error());
    CHECK_FALSE(observer.result().is_refetch_error());
    observer.refetch();
    CHECK(observer.result().is_loading());
    f.server.answer_last(1);
    observer.refetch();
    CHECK(observer.result().is_refetching());
    CHECK_FALSE(observer.result().is_loading());
    f.server.fail_last();
    CHECK(observer.result().is_refetch_error());
    CHECK_FALSE(observer.result().is_loading_error());
}

TEST_CASE("updates and failures are counted, and fetched is told from fetched since mount [S5]") {
    Fixture f;
    f.client.set_data({"a"}, 1);
    auto observer = f.watch({"a"});
    CHECK(f.client.get_state({"a"})->data_update_count == 1);
    CHECK(observer.result().is_fetched);
    CHECK_FALSE(observer.result().is_fetched_after_mount);
    observer.refetch();
    f.server.answer_last(2);
    CHECK(observer.result().is_fetched_after_mount);
    observer.refetch();
    f.server.fail_last(failure("no", ErrorCode::forbidden));
    CHECK(f.client.get_state({"a"})->data_update_count == 2);
    CHECK(f.client.get_state({"a"})->error_update_count == 1);
    CHECK(observer.result().error_update_count == 1);
}

TEST_CASE("a failed refetch keeps the data and makes the next occasion fetch [S6]") {
    Fixture f;
    auto observer = f.watch({"a"});
    f.server.answer_last(1);
    observer.refetch();
    f.server.fail_last(failure("no", ErrorCode::forbidden));
    CHECK(observer.result().is_error());
    CHECK(observer.result().data == SharedJson(1));
    CHECK(observer.result().is_stale);
    CHECK(f.client.get_state({"a"})->invalidated);
    auto second = f.watch({"a"});
    CHECK(f.server.count() == 3);
}

TEST_CASE("a fetch clears the error only if there is no data, and the failure count at its start and success [S7]") {
    Fixture f;
    auto observer = f.watch({"a"});
    f.server.fail_last();
    CHECK(observer.result().failure_count == 1);
    CHECK(observer.result().failure_reason == failure());
    f.time.advance(1000);
    f.server.answer_last(1);
    CHECK(observer.result().failure_count == 0);
    CHECK_FALSE(observer.result().failure_reason);
    observer.refetch();
    f.server.fail_last(failure("no", ErrorCode::forbidden));
    CHECK(observer.result().failure_count == 1);
    observer.refetch();
    CHECK(observer.result().failure_count == 0);
    CHECK(observer.result().is_error());  // there is data: the error stays until there is news
    f.server.answer_last(2);
    CHECK(observer.result().is_success());
    auto empty = f.watch({"b"});
    f.server.fail_last(failure("no", ErrorCode::forbidden));
    CHECK(empty.result().is_error());
    empty.refetch();
    CHECK(empty.result().is_pending());
    CHECK_FALSE(empty.result().error);
}

TEST_CASE("initial data counts as fetched at its time and never replaces data [S8]") {
    Fixture f;
    QueryOptions fresh = f.query({"a"});
    fresh.initial_data = 1;
    auto a = f.watch(std::move(fresh));
    CHECK(a.result().is_success());
    CHECK_FALSE(a.result().is_stale);
    CHECK(f.server.count() == 0);
    QueryOptions old = f.query({"b"});
    old.initial_data = 1;
    old.initial_data_updated_at_ms = 0;
    auto b = f.watch(std::move(old));
    CHECK(b.result().data == SharedJson(1));
    CHECK(b.result().is_stale);
    CHECK(f.server.count() == 1);
    QueryOptions late = f.query({"a"});
    late.initial_data = 99;
    auto again = f.watch(std::move(late));
    CHECK(again.result().data == SharedJson(1));
}

TEST_CASE("placeholder data is for its observer only, goes through select and is never cached [S8]") {
    Fixture f;
    int selected = 0;
    QueryOptions options = f.query({"a"});
    options.placeholder = SharedJson(10);
    options.select = [&selected](const SharedJson& data) -> base::Result<SharedJson> {
        ++selected;
        return SharedJson(data.integer_or(0) + 1);
    };
    auto observer = f.watch(std::move(options));
    CHECK(observer.result().is_placeholder);
    CHECK(observer.result().is_success());
    CHECK(observer.result().data == SharedJson(11));
    f.run();
    (void)observer.result();
    CHECK(selected == 1);
    CHECK_FALSE(f.client.get_data({"a"}));
    auto other = f.watch({"a"});
    CHECK(other.result().is_pending());
    f.server.answer_last(20);
    CHECK(observer.result().data == SharedJson(21));
    CHECK_FALSE(observer.result().is_placeholder);
}

TEST_CASE("setting data makes an entry, keeps the fetch status and takes a time; no result makes nothing [S9]") {
    Fixture f;
    CHECK_FALSE(f.client.update_data({"a"}, [](const auto&) { return std::optional<SharedJson>(); }));
    CHECK(f.client.size() == 0);
    CHECK(f.client.update_data({"a"}, [](const std::optional<SharedJson>& old) {
        CHECK_FALSE(old);
        return std::optional<SharedJson>(1);
    }));
    CHECK(f.data({"a"}) == SharedJson(1));
    CHECK(f.client.update_data({"a"}, [](const std::optional<SharedJson>& old) { return std::optional<SharedJson>(old->integer_or(0) + 1); }));
    CHECK(f.data({"a"}) == SharedJson(2));
    auto observer = f.watch({"b"});
    f.client.set_data({"b"}, 5);
    CHECK(observer.result().is_fetching());
    CHECK(observer.result().is_success());
    f.server.answer_last(6);
    CHECK(observer.result().data == SharedJson(6));
    const std::int64_t then = f.time.unix_ms() - 1000;
    f.client.set_data({"c"}, 1, then);
    CHECK(f.client.get_state({"c"})->data_updated_at_ms == then);
    CHECK_FALSE(f.client.set_data({"c"}, 0, then - 1));  // older than what is there
    CHECK(f.data({"c"}) == SharedJson(1));
}

TEST_CASE("restored state takes the place of older state only [S10]") {
    Fixture f;
    f.client.set_data({"a"}, "new");
    const SharedJson kept = f.client.dehydrate();
    f.time.advance(1000);
    f.client.set_data({"a"}, "newer");
    CHECK(f.client.hydrate(kept) == 0);
    CHECK(f.data({"a"}) == SharedJson("newer"));
    f.client.remove({});
    CHECK(f.client.hydrate(kept) == 1);
    CHECK(f.data({"a"}) == SharedJson("new"));
    CHECK(f.client.get_state({"a"})->status == QueryStatus::success);
}

TEST_CASE("reset goes back to the initial state, cancels silently and fetches again what is active [S11]") {
    Fixture f;
    QueryOptions options = f.query({"a"});
    options.initial_data = "initial";
    auto observer = f.watch(std::move(options));
    observer.refetch();
    f.server.answer_last("fetched");
    f.client.set_data({"idle"}, 1);
    observer.refetch();
    f.client.reset({});
    CHECK(f.server.calls[1]->cancelled);
    CHECK(observer.result().data == SharedJson("initial"));
    CHECK_FALSE(observer.result().error);
    CHECK(observer.result().is_fetching());
    CHECK(f.server.count() == 3);
    CHECK_FALSE(f.client.get_data({"idle"}));
    f.server.answer_last("again");
    CHECK(observer.result().data == SharedJson("again"));
}

TEST_CASE("remove drops the entry; one that is observed is emptied and an old answer cannot fill it [S12]") {
    Fixture f;
    f.client.set_data({"a"}, 1);
    auto observer = f.watch({"b"});
    f.server.answer_last(1);
    observer.refetch();
    f.client.remove({});
    CHECK(f.client.size() == 1);
    CHECK(observer.result().is_pending());
    CHECK_FALSE(observer.result().data);
    f.server.answer(1, SharedJson(2));
    f.run();
    CHECK_FALSE(f.client.get_data({"b"}));
    observer.refetch();
    f.server.answer_last(3);
    CHECK(observer.result().data == SharedJson(3));
}
