#include <catch2/catch_test_macros.hpp>

#include "base/testing/virtual_scheduler.hpp"
#include "net/loopback.hpp"
#include "net/router.hpp"

namespace {

// Answers its name and the target it saw.
class NamedHandler final : public net::HttpHandler {
public:
    explicit NamedHandler(std::string name) : name_(std::move(name)) {}
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        writer->respond({200, {}, name_ + " " + request.target});
    }

private:
    std::string name_;
};

net::Response ask(net::HttpHandler& handler, std::string method, std::string target) {
    base::testing::VirtualScheduler time;
    net::LoopbackClient client(time, handler);
    net::Response answer;
    auto handle = net::fetch(client, {.method = std::move(method), .target = std::move(target)},
                             [&](auto result) { answer = std::move(*result); });
    time.run_ready();
    return answer;
}

std::string ask_body(net::HttpHandler& handler, std::string target) { return ask(handler, "GET", std::move(target)).body; }

}  // namespace

TEST_CASE("mounts pick the longest prefix of whole segments") {
    NamedHandler root("root"), api("api"), v1("v1");
    net::Mounts mounts;
    mounts.mount("/", root);
    mounts.mount("/v1", v1);
    mounts.mount("/v1/api", api);
    CHECK(ask_body(mounts, "/v1/api/x?y=/z") == "api /v1/api/x?y=/z");
    CHECK(ask_body(mounts, "/v1/api?q") == "api /v1/api?q");
    CHECK(ask_body(mounts, "/v1/apix") == "v1 /v1/apix");
    CHECK(ask_body(mounts, "/v1x") == "root /v1x");
    CHECK(ask_body(mounts, "/?/v1/api") == "root /?/v1/api");
}

TEST_CASE("a stripped prefix leaves a target that begins with a slash") {
    NamedHandler cluster("k8s");
    net::Mounts mounts;
    mounts.mount("/k8s/", cluster, net::Mounts::Prefix::strip);
    CHECK(ask_body(mounts, "/k8s/api/v1/pods?watch=1") == "k8s /api/v1/pods?watch=1");
    CHECK(ask_body(mounts, "/k8s") == "k8s /");
    CHECK(ask_body(mounts, "/k8s?a=b") == "k8s /?a=b");
    auto missing = ask(mounts, "GET", "/other");
    CHECK(missing.status == 404);
    CHECK(missing.body == R"({"error":"no such path"})");
}

TEST_CASE("a second mount of a prefix replaces the first") {
    NamedHandler first("first"), second("second");
    net::Mounts mounts;
    mounts.mount("/a", first);
    mounts.mount("/a/", second);
    CHECK(ask_body(mounts, "/a") == "second /a");
}

TEST_CASE("routes match methods and patterns") {
    net::Router router;
    auto answer = [](std::string name) {
        return [name](net::RoutedRequest request, std::shared_ptr<net::ResponseWriter> writer) {
            std::string text = name;
            for (const auto& [key, value] : request.params) text += " " + key + "=" + value;
            if (!request.query().empty()) text += " ?" + std::string(request.query());
            writer->respond({200, {}, text});
        };
    };
    router.route("GET", "/workflows/:id", answer("one"));
    router.route("GET", "/workflows", answer("list"));
    router.route("POST", "/workflows", answer("create"));
    router.route("GET", "/workflows/import", answer("import"));
    router.route("GET", "/workflows/:id/status/stream", answer("stream"));
    router.route("GET", "/files/*path", answer("file"));

    CHECK(ask_body(router, "/workflows") == "list");
    CHECK(ask_body(router, "/workflows/") == "list");
    CHECK(ask_body(router, "/workflows/import") == "import");
    CHECK(ask_body(router, "/workflows/7?a=b&c") == "one id=7 ?a=b&c");
    CHECK(ask_body(router, "/workflows/a%2Fb%20c/status/stream") == "stream id=a/b c");
    CHECK(ask_body(router, "/files/a/b%2e/c") == "file path=a/b./c");
    CHECK(ask_body(router, "/files") == "file path=");
    CHECK(ask(router, "POST", "/workflows").body == "create");
    CHECK(ask(router, "HEAD", "/workflows").status == 200);
    CHECK(ask(router, "HEAD", "/workflows").body.empty());

    CHECK(ask(router, "GET", "/").status == 404);
    CHECK(ask(router, "GET", "/workflows//status/stream").status == 404);
    CHECK(ask(router, "GET", "/workflows/7/status").status == 404);
    CHECK(ask(router, "GET", "/workflows/%zz").status == 400);
    CHECK(ask(router, "GET", "/workflows/%2").status == 400);
}

TEST_CASE("a known path with another method is 405 with Allow") {
    net::Router router;
    auto ok = [](net::RoutedRequest, std::shared_ptr<net::ResponseWriter> writer) { writer->respond({}); };
    router.route("GET", "/a/:id", ok);
    router.route("PUT", "/a/:id", ok);
    auto wrong = ask(router, "DELETE", "/a/1");
    CHECK(wrong.status == 405);
    CHECK(wrong.headers.get("Allow") == "GET, HEAD, PUT");
    CHECK(wrong.headers.get("Content-Type") == "application/json");
    CHECK(wrong.body == R"({"error":"this route takes GET, HEAD, PUT"})");
    auto options = ask(router, "OPTIONS", "/a/1");
    CHECK(options.status == 204);
    CHECK(options.headers.get("Allow") == "GET, HEAD, PUT");
}

TEST_CASE("error messages are escaped for JSON") {
    CHECK(net::error_response(400, "a \"b\" \\ \n").body == "{\"error\":\"a \\\"b\\\" \\\\ \\u000a\"}");
}
