#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "fake_kube.hpp"
#include "hub_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

const std::string kDeployment = "/apis/apps/v1/namespaces/default/deployments/web";
const std::string kPods = "/api/v1/namespaces/default/pods/";

Json pod(const std::string& workflow, const std::string& name, Json container_state, bool ready) {
    return {{"metadata", {{"name", name}, {"namespace", "default"}, {"labels", {{"app", "web"}, {"binnacle.dev/workflow-id", workflow}, {"binnacle.dev/node-id", "d"}}}}},
            {"status",
             {{"phase", "Running"},
              {"conditions", Json::array({{{"type", "Ready"}, {"status", ready ? "True" : "False"}}})},
              {"containerStatuses", Json::array({{{"name", "web"}, {"ready", ready}, {"restartCount", 0}, {"state", std::move(container_state)}}})}}}};
}

struct StreamRig {
    FakeKube kube;
    HubRig rig{kube};
    std::string id = rig.create_workflow(
        "w", Json::array({node("s", "service", {{"name", "front"}}), node("d", "deployment", {{"name", "web"}, {"image", "nginx:1.27"}, {"replicas", 2}, {"port", 80}})}),
        Json::array({edge("s", "d")}));

    Answer run() { return rig.call("POST", "/workflows/" + id + "/run"); }
    std::unique_ptr<Stream> open() { return rig.open("/workflows/" + id + "/status/stream"); }
    // As the deployment controller reports.
    void report(int ready, int updated) {
        const auto generation = kube.objects.at(kDeployment)["metadata"]["generation"];
        kube.change(kDeployment, "/status", {{"observedGeneration", generation}, {"readyReplicas", ready}, {"updatedReplicas", updated}});
        rig.time.run_ready();
    }
};

std::string state_of(const Stream& stream, const std::string& node_id) {
    std::string state;
    for (const Event& event : stream.events) {
        const Json json = event.json();
        if (event.type == "node_update" && text_at(json, "data", "node_id") == node_id) state = text_at(json, "data", "status", "state");
        if (event.type == "workflow_sync") {
            for (const Json& entry : array_at(json, "data", "nodes")) {
                if (text_at(entry, "node_id") == node_id) state = text_at(entry, "status", "state");
            }
        }
    }
    return state;
}

// A workflow is watched for five minutes after a run although nobody looks.
constexpr std::int64_t kAfterRun_ms = 6 * 60'000;

}  // namespace

TEST_CASE("before the first run the stream opens with metadata and an empty sync, and watches nothing") {
    StreamRig rig;
    const auto stream = rig.open();
    REQUIRE(stream->events.size() >= 2);
    CHECK(stream->events[0].type == "metadata");
    CHECK(text_at(stream->events[0].json(), "id") == rig.id);
    CHECK(stream->events[1].type == "workflow_sync");
    CHECK(stream->events[1].json()["data"]["nodes"].empty());
    CHECK(rig.kube.requests.empty());
}

TEST_CASE("an open stream sees a run go pending, running, healthy with counts and addresses") {
    StreamRig rig;
    const auto stream = rig.open();
    REQUIRE(rig.run().status == 200);
    CHECK(state_of(*stream, "d") == "pending");
    rig.kube.change("/api/v1/namespaces/default/services/front", "/spec/clusterIP", "10.96.0.7");
    rig.report(0, 2);
    rig.kube.put(kPods + "web-1", pod(rig.id, "web-1", {{"running", Json::object()}}, false));
    rig.rig.time.run_ready();
    CHECK(state_of(*stream, "d") == "running");
    CHECK(state_of(*stream, "s") == "pending");
    rig.kube.put(kPods + "web-1", pod(rig.id, "web-1", {{"running", Json::object()}}, true));
    rig.kube.put(kPods + "web-2", pod(rig.id, "web-2", {{"running", Json::object()}}, true));
    rig.report(2, 2);
    CHECK(state_of(*stream, "d") == "healthy");
    CHECK(state_of(*stream, "s") == "healthy");
    const Json last = stream->of_type("node_update").back().json();
    CHECK(text_at(last, "type") == "node_update");
    CHECK(text_at(last, "stream_key") == "workflow:" + rig.id);
    CHECK_FALSE(text_at(last, "timestamp").empty());
    const auto late = rig.open();
    const Json metadata = late->events[0].json();
    const Json& nodes = array_at(metadata, "nodes");
    REQUIRE(nodes.size() == 2);
    CHECK(text_at(nodes[0], "data", "_status", "clusterIP") == "10.96.0.7");
    CHECK(number_at(nodes[1], -1, "data", "_status", "readyReplicas") == 2);
    CHECK(text_at(late->events[1].json(), "event_type") == "workflow_sync");
}

