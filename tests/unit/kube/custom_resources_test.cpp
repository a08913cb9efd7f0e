// CustomResourceDefinitions as a feature of the API server: routes, discovery, columns, schema, subresources, the end of a definition.
#include <functional>

#include "api_rig.hpp"
#include "kube/sample_resources.hpp"

namespace kube::test {
namespace {

const std::string kCrds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const std::string kShips = "/apis/fleet.example.com/v1/namespaces/default/ships";

Json ships() {
    return Json::parse(R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"ships.fleet.example.com"},
      "spec":{"group":"fleet.example.com","scope":"Namespaced","names":{"plural":"ships","singular":"ship","kind":"Ship","shortNames":["sh"],"categories":["fleet"]},
      "versions":[{"name":"v1","served":true,"storage":true,
        "subresources":{"status":{},"scale":{"specReplicasPath":".spec.crew","statusReplicasPath":".status.aboard","labelSelectorPath":".status.selector"}},
        "additionalPrinterColumns":[{"name":"Port","type":"string","jsonPath":".spec.port"},{"name":"Crew","type":"integer","jsonPath":".spec.crew"},
          {"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"},{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp","priority":1}],
        "schema":{"openAPIV3Schema":{"type":"object","required":["spec"],"properties":{
          "spec":{"type":"object","required":["port"],"properties":{"port":{"type":"string","minLength":2,"maxLength":10},"crew":{"type":"integer","minimum":1,"maximum":50,"default":4},
            "flag":{"type":"string","enum":["red","blue"]},"depth":{"x-kubernetes-int-or-string":true},"ratio":{"type":"number","exclusiveMaximum":true,"maximum":1},
            "cargo":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"tons":{"type":"integer"}}}},
            "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"},"maxItems":3},
            "notes":{"type":"object","additionalProperties":{"type":"string"}},"raw":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}},
          "status":{"type":"object","properties":{"aboard":{"type":"integer"},"selector":{"type":"string"},"conditions":{"type":"array","items":{"type":"object","properties":{"type":{"type":"string"},"status":{"type":"string"}}}}}}}}}}]}})");
}

Json ship(const std::string& name, Json spec = {{"port", "Kiel"}}) {
    return Json{{"apiVersion", "fleet.example.com/v1"}, {"kind", "Ship"}, {"metadata", {{"name", name}}}, {"spec", std::move(spec)}};
}

struct ShipRig : ApiRig {
    ShipRig() {
        ok("POST", kCrds, ships());
        time.run_ready();
    }
    // The causes of a refusal, "field: message" each on a line.
    std::string refused(Json spec) {
        const Answer answer = call("POST", kShips, ship("bad", std::move(spec)));
        if (answer.status != 422) return "status " + std::to_string(answer.status);
        std::string out;
        for (const Json& cause : answer.body["details"]["causes"]) out += cause.value("field", "") + ": " + cause.value("message", "") + "\n";
        return out;
    }
};

std::string condition(const Json& definition, const std::string& type) {
    for (const Json& each : definition["status"]["conditions"]) {
        if (each["type"] == type) return each.value("status", "") + " " + each.value("reason", "");
    }
    return "absent";
}

TEST_CASE("a definition is established and then its kind is served") {
    ApiRig rig;
    CHECK(rig.call("GET", kShips).status == 404);
    rig.ok("POST", kCrds, ships());
    rig.time.run_ready();
    const Json definition = rig.ok("GET", kCrds + "/ships.fleet.example.com");
    CHECK(condition(definition, "Established") == "True InitialNamesAccepted");
    CHECK(condition(definition, "NamesAccepted") == "True NoConflicts");
    CHECK(definition["status"]["acceptedNames"]["listKind"] == "ShipList");
    CHECK(definition["status"]["storedVersions"] == Json::array({"v1"}));

    const Json list = rig.ok("GET", kShips);
    CHECK(list["kind"] == "ShipList");
    CHECK(list["apiVersion"] == "fleet.example.com/v1");
    const Json made = rig.ok("POST", kShips, ship("anna"));
    CHECK(made["spec"]["crew"] == 4);  // the default of the schema
    CHECK(made["metadata"]["generation"] == 1);
    CHECK(rig.ok("GET", kShips)["items"].size() == 1);
    CHECK(rig.ok("GET", kShips + "/anna")["kind"] == "Ship");
    CHECK(rig.ok("GET", "/apis/fleet.example.com/v1/ships")["items"].size() == 1);  // all namespaces
}

