// Two tabs of one browser on one backend: edits travel, undo keeps off them, conflicts are decided, and nobody writes in circles.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <map>
#include <memory>

#include "base/testing/virtual_scheduler.hpp"
#include "base/testing/virtual_tabs.hpp"
#include "model/app.hpp"
#include "model/tab_sync.hpp"
#include "net/loopback.hpp"
#include "state/storage.hpp"
#include "wire/json_reader.hpp"

using namespace model;

namespace {

// Stores workflows with revisions, as the hub does. No cluster behind it: anything else is counted.
class Store final : public net::HttpHandler {
public:
    struct Entry {
        Json document;
        int revision = 1;
    };
    Store() {
        entries["w1"].document = Json::parse(R"({"id":"w1","name":"Shop","nodes":[
            {"id":"svc","type":"service","position":{"x":0,"y":0},"data":{"name":"svc"}},
            {"id":"web","type":"deployment","position":{"x":300,"y":0},"data":{"name":"web","image":"nginx:1"}},
            {"id":"db","type":"statefulset","position":{"x":600,"y":0},"data":{"name":"db","image":"postgres"}}],
            "edges":[{"id":"e","source":"svc","target":"web"}]})");
    }
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        const std::string path = request.target.substr(0, request.target.find('?'));
        if (path == "/v1/api/health") return json(*writer, 200, {{"status", "ok"}, {"product", "binnacle"}, {"auth", "none"}, {"cluster", "demo"}});
        if (down) return writer->abort();
        if (path == "/v1/api/profile") return json(*writer, 200, {{"id", "u"}, {"name", "Ada"}, {"email", "a@b"}});
        if (path == "/v1/api/templates") return json(*writer, 200, {{"templates", Json::array()}});
        if (path == "/v1/api/workflows") {
            Json list = Json::array();
            for (const auto& [id, entry] : entries) list.push_back({{"id", id}, {"name", entry.document["name"]}});
            return json(*writer, 200, {{"workflows", list}});
        }
        if (path.ends_with("/status/stream")) {
            writer->start({200, {{"content-type", "text/event-stream"}}});
            streams.push_back(std::move(writer));
            return;
        }
        if (path.ends_with("/pods")) return json(*writer, 200, {{"pods", Json::array()}});
        if (path.ends_with("/events")) return json(*writer, 200, {{"events", Json::array()}});
        if (path.ends_with("/run")) {
            ++runs;
            return json(*writer, 200, {{"run_id", "r1"}});
        }
        if (path.ends_with("/status") && request.method == "PUT") return json(*writer, 200, Json::object());
        if (path == "/v1/api/workflows/w1/clone") {
            Entry copy = entries["w1"];
            copy.document["id"] = "w2";
            copy.document["name"] = (*wire::parse_json(request.body))["name"];
            entries["w2"] = copy;
            return json(*writer, 201, {{"id", "w2"}});
        }
        const auto found = entries.find(path.substr(path.rfind('/') + 1));
        if (found == entries.end()) return json(*writer, 404, {{"error", "There is no such workflow"}});
        Entry& entry = found->second;
        if (request.method == "GET") ++reads;
        if (request.method == "PUT") {
            ++saves;
            const auto match = request.headers.get("if-match");
            if (etags && !match.empty() && match != etag(entry)) {
                ++refused;
                return json(*writer, 412, {{"error", "The workflow was changed elsewhere."}});
            }
            const auto body = wire::parse_json(request.body);
            for (const char* member : {"name", "nodes", "edges"}) entry.document[member] = (*body)[member];
            ++entry.revision;
        }
        net::Headers headers{{"content-type", "application/json"}};
        if (etags) headers.set("etag", etag(entry));
        writer->respond({200, headers, entry.document.dump()});
    }
    static void json(net::ResponseWriter& writer, int code, const Json& body) { writer.respond({code, {{"content-type", "application/json"}}, body.dump()}); }
    static std::string etag(const Entry& entry) { return "\"" + std::to_string(entry.revision) + "\""; }
    [[nodiscard]] Json data(const std::string& node) {
        for (const Json& each : entries["w1"].document["nodes"]) {
            if (each["id"] == node) return each["data"];
        }
        return nullptr;
    }

    std::map<std::string, Entry> entries;
    std::vector<std::shared_ptr<net::ResponseWriter>> streams;
    bool etags = true;
    bool down = false;
    int saves = 0, reads = 0, refused = 0, runs = 0;
};

