#include "api_rig.hpp"

#include "kube/table.hpp"

using namespace kube::test;

namespace {

constexpr std::int64_t kNow_ms = 1767225600000 + 600'000;  // ten minutes after the creation of what rigs make

// "NAME|READY|..." of the first `count` cells.
std::string cells(const char* resource, const char* json, std::size_t count = 99) {
    const Json row = kube::table_cells(*kube::find_resource(resource), Json::parse(json), kNow_ms);
    std::string out;
    for (std::size_t i = 0; i < row.size() && i < count; ++i) {
        if (i) out += '|';
        out += row[i].is_string() ? row[i].get<std::string>() : row[i].dump();
    }
    CHECK(row.size() == kube::table_columns(*kube::find_resource(resource)).size());
    return out;
}

}  // namespace

TEST_CASE("kubectl's table of pods: one row each, with columns and metadata") {
    ApiRig rig;
    rig.ok("POST", kPods, pod("web-0"));
    const Json table = rig.ok("GET", kPods, nullptr, {{"Accept", kTable}});
    CHECK(table["kind"] == "Table");
    CHECK(table["apiVersion"] == "meta.k8s.io/v1");
    CHECK(table["columnDefinitions"][0] == Json::parse(R"({"name":"Name","type":"string","format":"name","description":"","priority":0})"));
    CHECK(table["columnDefinitions"][6]["priority"] == 1);
    CHECK(table["rows"][0]["cells"] == Json::parse(R"(["web-0","0/1","Pending","0","0s","<none>","<none>","<none>","<none>"])"));
    CHECK(table["rows"][0]["object"]["kind"] == "PartialObjectMetadata");
    CHECK(table["rows"][0]["object"]["metadata"]["name"] == "web-0");
    CHECK(rig.ok("GET", kPods + "?includeObject=Object", nullptr, {{"Accept", kTable}})["rows"][0]["object"]["kind"] == "Pod");
    CHECK_FALSE(rig.ok("GET", kPods + "?includeObject=None", nullptr, {{"Accept", kTable}})["rows"][0].contains("object"));
    CHECK(rig.ok("GET", kPods + "/web-0", nullptr, {{"Accept", "application/json;as=Table;v=v1beta1;g=meta.k8s.io"}})["apiVersion"] == "meta.k8s.io/v1beta1");
}

TEST_CASE("a pod's status is what is wrong with it") {
    const auto status = [](const char* pod_status, const char* meta = "{}") {
        Json object{{"metadata", Json::parse(meta)}, {"spec", Json::parse(R"({"containers":[{},{}],"initContainers":[{}]})")}, {"status", Json::parse(pod_status)}};
        return kube::pod_status_word(object);
    };
    CHECK(status(R"({"phase":"Running","containerStatuses":[{"ready":true,"state":{"running":{}}}]})") == "Running");
    CHECK(status(R"({"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ImagePullBackOff"}}}]})") == "ImagePullBackOff");
    CHECK(status(R"({"phase":"Running","containerStatuses":[{"state":{"waiting":{"reason":"CrashLoopBackOff"}}},{"ready":true,"state":{"running":{}}}]})") == "CrashLoopBackOff");
    CHECK(status(R"({"phase":"Succeeded","containerStatuses":[{"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]})") == "Completed");
    CHECK(status(R"({"phase":"Running","containerStatuses":[{"state":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}]})") == "OOMKilled");
    CHECK(status(R"({"phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":3}}}]})") == "ExitCode:3");
    CHECK(status(R"({"phase":"Pending","initContainerStatuses":[{"state":{"running":{}}}]})") == "Init:0/1");
    CHECK(status(R"({"phase":"Pending","initContainerStatuses":[{"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]})") == "Init:CrashLoopBackOff");
    CHECK(status(R"({"phase":"Running","initContainerStatuses":[{"state":{"terminated":{"exitCode":0}}}]})") == "Running");
    CHECK(status(R"({"phase":"Running"})", R"({"deletionTimestamp":"2026-01-01T00:00:00Z"})") == "Terminating");
    CHECK(status(R"({"phase":"Failed","reason":"Evicted"})") == "Evicted");
}

