#include <catch2/catch_test_macros.hpp>

#include "fake_kube.hpp"
#include "hub_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

const Json kWeb = node("d", "deployment", {{"name", "web"}, {"image", "nginx:1.27"}, {"replicas", 2}, {"port", 80}});
const Json kService = node("s", "service", {{"name", "front"}});

}  // namespace

TEST_CASE("a workflow is created, read, changed, listed and deleted") {
    FakeKube kube;
    HubRig rig(kube);
    const Answer made = rig.call("POST", "/workflows", {{"name", "Shop"}, {"description", "d"}, {"cluster_id", "demo"}});
    REQUIRE(made.status == 201);
    const std::string id = text_at(made.body, "id");
    CHECK(text_at(made.body, "workflow", "status") == "draft");
    const Answer changed = rig.call("PUT", "/workflows/" + id, {{"name", "Shop 2"}, {"nodes", Json::array({kService, kWeb})}, {"edges", Json::array({edge("s", "d")})}});
    CHECK(changed.status == 200);
    CHECK(number_at(changed.body, 0, "revision") == 2);
    const Answer got = rig.call("GET", "/workflows/" + id);
    CHECK(text_at(got.body, "name") == "Shop 2");
    CHECK(text_at(got.body, "description") == "d");
    CHECK(got.body["nodes"].size() == 2);
    CHECK(number_at(got.body, -1, "run_count") == 0);
    CHECK(got.headers.get("etag") == "\"2\"");
    CHECK(rig.call("GET", "/workflows").body["workflows"].size() == 1);
    CHECK(rig.call("DELETE", "/workflows/" + id).status == 200);
    CHECK(rig.call("GET", "/workflows/" + id).status == 404);
    CHECK(kube.count("PATCH") == 0);
    CHECK(kube.count("DELETE") == 0);
}

TEST_CASE("an editor that is behind gets 412 and what is there now") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("w", Json::array(), Json::array(), false);
    CHECK(rig.call("PUT", "/workflows/" + id, {{"name", "first"}}, {{"if-match", "\"1\""}}).status == 200);
    const Answer late = rig.call("PUT", "/workflows/" + id, {{"name", "second"}}, {{"if-match", "\"1\""}});
    CHECK(late.status == 412);
    CHECK(number_at(late.body, 0, "revision") == 2);
    CHECK(text_at(late.body, "workflow", "name") == "first");
    CHECK(rig.call("PUT", "/workflows/" + id, {{"name", "third"}}, {{"if-match", "W/\"7\", \"2\""}}).status == 200);
    CHECK(rig.call("PUT", "/workflows/" + id, {{"name", "fourth"}}).status == 200);
}

TEST_CASE("a run does not make an editor's revision stale") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("w", Json::array({kWeb}), Json::array());
    const std::string etag(rig.call("GET", "/workflows/" + id).headers.get("etag"));
    CHECK(rig.call("POST", "/workflows/" + id + "/run").status == 200);
    CHECK(rig.call("PUT", "/workflows/" + id, {{"name", "x"}}, {{"if-match", etag}}).status == 200);
}