struct World {
    base::testing::VirtualScheduler time;
    base::testing::VirtualBrowser browser{time};
    Store store;

    struct Tab {
        Tab(World& world, std::uint64_t seed)
            : random(seed), tab(world.browser.open_tab()), channel(tab->channel(std::string(TabSync::kChannelName))), client(world.time, world.store),
              app({client, world.time, random, storage, channel.get(), tab.get()}, {.backend_label = "gateway"}) {
            app.start();
            world.time.advance(500);
        }
        base::testing::SeededRandom random;
        std::unique_ptr<base::testing::VirtualBrowser::Tab> tab;
        std::unique_ptr<base::TabChannel> channel;
        state::MemoryStorage storage;
        net::LoopbackClient client;
        App app;
    };
    std::unique_ptr<Tab> open(std::uint64_t seed = 1) { return std::make_unique<Tab>(*this, seed); }
};

Json with(const App& app, const std::string& node, const std::string& member, const std::string& value) {
    Json data = app.graph().node(app.graph().find_node(node)).data;
    data[member] = value;
    return data;
}
void set(App& app, const std::string& node, const std::string& member, const std::string& value) {
    REQUIRE(app.edit(SetNodeData{node, with(app, node, member, value)}));
}
std::string image(const App& app, const std::string& node = "web") { return app.graph().node(app.graph().find_node(node)).data["image"].get<std::string>(); }
std::string text_of(const App& app) { return app.workflow().name + app.graph().nodes_to_json().dump() + app.graph().edges_to_json().dump(); }
std::string text_of(const Json& document) { return document["name"].get<std::string>() + document["nodes"].dump() + document["edges"].dump(); }

}  // namespace

