#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "controller_world.hpp"

using namespace kube;
using namespace kube::testing;

namespace {

std::int64_t number(const Json& object, const char* field) { return integer(object, {"status", field}); }

bool complete(const World& world, const std::string& name, std::int64_t replicas) {
    const Json object = world.get("deployments", name);
    return number(object, "updatedReplicas") == replicas && number(object, "availableReplicas") == replicas && number(object, "replicas") == replicas &&
           integer(object, {"status", "observedGeneration"}) == integer(object, {"metadata", "generation"});
}

}  // namespace

TEST_CASE("a deployment becomes a replica set and ready pods, with status, conditions and events") {
    World world;
    world.put("deployments", deployment("web", "nginx:1.27", 3));
    REQUIRE(world.until([&] { return complete(world, "web", 3); }));
    const auto sets = world.list("replicasets");
    REQUIRE(sets.size() == 1);
    CHECK(annotation(sets[0], "deployment.kubernetes.io/revision") == "1");
    const std::string hash = label(sets[0], "pod-template-hash");
    CHECK(name_of(sets[0]) == "web-" + hash);
    for (const Json& each : world.list("pods")) {
        CHECK(name_of(each).starts_with("web-" + hash + "-"));
        CHECK(label(each, "pod-template-hash") == hash);
        CHECK(text(each, {"status", "phase"}) == "Running");
    }
    const Json object = world.get("deployments", "web");
    CHECK(condition_is(object, "Available", "True"));
    CHECK(text(*condition(object, "Progressing"), {"reason"}) == "NewReplicaSetAvailable");
    CHECK(annotation(object, "deployment.kubernetes.io/revision") == "1");
    REQUIRE(world.events("ScalingReplicaSet", "web").size() == 1);
    CHECK(text(world.events("ScalingReplicaSet", "web")[0], {"message"}) == "Scaled up replica set web-" + hash + " from 0 to 3");
    CHECK(world.events("SuccessfulCreate", name_of(sets[0])).size() == 3);
    std::set<std::string> nodes;
    for (const Json& each : world.list("pods")) nodes.insert(text(each, {"spec", "nodeName"}));
    CHECK(nodes.size() == 3);
}

