// The Resources page's model against a scripted backend and a feed that the test drives, in virtual time.
#include "model/resources.hpp"

#include <catch2/catch_test_macros.hpp>

#include <deque>

#include "base/testing/virtual_scheduler.hpp"
#include "base/url.hpp"
#include "model/clusters.hpp"
#include "net/loopback.hpp"
#include "state/storage.hpp"

using namespace model;

namespace {

const std::string kDeployments = "apis/apps/v1/deployments";

class Backend final : public net::HttpHandler {
public:
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        const std::string path = request.target.substr(0, request.target.find('?'));
        asked.push_back(request.method + " " + request.target);
        accepted.emplace_back(request.headers.get("accept"));
        bodies.push_back(request.body);
        const auto found = answers.find(path);
        if (found == answers.end()) return writer->respond({404, {}, R"({"error":"no such route"})"});
        writer->respond({found->second.first, {{"content-type", "application/json"}}, base::dump_json(found->second.second)});
    }
    [[nodiscard]] int count(std::string_view part) const {
        int found = 0;
        for (const std::string& entry : asked) found += entry.find(part) != std::string::npos ? 1 : 0;
        return found;
    }
    std::map<std::string, std::pair<int, Json>> answers;  // by path, without query
    std::vector<std::string> asked, accepted, bodies;
};

class NoSession final : public net::Session {
public:
    std::string token() const override { return {}; }
    bool token_expired() const override { return false; }
    void renewed(const Json&) override {}
    void ended() override {}
};

// Gives each subscription into the test's hand.
class FakeFeed final : public ResourceFeed {
public:
    struct Watch {
        net::WatchSpec spec;
        net::WatchCallbacks callbacks;
    };
    net::WatchSubscription subscribe(const net::WatchSpec& spec, net::WatchCallbacks callbacks) override {
        class Place final : public net::WatchSubscription::Impl {
        public:
            Place(FakeFeed& feed, std::shared_ptr<Watch> watch) : feed_(feed), watch_(std::move(watch)) {}
            ~Place() override { std::erase(feed_.watches, watch_); }

        private:
            FakeFeed& feed_;
            std::shared_ptr<Watch> watch_;
        };
        auto watch = std::make_shared<Watch>(Watch{spec, std::move(callbacks)});
        watches.push_back(watch);
        return net::WatchSubscription(std::make_unique<Place>(*this, watch));
    }
    void wake() override { ++woken; }
    [[nodiscard]] std::shared_ptr<Watch> of(std::string_view type) const {
        for (const auto& watch : watches) {
            if (watch->spec.resource_type == type) return watch;
        }
        return nullptr;
    }
    std::vector<std::shared_ptr<Watch>> watches;
    int woken = 0;
};

net::WatchedPtr object(const std::string& name, const std::string& version = "1", Json more = Json::object(), const std::string& ns = "default", const std::string& uid = {}) {
    auto out = std::make_shared<net::WatchedObject>();
    out->ns = ns;
    out->name = name;
    out->uid = uid.empty() ? "uid-" + ns + "-" + name : uid;
    out->resource_version = version;
    more["metadata"]["name"] = name;
    more["metadata"]["namespace"] = ns;
    more["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z";
    more["metadata"]["managedFields"] = Json::array({Json::object()});
    out->text = base::dump_json(more);
    return out;
}

Json replicas(int ready, int wanted) { return {{"spec", {{"replicas", wanted}}}, {"status", {{"readyReplicas", ready}}}}; }

Json table(const std::vector<std::pair<std::string, std::string>>& rows, const std::string& token = {}) {
    Json json = Json::parse(R"({"kind":"Table","metadata":{},"columnDefinitions":[{"name":"Name","type":"string","priority":0},{"name":"Ready","type":"string","priority":0},
        {"name":"Up-to-date","type":"integer","priority":0},{"name":"Age","type":"string","priority":0},{"name":"Images","type":"string","priority":1}],"rows":[]})");
    if (!token.empty()) json["metadata"]["continue"] = token;
    for (const auto& [name, ready] : rows) {
        json["rows"].push_back({{"cells", {name, ready, 2, "5m", "nginx"}}, {"object", {{"metadata", {{"name", name}, {"namespace", "default"}, {"resourceVersion", "1"}}}}}});
    }
    return json;
}

