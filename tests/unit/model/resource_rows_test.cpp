// The list of a kind as rows: order, filter, and how little work a change costs.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <iterator>
#include <map>

#include "base/random.hpp"
#include "base/testing/virtual_scheduler.hpp"
#include "model/resource_rows.hpp"

using model::natural_compare;
using model::ResourceFilter;
using model::ResourceRow;
using model::ResourceRows;
using model::ResourceSort;
using model::StatusTone;

namespace {

ResourceRow row(std::string name, std::string ns = "default", std::string version = "1") {
    ResourceRow out;
    out.uid = "uid-" + ns + "-" + name;
    out.ns = std::move(ns);
    out.name = std::move(name);
    out.version = std::move(version);
    return out;
}

std::string names(const ResourceRows& rows) {
    std::string out;
    for (std::size_t i = 0; i < rows.shown_size(); ++i) out += (i ? " " : "") + rows.shown(i).name;
    return out;
}

void finish(ResourceRows& rows) {
    while (rows.step()) {}
}

// What the list should be, worked out anew.
std::vector<std::string> expected(const std::map<std::string, ResourceRow>& all, const ResourceSort& sort, const std::string& word) {
    std::vector<ResourceRow> left;
    for (const auto& [key, one] : all) {
        if (word.empty() || one.name.find(word) != std::string::npos || one.ns.find(word) != std::string::npos) left.push_back(one);
    }
    std::sort(left.begin(), left.end(), [&](const ResourceRow& a, const ResourceRow& b) {
        int order = 0;
        if (sort.by == ResourceSort::By::ns) order = natural_compare(a.ns, b.ns);
        else if (sort.by == ResourceSort::By::age) order = a.created_ms == b.created_ms ? 0 : a.created_ms > b.created_ms ? -1 : 1;
        else order = natural_compare(a.name, b.name);
        if (order != 0) return sort.descending ? order > 0 : order < 0;
        if (const int by_name = natural_compare(a.name, b.name); by_name != 0) return by_name < 0;
        return std::tie(a.ns, a.name) < std::tie(b.ns, b.name);
    });
    std::vector<std::string> keys;
    for (const ResourceRow& one : left) keys.push_back(one.key());
    return keys;
}

std::vector<std::string> keys(const ResourceRows& rows) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < rows.shown_size(); ++i) out.push_back(rows.shown(i).key());
    return out;
}

}  // namespace

TEST_CASE("numbers in names compare as numbers") {
    CHECK(natural_compare("web-2", "web-10") < 0);
    CHECK(natural_compare("web-02", "web-2") == 0);
    CHECK(natural_compare("Web", "web") == 0);
    CHECK(natural_compare("a", "ab") < 0);
    CHECK(natural_compare("1/3", "2/3") < 0);
    CHECK(natural_compare("", "") == 0);
    CHECK(natural_compare("99999999999999999999998", "99999999999999999999999") < 0);
}

TEST_CASE("rows are in order from the first one on, and a change moves only its row") {
    ResourceRows rows;
    for (const char* name : {"web-10", "api", "web-2"}) rows.put(row(name));
    CHECK(names(rows) == "api web-2 web-10");
    ResourceRow changed = row("api", "default", "2");
    changed.status = {StatusTone::bad, "Failed", "x"};
    rows.put(changed);
    CHECK(names(rows) == "api web-2 web-10");
    CHECK(rows.shown(0).status.word == "Failed");
    rows.set_sort({.by = ResourceSort::By::status});
    CHECK(names(rows) == "api web-2 web-10");
    rows.set_sort({.by = ResourceSort::By::name, .descending = true});
    CHECK(names(rows) == "web-10 web-2 api");
    CHECK(rows.erase("default/web-2"));
    CHECK_FALSE(rows.erase("default/web-2"));
    CHECK(names(rows) == "web-10 api");
    CHECK(rows.index_of("default/api") == 1);
    CHECK(rows.find_uid("uid-default-api")->name == "api");
}

TEST_CASE("rows of the same name stand by namespace") {
    ResourceRows rows;
    rows.put(row("web", "b"));
    rows.put(row("web", "a"));
    CHECK(rows.shown(0).ns == "a");
    rows.set_sort({.by = ResourceSort::By::ns, .descending = true});
    CHECK(rows.shown(0).ns == "b");
}

TEST_CASE("a filter's words occur in names, namespaces, status or cells, in any order") {
    ResourceRows rows;
    rows.put(row("web", "shop"));
    rows.put(row("api", "shop"));
    ResourceRow sick = row("db", "kube-system");
    sick.status = {StatusTone::bad, "CrashLoopBackOff", ""};
    rows.put(sick);
    rows.set_cells("shop/web", {"web", "nginx:1.27"}, "1");
    rows.set_filter({.text = "NGINX  shop"});
    CHECK(names(rows) == "web");
    rows.set_filter({.text = "crash"});
    CHECK(names(rows) == "db");
    rows.set_filter({.only_problems = true});
    CHECK(names(rows) == "db");
    rows.set_filter({.hide_system = true});
    CHECK(names(rows) == "api web");
    rows.set_filter({});
    CHECK(names(rows) == "api db web");
    // What changes comes and goes.
    rows.set_filter({.text = "nginx"});
    rows.set_cells("shop/api", {"api", "nginx:1.26"}, "1");
    CHECK(names(rows) == "api web");
    rows.set_cells("shop/web", {"web", "caddy"}, "2");
    CHECK(names(rows) == "api");
}

