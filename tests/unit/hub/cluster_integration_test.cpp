// The hub against the in-memory cluster: what a new user sees.
#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <sstream>

#include "hub_rig.hpp"
#include "kube/cluster.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

std::string sample_text() {
    std::ifstream file(std::string(BINNACLE_TEST_DATA) + "/../../assets/sample-workflows/online-shop.json");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

struct Live {
    std::shared_ptr<base::testing::VirtualScheduler> owner = std::make_shared<base::testing::VirtualScheduler>();
    base::testing::VirtualScheduler& time = *owner;
    base::testing::SeededRandom random{3};
    kube::Cluster cluster{{.scheduler = time, .random = random}, {}};
    HubRig rig{owner, cluster.api(), AuthMode::none, sample_text()};
    std::string id = text_at(rig.call("GET", "/workflows").body["workflows"][0], "id");

    std::unique_ptr<Stream> open() { return rig.open("/workflows/" + id + "/status/stream"); }
    Answer run() { return rig.call("POST", "/workflows/" + id + "/run"); }
};

// All states a node went through, and its last status.
struct History {
    std::map<std::string, std::vector<std::string>> states;
    std::map<std::string, Json> last;

    explicit History(const Stream& stream) {
        for (const Event& event : stream.events) {
            const Json json = event.json();
            if (event.type == "node_update") add(object_at(json, "data"));
            if (event.type == "workflow_sync") {
                for (const Json& entry : array_at(json, "data", "nodes")) add(entry);
            }
        }
    }
    void add(const Json& entry) {
        const std::string node = text_at(entry, "node_id");
        const std::string state = text_at(entry, "status", "state");
        if (states[node].empty() || states[node].back() != state) states[node].push_back(state);
        last[node] = object_at(entry, "status");
    }
    [[nodiscard]] std::string state(const std::string& node) const { return last.contains(node) ? text_at(last.at(node), "state") : ""; }
};

}  // namespace

TEST_CASE("the sample runs: all becomes healthy but checkout, which says why, and a fix makes it healthy") {
    Live live;
    const auto stream = live.open();
    const Answer run = live.run();
    INFO(dump_json(run.body, 2));
    REQUIRE(run.status == 200);
    live.time.advance(60'000);
    const History first(*stream);
    for (const char* node : {"deployment-storefront", "deployment-catalog", "deployment-mailer", "statefulset-orders-db", "job-migrate", "service-web", "service-catalog-api", "service-orders", "ingress-shop"}) {
        INFO(node << ": " << (first.last.contains(node) ? dump_json(first.last.at(node)) : "no status"));
        CHECK(first.state(node) == "healthy");
    }
    CHECK(first.state("configmap-shop-config") == "created");
    CHECK(first.state("secret-db-credentials") == "created");
    CHECK(first.states.at("deployment-storefront").front() == "pending");
    CHECK(number_at(first.last.at("deployment-storefront"), 0, "readyReplicas") == 3);
    CHECK(text_at(first.last.at("service-web"), "clusterIP").starts_with("10."));
    CHECK(number_at(first.last.at("service-catalog-api"), 0, "nodePort") >= 30'000);
    CHECK(first.state("deployment-checkout") == "error");
    const std::string why = text_at(first.last.at("deployment-checkout"), "message");
    INFO(why);
    CHECK((why.starts_with("ImagePullBackOff") || why.starts_with("ErrImagePull")));
    CHECK(why.find("9.9") != std::string::npos);

    Json workflow = live.rig.call("GET", "/workflows/" + live.id).body;
    for (Json& node : workflow["nodes"]) {
        if (node["id"] == "deployment-checkout") node["data"]["image"] = "registry.local/checkout:3.1";
    }
    REQUIRE(live.rig.call("PUT", "/workflows/" + live.id, {{"nodes", workflow["nodes"]}}).status == 200);
    const Answer again = live.run();
    INFO(dump_json(again.body, 2));
    REQUIRE(again.status == 200);
    CHECK(text_at(again.body, "node_states", "job-migrate", "state") == "unchanged");
    live.time.advance(90'000);
    CHECK(History(*stream).state("deployment-checkout") == "healthy");
    CHECK(stream->of_type("error").empty());
}

TEST_CASE("a pod of the sample shows its log live, and its events") {
    Live live;
    REQUIRE(live.run().status == 200);
    live.time.advance(30'000);
    const Answer pods = live.rig.call("GET", "/workflows/" + live.id + "/nodes/deployment-storefront/pods");
    REQUIRE(pods.body["pods"].size() == 3);
    const auto log = live.rig.open("/resources/" + text_at(pods.body["pods"][0], "id") + "/logs/stream");
    live.time.advance(1'000);
    const std::size_t before = log->of_type("log").size();
    live.time.advance(30'000);
    CHECK(log->of_type("log").size() > before);
    CHECK(log->of_type("log").back().data.substr(0, 5) == "2026-");
    CHECK_FALSE(live.rig.call("GET", "/workflows/" + live.id + "/nodes/deployment-storefront/events").body["events"].empty());
}

TEST_CASE("deleting the workflow empties the cluster of it") {
    Live live;
    REQUIRE(live.run().status == 200);
    live.time.advance(30'000);
    REQUIRE(live.rig.call("DELETE", "/workflows/" + live.id).status == 200);
    live.time.advance(60'000);
    for (const char* type : {"Deployment", "Service", "Pod", "ConfigMap", "Secret", "StatefulSet", "Job", "Ingress"}) {
        const Answer left = live.rig.call("GET", std::string("/resources?hideSystem=true&search=&type=") + type);
        for (const Json& row : left.body["resources"]) {
            INFO(dump_json(row));
            CHECK((text_at(row, "name") == "kubernetes" || text_at(row, "name") == "kube-root-ca.crt"));
        }
    }
}

TEST_CASE("a run's history tells when each node was applied and which states it came into, without anybody watching") {
    Live live;
    REQUIRE(live.run().status == 200);
    live.time.advance(60'000);
    const Json runs = live.rig.call("GET", "/workflows/" + live.id + "/runs").body["runs"];
    REQUIRE(runs.size() == 1);
    const auto states_of = [](const Json& run, const std::string& node) {
        std::vector<std::string> states;
        for (const Json& entry : array_at(run, "timeline")) {
            if (text_at(entry, "node_id") == node) states.push_back(text_at(entry, "state"));
        }
        return states;
    };
    const auto storefront = states_of(runs[0], "deployment-storefront");
    INFO(dump_json(array_at(runs[0], "timeline")));
    REQUIRE(storefront.size() >= 4);
    CHECK(storefront[0] == "applying");
    CHECK(storefront[1] == "applied");
    CHECK(storefront.back() == "healthy");
    CHECK(states_of(runs[0], "deployment-checkout").back() == "error");
    CHECK_FALSE(text_at(runs[0], "node_states", "deployment-checkout", "ended_at").empty());
    std::string before;
    for (const Json& entry : array_at(runs[0], "timeline")) {
        CHECK(before <= text_at(entry, "at"));
        before = text_at(entry, "at");
    }
    // What this run did not change has been so since it was applied.
    REQUIRE(live.run().status == 200);
    live.time.advance(5'000);
    const Json again = live.rig.call("GET", "/workflows/" + live.id + "/runs").body["runs"];
    REQUIRE(again.size() == 2);
    CHECK(states_of(again[0], "deployment-storefront").back() == "healthy");
    CHECK(states_of(again[1], "deployment-storefront") == storefront);
}
