#include <catch2/catch_test_macros.hpp>

#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "net/event_stream.hpp"
#include "net/loopback.hpp"

using namespace net;
using Phase = EventStream::Phase;

namespace {

// Answers each attempt with what the test put into `script`, or holds the writer open.
class ScriptedServer final : public HttpHandler {
public:
    void handle(ServerRequest request, std::shared_ptr<ResponseWriter> writer) override {
        requests.push_back(std::move(request));
        if (down) return writer->abort();
        if (status != 200) return writer->respond({status, extra, ""});
        writer->start({200, {{"content-type", content_type}}});
        writers.push_back(std::move(writer));
    }
    std::vector<ServerRequest> requests;
    std::vector<std::shared_ptr<ResponseWriter>> writers;
    Headers extra;
    int status = 200;
    bool down = false;
    std::string content_type = "text/event-stream; charset=utf-8";
};

struct Fixture {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{3};
    ScriptedServer server;
    LoopbackClient client{time, server};
    std::vector<std::string> events;
    std::vector<Phase> phases;
    std::string token = "t1";
    int renewals = 0;
    bool renewal_works = true;

    std::unique_ptr<EventStream> make(EventStreamOptions options = {}) {
        options.target = "/stream";
        options.authorization = [this] { return "Bearer " + token; };
        options.renew = [this](base::UniqueFunction<void(bool)> done) {
            ++renewals;
            if (renewal_works) token = "t2";
            time.post([done = std::move(done), ok = renewal_works]() mutable { done(ok); });
        };
        std::unique_ptr<EventStream> stream;
        stream = std::make_unique<EventStream>(client, time, random, std::move(options),
                                               EventStream::Callbacks{.on_event = [this](const wire::SseEvent& e) { events.push_back(std::string(e.type) + ":" + std::string(e.data)); },
                                                                      .on_change = [this] { phases.push_back(current->state().phase); }});
        current = stream.get();
        return stream;
    }
    EventStream* current = nullptr;
};

}  // namespace

TEST_CASE("events of a stream arrive in order with its bearer") {
    Fixture f;
    auto stream = f.make();
    stream->open();
    f.time.run_ready();
    REQUIRE(f.server.writers.size() == 1);
    CHECK(f.server.requests[0].headers.get("authorization") == "Bearer t1");
    CHECK(f.server.requests[0].headers.get("accept") == "text/event-stream");
    CHECK_FALSE(f.server.requests[0].headers.has("last-event-id"));
    f.server.writers[0]->write("event: a\ndata: 1\n\nda");
    f.server.writers[0]->write("ta: 2\n\n");
    f.time.run_ready();
    CHECK(f.events == std::vector<std::string>{"a:1", "message:2"});
    CHECK(f.phases == std::vector<Phase>{Phase::connecting, Phase::open});
    CHECK(stream->state().events == 2);
}

