#include <catch2/catch_test_macros.hpp>

#include "fake_kube.hpp"
#include "hub/versions.hpp"
#include "hub_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

Json web(const std::string& image = "nginx:1.27") { return node("d", "deployment", {{"name", "web"}, {"image", image}}); }
Json front() { return node("s", "service", {{"name", "front"}}); }

struct VersionsRig {
    FakeKube kube;
    HubRig rig{kube};
    std::string id = rig.create_workflow("w", Json::array({web()}), Json::array(), false);

    std::string path(const std::string& more = "") const { return "/workflows/" + id + "/versions" + more; }
    void set_graph(Json nodes, Json edges = Json::array()) { REQUIRE(rig.call("PUT", "/workflows/" + id, {{"nodes", std::move(nodes)}, {"edges", std::move(edges)}}).status == 200); }
    Json list() { return rig.call("GET", path("?limit=100")).body["versions"]; }
    std::int64_t current() { return number_at(rig.call("GET", "/workflows/" + id).body, -1, "current_version"); }
};

}  // namespace

TEST_CASE("a version is kept with its words and graph, listed newest first, by pages") {
    VersionsRig v;
    const Answer kept = v.rig.call("POST", v.path(), {{"name", " Before the move "}, {"tag", "v1"}, {"description", "as it was"}});
    REQUIRE(kept.status == 201);
    CHECK(number_at(kept.body, 0, "version", "version") == 1);
    CHECK(text_at(kept.body, "version", "name") == "Before the move");
    CHECK_FALSE(flag_at(kept.body, "version", "is_automatic"));
    v.set_graph(Json::array({web("nginx:1.28"), front()}));
    REQUIRE(v.rig.call("POST", v.path(), {{"tag", "v2"}}).status == 201);
    const Answer list = v.rig.call("GET", v.path());
    REQUIRE(list.body["versions"].size() == 2);
    CHECK(number_at(list.body, 0, "total") == 2);
    CHECK(number_at(list.body, 0, "limit") == 10);
    CHECK(text_at(list.body["versions"][0], "tag") == "v2");
    CHECK(list.body["versions"][0]["nodes"].size() == 2);
    CHECK(text_at(list.body["versions"][1], "nodes").empty());
    const Answer second = v.rig.call("GET", v.path("?page=2&limit=1&summary=true"));
    REQUIRE(second.body["versions"].size() == 1);
    CHECK(number_at(second.body, 0, "page") == 2);
    CHECK(number_at(second.body["versions"][0], 0, "version") == 1);
    CHECK_FALSE(second.body["versions"][0].contains("nodes"));
    CHECK(number_at(second.body["versions"][0], 0, "node_count") == 1);
    const Answer one = v.rig.call("GET", v.path("/1"));
    CHECK(text_at(one.body["nodes"][0], "data", "image") == "nginx:1.27");
    CHECK(v.current() == 2);
    CHECK(v.rig.call("GET", v.path("/7")).status == 404);
    CHECK(v.rig.call("GET", v.path("/x")).status == 400);
    CHECK(v.rig.call("GET", "/workflows/none/versions").status == 404);
}

TEST_CASE("a version's words change, and a tag is one version's only") {
    VersionsRig v;
    REQUIRE(v.rig.call("POST", v.path(), {{"name", "one"}, {"tag", "v1"}}).status == 201);
    REQUIRE(v.rig.call("POST", v.path(), {{"name", "two"}}).status == 201);
    const Answer changed = v.rig.call("PUT", v.path("/2"), {{"name", "the second"}});
    REQUIRE(changed.status == 200);
    CHECK(text_at(changed.body, "version", "name") == "the second");
    const Answer taken = v.rig.call("PUT", v.path("/2"), {{"tag", "v1"}});
    CHECK(taken.status == 409);
    CHECK(text_at(taken.body, "error").find("version 1 has the tag") != std::string::npos);
    CHECK(v.rig.call("PUT", v.path("/1"), {{"tag", "v1"}}).status == 200);  // its own
    CHECK(v.rig.call("PUT", v.path("/1"), {{"tag", "has space"}}).status == 400);
    CHECK(v.rig.call("PUT", v.path("/1"), {{"name", std::string(300, 'x')}}).status == 400);
    CHECK(v.rig.call("PUT", v.path("/9"), {{"name", "x"}}).status == 404);
    CHECK(v.rig.call("POST", v.path(), {{"tag", "v1"}}).status == 409);
}

TEST_CASE("publishing, saving and running keep versions by themselves, and only of what is new") {
    VersionsRig v;
    CHECK(v.list().empty());
    REQUIRE(v.rig.call("PUT", "/workflows/" + v.id + "/status", {{"status", "published"}}).status == 200);
    REQUIRE(v.list().size() == 1);
    CHECK(flag_at(v.list()[0], "is_automatic"));
    const Answer first = v.rig.call("POST", "/workflows/" + v.id + "/run");
    REQUIRE(first.status == 200);
    CHECK(number_at(first.body, 0, "version") == 1);
    REQUIRE(v.list().size() == 1);
    CHECK(text_at(v.list()[0], "run_id") == text_at(first.body, "run_id"));
    CHECK(text_at(v.list()[0], "run_status") == "completed");
    v.set_graph(Json::array({web("nginx:1.28")}));
    const auto revision = number_at(v.rig.call("GET", "/workflows/" + v.id).body, 0, "revision");
    const Answer second = v.rig.call("POST", "/workflows/" + v.id + "/run");
    REQUIRE(second.status == 200);
    CHECK(v.list().size() == 2);
    CHECK(number_at(v.rig.call("GET", "/workflows/" + v.id + "/runs").body["runs"][0], 0, "version") == 2);
    CHECK(number_at(v.rig.call("GET", "/workflows/" + v.id).body, 0, "revision") == revision);  // a run makes no editor's revision stale
    const Answer saved = v.rig.call("POST", "/workflows/" + v.id + "/save", {{"nodes", Json::array({web("nginx:1.29")})}, {"edges", Json::array()}});
    REQUIRE(saved.status == 200);
    CHECK(number_at(saved.body, 0, "workflow", "current_version") == 3);
    CHECK(v.list().size() == 3);
}

