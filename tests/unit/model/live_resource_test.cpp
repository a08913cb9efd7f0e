#include "model/live_resource.hpp"

#include <catch2/catch_test_macros.hpp>

#include "feeds_rig.hpp"

using namespace model;
using namespace model::testing;

namespace {

Json update(Json status) { return {{"resource_id", "p1"}, {"type", "Pod"}, {"status", std::move(status)}}; }

struct Rig : FeedsRig {
    LiveResource status{context};
};

}  // namespace

TEST_CASE("a resource that is followed says how it fares, without an envelope") {
    Rig rig;
    rig.status.follow("p1");
    rig.status.follow("p1");
    rig.pass();
    CHECK(rig.hub.count("GET /resources/p1/stream") == 1);
    CHECK(rig.status.state().live);
    CHECK(resource_words(rig.status.state()).empty());
    rig.hub.send("metadata", {{"id", "p1"}, {"name", "web-0"}, {"namespace", "shop"}, {"type", "Pod"}, {"status", {{"state", "pending"}, {"reason", "ContainerCreating"}, {"restarts", 0}}}, {"spec", Json::object()}});
    rig.pass();
    CHECK(rig.status.state().name == "web-0");
    CHECK(resource_words(rig.status.state()) == "ContainerCreating");
    rig.topics = 0;
    rig.hub.send("status_update", update({{"state", "failed"}, {"reason", "CrashLoopBackOff"}, {"restarts", 4}, {"ready", false}, {"message", "back-off"}}));
    rig.pass();
    CHECK(rig.topics == kTopicLogs);
    CHECK(resource_words(rig.status.state()) == "CrashLoopBackOff, 4 restarts");
    CHECK(rig.status.state().message == "back-off");
    rig.hub.send("status_update", update({{"state", "running"}, {"replicas", 3}, {"readyReplicas", 2}}));
    rig.pass();
    CHECK(resource_words(rig.status.state()) == "2 of 3 ready");
}

TEST_CASE("a resource that comes back after a cut, is deleted, or is left") {
    Rig rig;
    rig.status.follow("p1");
    rig.pass();
    rig.hub.stream->abort();
    rig.pass(20'000);
    CHECK(rig.hub.count("GET /resources/p1/stream") == 2);
    rig.hub.send("status_update", update({{"state", "deleted"}, {"message", "Pod was deleted"}}));
    rig.pass(60'000);
    CHECK(resource_words(rig.status.state()) == "Deleted");
    CHECK(rig.hub.count("GET /resources/p1/stream") == 2);
    rig.status.follow("p2");
    rig.pass();
    CHECK(rig.status.state().word.empty());
    rig.status.clear();
    rig.pass();
    CHECK(rig.status.state() == LiveResourceState{});
    CHECK(rig.hub.stream->closed());
}
