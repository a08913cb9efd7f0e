#include <catch2/catch_test_macros.hpp>

#include "fake_kube.hpp"
#include "hub_rig.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

const std::string kDeployments = "/apis/apps/v1/namespaces/default/deployments/";
const std::string kPods = "/api/v1/namespaces/default/pods/";

Json web() { return node("d", "deployment", {{"name", "web"}, {"image", "nginx:1.27"}}); }

Json notifications(HubRig& rig, const std::string& query = "") { return rig.call("GET", "/user-notifications" + query).body; }

Json seen_by_controller() { return {{"observedGeneration", 9}, {"replicas", 1}, {"updatedReplicas", 1}, {"unavailableReplicas", 1}}; }

Json failing_pod(const std::string& workflow) {
    return {{"metadata", {{"name", "web-1"}, {"namespace", "default"}, {"labels", {{"app", "web"}, {"binnacle.dev/workflow-id", workflow}, {"binnacle.dev/node-id", "d"}}}}},
            {"status",
             {{"phase", "Pending"},
              {"containerStatuses", Json::array({{{"name", "web"}, {"state", {{"waiting", {{"reason", "ImagePullBackOff"}, {"message", "no such tag"}}}}}}})}}}};
}

}  // namespace

TEST_CASE("runs are told of, and a failed one leads to the node that failed") {
    FakeKube kube;
    HubRig rig(kube);
    CHECK(number_at(notifications(rig), -1, "total") == 0);
    const std::string id = rig.create_workflow("Shop", Json::array({web()}), Json::array());
    REQUIRE(rig.call("POST", "/workflows/" + id + "/run").status == 200);
    Json list = notifications(rig);
    REQUIRE(list["notifications"].size() == 1);
    const Json deployed = list["notifications"][0];
    CHECK(text_at(deployed, "type") == "workflow_deployed");
    CHECK(text_at(deployed, "title") == "Shop is deployed");
    CHECK(text_at(deployed, "link") == "/workflows/" + id);
    CHECK(text_at(deployed, "refId") == id);
    CHECK(text_at(deployed, "userId") == "local");
    CHECK_FALSE(flag_at(deployed, "read"));
    CHECK_FALSE(text_at(deployed, "createdAt").empty());
    kube.failures["PATCH " + kDeployments + "web"] = {403, FakeKube::status(403, "Forbidden", "deployments.apps is forbidden")};
    REQUIRE(rig.call("POST", "/workflows/" + id + "/run").status == 500);
    rig.time.advance(60'000);
    list = notifications(rig);
    REQUIRE(list["notifications"].size() == 2);  // and no resource_warning for the same thing
    CHECK(text_at(list["notifications"][0], "type") == "workflow_failed");
    CHECK(text_at(list["notifications"][0], "message").find("deployments.apps is forbidden") != std::string::npos);
    CHECK(text_at(list["notifications"][0], "link") == "/workflows/" + id + "/nodes/d");
    CHECK(number_at(list, 0, "unreadCount") == 2);
}

TEST_CASE("notifications are marked as read one by one and all at once, and are kept over a restart") {
    FakeKube kube;
    HubRig rig(kube);
    for (const char* plugin : {"keda", "istio", "velero"}) REQUIRE(rig.call("POST", std::string("/plugins/") + plugin + "/enable").status == 200);
    Json list = notifications(rig, "?limit=2");
    CHECK(list["notifications"].size() == 2);
    CHECK(number_at(list, 0, "total") == 3);
    CHECK(text_at(list["notifications"][0], "title") == "Velero is enabled");
    CHECK(text_at(list["notifications"][0], "type") == "system");
    CHECK(notifications(rig, "?limit=2&offset=2")["notifications"].size() == 1);
    CHECK(rig.call("GET", "/user-notifications?limit=0").status == 400);
    CHECK(rig.call("GET", "/user-notifications?offset=-1").status == 400);
    CHECK(rig.call("PATCH", "/user-notifications/nope/read").status == 404);
    const std::string id = text_at(list["notifications"][1], "id");
    CHECK(number_at(rig.call("PATCH", "/user-notifications/" + id + "/read").body, 0, "unreadCount") == 2);
    rig.time.advance(1'000);
    rig.start();
    CHECK(number_at(rig.call("GET", "/user-notifications/unread-count").body, 0, "unreadCount") == 2);
    CHECK(number_at(rig.call("POST", "/user-notifications/mark-all-read").body, 0, "marked") == 2);
    CHECK(number_at(notifications(rig), -1, "unreadCount") == 0);
    rig.time.advance(1'000);
    rig.start();
    CHECK(number_at(notifications(rig), -1, "unreadCount") == 0);
    CHECK(number_at(notifications(rig), -1, "total") == 3);
}

TEST_CASE("the stream says how many are unread, then sends each new one bare") {
    FakeKube kube;
    HubRig rig(kube);
    REQUIRE(rig.call("POST", "/plugins/keda/enable").status == 200);
    const auto stream = rig.open("/user-notifications/stream");
    CHECK(stream->status == 200);
    REQUIRE(stream->of_type("connected").size() == 1);
    CHECK(stream->of_type("connected")[0].data == R"({"unreadCount":1})");
    REQUIRE(rig.call("POST", "/plugins/keda/disable").status == 200);
    REQUIRE(stream->of_type("new_notification").size() == 1);
    const Json bare = stream->of_type("new_notification")[0].json();
    CHECK(text_at(bare, "title") == "KEDA is disabled");
    CHECK_FALSE(bare.contains("data"));
    CHECK(rig.call("POST", "/plugins/keda/disable").status == 200);  // no change, no news
    CHECK(stream->of_type("new_notification").size() == 1);
    rig.hub.reset();
    rig.time.run_ready();
    CHECK(stream->done);
}

TEST_CASE("only the last 500 are kept") {
    FakeKube kube;
    HubRig rig(kube);
    Json items = Json::array();
    for (int i = 0; i < 499; ++i) items.push_back({{"id", "n" + std::to_string(i)}, {"userId", "local"}, {"type", "system"}, {"title", "Earlier"}, {"read", true}});
    rig.store.put("user_notifications", "local", dump_json({{"items", items}}), DocumentStore::kMustNotExist, [](const base::Result<std::int64_t>&) {});
    REQUIRE(rig.call("POST", "/plugins/keda/enable").status == 200);
    REQUIRE(rig.call("POST", "/plugins/keda/disable").status == 200);
    const Json list = notifications(rig, "?limit=500");
    CHECK(number_at(list, 0, "total") == 500);
    CHECK(list["notifications"].size() == 100);  // the largest page
    CHECK(text_at(list["notifications"][0], "title") == "KEDA is disabled");
    const Json end = notifications(rig, "?offset=499");
    REQUIRE(end["notifications"].size() == 1);
    CHECK(text_at(end["notifications"][0], "id") == "n497");  // the oldest has gone
}

TEST_CASE("a node that fails after the run is told of once, though nobody watches") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("Shop", Json::array({web()}), Json::array());
    REQUIRE(rig.call("POST", "/workflows/" + id + "/run").status == 200);
    kube.change(kDeployments + "web", "/status", seen_by_controller());
    rig.time.advance(1'000);
    kube.put(kPods + "web-1", failing_pod(id));
    rig.time.advance(1'000);
    Json list = notifications(rig);
    REQUIRE(list["notifications"].size() == 2);
    const Json warning = list["notifications"][0];
    CHECK(text_at(warning, "type") == "resource_warning");
    CHECK(text_at(warning, "title") == "web of Shop failed");
    CHECK(text_at(warning, "message").starts_with("ImagePullBackOff"));
    CHECK(text_at(warning, "link") == "/workflows/" + id + "/nodes/d");
    // A crash loop comes and goes.
    kube.drop(kPods + "web-1");
    rig.time.advance(5'000);
    kube.put(kPods + "web-1", failing_pod(id));
    rig.time.advance(5'000);
    CHECK(number_at(notifications(rig), 0, "total") == 2);
    rig.time.advance(6 * 60'000);
    CHECK(kube.open_watches() == 0);  // five minutes after the run the eye closes
}

TEST_CASE("what was wrong before anybody looked is no news") {
    FakeKube kube;
    HubRig rig(kube);
    const std::string id = rig.create_workflow("Shop", Json::array({web()}), Json::array());
    REQUIRE(rig.call("POST", "/workflows/" + id + "/run").status == 200);
    rig.time.advance(10 * 60'000);
    REQUIRE(kube.open_watches() == 0);
    kube.change(kDeployments + "web", "/status", seen_by_controller());
    kube.put(kPods + "web-1", failing_pod(id));
    const auto stream = rig.open("/workflows/" + id + "/status/stream");
    rig.time.advance(5'000);
    CHECK(number_at(notifications(rig), 0, "total") == 1);
}

TEST_CASE("each user has notifications of their own: a run tells who started it and the owner") {
    FakeKube kube;
    HubRig rig(kube, AuthMode::builtin);
    const auto join = [&](const std::string& email, const std::string& code) {
        Json body = {{"email", email}, {"password", "secret1"}, {"name", email}};
        if (!code.empty()) body["inviteCode"] = code;
        return text_at(rig.call("POST", "/auth/register", body).body, "token");
    };
    const std::string admin = join("admin@x.example", "");
    rig.token = admin;
    const std::string code = text_at(rig.call("GET", "/admin/settings/invite-code").body, "inviteCode");
    rig.token.clear();
    const std::string owner = join("owner@x.example", code);
    const std::string other = join("other@x.example", code);
    REQUIRE_FALSE(other.empty());
    rig.token = owner;
    const std::string id = rig.create_workflow("Shop", Json::array({web()}), Json::array());
    const auto total_of = [&](const std::string& token) {
        rig.token = token;
        return number_at(notifications(rig), -1, "total");
    };
    rig.token = other;
    REQUIRE(rig.call("POST", "/workflows/" + id + "/run").status == 200);
    CHECK(total_of(other) == 1);
    CHECK(total_of(owner) == 1);
    CHECK(total_of(admin) == 0);
    rig.token = other;
    CHECK(rig.call("POST", "/user-notifications/mark-all-read").status == 200);
    rig.token = owner;
    CHECK(number_at(notifications(rig), -1, "unreadCount") == 1);
    rig.token.clear();
    CHECK(rig.call("GET", "/user-notifications").status == 401);
    const auto stream = rig.open("/user-notifications/stream?token=" + owner);
    CHECK(stream->of_type("connected").size() == 1);
}

TEST_CASE("a store that fails is said so, and tried again") {
    FakeKube kube;
    HubRig rig(kube);
    (void)rig.call("GET", "/health");
    rig.store.fail_next(base::Error{base::ErrorCode::unavailable, "disk away", ""});
    CHECK(rig.call("GET", "/user-notifications").status == 503);
    CHECK(rig.call("GET", "/user-notifications").status == 200);
}
