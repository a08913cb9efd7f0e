// POST /manifests/export and what is behind it: files that work without Binnacle.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "fake_kube.hpp"
#include "hub/manifest_export.hpp"
#include "hub/manifests.hpp"
#include "hub/yaml.hpp"
#include "hub_rig.hpp"

using namespace hub;
using hub::testing::Answer;
using hub::testing::edge;
using hub::testing::FakeKube;
using hub::testing::HubRig;
using hub::testing::node;

namespace {

Json shop_nodes() {
    return Json::array({node("web", "deployment", {{"name", "web"}, {"image", "nginx:1.27"}, {"port", 80}, {"envKeys", Json::array({{{"id", "1"}, {"name", "API_KEY"}}})}}),
                        node("svc", "service", {{"name", "web"}, {"port", 80}}),
                        node("db", "secret", {{"name", "db"}, {"keys", Json::array({{{"id", "1"}, {"name", "PASSWORD"}}})}}),
                        node("nightly", "cronjob", {{"name", "nightly"}, {"image", "busybox:1.37"}, {"schedule", "0 3 * * *"}})});
}
Json shop_edges() { return Json::array({edge("svc", "web"), edge("db", "web")}); }

ManifestExport made(const Json& nodes, const Json& edges, bool kustomize = false) {
    return export_manifests(nodes, edges, {.name = "My shop", .default_namespace = "default", .kustomize = kustomize});
}

std::vector<Json> documents_of(const std::string& yaml) {
    const YamlStream stream = parse_yaml_stream(yaml);
    INFO(yaml);
    REQUIRE_FALSE(stream.error);
    std::vector<Json> out;
    for (const YamlDocument& document : stream.documents) out.push_back(document.value);
    return out;
}

}  // namespace

TEST_CASE("export: all objects in one file, in the order of a run, without Binnacle's marks") {
    const ManifestExport one = made(shop_nodes(), shop_edges());
    REQUIRE(one.files.size() == 1);
    CHECK(one.files[0].name == "my-shop.yaml");
    const auto objects = documents_of(one.files[0].content);
    REQUIRE(objects.size() == 4);
    std::vector<std::string> kinds;
    for (const Json& object : objects) {
        kinds.push_back(text_at(object, "kind"));
        CHECK(object.dump().find("binnacle") == std::string::npos);
        CHECK(text_at(object, "metadata", "namespace") == "default");
    }
    CHECK(kinds == std::vector<std::string>{"Secret", "Service", "Deployment", "CronJob"});
    CHECK(objects[1]["spec"]["selector"] == Json{{"app", "web"}});
    CHECK(objects[2]["spec"]["template"]["metadata"]["labels"] == Json{{"app", "web"}});
    CHECK(objects[3]["spec"]["jobTemplate"]["spec"]["template"].contains("spec"));
}

TEST_CASE("export: the objects are those of a run but for the marks") {
    const Json nodes = shop_nodes();
    const Json edges = shop_edges();
    const WorkflowGraph graph = read_graph(nodes, edges, "default");
    const auto objects = documents_of(made(nodes, edges).files[0].content);
    const Json run = make_manifest(graph, 1, {.workflow_id = "w1"});
    CHECK(objects[1]["spec"] == run["spec"]);
    CHECK(objects[1]["apiVersion"] == run["apiVersion"]);
}

TEST_CASE("export: values that are not stored are empty, with a comment, and named as a thing to do") {
    const ManifestExport one = made(shop_nodes(), shop_edges());
    const auto objects = documents_of(one.files[0].content);
    CHECK(objects[0]["stringData"] == Json{{"PASSWORD", ""}});
    CHECK_FALSE(objects[0].contains("data"));
    CHECK(objects[2]["spec"]["template"]["spec"]["containers"][0]["env"] == Json::array({{{"name", "API_KEY"}, {"value", ""}}}));
    CHECK(one.files[0].content.starts_with("# Fill in the empty values"));
    CHECK(one.warnings == std::vector<std::string>{"Secret db: fill in PASSWORD", "Deployment web: fill in API_KEY"});
}

