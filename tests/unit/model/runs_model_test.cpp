#include <catch2/catch_test_macros.hpp>

#include <optional>

#include "feeds_rig.hpp"
#include "model/dry_run.hpp"
#include "model/node_actions.hpp"
#include "model/run_inputs.hpp"
#include "model/runs.hpp"

using namespace model;
using namespace model::testing;

namespace {

const std::string kRuns = "GET /workflows/w1/runs?limit=50";

std::string at(int seconds) { return "2026-01-01T00:00:0" + std::to_string(seconds) + ".000Z"; }
Json entry(const std::string& node, int seconds, const std::string& state, const std::string& message = "") {
    return {{"node_id", node}, {"at", at(seconds)}, {"state", state}, {"message", message}};
}
Json run_json(const std::string& id = "r1") {
    return {{"id", id},
            {"number", 3},
            {"version", 2},
            {"status", "completed"},
            {"started_at", at(0)},
            {"completed_at", at(1)},
            {"duration", 1000},
            {"triggered_by", "ada"},
            {"logs", Json::array({"one", "two"})},
            {"nodes", Json::array({{{"id", "web"}, {"type", "deployment"}, {"data", {{"name", "shop-web"}}}}, {{"id", "cfg"}, {"type", "configmap"}, {"data", {{"name", "cfg"}}}}})},
            {"node_states", {{"web", {{"state", "applied"}, {"message", ""}}}, {"cfg", {{"state", "applied"}, {"message", ""}}}}},
            {"timeline", Json::array({entry("cfg", 0, "applying"), entry("cfg", 0, "applied"), entry("web", 1, "applying"), entry("web", 1, "applied"), entry("web", 2, "pending"), entry("web", 6, "error", "ImagePullBackOff"), entry("web", 8, "healthy")})}};
}

struct Rig : FeedsRig {
    std::optional<std::map<std::string, NodeStatus>> shown;
    int live_again = 0;
    Runs runs{context, [this](const std::map<std::string, NodeStatus>* states) {
                  if (states) shown = *states;
                  else ++live_again, shown.reset();
              }};
    void open(Json list) {
        hub.replies[kRuns] = {200, {{"runs", std::move(list)}}};
        runs.show("w1");
        pass();
    }
};

}  // namespace

