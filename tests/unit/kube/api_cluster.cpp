// The cluster as a whole: API server and controllers together, over HTTP.
#include "api_rig.hpp"

#include "kube/cluster.hpp"

using namespace kube::test;

namespace {

struct ClusterRig {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random;
    kube::Cluster cluster{{time, random}, {.node_count = 2, .speed = 10}};
    net::LoopbackClient client{time, cluster.api()};

    Answer call(std::string method, std::string target, const Json& body = nullptr, net::Headers headers = {}) {
        std::optional<Answer> answer;
        auto handle = net::fetch(client, {.method = std::move(method), .target = std::move(target), .headers = std::move(headers), .body = body.is_null() ? std::string() : body.dump()},
                                 [&](base::Result<net::Response> response) {
                                     REQUIRE(response);
                                     answer = Answer{response->status, response->headers, response->body, Json()};
                                 });
        for (int i = 0; i < 100 && !answer; ++i) time.advance(1);
        REQUIRE(answer);
        if (auto json = base::parse_json(answer->text); json) answer->body = *json;
        return *answer;
    }

    bool becomes(const std::string& target, const Json::json_pointer& at, const Json& value) {
        for (int i = 0; i < 600; ++i) {
            const Json body = call("GET", target).body;
            if (body.contains(at) && body[at] == value) return true;
            time.advance(100);
        }
        return false;
    }
};

}  // namespace

TEST_CASE("a deployment made over HTTP becomes ready, is scaled and deleted") {
    ClusterRig rig;
    CHECK(rig.call("POST", kDeployments, deployment("web", 2)).status == 201);
    CHECK(rig.becomes(kDeployments + "/web", Json::json_pointer("/status/readyReplicas"), 2));
    const Json table = rig.call("GET", kPods, nullptr, {{"Accept", kTable}}).body;
    REQUIRE(table["rows"].size() == 2);
    CHECK(table["rows"][0]["cells"][1] == "1/1");
    CHECK(table["rows"][0]["cells"][2] == "Running");
    const std::string name = table["rows"][0]["cells"][0].get<std::string>();
    const Answer log = rig.call("GET", kPods + "/" + name + "/log?tailLines=2");
    CHECK(log.status == 200);
    CHECK_FALSE(log.text.empty());

    CHECK(rig.call("PATCH", kDeployments + "/web/scale", Json{{"spec", {{"replicas", 1}}}}, {{"Content-Type", "application/merge-patch+json"}}).status == 200);
    CHECK(rig.becomes(kDeployments + "/web", Json::json_pointer("/status/replicas"), 1));
    CHECK(rig.call("DELETE", kDeployments + "/web").status == 200);
    CHECK(rig.becomes(kPods, Json::json_pointer("/items"), Json::array()));
}

TEST_CASE("a service's endpoints are mirrored as a slice, which goes with them") {
    ClusterRig rig;
    const std::string slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
    const std::string ours = slices + "?labelSelector=kubernetes.io/service-name%3Dweb";
    rig.call("POST", kServices, service("web"));
    rig.call("POST", kDeployments, deployment("web", 2));
    CHECK(rig.becomes(ours, Json::json_pointer("/items/0/endpoints/1/conditions/ready"), true));
    const Json slice = rig.call("GET", slices + "/web-0").body;
    CHECK(slice["ports"] == Json::parse(R"([{"name":"","port":80,"protocol":"TCP"}])"));
    CHECK(slice["endpoints"][0]["targetRef"]["kind"] == "Pod");
    rig.call("DELETE", kServices + "/web");
    CHECK(rig.becomes(ours, Json::json_pointer("/items"), Json::array()));
}

TEST_CASE("deleting in the foreground, and orphaning, are carried out") {
    ClusterRig rig;
    rig.call("POST", kDeployments, deployment("web", 1));
    CHECK(rig.becomes(kDeployments + "/web", Json::json_pointer("/status/readyReplicas"), 1));
    CHECK(rig.call("DELETE", kDeployments + "/web?propagationPolicy=Orphan").status == 200);
    CHECK(rig.becomes(kDeployments + "/web", Json::json_pointer("/code"), 404));
    rig.time.advance(10'000);
    CHECK(rig.call("GET", kPods).body["items"].size() == 1);
    CHECK(rig.call("DELETE", "/apis/apps/v1/namespaces/default/replicasets?propagationPolicy=Foreground").status == 200);
    CHECK(rig.becomes("/apis/apps/v1/namespaces/default/replicasets", Json::json_pointer("/items"), Json::array()));
    CHECK(rig.call("GET", kPods).body["items"].empty());
}

TEST_CASE("a namespace takes its content with it") {
    ClusterRig rig;
    rig.call("POST", "/api/v1/namespaces", Json{{"metadata", {{"name", "team"}}}});
    CHECK(rig.call("POST", "/apis/apps/v1/namespaces/team/deployments", deployment("web", 1)).status == 201);
    CHECK(rig.becomes("/apis/apps/v1/namespaces/team/deployments/web", Json::json_pointer("/status/readyReplicas"), 1));
    rig.call("DELETE", "/api/v1/namespaces/team");
    CHECK(rig.becomes("/api/v1/namespaces/team", Json::json_pointer("/code"), 404));
    CHECK(rig.call("GET", "/api/v1/namespaces/team/pods").body["items"].empty());
}

TEST_CASE("a snapshot brings a cluster back, with versions that go on") {
    ClusterRig rig;
    rig.call("POST", kDeployments, deployment("web", 2));
    REQUIRE(rig.becomes(kDeployments + "/web", Json::json_pointer("/status/readyReplicas"), 2));
    const std::string snapshot = rig.cluster.snapshot();
    const Json before = rig.call("GET", kDeployments + "/web").body;

    ClusterRig other;
    REQUIRE(other.cluster.restore(snapshot));
    const Json after = other.call("GET", kDeployments + "/web").body;
    CHECK(after["metadata"]["uid"] == before["metadata"]["uid"]);
    other.time.advance(10'000);
    CHECK(other.call("GET", kPods).body["items"].size() == 2);
    const Json scaled = other.call("PATCH", kDeployments + "/web", Json{{"spec", {{"replicas", 1}}}}, {{"Content-Type", "application/merge-patch+json"}}).body;
    CHECK(std::stoull(scaled["metadata"]["resourceVersion"].get<std::string>()) > std::stoull(before["metadata"]["resourceVersion"].get<std::string>()));
    CHECK(other.becomes(kDeployments + "/web", Json::json_pointer("/status/readyReplicas"), 1));

    CHECK_FALSE(other.cluster.restore("{"));
    CHECK_FALSE(other.cluster.restore(R"({"resourceVersion":1})"));
    CHECK(other.call("GET", kDeployments + "/web").status == 200);
}
