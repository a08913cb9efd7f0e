#include <catch2/catch_test_macros.hpp>

#include <map>
#include <optional>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "net/loopback.hpp"
#include "net/shared_streams.hpp"

using namespace net;
using Phase = EventStream::Phase;

namespace {

class Server final : public HttpHandler {
public:
    void handle(ServerRequest request, std::shared_ptr<ResponseWriter> writer) override {
        ++asked[request.target];
        if (down) return writer->abort();
        if (status != 200) return writer->respond({status, {}, ""});
        writer->start({200, {{"content-type", "text/event-stream"}}});
        open[request.target] = std::move(writer);
    }
    std::map<std::string, int> asked;
    std::map<std::string, std::shared_ptr<ResponseWriter>> open;
    bool down = false;
    int status = 200;
};

struct Rig {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{9};
    Server server;
    LoopbackClient client{time, server};
    std::optional<SharedStreams> streams{std::in_place, client, time, random};

    SharedStreams::Lease join(const std::string& key, std::vector<std::string>& into, std::string_view kept = {}) {
        return streams->join(
            key, [key] { return EventStreamOptions{.target = "/" + key}; },
            {.on_event = [&into](const wire::SseEvent& e) { into.push_back(std::string(e.type) + ":" + std::string(e.data)); }}, kept);
    }
    void send(const std::string& key, std::string_view bytes) {
        server.open["/" + key]->write(bytes);
        time.run_ready();
    }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("many views of one key share one connection, and the last to go closes it [C11]") {
    Rig r;
    Lines a, b, c;
    auto first = r.join("w1", a);
    auto second = r.join("w1", b);
    auto other = r.join("w2", c);
    r.time.run_ready();
    CHECK(r.server.asked == std::map<std::string, int>{{"/w1", 1}, {"/w2", 1}});
    r.send("w1", "data: x\n\n");
    CHECK(a == Lines{"message:x"});
    CHECK(b == Lines{"message:x"});
    CHECK(c.empty());
    REQUIRE(r.streams->list().size() == 2);
    CHECK(r.streams->list()[0].key == "w1");
    CHECK(r.streams->list()[0].listeners == 2);
    CHECK(r.streams->list()[0].state.phase == Phase::open);
    first.reset();
    r.time.run_ready();
    CHECK_FALSE(r.server.open["/w1"]->closed());
    CHECK(second.state().phase == Phase::open);
    second.reset();
    r.time.run_ready();
    CHECK(r.server.open["/w1"]->closed());
    CHECK(r.streams->list().size() == 1);
    CHECK(second.state().phase == Phase::closed);
    // A view that comes later opens it anew.
    auto third = r.join("w1", a);
    r.time.run_ready();
    CHECK(r.server.asked["/w1"] == 2);
}

TEST_CASE("who comes late gets what was said once at the start, before anything newer, and not within join [C11]") {
    Rig r;
    Lines a, b, c;
    auto first = r.join("w", a, "metadata sync");
    r.time.run_ready();
    r.send("w", "event: metadata\ndata: m1\n\nevent: node\ndata: n\n\nevent: sync\ndata: s\n\nevent: metadata\ndata: m2\n\n");
    auto second = r.join("w", b, "metadata sync");
    CHECK(b.empty());
    r.time.run_ready();
    CHECK(b == Lines{"sync:s", "metadata:m2"});
    auto third = r.join("w", c, "metadata sync");
    r.server.open["/w"]->write("data: new\n\n");
    r.time.run_ready();
    CHECK(c == Lines{"sync:s", "metadata:m2", "message:new"});
    CHECK(b.back() == "message:new");
}

TEST_CASE("leases may be dropped and taken inside the callbacks [C11]") {
    Rig r;
    SharedStreams::Lease a, b, extra;
    Lines seen, late;
    a = r.streams->join("k", [] { return EventStreamOptions{.target = "/k"}; }, {.on_event = [&](const wire::SseEvent& e) {
                            seen.push_back("a:" + std::string(e.data));
                            b.reset();
                            extra = r.join("k", late);
                        }});
    b = r.streams->join("k", [] { return EventStreamOptions{.target = "/k"}; }, {.on_event = [&](const wire::SseEvent& e) { seen.push_back("b:" + std::string(e.data)); }});
    r.time.run_ready();
    r.send("k", "data: 1\n\n");
    CHECK(seen == Lines{"a:1"});  // b had left before its turn
    CHECK(late.empty());          // came during the event
    r.send("k", "data: 2\n\n");
    CHECK(seen == Lines{"a:1", "a:2"});
    CHECK(r.server.asked["/k"] == 1);
    // The last one drops itself while it hears an event.
    SharedStreams::Lease own;
    int heard = 0;
    a.reset();
    extra.reset();
    own = r.streams->join("k", [] { return EventStreamOptions{.target = "/k"}; }, {.on_event = [&](const wire::SseEvent&) {
                              ++heard;
                              own.reset();
                          }}, "message");
    r.time.run_ready();
    r.send("k", "data: 1\n\ndata: 2\n\n");
    CHECK(heard == 1);
    CHECK(r.streams->list().empty());
}

TEST_CASE("a stream that stopped or gave up opens again for the next view, and everybody hears its phases [C11]") {
    Rig r;
    r.server.status = 404;
    std::vector<Phase> phases;
    auto first = r.streams->join("k", [] { return EventStreamOptions{.target = "/k"}; }, {.on_change = [&](const EventStream::State& s) { phases.push_back(s.phase); }});
    r.time.run_ready();
    CHECK(phases == std::vector<Phase>{Phase::connecting, Phase::stopped});
    r.server.status = 200;
    Lines b;
    auto second = r.join("k", b);
    r.time.run_ready();
    CHECK(r.server.asked["/k"] == 2);
    CHECK(phases == std::vector<Phase>{Phase::connecting, Phase::stopped, Phase::connecting, Phase::open});
}

TEST_CASE("waking tries at once what waits, and leases outlive the whole [C11]") {
    Rig r;
    r.server.down = true;
    Lines a;
    auto lease = r.join("k", a);
    r.time.run_ready();
    CHECK(lease.state().phase == Phase::retrying);
    r.server.down = false;
    r.streams->wake();
    r.time.run_ready();
    CHECK(lease.state().phase == Phase::open);
    r.streams.reset();
    CHECK(lease.state().phase == Phase::closed);
    lease.reconnect_now();
    lease.restart();
    r.time.run_ready();
    CHECK(r.server.open["/k"]->closed());
}
