// The tab's end of the shared stream against a whole hub and a cluster in memory: streams and watches over one connection, as the caller.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <set>

#include "hub_rig.hpp"
#include "kube/cluster.hpp"
#include "kube/object_store.hpp"
#include "net/event_stream.hpp"
#include "net/stream_link.hpp"
#include "net/stream_mux.hpp"
#include "net/watch_manager.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

struct Tab {
    Tab(HubRig& rig, std::string bearer)
        : token(std::move(bearer)), link(*rig.client, rig.time, rig.random, {.authorization = [this] { return token.empty() ? std::string() : "Bearer " + token; }}), mux(*rig.client, rig.time, link),
          watches(*rig.client, rig.time, rig.random, link) {}
    std::string token;
    net::StreamLink link;
    net::StreamMux mux;
    net::WatchManager watches;
};

struct Names {
    std::set<std::string> all;
    net::WatchState state;
    net::WatchCallbacks callbacks() {
        return {.on_synced =
                    [this](const net::WatchedObjects& objects, bool) {
                        all.clear();
                        for (const auto& [key, object] : objects) all.insert(object->name);
                    },
                .on_event =
                    [this](net::WatchChange change, const net::WatchedPtr& object) {
                        if (change == net::WatchChange::deleted) all.erase(object->name);
                        else all.insert(object->name);
                    },
                .on_state = [this](const net::WatchState& now) { state = now; }};
    }
};

struct World {
    explicit World(AuthMode auth = AuthMode::none) : rig(owner, cluster.api(), auth, {}) {}
    std::string user(const std::string& email) {
        rig.token = admin;
        const std::string invite = admin.empty() ? std::string() : text_at(rig.call("GET", "/admin/settings/invite-code").body, "inviteCode");
        rig.token.clear();
        const Answer made = rig.call("POST", "/auth/register", {{"email", email}, {"password", "secret1"}, {"name", "Ann"}, {"inviteCode", invite}});
        REQUIRE(made.status == 201);
        if (admin.empty()) admin = text_at(made.body, "token");
        return text_at(made.body, "token");
    }
    int status_of(net::Request request, const std::string& token) {
        if (!token.empty()) request.headers.set("authorization", "Bearer " + token);
        int status = 0;
        const auto handle = net::fetch(*rig.client, std::move(request), [&](const base::Result<net::Response>& response) { status = response ? response->status : -1; });
        rig.time.advance(100);
        return status;
    }
    void create(const std::string& name) {
        REQUIRE(cluster.store().create({"configmaps", "default", name}, {{"metadata", {{"name", name}, {"namespace", "default"}}}}));
        rig.time.advance(100);
    }

    std::shared_ptr<base::testing::VirtualScheduler> owner = std::make_shared<base::testing::VirtualScheduler>();
    base::testing::SeededRandom random{3};
    kube::Cluster cluster{{.scheduler = *owner, .random = random}, {}};
    HubRig rig;
    std::string admin;
};

const net::WatchSpec kMaps{.resource_type = "api/v1/configmaps", .ns = "default"};

}  // namespace