TEST_CASE("a rollout shows both replica sets and never falls below the minimum nor above the surge") {
    World world;
    world.put("deployments", deployment("web", "nginx:1.26", 4));  // 25 %: one more, one less
    REQUIRE(world.until([&] { return complete(world, "web", 4); }));
    world.change("deployments", "web", [](Json& object) { set_image(object, "nginx:1.27"); });
    bool both = false, low = false, high = false;
    REQUIRE(world.until([&] {
        const auto sets = world.list("replicasets");
        both = both || (sets.size() == 2 && integer(sets[0], {"status", "replicas"}) > 0 && integer(sets[1], {"status", "replicas"}) > 0);
        low = low || world.ready_pods("web") < 3;
        std::size_t active = 0;
        for (const Json& each : world.list("pods")) active += controllers::is_active(each);
        high = high || active > 5;
        return complete(world, "web", 4);
    }, 120'000));
    CHECK(both);
    CHECK_FALSE(low);
    CHECK_FALSE(high);
    CHECK(annotation(world.get("deployments", "web"), "deployment.kubernetes.io/revision") == "2");
    world.time.advance(5000);
    for (const Json& each : world.list("pods")) CHECK(text(each["spec"]["containers"][0], {"image"}) == "nginx:1.27");
    CHECK(world.list("pods").size() == 4);
}

TEST_CASE("going back to the old template reuses its replica set under a new revision") {
    World world;
    world.put("deployments", deployment("web", "nginx:1.26", 2));
    REQUIRE(world.until([&] { return complete(world, "web", 2); }));
    const std::string first = name_of(world.list("replicasets")[0]);
    world.change("deployments", "web", [](Json& object) { set_image(object, "nginx:1.27"); });
    REQUIRE(world.until([&] { return world.list("replicasets").size() == 2 && complete(world, "web", 2); }));
    world.change("deployments", "web", [](Json& object) { set_image(object, "nginx:1.26"); });
    world.time.advance(200);
    REQUIRE(world.until([&] { return complete(world, "web", 2); }));
    CHECK(world.list("replicasets").size() == 2);
    CHECK(annotation(world.get("replicasets", first), "deployment.kubernetes.io/revision") == "3");
    CHECK(integer(world.get("replicasets", first), {"spec", "replicas"}) == 2);
}

TEST_CASE("a rollout to an image that does not exist stops, keeps serving, exceeds its deadline, and heals with the next template") {
    World world;
    Json object = deployment("checkout", "registry.local/checkout:3.0", 4);
    object["spec"]["progressDeadlineSeconds"] = 60;
    world.put("deployments", object);
    REQUIRE(world.until([&] { return complete(world, "checkout", 4); }));
    world.change("deployments", "checkout", [](Json& changed) { set_image(changed, "registry.local/checkout:9.9"); });
    world.time.advance(100'000);
    CHECK(world.ready_pods("checkout") >= 3);
    const Json stuck = world.get("deployments", "checkout");
    REQUIRE(condition(stuck, "Progressing"));
    CHECK(text(*condition(stuck, "Progressing"), {"reason"}) == "ProgressDeadlineExceeded");
    CHECK(condition_is(stuck, "Progressing", "False"));
    world.change("deployments", "checkout", [](Json& changed) { set_image(changed, "registry.local/checkout:3.1"); });
    REQUIRE(world.until([&] { return complete(world, "checkout", 4); }, 120'000));
    CHECK(text(*condition(world.get("deployments", "checkout"), "Progressing"), {"reason"}) == "NewReplicaSetAvailable");
}

TEST_CASE("scaling up and down follows spec.replicas and removes the youngest") {
    World world;
    world.put("deployments", deployment("web", "nginx:1.27", 1));
    REQUIRE(world.until([&] { return complete(world, "web", 1); }));
    const std::string first = name_of(world.list("pods")[0]);
    world.time.advance(10'000);
    world.change("deployments", "web", [](Json& object) { object["spec"]["replicas"] = 5; });
    REQUIRE(world.until([&] { return complete(world, "web", 5); }));
    CHECK(world.list("replicasets").size() == 1);
    world.change("deployments", "web", [](Json& object) { object["spec"]["replicas"] = 1; });
    REQUIRE(world.until([&] { return world.list("pods").size() == 1; }));
    CHECK(name_of(world.list("pods")[0]) == first);
    world.change("deployments", "web", [](Json& object) { object["spec"]["replicas"] = 0; });
    REQUIRE(world.until([&] { return world.list("pods").empty(); }));
    CHECK(number(world.get("deployments", "web"), "replicas") == 0);
    CHECK(condition_is(world.get("deployments", "web"), "Available", "True"));
}

TEST_CASE("scaling in the middle of a stuck rollout shares the difference and loses no pod in service") {
    World world;
    world.put("deployments", deployment("web", "nginx:1.26", 4));
    REQUIRE(world.until([&] { return complete(world, "web", 4); }));
    world.change("deployments", "web", [](Json& object) { set_image(object, "nginx:9.9"); });
    world.time.advance(20'000);
    world.change("deployments", "web", [](Json& object) { object["spec"]["replicas"] = 8; });
    world.time.advance(20'000);
    std::int64_t total = 0;
    for (const Json& set : world.list("replicasets")) total += integer(set, {"spec", "replicas"});
    CHECK(total == 10);  // 8 and 25 %
    CHECK(world.ready_pods("web") >= 6);
}

TEST_CASE("Recreate ends all old pods before the first new one") {
    World world;
    Json object = deployment("web", "nginx:1.26", 3);
    object["spec"]["strategy"] = {{"type", "Recreate"}};
    world.put("deployments", object);
    REQUIRE(world.until([&] { return complete(world, "web", 3); }));
    world.change("deployments", "web", [](Json& changed) { set_image(changed, "nginx:1.27"); });
    bool mixed = false;
    REQUIRE(world.until([&] {
        std::set<std::string> images;
        for (const Json& each : world.list("pods")) images.insert(text(each["spec"]["containers"][0], {"image"}));
        mixed = mixed || images.size() > 1;
        return images == std::set<std::string>{"nginx:1.27"} && complete(world, "web", 3);
    }));
    CHECK_FALSE(mixed);
}

TEST_CASE("a paused deployment keeps its template back and still scales") {
    World world;
    world.put("deployments", deployment("web", "nginx:1.26", 2));
    REQUIRE(world.until([&] { return complete(world, "web", 2); }));
    world.change("deployments", "web", [](Json& object) {
        object["spec"]["paused"] = true;
        object["spec"]["replicas"] = 3;
        set_image(object, "nginx:1.27");
    });
    world.time.advance(20'000);
    CHECK(world.list("replicasets").size() == 1);
    CHECK(world.ready_pods("web") == 3);
    CHECK(text(*condition(world.get("deployments", "web"), "Progressing"), {"reason"}) == "DeploymentPaused");
    world.change("deployments", "web", [](Json& object) { object["spec"]["paused"] = false; });
    REQUIRE(world.until([&] { return world.list("replicasets").size() == 2 && complete(world, "web", 3); }));
}

TEST_CASE("old replica sets beyond revisionHistoryLimit go") {
    World world;
    Json object = deployment("web", "nginx:1.20", 1);
    object["spec"]["revisionHistoryLimit"] = 2;
    world.put("deployments", object);
    for (const char* image : {"nginx:1.21", "nginx:1.22", "nginx:1.23", "nginx:1.24"}) {
        REQUIRE(world.until([&] { return complete(world, "web", 1); }));
        world.change("deployments", "web", [&](Json& changed) { set_image(changed, image); });
        world.time.advance(100);
    }
    REQUIRE(world.until([&] { return complete(world, "web", 1); }));
    world.time.advance(10'000);
    CHECK(world.list("replicasets").size() == 3);
}

TEST_CASE("a replica set replaces a deleted pod, adopts a matching orphan and lets go of a relabelled pod") {
    World world;
    world.put("replicasets", workload("apps/v1", "ReplicaSet", "web", "nginx:1.27", 2));
    REQUIRE(world.until([&] { return world.ready_pods("web") == 2; }));
    const std::string victim = name_of(world.list("pods")[0]);
    world.end("pods", victim);
    REQUIRE(world.until([&] { return world.ready_pods("web") == 2 && world.get("pods", victim).is_null(); }));
    Json orphan = pod("stray", "nginx:1.27");
    orphan["metadata"]["labels"]["app"] = "web";
    world.put("pods", orphan);
    world.time.advance(5000);
    CHECK(world.get("pods", "stray").is_null());  // taken, and then one too many: the youngest
    const std::string kept = name_of(world.list("pods")[0]);
    world.change("pods", kept, [](Json& object) { object["metadata"]["labels"]["app"] = "debug"; });
    REQUIRE(world.until([&] { return world.ready_pods("web") == 2; }));
    CHECK(controllers::controller_of(world.get("pods", kept)) == nullptr);
    CHECK(world.list("pods").size() == 3);
}

TEST_CASE("minReadySeconds holds availability back") {
    World world;
    Json object = deployment("web", "nginx:1.27", 1);
    object["spec"]["minReadySeconds"] = 10;
    world.put("deployments", object);
    REQUIRE(world.until([&] { return world.ready_pods("web") == 1; }));
    world.time.advance(1000);
    CHECK(number(world.get("deployments", "web"), "availableReplicas") == 0);
    world.time.advance(11'000);
    CHECK(number(world.get("deployments", "web"), "availableReplicas") == 1);
}

TEST_CASE("an idle cluster has nothing scheduled but the end of its events") {
    World world;
    world.put("deployments", deployment("web", "nginx:1.27", 3));
    REQUIRE(world.until([&] { return complete(world, "web", 3); }));
    world.time.advance(60'000);
    const std::uint64_t version = world.store.resource_version();
    CHECK(world.time.pending() <= 1);
    world.time.advance(30 * 60 * 1000);
    CHECK(world.store.resource_version() == version);
    world.time.advance(2 * 3600 * 1000);
    CHECK(world.list("events").empty());
    CHECK(world.time.pending() == 0);
}
