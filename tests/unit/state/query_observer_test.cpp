#include "query_fixture.hpp"

using namespace query_test;

TEST_CASE("observing fetches what is missing or stale, once, and nothing that is fresh [O1]") {
    Fixture f;
    f.client.set_data({"fresh"}, 1);
    auto fresh = f.watch({"fresh"});
    CHECK(f.server.count() == 0);
    auto missing = f.watch({"missing"});
    CHECK(f.server.count() == 1);
    QueryOptions always = f.query({"fresh"});
    always.settings.refetch_on_mount = RefetchWhen::always;
    auto eager = f.watch(std::move(always));
    CHECK(f.server.count() == 2);
    QueryOptions never = f.query({"stale"});
    never.initial_data = 1;
    never.initial_data_updated_at_ms = 0;
    never.settings.refetch_on_mount = RefetchWhen::never;
    auto lazy = f.watch(std::move(never));
    CHECK(f.server.count() == 2);
    CHECK(lazy.result().is_stale);
}

TEST_CASE("a query in error is tried again by the next observer unless told otherwise [O1]") {
    Fixture f;
    f.watch(f.query({"a"}, false)).reset();
    f.server.fail_last();
    QueryOptions shy = f.query({"a"});
    shy.settings.retry_on_mount = false;
    auto a = f.watch(std::move(shy));
    CHECK(f.server.count() == 1);
    auto b = f.watch({"a"});
    CHECK(f.server.count() == 2);
}

TEST_CASE("a callback runs only when what it sees has changed, and only for what it named [O2]") {
    Fixture f;
    auto observer = f.watch({"a"});
    f.server.answer_last(1);
    f.run();
    const std::size_t before = f.heard.size();
    f.client.set_online(false);
    f.client.set_online(true);
    f.client.set_data({"other"}, 1);
    f.run();
    CHECK(f.heard.size() == before);
    QueryOptions data_only = f.query({"a"});
    data_only.notify_on = state::NotifyOn::kData;
    int heard = 0;
    auto picky = f.client.observe(std::move(data_only), [&heard](const QueryResult&) { ++heard; });
    picky.refetch();
    f.run();
    f.server.answer_last(1);
    f.run();
    CHECK(heard == 0);
    picky.refetch();
    f.server.answer_last(2);
    f.run();
    CHECK(heard == 1);
}

TEST_CASE("changes of one task are delivered together, later, in the order they came; what was undone is not [O3]") {
    Fixture f;
    std::vector<std::string> order;
    const auto watch = [&](const char* name) {
        QueryOptions options = f.query({name});
        options.initial_data = 0;
        return f.client.observe(std::move(options), [&order, name](const QueryResult& r) { order.push_back(name + r.data->text()); });
    };
    auto a = watch("a");
    auto b = watch("b");
    f.client.set_data({"b"}, 1);
    f.client.set_data({"a"}, 1);
    f.client.set_data({"b"}, 2);
    CHECK(order.empty());
    CHECK(b.result().data == SharedJson(2));
    f.run();
    CHECK(order == std::vector<std::string>{"b2", "a1"});
    order.clear();
    b.refetch();
    f.client.cancel(QueryKey{"b"});
    f.run();
    CHECK(order.empty());
}

TEST_CASE("observers may be dropped, made and switched inside callbacks [O4]") {
    Fixture f;
    state::QueryObserver first;
    state::QueryObserver second;
    state::QueryObserver made;
    int second_heard = 0;
    first = f.client.observe(f.query({"a"}), [&](const QueryResult&) {
        second.reset();
        first.reset();
        if (!made.active()) made = f.watch({"b"});
    });
    second = f.client.observe(f.query({"a"}), [&](const QueryResult&) { ++second_heard; });
    f.server.answer_last(1);
    f.run();
    CHECK(second_heard == 0);
    CHECK_FALSE(first.active());
    CHECK(made.result().is_loading());
    f.server.answer_last(2);
    f.run();
    CHECK(made.result().data == SharedJson(2));
}

