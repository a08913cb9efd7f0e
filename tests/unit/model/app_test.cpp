// App against a small scripted backend, in virtual time. The real hub is behind it in tests/ui.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <map>

#include "base/testing/virtual_scheduler.hpp"
#include "model/app.hpp"
#include "net/loopback.hpp"
#include "state/storage.hpp"
#include "wire/json_reader.hpp"

using namespace model;

namespace {

class Backend final : public net::HttpHandler {
public:
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        log.push_back(request.method + " " + request.target);
        if (down) return writer->abort();
        const std::string path = request.target.substr(0, request.target.find('?'));
        if (path == "/v1/api/health") return json(*writer, 200, {{"status", "ok"}, {"product", "binnacle"}, {"auth", auth}, {"cluster", "demo"}});
        if (path == "/v1/api/auth/methods") return json(*writer, 200, {{"builtin", {{"enabled", true}, {"signupEnabled", true}}}});
        if (path == "/v1/api/auth/login") {
            const auto body = wire::parse_json(request.body);
            if (!body || (*body)["password"] != "right horse") return json(*writer, 401, {{"error", "The e-mail address or the password is wrong"}});
            return json(*writer, 200, {{"token", "secret-token"}, {"user", {{"id", "u1"}, {"name", "Ada"}, {"email", "ada@example.org"}, {"role", "admin"}}}});
        }
        if (auth == "builtin" && request.headers.get("authorization") != "Bearer secret-token") return json(*writer, 401, {{"error", "no"}});
        if (path == "/v1/api/profile") return json(*writer, 200, {{"id", "u1"}, {"name", "Ada"}, {"email", "ada@example.org"}});
        if (path == "/v1/api/templates") {
            return json(*writer, 200, {{"templates", {{{"id", "core/deployment"}, {"displayName", "Deployment"},
                                                       {"parameters", {{{"name", "replicas"}, {"type", "number"}, {"default", 2}, {"min", 0}}}}}}}});
        }
        if (path == "/v1/api/workflows") return json(*writer, 200, {{"workflows", {{{"id", "w1"}, {"name", "Shop"}, {"run_count", 0}}}}});
        if (path == "/v1/api/workflows/w1" && request.method == "GET") {
            return writer->respond({200, {{"content-type", "application/json"}, {"etag", etag()}}, document.dump()});
        }
        if (path == "/v1/api/workflows/w1" && request.method == "PUT") {
            if (request.headers.get("if-match") != etag()) return json(*writer, 412, {{"error", "changed elsewhere"}});
            const auto body = wire::parse_json(request.body);
            document["nodes"] = (*body)["nodes"];
            document["edges"] = (*body)["edges"];
            document["name"] = (*body)["name"];
            ++revision;
            return writer->respond({200, {{"content-type", "application/json"}, {"etag", etag()}}, document.dump()});
        }
        if (path == "/v1/api/workflows/w1/run") {
            runs_saw_image = document["nodes"][1]["data"]["image"].get<std::string>();
            return json(*writer, 200, {{"message", "ok"}, {"run_id", "r1"}});
        }
        if (path.ends_with("/status/stream")) {
            writer->start({200, {{"content-type", "text/event-stream"}}});
            status = std::move(writer);
            return;
        }
        if (path.ends_with("/pods")) return json(*writer, 200, {{"pods", pods}});
        if (path.ends_with("/events")) return json(*writer, 200, {{"events", {{{"id", "e1"}, {"type", "Warning"}, {"reason", "BackOff"}, {"object", "Pod/web-0"}, {"count", 3}}}}});
        if (path.ends_with("/logs/stream")) {
            writer->start({200, {{"content-type", "text/event-stream"}}});
            logs = std::move(writer);
            return;
        }
        json(*writer, 404, {{"error", "no such route"}});
    }
    static void json(net::ResponseWriter& writer, int code, const Json& body) { writer.respond({code, {{"content-type", "application/json"}}, body.dump()}); }
    std::string etag() const { return "\"" + std::to_string(revision) + "\""; }
    void node_update(const std::string& id, const Json& value) {
        status->write("event:node_update\ndata:" + Json{{"type", "node_update"}, {"data", {{"node_id", id}, {"type", "deployment"}, {"status", value}}}}.dump() + "\n\n");
    }
    int count(const std::string& entry) const { return static_cast<int>(std::count(log.begin(), log.end(), entry)); }

