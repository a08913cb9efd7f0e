#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "controller_world.hpp"
#include "kube/controllers/event_recorder.hpp"

using namespace kube;
using namespace kube::testing;

namespace {

Json service(const std::string& name, const std::string& app, const std::string& type = "ClusterIP") {
    return {{"apiVersion", "v1"},
            {"kind", "Service"},
            {"metadata", {{"name", name}, {"namespace", "default"}}},
            {"spec", {{"type", type}, {"selector", {{"app", app}}}, {"ports", Json::array({Json{{"port", 80}, {"targetPort", 8080}}})}}}};
}

std::size_t addresses(const World& world, const std::string& name, const char* list) {
    std::size_t count = 0;
    const Json endpoints = world.get("endpoints", name);
    for (const Json& subset : array(endpoints, {"subsets"})) count += array(subset, {list}).size();
    return count;
}

}  // namespace

TEST_CASE("nodes are there and ready, with room, addresses and a kubelet version") {
    World world({.node_count = 4});
    const auto nodes = world.list("nodes");
    REQUIRE(nodes.size() == 4);
    CHECK(condition_is(nodes[0], "Ready", "True"));
    CHECK(text(nodes[0], {"status", "nodeInfo", "kubeletVersion"}).starts_with("v1."));
    CHECK(controllers::milli_cores(find(nodes[0], {"status", "allocatable", "cpu"})) == 4000);
    CHECK(text(array(nodes[3], {"status", "addresses"})[0], {"address"}) == "172.18.0.5");
}

TEST_CASE("endpoints follow readiness and go with their service") {
    World world;
    world.put("services", service("web", "web"));
    world.put("deployments", deployment("web", "nginx:1.27", 2));
    REQUIRE(world.until([&] { return addresses(world, "web", "notReadyAddresses") > 0; }));
    REQUIRE(world.until([&] { return addresses(world, "web", "addresses") == 2; }));
    CHECK(addresses(world, "web", "notReadyAddresses") == 0);
    const Json endpoints = world.get("endpoints", "web");
    CHECK(integer(array(array(endpoints, {"subsets"})[0], {"ports"})[0], {"port"}) == 8080);
    CHECK(text(array(array(endpoints, {"subsets"})[0], {"addresses"})[0], {"ip"}).starts_with("10.244."));
    world.end("pods", name_of(world.list("pods")[0]));
    world.time.run_ready();
    CHECK(addresses(world, "web", "addresses") == 1);  // at once, while it still ends
    world.end("services", "web");
    world.time.run_ready();
    CHECK(world.get("endpoints", "web").is_null());
}

TEST_CASE("a load balancer gets its own address after seconds, an ingress one when its backend is ready") {
    World world;
    world.put("services", service("a", "web", "LoadBalancer"));
    world.put("services", service("b", "web", "LoadBalancer"));
    world.put("ingresses", {{"apiVersion", "networking.k8s.io/v1"},
                            {"kind", "Ingress"},
                            {"metadata", {{"name", "shop"}, {"namespace", "default"}}},
                            {"spec", {{"rules", Json::array({Json{{"http", {{"paths", Json::array({Json{{"backend", {{"service", {{"name", "a"}}}}}}})}}}}})}}}});
    world.time.advance(1000);
    CHECK(find(world.get("services", "a"), {"status", "loadBalancer", "ingress"}) == nullptr);
    world.time.advance(5000);
    const auto address = [&](const char* resource, const char* name) {
        const Json object = world.get(resource, name);
        const Json& points = array(object, {"status", "loadBalancer", "ingress"});
        return points.empty() ? std::string() : text(points[0], {"ip"});
    };
    CHECK(address("services", "a").starts_with("203.0.113."));
    CHECK(address("services", "a") != address("services", "b"));
    CHECK(address("ingresses", "shop").empty());
    world.put("deployments", deployment("web", "nginx:1.27", 1));
    REQUIRE(world.until([&] { return world.ready_pods("web") == 1; }));
    world.time.run_ready();
    CHECK(address("ingresses", "shop") == "203.0.113.10");
}

