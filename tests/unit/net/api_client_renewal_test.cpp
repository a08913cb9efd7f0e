// One renewal for all who wait (checklists/auth.md, section 1).
#include <catch2/catch_test_macros.hpp>

#include "net/event_stream.hpp"
#include "token_rig.hpp"

using namespace token_rig;

namespace {

// The connection breaks within the answer.
void cut(const ServerRequest&, ResponseWriter& writer) {
    writer.start({200, {{"content-type", "application/json"}}});
    writer.abort();
}

}  // namespace

TEST_CASE("fifty calls with an expired token cost one renewal and all go out with the new one [R1]") {
    Rig r;
    r.spoil(true);
    for (int i = 0; i < 50; ++i) r.tab.call("/workflows");
    r.time.advance(1'000);
    CHECK(r.backend.refreshes == 1);
    CHECK(r.backend.requests.size() == 51);
    for (std::size_t i = 0; i < 50; ++i) CHECK(r.tab.good(i));
    CHECK(r.backend.requests[0].headers.get("authorization") == "Bearer t1");
    for (std::size_t i = 1; i < r.backend.requests.size(); ++i) CHECK(r.backend.requests[i].headers.get("authorization") == "Bearer t2");
    CHECK(r.tab.api.renewal().waiting() == 0);
}

TEST_CASE("a late 401 of an older token is sent again at once, without a second renewal [R2]") {
    Rig r;
    r.backend.hold["/slow"] = true;
    r.spoil(false);
    const auto slow = r.tab.call("/slow");
    const auto quick = r.tab.call("/workflows");
    r.time.advance(100);
    CHECK(r.tab.good(quick));
    CHECK(r.backend.refreshes == 1);
    r.backend.hold.clear();
    r.backend.release();  // the 401 of the old token comes now
    r.time.advance(100);
    CHECK(r.tab.good(slow));
    CHECK(r.backend.refreshes == 1);
}

TEST_CASE("a refused renewal rejects every waiter once with one typed error and leaves nothing behind [R3]") {
    Rig r;
    r.backend.refresh_answer = Backend::always(401, R"({"error":"gone"})");
    r.spoil(true);
    for (int i = 0; i < 5; ++i) r.tab.call("/workflows");
    r.time.advance(5'000);
    for (std::size_t i = 0; i < 5; ++i) {
        REQUIRE(r.tab.replies[i].size() == 1);
        CHECK(r.tab.replies[i][0].error() == base::Error{base::ErrorCode::unauthenticated, "Your session has expired", "Sign in again"});
    }
    CHECK(r.tab.session.endings == 1);
    CHECK(r.backend.refreshes == 1);
    CHECK_FALSE(r.tab.api.renewal().running());
    CHECK(r.tab.api.renewal().waiting() == 0);
    CHECK(r.tab.api.pending() == 0);
}

TEST_CASE("a waiter that is dropped or times out leaves the queue, and the others get their token [R4]") {
    Rig r;
    r.backend.hold_refresh = true;
    r.spoil(true);
    const auto dropped = r.tab.call("/workflows");
    r.tab.timeout_ms = 2'000;
    const auto hasty = r.tab.call("/workflows");
    r.tab.timeout_ms = 30'000;
    const auto patient = r.tab.call("/workflows");
    r.time.advance(100);
    CHECK(r.tab.api.renewal().waiting() == 3);
    r.tab.handles[dropped].cancel();
    CHECK(r.tab.api.renewal().waiting() == 2);
    r.time.advance(3'000);
    CHECK(r.tab.error(hasty) == "timed_out");
    CHECK(r.tab.api.renewal().waiting() == 1);
    r.backend.release();
    r.time.advance(100);
    CHECK(r.tab.good(patient));
    CHECK(r.tab.replies[dropped].empty());
    CHECK(r.backend.refreshes == 1);
}

TEST_CASE("the renewal waits for no renewal and is given up after ten seconds of its own [R5]") {
    Rig r;
    r.backend.hold_refresh = true;
    r.spoil(true);
    const auto waiting = r.tab.call("/workflows");
    r.time.advance(100);
    REQUIRE(r.backend.held.size() == 1);
    CHECK(r.backend.held[0].first.headers.get("authorization") == "Bearer t1");
    r.time.advance(9'800);
    CHECK(r.tab.error(waiting) == "none yet");
    r.time.advance(200);
    CHECK(r.tab.error(waiting) == "unavailable");
    CHECK(r.backend.held[0].second->closed());  // the server sees it go
    CHECK(r.tab.session.endings == 0);
}

TEST_CASE("only the auth endpoints themselves know nothing of tokens, not every path with auth in it [R6 L4]") {
    Rig r;
    r.backend.answers["/auth/login"] = Backend::always(401, R"({"error":"wrong password"})");
    r.spoil(true);
    r.backend.hold_refresh = true;
    const auto login = r.tab.call("/auth/login", "POST");
    const auto methods = r.tab.call("/auth/methods?x=1");
    r.time.advance(100);
    // Neither triggered a renewal nor waited for one.
    CHECK(r.tab.error(login) == "unauthenticated");
    CHECK(r.tab.replies[methods].size() == 1);
    CHECK(r.backend.refreshes == 0);
    for (const auto& request : r.backend.requests) CHECK_FALSE(request.headers.has("authorization"));
    r.backend.hold_refresh = false;
    for (const char* path : {"/auth/me", "/workflows/auth/x", "/auth/login/history", "/authors"}) {
        r.tab.call(path);
        r.time.advance(100);
        CHECK(r.backend.requests.back().target == std::string("/v1/api") + path);
        CHECK(r.backend.requests.back().headers.get("authorization") == "Bearer t2");
    }
    const auto logout = r.tab.call("/auth/logout", "POST");
    r.time.advance(100);
    CHECK(r.tab.good(logout));
    CHECK(r.backend.requests.back().headers.get("authorization") == "Bearer t2");
}

TEST_CASE("a call made during a renewal waits for it; one under way is judged by its own answer [R7]") {
    Rig r;
    r.backend.hold["/under-way"] = true;
    const auto under_way = r.tab.call("/under-way");
    r.time.advance(10);
    r.backend.hold_refresh = true;
    r.tab.session.due = true;  // the token still works
    const auto early = r.tab.call("/workflows");
    r.time.advance(10);
    CHECK(r.backend.refreshes == 1);
    r.tab.session.due = false;
    const auto meanwhile = r.tab.call("/pods");
    r.time.advance(10);
    CHECK(r.backend.count("/pods") == 0);
    r.backend.answer(r.backend.held[0].first, *r.backend.held[0].second);
    r.time.advance(10);
    CHECK(r.tab.good(under_way));
    r.backend.held.erase(r.backend.held.begin());
    r.backend.release();
    r.time.advance(100);
    CHECK(r.tab.good(early));
    CHECK(r.tab.good(meanwhile));
    CHECK(r.backend.requests.back().headers.get("authorization") == "Bearer t2");
}

TEST_CASE("a sign-out or another user during the renewal throws its answer away [R8]") {
    for (const bool another_user : {false, true}) {
        Rig r;
        r.backend.hold_refresh = true;
        r.spoil(true);
        const auto waiting = r.tab.call("/workflows");
        r.time.advance(100);
        r.stored = {another_user ? "theirs" : "", 2, false};
        r.backend.release();
        r.time.advance(5'000);
        CHECK(r.tab.error(waiting) == "unauthenticated");
        CHECK(r.tab.session.renewals == 0);
        CHECK(r.tab.session.endings == 0);
        CHECK(r.stored.token == (another_user ? "theirs" : ""));
    }
}

TEST_CASE("a renewal for a session that is over does not hold up the next session's calls [R8]") {
    Rig r;
    r.backend.hold_refresh = true;
    r.spoil(true);
    const auto old_call = r.tab.call("/workflows");
    r.time.advance(100);
    r.stored = {"theirs", 2, true};
    const auto new_call = r.tab.call("/workflows");
    r.time.advance(100);
    CHECK(r.tab.error(old_call) == "unauthenticated");
    CHECK(r.backend.refreshes == 2);
    CHECK(r.backend.requests.back().headers.get("authorization") == "Bearer theirs");
    r.backend.held.erase(r.backend.held.begin());
    r.backend.release();
    r.time.advance(100);
    CHECK(r.tab.good(new_call));
}

TEST_CASE("an answer that comes after a sign-out is not handed on, whatever it says [R8 R17]") {
    for (const int status : {200, 401, 500}) {
        Rig r;
        r.backend.hold["/workflows"] = true;
        const auto late = r.tab.call("/workflows");
        r.time.advance(100);
        r.stored = {"", 2, false};
        r.backend.answers["/workflows"] = Backend::always(status, R"({"secret":"of the user before"})");
        r.backend.release();
        r.time.advance(100);
        CHECK(r.tab.error(late) == "unauthenticated");
        CHECK(r.tab.replies[late][0].error().message == "You are signed out");
        CHECK(r.backend.refreshes == 0);
    }
}

TEST_CASE("no answer, 5xx, 429, 403 and nonsense are no sign-out: the session stays, with growing pauses [R9]") {
    const std::vector<Backend::Answer> answers{cut,
                                               Backend::always(500, "{}"),
                                               Backend::always(503, "<html>"),
                                               Backend::always(429, R"({"error":"slow down"})"),
                                               Backend::always(403, R"({"error":"not from here"})"),
                                               Backend::always(400, R"({"error":"malformed request"})"),
                                               Backend::always(200, "<html>"),
                                               Backend::always(200, R"({"user":{}})")};
    for (std::size_t i = 0; i < answers.size(); ++i) {
        CAPTURE(i);
        Rig r;
        r.backend.refresh_answer = answers[i];
        r.spoil(true);
        const auto first = r.tab.call("/workflows");
        r.time.advance(100);
        CHECK(r.tab.error(first) == "unavailable");
        CHECK(r.tab.session.endings == 0);
        CHECK(r.tab.session.value == "t1");
        // Within the pause nobody asks the server again.
        const auto second = r.tab.call("/workflows");
        r.time.advance(500);
        CHECK(r.tab.error(second) == "unavailable");
        CHECK(r.backend.refreshes == 1);
        r.time.advance(1'000);
        r.tab.call("/workflows");
        r.time.advance(100);
        CHECK(r.backend.refreshes == 2);
        r.time.advance(1'000);  // the second pause is longer
        r.tab.call("/workflows");
        r.time.advance(100);
        CHECK(r.backend.refreshes == 2);
        // The network is back: no more waiting, and all is well.
        r.backend.refresh_answer = {};
        r.tab.api.forget_pause();
        const auto healed = r.tab.call("/workflows");
        r.time.advance(100);
        CHECK(r.tab.good(healed));
    }
}

TEST_CASE("whether the backend answered the renewal at all is told, for the offline notice [R9]") {
    Rig r;
    std::vector<bool> reached;
    r.tab.api.on_reachable([&](bool yes) { reached.push_back(yes); });
    r.backend.refresh_answer = cut;
    r.spoil(true);
    r.tab.call("/workflows");
    r.time.advance(100);
    CHECK(reached == std::vector<bool>{false});
}

TEST_CASE("why a renewal failed: revoked before expired, then network, then unknown [R10]") {
    struct Case {
        int status;
        const char* body;
        RenewalFailure is;
    };
    using enum RenewalFailure;
    const Case cases[] = {{401, R"({"error":"The session has expired."})", expired},
                          {401, R"({"error":"token has been revoked"})", revoked},
                          {401, R"({"error":"invalid_grant","error_description":"Token was REVOKED after it expired"})", revoked},
                          {400, R"({"error":"invalid_grant"})", expired},
                          {400, R"({"error":"invalid_grant","error_description":"refresh token reuse detected"})", revoked},
                          {400, R"({"error":"invalid_grant","error_description":"already used"})", revoked},
                          {401, R"({"error":"The session is no longer valid."})", revoked},
                          {400, R"({"message":"refresh token expired"})", expired},
                          {400, R"({"error":"malformed"})", unknown},
                          {401, "", expired},
                          {401, "[]", expired},
                          {401, R"({"error":7})", expired},
                          {403, R"({"error":"blocked"})", unknown},
                          {404, "{}", unknown},
                          {408, "{}", network},
                          {429, R"({"error":"revoked"})", network},
                          {500, R"({"error":"revoked"})", network},
                          {503, "{}", network},
                          {200, "{}", unknown}};
    for (const Case& c : cases) {
        CAPTURE(c.status, c.body);
        Json body;
        if (auto parsed = base::parse_json(c.body)) body = std::move(*parsed);
        CHECK(classify_renewal_failure(c.status, body) == c.is);
    }
    Rig r;
    r.backend.refresh_answer = Backend::always(401, R"({"error":"revoked"})");
    r.spoil(true);
    const auto refused = r.tab.call("/workflows");
    r.time.advance(5'000);
    CHECK(r.tab.replies[refused][0].error().message == "The server has ended your session");
    CHECK(r.tab.api.renewal().last_failure() == RenewalFailure::revoked);
}

TEST_CASE("a renewal done early that is refused ends nothing while the token still works [R18]") {
    Rig r;
    r.backend.refresh_answer = Backend::always(401, R"({"error":"revoked"})");
    r.tab.session.due = true;
    const auto call = r.tab.call("/workflows");
    r.time.advance(5'000);
    CHECK(r.tab.good(call));
    CHECK(r.tab.session.endings == 0);
    r.tab.call("/workflows");
    r.time.advance(5'000);
    CHECK(r.backend.refreshes == 1);  // and is not asked for with every call
    r.time.advance(60'000);
    r.tab.call("/workflows");
    r.time.advance(5'000);
    CHECK(r.backend.refreshes == 2);
}

TEST_CASE("an early renewal that finds nobody lets the call go out with the token that still works [R9]") {
    Rig r;
    r.backend.refresh_answer = Backend::always(503, "{}");
    r.tab.session.due = true;
    const auto call = r.tab.call("/workflows");
    r.time.advance(100);
    CHECK(r.tab.good(call));
}

TEST_CASE("a token that is due is renewed without anybody waiting, once, and not in the pause after a failure [C2 C3]") {
    Rig r;
    r.tab.api.renew_if_due();
    r.time.advance(100);
    CHECK(r.backend.refreshes == 0);
    r.tab.session.due = true;
    r.backend.refresh_answer = Backend::always(503, "{}");
    r.tab.api.renew_if_due();
    r.tab.api.renew_if_due();
    r.time.advance(100);
    r.tab.api.renew_if_due();
    r.time.advance(100);
    CHECK(r.backend.refreshes == 1);
    r.backend.refresh_answer = {};
    r.tab.api.forget_pause();
    r.tab.api.renew_if_due();
    r.time.advance(100);
    CHECK(r.tab.session.value == "t2");
    r.stored.token.clear();
    r.tab.api.renew_if_due();
    r.time.advance(100);
    CHECK(r.backend.refreshes == 2);
}

TEST_CASE("the renewal tells when it was asked and answered, and the server's Date [C1 C2]") {
    Rig r;
    r.backend.hold_refresh = true;
    r.spoil(true);
    r.tab.call("/workflows");
    r.time.advance(0);
    const std::int64_t asked_ms = r.time.unix_ms();
    r.time.advance(400);
    r.backend.refresh_answer = [](const ServerRequest&, ResponseWriter& writer) {
        writer.respond({200, {{"content-type", "application/json"}, {"date", "Thu, 01 Jan 2026 01:00:00 GMT"}}, R"({"token":"t2"})"});
    };
    r.backend.release();
    r.time.advance(10);
    REQUIRE(r.tab.session.timings.size() == 1);
    CHECK(r.tab.session.timings[0].sent_unix_ms == asked_ms);
    CHECK(r.tab.session.timings[0].received_unix_ms == asked_ms + 400);
    CHECK(r.tab.session.timings[0].server_unix_ms == 1767225600000 + 3'600'000);
}

TEST_CASE("a stream's 401 renews once and reconnects with the same Last-Event-ID; a stream that is open stays open [L7]") {
    Rig r;
    base::testing::SeededRandom random;
    std::vector<std::shared_ptr<ResponseWriter>> open;
    class Streams final : public HttpHandler {
    public:
        explicit Streams(Backend& b) : backend(b) {}
        void handle(ServerRequest request, std::shared_ptr<ResponseWriter> writer) override {
            if (request.target != "/v1/api/stream") return backend.handle(std::move(request), std::move(writer));
            ids.emplace_back(request.headers.get("last-event-id"));
            if (request.headers.get("authorization") != "Bearer " + backend.good) return Backend::json(*writer, 401, "{}");
            writer->start({200, {{"content-type", "text/event-stream"}}});
            open = std::move(writer);
        }
        Backend& backend;
        std::vector<std::string> ids;
        std::shared_ptr<ResponseWriter> open;
    } streams(r.backend);
    LoopbackClient http(r.time, streams);
    std::vector<std::string> events;
    EventStreamOptions options;
    options.target = r.tab.api.target("/stream");
    options.authorization = [&] { return r.tab.api.authorization(); };
    options.renew = [&](base::UniqueFunction<void(bool)> done) {
        r.tab.api.renew([done = std::move(done)](base::Result<void> renewed) mutable { done(renewed.has_value()); });
    };
    EventStream stream(http, r.time, random, std::move(options), {.on_event = [&](const wire::SseEvent& event) { events.emplace_back(event.data); }, .on_change = {}});
    stream.open();
    r.time.advance(10);
    streams.open->write("id: 41\ndata: first\n\n");
    r.time.advance(10);
    // The token is renewed under the open stream: it goes on.
    r.tab.session.due = true;
    r.tab.call("/workflows");
    r.time.advance(20'000);
    CHECK(r.tab.session.value == "t2");
    CHECK_FALSE(streams.open->closed());
    // It is cut, and the token has gone bad meanwhile.
    r.backend.good = "another";
    streams.open->abort();
    r.time.advance(10'000);
    CHECK(streams.ids == std::vector<std::string>{"", "41", "41"});
    CHECK(r.backend.refreshes == 2);
    streams.open->write("data: second\n\n");
    r.time.advance(10);
    CHECK(events == std::vector<std::string>{"first", "second"});
}
