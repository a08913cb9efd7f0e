#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "feeds_rig.hpp"
#include "model/builds.hpp"

using namespace model;
using namespace model::testing;

namespace {

const std::string kList = "GET /builds?limit=50";

Json build(const std::string& id, const std::string& status = "building", Json more = Json::object()) {
    Json json = {{"id", id}, {"repoUrl", "https://github.com/acme/shop"}, {"branch", "main"}, {"registryId", "r1"}, {"imageName", "acme/shop"}, {"imageTag", "1.4"}, {"status", status}, {"progress", 40}, {"simulated", true}, {"createdAt", "2026-01-01T00:00:00Z"}};
    json.update(more);
    return json;
}

Json envelope(const std::string& type, Json data) { return {{"type", type}, {"stream_key", "build:b1"}, {"event_type", type}, {"timestamp", "2026-01-01T00:00:00Z"}, {"data", std::move(data)}}; }

struct Rig : FeedsRig {
    Builds builds{context};
    void serve(Json list) { hub.replies[kList] = {200, {{"builds", list}, {"total", list.size()}}}; }
    void line(int number, const std::string& message) {
        hub.stream->write("event:log\nid:" + std::to_string(number) + "\ndata:" + envelope("log", {{"stage", "building"}, {"message", message}, {"level", "info"}}).dump() + "\n\n");
        pass();
    }
    void send(const std::string& type, Json data) {
        hub.send(type, envelope(type, std::move(data)));
        pass();
    }
};

}  // namespace

