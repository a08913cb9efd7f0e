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

TEST_CASE("events of a stream arrive in order with its bearer [C3]") {
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

TEST_CASE("a cut stream comes back with its last event id and a growing wait [C6]") {
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

TEST_CASE("a stream that stayed good for a minute starts its back-off anew [C6]") {
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

TEST_CASE("statuses that mean never stop the stream and say why [C1]") {
    for (const auto& [status, words] : {std::pair{204, ""}, std::pair{403, "You may not read this stream"}, std::pair{404, "The stream no longer exists"}, std::pair{410, "The stream no longer exists"}, std::pair{302, "The server answered with status 302"}, std::pair{205, "The server answered with status 205"}}) {
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

TEST_CASE("429 waits as long as the server asks [C1]") {
    Fixture f;
    f.server.status = 429;
    f.server.extra = Headers{{"retry-after", "20"}};
    auto stream = f.make();
    stream->open();
    f.time.run_ready();
    CHECK(stream->state().retry_at_ms - f.time.monotonic_ms() == 20'000);
}

TEST_CASE("a 401 renews the token once and goes on [C1]") {
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

TEST_CASE("silence beyond the idle timeout is a cut, a heartbeat is not silence [C7]") {
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

TEST_CASE("close is silent and late bytes go nowhere [C9]") {
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

TEST_CASE("a clean end reconnects, unless the stream is one that ends [C5]") {
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

namespace {

// Options beyond the fixture's own, and a hook inside the callbacks.
struct Bare {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{5};
    ScriptedServer server;
    LoopbackClient client{time, server};
    std::vector<std::string> events;
    std::vector<std::string> comments;
    base::UniqueFunction<void(const wire::SseEvent&)> in_event;
    base::UniqueFunction<void()> in_change;
    std::unique_ptr<EventStream> stream;

    void open(EventStreamOptions options) {
        if (options.target.empty()) options.target = "/stream";
        stream = std::make_unique<EventStream>(client, time, random, std::move(options),
                                               EventStream::Callbacks{.on_event =
                                                                          [this](const wire::SseEvent& e) {
                                                                              events.emplace_back(e.data);
                                                                              if (in_event) in_event(e);
                                                                          },
                                                                      .on_change =
                                                                          [this] {
                                                                              if (in_change) in_change();
                                                                          },
                                                                      .on_comment = [this](std::string_view text) { comments.emplace_back(text); }});
        stream->open();
        time.run_ready();
    }
    void send(std::string_view bytes) {
        server.writers.back()->write(bytes);
        time.run_ready();
    }
};

}  // namespace

TEST_CASE("every status has one rule, and the table says what each does [C1]") {
    for (int status = 0; status <= 999; ++status) {
        const StatusRule& rule = status_rule(status);
        CHECK(rule.first <= status);
        CHECK(status <= rule.last);
        if (rule.action == StatusAction::stop) CHECK(rule.reason != StopReason::none);
    }
    CHECK(status_rule(200).action == StatusAction::accept);
    CHECK(status_rule(401).action == StatusAction::renew);
    for (const int status : {408, 425, 429, 500, 502, 503, 504, 599}) CHECK(status_rule(status).action == StatusAction::retry);
    for (const int status : {201, 204, 205, 299, 301, 400, 403, 404, 405, 410, 422}) CHECK(status_rule(status).action == StatusAction::stop);
}

TEST_CASE("a stopped stream says by a reason why, and opens again when asked [C1]") {
    using R = StopReason;
    for (const auto& [status, reason] : {std::pair{204, R::ended}, std::pair{401, R::not_signed_in}, std::pair{403, R::forbidden}, std::pair{404, R::not_found},
                                         std::pair{410, R::gone}, std::pair{418, R::refused}}) {
        Bare b;
        b.server.status = status;
        b.open({});
        CHECK(b.stream->state().phase == Phase::stopped);
        CHECK(b.stream->state().reason == reason);
        b.server.status = 200;
        b.stream->reconnect_now();
        b.time.run_ready();
        CHECK(b.stream->state().phase == Phase::open);
        CHECK(b.stream->state().reason == R::none);
        CHECK(b.stream->state().last_error.empty());
    }
    Bare html;
    html.server.content_type = "text/x-bogus";
    html.open({});
    CHECK(html.stream->state().reason == R::not_a_stream);
    Bare loose;
    loose.server.content_type = "Text/Event-Stream ;";
    loose.open({});
    CHECK(loose.stream->state().phase == Phase::open);
}

TEST_CASE("Retry-After may be a date, and an absurd one is an hour [C1]") {
    for (const auto& [value, wait] : {std::pair{"Thu, 01 Jan 2026 00:01:30 GMT", 90'000}, std::pair{"Thu, 01 Jan 2015 00:00:00 GMT", 0}, std::pair{"99999999999999999999", 3'600'000},
                                      std::pair{"7200", 3'600'000}, std::pair{"soon", 0}, std::pair{"-5", 0}}) {
        Bare b;
        b.server.status = 503;
        b.server.extra = Headers{{"retry-after", value}};
        b.open({});
        const std::int64_t left = b.stream->state().retry_at_ms - b.time.monotonic_ms();
        CAPTURE(value);
        if (wait > 0) CHECK(left == wait);
        else CHECK((left >= 500 && left <= 1'000));
    }
}

TEST_CASE("after its number of tries a stream gives up, and goes on when a person asks [C6]") {
    Bare b;
    b.server.down = true;
    b.open({.max_retries = 10});
    b.time.advance(600'000);
    CHECK(b.stream->state().phase == Phase::gave_up);
    CHECK(b.server.requests.size() == 11);
    CHECK_FALSE(b.stream->state().last_error.empty());
    b.time.advance(3'600'000);
    CHECK(b.server.requests.size() == 11);
    b.server.down = false;
    b.stream->reconnect_now();
    b.time.run_ready();
    REQUIRE(b.stream->state().phase == Phase::open);
    CHECK(b.stream->state().retries == 0);
    // An event between two cuts proves that the stream works: the count starts again.
    for (int i = 0; i < 30; ++i) {
        b.send("data: x\n\n");
        b.server.writers.back()->abort();
        b.time.advance(31'000);
        REQUIRE(b.stream->state().phase == Phase::open);
    }
    // Without one it is counted.
    for (int i = 0; i < 12 && b.stream->state().phase != Phase::gave_up; ++i) {
        b.server.writers.back()->abort();
        b.time.advance(31'000);
    }
    CHECK(b.stream->state().phase == Phase::gave_up);
}

TEST_CASE("a stream without retries stops trying at the first cut [C6]") {
    Bare b;
    b.open({.max_retries = 0});
    b.send("data: x\n\n");
    b.server.writers.back()->abort();
    b.time.advance(600'000);
    CHECK(b.stream->state().phase == Phase::gave_up);
    CHECK(b.server.requests.size() == 1);
}

TEST_CASE("the delay grows as the table says and neither overflows nor reaches nought, however many tries [C6]") {
    Bare b;
    b.server.down = true;
    b.open({.base_delay_ms = 3'000, .growth = 2.0});
    std::int64_t shortest = 1'000'000;
    for (int i = 0; i < 2'000; ++i) {
        const std::int64_t wait = b.stream->state().retry_at_ms - b.time.monotonic_ms();
        shortest = std::min(shortest, wait);
        REQUIRE(wait <= 30'000);
        if (i == 0) CHECK((wait >= 1'500 && wait <= 3'000));
        if (i == 1) CHECK((wait >= 3'000 && wait <= 6'000));
        if (i > 4) REQUIRE(wait >= 15'000);
        b.time.advance(wait);
    }
    CHECK(shortest >= 1'500);
    CHECK(b.stream->state().retries == 2'001);
    Bare steady;
    steady.server.down = true;
    steady.open({.base_delay_ms = 3'000, .growth = 1.0});
    for (int i = 0; i < 50; ++i) {
        const std::int64_t wait = steady.stream->state().retry_at_ms - steady.time.monotonic_ms();
        REQUIRE((wait >= 1'500 && wait <= 3'000));
        steady.time.advance(wait);
    }
}

TEST_CASE("a retry field takes the place of the base delay, has a floor, and outlives the connection [C6]") {
    Bare b;
    b.open({});
    b.send("retry: 8000\n");
    b.server.writers.back()->abort();
    b.time.run_ready();
    CHECK(b.stream->state().retry_at_ms - b.time.monotonic_ms() >= 4'000);
    b.time.advance(8'000);
    REQUIRE(b.stream->state().phase == Phase::open);
    b.server.writers.back()->abort();
    b.time.run_ready();
    CHECK(b.stream->state().retry_at_ms - b.time.monotonic_ms() >= 8'000);  // the second in a row
    b.time.advance(16'000);
    b.send("retry: 0\n");
    CHECK(b.stream->state().retries == 0);
    b.server.writers.back()->abort();
    b.time.run_ready();
    CHECK(b.stream->state().retry_at_ms - b.time.monotonic_ms() == 100);
    b.time.advance(100);
    b.send("retry: 99999999999999999999\n");
    b.server.writers.back()->abort();
    b.time.run_ready();
    CHECK(b.stream->state().retry_at_ms - b.time.monotonic_ms() <= 30'000);
}

TEST_CASE("method, body and headers go with every attempt, the bearer is asked for each time [C3]") {
    Bare b;
    int asked = 0;
    EventStreamOptions options{.target = "/chat", .method = "POST", .headers = {{"content-type", "application/json"}}, .body = R"({"message":"hi"})"};
    options.authorization = [&] { return "Bearer t" + std::to_string(++asked); };
    b.open(std::move(options));
    b.server.writers.back()->abort();
    b.time.advance(1'000);
    REQUIRE(b.server.requests.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(b.server.requests[i].method == "POST");
        CHECK(b.server.requests[i].body == R"({"message":"hi"})");
        CHECK(b.server.requests[i].headers.get("content-type") == "application/json");
        CHECK(b.server.requests[i].headers.get("cache-control") == "no-cache");
        CHECK(b.server.requests[i].headers.get("authorization") == "Bearer t" + std::to_string(i + 1));
    }
}

TEST_CASE("the token is in the query only where the profile says so [C3]") {
    Bare b;
    EventStreamOptions options = stream_options(stream_profile(StreamBackend::kubenest, StreamKind::events), "/api/v1/events/stream?resource_type=all");
    options.authorization = [] { return std::string("Bearer a+b/c"); };
    b.open(std::move(options));
    CHECK(b.server.requests[0].target == "/api/v1/events/stream?resource_type=all&token=a%2Bb%2Fc");
    CHECK_FALSE(b.server.requests[0].headers.has("authorization"));
    for (const StreamProfile& profile : stream_profiles()) CHECK(profile.token_parameter.empty() == (profile.backend != StreamBackend::kubenest));
}

TEST_CASE("a first attempt carries the id it is given, and one that no header can carry is left out [C4]") {
    Bare given;
    given.open({.last_event_id = "41"});
    CHECK(given.server.requests[0].headers.get("last-event-id") == "41");
    CHECK(given.stream->last_event_id() == "41");
    for (const std::string& id : {std::string("a\x01b"), std::string("a\x7f"), std::string(5'000, 'x')}) {
        Bare b;
        b.open({});
        b.send("id: " + id + "\ndata: x\n\n");
        CHECK(b.stream->last_event_id() == id);
        b.server.writers.back()->abort();
        b.time.advance(1'000);
        REQUIRE(b.server.requests.size() == 2);
        CHECK_FALSE(b.server.requests[1].headers.has("last-event-id"));
    }
}

TEST_CASE("an id is UTF-8 in the header, stays without further ids, counts without data and is cleared by an empty one [C4]") {
    Bare b;
    b.open({});
    b.send("id: \xE2\x80\xA6\ndata: hello\n\ndata: more\n\n");
    b.server.writers.back()->abort();
    b.time.advance(1'000);
    CHECK(b.server.requests[1].headers.get("last-event-id") == "\xE2\x80\xA6");
    b.send("id: 2\n\n");  // no data, no event, but the position
    CHECK(b.events.size() == 2);
    b.server.writers.back()->abort();
    b.time.advance(2'000);
    CHECK(b.server.requests[2].headers.get("last-event-id") == "2");
    b.send("id\ndata: cleared\n\nid: 9\ndata: never ended");
    b.server.writers.back()->abort();
    b.time.advance(4'000);
    CHECK_FALSE(b.server.requests[3].headers.has("last-event-id"));
}

TEST_CASE("comments are handed on, and are a sign of life [C7]") {
    Bare b;
    b.open({.idle_timeout_ms = 15'000});
    for (int i = 0; i < 5; ++i) {
        b.time.advance(10'000);
        b.send(": beat\n");
    }
    CHECK(b.stream->state().phase == Phase::open);
    CHECK(b.comments == std::vector<std::string>(5, " beat"));
    CHECK(b.events.empty());
}

TEST_CASE("restart cuts the stream and comes back with its id, and leaves a resting one alone [C8]") {
    Bare b;
    b.open({});
    b.send("id: 3\ndata: x\n\n");
    b.stream->restart();
    CHECK(b.stream->state().phase == Phase::retrying);
    CHECK(b.server.writers.back()->closed());
    b.time.advance(1'000);
    CHECK(b.server.requests.size() == 2);
    CHECK(b.server.requests[1].headers.get("last-event-id") == "3");
    b.stream->close();
    b.stream->restart();
    b.time.advance(60'000);
    CHECK(b.server.requests.size() == 2);
}

TEST_CASE("the event that ends a stream is delivered, then nothing is asked again [C5]") {
    Bare b;
    b.open({.last_events = "complete failed"});
    b.send("event: log\ndata: a\n\nevent: failed\ndata: b\n\ndata: never\n\n");
    CHECK(b.events == std::vector<std::string>{"a", "b"});
    CHECK(b.stream->state().phase == Phase::stopped);
    CHECK(b.stream->state().reason == StopReason::ended);
    b.time.advance(600'000);
    CHECK(b.server.requests.size() == 1);
}

TEST_CASE("closed, reopened, restarted or destroyed in any callback, a stream stays whole [C9]") {
    const std::string two = "data: 1\n\ndata: 2\n\n";
    for (const bool in_change : {false, true}) {
        for (int what = 0; what < 4; ++what) {
            Bare b;
            bool done = false;
            const auto act = [&] {
                if (done) return;
                done = true;
                switch (what) {
                    case 0: b.stream->close(); break;
                    case 1:
                        b.stream->close();
                        b.stream->open();
                        break;
                    case 2: b.stream->restart(); break;
                    case 3: b.stream.reset(); break;
                    default: break;
                }
            };
            b.open({});
            if (in_change) {
                b.in_change = [&] { act(); };
                b.server.writers.back()->abort();
            } else {
                b.in_event = [&](const wire::SseEvent&) { act(); };
                b.server.writers.back()->write(two);
            }
            b.time.advance(5'000);
            CAPTURE(in_change, what);
            CHECK(done);
            if (!in_change) CHECK(b.events == std::vector<std::string>{"1"});  // the rest of that chunk belongs to what is over
            if (what == 0) CHECK(b.stream->state().phase == Phase::closed);
            if (what == 1 || (what == 2 && !in_change)) {
                CHECK(b.server.requests.size() == 2);
                b.in_event = nullptr;
                b.send("data: 3\n\n");
                CHECK(b.events.back() == "3");
            }
            if (what == 0 || what == 3) CHECK(b.server.requests.size() == 1);
        }
    }
}

TEST_CASE("closing is safe before the first attempt, twice, while connecting and while waiting [C9]") {
    Bare b;
    EventStream never(b.client, b.time, b.random, {.target = "/stream"}, {});
    never.close();
    never.close();
    b.open({});
    b.stream->close();
    b.stream->open();
    b.stream->close();  // while connecting
    b.time.advance(60'000);
    CHECK(b.stream->state().phase == Phase::closed);
    b.server.down = true;
    b.stream->open();
    b.time.run_ready();
    REQUIRE(b.stream->state().phase == Phase::retrying);
    const std::size_t asked = b.server.requests.size();
    b.stream->close();
    b.time.advance(600'000);
    CHECK(b.server.requests.size() == asked);
}

TEST_CASE("asking again during the wait leaves no second attempt behind [C8]") {
    Bare b;
    b.server.down = true;
    b.open({});
    b.server.down = false;
    b.stream->reconnect_now();
    b.stream->reconnect_now();
    b.stream->open();
    b.time.advance(60'000);
    CHECK(b.server.requests.size() == 2);
    CHECK(b.server.writers.size() == 1);
}

TEST_CASE("an event over its limit is left out and counted, and the stream goes on") {
    Bare b;
    b.open({.max_event_bytes = 10});
    b.send("data: 01234567890\n\ndata: ok\n\n");
    CHECK(b.events == std::vector<std::string>{"ok"});
    CHECK(b.stream->state().too_large == 1);
}

TEST_CASE("the table of streams: idle timeouts only where heartbeats are promised, last events as the contracts say") {
    const auto row = [](StreamBackend backend, StreamKind kind) { return stream_options(stream_profile(backend, kind), "/"); };
    CHECK(row(StreamBackend::binnacle, StreamKind::pod_log).idle_timeout_ms == 45'000);
    CHECK(row(StreamBackend::binnacle, StreamKind::watch).idle_timeout_ms == 15'000);
    CHECK(row(StreamBackend::datum, StreamKind::watch).max_delay_ms == 60'000);
    CHECK(row(StreamBackend::datum, StreamKind::watch).max_retries == 10);
    CHECK(row(StreamBackend::kubenest, StreamKind::events).max_retries == 10);
    CHECK(row(StreamBackend::kubeorch, StreamKind::workflow_status).last_events.empty());
    CHECK(row(StreamBackend::kubeorch, StreamKind::build).last_events == "complete failed cancelled");
    CHECK_FALSE(row(StreamBackend::kaizen, StreamKind::agent_chat).reconnect_on_end);
    for (const StreamProfile& profile : stream_profiles()) {
        if (profile.backend == StreamBackend::kubeorch) {
            CHECK(profile.idle_timeout_ms() == 0);
            CHECK(profile.base_delay_ms == 3'000);
            CHECK_FALSE(profile.resumes);
        }
        CHECK(&stream_profile(profile.backend, profile.kind) == &profile);  // no pair twice
    }
    const StreamProfile& unknown = stream_profile(StreamBackend::kaizen, StreamKind::build);
    CHECK(unknown.backend == StreamBackend::kaizen);
    CHECK(unknown.idle_timeout_ms() == 0);
}
