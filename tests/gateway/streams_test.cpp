// The shared stream over real sockets: four tabs full of logs, and a gateway that restarts under fifty channels.
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <optional>
#include <set>

#include "base/json.hpp"
#include "gateway/app.hpp"
#include "gateway/beast_client.hpp"
#include "gateway/sodium_random.hpp"
#include "net/event_stream.hpp"
#include "net/stream_budget.hpp"
#include "net/stream_link.hpp"
#include "net/stream_mux.hpp"
#include "net/watch_manager.hpp"
#include "temporary_folder.hpp"

namespace {

using base::Json;

constexpr std::int64_t kWatchdogMs = 60'000;
constexpr std::size_t kConnectionsOfABrowser = 6;  // per origin, over all tabs

struct Gateways {
    gateway::AsioScheduler loop;
    test::TemporaryFolder folder;
    gateway::SodiumRandom random;

    std::unique_ptr<gateway::App> start(const std::string& name, std::uint16_t port = 0, const std::string& kubernetes = {}, double kube_speed = 50) {
        folder.write("site/index.html", "<!doctype html>");
        gateway::Options options;
        options.port = port;
        options.static_dir = (folder.path() / "site").string();
        options.data_dir = (folder.path() / name).string();
        options.kube_speed = kube_speed;
        options.kubernetes_url = kubernetes;
        auto app = gateway::App::start(loop, options);
        if (!app) FAIL(app.error().message);
        return std::move(*app);
    }
    void stop(std::unique_ptr<gateway::App>& app) {
        bool down = false;
        app->shutdown([&] { down = true; });
        REQUIRE(loop.run_until([&] { return down; }, kWatchdogMs));
        app.reset();
    }
    net::Response ask(net::HttpClient& client, net::Request request) {
        std::optional<base::Result<net::Response>> answer;
        auto handle = net::fetch(client, std::move(request), [&](auto result) { answer = std::move(result); });
        REQUIRE(loop.run_until([&] { return answer.has_value(); }, kWatchdogMs));
        REQUIRE(answer->has_value());
        return **answer;
    }
    Json ask_json(net::HttpClient& client, const std::string& target) {
        auto json = base::parse_json(ask(client, {.target = target}).body);
        return json ? std::move(*json) : Json();
    }
    template <class Predicate>
    bool wait(Predicate predicate) {
        return loop.run_until(predicate, kWatchdogMs);
    }
};

struct Tab {
    Tab(Gateways& world, net::HttpClient& http)
        : link(http, world.loop, world.random, {}), mux(http, world.loop, link), watches(http, world.loop, world.random, link) {}
    net::StreamLink link;
    net::StreamMux mux;
    net::WatchManager watches;
};

std::uint16_t port_of(const std::string& url) { return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))); }

}  // namespace

TEST_CASE("four tabs with ten log panels each leave a browser's connections free, and REST is answered at once") {
    Gateways world;
    // Forty times the lines of a log that is fifty times as fast would be a test of the sanitizers.
    auto app = world.start("one", 0, {}, 4);
    auto socket = gateway::BeastClient::create(world.loop, {.base_url = app->url()});
    REQUIRE(socket.has_value());
    // What a browser does with everything of one origin.
    net::StreamBudget browser(**socket, kConnectionsOfABrowser);
    const std::string workflow = world.ask_json(browser, "/v1/api/workflows").at("workflows").at(0).at("id").get<std::string>();
    REQUIRE(world.ask(browser, {.method = "POST", .target = "/v1/api/workflows/" + workflow + "/run"}).status < 300);
    std::string pod;
    for (int i = 0; i < 5'000 && pod.empty(); ++i) {
        const Json pods = world.ask_json(browser, "/v1/api/workflows/" + workflow + "/nodes/deployment-catalog/pods");
        if (pods.contains("pods")) {
            for (const Json& each : pods["pods"]) {
                if (each.value("phase", "") == "Running") pod = each["id"].get<std::string>();
            }
        }
    }
    REQUIRE_FALSE(pod.empty());

    std::vector<std::unique_ptr<Tab>> tabs;
    std::vector<std::unique_ptr<net::EventStream>> panels;
    std::map<int, int> lines;
    for (int t = 0; t < 4; ++t) {
        tabs.push_back(std::make_unique<Tab>(world, browser));
        for (int p = 0; p < 10; ++p) {
            net::EventStreamOptions options;
            options.target = "/v1/api/resources/" + pod + "/logs/stream?follow=true&tail=" + std::to_string(10 + p);
            const int panel = t * 10 + p;
            panels.push_back(std::make_unique<net::EventStream>(tabs.back()->mux, world.loop, world.random, std::move(options),
                                                                net::EventStream::Callbacks{.on_event = [&lines, panel](const wire::SseEvent& event) { lines[panel] += event.type == "log" ? 1 : 0; }, .on_change = {}}));
            panels.back()->open();
        }
    }
    REQUIRE(world.wait([&] { return lines.size() == 40; }));
    // The four streams are all that stays; what tabs tell the hub by POST comes and goes.
    const auto only_streams = [&] { return browser.running() <= 4 && browser.queued().empty(); };
    CHECK(world.wait(only_streams));
    for (int i = 0; i < 20; ++i) CHECK(world.ask(browser, {.target = "/v1/api/workflows/" + workflow}).status == 200);
    CHECK(world.wait(only_streams));
    const Json stats = world.ask_json(browser, "/api/watch/stats");
    CHECK(stats.at("clients") == 4);
    panels.clear();
    tabs.clear();
    world.stop(app);
}