TEST_CASE("restoring keeps what would be lost, minds If-Match and says where it came from") {
    VersionsRig v;
    REQUIRE(v.rig.call("POST", v.path(), {{"name", "good"}}).status == 201);
    v.set_graph(Json::array({web("broken:1"), front()}));
    const Answer stale = v.rig.call("POST", v.path("/1/restore"), nullptr, {{"if-match", "\"1\""}});
    CHECK(stale.status == 412);
    CHECK(v.list().size() == 1);
    const Answer restored = v.rig.call("POST", v.path("/1/restore"), nullptr, {{"if-match", "\"2\""}});
    REQUIRE(restored.status == 200);
    CHECK(number_at(restored.body, 0, "version", "restored_from") == 1);
    CHECK(number_at(restored.body, 0, "version", "version") == 3);
    CHECK(restored.body["workflow"]["nodes"].size() == 1);
    CHECK(restored.headers.get("etag") == "\"3\"");
    CHECK(text_at(v.rig.call("GET", "/workflows/" + v.id).body["nodes"][0], "data", "image") == "nginx:1.27");
    CHECK(text_at(v.rig.call("GET", v.path("/2")).body["nodes"][0], "data", "image") == "broken:1");  // what was there
    CHECK(v.rig.call("POST", v.path("/12/restore")).status == 404);
    CHECK(v.kube.requests.empty());  // the cluster changes by a run
}

TEST_CASE("two versions are compared by nodes, data and edges") {
    VersionsRig v;
    v.set_graph(Json::array({web(), node("c", "configmap", {{"name", "settings"}})}), Json::array({edge("c", "d")}));
    REQUIRE(v.rig.call("POST", v.path(), {{"name", "one"}}).status == 201);
    v.set_graph(Json::array({web("nginx:1.28"), front()}), Json::array({edge("s", "d")}));
    REQUIRE(v.rig.call("POST", v.path(), {{"name", "two"}}).status == 201);
    const Json diff = v.rig.call("GET", v.path("/compare?v1=1&v2=2")).body;
    CHECK(number_at(diff, 0, "from_version") == 1);
    CHECK(number_at(diff, 0, "to_version") == 2);
    REQUIRE(diff["added_nodes"].size() == 1);
    CHECK(text_at(diff["added_nodes"][0], "id") == "s");
    REQUIRE(diff["removed_nodes"].size() == 1);
    CHECK(text_at(diff["removed_nodes"][0], "id") == "c");
    REQUIRE(diff["modified_nodes"].size() == 1);
    CHECK(text_at(diff["modified_nodes"][0], "old_data", "image") == "nginx:1.27");
    CHECK(text_at(diff["modified_nodes"][0], "new_data", "image") == "nginx:1.28");
    REQUIRE(diff["added_edges"].size() == 1);
    CHECK(text_at(diff["added_edges"][0], "source") == "s");
    REQUIRE(diff["removed_edges"].size() == 1);
    CHECK(text_at(diff["removed_edges"][0], "source") == "c");
    CHECK(v.rig.call("GET", v.path("/compare?v1=1")).status == 400);
    CHECK(v.rig.call("GET", v.path("/compare?v1=1&v2=9")).status == 404);
}

TEST_CASE("old automatic versions go, named ones stay, and all go with their workflow") {
    FakeKube kube;
    HubRig rig(kube);
    WorkflowVersions versions(rig.store, rig.time);
    WorkflowRecord record;
    record.id = "w1";
    const auto keep = [&](WorkflowVersions::Wish wish) {
        record.document["nodes"] = Json::array({web("nginx:" + std::to_string(record.version))});
        versions.keep(record, std::move(wish), [&](base::Result<Json> version) {
            REQUIRE(version);
            record.version = number_at(*version, 0, "version");
        });
        rig.time.run_ready();
    };
    keep({.name = "the first"});
    for (std::size_t i = 0; i < WorkflowVersions::kKeptAutomatic + 20; ++i) keep({.automatic = true});
    std::vector<Json> left;
    versions.list("w1", [&](base::Result<std::vector<Json>> list) { left = list.value_or(std::vector<Json>()); });
    rig.time.run_ready();
    CHECK(left.size() == WorkflowVersions::kKeptAutomatic + 1);
    CHECK(text_at(left.back(), "name") == "the first");
    CHECK(number_at(left.front(), 0, "version") == static_cast<std::int64_t>(WorkflowVersions::kKeptAutomatic + 21));
    WorkflowRepository repository(rig.store);
    repository.remove("w1", [](base::Result<void>) {});
    rig.time.run_ready();
    versions.list("w1", [&](base::Result<std::vector<Json>> list) { left = list.value_or(std::vector<Json>(1)); });
    rig.time.run_ready();
    CHECK(left.empty());
}

TEST_CASE("two who keep a version in the same moment get different numbers") {
    FakeKube kube;
    HubRig rig(kube);
    WorkflowVersions versions(rig.store, rig.time);
    WorkflowRecord record;
    record.id = "w1";
    std::vector<std::int64_t> numbers;
    for (int i = 0; i < 3; ++i) versions.keep(record, {.automatic = true}, [&](base::Result<Json> version) { numbers.push_back(version ? number_at(*version, 0, "version") : -1); });
    rig.time.run_ready();
    CHECK(numbers == std::vector<std::int64_t>{1, 2, 3});
}
