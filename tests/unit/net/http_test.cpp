#include <catch2/catch_test_macros.hpp>
#include <optional>

#include "base/testing/virtual_scheduler.hpp"
#include "net/http.hpp"
#include "net/loopback.hpp"

namespace {

using base::testing::VirtualScheduler;

// Answers by a function.
class FunctionHandler final : public net::HttpHandler {
public:
    using Function = base::UniqueFunction<void(net::ServerRequest, std::shared_ptr<net::ResponseWriter>)>;
    explicit FunctionHandler(Function function) : function_(std::move(function)) {}
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        function_(std::move(request), std::move(writer));
    }

private:
    Function function_;
};

}  // namespace

TEST_CASE("header names compare without case") {
    net::Headers headers{{"Content-Type", "text/plain"}, {"X-A", "1"}};
    CHECK(headers.get("content-TYPE") == "text/plain");
    CHECK(headers.has("x-a"));
    CHECK_FALSE(headers.has("x-b"));
    CHECK(headers.get("x-b").empty());
    CHECK_FALSE(net::equals_ignoring_case("abc", "abcd"));
    // Not letters: '@' and '`' differ by the case bit.
    CHECK_FALSE(net::equals_ignoring_case("a@", "a`"));
}

TEST_CASE("set replaces every field of the name and keeps the first one's place") {
    net::Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}, {"C", "4"}};
    headers.set("a", "9");
    REQUIRE(headers.fields().size() == 3);
    CHECK(headers.fields()[0].second == "9");
    CHECK(headers.fields()[1].first == "B");
    headers.set("D", "5");
    CHECK(headers.fields().back().first == "D");
    headers.add("b", "6");
    headers.remove("B");
    CHECK_FALSE(headers.has("b"));
    CHECK(headers.fields().size() == 3);
}

TEST_CASE("fetch collects a whole answer") {
    VirtualScheduler time;
    FunctionHandler handler([](auto, auto writer) {
        writer->start({201, {{"X-A", "b"}}});
        writer->write("hello ");
        writer->write("world");
        writer->end();
    });
    net::LoopbackClient client(time, handler);
    std::optional<base::Result<net::Response>> got;
    auto handle = net::fetch(client, {}, [&](auto result) { got = std::move(result); });
    CHECK_FALSE(got.has_value());
    time.run_ready();
    REQUIRE(got.has_value());
    REQUIRE(got->has_value());
    CHECK((*got)->status == 201);
    CHECK((*got)->headers.get("x-a") == "b");
    CHECK((*got)->body == "hello world");
}

TEST_CASE("fetch takes a body of exactly its limit and refuses one byte more") {
    VirtualScheduler time;
    bool closed = false;
    FunctionHandler handler([&](auto request, auto writer) {
        writer->on_close([&] { closed = true; });
        writer->start({});
        writer->write("12345");
        if (request.target == "/more") writer->write("6");
        if (request.target != "/more") writer->end();
        writer->on_drain([writer] {});
    });
    net::LoopbackClient client(time, handler);
    std::optional<base::Result<net::Response>> exact;
    std::optional<base::Result<net::Response>> more;
    auto a = net::fetch(client, {.target = "/exact"}, [&](auto result) { exact = std::move(result); }, 5);
    auto b = net::fetch(client, {.target = "/more"}, [&](auto result) { more = std::move(result); }, 5);
    time.run_ready();
    REQUIRE(exact.has_value());
    CHECK(exact->has_value());
    REQUIRE(more.has_value());
    REQUIRE_FALSE(more->has_value());
    CHECK(more->error().code == base::ErrorCode::too_large);
    CHECK(closed);
}

TEST_CASE("a dropped fetch is silent, and its callback's captures are released") {
    VirtualScheduler time;
    FunctionHandler handler([](auto, auto writer) { writer->respond({}); });
    net::LoopbackClient client(time, handler);
    auto token = std::make_shared<int>(0);
    auto handle = net::fetch(client, {}, [token](auto) { ++*token; });
    handle.cancel();
    time.run_ready();
    CHECK(*token == 0);
    CHECK(token.use_count() == 1);
}

