#include "state/query/query_persist.hpp"

#include "base/testing/virtual_tabs.hpp"
#include "query_fixture.hpp"
#include "state/query/query_tabs.hpp"
#include "state/testing/faulty_storage.hpp"

using namespace query_test;
using state::QueryPersister;

namespace {

const QueryKey kKept{"kept"};

state::QueryClientOptions persisting() { return {.queries = {.persist = true}}; }

void keep(Fixture& f, const QueryKey& key, SharedJson data) {
    QueryOptions options = f.query(key);
    options.initial_data = std::move(data);
    f.watch(std::move(options)).reset();
}

}  // namespace

TEST_CASE("dehydrating takes what succeeded, filtered if asked, and mutations that wait; never errors or edits on top [P1]") {
    Fixture f;
    f.client.set_data({"good"}, SharedJson::object({{"x", 1}}));
    f.client.prefetch(f.query({"bad"}));
    f.server.fail_last(failure("token=secret", ErrorCode::forbidden));
    f.client.set_data({"half"}, 1);
    QueryOptions again = f.query({"half"});
    again.settings.stale_ms = 0;
    f.client.prefetch(std::move(again));
    f.server.fail_last(failure("token=secret", ErrorCode::forbidden));
    f.client.set_online(false);
    (void)f.client.mutate({.key = QueryKey{"save"},
                           .network_mode = state::NetworkMode::online,
                           .optimistic = [](const SharedJson& v) {
                               return std::vector<state::OptimisticEdit>{
                                   {{"good"}, [v](const std::optional<SharedJson>& now) { return std::optional(now->with("x", v)); }}};
                           }},
                          2);
    (void)f.client.mutate({.network_mode = state::NetworkMode::online}, "without a name it cannot be found again");
    CHECK(f.data({"good"}).integer_or("x", 0) == 2);
    const std::string text = f.client.dehydrate().text();
    CHECK(text.find("secret") == std::string::npos);
    const SharedJson json = *SharedJson::parse(text);
    REQUIRE(json.member("queries").size() == 1);
    CHECK(json.member("queries").item(0).member("data").integer_or("x", 0) == 1);
    REQUIRE(json.member("mutations").size() == 1);
    CHECK(json.member("mutations").item(0).member("variables") == SharedJson(2));
    const SharedJson none = f.client.dehydrate({.queries = [](const QueryKey&, const state::QueryState&) { return false; }, .paused_mutations = false});
    CHECK(none.text() == R"({"mutations":[],"queries":[]})");
}

TEST_CASE("restored data is idle, as old as it is, and newer data stays [P2]") {
    Fixture f;
    f.client.set_data({"a"}, 1);
    const SharedJson kept = f.client.dehydrate();
    Fixture later;
    later.time.advance(4 * kMinute);
    CHECK(later.client.hydrate(kept) == 1);
    CHECK(later.client.get_state({"a"})->fetch_status == FetchStatus::idle);
    auto observer = later.watch({"a"});
    CHECK(observer.result().data == SharedJson(1));
    CHECK_FALSE(observer.result().is_stale);
    CHECK(later.client.list_queries().at(0).age_ms == 4 * kMinute);
    later.time.advance(kMinute);
    CHECK(observer.result().is_stale);
    later.client.set_data({"a"}, 2);
    CHECK(later.client.hydrate(kept) == 0);
    CHECK(later.data({"a"}) == SharedJson(2));
}

TEST_CASE("data from the future, after the clock went back, is shown and fetched again [P2 G8]") {
    Fixture f;
    f.time.jump_wall_clock(60 * kMinute);
    f.client.set_data({"a"}, 1);
    const SharedJson kept = f.client.dehydrate();
    Fixture later;
    CHECK(later.client.hydrate(kept) == 1);
    auto observer = later.watch({"a"});
    CHECK(observer.result().data == SharedJson(1));
    CHECK(observer.result().is_stale);
    CHECK(later.server.count() == 1);
}

