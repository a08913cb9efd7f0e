#include <catch2/catch_test_macros.hpp>

#include "base/encoding.hpp"
#include "feeds_rig.hpp"
#include "model/graph/clipping.hpp"
#include "model/imports.hpp"

using namespace model;
using namespace model::testing;
using Phase = ImportsState::Phase;

namespace {

Json analysis() {
    return {{"detectedType", "docker-compose"},
            {"warnings", Json::array({{{"code", "bind_mount"}, {"message", "The folder is not part of it."}, {"service", "web"}, {"line", 7}}, "words alone"})},
            {"errors", Json::array({{{"code", "no_image"}, {"message", "No image."}, {"field", "image"}}})},
            {"suggestedNodes", Json::array({{{"id", "deployment-web"}, {"type", "deployment"}, {"position", {{"x", 340}, {"y", 40}}}, {"data", {{"name", "web"}, {"image", "nginx:1.27"}}}}})},
            {"suggestedEdges", Json::array()},
            {"sourceBuildConfig", {{"web", {{"context", "."}}}}}};
}

struct Rig : FeedsRig {
    Json inserted;
    std::string opened;
    base::Error refusal;
    Imports imports{context, {.insert = [this](const Json& nodes, const Json&) -> base::Result<int> {
                                  if (!refusal.message.empty()) return base::fail(refusal);
                                  inserted = nodes;
                                  return static_cast<int>(nodes.size());
                              },
                              .open_workflow = [this](const std::string& id) { opened = id; }}};
    void preview() {
        hub.replies["POST /import/analyze"] = {200, {{"async", false}, {"analysis", analysis()}}};
        imports.begin();
        imports.form()->set("content", "services: {}");
        imports.analyze();
        pass();
    }
};

}  // namespace

TEST_CASE("a pasted file is analysed into a preview") {
    Rig rig;
    rig.imports.begin();
    rig.imports.analyze();
    CHECK(rig.imports.form()->error("content") == "Paste a file, or choose one");
    rig.preview();
    const ImportsState& state = rig.imports.state();
    CHECK(state.phase == Phase::ready);
    CHECK(state.detected_type == "docker-compose");
    REQUIRE(state.nodes.size() == 1);
    CHECK(state.nodes[0].name == "web");
    CHECK(state.nodes[0].subtitle == "nginx:1.27");
    REQUIRE(state.warnings.size() == 2);
    CHECK(state.warnings[0].line == 7);
    CHECK(state.warnings[1].message == "words alone");
    CHECK(state.errors.size() == 1);
    CHECK(state.builds == 1);
    const auto sent = base::parse_json(rig.hub.bodies.back());
    REQUIRE(sent);
    CHECK(base::base64_decode((*sent)["fileContent"].get<std::string>()) == "services: {}");
    rig.imports.back();
    CHECK(rig.imports.state().phase == Phase::asking);
    CHECK(rig.imports.form()->text("content") == "services: {}");
}

TEST_CASE("a chosen file names the workflow; one that is too large or no text is refused") {
    Rig rig;
    rig.imports.take_file("big.yaml", std::string(Imports::kMaxFileBytes + 1, 'x'));
    CHECK(rig.imports.state().phase == Phase::asking);
    CHECK(rig.imports.state().problem.find("larger than") != std::string::npos);
    rig.imports.take_file("photo.yaml", "\xff\xd8\xff");
    CHECK(rig.imports.state().problem == "photo.yaml is no text.");
    rig.imports.take_file("shop.compose.yaml", "services: {}");
    CHECK(rig.imports.state().problem.empty());
    CHECK(rig.imports.form()->text("content") == "services: {}");
    rig.hub.replies["POST /import/analyze"] = {200, {{"async", false}, {"analysis", analysis()}}};
    rig.imports.analyze();
    rig.pass();
    CHECK(rig.imports.form()->text("workflow") == "Shop");
}

