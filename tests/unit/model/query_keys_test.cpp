#include "model/query_keys.hpp"

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>

#include "base/testing/virtual_scheduler.hpp"

namespace keys = model::keys;
using state::QueryKey;

TEST_CASE("the keys of the studio have the shapes of its query key factory") {
    CHECK(keys::agents::all().text() == R"(["agents"])");
    CHECK(keys::agents::lists().text() == R"(["agents","list"])");
    CHECK(keys::agents::list({}).text() == R"(["agents","list",{}])");
    CHECK(keys::agents::list({.status = "active", .limit = 20}).text() == R"(["agents","list",{"limit":20,"status":"active"}])");
    CHECK(keys::agents::details().text() == R"(["agents","detail"])");
    CHECK(keys::agents::detail("a1").text() == R"(["agents","detail","a1"])");
    CHECK(keys::agents::versions("a1").text() == R"(["agents","detail","a1","versions"])");
    CHECK(keys::pipelines::list({.organization_id = "o"}).text() == R"(["pipelines","list",{"organization_id":"o"}])");
    CHECK(keys::pipelines::detail("p").text() == R"(["pipelines","detail","p"])");
    CHECK(keys::deployments::list({.environment = "prod"}).text() == R"(["deployments","list",{"environment":"prod"}])");
    CHECK(keys::deployments::detail("d").text() == R"(["deployments","detail","d"])");
    CHECK(keys::metrics::summary("d").text() == R"(["metrics","summary","d"])");
    CHECK(keys::metrics::timeseries("d", "1h").text() == R"(["metrics","timeseries","d","1h"])");
    CHECK(keys::teams::list().text() == R"(["teams","list"])");
    CHECK(keys::teams::members("t").text() == R"(["teams","detail","t","members"])");
    CHECK(keys::policies::detail("p").text() == R"(["policies","detail","p"])");
    CHECK(keys::user::current().text() == R"(["user","current"])");
    CHECK(keys::user::permissions().text() == R"(["user","permissions"])");
}

TEST_CASE("the keys of the explorer have the shapes of its table") {
    CHECK(keys::explorer::profiles().text() == R"(["profiles"])");
    CHECK(keys::explorer::keyspaces().text() == R"(["keyspaces"])");
    CHECK(keys::explorer::tables("ks").text() == R"(["tables","ks"])");
    CHECK(keys::explorer::schema("ks", "t").text() == R"(["schema","ks","t"])");
    CHECK(keys::explorer::rows("ks", "t").text() == R"(["rows","ks","t"])");
    CHECK(keys::explorer::filtered_rows("ks", "t", "id = 'a'").text() == R"(["rows","ks","t","filter","id = 'a'"])");
    CHECK(keys::explorer::rows_page("c-1").text() == R"(["rows","page","c-1"])");
    CHECK(keys::explorer::all_rows().matches(keys::explorer::filtered_rows("ks", "t", "x")));
    CHECK(keys::explorer::rows("ks", "t").matches(keys::explorer::filtered_rows("ks", "t", "x")));
}

TEST_CASE("a list's prefix matches every filtered list and no detail") {
    CHECK(keys::agents::lists().matches(keys::agents::list({.search = "x"})));
    CHECK(keys::agents::list({}).matches(keys::agents::list({.search = "x"})));
    CHECK_FALSE(keys::agents::lists().matches(keys::agents::detail("x")));
    CHECK(keys::agents::detail("a").matches(keys::agents::versions("a")));
    CHECK_FALSE(keys::agents::detail("a").matches(keys::agents::versions("b")));
    CHECK(keys::workflows::detail("w").matches(keys::workflows::runs("w")));
    CHECK(keys::workflows::versions("w").matches(keys::workflows::version("w", 3)));
    CHECK(keys::clusters::detail("c").matches(keys::clusters::status("c")));
    CHECK(keys::workflows::lists().matches(keys::workflows::list()));
}

TEST_CASE("no two functions give the same key") {
    std::set<std::string> texts;
    const std::vector<QueryKey> all{
        keys::workflows::all(), keys::workflows::lists(), keys::workflows::list(), keys::workflows::details(), keys::workflows::detail("x"),
        keys::workflows::versions("x"), keys::workflows::version("x", 1), keys::workflows::runs("x"), keys::clusters::all(), keys::clusters::list(),
        keys::clusters::detail("x"), keys::clusters::status("x"), keys::clusters::metrics("x"), keys::registries(), keys::registry("x"),
        keys::plugins(), keys::plugin("x"), keys::notifications(), keys::profile(), keys::templates(), keys::explorer::profiles(),
        keys::explorer::keyspaces(), keys::explorer::rows("x", "y"), keys::explorer::rows_page("x"), keys::metrics::all(), keys::teams::all(),
        keys::teams::detail("x"), keys::policies::all(), keys::policies::list(), keys::deployments::all(), keys::deployments::lists(),
        keys::pipelines::all(), keys::pipelines::lists(), keys::pipelines::details()};
    for (const QueryKey& key : all) texts.insert(key.text());
    CHECK(texts.size() == all.size());
}

TEST_CASE("what describes data is fresh for 5 minutes, rows are fetched on every navigation, a page by cursor once") {
    base::testing::VirtualScheduler time;
    state::QueryClient client(time);
    keys::register_defaults(client);
    CHECK(client.settings_for(keys::explorer::tables("ks")).stale_ms == 5 * 60 * 1000);
    CHECK(client.settings_for(keys::explorer::schema("ks", "t")).stale_ms == 5 * 60 * 1000);
    CHECK(client.settings_for(keys::explorer::rows("ks", "t")).refetch_on_mount == state::RefetchWhen::always);
    CHECK(client.settings_for(keys::explorer::filtered_rows("ks", "t", "x")).stale_ms == 0);
    CHECK(client.settings_for(keys::explorer::rows_page("c")).stale_ms == state::kStaticMs);
    CHECK(client.settings_for(keys::user::current()).persist == false);
    CHECK(keys::clusters::live_settings().stale_ms == 15'000);

    int fetches = 0;
    const auto load = [&fetches](const state::QueryContext&, state::QueryDone done) -> state::QueryWork {
        ++fetches;
        done(state::SharedJson::array({}));
        return {};
    };
    const auto visit = [&](const QueryKey& key) {
        auto observer = client.observe({.key = key, .fetch = load}, [](const state::QueryResult&) {});
        time.run_ready();
    };
    visit(keys::explorer::rows("ks", "t"));
    visit(keys::explorer::rows("ks", "t"));
    CHECK(fetches == 2);
    visit(keys::explorer::rows_page("c"));
    visit(keys::explorer::rows_page("c"));
    CHECK(fetches == 3);
    visit(keys::explorer::keyspaces());
    visit(keys::explorer::keyspaces());
    CHECK(fetches == 4);
}