TEST_CASE("builds are listed, and a list that fails keeps what was shown") {
    Rig rig;
    rig.serve(Json::array({build("b2"), build("b1", "completed")}));
    rig.builds.ensure();
    rig.pass();
    REQUIRE(rig.builds.state().builds.size() == 2);
    CHECK(rig.builds.find("b1")->is_over());
    CHECK(rig.builds.find("b2")->title() == "acme/shop:1.4");
    CHECK((rig.topics & kTopicBuilds) != 0);
    rig.hub.replies[kList] = {403, {{"error", "not you"}}};
    rig.builds.reload();
    rig.pass(60'000);
    CHECK(rig.builds.state().phase == LoadPhase::failed);
    CHECK(rig.builds.state().error.message == "not you");
    CHECK(rig.builds.state().builds.size() == 2);
}

TEST_CASE("a build that is followed tells log, progress and its image, and its stream ends with it") {
    Rig rig;
    rig.serve(Json::array({build("b1", "pending")}));
    rig.builds.ensure();
    rig.pass();
    rig.builds.open("b1");
    rig.pass();
    CHECK(rig.builds.state().live);
    rig.hub.send("metadata", build("b1", "cloning", {{"progress", 5}}));
    rig.pass();
    CHECK(rig.builds.opened()->status == "cloning");
    rig.line(1, "one");
    rig.line(2, "two");
    REQUIRE(rig.builds.log().size() == 2);
    CHECK(rig.builds.log()[1].message == "two");
    rig.send("progress", {{"status", "building"}, {"current_stage", "building"}, {"progress", 60}});
    CHECK(rig.builds.opened()->status == "building");
    CHECK(rig.builds.opened()->progress == 60);
    rig.hub.replies["GET /builds/b1"] = {200, {{"build", build("b1", "completed", {{"finalImageRef", "r/acme/shop:1.4"}, {"imageDigest", "sha256:ab"}, {"imageSize", 1000}, {"duration", 5000}})}}};
    rig.send("complete", {{"final_image_ref", "r/acme/shop:1.4"}, {"image_digest", "sha256:ab"}});
    CHECK(rig.builds.opened()->status == "completed");
    CHECK(rig.builds.opened()->pinned_image() == "r/acme/shop:1.4@sha256:ab");
    CHECK(rig.builds.opened()->duration_ms == 5000);  // read from the build itself
    const int streams = rig.hub.count("GET /builds/b1/stream");
    rig.hub.stream->end();
    rig.pass(120'000);
    CHECK(rig.hub.count("GET /builds/b1/stream") == streams);
    CHECK(rig.builds.state().stream_problem.empty());
}

TEST_CASE("a build's log goes on behind its last line after a cut, with no line twice") {
    Rig rig;
    rig.serve(Json::array({build("b1")}));
    rig.builds.ensure();
    rig.pass();
    rig.builds.open("b1");
    rig.pass();
    rig.line(1, "one");
    rig.line(2, "two");
    rig.hub.stream->abort();
    rig.pass(10'000);
    CHECK(rig.hub.count("GET /builds/b1/stream") == 2);
    CHECK(rig.hub.last_event_id == "2");
    rig.hub.send("metadata", build("b1"));
    rig.line(3, "three");
    REQUIRE(rig.builds.log().size() == 3);
    CHECK(rig.builds.log()[2].message == "three");
}

TEST_CASE("a build that failed or is over says so, whichever words the stream has for it") {
    Rig rig;
    rig.serve(Json::array({build("b1"), build("b2", "failed", {{"errorMessage", "no Dockerfile"}})}));
    rig.hub.replies["GET /builds/b1"] = {200, {{"build", build("b1", "failed", {{"errorMessage", "broken"}, {"errorStage", "building"}})}}};
    rig.builds.ensure();
    rig.pass();
    rig.builds.open("b1");
    rig.pass();
    rig.send("failed", {{"error_message", "broken"}, {"error_stage", "building"}});
    CHECK(rig.builds.opened()->status == "failed");
    CHECK(rig.builds.opened()->error_message == "broken");
    // One that was over before: metadata, log, and a bare status.
    rig.builds.open("b2");
    rig.pass();
    CHECK(rig.builds.log().empty());
    rig.hub.send("metadata", build("b2", "failed", {{"errorMessage", "no Dockerfile"}}));
    rig.line(1, "old line");
    rig.hub.send("complete", {{"status", "failed"}});
    rig.pass();
    CHECK(rig.builds.opened()->status == "failed");
    CHECK(rig.builds.opened()->error_message == "no Dockerfile");
    CHECK(rig.builds.log().size() == 1);
}

TEST_CASE("a build is started by the form, which has what the hub refuses at its fields") {
    Rig rig;
    rig.serve(Json::array());
    rig.builds.begin({.image_name = "acme/shop", .workflow_id = "w1", .node_id = "web"});
    REQUIRE(rig.builds.form());
    rig.builds.submit();
    rig.pass();
    CHECK(rig.builds.form()->error("repoUrl") == "Enter the address of a git repository");
    CHECK(rig.builds.form()->error("registryId") == "Choose a registry");
    rig.builds.form()->set("repoUrl", "https://github.com/acme/shop");
    rig.builds.form()->set("registryId", "gone");
    rig.builds.form()->append_row("buildArgs", {{"name", "A"}, {"value", "1"}});
    rig.hub.replies["POST /builds/start"] = {400, {{"error", "registryId: there is no registry gone"}}};
    rig.builds.submit();
    rig.pass();
    CHECK(rig.builds.form()->error("registryId").find("no registry gone") != std::string_view::npos);
    CHECK(rig.builds.state().form_open);
    rig.builds.form()->set("registryId", "r1");
    rig.hub.replies["POST /builds/start"] = {201, {{"build", build("b9", "pending")}}};
    rig.builds.submit();
    rig.pass();
    CHECK(rig.builds.form() == nullptr);
    CHECK(rig.builds.state().open_id == "b9");
    CHECK(rig.hub.count("GET /builds/b9/stream") == 1);
    const auto started = std::find(rig.hub.calls.rbegin(), rig.hub.calls.rend(), "POST /builds/start");
    const auto body = base::parse_json(rig.hub.bodies[static_cast<std::size_t>(rig.hub.calls.rend() - started) - 1]);
    REQUIRE(body);
    CHECK((*body)["buildArgs"] == Json{{"A", "1"}});
    CHECK((*body)["workflowId"] == "w1");
    CHECK((*body)["nodeId"] == "web");
    CHECK((*body)["branch"] == "main");
}

TEST_CASE("cancelling shows what the hub made of it, and who leaves takes all along") {
    Rig rig;
    rig.serve(Json::array({build("b1")}));
    rig.builds.ensure();
    rig.pass();
    rig.hub.replies["POST /builds/b1/cancel"] = {200, {{"build", build("b1", "cancelled")}}};
    rig.builds.cancel("b1");
    CHECK(rig.builds.state().busy.contains("b1"));
    rig.pass();
    CHECK(rig.builds.find("b1")->status == "cancelled");
    rig.hub.replies["POST /builds/b1/cancel"] = {409, {{"error", "over"}}};
    rig.builds.cancel("b1");
    rig.pass();
    CHECK(rig.toasts == std::vector<std::string>{"The build was not cancelled"});
    rig.builds.open("b1");
    rig.pass();
    rig.builds.clear();
    rig.pass(60'000);
    CHECK(rig.builds.state() == BuildsState{});
    CHECK(rig.builds.log().empty());
    CHECK(rig.hub.stream->closed());
}

TEST_CASE("a build of a link is read by itself; one that is gone is told") {
    Rig rig;
    rig.hub.replies["GET /builds/b7"] = {200, {{"build", build("b7", "completed")}}};
    rig.builds.open("b7");
    rig.pass();
    REQUIRE(rig.builds.opened());
    CHECK(rig.builds.opened()->status == "completed");
    rig.builds.open("b8");
    rig.pass();
    CHECK(rig.toasts == std::vector<std::string>{"The build cannot be shown"});
    CHECK(rig.builds.state().open_id.empty());
}
