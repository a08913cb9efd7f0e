// Settings, Plugins.
#include <catch2/catch_test_macros.hpp>

#include "model/plugins.hpp"
#include "ui/ui_rig.hpp"

using namespace ui;
using namespace ui::testing;

namespace {

void open_plugins(Rig& rig) {
    rig.start();
    rig.click(Role::button, "Settings");
    rig.click(Role::button, "Plugins");
    rig.pass(500);
}

}  // namespace

TEST_CASE("a plugin is found, enabled, and its node can be added and is asked for what it needs") {
    Rig rig;
    open_plugins(rig);
    REQUIRE(rig.find(Role::heading, "Plugins"));
    CHECK(rig.find_part(Role::status, "plugins · 0 enabled"));
    CHECK(rig.unrecorded().empty());
    rig.set_text(Role::searchbox, "Search plugins", "httproute");
    CHECK(rig.find(Role::switch_, "Enable Gateway API"));
    CHECK_FALSE(rig.find(Role::switch_, "Enable KEDA"));
    rig.set_text(Role::searchbox, "Search plugins", "cert");
    rig.click(Role::button, "cert-manager details");
    CHECK(rig.shows("cert-manager.io/v1"));
    CHECK(rig.shows("Node type: Certificate"));
    rig.click(Role::button, "Copy YAML of Certificate");
    CHECK(rig.platform.copied.starts_with("apiVersion: cert-manager.io/v1\nkind: Certificate\n"));
    rig.click(Role::link, "How to install it");
    CHECK(rig.platform.opened.starts_with("https://cert-manager.io"));
    CHECK((rig.find(Role::switch_, "Enable cert-manager")->flags & kChecked) == 0);
    rig.click(Role::switch_, "Enable cert-manager");
    rig.pass(500);
    CHECK((rig.find(Role::switch_, "Enable cert-manager")->flags & kChecked) != 0);
    REQUIRE(rig.app->node_type("certificate"));
    CHECK(rig.find(Role::button, "Notifications, 1 unread"));

    rig.click(Role::button, "Workflows");
    rig.click(Role::button, "Add node");
    REQUIRE(rig.find(Role::menuitem, "Certificate"));
    rig.click(Role::menuitem, "Certificate");
    REQUIRE(rig.app->canvas().selected_nodes.size() == 1);
    const auto index = rig.app->graph().find_node(*rig.app->canvas().selected_nodes.begin());
    CHECK(rig.app->graph().node(index).type == "certificate");
    CHECK(rig.find(Role::textbox, "Secret"));
    rig.pass(4'000);
    rig.click(Role::button, "Run");
    rig.pass(2'000);
    CHECK(rig.shows("fill in "));
}

TEST_CASE("a refused switch goes back, and says why") {
    Rig rig;
    open_plugins(rig);
    rig.set_text(Role::searchbox, "Search plugins", "keda");
    rig.interceptor->add({.method = "POST", .path_part = "/plugins/keda/enable", .status = 500, .body = R"({"error":"The disk is full"})"});
    rig.click(Role::switch_, "Enable KEDA");
    rig.pass(1'000);
    CHECK((rig.find(Role::switch_, "Enable KEDA")->flags & kChecked) == 0);
    CHECK(rig.shows("The disk is full"));
}

TEST_CASE("categories and Only enabled narrow the list, and an empty one can be widened again") {
    Rig rig;
    open_plugins(rig);
    rig.click(Role::combobox, "Category");
    rig.click(Role::option, "Messaging");
    CHECK(rig.find(Role::switch_, "Enable Strimzi"));
    CHECK_FALSE(rig.find(Role::switch_, "Enable Istio"));
    rig.click(Role::checkbox, "Only enabled");
    REQUIRE(rig.find(Role::status, "No plugin fits"));
    rig.click(Role::button, "Show all");
    CHECK_FALSE(rig.find(Role::status, "No plugin fits"));
    CHECK(rig.find(Role::switch_, "Enable cert-manager"));
}

TEST_CASE("a catalogue that cannot be read offers to try again") {
    Rig rig;
    rig.start();
    rig.interceptor->add({.method = "GET", .path_part = "/v1/api/plugins", .status = 500, .body = R"({"error":"The disk is away"})"});
    rig.click(Role::button, "Settings");
    rig.click(Role::button, "Plugins");
    rig.pass(10'000);
    CHECK(rig.find(Role::alert, "The disk is away"));
    rig.interceptor->clear();
    rig.click(Role::button, "Retry");
    rig.pass(500);
    CHECK(rig.find(Role::searchbox, "Search plugins"));
}