TEST_CASE("select runs once per data and function, its failure becomes the error and goes with new data, its result is shared [O5]") {
    Fixture f;
    int runs = 0;
    const auto picks = [&f, &runs] {
        QueryOptions options = f.query({"a"});
        options.select = [&runs](const SharedJson& data) -> base::Result<SharedJson> {
            ++runs;
            if (!data.is_object()) return base::fail(ErrorCode::protocol, "no object");
            return SharedJson::array({data.member("x"), data.member("y")});
        };
        return options;
    };
    auto observer = f.watch(picks());
    f.server.answer_last(SharedJson::object({{"x", "one"}, {"z", 1}}));
    CHECK(observer.result().data->text() == R"(["one",null])");
    (void)observer.result();
    f.run();
    CHECK(runs == 1);
    const SharedJson before = *observer.result().data;
    f.heard.clear();
    f.client.set_data({"a"}, SharedJson::object({{"x", "one"}, {"z", 2}}));
    CHECK(same(*observer.result().data, before));
    CHECK(runs == 2);
    f.client.set_data({"a"}, 5);
    CHECK(observer.result().is_error());
    CHECK(observer.result().error->code == ErrorCode::protocol);
    CHECK_FALSE(observer.result().data);
    CHECK(f.client.get_state({"a"})->status == QueryStatus::success);
    f.client.set_data({"a"}, SharedJson::object({{"x", 2}}));
    CHECK(observer.result().is_success());
    observer.set_options(picks());  // another function
    (void)observer.result();
    CHECK(runs == 5);
}

TEST_CASE("a typed observer selects once per data and hears only of other values [O5]") {
    Fixture f;
    int selects = 0;
    std::vector<int> heard;
    QueryOptions options = f.query({"a"});
    options.notify_on = state::NotifyOn::kData | state::NotifyOn::kError;
    auto observer = f.client.observe<int>(
        std::move(options),
        [&selects](const SharedJson& data) -> base::Result<int> {
            ++selects;
            if (!data.is_array()) return base::fail(ErrorCode::protocol, "no list");
            return static_cast<int>(data.size());
        },
        [&heard](const QueryResult&, const int* value) { heard.push_back(value ? *value : -1); });
    CHECK(observer.value() == nullptr);
    f.server.answer_last(SharedJson::array({1, 2}));
    f.run();
    REQUIRE(observer.value());
    CHECK(*observer.value() == 2);
    f.client.set_data({"a"}, SharedJson::array({3, 4}));
    f.run();
    CHECK(heard == std::vector{2});
    CHECK(selects == 2);
    f.client.set_data({"a"}, 1);
    f.run();
    CHECK(observer.value() == nullptr);
    CHECK(observer.result().is_error());
    f.client.set_data({"a"}, SharedJson::array({}));
    f.run();
    CHECK(heard == std::vector{2, -1, 0});
}

TEST_CASE("an answer equal to the last one keeps its identity, and only the changed part is new [O6]") {
    Fixture f;
    auto observer = f.watch({"a"});
    const auto text = R"({"items":[{"id":1},{"id":2}],"n":1})";
    f.server.answer_last(SharedJson::parse(text));
    const SharedJson first = *observer.result().data;
    const auto version = observer.result().data_version;
    observer.refetch();
    f.server.answer_last(SharedJson::parse(text));
    CHECK(same(*observer.result().data, first));
    CHECK(observer.result().data_version == version);
    observer.refetch();
    f.server.answer_last(SharedJson::parse(R"({"items":[{"id":1},{"id":3}],"n":1})"));
    CHECK_FALSE(same(*observer.result().data, first));
    CHECK(same(observer.result().data->member("items").item(0), first.member("items").item(0)));
    QueryOptions plain = f.query({"b"});
    plain.settings.structural_sharing = false;
    auto other = f.watch(std::move(plain));
    f.server.answer_last(SharedJson::parse(text));
    const SharedJson second = *other.result().data;
    other.refetch();
    f.server.answer_last(SharedJson::parse(text));
    CHECK(*other.result().data == second);
    CHECK_FALSE(same(*other.result().data, second));
}

