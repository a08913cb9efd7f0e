// Settings, Registries.
#include <catch2/catch_test_macros.hpp>

#include "model/registries.hpp"
#include "ui/ui_rig.hpp"

using namespace ui;
using namespace ui::testing;

namespace {

void open_registries(Rig& rig) {
    rig.start();
    rig.click(Role::button, "Settings");
    rig.click(Role::button, "Registries");
    rig.pass(500);
}

void add_ghcr(Rig& rig) {
    rig.click(Role::button, "Add registry");
    rig.pass(200);
    rig.click(Role::combobox, "Kind");
    rig.click(Role::option, "GitHub packages");
    rig.set_text(Role::textbox, "Name", "Packages");
    rig.set_text(Role::textbox, "User name", "ada");
    rig.set_text(Role::textbox, "Token", "ghp_secret");
    rig.click(Role::button, "Add");
    rig.pass(500);
}

}  // namespace

TEST_CASE("a registry is added from the empty list, and its form says what is missing") {
    Rig rig;
    open_registries(rig);
    REQUIRE(rig.find(Role::status, "No registry yet"));
    CHECK(rig.unrecorded().empty());
    rig.click(Role::button, "Add registry");
    rig.pass(200);
    REQUIRE(rig.find(Role::dialog, "Add registry"));
    CHECK(rig.unrecorded().empty());
    rig.click(Role::button, "Add");
    CHECK(rig.find(Role::textbox, "Name")->description == "Give it a name");
    rig.set_text(Role::textbox, "User name", "ada");
    rig.set_text(Role::textbox, "Name", "Packages");
    rig.click(Role::button, "Add");
    rig.settle();
    CHECK((rig.find(Role::textbox, "Password or token")->flags & kInvalid) != 0);
    CHECK((rig.find(Role::textbox, "Password or token")->flags & kFocused) != 0);
    CHECK(rig.find(Role::textbox, "Password or token")->description == "Password or token is needed");
    CHECK(rig.interceptor->count("POST /v1/api/admin/registries") == 0);
    rig.set_text(Role::textbox, "Password or token", "secret");
    rig.click(Role::button, "Add");
    rig.pass(500);
    CHECK_FALSE(rig.find(Role::dialog, "Add registry"));
    const SemanticRecord* row = rig.find(Role::listitem, "Packages, default");
    REQUIRE(row);
    CHECK(row->value == "Not checked yet · Docker Hub · docker.io");
    CHECK_FALSE(rig.shows("secret"));
}

TEST_CASE("what the hub refuses stands at the field it is about") {
    Rig rig;
    open_registries(rig);
    add_ghcr(rig);
    REQUIRE(rig.find(Role::listitem, "Packages, default"));
    rig.click(Role::button, "Add registry");
    rig.pass(200);
    rig.set_text(Role::textbox, "Name", "packages");
    rig.set_text(Role::textbox, "Address", "ghcr.io");
    rig.click(Role::button, "Add");
    rig.pass(500);
    REQUIRE(rig.find(Role::dialog, "Add registry"));
    CHECK(rig.find(Role::textbox, "Address")->description.find("not Docker Hub") != std::string::npos);
    rig.set_text(Role::textbox, "Address", "");
    rig.click(Role::button, "Add");
    rig.pass(500);
    CHECK(rig.app->registries().state().registries.size() == 1);
    CHECK(rig.find(Role::textbox, "Name")->description.find("There is a registry \"Packages\" already") != std::string::npos);
    CHECK((rig.find(Role::textbox, "Name")->flags & kInvalid) != 0);
    rig.press(ImGuiKey_Escape);
    CHECK_FALSE(rig.find(Role::dialog, "Add registry"));
}

TEST_CASE("a registry is checked, changed without its credentials, and removed") {
    Rig rig;
    open_registries(rig);
    add_ghcr(rig);
    rig.click(Role::button, "Check Packages");
    rig.pass(500);
    CHECK(rig.shows("cannot reach servers outside its cluster"));
    CHECK(rig.find(Role::listitem, "Packages, default")->value.starts_with("Not connected"));
    rig.click(Role::button, "More for Packages");
    rig.click(Role::menuitem, "Change…");
    rig.pass(200);
    REQUIRE(rig.find(Role::dialog, "Change registry"));
    CHECK(rig.value(Role::textbox, "Name") == "Packages");
    CHECK(rig.value(Role::textbox, "Token").empty());
    rig.set_text(Role::textbox, "Name", "GitHub");
    rig.click(Role::button, "Save");
    rig.pass(500);
    REQUIRE(rig.find(Role::listitem, "GitHub, default"));
    CHECK(rig.app->registries().default_registry()->has_credentials);
    rig.click(Role::button, "More for GitHub");
    rig.click(Role::menuitem, "Remove…");
    rig.pass(200);
    REQUIRE(rig.find(Role::dialog, "Remove registry?"));
    rig.click(Role::button, "Remove registry");
    rig.pass(500);
    CHECK(rig.find(Role::status, "No registry yet"));
}

TEST_CASE("registries that cannot be read again stay on the page, marked with their age, until a retry helps") {
    Rig rig;
    open_registries(rig);
    add_ghcr(rig);
    rig.pass(120'000);
    rig.interceptor->add({.method = "GET", .path_part = "/registries", .kind = Interceptor::Kind::answer, .status = 503, .body = R"({"error":"The disk is away"})"});
    rig.app->registries().reload();
    rig.pass(5'000);
    CHECK(rig.shows("The disk is away. Shown is the state of 2 min ago."));
    CHECK(rig.find(Role::listitem, "Packages, default"));
    CHECK(rig.unrecorded().empty());
    rig.interceptor->clear();
    rig.click(Role::button, "Retry");
    rig.pass(500);
    CHECK_FALSE(rig.shows("Shown is the state of"));
}

TEST_CASE("an image's registry is looked up") {
    Rig rig;
    open_registries(rig);
    rig.set_text(Role::textbox, "Image", "ghcr.io/example/web:1");
    rig.click(Role::button, "Look up");
    rig.pass(500);
    CHECK(rig.find_part(Role::status, "No registry is set up for ghcr.io"));
    rig.set_text(Role::textbox, "Image", "NOT AN IMAGE");
    rig.click(Role::button, "Look up");
    rig.pass(500);
    CHECK(rig.find_part(Role::status, "is no repository"));
}

TEST_CASE("on a phone the sections are a list above the section, and the registries can be used") {
    Rig rig;
    rig.start();
    rig.input.coarse_pointer = true;
    rig.resize(390, 844);
    rig.click(Role::button, "Settings");
    rig.click(Role::combobox, "Section");
    rig.click(Role::option, "Registries");
    rig.pass(500);
    CHECK(rig.find(Role::heading, "Registries"));
    CHECK(rig.unrecorded().empty());
    const SemanticRecord* add = rig.find(Role::button, "Add registry");
    REQUIRE(add);
    CHECK(add->rect.h >= 44);
}