TEST_CASE("an edit saved in one tab shows in the other without reading it again [X5]") {
    World w;
    const auto a = w.open(1);
    const auto b = w.open(2);
    const int reads = w.store.reads;
    set(a->app, "web", "image", "nginx:2");
    a->app.rename_workflow("Store");
    w.time.advance(2'200);
    CHECK(image(b->app) == "nginx:2");
    CHECK(b->app.workflow().name == "Store");
    CHECK(b->app.workflow().save == SavePhase::saved);
    CHECK_FALSE(b->app.has_unsaved());
    CHECK(w.store.reads == reads);
    // And back, on the revision that the message told.
    set(b->app, "db", "image", "postgres:17");
    w.time.advance(2'200);
    CHECK(image(a->app, "db") == "postgres:17");
    CHECK(w.store.refused == 0);
    CHECK(w.store.runs == 0);  // storing never touches the cluster
}

TEST_CASE("undo in one tab leaves alone what the other tab did [H10]") {
    World w;
    const auto a = w.open(1);
    const auto b = w.open(2);
    set(a->app, "web", "image", "mine");
    w.time.advance(2'200);
    set(b->app, "web", "image", "theirs");
    set(b->app, "db", "image", "theirs too");
    w.time.advance(2'200);
    CHECK_FALSE(a->app.can_undo());
    a->app.undo();
    CHECK(image(a->app) == "theirs");
    CHECK(b->app.can_undo());
    b->app.undo(2);
    w.time.advance(2'200);
    CHECK(image(a->app) == "mine");
    CHECK(image(a->app, "db") == "postgres");
}

TEST_CASE("a dirty tab is told of the other version, with both sides [A5]") {
    World w;
    const auto a = w.open(1);
    const auto b = w.open(2);
    set(a->app, "web", "image", "from a");
    w.time.advance(1'500);
    set(b->app, "web", "image", "from b");
    REQUIRE(b->app.add_node("job", {0, 300}) != "");
    w.time.advance(700);
    REQUIRE(b->app.workflow().save == SavePhase::conflict);
    REQUIRE(b->app.conflict().open);
    const GraphDiff& diff = b->app.conflict().diff;
    REQUIRE(diff.nodes.size() == 2);
    CHECK(diff.nodes[0].fields == std::vector<FieldDiff>{{"image", "from b", "from a"}});
    CHECK(diff.nodes[1].kind == DiffKind::only_left);
    CHECK(w.store.data("web")["image"] == "from a");
    const int saves = w.store.saves;
    w.time.advance(60'000);
    CHECK(w.store.saves == saves);

    SECTION("keep mine") {
        b->app.resolve_conflict(ConflictChoice::keep_mine);
        w.time.advance(500);
        CHECK(b->app.workflow().save == SavePhase::saved);
        CHECK(w.store.data("web")["image"] == "from b");
        CHECK(text_of(a->app) == text_of(b->app));  // the clean tab follows
        CHECK(w.store.refused == 0);
    }
    SECTION("take theirs, and undo brings mine back") {
        const std::string mine = image(b->app);
        b->app.resolve_conflict(ConflictChoice::take_theirs);
        w.time.advance(500);
        CHECK(b->app.workflow().save == SavePhase::saved);
        CHECK(image(b->app) == "from a");
        CHECK(text_of(b->app) == text_of(w.store.entries["w1"].document));
        CHECK(b->app.undo_title() == "Undo taking the other version");
        b->app.undo();
        CHECK(image(b->app) == mine);
        CHECK(b->app.graph().node_count() == 4);
        w.time.advance(3'000);
        CHECK(text_of(a->app) == text_of(b->app));
    }
    SECTION("save mine as a copy") {
        b->app.resolve_conflict(ConflictChoice::save_copy);
        w.time.advance(1'000);
        CHECK(b->app.workflow().id == "w2");
        CHECK(b->app.workflow().name == "Shop (my copy)");
        CHECK(image(b->app) == "from b");
        CHECK(b->app.workflow().save == SavePhase::saved);
        CHECK(w.store.data("web")["image"] == "from a");
        CHECK(a->app.workflow().id == "w1");
    }
    SECTION("later, and a still newer version is met") {
        b->app.postpone_conflict();
        CHECK_FALSE(b->app.conflict().open);
        set(a->app, "web", "image", "newer");
        w.time.advance(2'500);
        b->app.open_conflict();
        CHECK(b->app.conflict().diff.nodes[0].fields[0].right == "newer");
        b->app.resolve_conflict(ConflictChoice::keep_mine);
        w.time.advance(500);
        CHECK(w.store.data("web")["image"] == "from b");
    }
}

TEST_CASE("both tabs doing the same is no conflict [A5]") {
    World w;
    const auto a = w.open(1);
    const auto b = w.open(2);
    set(a->app, "web", "image", "same");
    w.time.advance(1'500);
    set(b->app, "web", "image", "same");
    w.time.advance(5'000);
    CHECK(b->app.workflow().save == SavePhase::saved);
    CHECK_FALSE(b->app.conflict().known);
    CHECK(w.store.saves == 1);
}

TEST_CASE("a message older than what is known is ignored, and so is nonsense [X5 X7]") {
    World w;
    const auto a = w.open(1);
    const auto stranger = w.browser.open_tab();
    const auto channel = stranger->channel(std::string(TabSync::kChannelName));
    set(a->app, "web", "image", "kept");
    w.time.advance(2'500);
    const int reads = w.store.reads;
    for (const char* text : {R"({"v":1,"kind":"workflow","backend":"","id":"w1","base":"\"1\"","etag":"\"2\"","changes":[{"op":"data","id":"web","data":{"image":"stale"}}]})",
                             R"({"v":1,"kind":"workflow","backend":"","id":"w1","base":"\"0\"","etag":"\"1\""})", R"({"v":1,"kind":"workflow","backend":"","id":7})",
                             R"({"v":1,"kind":"workflow","backend":"","id":"w1"})", R"({"v":1,"kind":"workflow","backend":"","id":"other","etag":"\"99\""})"}) {
        REQUIRE(channel->post(text));
    }
    w.time.advance(1'000);
    CHECK(image(a->app) == "kept");
    CHECK(w.store.reads == reads);
    // Records that do not fit make the tab read what is stored.
    REQUIRE(channel->post(R"({"v":1,"kind":"workflow","backend":"","id":"w1","base":"\"2\"","etag":"\"3\"","changes":[{"op":"remove","nodes":["ghost"]}]})"));
    w.time.advance(1'000);
    CHECK(w.store.reads == reads + 1);
    CHECK(image(a->app) == "kept");
}

TEST_CASE("a tab that was frozen reads what it missed when it is seen again [X1]") {
    World w;
    const auto a = w.open(1);
    const auto b = w.open(2);
    b->app.set_visible(false);
    b->tab->freeze(true);
    set(a->app, "web", "image", "missed");
    w.time.advance(5'000);
    CHECK(image(b->app) == "nginx:1");
    b->tab->freeze(false);
    b->app.set_visible(true);
    w.time.advance(500);
    CHECK(image(b->app) == "missed");
    CHECK_FALSE(b->app.has_unsaved());
}

TEST_CASE("a workflow deleted in another tab is closed, unless it has edits [X1]") {
    World w;
    const auto a = w.open(1);
    const auto stranger = w.browser.open_tab();
    const auto channel = stranger->channel(std::string(TabSync::kChannelName));
    set(a->app, "web", "image", "edited");
    REQUIRE(channel->post(R"({"v":1,"kind":"workflow","backend":"","id":"w1","deleted":true})"));
    w.time.advance(100);
    CHECK(a->app.workflow().id == "w1");
    CHECK(image(a->app) == "edited");
}

TEST_CASE("without a revision header the stored document is compared before every save [A5]") {
    World w;
    w.store.etags = false;
    const auto a = w.open(1);
    set(a->app, "web", "image", "one");
    w.time.advance(3'000);
    CHECK(w.store.data("web")["image"] == "one");
    w.store.entries["w1"].document["nodes"][2]["data"]["image"] = "elsewhere";
    set(a->app, "web", "image", "two");
    w.time.advance(3'000);
    CHECK(a->app.workflow().save == SavePhase::conflict);
    CHECK(w.store.data("db")["image"] == "elsewhere");
    CHECK(w.store.data("web")["image"] == "one");
}

TEST_CASE("edits made offline wait, outlive a reload and are sent when the backend is back [A6]") {
    World w;
    auto storage = std::make_unique<state::MemoryStorage>();
    base::testing::SeededRandom random{1};
    net::LoopbackClient client(w.time, w.store);
    {
        App app({client, w.time, random, *storage}, {.backend_label = "gateway"});
        app.start();
        w.time.advance(500);
        w.store.down = true;
        set(app, "web", "image", "offline");
        w.time.advance(10'000);
        CHECK(app.workflow().save == SavePhase::failed);
        app.flush_storage(true);
    }
    w.store.down = false;
    App app({client, w.time, random, *storage}, {.backend_label = "gateway"});
    app.start();
    w.time.advance(500);
    CHECK(image(app) == "offline");
    CHECK(app.has_unsaved());
    CHECK(app.undo_title() == "Undo your unsaved edits");
    w.time.advance(3'000);
    CHECK(w.store.data("web")["image"] == "offline");
    CHECK_FALSE(app.has_unsaved());
    app.flush_storage();
    CHECK(storage->get("binnacle-draft").value().value().find("offline") == std::string::npos);
}

TEST_CASE("a draft that meets a newer version is a conflict, and one that did arrive is dropped [A5 A6]") {
    World w;
    state::MemoryStorage storage;
    base::testing::SeededRandom random{1};
    net::LoopbackClient client(w.time, w.store);
    {
        App app({client, w.time, random, storage}, {.backend_label = "gateway"});
        app.start();
        w.time.advance(500);
        set(app, "web", "image", "draft");
        w.store.down = true;
        app.flush_storage(true);
    }
    w.store.down = false;
    ++w.store.entries["w1"].revision;
    SECTION("other content") {
        w.store.entries["w1"].document["nodes"][2]["data"]["image"] = "newer";
        App app({client, w.time, random, storage}, {.backend_label = "gateway"});
        app.start();
        w.time.advance(500);
        CHECK(app.workflow().save == SavePhase::conflict);
        CHECK(app.conflict().diff.nodes.size() == 2);
        CHECK(image(app) == "draft");
        app.resolve_conflict(ConflictChoice::take_theirs);
        CHECK(image(app, "db") == "newer");
        CHECK(image(app) == "nginx:1");
    }
    SECTION("the same content") {
        w.store.entries["w1"].document["nodes"][1]["data"]["image"] = "draft";
        App app({client, w.time, random, storage}, {.backend_label = "gateway"});
        app.start();
        w.time.advance(5'000);
        CHECK(app.workflow().save == SavePhase::saved);
        CHECK(w.store.saves == 0);
    }
}

TEST_CASE("any interleaving of edits in two tabs ends with both as stored, in a bounded number of messages and saves [X3]") {
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
        World w;
        const auto a = w.open(seed);
        const auto b = w.open(seed + 100);
        base::testing::SeededRandom random(seed);
        int edits = 0;
        for (int step = 0; step < 60; ++step) {
            App& app = random.below(2) ? a->app : b->app;
            const Graph& graph = app.graph();
            switch (random.below(8)) {
                case 0: app.add_node("job", {static_cast<float>(random.below(500)), 0}); break;
                case 1:
                    if (graph.node_count() > 2) {
                        for (NodeIndex i = static_cast<NodeIndex>(random.below(graph.node_slots())); i < graph.node_slots(); ++i) {
                            if (!graph.node_alive(i)) continue;
                            app.select_nodes({graph.node(i).id});
                            app.delete_selection();
                            break;
                        }
                    }
                    break;
                case 2: app.undo(static_cast<int>(random.below(3))); break;
                case 3: app.redo(static_cast<int>(random.below(3))); break;
                case 4: app.rename_workflow("name " + std::to_string(random.below(5))); break;
                default:
                    for (NodeIndex i = static_cast<NodeIndex>(random.below(graph.node_slots())); i < graph.node_slots(); ++i) {
                        if (!graph.node_alive(i)) continue;
                        if (random.below(2)) (void)app.edit(MoveNodes{{{graph.node(i).id, {static_cast<float>(random.below(400)), static_cast<float>(random.below(400))}}}});
                        else set(app, graph.node(i).id, "image", "v" + std::to_string(random.below(9)));
                        break;
                    }
            }
            ++edits;
            w.time.advance(static_cast<std::int64_t>(random.below(3'000)));
            for (App* each : {&a->app, &b->app}) {
                if (each->conflict().open && random.below(2)) each->resolve_conflict(random.below(2) ? ConflictChoice::keep_mine : ConflictChoice::take_theirs);
            }
        }
        for (int round = 0; round < 8; ++round) {
            w.time.advance(15'000);
            for (App* each : {&a->app, &b->app}) {
                if (each->workflow().save == SavePhase::conflict) {
                    each->open_conflict();
                    each->resolve_conflict(ConflictChoice::keep_mine);
                }
            }
        }
        INFO("seed " << seed);
        const std::string stored = text_of(w.store.entries["w1"].document);
        CHECK(text_of(a->app) == stored);
        CHECK(text_of(b->app) == stored);
        CHECK_FALSE(a->app.has_unsaved());
        CHECK_FALSE(b->app.has_unsaved());
        // One save for each edit at most, with those that were refused; one message for each that was stored.
        CHECK(w.store.saves <= 2 * edits);
        CHECK(w.browser.messages() <= static_cast<std::uint64_t>(w.store.saves));
        const auto messages = w.browser.messages();
        const int saves = w.store.saves;
        w.time.advance(600'000);
        CHECK(w.browser.messages() == messages);
        CHECK(w.store.saves == saves);
    }
}
