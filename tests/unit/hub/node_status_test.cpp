#include <catch2/catch_test_macros.hpp>

#include "hub/node_status.hpp"

using namespace hub;

namespace {

Json container(Json state, bool ready = false, int restarts = 0, Json last = Json::object()) {
    return {{"name", "c"}, {"ready", ready}, {"restartCount", restarts}, {"state", std::move(state)}, {"lastState", std::move(last)}};
}

Json pod(Json container_status, bool ready = false) {
    return {{"status",
             {{"phase", "Running"},
              {"conditions", Json::array({{{"type", "Ready"}, {"status", ready ? "True" : "False"}}})},
              {"containerStatuses", Json::array({std::move(container_status)})}}}};
}

const Json kRunning = pod(container({{"running", Json::object()}}));
const Json kReady = pod(container({{"running", Json::object()}}, true), true);
const Json kCreating = pod(container({{"waiting", {{"reason", "ContainerCreating"}}}}));
const Json kPullBackOff = pod(container({{"waiting", {{"reason", "ImagePullBackOff"}, {"message", "Back-off pulling image \"x:9\""}}}}));

Json deployment(int desired, int ready, int updated, Json conditions = Json::array()) {
    return {{"metadata", {{"generation", 2}}},
            {"spec", {{"replicas", desired}}},
            {"status", {{"observedGeneration", 2}, {"readyReplicas", ready}, {"updatedReplicas", updated}, {"conditions", std::move(conditions)}}}};
}

Json status_of(NodeKind kind, const Json& object, std::vector<const Json*> pods = {}) {
    return node_status({.kind = kind, .name = "x", .object = &object, .pods = std::move(pods), .run_error = {}});
}

std::string line(const Json& status) { return text_at(status, "state") + " | " + text_at(status, "message"); }

}  // namespace

TEST_CASE("a deployment's states follow its rollout") {
    using enum NodeKind;
    const Json old = {{"metadata", {{"generation", 3}}}, {"spec", {{"replicas", 2}}}, {"status", {{"observedGeneration", 2}}}};
    CHECK(line(status_of(deployment, old)) == "pending | Waiting for the controller");
    CHECK(line(status_of(deployment, ::deployment(2, 0, 2))) == "pending | Waiting for pods");
    CHECK(line(status_of(deployment, ::deployment(2, 0, 2), {&kCreating})) == "pending | ContainerCreating");
    CHECK(line(status_of(deployment, ::deployment(2, 0, 2), {&kRunning, &kCreating})) == "running | 0 of 2 ready");
    CHECK(line(status_of(deployment, ::deployment(2, 1, 2), {&kReady, &kRunning})) == "running | 1 of 2 ready");
    CHECK(line(status_of(deployment, ::deployment(2, 2, 1), {&kReady, &kReady})) == "running | Rolling out: 1 of 2 updated");
    CHECK(line(status_of(deployment, ::deployment(2, 2, 2), {&kReady, &kReady})) == "healthy | 2 of 2 ready");
    CHECK(line(status_of(deployment, ::deployment(0, 0, 0))) == "healthy | Scaled to zero");
    const Json done = Json::array({{{"type", "Progressing"}, {"status", "True"}, {"reason", "NewReplicaSetAvailable"}}});
    CHECK(line(status_of(deployment, ::deployment(2, 1, 2, done), {&kReady, &kRunning})) == "partial | 1 of 2 ready");
    const Json late = Json::array({{{"type", "Progressing"}, {"status", "False"}, {"reason", "ProgressDeadlineExceeded"}, {"message", "timed out"}}});
    CHECK(line(status_of(deployment, ::deployment(2, 0, 2, late), {&kRunning})) == "error | timed out");
    const Json quota = Json::array({{{"type", "ReplicaFailure"}, {"status", "True"}, {"message", "exceeded quota"}}});
    CHECK(line(status_of(deployment, ::deployment(2, 0, 0, quota))) == "error | exceeded quota");
    const Json counted = status_of(deployment, ::deployment(3, 1, 3), {&kReady});
    CHECK(number_at(counted, -1, "replicas") == 3);
    CHECK(number_at(counted, -1, "readyReplicas") == 1);
}

