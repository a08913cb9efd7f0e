#include <catch2/catch_test_macros.hpp>

#include "feeds_rig.hpp"
#include "model/alerts.hpp"

using namespace model;
using namespace model::testing;

namespace {

Json event(const std::string& id, const std::string& status = "firing") {
    return {{"id", id}, {"ruleId", "r1"}, {"ruleName", "Crashes"}, {"severity", "critical"}, {"type", "pod_restarts"}, {"message", "web-0 has restarted 3 times"}, {"status", status}, {"cluster", "demo"}, {"resource", {{"kind", "Pod"}, {"namespace", "shop"}, {"name", "web-0"}}}, {"firedAt", "2026-01-01T00:00:00Z"}};
}

struct Rig : FeedsRig {
    Alerts alerts{context};
    void serve(Json events, int active, int critical = 0) {
        hub.replies["GET /alerts/events?limit=100"] = {200, {{"events", events}, {"total", events.size()}}};
        hub.replies["GET /alerts/overview"] = {200, {{"activeAlerts", active}, {"bySeverity", {{"critical", critical}}}}};
        hub.replies["GET /alerts/rules"] = {200, {{"rules", Json::array({{{"id", "r1"}, {"name", "Crashes"}, {"type", "pod_restarts"}, {"severity", "critical"}, {"enabled", true}, {"threshold", 3}, {"activeEvents", active}}})}}};
        hub.replies["GET /alerts/templates"] = {200, {{"templates", Json::array({{{"id", "job_failed"}, {"name", "Job failed"}, {"thresholdLabel", ""}}})}}};
    }
    void fire(const std::string& type) {
        hub.send(type, {{"type", type}, {"stream_key", "alerts"}, {"event_type", type}, {"timestamp", ""}, {"data", {{"event_id", "e1"}, {"rule_id", "r1"}, {"severity", "critical"}, {"message", "web-0 has restarted 3 times"}, {"type", "pod_restarts"}}}});
        pass(1'000);
    }
};

}  // namespace

TEST_CASE("signed in, only the counts are read; an alert is told and the lists follow") {
    Rig rig;
    rig.serve(Json::array(), 0);
    rig.alerts.start();
    rig.pass();
    rig.hub.send("connected", {{"status", "connected"}});
    rig.pass(1'000);
    CHECK(rig.alerts.state().live);
    CHECK(rig.hub.count("GET /alerts/overview") == 1);
    CHECK(rig.hub.count("GET /alerts/events?limit=100") == 0);
    rig.alerts.ensure();
    rig.pass();
    CHECK(rig.alerts.state().phase == LoadPhase::ready);
    CHECK(rig.alerts.state().templates.size() == 1);
    rig.serve(Json::array({event("e1")}), 1, 1);
    rig.topics = 0;
    rig.fire("alert_fired");
    CHECK(rig.toasts == std::vector<std::string>{"Alert"});
    CHECK(rig.alerts.state().active == 1);
    CHECK(rig.alerts.state().critical == 1);
    CHECK((rig.topics & kTopicChrome) != 0);
    REQUIRE(rig.alerts.state().events.size() == 1);
    CHECK(rig.alerts.state().events[0].active());
    CHECK(rig.alerts.state().events[0].name == "web-0");
    rig.serve(Json::array({event("e1", "resolved")}), 0);
    rig.fire("alert_resolved");
    CHECK(rig.alerts.state().active == 0);
    CHECK_FALSE(rig.alerts.state().events[0].active());
    CHECK(rig.toasts.size() == 1);
}

TEST_CASE("a burst of alerts is one reading, and a stream that was away reads anew") {
    Rig rig;
    rig.serve(Json::array(), 0);
    rig.alerts.start();
    rig.pass();
    rig.hub.send("connected", {{"status", "connected"}});
    rig.alerts.ensure();
    rig.pass();
    const int before = rig.hub.count("GET /alerts/events?limit=100");
    for (int i = 0; i < 20; ++i) rig.hub.send("alert_acknowledged", {{"data", Json::object()}});
    rig.pass(1'000);
    CHECK(rig.hub.count("GET /alerts/events?limit=100") == before + 1);
    rig.hub.stream->abort();
    rig.pass(10'000);
    rig.hub.send("connected", {{"status", "connected"}});
    rig.pass(1'000);
    CHECK(rig.hub.count("GET /alerts/events?limit=100") == before + 2);
}

TEST_CASE("what people do with alerts and rules goes to the hub, and a refusal is told") {
    Rig rig;
    rig.serve(Json::array({event("e1")}), 1);
    rig.alerts.ensure();
    rig.pass();
    rig.hub.replies["PATCH /alerts/events/e1/acknowledge"] = {200, {{"event", event("e1", "acknowledged")}}};
    rig.serve(Json::array({event("e1", "acknowledged")}), 1);
    rig.alerts.acknowledge("e1");
    CHECK(rig.alerts.state().busy.contains("e1"));
    rig.pass();
    CHECK(rig.alerts.state().events[0].status == "acknowledged");
    rig.hub.replies["POST /alerts/rules/r1/toggle"] = {403, {{"error", "Only an admin may change alert rules."}}};
    rig.alerts.toggle("r1");
    rig.pass();
    CHECK(rig.toasts == std::vector<std::string>{"The rule was not changed"});
    CHECK(rig.alerts.state().busy.empty());
    rig.hub.replies["POST /alerts/templates/job_failed/enable"] = {201, Json::object()};
    rig.alerts.enable_template("job_failed");
    rig.pass();
    CHECK(rig.hub.count("POST /alerts/templates/job_failed/enable") == 1);
}

TEST_CASE("the form of a rule says what is wrong, changes one, and closes when it is stored") {
    Rig rig;
    rig.serve(Json::array(), 0);
    rig.alerts.ensure();
    rig.pass();
    rig.alerts.begin_form({});
    rig.alerts.submit();
    CHECK(rig.alerts.form()->error("name") == "Give the rule a name");
    rig.alerts.form()->set("name", "Jobs");
    rig.hub.replies["POST /alerts/rules"] = {400, {{"error", "cluster: there is no cluster named \"mars\""}}};
    rig.alerts.submit();
    rig.pass();
    CHECK(rig.alerts.form()->error("cluster").find("mars") != std::string_view::npos);
    rig.alerts.end_form();
    CHECK(rig.alerts.form() == nullptr);
    rig.alerts.begin_form("r1");
    CHECK(rig.alerts.form()->text("name") == "Crashes");
    rig.hub.replies["PUT /alerts/rules/r1"] = {200, Json::object()};
    rig.alerts.submit();
    rig.pass();
    CHECK(rig.alerts.form() == nullptr);
    CHECK_FALSE(rig.alerts.state().form_open);
    rig.alerts.clear();
    CHECK(rig.alerts.state() == AlertsState{});
}

TEST_CASE("lists that cannot be read say why, and keep what was shown") {
    Rig rig;
    rig.serve(Json::array({event("e1")}), 1);
    rig.alerts.ensure();
    rig.pass();
    rig.hub.replies["GET /alerts/events?limit=100"] = {403, {{"error", "not you"}}};
    rig.alerts.reload();
    rig.pass(60'000);
    CHECK(rig.alerts.state().phase == LoadPhase::failed);
    CHECK(rig.alerts.state().error.message == "not you");
    CHECK(rig.alerts.state().events.size() == 1);
}
