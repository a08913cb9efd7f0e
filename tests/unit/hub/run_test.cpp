#include <catch2/catch_test_macros.hpp>

#include <optional>

#include "base/encoding.hpp"
#include "hub/runner.hpp"
#include "fake_kube.hpp"
#include "hub_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

const std::string kDeployments = "/apis/apps/v1/namespaces/default/deployments/";
const std::string kJobs = "/apis/batch/v1/namespaces/default/jobs/";
const std::string kSecrets = "/api/v1/namespaces/default/secrets/";

Json web(const std::string& image = "nginx:1.27") { return node("d", "deployment", {{"name", "web"}, {"image", image}}); }
Json once(const std::string& image = "tool:1") { return node("j", "job", {{"name", "once"}, {"image", image}}); }

struct RunRig {
    FakeKube kube;
    HubRig rig{kube};
    std::string id;

    explicit RunRig(Json nodes, Json edges = Json::array()) { id = rig.create_workflow("w", std::move(nodes), std::move(edges)); }
    Answer run(Json trigger = nullptr) {
        return rig.call("POST", "/workflows/" + id + "/run", trigger.is_null() ? Json() : Json{{"trigger_data", std::move(trigger)}});
    }
    void set_nodes(Json nodes) { REQUIRE(rig.call("PUT", "/workflows/" + id, {{"nodes", std::move(nodes)}, {"edges", Json::array()}}).status == 200); }
};

}  // namespace

TEST_CASE("a run applies every node by server-side apply and records itself") {
    RunRig run(Json::array({node("s", "service", {{"name", "front"}}), web()}), Json::array({edge("s", "d")}));
    const Answer answer = run.run();
    REQUIRE(answer.status == 200);
    CHECK(text_at(answer.body, "status") == "completed");
    CHECK_FALSE(text_at(answer.body, "run_id").empty());
    CHECK(answer.body["logs"].size() >= 3);
    CHECK(run.kube.count("PATCH " + kDeployments + "web?fieldManager=binnacle&force=true") == 1);
    const Json& deployment = run.kube.objects.at(kDeployments + "web");
    CHECK(text_at(deployment, "metadata", "labels", "app.kubernetes.io/managed-by") == "binnacle");
    CHECK(text_at(deployment, "spec", "template", "metadata", "labels", "binnacle.dev/workflow-id") == run.id);
    const Answer workflow = run.rig.call("GET", "/workflows/" + run.id);
    CHECK(number_at(workflow.body, 0, "run_count") == 1);
    CHECK(number_at(workflow.body, 0, "success_count") == 1);
    CHECK_FALSE(text_at(workflow.body, "last_run_at").empty());
    const Answer runs = run.rig.call("GET", "/workflows/" + run.id + "/runs?limit=5");
    REQUIRE(runs.body["runs"].size() == 1);
    CHECK(text_at(runs.body["runs"][0], "node_states", "d", "state") == "applied");
    CHECK(runs.body["runs"][0]["nodes"].size() == 2);
}

TEST_CASE("what Kubernetes refuses is told per node in its own words, and the rest is applied") {
    RunRig run(Json::array({web(), node("c", "configmap", {{"name", "settings"}})}));
    Json refusal = FakeKube::status(422, "Invalid", "Deployment.apps \"web\" is invalid");
    refusal["details"]["causes"] = Json::array({{{"field", "spec.replicas"}, {"message", "must be non-negative"}}});
    run.kube.failures["PATCH " + kDeployments + "web"] = {422, refusal};
    const Answer answer = run.run();
    CHECK(answer.status == 500);
    CHECK(text_at(answer.body, "error").find("Deployment.apps \"web\" is invalid; spec.replicas: must be non-negative") != std::string::npos);
    CHECK(text_at(answer.body, "node_states", "d", "state") == "failed");
    CHECK(text_at(answer.body, "node_states", "c", "state") == "applied");
    CHECK(number_at(run.rig.call("GET", "/workflows/" + run.id).body, 0, "failure_count") == 1);
}

TEST_CASE("a run of what cannot run touches nothing") {
    RunRig run(Json::array({node("d", "deployment", {{"name", "web"}})}));
    const Answer answer = run.run();
    CHECK(answer.status == 400);
    CHECK(text_at(answer.body, "error").find("choose an image") != std::string::npos);
    CHECK(run.kube.requests.empty());
    CHECK(run.rig.call("GET", "/workflows/" + run.id + "/problems").body["problems"].size() == 1);
}

TEST_CASE("the object of a removed node is deleted by the next run, and not by saving") {
    RunRig run(Json::array({web(), node("c", "configmap", {{"name", "settings"}})}));
    REQUIRE(run.run().status == 200);
    run.set_nodes(Json::array({web()}));
    CHECK(run.kube.count("DELETE") == 0);
    REQUIRE(run.run().status == 200);
    CHECK_FALSE(run.kube.objects.contains("/api/v1/namespaces/default/configmaps/settings"));
    CHECK(run.kube.objects.contains(kDeployments + "web"));
}