TEST_CASE("a workflow's status and a list of objects share one connection") {
    World world;
    const std::string id = world.rig.create_workflow("shop", Json::array({node("web", "deployment", {{"name", "web"}, {"image", "nginx:1.27"}})}), Json::array());
    Tab tab(world.rig, {});
    std::vector<std::string> events;
    net::EventStream status(tab.mux, world.rig.time, world.rig.random, {.target = "/v1/api/workflows/" + id + "/status/stream"},
                            {.on_event = [&](const wire::SseEvent& event) { events.emplace_back(event.type); }, .on_change = {}});
    status.open();
    Names maps;
    const auto watch = tab.watches.subscribe(kMaps, maps.callbacks());
    world.rig.time.advance(500);
    CHECK(status.state().phase == net::EventStream::Phase::open);
    CHECK(std::find(events.begin(), events.end(), "metadata") != events.end());
    CHECK(maps.state.phase == net::WatchPhase::live);
    world.create("settings");
    CHECK(maps.all.contains("settings"));
    CHECK(tab.link.status().attempts == 1);
    CHECK(world.rig.call("POST", "/workflows/" + id + "/run").status < 300);
    world.rig.time.advance(20'000);
    CHECK(std::find(events.begin(), events.end(), "node_update") != events.end());
    // An hour in which nothing happens: one connection still.
    world.rig.time.advance(3'600'000);
    CHECK(tab.link.status().attempts == 1);
    CHECK(status.state().attempts == 1);
}

TEST_CASE("a restarted hub gives every list its difference") {
    World world;
    struct Door final : net::HttpHandler {
        void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
            if (hub) hub->handle(std::move(request), std::move(writer));
            else writer->abort();
        }
        std::unique_ptr<Hub> hub;
    } door;
    const auto start = [&] {
        const HubPorts ports{.kube = world.rig.kube_client, .documents = world.rig.store, .scheduler = world.rig.time, .random = world.rig.random};
        door.hub = std::make_unique<Hub>(ports, world.rig.options);
    };
    start();
    net::LoopbackClient client(world.rig.time, door);
    net::StreamLink link(client, world.rig.time, world.rig.random, {});
    net::WatchManager watches(client, world.rig.time, world.rig.random, link);
    Names maps;
    const auto watch = watches.subscribe(kMaps, maps.callbacks());
    world.create("before");
    world.create("stays");
    CHECK(maps.all.contains("before"));
    door.hub.reset();
    REQUIRE(world.cluster.store().remove({"configmaps", "default", "before"}));
    world.create("meanwhile");
    world.rig.time.advance(5'000);
    CHECK(maps.all.contains("before"));  // what was known is still shown
    CHECK(maps.state.phase == net::WatchPhase::waiting);
    start();
    world.rig.time.advance(20'000);
    CHECK(maps.state.phase == net::WatchPhase::live);
    CHECK_FALSE(maps.all.contains("before"));
    CHECK(maps.all.contains("stays"));
    CHECK(maps.all.contains("meanwhile"));
}

TEST_CASE("the stream, its POSTs and the statistics want a session, and each their own") {
    World world(AuthMode::builtin);
    const std::string ann = world.user("ann@example.org");
    const std::string bob = world.user("bob@example.org");
    const std::string cid = "0b8e2c34-7d54-4f0e-9a3b-111111111111";
    const auto stream = [&] { return net::Request{.target = "/api/watch/stream?cid=" + cid}; };
    const auto subscribe = [&] { return net::Request{.method = "POST", .target = "/api/watch/subscribe", .body = dump_json({{"clientId", cid}, {"resourceType", "api/v1/configmaps"}})}; };
    CHECK(world.status_of(stream(), "") == 401);
    CHECK(world.status_of(subscribe(), "") == 401);
    CHECK(world.status_of({.target = "/api/watch/stream?cid=7"}, ann) == 400);
    CHECK(world.status_of({.target = "/api/watch/stream"}, ann) == 400);
    CHECK(world.status_of(subscribe(), ann) == 400);  // no stream yet

    net::Request open = stream();
    open.headers.set("authorization", "Bearer " + bob);
    const auto handle = world.rig.client->send(std::move(open), {});
    world.rig.time.advance(100);
    CHECK(world.status_of(subscribe(), bob) == 200);
    CHECK(world.status_of(subscribe(), ann) == 403);
    CHECK(world.status_of(stream(), ann) == 403);
    CHECK(world.status_of({.target = "/api/watch/stats"}, bob) == 403);
    CHECK(world.status_of({.target = "/api/watch/stats"}, ann) == 200);
    CHECK(world.status_of({.target = "/api/watch/stats"}, "") == 401);
}

TEST_CASE("a channel asks for its stream as its caller, and gets the route's own refusal") {
    World world(AuthMode::builtin);
    const std::string ann = world.user("ann@example.org");
    Tab tab(world.rig, ann);
    net::EventStream fine(tab.mux, world.rig.time, world.rig.random, {.target = "/v1/api/user-notifications/stream"}, {});
    net::EventStream missing(tab.mux, world.rig.time, world.rig.random, {.target = "/v1/api/workflows/000000000000000000000000/status/stream"}, {});
    fine.open();
    missing.open();
    world.rig.time.advance(500);
    CHECK(fine.state().phase == net::EventStream::Phase::open);
    CHECK(missing.state().phase == net::EventStream::Phase::stopped);
    // Without a session the connection itself is refused.
    Tab stranger(world.rig, "nonsense");
    net::EventStream refused(stranger.mux, world.rig.time, world.rig.random, {.target = "/v1/api/user-notifications/stream"}, {});
    refused.open();
    world.rig.time.advance(500);
    CHECK(refused.state().phase == net::EventStream::Phase::retrying);
    CHECK(stranger.link.status().last_error.find("401") != std::string::npos);
}
