// What a 401 leads to, and what is sent again (checklists/auth.md, section 2).
#include <catch2/catch_test_macros.hpp>

#include "token_rig.hpp"

using namespace token_rig;

TEST_CASE("a request is sent again once at most: its second 401 is a refusal and signs nobody out [L1]") {
    Rig r;
    r.backend.answers["/never"] = Backend::always(401, R"({"error":"not for you"})");
    const auto never = r.tab.call("/never");
    const auto other = r.tab.call("/workflows");
    r.time.advance(60'000);
    CHECK(r.backend.count("/never") == 2);
    REQUIRE(r.tab.error(never) == "forbidden");
    CHECK(r.tab.replies[never][0].error().message == "not for you");
    CHECK(r.tab.good(other));
    CHECK(r.tab.session.endings == 0);
}

TEST_CASE("a loop of calls that are refused though the renewal works does not become a loop of renewals [L1 L3]") {
    Rig r;
    r.backend.answers["/never"] = Backend::always(401, "{}");
    for (int i = 0; i < 300; ++i) {  // one minute
        r.tab.call("/never");
        r.time.advance(200);
    }
    CHECK(r.backend.refreshes <= 7);  // one in ten seconds
    CHECK(r.backend.count("/never") <= 300 + 7);
    for (std::size_t i = 0; i < 300; ++i) CHECK(r.tab.error(i) == "forbidden");
    CHECK(r.tab.session.endings == 0);
}

TEST_CASE("more than ten renewals in thirty seconds are not made, whoever asks [L3]") {
    Rig r;
    // A server whose tokens are expired when they arrive.
    r.backend.refresh_answer = [&](const ServerRequest&, ResponseWriter& writer) {
        r.backend.good = "t" + std::to_string(++r.backend.issued);
        Backend::json(writer, 200, R"({"token":")" + r.backend.good + "\"}");
    };
    int unavailable = 0;
    for (int i = 0; i < 50; ++i) {
        r.spoil(true);
        const auto call = r.tab.call("/workflows");
        r.time.advance(500);
        unavailable += r.tab.error(call) == "unavailable" ? 1 : 0;
    }
    CHECK(r.backend.refreshes == 10);
    CHECK(unavailable == 40);
    CHECK(r.tab.session.endings == 0);
    r.time.advance(30'000);
    r.tab.call("/workflows");
    r.time.advance(500);
    CHECK(r.backend.refreshes == 11);
}

TEST_CASE("a 403 renews nothing [L2]") {
    Rig r;
    r.backend.answers["/admin"] = Backend::always(403, R"({"error":"admins only"})");
    const auto call = r.tab.call("/admin");
    r.time.advance(1'000);
    CHECK(r.tab.error(call) == "forbidden");
    CHECK(r.backend.refreshes == 0);
    CHECK(r.backend.count("/admin") == 1);
}

TEST_CASE("a 401 without a token is what it says and asks for no renewal [L4]") {
    Rig r;
    r.stored.token.clear();
    const auto call = r.tab.call("/workflows");
    r.time.advance(1'000);
    CHECK(r.tab.error(call) == "unauthenticated");
    CHECK(r.backend.refreshes == 0);
}

TEST_CASE("a network error is no 401, and is not sent again [L6 L8]") {
    Rig r;
    r.backend.answers["/workflows"] = [](const ServerRequest&, ResponseWriter& writer) {
        writer.start({200, {{"content-type", "application/json"}}});
        writer.abort();
    };
    const auto call = r.tab.call("/workflows");
    r.time.advance(60'000);
    CHECK(r.tab.error(call) == "unavailable");
    CHECK(r.backend.refreshes == 0);
    CHECK(r.backend.count("/workflows") == 1);
}

TEST_CASE("idempotent methods are sent again after a renewal, POST and PATCH only with a key or where it is known to be safe [L8]") {
    struct Case {
        const char* method;
        bool key;
        bool replay_all;
        bool again;
    };
    for (const Case& c : {Case{"GET", false, false, true}, {"HEAD", false, false, true}, {"OPTIONS", false, false, true}, {"PUT", false, false, true},
                          {"DELETE", false, false, true}, {"POST", false, false, false}, {"PATCH", false, false, false}, {"POST", true, false, true},
                          {"PATCH", true, false, true}, {"POST", false, true, true}}) {
        CAPTURE(c.method, c.key, c.replay_all);
        Rig r;
        r.tab.api.set_replay_all(c.replay_all);
        r.spoil(false);
        Headers headers;
        if (c.key) headers.set("Idempotency-Key", "k1");
        const auto call = r.tab.call("/things", c.method, headers);
        r.time.advance(1'000);
        CHECK(r.backend.count("/things") == (c.again ? 2 : 1));
        CHECK(r.tab.error(call) == (c.again ? "good" : "unavailable"));
        CHECK(r.tab.session.value == "t2");  // renewed in any case, so that doing it again works
        if (!c.again) CHECK(r.tab.replies[call][0].error().hint == "Try again");
        const auto next = r.tab.call("/things", c.method);
        r.time.advance(1'000);
        CHECK(r.tab.good(next));
    }
}

TEST_CASE("nothing is sent again after a timeout or a 5xx, be it ever so idempotent [L8]") {
    Rig r;
    r.backend.answers["/broken"] = Backend::always(503, R"({"error":"later"})");
    r.backend.hold["/slow"] = true;
    const auto broken = r.tab.call("/broken", "PUT");
    const auto slow = r.tab.call("/slow", "PUT");
    r.time.advance(100'000);
    CHECK(r.tab.error(broken) == "unavailable");
    CHECK(r.tab.error(slow) == "timed_out");
    CHECK(r.backend.count("/broken") == 1);
    CHECK(r.backend.count("/slow") == 1);
}

TEST_CASE("the second attempt has the new token, the same body and what is left of the time [L9]") {
    Rig r;
    r.backend.hold["/slow"] = true;
    r.spoil(false);
    std::vector<base::Result<ApiReply>> replies;
    auto handle = r.tab.api.call({.method = "PUT", .path = "/slow", .body = Json{{"name", "Shop"}}, .headers = {{"If-Match", "\"3\""}}},
                                 [&](base::Result<ApiReply> reply) { replies.push_back(std::move(reply)); });
    r.time.advance(20'000);
    r.backend.release();  // 401 after 20 s; the second attempt hangs
    r.time.advance(9'900);
    REQUIRE(r.backend.count("/slow") == 2);
    const auto& first = r.backend.requests.front();
    const auto& second = r.backend.requests.back();
    CHECK(second.headers.get("authorization") == "Bearer t2");
    CHECK(second.headers.get("if-match") == "\"3\"");
    CHECK(second.body == first.body);
    CHECK(replies.empty());
    r.time.advance(200);  // 30 s in all
    REQUIRE(replies.size() == 1);
    CHECK(replies[0].error().code == base::ErrorCode::timed_out);
    CHECK(r.backend.held.back().second->closed());
}

TEST_CASE("dropping the handle cancels the second attempt as it does the first [L9]") {
    Rig r;
    r.spoil(false);
    r.backend.hold["/slow"] = true;
    const auto call = r.tab.call("/slow");
    r.time.advance(10);
    r.backend.release();
    r.time.advance(10);
    REQUIRE(r.backend.held.size() == 1);
    r.tab.handles[call].cancel();
    r.time.advance(10);
    CHECK(r.backend.held[0].second->closed());
    CHECK(r.tab.replies[call].empty());
    CHECK(r.tab.api.pending() == 0);
}

TEST_CASE("every call ends within thirty seconds, or within its own timeout [L9]") {
    Rig r;
    r.backend.hold["/slow"] = true;
    const auto usual = r.tab.call("/slow");
    r.tab.timeout_ms = 1'500;
    const auto quick = r.tab.call("/slow");
    r.time.advance(1'500);
    CHECK(r.tab.error(quick) == "timed_out");
    r.time.advance(28'400);
    CHECK(r.tab.error(usual) == "none yet");
    r.time.advance(100);
    CHECK(r.tab.error(usual) == "timed_out");
}

TEST_CASE("a server that quotes the token in its error does not get it onto the screen [T2]") {
    Rig r;
    r.backend.answers["/quoting"] = [](const ServerRequest& request, ResponseWriter& writer) {
        const std::string quoted(request.headers.get("authorization"));
        Backend::json(writer, 400, R"({"error":"cannot use )" + quoted + " or " + quoted + R"(","details":"sent: )" + quoted + "\"}");
    };
    const auto call = r.tab.call("/quoting");
    r.time.advance(100);
    const auto& error = r.tab.replies[call][0].error();
    CHECK(error.message == "cannot use Bearer [token] or Bearer [token]");
    CHECK(error.hint == "sent: Bearer [token]");
}

TEST_CASE("no address of any request holds a token [T2]") {
    Rig r;
    r.spoil(true);
    r.tab.call("/workflows?filter=x");
    r.time.advance(1'000);
    for (const auto& request : r.backend.requests) {
        CHECK(request.target.find("t1") == std::string::npos);
        CHECK(request.target.find("t2") == std::string::npos);
    }
}

TEST_CASE("the client may go before the handles of its calls") {
    base::testing::VirtualScheduler time;
    Backend backend;
    Stored stored;
    backend.hold_refresh = true;
    stored.expired = true;
    auto tab = std::make_unique<Tab>(time, backend, stored);
    tab->call("/workflows");
    auto handles = std::move(tab->handles);
    time.advance(10);
    tab.reset();
    handles.clear();
    time.advance(60'000);
    CHECK(backend.refreshes == 1);
}
