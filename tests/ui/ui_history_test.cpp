// The History tab: versions and past runs; the dialogs of a run: what it needs, what it would do.
#include <catch2/catch_test_macros.hpp>

#include "model/dry_run.hpp"
#include "model/run_inputs.hpp"
#include "model/runs.hpp"
#include "model/versions.hpp"
#include "ui/commands.hpp"
#include "ui/ui_rig.hpp"

using namespace ui;
using namespace ui::testing;

namespace {

void set_image(Rig& rig, std::string_view node, const std::string& image) {
    const std::string id = rig.node_id(node);
    model::Json data = rig.app->graph().node(rig.app->graph().find_node(id)).data;
    data["image"] = image;
    REQUIRE(rig.app->edit(model::SetNodeData{id, std::move(data)}));
    rig.settle();
}

std::string image_of(Rig& rig, std::string_view node) {
    return rig.app->graph().node(rig.app->graph().find_node(rig.node_id(node))).data.value("image", "");
}

void keep(Rig& rig, std::string name, std::string tag) {
    rig.run_command("version.keep");
    rig.pass(300);
    REQUIRE(rig.find(Role::dialog, "Keep this version"));
    rig.set_text(Role::textbox, "Name", std::move(name));
    rig.set_text(Role::textbox, "Tag", std::move(tag));
    rig.click(Role::button, "Keep");
    rig.pass(1'000);
    REQUIRE_FALSE(rig.find(Role::dialog, "Keep this version"));
}

}  // namespace

TEST_CASE("a version is kept from the dock, compared with what is there now, restored, and the restore undone") {
    Rig rig;
    rig.start();
    rig.click(Role::tab, "History");
    rig.pass(500);
    CHECK(rig.find(Role::status, "No versions yet. Every run keeps one."));
    CHECK(rig.unrecorded().empty());
    const std::string before = image_of(rig, "storefront");
    keep(rig, "Before the move", "v1");
    CHECK(rig.find(Role::button, "Version 1 · Before the move"));
    CHECK(rig.find(Role::heading, "Version 1 · Before the move"));
    set_image(rig, "storefront", "nginx:1.99");
    rig.click(Role::button, "Compare with now");
    rig.pass(500);
    CHECK(rig.find(Role::button, "storefront, changed"));
    CHECK(rig.find(Role::listitem, "image: " + before + " → nginx:1.99"));
    CHECK(rig.find(Role::status, "Since version 1: 1 difference"));  // on the canvas
    CHECK(rig.unrecorded().empty());
    rig.app->select_nodes({rig.node_id("mailer")});
    rig.app->delete_selection();
    rig.settle();
    CHECK(rig.find(Role::listitem, "mailer, removed"));
    rig.click(Role::button, "Restore");
    rig.pass(1'500);
    CHECK(image_of(rig, "storefront") == before);
    CHECK(rig.app->graph().find_node(rig.node_id("mailer")) != model::kNoIndex);
    CHECK(rig.find(Role::status, "They are the same."));
    CHECK(rig.find_part(Role::button, "restored from 1"));
    CHECK(rig.app->undo_title() == "Undo Restore version 1");
    CHECK_FALSE(rig.app->has_unsaved());
    rig.app->undo();
    rig.pass(5'000);
    CHECK(image_of(rig, "storefront") == "nginx:1.99");
    CHECK(rig.app->workflow().save == model::SavePhase::saved);
    rig.click(Role::button, "Done");
    rig.settle();
    CHECK_FALSE(rig.app->versions().state().compare.open);
    CHECK(rig.unrecorded().empty());
}

TEST_CASE("a version is renamed, and a tag that another has is refused at its field") {
    Rig rig;
    rig.start();
    keep(rig, "One", "v1");
    keep(rig, "Two", "");
    rig.click(Role::button, "Rename…");
    rig.pass(300);
    rig.set_text(Role::textbox, "Tag", "v1");
    rig.click(Role::button, "Rename");
    rig.pass(500);
    CHECK(rig.shows("version 1 has the tag"));
    rig.set_text(Role::textbox, "Tag", "v2");
    rig.click(Role::button, "Rename");
    rig.pass(1'000);
    CHECK_FALSE(rig.find(Role::dialog, "Rename version"));
    CHECK(rig.shows("v2"));
}

TEST_CASE("a past run tells what each node did, and its moments are seen again on the canvas") {
    Rig rig;
    rig.start();
    rig.click(Role::button, "Run");
    rig.pass(40'000);
    rig.run_command("view.runs");
    rig.pass(1'500);
    REQUIRE(rig.find(Role::button, "Run 1"));
    CHECK(rig.find(Role::list, "Timeline of Run 1"));
    CHECK(rig.find_part(Role::listitem, "storefront: applying at 0.0 s"));
    CHECK(rig.unrecorded().empty());
    const model::Graph& graph = rig.app->graph();
    const model::NodeIndex node = graph.find_node(rig.node_id("storefront"));
    CHECK(graph.status(node).state == model::NodeState::healthy);
    rig.click(Role::button, "Replay");
    rig.settle();
    CHECK(graph.status(node).state != model::NodeState::healthy);
    CHECK(rig.find_part(Role::status, "Run 1, 0s after its start"));
    // What happens meanwhile waits.
    rig.pass(5'000);
    CHECK(graph.status(node).state != model::NodeState::healthy);
    const SemanticRecord* moment = rig.find(Role::slider, "Moment of the run");
    REQUIRE(moment);
    rig.click_at({moment->rect.x + moment->rect.w - 8, moment->rect.y + moment->rect.h / 2});
    rig.settle();
    CHECK(graph.status(node).state == model::NodeState::healthy);
    CHECK(rig.unrecorded().empty());
    rig.click_last(Role::button, "Back to live");
    rig.settle();
    CHECK(rig.app->runs().state().replayed.empty());
    CHECK(graph.status(node).state == model::NodeState::healthy);
    rig.click(Role::button, "Log of the run");
    rig.settle();
    CHECK(rig.shows("Run 1 of"));
}

TEST_CASE("a run asks once for the values of a secret, and does nothing when it is not told") {
    Rig rig;
    rig.start();
    const std::string id = rig.app->add_node("secret", {900, 900});
    model::Json data = rig.app->graph().node(rig.app->graph().find_node(id)).data;
    data["keys"] = model::Json::array({{{"id", "k1"}, {"name", "password"}}});
    REQUIRE(rig.app->edit(model::SetNodeData{id, data}));
    rig.settle();
    rig.click(Role::button, "Run");
    rig.pass(1'500);
    REQUIRE(rig.find(Role::dialog, "Values for this run"));
    CHECK(rig.unrecorded().empty());
    rig.press(ImGuiKey_Escape);
    rig.pass(500);
    CHECK_FALSE(rig.find(Role::dialog, "Values for this run"));
    CHECK(rig.app->workflow().run == model::RunPhase::idle);
    CHECK(rig.app->workflow().run_count == 0);
    rig.click(Role::button, "Run");
    rig.pass(1'500);
    REQUIRE(rig.find(Role::dialog, "Values for this run"));
    rig.click(Role::button, "Run with these values");
    rig.settle();
    CHECK(rig.shows("Enter a value for password"));
    rig.set_text(Role::textbox, "password", "hunter2");
    rig.click(Role::button, "Run with these values");
    rig.pass(3'000);
    CHECK_FALSE(rig.find(Role::dialog, "Values for this run"));
    CHECK(rig.app->run_inputs().form() == nullptr);
    CHECK(rig.app->graph().status(rig.app->graph().find_node(id)).state == model::NodeState::created);
    // The cluster has it now.
    rig.pass(20'000);
    rig.click(Role::button, "Run");
    rig.pass(1'500);
    CHECK_FALSE(rig.find(Role::dialog, "Values for this run"));
}

TEST_CASE("a dry run shows what would change in the cluster, and changes nothing") {
    Rig rig;
    rig.start();
    rig.run_command("workflow.dry_run");
    rig.pass(3'000);
    REQUIRE(rig.find(Role::dialog, "Dry run"));
    CHECK(rig.find_part(Role::status, "to create"));
    CHECK(rig.find(Role::listitem, "Deployment storefront, create"));
    CHECK(rig.unrecorded().empty());
    rig.click(Role::button, "Close");
    rig.pass(300);
    CHECK_FALSE(rig.find(Role::dialog, "Dry run"));
    CHECK(rig.app->dry_run().state() == model::DryRunState{});
    CHECK(rig.app->workflow().run_count == 0);
}

TEST_CASE("a node that runs is scaled and restarted from its Status tab") {
    Rig rig;
    rig.start();
    rig.click(Role::button, "Run");
    rig.pass(30'000);
    rig.select("storefront");
    rig.click(Role::tab, "Status");
    rig.pass(500);
    REQUIRE(rig.find(Role::button, "Restart"));
    rig.set_text(Role::textbox, "Scale to", "5");
    rig.click(Role::button, "Scale");
    rig.pass(30'000);
    const model::NodeIndex node = rig.app->graph().find_node(rig.node_id("storefront"));
    CHECK(rig.app->graph().status(node).replicas == 5);
    CHECK(rig.app->graph().node(node).data["replicas"] == 5);
    CHECK(rig.app->undo_title() == "Undo Scale storefront to 5");
    rig.click(Role::button, "Restart");
    rig.pass(1'000);
    CHECK(rig.shows("storefront is restarting"));
    CHECK(rig.unrecorded().empty());
}
