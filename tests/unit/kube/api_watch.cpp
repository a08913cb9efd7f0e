#include "api_rig.hpp"

using namespace kube::test;

namespace {

std::string rv(const Json& object) { return object["metadata"]["resourceVersion"].get<std::string>(); }

}  // namespace

TEST_CASE("a watch from a list's version sees every later change and nothing before") {
    ApiRig rig;
    rig.ok("POST", kConfigMaps, config_map("old"));
    const std::string version = rv(rig.ok("GET", kConfigMaps));
    auto watch = rig.watch(kConfigMaps + "?watch=true&resourceVersion=" + version);
    CHECK(watch->status == 200);
    CHECK(watch->events.empty());
    rig.ok("POST", kConfigMaps, config_map("a"));
    rig.patch(kConfigMaps + "/a", Json{{"data", {{"key", "2"}}}});
    rig.ok("DELETE", kConfigMaps + "/a");
    rig.ok("POST", kPods, pod("unrelated"));
    CHECK(watch->summary() == "ADDED a, MODIFIED a, DELETED a");
    CHECK(watch->events[2]["object"]["data"]["key"] == "2");
    CHECK(watch->events[0]["object"]["kind"] == "ConfigMap");
    CHECK(std::stoull(rv(watch->events[2]["object"])) > std::stoull(rv(watch->events[1]["object"])));
    CHECK_FALSE(watch->ended);
}

TEST_CASE("a watch without a version, or from 0, begins with what there is") {
    ApiRig rig;
    rig.ok("POST", kConfigMaps, config_map("a"));
    rig.ok("POST", kConfigMaps, config_map("b"));
    CHECK(rig.watch(kConfigMaps + "?watch=1")->summary() == "ADDED a, ADDED b");
    auto watch = rig.watch(kConfigMaps + "?watch=1&resourceVersion=0");
    rig.ok("DELETE", kConfigMaps + "/a");
    CHECK(watch->summary() == "ADDED a, ADDED b, DELETED a");
    CHECK(rig.watch(kConfigMaps + "/b?watch=1")->summary() == "ADDED b");
    CHECK(rig.watch("/api/v1/namespaces/kube-system/configmaps?watch=1")->summary() == "");
}

TEST_CASE("an object that leaves the selector is DELETED, one that enters is ADDED") {
    ApiRig rig;
    auto watch = rig.watch(kConfigMaps + "?watch=1&labelSelector=tier%3Dweb");
    rig.ok("POST", kConfigMaps, config_map("a", "1", {{"tier", "web"}}));
    rig.ok("POST", kConfigMaps, config_map("b", "1", {{"tier", "db"}}));
    const Json left = rig.patch(kConfigMaps + "/a", Json{{"metadata", {{"labels", {{"tier", "db"}}}}}}).body;
    rig.patch(kConfigMaps + "/a", Json{{"data", {{"key", "2"}}}});
    rig.patch(kConfigMaps + "/b", Json{{"metadata", {{"labels", {{"tier", "web"}}}}}});
    rig.ok("DELETE", kConfigMaps + "/b");
    CHECK(watch->summary() == "ADDED a, DELETED a, ADDED b, DELETED b");
    CHECK(watch->events[1]["object"]["metadata"]["labels"]["tier"] == "web");
    CHECK(rv(watch->events[1]["object"]) == rv(left));
}