TEST_CASE("hydrating skips what is malformed [P2]") {
    Fixture f;
    const auto hydrate = [&f](std::string_view text) { return f.client.hydrate(*SharedJson::parse(text)); };
    CHECK(hydrate("null") == 0);
    CHECK(hydrate(R"({"queries":5,"mutations":"x"})") == 0);
    CHECK(hydrate(R"({"queries":[1,{"key":1,"data":1,"updatedAt":1},{"key":["a"],"updatedAt":1},{"key":["a"],"data":1},
        {"key":["a"],"data":1,"updatedAt":-5},{"key":["good"],"data":null,"updatedAt":7}],"mutations":[1,{"key":2}]})") == 1);
    CHECK(f.client.size() == 1);
}

TEST_CASE("the cache survives a reload; what is expired, of another version or broken is deleted and reported once [P2]") {
    state::MemoryStorage storage;
    {
        Fixture f(persisting());
        QueryPersister persister(f.client, storage, {.buster = "1"});
        keep(f, kKept, "data");
        persister.flush();
    }
    const std::string text = **storage.get("binnacle-queries");
    {
        Fixture f(persisting());
        QueryPersister persister(f.client, storage, {.buster = "1"});
        CHECK(persister.restore() == 1);
        CHECK(f.data(kKept) == SharedJson("data"));
        persister.flush();
        CHECK(**storage.get("binnacle-queries") == text);
    }
    const auto outcome = [&storage](state::QueryPersistOptions options, std::int64_t later_ms, const std::string& stored) {
        (void)storage.set("binnacle-queries", stored);
        Fixture f;
        f.time.advance(later_ms);
        int errors = 0;
        options.on_error = [&errors](const base::Error&) { ++errors; };
        QueryPersister persister(f.client, storage, std::move(options));
        CHECK(persister.restore() == 0);
        CHECK(persister.restore() == 0);
        CHECK_FALSE(*storage.get("binnacle-queries"));
        return errors;
    };
    CHECK(outcome({.buster = "2"}, 0, text) == 0);
    CHECK(outcome({.buster = "1"}, 24 * 60 * kMinute + 1, text) == 0);
    CHECK(outcome({.buster = "1"}, 0, "{\"timestamp\":") == 1);
    CHECK(outcome({.buster = "1"}, 0, "[]") == 0);
}

TEST_CASE("saving is throttled and takes the newest state [P3]") {
    state::testing::FaultyStorage storage;
    Fixture f(persisting());
    QueryPersister persister(f.client, storage, {});
    keep(f, kKept, 0);
    for (int i = 1; i <= 50; ++i) {
        f.client.set_data(kKept, i);
        f.time.advance(10);
    }
    CHECK(storage.writes() == 0);
    f.time.advance(1000);
    CHECK(storage.writes() == 1);
    CHECK((*storage.get("binnacle-queries"))->find(R"("data":50)") != std::string::npos);
    f.time.advance(kMinute);
    CHECK(storage.writes() == 1);
}

TEST_CASE("over its size or the storage's quota the oldest queries are left out until the rest fits [P3 P5]") {
    for (const bool by_quota : {true, false}) {
        state::MemoryStorage storage(by_quota ? 2500 : 1'000'000);
        Fixture f(persisting());
        int errors = 0;
        QueryPersister persister(f.client, storage,
                                 {.max_bytes = by_quota ? 1'000'000U : 2500U, .on_error = [&errors](const base::Error&) { ++errors; }});
        for (int i = 0; i < 5; ++i) {
            keep(f, {"big", i}, std::string(900, 'x'));
            f.time.advance(100);
        }
        persister.flush();
        const SharedJson stored = *SharedJson::parse(**storage.get("binnacle-queries"));
        const auto queries = stored.member("state").member("queries").items();
        REQUIRE(queries.size() == 2);
        CHECK(queries[0].member("key").item(1) == SharedJson(4));
        CHECK(queries[1].member("key").item(1) == SharedJson(3));
        CHECK(errors == 0);
    }
}

