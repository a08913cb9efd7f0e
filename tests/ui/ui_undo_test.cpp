// Undo and redo by keys and buttons, over a real hub in virtual time.
#include <imgui_internal.h>

#include <catch2/catch_test_macros.hpp>

#include "ui/commands.hpp"
#include "ui/ui_rig.hpp"

using namespace ui;  // a test file
using ui::testing::Rig;

namespace {

bool disabled(Rig& rig, Role role, std::string_view name) {
    const SemanticRecord* record = rig.find(role, name);
    REQUIRE(record != nullptr);
    return (record->flags & kDisabled) != 0;
}

model::Vec2 place_of(Rig& rig, std::string_view node) { return rig.app->graph().node(rig.app->graph().find_node(rig.node_id(node))).position; }

void focus_canvas(Rig& rig) {
    rig.activate(Role::node, rig.find_part(Role::node, "Deployment storefront,")->name);
}

}  // namespace

TEST_CASE("the undo buttons work when there is something to undo, and say what [H1]") {
    Rig rig;
    rig.start();
    CHECK(disabled(rig, Role::button, "Undo"));
    CHECK(disabled(rig, Role::button, "Redo"));
    const model::Vec2 before = place_of(rig, "storefront");
    focus_canvas(rig);
    rig.press(ImGuiKey_RightArrow);
    const model::Vec2 after = place_of(rig, "storefront");
    REQUIRE(after != before);
    CHECK_FALSE(disabled(rig, Role::button, "Undo"));
    CHECK(rig.find(Role::button, "Undo")->description == "Undo Move storefront");
    rig.click(Role::button, "Undo");
    CHECK(place_of(rig, "storefront") == before);
    CHECK(disabled(rig, Role::button, "Undo"));
    rig.click(Role::button, "Redo");
    CHECK(place_of(rig, "storefront") == after);
    CHECK(rig.unrecorded().empty());
}

TEST_CASE("Ctrl+Z, Shift+Ctrl+Z and Ctrl+Y undo and redo [H1]") {
    Rig rig;
    rig.start();
    const std::size_t nodes = rig.app->graph().node_count();
    focus_canvas(rig);
    rig.press(ImGuiKey_Delete);
    REQUIRE(rig.app->graph().node_count() == nodes - 1);
    rig.press(ImGuiKey_Z, ImGuiMod_Ctrl);
    CHECK(rig.app->graph().node_count() == nodes);
    CHECK(rig.app->canvas().selected_nodes == std::set<std::string>{rig.node_id("storefront")});
    rig.press(ImGuiKey_Y, ImGuiMod_Ctrl);
    CHECK(rig.app->graph().node_count() == nodes - 1);
    rig.press(ImGuiKey_Z, ImGuiMod_Ctrl);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, true);
    rig.press(ImGuiKey_Z, ImGuiMod_Ctrl);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, false);
    CHECK(rig.app->graph().node_count() == nodes - 1);
}

TEST_CASE("arrow steps in quick succession are one undo, and after a pause another [H5]") {
    Rig rig;
    rig.start();
    const model::Vec2 before = place_of(rig, "storefront");
    focus_canvas(rig);
    for (int i = 0; i < 5; ++i) rig.press(ImGuiKey_RightArrow);
    const model::Vec2 middle = place_of(rig, "storefront");
    rig.pass(2'000);
    rig.press(ImGuiKey_DownArrow);
    rig.app->undo();
    CHECK(place_of(rig, "storefront") == middle);
    rig.app->undo();
    CHECK(place_of(rig, "storefront") == before);
    CHECK_FALSE(rig.app->can_undo());
}

TEST_CASE("typing into a field of the inspector is one undo; selecting and panning are none [H5 H6]") {
    Rig rig;
    rig.start();
    rig.select("storefront");
    CHECK_FALSE(rig.app->can_undo());
    rig.app->set_viewport({10, 20, 0.7F});
    rig.app->clear_selection();
    CHECK_FALSE(rig.app->can_undo());
    rig.select("storefront");
    const auto image = [&] { return rig.app->graph().node(rig.app->graph().find_node(rig.node_id("storefront"))).data.value("image", ""); };
    const std::string before = image();
    rig.click(Role::textbox, "Image");
    rig.press(ImGuiKey_End);
    rig.type("-alpine");
    REQUIRE(image() == before + "-alpine");
    CHECK(rig.app->undo_title() == "Undo Change image of storefront");
    rig.app->undo();
    CHECK(image() == before);
    CHECK_FALSE(rig.app->can_undo());
}

TEST_CASE("what undo changed comes into view") {
    Rig rig;
    rig.start();
    focus_canvas(rig);
    rig.press(ImGuiKey_RightArrow);
    rig.app->set_viewport({90'000, 90'000, 1});
    rig.settle();
    rig.click(Role::button, "Undo");
    const model::Viewport view = *rig.app->canvas().viewport;
    CHECK(view.x < 10'000);
    CHECK(view.y < 10'000);
}

TEST_CASE("renaming the workflow can be undone [H1]") {
    Rig rig;
    rig.start();
    rig.app->rename_workflow("Corner shop");
    rig.settle();
    CHECK(rig.find(Role::button, "Workflow: Corner shop"));
    rig.app->undo();
    rig.settle();
    CHECK(rig.find(Role::button, "Workflow: Online shop"));
}

TEST_CASE("a run shows how far it is, and waiting for it can be stopped") {
    Rig rig;
    rig.start();
    rig.click(Role::button, "Run");
    rig.pass(1'000);
    REQUIRE(rig.find_part(Role::status, "Running "));
    rig.click(Role::button, "Stop waiting");
    CHECK(rig.app->execution().phase == model::ExecutionPhase::cancelled);
    CHECK(rig.shows("What was applied stays in the cluster and goes on by itself."));
    CHECK_FALSE(rig.find_part(Role::status, "Running "));
}
