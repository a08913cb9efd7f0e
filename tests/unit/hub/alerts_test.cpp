// Alerts: what rules see in objects, when they fire, and what people do with it.
#include <catch2/catch_test_macros.hpp>

#include "fake_kube.hpp"
#include "hub/alert_rules.hpp"
#include "hub_rig.hpp"
#include "kube/cluster.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

const std::string kPod = "/api/v1/namespaces/shop/pods/web-0";

Json pod(int restarts, bool ready, const std::string& since = "2026-01-01T00:00:00Z", const std::string& waiting = {}) {
    Json container = {{"name", "web"}, {"ready", ready}, {"restartCount", restarts}, {"state", {{"running", Json::object()}}}};
    if (!waiting.empty()) container["state"] = {{"waiting", {{"reason", waiting}, {"message", "back-off"}}}};
    return {{"kind", "Pod"},
            {"metadata", {{"name", "web-0"}, {"namespace", "shop"}, {"uid", "u1"}}},
            {"spec", {{"containers", Json::array({{{"name", "web"}, {"image", "web:1"}}})}}},
            {"status", {{"phase", "Running"}, {"conditions", Json::array({{{"type", "Ready"}, {"status", ready ? "True" : "False"}, {"lastTransitionTime", since}}})}, {"containerStatuses", Json::array({container})}}}};
}

Json deployment(int wanted, int ready) {
    return {{"kind", "Deployment"}, {"metadata", {{"name", "web"}, {"namespace", "shop"}, {"uid", "d1"}}}, {"spec", {{"replicas", wanted}}}, {"status", {{"readyReplicas", ready}}}};
}

struct AlertRig {
    explicit AlertRig() : rig(kube) {}

    std::string rule(Json body) {
        const Answer made = rig.call("POST", "/alerts/rules", std::move(body));
        INFO(made.body.dump());
        REQUIRE(made.status == 201);
        return text_at(made.body, "rule", "id");
    }
    Json events(const std::string& query = {}) { return rig.call("GET", "/alerts/events" + query).body["events"]; }
    void pass(std::int64_t ms) { rig.time.advance(ms); }

    FakeKube kube;
    HubRig rig;
};

}  // namespace