TEST_CASE("discovery tells of custom kinds") {
    ShipRig rig;
    bool group = false;
    for (const Json& each : rig.ok("GET", "/apis")["groups"]) group = group || each["name"] == "fleet.example.com";
    CHECK(group);
    CHECK(rig.ok("GET", "/apis/fleet.example.com")["preferredVersion"]["groupVersion"] == "fleet.example.com/v1");
    const Json resources = rig.ok("GET", "/apis/fleet.example.com/v1")["resources"];
    REQUIRE(resources.size() == 3);
    CHECK(resources[0]["name"] == "ships");
    CHECK(resources[0]["singularName"] == "ship");
    CHECK(resources[0]["shortNames"] == Json::array({"sh"}));
    CHECK(resources[0]["categories"] == Json::array({"fleet"}));
    CHECK(resources[1]["name"] == "ships/status");
    CHECK(resources[2]["name"] == "ships/scale");
}

TEST_CASE("additionalPrinterColumns are the columns of the table") {
    ShipRig rig;
    rig.ok("POST", kShips, ship("anna", {{"port", "Kiel"}, {"crew", 7}}));
    rig.ok("PUT", kShips + "/anna/status", [&] {
        Json next = rig.ok("GET", kShips + "/anna");
        next["status"] = Json{{"conditions", Json::array({Json{{"type", "Ready"}, {"status", "True"}}})}};
        return next;
    }());
    rig.time.advance(5 * 60'000);
    const Json table = rig.ok("GET", kShips, nullptr, {{"Accept", kTable}});
    std::string names;
    for (const Json& column : table["columnDefinitions"]) names += column.value("name", "") + " ";
    CHECK(names == "Name Port Crew Ready Age ");
    CHECK(table["columnDefinitions"][4]["priority"] == 1);
    CHECK(table["columnDefinitions"][4]["type"] == "date");
    CHECK(table["rows"][0]["cells"] == Json::array({"anna", "Kiel", 7, "True", "5m"}));
    rig.ok("POST", kShips, ship("berta"));
    CHECK(rig.ok("GET", kShips + "/berta", nullptr, {{"Accept", kTable}})["rows"][0]["cells"][3].is_null());
}

TEST_CASE("an object that breaks its schema is refused with every field") {
    ShipRig rig;
    CHECK(rig.refused(Json::object()) == "spec.port: Required value\n");
    CHECK(rig.refused({{"port", 7}}) == "spec.port: Invalid value: \"integer\": spec.port in body must be of type string: \"integer\"\n");
    CHECK(rig.refused({{"port", "x"}}) == "spec.port: Invalid value: \"x\": spec.port in body should be at least 2 chars long\n");
    CHECK(rig.refused({{"port", "a much too long port"}}) == "spec.port: Too long: may not be more than 10 bytes\n");
    CHECK(rig.refused({{"port", "Kiel"}, {"crew", 0}}) == "spec.crew: Invalid value: 0: spec.crew in body should be greater than or equal to 1\n");
    CHECK(rig.refused({{"port", "Kiel"}, {"crew", 99}}) == "spec.crew: Invalid value: 99: spec.crew in body should be less than or equal to 50\n");
    CHECK(rig.refused({{"port", "Kiel"}, {"ratio", 1}}) == "spec.ratio: Invalid value: 1: spec.ratio in body should be less than 1\n");
    CHECK(rig.refused({{"port", "Kiel"}, {"flag", "green"}}) == "spec.flag: Unsupported value: \"green\": supported values: \"red\", \"blue\"\n");
    CHECK(rig.refused({{"port", "Kiel"}, {"depth", true}}) == "spec.depth: Invalid value: \"boolean\": spec.depth in body must be of type integer,string: \"boolean\"\n");
    CHECK(rig.refused({{"port", "Kiel"}, {"notes", {{"a", 1}}}}) == "spec.notes.a: Invalid value: \"integer\": spec.notes.a in body must be of type string: \"integer\"\n");
    CHECK(rig.refused({{"port", "Kiel"}, {"cargo", Json::array({Json{{"tons", 1}}})}}) == "spec.cargo[0].name: Required value\n");
    CHECK(rig.refused({{"port", "Kiel"}, {"cargo", Json::array({Json{{"name", "a"}}, Json{{"name", "a"}}})}}) == "spec.cargo[1]: Duplicate value: {\"name\":\"a\"}\n");
    CHECK(rig.refused({{"port", "Kiel"}, {"tags", {"a", "a"}}}) == "spec.tags[1]: Duplicate value: \"a\"\n");
    CHECK(rig.refused({{"port", "Kiel"}, {"tags", {"a", "b", "c", "d"}}}) == "spec.tags: Invalid value: 4: spec.tags in body should have at most 3 items\n");
    CHECK(rig.call("POST", kShips, ship("both", {{"port", 1}, {"crew", "many"}})).body["details"]["causes"].size() == 2);
    CHECK(rig.call("POST", kShips, [] {
        Json broken = ship("labels");
        broken["metadata"]["labels"] = Json{{"a", 1}};
        return broken;
    }()).status == 400);
}

TEST_CASE("what the schema does not name is dropped, unless it says to keep it") {
    ShipRig rig;
    Json wanted = ship("anna", {{"port", "Kiel"}, {"unknown", 1}, {"raw", {{"any", {{"thing", true}}}}}, {"notes", {{"free", "text"}}}});
    wanted["extra"] = 1;
    const Json made = rig.ok("POST", kShips, wanted);
    CHECK_FALSE(made.contains("extra"));
    CHECK_FALSE(made["spec"].contains("unknown"));
    CHECK(made["spec"]["raw"]["any"]["thing"] == true);
    CHECK(made["spec"]["notes"]["free"] == "text");
}

TEST_CASE("the status of a custom object is written through its subresource only, and checked there") {
    ShipRig rig;
    Json wanted = ship("anna");
    wanted["status"] = Json{{"aboard", 3}};
    CHECK_FALSE(rig.ok("POST", kShips, wanted).contains("status"));
    CHECK(rig.patch(kShips + "/anna", Json{{"status", {{"aboard", 3}}}}).body.contains("status") == false);
    const Answer written = rig.patch(kShips + "/anna/status", Json{{"status", {{"aboard", 3}}}, {"spec", {{"port", "Bremen"}}}});
    CHECK(written.status == 200);
    CHECK(written.body["status"]["aboard"] == 3);
    CHECK(written.body["spec"]["port"] == "Kiel");
    CHECK(written.body["metadata"]["generation"] == 1);
    CHECK(rig.patch(kShips + "/anna/status", Json{{"status", {{"aboard", "all"}}}}).status == 422);
    CHECK(rig.patch(kShips + "/anna", Json{{"spec", {{"port", "Bremen"}}}}).body["metadata"]["generation"] == 2);
}

TEST_CASE("scale reads and writes the paths of the definition") {
    ShipRig rig;
    rig.ok("POST", kShips, ship("anna"));
    rig.patch(kShips + "/anna/status", Json{{"status", {{"aboard", 3}, {"selector", "ship=anna"}}}});
    const Json scale = rig.ok("GET", kShips + "/anna/scale");
    CHECK(scale["spec"]["replicas"] == 4);
    CHECK(scale["status"]["replicas"] == 3);
    CHECK(scale["status"]["selector"] == "ship=anna");
    CHECK(rig.patch(kShips + "/anna/scale", Json{{"spec", {{"replicas", 9}}}}).status == 200);
    CHECK(rig.ok("GET", kShips + "/anna")["spec"]["crew"] == 9);
    CHECK(rig.patch(kShips + "/anna/scale", Json{{"spec", {{"replicas", 99}}}}).status == 422);  // the schema's maximum
}

TEST_CASE("server-side apply merges the lists of a custom kind by the keys of its schema") {
    ShipRig rig;
    const auto with_cargo = [](const char* name, int tons) { return ship("anna", {{"port", "Kiel"}, {"cargo", Json::array({Json{{"name", name}, {"tons", tons}}})}}); };
    const Answer made = rig.apply(kShips + "/anna?fieldManager=one", with_cargo("salt", 5));
    CHECK(made.status == 201);
    CHECK(rig.apply(kShips + "/anna?fieldManager=two", with_cargo("tea", 1)).body["spec"]["cargo"].size() == 2);
    const Answer conflict = rig.apply(kShips + "/anna?fieldManager=two", with_cargo("salt", 6));
    CHECK(conflict.status == 409);
    CHECK(conflict.message().find(".spec.cargo[name=\"salt\"].tons") != std::string::npos);
    CHECK(conflict.message().find("conflict with \"one\"") != std::string::npos);
    CHECK(rig.apply(kShips + "/anna?fieldManager=two&force=true", with_cargo("salt", 6)).status == 200);
}

TEST_CASE("a custom kind takes merge patches and no strategic ones") {
    ShipRig rig;
    rig.ok("POST", kShips, ship("anna"));
    CHECK(rig.patch(kShips + "/anna", Json{{"spec", {{"port", "Bremen"}}}}, "application/strategic-merge-patch+json").status == 415);
    CHECK(rig.patch(kShips + "/anna", Json{{"spec", {{"port", "Bremen"}}}}).body["spec"]["port"] == "Bremen");
}

TEST_CASE("versions share their objects and say the version that was asked for") {
    ApiRig rig;
    Json two = ships();
    Json old = two["spec"]["versions"][0];
    old["name"] = "v1beta1";
    old["storage"] = false;
    old.erase("additionalPrinterColumns");
    two["spec"]["versions"].insert(two["spec"]["versions"].begin(), old);
    rig.ok("POST", kCrds, two);
    rig.time.run_ready();
    rig.ok("POST", kShips, ship("anna"));
    const std::string kOld = "/apis/fleet.example.com/v1beta1/namespaces/default/ships";
    CHECK(rig.ok("GET", kOld + "/anna")["apiVersion"] == "fleet.example.com/v1beta1");
    CHECK(rig.ok("GET", kShips + "/anna")["apiVersion"] == "fleet.example.com/v1");
    CHECK(rig.ok("GET", "/apis/fleet.example.com")["preferredVersion"]["version"] == "v1");
    const Json table = rig.ok("GET", kOld, nullptr, {{"Accept", kTable}});
    CHECK(table["columnDefinitions"].size() == 2);  // Name and Age when the version names no columns
}

TEST_CASE("a definition that is wrong is refused with every field") {
    const auto refused = [](const std::function<void(Json&)>& change) {
        ApiRig rig;
        Json definition = ships();
        change(definition);
        const Answer answer = rig.call("POST", kCrds, definition);
        INFO(answer.text);
        CHECK(answer.status == 422);
        return answer.message();
    };
    CHECK(refused([](Json& d) { d["metadata"]["name"] = "boats.fleet.example.com"; }).find("must be spec.names.plural") != std::string::npos);
    CHECK(refused([](Json& d) { d["spec"]["scope"] = "Global"; }).find("Unsupported value: \"Global\"") != std::string::npos);
    CHECK(refused([](Json& d) { d["spec"]["group"] = "fleet"; d["metadata"]["name"] = "ships.fleet"; }).find("at least one dot") != std::string::npos);
    CHECK(refused([](Json& d) { d["spec"]["versions"][0]["storage"] = false; }).find("exactly one version") != std::string::npos);
    CHECK(refused([](Json& d) { d["spec"]["versions"][0].erase("schema"); }).find("schemas are required") != std::string::npos);
    CHECK(refused([](Json& d) { d["spec"]["versions"] = Json::array(); }).find("at least one version") != std::string::npos);
    CHECK(refused([](Json& d) { d["spec"]["names"]["kind"] = "a b"; }).find("spec.names.kind") != std::string::npos);
    CHECK(refused([](Json& d) { d["spec"]["versions"][0]["additionalPrinterColumns"][0]["jsonPath"] = "spec["; }).find("invalid json path") != std::string::npos);
    CHECK(refused([](Json& d) { d["spec"]["versions"][0]["additionalPrinterColumns"][0]["type"] = "colour"; }).find("must be one of") != std::string::npos);
    CHECK(refused([](Json& d) { d["spec"]["versions"][0]["subresources"]["scale"]["specReplicasPath"] = ".status.x"; }).find("json path under .spec") != std::string::npos);
    const auto schema = [&](const char* json) {
        return refused([&](Json& d) { d["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = Json::parse(json); });
    };
    CHECK(schema(R"({"type":"string"})").find("must be object at the root") != std::string::npos);
    CHECK(schema(R"({"type":"object","properties":{"spec":{}}})").find("properties[spec].type: Required value") != std::string::npos);
    CHECK(schema(R"({"type":"object","properties":{"spec":{"type":"array"}}})").find("properties[spec].items: Required value") != std::string::npos);
    CHECK(schema(R"({"type":"object","properties":{"spec":{"type":"text"}}})").find("Unsupported value: \"text\"") != std::string::npos);
    CHECK(schema(R"({"type":"object","properties":{"spec":{"type":"array","items":{"type":"object"},"x-kubernetes-list-type":"map"}}})").find("x-kubernetes-list-map-keys") != std::string::npos);
}

TEST_CASE("two definitions cannot have the same names in one group") {
    ShipRig rig;
    Json second = ships();
    second["metadata"]["name"] = "vessels.fleet.example.com";
    second["spec"]["names"]["plural"] = "vessels";
    rig.ok("POST", kCrds, second);
    rig.time.run_ready();
    const Json definition = rig.ok("GET", kCrds + "/vessels.fleet.example.com");
    CHECK(condition(definition, "NamesAccepted") == "False NamesConflict");
    CHECK(condition(definition, "Established") == "False NotAccepted");
    CHECK(rig.call("GET", "/apis/fleet.example.com/v1/vessels").status == 404);
    CHECK(rig.ok("GET", kShips)["kind"] == "ShipList");
}

TEST_CASE("a definition's group, scope and kind never change; its schema may") {
    ShipRig rig;
    CHECK(rig.patch(kCrds + "/ships.fleet.example.com", Json{{"spec", {{"scope", "Cluster"}}}}).status == 422);
    CHECK(rig.patch(kCrds + "/ships.fleet.example.com", Json{{"spec", {{"names", {{"kind", "Boat"}}}}}}).status == 422);
    Json next = rig.ok("GET", kCrds + "/ships.fleet.example.com");
    next["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["sails"] = Json{{"type", "integer"}};
    rig.ok("PUT", kCrds + "/ships.fleet.example.com", next);
    rig.time.run_ready();
    CHECK(rig.ok("POST", kShips, ship("anna", {{"port", "Kiel"}, {"sails", 3}}))["spec"]["sails"] == 3);
}

TEST_CASE("a deleted definition takes its objects along and ends their watches") {
    ShipRig rig;
    rig.ok("POST", kShips, ship("anna"));
    Json held = ship("berta");
    held["metadata"]["finalizers"] = Json::array({"fleet.example.com/dock"});
    rig.ok("POST", kShips, held);
    const Watched watch = rig.watch("/apis/fleet.example.com/v1/ships?watch=1&resourceVersion=" + std::to_string(rig.store.resource_version()));
    rig.ok("DELETE", kCrds + "/ships.fleet.example.com");
    rig.time.run_ready();
    CHECK(watch->summary() == "DELETED anna, MODIFIED berta");
    CHECK(rig.ok("GET", kCrds + "/ships.fleet.example.com")["metadata"].contains("deletionTimestamp"));  // waits for berta
    CHECK(rig.patch(kShips + "/berta", Json{{"metadata", {{"finalizers", nullptr}}}}).status == 200);
    rig.time.run_ready();
    CHECK(watch->summary() == "DELETED anna, MODIFIED berta, DELETED berta");
    CHECK(watch->ended);
    CHECK(rig.call("GET", kCrds + "/ships.fleet.example.com").status == 404);
    CHECK(rig.call("GET", kShips).status == 404);
    CHECK(rig.server.open_watches() == 0);
}

TEST_CASE("custom kinds watch, page and select like any other") {
    ShipRig rig;
    for (const char* name : {"anna", "berta", "clara"}) {
        Json one = ship(name);
        one["metadata"]["labels"] = Json{{"yard", std::string(name) == "berta" ? "south" : "north"}};
        rig.ok("POST", kShips, one);
    }
    CHECK(rig.ok("GET", kShips + "?labelSelector=yard%3Dnorth")["items"].size() == 2);
    CHECK(rig.ok("GET", kShips + "?fieldSelector=metadata.name%3Danna")["items"].size() == 1);
    const Json page = rig.ok("GET", kShips + "?limit=2");
    CHECK(page["items"].size() == 2);
    CHECK(rig.ok("GET", kShips + "?limit=2&continue=" + page["metadata"].value("continue", ""))["items"].size() == 1);
    const Watched watch = rig.watch(kShips + "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
    CHECK(watch->summary() == "ADDED anna, ADDED berta, ADDED clara, BOOKMARK");
    CHECK(watch->events.back()["object"]["kind"] == "Ship");
    rig.ok("DELETE", kShips + "?labelSelector=yard%3Dsouth");
    rig.time.run_ready();
    CHECK(watch->summary() == "ADDED anna, ADDED berta, ADDED clara, BOOKMARK, DELETED berta");
}

TEST_CASE("a kind of the same plural as a built-in one is a kind of its own") {
    ApiRig rig;
    Json definition = ships();
    definition["metadata"]["name"] = "pods.fleet.example.com";
    definition["spec"]["names"] = Json{{"plural", "pods"}, {"singular", "pod"}, {"kind", "Pod"}};
    rig.ok("POST", kCrds, definition);
    rig.time.run_ready();
    Json whales = ship("orca");
    whales["kind"] = "Pod";
    rig.ok("POST", "/apis/fleet.example.com/v1/namespaces/default/pods", whales);
    CHECK(rig.ok("GET", kPods)["items"].empty());
    CHECK(rig.ok("GET", "/apis/fleet.example.com/v1/pods")["items"].size() == 1);
    CHECK(rig.call("GET", "/apis/fleet.example.com/v1/namespaces/default/pods/orca/log").status == 404);
}

TEST_CASE("cluster-scoped custom kinds have no namespace") {
    ApiRig rig;
    Json definition = ships();
    definition["spec"]["scope"] = "Cluster";
    rig.ok("POST", kCrds, definition);
    rig.time.run_ready();
    CHECK(rig.ok("POST", "/apis/fleet.example.com/v1/ships", ship("anna"))["metadata"].contains("namespace") == false);
    CHECK(rig.call("GET", kShips).status == 404);
}

TEST_CASE("the sample kinds are complete and their samples fit them") {
    ApiRig rig;
    create_sample_resources(rig.store);
    rig.time.run_ready();
    const Json definitions = rig.ok("GET", kCrds);
    REQUIRE(definitions["items"].size() == 5);
    std::size_t objects = 0;
    for (const Json& definition : definitions["items"]) {
        CHECK(condition(definition, "Established") == "True InitialNamesAccepted");
        const Json& spec = definition["spec"];
        const std::string base = "/apis/" + spec.value("group", "") + "/" + spec["versions"][0].value("name", "") + "/namespaces/default/" + spec["names"].value("plural", "");
        // The rules accept the definition and each sample: written again, none of them is refused.
        Json fresh = definition;
        fresh["metadata"] = Json{{"name", definition["metadata"]["name"]}};
        CHECK(rig.call("PUT", kCrds + "/" + definition["metadata"].value("name", ""), fresh).status == 200);
        const Json samples = rig.ok("GET", base)["items"];
        CHECK_FALSE(samples.empty());
        for (const Json& sample : samples) {
            ++objects;
            Json copy = sample;
            copy["metadata"] = Json{{"name", "copy-" + sample["metadata"].value("name", "")}};
            const Json made = rig.ok("POST", base, copy);
            CHECK(made["spec"] == sample["spec"]);
        }
    }
    CHECK(objects == 8);
    const auto version = rig.store.resource_version();
    create_sample_resources(rig.store);
    CHECK(rig.store.resource_version() == version);  // what is there stays
}

}  // namespace
}  // namespace kube::test
