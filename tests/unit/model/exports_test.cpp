#include <catch2/catch_test_macros.hpp>

#include "feeds_rig.hpp"
#include "model/exports.hpp"
#include "model/graph/clipping.hpp"

using namespace model;
using namespace model::testing;
using Phase = ExportState::Phase;

namespace {

constexpr const char* kRoute = "POST /manifests/export";

struct Rig : FeedsRig {
    WorkflowDocument document;
    Exports exports{context, document};
    Rig() {
        Graph graph;
        Node node;
        node.id = "db";
        node.type = "secret";
        node.data = Json{{"name", "db"}, {"keys", Json::array({{{"id", "1"}, {"name", "PASSWORD"}, {"value", "hunter2"}}})}, {"stringData", {{"PASSWORD", "hunter2"}}}};
        REQUIRE(graph.apply(AddNode{std::move(node)}));
        document.open(std::move(graph), "Shop, v2");
    }
    const ExportState& state() const { return exports.state(); }
};

}  // namespace

TEST_CASE("manifests are asked of the hub, for the document as it is here") {
    Rig rig;
    rig.hub.replies[kRoute] = {200, {{"files", Json::array({{{"name", "shop.yaml"}, {"content", "kind: Secret\n"}}})}, {"warnings", Json::array({"Secret db: fill in PASSWORD"})}}};
    rig.exports.begin(EdgeStyle::bezier);
    CHECK(rig.state().phase == Phase::making);
    rig.pass();
    REQUIRE(rig.state().phase == Phase::ready);
    CHECK(rig.state().files == std::vector<ExportFile>{{"shop.yaml", "application/yaml", "kind: Secret\n"}});
    CHECK(rig.state().warnings == std::vector<std::string>{"Secret db: fill in PASSWORD"});
    const auto sent = base::parse_json(rig.hub.bodies.back());
    REQUIRE(sent);
    CHECK((*sent)["name"] == "Shop, v2");
    CHECK((*sent)["format"] == "yaml");
    CHECK((*sent)["nodes"].size() == 1);
    rig.exports.choose(ExportFormat::kustomize);
    rig.pass();
    CHECK(base::parse_json(rig.hub.bodies.back()).value()["format"] == "kustomize");
    rig.exports.end();
    CHECK(rig.state().phase == Phase::closed);
    CHECK(rig.state().files.empty());
    CHECK(rig.state().format == ExportFormat::kustomize);
}

TEST_CASE("JSON and the image are made without the backend; the JSON can be pasted, and has no secret") {
    Rig rig;
    rig.exports.begin(EdgeStyle::straight);
    rig.exports.choose(ExportFormat::json);
    REQUIRE(rig.state().phase == Phase::ready);
    CHECK(rig.state().files[0].name == "shop-v2.json");
    CHECK(rig.state().files[0].text.find("hunter2") == std::string::npos);
    const auto read = read_clipping(rig.state().files[0].text);
    REQUIRE(read);
    CHECK(read->graph.node(0).data == Json{{"name", "db"}, {"keys", Json::array({{{"id", "1"}, {"name", "PASSWORD"}}})}});
    rig.exports.choose(ExportFormat::svg);
    REQUIRE(rig.state().phase == Phase::ready);
    CHECK(rig.state().files[0].name == "shop-v2.svg");
    CHECK(rig.state().files[0].mime == "image/svg+xml");
    CHECK(rig.state().files[0].text.find("#f6f8fa") != std::string::npos);
    rig.exports.set_image(true, false);
    CHECK(rig.state().files[0].text.find("#0e1116") != std::string::npos);
    rig.pass();
    CHECK(rig.state().format == ExportFormat::svg);  // the hub's answer for the format before comes to nothing
    CHECK(rig.state().phase == Phase::ready);
}

TEST_CASE("an export that fails says why, and is tried again") {
    Rig rig;
    rig.exports.begin(EdgeStyle::bezier);
    rig.pass();
    REQUIRE(rig.state().phase == Phase::failed);
    CHECK(rig.state().error.message == "This backend makes no manifests.");
    rig.hub.replies[kRoute] = {400, {{"error", "There is nothing to export"}}};
    rig.exports.retry();
    rig.pass();
    CHECK(rig.state().error.message == "There is nothing to export");
    rig.hub.replies[kRoute] = {200, {{"files", "none"}}};
    rig.exports.retry();
    rig.pass();
    CHECK(rig.state().error.message == "The server sent no files.");
    rig.hub.replies[kRoute] = {200, {{"files", Json::array({{{"name", "a.yaml"}, {"content", "a: 1\n"}}})}}};
    rig.exports.retry();
    rig.pass();
    CHECK(rig.state().phase == Phase::ready);
    CHECK(rig.state().error.message.empty());
}

TEST_CASE("file names are made of the workflow's name") {
    CHECK(file_stem("Shop, v2!") == "shop-v2");
    CHECK(file_stem("../../etc/passwd") == "etc-passwd");
    CHECK(file_stem("\xF0\x9F\x91\xA9") == "workflow");
    CHECK(file_stem("") == "workflow");
    CHECK(file_stem(std::string(500, 'a')).size() == 60);
}
