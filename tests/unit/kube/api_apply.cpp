#include "api_rig.hpp"

using namespace kube::test;

namespace {

Json applied_map(Json data) {
    return Json{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "a"}}}, {"data", std::move(data)}};
}

const Json* manager(const Json& object, const std::string& name, const std::string& operation = "Apply") {
    for (const Json& entry : object["metadata"]["managedFields"]) {
        if (entry["manager"] == name && entry["operation"] == operation) return &entry;
    }
    return nullptr;
}

std::string as(const char* who) { return std::string("?fieldManager=") + who; }

}  // namespace

TEST_CASE("apply creates, then changes, then removes what is left out") {
    ApiRig rig;
    const Answer made = rig.apply(kConfigMaps + "/a" + as("one"), applied_map({{"x", "1"}, {"y", "1"}}));
    CHECK(made.status == 201);
    REQUIRE(manager(made.body, "one"));
    CHECK((*manager(made.body, "one"))["fieldsV1"] == Json::parse(R"({"f:data":{"f:x":{},"f:y":{}}})"));
    CHECK((*manager(made.body, "one"))["fieldsType"] == "FieldsV1");
    const Answer changed = rig.apply(kConfigMaps + "/a" + as("one"), applied_map({{"x", "2"}}));
    CHECK(changed.status == 200);
    CHECK(changed.body["data"] == Json{{"x", "2"}});
}