struct Rig {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{1};
    Backend backend;
    net::LoopbackClient http{time, backend};
    NoSession session;
    net::ApiClient api{http, time, "/v1/api", session};
    state::QueryClient queries{time};
    state::MemoryStorage storage;
    state::PersistHub persist{storage};
    std::vector<std::string> toasts;
    TopicSet topics = 0;
    net::SharedStreams streams{http, time, random};
    ModelContext context{.api = api, .queries = queries, .scheduler = time, .random = random, .persist = persist, .streams = streams, .changed = [this](TopicSet t) { topics |= t; },
                         .toast = [this](ToastKind, std::string title, std::string text) { toasts.push_back(title + (text.empty() ? "" : " | " + text)); }};
    Clusters clusters{context};
    BrowsePreferences browse{context};
    FakeFeed feed;
    Resources resources{context, browse, clusters, feed};

    Rig() {
        backend.answers["/api/proxy/apis"] = {200, Json::parse(R"({"groups":[{"preferredVersion":{"groupVersion":"apps/v1"}},{"preferredVersion":{"groupVersion":"broken.example.com/v1"}}]})")};
        backend.answers["/api/proxy/api/v1"] = {200, Json::parse(R"({"groupVersion":"v1","resources":[{"name":"pods","kind":"Pod","namespaced":true,"verbs":["list","watch","delete"]},
            {"name":"nodes","kind":"Node","namespaced":false,"verbs":["list","watch"]},{"name":"events","kind":"Event","namespaced":true,"verbs":["list","watch"]}]})")};
        backend.answers["/api/proxy/apis/apps/v1"] = {200, Json::parse(R"({"groupVersion":"apps/v1","resources":[{"name":"deployments","kind":"Deployment","namespaced":true,"verbs":["list","watch","delete"]},
            {"name":"deployments/scale","kind":"Scale","verbs":["patch"]},{"name":"replicasets","kind":"ReplicaSet","namespaced":true,"verbs":["list","watch","delete"]}]})")};
        backend.answers["/api/proxy/apis/apps/v1/deployments"] = {200, table({{"web", "2/2"}, {"api", "1/2"}})};
    }
    void open() {
        resources.set_open(true);
        time.run_ready();
    }
    void sync(std::vector<net::WatchedPtr> objects, const std::string& type = kDeployments) {
        net::WatchedObjects all;
        for (auto& one : objects) all[one->key()] = one;
        const auto watch = feed.of(type);
        REQUIRE(watch);
        watch->callbacks.on_synced(all, true);
        time.run_ready();
    }
    void tell(net::WatchChange change, const net::WatchedPtr& one) {
        feed.of(kDeployments)->callbacks.on_event(change, one);
        time.run_ready();
    }
    // Open, with two deployments.
    void ready() {
        open();
        sync({object("web", "1", replicas(2, 2)), object("api", "1", replicas(1, 2))});
    }
    [[nodiscard]] std::string names() const {
        std::string out;
        for (std::size_t i = 0; i < resources.rows().shown_size(); ++i) out += (i ? " " : "") + resources.rows().shown(i).name;
        return out;
    }
};

}  // namespace

TEST_CASE("opening the page reads the kinds and watches the list that was shown last") {
    Rig rig;
    CHECK(rig.feed.watches.empty());
    rig.open();
    CHECK(rig.resources.state().kinds_phase == LoadPhase::ready);
    REQUIRE(rig.resources.state().kinds.size() == 5);
    CHECK(rig.resources.state().kinds.front().type == kDeployments);
    CHECK(rig.resources.state().groups_failed == 1);  // the broken group costs nothing else
    CHECK(rig.resources.kind()->can_scale);
    REQUIRE(rig.feed.of(kDeployments));
    CHECK(rig.feed.of("api/v1/namespaces"));
    CHECK(rig.resources.state().phase == LoadPhase::loading);
    rig.sync({object("web", "1", replicas(2, 2))});
    CHECK(rig.resources.state().phase == LoadPhase::ready);
    CHECK(rig.resources.state().live);
    CHECK(rig.names() == "web");
    CHECK(rig.resources.rows().shown(0).status.word == "2/2 ready");
    CHECK((rig.topics & kTopicPages) != 0);
}

