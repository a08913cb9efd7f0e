#include <catch2/catch_test_macros.hpp>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "model/log_stream.hpp"
#include "net/loopback.hpp"

using namespace model;
using Phase = net::EventStream::Phase;
using Verdict = LogResume::Verdict;

namespace {

class Server final : public net::HttpHandler {
public:
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> to) override {
        requests.push_back(std::move(request));
        if (down) return to->abort();
        to->start({200, {{"content-type", "text/event-stream"}}});
        writer = std::move(to);
    }
    std::vector<net::ServerRequest> requests;
    std::shared_ptr<net::ResponseWriter> writer;
    bool down = false;
};

struct Rig {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{4};
    Server server;
    net::LoopbackClient client{time, server};
    net::SharedStreams streams{client, time, random};
    int changes = 0;
    int completions = 0;
    LogStream log{streams,
                  [](std::string path) { return net::stream_options(net::stream_profile(net::StreamBackend::binnacle, net::StreamKind::pod_log), "/v1/api" + path); },
                  {.on_change = [this] { ++changes; }, .on_complete = [this] { ++completions; }}};

    void open(LogSource source) {
        log.open(std::move(source));
        time.run_ready();
    }
    void line(const std::string& raw) {
        server.writer->write("event:log\ndata:" + raw + "\n\n");
        time.run_ready();
    }
    void cut() {
        server.writer->abort();
        time.advance(6'000);  // the second in a row
    }
    [[nodiscard]] std::vector<std::string> shown() const {
        std::vector<std::string> out;
        for (std::size_t i = 0; i < log.lines().size(); ++i) out.push_back(log.lines().line(i).gap ? "--" : std::string(log.lines().line(i).message));
        return out;
    }
};

using Lines = std::vector<std::string>;

std::vector<Verdict> taken(LogResume& resume, std::initializer_list<const char*> seconds) {
    std::vector<Verdict> out;
    for (const char* second : seconds) {
        const std::string stamp = *second == 0 ? std::string() : std::string("2026-01-01T00:00:") + second + "Z";
        out.push_back(resume.take(stamp, stamp + " text"));
    }
    return out;
}

}  // namespace

TEST_CASE("a replayed tail after a reconnect doubles no line and loses none") {
    using enum Verdict;
    LogResume resume;
    CHECK(taken(resume, {"01", "02", "02"}) == std::vector{take, take, take});
    resume.restart();
    // The tail begins before what is known; a third line with the same stamp is new.
    CHECK(taken(resume, {"01", "02", "02", "02", "03"}) == std::vector{seen, seen, seen, take, take});
    resume.restart();
    // It begins after it: something may lie between.
    CHECK(taken(resume, {"09", "10"}) == std::vector{take_after_gap, take});
    resume.restart();
    CHECK(taken(resume, {"", "11"}) == std::vector{take_after_gap, take});
}

TEST_CASE("lines that are late by a little are neither doubled nor lost in a replay") {
    using enum Verdict;
    LogResume resume;
    CHECK(taken(resume, {"01", "03", "02"}) == std::vector{take, take, take});
    resume.restart();
    CHECK(taken(resume, {"01", "03", "02", "02.5", "04"}) == std::vector{seen, seen, seen, take, take});
    resume.restart();
    CHECK(taken(resume, {"03", "02", "02.5", "04", "03.9"}) == std::vector{seen, seen, seen, seen, take});
}

TEST_CASE("another line of the same stamp is not the one that is known") {
    using enum Verdict;
    const std::string stamp = "2026-01-01T00:00:01Z";
    LogResume resume;
    CHECK(resume.take(stamp, stamp + " a") == take);
    CHECK(resume.take(stamp, stamp + " b") == take);
    resume.restart();
    // The log was cut off in the middle of what is known, and goes on.
    CHECK(resume.take(stamp, stamp + " b") == seen);
    CHECK(resume.take(stamp, stamp + " c") == take);
    resume.restart();
    // It was cut off behind it: what cannot be told from what is older waits for the first later line, and the gap is marked there.
    CHECK(resume.take(stamp, stamp + " d") == seen);
    CHECK(resume.take("2026-01-01T00:00:03Z", "e") == take_after_gap);
    CHECK(resume.take(stamp, stamp + " f") == take);
}

TEST_CASE("lines without stamps are told by their text") {
    using enum Verdict;
    LogResume resume;
    for (const char* line : {"a", "b", "b", "c"}) CHECK(resume.take("", line) == take);
    resume.restart();
    for (const char* line : {"b", "b", "c"}) CHECK(resume.take("", line) == seen);
    CHECK(resume.take("", "b") == take);
}

TEST_CASE("a log that ended goes on with its next run without a gap, a backend without positions always has one") {
    using enum Verdict;
    LogResume resume;
    (void)taken(resume, {"01"});
    resume.complete();
    resume.restart();
    CHECK(taken(resume, {"05"}) == std::vector{take});
    resume.restart();
    CHECK(taken(resume, {"09"}) == std::vector{take_after_gap});

    LogResume loose(false);
    loose.restart();
    CHECK(taken(loose, {"01", "02"}) == std::vector{take, take});
    loose.restart();
    CHECK(taken(loose, {"01", "02", "03", "04"}) == std::vector{seen, seen, take_after_gap, take});
}

