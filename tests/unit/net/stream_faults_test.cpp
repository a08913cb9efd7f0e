// EventStream against a server that misbehaves (support/fault_server.hpp): whatever happens on the way, in the end the client's state is the
// server's, nothing is connected twice and nothing is left over.
//
// BINNACLE_SCENARIOS=<n> runs n times as many scenarios; BINNACLE_SEED=<n> runs the one that failed.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/testing/virtual_scheduler.hpp"
#include "base/text.hpp"
#include "net/event_stream.hpp"
#include "net/loopback.hpp"
#include "support/fault_server.hpp"
#include "wire/sse_writer.hpp"

using namespace net;
using Phase = EventStream::Phase;
using support::FaultServer;

namespace {

using Pairs = std::map<std::string, std::string>;

// What the server has: keys with values, and the last changes of it, by which a reader that knows its position goes on.
class Board {
public:
    static constexpr std::size_t kKept = 20;

    std::string opening(const ServerRequest& request) {
        const std::string_view id = request.headers.get("last-event-id");
        if (const auto at = base::split_once(id, '-'); at && at->before == std::to_string(epoch_)) {
            const auto seq = base::parse_integer<std::uint64_t>(at->after);
            if (seq && *seq <= seq_ && seq_ - *seq <= kept_.size()) {
                std::string out;
                for (std::size_t i = kept_.size() - static_cast<std::size_t>(seq_ - *seq); i < kept_.size(); ++i) out += kept_[i];
                ++resumed;
                return out;
            }
        }
        std::string text;
        for (const auto& [key, value] : pairs) text += key + "=" + value + "\n";
        return wire::sse_event("all", text, {.id = id_now()});
    }
    // The bytes of the change.
    std::string change(base::Random& random) {
        const std::string key = "k" + std::to_string(random.below(5));
        std::string event;
        ++seq_;
        if (random.below(4) == 0) {
            pairs.erase(key);
            event = wire::sse_event("del", key, {.id = id_now()});
        } else {
            pairs[key] = std::to_string(random.below(1'000'000)) + (random.below(3) == 0 ? "\xC3\xA4\xE2\x82\xAC" : "");
            event = wire::sse_event("set", key + "=" + pairs[key], {.id = id_now()});
        }
        kept_.push_back(event);
        if (kept_.size() > kKept) kept_.pop_front();
        return event;
    }
    // The process came anew: it does not know who had read how far.
    void restart() {
        ++epoch_;
        kept_.clear();
    }

    Pairs pairs;
    std::uint64_t resumed = 0;

private:
    [[nodiscard]] std::string id_now() const { return std::to_string(epoch_) + "-" + std::to_string(seq_); }
    std::uint64_t epoch_ = 1;
    std::uint64_t seq_ = 0;
    std::deque<std::string> kept_;
};

// What a reader makes of it.
struct Mirror {
    Pairs pairs;
    void apply(const wire::SseEvent& event) {
        if (event.type == "all") {
            pairs.clear();
            for (const std::string_view line : base::split(event.data, '\n')) put(line);
        } else if (event.type == "set") {
            put(event.data);
        } else if (event.type == "del") {
            pairs.erase(std::string(event.data));
        }
    }
    void put(std::string_view line) {
        if (const auto at = base::split_once(line, '=')) pairs[std::string(at->before)] = at->after;
    }
};

struct Scenario {
    explicit Scenario(std::uint64_t seed) : random(seed) { stream.emplace(slow, time, random, options(), callbacks()); }

    EventStreamOptions options() {
        EventStreamOptions made{.target = "/stream", .idle_timeout_ms = 3 * FaultServer::kHeartbeatMs, .max_retries = random.below(2) == 0 ? kForever : 6};
        made.authorization = [this] { return token; };
        made.renew = [this](base::UniqueFunction<void(bool)> done) {
            time.post([this, done = std::move(done)]() mutable {
                const bool works = calm || random.below(3) != 0;
                if (works) token = good_token;
                done(works);
            });
        };
        return made;
    }
    EventStream::Callbacks callbacks() {
        return {.on_event = [this](const wire::SseEvent& event) { mirror.apply(event); }};
    }
    void expire_token() {
        good_token = "Bearer t" + std::to_string(++tokens);
        server.require_token(good_token);
    }
    [[nodiscard]] bool resting() const { return stream->state().phase == Phase::stopped || stream->state().phase == Phase::gave_up || stream->state().phase == Phase::closed; }