TEST_CASE("a run's nodes are read as spans without gaps, in the order of the graph") {
    const RunView run = read_run(run_json());
    REQUIRE(run.nodes.size() == 2);
    CHECK(run.nodes[0].name == "shop-web");
    CHECK(run.to_ms - run.from_ms == 8'000);
    const auto& spans = run.nodes[0].spans;
    REQUIRE(spans.size() == 5);
    for (std::size_t i = 0; i + 1 < spans.size(); ++i) CHECK(spans[i].to_ms == spans[i + 1].from_ms);
    CHECK(spans.back().to_ms == run.to_ms);
    CHECK(span_words(spans[3], NodeKind::deployment) == "failed");
    CHECK(moments_of(run).size() == 5);
    CHECK(run.logs.size() == 2);
}

TEST_CASE("the states of a moment are those that were reached by then") {
    const RunView run = read_run(run_json());
    CHECK_FALSE(states_at(run, run.from_ms).contains("web"));
    CHECK(states_at(run, run.from_ms).contains("cfg"));
    CHECK(states_at(run, run.from_ms + 2'500).at("web").state == NodeState::pending);
    const NodeStatus failed = states_at(run, run.from_ms + 6'000).at("web");
    CHECK(failed.state == NodeState::error);
    CHECK(failed.message == "ImagePullBackOff");
    CHECK(states_at(run, run.to_ms).at("web").state == NodeState::healthy);
}

TEST_CASE("a run of a backend without a timeline, and one of nonsense, are read all the same") {
    Json plain = run_json();
    plain.erase("timeline");
    plain.erase("nodes");
    const RunView run = read_run(plain);
    REQUIRE(run.nodes.size() == 2);
    CHECK(run.nodes[0].spans.size() == 1);
    Json odd = run_json();
    odd["timeline"] = Json::array({1, nullptr, {{"node_id", "web"}}, {{"node_id", "nobody"}, {"at", at(1)}}, {{"node_id", "web"}, {"at", 5}, {"state", 7}}});
    odd["logs"] = Json::array({1, "x"});
    CHECK(read_run(odd).logs.size() == 1);
    CHECK(read_run(odd).nodes[0].spans.size() == 1);  // what it came to
    CHECK(read_run(Json(5)).id.empty());
}

TEST_CASE("a past run is shown moment by moment, and what is live comes back") {
    Rig rig;
    rig.open(Json::array({run_json("r2"), run_json("r1")}));
    REQUIRE(rig.runs.state().runs.size() == 2);
    CHECK(rig.runs.state().selected == "r2");
    const std::int64_t from = rig.runs.selected()->from_ms;
    rig.runs.replay_at(from + 2'000);
    REQUIRE(rig.shown);
    CHECK(rig.shown->at("web").state == NodeState::pending);
    rig.runs.replay_at(from + 1'000'000);  // as far as it goes
    CHECK(rig.runs.state().replay_at_ms == from + 8'000);
    rig.runs.select("r1");  // another one is not what is shown
    CHECK(rig.live_again == 1);
    CHECK(rig.runs.state().replayed.empty());
    rig.runs.replay_at(from);
    // The run has gone from the list.
    rig.hub.replies[kRuns] = {200, {{"runs", Json::array({run_json("r3")})}}};
    rig.runs.reload();
    rig.pass();
    CHECK(rig.live_again == 2);
    CHECK(rig.runs.state().selected == "r3");
    rig.runs.end_replay();
    CHECK(rig.live_again == 2);
}

TEST_CASE("a run asks for the values that the cluster has not, sends them once and keeps nothing") {
    FeedsRig rig;
    RunInputs inputs(rig.context);
    rig.hub.replies["GET /workflows/w1/inputs"] = {200, {{"inputs", Json::array({{{"node_id", "s"}, {"node_name", "db"}, {"kind", "secret"}, {"key", "password"}, {"generate", false}, {"kept", false}},
                                                                                     {{"node_id", "s"}, {"node_name", "db"}, {"kind", "secret"}, {"key", "salt"}, {"generate", true}, {"kept", false}},
                                                                                     {{"node_id", "d"}, {"node_name", "web"}, {"kind", "env"}, {"key", "MODE"}, {"generate", false}, {"kept", false}},
                                                                                     {{"node_id", "d"}, {"node_name", "web"}, {"kind", "env"}, {"key", "OLD"}, {"generate", false}, {"kept", true}}})}}};
    std::optional<RunInputs::Answer> answer;
    Json sent;
    const auto done = [&](RunInputs::Answer a, Json trigger) { answer = a, sent = std::move(trigger); };
    inputs.ask("w1", false, done);
    rig.pass();
    REQUIRE(inputs.state().open);
    REQUIRE(inputs.state().inputs.size() == 2);
    CHECK(inputs.state().inputs[1].key == "MODE");
    inputs.submit();
    CHECK_FALSE(answer);
    CHECK(inputs.form()->error("v0") == "Enter a value for password");
    inputs.form()->set("v0", "hunter2");
    inputs.form()->set("v1", "fast");
    inputs.submit();
    REQUIRE(answer == RunInputs::Answer::go);
    CHECK(sent["secrets"]["s"]["password"] == "hunter2");
    CHECK(sent["envVars"]["d"]["MODE"] == "fast");
    CHECK(inputs.form() == nullptr);
    CHECK(inputs.state() == RunInputsState{});
    answer.reset();
    inputs.ask("w1", false, done);
    rig.pass();
    inputs.cancel();
    CHECK(answer == RunInputs::Answer::cancelled);
    // Nothing is needed, and a backend that does not say.
    rig.hub.replies["GET /workflows/w1/inputs"] = {200, {{"inputs", Json::array()}}};
    answer.reset();
    inputs.ask("w1", false, done);
    rig.pass();
    CHECK(answer == RunInputs::Answer::go);
    rig.hub.replies.erase("GET /workflows/w1/inputs");
    answer.reset();
    inputs.ask("w1", false, done);
    rig.pass();
    CHECK(answer == RunInputs::Answer::go);
    CHECK_FALSE(inputs.state().open);
}

TEST_CASE("a dry run saves first and reads what would be done") {
    FeedsRig rig;
    bool saves = false;
    DryRun dry_run(rig.context, [&](const std::function<void(bool)>& done) { done(saves); });
    dry_run.ask("w1");
    CHECK(dry_run.state().phase == LoadPhase::failed);
    CHECK(rig.hub.count("POST /workflows/w1/dry-run") == 0);
    saves = true;
    rig.hub.replies["POST /workflows/w1/dry-run"] = {200, {{"nodes", Json::array({{{"node_id", "d"}, {"object", "Deployment web"}, {"action", "change"}, {"message", ""}, {"changes", Json::array({{{"path", "spec.replicas"}, {"from", 1}, {"to", 3}}})}},
                                                                                     {{"node_id", "x"}, {"object", "Service old"}, {"action", "delete"}, {"message", "Its node is gone"}, {"changes", Json::array()}}})}}};
    dry_run.ask("w1");
    rig.pass();
    REQUIRE(dry_run.state().phase == LoadPhase::ready);
    CHECK(dry_run.state().count("change") == 1);
    CHECK(dry_run.state().nodes[0].changes[0] == PlannedChange{"spec.replicas", "1", "3"});
    rig.hub.replies["POST /workflows/w1/dry-run"] = {404, {{"error", "no such route"}}};
    dry_run.ask("w1");
    rig.pass();
    CHECK(dry_run.state().error.message == "This backend has no dry run.");
    dry_run.close();
    CHECK(dry_run.state() == DryRunState{});
}

TEST_CASE("a node's object is restarted and scaled at its path, once at a time, and the node follows") {
    FeedsRig rig;
    std::string scaled;
    NodeActions actions(rig.context, {.cluster = [] { return std::string("staging"); }, .set_replicas = [&](const std::string& id, std::int64_t replicas) { scaled = id + "=" + std::to_string(replicas); }});
    Node node;
    node.id = "d";
    node.name = "web";
    node.kind = NodeKind::deployment;
    node.data = {{"namespace", "shop"}};
    CHECK(workload_path(node) == "/apis/apps/v1/namespaces/shop/deployments/web");
    rig.hub.replies["POST /objects/restart"] = {200, Json::object()};
    actions.restart(node);
    actions.restart(node);
    CHECK(actions.state().restarting.contains("d"));
    rig.pass();
    CHECK(rig.hub.count("POST /objects/restart") == 1);
    CHECK(rig.hub.bodies[0].find("\"cluster\":\"staging\"") != std::string::npos);
    CHECK(actions.state().restarting.empty());
    rig.hub.replies["POST /objects/scale"] = {404, {{"error", "deployments.apps \"web\" not found"}}};
    actions.scale(node, 3);
    rig.pass();
    CHECK(scaled.empty());
    CHECK(rig.toasts.back() == "Could not scale web");
    rig.hub.replies["POST /objects/scale"] = {200, {{"replicas", 3}}};
    actions.scale(node, 3);
    rig.pass();
    CHECK(scaled == "d=3");
    actions.scale(node, -1);
    node.kind = NodeKind::service;
    actions.restart(node);
    rig.pass();
    CHECK(rig.hub.calls.size() == 3);
}
