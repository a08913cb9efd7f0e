#include <catch2/catch_test_macros.hpp>

#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "net/api_client.hpp"
#include "net/loopback.hpp"

using namespace net;

namespace {

// Accepts the bearer `good`; /auth/refresh hands out the next one or refuses.
class TokenServer final : public HttpHandler {
public:
    void handle(ServerRequest request, std::shared_ptr<ResponseWriter> writer) override {
        requests.push_back(request);
        if (down) return writer->abort();
        const Headers json{{"content-type", "application/json"}};
        if (request.target == "/v1/api/auth/refresh") {
            ++refreshes;
            if (hold_refresh) {
                held = std::move(writer);
                return;
            }
            return answer_refresh(*writer);
        }
        if (request.target == "/v1/api/open") return writer->respond({200, json, R"({"ok":true})"});
        if (request.headers.get("authorization") != "Bearer " + good) return writer->respond({401, json, R"({"error":"token expired"})"});
        if (request.target == "/v1/api/broken") return writer->respond({200, json, "<html>"});
        if (request.target == "/v1/api/bad") return writer->respond({400, json, R"({"error":"nodes[0].id: missing","details":"give it one"})"});
        writer->respond({200, json, R"({"ok":true})"});
    }
    void answer_refresh(ResponseWriter& writer) {
        if (refuse) return writer.respond({401, {{"content-type", "application/json"}}, R"({"error":"gone"})"});
        good = "fresh";
        writer.respond({200, {{"content-type", "application/json"}}, R"({"token":"fresh","user":{"id":"1"}})"});
    }
    std::vector<ServerRequest> requests;
    std::shared_ptr<ResponseWriter> held;
    std::string good = "current";
    int refreshes = 0;
    bool refuse = false;
    bool hold_refresh = false;
    bool down = false;
};

struct FakeSession final : Session {
    std::string token() const override { return value; }
    bool token_expired() const override { return expired; }
    void renewed(const Json& json) override {
        value = json["token"].get_ref<const std::string&>();
        expired = false;
    }
    void ended() override { ++endings; }
    std::string value = "old";
    bool expired = false;
    int endings = 0;
};

struct Fixture {
    base::testing::VirtualScheduler time;
    TokenServer server;
    LoopbackClient http{time, server};
    FakeSession session;
    ApiClient api{http, time, "/v1/api", session};
    std::vector<RequestHandle> handles;
    std::vector<base::Result<ApiReply>> replies;

    void call(std::string path, std::string method = "GET") {
        handles.push_back(api.call({.method = std::move(method), .path = std::move(path)}, [this](base::Result<ApiReply> reply) { replies.push_back(std::move(reply)); }));
    }
};

}  // namespace

TEST_CASE("many calls with a stale token cost one renewal and all succeed [R1]") {
    Fixture f;
    for (int i = 0; i < 20; ++i) f.call("/workflows");
    CHECK(f.replies.empty());  // nothing inside call()
    CHECK(f.api.pending() == 20);
    f.time.advance(1000);
    CHECK(f.server.refreshes == 1);
    REQUIRE(f.replies.size() == 20);
    for (const auto& reply : f.replies) CHECK(reply.has_value());
    CHECK(f.api.pending() == 0);
    CHECK(f.session.value == "fresh");
}

TEST_CASE("a token known to be expired is renewed before the call goes out [R5]") {
    Fixture f;
    f.session.expired = true;
    f.call("/workflows");
    f.time.advance(1000);
    REQUIRE(f.replies.size() == 1);
    CHECK(f.replies[0].has_value());
    CHECK(f.server.requests.size() == 2);
    CHECK(f.server.requests[0].target == "/v1/api/auth/refresh");
    CHECK(f.server.requests[0].headers.get("authorization") == "Bearer old");
}

TEST_CASE("a refused renewal fails every waiter once and ends the session once [R3]") {
    Fixture f;
    f.server.refuse = true;
    for (int i = 0; i < 5; ++i) f.call("/workflows");
    f.time.advance(1000);
    REQUIRE(f.replies.size() == 5);
    for (const auto& reply : f.replies) {
        REQUIRE_FALSE(reply.has_value());
        CHECK(reply.error().code == base::ErrorCode::unauthenticated);
    }
    CHECK(f.server.refreshes == 1);
    CHECK(f.session.endings == 1);
}

TEST_CASE("an unreachable backend is no logout [R9]") {
    Fixture f;
    f.server.down = true;
    f.session.expired = true;
    f.call("/workflows");
    f.time.advance(1000);
    REQUIRE(f.replies.size() == 1);
    CHECK(f.replies[0].error().code == base::ErrorCode::unavailable);
    CHECK(f.session.endings == 0);
    CHECK(f.session.value == "old");
}

TEST_CASE("a second 401 after a renewal is the answer, not a loop [L1]") {
    Fixture f;
    f.call("/workflows");
    f.time.run_ready();
    f.server.good = "something else";
    f.replies.clear();
    f.session.value = "fresh";
    f.server.refuse = false;
    f.call("/workflows");
    f.time.advance(1000);
    CHECK(f.server.requests.size() <= 6);
    CHECK(f.replies.size() == 1);
}

TEST_CASE("sign-in calls carry no token and never wait for a renewal [L4]") {
    Fixture f;
    f.session.expired = true;
    f.call("/auth/login", "POST");
    f.time.advance(1000);
    CHECK(f.server.refreshes == 0);
    REQUIRE(f.server.requests.size() == 1);
    CHECK_FALSE(f.server.requests[0].headers.has("authorization"));
    CHECK(f.replies[0].error().code == base::ErrorCode::unauthenticated);
}

TEST_CASE("a session that ended while the renewal was under way stays ended [R8]") {
    Fixture f;
    f.server.hold_refresh = true;
    f.call("/workflows");
    f.time.advance(1000);
    REQUIRE(f.server.held);
    f.session.value.clear();  // logout
    f.server.answer_refresh(*f.server.held);
    f.time.advance(1000);
    REQUIRE(f.replies.size() == 1);
    CHECK(f.replies[0].error().code == base::ErrorCode::unauthenticated);
    CHECK(f.session.value.empty());
}

TEST_CASE("errors carry the backend's own words") {
    Fixture f;
    f.session.value = "current";
    f.call("/bad");
    f.call("/broken");
    f.time.advance(1000);
    REQUIRE(f.replies.size() == 2);
    CHECK(f.replies[0].error().message == "nodes[0].id: missing");
    CHECK(f.replies[0].error().hint == "give it one");
    CHECK(f.replies[1].error().code == base::ErrorCode::protocol);
}

TEST_CASE("a dropped call never calls back") {
    Fixture f;
    f.session.value = "current";
    f.call("/workflows");
    f.handles.clear();
    f.time.advance(1000);
    CHECK(f.replies.empty());
    CHECK(f.api.pending() == 0);
}