TEST_CASE("each kind has kubectl's cells") {
    const std::string meta = R"("metadata":{"name":"x","creationTimestamp":"2026-01-01T00:00:00Z"})";
    const auto object = [&](const std::string& rest) { return "{" + meta + "," + rest + "}"; };
    CHECK(cells("pods", object(R"("spec":{"nodeName":"n1","containers":[{}]},"status":{"podIP":"10.244.0.9","phase":"Running","containerStatuses":[
        {"ready":true,"restartCount":3,"state":{"running":{}},"lastState":{"terminated":{"finishedAt":"2026-01-01T00:09:00Z"}}}]})").c_str()) ==
          "x|1/1|Running|3 (60s ago)|10m|10.244.0.9|n1|<none>|<none>");
    CHECK(cells("deployments", object(R"("spec":{"replicas":3,"selector":{"matchLabels":{"app":"x"}},"template":{"spec":{"containers":[{"name":"c","image":"i:1"}]}}},
        "status":{"readyReplicas":2,"updatedReplicas":3,"availableReplicas":2})").c_str()) == "x|2/3|3|2|10m|c|i:1|app=x");
    CHECK(cells("replicasets", object(R"("spec":{"replicas":3},"status":{"replicas":3,"readyReplicas":1})").c_str(), 5) == "x|3|3|1|10m");
    CHECK(cells("statefulsets", object(R"("spec":{"replicas":2},"status":{"readyReplicas":1})").c_str(), 3) == "x|1/2|10m");
    CHECK(cells("daemonsets", object(R"("status":{"desiredNumberScheduled":3,"currentNumberScheduled":3,"numberReady":2,"updatedNumberScheduled":3,"numberAvailable":2})").c_str(), 8) ==
          "x|3|3|2|3|2|<none>|10m");
    CHECK(cells("jobs", object(R"("spec":{"completions":1},"status":{"succeeded":1,"startTime":"2026-01-01T00:00:00Z","completionTime":"2026-01-01T00:00:07Z","conditions":[{"type":"Complete","status":"True"}]})").c_str(), 5) ==
          "x|Complete|1/1|7s|10m");
    CHECK(cells("cronjobs", object(R"("spec":{"schedule":"*/5 * * * *","suspend":false},"status":{"lastScheduleTime":"2026-01-01T00:05:00Z","active":[{}]})").c_str(), 7) ==
          "x|*/5 * * * *|<none>|False|1|5m|10m");
    CHECK(cells("services", object(R"("spec":{"type":"NodePort","clusterIP":"10.96.3.4","selector":{"app":"x"},"ports":[{"port":80,"nodePort":30080,"protocol":"TCP"},{"port":53,"protocol":"UDP"}]})").c_str()) ==
          "x|NodePort|10.96.3.4|<none>|80:30080/TCP,53/UDP|10m|app=x");
    CHECK(cells("services", object(R"("spec":{"type":"LoadBalancer","clusterIP":"10.96.3.4"})").c_str(), 4) == "x|LoadBalancer|10.96.3.4|<pending>");
    CHECK(cells("endpoints", object(R"("subsets":[{"addresses":[{"ip":"1.1.1.1"},{"ip":"1.1.1.2"},{"ip":"1.1.1.3"},{"ip":"1.1.1.4"}],"ports":[{"port":80}]}])").c_str(), 2) ==
          "x|1.1.1.1:80,1.1.1.2:80,1.1.1.3:80 + 1 more...");
    CHECK(cells("ingresses", object(R"("spec":{"ingressClassName":"nginx","rules":[{"host":"shop.example"}],"tls":[{}]},"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.9"}]}})").c_str()) ==
          "x|nginx|shop.example|203.0.113.9|80, 443|10m");
    CHECK(cells("nodes", object(R"("status":{"conditions":[{"type":"Ready","status":"True"}],"nodeInfo":{"kubeletVersion":"v1.31.0"}})").c_str(), 5) == "x|Ready|<none>|10m|v1.31.0");
    CHECK(cells("events", object(R"("type":"Warning","reason":"BackOff","message":"m","involvedObject":{"kind":"Pod","name":"p"},"lastTimestamp":"2026-01-01T00:09:30Z","count":4)").c_str(), 4) ==
          "30s|Warning|BackOff|pod/p");
    CHECK(cells("namespaces", object(R"("status":{"phase":"Active"})").c_str()) == "x|Active|10m");
    CHECK(cells("configmaps", object(R"("data":{"a":"1"},"binaryData":{"b":""})").c_str()) == "x|2|10m");
    CHECK(cells("secrets", object(R"("type":"Opaque","data":{"a":"1"})").c_str()) == "x|Opaque|1|10m");
    CHECK(cells("persistentvolumeclaims", object(R"("spec":{"volumeName":"pv","storageClassName":"standard","volumeMode":"Filesystem"},"status":{"phase":"Bound","accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"}})").c_str()) ==
          "x|Bound|pv|1Gi|RWO|standard|10m|Filesystem");
    CHECK(cells("horizontalpodautoscalers", object(R"("spec":{"minReplicas":1,"maxReplicas":5,"scaleTargetRef":{"kind":"Deployment","name":"w"},"metrics":[{"resource":{"name":"cpu","target":{"averageUtilization":80}}}]},
        "status":{"currentReplicas":2,"currentMetrics":[{"resource":{"current":{"averageUtilization":12}}}]})").c_str()) == "x|Deployment/w|cpu: 12%/80%|1|5|2|10m");
    CHECK(cells("networkpolicies", object(R"("spec":{"podSelector":{"matchLabels":{"a":"b"}}})").c_str()) == "x|a=b|10m");
}

TEST_CASE("tables cope with objects of any shape") {
    for (const auto& type : kube::resource_types()) {
        for (const char* text : {"{}", R"({"metadata":7,"spec":[],"status":"x"})", R"({"spec":{"ports":{},"containers":7,"rules":[null],"selector":3},"status":{"conditions":[1],"containerStatuses":[[]]}})"}) {
            CHECK(kube::table_cells(type, Json::parse(text), 0).size() == kube::table_columns(type).size());
        }
    }
}

TEST_CASE("discovery lists what is served, and kubectl's fixed questions are answered") {
    ApiRig rig;
    CHECK(rig.ok("GET", "/api")["versions"] == Json::array({"v1"}));
    CHECK(rig.ok("GET", "/apis")["groups"].size() == 8);
    CHECK(rig.ok("GET", "/apis/apps")["preferredVersion"]["groupVersion"] == "apps/v1");
    CHECK(rig.ok("GET", "/version")["major"] == "1");
    const Json apps = rig.ok("GET", "/apis/apps/v1");
    CHECK(apps["groupVersion"] == "apps/v1");
    bool scale = false;
    bool deployments = false;
    for (const Json& resource : apps["resources"]) {
        if (resource["name"] == "deployments/scale") scale = resource["group"] == "autoscaling" && resource["kind"] == "Scale";
        if (resource["name"] == "deployments") deployments = resource["shortNames"] == Json::array({"deploy"}) && resource["categories"] == Json::array({"all"});
    }
    CHECK(scale);
    CHECK(deployments);
    const Answer openapi = rig.call("GET", "/openapi/v2?timeout=32s");
    CHECK(openapi.status == 200);
    CHECK(openapi.text.empty());
    CHECK(openapi.headers.get("Content-Type") == "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
    for (const char* health : {"/healthz", "/livez", "/readyz"}) CHECK(rig.call("GET", health).text == "ok");
}