TEST_CASE("a pod that fails says why, and how bad that is depends on the others") {
    using enum NodeKind;
    CHECK(line(status_of(deployment, ::deployment(2, 0, 2), {&kPullBackOff})) == "error | ImagePullBackOff: Back-off pulling image \"x:9\"");
    CHECK(line(status_of(deployment, ::deployment(2, 2, 1), {&kReady, &kReady, &kPullBackOff})) == "partial | ImagePullBackOff: Back-off pulling image \"x:9\"");
    const Json crashed = pod(container({{"waiting", {{"reason", "CrashLoopBackOff"}, {"message", "back-off 40s"}}}}, false, 3, {{"terminated", {{"exitCode", 1}, {"reason", "Error"}}}}));
    CHECK(line(status_of(deployment, ::deployment(1, 0, 1), {&crashed})) == "error | CrashLoopBackOff: back-off 40s; last exit code 1 (Error)");
    const Json oom = pod(container({{"waiting", {{"reason", "CrashLoopBackOff"}}}}, false, 3, {{"terminated", {{"exitCode", 137}, {"reason", "OOMKilled"}}}}));
    CHECK(line(status_of(deployment, ::deployment(1, 0, 1), {&oom})) == "error | OOMKilled, CrashLoopBackOff; last exit code 137 (OOMKilled)");
    Json going = kPullBackOff;
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
    CHECK(line(status_of(deployment, ::deployment(1, 1, 1), {&kReady, &going})) == "healthy | 1 of 1 ready");
    const Json stuck = {{"status", {{"phase", "Pending"}, {"conditions", Json::array({{{"type", "PodScheduled"}, {"status", "False"}, {"reason", "Unschedulable"}, {"message", "0/3 nodes"}}})}}}};
    CHECK(line(status_of(deployment, ::deployment(1, 0, 1), {&stuck})) == "pending | Unschedulable: 0/3 nodes");
}

TEST_CASE("jobs run to an end") {
    const Json open = {{"spec", {{"completions", 1}}}, {"status", {{"active", 1}}}};
    CHECK(line(status_of(NodeKind::job, open)) == "pending | Waiting for a pod");
    CHECK(line(status_of(NodeKind::job, open, {&kRunning})) == "running | 0 of 1 succeeded");
    CHECK(line(status_of(NodeKind::job, open, {&kPullBackOff})) == "error | ImagePullBackOff: Back-off pulling image \"x:9\"");
    const Json failed_pod = pod(container({{"terminated", {{"exitCode", 2}, {"reason", "Error"}}}}));
    CHECK(line(status_of(NodeKind::job, open, {&failed_pod})) == "running | Trying again: Error: exit code 2");
    const Json complete = {{"spec", {{"completions", 1}}}, {"status", {{"succeeded", 1}, {"conditions", Json::array({{{"type", "Complete"}, {"status", "True"}}})}}}};
    CHECK(line(status_of(NodeKind::job, complete, {&failed_pod})) == "healthy | Completed: 1 of 1 succeeded");
    const Json failed = {{"status", {{"conditions", Json::array({{{"type", "Failed"}, {"status", "True"}, {"reason", "BackoffLimitExceeded"}, {"message", "too often"}}})}}}};
    CHECK(line(status_of(NodeKind::job, failed, {&failed_pod})) == "error | BackoffLimitExceeded: too often; Error: exit code 2");
}

