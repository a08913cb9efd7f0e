#include <catch2/catch_test_macros.hpp>

#include "controller_world.hpp"
#include "kube/images.hpp"
#include "kube/kubelet/kubelet.hpp"
#include "kube/kubelet/toy_shell.hpp"

using namespace kube;
using namespace kube::testing;

namespace {

Json status_of(const World& world, const std::string& name, std::size_t index = 0) {
    const Json object = world.get("pods", name);
    const Json& statuses = array(object, {"status", "containerStatuses"});
    return index < statuses.size() ? statuses[index] : Json();
}

}  // namespace

TEST_CASE("a pod is scheduled, pulled, created, started and ready, in believable time and with its events in order") {
    World world;
    world.put("pods", pod("web", "nginx:1.27"));
    world.time.run_ready();
    CHECK(World::waiting_reason(world.get("pods", "web")) == "ContainerCreating");
    REQUIRE(world.until([&] { return text(world.get("pods", "web"), {"status", "phase"}) == "Running"; }));
    const std::int64_t running_ms = world.time.monotonic_ms();
    CHECK(running_ms >= 1400);
    CHECK(running_ms <= 6000);
    CHECK_FALSE(is_ready(world.get("pods", "web")));
    REQUIRE(world.until([&] { return is_ready(world.get("pods", "web")); }));
    CHECK(world.time.monotonic_ms() - running_ms >= 950);
    CHECK(world.time.monotonic_ms() - running_ms <= 3100);
    const Json object = world.get("pods", "web");
    CHECK(text(object, {"status", "podIP"}).starts_with("10.244."));
    CHECK(text(object, {"status", "hostIP"}).starts_with("172.18.0."));
    const Json status = status_of(world, "web");
    CHECK(text(status, {"imageID"}).starts_with("docker.io/library/nginx@sha256:"));
    CHECK(text(status, {"containerID"}).starts_with("containerd://"));
    CHECK(find(status, {"state", "running", "startedAt"}));
    for (const char* type : {"PodScheduled", "Initialized", "ContainersReady", "Ready", "PodReadyToStartContainers"}) CHECK(condition_is(object, type, "True"));
    for (const char* reason : {"Scheduled", "Pulling", "Pulled", "Created", "Started"}) CHECK(world.events(reason, "web").size() == 1);
    CHECK(text(world.events("Pulled", "web")[0], {"message"}).starts_with("Successfully pulled image \"nginx:1.27\" in "));
    CHECK(text(world.events("Pulled", "web")[0], {"involvedObject", "fieldPath"}) == "spec.containers{main}");
}

TEST_CASE("an image that is on the node already is not pulled again") {
    World world({.node_count = 1});
    world.put("pods", pod("a", "nginx:1.27"));
    REQUIRE(world.until([&] { return is_ready(world.get("pods", "a")); }));
    world.put("pods", pod("b", "nginx:1.27"));
    REQUIRE(world.until([&] { return is_ready(world.get("pods", "b")); }));
    CHECK(world.events("Pulling", "b").empty());
    CHECK(text(world.events("Pulled", "b")[0], {"message"}) == "Container image \"nginx:1.27\" already present on machine");
    CHECK(text(world.get("pods", "a"), {"status", "podIP"}) != text(world.get("pods", "b"), {"status", "podIP"}));
}

