#include <catch2/catch_test_macros.hpp>

#include "fake_kube.hpp"
#include "hub_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

Json account(const std::string& email, const std::string& invite = "") {
    return {{"email", email}, {"password", "secret1"}, {"name", "Ann"}, {"inviteCode", invite}};
}

struct AuthRig {
    FakeKube kube;
    HubRig rig{kube, AuthMode::builtin};

    std::string register_admin() {
        const Answer answer = rig.call("POST", "/auth/register", account("ann@example.org"));
        REQUIRE(answer.status == 201);
        return text_at(answer.body, "token");
    }
    std::string invite_code() {
        return text_at(rig.call("GET", "/admin/settings/invite-code").body, "inviteCode");
    }
    Answer with_token(const std::string& token, const std::string& path = "/profile") {
        return rig.call("GET", path, nullptr, {{"authorization", "Bearer " + token}});
    }
};

}  // namespace

TEST_CASE("without sign-in every request is the local admin") {
    FakeKube kube;
    HubRig rig(kube);
    const Answer profile = rig.call("GET", "/profile");
    CHECK(profile.status == 200);
    CHECK(text_at(profile.body, "id") == "local");
    CHECK(text_at(profile.body, "role") == "admin");
    CHECK_FALSE(flag_at(rig.call("GET", "/auth/methods").body, "builtin", "enabled"));
    CHECK(rig.call("POST", "/auth/login", {{"email", "a@b.c"}, {"password", "x"}}).status == 403);
    CHECK(rig.hub->authorizes(""));
}

TEST_CASE("health needs no token and says what answers") {
    AuthRig auth;
    const Answer health = auth.rig.call("GET", "/health");
    CHECK(health.status == 200);
    CHECK(health.body == Json{{"status", "ok"}, {"product", "binnacle"}, {"version", "1.2.3"}, {"auth", "builtin"}, {"cluster", "demo"}});
}

TEST_CASE("with sign-in every other route needs a bearer") {
    AuthRig auth;
    for (const char* path : {"/workflows", "/workflows/1", "/templates", "/profile", "/resources", "/clusters", "/workflows/1/status/stream", "/admin/settings/invite-code"}) {
        INFO(path);
        CHECK(auth.rig.call("GET", path).status == 401);
        CHECK(auth.with_token("nonsense", path).status == 401);
    }
    CHECK_FALSE(auth.rig.hub->authorizes(""));
    CHECK_FALSE(auth.rig.hub->authorizes("Bearer x.y.z"));
    const std::string token = auth.register_admin();
    CHECK(auth.rig.hub->authorizes("Bearer " + token));
    CHECK(auth.rig.hub->authorizes("bearer " + token));
    CHECK(auth.with_token(token).status == 200);
}

TEST_CASE("a token in the query opens streams and nothing else") {
    AuthRig auth;
    const std::string token = auth.register_admin();
    CHECK(auth.rig.call("GET", "/workflows?token=" + token).status == 401);
    CHECK(auth.rig.call("GET", "/workflows/none/status/stream?token=" + token).status == 404);
    CHECK(auth.rig.call("GET", "/workflows/none/status/stream?token=x").status == 401);
}

TEST_CASE("the first user is admin, later ones need the invite code") {
    AuthRig auth;
    const std::string admin = auth.register_admin();
    CHECK(auth.rig.call("POST", "/auth/register", account("bob@example.org")).status == 403);
    CHECK(auth.rig.call("POST", "/auth/register", account("bob@example.org", "000000x")).status == 403);
    auth.rig.token = admin;
    const std::string code = auth.invite_code();
    CHECK(code.size() == 6);
    const Answer bob = auth.rig.call("POST", "/auth/register", account("Bob@Example.org ", code));
    CHECK(bob.status == 201);
    CHECK(text_at(bob.body, "user", "role") == "user");
    CHECK(text_at(bob.body, "user", "email") == "bob@example.org");
    CHECK(text_at(bob.body, "user", "authProvider") == "email");
    CHECK(auth.rig.call("POST", "/auth/register", account("bob@example.org", code)).status == 409);
    auth.rig.token = text_at(bob.body, "token");
    CHECK(auth.rig.call("GET", "/admin/settings/invite-code").status == 403);
    auth.rig.token = admin;
    const std::string renewed = text_at(auth.rig.call("POST", "/admin/settings/invite-code").body, "inviteCode");
    CHECK(renewed != code);
    CHECK(auth.invite_code() == renewed);
}