TEST_CASE("a renamed node leaves nothing behind") {
    RunRig run(Json::array({web()}));
    REQUIRE(run.run().status == 200);
    run.set_nodes(Json::array({node("d", "deployment", {{"name", "web2"}, {"image", "nginx"}})}));
    REQUIRE(run.run().status == 200);
    CHECK_FALSE(run.kube.objects.contains(kDeployments + "web"));
    CHECK(run.kube.objects.contains(kDeployments + "web2"));
}

TEST_CASE("objects of another workflow are neither taken over nor deleted") {
    RunRig run(Json::array({web()}));
    run.kube.put(kDeployments + "web", {{"metadata", {{"name", "web"}, {"labels", {{"binnacle.dev/workflow-id", "other"}}}}}});
    const Answer answer = run.run();
    CHECK(answer.status == 500);
    CHECK(text_at(answer.body, "error").find("belongs to another workflow") != std::string::npos);
    CHECK(run.rig.call("DELETE", "/workflows/" + run.id).status == 200);
    CHECK(run.kube.objects.contains(kDeployments + "web"));
}

TEST_CASE("a changed Job is replaced, an unchanged one is left alone, a failed one is tried again") {
    RunRig run(Json::array({once()}));
    REQUIRE(run.run().status == 200);
    const std::string first = text_at(run.kube.objects.at(kJobs + "once"), "metadata", "uid");
    CHECK(text_at(run.run().body, "node_states", "j", "state") == "unchanged");
    CHECK(text_at(run.kube.objects.at(kJobs + "once"), "metadata", "uid") == first);
    run.set_nodes(Json::array({once("tool:2")}));
    CHECK(text_at(run.run().body, "node_states", "j", "state") == "applied");
    const std::string second = text_at(run.kube.objects.at(kJobs + "once"), "metadata", "uid");
    CHECK(second != first);
    run.kube.change(kJobs + "once", "/status", {{"conditions", Json::array({{{"type", "Failed"}, {"status", "True"}}})}});
    CHECK(text_at(run.run().body, "node_states", "j", "state") == "applied");
    CHECK(text_at(run.kube.objects.at(kJobs + "once"), "metadata", "uid") != second);
}

TEST_CASE("secret values travel once, are kept by the cluster, and never reach the store") {
    RunRig run(Json::array({node("s", "secret", {{"name", "keys"}, {"keys", Json::array({{{"id", "1"}, {"name", "TOKEN"}}, {{"id", "2"}, {"name", "PASSWORD"}, {"generate", true}}})}})}));
    const Answer without = run.run();
    CHECK(without.status == 500);
    CHECK(text_at(without.body, "error").find("no value for TOKEN") != std::string::npos);
    REQUIRE(run.run({{"secrets", {{"s", {{"TOKEN", "hush-hush"}}}}}}).status == 200);
    const Json first = run.kube.objects.at(kSecrets + "keys")["data"];
    CHECK(base::base64_decode(text_at(first, "TOKEN")) == "hush-hush");
    CHECK(base::base64_decode(text_at(first, "PASSWORD"))->size() == 24);
    REQUIRE(run.run().status == 200);
    CHECK(run.kube.objects.at(kSecrets + "keys")["data"] == first);
    CHECK(dump_json(run.rig.call("GET", "/workflows/" + run.id + "/runs").body).find("hush-hush") == std::string::npos);
}

TEST_CASE("a second run waits for nobody: it is a conflict while the first is under way") {
    RunRig run(Json::array({web()}));
    run.kube.hang_paths.insert(kDeployments + "web");
    int first = 0;
    const auto handle = net::fetch(*run.rig.client, {.method = "POST", .target = "/v1/api/workflows/" + run.id + "/run"},
                                   [&](base::Result<net::Response> response) { first = response ? response->status : -1; });
    run.rig.time.run_ready();
    CHECK(run.run().status == 409);
    CHECK(run.rig.call("DELETE", "/workflows/" + run.id).status == 409);
    run.kube.hang_paths.clear();
    for (auto& writer : std::exchange(run.kube.hanging, {})) writer->respond({.status = 404, .headers = {}, .body = "{}"});
    run.rig.time.run_ready();
    CHECK(first == 200);
    CHECK(run.run().status == 200);
}

TEST_CASE("archiving and deleting take the objects away, /save those of removed nodes") {
    RunRig run(Json::array({web(), node("c", "configmap", {{"name", "settings"}})}));
    REQUIRE(run.run().status == 200);
    CHECK(run.rig.call("POST", "/workflows/" + run.id + "/save", {{"nodes", Json::array({web()})}, {"edges", Json::array()}}).status == 200);
    CHECK_FALSE(run.kube.objects.contains("/api/v1/namespaces/default/configmaps/settings"));
    CHECK(run.kube.objects.contains(kDeployments + "web"));
    CHECK(run.rig.call("PUT", "/workflows/" + run.id + "/status", {{"status", "archived"}}).status == 200);
    CHECK(run.kube.objects.empty());
    CHECK(run.run().status == 400);
}