TEST_CASE("services, ingresses, claims and the rest use the contract's words") {
    const Json service = {{"spec", {{"type", "NodePort"}, {"clusterIP", "10.96.0.1"}, {"selector", {{"app", "x"}}}, {"ports", Json::array({{{"port", 80}, {"nodePort", 30080}}})}}}};
    CHECK(line(status_of(NodeKind::service, service)) == "pending | No pod behind it is ready");
    const Json healthy = status_of(NodeKind::service, service, {&kReady, &kRunning});
    CHECK(line(healthy) == "healthy | 1 endpoint");
    CHECK(text_at(healthy, "clusterIP") == "10.96.0.1");
    CHECK(number_at(healthy, 0, "nodePort") == 30080);
    CHECK(line(status_of(NodeKind::service, {{"spec", {{"type", "ClusterIP"}}}})) == "created | No workload is connected");
    Json balanced = {{"spec", {{"type", "LoadBalancer"}, {"selector", {{"app", "x"}}}}}};
    CHECK(line(status_of(NodeKind::service, balanced, {&kReady})) == "pending | Waiting for an external address");
    balanced["status"]["loadBalancer"]["ingress"] = Json::array({{{"ip", "203.0.113.7"}}});
    CHECK(text_at(status_of(NodeKind::service, balanced, {&kReady}), "loadBalancerIP") == "203.0.113.7");
    CHECK(line(status_of(NodeKind::ingress, Json::object())) == "pending | Waiting for an address");
    CHECK(line(status_of(NodeKind::ingress, {{"status", {{"loadBalancer", {{"ingress", Json::array({{{"hostname", "lb.example"}}})}}}}}})) == "healthy | Reachable at lb.example");
    CHECK(line(status_of(NodeKind::configmap, {{"data", {{"A", "1"}, {"B", "2"}}}})) == "created | 2 keys");
    CHECK(line(status_of(NodeKind::secret, {{"data", {{"A", "MQ=="}}}})) == "created | 1 key");
    CHECK(text_at(status_of(NodeKind::persistentvolumeclaim, {{"status", {{"phase", "Bound"}}}}), "state") == "Bound");
    CHECK(text_at(status_of(NodeKind::persistentvolumeclaim, Json::object()), "state") == "Pending");
    CHECK(text_at(status_of(NodeKind::persistentvolumeclaim, {{"status", {{"phase", "Lost"}}}}), "state") == "Lost");
    CHECK(text_at(status_of(NodeKind::hpa, Json::object()), "state") == "healthy");
    CHECK(text_at(status_of(NodeKind::networkpolicy, Json::object()), "state") == "created");
    CHECK(line(status_of(NodeKind::cronjob, {{"spec", {{"schedule", "0 3 * * *"}}}})) == "created | Schedule 0 3 * * *");
}

TEST_CASE("a node without its object says so, and a run's refusal comes first") {
    CHECK(line(node_status({.kind = NodeKind::deployment, .name = "web", .object = nullptr, .pods = {}, .run_error = {}})) == "error | Deployment web was deleted outside Binnacle");
    CHECK(line(node_status({.kind = NodeKind::deployment, .name = "web", .object = nullptr, .pods = {}, .applied = false, .run_error = {}})) == "pending | Not applied yet");
    const Json object = deployment(1, 1, 1);
    CHECK(line(node_status({.kind = NodeKind::deployment, .name = "web", .object = &object, .pods = {}, .run_error = "refused"})) == "error | refused");
}

TEST_CASE("objects of any shape give a status and never an abort") {
    for (const char* text : {"{}", "[]", "3", "null", R"({"status":3,"spec":[],"metadata":"x"})", R"({"status":{"conditions":{"a":1},"containerStatuses":7}})",
                             R"({"spec":{"replicas":"many","ports":[1,null]},"status":{"loadBalancer":{"ingress":[0]}}})"}) {
        const Json object = Json::parse(text);
        for (const NodeKindInfo& info : kNodeKinds) {
            CHECK_FALSE(text_at(status_of(info.kind, object, {&object}), "state").empty());
        }
    }
}