TEST_CASE("a log asks for a tail of 100 and follows, and shows each line in its parts") {
    Rig r;
    r.open({.resource_id = "pods~default~web-0", .label = "web-0"});
    REQUIRE(r.server.requests.size() == 1);
    CHECK(r.server.requests[0].target == "/v1/api/resources/pods~default~web-0/logs/stream?follow=true&tail=100");
    r.server.writer->write("event:metadata\ndata:{\"pod\":\"web-0\",\"container\":\"web\",\"namespace\":\"default\",\"cluster\":\"demo\"}\n\n");
    r.line("2026-01-01T00:00:00.5Z hello  there");
    r.line("");
    CHECK(r.log.pod().container == "web");
    CHECK(r.log.pod().cluster == "demo");
    REQUIRE(r.log.lines().size() == 2);
    CHECK(r.log.lines().line(0).timestamp == "2026-01-01T00:00:00.5Z");
    CHECK(r.log.lines().line(0).message == "hello  there");
    CHECK(r.log.lines().line(0).raw == "2026-01-01T00:00:00.5Z hello  there");
    CHECK(r.log.lines().line(0).source == "web-0");
    CHECK(r.log.lines().line(1).raw.empty());  // a blank line is a line
    CHECK(r.log.state().phase == Phase::open);
}

TEST_CASE("a followed log comes back within 3 s, keeps what it has and doubles nothing") {
    Rig r;
    r.open({.resource_id = "p", .container = "side car"});
    CHECK(r.server.requests[0].target.ends_with("&container=side%20car"));
    r.line("2026-01-01T00:00:01Z a");
    r.server.writer->write("id:2026-01-01T00:00:01Z\n\n");
    r.server.writer->abort();
    r.time.advance(3'000);
    REQUIRE(r.server.requests.size() == 2);
    CHECK(r.server.requests[1].headers.get("last-event-id") == "2026-01-01T00:00:01Z");
    r.line("2026-01-01T00:00:01Z a");
    r.line("2026-01-01T00:00:02Z b");
    CHECK(r.shown() == Lines{"a", "b"});
    r.cut();
    r.line("2026-01-01T00:00:09Z late");
    CHECK(r.shown() == Lines{"a", "b", "--", "late"});
}

TEST_CASE("a log without follow is read once") {
    Rig r;
    r.open({.resource_id = "p", .follow = false, .tail = 500});
    CHECK(r.server.requests[0].target.ends_with("?follow=false&tail=500"));
    r.line("a");
    r.server.writer->end();
    r.time.advance(600'000);
    CHECK(r.server.requests.size() == 1);
    CHECK(r.log.state().phase == Phase::stopped);
    r.open({.resource_id = "p", .follow = false});
    r.server.writer->abort();
    r.time.advance(600'000);
    CHECK(r.server.requests.size() == 2);
    CHECK(r.log.state().phase == Phase::gave_up);
    r.log.reconnect();
    r.time.run_ready();
    CHECK(r.server.requests.size() == 3);
}

TEST_CASE("clearing keeps the stream, completing ends it, reconnecting reads the next run without a gap") {
    Rig r;
    r.open({.resource_id = "p"});
    r.line("2026-01-01T00:00:01Z a");
    r.log.clear();
    CHECK(r.shown().empty());
    r.line("2026-01-01T00:00:02Z b");
    r.server.writer->write("event:complete\ndata:The log has ended.\n\n");
    r.time.advance(600'000);
    CHECK(r.completions == 1);
    CHECK(r.log.completed());
    CHECK(r.log.state().phase == Phase::stopped);
    CHECK(r.log.state().reason == net::StopReason::ended);
    CHECK(r.server.requests.size() == 1);
    r.log.reconnect();
    r.time.run_ready();
    CHECK_FALSE(r.log.completed());
    r.line("2026-01-01T00:10:00Z next run");
    CHECK(r.shown() == Lines{"b", "next run"});
    // While it is open: cut and read again.
    r.log.reconnect();
    r.time.run_ready();
    CHECK(r.server.requests.size() == 3);
}

TEST_CASE("the backend's words of trouble stay until lines come again") {
    Rig r;
    r.open({.resource_id = "p"});
    r.server.writer->write("event:error\ndata:container is waiting to start\n\n");
    r.time.run_ready();
    CHECK(r.log.problem() == "container is waiting to start");
    CHECK(r.log.state().phase == Phase::open);
    r.line("2026-01-01T00:00:01Z a");
    CHECK(r.log.problem().empty());
}

TEST_CASE("at most 5,000 lines are kept, and what fell out is counted") {
    Rig r;
    r.open({.resource_id = "p"});
    std::string bytes;
    for (int i = 0; i < 6'000; ++i) bytes += "event:log\ndata:line " + std::to_string(i) + "\n\n";
    r.server.writer->write(bytes);
    r.time.run_ready();
    CHECK(r.log.lines().size() == 5'000);
    CHECK(r.log.lines().dropped() == 1'000);
    CHECK(r.log.lines().line(0).raw == "line 1000");
}

TEST_CASE("two views of one log have their own connections, as each has other lines") {
    Rig r;
    r.open({.resource_id = "p"});
    r.line("a");
    LogStream other(r.streams, [](std::string path) { return net::EventStreamOptions{.target = path}; }, {});
    other.open({.resource_id = "p"});
    r.time.run_ready();
    REQUIRE(r.streams.list().size() == 2);
    CHECK(r.streams.list()[0].key == "pod-logs:p");
    CHECK(r.streams.list()[1].key == "pod-logs:p#2");
    r.log.close();
    r.time.run_ready();
    CHECK(r.streams.list().size() == 1);
    CHECK(r.shown() == Lines{"a"});
}