TEST_CASE("a pod that fits nowhere is unschedulable, says why once, and is placed when room appears") {
    World world({.node_count = 2});
    Json big = pod("big", "nginx:1.27");
    big["spec"]["containers"][0]["resources"] = {{"requests", {{"cpu", "3"}, {"memory", "1Gi"}}}};
    Json first = big, second = big;
    first["metadata"]["name"] = "first";
    second["metadata"]["name"] = "second";
    world.put("pods", first);
    world.put("pods", second);
    world.time.advance(1000);
    world.put("pods", big);
    world.time.advance(5000);
    const Json waiting = world.get("pods", "big");
    CHECK(text(waiting, {"spec", "nodeName"}).empty());
    REQUIRE(condition(waiting, "PodScheduled"));
    CHECK(text(*condition(waiting, "PodScheduled"), {"reason"}) == "Unschedulable");
    REQUIRE(world.events("FailedScheduling", "big").size() == 1);
    CHECK(text(world.events("FailedScheduling", "big")[0], {"message"}) == "0/2 nodes are available: 2 Insufficient cpu.");
    CHECK(text(world.events("FailedScheduling", "big")[0], {"type"}) == "Warning");
    world.end("pods", "first");
    REQUIRE(world.until([&] { return is_ready(world.get("pods", "big")); }));
    CHECK(world.events("Scheduled", "big").size() == 1);
}

TEST_CASE("selectors, cordons, taints and required affinity decide where a pod may go") {
    World world;
    (void)world.store.modify({"nodes", "", "node-1"}, [](Json& node) { node["spec"]["unschedulable"] = true; });
    (void)world.store.modify({"nodes", "", "node-2"}, [](Json& node) {
        node["spec"]["taints"] = Json::array({Json{{"key", "gpu"}, {"value", "yes"}, {"effect", "NoSchedule"}}});
    });
    world.put("pods", pod("plain", "nginx:1.27"));
    Json tolerant = pod("tolerant", "nginx:1.27");
    tolerant["spec"]["tolerations"] = Json::array({Json{{"key", "gpu"}, {"operator", "Exists"}}});
    tolerant["spec"]["nodeSelector"] = {{"kubernetes.io/hostname", "node-2"}};
    world.put("pods", tolerant);
    Json nowhere = pod("nowhere", "nginx:1.27");
    nowhere["spec"]["nodeSelector"] = {{"disk", "tape"}};
    world.put("pods", nowhere);
    world.time.advance(200);
    CHECK(text(world.get("pods", "plain"), {"spec", "nodeName"}) == "node-3");
    CHECK(text(world.get("pods", "tolerant"), {"spec", "nodeName"}) == "node-2");
    CHECK(text(world.get("pods", "nowhere"), {"spec", "nodeName"}).empty());
}

TEST_CASE("deleting a deployment takes its replica sets and pods along; orphaning keeps them") {
    World world;
    world.put("deployments", deployment("web", "nginx:1.27", 2));
    REQUIRE(world.until([&] { return world.ready_pods("web") == 2; }));
    world.end("deployments", "web");
    REQUIRE(world.until([&] { return world.list("replicasets").empty() && world.list("pods").empty(); }));

    world.put("deployments", deployment("web", "nginx:1.27", 2));
    REQUIRE(world.until([&] { return world.ready_pods("web") == 2; }));
    world.change("deployments", "web", [&](Json& object) {
        object["metadata"]["finalizers"] = Json::array({"orphan"});
        object["metadata"]["deletionTimestamp"] = controllers::format_time(world.time.unix_ms());
    });
    world.time.advance(5000);
    CHECK(world.get("deployments", "web").is_null());
    REQUIRE(world.list("replicasets").size() == 1);
    CHECK(find(world.list("replicasets")[0], {"metadata", "ownerReferences"}) == nullptr);
    CHECK(world.ready_pods("web") == 2);
}

TEST_CASE("foreground deletion removes the dependents before the owner") {
    World world;
    world.put("deployments", deployment("web", "nginx:1.27", 2));
    REQUIRE(world.until([&] { return world.ready_pods("web") == 2; }));
    world.change("deployments", "web", [&](Json& object) {
        object["metadata"]["finalizers"] = Json::array({"foregroundDeletion"});
        object["metadata"]["deletionTimestamp"] = controllers::format_time(world.time.unix_ms());
    });
    bool owner_first = false;
    REQUIRE(world.until([&] {
        const bool gone = world.get("deployments", "web").is_null();
        owner_first = owner_first || (gone && !world.list("pods").empty());
        return gone;
    }));
    CHECK_FALSE(owner_first);
    CHECK(world.list("replicasets").empty());
}

