#include "gateway/outbound.hpp"

#include <optional>

#include "socket_fixture.hpp"

TEST_CASE("outbound requests reach this machine by http, all others by https only") {
    gateway::AsioScheduler loop;
    gateway::Outbound outbound(loop);
    for (const char* fine : {"http://127.0.0.1:1234", "http://localhost:80", "http://[::1]:9", "https://sso.example"}) {
        INFO(fine);
        CHECK(outbound.connect(fine).has_value());
    }
    for (const char* refused : {"http://sso.example", "http://127.example.org", "http://10.0.0.1", "ftp://127.0.0.1", "sso.example", ""}) {
        INFO(refused);
        CHECK_FALSE(outbound.connect(refused).has_value());
    }
}

TEST_CASE("an outbound client asks the server it was made for") {
    gateway::AsioScheduler loop;
    test::FunctionHandler handler([](net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) {
        writer->respond({200, {}, request.method + " " + request.target});
    });
    auto server = test::listen(loop, handler);
    gateway::Outbound outbound(loop);
    auto client = outbound.connect("http://127.0.0.1:" + std::to_string(server->port()));
    REQUIRE(client.has_value());
    std::optional<base::Result<net::Response>> answer;
    auto handle = net::fetch(**client, {.target = "/a?b=c"}, [&](auto result) { answer = std::move(result); });
    REQUIRE(loop.run_until([&] { return answer.has_value(); }, test::kWatchdogMs));
    REQUIRE(answer->has_value());
    CHECK((*answer)->body == "GET /a?b=c");
}
