// What the hub lets through to a cluster, for whom, and the three ways to change an object.
#include <catch2/catch_test_macros.hpp>

#include "hub_rig.hpp"
#include "kube/cluster.hpp"
#include "kube/object_store.hpp"

using base::Json;
using hub::text_at;
using hub::testing::Answer;
using hub::testing::HubRig;

namespace {

const std::string kWeb = "/apis/apps/v1/namespaces/default/deployments/web";

Json deployment() {
    return Json::parse(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"default"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},
        "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"nginx:1.27"}]}}}})");
}

// Stands before the cluster: remembers what it was asked, and may answer in its place.
struct Watched final : net::HttpHandler {
    net::HttpHandler* next = nullptr;
    std::vector<net::ServerRequest> seen;
    std::optional<net::Response> instead;
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        seen.push_back(request);
        if (instead) return writer->respond(*instead);
        next->handle(std::move(request), std::move(writer));
    }
};

struct Proxied {
    std::shared_ptr<base::testing::VirtualScheduler> time = std::make_shared<base::testing::VirtualScheduler>();
    base::testing::SeededRandom random{9};
    kube::Cluster cluster{{.scheduler = *time, .random = random}, {}};
    Watched before;
    std::unique_ptr<HubRig> rig;

    explicit Proxied(hub::AuthMode auth = hub::AuthMode::none) {
        before.next = &cluster.api();
        rig = std::make_unique<HubRig>(time, before, auth, "");
        time->run_ready();
        (void)cluster.store().create({"deployments", "default", "web"}, deployment());
        time->run_ready();
        before.seen.clear();
    }
    Answer get(const std::string& target, net::Headers headers = {}) {
        if (!rig->token.empty()) headers.set("authorization", "Bearer " + rig->token);
        std::optional<Answer> answer;
        const auto handle = net::fetch(*rig->client, {.method = "GET", .target = "/api/proxy" + target, .headers = std::move(headers)}, [&](base::Result<net::Response> response) {
            answer.emplace();
            if (!response) return;
            answer->status = response->status;
            answer->headers = response->headers;
            if (auto json = base::parse_json(response->body)) answer->body = std::move(*json);
        });
        for (int i = 0; i < 50 && !answer; ++i) {
            time->run_ready();
            if (!answer) time->advance(100);
        }
        return answer.value_or(Answer{});
    }
    [[nodiscard]] Json web() const {
        const auto found = cluster_store().get({"deployments", "default", "web"});
        return found ? *found : Json();
    }
    [[nodiscard]] kube::ObjectStore& cluster_store() const { return const_cast<kube::Cluster&>(cluster).store(); }
};

TEST_CASE("the proxy reads a cluster's path as the caller and passes the answer on") {
    Proxied p;
    const Answer list = p.get("/apis/apps/v1/deployments?limit=1");
    CHECK(list.status == 200);
    CHECK(text_at(list.body, "kind") == "DeploymentList");
    CHECK(list.headers.get("content-type") == "application/json");
    CHECK(list.headers.get("cache-control") == "no-store");
    CHECK(p.before.seen.back().target == "/apis/apps/v1/deployments?limit=1");
    CHECK_FALSE(p.before.seen.back().headers.has("authorization"));
    const Answer table = p.get("/apis/apps/v1/namespaces/default/deployments", {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}});
    CHECK(text_at(table.body, "kind") == "Table");
    CHECK(text_at(p.get("/api/v1/namespaces/default/pods/nothing").body, "reason") == "NotFound");
    CHECK(p.get("/api/v1/namespaces/default/pods/nothing").status == 404);
    CHECK(text_at(p.get("/apis").body, "kind") == "APIGroupList");
}

TEST_CASE("the cluster is named by a parameter that is not passed on") {
    Proxied p;
    CHECK(p.get("/api/v1/pods?cluster=default&limit=5").status == 200);
    CHECK(p.before.seen.back().target == "/api/v1/pods?limit=5");
    CHECK(p.get("/api/v1/pods?cluster=elsewhere").status == 404);
}