TEST_CASE("a key switch shows the old data meanwhile if asked, marked as such [O7]") {
    Fixture f;
    const auto page = [&f](int n) {
        QueryOptions options = f.query({"rows", n});
        options.keep_previous = true;
        return options;
    };
    auto observer = f.watch(page(1));
    f.server.answer_last("page 1");
    CHECK(observer.result().data == SharedJson("page 1"));
    observer.set_options(page(2));
    CHECK(observer.result().data == SharedJson("page 1"));
    CHECK(observer.result().is_placeholder);
    CHECK(observer.result().is_fetching());
    f.server.answer_last("page 2");
    CHECK(observer.result().data == SharedJson("page 2"));
    CHECK_FALSE(observer.result().is_placeholder);
    observer.set_options(page(1));
    CHECK(observer.result().data == SharedJson("page 1"));
    CHECK_FALSE(observer.result().is_placeholder);
    observer.set_options(f.query({"rows", 3}));
    CHECK_FALSE(observer.result().data);
    QueryOptions made = f.query({"rows", 4});
    made.placeholder_by = [](const std::optional<SharedJson>& previous, const QueryKey& key) -> std::optional<SharedJson> {
        return SharedJson(key.text() + (previous ? previous->text() : ""));
    };
    observer.set_options(std::move(made));
    CHECK(observer.result().data == SharedJson(R"(["rows",1]"page 1")"));
}

TEST_CASE("a switch to another key cancels the fetch of the old one [O7]") {
    Fixture f;
    auto observer = f.watch({"a"});
    observer.set_options(f.query({"b"}));
    CHECK(f.server.calls[0]->cancelled);
    CHECK(f.server.count() == 2);
    f.server.answer_last(1);
    CHECK(observer.result().data == SharedJson(1));
    CHECK(observer.key() == QueryKey{"b"});
}

