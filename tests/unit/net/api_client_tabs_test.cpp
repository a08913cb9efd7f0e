// One renewal for all tabs (checklists/auth.md, section 4).
#include <catch2/catch_test_macros.hpp>

#include "token_rig.hpp"

using namespace token_rig;

namespace {

struct TwoTabs {
    base::testing::VirtualScheduler time;
    base::testing::VirtualBrowser browser{time};
    std::unique_ptr<base::testing::VirtualBrowser::Tab> window_a = browser.open_tab(), window_b = browser.open_tab();
    Backend backend;
    Stored stored;
    std::unique_ptr<Tab> a = std::make_unique<Tab>(time, backend, stored), b = std::make_unique<Tab>(time, backend, stored);
    TwoTabs() {
        a->session.lock_port = window_a.get();
        b->session.lock_port = window_b.get();
    }
    void expire() {
        stored.expired = true;
        a->session.sync();
        b->session.sync();
    }
    // Each token is good for one renewal; a second use of it revokes the family.
    void rotate_strictly() {
        backend.refresh_answer = [this](const ServerRequest& request, ResponseWriter& writer) {
            const std::string used(request.headers.get("authorization"));
            if (revoked || used != "Bearer " + current) {
                revoked = true;
                return Backend::json(writer, 401, R"({"error":"token reuse: revoked"})");
            }
            current = backend.good = "t" + std::to_string(++backend.issued);
            Backend::json(writer, 200, R"({"token":")" + current + "\"}");
        };
    }
    std::string current = "t1";
    bool revoked = false;
};

}  // namespace

