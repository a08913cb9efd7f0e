// WatchManager against a scripted hub, in virtual time.
#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <string>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "net/loopback.hpp"
#include "net/stream_link.hpp"
#include "net/watch_manager.hpp"
#include "unit/net/watch_hub_fake.hpp"

using namespace net;
using watch_fake::FakeWatchHub;
using watch_fake::object;

namespace {

const WatchSpec kPods{.resource_type = "api/v1/pods", .ns = "default"};
constexpr const char* kType = "api/v1/pods";

// One view: what it was told, in words.
struct View {
    std::vector<std::string> told;
    std::vector<std::string> names;  // as the last on_synced and the events since have it
    WatchState state;
    WatchSubscription subscription;

    WatchCallbacks callbacks() {
        return {.on_synced =
                    [this](const WatchedObjects& all, bool first) {
                        std::string text = first ? "synced" : "again";
                        for (const auto& [key, each] : all) text += " " + each->name + "@" + each->resource_version;
                        told.push_back(text);
                    },
                .on_event =
                    [this](WatchChange change, const WatchedPtr& each) {
                        const char* word = change == WatchChange::added ? "+" : change == WatchChange::modified ? "~" : "-";
                        told.push_back(word + each->name + "@" + each->resource_version);
                    },
                .on_state = [this](const WatchState& now) { state = now; }};
    }
};

struct World {
    explicit World(bool snapshots = true) : link(client, time, random, {.acknowledges = snapshots}), watches(client, time, random, link, {.snapshots = snapshots}) {
        hub.sends_snapshot = snapshots;
        hub.objects = {object("a", 1), object("b", 2)};
    }
    std::unique_ptr<View> look(const WatchSpec& spec = kPods) {
        auto view = std::make_unique<View>();
        view->subscription = watches.subscribe(spec, view->callbacks());
        return view;
    }
    // The hub's heart beats meanwhile.
    void pass(std::int64_t ms = 100) {
        for (; ms > 5'000; ms -= 5'000) {
            time.advance(5'000);
            hub.frame("heartbeat", {{"ts", time.unix_ms()}});
        }
        time.advance(ms);
    }
    [[nodiscard]] int subscribes() const { return hub.count("POST /api/watch/subscribe"); }
    [[nodiscard]] int unsubscribes() const { return hub.count("POST /api/watch/unsubscribe"); }

    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{9};
    FakeWatchHub hub;
    LoopbackClient client{time, hub};
    StreamLink link;
    WatchManager watches;
};

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("the first view gets everything at once, then each change [M1]") {
    World world;
    auto view = world.look();
    CHECK(view->told.empty());
    world.pass();
    CHECK(view->told == Told{"synced a@1 b@2"});
    CHECK(view->state.phase == WatchPhase::live);
    world.hub.send(kType, "ADDED", object("c", 3));
    world.hub.send(kType, "MODIFIED", object("a", 4));
    world.hub.send(kType, "DELETED", object("b", 5));
    world.pass();
    CHECK(view->told == Told{"synced a@1 b@2", "+c@3", "~a@4", "-b@5"});
    CHECK(world.hub.count("GET /api/watch/stream") == 1);
}

TEST_CASE("nothing is subscribed before the server has said connected [M2]") {
    World world;
    auto view = world.look();
    auto other = world.look({.resource_type = "api/v1/services"});
    world.pass();
    REQUIRE(world.hub.calls.size() >= 3);
    CHECK(world.hub.calls[0].starts_with("GET /api/watch/stream"));
    CHECK(world.subscribes() == 2);
    CHECK(world.hub.count("GET /api/watch/stream") == 1);
    CHECK(world.hub.bodies[0].at("clientId") == world.link.status().client_id);
}

TEST_CASE("a subscription that fails is told and tried again; a refusal is asked again once a minute [M3]") {
    World world;
    world.hub.refuse_with = 503;
    auto view = world.look();
    world.pass();
    CHECK(view->state.phase == WatchPhase::retrying);
    CHECK(view->state.error.message == "refused");
    world.pass(10'000);
    CHECK(world.subscribes() > 3);
    world.hub.refuse_with = 403;
    world.pass(30'000);
    CHECK(view->state.phase == WatchPhase::stopped);
    CHECK(view->state.error.code == base::ErrorCode::forbidden);
    CHECK(view->state.error.hint == "because");
    const int before = world.subscribes();
    world.pass(59'000);
    CHECK(world.subscribes() - before <= 1);
    world.hub.refuse_with = 0;
    world.pass(61'000);
    CHECK(view->state.phase == WatchPhase::live);
    CHECK(view->told == Told{"synced a@1 b@2"});
}

TEST_CASE("two views that leave within the grace end it once, and one that comes back in time keeps it [M4]") {
    World world;
    auto a = world.look();
    auto b = world.look();
    world.pass();
    CHECK(world.subscribes() == 1);
    a.reset();
    world.pass(WatchManager::kGraceMs - 100);
    b.reset();
    world.pass(WatchManager::kGraceMs - 100);
    CHECK(world.unsubscribes() == 0);
    world.pass(200);
    CHECK(world.unsubscribes() == 1);
    CHECK(world.watches.list().empty());
}

TEST_CASE("who comes back within the grace sends nothing and has the list at once [M5]") {
    World world;
    auto view = world.look();
    world.pass();
    view.reset();
    world.pass(WatchManager::kGraceMs - 100);
    auto again = world.look();
    world.pass(10'000);
    CHECK(world.subscribes() == 1);
    CHECK(world.unsubscribes() == 0);
    CHECK(again->told == Told{"synced a@1 b@2"});
}

TEST_CASE("after a reconnect everything is subscribed once more, and only the difference is told [M6]") {
    World world;
    auto view = world.look();
    auto other = world.look({.resource_type = "api/v1/services"});
    world.pass();
    const WatchedPtr kept = [&] {
        WatchedPtr found;
        auto probe = world.watches.subscribe(kPods, {.on_synced = [&](const WatchedObjects& all, bool) { found = all.find("default/a")->second; }});
        world.pass(10);
        return found;
    }();
    // While nobody listens: b goes, c comes, d takes the place of another of that name.
    world.hub.cut();
    world.hub.objects = {object("a", 1), object("c", 7)};
    world.pass(2'000);
    CHECK(world.subscribes() == 4);
    CHECK(view->told == Told{"synced a@1 b@2", "-b@2", "+c@7", "again a@1 c@7"});
    WatchedPtr now;
    auto probe = world.watches.subscribe(kPods, {.on_synced = [&](const WatchedObjects& all, bool) { now = all.find("default/a")->second; }});
    world.pass(10);
    CHECK(now == kept);
}

TEST_CASE("a session that is resumed asks for nothing again") {
    World world;
    auto view = world.look();
    world.pass();
    world.hub.forgets = false;
    world.hub.cut();
    world.pass(1'000);
    world.hub.send(kType, "ADDED", object("c", 3));
    world.pass();
    CHECK(world.subscribes() == 1);
    CHECK(view->told == Told{"synced a@1 b@2", "+c@3"});
}

TEST_CASE("a hidden tab lets go and what happened meanwhile is told when it is shown [M7]") {
    World world;
    auto view = world.look();
    world.pass();
    world.link.set_visible(false);
    world.pass(60'000);
    CHECK(world.link.status().phase == StreamLink::Phase::released);
    world.hub.objects = {object("b", 9)};
    world.link.set_visible(true);
    world.pass(1'000);
    CHECK(view->told == Told{"synced a@1 b@2", "-a@1", "~b@9", "again b@9"});
    CHECK(world.hub.count("GET /api/watch/stream") == 2);
}

TEST_CASE("hiding and showing while an attempt is due never makes two connections [M7]") {
    World world;
    auto view = world.look();
    world.pass();
    world.hub.down = true;
    world.hub.cut();
    world.pass(3'000);
    for (int i = 0; i < 5; ++i) {
        world.link.set_visible(false);
        world.pass(StreamLink::kHiddenMs + 1'000);
        world.link.set_visible(true);
        world.pass(50);
    }
    world.hub.down = false;
    const int before = world.hub.count("GET /api/watch/stream");
    world.pass(20'000);
    CHECK(world.hub.count("GET /api/watch/stream") == before + 1);
    CHECK(view->state.phase == WatchPhase::live);
}

TEST_CASE("that the hub does not answer is seen, and wake() tries at once [M8]") {
    World world;
    auto view = world.look();
    world.pass();
    world.hub.down = true;
    world.hub.cut();
    world.pass(120'000);
    CHECK(world.link.status().phase == StreamLink::Phase::waiting);
    CHECK_FALSE(world.link.status().last_error.empty());
    CHECK(view->state.phase == WatchPhase::waiting);
    CHECK_FALSE(view->state.error.message.empty());
    world.hub.down = false;
    world.link.wake();
    world.pass();
    CHECK(view->state.phase == WatchPhase::live);
    CHECK(view->state.error.message.empty());
}

TEST_CASE("a view that is gone before the answer comes leaves nothing behind [M9]") {
    World world;
    world.hub.hold_answers = true;
    auto view = world.look();
    world.pass();
    view.reset();
    world.pass(2'000);
    CHECK(world.watches.list().empty());
    world.hub.answer_all();
    world.pass();
    CHECK(world.unsubscribes() == 1);
    CHECK(world.hub.channels.empty());
}

TEST_CASE("one who comes back before the answer to the first is not cut off by its end [M9]") {
    World world;
    world.hub.hold_answers = true;
    world.hub.frames_first = true;
    auto view = world.look();
    world.pass();
    view.reset();
    world.pass(2'000);
    auto again = world.look();
    world.pass();
    world.hub.hold_answers = false;
    world.hub.answer_all();
    world.pass();
    CHECK(again->told == Told{"synced a@1 b@2"});
    CHECK(world.unsubscribes() == 0);
    CHECK(world.hub.channels.size() == 1);
}

TEST_CASE("a second view shares the subscription and gets the list as it is now [M10]") {
    World world;
    auto first = world.look();
    world.pass();
    world.hub.send(kType, "MODIFIED", object("a", 8));
    world.pass();
    auto second = world.look();
    CHECK(second->told.empty());  // not inside the call
    world.pass();
    CHECK(world.subscribes() == 1);
    CHECK(second->told == Told{"synced a@8 b@2"});
    world.hub.send(kType, "DELETED", object("a", 9));
    world.pass();
    CHECK(first->told.back() == "-a@9");
    CHECK(second->told.back() == "-a@9");
}

TEST_CASE("a callback may drop any view, its own too, and may look at more [M11]") {
    World world;
    auto other = world.look();
    std::vector<std::string> told;
    WatchSubscription own;
    WatchSubscription more;
    own = world.watches.subscribe(kPods, {.on_synced = {},
                                          .on_event =
                                              [&](WatchChange, const WatchedPtr& each) {
                                                  told.push_back(each->name);
                                                  own.reset();
                                                  other.reset();
                                                  more = world.watches.subscribe(kPods, {.on_synced = [&](const WatchedObjects& all, bool) { told.push_back(std::to_string(all.size())); }});
                                              }});
    world.pass();
    world.hub.send(kType, "ADDED", object("c", 3));
    world.hub.send(kType, "ADDED", object("d", 4));
    world.pass();
    CHECK(told == Told{"c", "4"});
}

TEST_CASE("frames of a channel that is nobody's are counted, and change nothing [M12]") {
    World world;
    auto view = world.look();
    world.pass();
    world.hub.send("api/v1/ghosts", "ADDED", object("x", 1));
    world.hub.frame("watch", {{"type", "ADDED"}});
    world.pass();
    CHECK(world.watches.ignored_frames() == 2);
    CHECK(view->told.size() == 1);
}

TEST_CASE("what is added right after the snapshot is no part of it, however soon [M13]") {
    World world;
    auto view = world.look();
    world.time.run_ready();
    world.hub.send(kType, "ADDED", object("c", 3));
    world.time.run_ready();
    CHECK(view->told == Told{"synced a@1 b@2", "+c@3"});
}

TEST_CASE("wait_for finds what is there already, what comes, and lets go in every case [M15]") {
    World world;
    std::optional<base::Result<WatchedPtr>> result;
    const auto named = [](std::string name, std::string version) {
        return [name, version](const WatchedObject& each) { return each.name == name && each.resource_version == version; };
    };
    const auto done = [&](base::Result<WatchedPtr> outcome) { result = std::move(outcome); };
    auto wait = world.watches.wait_for(kPods, named("a", "1"), 5'000, done);
    world.pass();
    REQUIRE(result);
    CHECK((**result)->name == "a");
    world.pass(1'000);
    CHECK(world.watches.list().empty());

    result.reset();
    wait = world.watches.wait_for(kPods, named("a", "6"), 5'000, done);
    world.pass();
    CHECK_FALSE(result);
    world.hub.send(kType, "DELETED", object("a", 6));
    world.pass();
    CHECK_FALSE(result);
    world.hub.send(kType, "ADDED", object("a", 6));
    world.pass();
    REQUIRE(result);
    CHECK(result->has_value());

    result.reset();
    wait = world.watches.wait_for(kPods, named("z", "1"), 5'000, done);
    world.pass(6'000);
    REQUIRE(result);
    CHECK(result->error().code == base::ErrorCode::timed_out);

    result.reset();
    world.hub.refuse_with = 403;
    world.pass(1'000);
    wait = world.watches.wait_for({.resource_type = "api/v1/secrets"}, named("z", "1"), 5'000, done);
    world.pass();
    REQUIRE(result);
    CHECK(result->error().code == base::ErrorCode::forbidden);

    result.reset();
    world.hub.refuse_with = 0;
    wait = world.watches.wait_for(kPods, named("z", "1"), 5'000, done);
    world.pass();
    wait.reset();
    world.pass(60'000);
    CHECK_FALSE(result);
    CHECK(world.watches.list().empty());
    CHECK(world.hub.channels.empty());
}

TEST_CASE("the status names connection, channels, counts and ages [M16]") {
    World world;
    auto view = world.look();
    world.pass();
    world.hub.send(kType, "MODIFIED", object("a", 8));
    world.pass();
    world.pass(1'000);
    const base::Json status = world.watches.status();
    CHECK(status.at("state") == "open");
    REQUIRE(status.at("channels").size() == 1);
    const base::Json& channel = status.at("channels").at(0);
    CHECK(channel.at("key") == "api/v1/pods default");
    CHECK(channel.at("state") == "live");
    CHECK(channel.at("subscribers") == 1);
    CHECK(channel.at("objects") == 2);
    CHECK(channel.at("events") == 4);
    CHECK(channel.at("resourceVersion") == "8");
    CHECK(channel.at("lastEventAgeMs").get<std::int64_t>() >= 1'000);
}

TEST_CASE("an object with another uid under the same name is deleted, then added [S1]") {
    World world;
    auto view = world.look();
    world.pass();
    world.hub.send(kType, "MODIFIED", object("a", 8, "another"));
    world.pass();
    CHECK(view->told == Told{"synced a@1 b@2", "-a@1", "+a@8"});
    // The late end of the first one is not that of the second.
    world.hub.send(kType, "DELETED", object("a", 7));
    world.pass();
    CHECK(view->told.size() == 3);
}

TEST_CASE("added twice is an update, modified unknown is an addition, deleted unknown is nothing [S2]") {
    World world;
    auto view = world.look();
    world.pass();
    world.hub.send(kType, "ADDED", object("a", 3));
    world.hub.send(kType, "MODIFIED", object("n", 4));
    world.hub.send(kType, "DELETED", object("ghost", 5));
    world.pass();
    CHECK(view->told == Told{"synced a@1 b@2", "~a@3", "+n@4"});
}

TEST_CASE("the same resourceVersion again is not told [S3]") {
    World world;
    auto view = world.look();
    world.pass();
    world.hub.send(kType, "MODIFIED", object("a", 1));
    world.hub.send(kType, "ADDED", object("b", 2));
    world.pass();
    CHECK(view->told.size() == 1);
}

TEST_CASE("a resync swaps the list without an empty moment, and keeps what stayed [S8]") {
    World world;
    auto view = world.look();
    world.pass();
    world.hub.frame("resync", {{"channel", "ch:api/v1/pods"}, {"reason", "overflow"}});
    world.pass();
    CHECK(view->state.phase == WatchPhase::syncing);
    CHECK(view->state.synced);
    world.hub.send(kType, "ADDED", object("a", 1));
    world.hub.send(kType, "ADDED", object("c", 6));
    world.hub.send(kType, "DELETED", object("c", 7));
    world.pass();
    CHECK(view->told.size() == 1);
    world.hub.send(kType, "BOOKMARK", {{"metadata", {{"resourceVersion", "9"}, {"annotations", {{"k8s.io/initial-events-end", "true"}}}}}});
    world.pass();
    CHECK(view->told == Told{"synced a@1 b@2", "-b@2", "again a@1"});
    CHECK(world.watches.list()[0].resyncs == 1);
}

TEST_CASE("trouble that the hub works on is shown until the next frame; what it has given up is asked again") {
    World world;
    auto view = world.look();
    world.pass();
    world.hub.frame("watch-error", {{"channel", "ch:api/v1/pods"}, {"code", 500}, {"message", "etcd is away"}, {"terminal", false}});
    world.pass();
    CHECK(view->state.phase == WatchPhase::retrying);
    CHECK(view->state.error.message == "etcd is away");
    world.hub.send(kType, "BOOKMARK", {{"metadata", {{"resourceVersion", "9"}}}});
    world.pass();
    CHECK(view->state.phase == WatchPhase::live);
    CHECK(world.subscribes() == 1);
    world.hub.channels.clear();
    world.hub.frame("watch-error", {{"channel", "ch:api/v1/pods"}, {"code", 403}, {"message", "not any more"}, {"terminal", true}});
    world.pass();
    CHECK(view->state.phase == WatchPhase::stopped);
    world.pass(61'000);
    CHECK(view->state.phase == WatchPhase::live);
    CHECK(world.subscribes() == 2);
}

TEST_CASE("a frame that cannot be read leads to a new list, as something may be missing [W4]") {
    World world;
    auto view = world.look();
    world.pass();
    world.hub.objects = {object("a", 1)};
    world.hub.frame("watch", {{"channel", "ch:api/v1/pods"}, {"type", "EXPLODED"}, {"object", object("a", 1)}});
    world.pass(5'000);
    CHECK(view->told == Told{"synced a@1 b@2", "-b@2", "again a@1"});
}

TEST_CASE("frames that overtake the answer which names their channel are not lost") {
    World world;
    world.hub.hold_answers = true;
    world.hub.frames_first = true;
    auto view = world.look();
    world.pass();
    CHECK(view->told.empty());
    world.hub.answer_all();
    world.pass();
    CHECK(view->told == Told{"synced a@1 b@2"});
}

TEST_CASE("from a hub that sends no snapshot the list is read first, page by page, and what comes meanwhile counts if it is later") {
    World world(false);
    auto view = world.look();
    world.pass();
    CHECK(world.hub.count("GET /api/proxy/api/v1/namespaces/default/pods?limit=500") == 2);
    CHECK(view->told == Told{"synced a@1 b@2"});
    world.hub.send(kType, "MODIFIED", object("b", 10));
    world.pass();
    CHECK(view->told.back() == "~b@10");
    // Reconnected: the list says what was missed.
    world.hub.cut();
    world.hub.objects = {object("b", 10), object("c", 11)};
    world.pass(3'000);
    CHECK(view->told == Told{"synced a@1 b@2", "~b@10", "-a@1", "+c@11", "again b@10 c@11"});
    CHECK(world.hub.count("POST /api/watch/credit") == 0);
}

TEST_CASE("after clear() nobody is told anything, and the next user begins anew") {
    World world;
    auto view = world.look();
    world.pass();
    world.watches.clear();
    world.link.reset();
    world.pass(1'000);
    CHECK(view->told.size() == 1);
    CHECK(world.link.status().phase == StreamLink::Phase::idle);
    auto next = world.look();
    world.pass();
    CHECK(next->told == Told{"synced a@1 b@2"});
    view.reset();
    world.pass(1'000);
    CHECK(world.watches.list().size() == 1);
}

TEST_CASE("a list's path has the namespace before the plural, and selectors as query") {
    CHECK(list_target({.resource_type = "api/v1/pods"}) == "/api/v1/pods");
    CHECK(list_target({.resource_type = "apis/apps/v1/deployments", .ns = "shop", .name = "web", .label_selector = "a=b", .field_selector = "x=y"}) ==
          "/apis/apps/v1/namespaces/shop/deployments?labelSelector=a%3Db&fieldSelector=x%3Dy%2Cmetadata.name%3Dweb");
}