    std::string auth = "none";
    bool down = false;
    int revision = 1;
    Json document = {{"id", "w1"}, {"name", "Shop"}, {"status", "published"},
                     {"nodes", {{{"id", "svc"}, {"type", "service"}, {"position", {{"x", 0}, {"y", 0}}}, {"data", {{"name", "svc"}}}},
                                {{"id", "web"}, {"type", "deployment"}, {"position", {{"x", 300}, {"y", 0}}}, {"data", {{"name", "web"}, {"image", "nginx:bad"}}}}}},
                     {"edges", Json::array()}};
    Json pods = Json::array();
    std::string runs_saw_image;
    std::shared_ptr<net::ResponseWriter> status;
    std::shared_ptr<net::ResponseWriter> logs;
    std::vector<std::string> log;
};

struct Tab {
    explicit Tab(Backend& backend, state::MemoryStorage& storage, base::testing::VirtualScheduler& scheduler)
        : client(scheduler, backend), app({client, scheduler, random, storage}, {.backend_label = "gateway"}) {
        app.on_change([this](TopicSet t) { topics |= t; });
        app.start();
    }
    base::testing::SeededRandom random{5};
    net::LoopbackClient client;
    TopicSet topics = 0;
    App app;
};

struct Fixture {
    base::testing::VirtualScheduler time;
    Backend backend;
    state::MemoryStorage storage;
    std::unique_ptr<Tab> tab;
    App& start() {
        tab = std::make_unique<Tab>(backend, storage, time);
        time.advance(500);
        return tab->app;
    }
    NodeState state_of(const std::string& id) const { return tab->app.graph().status(tab->app.graph().find_node(id)).state; }
};

Json with_image(const App& app, const std::string& image) {
    Json data = app.graph().node(app.graph().find_node("web")).data;
    data["image"] = image;
    return data;
}

}  // namespace

TEST_CASE("a first visit opens the first workflow and streams its status") {
    Fixture f;
    App& app = f.start();
    CHECK(app.session().phase == SessionPhase::signed_in);
    CHECK(app.session().cluster_name == "demo");
    REQUIRE(app.workflow().phase == LoadPhase::ready);
    CHECK(app.workflow().name == "Shop");
    CHECK(app.graph().node_count() == 2);
    CHECK(app.node_type("deployment")->parameters.size() == 1);
    REQUIRE(f.backend.status);
    f.tab->topics = 0;
    f.backend.node_update("web", {{"state", "running"}, {"replicas", 2}, {"readyReplicas", 1}});
    f.time.advance(10);
    CHECK(f.state_of("web") == NodeState::running);
    CHECK((f.tab->topics & kTopicCanvas) != 0);
    CHECK(app.pending_requests() == 0);
}