TEST_CASE("two tabs whose token expires together renew once: the second takes the first one's token [R11 X1]") {
    TwoTabs t;
    t.rotate_strictly();
    t.backend.good = "another";
    t.expire();
    const auto a = t.a->call("/workflows"), b = t.b->call("/workflows");
    t.time.advance(1'000);
    CHECK(t.backend.refreshes == 1);
    CHECK(t.a->good(a));
    CHECK(t.b->good(b));
    CHECK_FALSE(t.revoked);
    CHECK(t.a->session.value == "t2");
    CHECK(t.b->session.value == "t2");
}

TEST_CASE("under the lock the stored token decides: changed and valid is used, changed but expired or unchanged is renewed [R11 R12]") {
    struct Case {
        const char* stored;
        bool expired;
        bool locks;
        int refreshes;
        const char* carries;
    };
    for (const Case& c : {Case{"other", false, true, 0, ""}, {"other", true, true, 1, "Bearer other"}, {"t1", true, true, 1, "Bearer t1"}, {"t1", true, false, 1, "Bearer t1"}}) {
        CAPTURE(c.stored, c.expired, c.locks);
        TwoTabs t;
        t.expire();
        t.window_b->deny_locks(!c.locks);
        // Tab a holds the lock while somebody stores something.
        base::LockHandle held = t.window_a->request("binnacle-refresh", {}, [](base::Result<void>) {});
        t.time.advance(10);
        const auto call = t.b->call("/workflows");
        t.time.advance(10);
        CHECK(t.backend.refreshes == (c.locks ? 0 : 1));
        if (c.locks) t.stored = {c.stored, 1, c.expired};
        if (std::string_view(c.stored) == "other" && !c.expired) t.backend.good = "other";
        held.release();
        t.time.advance(1'000);
        CHECK(t.backend.refreshes == c.refreshes);
        CHECK(t.b->good(call));
        if (c.refreshes == 1) {
            const auto refresh = std::find_if(t.backend.requests.begin(), t.backend.requests.end(), [](const auto& request) { return request.target.ends_with("/auth/refresh"); });
            CHECK(refresh->headers.get("authorization") == c.carries);
        }
    }
}

TEST_CASE("the wait for the lock is bounded; a holder that sleeps loses it and does no harm when it wakes [R12 R13]") {
    TwoTabs t;
    t.backend.hold_refresh = true;
    t.expire();
    const auto a = t.a->call("/workflows");
    t.time.advance(10);
    REQUIRE(t.backend.held.size() == 1);
    // Tab a sleeps with the lock: its timers do not run. A stand-in holds the lock in its place.
    t.a->handles.clear();
    t.a->api.drop_renewal();
    base::LockHandle asleep = t.window_a->request("binnacle-refresh", {}, [](base::Result<void>) {});
    t.time.advance(10);
    t.backend.hold_refresh = false;
    const auto b = t.b->call("/workflows");
    t.time.advance(14'900);
    CHECK(t.b->error(b) == "none yet");
    CHECK(t.backend.refreshes == 1);
    t.time.advance(200);
    CHECK(t.b->good(b));
    CHECK(t.backend.refreshes == 2);
    CHECK(t.a->replies[a].empty());
}

TEST_CASE("a tab that loses the lock gives up its renewal, which is no sign-out [R13]") {
    TwoTabs t;
    t.backend.hold_refresh = true;
    t.expire();
    const auto a = t.a->call("/workflows");
    t.time.advance(10);
    REQUIRE(t.backend.held.size() == 1);
    base::LockHandle thief = t.window_b->request("binnacle-refresh", {.steal = true, .lost = {}}, [](base::Result<void>) {});
    t.time.advance(10);
    CHECK(t.a->error(a) == "unavailable");
    CHECK(t.backend.held[0].second->closed());
    CHECK(t.a->session.endings == 0);
}

TEST_CASE("a tab that dies frees the lock for the next [R13]") {
    TwoTabs t;
    t.backend.hold_refresh = true;
    t.expire();
    t.a->call("/workflows");
    t.time.advance(10);
    const auto b = t.b->call("/workflows");
    t.time.advance(10);
    CHECK(t.backend.refreshes == 1);
    t.window_a->close();
    t.a.reset();
    t.backend.hold_refresh = false;
    t.time.advance(100);
    CHECK(t.b->good(b));
    CHECK(t.backend.refreshes == 2);
}

TEST_CASE("without locks the loser of a race takes the winner's token before it believes a refusal [R14 R12]") {
    TwoTabs t;
    t.rotate_strictly();
    t.a->session.lock_port = t.b->session.lock_port = nullptr;
    t.backend.hold_refresh = true;
    t.backend.good = "another";
    t.expire();
    const auto a = t.a->call("/workflows"), b = t.b->call("/workflows");
    t.time.advance(10);
    REQUIRE(t.backend.held.size() == 2);
    // The loser hears first; the winner's answer takes half a second more.
    const auto loser = t.backend.held[1].second;
    auto [winner_request, winner] = t.backend.held[0];
    t.current = t.backend.good = "t2";
    Backend::json(*loser, 401, R"({"error":"token reuse"})");
    t.time.advance(500);
    CHECK(t.b->error(b) == "none yet");
    Backend::json(*winner, 200, R"({"token":"t2"})");
    t.time.advance(1'000);
    CHECK(t.a->good(a));
    CHECK(t.b->good(b));
    CHECK(t.b->session.endings == 0);
    CHECK(t.b->session.value == "t2");
}

TEST_CASE("a refusal is believed when no other tab has brought a newer token within a second [R14]") {
    TwoTabs t;
    t.backend.refresh_answer = Backend::always(401, "{}");
    t.backend.good = "another";
    t.expire();
    const auto a = t.a->call("/workflows");
    t.time.advance(900);
    CHECK(t.a->error(a) == "none yet");
    t.time.advance(200);
    CHECK(t.a->error(a) == "unauthenticated");
    CHECK(t.a->session.endings == 1);
}

TEST_CASE("another user's token in the storage is never taken for a renewal [R14 R15]") {
    TwoTabs t;
    t.backend.refresh_answer = Backend::always(401, "{}");
    t.backend.good = "theirs";
    t.expire();
    const auto a = t.a->call("/workflows");
    t.time.advance(300);
    t.stored = {"theirs", 2, false};
    t.time.advance(2'000);
    CHECK(t.a->error(a) == "unauthenticated");
    CHECK(t.backend.count("/workflows") == 0);
    CHECK(t.a->session.endings == 0);  // that session is not over: it is somebody else's
}

TEST_CASE("a sign-out in another tab is noticed before a request leaves, not only when its message comes [R17]") {
    TwoTabs t;
    t.stored = {"", 2, false};
    const auto call = t.b->call("/workflows");
    t.time.advance(100);
    REQUIRE(t.backend.requests.size() == 1);
    CHECK_FALSE(t.backend.requests[0].headers.has("authorization"));
    CHECK(t.b->error(call) == "unauthenticated");
    CHECK(t.b->api.authorization().empty());
}