TEST_CASE("registering checks what it is given") {
    AuthRig auth;
    const auto status = [&](Json body) { return auth.rig.call("POST", "/auth/register", std::move(body)).status; };
    CHECK(status({{"email", "a@b"}, {"name", "A"}}) == 400);
    CHECK(status({{"email", "a@b"}, {"name", "A"}, {"password", "12345"}}) == 400);
    CHECK(status({{"email", "a@b"}, {"name", "A"}, {"password", 123456}}) == 400);
    CHECK(status({{"email", "a@b"}, {"name", "  "}, {"password", "123456"}}) == 400);
    for (const char* email : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@.c", "a@c."}) {
        INFO(email);
        CHECK(status({{"email", email}, {"name", "A"}, {"password", "123456"}}) == 400);
    }
    CHECK(auth.rig.store.size("users") == 0);
}

TEST_CASE("an unknown user and a wrong password look and cost the same") {
    AuthRig auth;
    auth.register_admin();
    const int before = auth.rig.hasher.verified;
    const Answer wrong = auth.rig.call("POST", "/auth/login", {{"email", "ann@example.org"}, {"password", "nope"}});
    const Answer unknown = auth.rig.call("POST", "/auth/login", {{"email", "eve@example.org"}, {"password", "nope"}});
    CHECK(wrong.status == 401);
    CHECK(unknown.status == 401);
    CHECK(wrong.body == unknown.body);
    CHECK(auth.rig.hasher.verified == before + 2);
    CHECK(auth.rig.call("POST", "/auth/login", {{"email", "ANN@example.org"}, {"password", "secret1"}}).status == 200);
}

TEST_CASE("logins are limited by peer and address, and told when to come back") {
    AuthRig auth;
    auth.register_admin();
    Answer last;
    for (int i = 0; i < 11; ++i) last = auth.rig.call("POST", "/auth/login", {{"email", "ann@example.org"}, {"password", "nope"}});
    CHECK(last.status == 429);
    CHECK_FALSE(last.headers.get("retry-after").empty());
    CHECK(auth.rig.call("POST", "/auth/login", {{"email", "ann@example.org"}, {"password", "secret1"}}).status == 429);
    auth.rig.time.advance(60'000);
    CHECK(auth.rig.call("POST", "/auth/login", {{"email", "ann@example.org"}, {"password", "secret1"}}).status == 200);
}

TEST_CASE("a token lasts a day and can be renewed for a week after") {
    AuthRig auth;
    const std::string token = auth.register_admin();
    constexpr std::int64_t kDay_ms = 24 * 3'600'000;
    auth.rig.time.advance(kDay_ms - 60'000);
    CHECK(auth.with_token(token).status == 200);
    auth.rig.time.advance(61'000);
    CHECK(auth.with_token(token).status == 401);
    const Answer fresh = auth.rig.call("POST", "/auth/refresh", nullptr, {{"authorization", "Bearer " + token}});
    CHECK(fresh.status == 200);
    CHECK(auth.with_token(text_at(fresh.body, "token")).status == 200);
    auth.rig.time.advance(7 * kDay_ms);
    CHECK(auth.rig.call("POST", "/auth/refresh", nullptr, {{"authorization", "Bearer " + token}}).status == 401);
}

TEST_CASE("a new password ends the other sessions") {
    AuthRig auth;
    const std::string token = auth.register_admin();
    auth.rig.token = token;
    CHECK(auth.rig.call("PUT", "/profile/password", {{"currentPassword", "wrong"}, {"newPassword", "secret2"}}).status == 403);
    CHECK(auth.rig.call("PUT", "/profile/password", {{"currentPassword", "secret1"}, {"newPassword", "123"}}).status == 400);
    const Answer changed = auth.rig.call("PUT", "/profile/password", {{"currentPassword", "secret1"}, {"newPassword", "secret2"}});
    CHECK(changed.status == 200);
    CHECK(auth.with_token(token).status == 401);
    CHECK(auth.with_token(text_at(changed.body, "token")).status == 200);
    auth.rig.token.clear();
    CHECK(auth.rig.call("POST", "/auth/login", {{"email", "ann@example.org"}, {"password", "secret2"}}).status == 200);
}

TEST_CASE("users, tokens and the invite code outlive the hub") {
    AuthRig auth;
    const std::string token = auth.register_admin();
    auth.rig.token = token;
    const std::string code = auth.invite_code();
    CHECK(text_at(auth.rig.call("PUT", "/profile", {{"name", "Anna"}}).body, "name") == "Anna");
    auth.rig.start();
    CHECK(text_at(auth.rig.call("GET", "/profile").body, "name") == "Anna");
    CHECK(auth.invite_code() == code);
}

TEST_CASE("a store that fails at the start is a 503, and the next request tries again") {
    FakeKube kube;
    HubRig rig(kube, AuthMode::builtin);
    rig.store.fail_next({base::ErrorCode::unavailable, "disk gone", ""});
    const Answer down = rig.call("GET", "/health");
    CHECK(down.status == 503);
    CHECK(text_at(down.body, "error").find("disk gone") != std::string::npos);
    CHECK(rig.call("GET", "/health").status == 200);
}