TEST_CASE("a tag that does not exist: ErrImagePull, ImagePullBackOff with doubled waits, and the newest tag as a hint") {
    World world;
    world.put("pods", pod("checkout", "registry.local/checkout:9.9"));
    REQUIRE(world.until([&] { return World::waiting_reason(world.get("pods", "checkout")) == "ErrImagePull"; }));
    const std::string error = text(status_of(world, "checkout"), {"state", "waiting", "message"});
    CHECK(error.find("failed to resolve reference \"registry.local/checkout:9.9\"") != std::string::npos);
    CHECK(error.find("newest known tag: 3.1") != std::string::npos);
    REQUIRE(world.until([&] { return World::waiting_reason(world.get("pods", "checkout")) == "ImagePullBackOff"; }));
    CHECK(text(status_of(world, "checkout"), {"state", "waiting", "message"}).starts_with("Back-off pulling image \"registry.local/checkout:9.9\""));
    const auto pulls = [&] { return integer(world.events("Pulling", "checkout")[0], {"count"}); };
    CHECK(pulls() == 1);
    world.time.advance(9000);
    CHECK(pulls() == 1);
    world.time.advance(2000);
    CHECK(pulls() == 2);
    world.time.advance(19'000);
    CHECK(pulls() == 2);
    world.time.advance(6000);
    CHECK(pulls() == 3);
    CHECK(text(world.get("pods", "checkout"), {"status", "phase"}) == "Pending");
    world.change("pods", "checkout", [](Json& object) { object["spec"]["containers"][0]["image"] = "registry.local/checkout:3.1"; });
    CHECK(world.until([&] { return is_ready(world.get("pods", "checkout")); }, 15'000));
}

TEST_CASE("a crashing container: restarted once at once, then CrashLoopBackOff of 10, 20, 40 seconds") {
    World world;
    world.put("pods", pod("bad", "registry.local/catalog:crash"));
    std::vector<std::int64_t> starts;
    std::int64_t seen = -1;
    bool backed_off = false;
    (void)world.until([&] {
        const Json status = status_of(world, "bad");
        if (find(status, {"state", "running"}) && integer(status, {"restartCount"}) > seen) {
            seen = integer(status, {"restartCount"});
            starts.push_back(world.time.monotonic_ms());
        }
        backed_off = backed_off || World::waiting_reason(world.get("pods", "bad")) == "CrashLoopBackOff";
        return starts.size() == 5;
    }, 200'000);
    REQUIRE(starts.size() == 5);
    CHECK(backed_off);
    CHECK(starts[1] - starts[0] < 6000);
    for (const auto& [index, wait_ms] : {std::pair{std::size_t{2}, 10'000}, std::pair{std::size_t{3}, 20'000}, std::pair{std::size_t{4}, 40'000}}) {
        CHECK(starts[index] - starts[index - 1] >= wait_ms);
        CHECK(starts[index] - starts[index - 1] <= wait_ms + 5000);
    }
    const Json status = status_of(world, "bad");
    CHECK(integer(status, {"lastState", "terminated", "exitCode"}) == 1);
    CHECK(text(status, {"lastState", "terminated", "reason"}) == "Error");
    CHECK(text(world.get("pods", "bad"), {"status", "phase"}) == "Running");
    CHECK_FALSE(world.events("BackOff", "bad").empty());
    CHECK(kubelet::back_off_ms(1) == 10'000);
    CHECK(kubelet::back_off_ms(5) == 160'000);
    CHECK(kubelet::back_off_ms(6) == 300'000);
    CHECK(kubelet::back_off_ms(60) == 300'000);
}

TEST_CASE("a memory limit below what the image needs ends in OOMKilled, 137") {
    World world;
    Json object = pod("small", "registry.local/catalog:2.4");
    object["spec"]["containers"][0]["resources"] = {{"limits", {{"memory", "64Mi"}}}};
    world.put("pods", object);
    REQUIRE(world.until([&] { return find(status_of(world, "small"), {"lastState", "terminated"}) != nullptr; }));
    CHECK(text(status_of(world, "small"), {"lastState", "terminated", "reason"}) == "OOMKilled");
    CHECK(integer(status_of(world, "small"), {"lastState", "terminated", "exitCode"}) == 137);
    Json enough = pod("enough", "registry.local/catalog:2.4");
    enough["spec"]["containers"][0]["resources"] = {{"limits", {{"memory", "256Mi"}}}};
    world.put("pods", enough);
    CHECK(world.until([&] { return is_ready(world.get("pods", "enough")); }));
}

TEST_CASE("SIMULATE and the probe's delay decide over readiness") {
    World world;
    Json never = pod("never", "nginx:1.27");
    never["spec"]["containers"][0]["env"] = Json::array({Json{{"name", "SIMULATE"}, {"value", "notready"}}});
    Json delayed = pod("delayed", "nginx:1.27");
    delayed["spec"]["containers"][0]["readinessProbe"] = {{"httpGet", {{"path", "/"}, {"port", 80}}}, {"initialDelaySeconds", 15}};
    world.put("pods", never);
    world.put("pods", delayed);
    REQUIRE(world.until([&] { return text(world.get("pods", "delayed"), {"status", "phase"}) == "Running"; }));
    world.time.advance(14'000);
    CHECK_FALSE(is_ready(world.get("pods", "delayed")));
    world.time.advance(3000);
    CHECK(is_ready(world.get("pods", "delayed")));
    world.time.advance(60'000);
    CHECK_FALSE(is_ready(world.get("pods", "never")));
    CHECK(text(world.get("pods", "never"), {"status", "phase"}) == "Running");
    CHECK(world.events("Unhealthy", "never").size() == 1);
}

TEST_CASE("missing references hold a pod until they appear") {
    World world;
    Json object = pod("app", "nginx:1.27");
    object["spec"]["containers"][0]["envFrom"] = Json::array({Json{{"configMapRef", {{"name", "settings"}}}}});
    object["spec"]["containers"][0]["env"] =
        Json::array({Json{{"name", "PASSWORD"}, {"valueFrom", {{"secretKeyRef", {{"name", "credentials"}, {"key", "password"}}}}}}});
    object["spec"]["volumes"] = Json::array({Json{{"name", "data"}, {"persistentVolumeClaim", {{"claimName", "data"}}}}, Json{{"name", "files"}, {"configMap", {{"name", "files"}}}}});
    world.put("pods", object);
    const auto put = [&](const char* resource, const char* kind, const char* name, Json extra) {
        Json made{{"apiVersion", "v1"}, {"kind", kind}, {"metadata", {{"name", name}, {"namespace", "default"}}}};
        made.update(extra);
        world.put(resource, made);
    };
    world.time.advance(3000);
    CHECK(text(world.events("FailedScheduling", "app").at(0), {"message"}).find("persistentvolumeclaim \"data\" not found") != std::string::npos);
    put("persistentvolumeclaims", "PersistentVolumeClaim", "data", {{"spec", {{"resources", {{"requests", {{"storage", "1Gi"}}}}}}}});
    world.time.advance(5000);
    CHECK(World::waiting_reason(world.get("pods", "app")) == "ContainerCreating");
    REQUIRE(world.events("FailedMount", "app").size() == 1);
    CHECK(text(world.events("FailedMount", "app")[0], {"message"}) == "MountVolume.SetUp failed for volume \"files\" : configmap \"files\" not found");
    put("configmaps", "ConfigMap", "files", {{"data", {{"a", "b"}}}});
    world.time.advance(6000);
    CHECK(World::waiting_reason(world.get("pods", "app")) == "CreateContainerConfigError");
    CHECK(text(status_of(world, "app"), {"state", "waiting", "message"}) == "configmap \"settings\" not found");
    put("configmaps", "ConfigMap", "settings", {{"data", {{"a", "b"}}}});
    world.time.advance(1000);
    CHECK(text(status_of(world, "app"), {"state", "waiting", "message"}) == "secret \"credentials\" not found");
    put("secrets", "Secret", "credentials", {{"data", {{"user", "eA=="}}}});
    world.time.advance(1000);
    CHECK(text(status_of(world, "app"), {"state", "waiting", "message"}) == "couldn't find key password in Secret default/credentials");
    world.change("secrets", "credentials", [](Json& secret) { secret["data"]["password"] = "eA=="; });
    CHECK(world.until([&] { return is_ready(world.get("pods", "app")); }));
}

TEST_CASE("init containers run one after another before the others") {
    World world;
    Json object = pod("app", "nginx:1.27");
    object["spec"]["initContainers"] = Json::array({container("busybox:1.36", "first"), container("busybox:1.36", "second")});
    object["spec"]["initContainers"][0]["command"] = Json::array({"sh", "-c", "sleep 4"});
    object["spec"]["initContainers"][1]["command"] = Json::array({"sh", "-c", "sleep 1; echo done"});
    world.put("pods", object);
    const auto init = [&](std::size_t index, const char* state) {
        const Json pod_now = world.get("pods", "app");
        const Json& statuses = array(pod_now, {"status", "initContainerStatuses"});
        return index < statuses.size() && find(statuses[index], {"state", state}) != nullptr;
    };
    REQUIRE(world.until([&] { return init(0, "running"); }));
    CHECK(init(1, "waiting"));
    CHECK(World::waiting_reason(world.get("pods", "app")) == "PodInitializing");
    CHECK(condition_is(world.get("pods", "app"), "Initialized", "False"));
    REQUIRE(world.until([&] { return init(1, "running"); }));
    CHECK(init(0, "terminated"));
    REQUIRE(world.until([&] { return is_ready(world.get("pods", "app")); }));
    CHECK(condition_is(world.get("pods", "app"), "Initialized", "True"));
}

TEST_CASE("a deleted pod ends with a Killing event within two seconds; an unscheduled one at once") {
    World world;
    world.put("pods", pod("web", "nginx:1.27"));
    REQUIRE(world.until([&] { return is_ready(world.get("pods", "web")); }));
    world.end("pods", "web");
    world.time.advance(900);
    CHECK_FALSE(world.get("pods", "web").is_null());
    CHECK(text(world.events("Killing", "web").at(0), {"message"}) == "Stopping container main");
    world.time.advance(1200);
    CHECK(world.get("pods", "web").is_null());
    Json nowhere = pod("nowhere", "nginx:1.27");
    nowhere["spec"]["nodeSelector"] = {{"disk", "tape"}};
    world.put("pods", nowhere);
    world.time.advance(100);
    world.end("pods", "nowhere");
    world.time.run_ready();
    CHECK(world.get("pods", "nowhere").is_null());
}

TEST_CASE("restart policies: Never fails, OnFailure tries again, a bare shell completes") {
    World world;
    const auto put = [&](const char* name, const char* policy, const char* script) {
        Json object = pod(name, "busybox:1.36");
        object["spec"]["restartPolicy"] = policy;
        if (script) object["spec"]["containers"][0]["command"] = Json::array({"/bin/sh", "-c", script});
        world.put("pods", object);
    };
    put("never", "Never", "exit 7");
    put("again", "OnFailure", "false");
    put("bare", "Always", nullptr);
    put("long", "Always", "echo up; sleep infinity");
    world.time.advance(12'000);
    CHECK(text(world.get("pods", "never"), {"status", "phase"}) == "Failed");
    CHECK(integer(status_of(world, "never"), {"state", "terminated", "exitCode"}) == 7);
    CHECK(text(world.get("pods", "again"), {"status", "phase"}) == "Running");
    CHECK(integer(status_of(world, "again"), {"restartCount"}) >= 1);
    CHECK(text(status_of(world, "bare"), {"lastState", "terminated", "reason"}) == "Completed");
    CHECK(is_ready(world.get("pods", "long")));
}

TEST_CASE("speed divides the kubelet's times") {
    World world({.speed = 20});
    world.put("deployments", deployment("web", "nginx:1.27", 3));
    CHECK(world.until([&] { return world.ready_pods("web") == 3; }, 500, 5));
}

TEST_CASE("what can be pulled: the catalogue's rule") {
    const auto verdict = [](const char* reference) { return find_image(reference).verdict; };
    for (const char* good : {"nginx", "nginx:1.27", "nginx:1.27.3-alpine", "docker.io/library/nginx:stable", "postgres:17", "redis:7-alpine", "busybox:1.36", "node:20-slim",
                             "registry.local/checkout:3.1", "registry.local/catalog:2.4", "registry.local/mailer:0.9", "ghcr.io/somebody/thing:v9.9", "registry.local/unknown:1",
                             "localhost:5000/x", "nginx@sha256:0000", "registry.local/storefront"}) {
        INFO(good);
        CHECK(verdict(good) == ImageVerdict::found);
    }
    for (const char* absent : {"nginx:9.9", "postgres:99", "registry.local/checkout:9.9", "registry.local/checkout:3", "somebody/thing:missing", "redis:nonexistent", "mysql:4.1"}) {
        INFO(absent);
        CHECK(verdict(absent) == ImageVerdict::not_found);
    }
    for (const char* broken : {"", ":", "Nginx", "nginx:", "a b", "nginx:la test", "/nginx", "nginx/"}) {
        INFO(broken);
        CHECK(verdict(broken) == ImageVerdict::invalid);
    }
    CHECK(find_image("registry.local/checkout:9.9").newest_tag == "3.1");
    CHECK(find_image("nginx:1.27").canonical == "docker.io/library/nginx:1.27");
}

TEST_CASE("the toy shell understands what demos are made of") {
    using kubelet::interpret;
    const auto script = [](const char* text) { return *interpret({"sh", "-c", text}); };
    auto run = script("echo \"hello there\"; sleep 2 && echo 'bye'; exit 3");
    REQUIRE(run.lines.size() == 2);
    CHECK(run.lines[0].text == "hello there");
    CHECK(run.lines[1].at_ms == 2000);
    CHECK(run.exit_code == 3);
    CHECK(script("false && echo no").exit_code == 1);
    CHECK(script("false && echo no").lines.empty());
    CHECK(script("true || exit 4").exit_code == 0);
    CHECK(script("false || exit 4").exit_code == 4);
    CHECK(script("set -e\nfalse\necho no").exit_code == 1);
    run = script("echo start; while true; do echo tick; sleep 5; done");
    REQUIRE(run.loop);
    CHECK(run.loop->period_ms == 5000);
    CHECK(run.loop->lines.at(0).text == "tick");
    CHECK_FALSE(run.exit_code);
    CHECK(script("nginx -g 'daemon off;'").unknown_program == "nginx");
    CHECK_FALSE(script("sleep infinity").exit_code);
    CHECK(interpret({"/bin/false"})->exit_code == 1);
    CHECK(interpret({"sleep", "3"})->duration_ms == 3000);
    CHECK(interpret({"sh"})->exit_code == 0);
    CHECK_FALSE(interpret({}));
    CHECK(interpret({"java", "-jar", "x.jar"})->unknown_program == "java");
}