TEST_CASE("a failing node makes a problem and a toast, its recovery another toast") {
    Fixture f;
    App& app = f.start();
    f.backend.node_update("web", {{"state", "pending"}});
    f.backend.node_update("web", {{"state", "error"}, {"message", "ImagePullBackOff: no such tag"}});
    f.time.advance(10);
    REQUIRE(app.problems().size() == 1);
    CHECK(app.problems()[0].message == "ImagePullBackOff: no such tag");
    CHECK(app.workflow().nodes_failed == 1);
    REQUIRE(app.toasts().size() == 1);
    CHECK(app.toasts()[0].title == "web failed");
    f.backend.node_update("web", {{"state", "healthy"}});
    f.time.advance(10);
    CHECK(app.problems().empty());
    CHECK(app.toasts().back().kind == ToastKind::success);
    f.time.advance(60'000);
    CHECK(app.toasts().empty());
}

TEST_CASE("an edit is saved after two seconds of rest, with the revision it was made on") {
    Fixture f;
    App& app = f.start();
    REQUIRE(app.edit(SetNodeData{"web", with_image(app, "nginx:1")}));
    f.time.advance(1500);
    REQUIRE(app.edit(SetNodeData{"web", with_image(app, "nginx:2")}));
    f.time.advance(1500);
    CHECK(f.backend.count("PUT /v1/api/workflows/w1") == 0);
    CHECK(app.workflow().save == SavePhase::unsaved);
    f.time.advance(1000);
    CHECK(f.backend.count("PUT /v1/api/workflows/w1") == 1);
    CHECK(app.workflow().save == SavePhase::saved);
    CHECK(app.workflow().saved_at_ms > 0);
    CHECK(f.time.unix_ms() - app.workflow().saved_at_ms <= 500);
    CHECK(f.backend.document["nodes"][1]["data"]["image"] == "nginx:2");
    CHECK(f.backend.count("POST /v1/api/workflows/w1/run") == 0);  // autosave never touches the cluster
}

TEST_CASE("Run saves first, so what runs is what is drawn") {
    Fixture f;
    App& app = f.start();
    REQUIRE(app.edit(SetNodeData{"web", with_image(app, "nginx:1.27")}));
    app.run();
    CHECK(app.workflow().run == RunPhase::saving);
    f.time.advance(200);
    CHECK(app.workflow().run == RunPhase::idle);
    CHECK(f.backend.runs_saw_image == "nginx:1.27");
    CHECK(app.workflow().run_count == 1);
}

TEST_CASE("a version saved elsewhere is never overwritten") {
    Fixture f;
    App& app = f.start();
    f.backend.revision = 9;
    REQUIRE(app.edit(SetNodeData{"web", with_image(app, "mine")}));
    f.time.advance(3000);
    CHECK(app.workflow().save == SavePhase::conflict);
    CHECK(app.conflict().open);
    CHECK(app.workflow().save_error.code == base::ErrorCode::conflict);
    CHECK(f.backend.document["nodes"][1]["data"]["image"] == "nginx:bad");
    app.run();
    f.time.advance(1000);
    CHECK(f.backend.runs_saw_image.empty());  // nothing runs that was not saved
}

TEST_CASE("edits that the backend never got survive a reload") {
    Fixture f;
    App& first = f.start();
    REQUIRE(first.edit(SetNodeData{"web", with_image(first, "kept")}));
    f.backend.down = true;
    f.time.advance(10'000);
    CHECK(first.workflow().save == SavePhase::failed);
    first.flush_storage(true);
    f.tab.reset();
    f.backend.down = false;
    App& second = f.start();
    REQUIRE(second.workflow().phase == LoadPhase::ready);
    CHECK(second.graph().node(second.graph().find_node("web")).data["image"] == "kept");
    f.time.advance(3000);
    CHECK(f.backend.document["nodes"][1]["data"]["image"] == "kept");
}

TEST_CASE("panels, selection, viewport and theme survive a reload") {
    Fixture f;
    App& first = f.start();
    first.select_nodes({"web"});
    first.set_viewport({10, 20, 0.5F});
    first.set_panel_sizes({400, 300});
    first.set_theme(ThemeChoice::light);
    first.set_dock_tab("events");
    first.flush_storage(true);
    f.tab.reset();
    App& second = f.start();
    CHECK(second.canvas().selected_nodes == std::set<std::string>{"web"});
    CHECK(second.canvas().viewport == Viewport{10, 20, 0.5F});
    CHECK(second.panels() == PanelState{400, 300});
    CHECK(second.ui().theme == ThemeChoice::light);
    CHECK(second.ui().dock_tab == "events");
}

TEST_CASE("selecting a node follows the log of its best pod, and a reconnect doubles no line") {
    Fixture f;
    f.backend.pods = {{{"id", "p0"}, {"name", "web-0"}, {"phase", "Pending"}, {"reason", "ImagePullBackOff"}}, {{"id", "p1"}, {"name", "web-1"}, {"phase", "Running"}, {"ready", true}}};
    App& app = f.start();
    app.select_nodes({"web"});
    f.time.advance(100);
    REQUIRE(f.backend.logs);
    CHECK(app.log_panel().pod_name == "web-1");
    f.backend.logs->write("event:log\ndata:2026-01-01T00:00:01Z one\n\nevent:log\ndata:2026-01-01T00:00:02Z two\n\n");
    f.time.advance(10);
    REQUIRE(app.log().size() == 2);
    CHECK(app.log().line(1).message == "two");
    f.backend.logs->abort();
    f.backend.logs.reset();
    f.time.advance(5000);
    REQUIRE(f.backend.logs);
    f.backend.logs->write("event:log\ndata:2026-01-01T00:00:02Z two\n\nevent:log\ndata:2026-01-01T00:00:03Z three\n\n");
    f.time.advance(10);
    REQUIRE(app.log().size() == 3);
    CHECK(app.log().line(2).message == "three");
    CHECK(app.events().events.at(0).reason == "BackOff");
}

TEST_CASE("a pod that cannot start says why in place of a log") {
    Fixture f;
    f.backend.pods = {{{"id", "p0"}, {"name", "web-0"}, {"phase", "Pending"}, {"reason", "ImagePullBackOff"}}};
    App& app = f.start();
    app.select_nodes({"web"});
    f.time.advance(100);
    CHECK_FALSE(f.backend.logs);
    CHECK(app.log_panel().empty_reason == "The container has not started: ImagePullBackOff");
    app.select_nodes({"svc"});
    f.backend.pods = Json::array();
    f.time.advance(100);
    CHECK(app.log_panel().empty_reason == "A Service has no pods of its own, so there is no log");
}

TEST_CASE("a backend that goes away and returns is said and healed without the user") {
    Fixture f;
    App& app = f.start();
    f.backend.down = true;
    f.backend.status->abort();
    f.backend.status.reset();
    f.time.advance(10);
    CHECK_FALSE(app.connection().online);
    CHECK(app.connection().problem == "The gateway does not answer");
    CHECK(app.connection().retry_at_ms > f.time.monotonic_ms());
    CHECK(app.graph().node_count() == 2);  // what was there stays
    f.time.advance(20'000);
    f.backend.down = false;
    f.time.advance(31'000);
    CHECK(app.connection().online);
    CHECK(f.backend.status);
}

TEST_CASE("a backend that is down at the start is tried again") {
    Fixture f;
    f.backend.down = true;
    App& app = f.start();
    CHECK_FALSE(app.connection().online);
    CHECK(app.session().phase == SessionPhase::starting);
    f.time.advance(10'000);
    f.backend.down = false;
    f.time.advance(31'000);
    CHECK(app.workflow().phase == LoadPhase::ready);
    CHECK(app.connection().online);
}

TEST_CASE("signing in and out leaves nothing behind") {
    Fixture f;
    f.backend.auth = "builtin";
    App& app = f.start();
    CHECK(app.session().phase == SessionPhase::signed_out);
    CHECK(app.session().signup_enabled);
    app.login("ada@example.org", "wrong");
    f.time.advance(100);
    CHECK(app.session().form_error == "The e-mail address or the password is wrong");
    app.login("ada@example.org", "right horse");
    f.time.advance(500);
    REQUIRE(app.session().phase == SessionPhase::signed_in);
    CHECK(app.auth().user->name == "Ada");
    CHECK(app.workflow().phase == LoadPhase::ready);
    app.select_nodes({"web"});
    app.set_panel_sizes({500, 200});
    app.flush_storage(true);
    REQUIRE(f.storage.get("auth-storage").value().value().find("secret-token") != std::string::npos);
    app.logout();
    f.time.advance(500);
    CHECK(app.session().phase == SessionPhase::signed_out);
    CHECK(app.graph().node_count() == 0);
    CHECK(app.panels() == PanelState{});
    const auto keys = f.storage.keys().value();
    for (const std::string& key : keys) {
        const std::string value = f.storage.get(key).value().value();
        CHECK(value.find("secret-token") == std::string::npos);
        CHECK(value.find("ada@example.org") == std::string::npos);
        CHECK(value.find("web") == std::string::npos);
    }
    CHECK(f.backend.status->closed());
}

TEST_CASE("a stored session that the backend no longer knows asks for a password") {
    Fixture f;
    f.backend.auth = "builtin";
    App& app = f.start();
    app.login("ada@example.org", "right horse");
    f.time.advance(500);
    REQUIRE(app.session().phase == SessionPhase::signed_in);
    app.flush_storage(true);
    f.tab.reset();
    // The stored token is no longer good: the next visit asks for a password.
    auto stored = f.storage.get("auth-storage").value().value();
    const auto at = stored.find("secret-token");
    stored.replace(at, 12, "expired-toke");
    REQUIRE(f.storage.set("auth-storage", stored));
    App& again = f.start();
    f.time.advance(1000);
    CHECK(again.session().phase == SessionPhase::signed_out);
    CHECK(again.auth().token.empty());
}

TEST_CASE("a refused edit is a toast and changes nothing") {
    Fixture f;
    App& app = f.start();
    CHECK_FALSE(app.edit(AddEdge{{"e", "web", "svc", "", ""}}));
    CHECK(app.toasts().back().text == "Connect from the Service to the Deployment, not the other way");
    CHECK(app.workflow().save == SavePhase::saved);
    const std::string id = app.add_node("deployment", {0, 200});
    CHECK(app.graph().node(app.graph().find_node(id)).data["replicas"] == 2);
    CHECK(app.canvas().selected_nodes == std::set<std::string>{id});
    app.delete_selection();
    CHECK(app.graph().node_count() == 2);
    CHECK(app.canvas().selected_nodes.empty());
}

TEST_CASE("toasts wait while they are hovered and while nobody can see them") {
    Fixture f;
    App& app = f.start();
    app.show_toast(ToastKind::info, "Hello", "");
    app.pause_toasts(true);
    f.time.advance(60'000);
    CHECK(app.toasts().size() == 1);
    app.pause_toasts(false);
    app.set_visible(false);
    f.time.advance(60'000);
    CHECK(app.toasts().size() == 1);
    app.set_visible(true);
    f.time.advance(10'000);
    CHECK(app.toasts().empty());
}

TEST_CASE("the bench graph has as many nodes and edges as asked for and talks to nobody") {
    Fixture f;
    App& app = f.start();
    const auto requests = f.backend.log.size();
    app.load_bench_graph(1000);
    f.time.advance(10'000);
    CHECK(app.graph().node_count() == 1000);
    CHECK(app.graph().edge_count() == 999);
    CHECK(app.graph().node(app.graph().find_node("n33")).position == Vec2{240, 110});
    CHECK(f.backend.log.size() == requests);
}

TEST_CASE("a link opens its workflow and selects its nodes, and the address follows") {
    Backend backend;
    state::MemoryStorage storage;
    base::testing::VirtualScheduler scheduler;
    {
        Tab tab(backend, storage, scheduler);
        tab.app.go(read_route("workflow=w1&select=web,gone"));
        CHECK(write_route(tab.app.route(), "embed=1") == "embed=1&workflow=w1&select=gone%2Cweb");  // untouched until it is open
        tab.app.start();
        scheduler.advance(100);
        CHECK(tab.app.workflow().id == "w1");
        CHECK(tab.app.canvas().selected_nodes == std::set<std::string>{"web"});
        CHECK(write_route(tab.app.route(), "") == "workflow=w1&select=web");

        // Back to an address without a selection.
        tab.app.go(read_route("workflow=w1"));
        CHECK(tab.app.canvas().selected_nodes.empty());
        tab.app.go(read_route("view=settings&workflow=w1&select=svc"));
        CHECK(tab.app.ui().rail == "settings");
        CHECK(tab.app.canvas().selected_nodes == std::set<std::string>{"svc"});
    }
    // A link only reads: nothing but GETs went out.
    CHECK(std::all_of(backend.log.begin(), backend.log.end(), [](const std::string& entry) { return entry.starts_with("GET "); }));
}

TEST_CASE("a link to a workflow that is gone says so, and one that makes no sense is told in a toast") {
    Backend backend;
    state::MemoryStorage storage;
    base::testing::VirtualScheduler scheduler;
    Tab tab(backend, storage, scheduler);
    tab.app.go(read_route("workflow=w9&view=admin"));
    tab.app.start();
    scheduler.advance(100);
    CHECK(tab.app.workflow().id == "w9");
    CHECK(tab.app.workflow().phase == LoadPhase::failed);
    REQUIRE(tab.app.toasts().size() == 1);
    CHECK(tab.app.toasts()[0].text == "The link's view was left out: there is no such page");
}

TEST_CASE("how it looks follows another tab, where one is does not, and the tabs do not answer each other [X3]") {
    Backend backend;
    state::MemoryStorage storage;
    base::testing::VirtualScheduler scheduler;
    Tab a(backend, storage, scheduler);
    Tab b(backend, storage, scheduler);
    scheduler.advance(100);
    a.app.set_theme(ThemeChoice::light);
    a.app.set_rail("settings");
    a.app.flush_storage();
    // The browser tells the other tabs of each key that was written.
    for (const char* key : {"binnacle-ui", "binnacle-view"}) b.app.storage_changed(key);
    CHECK(b.app.ui().theme == ThemeChoice::light);
    CHECK(b.app.ui().rail == "workflows");
    const auto before = storage.get("binnacle-ui");
    b.app.flush_storage();
    CHECK(*storage.get("binnacle-ui") == *before);
}