TEST_CASE("a cut stream comes back with its last event id and a growing wait") {
    Fixture f;
    auto stream = f.make();
    stream->open();
    f.time.run_ready();
    f.server.writers[0]->write("id: 7\ndata: x\n\ndata: half");
    f.server.writers[0]->abort();
    f.server.writers.clear();
    f.time.run_ready();
    CHECK(stream->state().phase == Phase::retrying);
    CHECK_FALSE(stream->state().last_error.empty());
    f.server.down = true;
    std::int64_t last_wait = 0;
    for (int i = 0; i < 8; ++i) {
        const std::int64_t wait = stream->state().retry_at_ms - f.time.monotonic_ms();
        CHECK(wait <= 30'000);
        CHECK(wait >= 500);
        last_wait = wait;
        f.time.advance(wait);
    }
    CHECK(last_wait >= 15'000);  // 30 s less half at the most
    CHECK(stream->state().retries == 9);
    f.server.down = false;
    f.time.advance(30'000);
    CHECK(stream->state().phase == Phase::open);
    CHECK(f.server.requests.back().headers.get("last-event-id") == "7");
    CHECK(f.events == std::vector<std::string>{"message:x"});
}

TEST_CASE("a stream that stayed good for a minute starts its back-off anew") {
    Fixture f;
    auto stream = f.make();
    f.server.down = true;
    stream->open();
    f.time.advance(200'000);
    CHECK(stream->state().retries > 4);
    f.server.down = false;
    stream->reconnect_now();
    f.time.run_ready();
    REQUIRE(stream->state().phase == Phase::open);
    f.time.advance(61'000);
    f.server.writers.back()->abort();
    f.time.run_ready();
    CHECK(stream->state().retries == 1);
    CHECK(stream->state().retry_at_ms - f.time.monotonic_ms() <= 1'000);
}

TEST_CASE("statuses that mean never stop the stream and say why") {
    for (const auto& [status, words] : {std::pair{204, ""}, std::pair{403, "You may not read this stream"}, std::pair{404, "The stream no longer exists"}, std::pair{302, "The server answered with status 302"}}) {
        Fixture f;
        f.server.status = status;
        auto stream = f.make();
        stream->open();
        f.time.advance(3'600'000);
        CHECK(stream->state().phase == Phase::stopped);
        CHECK(stream->state().last_error == words);
        CHECK(f.server.requests.size() == 1);
    }
    Fixture html;
    html.server.content_type = "text/html";
    auto stream = html.make();
    stream->open();
    html.time.advance(60'000);
    CHECK(stream->state().phase == Phase::stopped);
}

TEST_CASE("429 waits as long as the server asks") {
    Fixture f;
    f.server.status = 429;
    f.server.extra = Headers{{"retry-after", "20"}};
    auto stream = f.make();
    stream->open();
    f.time.run_ready();
    CHECK(stream->state().retry_at_ms - f.time.monotonic_ms() == 20'000);
}

TEST_CASE("a 401 renews the token once and goes on") {
    Fixture f;
    f.server.status = 401;
    auto stream = f.make();
    stream->open();
    f.time.run_ready();
    CHECK(f.renewals == 1);
    CHECK(f.server.requests.size() == 2);
    CHECK(f.server.requests[1].headers.get("authorization") == "Bearer t2");
    CHECK(stream->state().phase == Phase::stopped);  // still 401: no loop
}

TEST_CASE("silence beyond the idle timeout is a cut, a heartbeat is not silence") {
    Fixture f;
    auto stream = f.make({.idle_timeout_ms = 45'000});
    stream->open();
    f.time.run_ready();
    for (int i = 0; i < 10; ++i) {
        f.time.advance(30'000);
        f.server.writers[0]->write(":\n");
    }
    f.time.run_ready();
    CHECK(stream->state().phase == Phase::open);
    f.time.advance(45'100);
    CHECK(f.server.requests.size() == 1);
    CHECK(stream->state().phase == Phase::retrying);
    f.time.advance(1'000);
    CHECK(f.server.requests.size() == 2);
    CHECK(stream->state().phase == Phase::open);
}

TEST_CASE("close is silent and late bytes go nowhere") {
    Fixture f;
    auto stream = f.make();
    stream->open();
    f.time.run_ready();
    f.server.writers[0]->write("data: late\n\n");
    stream->close();
    const auto changes = f.phases.size();
    f.time.advance(120'000);
    CHECK(f.events.empty());
    CHECK(f.phases.size() == changes);
    CHECK(f.server.requests.size() == 1);
    CHECK(f.server.writers[0]->closed());
}

TEST_CASE("a clean end reconnects, unless the stream is one that ends") {
    Fixture f;
    auto stream = f.make();
    stream->open();
    f.time.run_ready();
    f.server.writers[0]->end();
    f.time.advance(1'000);
    CHECK(f.server.requests.size() == 2);
    CHECK(stream->state().phase == Phase::open);

    Fixture once;
    auto ending = once.make({.reconnect_on_end = false});
    ending->open();
    once.time.run_ready();
    once.server.writers[0]->end();
    once.time.advance(60'000);
    CHECK(once.server.requests.size() == 1);
    CHECK(ending->state().phase == Phase::stopped);
}
