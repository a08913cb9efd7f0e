#include <catch2/catch_test_macros.hpp>

#include "fake_kube.hpp"
#include "hub_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

const std::string kPods = "/api/v1/namespaces/default/pods/";

Json pod(const std::string& name, const std::string& uid = "u1") {
    return {{"kind", "Pod"},
            {"metadata", {{"name", name}, {"namespace", "default"}, {"uid", uid}, {"labels", {{"app", "web"}}}}},
            {"spec", {{"containers", Json::array({{{"name", "web"}, {"image", "nginx:1.27"}}, {{"name", "side"}, {"image", "x"}}})}}},
            {"status", {{"phase", "Running"}}}};
}

struct LogRig {
    FakeKube kube;
    HubRig rig{kube};
    LogRig() { kube.put(kPods + "web-0", pod("web-0")); }
    std::unique_ptr<Stream> open(const std::string& query = "", const std::string& last_event_id = "") {
        return rig.open("/resources/pods~default~web-0~u1/logs/stream" + query, last_event_id);
    }
};

}  // namespace

TEST_CASE("resources are listed over kinds, filtered, sorted and paged") {
    FakeKube kube;
    HubRig rig(kube);
    kube.put(kPods + "web-0", pod("web-0"));
    kube.put(kPods + "api-0", pod("api-0", "u2"));
    kube.put("/api/v1/namespaces/kube-system/configmaps/internal", {{"metadata", {{"name", "internal"}, {"namespace", "kube-system"}}}});
    const Answer all = rig.call("GET", "/resources");
    CHECK(number_at(all.body, 0, "total") == 3);
    CHECK(text_at(all.body["resources"][0], "name") == "api-0");
    CHECK(text_at(all.body["resources"][0], "id") == "pods~default~api-0~u2");
    CHECK(number_at(rig.call("GET", "/resources?hideSystem=true").body, 0, "total") == 2);
    CHECK(number_at(rig.call("GET", "/resources?type=pod").body, 0, "total") == 2);
    CHECK(number_at(rig.call("GET", "/resources?search=WEB").body, 0, "total") == 1);
    const Answer page = rig.call("GET", "/resources?type=Pod&limit=1&offset=1&sort_order=desc");
    CHECK(text_at(page.body["resources"][0], "name") == "api-0");
    CHECK(number_at(page.body, 0, "total") == 2);
    const Answer one = rig.call("GET", "/resources/pods~default~web-0~u1");
    CHECK(text_at(one.body["resource"]["spec"]["containers"][0], "image") == "nginx:1.27");
    CHECK(rig.call("GET", "/resources/pods~default~web-0~other").status == 404);
    CHECK(rig.call("GET", "/resources/pods~default~none~u").status == 404);
}

TEST_CASE("a kind that may not be listed is left out, none at all is an error") {
    FakeKube kube;
    HubRig rig(kube);
    kube.put(kPods + "web-0", pod("web-0"));
    kube.failures["GET /api/v1/secrets"] = {403, FakeKube::status(403, "Forbidden", "secrets is forbidden")};
    CHECK(number_at(rig.call("GET", "/resources").body, 0, "total") == 1);
    const Answer denied = rig.call("GET", "/resources?type=Secret");
    CHECK(denied.status == 403);
    CHECK(text_at(denied.body, "error") == "secrets is forbidden");
}

TEST_CASE("a node's pods and events are found by label and by name") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("w", Json::array({node("d", "deployment", {{"name", "web"}, {"image", "a"}}), node("e", "deployment", {{"name", "web-admin"}, {"image", "a"}})}), Json::array());
    REQUIRE(rig.call("POST", "/workflows/" + id + "/run").status == 200);
    kube.put(kPods + "web-0", pod("web-0"));
    const Answer pods = rig.call("GET", "/workflows/" + id + "/nodes/d/pods");
    REQUIRE(pods.body["pods"].size() == 1);
    CHECK(pods.body["pods"][0]["containers"] == Json::array({"web", "side"}));
    CHECK(kube.requests.back().find("labelSelector=binnacle.dev%2Fworkflow-id%3D" + id + "%2Cbinnacle.dev%2Fnode-id%3Dd") != std::string::npos);
    const auto event = [&](const std::string& name, const std::string& kind, const std::string& object) {
        kube.put("/api/v1/namespaces/default/events/" + name,
                 {{"metadata", {{"name", name}, {"namespace", "default"}}}, {"reason", name}, {"lastTimestamp", "2026-01-01T00:00:0" + std::to_string(kube.version % 10) + "Z"},
                  {"involvedObject", {{"kind", kind}, {"name", object}, {"namespace", "default"}}}});
    };
    event("Pulled", "Pod", "web-0");
    event("Scaled", "Deployment", "web-admin");
    event("Started", "Pod", "web-admin-7d-x");
    event("Other", "Pod", "database-0");
    CHECK(rig.call("GET", "/workflows/" + id + "/nodes/d/events").body["events"].size() == 1);
    CHECK(rig.call("GET", "/workflows/" + id + "/nodes/e/events").body["events"].size() == 2);
    CHECK(rig.call("GET", "/workflows/" + id + "/events").body["events"].size() == 3);
}

