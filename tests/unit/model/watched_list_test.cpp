// Lists in the query cache that a watch keeps, and the tables of a Datum portal.
#include <catch2/catch_test_macros.hpp>

#include <optional>

#include "base/testing/virtual_scheduler.hpp"
#include "model/watch_tables.hpp"
#include "net/loopback.hpp"
#include "net/stream_link.hpp"
#include "unit/net/watch_hub_fake.hpp"

using namespace model;
using base::Json;
using state::SharedJson;
using watch_fake::FakeWatchHub;
using watch_fake::object;

namespace {

struct World {
    World() { hub.objects = {object("a", 1), object("b", 2)}; }
    WatchedListOptions options(WatchedListOptions::Patch patch = WatchedListOptions::Patch::all) {
        WatchedListOptions made;
        made.spec = {.resource_type = "api/v1/pods", .ns = "default"};
        made.key = key;
        made.item = [](const net::WatchedObject& each) { return SharedJson::object({{"key", each.key()}, {"version", each.resource_version}}); };
        made.patch = patch;
        return made;
    }
    std::string cached() const {
        const auto data = queries.get_data(key);
        if (!data) return "none";
        std::string text;
        for (const SharedJson& item : data->items()) text += std::string(item.string_or("key", "?")).substr(8) + "@" + std::string(item.string_or("version", "?")) + " ";
        return text;
    }
    // The list as its own route gives it; counts how often.
    state::QueryObserver observe() {
        return queries.observe({.key = key,
                                .fetch = [this](const state::QueryContext&, state::QueryDone done) {
                                    ++fetches;
                                    std::vector<SharedJson> items;
                                    for (const Json& each : hub.objects) {
                                        const auto& metadata = each["metadata"];
                                        items.push_back(SharedJson::object({{"key", "default/" + metadata["name"].get<std::string>()}, {"version", metadata["resourceVersion"].get<std::string>()}}));
                                    }
                                    done(SharedJson::array(std::move(items)));
                                    return state::QueryWork();
                                }},
                               [this](const state::QueryResult&) { ++told; });
    }
    void pass(std::int64_t ms = 200) { time.advance(ms); }
    void send(const std::string& type, const Json& changed) { hub.send("api/v1/pods", type, changed); }

    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{4};
    FakeWatchHub hub;
    net::LoopbackClient client{time, hub};
    net::StreamLink link{client, time, random, {}};
    net::WatchManager watches{client, time, random, link};
    state::QueryClient queries{time};
    state::QueryKey key{"pods", "list"};
    int fetches = 0;
    int told = 0;
};

}  // namespace