TEST_CASE("a repository is followed through its stages, and its stream is left when it is over") {
    Rig rig;
    rig.hub.replies["POST /import/analyze"] = {202, {{"async", true}, {"sessionId", "s1"}}};
    rig.imports.begin();
    rig.imports.form()->set("source", "github");
    rig.imports.form()->set("url", "https://github.com/acme/shop");
    rig.imports.analyze();
    rig.pass();
    CHECK(rig.imports.state().phase == Phase::analyzing);
    CHECK(rig.hub.count("GET /import/s1/stream") == 1);
    rig.hub.send("metadata", {{"id", "s1"}, {"status", "pending"}, {"progress", 0}});
    rig.hub.send("progress", {{"status", "cloning"}, {"current_stage", "cloning"}, {"progress", 30}});
    rig.hub.send("log", {{"stage", "cloning"}, {"message", "Looking for compose.yaml"}, {"level", "info"}});
    rig.pass();
    CHECK(rig.imports.state().progress == 30);
    CHECK(rig.imports.state().last_words == "Looking for compose.yaml");
    rig.hub.send("complete", {{"type", "complete"}, {"stream_key", "import:s1"}, {"event_type", "complete"}, {"timestamp", ""}, {"data", {{"analysis", analysis()}}}});
    rig.pass();
    CHECK(rig.imports.state().phase == Phase::ready);
    CHECK(rig.imports.state().nodes.size() == 1);
    rig.pass(60'000);
    CHECK(rig.hub.count("GET /import/s1/stream") == 1);
}

TEST_CASE("an import that fails, or is cancelled, goes back to the question") {
    Rig rig;
    rig.hub.replies["POST /import/analyze"] = {400, {{"error", "url: This is no address on github.com."}}};
    rig.imports.begin();
    rig.imports.form()->set("source", "github");
    rig.imports.form()->set("url", "https://gitlab.com/a/b");
    rig.imports.analyze();
    rig.pass();
    CHECK(rig.imports.state().phase == Phase::asking);
    CHECK(rig.imports.form()->error("url") == "This is no address on github.com.");
    rig.hub.replies["POST /import/analyze"] = {202, {{"async", true}, {"sessionId", "s1"}}};
    rig.imports.form()->set("url", "https://github.com/a/b");
    rig.imports.analyze();
    rig.pass();
    rig.hub.send("failed", {{"error", "There is no such repository."}});
    rig.pass();
    CHECK(rig.imports.state().phase == Phase::asking);
    CHECK(rig.imports.state().problem == "There is no such repository.");
    rig.imports.analyze();
    rig.pass();
    CHECK(rig.imports.state().phase == Phase::analyzing);
    rig.imports.cancel();
    rig.pass();
    CHECK(rig.imports.state().phase == Phase::asking);
    CHECK(rig.imports.state().problem.empty());
    CHECK(rig.hub.stream->closed());
    rig.imports.end();
    CHECK(rig.imports.form() == nullptr);
    CHECK(rig.imports.state() == ImportsState{});
}

TEST_CASE("a preview goes into the open workflow, or becomes one of its own") {
    Rig rig;
    rig.preview();
    rig.refusal = {base::ErrorCode::conflict, "No workflow is open.", {}};
    rig.imports.add_to_workflow();
    CHECK(rig.imports.state().problem == "No workflow is open.");
    rig.refusal = {};
    rig.imports.add_to_workflow();
    CHECK(rig.inserted.size() == 1);
    CHECK(rig.imports.state().phase == Phase::closed);
    CHECK(rig.toasts == std::vector<std::string>{"1 node added"});

    rig.preview();
    rig.imports.form()->set("workflow", "  ");
    rig.imports.create_workflow();
    CHECK(rig.imports.state().problem == "Give the workflow a name.");
    rig.imports.form()->set("workflow", "Shop");
    rig.hub.replies["POST /import/create-workflow"] = {500, {{"error", "The disk is full."}}};
    rig.imports.create_workflow();
    CHECK(rig.imports.state().applying);
    rig.pass(10'000);
    CHECK(rig.imports.state().problem.find("The disk is full.") != std::string::npos);
    rig.hub.replies["POST /import/create-workflow"] = {201, {{"workflow", {{"id", "w9"}}}}};
    rig.imports.create_workflow();
    rig.pass();
    CHECK(rig.opened == "w9");
    CHECK(rig.imports.state().phase == Phase::closed);
}

TEST_CASE("an exported workflow is imported without asking the hub, however large it may be") {
    Rig rig;
    Graph graph;
    Node node;
    node.id = "web";
    node.type = "deployment";
    node.data = Json{{"name", "web"}, {"image", "nginx:1.27"}, {"notes", std::string(Imports::kMaxFileBytes, 'n')}};
    REQUIRE(graph.apply(AddNode{std::move(node)}));
    rig.imports.begin();
    rig.imports.take_file("shop.json", document_text("Shop", graph));
    CHECK(rig.imports.state().problem.empty());
    rig.imports.analyze();
    rig.pass();
    const ImportsState& state = rig.imports.state();
    REQUIRE(state.phase == Phase::ready);
    CHECK(state.detected_type == "binnacle");
    REQUIRE(state.nodes.size() == 1);
    CHECK(state.nodes[0].name == "web");
    CHECK(rig.hub.calls.empty());
    rig.imports.add_to_workflow();
    CHECK(rig.inserted.size() == 1);
    CHECK(rig.imports.state().phase == Phase::closed);
}