TEST_CASE("old cells stand until new ones come, but not those of another object of that name") {
    ResourceRows rows;
    rows.put(row("web"));
    rows.set_cells("default/web", {"web", "2/2"}, "1");
    rows.put(row("web", "default", "2"));
    CHECK(rows.find("default/web")->cells.size() == 2);
    CHECK(rows.find("default/web")->cells_version == "1");
    ResourceRow again = row("web", "default", "9");
    again.uid = "another";
    rows.put(again);
    CHECK(rows.find("default/web")->cells.empty());
    CHECK(rows.find_uid("uid-default-web") == nullptr);
    CHECK(rows.find_uid("another") != nullptr);
}

TEST_CASE("fifty thousand rows: a change costs a handful of comparisons, a sort comes in slices") {
    ResourceRows rows;
    base::testing::SeededRandom random{11};
    for (int i = 0; i < 50'000; ++i) rows.put(row("pod-" + std::to_string(random.below(1'000'000)) + "-" + std::to_string(i), "ns-" + std::to_string(i % 40)));
    REQUIRE(rows.size() == 50'000);
    REQUIRE(rows.shown_size() == 50'000);
    auto before = rows.work();
    rows.put(row(rows.shown(25'000).name, rows.shown(25'000).ns, "2"));
    CHECK(rows.work().compared - before.compared <= 40);  // found and placed: 2 log n
    CHECK(rows.work().examined - before.examined == 1);
    before = rows.work();
    CHECK(rows.erase(rows.shown(100).key()));
    CHECK(rows.work().compared - before.compared <= 20);
    CHECK(rows.work().examined == before.examined);

    rows.set_sort({.by = ResourceSort::By::ns, .descending = true});
    REQUIRE(rows.busy());
    CHECK(rows.shown_size() == 49'999);  // the old order stays meanwhile
    std::uint64_t most = 0;
    int slices = 0;
    while (rows.busy()) {
        before = rows.work();
        rows.step();
        most = std::max(most, rows.work().compared - before.compared + (rows.work().examined - before.examined));
        ++slices;
    }
    CHECK(most <= ResourceRows::kSliceWork + 2'000);  // a slice may finish the run it is in
    CHECK(slices > 20);
    CHECK(rows.shown(0).ns == "ns-39");
    for (std::size_t i = 1; i < rows.shown_size(); ++i) {
        if (natural_compare(rows.shown(i - 1).ns, rows.shown(i).ns) < 0) FAIL("out of order at " << i);
    }
    // A filter that narrows looks at what is shown.
    rows.set_filter({.text = "ns-3"});
    finish(rows);
    const std::size_t fewer = rows.shown_size();
    CHECK(fewer < 20'000);
    before = rows.work();
    rows.set_filter({.text = "ns-39"});
    finish(rows);
    CHECK(rows.work().examined - before.examined == fewer);
    CHECK(rows.work().compared == before.compared);  // in order already
    CHECK(rows.shown_size() == 1'250);
}

TEST_CASE("a list that changes while it is sorted ends up as if it had been sorted after") {
    base::testing::SeededRandom random{5};
    for (int round = 0; round < 6; ++round) {
        ResourceRows rows;
        std::map<std::string, ResourceRow> all;
        const auto put = [&](const std::string& name, const std::string& ns) {
            ResourceRow one = row(name, ns, std::to_string(random.below(1000)));
            one.created_ms = static_cast<std::int64_t>(random.below(50));
            all[one.key()] = one;
            rows.put(one);
        };
        const auto change = [&] {
            if (!all.empty() && random.below(3) == 0) {
                const auto at = std::next(all.begin(), static_cast<std::ptrdiff_t>(random.below(all.size())));
                CHECK(rows.erase(at->first));
                all.erase(at);
            } else {
                put("n" + std::to_string(random.below(4'000)), "s" + std::to_string(random.below(3)));
            }
        };
        for (int i = 0; i < 3'000; ++i) put("n" + std::to_string(random.below(4'000)), "s" + std::to_string(random.below(3)));
        ResourceSort sort;
        std::string word;
        for (int step = 0; step < 12; ++step) {
            if (random.below(2) == 0) {
                sort = {.by = random.below(2) == 0 ? ResourceSort::By::age : ResourceSort::By::ns, .descending = random.below(2) == 0};
                rows.set_sort(sort);
            } else {
                word = random.below(3) == 0 ? "" : std::to_string(random.below(20));
                rows.set_filter({.text = word});
            }
            for (int i = 0; i < 4; ++i) {
                rows.step();
                change();
            }
        }
        finish(rows);
        CHECK(rows.size() == all.size());
        CHECK(keys(rows) == expected(all, sort, word));
        for (const std::string& key : keys(rows)) {
            const auto index = rows.index_of(key);
            REQUIRE(index);
            CHECK(rows.shown(*index).key() == key);
        }
    }
}
