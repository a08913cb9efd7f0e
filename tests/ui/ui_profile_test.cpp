// The profile, and the providers on the sign-in page, by mouse and keyboard.
#include <catch2/catch_test_macros.hpp>
#include <string>

#include "ui/ui_rig.hpp"

using namespace ui;  // a test file
using ui::testing::Interceptor;
using ui::testing::Rig;
using ui::testing::RigOptions;

namespace {

class FakePage final : public model::SignInPage {
public:
    bool leave_for(const std::string& its_target, const std::string&) override {
        target = its_target;
        return true;
    }
    std::string target;
};

constexpr const char* kProviders = R"("providers":[{"name":"github","displayName":"GitHub","icon":"github"},{"name":"sso","displayName":"Company SSO","icon":"authentik"}])";

Interceptor::Rule methods(bool passwords) {
    const std::string word = passwords ? "true" : "false";
    return {.method = "GET", .path_part = "/auth/methods", .kind = Interceptor::Kind::answer, .status = 200,
            .body = R"({"builtin":{"enabled":)" + word + R"(,"signupEnabled":)" + word + "}," + kProviders + "}"};
}

// Registered by password, on the workflow's page.
void sign_up(Rig& rig) {
    rig.start();
    rig.click(Role::link, "Create an account");
    rig.set_text(Role::textbox, "Name", "Ada Lovelace");
    rig.set_text(Role::textbox, "Email", "ada@example.org");
    rig.set_text(Role::textbox, "Password", "secret1");
    rig.activate(Role::button, "Create account");
    rig.pass(3'000);
    REQUIRE(rig.find(Role::button, "User menu"));
}

void open_profile(Rig& rig) {
    rig.click(Role::button, "User menu");
    rig.click(Role::menuitem, "Profile");
    rig.pass(500);
    REQUIRE(rig.find(Role::main, "Profile"));
}

void change_password(Rig& rig, const std::string& current, const std::string& next, const std::string& repeat) {
    rig.set_text(Role::textbox, "Current password", current);
    rig.set_text(Role::textbox, "New password", next);
    rig.set_text(Role::textbox, "Repeat new password", repeat);
    rig.activate(Role::button, "Change password");
    rig.pass(1'000);
}

}  // namespace

TEST_CASE("the sign-in page offers the providers under the form, and leaves for the one that is pressed") {
    FakePage page;
    Rig rig({.auth = hub::AuthMode::builtin, .sign_in_page = &page});
    rig.interceptor->add(methods(true));
    rig.start();
    rig.pass(500);
    REQUIRE(rig.find(Role::textbox, "Email"));
    REQUIRE(rig.find(Role::button, "Sign in with GitHub"));
    CHECK(rig.find(Role::button, "Sign in with GitHub")->rect.y > rig.find(Role::button, "Sign in")->rect.y);
    CHECK(rig.unrecorded().empty());
    rig.click(Role::button, "Sign in with Company SSO");
    CHECK(page.target.starts_with("/v1/api/auth/oauth/sso/authorize?tab="));
    CHECK(page.target.find("invite") == std::string::npos);

    rig.click(Role::link, "Create an account");
    rig.set_text(Role::textbox, "Invite code", " 123456 ");
    rig.click(Role::button, "Sign up with GitHub");
    CHECK(page.target.starts_with("/v1/api/auth/oauth/github/authorize?tab="));
    CHECK(page.target.ends_with("&invite=123456"));
}

TEST_CASE("where passwords are not in use the form is gone, and an invite code can still be given") {
    FakePage page;
    Rig rig({.auth = hub::AuthMode::builtin, .sign_in_page = &page});
    rig.interceptor->add(methods(false));
    rig.start();
    rig.pass(500);
    CHECK_FALSE(rig.find(Role::textbox, "Email"));
    CHECK_FALSE(rig.find(Role::textbox, "Password"));
    CHECK_FALSE(rig.find(Role::button, "Sign in"));
    REQUIRE(rig.find(Role::button, "Sign in with GitHub"));
    rig.click(Role::link, "I have an invite code");
    rig.set_text(Role::textbox, "Invite code", "123456");
    CHECK(rig.unrecorded().empty());
    rig.click(Role::button, "Sign up with GitHub");
    CHECK(page.target.ends_with("&invite=123456"));
}

TEST_CASE("a page that comes back from a provider with an error shows it above the form") {
    FakePage page;
    Rig rig({.auth = hub::AuthMode::builtin, .sign_in_page = &page, .oauth_return = {.code = {}, .error = "email_unverified", .tab = {}, .title = "GitHub"}});
    rig.start();
    rig.pass(500);
    CHECK(rig.find(Role::alert, model::oauth_problem("email_unverified", "GitHub")));
}

TEST_CASE("the profile shows who is signed in, and the name can be changed") {
    Rig rig({.auth = hub::AuthMode::builtin});
    sign_up(rig);
    open_profile(rig);
    CHECK(rig.find(Role::heading, "Ada Lovelace"));
    CHECK(rig.shows("ada@example.org"));
    CHECK(rig.shows("Admin"));
    CHECK(rig.shows("Email and password"));
    CHECK(rig.shows("Member since"));
    CHECK(rig.unrecorded().empty());
    rig.set_text(Role::textbox, "Name", "   ");
    rig.activate(Role::button, "Save name");
    rig.settle();
    CHECK(rig.shows("Enter your name"));
    rig.set_text(Role::textbox, "Name", "Ada King");
    rig.activate(Role::button, "Save name");
    rig.pass(1'000);
    CHECK(rig.find(Role::heading, "Ada King"));
    CHECK(rig.app->auth().user->name == "Ada King");
    // The page is an address of its own, and the rail leads away from it.
    CHECK(rig.app->route().view == "profile");
    rig.click(Role::button, "Workflows");
    CHECK_FALSE(rig.find(Role::main, "Profile"));
}

TEST_CASE("the password is changed with the current one, twice the same, long enough") {
    Rig rig({.auth = hub::AuthMode::builtin});
    sign_up(rig);
    open_profile(rig);
    change_password(rig, "", "abc", "x");
    CHECK(rig.shows("Enter your current password"));
    CHECK(rig.shows("At least 6 characters"));
    change_password(rig, "secret1", "secret2", "secret3");
    CHECK(rig.shows("This is not the same as above"));
    CHECK(rig.interceptor->count("/profile/password") == 0);
    change_password(rig, "wrong-one", "secret2", "secret2");
    CHECK(rig.find(Role::textbox, "Current password")->description == "The current password is not right.");
    CHECK((rig.find(Role::textbox, "Current password")->flags & kInvalid) != 0);
    CHECK((rig.find(Role::textbox, "Current password")->flags & kFocused) != 0);
    change_password(rig, "secret1", "secret2", "secret2");
    CHECK(rig.shows("Password changed"));
    CHECK(rig.find(Role::button, "Change password"));
    CHECK_FALSE(rig.shows("Enter your current password"));  // the form is empty again, and says nothing
    // Still in, with the new token; and the new password is the one that counts.
    rig.pass(2'000);
    CHECK(rig.app->session().phase == model::SessionPhase::signed_in);
    rig.activate(Role::button, "Log out");
    rig.pass(2'000);
    rig.set_text(Role::textbox, "Email", "ada@example.org");
    rig.set_text(Role::textbox, "Password", "secret2");
    rig.activate(Role::button, "Sign in");
    rig.pass(3'000);
    CHECK(rig.find(Role::button, "User menu"));
}

TEST_CASE("who signs in by a provider sees it, and no password form") {
    FakePage page;
    Rig rig({.auth = hub::AuthMode::builtin, .sign_in_page = &page});
    sign_up(rig);
    rig.interceptor->add(methods(true));
    rig.interceptor->add({.method = "GET", .path_part = "/profile", .kind = Interceptor::Kind::answer, .status = 200,
                          .body = R"({"id":")" + rig.app->auth().user->id +
                                  R"(","name":"Ada","email":"ada@example.org","role":"user","createdAt":"2026-02-03T04:05:06.000Z","authProvider":"sso"})"});
    open_profile(rig);
    CHECK(rig.shows("Company SSO"));
    CHECK(rig.shows("3 February 2026"));
    CHECK(rig.find(Role::textbox, "Name"));
    CHECK_FALSE(rig.find(Role::textbox, "Current password"));
    CHECK_FALSE(rig.find(Role::button, "Change password"));
    CHECK(rig.shows("You sign in by Company SSO. There is no password to change here."));
    CHECK(rig.unrecorded().empty());
}

TEST_CASE("the local admin has a profile without anything to change") {
    Rig rig;
    rig.start();
    open_profile(rig);
    CHECK(rig.find(Role::heading, "Local admin"));
    CHECK_FALSE(rig.find(Role::textbox, "Name"));
    CHECK_FALSE(rig.find(Role::textbox, "Current password"));
    CHECK_FALSE(rig.find(Role::button, "Log out"));
}

TEST_CASE("the profile fits a phone, with places for fingers") {
    Rig rig({.auth = hub::AuthMode::builtin, .input = {.width = 360, .height = 640, .coarse_pointer = true}});
    sign_up(rig);
    open_profile(rig);
    CHECK(rig.unrecorded().empty());
    for (const char* name : {"Name", "Current password", "New password", "Repeat new password"}) {
        INFO(name);
        const SemanticRecord* field = rig.find(Role::textbox, name);
        REQUIRE(field);
        CHECK(field->rect.x >= 0);
        CHECK(field->rect.x + field->rect.w <= 360);
    }
}