TEST_CASE("a gateway that restarts under fifty channels: every list is exact again, every stream open") {
    Gateways world;
    auto cluster = world.start("cluster");  // keeps its objects
    auto app = world.start("gateway", 0, cluster->url() + "k8s");
    const std::uint16_t port = port_of(app->url());
    auto socket = gateway::BeastClient::create(world.loop, {.base_url = app->url()});
    auto direct = gateway::BeastClient::create(world.loop, {.base_url = cluster->url() + "k8s"});
    REQUIRE(socket.has_value());
    REQUIRE(direct.has_value());
    const auto create = [&](const std::string& name) {
        const std::string body = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name + R"(","labels":{"app":"a)" + name.substr(name.size() - 1) + R"("}}})";
        CHECK(world.ask(**direct, {.method = "POST", .target = "/api/v1/namespaces/default/configmaps", .headers = {{"content-type", "application/json"}}, .body = body}).status == 201);
    };
    for (int i = 0; i < 6; ++i) create("before-" + std::to_string(i));
    const std::string workflow = world.ask_json(**socket, "/v1/api/workflows").at("workflows").at(0).at("id").get<std::string>();

    Tab tab(world, **socket);
    // Forty watches, by label, and ten streams.
    struct List {
        std::set<std::string> names;
        net::WatchSubscription subscription;
        bool live = false;
    };
    std::vector<List> lists(40);
    for (std::size_t i = 0; i < lists.size(); ++i) {
        List& list = lists[i];
        list.subscription = tab.watches.subscribe({.resource_type = "api/v1/configmaps", .ns = "default", .label_selector = i < 10 ? "app=a" + std::to_string(i) : "app,app!=x" + std::to_string(i)},
                                                  {.on_synced =
                                                       [&list](const net::WatchedObjects& all, bool) {
                                                           list.names.clear();
                                                           for (const auto& [key, each] : all) list.names.insert(each->name);
                                                       },
                                                   .on_event =
                                                       [&list](net::WatchChange change, const net::WatchedPtr& each) {
                                                           if (change == net::WatchChange::deleted) list.names.erase(each->name);
                                                           else list.names.insert(each->name);
                                                       },
                                                   .on_state = [&list](const net::WatchState& state) { list.live = state.phase == net::WatchPhase::live; }});
    }
    std::vector<std::unique_ptr<net::EventStream>> streams;
    for (int i = 0; i < 10; ++i) {
        net::EventStreamOptions options;
        options.target = "/v1/api/workflows/" + workflow + "/status/stream?n=" + std::to_string(i);
        streams.push_back(std::make_unique<net::EventStream>(tab.mux, world.loop, world.random, std::move(options), net::EventStream::Callbacks{}));
        streams.back()->open();
    }
    const auto all_live = [&] {
        for (const List& list : lists) {
            if (!list.live) return false;
        }
        for (const auto& stream : streams) {
            if (stream->state().phase != net::EventStream::Phase::open) return false;
        }
        return true;
    };
    REQUIRE(world.wait(all_live));
    CHECK(lists[3].names == std::set<std::string>{"before-3"});
    CHECK(lists[20].names.size() == 6);

    world.stop(app);
    create("meanwhile-3");
    CHECK(world.ask(**direct, {.method = "DELETE", .target = "/api/v1/namespaces/default/configmaps/before-1"}).status == 200);
    for (List& list : lists) list.live = false;
    app = world.start("gateway", port, cluster->url() + "k8s");
    REQUIRE(world.wait(all_live));
    CHECK(lists[3].names == std::set<std::string>{"before-3", "meanwhile-3"});
    CHECK(lists[1].names.empty());
    const std::set<std::string> expected{"before-0", "before-2", "before-3", "before-4", "before-5", "meanwhile-3"};
    for (std::size_t i = 10; i < lists.size(); ++i) CHECK(lists[i].names == expected);
    const Json stats = world.ask_json(**socket, "/api/watch/stats");
    CHECK(stats.at("clients") == 1);
    CHECK(stats.at("subscriptions").size() == 40);
    streams.clear();
    for (List& list : lists) list.subscription.reset();
    world.stop(app);
    world.stop(cluster);
}
