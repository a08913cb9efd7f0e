// LogStream against a server that misbehaves (support/fault_server.hpp): against our hub no line is lost or doubled, and a hole that the
// log itself has is marked; against a backend without positions every hole is marked, and nothing is doubled.
//
// BINNACLE_SCENARIOS=<n> runs n times as many scenarios; BINNACLE_SEED=<n> runs the one that failed.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "model/log_stream.hpp"
#include "net/loopback.hpp"
#include "support/fault_server.hpp"
#include "wire/sse_writer.hpp"

using namespace model;
using Phase = net::EventStream::Phase;
using support::FaultServer;

namespace {

struct Written {
    std::string stamp, text;
    [[nodiscard]] std::string raw() const { return stamp + " " + text; }
};

// A container's log file, as the node keeps it.
class LogFile {
public:
    explicit LogFile(std::int64_t now_ms) : last_ms_(now_ms) {}

    const Written& write(base::Random& random, std::int64_t now_ms, bool in_order = false) {
        // Often several lines in one stamp, sometimes one that is late by a little.
        if (in_order || random.below(3) != 0) last_ms_ = std::max(last_ms_, now_ms);
        std::int64_t stamp_ms = last_ms_;
        if (!in_order && random.below(12) == 0 && !lines_.empty()) stamp_ms -= 1;
        lines_.push_back({base::format_rfc3339_nanos(stamp_ms, static_cast<int>(random.below(2)) * 500'000), "line " + std::to_string(count_++)});
        return lines_.back();
    }
    void rotate(std::size_t keep) {
        while (lines_.size() > keep) lines_.pop_front();
    }
    [[nodiscard]] std::string tail(std::size_t count) const { return events(lines_.size() - std::min(count, lines_.size()), {}); }
    // As the hub asks the API server: from a second before that of the stamp.
    [[nodiscard]] std::string since(std::string_view stamp) const {
        return events(0, base::format_rfc3339(base::parse_rfc3339_ms(stamp).value_or(0) - 1'000).substr(0, 19));
    }
    [[nodiscard]] static std::string event(const Written& line, bool position) {
        return wire::sse_event("log", line.raw(), {.id = position ? std::optional<std::string_view>(line.stamp) : std::nullopt});
    }
    [[nodiscard]] int count() const { return count_; }

private:
    // As the hub sends a batch: a position with its first line and behind its last one.
    [[nodiscard]] std::string events(std::size_t from, std::string_view not_before) const {
        std::string out;
        for (std::size_t i = from; i < lines_.size(); ++i) {
            if (std::string_view(lines_[i].stamp).substr(0, 19) >= not_before) out += event(lines_[i], out.empty());
        }
        if (!out.empty()) out += "id:" + lines_.back().stamp + "\n\n";
        return out;
    }
    std::deque<Written> lines_;
    std::int64_t last_ms_;
    int count_ = 0;
};

struct Scenario {
    Scenario(std::uint64_t seed, bool exact_backend) : random(seed), exact(exact_backend), file(time.unix_ms()) {
        for (std::uint64_t n = random.below(30); n > 0; --n) (void)file.write(random, time.unix_ms());
    }
    static constexpr int kTail = 10;

    std::string opening(const net::ServerRequest& request) {
        std::string out = wire::sse_event("metadata", R"({"pod":"p","container":"c","namespace":"n","cluster":"d"})");
        const std::string_view after = request.headers.get("last-event-id");
        if (exact && !after.empty()) return out + file.since(after);
        return out + file.tail(kTail);
    }
    void write(bool in_order = false) { server.send(LogFile::event(file.write(random, time.unix_ms(), in_order), exact)); }
    void step() {
        switch (random.below(14)) {
            case 0: server.restart(); break;
            case 1:
                // Nobody is connected for a while, and the file goes on.
                server.restart();
                for (std::uint64_t n = random.below(25); n > 0; --n) write();
                break;
            case 2:
                if (exact && random.below(2) == 0) {
                    file.rotate(random.below(8));
                    rotated = true;
                }
                break;
            case 3: time.advance(static_cast<std::int64_t>(random.below(60'000))); break;
            case 4: log.reconnect(); break;
            case 5: server.set_faults(random.below(3) == 0 ? FaultServer::Faults{} : FaultServer::Faults::harsh()); break;
            case 6: time.jump_wall_clock(static_cast<std::int64_t>(random.below(100'000))); break;  // stamps jump ahead
            default:
                for (std::uint64_t n = random.below(6); n > 0; --n) {
                    write();
                    if (random.below(2) == 0) time.advance(static_cast<std::int64_t>(random.below(1'500)));
                }
                break;
        }
        if (resting() && random.below(2) == 0) log.reconnect();
        time.advance(static_cast<std::int64_t>(random.below(3'000)));
    }
    [[nodiscard]] bool resting() const { return log.state().phase == Phase::stopped || log.state().phase == Phase::gave_up; }
    void settle() {
        server.set_faults({});
        time.advance(100'000);  // what was begun badly ends badly
        server.restart();
        for (int i = 0; i < 8; ++i) {
            if (resting()) log.reconnect();
            time.advance(30'000);
            if (log.state().phase == Phase::open && i > 2) break;
        }
        write(true);  // later than all: it ends every doubt
        time.run_ready();
    }
    // Empty: all is well.
    [[nodiscard]] std::string mistake() const {
        int last = -1;
        bool gap = true;  // the first line needs none before it
        for (std::size_t i = 0; i < log.lines().size(); ++i) {
            const LogLine line = log.lines().line(i);
            if (line.gap) {
                if (gap) return "a gap without a line before it";
                gap = true;
                continue;
            }
            const auto number = base::parse_integer<int>(line.message.substr(5));
            if (!number) return "a strange line: " + std::string(line.raw);
            if (*number <= last) return "line " + std::to_string(*number) + " after line " + std::to_string(last);
            if (*number != last + 1 && !gap) return "nothing marks the hole between " + std::to_string(last) + " and " + std::to_string(*number);
            // Our hub says so only where the file itself may have lost lines.
            if (exact && last >= 0 && gap && !rotated) return "a gap is marked where none is, before " + std::to_string(*number);
            last = *number;
            gap = false;
        }
        if (last != file.count() - 1) return "the last line is " + std::to_string(last) + " of " + std::to_string(file.count());
        return {};
    }

    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random;
    bool exact;
    bool rotated = false;
    LogFile file;
    FaultServer server{time, random, [this](const net::ServerRequest& request) { return opening(request); }};
    net::LoopbackClient client{time, server};
    net::SharedStreams streams{client, time, random};
    LogStream log{streams,
                  [this](std::string path) {
                      return net::stream_options(net::stream_profile(exact ? net::StreamBackend::binnacle : net::StreamBackend::kubeorch, net::StreamKind::pod_log), std::move(path));
                  },
                  {}};
};

void run_scenarios(bool exact, std::uint64_t usual) {
    const char* const only = std::getenv("BINNACLE_SEED");
    const char* const times = std::getenv("BINNACLE_SCENARIOS");
    const std::uint64_t first = only ? base::parse_integer<std::uint64_t>(only).value_or(1) : 1;
    const std::uint64_t count = only ? 1 : usual * (times ? std::max<std::uint64_t>(1, base::parse_integer<std::uint64_t>(times).value_or(1)) : 1);
    std::uint64_t attempts = 0, gaps = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        Scenario s(seed, exact);
        s.server.set_faults(FaultServer::Faults::harsh());
        s.log.open({.resource_id = "p", .tail = Scenario::kTail, .exact = exact});
        for (std::uint64_t steps = 3 + s.random.below(12); steps > 0; --steps) {
            s.step();
            if (s.server.connections() > 1) FAIL("seed " << seed << ": " << s.server.connections() << " connections");
        }
        s.settle();
        if (const std::string mistake = s.mistake(); !mistake.empty()) FAIL("seed " << seed << ": " << mistake);
        attempts += s.log.state().attempts;
        for (std::size_t i = 0; i < s.log.lines().size(); ++i) gaps += s.log.lines().line(i).gap ? 1U : 0U;
        s.log.reset();
        s.time.run_ready();
        if (s.server.connections() != 0) FAIL("seed " << seed << ": a connection was left behind");
        s.time.advance(60'000);
        if (s.time.pending() != 0) FAIL("seed " << seed << ": " << s.time.pending() << " tasks were left behind");
    }
    if (only) return;
    CHECK(attempts > count * 3);
    CHECK(gaps > count / 20);
}

}  // namespace

TEST_CASE("against our hub a log loses and doubles no line, whatever happens on the way") { run_scenarios(true, 2'500); }

TEST_CASE("against a backend without positions every hole in a log is marked, and no line is doubled") { run_scenarios(false, 1'500); }
