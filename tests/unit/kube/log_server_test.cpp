#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "controller_world.hpp"
#include "kube/log_run.hpp"
#include "kube/log_server.hpp"

using namespace kube;
using namespace kube::testing;

namespace {

// What the API server would send on; `slow` makes every write ask for a pause.
class Reader final : public net::ResponseWriter {
public:
    void respond(net::Response) override {}
    void start(net::ResponseHead head) override { status = head.status; }
    bool write(std::string_view bytes) override {
        text += bytes;
        return !slow;
    }
    void end() override { ended = true; }
    void abort() override { ended = true; }
    void on_drain(base::UniqueFunction<void()> callback) override { drain = std::move(callback); }
    void on_close(base::UniqueFunction<void()> callback) override { close = std::move(callback); }
    [[nodiscard]] bool closed() const override { return gone; }
    [[nodiscard]] std::size_t queued_bytes() const override { return 0; }

    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> out;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = text.find('\n', at);
            out.push_back(text.substr(at, end - at));
            if (end == std::string::npos) break;
            at = end + 1;
        }
        return out;
    }
    void drained() {
        auto callback = std::move(drain);
        drain.reset();
        if (callback) callback();
    }
    void leave() {
        gone = true;
        if (close) close();
    }

    int status = 0;
    std::string text;
    bool slow = false, ended = false, gone = false;
    base::UniqueFunction<void()> drain, close;
};

std::shared_ptr<Reader> open(World& world, const std::string& name, LogOptions options) {
    if (options.container.empty()) options.container = "main";
    auto reader = std::make_shared<Reader>();
    if (!world.manager->logs().open({"pods", "default", name}, options, reader)) return nullptr;
    return reader;
}

void run_pod(World& world, const std::string& name, const std::string& image, const Json& command = nullptr) {
    Json object = pod(name, image);
    if (!command.is_null()) object["spec"]["containers"][0]["command"] = command;
    world.put("pods", object);
    REQUIRE(world.until([&] { return text(world.get("pods", name), {"status", "phase"}) == "Running"; }));
}

}  // namespace

