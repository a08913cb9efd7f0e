#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <optional>

#include "feeds_rig.hpp"
#include "model/versions.hpp"

using namespace model;
using namespace model::testing;

namespace {

const std::string kList = "GET /workflows/w1/versions?summary=true&limit=100";

Json node(const std::string& id, const std::string& image) {
    return {{"id", id}, {"type", "deployment"}, {"position", {{"x", 0}, {"y", 0}}}, {"data", {{"name", id}, {"image", image}}}};
}
Json graph_json(Json nodes) { return {{"nodes", std::move(nodes)}, {"edges", Json::array()}}; }
Json version(int number, Json more = Json::object()) {
    Json json = {{"version", number}, {"name", ""}, {"tag", ""}, {"created_at", "2026-01-01T00:00:00Z"}, {"created_by", "ada"}, {"is_automatic", true}, {"node_count", 2}, {"edge_count", 1}};
    json.update(more);
    return json;
}

struct Rig : FeedsRig {
    Graph present = *Graph::from_json(graph_json(Json::array({node("web", "nginx:1.28"), node("api", "api:1")})));
    bool saves = true;
    std::string etag = "\"4\"";
    std::int64_t restored = 0;
    int met = 0;
    Versions versions{context,
                      {.present = present,
                       .save = [this](const std::function<void(bool)>& done) { done(saves); },
                       .etag = [this] { return etag; },
                       .restored = [this](std::int64_t number, const Json&, const net::Headers&) { restored = number; },
                       .meet_other = [this] { ++met; }}};

    void serve(Json list) { hub.replies[kList] = {200, {{"versions", list}, {"total", list.size()}}}; }
    void open() {
        serve(Json::array({version(2, {{"run_status", "completed"}}), version(1, {{"name", "first"}, {"tag", "v1"}, {"is_automatic", false}})}));
        versions.show("w1");
        pass();
    }
};

}  // namespace