TEST_CASE("applying the same again changes nothing, not even the version") {
    ApiRig rig;
    Json config = deployment("web");
    rig.apply(kDeployments + "/web" + as("one"), config);
    const auto version = rig.store.resource_version();
    rig.time.advance(60'000);
    CHECK(rig.apply(kDeployments + "/web" + as("one"), config).status == 200);
    CHECK(rig.store.resource_version() == version);

    Json set{{"apiVersion", "apps/v1"}, {"kind", "StatefulSet"}, {"metadata", {{"name", "db"}}}, {"spec", deployment("db")["spec"]}};
    set["spec"]["serviceName"] = "db";
    set["spec"]["volumeClaimTemplates"] = Json::parse(R"([{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}])");
    const std::string path = "/apis/apps/v1/namespaces/default/statefulsets/db?force=true&fieldManager=one";
    CHECK(rig.apply(path, set).status == 201);
    const auto after = rig.store.resource_version();
    rig.time.advance(60'000);
    CHECK(rig.apply(path, set).status == 200);
    CHECK(rig.store.resource_version() == after);
}

TEST_CASE("changing another manager's field is a conflict that names both, unless forced") {
    ApiRig rig;
    rig.apply(kConfigMaps + "/a" + as("one"), applied_map({{"x", "1"}, {"y", "1"}}));
    const Answer refused = rig.apply(kConfigMaps + "/a" + as("two"), applied_map({{"x", "2"}}));
    CHECK(refused.status == 409);
    CHECK(refused.reason() == "Conflict");
    CHECK(refused.message() == "Apply failed with 1 conflict: conflict with \"one\" using v1: .data.x");
    CHECK(refused.body["details"]["causes"] == Json::parse(R"([{"reason":"FieldManagerConflict","message":"conflict with \"one\" using v1","field":".data.x"}])"));
    const Answer both = rig.apply(kConfigMaps + "/a" + as("two"), applied_map({{"x", "2"}, {"y", "2"}}));
    CHECK(both.message() == "Apply failed with 2 conflicts: conflicts with \"one\" using v1:\n- .data.x\n- .data.y");

    const Answer forced = rig.apply(kConfigMaps + "/a" + as("two") + "&force=true", applied_map({{"x", "2"}}));
    CHECK(forced.status == 200);
    CHECK(forced.body["data"] == Json{{"x", "2"}, {"y", "1"}});
    CHECK((*manager(forced.body, "one"))["fieldsV1"] == Json::parse(R"({"f:data":{"f:y":{}}})"));
    CHECK((*manager(forced.body, "two"))["fieldsV1"] == Json::parse(R"({"f:data":{"f:x":{}}})"));
}

TEST_CASE("a field that two managers set to the same value stays until both let go") {
    ApiRig rig;
    rig.apply(kConfigMaps + "/a" + as("one"), applied_map({{"x", "1"}}));
    CHECK(rig.apply(kConfigMaps + "/a" + as("two"), applied_map({{"x", "1"}, {"z", "1"}})).status == 200);
    CHECK(rig.apply(kConfigMaps + "/a" + as("one"), applied_map({{"w", "1"}})).body["data"] == Json{{"w", "1"}, {"x", "1"}, {"z", "1"}});
    CHECK(rig.apply(kConfigMaps + "/a" + as("two"), applied_map({{"z", "1"}})).body["data"] == Json{{"w", "1"}, {"z", "1"}});
}

TEST_CASE("items of lists are owned by key, and a patched field by who patched it") {
    ApiRig rig;
    rig.apply(kDeployments + "/web" + as("one"), deployment("web"));
    rig.patch(kDeployments + "/web?fieldManager=editor", Json::parse(R"({"spec":{"template":{"spec":{"containers":[{"name":"side","image":"s:1"}]}}}})"),
              "application/strategic-merge-patch+json");
    // one knows nothing of the sidecar: it stays.
    const Json again = rig.apply(kDeployments + "/web" + as("one"), deployment("web", 4)).body;
    CHECK(again["spec"]["template"]["spec"]["containers"].size() == 2);
    CHECK(again["spec"]["replicas"] == 4);
    const Json fields = (*manager(again, "one"))["fieldsV1"];
    CHECK(fields["f:spec"]["f:template"]["f:spec"]["f:containers"] ==
          Json::parse(R"({"k:{\"name\":\"app\"}":{".":{},"f:image":{},"f:name":{}}})"));
    CHECK(fields["f:spec"]["f:selector"] == Json::object());

    rig.patch(kDeployments + "/web/scale?fieldManager=scaler", Json::parse(R"({"spec":{"replicas":9}})"));
    const Answer refused = rig.apply(kDeployments + "/web" + as("one"), deployment("web", 4));
    CHECK(refused.status == 409);
    CHECK(refused.message().find("conflict with \"scaler\" with subresource \"scale\" using apps/v1 at 2026-01-01T00:00:00Z: .spec.replicas") != std::string::npos);
    // Not mentioning replicas leaves them to the scaler.
    Json without = deployment("web");
    without["spec"].erase("replicas");
    CHECK(rig.apply(kDeployments + "/web" + as("one"), without).body["spec"]["replicas"] == 9);

    const Json dropped = rig.apply(kDeployments + "/web" + as("two") + "&force=true", Json::parse(R"({"apiVersion":"apps/v1","kind":"Deployment",
        "spec":{"template":{"spec":{"containers":[{"name":"extra","image":"e:1"}]}}}})")).body;
    CHECK(dropped["spec"]["template"]["spec"]["containers"].size() == 3);
    CHECK(rig.apply(kDeployments + "/web" + as("two"), Json::parse(R"({"apiVersion":"apps/v1","kind":"Deployment"})"))
              .body["spec"]["template"]["spec"]["containers"].size() == 2);
}

TEST_CASE("apply needs a manager, a sound document and no managedFields") {
    ApiRig rig;
    const Answer nobody = rig.apply(kConfigMaps + "/a", applied_map({{"x", "1"}}));
    CHECK(nobody.status == 422);
    CHECK(nobody.message() == "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
    Json managed = applied_map({{"x", "1"}});
    managed["metadata"]["managedFields"] = Json::array({Json::object()});
    CHECK(rig.apply(kConfigMaps + "/a" + as("one"), managed).status == 400);
    CHECK(rig.apply(kConfigMaps + "/b" + as("one"), applied_map({{"x", "1"}})).status == 400);
    CHECK(rig.patch(kConfigMaps + "/a?force=true", Json::object()).status == 422);
    const Answer yaml = rig.send("PATCH", kConfigMaps + "/a" + as("one"), "data:\n  x: '1'\n", {{"Content-Type", "application/apply-patch+yaml"}});
    CHECK(yaml.status == 415);
    Json twice = deployment("web");
    twice["spec"]["template"]["spec"]["containers"].push_back(Json{{"name", "app"}, {"image", "z"}});
    CHECK(rig.apply(kDeployments + "/web" + as("one"), twice).status == 400);
    twice["spec"]["template"]["spec"]["containers"][1].erase("name");
    CHECK(rig.apply(kDeployments + "/web" + as("one"), twice).message().find("omits key field \"name\"") != std::string::npos);
}
