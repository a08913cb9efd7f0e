// The cluster store against a scripted backend, in virtual time.
#include "model/clusters.hpp"

#include <catch2/catch_test_macros.hpp>

#include <deque>

#include "base/testing/virtual_scheduler.hpp"
#include "model/cluster_form.hpp"
#include "model/query_keys.hpp"
#include "net/loopback.hpp"
#include "state/storage.hpp"

using namespace model;

namespace {

class FakeApi final : public net::HttpHandler {
public:
    struct Asked {
        std::string what;  // "GET /clusters"
        Json body;
    };
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        const std::string what = request.method + " " + request.target.substr(std::string_view("/v1/api").size());
        auto body = base::parse_json(request.body);
        asked.push_back({what, body ? std::move(*body) : Json()});
        if (held.contains(what)) {
            waiting.emplace_back(what, std::move(writer));
            return;
        }
        answer(what, *writer);
    }
    void answer(const std::string& what, net::ResponseWriter& writer) {
        const auto found = answers.find(what);
        if (found == answers.end()) return writer.respond({404, {}, R"({"error":"not here"})"});
        writer.respond({found->second.first, {{"content-type", "application/json"}}, base::dump_json(found->second.second)});
    }
    void release() {
        held.clear();
        for (auto& [what, writer] : std::exchange(waiting, {})) answer(what, *writer);
    }
    [[nodiscard]] int count(std::string_view what) const {
        int found = 0;
        for (const Asked& entry : asked) found += entry.what == what ? 1 : 0;
        return found;
    }
    std::map<std::string, std::pair<int, Json>> answers;
    std::set<std::string> held;
    std::deque<std::pair<std::string, std::shared_ptr<net::ResponseWriter>>> waiting;
    std::vector<Asked> asked;
};

class NoSession final : public net::Session {
public:
    std::string token() const override { return {}; }
    bool token_expired() const override { return false; }
    void renewed(const Json&) override {}
    void ended() override {}
};

Json cluster(const std::string& name, const std::string& status = "connected", bool stale = false) {
    return {{"id", "id-" + name}, {"name", name}, {"displayName", name + " area"}, {"server", "https://" + name}, {"authType", "token"}, {"status", status},
            {"default", name == "demo"}, {"builtin", name == "demo"}, {"canChange", name != "demo"}, {"isStale", stale}, {"lastCheck", "2026-01-01T00:00:00.000Z"},
            {"metadata", {{"version", "v1.34.1"}, {"nodeCount", 3}, {"cpuCapacity", 12.0}, {"capabilities", Json::array({"Jobs"})}}}};
}

struct Rig {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{1};
    FakeApi backend;
    net::LoopbackClient http{time, backend};
    NoSession session;
    net::ApiClient api{http, time, "/v1/api", session};
    state::QueryClient queries{time};
    state::MemoryStorage storage;
    std::unique_ptr<state::PersistHub> persist = std::make_unique<state::PersistHub>(storage);
    std::vector<std::string> toasts;
    int changes = 0;
    net::SharedStreams streams{http, time, random};
    std::unique_ptr<ModelContext> context;
    std::unique_ptr<Clusters> clusters;

    Rig() {
        backend.answers["GET /clusters"] = {200, {{"clusters", Json::array({cluster("demo"), cluster("staging")})}, {"default", "id-demo"}}};
        keys::register_defaults(queries);
        start();
    }
    void start() {
        clusters.reset();
        queries.clear();
        persist = std::make_unique<state::PersistHub>(storage);
        context = std::make_unique<ModelContext>(ModelContext{.api = api, .queries = queries, .scheduler = time, .random = random, .persist = *persist, .streams = streams,
                                                              .changed = [this](TopicSet) { ++changes; },
                                                              .toast = [this](ToastKind, std::string title, std::string) { toasts.push_back(std::move(title)); }});
        clusters = std::make_unique<Clusters>(*context);
    }
    void load() {
        (void)clusters->seen();
        time.run_ready();
    }
};

}  // namespace