TEST_CASE("versions are listed newest first, and a list that fails keeps what was shown") {
    Rig rig;
    rig.open();
    REQUIRE(rig.versions.state().versions.size() == 2);
    CHECK(rig.versions.state().versions[0].number == 2);
    CHECK(rig.versions.find(1)->title() == "Version 1 · first");
    CHECK(rig.versions.find(1)->nodes == 2);
    CHECK((rig.topics & kTopicHistory) != 0);
    rig.versions.show("w1");  // every frame of the tab
    rig.pass();
    CHECK(rig.hub.count(kList) == 1);
    rig.hub.replies[kList] = {403, {{"error", "not you"}}};
    rig.versions.reload();
    rig.pass(60'000);
    CHECK(rig.versions.state().phase == LoadPhase::failed);
    CHECK(rig.versions.state().versions.size() == 2);
}

TEST_CASE("a version is kept after the edits were saved, and one is renamed") {
    Rig rig;
    rig.open();
    rig.versions.begin(0);
    rig.saves = false;
    rig.versions.form()->set("name", "  Before the move ");
    rig.versions.submit();
    rig.pass();
    CHECK(rig.versions.form()->form_error().find("could not be saved") != std::string::npos);
    rig.saves = true;
    rig.hub.replies["POST /workflows/w1/versions"] = {201, {{"message", "kept"}, {"version", version(3, {{"name", "Before the move"}})}}};
    rig.versions.submit();
    rig.pass();
    CHECK(rig.versions.form() == nullptr);
    CHECK(rig.hub.bodies[static_cast<std::size_t>(std::find(rig.hub.calls.begin(), rig.hub.calls.end(), "POST /workflows/w1/versions") - rig.hub.calls.begin())].find("\"Before the move\"") != std::string::npos);
    CHECK(rig.hub.count(kList) == 2);
    rig.versions.begin(1);
    CHECK(rig.versions.form()->text("tag") == "v1");
    rig.versions.form()->set("tag", "has space");
    rig.versions.submit();
    rig.pass();
    CHECK(rig.hub.count("PUT /workflows/w1/versions/1") == 0);
    rig.versions.form()->set("tag", "v2");
    rig.hub.replies["PUT /workflows/w1/versions/1"] = {409, {{"error", "tag: version 2 has the tag \"v2\" already."}}};
    rig.versions.submit();
    rig.pass();
    CHECK(rig.versions.form()->error("tag").find("version 2 has the tag") != std::string::npos);
}

TEST_CASE("a version is compared with the present, and the comparison follows edits") {
    Rig rig;
    rig.open();
    Json old = version(1);
    old.update(graph_json(Json::array({node("web", "nginx:1.27"), node("gone", "old:1")})));
    rig.hub.replies["GET /workflows/w1/versions/1"] = {200, old};
    rig.versions.compare(1, Versions::kPresent);
    rig.pass();
    const VersionComparison& compare = rig.versions.state().compare;
    REQUIRE(compare.phase == LoadPhase::ready);
    REQUIRE(compare.diff.nodes.size() == 3);
    CHECK(compare.diff.nodes[0].fields[0] == FieldDiff{"image", "nginx:1.27", "nginx:1.28"});
    CHECK(compare.diff.nodes[1].kind == DiffKind::only_left);
    CHECK(compare.diff.nodes[2].kind == DiffKind::only_right);
    CHECK(rig.versions.compared_left()->find_node("gone") != kNoIndex);
    REQUIRE(rig.present.apply(RemoveNodes{{"api"}}));
    rig.versions.document_changed();
    CHECK(rig.versions.state().compare.diff.nodes.size() == 2);
    rig.versions.end_compare();
    CHECK_FALSE(rig.versions.state().compare.open);
    CHECK(rig.versions.compared_left() == nullptr);
}

TEST_CASE("two versions are compared, and one that cannot be read says so and can be tried again") {
    Rig rig;
    rig.open();
    Json one = version(1);
    one.update(graph_json(Json::array({node("web", "a:1")})));
    rig.hub.replies["GET /workflows/w1/versions/1"] = {200, {{"version", one}}};  // as some backends wrap it
    rig.hub.replies["GET /workflows/w1/versions/2"] = {404, {{"error", "There is no version 2 of this workflow."}}};
    rig.versions.compare(1, 2);
    rig.pass();
    CHECK(rig.versions.state().compare.phase == LoadPhase::failed);
    CHECK(rig.versions.state().compare.error.message == "There is no version 2 of this workflow.");
    Json two = version(2);
    two.update(graph_json(Json::array({node("web", "a:2")})));
    rig.hub.replies["GET /workflows/w1/versions/2"] = {200, two};
    rig.versions.compare(1, 2);
    rig.pass();
    REQUIRE(rig.versions.state().compare.phase == LoadPhase::ready);
    CHECK(rig.versions.state().compare.diff.nodes[0].fields[0] == FieldDiff{"image", "a:1", "a:2"});
}

TEST_CASE("restoring saves first, and hands over what the backend has made of it") {
    Rig rig;
    rig.open();
    rig.saves = false;
    rig.versions.restore(1);
    rig.pass();
    CHECK(rig.hub.count("POST /workflows/w1/versions/1/restore") == 0);
    REQUIRE(rig.toasts.size() == 1);
    CHECK(rig.toasts[0] == "Not restored");
    rig.saves = true;
    rig.hub.replies["POST /workflows/w1/versions/1/restore"] = {412, {{"error", "The workflow was changed elsewhere."}}};
    rig.versions.restore(1);
    rig.pass();
    CHECK(rig.met == 1);
    CHECK(rig.restored == 0);
    rig.hub.replies["POST /workflows/w1/versions/1/restore"] = {200, {{"version", version(3)}, {"workflow", graph_json(Json::array())}}};
    rig.versions.restore(1);
    CHECK(rig.versions.state().restoring == 1);
    rig.pass();
    CHECK(rig.restored == 1);
    CHECK(rig.versions.state().restoring == 0);
    CHECK(rig.hub.count(kList) == 2);
}