TEST_CASE("a failing pod's reason is the node's message") {
    StreamRig rig;
    const auto stream = rig.open();
    REQUIRE(rig.run().status == 200);
    rig.report(0, 2);
    rig.kube.put(kPods + "web-1", pod(rig.id, "web-1", {{"waiting", {{"reason", "ImagePullBackOff"}, {"message", "no tag 9.9"}}}}, false));
    rig.rig.time.run_ready();
    const Json last = stream->of_type("node_update").back().json();
    CHECK(text_at(last, "data", "node_id") == "d");
    CHECK(text_at(last, "data", "status", "state") == "error");
    CHECK(text_at(last, "data", "status", "message") == "ImagePullBackOff: no tag 9.9");
}

TEST_CASE("what kubectl does outside is seen: scaling and deleting") {
    StreamRig rig;
    const auto stream = rig.open();
    REQUIRE(rig.run().status == 200);
    rig.kube.change(kDeployment, "/spec/replicas", 5);
    rig.rig.time.run_ready();
    CHECK(number_at(stream->of_type("node_update").back().json(), 0, "data", "status", "replicas") == 5);
    rig.kube.drop(kDeployment);
    rig.rig.time.run_ready();
    const Json gone = stream->of_type("node_update").back().json();
    CHECK(text_at(gone, "data", "status", "state") == "error");
    CHECK(text_at(gone, "data", "status", "message") == "Deployment web was deleted outside Binnacle");
}

TEST_CASE("a burst of changes is one update, an unchanged status none") {
    StreamRig rig;
    const auto stream = rig.open();
    REQUIRE(rig.run().status == 200);
    rig.report(0, 2);
    const std::size_t before = stream->of_type("node_update").size();
    for (int i = 0; i < 50; ++i) rig.kube.change(kDeployment, "/metadata/annotations", {{"n", std::to_string(i)}});
    rig.rig.time.run_ready();
    CHECK(stream->of_type("node_update").size() == before);
}

