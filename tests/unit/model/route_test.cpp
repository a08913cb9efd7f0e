#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/testing/virtual_scheduler.hpp"
#include "model/route.hpp"

using model::read_route;
using model::Route;
using model::write_route;

TEST_CASE("a route is read from the address and written back to it") {
    const auto read = read_route("?embed=1&view=clusters&keyspace=app_data&table=users&filter=id%3D'abc'&page=2");
    CHECK(read.problems.empty());
    CHECK(read.route == Route{.view = "clusters", .workflow = "", .selection = {}, .keyspace = "app_data", .table = "users", .filter = "id='abc'", .page = 2});
    CHECK(write_route(read.route, "embed=1&theme=dark&page=7") == "embed=1&theme=dark&view=clusters&keyspace=app_data&table=users&filter=id%3D%27abc%27&page=2");

    const auto canvas = read_route("workflow=65f0&select=b,a,b");
    CHECK(canvas.route.selection == std::vector<std::string>{"a", "b"});
    CHECK(write_route(canvas.route, "") == "workflow=65f0&select=a%2Cb");
    CHECK(write_route(Route{}, "view=settings&dev=1") == "dev=1");
    CHECK(write_route(Route{}, "").empty());
}

TEST_CASE("a link names a list of resources and an object in it") {
    const auto read = read_route("view=resources&kind=apis%2Fapps%2Fv1%2Fdeployments&namespace=shop&object=shop%2Fweb&labels=app%3Dweb&search=a%20b");
    CHECK(read.problems.empty());
    CHECK(read.route.resources == model::ResourcePlace{.type = "apis/apps/v1/deployments", .cluster = "", .ns = "shop", .object = "shop/web", .labels = "app=web", .search = "a b"});
    CHECK(read_route(write_route(read.route, "embed=1")).route == read.route);
    CHECK(write_route(Route{.view = "resources"}, "kind=x&object=y&dev=1") == "dev=1&view=resources");
    CHECK(read_route("kind=api%2Fv1%2Fpods").route.resources.type.empty());  // of another page
    Route other = read.route;
    other.resources.object = "shop/db";
    CHECK_FALSE(model::is_step(read.route, other));
    other.resources.ns.clear();
    CHECK(model::is_step(read.route, other));
    CHECK_FALSE(model::is_step(Route{.view = "resources"}, other));  // the list of a page that came without one
    CHECK(read_route("view=resources&kind=api%2Fv1%2Fpods&cluster=staging").route.resources.cluster == "staging");
    for (const char* query : {"kind=pods", "kind=api%2Fv1%2Fpods&namespace=..", "kind=api%2Fv1%2Fpods&object=web", "kind=api%2Fv1%2Fpods&object=a%2F..", "kind=api%2Fv1%2Fpods&object=a%2Fb%2Fc",
                              "kind=api%2Fv1%2Fpods&search=%01"}) {
        INFO(query);
        CHECK(read_route("view=resources&" + std::string(query)).problems.size() == 1);
    }
    CHECK(read_route("view=resources&kind=api%2Fv1%2Fpods&labels=" + std::string(1'001, 'a')).problems.size() == 1);
}

TEST_CASE("what a link may not say is left out and named, the rest counts [D3]") {
    const auto problem = [](std::string query) {
        const auto read = read_route(query);
        return read.problems.empty() ? std::string() : read.problems.front();
    };
    CHECK(problem("view=admin") == "The link's view was left out: there is no such page");
    CHECK(problem("workflow=../../etc") == "The link's workflow was left out: this is no id");
    CHECK(problem("keyspace=a;drop") == "The link's keyspace was left out: this is no name of a keyspace");
    CHECK(problem("table=users") == "The link's table was left out: it names no keyspace");
    CHECK(problem("keyspace=k&table=t&page=0") == "The link's page was left out: this is no page number");
    CHECK(problem("keyspace=k&table=t&page=99999999999") == "The link's page was left out: this is no page number");
    CHECK(problem("select=a," + std::string(200, 'x')).starts_with("The link's selection"));
    CHECK(problem("view=%zz") == "The address could not be read");

    const auto read = read_route("view=admin&workflow=65f0&page=-1");
    CHECK(read.route == Route{.view = "workflows", .workflow = "65f0", .selection = {}, .keyspace = "", .table = "", .filter = "", .page = 1});
    CHECK(read.problems.size() == 2);
}

TEST_CASE("a filter of a link cannot write, comment or run on [D3]") {
    CHECK(model::filter_problem("id = 'a' AND n > 3").empty());
    CHECK(model::filter_problem("tags CONTAINS 'x'").empty());
    CHECK(model::filter_problem("name = 'drop; -- table'").empty());  // quoted text is text
    CHECK(model::filter_problem("dropped = true").empty());           // a word, not a part of one
    CHECK_FALSE(model::filter_problem("id = 1; DROP TABLE users").empty());
    CHECK_FALSE(model::filter_problem("id = 1 -- x").empty());
    CHECK_FALSE(model::filter_problem("id = 1 /* x */").empty());
    CHECK_FALSE(model::filter_problem("Delete = 1").empty());
    CHECK_FALSE(model::filter_problem("id = 'a").empty());
    CHECK_FALSE(model::filter_problem("id = 'a\n'").empty());
    CHECK_FALSE(model::filter_problem("users").empty());
    CHECK_FALSE(model::filter_problem("id = '" + std::string(3'000, 'x') + "'").empty());
}

TEST_CASE("moving between pages and workflows is a step, selecting is not, nor is the workflow that opens by itself") {
    const Route start;
    Route opened = start;
    opened.workflow = "w1";
    CHECK_FALSE(model::is_step(start, opened));
    Route selected = opened;
    selected.selection = {"n1"};
    CHECK_FALSE(model::is_step(opened, selected));
    Route other = selected;
    other.workflow = "w2";
    CHECK(model::is_step(selected, other));
    Route page = selected;
    page.view = "settings";
    CHECK(model::is_step(selected, page));
}

TEST_CASE("any address is read without harm, and what was read comes back the same") {
    base::testing::SeededRandom random(20261120);
    const std::vector<std::string> parts{"view=", "workflow=", "select=", "keyspace=", "table=", "filter=", "page=", "&", "%", "%41", ",", "'", ";", "=", "settings",
                                         "a", "b_1", "-2", "9", "\xff", "é", "id%3D1", " ", "+", "?", "\n", "clusters"};
    for (int round = 0; round < 5'000; ++round) {
        std::string query;
        std::uint8_t bytes[24];
        random.fill(bytes);
        const int length = bytes[0] % 23;
        for (int i = 0; i < length; ++i) query += parts[bytes[i + 1] % parts.size()];
        const auto read = read_route(query);
        CAPTURE(query);
        const std::string written = write_route(read.route, query);
        const auto again = read_route(written);
        REQUIRE(again.problems.empty());
        REQUIRE(again.route == read.route);
        REQUIRE(write_route(again.route, written) == written);
    }
}
