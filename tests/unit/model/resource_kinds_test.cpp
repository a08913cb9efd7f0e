// Discovery documents read, and how objects of any kind are said to be doing.
#include <catch2/catch_test_macros.hpp>

#include "model/resource_kinds.hpp"

using model::Json;
using model::ResourceKind;
using model::StatusTone;

namespace {

std::string status(const char* type, const char* json) {
    const model::ResourceStatus found = model::resource_status(type, Json::parse(json));
    return std::string(model::to_string(found.tone)) + " " + found.word + (found.reason.empty() ? "" : " (" + found.reason + ")");
}

}  // namespace

TEST_CASE("discovery gives the kinds that can be listed, with what can be done to them") {
    CHECK(model::read_api_groups(Json::parse(R"({"groups":[{"name":"apps","preferredVersion":{"groupVersion":"apps/v1"}},{"name":"x"},{"preferredVersion":{"groupVersion":"../v1"}},7]})")) == std::vector<std::string>{"apps/v1"});
    std::vector<ResourceKind> kinds;
    model::add_api_resources(Json::parse(R"({"groupVersion":"apps/v1","resources":[
        {"name":"deployments","kind":"Deployment","namespaced":true,"shortNames":["deploy"],"verbs":["list","watch","delete"]},
        {"name":"deployments/scale","kind":"Scale","verbs":["get","patch"]},{"name":"deployments/status","kind":"Deployment","verbs":["get"]},
        {"name":"controllers","kind":"C","verbs":["create"]},{"name":"Bad Name","kind":"B","verbs":["list"]}, 5]})"), kinds);
    model::add_api_resources(Json::parse(R"({"groupVersion":"v1","resources":[{"name":"nodes","kind":"Node","namespaced":false,"verbs":["list","get"]}]})"), kinds);
    model::add_api_resources(Json::parse(R"({"groupVersion":"dns.example.com/v1","resources":[{"name":"zones","kind":"Zone","verbs":["list"]}]})"), kinds);
    model::sort_kinds(kinds);
    REQUIRE(kinds.size() == 3);
    CHECK(kinds[0].type == "apis/apps/v1/deployments");
    CHECK(kinds[0].can_scale);
    CHECK(kinds[0].can_restart());
    CHECK(kinds[0].can_delete);
    CHECK(kinds[0].short_names == "deploy");
    CHECK(kinds[0].path("shop", "a b") == "/apis/apps/v1/namespaces/shop/deployments/a%20b");
    CHECK(kinds[1].path("ignored") == "/api/v1/nodes");
    CHECK_FALSE(kinds[1].can_watch);
    CHECK(kinds[2].custom);
    CHECK(model::find_kind(kinds, "api/v1/nodes")->kind == "Node");
    CHECK(model::find_kind(kinds, "api/v1/pods") == nullptr);
}

TEST_CASE("a resource type is of the API's form") {
    for (const char* good : {"api/v1/pods", "apis/apps/v1/deployments", "apis/dns.networking.miloapis.com/v1alpha1/dnszones"}) CHECK(model::is_resource_type(good));
    for (const char* bad : {"", "pods", "api/v1/", "api/v1/Pods", "apis/apps/v1", "api/v1/pods/status", "apis/../v1/x", "apis/a%2f/v1/x"}) CHECK_FALSE(model::is_resource_type(bad));
}

TEST_CASE("every kind's state is one word, and a reason when it is not good") {
    CHECK(status("api/v1/pods", R"({"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})") == "good Running");
    CHECK(status("api/v1/pods", R"({"status":{"phase":"Running","conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady"}]}})") == "busy Not ready (ContainersNotReady)");
    CHECK(status("api/v1/pods", R"({"status":{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ImagePullBackOff","message":"no tag 9"}}}]}})") == "bad ImagePullBackOff (ImagePullBackOff: no tag 9)");
    CHECK(status("api/v1/pods", R"({"status":{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]}})") == "busy Pending");
    CHECK(status("api/v1/pods", R"({"status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable"}]}})") == "warning Pending (Unschedulable)");
    CHECK(status("api/v1/pods", R"({"status":{"phase":"Running","containerStatuses":[{"state":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}]}})") == "bad OOMKilled (OOMKilled)");
    CHECK(status("api/v1/pods", R"({"status":{"phase":"Succeeded","containerStatuses":[{"state":{"terminated":{"exitCode":0}}}]}})") == "good Completed");
    CHECK(status("apis/apps/v1/deployments", R"({"spec":{"replicas":3},"status":{"readyReplicas":2}})") == "busy 2/3 ready");
    CHECK(status("apis/apps/v1/deployments", R"({"spec":{"replicas":3},"status":{"readyReplicas":3}})") == "good 3/3 ready");
    CHECK(status("apis/apps/v1/deployments", R"({"metadata":{"generation":2},"spec":{"replicas":3},"status":{"readyReplicas":3,"observedGeneration":1}})") == "busy 3/3 ready");
    CHECK(status("apis/apps/v1/deployments", R"({"spec":{"replicas":1},"status":{"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}]}})") == "bad 0/1 ready (ProgressDeadlineExceeded)");
    CHECK(status("apis/apps/v1/deployments", R"({"spec":{"replicas":0}})") == "good 0/0 ready");
    CHECK(status("apis/apps/v1/daemonsets", R"({"status":{"desiredNumberScheduled":3,"numberReady":3}})") == "good 3/3 ready");
    CHECK(status("apis/batch/v1/jobs", R"({"status":{"conditions":[{"type":"Failed","status":"True","reason":"BackoffLimitExceeded"}]}})") == "bad Failed (BackoffLimitExceeded)");
    CHECK(status("apis/batch/v1/jobs", R"({"status":{"conditions":[{"type":"Complete","status":"True"}]}})") == "good Completed");
    CHECK(status("apis/batch/v1/jobs", R"({"spec":{"suspend":true}})") == "none Suspended");
    CHECK(status("api/v1/namespaces", R"({"status":{"phase":"Active"}})") == "good Active");
    CHECK(status("api/v1/persistentvolumeclaims", R"({"status":{"phase":"Bound"}})") == "good Bound");
    CHECK(status("apis/x.example.com/v1/things", R"({"status":{"conditions":[{"type":"Ready","status":"False","reason":"NoZone","message":"zone is missing"}]}})") == "warning Not ready (NoZone: zone is missing)");
    CHECK(status("apis/x.example.com/v1/things", R"({"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}})") == "busy Pending");
    CHECK(status("api/v1/configmaps", R"({"data":{}})") == "none ");
    CHECK(status("api/v1/pods", R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Running"}})") == "busy Terminating");
}

TEST_CASE("objects of any shape have a state") {
    for (const char* type : {"api/v1/pods", "apis/apps/v1/deployments", "apis/apps/v1/daemonsets", "apis/batch/v1/jobs", "api/v1/events", "api/v1/nodes"}) {
        for (const char* json : {"{}", "[]", "7", R"({"metadata":[],"spec":"x","status":[1]})", R"({"status":{"conditions":[1,{"type":2}],"containerStatuses":[null,{"state":[]}],"phase":{}}})",
                                 R"({"status":{"phase":"Failed","readyReplicas":"many"}})"}) {
            CHECK_NOTHROW(model::resource_status(type, Json::parse(json)));
        }
    }
}