TEST_CASE("subscribers share one set of watches, which ends 10 s after the last has left") {
    StreamRig rig;
    REQUIRE(rig.run().status == 200);
    rig.rig.time.advance(kAfterRun_ms);
    CHECK(rig.kube.open_watches() == 0);
    auto first = rig.open();
    auto second = rig.open();
    const std::size_t watches = rig.kube.open_watches();
    CHECK(watches == 3);  // deployments, services, pods
    first.reset();
    second.reset();
    rig.rig.time.advance(9'000);
    CHECK(rig.kube.open_watches() == 3);
    auto third = rig.open();
    rig.rig.time.advance(20'000);
    CHECK(rig.kube.open_watches() == 3);
    third.reset();
    rig.rig.time.advance(11'000);
    CHECK(rig.kube.open_watches() == 0);
}

TEST_CASE("a watch that ends is resumed from the last version, a cut one too") {
    StreamRig rig;
    REQUIRE(rig.run().status == 200);
    const auto stream = rig.open();
    rig.report(0, 2);
    const auto lists_of_deployments = [&] {
        return std::count_if(rig.kube.requests.begin(), rig.kube.requests.end(), [](const std::string& request) {
            return request.starts_with("GET /apis/apps/v1/namespaces/default/deployments?") && request.find("limit=") != std::string::npos;
        });
    };
    const auto lists = lists_of_deployments();
    REQUIRE(lists > 0);
    rig.kube.end_watches();
    rig.rig.time.advance(2'000);
    CHECK(rig.kube.open_watches() == 3);
    CHECK(lists_of_deployments() == lists);
    CHECK(rig.kube.requests.back().find("resourceVersion=") != std::string::npos);
    rig.kube.cut_watches();
    rig.rig.time.advance(60'000);
    CHECK(rig.kube.open_watches() == 3);
}

TEST_CASE("a version that is gone leads to a new list and a sync") {
    StreamRig rig;
    REQUIRE(rig.run().status == 200);
    const auto stream = rig.open();
    const std::size_t syncs = stream->of_type("workflow_sync").size();
    rig.kube.gone = true;
    rig.kube.objects.erase(kDeployment);  // while nobody watched
    rig.kube.end_watches();
    rig.rig.time.advance(60'000);
    CHECK(stream->of_type("workflow_sync").size() > syncs);
    rig.kube.gone = true;
    rig.kube.end_watches();
    rig.rig.time.advance(60'000);
    rig.kube.gone = true;
    rig.kube.end_watches();
    rig.rig.time.advance(60'000);
    CHECK(rig.kube.open_watches() == 3);
}

TEST_CASE("trouble with the cluster is told once, and the end of it by a sync") {
    StreamRig rig;
    REQUIRE(rig.run().status == 200);
    rig.rig.time.advance(kAfterRun_ms);  // the watches of the run are over: the next ones begin with a list
    const std::string list = "GET /apis/apps/v1/namespaces/default/deployments";
    rig.kube.failures[list] = {503, FakeKube::status(503, "ServiceUnavailable", "etcd is away")};
    const auto stream = rig.open();
    rig.rig.time.advance(120'000);
    REQUIRE(stream->of_type("error").size() == 1);
    CHECK(stream->of_type("error")[0].data == "etcd is away");
    const std::size_t syncs = stream->of_type("workflow_sync").size();
    rig.kube.failures.clear();
    rig.rig.time.advance(60'000);
    CHECK(stream->of_type("workflow_sync").size() > syncs);
    CHECK(state_of(*stream, "d") == "pending");
}

TEST_CASE("a reader that lags gets one sync when it has caught up, not all it missed") {
    StreamRig rig;
    REQUIRE(rig.run().status == 200);
    const auto stream = rig.open();
    stream->handle.set_paused(true);
    const std::string filler(40'000, 'x');
    for (int i = 0; i < 60; ++i) {
        rig.kube.put(kPods + "web-1", pod(rig.id, "web-1", {{"waiting", {{"reason", "CrashLoopBackOff"}, {"message", filler + std::to_string(i)}}}}, false));
        rig.report(0, 2);
    }
    const std::size_t before = stream->bytes.size();
    stream->handle.set_paused(false);
    rig.rig.time.advance(100);
    CHECK(stream->events.back().type == "workflow_sync");
    CHECK(stream->events.back().data.find(filler + "59") != std::string::npos);
    CHECK(stream->bytes.size() - before < 30 * filler.size());
}

TEST_CASE("quiet streams carry a heartbeat, and deleting the workflow completes them") {
    StreamRig rig;
    const auto stream = rig.open();
    const std::size_t bytes = stream->bytes.size();
    rig.rig.time.advance(15'000);
    CHECK(stream->bytes.size() == bytes + 3);
    CHECK(rig.rig.call("DELETE", "/workflows/" + rig.id).status == 200);
    rig.rig.time.run_ready();
    CHECK(stream->events.back().type == "complete");
    CHECK(stream->done);
}

TEST_CASE("the hub's end completes its streams") {
    StreamRig rig;
    const auto stream = rig.open();
    rig.rig.hub.reset();
    rig.rig.time.run_ready();
    CHECK(stream->events.back().type == "complete");
    CHECK(stream->done);
}
