// BeastServer over raw sockets: limits, malformed bytes, pipelining, leaving clients, shutdown.
#include <optional>
#include <stdexcept>
#include <vector>

#include "gateway/beast_client.hpp"
#include "socket_fixture.hpp"
#include "net/router.hpp"

using gateway::AsioScheduler;
using test::FunctionHandler;
using test::kWatchdogMs;
using test::RawPeer;

namespace {

FunctionHandler echo_target() {
    return FunctionHandler([](auto request, auto writer) { writer->respond({200, {}, request.method + " " + request.target + " " + request.body}); });
}

std::size_t count(const std::string& text, const std::string& needle) {
    std::size_t found = 0;
    for (auto at = text.find(needle); at != std::string::npos; at = text.find(needle, at + needle.size())) ++found;
    return found;
}

}  // namespace

TEST_CASE("a head over the limit is 431, a body over it 413, both as JSON") {
    AsioScheduler loop;
    int calls = 0;
    FunctionHandler handler([&](auto, auto writer) {
        ++calls;
        writer->respond({});
    });
    auto server = test::listen(loop, handler, {.max_head_bytes = 4096, .max_body_bytes = 1000});
    SECTION("many headers") {
        RawPeer peer(loop, server->port());
        std::string text = "GET / HTTP/1.1\r\nHost: x\r\n";
        for (int i = 0; i < 200; ++i) text += "X-Filler-" + std::to_string(i) + ": " + std::string(50, 'y') + "\r\n";
        peer.send(text + "\r\n");
        const auto answer = peer.read_to_end();
        CHECK(answer.starts_with("HTTP/1.1 431 "));
        CHECK(answer.find(R"({"error":")") != std::string::npos);
    }
    SECTION("one endless line") {
        RawPeer peer(loop, server->port());
        peer.send("GET /" + std::string(100'000, 'a'));
        CHECK(peer.read_to_end().starts_with("HTTP/1.1 431 "));
    }
    SECTION("a body that says its length is refused before it is sent") {
        RawPeer peer(loop, server->port());
        peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
        REQUIRE(peer.wait_for("larger than 1000 bytes"));
        CHECK(peer.received().starts_with("HTTP/1.1 413 "));
        CHECK(peer.received().find("Connection: close") != std::string::npos);
    }
    SECTION("a chunked body is refused on the way") {
        RawPeer peer(loop, server->port());
        peer.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + std::string(1000, 'b') + "\r\n1\r\nc\r\n0\r\n\r\n");
        CHECK(peer.read_to_end().starts_with("HTTP/1.1 413 "));
    }
    SECTION("10 MB get the whole answer, not a reset") {
        RawPeer peer(loop, server->port());
        peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n" + std::string(10'000'000, 'b'));
        REQUIRE(peer.wait_for("larger than 1000 bytes"));
        CHECK(peer.received().starts_with("HTTP/1.1 413 "));
    }
    SECTION("BeastClient, too, sees the 413 of a body it is still sending") {
        auto client = gateway::BeastClient::create(loop, {.base_url = server->url()});
        REQUIRE(client.has_value());
        std::optional<base::Result<net::Response>> answer;
        auto handle = net::fetch(**client, {.method = "POST", .body = std::string(10'000'000, 'b')}, [&](auto result) { answer = std::move(result); });
        REQUIRE(loop.run_until([&] { return answer.has_value(); }, kWatchdogMs));
        REQUIRE(answer->has_value());
        CHECK((*answer)->status == 413);
    }
    CHECK(calls == 0);
}

TEST_CASE("malformed bytes get 400 or a close, and the server goes on") {
    AsioScheduler loop;
    auto handler = echo_target();
    auto server = test::listen(loop, handler);
    const std::vector<std::string> garbage = {
        "\r\n\r\n\r\n\r\nGARBAGE\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",                                   // no Host
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",              // two
        "GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA\x01: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET relative HTTP/1.1\r\nHost: x\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        "GET http://user:pw@h/ HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n",
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(100, '\0'),  // a TLS hello
        std::string("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 28),
        std::string(1000, '\xff') + "\r\n\r\n",
    };
    for (const auto& bytes : garbage) {
        INFO(bytes.substr(0, 60));
        RawPeer peer(loop, server->port());
        peer.send(bytes);
        const auto answer = peer.read_to_end();
        CHECK((answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4") || answer.starts_with("HTTP/1.1 505")));
        CHECK(answer.find("{\"error\":\"") != std::string::npos);
    }
    // Every prefix of a good request, cut off: nothing is answered, nothing breaks.
    const std::string good = "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab";
    for (std::size_t size = 0; size <= good.size(); ++size) {
        RawPeer peer(loop, server->port());
        peer.send(good.substr(0, size));
        peer.close_half();
        CHECK(peer.read_to_end().empty());
    }
    RawPeer peer(loop, server->port());
    peer.send("GET /alive HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(peer.wait_for("GET /alive "));
    peer.close();
    CHECK(loop.run_until([&] { return server->connection_count() == 0; }, kWatchdogMs));
}

TEST_CASE("a request may arrive byte by byte, and in any way together with the next") {
    AsioScheduler loop;
    auto handler = echo_target();
    auto server = test::listen(loop, handler);
    const std::string two = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: x\r\n\r\n";
    SECTION("at once") {
        RawPeer peer(loop, server->port());
        peer.send(two);
        REQUIRE(peer.wait_for("GET /b "));
        CHECK(peer.received().find("POST /a abc") < peer.received().find("GET /b "));
        CHECK(count(peer.received(), "HTTP/1.1 200 OK") == 2);
    }
    SECTION("cut in two everywhere") {
        for (std::size_t cut = 1; cut < two.size(); ++cut) {
            RawPeer peer(loop, server->port());
            peer.send(two.substr(0, cut));
            for (int i = 0; i < 4; ++i) loop.run_until([ran = 0]() mutable { return ran++ > 0; }, 50);
            peer.send(two.substr(cut));
            REQUIRE(peer.wait_for("GET /b "));
            CHECK(count(peer.received(), "HTTP/1.1 200 OK") == 2);
        }
    }
}

TEST_CASE("pipelined requests are answered one at a time, in order") {
    AsioScheduler loop;
    std::vector<std::shared_ptr<net::ResponseWriter>> writers;
    FunctionHandler handler([&](auto, auto writer) { writers.push_back(std::move(writer)); });
    auto server = test::listen(loop, handler);
    RawPeer peer(loop, server->port());
    std::string requests;
    for (int i = 0; i < 5; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    peer.send(requests);
    for (std::size_t i = 0; i < 5; ++i) {
        REQUIRE(loop.run_until([&] { return writers.size() == i + 1; }, kWatchdogMs));
        writers[i]->respond({200, {}, "answer " + std::to_string(i)});
        REQUIRE(peer.wait_for("answer " + std::to_string(i)));
        // An old writer has no power over the answers that follow.
        writers[i]->abort();
        CHECK(writers[i]->write("late"));
    }
    CHECK_FALSE(peer.is_closed());
}

TEST_CASE("Expect: 100-continue is answered before the body") {
    AsioScheduler loop;
    auto handler = echo_target();
    auto server = test::listen(loop, handler);
    RawPeer peer(loop, server->port());
    peer.send("PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    REQUIRE(peer.wait_for("HTTP/1.1 100 Continue\r\n\r\n"));
    peer.send("body");
    CHECK(peer.wait_for("PUT /x body"));
}

TEST_CASE("HTTP/1.0 gets no chunks; a stream ends with the connection") {
    AsioScheduler loop;
    FunctionHandler handler([](auto, auto writer) {
        writer->start({});
        writer->write("one");
        writer->write("two");
        writer->end();
    });
    auto server = test::listen(loop, handler);
    RawPeer peer(loop, server->port());
    peer.send("GET / HTTP/1.0\r\n\r\n");
    const auto answer = peer.read_to_end();
    CHECK(answer.starts_with("HTTP/1.0 200 OK\r\n"));
    CHECK(answer.ends_with("\r\n\r\nonetwo"));
    CHECK(answer.find("chunked") == std::string::npos);
}

TEST_CASE("a slow head and a slow body are 408; an idle connection is closed silently") {
    AsioScheduler loop;
    auto handler = echo_target();
    auto server = test::listen(loop, handler, {.head_timeout_ms = 50, .body_timeout_ms = 50, .keep_alive_ms = 50});
    RawPeer slow_head(loop, server->port());
    slow_head.send("GET / HTTP/1.1\r\nHost:");
    CHECK(slow_head.read_to_end().starts_with("HTTP/1.1 408 "));
    RawPeer slow_body(loop, server->port());
    slow_body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    CHECK(slow_body.read_to_end().starts_with("HTTP/1.1 408 "));
    RawPeer idle(loop, server->port());
    CHECK(idle.read_to_end().empty());
}

TEST_CASE("connections over the limit get 503") {
    AsioScheduler loop;
    auto handler = echo_target();
    auto server = test::listen(loop, handler, {.max_connections = 1});
    RawPeer first(loop, server->port());
    first.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(first.wait_for("GET /1 "));
    RawPeer second(loop, server->port());
    CHECK(second.read_to_end().starts_with("HTTP/1.1 503 "));
    first.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(first.wait_for("GET /2 "));
}

TEST_CASE("an exception out of the handler is a 500, or cuts a stream that has begun") {
    AsioScheduler loop;
    FunctionHandler handler([](net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) {
        if (request.target == "/begun") {
            writer->start({});
            writer->write("some");
        }
        throw std::runtime_error("on purpose");
    });
    auto server = test::listen(loop, handler);
    RawPeer fresh(loop, server->port());
    fresh.send("GET /fresh HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(fresh.wait_for("\r\n\r\n{"));
    CHECK(fresh.received().starts_with("HTTP/1.1 500 "));
    CHECK(fresh.received().find("on purpose") == std::string::npos);
    RawPeer begun(loop, server->port());
    begun.send("GET /begun HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto answer = begun.read_to_end();
    CHECK(answer.find("4\r\nsome\r\n") != std::string::npos);
    CHECK(answer.find("0\r\n\r\n") == std::string::npos);
}

TEST_CASE("header values cannot forge headers, and extra headers are on every answer") {
    AsioScheduler loop;
    FunctionHandler handler([](auto, auto writer) {
        writer->respond({200, {{"X-A", "b\r\nX-Forged: 1"}, {"Content-Length", "999"}, {"X-Own", "handler"}}, "ok"});
    });
    auto server = test::listen(loop, handler, {.extra_headers = {{"X-Extra", "1"}, {"X-Own", "server"}}});
    RawPeer peer(loop, server->port());
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nbroken\r\n\r\n");
    const auto answer = peer.read_to_end();
    CHECK(answer.find("X-A: bX-Forged: 1\r\n") != std::string::npos);
    CHECK(answer.find("Content-Length: 2\r\n") != std::string::npos);
    CHECK(count(answer, "X-Extra: 1\r\n") == 2);  // the 400, too
    CHECK(answer.find("X-Own: handler") != std::string::npos);
    CHECK(answer.find("\r\nDate: ") != std::string::npos);
}

TEST_CASE("a client that leaves while it streams is noticed without a write") {
    AsioScheduler loop;
    bool closed = false;
    std::shared_ptr<net::ResponseWriter> kept;
    FunctionHandler handler([&](auto, auto writer) {
        kept = writer;
        writer->on_close([&] { closed = true; });
        writer->start({});
        writer->write(": hello\n\n");
    });
    auto server = test::listen(loop, handler);
    RawPeer peer(loop, server->port());
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(peer.wait_for("hello"));
    peer.close();
    REQUIRE(loop.run_until([&] { return closed; }, kWatchdogMs));
    CHECK(kept->closed());
    CHECK(kept->write("nobody hears"));
    CHECK(server->connection_count() == 0);
}

TEST_CASE("the access record has the path without its query") {
    AsioScheduler loop;
    auto handler = echo_target();
    std::vector<gateway::AccessRecord> records;
    gateway::ServerOptions options;
    options.on_access = std::make_shared<base::UniqueFunction<void(const gateway::AccessRecord&)>>([&](const auto& record) { records.push_back(record); });
    auto server = test::listen(loop, handler, std::move(options));
    RawPeer peer(loop, server->port());
    peer.send("GET /a?token=secret HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(loop.run_until([&] { return records.size() == 1; }, kWatchdogMs));
    CHECK(records[0].path == "/a");
    CHECK(records[0].method == "GET");
    CHECK(records[0].status == 200);
    CHECK(records[0].peer == "127.0.0.1");
}

TEST_CASE("shutdown: idle connections close, streams end cleanly, answers under way arrive") {
    AsioScheduler loop;
    std::shared_ptr<net::ResponseWriter> stream;
    std::shared_ptr<net::ResponseWriter> slow;
    bool stream_closed = false;
    FunctionHandler handler([&](net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) {
        if (request.target == "/stream") {
            stream = writer;
            writer->on_close([&] { stream_closed = true; });
            writer->start({});
            writer->write("begun");
        } else if (request.target == "/slow") {
            slow = writer;
        } else {
            writer->respond({200, {}, "quick"});
        }
    });
    auto server = test::listen(loop, handler);
    RawPeer idle(loop, server->port());
    idle.send("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
    RawPeer streaming(loop, server->port());
    streaming.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    RawPeer waiting(loop, server->port());
    waiting.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(idle.wait_for("quick"));
    REQUIRE(streaming.wait_for("begun"));
    REQUIRE(loop.run_until([&] { return slow != nullptr; }, kWatchdogMs));

    bool down = false;
    const auto port = server->port();
    server->shutdown([&] { down = true; });
    CHECK(idle.read_to_end().ends_with("quick"));
    CHECK(streaming.read_to_end().ends_with("5\r\nbegun\r\n0\r\n\r\n"));
    CHECK(stream_closed);
    CHECK_FALSE(down);
    slow->respond({200, {}, "in time"});
    const auto answer = waiting.read_to_end();
    CHECK(answer.ends_with("in time"));
    CHECK(answer.find("Connection: close") != std::string::npos);
    REQUIRE(loop.run_until([&] { return down; }, kWatchdogMs));

    // Nobody listens any more, and the port is free.
    auto again = gateway::BeastServer::listen(loop, handler, {.port = port});
    CHECK(again.has_value());
}

TEST_CASE("shutdown cuts what does not end in time") {
    AsioScheduler loop;
    bool closed = false;
    std::shared_ptr<net::ResponseWriter> kept;
    FunctionHandler handler([&](auto, auto writer) {
        kept = writer;
        kept->on_close([&] { closed = true; });
    });
    auto server = test::listen(loop, handler, {.shutdown_timeout_ms = 20});
    RawPeer peer(loop, server->port());
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(loop.run_until([&] { return kept != nullptr; }, kWatchdogMs));
    bool down = false;
    server->shutdown([&] { down = true; });
    REQUIRE(loop.run_until([&] { return down && closed; }, kWatchdogMs));
    CHECK(peer.read_to_end().empty());
}

TEST_CASE("a port in use names the flag; so do addresses that are not ours") {
    AsioScheduler loop;
    auto handler = echo_target();
    auto server = test::listen(loop, handler);
    auto second = gateway::BeastServer::listen(loop, handler, {.port = server->port()});
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().message.find(std::to_string(server->port())) != std::string::npos);
    CHECK(second.error().hint.find("--port") != std::string::npos);
    auto nonsense = gateway::BeastServer::listen(loop, handler, {.address = "not an address"});
    REQUIRE_FALSE(nonsense.has_value());
    CHECK(nonsense.error().hint.find("--bind") != std::string::npos);
    auto elsewhere = gateway::BeastServer::listen(loop, handler, {.address = "192.0.2.1"});
    REQUIRE_FALSE(elsewhere.has_value());
    CHECK(elsewhere.error().hint.find("--bind") != std::string::npos);
}

TEST_CASE("a server that is destroyed closes its streams, and writers that remain do nothing") {
    AsioScheduler loop;
    bool closed = false;
    std::shared_ptr<net::ResponseWriter> kept;
    FunctionHandler handler([&](auto, auto writer) {
        kept = writer;
        kept->on_close([&] { closed = true; });
        kept->start({});
    });
    auto server = test::listen(loop, handler);
    RawPeer peer(loop, server->port());
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(peer.wait_for("\r\n\r\n"));
    server.reset();
    REQUIRE(loop.run_until([&] { return closed; }, kWatchdogMs));
    CHECK(kept->write("x"));
    kept->end();
    kept.reset();
    peer.read_to_end();
    CHECK(peer.is_closed());
}
