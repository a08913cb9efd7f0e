// What a run would need and do, against the cluster in memory.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "hub/run_plan_routes.hpp"
#include "hub_rig.hpp"
#include "kube/cluster.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

struct PlanRig {
    std::shared_ptr<base::testing::VirtualScheduler> owner = std::make_shared<base::testing::VirtualScheduler>();
    base::testing::SeededRandom random{3};
    kube::Cluster cluster{{.scheduler = *owner, .random = random}, {}};
    HubRig rig{owner, cluster.api(), AuthMode::none, {}};
    std::string id;

    explicit PlanRig(Json nodes) { id = rig.create_workflow("w", std::move(nodes), Json::array()); }
    Answer run(Json trigger = Json::object()) { return rig.call("POST", "/workflows/" + id + "/run", {{"trigger_data", std::move(trigger)}}); }
    Json plan() {
        const Answer answer = rig.call("POST", "/workflows/" + id + "/dry-run");
        INFO(dump_json(answer.body));
        REQUIRE(answer.status == 200);
        return answer.body["nodes"];
    }
    Json of(const Json& plan, const std::string& node_id) {
        const auto found = std::find_if(plan.begin(), plan.end(), [&](const Json& entry) { return text_at(entry, "node_id") == node_id; });
        return found == plan.end() ? Json::object() : *found;
    }
    void set_nodes(Json nodes) { REQUIRE(rig.call("PUT", "/workflows/" + id, {{"nodes", std::move(nodes)}, {"edges", Json::array()}}).status == 200); }
};

Json web(const std::string& image, int replicas = 1) { return node("d", "deployment", {{"name", "web"}, {"image", image}, {"replicas", replicas}}); }
Json secret() { return node("s", "secret", {{"name", "db"}, {"keys", Json::array({{{"id", "k1"}, {"name", "password"}}, {{"id", "k2"}, {"name", "salt"}, {"generate", true}}})}}); }

}  // namespace

TEST_CASE("a dry run says what would be made, changed, left and deleted, and does none of it") {
    PlanRig rig(Json::array({web("nginx:1.27"), node("c", "configmap", {{"name", "settings"}}), node("old", "configmap", {{"name", "old"}})}));
    const Json first = rig.plan();
    CHECK(text_at(rig.of(first, "d"), "action") == "create");
    CHECK(text_at(rig.of(first, "d"), "object") == "Deployment web");
    CHECK(text_at(rig.of(rig.plan(), "d"), "action") == "create");  // still
    REQUIRE(rig.run().status == 200);
    rig.owner->advance(20'000);
    CHECK(text_at(rig.of(rig.plan(), "d"), "action") == "unchanged");
    rig.set_nodes(Json::array({web("nginx:1.28", 3), node("c", "configmap", {{"name", "settings"}})}));
    const Json second = rig.plan();
    const Json changed = rig.of(second, "d");
    CHECK(text_at(changed, "action") == "change");
    const auto has = [&](const std::string& path) { return std::any_of(changed["changes"].begin(), changed["changes"].end(), [&](const Json& change) { return text_at(change, "path") == path; }); };
    CHECK(has("spec.replicas"));
    CHECK(has("spec.template.spec.containers[0].image"));
    for (const Json& change : changed["changes"]) {
        CHECK_FALSE(text_at(change, "path").starts_with("status"));
        CHECK_FALSE(text_at(change, "path").starts_with("metadata.managedFields"));
    }
    CHECK(text_at(rig.of(second, "c"), "action") == "unchanged");
    CHECK(text_at(rig.of(second, "old"), "action") == "delete");
    CHECK(text_at(rig.of(rig.plan(), "d"), "action") == "change");  // nothing was done
}

TEST_CASE("a run says which keys want a value, and no longer once the cluster has one") {
    PlanRig rig(Json::array({secret()}));
    const Answer before = rig.rig.call("GET", "/workflows/" + rig.id + "/inputs");
    REQUIRE(before.body["inputs"].size() == 2);
    CHECK(text_at(before.body["inputs"][0], "key") == "password");
    CHECK(text_at(before.body["inputs"][0], "kind") == "secret");
    CHECK_FALSE(flag_at(before.body["inputs"][0], "kept"));
    CHECK(flag_at(before.body["inputs"][1], "generate"));
    REQUIRE(rig.run({{"secrets", {{"s", {{"password", "hunter2"}}}}}}).status == 200);
    const Answer after = rig.rig.call("GET", "/workflows/" + rig.id + "/inputs");
    CHECK(flag_at(after.body["inputs"][0], "kept"));
    CHECK(dump_json(after.body).find("hunter2") == std::string::npos);
    CHECK(dump_json(rig.plan()).find("hunter2") == std::string::npos);
}

TEST_CASE("the changes of an object leave out bookkeeping, hide a Secret's values and are capped") {
    const Json before = {{"kind", "Secret"}, {"metadata", {{"resourceVersion", "1"}, {"labels", {{"a", "1"}}}}}, {"data", {{"password", "b2xk"}}}, {"status", {{"x", 1}}}};
    const Json after = {{"kind", "Secret"}, {"metadata", {{"resourceVersion", "2"}, {"labels", {{"a", "2"}}}}}, {"data", {{"password", "bmV3"}, {"more", "eA=="}}}, {"status", {{"x", 2}}}};
    const Json changes = changes_of_object(before, after);
    REQUIRE(changes.size() == 3);
    CHECK(text_at(changes[0], "path") == "data.password");
    CHECK(dump_json(changes).find("bmV3") == std::string::npos);
    CHECK(dump_json(changes).find("b2xk") == std::string::npos);
    Json many = {{"spec", Json::object()}};
    for (int i = 0; i < 300; ++i) many["spec"]["k" + std::to_string(i)] = i;
    const Json capped = changes_of_object({{"spec", Json::object()}}, many, 100);
    CHECK(capped.size() == 101);
    CHECK(text_at(capped.back(), "to") == "200 more");
}