TEST_CASE("clusters are loaded once a view shows them, with their status") {
    Rig rig;
    CHECK(rig.clusters->state().phase == LoadPhase::idle);
    (void)rig.clusters->seen();
    CHECK(rig.clusters->state().phase == LoadPhase::loading);
    (void)rig.clusters->seen();
    rig.time.run_ready();
    CHECK(rig.backend.count("GET /clusters") == 1);
    const ClustersState& state = rig.clusters->state();
    REQUIRE(state.clusters.size() == 2);
    CHECK(state.clusters[1].display_name == "staging area");
    CHECK(state.clusters[1].node_count == 3);
    CHECK(state.default_id == "id-demo");
    CHECK(rig.clusters->default_cluster()->name == "demo");
    CHECK(rig.clusters->status("staging").health == ClusterHealth::connected);
    CHECK(rig.clusters->display_name("elsewhere") == "elsewhere");
}

TEST_CASE("what is stale is asked again, a few at a time") {
    Rig rig;
    Json list = Json::array();
    for (int i = 0; i < 10; ++i) {
        const std::string name = "c" + std::to_string(i);
        list.push_back(cluster(name, "unknown", true));
        rig.backend.answers["GET /clusters/" + name + "/status"] = {200, {{"status", "disconnected"}, {"message", "gone"}, {"hint", "look"}, {"isStale", false}, {"lastCheck", "x"}}};
        rig.backend.held.insert("GET /clusters/" + name + "/status");
    }
    rig.backend.answers["GET /clusters"] = {200, {{"clusters", list}, {"default", ""}}};
    rig.load();
    CHECK(rig.clusters->state().checking.size() == Clusters::kParallelChecks);
    rig.backend.release();
    rig.time.run_ready();
    CHECK(rig.clusters->state().checking.empty());
    CHECK(rig.clusters->status("c9").health == ClusterHealth::disconnected);
    CHECK(rig.clusters->status("c9").message == "gone");
    CHECK_FALSE(rig.clusters->status("c9").stale);
}

TEST_CASE("a list that cannot be loaded is an error; one that cannot be loaded again stays, marked") {
    Rig rig;
    rig.backend.answers["GET /clusters"] = {500, {{"error", "broken"}}};
    rig.load();
    CHECK(rig.clusters->state().phase == LoadPhase::failed);
    CHECK(rig.clusters->state().error.message == "broken");
    rig.backend.answers["GET /clusters"] = {200, {{"clusters", Json::array({cluster("demo")})}, {"default", "id-demo"}}};
    rig.clusters->reload();
    rig.time.run_ready();
    CHECK(rig.clusters->state().phase == LoadPhase::ready);
    rig.backend.answers["GET /clusters"] = {500, {{"error", "broken"}}};
    const std::int64_t due_ms = rig.clusters->seen();
    CHECK(due_ms == keys::clusters::kListStaleMs);
    rig.time.advance(due_ms);
    rig.load();
    CHECK(rig.clusters->state().phase == LoadPhase::failed);
    CHECK(rig.clusters->state().clusters.size() == 1);
    CHECK(rig.clusters->status("demo").stale);
}