TEST_CASE("an object whose owner never existed is collected, one with a second living owner stays") {
    World world;
    Json orphan{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "lost"}, {"namespace", "default"}}}};
    orphan["metadata"]["ownerReferences"] = Json::array({Json{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"name", "x"}, {"uid", "none"}}});
    const ObjectPtr owner = world.put("configmaps", {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "owner"}, {"namespace", "default"}}}});
    Json shared = orphan;
    shared["metadata"]["name"] = "shared";
    shared["metadata"]["ownerReferences"].push_back(controllers::owner_reference(*owner, false));
    world.put("configmaps", orphan);
    world.put("configmaps", shared);
    world.time.advance(100);
    CHECK(world.get("configmaps", "lost").is_null());
    CHECK_FALSE(world.get("configmaps", "shared").is_null());
    world.end("configmaps", "owner");
    world.time.advance(100);
    CHECK(world.get("configmaps", "shared").is_null());
}

TEST_CASE("a namespace is emptied before it goes, and nothing grows back in it") {
    World world;
    world.put("namespaces", {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "shop"}}}, {"spec", {{"finalizers", Json::array({"kubernetes"})}}}});
    Json object = deployment("web", "nginx:1.27", 2);
    object["metadata"]["namespace"] = "shop";
    world.put("deployments", object);
    REQUIRE(world.until([&] { return world.ready_pods("web") == 2; }));
    world.end("namespaces", "shop");
    world.time.advance(100);
    CHECK(text(world.get("namespaces", "shop"), {"status", "phase"}) == "Terminating");
    REQUIRE(world.until([&] { return world.get("namespaces", "shop").is_null(); }));
    world.time.advance(10'000);
    for (const char* resource : {"pods", "deployments", "replicasets", "events"}) CHECK(world.store.list(resource, "shop").empty());
}

