// The provider of the event feed: one stream tied to the session, its last events, looking back, acknowledging.
#include "model/event_feed.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <memory>

#include "base/testing/virtual_tabs.hpp"
#include "base/time_text.hpp"
#include "feeds_rig.hpp"
#include "model/testing/memory_archive_store.hpp"

using namespace model;
using namespace model::testing;

namespace {

class FeedServer final : public net::HttpHandler {
public:
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        targets.push_back(request.target);
        last_ids.emplace_back(request.headers.get("last-event-id"));
        bearers.emplace_back(request.headers.get("authorization"));
        if (status == 0) return writer->abort();
        if (status != 200) return writer->respond({status, {{"content-type", "application/json"}}, R"({"error":"no"})"});
        writer->start({200, {{"content-type", "text/event-stream"}}});
        stream = std::move(writer);
        if (greets) greet();
    }
    void greet(bool complete = true, bool restarted = false) {
        stream->write("event:connected\ndata:" + Json{{"event_type", "connected"}, {"timestamp", clock->unix_ms() / 1'000}, {"complete", complete}, {"restarted", restarted}}.dump() + "\n\n");
    }
    // An event of now, or of so long ago.
    void send(const std::string& id, const std::string& status_word = "Failed", std::int64_t age_ms = 0, const std::string& workload = "web", const std::string& project = "shop") {
        const Json data = {{"event_type", "workload_status_update"}, {"id", id}, {"time", base::format_rfc3339_millis(clock->unix_ms() - age_ms)}, {"workload_id", workload},
                           {"project_id", project}, {"cluster_id", "demo"}, {"status", status_word}};
        stream->write("id:" + id + "\nevent:workload_status_update\ndata:" + data.dump() + "\n\n");
    }

    const base::Clock* clock = nullptr;
    int status = 200;  // 0: cuts
    bool greets = true;
    std::vector<std::string> targets, last_ids, bearers;
    std::shared_ptr<net::ResponseWriter> stream;
};

class TokenSession final : public net::Session {
public:
    [[nodiscard]] std::string token() const override { return "s3cret"; }
    [[nodiscard]] bool token_expired() const override { return false; }
    void renewed(const Json&) override {}
    void ended() override {}
};

struct Tab {
    base::testing::VirtualScheduler& time;
    FeedServer& server;
    std::unique_ptr<base::testing::VirtualBrowser::Tab> page;
    std::unique_ptr<base::TabChannel> channel;
    base::testing::SeededRandom random{11};
    net::LoopbackClient http{time, server};
    TokenSession session;
    net::ApiClient api{http, time, "/v1/api", session};
    state::QueryClient queries{time};
    state::MemoryStorage storage;
    state::PersistHub persist{storage};
    net::SharedStreams streams{http, time, random};
    TopicSet topics = 0;
    ModelContext context{.api = api, .queries = queries, .scheduler = time, .random = random, .persist = persist, .streams = streams, .changed = [this](TopicSet t) { topics |= t; }, .toast = [](ToastKind, std::string, std::string) {}};
    TabSync tabs;
    EventFeed feed;
    std::vector<std::string> fresh;

    Tab(base::testing::VirtualScheduler& its_time, FeedServer& its_server, base::testing::VirtualBrowser& browser, EventArchiveStore* archive, const char* kind)
        : time(its_time), server(its_server), page(browser.open_tab()), channel(page->channel("binnacle")), tabs(channel.get(), ""),
          feed({.context = context, .tabs = tabs, .archive = archive, .source = event_feed_source(kind)}) {
        feed.on_fresh([this](const FeedEventPtr& event) { fresh.push_back(event->id); });
    }
    [[nodiscard]] std::vector<std::string> ids() const {
        std::vector<std::string> list;
        for (const FeedEventPtr& event : feed.state().events) list.push_back(event->id);
        return list;
    }
};

struct Rig {
    base::testing::VirtualScheduler time;
    FeedServer server;
    base::testing::VirtualBrowser browser{time};
    MemoryArchiveStore store{time};
    std::unique_ptr<Tab> tab;

    explicit Rig(const char* kind = "kubeorch") {
        server.clock = &time;
        tab = open_tab(kind);
    }
    std::unique_ptr<Tab> open_tab(const char* kind = "kubeorch") { return std::make_unique<Tab>(time, server, browser, &store, kind); }
    void pass(std::int64_t ms = 500) { time.advance(ms); }
    void start() {
        tab->feed.start("u1");
        pass();
    }
    EventFeed& feed() { return tab->feed; }
    const EventFeedState& state() { return tab->feed.state(); }
};

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("the stream opens at sign-in with the bearer in the header, and nothing is read after sign-out") {
    Rig rig;
    rig.pass(60'000);
    CHECK(rig.server.targets.empty());
    CHECK(rig.state().phase == FeedPhase::closed);
    rig.start();
    REQUIRE(rig.server.targets == Ids{"/v1/api/events/stream"});
    CHECK(rig.server.bearers == Ids{"Bearer s3cret"});
    CHECK(rig.state().phase == FeedPhase::open);
    rig.server.send("a");
    rig.pass();
    CHECK(rig.tab->ids() == Ids{"a"});
    CHECK((rig.tab->topics & kTopicPages) != 0);
    CHECK(rig.store.events() == 1);
    const auto stream = rig.server.stream;
    rig.feed().clear_event_state();
    rig.pass();
    CHECK(stream->closed());
    CHECK(rig.state() == EventFeedState{});
    CHECK(rig.store.rows.empty());
    stream->write("event:workload_status_update\ndata:{}\n\n");
    rig.feed().wake();
    rig.feed().reconnect();
    rig.pass(120'000);
    CHECK(rig.server.targets.size() == 1);
    CHECK(rig.state() == EventFeedState{});
}

TEST_CASE("a sign-out while the archive is still opening opens no stream") {
    Rig rig;
    rig.tab->feed.start("u1");
    rig.tab->feed.clear_event_state();
    rig.pass(10'000);
    CHECK(rig.server.targets.empty());
    CHECK(rig.state().phase == FeedPhase::closed);
    // Signing in twice, quickly: one stream.
    rig.tab->feed.start("u1");
    rig.tab->feed.start("u2");
    rig.pass(10'000);
    CHECK(rig.server.targets.size() == 1);
}

TEST_CASE("heartbeats and greetings are no events and redraw nothing") {
    Rig rig;
    rig.start();
    rig.tab->topics = 0;
    const std::uint64_t version = rig.feed().version();
    for (int i = 0; i < 5; ++i) rig.server.stream->write("event:heartbeat\ndata:{\"event_type\":\"heartbeat\",\"timestamp\":1}\n\n");
    rig.server.greet();
    rig.pass(1'000);
    CHECK(rig.state().events.empty());
    CHECK(rig.feed().version() == version);
    CHECK(rig.tab->topics == 0);
}

TEST_CASE("the last hundred are kept in the order of their times, each once") {
    Rig rig;
    rig.start();
    rig.server.send("b", "Failed", 1'000);
    rig.server.send("a", "Failed", 2'000);
    rig.server.send("c", "Failed", 500);
    rig.server.send("b", "Failed", 1'000);
    rig.pass();
    CHECK(rig.tab->ids() == Ids{"c", "b", "a"});
    for (int i = 0; i < 150; ++i) rig.server.send("n" + std::to_string(i));
    rig.pass(2'000);
    CHECK(rig.state().events.size() == EventFeed::kKept);
    CHECK(rig.state().events.front()->id == "n149");
    rig.server.send("a", "Failed", 2'000);  // long out of the list, still known
    rig.pass();
    CHECK(rig.state().events.front()->id == "n149");
    CHECK(rig.store.events() == 153);
}

TEST_CASE("ten tries with growing pauses, then it has given up until somebody reconnects") {
    Rig rig;
    rig.start();
    rig.server.send("a");
    rig.pass();
    rig.server.status = 0;
    rig.server.stream->abort();
    std::vector<std::int64_t> attempts_ms;
    std::size_t seen = rig.server.targets.size();
    for (int i = 0; i < 400 * 10; ++i) {
        rig.pass(100);
        if (rig.server.targets.size() > seen) attempts_ms.push_back(rig.time.monotonic_ms());
        seen = rig.server.targets.size();
    }
    CHECK(attempts_ms.size() == 10);
    CHECK(rig.feed().max_tries() == 10);
    for (std::size_t i = 1; i < attempts_ms.size(); ++i) CHECK(attempts_ms[i] - attempts_ms[i - 1] <= 30'200);
    CHECK(attempts_ms[1] - attempts_ms[0] <= 2'200);
    CHECK(attempts_ms[9] - attempts_ms[8] >= 14'000);
    CHECK(rig.state().phase == FeedPhase::gave_up);
    CHECK_FALSE(rig.state().problem.empty());
    CHECK(rig.tab->ids() == Ids{"a"});  // stays, as old as it is
    CHECK(rig.time.pending() == 0);
    // By hand, in vain: ten tries again.
    rig.feed().reconnect();
    rig.pass(400'000);
    CHECK(rig.server.targets.size() == seen + 11);
    CHECK(rig.state().phase == FeedPhase::gave_up);
    rig.server.status = 200;
    rig.feed().reconnect();
    rig.pass();
    CHECK(rig.state().phase == FeedPhase::open);
    CHECK(rig.state().problem.empty());
    CHECK(rig.server.last_ids.back() == "a");
}

TEST_CASE("a tab that is shown again, or online again, reconnects at once, also after giving up") {
    Rig rig;
    rig.start();
    rig.server.status = 0;
    rig.server.stream->abort();
    rig.pass(10'000);
    REQUIRE(rig.state().phase == FeedPhase::retrying);
    rig.server.status = 200;
    rig.feed().wake();
    rig.pass();
    CHECK(rig.state().phase == FeedPhase::open);
    rig.server.status = 0;
    rig.server.stream->abort();
    rig.pass(600'000);
    REQUIRE(rig.state().phase == FeedPhase::gave_up);
    rig.server.status = 200;
    rig.feed().wake();
    rig.pass();
    CHECK(rig.state().phase == FeedPhase::open);
    const std::size_t attempts = rig.server.targets.size();
    rig.feed().wake();
    rig.pass();
    CHECK(rig.server.targets.size() == attempts);
}

TEST_CASE("a backend that refuses says why, and is not asked again by itself") {
    struct Case {
        int status;
        base::ErrorCode code;
    };
    for (const Case& each : {Case{403, base::ErrorCode::forbidden}, Case{404, base::ErrorCode::not_found}, Case{400, base::ErrorCode::unavailable}}) {
        Rig rig;
        rig.server.status = each.status;
        rig.start();
        rig.pass(120'000);
        INFO(each.status);
        CHECK(rig.server.targets.size() == 1);
        CHECK(rig.state().phase == FeedPhase::refused);
        CHECK(rig.state().refusal == each.code);
        CHECK_FALSE(rig.state().problem.empty());
        rig.server.status = 200;
        rig.feed().reconnect();
        rig.pass();
        CHECK(rig.state().phase == FeedPhase::open);
    }
}

TEST_CASE("a foreign backend gets its token in the query, and only that one") {
    Rig rig("kubenest");
    rig.start();
    REQUIRE(rig.server.targets.size() == 1);
    CHECK(rig.server.targets[0] == "/api/v1/events/stream?token=s3cret");
    CHECK(rig.server.bearers == Ids{""});
    CHECK(event_feed_source("no such kind").kind == "kubeorch");
    rig.server.stream->write("event: workload.running\ndata: {\"type\":\"workload.running\",\"workloadId\":\"w\",\"timestamp\":\"2026-01-01T00:00:00Z\"}\n\n");
    rig.pass();
    REQUIRE(rig.state().events.size() == 1);
    CHECK(rig.state().events[0]->title == "w is running");
}

TEST_CASE("a reload shows the last events at once and asks for what came since") {
    Rig rig;
    rig.start();
    CHECK(rig.server.last_ids == Ids{"0"});  // nothing is known yet: all that the server has
    rig.server.send("a", "Failed", 2'000);
    rig.server.send("b", "Failed", 1'000);
    rig.pass();
    rig.feed().flush();
    rig.pass();
    rig.tab = rig.open_tab();
    rig.server.status = 0;
    rig.start();
    CHECK(rig.tab->ids() == Ids{"b", "a"});  // also without an answer
    CHECK(rig.server.last_ids.back() == "b");
    rig.server.status = 200;
    rig.pass(5'000);
    rig.server.send("b", "Failed", 7'000);  // said again
    rig.server.send("c", "Failed", 6'000);
    rig.pass();
    CHECK(rig.tab->ids() == Ids{"c", "b", "a"});
    CHECK_FALSE(rig.state().gap);
}

TEST_CASE("events of this moment are fresh, those of the archive, a replay or before the tab was there are not") {
    Rig rig;
    rig.time.advance(100'000);
    rig.start();
    rig.server.send("old", "Failed", 31'000);
    rig.server.send("before", "Failed", 5'000);
    rig.server.send("now", "Failed", 0);
    rig.pass();
    CHECK(rig.tab->fresh == Ids{"now"});
    rig.pass(60'000);
    rig.server.stream->abort();
    rig.pass(5'000);
    rig.server.send("missed", "Failed", 4'000);  // while the stream was away, a moment ago
    rig.server.send("long-missed", "Failed", 40'000);
    rig.server.send("now", "Failed", 65'000);
    rig.pass();
    CHECK(rig.tab->fresh == Ids{"now", "missed"});
}

TEST_CASE("a server whose clock is wrong by an hour makes no old events of fresh ones") {
    for (const std::int64_t wrong_ms : {3'600'000LL, -3'600'000LL}) {
        Rig rig;
        rig.time.advance(10'000'000);
        base::testing::VirtualScheduler wrong(1'767'225'600'000 + 10'000'000 + wrong_ms);
        rig.server.clock = &wrong;
        rig.start();
        rig.server.send("now", "Failed", -500);
        rig.server.send("old", "Failed", 60'000);
        rig.pass();
        INFO(wrong_ms);
        CHECK(rig.tab->fresh == Ids{"now"});
    }
}

TEST_CASE("what may have been missed is marked; a server that was started anew has nothing to hide") {
    Rig rig;
    rig.start();
    rig.server.greet(false, true);
    rig.pass();
    CHECK_FALSE(rig.state().gap);
    rig.server.greet(false, false);
    rig.pass();
    CHECK(rig.state().gap);
    Rig other;
    other.start();
    other.server.stream->write("event:gap\ndata:{\"event_type\":\"gap\",\"missed\":20}\n\n");
    other.pass();
    CHECK(other.state().gap);
}

TEST_CASE("events are found by any of their names and by any resource") {
    Rig rig;
    rig.start();
    rig.server.send("a", "Running", 3'000, "web", "shop");
    rig.server.send("b", "Failed", 2'000, "web", "shop");
    rig.server.send("c", "Running", 1'000, "db", "bank");
    rig.pass();
    const auto ids = [](const std::vector<FeedEventPtr>& events) {
        Ids list;
        for (const FeedEventPtr& event : events) list.push_back(event->id);
        return list;
    };
    CHECK(ids(rig.feed().events_of_type("workload_status_update")) == Ids{"c", "b", "a"});
    CHECK(ids(rig.feed().events_of_type("workload_status")) == Ids{"c", "b", "a"});
    CHECK(ids(rig.feed().events_of_type("workload.running")) == Ids{"c", "a"});
    CHECK(rig.feed().events_of_type("build_failed").empty());
    CHECK(ids(rig.feed().events_of_resource("web")) == Ids{"b", "a"});
    CHECK(ids(rig.feed().events_of_resource("bank")) == Ids{"c"});
    CHECK(ids(rig.feed().events_of_resource("demo")) == Ids{"c", "b", "a"});
    CHECK(rig.feed().events_of_resource("").empty());
}

TEST_CASE("filters choose from the one stream, however many there are and however often they are made anew") {
    Rig rig;
    rig.start();
    Ids shop;
    Ids web;
    std::vector<EventFeed::Subscription> many;
    for (int i = 0; i < 800; ++i) {
        many.clear();  // a view that makes its filter anew in every frame
        many.push_back(rig.feed().subscribe({.project_id = "shop"}, [&](const FeedEvent& event) { shop.push_back(event.id); }));
        many.push_back(rig.feed().subscribe({.workload_id = "web", .about = EventAbout::workload}, [&](const FeedEvent& event) { web.push_back(event.id); }));
        many.push_back(rig.feed().subscribe({.about = EventAbout::build}, [&](const FeedEvent&) { FAIL("no build"); }));
    }
    rig.pass();
    CHECK(rig.server.targets.size() == 1);
    rig.server.send("a", "Running", 0, "web", "shop");
    rig.server.send("b", "Running", 0, "db", "shop");
    rig.server.send("c", "Running", 0, "web", "bank");
    rig.pass();
    CHECK(shop == Ids{"a", "b"});
    CHECK(web == Ids{"a", "c"});
    many.clear();
    rig.server.send("d", "Running", 0, "web", "shop");
    rig.pass();
    CHECK(shop.size() == 2);
    CHECK(rig.server.targets.size() == 1);
}

TEST_CASE("a callback may end its own subscription, another one, and make new ones") {
    Rig rig;
    rig.start();
    int first = 0;
    int second = 0;
    int third = 0;
    EventFeed::Subscription a;
    EventFeed::Subscription b;
    EventFeed::Subscription c;
    a = rig.feed().subscribe({}, [&](const FeedEvent&) {
        ++first;
        b.reset();
        c = rig.feed().subscribe({}, [&](const FeedEvent&) { ++third; });
        a.reset();
    });
    b = rig.feed().subscribe({}, [&](const FeedEvent&) { ++second; });
    rig.server.send("1");
    rig.server.send("2");
    rig.pass();
    CHECK(first == 1);
    CHECK(second == 0);
    CHECK(third == 1);
}

TEST_CASE("acknowledging shows at once, is kept over a reload and told to the other tab") {
    Rig rig;
    auto other = rig.open_tab();
    rig.start();
    rig.server.send("a", "Failed", 2'000);
    rig.server.send("b", "Failed", 1'000);
    rig.pass();
    other->feed.start("u1");
    rig.pass();
    REQUIRE(other->ids() == Ids{"b", "a"});
    rig.feed().acknowledge({"a"});
    CHECK(rig.state().events[1]->acknowledged);
    CHECK_FALSE(rig.state().events[0]->acknowledged);
    rig.pass();
    CHECK(other->feed.state().events[1]->acknowledged);
    rig.tab = rig.open_tab();
    rig.start();
    REQUIRE(rig.tab->ids() == Ids{"b", "a"});
    CHECK(rig.state().events[1]->acknowledged);
    rig.feed().acknowledge({"a"}, false);
    rig.feed().acknowledge({});
    rig.feed().acknowledge({"no-such"});
    rig.pass();
    CHECK_FALSE(other->feed.state().events[1]->acknowledged);
}

TEST_CASE("looking back reads the archive from a time on, goes on with what comes, and ends") {
    Rig rig;
    rig.start();
    for (int i = 0; i < 150; ++i) {
        rig.server.send("n" + std::to_string(i), "Failed", (150 - i) * 60'000);
        rig.pass(20);
    }
    rig.pass();
    rig.feed().replay_from(rig.time.unix_ms() - 130 * 60'000);
    CHECK(rig.state().replay.phase == LoadPhase::loading);
    rig.pass();
    REQUIRE(rig.state().replay.phase == LoadPhase::ready);
    CHECK(rig.state().replay.events.size() >= 129);
    CHECK(rig.state().replay.events.front()->id == "n149");
    CHECK_FALSE(rig.state().replay.cut);
    const std::size_t before = rig.state().replay.events.size();
    rig.server.send("live");
    rig.pass();
    CHECK(rig.state().replay.events.size() == before + 1);
    CHECK(rig.state().replay.events.front()->id == "live");
    rig.feed().acknowledge({"live"});
    CHECK(rig.state().replay.events.front()->acknowledged);
    CHECK(rig.state().events.front()->acknowledged);
    rig.feed().replay_from(-1);
    CHECK(rig.state().replay == EventReplay{});
    // Two times in a row: the last one counts.
    rig.feed().replay_from(0);
    rig.feed().replay_from(rig.time.unix_ms() - 10 * 60'000);
    rig.pass();
    CHECK(rig.state().replay.events.size() < 15);
    rig.feed().replay_from(0);
    rig.feed().replay_from(-1);
    rig.pass();
    CHECK(rig.state().replay.phase == LoadPhase::idle);
}

TEST_CASE("an archive that cannot be read says so, and is tried again") {
    Rig rig;
    rig.start();
    rig.server.send("a");
    rig.pass();
    rig.store.fail_next({base::ErrorCode::unavailable, "the disk is away", ""});
    rig.feed().replay_from(0);
    rig.pass();
    REQUIRE(rig.state().replay.phase == LoadPhase::failed);
    CHECK(rig.state().replay.error.message == "the disk is away");
    rig.feed().retry_replay();
    rig.pass();
    CHECK(rig.state().replay.phase == LoadPhase::ready);
}

TEST_CASE("without an archive the feed is live all the same, and says that nothing is kept") {
    base::testing::VirtualScheduler time;
    FeedServer server;
    server.clock = &time;
    base::testing::VirtualBrowser browser(time);
    Tab tab(time, server, browser, nullptr, "kubeorch");
    tab.feed.start("u1");
    time.advance(500);
    CHECK(tab.feed.state().phase == FeedPhase::open);
    CHECK_FALSE(tab.feed.state().archive_problem.empty());
    server.send("a");
    time.advance(500);
    CHECK(tab.ids() == Ids{"a"});
    tab.feed.replay_from(0);
    time.advance(500);
    CHECK(tab.feed.state().replay.phase == LoadPhase::failed);
}

TEST_CASE("no message between tabs and no address of our own hub holds the token") {
    Rig rig;
    auto other = rig.open_tab();
    rig.start();
    rig.server.send("a");
    rig.pass();
    rig.feed().acknowledge({"a"});
    rig.pass();
    for (const std::string& message : rig.browser.posted()) CHECK(message.find("s3cret") == std::string::npos);
    for (const std::string& target : rig.server.targets) CHECK(target.find("s3cret") == std::string::npos);
    for (const auto& [key, text] : rig.store.rows) CHECK(text.find("s3cret") == std::string::npos);
}