TEST_CASE("a cluster that is down makes a failed run that says so") {
    RunRig run(Json::array({web()}));
    run.kube.failures["GET " + kDeployments + "web"] = {503, FakeKube::status(503, "ServiceUnavailable", "etcd is away")};
    const Answer answer = run.run();
    CHECK(answer.status == 500);
    CHECK(text_at(answer.body, "error").find("etcd is away") != std::string::npos);
}

namespace {

// A run that has applied its ConfigMap and waits for Kubernetes' word on the Deployment when the hub ends.
struct CutOffRun {
    RunRig run{Json::array({web(), node("c", "configmap", {{"name", "settings"}})})};
    net::RequestHandle handle;

    explicit CutOffRun(const Json& trigger = Json::object()) { begin(trigger); }
    void begin(const Json& trigger) {
        run.kube.hang_paths = {kDeployments + "web"};
        handle = run.rig.client->send({.method = "POST",
                                       .target = "/v1/api/workflows/" + run.id + "/run",
                                       .headers = {{"content-type", "application/json"}},
                                       .body = dump_json({{"trigger_data", trigger}})},
                                      {});
        run.rig.time.run_ready();
        REQUIRE(run.kube.hanging.size() == 1);
        REQUIRE(run.kube.objects.contains("/api/v1/namespaces/default/configmaps/settings"));
    }
    void end_hub() {
        handle.cancel();
        run.rig.client.reset();
        run.rig.hub.reset();
        run.kube.hanging.clear();
    }
    void start_hub() {
        run.kube.hang_paths.clear();
        run.rig.start();
        run.rig.time.advance(500);
    }
    Json only_run() {
        const Answer runs = run.rig.call("GET", "/workflows/" + run.id + "/runs");
        REQUIRE(runs.body["runs"].size() == 1);
        return runs.body["runs"][0];
    }
    [[nodiscard]] bool applied() const { return run.kube.objects.contains(kDeployments + "web"); }
};

}  // namespace

TEST_CASE("a run that the end of the hub cut off is finished by the next one, once") {
    CutOffRun cut;
    cut.end_hub();
    cut.run.rig.time.advance(5'000);
    CHECK_FALSE(cut.applied());
    cut.start_hub();
    CHECK(cut.applied());
    const Json run = cut.only_run();
    CHECK(text_at(run, "status") == "completed");
    CHECK(text_at(run, "node_states", "d", "state") == "applied");
    CHECK(number_at(cut.run.rig.call("GET", "/workflows/" + cut.run.id).body, 0, "run_count") == 1);
    const std::size_t patches = cut.run.kube.count("PATCH");
    cut.end_hub();
    cut.start_hub();
    CHECK(cut.run.kube.count("PATCH") == patches);
    CHECK(cut.only_run() == run);
    // And the next run is one like any other.
    CHECK(cut.run.run().status == 200);
    CHECK(number_at(cut.run.rig.call("GET", "/workflows/" + cut.run.id).body, 0, "run_count") == 2);
}

TEST_CASE("a run that was cut off and cannot be finished is recorded as failed, with what to do") {
    std::optional<CutOffRun> cut;
    SECTION("values came with it, which are stored nowhere") {
        cut.emplace(Json{{"envVars", {{"d", {{"MODE", "fast"}}}}}});
        cut->end_hub();
    }
    SECTION("it was cut off long ago: nobody expects it now") {
        cut.emplace();
        cut->end_hub();
        cut->run.rig.time.advance(Runner::kRepeatWithinMs + 1);
    }
    SECTION("the workflow was changed meanwhile") {
        cut.emplace();
        cut->run.set_nodes(Json::array({web("nginx:1.28")}));
        cut->end_hub();
    }
    SECTION("finishing it was cut off too") {
        cut.emplace();
        cut->end_hub();
        cut->run.rig.start();
        cut->run.rig.time.run_ready();
        REQUIRE(cut->run.kube.hanging.size() == 1);
        cut->end_hub();
    }
    const std::size_t patches = cut->run.kube.count("PATCH");
    cut->start_hub();
    CHECK(cut->run.kube.count("PATCH") == patches);
    CHECK_FALSE(cut->applied());
    const Json run = cut->only_run();
    CHECK(text_at(run, "status") == "failed");
    CHECK(text_at(run, "error").find("Run again") != std::string::npos);
    CHECK(text_at(run, "node_states", "d", "state") == "unknown");
    CHECK_FALSE(text_at(run, "completed_at").empty());
    const Answer workflow = cut->run.rig.call("GET", "/workflows/" + cut->run.id);
    CHECK(number_at(workflow.body, 0, "failure_count") == 1);
    const Answer told = cut->run.rig.call("GET", "/user-notifications");
    CHECK(dump_json(told.body).find("the run failed") != std::string::npos);
    CHECK(cut->run.run().status == 200);
    CHECK(cut->applied());
}