TEST_CASE("each type of rule says what it sees in an object, and nothing when all is well") {
    const std::int64_t now_ms = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
    const auto finds = [&](const std::string& type, const Json& object) { return examine({.type = type, .threshold = 3}, object, now_ms).message; };
    CHECK(finds("pod_restarts", pod(2, false)).empty());
    CHECK(finds("pod_restarts", pod(3, false, "", "CrashLoopBackOff")).starts_with("shop/web-0 has restarted 3 times: CrashLoopBackOff"));
    CHECK(finds("pod_not_starting", pod(0, true)).empty());
    CHECK(finds("pod_not_starting", pod(0, false, "", "ImagePullBackOff")).starts_with("shop/web-0 does not start: ImagePullBackOff"));
    CHECK(finds("workload_not_ready", deployment(3, 3)).empty());
    CHECK(finds("workload_not_ready", deployment(3, 1)) == "shop/web: 1 of 3 ready");
    CHECK(finds("workload_not_ready", {{"kind", "DaemonSet"}, {"metadata", {{"name", "a"}}}, {"status", {{"desiredNumberScheduled", 2}, {"numberReady", 1}}}}) == "a: 1 of 2 ready");
    CHECK(finds("job_failed", {{"metadata", {{"name", "j"}}}, {"status", {{"conditions", Json::array({{{"type", "Failed"}, {"status", "True"}, {"message", "BackoffLimitExceeded"}}})}}}}) == "j has failed: BackoffLimitExceeded");
    CHECK(finds("job_failed", {{"metadata", {{"name", "j"}}}, {"status", {{"succeeded", 1}}}}).empty());
    CHECK(finds("volume_pending", {{"metadata", {{"name", "v"}}}, {"status", {{"phase", "Pending"}}}}) == "v is not bound to a volume");
    CHECK(finds("volume_pending", {{"metadata", {{"name", "v"}}}, {"status", {{"phase", "Bound"}}}}).empty());
    CHECK(finds("node_not_ready", {{"metadata", {{"name", "n1"}}}, {"status", {{"conditions", Json::array({{{"type", "Ready"}, {"status", "False"}, {"message", "kubelet stopped"}}})}}}}) == "Node n1 is not ready: kubelet stopped");
    CHECK(finds("nonsense", pod(9, false)).empty());
    for (const AlertType& type : alert_types()) CHECK(examine({.type = std::string(type.type)}, Json("no object"), now_ms).message.empty() == (type.type != "node_not_ready" && type.type != "workload_not_ready"));
    // A pod that has been ready for five minutes has got over its restarts; until then it says when to look again.
    const AlertFinding recent = examine({.type = "pod_restarts", .threshold = 3}, pod(5, true), now_ms + 60'000);
    CHECK(recent.holds);
    CHECK(recent.look_again_ms == now_ms + 300'000);
    CHECK_FALSE(examine({.type = "pod_restarts", .threshold = 3}, pod(5, true), now_ms + 300'000).holds);
}

TEST_CASE("a rule fires when an object breaks it, and resolves by itself when it is mended") {
    AlertRig rig;
    const auto stream = rig.rig.open("/alerts/stream");
    CHECK(stream->events.front().json() == Json{{"status", "connected"}});
    const std::string rule = rig.rule({{"name", "Crashes"}, {"type", "pod_restarts"}, {"threshold", 3}, {"severity", "critical"}});
    rig.pass(100);
    CHECK(rig.kube.open_watches() == 1);
    rig.kube.put(kPod, pod(2, false));
    rig.pass(100);
    CHECK(rig.events().empty());
    rig.kube.put(kPod, pod(3, false, "", "CrashLoopBackOff"));
    rig.pass(100);
    const Json fired = rig.events();
    REQUIRE(fired.size() == 1);
    CHECK(fired[0]["status"] == "firing");
    CHECK(fired[0]["ruleId"] == rule);
    CHECK(fired[0]["resource"] == Json{{"kind", "Pod"}, {"namespace", "shop"}, {"name", "web-0"}});
    CHECK(fired[0]["cluster"] == "demo");
    // Once more is the same alert with other words.
    rig.kube.put(kPod, pod(4, false, "", "CrashLoopBackOff"));
    rig.pass(100);
    REQUIRE(rig.events().size() == 1);
    CHECK(text_at(rig.events()[0], "message").find("4 times") != std::string::npos);
    rig.kube.drop(kPod);
    rig.pass(100);
    CHECK(rig.events()[0]["status"] == "resolved");
    REQUIRE(stream->of_type("alert_fired").size() == 1);
    const Json event = stream->of_type("alert_fired")[0].json();
    CHECK(event["stream_key"] == "alerts");
    CHECK(event["data"]["rule_id"] == rule);
    CHECK(event["data"]["severity"] == "critical");
    CHECK(event["data"]["event_id"] == fired[0]["id"]);
    CHECK(stream->of_type("alert_resolved").size() == 1);
    // The person who made the rule hears of what is critical.
    const Json notices = rig.rig.call("GET", "/user-notifications").body["notifications"];
    REQUIRE(notices.size() == 1);
    CHECK(notices[0]["type"] == "resource_warning");
    CHECK(notices[0]["link"] == "/alerts");
}

TEST_CASE("what has to hold for a while fires after it, by a timer and not by asking again") {
    AlertRig rig;
    const std::string path = "/apis/apps/v1/namespaces/shop/deployments/web";
    (void)rig.rule({{"name", "Not ready"}, {"type", "workload_not_ready"}, {"forSeconds", 60}, {"namespace", "shop"}});
    rig.pass(100);
    CHECK(rig.kube.open_watches() == 3);  // deployments, stateful sets, daemon sets
    rig.kube.put(path, deployment(3, 1));
    rig.pass(30'000);
    rig.kube.put(path, deployment(3, 3));
    rig.pass(60'000);
    CHECK(rig.events().empty());
    rig.kube.put(path, deployment(3, 2));
    rig.pass(30'000);
    rig.kube.put(path, deployment(4, 2));  // still not ready: the time runs on
    rig.pass(29'000);
    CHECK(rig.events().empty());
    const std::size_t requests = rig.kube.requests.size();
    rig.pass(1'500);
    REQUIRE(rig.events().size() == 1);
    CHECK(rig.events()[0]["message"] == "shop/web: 2 of 4 ready");
    CHECK(rig.kube.requests.size() == requests);
    // A successor of the same name starts over.
    rig.kube.drop(path);
    rig.pass(100);
    CHECK(rig.events()[0]["status"] == "resolved");
}

TEST_CASE("without an enabled rule nothing is watched") {
    AlertRig rig;
    (void)rig.rig.call("GET", "/alerts/overview");
    rig.pass(10'000);
    CHECK(rig.kube.count("GET /api") == 0);
    const std::string rule = rig.rule({{"name", "Pods"}, {"type", "pod_not_starting"}, {"forSeconds", 0}});
    rig.pass(100);
    CHECK(rig.kube.open_watches() == 1);
    rig.kube.put(kPod, pod(0, false, "", "ImagePullBackOff"));
    rig.pass(100);
    CHECK(rig.events("?status=active").size() == 1);
    CHECK(rig.rig.call("POST", "/alerts/rules/" + rule + "/toggle").body["rule"]["enabled"] == false);
    rig.pass(100);
    CHECK(rig.kube.open_watches() == 0);
    CHECK(rig.events("?status=active").empty());
    CHECK(rig.events()[0]["status"] == "resolved");
    (void)rig.rig.call("POST", "/alerts/rules/" + rule + "/toggle");
    rig.pass(100);
    CHECK(rig.events("?status=active").size() == 1);
}

TEST_CASE("people acknowledge and resolve; what they resolved fires again only after it was over") {
    AlertRig rig;
    (void)rig.rule({{"name", "Crashes"}, {"type", "pod_restarts"}, {"threshold", 3}});
    rig.pass(100);
    rig.kube.put(kPod, pod(3, false));
    rig.pass(100);
    const auto stream = rig.rig.open("/alerts/stream");
    const std::string id = text_at(rig.events()[0], "id");
    const Answer acknowledged = rig.rig.call("PATCH", "/alerts/events/" + id + "/acknowledge");
    CHECK(acknowledged.status == 200);
    CHECK(acknowledged.body["event"]["status"] == "acknowledged");
    rig.pass(10);
    CHECK(stream->of_type("alert_acknowledged").size() == 1);
    CHECK(rig.rig.call("GET", "/alerts/overview").body["acknowledgedAlerts"] == 1);
    CHECK(rig.rig.call("PATCH", "/alerts/events/" + id + "/resolve").body["event"]["status"] == "resolved");
    CHECK(rig.rig.call("PATCH", "/alerts/events/" + id + "/acknowledge").status == 409);
    rig.kube.put(kPod, pod(4, false));
    rig.pass(100);
    CHECK(rig.events("?status=active").empty());
    rig.kube.drop(kPod);
    rig.pass(100);
    rig.kube.put(kPod, pod(5, false));
    rig.pass(100);
    CHECK(rig.events("?status=active").size() == 1);
    CHECK(rig.events().size() == 2);
    CHECK(rig.rig.call("PATCH", "/alerts/events/none/resolve").status == 404);
}

TEST_CASE("alerts outlive the hub: what still holds stays open, what was mended meanwhile is resolved") {
    AlertRig rig;
    const std::string other = "/api/v1/namespaces/shop/pods/api-0";
    (void)rig.rule({{"name", "Crashes"}, {"type", "pod_restarts"}, {"threshold", 3}});
    rig.pass(100);
    rig.kube.put(kPod, pod(3, false));
    Json api = pod(7, false);
    api["metadata"]["name"] = "api-0";
    api["metadata"]["uid"] = "u2";
    rig.kube.put(other, api);
    rig.pass(100);
    REQUIRE(rig.events("?status=active").size() == 2);
    rig.rig.start();
    rig.kube.objects.erase(other);
    rig.pass(500);
    const Json open = rig.events("?status=active");
    REQUIRE(open.size() == 1);
    CHECK(open[0]["resource"]["name"] == "web-0");
    CHECK(rig.events().size() == 2);
    CHECK(rig.rig.call("GET", "/alerts/rules").body["rules"][0]["activeEvents"] == 1);
}

TEST_CASE("a watch that lost its history is read anew, and only what changed is told") {
    AlertRig rig;
    (void)rig.rule({{"name", "Crashes"}, {"type", "pod_restarts"}, {"threshold", 3}});
    rig.pass(100);
    rig.kube.put(kPod, pod(3, false));
    rig.pass(100);
    const auto stream = rig.rig.open("/alerts/stream");
    rig.kube.gone = true;
    rig.kube.end_watches();
    rig.pass(60'000);
    CHECK(stream->of_type("alert_fired").empty());
    CHECK(stream->of_type("alert_resolved").empty());
    CHECK(rig.events("?status=active").size() == 1);
}

TEST_CASE("templates become rules once, and rules are checked, changed, tried and removed") {
    AlertRig rig;
    const Json templates = rig.rig.call("GET", "/alerts/templates").body["templates"];
    REQUIRE(templates.size() == alert_types().size());
    const Answer enabled = rig.rig.call("POST", "/alerts/templates/job_failed/enable");
    CHECK(enabled.status == 201);
    CHECK(rig.rig.call("POST", "/alerts/templates/job_failed/enable").status == 200);
    CHECK(rig.rig.call("POST", "/alerts/templates/none/enable").status == 404);
    const std::string id = text_at(enabled.body, "rule", "id");
    CHECK(rig.rig.call("GET", "/alerts/rules").body["total"] == 1);

    const Answer wrong = rig.rig.call("POST", "/alerts/rules", {{"name", " "}, {"type", "pod_restarts"}, {"severity", "loud"}, {"threshold", 0}, {"namespace", "A B"}});
    CHECK(wrong.status == 400);
    for (const char* field : {"name", "severity", "threshold", "namespace"}) CHECK(text_at(wrong.body, "error").find(field) != std::string::npos);
    CHECK(rig.rig.call("POST", "/alerts/rules", {{"name", "x"}, {"type", "weather"}}).status == 400);
    CHECK(rig.rig.call("POST", "/alerts/rules", {{"name", "x"}, {"type", "job_failed"}, {"cluster", "mars"}}).status == 400);

    CHECK(rig.rig.call("PUT", "/alerts/rules/" + id, {{"name", "Jobs"}, {"severity", "info"}}).body["rule"]["name"] == "Jobs");
    CHECK(rig.rig.call("GET", "/alerts/rules/" + id).body["rule"]["severity"] == "info");
    const Answer fired = rig.rig.call("POST", "/alerts/rules/" + id + "/test-fire");
    CHECK(fired.status == 201);
    CHECK(fired.body["event"]["test"] == true);
    CHECK(rig.rig.call("GET", "/alerts/overview").body["activeAlerts"] == 1);
    CHECK(rig.rig.call("DELETE", "/alerts/rules/" + id).status == 200);
    CHECK(rig.rig.call("GET", "/alerts/overview").body == Json{{"activeAlerts", 0}, {"acknowledgedAlerts", 0}, {"bySeverity", {{"critical", 0}, {"warning", 0}, {"info", 0}}}, {"totalEvents", 1}, {"totalRules", 0}, {"enabledRules", 0}});
    CHECK(rig.rig.call("GET", "/alerts/rules/" + id).status == 404);
}

TEST_CASE("events are filtered and paged, newest first") {
    AlertRig rig;
    const std::string rule = rig.rule({{"name", "Crashes"}, {"type", "pod_restarts"}, {"threshold", 1}});
    rig.pass(100);
    for (int i = 0; i < 5; ++i) {
        Json one = pod(1, false);
        one["metadata"]["name"] = "p" + std::to_string(i);
        one["metadata"]["uid"] = "u" + std::to_string(i);
        rig.kube.put("/api/v1/namespaces/shop/pods/p" + std::to_string(i), one);
        rig.pass(1'000);
    }
    const Answer page = rig.rig.call("GET", "/alerts/events?limit=2&page=2");
    CHECK(page.body["total"] == 5);
    REQUIRE(page.body["events"].size() == 2);
    CHECK(page.body["events"][0]["resource"]["name"] == "p2");
    CHECK(rig.events("?severity=critical").empty());
    CHECK(rig.events("?type=pod_restarts&status=firing").size() == 5);
    CHECK(rig.rig.call("GET", "/alerts/events?page=0").status == 400);
}

TEST_CASE("only admins change rules; everybody who is signed in sees them") {
    FakeKube kube;
    HubRig rig(kube, AuthMode::builtin);
    CHECK(rig.call("GET", "/alerts/rules").status == 401);
    rig.token = text_at(rig.call("POST", "/auth/register", {{"email", "admin@example.org"}, {"password", "secret1"}, {"name", "A"}}).body, "token");
    const std::string code = text_at(rig.call("GET", "/admin/settings/invite-code").body, "inviteCode");
    const std::string rule = text_at(rig.call("POST", "/alerts/templates/job_failed/enable").body, "rule", "id");
    rig.token = text_at(rig.call("POST", "/auth/register", {{"email", "ada@example.org"}, {"password", "secret1"}, {"name", "B"}, {"inviteCode", code}}).body, "token");
    CHECK(rig.call("GET", "/alerts/rules").body["total"] == 1);
    CHECK(rig.call("POST", "/alerts/rules", {{"name", "x"}, {"type", "job_failed"}}).status == 403);
    CHECK(rig.call("DELETE", "/alerts/rules/" + rule).status == 403);
    CHECK(rig.call("POST", "/alerts/rules/" + rule + "/toggle").status == 403);
    CHECK(rig.call("GET", "/alerts/events").status == 200);
}

TEST_CASE("in the cluster in memory: an image that does not exist raises an alert, and a fix resolves it") {
    auto owner = std::make_shared<base::testing::VirtualScheduler>();
    base::testing::SeededRandom random{3};
    kube::Cluster cluster{{.scheduler = *owner, .random = random}, {}};
    HubRig rig{owner, cluster.api(), AuthMode::none, {}};
    (void)rig.call("POST", "/alerts/templates/pod_not_starting/enable");
    const std::string id = rig.create_workflow("Shop", Json::array({node("web", "deployment", {{"name", "web"}, {"image", "registry.local/checkout:9.9"}, {"replicas", 1}})}), Json::array());
    (void)rig.call("POST", "/workflows/" + id + "/run");
    rig.time.advance(120'000);
    const Json open = rig.call("GET", "/alerts/events?status=active").body["events"];
    REQUIRE(open.size() == 1);
    CHECK(text_at(open[0], "message").find("web") != std::string::npos);
    CHECK(open[0]["severity"] == "critical");
    (void)rig.call("PUT", "/workflows/" + id, {{"nodes", Json::array({node("web", "deployment", {{"name", "web"}, {"image", "registry.local/checkout:3.1"}, {"replicas", 1}})})}});
    (void)rig.call("POST", "/workflows/" + id + "/run");
    rig.time.advance(120'000);
    CHECK(rig.call("GET", "/alerts/events?status=active").body["events"].empty());
}