    void step() {
        switch (random.below(16)) {
            case 0: server.restart(); break;
            case 1:
                board.restart();
                server.restart();
                break;
            case 2: expire_token(); break;
            case 3: time.jump_wall_clock(static_cast<std::int64_t>(random.below(10'000'000'000)) - 5'000'000'000); break;
            case 4: time.advance(static_cast<std::int64_t>(random.below(4 * 3'600'000)) / 40); break;  // the machine slept
            case 5: stream->restart(); break;
            case 6:
                stream->close();
                if (random.below(2) == 0) time.advance(static_cast<std::int64_t>(random.below(2'000)));
                break;
            case 7: slow.set_drowsy(random.below(2) == 0); break;
            case 8: server.set_faults(random.below(3) == 0 ? FaultServer::Faults{} : FaultServer::Faults::harsh()); break;
            default:
                for (std::uint64_t n = random.below(4); n > 0; --n) server.send(board.change(random));
                break;
        }
        // A person looks at it and asks again.
        if (resting() && random.below(2) == 0) stream->reconnect_now();
        time.advance(static_cast<std::int64_t>(random.below(3'000)));
    }
    void settle() {
        calm = true;
        server.set_faults({});
        slow.set_drowsy(false);
        time.advance(100'000);  // what was begun badly ends badly: within the idle timeout, or with the bytes that follow
        server.restart();
        for (int i = 0; i < 8; ++i) {
            if (resting()) stream->reconnect_now();
            time.advance(30'000);
            if (stream->state().phase == Phase::open && mirror.pairs == board.pairs && i > 2) break;
        }
    }

    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random;
    Board board;
    FaultServer server{time, random, [this](const ServerRequest& request) { return board.opening(request); }};
    LoopbackClient client{time, server};
    support::SlowClient slow{client, time, random};
    Mirror mirror;
    std::string token = "Bearer t0";
    std::string good_token = "Bearer t0";
    int tokens = 0;
    bool calm = false;
    std::optional<EventStream> stream;
};

std::uint64_t scenario_count(std::uint64_t usual) {
    const char* const times = std::getenv("BINNACLE_SCENARIOS");
    return times ? usual * std::max<std::uint64_t>(1, base::parse_integer<std::uint64_t>(times).value_or(1)) : usual;
}

}  // namespace

TEST_CASE("a stream cut after any of its bytes, in any chunking, gives every event once [C5]") {
    const std::string body = "\xEF\xBB\xBF: hi\r\nid: 1\r\ndata: a\r\n\r\nid: 2\ndata: b\ndata: \xE2\x82\xAC\n\nevent: x\rid: 3\rdata: c\r\rid: 4\n\nretry: 200\nid: 5\ndata:d\n\n";
    for (const std::size_t piece : {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{7}}) {
        for (std::size_t cut = 0; cut <= body.size(); ++cut) {
            base::testing::VirtualScheduler time;
            base::testing::SeededRandom random(cut + 1);
            std::size_t sent_from = 0;
            FaultServer server(time, random, [&](const ServerRequest& request) {
                // Goes on behind the id: the events' first bytes are where their block begins.
                const std::string_view id = request.headers.get("last-event-id");
                sent_from = 0;
                for (const auto& [known, next] : {std::pair{"1", "id: 2"}, std::pair{"2", "event: x"}, std::pair{"3", "id: 4"}, std::pair{"4", "retry: 200"}}) {
                    if (id == known) sent_from = body.find(next);
                }
                if (id == "5") sent_from = body.size();
                return body.substr(sent_from);
            });
            if (piece > 0) server.set_faults({.max_piece = piece});
            server.cut_next_after(cut);
            LoopbackClient client(time, server);
            std::vector<std::string> events;
            EventStream stream(client, time, random, {.target = "/"}, {.on_event = [&](const wire::SseEvent& e) { events.emplace_back(e.data); }});
            stream.open();
            time.advance(10'000);
            CAPTURE(piece, cut);
            REQUIRE(events == std::vector<std::string>{"a", "b\n\xE2\x82\xAC", "c", "d"});
            REQUIRE(stream.last_event_id() == "5");
            REQUIRE(server.connections() == 1);
        }
    }
}

TEST_CASE("whatever a server does, in the end the reader has what it has, over one connection, and leaves nothing behind") {
    const char* const only = std::getenv("BINNACLE_SEED");
    const std::uint64_t first = only ? base::parse_integer<std::uint64_t>(only).value_or(1) : 1;
    const std::uint64_t count = only ? 1 : scenario_count(6'000);
    std::uint64_t resumed = 0, cut = 0, stalled = 0, refused = 0, hung = 0, gave_up = 0, stopped = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        Scenario s(seed);
        s.server.require_token(s.good_token);
        s.server.set_faults(FaultServer::Faults::harsh());
        s.stream->open();
        for (std::uint64_t steps = 4 + s.random.below(16); steps > 0; --steps) {
            s.step();
            gave_up += s.stream->state().phase == Phase::gave_up ? 1U : 0U;
            stopped += s.stream->state().phase == Phase::stopped ? 1U : 0U;
            if (s.server.connections() > 1) {
                FAIL("seed " << seed << ": " << s.server.connections() << " connections");
            }
        }
        s.settle();
        if (s.stream->state().phase != Phase::open || s.mirror.pairs != s.board.pairs || s.server.connections() != 1) {
            FAIL("seed " << seed << ": phase " << static_cast<int>(s.stream->state().phase) << ", " << s.stream->state().last_error << ", " << s.mirror.pairs.size() << " of "
                         << s.board.pairs.size() << " pairs, " << s.server.connections() << " connections");
        }
        // It goes on living.
        s.server.send(s.board.change(s.random));
        s.time.run_ready();
        if (s.mirror.pairs != s.board.pairs) FAIL("seed " << seed << ": a later change did not arrive");
        s.stream.reset();
        s.time.run_ready();
        if (s.server.connections() != 0) FAIL("seed " << seed << ": a connection was left behind");
        s.time.advance(60'000);
        if (s.time.pending() != 0) FAIL("seed " << seed << ": " << s.time.pending() << " tasks were left behind");
        resumed += s.board.resumed;
        cut += s.server.counts().cut;
        stalled += s.server.counts().stalled;
        refused += s.server.counts().refused;
        hung += s.server.counts().hung;
    }
    if (only) return;
    // The faults happened: without them this proves nothing.
    CHECK(resumed > count);
    CHECK(cut > count / 2);
    CHECK(refused > count);
    CHECK(stalled > count / 100);
    CHECK(hung > count / 100);
    CHECK(gave_up > 0);
    CHECK(stopped > count / 10);
}
