// The Export dialog, and the style of the edges.
#include <catch2/catch_test_macros.hpp>

#include "model/exports.hpp"
#include "ui/commands.hpp"
#include "ui/ui_rig.hpp"

using namespace ui;
using namespace ui::testing;

namespace {

void open_export(Rig& rig) {
    rig.start();
    rig.run_command("workflow.export");
    rig.pass(500);
    REQUIRE(rig.find(Role::dialog, "Export"));
}

}  // namespace

TEST_CASE("the open workflow is exported as Kubernetes YAML: looked at, saved, copied") {
    Rig rig;
    open_export(rig);
    CHECK(rig.unrecorded().empty());
    CHECK(rig.value(Role::textbox, "Preview").find("apiVersion:") != std::string::npos);
    rig.click(Role::button, "Save");
    rig.settle();
    CHECK(rig.platform.saved_name.ends_with(".yaml"));
    CHECK(rig.platform.saved_mime == "application/yaml");
    CHECK(rig.platform.saved.find("kind: Deployment") != std::string::npos);
    CHECK(rig.platform.saved.find("binnacle.dev/workflow-id") == std::string::npos);
    rig.click(Role::button, "Copy");
    rig.settle();
    CHECK(rig.platform.copied == rig.platform.saved);
    rig.press(ImGuiKey_Escape);
    rig.settle();
    CHECK(rig.app->exports().state().phase == model::ExportState::Phase::closed);
    CHECK(rig.frames_during(5'000) < 10);
}

TEST_CASE("a Kustomize set lists its files; JSON and SVG need no backend") {
    Rig rig;
    open_export(rig);
    rig.click(Role::tab, "Kustomize");
    rig.pass(500);
    CHECK(rig.value(Role::combobox, "File") == "kustomization.yaml");
    CHECK(rig.value(Role::textbox, "Preview").find("kind: Kustomization") != std::string::npos);
    CHECK(rig.unrecorded().empty());
    rig.click(Role::button, "Save all");
    rig.settle();
    CHECK(rig.platform.saved_name == rig.app->exports().state().files.back().name);
    rig.interceptor->add({.method = "POST", .path_part = "/manifests/export", .status = 503, .body = R"({"error":"The server is still starting."})"});
    rig.click(Role::tab, "JSON");
    rig.pass(500);
    CHECK(rig.value(Role::textbox, "Preview").find("\"binnacle\": \"nodes\"") != std::string::npos);
    rig.click(Role::tab, "SVG image");
    rig.pass(500);
    CHECK(rig.find(Role::checkbox, "Transparent background"));
    rig.click(Role::checkbox, "Dark");
    rig.settle();
    rig.click(Role::button, "Save");
    rig.settle();
    CHECK(rig.platform.saved_mime == "image/svg+xml");
    CHECK(rig.platform.saved.find("#0e1116") != std::string::npos);
    CHECK(rig.unrecorded().empty());
    rig.click(Role::tab, "Kubernetes YAML");
    rig.pass(10'000);
    CHECK(rig.find_part(Role::alert, "The server is still starting."));
    rig.interceptor->clear();
    rig.click(Role::button, "Retry");
    rig.pass(1'000);
    CHECK(rig.value(Role::textbox, "Preview").find("apiVersion:") != std::string::npos);
}

TEST_CASE("the style of the edges goes round by its command and survives a reload") {
    Rig rig;
    rig.start();
    CHECK(rig.app->canvas().edge_style == model::EdgeStyle::bezier);
    rig.run_command("canvas.edge_style");
    CHECK(rig.app->canvas().edge_style == model::EdgeStyle::smooth_step);
    CHECK(rig.shows("Smooth step"));
    rig.pass(1'000);
    const auto stored = rig.storage.get("binnacle-canvas");
    REQUIRE(stored);
    REQUIRE(*stored);
    CHECK((*stored)->find("\"edgeStyle\":\"smooth-step\"") != std::string::npos);
    rig.run_command("canvas.edge_style");
    rig.run_command("canvas.edge_style");
    CHECK(rig.app->canvas().edge_style == model::EdgeStyle::bezier);
}