TEST_CASE("a streaming list ends its initial events with an annotated bookmark") {
    ApiRig rig;
    rig.ok("POST", kConfigMaps, config_map("a"));
    auto watch = rig.watch(kConfigMaps + "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
    CHECK(watch->summary() == "ADDED a, BOOKMARK");
    const Json& mark = watch->events[1]["object"];
    CHECK(mark["metadata"]["annotations"]["k8s.io/initial-events-end"] == "true");
    CHECK(mark["kind"] == "ConfigMap");
    CHECK(rv(mark) == std::to_string(rig.store.resource_version()));
    rig.ok("POST", kConfigMaps, config_map("b"));
    CHECK(watch->summary() == "ADDED a, BOOKMARK, ADDED b");

    const Answer refused = rig.call("GET", kConfigMaps + "?watch=1&sendInitialEvents=true&allowWatchBookmarks=true");
    CHECK(refused.status == 422);
    CHECK(refused.message().find("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan") != std::string::npos);
}

TEST_CASE("bookmarks tell a quiet watch that the store moved on, and only then") {
    ApiRig rig(4096, {.bookmark_interval_ms = 1000});
    auto watch = rig.watch(kConfigMaps + "?watch=1&allowWatchBookmarks=true&resourceVersion=" + std::to_string(rig.store.resource_version()));
    rig.time.advance(10'000);
    CHECK(watch->events.empty());
    rig.ok("POST", kPods, pod("elsewhere"));
    rig.time.advance(999);
    CHECK(watch->events.empty());
    rig.time.advance(1);
    CHECK(watch->summary() == "BOOKMARK");
    CHECK(rv(watch->events[0]["object"]) == std::to_string(rig.store.resource_version()));
    rig.time.advance(10'000);
    CHECK(watch->events.size() == 1);
    auto without = rig.watch(kConfigMaps + "?watch=1&resourceVersion=" + std::to_string(rig.store.resource_version()));
    rig.ok("POST", kPods, pod("again"));
    rig.time.advance(10'000);
    CHECK(without->events.empty());
}

TEST_CASE("a version that history has lost is 410, before the stream and within it") {
    ApiRig rig(8);
    const std::string version = std::to_string(rig.store.resource_version());
    for (int i = 0; i < 20; ++i) rig.ok("POST", kConfigMaps, config_map("c" + std::to_string(i)));
    const Answer late = rig.call("GET", kConfigMaps + "?watch=1&resourceVersion=" + version);
    CHECK(late.status == 410);
    CHECK(late.reason() == "Expired");
    const Answer future = rig.call("GET", kConfigMaps + "?watch=1&resourceVersion=99999");
    CHECK(future.status == 410);
    // A quiet watch survives: its position moves with writes that do not concern it.
    auto quiet = rig.watch(kPods + "?watch=1");
    for (int i = 0; i < 20; ++i) rig.patch(kConfigMaps + "/c1", Json{{"data", {{"key", std::to_string(i)}}}});
    rig.ok("POST", kPods, pod("p"));
    CHECK(quiet->summary() == "ADDED p");
    // More than history holds between two turns of the scheduler.
    for (int i = 0; i < 20; ++i) {
        REQUIRE(rig.store.create({"pods", "default", "burst" + std::to_string(i)}, pod("burst")));
    }
    rig.time.run_ready();
    REQUIRE(quiet->events.size() == 2);
    CHECK(quiet->events[1]["type"] == "ERROR");
    CHECK(quiet->events[1]["object"]["code"] == 410);
    CHECK(quiet->ended);
    CHECK_FALSE(quiet->failed);
    CHECK(rig.server.open_watches() == 0);
}

TEST_CASE("a reader that lags gets everything after it catches up, or a 410 when it is too late") {
    for (const bool too_late : {false, true}) {
        ApiRig rig(too_late ? 16 : 4096);
        auto watch = rig.watch(kConfigMaps + "?watch=1");
        watch->handle.set_paused(true);
        const std::string big(60'000, 'x');
        for (int i = 0; i < 30; ++i) rig.ok("POST", kConfigMaps, config_map("c" + std::to_string(i), big));
        CHECK(watch->events.empty());
        watch->handle.set_paused(false);
        rig.time.run_ready();
        if (too_late) {
            CHECK(watch->events.size() < 30);
            CHECK(watch->events.back()["object"]["code"] == 410);
            CHECK(watch->ended);
        } else {
            REQUIRE(watch->events.size() == 30);
            CHECK(watch->events[29]["object"]["metadata"]["name"] == "c29");
            CHECK_FALSE(watch->ended);
        }
    }
}

TEST_CASE("a watch ends cleanly at timeoutSeconds, and by itself within an hour") {
    ApiRig rig;
    auto watch = rig.watch(kConfigMaps + "?watch=1&timeoutSeconds=5");
    auto other = rig.watch(kConfigMaps + "?watch=1");
    rig.time.advance(4999);
    CHECK_FALSE(watch->ended);
    rig.time.advance(1);
    CHECK(watch->ended);
    CHECK_FALSE(watch->failed);
    CHECK(rig.server.open_watches() == 1);
    rig.time.advance(29 * 60'000);
    CHECK_FALSE(other->ended);
    rig.time.advance(31 * 60'000);
    CHECK(other->ended);
}

TEST_CASE("a reader that goes away is forgotten") {
    ApiRig rig;
    auto watch = rig.watch(kConfigMaps + "?watch=1");
    CHECK(rig.server.open_watches() == 1);
    watch->handle.cancel();
    rig.time.run_ready();
    CHECK(rig.server.open_watches() == 0);
    rig.ok("POST", kConfigMaps, config_map("a"));
    CHECK(watch->events.empty());
}

TEST_CASE("watching as a table sends a row per event, and the columns once") {
    ApiRig rig;
    rig.ok("POST", kConfigMaps, config_map("a"));
    auto watch = rig.watch(kConfigMaps + "?watch=1", {{"Accept", kTable}});
    rig.ok("POST", kConfigMaps, config_map("b"));
    REQUIRE(watch->events.size() == 2);
    CHECK(watch->events[0]["object"]["kind"] == "Table");
    CHECK(watch->events[0]["object"]["rows"][0]["cells"][0] == "a");
    CHECK(watch->events[0]["object"]["columnDefinitions"].size() == 3);
    CHECK(watch->events[1]["object"]["rows"][0]["cells"][0] == "b");
    CHECK(watch->events[1]["object"]["columnDefinitions"].empty());
}
