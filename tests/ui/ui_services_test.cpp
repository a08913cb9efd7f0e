// Builds in the dock, the Import dialog, the Alerts page.
#include <catch2/catch_test_macros.hpp>

#include <cstdlib>

#include "model/alerts.hpp"
#include "model/builds.hpp"
#include "model/imports.hpp"
#include "model/registries.hpp"
#include "ui/commands.hpp"
#include "ui/ui_raster.hpp"
#include "ui/ui_rig.hpp"

using namespace ui;
using namespace ui::testing;

namespace {

constexpr const char* kCompose = "services:\n  cache:\n    image: redis:7\n    volumes: [\"./data:/data\"]\n  shop:\n    image: nginx:1.27\n    ports: [\"8080:80\"]\n    depends_on: [cache]\n";

void add_registry(Rig& rig) {
    rig.app->registries().save("", {{"name", "Local"}, {"registryType", "custom"}, {"registryUrl", "registry.local"}, {"credentials", model::Json::object()}}, [](base::Result<void> saved) { REQUIRE(saved); });
    rig.pass(500);
}

void open_builds(Rig& rig) {
    rig.start();
    add_registry(rig);
    rig.click(Role::tab, "Build");
    rig.pass(500);
}

void fill_build(Rig& rig, std::string repository) {
    rig.click(Role::button, "New build");
    rig.pass(300);
    REQUIRE(rig.find(Role::dialog, "New build"));
    rig.set_text(Role::textbox, "Git repository", std::move(repository));
    rig.set_text(Role::textbox, "Image name", "acme/checkout");
    rig.set_text(Role::textbox, "Tag", "3.2");
    rig.click(Role::button, "Start build");
    rig.pass(1'000);
}

void open_import(Rig& rig) {
    rig.start();
    rig.run_command("workflow.import");
    rig.pass(300);
    REQUIRE(rig.find(Role::dialog, "Import"));
}

}  // namespace

TEST_CASE("a build is started from the dock, told with its progress, and its image set on a node") {
    Rig rig;
    open_builds(rig);
    CHECK(rig.find(Role::status, "No builds yet"));
    CHECK(rig.unrecorded().empty());
    rig.select("checkout");
    fill_build(rig, "https://github.com/acme/checkout");
    CHECK_FALSE(rig.find(Role::dialog, "New build"));
    const SemanticRecord* row = rig.find(Role::button, "acme/checkout:3.2");
    REQUIRE(row);
    rig.pass(2'500);
    const SemanticRecord* progress = rig.find(Role::progressbar, "Progress of acme/checkout:3.2");
    REQUIRE(progress);
    CHECK(progress->value_now > 0);
    CHECK(rig.find(Role::button, "Cancel"));
    CHECK(rig.find(Role::log, "Build log")->value != "0 lines");
    CHECK(rig.find(Role::text, "Simulated"));
    CHECK(rig.unrecorded().empty());
    rig.pass(60'000);
    CHECK_FALSE(rig.find(Role::progressbar, "Progress of acme/checkout:3.2"));
    CHECK(rig.find(Role::button, "acme/checkout:3.2")->value.starts_with("Completed"));
    REQUIRE(rig.find(Role::button, "Use in checkout"));
    rig.click(Role::button, "Use in checkout");
    rig.settle();
    const model::NodeIndex node = rig.app->graph().find_node(rig.node_id("checkout"));
    CHECK(rig.app->graph().node(node).data["image"].get<std::string>().starts_with("registry.local/acme/checkout:3.2@sha256:"));
    CHECK(rig.find(Role::button, "In use"));
    CHECK(rig.app->undo_title() == "Undo Use image registry.local/acme/checkout:3.2");
    rig.app->undo();
    rig.settle();
    CHECK(rig.find(Role::button, "Use in checkout"));
    CHECK(rig.unrecorded().empty());
}

TEST_CASE("a build that fails says why, and can be started again with what it had") {
    Rig rig;
    open_builds(rig);
    fill_build(rig, "https://github.com/acme/no-dockerfile");
    rig.pass(30'000);
    CHECK(rig.find_part(Role::alert, "The repository has no Dockerfile"));
    rig.click(Role::button, "Build again…");
    rig.pass(300);
    REQUIRE(rig.find(Role::dialog, "New build"));
    CHECK(rig.value(Role::textbox, "Git repository") == "https://github.com/acme/no-dockerfile");
    CHECK(rig.value(Role::textbox, "Tag") == "3.2");
    CHECK(rig.value(Role::textbox, "Branch") == "main");
    rig.press(ImGuiKey_Escape);
    rig.settle();
    CHECK(rig.app->builds().form() == nullptr);
}

TEST_CASE("a build that runs is cancelled by its button") {
    Rig rig;
    open_builds(rig);
    fill_build(rig, "https://github.com/acme/shop");
    rig.pass(1'000);
    rig.click(Role::button, "Cancel");
    rig.pass(500);
    CHECK(rig.find(Role::button, "acme/checkout:3.2")->value.starts_with("Cancelled"));
    CHECK(rig.find(Role::button, "Build again…"));
}

TEST_CASE("the form of a build says what is missing, and where registries come from") {
    Rig rig;
    rig.start();
    rig.run_command("build.start");
    rig.pass(500);
    REQUIRE(rig.find(Role::dialog, "New build"));
    CHECK(rig.find(Role::link, "Add one in Settings, Registries"));
    rig.click(Role::button, "Start build");
    rig.settle();
    CHECK(rig.find(Role::textbox, "Git repository")->description == "Enter the address of a git repository");
    rig.click(Role::link, "More settings");
    rig.settle();
    CHECK(rig.find(Role::textbox, "Build context"));
    CHECK(rig.unrecorded().empty());
    rig.click(Role::link, "Add one in Settings, Registries");
    rig.pass(500);
    CHECK(rig.app->ui().rail == "settings");
}

TEST_CASE("builds that cannot be read say so, and the tab fits a narrow window") {
    Rig rig;
    rig.start();
    add_registry(rig);
    rig.interceptor->add({.method = "GET", .path_part = "/builds?", .status = 403, .body = R"({"error":"Builds are not for you."})"});
    rig.click(Role::tab, "Build");
    rig.pass(2'000);
    CHECK(rig.shows("Builds are not for you."));
    rig.interceptor->clear();
    rig.click(Role::button, "Retry");
    rig.pass(1'000);
    rig.resize(520, 800);
    rig.settle();
    rig.click(Role::tab, "Build");
    rig.settle();
    CHECK(rig.find(Role::button, "New build"));
    fill_build(rig, "https://github.com/acme/shop");
    CHECK(rig.find(Role::button, "Back to the list"));
    CHECK(rig.unrecorded().empty());
    rig.click(Role::button, "Back to the list");
    rig.settle();
    CHECK(rig.find(Role::button, "acme/checkout:3.2"));
}

TEST_CASE("a pasted compose file is previewed, added as one step, and undone") {
    Rig rig;
    open_import(rig);
    CHECK(rig.unrecorded().empty());
    rig.click(Role::button, "Preview");
    rig.settle();
    CHECK(rig.find(Role::textbox, "File")->description == "Paste a file, or choose one");
    rig.set_text(Role::textbox, "File", kCompose);
    rig.click(Role::button, "Preview");
    rig.pass(500);
    CHECK(rig.find(Role::status, "A Compose file: 4 nodes, 2 edges"));
    const SemanticRecord* warning = rig.find_part(Role::listitem, "Warning: The folder ./data");
    REQUIRE(warning);
    CHECK(warning->description == "Line 4 · cache");
    CHECK(rig.find(Role::listitem, "Deployment shop"));
    CHECK(rig.unrecorded().empty());
    const std::size_t before = rig.app->graph().node_count();
    rig.click(Role::button, "Add to this workflow");
    rig.settle();
    CHECK_FALSE(rig.find(Role::dialog, "Import"));
    CHECK(rig.app->graph().node_count() == before + 4);
    CHECK(rig.app->canvas().selected_nodes.size() == 4);
    CHECK(rig.app->undo_title() == "Undo Import 4 nodes");
    rig.app->undo();
    rig.settle();
    CHECK(rig.app->graph().node_count() == before);
    // Nothing of it lies on what was there.
    rig.app->redo();
    rig.settle();
    const auto& graph = rig.app->graph();
    for (const std::string& id : rig.app->canvas().selected_nodes) {
        const model::NodeIndex fresh = graph.find_node(id);
        for (model::NodeIndex other = 0; other < graph.node_slots(); ++other) {
            if (graph.node_alive(other) && other != fresh) CHECK_FALSE(graph.node_rect(fresh).overlaps(graph.node_rect(other)));
        }
    }
}

TEST_CASE("an import becomes a workflow of its own") {
    Rig rig;
    open_import(rig);
    rig.set_text(Role::textbox, "File", kCompose);
    rig.click(Role::button, "Preview");
    rig.pass(500);
    rig.set_text(Role::textbox, "Name of a new workflow", "From compose");
    rig.click(Role::button, "New workflow");
    rig.pass(1'000);
    CHECK(rig.app->workflow().name == "From compose");
    CHECK(rig.app->graph().node_count() == 4);
    CHECK(rig.app->graph().edge_count() == 2);
}

TEST_CASE("a file is chosen, and what is wrong in it stands with its line") {
    Rig rig;
    open_import(rig);
    rig.platform.chosen_name = "broken.yaml";
    rig.platform.chosen_bytes = "services:\n  web:\n    image: [\n";
    rig.click(Role::button, "Choose a file…");
    rig.settle();
    CHECK(rig.find(Role::status, "broken.yaml"));
    rig.click(Role::button, "Preview");
    rig.pass(500);
    const SemanticRecord* error = rig.find_part(Role::listitem, "Error: ");
    REQUIRE(error);
    CHECK(error->description.starts_with("Line "));
    CHECK((rig.find(Role::button, "Add to this workflow")->flags & kDisabled) != 0);
    rig.click(Role::button, "Back");
    rig.settle();
    CHECK(rig.value(Role::textbox, "File").starts_with("services:"));
}

TEST_CASE("a repository that cannot be reached says so in the dialog") {
    Rig rig;
    open_import(rig);
    rig.click(Role::tab, "GitHub");
    rig.settle();
    rig.set_text(Role::textbox, "Address", "https://github.com/acme/shop");
    rig.click(Role::button, "Preview");
    rig.pass(1'000);
    CHECK(rig.find_part(Role::alert, "cannot reach servers outside"));
    CHECK(rig.find(Role::button, "Preview"));
    CHECK(rig.unrecorded().empty());
    rig.press(ImGuiKey_Escape);
    rig.settle();
    CHECK(rig.app->imports().form() == nullptr);
}

TEST_CASE("alerts: a ready-made rule is turned on, fires, and is acknowledged and resolved") {
    Rig rig;
    rig.start();
    rig.run_command("go.alerts");
    rig.pass(1'000);
    CHECK(rig.shows("Nothing is watched: no rule is on."));
    CHECK(rig.unrecorded().empty());
    rig.click(Role::button, "Choose rules");
    rig.settle();
    rig.click(Role::button, "Turn on Pod does not start");
    rig.pass(1'000);
    REQUIRE(rig.find(Role::listitem, "Pod does not start"));
    CHECK(rig.find(Role::listitem, "Pod does not start")->value == "On");
    rig.app->run();  // checkout:9.9 of the sample cannot be pulled
    rig.pass(150'000);
    CHECK(rig.find_part(Role::button, " alert"));  // in the status bar
    rig.run_command("go.alerts");
    rig.pass(500);
    const SemanticRecord* alert = rig.find_part(Role::listitem, "Critical: ");
    REQUIRE(alert);
    CHECK(alert->value == "Firing");
    const SemanticRecord* acknowledge = rig.find_part(Role::button, "Acknowledge ");
    REQUIRE(acknowledge);
    rig.click(Role::button, std::string(acknowledge->name));
    rig.pass(1'000);
    CHECK(rig.find_part(Role::listitem, "Critical: ")->value == "Acknowledged");
    rig.click(Role::button, std::string(rig.find_part(Role::button, "Resolve ")->name));
    rig.pass(1'000);
    CHECK(rig.unrecorded().empty());
    rig.click(Role::tab, "History");
    rig.settle();
    CHECK(rig.find_part(Role::listitem, "Critical: ")->value == "Resolved");
}

TEST_CASE("alerts: a rule is made, tried, changed and removed") {
    Rig rig;
    rig.start();
    rig.run_command("alerts.new_rule");
    rig.pass(500);
    REQUIRE(rig.find(Role::dialog, "New alert rule"));
    CHECK(rig.unrecorded().empty());
    rig.click(Role::button, "Add rule");
    rig.settle();
    CHECK(rig.find(Role::textbox, "Name")->description == "Give the rule a name");
    rig.set_text(Role::textbox, "Name", "My rule");
    rig.click(Role::button, "Add rule");
    rig.pass(1'000);
    CHECK_FALSE(rig.find(Role::dialog, "New alert rule"));
    REQUIRE(rig.find(Role::listitem, "My rule"));
    rig.click(Role::button, "More for My rule");
    rig.click(Role::menuitem, "Try it");
    rig.pass(1'000);
    CHECK(rig.find(Role::button, "1 alert"));
    rig.click(Role::button, "More for My rule");
    rig.click(Role::menuitem, "Remove…");
    rig.pass(300);
    CHECK(rig.shows("its open alerts are resolved"));
    rig.click(Role::button, "Remove rule");
    rig.pass(1'000);
    CHECK_FALSE(rig.find(Role::listitem, "My rule"));
    CHECK_FALSE(rig.find(Role::button, "1 alert"));
}

TEST_CASE("alerts that cannot be read say why; the page fits a narrow window") {
    Rig rig;
    rig.start();
    rig.interceptor->add({.method = "GET", .path_part = "/alerts/events", .status = 403, .body = R"({"error":"Alerts are not for you."})"});
    rig.run_command("go.alerts");
    rig.pass(2'000);
    CHECK(rig.shows("Alerts are not for you."));
    rig.interceptor->clear();
    rig.click(Role::button, "Retry");
    rig.pass(1'000);
    CHECK_FALSE(rig.shows("Alerts are not for you."));
    rig.resize(520, 800);
    rig.settle();
    CHECK(rig.find(Role::heading, "Alerts"));
    CHECK(rig.unrecorded().empty());
}

TEST_CASE("pictures of builds, imports and alerts", "[.shot]") {
    const char* folder = std::getenv("BINNACLE_SHOTS");
    REQUIRE(folder != nullptr);
    const std::string dir = std::string(folder) + "/services-";
    Rig rig;
    open_builds(rig);
    REQUIRE(write_picture(rig, dir + "builds-empty.ppm"));
    rig.select("checkout");
    fill_build(rig, "https://github.com/acme/no-dockerfile");
    rig.pass(30'000);
    REQUIRE(write_picture(rig, dir + "build-failed.ppm"));
    fill_build(rig, "https://github.com/acme/checkout");
    rig.pass(4'000);
    REQUIRE(write_picture(rig, dir + "build-running.ppm"));
    rig.pass(30'000);
    rig.app->set_theme(model::ThemeChoice::light);
    rig.settle();
    REQUIRE(write_picture(rig, dir + "build-done-light.ppm"));
    rig.click(Role::button, "New build");
    rig.pass(500);
    rig.click(Role::link, "More settings");
    rig.pass(500);
    REQUIRE(write_picture(rig, dir + "build-form-light.ppm"));
    rig.press(ImGuiKey_Escape);
    rig.app->set_theme(model::ThemeChoice::dark);
    rig.resize(560, 860);
    rig.settle();
    rig.click(Role::tab, "Build");
    rig.pass(500);
    REQUIRE(write_picture(rig, dir + "build-narrow.ppm"));
    rig.resize(1280, 800);
    rig.run_command("workflow.import");
    rig.pass(500);
    REQUIRE(write_picture(rig, dir + "import.ppm"));
    rig.set_text(Role::textbox, "File", std::string(kCompose) + "  broken:\n    build: .\n    ports: [x]\n    depends_on: [nobody]\n");
    rig.click(Role::button, "Preview");
    rig.pass(1'000);
    REQUIRE(write_picture(rig, dir + "import-preview.ppm"));
    rig.app->set_theme(model::ThemeChoice::light);
    rig.resize(560, 860);
    rig.settle();
    REQUIRE(write_picture(rig, dir + "import-narrow-light.ppm"));
    rig.resize(1280, 800);
    rig.app->set_theme(model::ThemeChoice::dark);
    rig.click(Role::button, "Add to this workflow");
    rig.pass(1'000);
    REQUIRE(write_picture(rig, dir + "import-added.ppm"));
    rig.app->undo();
    rig.app->alerts().enable_template("pod_not_starting");
    rig.app->alerts().enable_template("workload_not_ready");
    rig.pass(500);
    rig.app->run();
    rig.pass(200'000);
    rig.run_command("go.alerts");
    rig.pass(500);
    REQUIRE(write_picture(rig, dir + "alerts.ppm"));
    rig.click(Role::tab, "Rules");
    rig.app->set_theme(model::ThemeChoice::light);
    rig.pass(500);
    REQUIRE(write_picture(rig, dir + "alert-rules-light.ppm"));
    rig.run_command("alerts.new_rule");
    rig.pass(500);
    REQUIRE(write_picture(rig, dir + "alert-form-light.ppm"));
    rig.press(ImGuiKey_Escape);
    rig.app->set_theme(model::ThemeChoice::dark);
    rig.resize(560, 860);
    rig.click(Role::tab, std::string(rig.find_part(Role::tab, "Active")->name));
    rig.pass(500);
    REQUIRE(write_picture(rig, dir + "alerts-narrow.ppm"));
}