TEST_CASE("what is no path of the Kubernetes API, and streams, do not pass the proxy") {
    Proxied p;
    for (const char* path : {"/healthz", "/api/v1/namespaces/default/pods/a/b/c/d", "/api/v1/..%2F..%2Fsecrets", "/metrics", "/apis/apps/v1//deployments"}) {
        INFO(path);
        CHECK(p.get(path).status == 400);
    }
    CHECK(p.get("/api/v1/pods?watch=1").status == 400);
    CHECK(p.get("/api/v1/pods?watch=banana").status == 400);
    CHECK(p.get("/api/v1/namespaces/default/pods/web/log?follow").status == 400);
    CHECK(p.get("/api/v1/namespaces/default/pods/web/exec?command=ls").status == 400);
    CHECK(p.get("/api/v1/namespaces/default/services/web/proxy").status == 400);
    CHECK(p.before.seen.empty());
}

TEST_CASE("a cluster that refuses the hub's credentials does not end the caller's session") {
    Proxied p;
    p.before.instead = net::Response{401, {{"content-type", "application/json"}}, R"({"kind":"Status","message":"Unauthorized"})"};
    const Answer refused = p.get("/api/v1/pods");
    CHECK(refused.status == 403);
    CHECK(text_at(refused.body, "error") == "The cluster refuses the credentials: Unauthorized");
}

TEST_CASE("the proxy asks for a session where there are sessions") {
    Proxied p(hub::AuthMode::builtin);
    CHECK(p.get("/api/v1/pods").status == 401);
    CHECK(p.before.seen.empty());
}

TEST_CASE("an object is deleted by its path, and only while it is the one that was meant") {
    Proxied p;
    CHECK(p.rig->call("POST", "/objects/delete", {{"path", kWeb}, {"uid", "another"}}).status == 409);
    CHECK_FALSE(p.web().is_null());
    const Answer deleted = p.rig->call("POST", "/objects/delete", {{"path", kWeb}, {"uid", text_at(p.web(), "metadata", "uid")}});
    CHECK(deleted.status == 200);
    CHECK(deleted.body["deleted"] == true);
    CHECK(p.web().is_null());
    CHECK(p.rig->call("POST", "/objects/delete", {{"path", kWeb}}).status == 404);
}

TEST_CASE("an object that is held says what it waits for") {
    Proxied p;
    (void)p.cluster_store().modify({"deployments", "default", "web"}, [](Json& web) { web["metadata"]["finalizers"] = Json::array({"example.com/hold"}); });
    const Answer marked = p.rig->call("POST", "/objects/delete", {{"path", kWeb}});
    CHECK(marked.body["deleted"] == false);
    CHECK(marked.body["waiting"] == "It waits for its finalizer example.com/hold");
}

TEST_CASE("restart makes a new rollout of what can be rolled out") {
    Proxied p;
    CHECK(p.rig->call("POST", "/objects/restart", {{"path", kWeb}}).status == 200);
    CHECK_FALSE(text_at(p.web(), "spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt").empty());
    CHECK(text_at(p.web(), "spec", "template", "spec", "dnsPolicy") == "ClusterFirst");  // only merged
    CHECK(p.rig->call("POST", "/objects/restart", {{"path", "/api/v1/namespaces/default/services/kubernetes"}}).status == 400);
}

TEST_CASE("scale sets the replicas of whatever has a scale") {
    Proxied p;
    const Answer scaled = p.rig->call("POST", "/objects/scale", {{"path", kWeb}, {"replicas", 5}});
    CHECK(scaled.status == 200);
    CHECK(scaled.body["replicas"] == 5);
    CHECK(hub::number_at(p.web(), 0, "spec", "replicas") == 5);
    for (const Json& wrong : {Json(-1), Json("3"), Json(1.5), Json(99'999), Json(nullptr)}) {
        CHECK(p.rig->call("POST", "/objects/scale", {{"path", kWeb}, {"replicas", wrong}}).status == 400);
    }
    CHECK(p.rig->call("POST", "/objects/scale", {{"path", "/api/v1/namespaces/default/services/kubernetes"}, {"replicas", 2}}).status == 404);
}

TEST_CASE("changing needs the path of one object") {
    Proxied p;
    for (const char* path : {"", "/apis", "/apis/apps/v1/namespaces/default/deployments", "/apis/apps/v1/namespaces/default/deployments/web/scale", "nonsense/.."}) {
        INFO(path);
        CHECK(p.rig->call("POST", "/objects/delete", {{"path", path}}).status == 400);
    }
}

}  // namespace