TEST_CASE("an interval fetches again and again, not while hidden unless told, and ends with its observer [O8]") {
    Fixture f;
    QueryOptions options = f.query({"a"});
    options.initial_data = 0;
    options.settings.refetch_interval_ms = 1000;
    auto observer = f.watch(std::move(options));
    f.time.advance(999);
    CHECK(f.server.count() == 0);
    f.time.advance(1);
    CHECK(f.server.count() == 1);
    f.time.advance(1000);
    CHECK(f.server.count() == 1);  // the one that runs is joined
    f.server.answer_last(1);
    f.client.set_focused(false);
    f.time.advance(5000);
    CHECK(f.server.count() == 1);
    f.client.set_focused(true);
    f.time.advance(1000);
    CHECK(f.server.count() == 2);
    f.server.answer_last(2);
    QueryOptions background = f.query({"a"});
    background.settings.refetch_interval_by = [](const state::QueryState& state) { return state.data == SharedJson(3) ? 0 : 500; };
    background.settings.refetch_in_background = true;
    observer.set_options(std::move(background));
    f.client.set_focused(false);
    f.time.advance(500);
    CHECK(f.server.count() == 3);
    f.server.answer_last(3);
    f.time.advance(10'000);
    CHECK(f.server.count() == 3);
    f.client.set_data({"a"}, 4);
    f.time.advance(500);
    CHECK(f.server.count() == 4);
    observer.reset();
    f.time.advance(10'000);
    CHECK(f.server.count() == 4);
}

TEST_CASE("several keys are watched together: in order, duplicates allowed, combined once per change [O9]") {
    Fixture f;
    int heard = 0;
    int combines = 0;
    const auto queries = [&f](std::initializer_list<int> ids) {
        std::vector<QueryOptions> list;
        for (const int id : ids) list.push_back(f.query({"n", id}));
        return list;
    };
    auto many = f.client.observe_all(queries({1, 2, 1}), [&heard](const state::QueriesObserver&) { ++heard; },
                                     [&combines](const std::vector<QueryResult>& results) {
                                         ++combines;
                                         std::vector<SharedJson> items;
                                         for (const auto& r : results) items.push_back(r.data.value_or(SharedJson()));
                                         return SharedJson::array(std::move(items));
                                     });
    CHECK(f.server.count() == 2);
    CHECK(many.results().size() == 3);
    f.server.answer(0, SharedJson("one"));
    f.server.answer(1, SharedJson("two"));
    f.run();
    CHECK(heard == 1);
    CHECK(many.combined().text() == R"(["one","two","one"])");
    const int before = combines;
    const SharedJson identity = many.combined();
    CHECK(combines == before);
    f.client.set_data({"n", 1}, "one");
    CHECK(same(many.combined(), identity));
    many.set_queries(queries({2, 3}));
    CHECK(f.server.count() == 3);
    f.server.answer_last("three");
    f.run();
    CHECK(many.combined().text() == R"(["two","three"])");
    many.reset();
    CHECK(f.client.list_queries().at(0).observers == 0);
}

namespace {
QueryOptions paged(Fixture& f, std::size_t max_pages = 0) {
    QueryOptions options = f.query({"feed"});
    options.pages = state::QueryPages{.first_param = 0,
                                      .next = [](const SharedJson& last, const SharedJson&, const SharedJson&) -> state::QueryPages::Param {
                                          return last.member("next");
                                      },
                                      .previous = [](const SharedJson& first, const SharedJson&, const SharedJson&) -> state::QueryPages::Param {
                                          const SharedJson* found = first.find("previous");
                                          return found ? state::QueryPages::Param(*found) : std::nullopt;
                                      },
                                      .max_pages = max_pages};
    return options;
}
SharedJson page(const char* name, SharedJson next, SharedJson previous = {}) {
    return SharedJson::object({{"name", name}, {"next", std::move(next)}, {"previous", std::move(previous)}});
}
std::string names(const std::optional<SharedJson>& data) {
    std::string out;
    if (data) {
        for (const SharedJson& item : data->member("pages").items()) out += item.string_or("name", "?");
    }
    return out;
}
}  // namespace

TEST_CASE("an infinite query adds pages at both ends until there is none, and keeps no more than allowed [O10]") {
    Fixture f;
    auto observer = f.watch(paged(f, 2));
    CHECK(f.server.calls[0]->context.page_param == SharedJson(0));
    f.server.answer_last(page("a", 1));
    CHECK(observer.result().has_next_page);
    CHECK_FALSE(observer.result().has_previous_page);
    observer.fetch_next_page();
    CHECK(observer.result().is_fetching_next_page);
    CHECK(f.server.calls[1]->context.page_param == SharedJson(1));
    f.server.answer_last(page("b", 2, 0));
    CHECK(names(observer.result().data) == "ab");
    observer.fetch_next_page();
    f.server.answer_last(page("c", nullptr, 1));
    CHECK(names(observer.result().data) == "bc");
    CHECK_FALSE(observer.result().has_next_page);
    CHECK(observer.result().has_previous_page);
    observer.fetch_next_page();
    CHECK(f.server.count() == 3);
    observer.fetch_previous_page();
    CHECK(f.server.calls[3]->context.backwards);
    CHECK(observer.result().is_fetching_previous_page);
    f.server.answer_last(page("a", 1));
    CHECK(names(observer.result().data) == "ab");
}

TEST_CASE("a refetch of an infinite query loads all its pages one after another from the first [O10]") {
    Fixture f;
    auto observer = f.watch(paged(f));
    f.server.answer_last(page("a", 1));
    observer.fetch_next_page();
    f.server.answer_last(page("b", 2));
    f.client.invalidate({});
    REQUIRE(f.server.count() == 3);
    CHECK(f.server.calls[2]->context.page_param == SharedJson(0));
    f.server.answer_last(page("A", 7));
    REQUIRE(f.server.count() == 4);
    CHECK(f.server.calls[3]->context.page_param == SharedJson(7));
    CHECK(names(observer.result().data) == "ab");
    f.server.answer_last(page("B", 8));
    CHECK(f.server.count() == 4);
    CHECK(names(observer.result().data) == "AB");
    observer.refetch();
    f.server.answer_last(page("only", nullptr));
    CHECK(names(observer.result().data) == "only");
}

TEST_CASE("an infinite query is cancelled between pages, and a failing page is retried where it failed, not for ever [O10]") {
    Fixture f;
    auto observer = f.watch(paged(f));
    f.server.answer_last(page("a", 1));
    observer.fetch_next_page();
    f.server.answer_last(page("b", 2));
    observer.refetch();
    f.server.answer_last(page("A", 1));
    f.client.cancel({});
    CHECK(names(observer.result().data) == "ab");
    CHECK(f.server.calls.back()->cancelled);
    observer.refetch();
    f.server.answer_last(page("A", 1));
    const std::size_t before = f.server.count();
    for (int i = 0; i < 10; ++i) {
        if (f.server.calls.back()->context.page_param == SharedJson(1) && observer.result().is_fetching()) f.server.fail_last();
        f.time.advance(kMinute);
    }
    CHECK(f.server.count() == before + 2);
    CHECK(observer.result().is_error());
    CHECK(names(observer.result().data) == "ab");
}