TEST_CASE("events are aggregated, capped per namespace and forgotten after an hour") {
    World world;
    controllers::EventRecorder recorder(world.store, world.time, world.random);
    const ObjectPtr object = world.put("configmaps", {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "thing"}, {"namespace", "default"}}}});
    recorder.record(*object, {.reason = "Again", .message = "the same", .component = "test"});
    world.time.advance(60'000);
    recorder.record(*object, {.reason = "Again", .message = "the same", .component = "test"});
    recorder.record(*object, {.reason = "Again", .message = "another", .component = "test"});
    const auto again = world.events("Again");
    REQUIRE(again.size() == 2);
    const Json& counted = integer(again[0], {"count"}) == 2 ? again[0] : again[1];
    CHECK(integer(counted, {"count"}) == 2);
    CHECK(text(counted, {"firstTimestamp"}) == "2026-01-01T00:00:00Z");
    CHECK(text(counted, {"lastTimestamp"}) == "2026-01-01T00:01:00Z");
    CHECK(text(counted, {"involvedObject", "kind"}) == "ConfigMap");
    for (int i = 0; i < 300; ++i) recorder.record(*object, {.reason = "Many", .message = "number " + std::to_string(i), .component = "test"});
    CHECK(world.list("events").size() == controllers::kEventsPerNamespace);
    CHECK(world.events("Again").empty());  // the oldest went
    world.time.advance(62 * 60'000);
    CHECK(world.list("events").empty());
}

TEST_CASE("an autoscaler reports its target and believable metrics, or that there is no target") {
    World world;
    Json scaler{{"apiVersion", "autoscaling/v2"},
                {"kind", "HorizontalPodAutoscaler"},
                {"metadata", {{"name", "web"}, {"namespace", "default"}}},
                {"spec",
                 {{"scaleTargetRef", {{"kind", "Deployment"}, {"name", "web"}}},
                  {"minReplicas", 1},
                  {"maxReplicas", 5},
                  {"metrics", Json::array({Json{{"type", "Resource"}, {"resource", {{"name", "cpu"}, {"target", {{"type", "Utilization"}, {"averageUtilization", 80}}}}}}})}}}};
    world.put("horizontalpodautoscalers", scaler);
    world.time.advance(100);
    CHECK(condition_is(world.get("horizontalpodautoscalers", "web"), "AbleToScale", "False"));
    CHECK(world.events("FailedGetScale", "web").size() == 1);
    world.put("deployments", deployment("web", "nginx:1.27", 2));
    REQUIRE(world.until([&] { return world.ready_pods("web") == 2; }));
    const Json measured = world.get("horizontalpodautoscalers", "web");
    CHECK(integer(measured, {"status", "currentReplicas"}) == 2);
    REQUIRE(array(measured, {"status", "currentMetrics"}).size() == 1);
    const std::int64_t cpu = integer(array(measured, {"status", "currentMetrics"})[0], {"resource", "current", "averageUtilization"});
    CHECK(cpu >= 1);
    CHECK(cpu < 80);
}

TEST_CASE("a restored cluster goes on where it stood") {
    World world;
    world.put("services", service("web", "web"));
    world.put("deployments", deployment("web", "nginx:1.27", 2));
    world.put("deployments", deployment("broken", "busybox:crash", 1));
    world.put("pods", pod("halfway", "postgres:17"));
    REQUIRE(world.until([&] { return world.ready_pods("web") == 2; }));
    REQUIRE(world.until([&] {
        const auto pods = world.list("pods", "app", "broken");
        return !pods.empty() && World::waiting_reason(pods[0]) == "CrashLoopBackOff";
    }, 120'000));
    world.put("pods", pod("later", "mysql:8.0"));
    world.time.advance(1000);  // in the middle of its pull
    world.manager.reset();
    const Json snapshot = world.store.to_json();
    std::set<std::string> before;
    for (const Json& each : world.list("pods")) before.insert(uid_of(each));
    world.time.advance(3600 * 1000);
    REQUIRE(world.store.from_json(snapshot));
    world.start();
    world.time.run_ready();
    std::set<std::string> after;
    for (const Json& each : world.list("pods")) after.insert(uid_of(each));
    CHECK(after == before);
    CHECK(world.ready_pods("web") == 2);
    const std::int64_t restarts = integer(array(world.list("pods", "app", "broken")[0], {"status", "containerStatuses"})[0], {"restartCount"});
    CHECK(world.until([&] { return is_ready(world.get("pods", "later")); }));
    CHECK(world.until([&] {
        return integer(array(world.list("pods", "app", "broken")[0], {"status", "containerStatuses"})[0], {"restartCount"}) > restarts;
    }));
    world.change("deployments", "web", [](Json& object) { object["spec"]["replicas"] = 3; });
    CHECK(world.until([&] { return world.ready_pods("web") == 3; }));
    CHECK(world.list("nodes").size() == 3);
}

TEST_CASE("objects of the wrong shape crash nobody") {
    World world;
    const Json odd = Json::array({1, "x", nullptr, Json::object()});
    for (const char* resource : {"deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "cronjobs", "pods", "services", "ingresses", "endpoints",
                                 "persistentvolumeclaims", "horizontalpodautoscalers", "nodes"}) {
        int number = 0;
        for (const Json& spec : {Json(), Json("text"), Json(5), odd, Json{{"template", odd}, {"selector", 5}, {"replicas", "many"}, {"containers", odd}, {"ports", odd}},
                                 Json{{"template", {{"spec", {{"containers", odd}}}, {"metadata", 7}}}, {"selector", {{"matchLabels", {{"a", 1}}}, {"matchExpressions", odd}}},
                                      {"containers", Json::array({Json{{"name", 5}, {"image", 5}, {"env", odd}, {"command", odd}}})}, {"nodeName", "node-1"}, {"schedule", 5},
                                      {"volumes", odd}, {"rules", odd}, {"metrics", odd}, {"taints", odd}, {"replicas", -3}}}) {
            Json object{{"metadata", {{"name", "odd-" + std::to_string(number++)}, {"labels", odd}, {"ownerReferences", odd}}}, {"spec", spec}, {"status", odd}};
            if (std::string_view(resource) != "nodes") object["metadata"]["namespace"] = "default";
            world.put(resource, object);
        }
    }
    world.time.advance(30'000);
    CHECK(world.list("nodes").size() >= 3);
}