TEST_CASE("the query cache owns the list: what an action answers is patched into it, and what it is told is shown") {
    Rig rig;
    rig.load();
    const auto cached = [&](const char* name) {
        for (const state::SharedJson& item : rig.queries.get_data(keys::clusters::list())->member("clusters").items()) {
            if (item.string_or("name", "") == name) return item;
        }
        return state::SharedJson();
    };
    Json changed = cluster("staging");
    changed["displayName"] = "Staging, new";
    rig.backend.answers["PUT /clusters/staging"] = {200, {{"cluster", changed}}};
    rig.clusters->change("staging", "Staging, new", "");
    rig.time.run_ready();
    CHECK(cached("staging").string_or("displayName", "") == "Staging, new");
    CHECK(rig.clusters->display_name("staging") == "Staging, new");
    const std::int64_t loaded_at_ms = rig.clusters->state().loaded_at_ms;
    rig.time.advance(5'000);
    rig.backend.answers["POST /clusters/staging/test"] = {503, {{"error", "no answer"}}};
    rig.backend.answers["GET /clusters/staging/status?cached=true"] = {200, {{"status", "disconnected"}, {"message", "no answer"}, {"isStale", false}}};
    rig.clusters->test("staging");
    rig.time.run_ready();
    CHECK(cached("staging").string_or("status", "") == "disconnected");
    CHECK(rig.clusters->state().loaded_at_ms == loaded_at_ms);  // a patch makes the list no younger
    CHECK(rig.backend.count("GET /clusters") == 1);
    // Somebody else, another tab say, invalidates it.
    rig.backend.answers["GET /clusters"] = {200, {{"clusters", Json::array({cluster("demo")})}, {"default", "id-demo"}}};
    rig.queries.invalidate(keys::clusters::all());
    rig.time.run_ready();
    CHECK(rig.clusters->state().clusters.size() == 1);
}

TEST_CASE("a list that cannot be loaded is tried again by itself, and at once when somebody asks") {
    Rig rig;
    rig.backend.answers["GET /clusters"] = {503, {{"error", "broken"}}};
    rig.load();
    CHECK(rig.clusters->state().phase == LoadPhase::failed);
    rig.clusters->reload();  // not after the pause of a second
    CHECK(rig.clusters->state().phase == LoadPhase::loading);
    rig.time.run_ready();
    CHECK(rig.backend.count("GET /clusters") == 2);
    CHECK(rig.clusters->state().phase == LoadPhase::failed);  // told again, though it says the same
    rig.backend.answers["GET /clusters"] = {200, {{"clusters", Json::array({cluster("demo")})}, {"default", "id-demo"}}};
    rig.time.advance(1'000);
    CHECK(rig.backend.count("GET /clusters") == 3);
    CHECK(rig.clusters->state().phase == LoadPhase::ready);
}

TEST_CASE("selectedCluster and defaultClusterId outlive a reload; a cluster that is gone is no longer chosen") {
    Rig rig;
    rig.load();
    rig.clusters->select("staging");
    CHECK(rig.clusters->for_new_workflow() == "staging");
    rig.persist->flush();
    const auto text = rig.storage.get("binnacle-cluster");
    REQUIRE(text.has_value());
    REQUIRE(text->has_value());
    const auto envelope = state::read_envelope(**text, 1);
    CHECK(envelope->state == Json{{"selectedCluster", "staging"}, {"defaultClusterId", "id-demo"}});
    rig.start();
    CHECK(rig.clusters->state().selected == "staging");
    CHECK(rig.clusters->state().default_id == "id-demo");
    CHECK(rig.clusters->for_new_workflow().empty());  // not before it is known to be there
    rig.backend.answers["GET /clusters"] = {200, {{"clusters", Json::array({cluster("demo")})}, {"default", "id-demo"}}};
    rig.load();
    CHECK(rig.clusters->state().selected.empty());
}

TEST_CASE("the selected cluster's metrics and log are loaded, and those of another do not get in") {
    Rig rig;
    rig.load();
    rig.backend.answers["GET /clusters/staging/metrics"] = {200, {{"resources", {{"cpu", {{"used", 3.0}, {"capacity", 12.0}, {"percentage", 25.0}}}}}, {"source", "metrics"}, {"podCount", 7},
                                                                  {"health", Json::array({{{"name", "Nodes"}, {"status", "healthy"}, {"message", "3 of 3 ready"}}})}}};
    rig.backend.answers["GET /clusters/staging/logs?limit=50"] = {200, {{"logs", Json::array({{{"timestamp", "t"}, {"level", "info"}, {"message", "Connected"}}})}}};
    rig.backend.held.insert("GET /clusters/demo/metrics");
    rig.clusters->select("demo");
    rig.time.run_ready();
    rig.clusters->select("staging");
    rig.time.run_ready();
    rig.backend.release();
    rig.time.run_ready();
    const ClusterDetails& details = rig.clusters->state().details;
    CHECK(details.name == "staging");
    CHECK(details.metrics_phase == LoadPhase::ready);
    CHECK(details.cpu == ClusterUsage{3, 12, 25});
    CHECK(details.measured);
    CHECK(details.pod_count == 7);
    REQUIRE(details.log.size() == 1);
    CHECK(details.log[0].message == "Connected");
}

TEST_CASE("an action that fails says so at its cluster until the next one") {
    Rig rig;
    rig.load();
    rig.backend.answers["POST /clusters/staging/test"] = {503, {{"error", "no answer"}, {"details", Json::array({"check the address"})}}};
    rig.backend.answers["GET /clusters/staging/status?cached=true"] = {200, {{"status", "disconnected"}, {"message", "no answer"}, {"isStale", false}}};
    rig.clusters->test("staging");
    rig.clusters->test("staging");
    CHECK(rig.clusters->state().busy.at("staging") == ClusterAction::test);
    rig.time.run_ready();
    CHECK(rig.backend.count("POST /clusters/staging/test") == 1);
    CHECK(rig.clusters->state().busy.empty());
    CHECK(rig.clusters->state().problem_of == "staging");
    CHECK(rig.clusters->state().problem.message == "no answer");
    CHECK(rig.clusters->state().problem.hint == "check the address");
    CHECK(rig.clusters->status("staging").health == ClusterHealth::disconnected);
    rig.backend.answers["POST /clusters/staging/test"] = {200, {{"status", "connected"}}};
    rig.clusters->test("staging");
    rig.time.run_ready();
    CHECK(rig.clusters->state().problem_of.empty());
    CHECK(rig.toasts.back() == "The cluster answers");
}

TEST_CASE("the default moves, and deleting asks for force when workflows have objects there") {
    Rig rig;
    rig.load();
    Json chosen = cluster("staging");
    chosen["default"] = true;
    rig.backend.answers["PUT /clusters/staging/default"] = {200, {{"cluster", chosen}}};
    rig.clusters->make_default("staging");
    rig.time.run_ready();
    CHECK(rig.clusters->default_cluster()->name == "staging");
    CHECK_FALSE(rig.clusters->find("demo")->is_default);
    CHECK(rig.clusters->state().default_id == "id-staging");
    rig.clusters->select("staging");
    rig.backend.answers["DELETE /clusters/staging"] = {409, {{"error", "1 workflow has objects"}, {"details", Json::array({"shop"})}}};
    rig.clusters->remove("staging", false);
    rig.time.run_ready();
    CHECK(rig.clusters->state().delete_blocked_by == std::vector<std::string>{"shop"});
    CHECK(rig.clusters->find("staging"));
    rig.backend.answers["DELETE /clusters/staging?force=true"] = {200, Json::object()};
    rig.backend.answers["GET /clusters"] = {200, {{"clusters", Json::array({cluster("demo")})}, {"default", "id-demo"}}};
    rig.clusters->remove("staging", true);
    rig.time.run_ready();
    CHECK_FALSE(rig.clusters->find("staging"));
    CHECK(rig.clusters->state().selected.empty());
    CHECK(rig.clusters->default_cluster()->name == "demo");
}

TEST_CASE("a cluster is added by the form: contexts are offered, refusals land at their fields") {
    Rig rig;
    rig.load();
    rig.clusters->begin_add();
    state::Form& form = *rig.clusters->form();
    rig.clusters->submit();
    CHECK(form.error("kubeconfig") == "Paste a kubeconfig");
    CHECK(form.error("name") == "Enter a name");
    rig.backend.answers["POST /clusters/kubeconfig"] = {200, {{"current", "b"}, {"contexts", Json::array({{{"name", "a"}, {"server", "https://a"}}, {{"name", "b"}, {"server", "https://b"}}})}}};
    form.set("kubeconfig", "kind: Config");
    rig.clusters->kubeconfig_changed();
    rig.time.advance(Clusters::kInspectDelayMs - 1);
    CHECK(rig.backend.count("POST /clusters/kubeconfig") == 0);
    rig.time.advance(1);
    REQUIRE(rig.clusters->form_state().contexts.size() == 2);
    CHECK(form.text("context") == "b");
    CHECK(form.text("name") == "b");
    CHECK(form.take_focus_path() == "kubeconfig");  // of the refused submit, not taken yet
    rig.backend.answers["POST /clusters"] = {400, {{"error", "x"}, {"details", Json::array({"credentials.kubeconfig: names no current context; contexts: a, b", "name: there is one already"})}}};
    rig.clusters->submit();
    rig.time.run_ready();
    CHECK(form.error("kubeconfig") == "Names no current context; contexts: a, b");
    CHECK(form.error("name") == "There is one already");
    form.set("kubeconfig", "kind: Config #2");
    form.set("name", "new");
    rig.backend.answers["POST /clusters"] = {503, {{"error", "It does not answer."}, {"details", Json::array({"Check the address"})}}};
    rig.clusters->submit();
    rig.time.run_ready();
    CHECK(form.form_error() == "It does not answer. Check the address");
    CHECK(rig.clusters->form_state().may_skip_test);
    rig.backend.answers["POST /clusters"] = {201, {{"cluster", cluster("new", "unknown")}}};
    rig.clusters->submit(true);
    rig.time.run_ready();
    const auto sent = std::find_if(rig.backend.asked.rbegin(), rig.backend.asked.rend(), [](const FakeApi::Asked& entry) { return entry.what == "POST /clusters"; });
    REQUIRE(sent != rig.backend.asked.rend());
    CHECK(sent->body == Json{{"name", "new"}, {"authType", "kubeconfig"}, {"verify", false}, {"credentials", {{"kubeconfig", "kind: Config #2"}, {"context", "b"}}}});
    CHECK_FALSE(rig.clusters->form_state().open);
    CHECK(rig.clusters->form() == nullptr);
    CHECK(rig.toasts.back() == "Cluster added");
}

TEST_CASE("each way of signing in has its own rules, and secrets of another way are not sent") {
    const auto form = make_cluster_form(nullptr);
    form->set("name", "Bad Name");
    form->set("method", "token");
    form->set("kubeconfig", "left over");
    form->set("server", "10.0.0.1");
    CHECK_FALSE(form->submit([](Json) {}));
    CHECK(form->error("name") == "Lower case letters, digits and '-', at most 63");
    CHECK(form->error("server") == "An address looks like https://10.0.0.1:6443");
    CHECK(form->error("token") == "Paste a token");
    form->set("name", "good");
    form->set("server", "https://10.0.0.1:6443");
    form->set("token", "t");
    Json body;
    CHECK(form->submit([&](const Json& values) { body = cluster_body(values); }));
    CHECK(body == Json{{"name", "good"}, {"server", "https://10.0.0.1:6443"}, {"authType", "token"}, {"credentials", {{"token", "t"}, {"insecure", false}}}});
    CHECK(name_from_context("arn:aws:eks:eu:1:cluster/Prod_EU") == "prod-eu");
    CHECK(name_from_context("kind-staging") == "kind-staging");
    CHECK(name_from_context("***").empty());
}

TEST_CASE("signing out empties the store, the storage and the form, and no late answer fills them again") {
    Rig rig;
    rig.load();
    rig.clusters->select("staging");
    rig.clusters->begin_add();
    rig.backend.held.insert("GET /clusters");
    rig.clusters->reload();
    rig.time.run_ready();
    rig.clusters->clear();
    rig.backend.release();
    rig.time.run_ready();
    CHECK(rig.clusters->state() == ClustersState{});
    CHECK(rig.clusters->form() == nullptr);
    rig.persist->flush();
    const auto text = rig.storage.get("binnacle-cluster");
    REQUIRE(text.has_value());
    CHECK(text->value_or("").find("staging") == std::string::npos);
}
