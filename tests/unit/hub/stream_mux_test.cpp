// StreamMux over the hub's sessions: the seam's suite, credit, cuts, restarts, and random scenarios of all of it.
#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <map>

#include "base/text.hpp"
#include "base/url.hpp"
#include "support/behaviour_handler.hpp"
#include "support/http_behaviour.hpp"
#include "unit/hub/mux_rig.hpp"

using namespace hub;
using hub::testing::FlakyNetwork;
using hub::testing::MuxServer;
using hub::testing::open_stream;
using hub::testing::Seen;

namespace {

// A tab's client for the suite: every GET is a stream, every target below the hub's prefix.
class MuxClient final : public net::HttpClient {
public:
    MuxClient(base::Scheduler& scheduler, base::Random& random, net::HttpHandler& server)
        : inner_(scheduler, server), link_(inner_, scheduler, random, {}), mux_(inner_, scheduler, link_) {}
    net::RequestHandle send(net::Request request, net::ResponseCallbacks callbacks) override {
        request.target.insert(0, "/v1/api");
        if (request.method == "GET") request.headers.set("accept", "text/event-stream");
        return mux_.send(std::move(request), std::move(callbacks));
    }

private:
    net::LoopbackClient inner_;
    net::StreamLink link_;
    net::StreamMux mux_;
};

class SuiteRig final : public support::HttpRig {
public:
    std::unique_ptr<net::HttpClient> make_client() override { return std::make_unique<MuxClient>(time_, random_, server_); }
    std::unique_ptr<net::HttpClient> make_refused_client() override { return std::make_unique<MuxClient>(time_, random_, nobody_); }
    base::Scheduler& scheduler() override { return time_; }
    bool has_back_pressure() const override { return true; }
    std::string run_id() const override { return "mux"; }
    bool step() { return time_.run_ready(1) > 0 || time_.advance_to_next(); }

private:
    struct Nobody final : net::HttpHandler {
        void handle(net::ServerRequest, std::shared_ptr<net::ResponseWriter> writer) override {
            writer->start({503, {}});
            writer->abort();
        }
    };
    base::testing::VirtualScheduler time_;
    base::testing::SeededRandom random_{3};
    support::BehaviourHandler handler_;
    // A destroyed client cannot say that it goes: its session is what shows it.
    MuxServer server_{time_, handler_, {.max_channels = 200, .away_ms = 1'000}};
    Nobody nobody_;
};

struct World {
    explicit World(StreamSessionOptions options = {}) : server(time, handler, options) {}
    std::unique_ptr<Seen> open(const std::string& target) {
        auto seen = open_stream(mux, target);
        time.advance(50);
        return seen;
    }
    std::string control(const std::string& key, const std::string& op, std::string body = {}) {
        return ask({.method = "POST", .target = "/v1/api/control?key=" + key + "&op=" + op, .body = std::move(body)});
    }
    std::string state(const std::string& key) { return ask({.target = "/v1/api/state?key=" + key}); }
    std::string ask(net::Request request) {
        std::string body = "(no answer)";
        const auto handle = net::fetch(direct, std::move(request), [&](base::Result<net::Response> response) {
            if (response) body = response->body;
        });
        time.advance(50);
        return body;
    }

    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{5};
    support::BehaviourHandler handler;
    MuxServer server;
    net::LoopbackClient direct{time, server};
    FlakyNetwork network{time, server};
    net::StreamLink link{network, time, random, {}};
    net::StreamMux mux{network, time, link};
};

int scenario_count(int fallback) {
    const char* wanted = std::getenv("BINNACLE_SCENARIOS");
    return wanted ? fallback * std::max(1, std::atoi(wanted)) : fallback;
}

}  // namespace

TEST_CASE("streams over one connection keep the seam's contract") {
    for (const auto& behaviour : support::http_behaviours()) {
        DYNAMIC_SECTION(behaviour.name) {
            SuiteRig rig;
            support::BehaviourRun run(behaviour, rig);
            while (!run.poll()) {
                if (!rig.step()) run.give_up();
            }
            for (const auto& failure : run.failures()) {
                UNSCOPED_INFO(failure);
                CHECK(failure.empty());
            }
            SUCCEED();
        }
    }
}

TEST_CASE("thirty streams are one connection, opened by the first and closed after the last") {
    World world;
    std::vector<std::unique_ptr<Seen>> all;
    for (int i = 0; i < 30; ++i) all.push_back(world.open("/hold?key=k" + std::to_string(i)));
    CHECK(world.network.streams_opened == 1);
    CHECK(world.server.open_channels() == 30);
    world.control("k7", "write", "data: seven\n\n");
    CHECK(all[7]->body == "data: seven\n\n");
    CHECK(all[8]->body.empty());
    all.clear();
    world.time.advance(1'000);
    CHECK(world.server.open_channels() == 0);
    CHECK(world.link.open());
    world.time.advance(net::StreamLink::kLingerMs);
    CHECK(world.link.status().phase == net::StreamLink::Phase::idle);
    CHECK(world.network.open_streams() == 0);
}

TEST_CASE("a plain request does not go over the connection") {
    World world;
    const auto handle = net::fetch(world.mux, {.method = "POST", .target = "/v1/api/echo", .body = "x"}, [](const base::Result<net::Response>&) {});
    world.time.advance(50);
    CHECK(world.network.streams_opened == 0);
    CHECK(world.server.calls["POST /v1/api/echo"] == 1);
}

TEST_CASE("a reader that stands still holds up its own producer only") {
    World world;
    auto stalled = open_stream(world.mux, "/bytes?n=6000000&chunk=65536&key=stalled");
    stalled->handle.set_paused(true);
    world.time.advance(2'000);
    const std::size_t held = stalled->body.size();
    CHECK(world.state("stalled").find("ended=0") != std::string::npos);
    auto other = world.open("/bytes?n=2000000&chunk=65536&key=other");
    world.time.advance(2'000);
    CHECK(other->done);
    CHECK(other->body.size() == 2'000'000);
    CHECK(stalled->body.size() == held);
    stalled->handle.set_paused(false);
    world.time.advance(5'000);
    CHECK(stalled->done);
    CHECK(stalled->body.size() == 6'000'000);
    CHECK_FALSE(stalled->error);
}

TEST_CASE("a hub that is told to keep less than a tab acknowledges at once keeps enough all the same, or both would wait") {
    World world({.kept_bytes = 1'000});
    CHECK(world.server.sessions->options().kept_bytes > static_cast<std::size_t>(net::StreamLink::kAckBytes));
    const auto seen = world.open("/bytes?n=2000000&chunk=50000&key=a");
    world.time.advance(5'000);
    CHECK(seen->done);
    CHECK(seen->body.size() == 2'000'000);
}

TEST_CASE("a cut connection is resumed and no byte is lost or doubled") {
    World world;
    auto seen = world.open("/hold?key=a");
    world.control("a", "write", "one ");
    CHECK(seen->body == "one ");
    world.network.cut_streams();
    world.control("a", "write", "two ");
    world.time.advance(1'000);
    CHECK(seen->body == "one two ");
    // In the middle of a frame.
    world.network.cut_stream_after = 25;
    world.control("a", "write", "three ");
    world.time.advance(1'000);
    CHECK(seen->body == "one two three ");
    CHECK_FALSE(seen->done);
    CHECK(world.link.status().resumes == 2);
    CHECK(world.network.most_streams == 1);
    world.control("a", "end");
    CHECK(seen->done);
    CHECK_FALSE(seen->error);
}

TEST_CASE("after a restart of the hub every stream ends as unavailable and a new one works") {
    World world;
    auto a = world.open("/hold?key=a");
    auto b = world.open("/hold?key=b");
    world.control("a", "write", "x");
    world.server.restart();
    world.network.cut();
    world.time.advance(2'000);
    CHECK(a->done);
    REQUIRE(a->error);
    CHECK(a->error->code == base::ErrorCode::unavailable);
    REQUIRE(b->error);
    auto again = world.open("/bytes?n=10&chunk=10");
    world.time.advance(1'000);
    CHECK(again->done);
    CHECK(again->body.size() == 10);
    CHECK(world.link.status().sessions >= 2);
}

TEST_CASE("while nobody answers, attempts back off, what waits fails, and wake() skips the wait") {
    World world;
    world.network.down = true;
    auto seen = world.open("/hold?key=a");
    world.time.advance(100);
    REQUIRE(seen->error);
    CHECK(seen->error->code == base::ErrorCode::unavailable);
    // Nobody wants anything: no further attempts.
    world.time.advance(60'000);
    const auto attempts = world.link.status().attempts;
    CHECK(attempts <= 2);
    std::vector<std::unique_ptr<Seen>> tries;
    for (int i = 0; i < 600; ++i) {
        tries.push_back(open_stream(world.mux, "/hold?key=b"));
        world.time.advance(100);
    }
    // A minute of callers that try ten times a second is a handful of attempts.
    CHECK(world.link.status().attempts - attempts < 25);
    CHECK(world.link.status().phase == net::StreamLink::Phase::waiting);
    world.network.down = false;
    tries.push_back(open_stream(world.mux, "/hold?key=c"));
    world.link.wake();
    world.time.advance(100);
    CHECK(world.link.open());
}

TEST_CASE("a hidden tab lets go after a while and catches up exactly when it is shown") {
    World world;
    auto seen = world.open("/hold?key=a");
    world.control("a", "write", "before ");
    world.link.set_visible(false);
    world.time.advance(net::StreamLink::kHiddenMs + 1'000);
    CHECK(world.link.status().phase == net::StreamLink::Phase::released);
    CHECK(world.network.open_streams() == 0);
    for (int i = 0; i < 60; ++i) {
        world.control("a", "write", std::to_string(i) + " ");
        world.time.advance(950);
    }
    CHECK(seen->body == "before ");
    world.link.set_visible(true);
    world.time.advance(500);
    std::string expected = "before ";
    for (int i = 0; i < 60; ++i) expected += std::to_string(i) + " ";
    CHECK(seen->body == expected);
    CHECK_FALSE(seen->done);
    CHECK(world.link.status().resumes == 1);
}

TEST_CASE("a tab that is shown soon enough has let go of nothing, and one that comes back late begins anew") {
    World world;
    auto seen = world.open("/hold?key=a");
    world.control("a", "start");
    world.link.set_visible(false);
    world.time.advance(net::StreamLink::kHiddenMs - 1'000);
    world.link.set_visible(true);
    world.time.advance(net::StreamLink::kHiddenMs * 2);
    CHECK(world.link.status().attempts == 1);
    world.link.set_visible(false);
    world.time.advance(10 * 60'000);
    CHECK(world.server.open_channels() == 0);  // the hub has forgotten it
    world.link.set_visible(true);
    world.time.advance(500);
    REQUIRE(seen->error);
    CHECK(seen->error->code == base::ErrorCode::unavailable);
}

TEST_CASE("silence ends a connection after three heartbeats have failed to come") {
    StreamSessionOptions mute;
    mute.heartbeat_ms = 0;
    World world(mute);
    auto seen = world.open("/hold?key=a");
    world.time.advance(net::StreamLink::kIdleMs + 1'000);
    CHECK(world.link.status().attempts == 2);
    CHECK_FALSE(seen->done);
    World sound;
    auto other = sound.open("/hold?key=a");
    sound.control("a", "start");
    sound.time.advance(10 * 60'000);
    CHECK(sound.link.status().attempts == 1);
    CHECK_FALSE(other->done);
}

TEST_CASE("the idle timeout of a stream rests while there is no connection") {
    World world;
    bool timed_out = false;
    net::Request request{.target = "/v1/api/hold?key=a"};
    request.headers.set("accept", "text/event-stream");
    request.idle_timeout_ms = 10'000;
    const auto handle = world.mux.send(std::move(request), {.on_head = {}, .on_data = {}, .on_done = [&](const base::Result<void>&) { timed_out = true; }});
    world.time.advance(50);
    world.control("a", "start");
    world.network.down = true;
    world.network.cut();
    world.time.advance(60'000);
    CHECK_FALSE(timed_out);
    world.network.down = false;
    world.time.advance(10'000);
    CHECK_FALSE(timed_out);
    world.time.advance(11'000);
    CHECK(timed_out);
}

TEST_CASE("a refusal of the hub arrives as the stream's own answer") {
    World world({.max_channels = 2});
    auto a = world.open("/hold?key=a");
    auto b = world.open("/hold?key=b");
    auto c = world.open("/hold?key=c");
    CHECK(c->status == 400);
    CHECK(c->body.find("too_many_channels") != std::string::npos);
    a->handle.cancel();
    world.time.advance(100);
    auto d = world.open("/hold?key=d");
    CHECK_FALSE(d->done);
    CHECK(world.server.open_channels() == 2);
}

TEST_CASE("a hub without the shared stream gets two long streams, the others queue in order") {
    World world;
    struct Old final : net::HttpHandler {
        void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
            if (request.target.starts_with("/api/watch")) return writer->respond(net::error_response(404, "no such route"));
            writer->start({200, {{"content-type", "text/event-stream"}}});
            writer->write(request.target);
            writers.push_back(std::move(writer));
        }
        std::vector<std::shared_ptr<net::ResponseWriter>> writers;
    } old;
    net::LoopbackClient client(world.time, old);
    net::StreamLink link(client, world.time, world.random, {});
    net::StreamMux mux(client, world.time, link);
    auto first = open_stream(mux, "/s0");
    world.time.advance(100);
    CHECK(link.unsupported());
    REQUIRE(first->error);  // its own retry finds the way
    std::vector<std::unique_ptr<Seen>> all;
    for (int i = 1; i <= 4; ++i) all.push_back(open_stream(mux, "/s" + std::to_string(i)));
    world.time.advance(100);
    CHECK(all[0]->body == "/v1/api/s1");
    CHECK(all[1]->body == "/v1/api/s2");
    CHECK(all[2]->body.empty());
    CHECK(mux.queued() == std::vector<std::string>{"/v1/api/s3", "/v1/api/s4"});
    all[0]->handle.cancel();
    old.writers[1]->end();
    world.time.advance(100);
    CHECK(all[1]->done);
    CHECK(all[2]->body == "/v1/api/s3");
    CHECK(all[3]->body == "/v1/api/s4");
    CHECK(mux.queued().empty());
}

TEST_CASE("a sign-out ends the session at the hub, and another user's POST never reaches it") {
    World world;
    auto seen = world.open("/hold?key=a");
    const std::string cid = world.link.status().client_id;
    world.link.reset();
    world.time.advance(100);
    CHECK(seen->error);
    CHECK(world.server.sessions->stats().at("clients") == 0);
    auto again = world.open("/hold?key=b");
    CHECK(world.link.status().client_id != cid);
    User mallory;
    mallory.id = "mallory";
    const auto theirs = world.server.sessions->find(mallory, world.link.status().client_id);
    REQUIRE_FALSE(theirs);
    CHECK(theirs.error().code == base::ErrorCode::forbidden);
}

TEST_CASE("a token that has run out is renewed once for the connection and for POSTs") {
    World world;
    struct Guarded final : net::HttpHandler {
        explicit Guarded(net::HttpHandler& next) : inner(next) {}
        void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
            if (request.headers.get("authorization") != valid) return writer->respond(net::error_response(401, "expired"));
            inner.handle(std::move(request), std::move(writer));
        }
        net::HttpHandler& inner;
        std::string valid = "Bearer 2";
    } guarded(world.server);
    net::LoopbackClient client(world.time, guarded);
    std::string token = "Bearer 1";
    int renewals = 0;
    net::StreamLink link(client, world.time, world.random, {.authorization = [&] { return token; }, .renew = [&](base::UniqueFunction<void(bool)> done) {
        ++renewals;
        token = guarded.valid;
        world.time.post([done = std::move(done)]() mutable { done(true); });
    }});
    net::StreamMux mux(client, world.time, link);
    auto a = open_stream(mux, "/hold?key=a");
    world.time.advance(100);
    CHECK(link.open());
    CHECK(renewals == 1);
    guarded.valid = "Bearer 3";
    auto b = open_stream(mux, "/bytes?n=5&chunk=5");
    world.time.advance(100);
    CHECK(renewals == 2);
    CHECK(b->done);
    CHECK(b->body.size() == 5);
    CHECK_FALSE(a->done);
}

namespace {

// A stream of `n` pattern bytes from `from`, in random pieces at random times.
class PatternStream final : public net::HttpHandler {
public:
    PatternStream(base::testing::VirtualScheduler& time, std::uint64_t seed) : time_(time), random_(seed) {}
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        const auto query = base::parse_query(net::split_target(request.target).query);
        const auto stream = std::make_shared<Stream>();
        stream->writer = std::move(writer);
        stream->at = base::parse_integer<std::uint64_t>(query->get("from")).value_or(0);
        stream->end = base::parse_integer<std::uint64_t>(query->get("n")).value_or(0);
        stream->writer->start({200, {{"content-type", "text/event-stream"}}});
        std::erase_if(streams_, [](const auto& each) { return each->writer->closed(); });
        streams_.push_back(stream);
        go_on(stream);
    }

private:
    struct Stream {
        std::shared_ptr<net::ResponseWriter> writer;
        std::uint64_t at = 0;
        std::uint64_t end = 0;
        base::Timer timer;
    };
    void go_on(const std::shared_ptr<Stream>& stream) {
        if (stream->writer->closed()) return;
        if (stream->at == stream->end) return stream->writer->end();
        std::string piece(std::min<std::uint64_t>(stream->end - stream->at, 1 + random_.below(random_.below(10) == 0 ? 200'000 : 3'000)), '\0');
        for (char& c : piece) c = support::pattern_byte(stream->at++);
        if (!stream->writer->write(piece)) return stream->writer->on_drain([this, stream] { go_on(stream); });
        stream->timer = time_.after(static_cast<std::int64_t>(random_.below(40)), [this, weak = std::weak_ptr<Stream>(stream)] {
            if (const auto open = weak.lock()) go_on(open);
        });
    }

    base::testing::VirtualScheduler& time_;
    base::testing::SeededRandom random_;
    std::vector<std::shared_ptr<Stream>> streams_;
};

// Reads one pattern to its end whatever happens, as EventStream does with ids: goes on where the last connection ended.
struct Reader {
    std::uint64_t want = 0;
    std::uint64_t got = 0;
    bool wrong = false;
    bool over = false;
    bool open = false;
    int attempts = 0;
    net::RequestHandle handle;
};

// What happened in all of them: that they are about something.
struct Tally {
    std::uint64_t resumes = 0;
    std::uint64_t sessions = 0;
    std::uint64_t attempts = 0;
    int reopened = 0;
};

// What one scenario found out of order; empty: nothing.
std::string run_scenario(std::uint64_t seed, Tally& tally) {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random(seed);
    PatternStream pattern(time, seed + 1);
    StreamSessionOptions options;
    options.kept_bytes = 256 * 1024 + random.below(768 * 1024);
    MuxServer server(time, pattern, options);
    FlakyNetwork network(time, server, seed + 2);
    network.max_piece = random.below(2) == 0 ? 0 : 1 + random.below(5'000);
    net::StreamLink link(network, time, random, {});
    net::StreamMux mux(network, time, link);

    std::vector<Reader> readers(1 + random.below(6));
    for (Reader& reader : readers) reader.want = random.below(random.below(12) == 0 ? 600'000 : 15'000);
    const auto start = [&](Reader& reader) {
        reader.open = true;
        ++reader.attempts;
        net::Request request{.target = "/v1/api/p?from=" + std::to_string(reader.got) + "&n=" + std::to_string(reader.want)};
        request.headers.set("accept", "text/event-stream");
        reader.handle = mux.send(std::move(request), {.on_head = {},
                                                      .on_data =
                                                          [&reader](std::string_view bytes) {
                                                              for (const char c : bytes) reader.wrong = reader.wrong || c != support::pattern_byte(reader.got++);
                                                          },
                                                      .on_done =
                                                          [&reader](const base::Result<void>& result) {
                                                              reader.open = false;
                                                              if (result) reader.over = true;
                                                          }});
    };
    bool hidden = false;
    for (int step = 0; step < 400; ++step) {
        const bool calm = step >= 150;
        if (calm) {
            network.down = false;
            network.cut_stream_after = -1;
            if (std::exchange(hidden, false)) link.set_visible(true);
        } else {
            switch (random.below(24)) {
                case 0: network.cut(); break;
                case 1: network.cut_streams(); break;
                case 2: network.cut_stream_after = static_cast<std::int64_t>(random.below(3'000)); break;
                case 3: network.down = !network.down; break;
                case 4:
                    if (random.below(4) == 0) {
                        server.restart();
                        network.cut();
                    }
                    break;
                case 5: link.set_visible(!(hidden = !hidden)); break;
                case 6: time.advance(static_cast<std::int64_t>(random.below(random.below(8) == 0 ? 200'000 : 20'000))); break;
                case 7: link.wake(); break;
                default: break;
            }
        }
        for (Reader& reader : readers) {
            if (!reader.over && !reader.open && (calm || random.below(3) == 0)) start(reader);
            const auto what = random.below(20);
            if (reader.open && (what < 2 || calm)) reader.handle.set_paused(!calm && what == 0);
            if (reader.open && what == 2 && !calm) {
                reader.handle.cancel();
                reader.open = false;
            }
        }
        time.advance(static_cast<std::int64_t>(random.below(400)));
        if (network.most_streams > 1) return "two connections at once";
    }
    for (int i = 0; i < 100; ++i) {
        for (Reader& reader : readers) {
            if (!reader.over && !reader.open) start(reader);
        }
        time.advance(2'000);
    }
    for (const Reader& reader : readers) {
        if (reader.wrong) return "a byte was lost or doubled";
        if (!reader.over) return "a reader did not reach its end: " + std::to_string(reader.got) + " of " + std::to_string(reader.want);
        if (reader.got != reader.want) return "a body ended after " + std::to_string(reader.got) + " of " + std::to_string(reader.want);
    }
    tally.resumes += link.status().resumes;
    tally.sessions += link.status().sessions;
    tally.attempts += link.status().attempts;
    for (const Reader& reader : readers) tally.reopened += reader.attempts - 1;
    if (!mux.channels().empty()) return "a channel leaked in the tab";
    if (server.open_channels() != 0) return "a channel leaked in the hub";
    if (link.status().phase != net::StreamLink::Phase::idle) return "the connection was not closed";
    time.advance(200'000);
    if (server.sessions->stats().at("clients") != 0) return "a session leaked in the hub";
    return {};
}

}  // namespace

TEST_CASE("random cuts, stalls, restarts and hidden tabs lose and double no byte, and leak nothing") {
    const char* only = std::getenv("BINNACLE_SEED");
    const std::uint64_t first = only ? std::strtoull(only, nullptr, 10) : 1;
    const std::uint64_t count = only ? 1 : static_cast<std::uint64_t>(scenario_count(200));
    Tally tally;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const std::string problem = run_scenario(seed, tally);
        INFO("BINNACLE_SEED=" << seed);
        REQUIRE(problem == "");
    }
    if (only) return;
    CHECK(tally.resumes > count);
    CHECK(tally.sessions > count);
    CHECK(tally.attempts > tally.sessions + tally.resumes);
    CHECK(tally.reopened > static_cast<int>(count));
}