TEST_CASE("a storage that refuses everything is reported once and the cache lives on [P3]") {
    state::testing::FaultyStorage storage;
    storage.fail_writes_with(failure("denied", ErrorCode::forbidden));
    Fixture f(persisting());
    int errors = 0;
    QueryPersister persister(f.client, storage, {.on_error = [&errors](const base::Error&) { ++errors; }});
    for (int i = 0; i < 3; ++i) {
        keep(f, {"a", i}, i);
        f.time.advance(2000);
    }
    CHECK(errors == 1);
    CHECK(f.client.size() == 3);
}

TEST_CASE("while restoring observers do not fetch; afterwards they fetch what did not come back fresh [P4]") {
    Fixture f;
    f.client.begin_restoring();
    auto kept = f.watch({"kept"});
    auto missing = f.watch({"missing"});
    CHECK(f.server.count() == 0);
    CHECK(kept.result().fetch_status == FetchStatus::idle);
    f.client.set_data({"kept"}, 1);
    f.client.end_restoring();
    CHECK_FALSE(f.client.restoring());
    CHECK(f.server.count() == 1);
    CHECK(missing.result().is_fetching());
}

TEST_CASE("only queries that ask for it are stored, and sign-out deletes what is stored [P5]") {
    state::MemoryStorage storage;
    Fixture f;
    f.client.set_defaults({"kept"}, {.persist = true});
    QueryPersister persister(f.client, storage, {});
    keep(f, kKept, "public");
    keep(f, {"user", "current"}, "secret");
    f.time.advance(2000);
    const std::string text = **storage.get("binnacle-queries");
    CHECK(text.find("public") != std::string::npos);
    CHECK(text.find("secret") == std::string::npos);
    f.client.clear();
    persister.erase();
    f.time.advance(kMinute);
    persister.flush();
    CHECK_FALSE(*storage.get("binnacle-queries"));
}

TEST_CASE("an invalidation reaches the other tabs without data, is not sent back, and old or foreign ones are ignored [X5]") {
    base::testing::VirtualScheduler time;
    base::testing::VirtualBrowser browser(time);
    auto tab_a = browser.open_tab();
    auto tab_b = browser.open_tab();
    auto tab_c = browser.open_tab();
    auto channel_a = tab_a->channel("queries");
    auto channel_b = tab_b->channel("queries");
    auto channel_c = tab_c->channel("queries");
    Server server;
    state::QueryClient a(time);
    state::QueryClient b(time);
    state::QueryTabs tabs_a(a, *channel_a, "session-1");
    state::QueryTabs tabs_b(b, *channel_b, "session-1");
    auto seen_a = a.observe({.key = {"workflows", "list"}, .fetch = server.function()}, [](const QueryResult&) {});
    auto seen_b = b.observe({.key = {"workflows", "list"}, .fetch = server.function()}, [](const QueryResult&) {});
    server.answer(0, SharedJson("private data"));
    server.answer(1, SharedJson("private data"));
    time.advance(10);
    CHECK(browser.messages() == 0);
    a.invalidate(QueryKey{"workflows"});
    time.advance(1000);
    CHECK(server.count() == 4);
    CHECK(seen_b.result().is_fetching());
    CHECK(browser.messages() == 1);
    CHECK(browser.posted()[0].find("private") == std::string::npos);
    server.answer(2, SharedJson(2));
    server.answer(3, SharedJson(2));
    time.advance(1000);
    CHECK(browser.messages() == 1);
    // Older than the data here, of another session, of a later version, of no shape.
    const std::string now = std::to_string(time.unix_ms() - 5000);
    const auto message = [&](const char* session, const std::string& at, int v) {
        return R"({"v":)" + std::to_string(v) + R"(,"kind":"invalidate","session":")" + session + R"(","at":)" + at + R"(,"key":["workflows"],"exact":false})";
    };
    const std::string later = std::to_string(time.unix_ms());
    for (const std::string& text : {message("session-1", now, 1), message("session-0", later, 1), message("session-1", later, 2), std::string("{"), std::string("[]")}) {
        REQUIRE(channel_c->post(text));
    }
    time.advance(1000);
    CHECK(server.count() == 4);
    CHECK(tabs_a.ignored_messages() == 4);
    REQUIRE(channel_c->post(message("session-1", later, 1)));
    time.advance(1000);
    CHECK(server.count() == 6);
}