TEST_CASE("the same log is told the same way twice, and longer later") {
    World world;
    run_pod(world, "web", "nginx:1.27");
    world.time.advance(60'000);
    const auto first = open(world, "web", {.timestamps = true});
    const auto second = open(world, "web", {.timestamps = true});
    REQUIRE(first);
    CHECK(first->ended);
    CHECK(first->status == 200);
    CHECK(first->text == second->text);
    CHECK(first->lines().size() > 30);
    CHECK(first->text.ends_with('\n'));
    world.time.advance(30'000);
    const auto third = open(world, "web", {.timestamps = true});
    CHECK(third->text.starts_with(first->text));
    CHECK(third->text.size() > first->text.size());
    auto lines = third->lines();
    CHECK(std::is_sorted(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.substr(0, 30) < b.substr(0, 30); }));
    CHECK(lines[0].substr(0, 20).starts_with("2026-01-01T00:00:0"));
    CHECK(lines[0][29] == 'Z');
    CHECK(third->text.find("\"GET / HTTP/1.1\"") != std::string::npos);
}

TEST_CASE("history and follow join without a line lost or doubled, wherever the follower comes in") {
    World world;
    Json object = pod("web", "nginx:1.27");
    object["spec"]["containers"][0]["env"] = Json::array({Json{{"name", "SIMULATE_LOG_RATE"}, {"value", "40"}}});
    world.put("pods", object);
    REQUIRE(world.until([&] { return is_ready(world.get("pods", "web")); }));
    std::vector<std::shared_ptr<Reader>> readers;
    for (int i = 0; i < 20; ++i) {
        readers.push_back(open(world, "web", {.follow = true, .timestamps = true}));
        world.time.advance(137 + i * 31);
    }
    world.time.advance(10'000);
    const auto all = open(world, "web", {.timestamps = true});
    for (const auto& reader : readers) {
        CHECK_FALSE(reader->ended);
        const std::string& got = reader->text;
        // A follower may be at most one batch behind.
        CHECK(all->text.starts_with(got));
        CHECK(all->lines().size() - reader->lines().size() <= 3);
    }
    CHECK(all->lines().size() > 500);
}

TEST_CASE("tailLines, sinceTime, sinceSeconds and limitBytes choose") {
    World world;
    run_pod(world, "web", "registry.local/checkout:3.1");
    world.time.advance(100'000);
    const auto all = open(world, "web", {})->lines();
    REQUIRE(all.size() > 40);
    const auto tail = open(world, "web", {.tail_lines = 5})->lines();
    CHECK(tail == std::vector<std::string>(all.end() - 5, all.end()));
    CHECK(open(world, "web", {.tail_lines = 0})->text.empty());
    const auto recent = open(world, "web", {.timestamps = true, .since_seconds = 20})->lines();
    CHECK(recent.size() < all.size());
    REQUIRE_FALSE(recent.empty());
    CHECK(recent[0].substr(0, 19) >= controllers::format_time(world.time.unix_ms() - 20'000).substr(0, 19));
    const std::int64_t moment_ns = (world.time.unix_ms() - 20'000) * 1'000'000;
    CHECK(open(world, "web", {.timestamps = true, .since_time_ns = moment_ns})->lines() == recent);
    CHECK(open(world, "web", {.limit_bytes = 100})->text.size() == 100);
    const auto followed = open(world, "web", {.follow = true, .tail_lines = 1});
    CHECK(followed->lines().size() == 1);
    world.time.advance(30'000);
    CHECK(followed->lines().size() > 10);
    const auto limited = open(world, "web", {.follow = true, .tail_lines = 0, .limit_bytes = 500});
    world.time.advance(30'000);
    CHECK(limited->ended);
    CHECK(limited->text.size() == 500);
}

TEST_CASE("a follower sees the goodbye of its pod and then the end; nothing it saw is missing from a later reading") {
    World world;
    run_pod(world, "web", "nginx:1.27");
    world.time.advance(20'300);
    const auto reader = open(world, "web", {.follow = true});
    world.time.advance(4'450);
    world.end("pods", "web");
    world.time.advance(900);
    const auto meanwhile = open(world, "web", {});
    CHECK(meanwhile->text.starts_with(reader->text.substr(0, meanwhile->text.size())));
    world.time.advance(2000);
    CHECK(world.get("pods", "web").is_null());
    CHECK(reader->ended);
    CHECK(reader->text.find("signal 15 (SIGTERM) received") != std::string::npos);
    CHECK(world.time.pending() <= 1);
}

TEST_CASE("a crash ends the follower; previous tells the run before, the current one is told until the restart") {
    World world;
    run_pod(world, "bad", "registry.local/catalog:crash");
    const auto reader = open(world, "bad", {.follow = true});
    REQUIRE(reader);
    world.time.advance(2500);
    CHECK(reader->ended);
    CHECK(reader->text.find("Exception in thread \"main\"") != std::string::npos);
    CHECK(reader->text.find("Caused by: java.net.ConnectException") != std::string::npos);
    CHECK(open(world, "bad", {.previous = false}) != nullptr);
    REQUIRE(world.until([&] {
        const Json object = world.get("pods", "bad");
        return integer(array(object, {"status", "containerStatuses"})[0], {"restartCount"}) == 1;
    }));
    const auto previous = open(world, "bad", {.previous = true});
    REQUIRE(previous);
    CHECK(previous->ended);
    CHECK(previous->text == reader->text);
    CHECK(open(world, "bad", {})->text != reader->text);
}

TEST_CASE("commands are heard: what they echo, in loops, and the silence after") {
    World world;
    run_pod(world, "clock", "busybox:1.36", Json::array({"sh", "-c", "echo begin; while true; do echo tick; sleep 5; done"}));
    world.time.advance(21'000);
    const auto lines = open(world, "clock", {})->lines();
    REQUIRE(lines.size() >= 5);
    CHECK(lines[0] == "begin");
    CHECK(std::count(lines.begin(), lines.end(), "tick") == static_cast<std::ptrdiff_t>(lines.size()) - 1);
    run_pod(world, "quiet", "busybox:1.36", Json::array({"sh", "-c", "echo once; sleep infinity"}));
    world.time.advance(5 * 24 * 3600 * 1000LL);
    const auto quiet = open(world, "quiet", {.follow = true});
    CHECK(quiet->text == "once\n");
    CHECK_FALSE(quiet->ended);
    const std::size_t timers = world.time.pending();
    world.end("pods", "quiet");
    world.time.advance(5000);
    CHECK(quiet->ended);
    CHECK(timers <= 2);
}

TEST_CASE("a job's log is whole once it has ended, and errors say what is missing") {
    World world;
    world.put("jobs", job("migrate", "registry.local/catalog:2.4"));
    REQUIRE(world.until([&] { return condition_is(world.get("jobs", "migrate"), "Complete", "True"); }));
    const std::string name = name_of(world.list("pods")[0]);
    const auto lines = open(world, name, {.follow = true})->lines();
    REQUIRE(lines.size() >= 6);
    CHECK(lines.front() == "catalog: starting");
    CHECK(lines.back().starts_with("catalog: finished in "));

    auto writer = std::make_shared<Reader>();
    const auto none = world.manager->logs().open({"pods", "default", "absent"}, {.container = "main"}, writer);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == base::ErrorCode::not_found);
    const auto no_previous = world.manager->logs().open({"pods", "default", name}, {.container = "main", .previous = true}, writer);
    REQUIRE_FALSE(no_previous);
    CHECK(no_previous.error().message == "previous terminated container \"main\" in pod \"" + name + "\" not found");
    world.put("pods", pod("pulling", "mysql:8.0"));
    world.time.advance(500);
    CHECK_FALSE(world.manager->logs().open({"pods", "default", "pulling"}, {.container = "main"}, writer));
    CHECK(writer->status == 0);
}

TEST_CASE("a slow reader keeps its place, is never sent more than it takes, and skips only beyond the kept history") {
    World world;
    Json object = pod("loud", "nginx:1.27");
    object["spec"]["containers"][0]["env"] = Json::array({Json{{"name", "SIMULATE_LOG_RATE"}, {"value", "100"}}});
    world.put("pods", object);
    REQUIRE(world.until([&] { return is_ready(world.get("pods", "loud")); }));
    const auto reader = open(world, "loud", {.follow = true, .timestamps = true});
    reader->slow = true;
    world.time.advance(5000);
    const std::size_t taken = reader->lines().size();
    world.time.advance(5000);
    CHECK(reader->lines().size() == taken);  // it waits for the drain
    reader->slow = false;
    reader->drained();
    const auto all = open(world, "loud", {.timestamps = true});
    CHECK(all->text.starts_with(reader->text));
    CHECK(all->lines().size() - reader->lines().size() <= 5);
    reader->slow = true;
    world.time.advance(60'000);
    const std::size_t before = reader->lines().size();
    reader->slow = false;
    reader->drained();
    CHECK(reader->lines().size() - before <= kLogHistoryLines + 5);
    const auto lines = reader->lines();
    CHECK(std::set<std::string>(lines.begin(), lines.end()).size() == lines.size());
    reader->leave();
    const std::size_t at_leave = reader->lines().size();
    world.time.advance(10'000);
    CHECK(reader->lines().size() == at_leave);
}

TEST_CASE("an old log costs its kept history only: two thousand lines or a megabyte") {
    World world;
    run_pod(world, "web", "nginx:1.27");
    world.time.advance(3 * 24 * 3600 * 1000LL);
    const auto lines = open(world, "web", {})->lines();
    CHECK(lines.size() <= kLogHistoryLines);
    CHECK(lines.size() >= kLogHistoryLines - 10);
    CHECK(world.time.pending() == 0);  // nobody reads: nothing is due
}

TEST_CASE("a log goes on after a restore with the same lines") {
    World world;
    run_pod(world, "web", "registry.local/mailer:0.9");
    world.time.advance(30'000);
    const std::string before = open(world, "web", {})->text;
    world.manager.reset();
    const Json snapshot = world.store.to_json();
    REQUIRE(world.store.from_json(snapshot));
    world.start();
    CHECK(open(world, "web", {})->text == before);
    world.time.advance(30'000);
    CHECK(open(world, "web", {})->text.starts_with(before));
}

TEST_CASE("each flavour speaks its own language") {
    World world;
    const auto log_of = [&](const std::string& name, const std::string& image) {
        run_pod(world, name, image);
        world.time.advance(180'000);
        return open(world, name, {})->text;
    };
    CHECK(log_of("pg", "postgres:17").find("database system is ready to accept connections") != std::string::npos);
    CHECK(log_of("cache", "redis:7").find("Ready to accept connections") != std::string::npos);
    const std::string java = log_of("catalog", "registry.local/catalog:2.4");
    CHECK(java.find("\tat shop.harbour.catalog") != std::string::npos);
    const std::string json = log_of("checkout", "registry.local/checkout:3.1");
    for (std::size_t at = 0; at < json.size();) {
        const std::size_t end = json.find('\n', at);
        CHECK_FALSE(Json::parse(json.substr(at, end - at), nullptr, false).is_discarded());
        at = end + 1;
    }
    Json probed = pod("probed", "nginx:1.27");
    probed["spec"]["containers"][0]["readinessProbe"] = {{"httpGet", {{"path", "/"}, {"port", 80}}}, {"periodSeconds", 10}};
    world.put("pods", probed);
    world.time.advance(60'000);
    CHECK(open(world, "probed", {})->text.find("kube-probe/") != std::string::npos);
}
