#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <sstream>

#include "hub/manifests.hpp"
#include "hub_rig.hpp"

using namespace hub;
using hub::testing::edge;
using hub::testing::node;

namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

Json all_manifests(const Json& workflow, ManifestInput input) {
    const WorkflowGraph graph = read_graph(workflow["nodes"], workflow["edges"], "default");
    Json list = Json::array();
    for (const std::size_t index : apply_order(graph)) list.push_back(make_manifest(graph, index, input));
    return list;
}

// BINNACLE_WRITE_GOLDEN=1 writes the file anew, for review in the diff.
void check_golden(const std::string& name, const Json& got) {
    const std::string path = std::string(BINNACLE_TEST_DATA) + "/hub/" + name;
    if (std::getenv("BINNACLE_WRITE_GOLDEN")) std::ofstream(path) << got.dump(2) << "\n";
    CHECK(got.dump(2) + "\n" == read_file(path));
}

}  // namespace

TEST_CASE("the sample workflow gives its golden manifests") {
    const Json sample = Json::parse(read_file(std::string(BINNACLE_TEST_DATA) + "/../../assets/sample-workflows/online-shop.json"));
    REQUIRE(check_structure(sample["nodes"], sample["edges"]).empty());
    REQUIRE(check_runnable(sample["nodes"], sample["edges"], "default").empty());
    check_golden("online-shop.manifests.json",
                 all_manifests(sample, {.workflow_id = "65a1", .secrets = {{"secret-db-credentials", {{"POSTGRES_PASSWORD", "s3cret"}}}}}));
}

TEST_CASE("every kind of node gives its golden manifest") {
    const Json workflow = Json::parse(read_file(std::string(BINNACLE_TEST_DATA) + "/hub/all-kinds.workflow.json"));
    REQUIRE(check_structure(workflow["nodes"], workflow["edges"]).empty());
    REQUIRE(check_runnable(workflow["nodes"], workflow["edges"], "default").empty());
    check_golden("all-kinds.manifests.json", all_manifests(workflow, {.workflow_id = "65a2", .env = {{"d", {{"TOKEN", "t0ken"}}}}}));
}

TEST_CASE("what others refer to is applied first") {
    const Json nodes = Json::array({node("i", "ingress", Json::object()), node("d", "deployment", Json::object()), node("s", "service", Json::object()), node("c", "configmap", Json::object())});
    const WorkflowGraph graph = read_graph(nodes, Json::array(), "default");
    std::string order;
    for (const std::size_t index : apply_order(graph)) order += graph.nodes[index].id;
    CHECK(order == "csdi");
}

TEST_CASE("node ids that are no label values are hashed, and differ") {
    CHECK(node_label_value("deployment-1") == "deployment-1");
    CHECK(node_label_value("a/b").starts_with("h-"));
    CHECK(node_label_value("a/b").size() == 18);
    CHECK(node_label_value("a/b") != node_label_value("a/c"));
    CHECK(node_label_value(std::string(100, 'x')).starts_with("h-"));
}

TEST_CASE("an edit of the pod's labels never changes a selector") {
    const Json one = {{"nodes", Json::array({node("x", "deployment", {{"name", "web"}, {"image", "a"}})})}, {"edges", Json::array()}};
    const Json other = {{"nodes", Json::array({node("y", "deployment", {{"name", "web"}, {"image", "b"}})})}, {"edges", Json::array()}};
    CHECK(all_manifests(one, {.workflow_id = "1"})[0]["spec"]["selector"] == all_manifests(other, {.workflow_id = "2"})[0]["spec"]["selector"]);
}