TEST_CASE("fetch's callback may drop the handle and send again") {
    VirtualScheduler time;
    FunctionHandler handler([](auto, auto writer) { writer->respond({200, {}, "x"}); });
    net::LoopbackClient client(time, handler);
    net::RequestHandle handle;
    int answers = 0;
    base::UniqueFunction<void()> again = [&] {
        handle = net::fetch(client, {}, [&](auto) {
            handle.cancel();
            if (++answers < 3) again();
        });
    };
    again();
    time.run_ready();
    CHECK(answers == 3);
}

TEST_CASE("a handler may respond synchronously, drop its writer in on_close and be called no more") {
    VirtualScheduler time;
    int closes = 0;
    std::weak_ptr<net::ResponseWriter> weak;
    FunctionHandler handler([&](auto, auto writer) {
        weak = writer;
        writer->start({});
        writer->on_close([&closes, writer] { ++closes; });  // owns itself until it closes
    });
    net::LoopbackClient client(time, handler);
    auto handle = client.send({}, {});
    time.run_ready();
    REQUIRE_FALSE(weak.expired());
    CHECK_FALSE(weak.lock()->closed());
    handle.cancel();
    time.run_ready();
    CHECK(closes == 1);
    CHECK(weak.expired());
}

TEST_CASE("on_close set after the reader left runs soon") {
    VirtualScheduler time;
    std::shared_ptr<net::ResponseWriter> kept;
    FunctionHandler handler([&](auto, auto writer) { kept = writer; });
    net::LoopbackClient client(time, handler);
    auto handle = client.send({}, {});
    time.run_ready();
    handle.cancel();
    time.run_ready();
    bool closed = false;
    kept->on_close([&] { closed = true; });
    CHECK_FALSE(closed);
    time.run_ready();
    CHECK(closed);
    CHECK(kept->closed());
    CHECK(kept->write(std::string(1'000'000, 'x')));
    CHECK(kept->queued_bytes() == 0);
}

TEST_CASE("an idle timeout does not run while the reader itself pauses") {
    VirtualScheduler time;
    std::shared_ptr<net::ResponseWriter> kept;
    FunctionHandler handler([&](auto, auto writer) {
        kept = writer;
        writer->start({});
    });
    net::LoopbackClient client(time, handler);
    std::optional<base::Result<void>> done;
    auto handle = client.send({.idle_timeout_ms = 1000}, {.on_done = [&](auto result) { done = result; }});
    time.advance(999);
    CHECK_FALSE(done.has_value());
    handle.set_paused(true);
    time.advance(10'000);
    CHECK_FALSE(done.has_value());
    handle.set_paused(false);
    time.advance(999);
    CHECK_FALSE(done.has_value());
    time.advance(1);
    REQUIRE(done.has_value());
    CHECK(done->error().code == base::ErrorCode::timed_out);
    CHECK(kept->closed());
}

TEST_CASE("a request cancelled in the same turn never reaches the handler") {
    VirtualScheduler time;
    int calls = 0;
    FunctionHandler handler([&](auto, auto writer) {
        ++calls;
        writer->respond({});
    });
    net::LoopbackClient client(time, handler);
    client.send({}, {}).cancel();
    time.run_ready();
    CHECK(calls == 0);
}

TEST_CASE("the peer name reaches the handler") {
    VirtualScheduler time;
    std::string peer;
    FunctionHandler handler([&](auto request, auto writer) {
        peer = request.peer;
        writer->respond({});
    });
    net::LoopbackClient client(time, handler, "tab-7");
    auto handle = client.send({}, {});
    time.run_ready();
    CHECK(peer == "tab-7");
}
