// The conflict dialog: another client saves while there are edits here.
#include <catch2/catch_test_macros.hpp>

#include "ui/commands.hpp"
#include "ui/ui_rig.hpp"

using namespace ui;  // a test file
using ui::testing::Rig;

namespace {

model::Json data_of(const model::App& app, const std::string& id) { return app.graph().node(app.graph().find_node(id)).data; }

void set_image(model::App& app, const std::string& id, const std::string& image) {
    model::Json data = data_of(app, id);
    data["image"] = image;
    REQUIRE(app.edit(model::SetNodeData{id, data}));
}

// Edits here, saved elsewhere first.
void make_conflict(Rig& rig) {
    const std::string id = rig.node_id("storefront");
    set_image(*rig.app, id, "mine:1");
    state::MemoryStorage storage;
    base::testing::SeededRandom random{9};
    model::App other({*rig.client, rig.time, random, storage}, {.backend_label = "gateway", .api_prefix = "/v1/api", .storage_suffix = {}});
    other.start();
    rig.time.advance(500);
    set_image(other, id, "theirs:1");
    other.save_now();
    rig.time.advance(200);
    REQUIRE(other.workflow().save == model::SavePhase::saved);
    rig.pass(4'000);
    REQUIRE(rig.app->workflow().save == model::SavePhase::conflict);
}

std::string stored_image(Rig& rig) {
    state::MemoryStorage storage;
    base::testing::SeededRandom random{11};
    model::App reader({*rig.client, rig.time, random, storage}, {.backend_label = "gateway", .api_prefix = "/v1/api", .storage_suffix = {}});
    reader.start();
    rig.time.advance(500);
    return data_of(reader, rig.node_id("storefront")).value("image", "");
}

}  // namespace

TEST_CASE("the conflict dialog shows both versions and every item has a record [A5]") {
    Rig rig;
    rig.start();
    make_conflict(rig);
    REQUIRE(rig.find(Role::dialog, "This workflow was changed elsewhere"));
    CHECK(rig.find(Role::listitem, "storefront"));
    CHECK(rig.find(Role::listitem, "image: mine mine:1, theirs theirs:1"));
    CHECK(rig.find(Role::button, "Keep mine"));
    CHECK(rig.find(Role::button, "Take theirs"));
    CHECK(rig.find(Role::button, "Save mine as a copy"));
    CHECK(rig.unrecorded().empty());
    CHECK(rig.frames_during(5'000) < 4);
}

TEST_CASE("keep mine stores my version over the other one [A5]") {
    Rig rig;
    rig.start();
    make_conflict(rig);
    rig.click(Role::button, "Keep mine");
    rig.pass(2'000);
    CHECK_FALSE(rig.find(Role::dialog, "This workflow was changed elsewhere"));
    CHECK(rig.find(Role::status, "Saved"));
    CHECK(stored_image(rig) == "mine:1");
}

TEST_CASE("take theirs shows the other version, and undo brings mine back [A5]") {
    Rig rig;
    rig.start();
    make_conflict(rig);
    rig.click(Role::button, "Take theirs");
    rig.pass(1'000);
    CHECK(rig.find(Role::status, "Saved"));
    CHECK(data_of(*rig.app, rig.node_id("storefront"))["image"] == "theirs:1");
    rig.click(Role::button, "Undo");
    CHECK(data_of(*rig.app, rig.node_id("storefront"))["image"] == "mine:1");
}

TEST_CASE("a copy opens with my version and the workflow keeps theirs [A5]") {
    Rig rig;
    rig.start();
    make_conflict(rig);
    rig.click(Role::button, "Save mine as a copy");
    rig.pass(3'000);
    CHECK(rig.find(Role::button, "Workflow: Online shop (my copy)"));
    CHECK(data_of(*rig.app, rig.node_id("storefront"))["image"] == "mine:1");
    CHECK(stored_image(rig) == "theirs:1");
}

TEST_CASE("Escape puts the choice off; the top bar leads back to it [A2 A5]") {
    Rig rig;
    rig.start();
    make_conflict(rig);
    rig.press(ImGuiKey_Escape);
    rig.pass(500);
    CHECK_FALSE(rig.find(Role::dialog, "This workflow was changed elsewhere"));
    CHECK(rig.app->has_unsaved());
    rig.click(Role::button, "Not saved: changed elsewhere");
    rig.pass(500);
    CHECK(rig.find(Role::dialog, "This workflow was changed elsewhere"));
}

TEST_CASE("on a narrow screen the versions stand below each other [A5]") {
    Rig rig({.input = {.width = 380, .height = 740}});
    rig.start();
    make_conflict(rig);
    const SemanticRecord* keep = rig.find(Role::button, "Keep mine");
    REQUIRE(keep);
    CHECK(keep->rect.w > 280);
    CHECK(keep->rect.y + keep->rect.h < 740);
    rig.click(Role::button, "Take theirs");
    rig.pass(500);
    CHECK(rig.app->workflow().save == model::SavePhase::saved);
}

TEST_CASE("the top bar says why something is not saved [A2]") {
    Rig rig;
    rig.start();
    rig.interceptor->add({.method = "PUT", .path_part = "/workflows/", .status = 403, .body = R"({"error":"You may only read this workflow"})"});
    set_image(*rig.app, rig.node_id("storefront"), "x:1");
    rig.pass(3'000);
    CHECK(rig.find(Role::status, "Not saved: You may only read this workflow"));
}
