// SessionStore: expiry, permissions, what is stored, and what another tab's storage does to it.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "base/testing/virtual_scheduler.hpp"
#include "base/testing/virtual_tabs.hpp"
#include "model/session_store.hpp"
#include "state/testing/faulty_storage.hpp"

using namespace model;

namespace {

constexpr std::int64_t kHourMs = 3'600'000;

std::string jwt(std::int64_t expires_at_ms, std::int64_t issued_at_ms = 0) {
    Json payload{{"sub", "u1"}, {"exp", expires_at_ms / 1'000}};
    if (issued_at_ms > 0) payload["iat"] = issued_at_ms / 1'000;
    return "eyJhbGciOiJIUzI1NiJ9." + base::base64url_encode(payload.dump()) + ".c2ln";
}

struct OneTab {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{3};
    state::testing::FaultyStorage storage;
    std::vector<SessionEvent> events;
    std::vector<std::string> notices;
    std::unique_ptr<SessionStore> store = open();

    std::unique_ptr<SessionStore> open() {
        auto made = std::make_unique<SessionStore>(
            SessionStore::Ports{.storage = storage, .scheduler = time, .random = random, .tabs = nullptr, .on_notice = [this](const state::PersistNotice& n) { notices.push_back(n.message); }}, "auth-storage");
        made->on_event([this](SessionEvent event) { events.push_back(event); });
        return made;
    }
    [[nodiscard]] std::int64_t now_ms() const { return time.unix_ms(); }
    [[nodiscard]] net::ReplyTiming at_once() const { return {.sent_unix_ms = now_ms(), .received_unix_ms = now_ms(), .server_unix_ms = {}}; }
    static Json reply(std::string token) {
        return {{"token", std::move(token)}, {"user", {{"id", "u1"}, {"name", "Ada"}, {"email", "ada@example.org"}, {"role", "user"}, {"createdAt", "2026"}, {"avatarUrl", "/a.png"}, {"authProvider", "github"}}}};
    }
    void sign_in(std::int64_t lifetime_ms = kHourMs) { REQUIRE(store->login(reply(jwt(now_ms() + lifetime_ms)), at_once(), store->get().epoch)); }
    [[nodiscard]] std::string stored() { return storage.get("auth-storage").value().value_or(""); }
};

}  // namespace

TEST_CASE("a session keeps all seven fields of its user, and those of other backends, over a reload [R15]") {
    OneTab t;
    Json reply = OneTab::reply(jwt(t.now_ms() + kHourMs));
    reply["user"]["full_name"] = "Ada Lovelace";
    reply["user"]["organization_id"] = "o7";
    reply["refresh_token"] = "r1";
    reply["permissions"] = {"agents:read", 7, "agents:write"};
    REQUIRE(t.store->login(reply, t.at_once(), 0));
    const AuthState before = t.store->get();
    t.store = t.open();
    CHECK(t.store->get() == before);
    CHECK(*t.store->get().user == User{"u1", "Ada", "ada@example.org", "user", "2026", "/a.png", "github", "Ada Lovelace", "o7"});
    CHECK(t.store->get().refresh_token == "r1");
    CHECK(t.store->get().permissions == std::vector<std::string>{"agents:read", "agents:write"});
    CHECK(t.stored().find("isAuthenticated") == std::string::npos);  // derived
    CHECK(t.store->is_authenticated());
}

TEST_CASE("a token is good until its very expiry and not a millisecond longer; no expiry is expired [C1]") {
    OneTab t;
    t.sign_in(60'000);
    t.time.advance(59'999);
    CHECK_FALSE(t.store->is_token_expired());
    CHECK(t.store->validate_and_get_token());
    t.time.advance(1);
    CHECK(t.store->is_token_expired());
    OneTab none;
    CHECK(none.store->is_token_expired());
    CHECK_FALSE(none.store->validate_and_get_token());
}

TEST_CASE("asking for an expired token gives nothing, clears the session and says so once [C1]") {
    OneTab t;
    t.sign_in(60'000);
    t.time.advance(60'000);
    CHECK_FALSE(t.store->validate_and_get_token());
    CHECK_FALSE(t.store->validate_and_get_token());
    CHECK_FALSE(t.store->is_authenticated());
    CHECK(t.events.empty());  // later, never inside the call
    t.time.run_ready();
    CHECK(t.events == std::vector{SessionEvent::expired});
    CHECK(t.stored().find("eyJ") == std::string::npos);
}

TEST_CASE("the expiry comes from the token, else from expires_in as of the question, else it is a day [C1]") {
    OneTab t;
    const std::int64_t now_ms = t.now_ms();
    const net::ReplyTiming slow{.sent_unix_ms = now_ms - 4'000, .received_unix_ms = now_ms, .server_unix_ms = {}};
    REQUIRE(t.store->login(OneTab::reply(jwt(now_ms + 90'000)), t.at_once(), 0));
    CHECK(t.store->get().expires_at_ms == now_ms + 90'000);
    t.store->logout();
    Json opaque = OneTab::reply("opaque");
    opaque["expires_in"] = 60;
    REQUIRE(t.store->login(opaque, slow, t.store->get().epoch));
    CHECK(t.store->get().expires_at_ms == now_ms + 56'000);
    t.store->logout();
    REQUIRE(t.store->login(OneTab::reply("opaque"), t.at_once(), t.store->get().epoch));
    CHECK(t.store->get().expires_at_ms == now_ms + 24 * kHourMs);
    t.store->logout();
    for (const char* broken : {"a.b", "a.!!!.c", "a.bnVsbA.c", "a.eyJleHAiOiJ4In0.c", "a.eyJleHAiOi01fQ.c", "a.eyJleHAiOjFlMzAwfQ.c"}) {
        REQUIRE(t.store->login(OneTab::reply(broken), t.at_once(), t.store->get().epoch));
        CHECK(t.store->get().expires_at_ms == now_ms + 24 * kHourMs);
        t.store->logout();
    }
}

TEST_CASE("a clock that is wrong is corrected by the server's Date, by expires_in or by the token's own start [C2]") {
    for (const std::int64_t wrong_ms : {-5 * kHourMs, 5 * kHourMs}) {
        for (const int by : {0, 1, 2}) {
            CAPTURE(wrong_ms, by);
            OneTab t;
            const std::int64_t server_ms = t.now_ms() + wrong_ms;
            Json reply = OneTab::reply(jwt(server_ms + kHourMs, by == 2 ? server_ms : 0));
            net::ReplyTiming timing = t.at_once();
            if (by == 0) timing.server_unix_ms = server_ms;
            if (by == 1) reply["expires_in"] = 3'600;
            REQUIRE(t.store->login(reply, timing, 0));
            CHECK(std::abs(t.store->get().skew_ms - wrong_ms) <= 1'000);
            t.time.advance(kHourMs - 2'000);
            CHECK_FALSE(t.store->is_token_expired());
            t.time.advance(4'000);
            CHECK(t.store->is_token_expired());
        }
    }
}

TEST_CASE("a renewal is due max(30 s, a tenth) before the expiry, somewhat earlier in each tab, and never always [C2]") {
    for (const std::int64_t lifetime_ms : {std::int64_t{10'000}, std::int64_t{40'000}, std::int64_t{120'000}, 10 * kHourMs}) {
        CAPTURE(lifetime_ms);
        OneTab t;
        t.sign_in(lifetime_ms);
        const std::int64_t early_ms = std::min(std::max<std::int64_t>(30'000, lifetime_ms / 10), lifetime_ms / 2);
        CHECK_FALSE(t.store->renewal_due());
        CHECK(t.store->renewal_in_ms() <= lifetime_ms - early_ms);
        CHECK(t.store->renewal_in_ms() >= lifetime_ms - early_ms - early_ms / 5);
        t.time.advance(lifetime_ms - early_ms);
        CHECK(t.store->renewal_due());
        CHECK_FALSE(t.store->is_token_expired());
    }
    OneTab a, b;
    b.random = base::testing::SeededRandom(4);
    b.store = b.open();
    CHECK(a.store->jitter() != b.store->jitter());
}

TEST_CASE("a laptop that slept past the expiry knows so at the first use, without any timer [C3]") {
    OneTab t;
    t.sign_in();
    t.time.jump_wall_clock(24 * kHourMs);  // monotonic time stood still
    CHECK(t.store->is_token_expired());
    CHECK(t.store->renewal_due());
    OneTab u;
    u.sign_in();
    u.time.advance(24 * kHourMs);  // or did not
    CHECK(u.store->is_token_expired());
}

TEST_CASE("putting the clock back prolongs no token, in this tab or after a reload [C5]") {
    OneTab t;
    t.sign_in();
    t.time.jump_wall_clock(-24 * kHourMs);
    t.time.advance(kHourMs);
    CHECK(t.store->is_token_expired());
    OneTab u;
    u.sign_in();
    u.time.jump_wall_clock(-24 * kHourMs);
    u.store = u.open();
    CHECK(u.store->is_authenticated());
    CHECK(u.store->is_token_expired());  // which costs a renewal, and the clock is measured anew
    u.store->renewed(OneTab::reply(jwt(u.now_ms() + 25 * kHourMs)), {.sent_unix_ms = u.now_ms(), .received_unix_ms = u.now_ms(), .server_unix_ms = u.now_ms() + 24 * kHourMs});
    CHECK_FALSE(u.store->is_token_expired());
    CHECK(u.store->renewal_in_ms() < kHourMs);
}

TEST_CASE("an expiry years away costs no overflow [C4]") {
    OneTab t;
    t.sign_in(40LL * 365 * 24 * kHourMs);
    CHECK_FALSE(t.store->is_token_expired());
    CHECK(t.store->renewal_in_ms() > 30LL * 365 * 24 * kHourMs);
}

TEST_CASE("permissions are asked by name, and an admin has all") {
    OneTab t;
    CHECK_FALSE(t.store->has_permission("agents:read"));
    t.sign_in();
    t.store->set_permissions({"agents:read"});
    CHECK(t.store->has_permission("agents:read"));
    CHECK_FALSE(t.store->has_permission("agents:write"));
    User admin = *t.store->get().user;
    admin.role = "admin";
    t.store->set_user(admin);
    CHECK(t.store->has_permission("agents:write"));
    t.store->logout();
    CHECK_FALSE(t.store->has_permission("agents:read"));
}

TEST_CASE("new tokens are set as one pair, and no token is a sign-out [R15]") {
    OneTab t;
    t.sign_in();
    t.store->set_tokens(jwt(t.now_ms() + 2 * kHourMs), "r2");
    CHECK(t.store->get().expires_at_ms == t.now_ms() + 2 * kHourMs);
    CHECK(t.store->get().refresh_token == "r2");
    CHECK(t.stored().find("r2") != std::string::npos);
    t.store->set_tokens("", "");
    CHECK_FALSE(t.store->is_authenticated());
}

TEST_CASE("a sign-out leaves no token in memory or storage, even in a storage too full to write [T3 R17]") {
    OneTab t;
    Json reply = OneTab::reply(jwt(t.now_ms() + kHourMs));
    reply["refresh_token"] = "eyJrefresh";
    REQUIRE(t.store->login(reply, t.at_once(), 0));
    const std::uint64_t epoch = t.store->get().epoch;
    t.store->logout();
    CHECK(t.store->get().epoch > epoch);
    CHECK(t.stored().find("eyJ") == std::string::npos);
    CHECK(t.stored().find("ada") == std::string::npos);
    CHECK(t.store->get().user == std::nullopt);
    CHECK(session_trace(t.store->get())["token"] == "(none)");
}

TEST_CASE("a trace or a debug panel gets whether there is a token, never the token [T2]") {
    OneTab t;
    t.sign_in();
    const std::string shown = session_trace(t.store->get()).dump();
    CHECK(shown.find("eyJ") == std::string::npos);
    CHECK(shown.find("(set)") != std::string::npos);
}

TEST_CASE("only complete sessions are taken from the storage [R15]") {
    const std::string good = R"({"state":{"token":"a","expiresAt":1900000000000,"obtainedAt":1,"skewMs":0,"user":{"id":"u1"},"epoch":5},"version":2})";
    const auto opened = [](const std::string& text) {
        OneTab t;
        (void)t.storage.set("auth-storage", text);
        t.store = t.open();
        return t.store->is_authenticated();
    };
    CHECK(opened(good));
    CHECK(opened(R"({"state":{"isAuthenticated":true,"token":"a","expiresAt":1900000000000,"user":{"id":"u1"}},"version":1})"));  // as the first version wrote it
    for (const char* text : {R"({"state":{"token":"a","user":{"id":"u1"},"epoch":5},"version":2})", R"({"state":{"token":"a","expiresAt":1900000000000,"epoch":5},"version":2})",
                             R"({"state":{"token":7,"expiresAt":1900000000000,"user":{"id":"u1"},"epoch":5},"version":2})", R"({"state":{"token":"a","expiresAt":-1,"user":{"id":"u1"}},"version":2})",
                             R"({"state":{"token":"a","expiresAt":1900000000000,"user":{"id":"u1"}},"version":9})", "{", "", "null"}) {
        CAPTURE(text);
        CHECK_FALSE(opened(text));
    }
}

TEST_CASE("where nothing can be stored the session lives in this tab, and one notice says so") {
    OneTab t;
    t.storage.fail_writes_with(base::Error{base::ErrorCode::quota, "full", ""});
    t.storage.fail_reads_with(base::Error{base::ErrorCode::forbidden, "denied", ""});
    t.store = t.open();
    t.sign_in();
    t.store->sync();
    CHECK(t.store->is_authenticated());
    t.store->set_permissions({"a"});
    CHECK(t.notices.size() == 1);
    t.store->logout();
    CHECK_FALSE(t.store->is_authenticated());
}

TEST_CASE("a session cleared from under the page is a sign-out; one that never was stored is not [R17]") {
    OneTab t;
    t.sign_in();
    (void)t.storage.remove("auth-storage");
    t.store->sync();
    t.time.run_ready();
    CHECK_FALSE(t.store->is_authenticated());
    CHECK(t.events == std::vector{SessionEvent::signed_out_elsewhere});
}

TEST_CASE("a late write of an older session is put right, not believed [R17 R8]") {
    OneTab t;
    t.sign_in();
    const std::string old_session = t.stored();
    t.store->logout();
    const std::string signed_out = t.stored();
    (void)t.storage.set("auth-storage", old_session);  // a tab that slept writes what it had
    t.store->sync();
    t.time.run_ready();
    CHECK_FALSE(t.store->is_authenticated());
    CHECK(t.stored() == signed_out);
    CHECK(t.events.empty());
}

TEST_CASE("an older token of the same session does not replace a newer one, neither from the storage nor from a late answer [R14 R13]") {
    OneTab t;
    t.sign_in();
    const std::string before = t.stored();
    t.store->renewed(OneTab::reply(jwt(t.now_ms() + 3 * kHourMs)), t.at_once());
    const AuthState newer = t.store->get();
    (void)t.storage.set("auth-storage", before);
    t.store->sync();
    CHECK(t.store->get() == newer);
    t.store->renewed(OneTab::reply(jwt(t.now_ms() + 2 * kHourMs)), t.at_once());
    CHECK(t.store->get() == newer);
    CHECK(t.store->get().epoch == newer.epoch);  // a renewal is no new session
}

TEST_CASE("a renewal that answers with another user's token is not mixed into this session [R8]") {
    OneTab t;
    t.sign_in();
    const AuthState before = t.store->get();
    Json theirs = OneTab::reply(jwt(t.now_ms() + 9 * kHourMs));
    theirs["user"]["id"] = "u2";
    t.store->renewed(theirs, t.at_once());
    CHECK(t.store->get() == before);
}

TEST_CASE("a sign-in that another tab's sign-in or sign-out has overtaken is thrown away [R8 R17]") {
    OneTab t;
    const std::uint64_t asked = t.store->get().epoch;
    auto other = t.open();
    REQUIRE(other->login(OneTab::reply(jwt(t.now_ms() + kHourMs)), t.at_once(), asked));
    other->logout();
    const auto late = t.store->login(OneTab::reply(jwt(t.now_ms() + kHourMs)), t.at_once(), asked);
    REQUIRE_FALSE(late);
    CHECK(late.error().code == base::ErrorCode::conflict);
    CHECK_FALSE(t.store->is_authenticated());
}

TEST_CASE("an answer without a token is no sign-in") {
    OneTab t;
    for (const Json& reply : {Json::object(), Json::array(), Json{{"token", 7}}, Json{{"token", ""}}, Json{{"token", std::string(70'000, 'x')}}}) {
        CHECK(t.store->login(reply, t.at_once(), 0).error().code == base::ErrorCode::protocol);
    }
}

TEST_CASE("signing in says whether another user's things lie here [D4]") {
    OneTab t;
    const auto sign_in = [&](const char* id) {
        Json reply = OneTab::reply(jwt(t.now_ms() + kHourMs));
        reply["user"]["id"] = id;
        return t.store->login(reply, t.at_once(), t.store->get().epoch).value();
    };
    CHECK(sign_in("u1"));  // nobody knows whose they are
    t.store->logout(/*keep_owner=*/true);
    CHECK_FALSE(sign_in("u1"));
    t.store->logout(/*keep_owner=*/true);
    CHECK(sign_in("u2"));
    t.store->logout();
    CHECK(sign_in("u2"));  // a sign-out has cleared all; to be sure
}

namespace {

struct TwoTabs {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{3};
    base::testing::VirtualBrowser browser{time};
    std::unique_ptr<base::testing::VirtualBrowser::Tab> window_a = browser.open_tab(), window_b = browser.open_tab();
    std::unique_ptr<base::TabChannel> channel_a = window_a->channel("binnacle"), channel_b = window_b->channel("binnacle");
    TabSync sync_a{channel_a.get(), ""}, sync_b{channel_b.get(), ""};
    state::testing::FaultyStorage storage;
    SessionStore a{{.storage = storage, .scheduler = time, .random = random, .tabs = &sync_a, .on_notice = {}}, "auth-storage"};
    SessionStore b{{.storage = storage, .scheduler = time, .random = random, .tabs = &sync_b, .on_notice = {}}, "auth-storage"};
    std::vector<SessionEvent> events_b;
    TwoTabs() {
        b.on_event([this](SessionEvent event) { events_b.push_back(event); });
    }
    void sign_in(SessionStore& store) {
        REQUIRE(store.login(OneTab::reply(jwt(time.unix_ms() + kHourMs)), {.sent_unix_ms = time.unix_ms(), .received_unix_ms = time.unix_ms(), .server_unix_ms = {}}, store.get().epoch));
    }
};

}  // namespace

TEST_CASE("sign-in, renewal and sign-out of one tab are the other's within a second, by storage and without a token in any message [R16 R17]") {
    TwoTabs t;
    t.sign_in(t.a);
    t.time.advance(10);
    CHECK(t.b.get() == t.a.get());
    CHECK(t.events_b == std::vector{SessionEvent::signed_in_elsewhere});
    t.a.renewed(OneTab::reply(jwt(t.time.unix_ms() + 2 * kHourMs)), {.sent_unix_ms = t.time.unix_ms(), .received_unix_ms = t.time.unix_ms(), .server_unix_ms = {}});
    t.time.advance(10);
    CHECK(t.b.get() == t.a.get());
    CHECK(t.events_b.size() == 1);  // nothing to reload for
    t.a.logout();
    t.time.advance(10);
    CHECK_FALSE(t.b.is_authenticated());
    CHECK(t.events_b.back() == SessionEvent::signed_out_elsewhere);
    for (const std::string& message : t.browser.posted()) {
        CHECK(message.find("eyJ") == std::string::npos);
        CHECK(message.find("ada") == std::string::npos);
    }
}

TEST_CASE("messages of an older epoch and nonsense change nothing [R16]") {
    TwoTabs t;
    t.sign_in(t.a);
    t.time.advance(10);
    const AuthState before = t.b.get();
    t.sync_b.receive(R"({"v":1,"kind":"session","backend":"","epoch":1,"signedOut":true})");
    t.sync_b.receive(R"({"v":1,"kind":"session","backend":"","epoch":"x"})");
    t.sync_b.receive(R"({"v":1,"kind":"session","backend":"","epoch":-4})");
    t.sync_b.receive(R"({"v":1,"kind":"session","backend":"","token":"eyJevil","epoch":99999999999999})");
    CHECK(t.b.get() == before);
}

TEST_CASE("a tab that was frozen during a sign-out takes it over when it is shown, before it does anything [R17]") {
    TwoTabs t;
    t.sign_in(t.a);
    t.time.advance(10);
    t.window_b->freeze(true);
    t.a.logout();
    t.time.advance(1'000);
    CHECK(t.b.is_authenticated());  // it could not hear
    t.window_b->freeze(false);
    t.b.sync();
    CHECK_FALSE(t.b.is_authenticated());
}

TEST_CASE("where storage is denied a sign-out still reaches the other tabs [R17]") {
    TwoTabs t;
    t.storage.fail_reads_with(base::Error{base::ErrorCode::forbidden, "denied", ""});
    t.storage.fail_writes_with(base::Error{base::ErrorCode::forbidden, "denied", ""});
    t.sign_in(t.b);
    t.time.advance(5);
    t.sign_in(t.a);
    t.time.advance(10);
    t.a.logout();
    t.time.advance(10);
    CHECK_FALSE(t.b.is_authenticated());
}