TEST_CASE("export: a Kustomize set names a file for each object, and one for all when there are too many") {
    const ManifestExport set = made(shop_nodes(), shop_edges(), true);
    REQUIRE(set.files.size() == 5);
    CHECK(set.files[0].name == "kustomization.yaml");
    const Json kustomization = documents_of(set.files[0].content).at(0);
    CHECK(kustomization["kind"] == "Kustomization");
    REQUIRE(kustomization["resources"].size() == 4);
    for (std::size_t i = 1; i < set.files.size(); ++i) {
        CHECK(kustomization["resources"][i - 1] == set.files[i].name);
        CHECK(documents_of(set.files[i].content).size() == 1);
    }
    CHECK(set.files[3].name == "deployment-web.yaml");

    Json many = Json::array();
    for (std::size_t i = 0; i <= kMaxObjectFiles; ++i) many.push_back(node("n" + std::to_string(i), "configmap", {{"name", "c" + std::to_string(i)}}));
    const ManifestExport large = made(many, Json::array(), true);
    REQUIRE(large.files.size() == 2);
    CHECK(documents_of(large.files[0].content).at(0)["resources"] == Json::array({"objects.yaml"}));
    CHECK(documents_of(large.files[1].content).size() == kMaxObjectFiles + 1);
}

TEST_CASE("export: what is not filled in is said; a node without a usable name is left out; names in two namespaces make two files") {
    const Json nodes = Json::array({node("a", "deployment", {{"name", "web"}}), node("b", "configmap", Json::object()), node("c", "configmap", {{"name", "../x"}}),
                                    node("d", "configmap", {{"name", "same"}, {"namespace", "one"}}), node("e", "configmap", {{"name", "same"}, {"namespace", "two"}})});
    const ManifestExport set = made(nodes, Json::array(), true);
    std::vector<std::string> names;
    for (const ExportedFile& file : set.files) names.push_back(file.name);
    CHECK(names == std::vector<std::string>{"kustomization.yaml", "configmap-same.yaml", "configmap-same-2.yaml", "deployment-web.yaml"});
    const auto said = [&](std::string_view part) {
        return std::any_of(set.warnings.begin(), set.warnings.end(), [&](const std::string& warning) { return warning.find(part) != std::string::npos; });
    };
    CHECK(said("Deployment web: choose an image"));
    CHECK(said("ConfigMap b is left out"));
    CHECK(said("ConfigMap ../x is left out"));
}

TEST_CASE("export: many problems are counted, hostile texts stay YAML") {
    Json nodes = Json::array();
    for (int i = 0; i < 40; ++i) nodes.push_back(node("n" + std::to_string(i), "deployment", {{"name", "w" + std::to_string(i)}}));
    nodes.push_back(node("c", "configmap", {{"name", "conf"}, {"data", {{"a", "--- \n...\n# no comment\n"}, {"yes", "0x10"}, {"e", "\xF0\x9F\x91\xA9 \xD8\xA7"}, {"big", std::string(100'000, 'x')}}}}));
    const ManifestExport one = made(nodes, Json::array());
    CHECK(one.warnings.size() == 21);
    CHECK(one.warnings.back() == "20 more");
    const auto objects = documents_of(one.files[0].content);
    REQUIRE(objects.size() == 41);
    CHECK(objects[0]["data"] == nodes.back()["data"]["data"]);
}

TEST_CASE("the export route answers files for what it is sent, and says what is wrong with it") {
    FakeKube kube;
    HubRig rig(kube);
    const Answer answer = rig.call("POST", "/manifests/export", {{"name", "Shop"}, {"format", "kustomize"}, {"nodes", shop_nodes()}, {"edges", shop_edges()}});
    CHECK(answer.status == 200);
    REQUIRE(answer.body["files"].size() == 5);
    CHECK(answer.body["files"][0]["name"] == "kustomization.yaml");
    CHECK(answer.body["warnings"].size() == 2);
    CHECK(rig.call("POST", "/manifests/export", {{"format", "helm"}, {"nodes", shop_nodes()}}).body["error"] == "format: expected yaml or kustomize");
    const Answer none = rig.call("POST", "/manifests/export", {{"nodes", Json::array()}, {"edges", Json::array()}});
    CHECK(none.status == 400);
    CHECK(text_at(none.body, "error").starts_with("There is nothing to export"));
    const Answer bad = rig.call("POST", "/manifests/export", {{"nodes", Json::array({{{"id", 1}}})}});
    CHECK(bad.status == 400);
    CHECK(text_at(bad.body, "error").find("nodes[0].id: expected string, got number") != std::string::npos);
    CHECK(rig.call_raw("POST", "/manifests/export", "{").status == 400);
}

TEST_CASE("only who is signed in may have manifests made") {
    FakeKube kube;
    HubRig rig(kube, AuthMode::builtin);
    CHECK(rig.call("POST", "/manifests/export", {{"nodes", shop_nodes()}}).status == 401);
}