TEST_CASE("hostile and broken requests get a clear error and change nothing") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("w", Json::array({kWeb}), Json::array(), false);
    const std::string path = "/workflows/" + id;
    struct Case {
        const char* method;
        std::string path;
        std::string body;
        int status;
    };
    const std::string deep = std::string(100'000, '[');
    const std::vector<Case> cases = {
        {"GET", "/nothing", "", 404},
        {"GET", "/workflows/none", "", 404},
        {"PATCH", path, "{}", 405},
        {"PUT", path, "{", 400},
        {"PUT", path, "[]", 400},
        {"PUT", path, "\"x\"", 400},
        {"PUT", path, "{\"name\": 5}", 400},
        {"PUT", path, "{\"name\": \" \"}", 400},
        {"PUT", path, "{\"nodes\": " + deep + "}", 400},
        {"PUT", path, "{\"nodes\": {}}", 400},
        {"PUT", path, "{\"nodes\": [], \"edges\": 3}", 400},
        {"PUT", path, "{\"status\": \"archived\"}", 400},
        {"PUT", path, "{\"nodes\":[{\"id\":\"a\",\"type\":\"job\",\"position\":{\"x\":1e999,\"y\":0}}]}", 400},
        {"PUT", path, std::string("{\"name\":\"\xff\xfe\"}"), 400},
        {"PUT", path + "/status", "{\"status\":\"gone\"}", 400},
        {"POST", path + "/save", "{\"nodes\":[]}", 400},
        {"POST", path + "/run", "{\"trigger_data\":[]}", 400},
        {"POST", path + "/run", "{}", 400},  // a draft
        {"POST", "/workflows", "{}", 400},
        {"POST", "/workflows", "{\"name\":\"x\",\"cluster_id\":\"elsewhere\"}", 400},
        {"GET", path + "/runs?limit=x", "", 400},
        {"GET", "/resources?limit=x", "", 400},
        {"GET", "/resources?type=Unicorn", "", 400},
        {"GET", "/resources?sort_by=colour", "", 400},
        {"GET", "/resources?namespace=..%2f..", "", 400},
        {"GET", "/resources/..%2f..~x~y~z", "", 404},
        {"GET", "/resources/pods~default~..%2Fsecrets~u", "", 404},
        {"GET", path + "/nodes/none/pods", "", 404},
        {"GET", "/workflows/%zz", "", 400},
    };
    for (const Case& entry : cases) {
        INFO(entry.method << " " << entry.path << " " << entry.body.substr(0, 60));
        const Answer answer = rig.call_raw(entry.method, entry.path, entry.body);
        CHECK(answer.status == entry.status);
        CHECK_FALSE(text_at(answer.body, "error").empty());
    }
    const Answer big = rig.call_raw("PUT", path, std::string(10 * 1024 * 1024, ' '));
    CHECK(big.status == 413);
    const Answer same = rig.call("GET", path);
    CHECK(number_at(same.body, 0, "revision") == 1);
    CHECK(same.body["nodes"].size() == 1);
}

TEST_CASE("a workflow with a cycle, a duplicate id or a dangling edge is refused with the names") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("w", Json::array(), Json::array(), false);
    const auto problem = [&](Json nodes, Json edges) {
        const Answer answer = rig.call("PUT", "/workflows/" + id, {{"nodes", std::move(nodes)}, {"edges", std::move(edges)}});
        CHECK(answer.status == 400);
        CHECK(answer.body["details"].is_array());
        return text_at(answer.body, "error");
    };
    CHECK(problem(Json::array({kWeb, kWeb}), Json::array()).find("\"d\" is already the id of nodes[0]") != std::string::npos);
    CHECK(problem(Json::array({kWeb}), Json::array({edge("x", "d")})).find("there is no node \"x\"") != std::string::npos);
    CHECK(problem(Json::array({kWeb}), Json::array({edge("d", "d")})).find("cycle: d → d") != std::string::npos);
}

TEST_CASE("clone copies the document, not the runs") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("w", Json::array({kWeb}), Json::array());
    (void)rig.call("POST", "/workflows/" + id + "/run");
    const Answer copy = rig.call("POST", "/workflows/" + id + "/clone", {{"name", "copy"}});
    CHECK(copy.status == 201);
    CHECK(text_at(copy.body, "workflow", "status") == "draft");
    CHECK(copy.body["workflow"]["nodes"].size() == 1);
    CHECK(number_at(copy.body, -1, "workflow", "run_count") == 0);
}

TEST_CASE("the sample is seeded once, published, into an empty store") {
    FakeKube kube;
    const std::string sample = dump_json({{"name", "Sample"}, {"nodes", Json::array({kWeb})}, {"edges", Json::array()}});
    HubRig rig(kube, AuthMode::none, sample);
    const Answer list = rig.call("GET", "/workflows");
    REQUIRE(list.body["workflows"].size() == 1);
    CHECK(text_at(list.body["workflows"][0], "status") == "published");
    rig.start();
    CHECK(rig.call("GET", "/workflows").body["workflows"].size() == 1);
}

TEST_CASE("node types carry what a form needs") {
    FakeKube kube;
    HubRig rig(kube);
    const Answer answer = rig.call("GET", "/templates");
    REQUIRE(answer.body["templates"].size() == 12);
    for (const Json& entry : answer.body["templates"]) {
        INFO(dump_json(entry["id"]));
        CHECK(text_at(entry, "id") == "core/" + text_at(entry, "name"));
        CHECK_FALSE(text_at(entry, "displayName").empty());
        CHECK_FALSE(text_at(entry, "category").empty());
        bool has_name = false;
        for (const Json& parameter : entry["parameters"]) {
            has_name = has_name || (text_at(parameter, "name") == "name" && flag_at(parameter, "required"));
            CHECK_FALSE(text_at(parameter, "label").empty());
            if (text_at(parameter, "type") == "select") CHECK_FALSE(parameter["options"].empty());
        }
        CHECK(has_name);
    }
}

TEST_CASE("the cluster says whether it answers") {
    FakeKube kube;
    HubRig rig(kube);
    CHECK(text_at(rig.call("GET", "/clusters").body["clusters"][0], "status") == "connected");
    CHECK(flag_at(rig.call("GET", "/clusters/demo/status").body, "isOnline"));
    kube.failures["GET /version"] = {503, FakeKube::status(503, "ServiceUnavailable", "down")};
    rig.time.advance(121'000);  // until then the last check counts
    CHECK_FALSE(flag_at(rig.call("GET", "/clusters/demo/status").body, "isOnline"));
    CHECK(text_at(rig.call("GET", "/clusters").body["clusters"][0], "status") == "disconnected");
    CHECK(rig.call("GET", "/clusters/none/status").status == 404);
}