TEST_CASE("closed, nothing is watched or asked for; open again the choice is the same") {
    Rig rig;
    rig.ready();
    rig.resources.show("api/v1/pods");
    rig.time.run_ready();
    rig.resources.set_open(false);
    CHECK(rig.feed.watches.empty());
    CHECK(rig.resources.rows().size() == 0);
    rig.backend.asked.clear();
    rig.time.advance(60'000);
    CHECK(rig.backend.asked.empty());
    rig.open();
    CHECK(rig.feed.of("api/v1/pods"));
    CHECK(rig.browse.resources().filters.type == "api/v1/pods");
}

TEST_CASE("the columns and cells are the server's table, without what we know better ourselves") {
    Rig rig;
    rig.ready();
    REQUIRE(rig.resources.state().columns.size() == 3);
    CHECK(rig.resources.state().columns[0].name == "Ready");
    CHECK(rig.resources.state().columns[1].number);
    CHECK(rig.resources.state().columns[2].wide);
    CHECK(rig.resources.rows().find("default/web")->cells[1] == "2/2");
    CHECK(rig.resources.rows().find("default/web")->cells[2] == "2");
    CHECK(rig.backend.count("as=Table") == 0);
    bool asked_as_table = false;
    for (const std::string& accept : rig.backend.accepted) asked_as_table = asked_as_table || accept.find("as=Table") != std::string::npos;
    CHECK(asked_as_table);
    CHECK(rig.backend.count("/deployments?limit=500&includeObject=Metadata") == 1);  // once, although it came before the rows
}

TEST_CASE("cells of changed rows are asked for a moment later: few one by one, many as one table") {
    Rig rig;
    rig.ready();
    rig.backend.answers["/api/proxy/apis/apps/v1/namespaces/default/deployments/web"] = {200, [] {
        Json one = table({{"web", "3/3"}});
        one["rows"][0]["object"]["metadata"]["resourceVersion"] = "2";
        return one;
    }()};
    rig.backend.asked.clear();
    rig.tell(net::WatchChange::modified, object("web", "2", replicas(3, 3)));
    CHECK(rig.resources.rows().find("default/web")->status.word == "3/3 ready");
    CHECK(rig.resources.rows().find("default/web")->cells[1] == "2/2");  // the old ones stand
    CHECK(rig.backend.asked.empty());
    rig.time.advance(Resources::kCellsDelayMs + 10);
    CHECK(rig.resources.rows().find("default/web")->cells[1] == "3/3");
    CHECK(rig.backend.asked.size() == 1);
    rig.backend.asked.clear();
    for (int i = 0; i < 10; ++i) rig.tell(net::WatchChange::added, object("new-" + std::to_string(i), "5"));
    rig.time.advance(Resources::kCellsDelayMs + 10);
    CHECK(rig.backend.count("limit=500") == 1);
    CHECK(rig.backend.asked.size() == 1);
}

TEST_CASE("a long list's table comes page by page, and later only what is on screen is asked for") {
    Rig rig;
    rig.backend.answers["/api/proxy/apis/apps/v1/deployments"] = {200, table({{"web", "2/2"}}, "more")};
    rig.open();
    std::vector<net::WatchedPtr> many;
    for (int i = 0; i < 2'000; ++i) many.push_back(object("d-" + std::to_string(i)));
    rig.sync(many);
    CHECK(rig.backend.count("continue=more") > 10);  // this server never ends; we do
    CHECK(rig.backend.count("continue=more") <= 200);
    rig.time.advance(1'000);
    rig.backend.asked.clear();
    rig.resources.set_visible(100, 130);
    rig.time.advance(Resources::kCellsDelayMs + 10);
    CHECK(rig.backend.asked.size() == Resources::kVisibleCells);
    CHECK(rig.backend.count("/deployments/d-100?") == 1);
}

TEST_CASE("fifty thousand objects become rows a few at a time") {
    Rig rig;
    rig.open();
    net::WatchedObjects all;
    for (int i = 0; i < 50'000; ++i) {
        auto one = object("d-" + std::to_string(i), "1", replicas(1, 1));
        all[one->key()] = one;
    }
    rig.feed.of(kDeployments)->callbacks.on_synced(all, true);
    CHECK(rig.resources.rows().size() == 0);  // nothing of it in the callback itself
    std::size_t before = 0;
    int tasks = 0;
    while (rig.resources.rows().size() < 50'000 && ++tasks < 1'000) {
        before = rig.resources.rows().size();
        if (rig.time.run_ready(1) == 0) break;
        REQUIRE(rig.resources.rows().size() - before <= Resources::kSliceObjects);
    }
    CHECK(rig.resources.rows().size() == 50'000);
    // A burst of changes of one object is one.
    const auto work = rig.resources.rows().work().examined;
    for (int i = 2; i < 100; ++i) rig.feed.of(kDeployments)->callbacks.on_event(net::WatchChange::modified, object("d-7", std::to_string(i)));
    rig.time.run_ready();
    CHECK(rig.resources.rows().work().examined - work == 1);
    CHECK(rig.resources.rows().find("default/d-7")->version == "99");
}

TEST_CASE("the selection stays with its object, and an object that goes leaves its last state") {
    Rig rig;
    rig.ready();
    rig.resources.select("default/web");
    REQUIRE(rig.resources.object());
    CHECK(rig.resources.status().word == "2/2 ready");
    CHECK(rig.resources.yaml_text().find("managedFields") == std::string::npos);
    CHECK(rig.resources.yaml()[0] == "metadata:");
    rig.tell(net::WatchChange::added, object("aaa", "3"));
    CHECK(rig.resources.rows().index_of("default/web") == 2);
    CHECK(rig.resources.state().selected == "default/web");
    rig.tell(net::WatchChange::modified, object("web", "4", replicas(0, 2)));
    CHECK(rig.resources.status().word == "0/2 ready");
    CHECK(rig.resources.yaml_text().find("readyReplicas: 0") != std::string::npos);
    rig.tell(net::WatchChange::deleted, object("web", "5"));
    CHECK(rig.resources.state().gone);
    CHECK(rig.resources.object());
    CHECK_FALSE(rig.resources.can(ResourceAction::remove));
    // Made anew under the same name it is another object.
    rig.tell(net::WatchChange::added, object("web", "6", replicas(1, 1), "default", "another"));
    CHECK(rig.resources.state().gone);
    rig.resources.select("default/web");
    CHECK_FALSE(rig.resources.state().gone);
    CHECK(rig.resources.state().selected_uid == "another");
}

TEST_CASE("the events of the selected object are watched by its uid, newest first") {
    Rig rig;
    rig.ready();
    rig.resources.select("default/web");
    const auto watch = rig.feed.of("api/v1/events");
    REQUIRE(watch);
    CHECK(watch->spec.field_selector == "involvedObject.uid=uid-default-web");
    CHECK(watch->spec.ns == "default");
    rig.sync({object("e1", "1", {{"reason", "Old"}, {"lastTimestamp", "2026-01-01T00:00:00Z"}}), object("e2", "1", {{"reason", "New"}, {"type", "Warning"}, {"count", 3}, {"lastTimestamp", "2026-01-01T00:05:00Z"}, {"source", {{"component", "kubelet"}}}})}, "api/v1/events");
    REQUIRE(rig.resources.events().size() == 2);
    CHECK(rig.resources.events()[0] == ResourceEvent{.type = "Warning", .reason = "New", .message = "", .from = "kubelet", .last_ms = 1767225900000, .count = 3});
    rig.resources.clear_selection();
    CHECK(rig.feed.of("api/v1/events") == nullptr);
    CHECK(rig.resources.events().empty());
}

TEST_CASE("a list that may not be seen says so; one that was lost stays, marked with when it was true") {
    Rig rig;
    rig.open();
    rig.feed.of(kDeployments)->callbacks.on_state({.phase = net::WatchPhase::stopped, .synced = false, .error = {base::ErrorCode::forbidden, "deployments.apps is forbidden", ""}});
    CHECK(rig.resources.state().phase == LoadPhase::failed);
    CHECK(rig.resources.state().error.code == base::ErrorCode::forbidden);
    rig.resources.reload();
    CHECK(rig.feed.woken == 1);
    rig.time.run_ready();
    rig.sync({object("web")});
    CHECK(rig.resources.state().phase == LoadPhase::ready);
    rig.feed.of(kDeployments)->callbacks.on_state({.phase = net::WatchPhase::retrying, .synced = true, .error = {base::ErrorCode::unavailable, "The gateway does not answer", ""}});
    CHECK(rig.resources.state().phase == LoadPhase::ready);
    CHECK_FALSE(rig.resources.state().live);
    CHECK(rig.resources.state().live_until_ms == rig.time.unix_ms());
    CHECK(rig.names() == "web");
    rig.feed.of(kDeployments)->callbacks.on_state({.phase = net::WatchPhase::live, .synced = true, .error = {}});
    CHECK(rig.resources.state().live);
    CHECK(rig.resources.state().error == base::Error{});
}

TEST_CASE("what may not be seen any more is not shown any more") {
    Rig rig;
    rig.ready();
    rig.feed.of(kDeployments)->callbacks.on_state({.phase = net::WatchPhase::stopped, .synced = true, .error = {base::ErrorCode::forbidden, "no longer shared", ""}});
    CHECK(rig.resources.state().phase == LoadPhase::failed);
    CHECK(rig.resources.rows().size() == 0);
}

TEST_CASE("without its kinds the page says why, and Retry reads them") {
    Rig rig;
    rig.backend.answers["/api/proxy/apis"] = {503, {{"error", "no cluster"}}};
    rig.open();
    CHECK(rig.resources.state().kinds_phase == LoadPhase::failed);
    CHECK(rig.resources.state().phase == LoadPhase::failed);
    CHECK(rig.resources.state().error.message == "no cluster");
    rig.backend.answers["/api/proxy/apis"] = {200, {{"groups", Json::array()}}};
    rig.resources.reload();
    rig.time.run_ready();
    CHECK(rig.resources.state().kinds_phase == LoadPhase::ready);
    CHECK(rig.feed.of(kDeployments));
}

TEST_CASE("namespace and labels are the server's to filter, words are ours; all are kept") {
    Rig rig;
    rig.ready();
    rig.resources.set_namespace("default");
    REQUIRE(rig.feed.of(kDeployments));
    CHECK(rig.feed.of(kDeployments)->spec.ns == "default");
    rig.resources.set_labels("  app=web ");
    CHECK(rig.feed.of(kDeployments)->spec.label_selector == "app=web");
    rig.sync({object("web"), object("api")});
    const auto watch = rig.feed.of(kDeployments);
    rig.resources.set_search("we");
    CHECK(rig.feed.of(kDeployments) == watch);  // nothing new is asked for
    CHECK(rig.names() == "web");
    rig.resources.set_sort({.by = ResourceSort::By::age, .descending = true});
    CHECK(rig.browse.resources().sort == "age");
    CHECK(rig.browse.resources().filters.labels == "app=web");
    // Nodes are in no namespace.
    rig.resources.set_labels("");
    rig.resources.show("api/v1/nodes");
    CHECK(rig.feed.of("api/v1/nodes")->spec.ns.empty());
    CHECK(rig.resources.filters().ns == "default");
}

TEST_CASE("a selector that is wrong is said at its field and asks nothing") {
    Rig rig;
    rig.ready();
    rig.resources.set_labels("a\x01");
    CHECK(rig.resources.state().labels_problem == "Use labels like app=web,tier!=cache");
    CHECK(rig.feed.of(kDeployments) == nullptr);
    rig.resources.set_labels("a=(");
    REQUIRE(rig.feed.of(kDeployments));
    rig.feed.of(kDeployments)->callbacks.on_state({.phase = net::WatchPhase::stopped, .synced = false, .error = {base::ErrorCode::invalid_argument, "unable to parse requirement", ""}});
    CHECK(rig.resources.state().labels_problem == "unable to parse requirement");
    rig.resources.set_labels("");
    CHECK(rig.resources.state().labels_problem.empty());
}

TEST_CASE("actions name the object by its path and uid, and say what came of them") {
    Rig rig;
    rig.ready();
    CHECK_FALSE(rig.resources.can(ResourceAction::remove));
    rig.resources.select("default/web");
    CHECK(rig.resources.loss_words() == "Deployment web is deleted with its pods.");
    rig.backend.answers["/v1/api/objects/scale"] = {200, {{"replicas", 5}}};
    rig.resources.scale(5);
    CHECK(rig.resources.state().busy.at("default/web") == ResourceAction::scale);
    CHECK_FALSE(rig.resources.can(ResourceAction::remove));  // one at a time
    rig.time.run_ready();
    CHECK(rig.toasts.back() == "Deployment web is scaled to 5");
    CHECK(Json::parse(rig.backend.bodies.back()) == Json{{"path", "/apis/apps/v1/namespaces/default/deployments/web"}, {"replicas", 5}});
    rig.backend.answers["/v1/api/objects/delete"] = {403, {{"error", "You may only look"}, {"details", Json::array({"Ask an admin"})}}};
    rig.resources.remove();
    rig.time.run_ready();
    CHECK(rig.toasts.back() == "Deployment web: it did not work | You may only look. Ask an admin");
    CHECK(Json::parse(rig.backend.bodies.back())["uid"] == "uid-default-web");
    rig.backend.answers["/v1/api/objects/delete"] = {200, {{"deleted", false}, {"waiting", "It waits for its finalizer x"}}};
    rig.resources.remove();
    rig.time.run_ready();
    CHECK(rig.toasts.back() == "Deployment web is deleted | It waits for its finalizer x");
    rig.resources.show("api/v1/pods");
    CHECK_FALSE(rig.resources.can(ResourceAction::restart));
}

TEST_CASE("what is lost with an object is said for its kind") {
    const auto words = [](const char* kind, const char* plural, const char* group, Json metadata) {
        metadata["name"] = "x";
        ResourceKind known;
        known.kind = kind;
        known.plural = plural;
        known.group = group;
        known.custom = std::string_view(group).find('.') != std::string_view::npos;
        return resource_loss_words(known, {{"metadata", metadata}});
    };
    CHECK(words("Namespace", "namespaces", "", {}) == "Namespace x is deleted with everything in it.");
    CHECK(words("PersistentVolumeClaim", "persistentvolumeclaims", "", {}) == "PersistentVolumeClaim x is deleted, and the data on its volume may be lost.");
    CHECK(words("Zone", "zones", "dns.example.com", {}) == "Zone x is deleted.");
    CHECK(words("Pod", "pods", "", {{"ownerReferences", Json::array({{{"kind", "ReplicaSet"}, {"name", "web-1"}}})}}) == "Pod x is deleted. It belongs to ReplicaSet web-1, which may make a new one.");
}

TEST_CASE("a link opens its list and selects its object as soon as it is there") {
    Rig rig;
    rig.resources.go({.type = kDeployments, .cluster = "", .ns = "default", .object = "default/web", .labels = "", .search = ""});
    rig.open();
    CHECK(rig.feed.of(kDeployments)->spec.ns == "default");
    CHECK(rig.resources.place().object == "default/web");  // the address keeps saying it
    rig.sync({object("web")});
    CHECK(rig.resources.state().selected == "default/web");
    CHECK(rig.resources.state().details_open);
    CHECK(rig.resources.place() == ResourcePlace{.type = kDeployments, .cluster = "", .ns = "default", .object = "default/web", .labels = "", .search = ""});
    rig.resources.open_object("apis/apps/v1/replicasets", "default", "web-1");
    REQUIRE(rig.feed.of("apis/apps/v1/replicasets"));
    rig.sync({}, "apis/apps/v1/replicasets");
    CHECK(rig.toasts.back() == "The object is not there any more | default/web-1");
}

TEST_CASE("another cluster has other kinds, namespaces and objects") {
    Rig rig;
    rig.ready();
    rig.resources.set_cluster("staging");
    rig.time.run_ready();
    CHECK(rig.backend.count("/api/proxy/apis?cluster=staging") == 1);
    CHECK(rig.feed.of(kDeployments)->spec.cluster == "staging");
    CHECK(rig.resources.rows().size() == 0);
    rig.resources.set_namespace("x");
    rig.resources.clear();
    CHECK(rig.feed.watches.empty());
    CHECK(rig.resources.state().cluster == "staging");  // preferences go with the session, not here
    CHECK(rig.resources.state().kinds.empty());
}