TEST_CASE("a log stream gives metadata, each line raw, and complete at the end") {
    LogRig log;
    const auto stream = log.open("?tail=200&container=side&sinceSeconds=60");
    REQUIRE(log.kube.logs.size() == 1);
    const std::string& target = log.kube.logs[0].target;
    for (const char* part : {"follow=true", "timestamps=true", "tailLines=200", "container=side", "sinceSeconds=60"}) CHECK(target.find(part) != std::string::npos);
    CHECK(stream->events[0].json() == Json{{"pod", "web-0"}, {"container", "side"}, {"namespace", "default"}, {"cluster", "demo"}});
    log.kube.logs[0].writer->write("2026-01-01T00:00:00.1Z GET /\n2026-01-01T00:00:00.2Z par");
    log.rig.time.run_ready();
    CHECK(stream->of_type("log").size() == 1);
    log.kube.logs[0].writer->write("tial\r\n2026-01-01T00:00:00.3Z last");
    log.kube.logs[0].writer->end();
    log.rig.time.run_ready();
    REQUIRE(stream->of_type("log").size() == 3);
    CHECK(stream->of_type("log")[1].data == "2026-01-01T00:00:00.2Z partial");
    CHECK(stream->of_type("log")[2].data == "2026-01-01T00:00:00.3Z last");
    CHECK(stream->events.back().type == "complete");
    CHECK(stream->done);
}

TEST_CASE("follow=false asks for history alone, tails are clamped") {
    LogRig log;
    const auto history = log.open("?follow=false&tail=1");
    CHECK(log.kube.logs[0].target.find("follow") == std::string::npos);
    CHECK(log.kube.logs[0].target.find("tailLines=50") != std::string::npos);
    const auto all = log.open("?tail=999999");
    CHECK(log.kube.logs[1].target.find("tailLines=5000") != std::string::npos);
}

TEST_CASE("the upstream log ends with its reader and waits for a slow one") {
    LogRig log;
    auto stream = log.open();
    stream->handle.set_paused(true);
    const std::string line = std::string(1'000, 'x') + "\n";
    auto upstream = log.kube.logs[0].writer;
    bool lagging = false;
    for (int i = 0; i < 2'000 && !lagging; ++i) {
        lagging = !upstream->write(line);
        log.rig.time.run_ready();
    }
    CHECK(lagging);
    stream->handle.set_paused(false);
    log.rig.time.run_ready();
    CHECK(upstream->queued_bytes() == 0);
    stream.reset();
    log.rig.time.run_ready();
    CHECK(upstream->closed());
}

TEST_CASE("what the cluster says against a log is an error event, what cannot be asked a 400") {
    LogRig log;
    log.kube.failures["GET " + kPods + "web-0/log"] = {400, FakeKube::status(400, "BadRequest", "container \"web\" is waiting to start: ImagePullBackOff")};
    const auto stream = log.open();
    CHECK(stream->events.back().type == "error");
    CHECK(stream->events.back().data == "container \"web\" is waiting to start: ImagePullBackOff");
    CHECK(stream->done);
    CHECK(log.rig.call("GET", "/resources/pods~default~web-0~u1/logs/stream?container=none").status == 400);
    CHECK(log.rig.call("GET", "/resources/services~default~web~u1/logs/stream").status == 400);
    CHECK(log.rig.call("GET", "/resources/pods~default~web-0~u1/logs/stream?tail=many").status == 400);
}

TEST_CASE("a log stream goes on behind the stamp a reader comes back with") {
    LogRig log;
    const auto stream = log.open();
    log.kube.logs[0].writer->write("2026-01-01T00:00:00.1Z a\n2026-01-01T00:00:00.25Z b\n2026-01-01T00:00:00.2");
    log.rig.time.run_ready();
    // The position of the last whole line, not an event of its own.
    CHECK(stream->parser.last_event_id() == "2026-01-01T00:00:00.25Z");
    CHECK(stream->of_type("log").size() == 2);
    const auto again = log.open("?tail=200&sinceSeconds=60", "2026-01-01T00:00:00.25Z");
    REQUIRE(log.kube.logs.size() == 2);
    CHECK(log.kube.logs[1].target.find("sinceTime=2025-12-31T23%3A59%3A59Z") != std::string::npos);
    CHECK(log.kube.logs[1].target.find("tailLines") == std::string::npos);
    CHECK(log.kube.logs[1].target.find("sinceSeconds") == std::string::npos);
    // What is no stamp is no position.
    for (const std::string& bad : {std::string("41"), std::string("2026-01-01T00:00:00Z&follow=false"), std::string(5000, '9')}) {
        const auto other = log.open("?tail=200", bad);
        CHECK(log.kube.logs.back().target.find("tailLines=200") != std::string::npos);
        CHECK(log.kube.logs.back().target.find("sinceTime") == std::string::npos);
    }
    // Lines without a stamp leave the position alone.
    log.kube.logs[1].writer->write("no stamp here\n");
    log.rig.time.run_ready();
    CHECK(again->parser.last_event_id().empty());
}
