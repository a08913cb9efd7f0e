// /resources/:id/stream.
#include <catch2/catch_test_macros.hpp>

#include "fake_kube.hpp"
#include "hub/resource_streams.hpp"
#include "hub_rig.hpp"
#include "kube/cluster.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

const std::string kPath = "/api/v1/namespaces/default/pods/web-0";

Json pod(const std::string& phase, bool ready, int restarts = 0) {
    return {{"apiVersion", "v1"},
            {"kind", "Pod"},
            {"metadata", {{"name", "web-0"}, {"namespace", "default"}, {"uid", "u1"}}},
            {"spec", {{"containers", Json::array({{{"name", "web"}, {"image", "web:1"}}})}}},
            {"status", {{"phase", phase}, {"conditions", Json::array({{{"type", "Ready"}, {"status", ready ? "True" : "False"}}})}, {"containerStatuses", Json::array({{{"name", "web"}, {"ready", ready}, {"restartCount", restarts}, {"state", {{"running", Json::object()}}}}})}}}};
}

struct PodRig {
    PodRig() : rig(kube) { kube.put(kPath, pod("Pending", false)); }
    std::unique_ptr<Stream> open() { return rig.open("/resources/" + id + "/stream"); }
    void pass() { rig.time.advance(200); }

    FakeKube kube;
    HubRig rig;
    const std::string id = "pods~default~web-0~u1";
};

}  // namespace

TEST_CASE("a resource's stream tells what it is, and each change of its state once") {
    PodRig rig;
    const auto stream = rig.open();
    rig.pass();
    CHECK(stream->status == 200);
    REQUIRE(stream->events.size() == 1);
    CHECK(stream->events[0].type == "metadata");
    const Json metadata = stream->events[0].json();
    CHECK(metadata["id"] == rig.id);
    CHECK(metadata["type"] == "Pod");
    CHECK(metadata["namespace"] == "default");
    CHECK(metadata["status"]["phase"] == "Pending");
    CHECK(metadata["spec"]["containers"].size() == 1);
    rig.kube.put(kPath, pod("Running", true));
    rig.pass();
    rig.kube.change(kPath, "/metadata/labels", {{"a", "b"}});  // another version with nothing new to say
    rig.pass();
    const auto updates = stream->of_type("status_update");
    REQUIRE(updates.size() == 1);
    const Json update = updates[0].json();  // bare: no envelope
    CHECK(update["resource_id"] == rig.id);
    CHECK(update["type"] == "Pod");
    CHECK(update["status"]["ready"] == true);
    CHECK(update["status"]["state"] == "running");
}

TEST_CASE("a resource that is deleted, or replaced, ends its stream") {
    PodRig rig;
    const auto stream = rig.open();
    rig.pass();
    rig.kube.drop(kPath);
    rig.pass();
    CHECK(stream->of_type("status_update").back().json()["status"]["state"] == "deleted");
    CHECK(stream->events.back().type == "complete");
    CHECK(stream->done);
    Json next = pod("Running", true);
    next["metadata"]["uid"] = "u2";
    rig.kube.put(kPath, next);
    const auto late = rig.open();
    rig.pass();
    CHECK(late->status == 404);
}

TEST_CASE("all who look at one resource share its watch, which ends after the last") {
    PodRig rig;
    auto one = rig.open();
    auto two = rig.open();
    rig.pass();
    CHECK(rig.kube.open_watches() == 1);
    one.reset();
    rig.pass();
    rig.kube.put(kPath, pod("Running", true));
    rig.pass();
    CHECK(two->of_type("status_update").size() == 1);
    two.reset();
    rig.rig.time.advance(20'000);
    CHECK(rig.kube.open_watches() == 0);
}

TEST_CASE("what resources of several kinds say of themselves") {
    const auto state = [](const char* type, const Json& object) { return resource_state(*find_resource_type(type), object); };
    CHECK(state("Deployment", {{"spec", {{"replicas", 3}}}, {"status", {{"readyReplicas", 2}}}})["readyReplicas"] == 2);
    CHECK(state("DaemonSet", {{"status", {{"desiredNumberScheduled", 4}, {"numberReady", 1}}}})["replicas"] == 4);
    CHECK(state("Pod", pod("Running", false, 7))["restarts"] == 7);
    CHECK_FALSE(state("ConfigMap", Json::object()).contains("replicas"));
    CHECK(state("Pod", Json("no object"))["state"].is_string());
}