TEST_CASE("a throttle waits for quiet, not for ever, and never loses the last request [M14]") {
    base::testing::VirtualScheduler time;
    std::vector<std::int64_t> at;
    RefreshThrottle refresh(time, 300, 1'000, [&] { at.push_back(time.monotonic_ms()); });
    refresh.request();
    time.advance(299);
    CHECK(at.empty());
    time.advance(1);
    CHECK(at == std::vector<std::int64_t>{300});
    refresh.request();  // soon after: the trailing edge
    time.advance(999);
    CHECK(at.size() == 1);
    time.advance(1);
    CHECK(at == std::vector<std::int64_t>{300, 1'300});
    time.advance(10'000);
    CHECK(at.size() == 2);
    at.clear();
    for (int i = 0; i < 50; ++i) {  // never quiet for five seconds
        refresh.request();
        time.advance(100);
    }
    time.advance(2'000);
    CHECK(at.size() >= 5);
    CHECK(at.size() <= 7);
    CHECK(at.back() >= 11'300 + 4'900);  // after the last request
    for (std::size_t i = 1; i < at.size(); ++i) CHECK(at[i] - at[i - 1] >= 1'000);
}

TEST_CASE("the cache's list follows the watch: filled, replaced by key, added, removed") {
    World world;
    WatchedList list(world.watches, world.queries, world.time, world.options());
    world.pass();
    CHECK(world.cached() == "a@1 b@2 ");
    world.send("MODIFIED", object("a", 5));
    world.send("ADDED", object("c", 6));
    world.send("DELETED", object("b", 7));
    world.pass();
    CHECK(world.cached() == "a@5 c@6 ");
    CHECK(list.state().phase == net::WatchPhase::live);
}

TEST_CASE("changes of one moment are one update of the cache, several of one object count once [S11]") {
    World world;
    WatchedList list(world.watches, world.queries, world.time, world.options());
    const auto observer = world.observe();
    world.pass();
    world.told = 0;
    for (int i = 10; i < 60; ++i) world.send("MODIFIED", object("a", i));
    world.send("ADDED", object("c", 61));
    world.send("DELETED", object("c", 62));
    world.pass();
    CHECK(world.told == 1);
    CHECK(world.cached() == "a@59 b@2 ");
}

TEST_CASE("a snapshot that says nothing new tells nobody") {
    World world;
    const auto observer = world.observe();
    world.pass();
    world.told = 0;
    WatchedList list(world.watches, world.queries, world.time, world.options());
    world.pass();
    CHECK(world.cached() == "a@1 b@2 ");
    CHECK(world.told == 0);
    world.hub.cut();
    world.pass(3'000);
    CHECK(world.told == 0);
    CHECK(world.fetches == 1);
}

TEST_CASE("in a list of the server's, changes of known items are put in and all else refetches it once, trailing edge and all") {
    World world;
    const auto observer = world.observe();
    world.pass();
    WatchedList list(world.watches, world.queries, world.time, world.options(WatchedListOptions::Patch::modified));
    world.pass(5'000);
    CHECK(world.fetches == 1);  // the first snapshot is no change
    world.send("MODIFIED", object("a", 5));
    world.pass();
    CHECK(world.cached() == "a@5 b@2 ");
    CHECK(world.fetches == 1);
    world.hub.objects = {object("a", 5), object("b", 2), object("c", 6), object("d", 7)};
    world.send("ADDED", object("c", 6));
    world.pass(100);
    world.send("ADDED", object("d", 7));
    CHECK(world.fetches == 1);
    world.pass(2'000);
    CHECK(world.fetches == 2);
    CHECK(world.cached() == "a@5 b@2 c@6 d@7 ");
    // One refresh right after another still comes.
    world.hub.objects.pop_back();
    world.send("DELETED", object("d", 8));
    world.pass(3'000);
    CHECK(world.fetches == 3);
    CHECK(world.cached() == "a@5 b@2 c@6 ");
    // After a reconnect what was missed refetches, the rest does not.
    world.hub.cut();
    world.pass(5'000);
    CHECK(world.fetches == 3);
    world.hub.objects.push_back(object("e", 9));
    world.hub.cut();
    world.pass(5'000);
    CHECK(world.fetches == 4);
}

TEST_CASE("nothing is written into the cache of the next user") {
    World world;
    WatchedList list(world.watches, world.queries, world.time, world.options());
    world.pass();
    world.send("ADDED", object("c", 3));
    world.time.run_ready();
    world.queries.clear();
    world.pass(5'000);
    CHECK(world.cached() == "none");
}

TEST_CASE("every table of the portal has its type, its key and its row") {
    REQUIRE(watch_tables::all().size() == 6);
    const auto* zones = watch_tables::find("dnszones");
    REQUIRE(zones);
    const net::WatchSpec spec = watch_tables::spec_of(*zones, {.project = "proj-abc", .name = "example-org"});
    CHECK(spec.resource_type == "apis/dns.networking.miloapis.com/v1alpha1/dnszones");
    CHECK(spec.ns == "default");
    CHECK(spec.name == "example-org");
    CHECK(watch_tables::key_of(*zones, {.project = "p"}).matches(watch_tables::key_of(*zones, {.project = "p", .ns = "x"})));
    CHECK_FALSE(watch_tables::key_of(*zones, {.project = "p"}).matches(watch_tables::key_of(*zones, {.project = "q"})));
    CHECK(watch_tables::find("pods") == nullptr);
    const auto row = [](const char* plural, const Json& json) {
        const auto found = net::read_watched(json.dump());
        REQUIRE(found);
        return watch_tables::row_of(*watch_tables::find(plural), *found);
    };
    Json zone = object("example-org", 3);
    zone["spec"] = {{"domainName", "example.org"}};
    zone["status"] = {{"nameservers", {"ns1.example.net"}}, {"conditions", {{{"type", "Accepted"}, {"status", "True"}}, {{"type", "Programmed"}, {"status", "False"}, {"reason", "Pending"}, {"message", "soon"}}}}};
    const SharedJson shown = row("dnszones", zone);
    CHECK(shown.string_or("key", "") == "default/example-org");
    CHECK(shown.string_or("domain", "") == "example.org");
    CHECK(shown.string_or("ready", "") == "pending");
    CHECK(shown.string_or("message", "") == "soon");
    Json secret = object("token", 3);
    secret["type"] = "Opaque";
    secret["data"] = {{"password", "aHVudGVyMg=="}};
    const SharedJson hidden = row("secrets", secret);
    CHECK(hidden.member("keys").text() == "[\"password\"]");
    CHECK(hidden.text().find("aHVudGVyMg") == std::string::npos);
    CHECK(hidden.string_or("ready", "") == "ready");
}

TEST_CASE("an object is ready by its conditions for its present generation") {
    const auto judge = [](Json conditions, int generation = 2) {
        Json zone = object("z", 3);
        zone["metadata"]["generation"] = generation;
        zone["status"]["conditions"] = std::move(conditions);
        return watch_tables::readiness_of(*watch_tables::find("dnszones"), *net::read_watched(zone.dump()));
    };
    using enum watch_tables::Readiness;
    CHECK(judge(Json::array()) == not_yet);
    CHECK(judge({{{"type", "Ready"}, {"status", "True"}}}) == ready);
    CHECK(judge({{{"type", "Ready"}, {"status", "True"}, {"observedGeneration", 1}}}) == not_yet);
    CHECK(judge({{{"type", "Ready"}, {"status", "True"}}, {{"type", "Other"}, {"status", "False"}}}) == ready);
    CHECK(judge({{{"type", "Accepted"}, {"status", "True"}}, {{"type", "Programmed"}, {"status", "Unknown"}}}) == not_yet);
    CHECK(judge({{{"type", "Accepted"}, {"status", "False"}, {"reason", "InvalidDomain"}}}) == failed);
}

TEST_CASE("create, then wait until it is ready") {
    World world;
    const auto& zones = *watch_tables::find("dnszones");
    std::optional<base::Result<net::WatchedPtr>> result;
    world.hub.objects.clear();
    auto wait = watch_tables::wait_until_ready(world.watches, zones, {.name = "z"}, 60'000, [&](base::Result<net::WatchedPtr> found) { result = std::move(found); });
    world.pass();
    const auto send = [&](const Json& conditions, int version) {
        Json zone = object("z", version);
        zone["status"]["conditions"] = conditions;
        world.hub.send(std::string(zones.resource_type), version == 1 ? "ADDED" : "MODIFIED", zone);
        world.pass();
    };
    send(Json::array(), 1);
    CHECK_FALSE(result);
    send({{{"type", "Ready"}, {"status", "True"}}}, 2);
    REQUIRE(result);
    CHECK((**result)->resource_version == "2");
    result.reset();
    world.pass(1'000);
    wait = watch_tables::wait_until_ready(world.watches, zones, {.name = "z2"}, 60'000, [&](base::Result<net::WatchedPtr> found) { result = std::move(found); });
    world.pass();
    Json broken = object("z2", 9);
    broken["status"]["conditions"] = {{{"type", "Ready"}, {"status", "False"}, {"reason", "ZoneFailed"}, {"message", "no such domain"}}};
    world.hub.send(std::string(zones.resource_type), "ADDED", broken);
    world.pass();
    REQUIRE(result);
    CHECK(result->error().message == "z2 has failed: no such domain");
}
