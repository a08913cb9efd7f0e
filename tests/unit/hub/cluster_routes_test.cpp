// /clusters against fake and in-memory clusters.
#include <catch2/catch_test_macros.hpp>

#include "fake_connector.hpp"
#include "fake_kube.hpp"
#include "hub_rig.hpp"
#include "kube/cluster.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

class Refusing final : public net::HttpHandler {
public:
    int status = 401;
    std::string body = R"({"kind":"Status","message":"Unauthorized"})";
    std::string version = R"({"gitVersion":"v1.30.1","platform":"linux/arm64"})";
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        if (request.target == "/version" && !version.empty()) return writer->respond({.status = 200, .headers = {}, .body = version});
        writer->respond({.status = status, .headers = {}, .body = body});
    }
};

class Broken final : public net::HttpHandler {
    void handle(net::ServerRequest, std::shared_ptr<net::ResponseWriter> writer) override { writer->abort(); }
};

struct ClusterRig {
    FakeKube kube;
    FakeKube staging;
    HubRig rig;
    FakeConnector connector;
    explicit ClusterRig(AuthMode auth = AuthMode::none) : rig(kube, auth), connector(rig.time) {
        connector.servers["https://staging:6443"] = &staging;
        rig.connector = &connector;
        rig.start();
    }
    static Json by_token(const std::string& name, const std::string& server = "https://staging:6443") {
        return {{"name", name}, {"server", server}, {"authType", "token"}, {"credentials", {{"token", "s3cret-token"}, {"namespace", "team"}}}};
    }
    Answer add(const std::string& name = "staging") { return rig.call("POST", "/clusters", by_token(name)); }
    Json cluster(const std::string& name) { return rig.call("GET", "/clusters/" + name).body; }
};

std::string first_detail(const Answer& answer) {
    const Json& details = array_at(answer.body, "details");
    return details.empty() ? "" : details[0].get<std::string>();
}

}  // namespace

TEST_CASE("the hub's own cluster is listed, checked and the default") {
    ClusterRig c;
    const Answer list = c.rig.call("GET", "/clusters");
    REQUIRE(list.body["clusters"].size() == 1);
    const Json& own = list.body["clusters"][0];
    CHECK(text_at(own, "name") == "demo");
    CHECK(text_at(own, "status") == "connected");
    CHECK(flag_at(own, "default"));
    CHECK(flag_at(own, "builtin"));
    CHECK(text_at(own, "metadata", "version") == "v1.34.0");
    CHECK(text_at(list.body, "default") == "demo");
    for (const char* method : {"PUT", "DELETE"}) CHECK(c.rig.call(method, "/clusters/demo").status == 409);
    CHECK(c.rig.call("PUT", "/clusters/demo/credentials").status == 409);
    CHECK(c.rig.call("GET", "/clusters/none").status == 404);
}

TEST_CASE("a cluster is added by token, and its credentials never come back") {
    ClusterRig c;
    const Answer added = c.add();
    INFO(dump_json(added.body));
    REQUIRE(added.status == 201);
    CHECK(text_at(added.body, "cluster", "status") == "connected");
    CHECK(text_at(added.body, "cluster", "namespace") == "team");
    CHECK(c.connector.connected.back().token == "s3cret-token");
    for (const char* path : {"/clusters", "/clusters/staging", "/clusters/staging/status", "/clusters/staging/metrics", "/clusters/staging/logs"}) {
        const Answer answer = c.rig.call("GET", path);
        INFO(path);
        CHECK(answer.status == 200);
        CHECK(dump_json(answer.body).find("s3cret") == std::string::npos);
    }
    CHECK(c.rig.call("GET", "/clusters").body["clusters"].size() == 2);
    // What is shown and what is not are two documents.
    std::string shown;
    c.rig.store.get("clusters", "staging", [&](base::Result<Document> document) { shown = document->json; });
    c.rig.time.run_ready();
    CHECK(shown.find("staging:6443") != std::string::npos);
    CHECK(shown.find("s3cret") == std::string::npos);
}

TEST_CASE("each mistake has the path of its field") {
    ClusterRig c;
    const auto refused = [&](Json body) {
        const Answer answer = c.rig.call("POST", "/clusters", std::move(body));
        CHECK(answer.status == 400);
        return first_detail(answer);
    };
    CHECK(refused({{"name", "x"}}) == "authType: required: kubeconfig, token, serviceaccount or certificate");
    CHECK(refused(ClusterRig::by_token("Not A Name")).starts_with("name: takes a-z"));
    CHECK(refused(ClusterRig::by_token("default")).starts_with("name: \"default\" has a meaning"));
    CHECK(refused(ClusterRig::by_token("demo")).starts_with("name: there is a cluster of that name already"));
    CHECK(refused(ClusterRig::by_token("x", "10.0.0.1:6443")).starts_with("server: "));
    Json body = ClusterRig::by_token("x");
    body["credentials"]["token"] = "";
    CHECK(refused(body) == "credentials.token: required");
    body["credentials"]["token"] = "two words";
    CHECK(refused(body).starts_with("credentials.token: has characters"));
    body = ClusterRig::by_token("x");
    body["credentials"]["caData"] = "nonsense";
    CHECK(refused(body).starts_with("credentials.caData: is neither PEM"));
    body["authType"] = "certificate";
    body["credentials"] = Json::object();
    CHECK(refused(body) == "credentials.clientCertData: required");
    body["authType"] = "oidc";
    CHECK(refused(body).starts_with("authType: signing in"));
    CHECK(refused({{"name", "x"}, {"authType", "kubeconfig"}, {"credentials", {{"kubeconfig", "kind: Config\nclusters: []\ncontexts: [{name: a}, {name: b}]\n"}}}}) ==
          "credentials.kubeconfig: The kubeconfig names no current context; contexts: a, b");
    CHECK(c.rig.call("GET", "/clusters").body["clusters"].size() == 1);
}

TEST_CASE("a cluster that does not answer, or not as it should, is refused with the reason") {
    ClusterRig c;
    Broken broken;
    Refusing refusing;
    Refusing page;
    page.version = "<html>hello</html>";
    c.connector.servers["https://broken"] = &broken;
    c.connector.servers["https://refusing"] = &refusing;
    c.connector.servers["https://page"] = &page;
    const Answer dead = c.rig.call("POST", "/clusters", ClusterRig::by_token("x", "https://broken"));
    CHECK(dead.status == 503);
    CHECK(text_at(dead.body, "status") == "disconnected");
    CHECK_FALSE(text_at(dead.body, "error").empty());
    const Answer unauthorized = c.rig.call("POST", "/clusters", ClusterRig::by_token("x", "https://refusing"));
    CHECK(unauthorized.status == 503);  // never 401: that would end the caller's session
    CHECK(text_at(unauthorized.body, "error") == "The cluster refuses the credentials: Unauthorized");
    CHECK_FALSE(text_at(unauthorized.body, "hint").empty());
    CHECK(c.rig.call("POST", "/clusters", ClusterRig::by_token("x", "https://page")).status == 503);
    const Answer no_way = c.rig.call("POST", "/clusters", ClusterRig::by_token("x", "https://unknown"));
    CHECK(no_way.status == 400);
    CHECK(text_at(no_way.body, "error") == "no way to https://unknown");
    Json body = ClusterRig::by_token("later", "https://broken");
    body["verify"] = false;
    CHECK(c.rig.call("POST", "/clusters", body).status == 201);
    CHECK(c.rig.call("POST", "/clusters/later/test").status == 503);
    CHECK(text_at(c.cluster("later"), "status") == "disconnected");
    CHECK(c.rig.call("POST", "/clusters/test", ClusterRig::by_token("", "https://staging:6443")).status == 200);
    CHECK(c.rig.call("GET", "/clusters").body["clusters"].size() == 2);
}

TEST_CASE("a pasted kubeconfig is looked through before it is used") {
    ClusterRig c;
    const std::string config = "kind: Config\ncurrent-context: a\nclusters: [{name: c, cluster: {server: 'https://staging:6443'}}]\n"
                               "contexts: [{name: a, context: {cluster: c, user: u}}, {name: b, context: {cluster: c, user: v}}]\n"
                               "users: [{name: u, user: {token: t0}}, {name: v, user: {exec: {command: aws}}}]\n";
    const Answer seen = c.rig.call("POST", "/clusters/kubeconfig", {{"kubeconfig", config}});
    REQUIRE(seen.status == 200);
    CHECK(text_at(seen.body, "current") == "a");
    CHECK(text_at(seen.body["contexts"][0], "server") == "https://staging:6443");
    CHECK(text_at(seen.body["contexts"][1], "problem").find("aws") != std::string::npos);
    CHECK(dump_json(seen.body).find("t0") == std::string::npos);
    CHECK(first_detail(c.rig.call("POST", "/clusters/kubeconfig", {{"kubeconfig", "a: [1"}})).starts_with("credentials.kubeconfig: The kubeconfig cannot be read: line "));
    const Answer added = c.rig.call("POST", "/clusters", {{"name", "k"}, {"authType", "kubeconfig"}, {"credentials", {{"kubeconfig", config}, {"context", "a"}}}});
    CHECK(added.status == 201);
    CHECK(text_at(added.body, "cluster", "context") == "a");
    CHECK(c.connector.connected.back().token == "t0");
}

TEST_CASE("the status is what is known, asked again after two minutes, stale when it cannot be") {
    ClusterRig c;
    c.add();
    const std::size_t before = c.staging.count("GET /version");
    CHECK(flag_at(c.rig.call("GET", "/clusters/staging/status").body, "isOnline"));
    CHECK(c.staging.count("GET /version") == before);
    c.rig.time.advance(121'000);
    const Answer cached = c.rig.call("GET", "/clusters/staging/status?cached=true");
    CHECK(flag_at(cached.body, "isStale"));
    CHECK(flag_at(cached.body, "isOnline"));
    c.staging.failures["GET /version"] = {503, FakeKube::status(503, "Unavailable", "etcd is away")};
    const Answer asked = c.rig.call("GET", "/clusters/staging/status");
    CHECK_FALSE(flag_at(asked.body, "isOnline"));
    CHECK_FALSE(flag_at(asked.body, "isStale"));
    CHECK(text_at(asked.body, "status") == "disconnected");
    CHECK(text_at(asked.body, "message") == "etcd is away");
    const Answer log = c.rig.call("GET", "/clusters/staging/logs?limit=1");
    CHECK(text_at(log.body["logs"][0], "message") == "etcd is away");
    CHECK(text_at(log.body["logs"][0], "level") == "error");
}

TEST_CASE("a cluster that hangs is given up after ten seconds, and several who ask are one question") {
    ClusterRig c;
    c.add();
    c.rig.time.advance(121'000);
    c.staging.hang_paths.insert("/version");
    const std::size_t before = c.staging.count("GET /version");
    int answers = 0;
    std::vector<net::RequestHandle> handles;
    for (int i = 0; i < 3; ++i) {
        handles.push_back(net::fetch(*c.rig.client, {.method = "GET", .target = "/v1/api/clusters/staging/status"}, [&](base::Result<net::Response> response) {
            answers += response && response->status == 200 ? 1 : 0;
        }));
    }
    c.rig.time.advance(10'100);
    CHECK(answers == 3);
    CHECK(c.staging.count("GET /version") == before + 1);
}

TEST_CASE("metadata and metrics are read from what the cluster has") {
    base::testing::SeededRandom random{3};
    ClusterRig c;
    kube::Cluster cluster({.scheduler = c.rig.time, .random = random}, {});
    c.connector.servers["https://real"] = &cluster.api();
    REQUIRE(c.rig.call("POST", "/clusters", ClusterRig::by_token("real", "https://real")).status == 201);
    const Answer refreshed = c.rig.call("POST", "/clusters/real/refresh");
    REQUIRE(refreshed.status == 200);
    const Json& metadata = object_at(refreshed.body, "metadata");
    CHECK(number_at(metadata, 0, "nodeCount") > 0);
    CHECK(number_at(metadata, 0, "cpuCapacity") == 4 * number_at(metadata, 0, "nodeCount"));
    CHECK(text_at(metadata, "provider") == "binnacle");
    CHECK_FALSE(array_at(metadata, "namespaces").empty());
    const Answer metrics = c.rig.call("GET", "/clusters/real/metrics");
    REQUIRE(metrics.status == 200);
    INFO(dump_json(metrics.body));
    CHECK(text_at(metrics.body, "source") == "requests");
    CHECK(number_at(metrics.body, 0, "resources", "memory", "capacity") > 1'000'000);
    CHECK(number_at(metrics.body, 0, "nodeCount") == number_at(metadata, 0, "nodeCount"));
}

TEST_CASE("usage is measured where there is a metrics server, and cached for a moment") {
    ClusterRig c;
    c.add();
    c.staging.put("/api/v1/nodes/n1", {{"metadata", {{"name", "n1"}}}, {"status", {{"allocatable", {{"cpu", "4"}, {"memory", "8Gi"}}}, {"conditions", Json::array({{{"type", "Ready"}, {"status", "True"}}})}}}});
    const Json usage = {{"metadata", {{"name", "n1"}}}, {"usage", {{"cpu", "1000m"}, {"memory", "2Gi"}}}};
    c.staging.failures["GET /apis/metrics.k8s.io/v1beta1/nodes"] = {200, {{"items", Json::array({usage})}}};
    const Answer metrics = c.rig.call("GET", "/clusters/staging/metrics");
    CHECK(text_at(metrics.body, "source") == "metrics");
    CHECK(value_at(metrics.body, "resources", "cpu", "percentage") == 25.0);
    CHECK(value_at(metrics.body, "resources", "memory", "percentage") == 25.0);
    CHECK(text_at(metrics.body["health"][0], "message") == "1 of 1 ready");
    const std::size_t before = c.staging.count("GET /api/v1/nodes");
    (void)c.rig.call("GET", "/clusters/staging/metrics");
    CHECK(c.staging.count("GET /api/v1/nodes") == before);
    (void)c.rig.call("GET", "/clusters/staging/metrics?refresh=true");
    CHECK(c.staging.count("GET /api/v1/nodes") > before);
}

TEST_CASE("a workflow runs, is watched and is read in the cluster that it names") {
    ClusterRig c;
    c.add();
    const Answer made = c.rig.call("POST", "/workflows", {{"name", "w"}, {"cluster_id", "staging"}, {"nodes", Json::array({node("d", "deployment", {{"name", "web"}, {"image", "a"}})})}, {"edges", Json::array()}});
    REQUIRE(made.status == 201);
    const std::string id = text_at(made.body, "id");
    (void)c.rig.call("PUT", "/workflows/" + id + "/status", {{"status", "published"}});
    REQUIRE(c.rig.call("POST", "/workflows/" + id + "/run").status == 200);
    // Without a namespace of its own a node goes to that of the cluster's credentials.
    CHECK(c.staging.objects.contains("/apis/apps/v1/namespaces/team/deployments/web"));
    CHECK(c.kube.objects.empty());
    const auto stream = c.rig.open("/workflows/" + id + "/status/stream");
    CHECK(c.staging.open_watches() > 0);
    CHECK(c.kube.open_watches() == 0);
    c.staging.put("/api/v1/namespaces/team/pods/web-0", {{"kind", "Pod"}, {"metadata", {{"name", "web-0"}, {"namespace", "team"}, {"uid", "u1"}}}, {"spec", {{"containers", Json::array({{{"name", "web"}}})}}}});
    const Answer pods = c.rig.call("GET", "/workflows/" + id + "/nodes/d/pods");
    REQUIRE(pods.body["pods"].size() == 1);
    const std::string pod_id = text_at(pods.body["pods"][0], "id");
    CHECK(pod_id == "pods~team~web-0~u1~staging");
    const auto log = c.rig.open("/resources/" + pod_id + "/logs/stream");
    CHECK(c.staging.logs.size() == 1);
    CHECK(text_at(log->events[0].json(), "cluster") == "staging");
    CHECK(text_at(c.rig.call("GET", "/resources?cluster=staging&type=Pod").body["resources"][0], "id") == pod_id);
    CHECK(c.rig.call("GET", "/resources?cluster=none").status == 404);
    CHECK(c.rig.call("POST", "/workflows", {{"name", "w"}, {"cluster_id", "none"}}).status == 400);

    // With objects in it the cluster is not deleted by accident; by force the workflow stays and says what it lacks.
    const Answer kept = c.rig.call("DELETE", "/clusters/staging");
    CHECK(kept.status == 409);
    CHECK(first_detail(kept) == "w");
    REQUIRE(c.rig.call("DELETE", "/clusters/staging?force=true").status == 200);
    c.rig.time.run_ready();
    CHECK(stream->done);
    const Answer orphan = c.rig.call("POST", "/workflows/" + id + "/run");
    CHECK(orphan.status == 409);
    CHECK(text_at(orphan.body, "error").find("\"staging\" is not here") != std::string::npos);
    const auto silent = c.rig.open("/workflows/" + id + "/status/stream");
    CHECK(silent->status == 200);  // the hub is well: the stream says what is wrong with the cluster
    REQUIRE(silent->of_type("error").size() == 1);
    CHECK(silent->of_type("error")[0].data.find("\"staging\" is not here") != std::string::npos);
    CHECK_FALSE(silent->done);
    // It can go to another one.
    REQUIRE(c.rig.call("PUT", "/workflows/" + id, {{"cluster_id", "demo"}}).status == 200);
    CHECK(c.rig.call("POST", "/workflows/" + id + "/run").status == 200);
    CHECK(c.kube.objects.contains("/apis/apps/v1/namespaces/default/deployments/web"));
    c.add("other");
    CHECK(c.rig.call("PUT", "/workflows/" + id, {{"cluster_id", "other"}}).status == 409);
}

TEST_CASE("the default is where new workflows go, and falls back when it is deleted") {
    ClusterRig c;
    c.add();
    REQUIRE(c.rig.call("PUT", "/clusters/staging/default").status == 200);
    CHECK(text_at(c.rig.call("GET", "/clusters/default").body, "name") == "staging");
    const Answer made = c.rig.call("POST", "/workflows", {{"name", "w"}});
    const std::string id = text_at(made.body, "id");
    CHECK(text_at(c.rig.call("GET", "/workflows/" + id).body, "cluster_id") == "staging");
    REQUIRE(c.rig.call("DELETE", "/clusters/staging").status == 200);
    CHECK(text_at(c.rig.call("GET", "/clusters/default").body, "name") == "demo");
    // A copy of a workflow without its cluster goes to the default one.
    const Answer copy = c.rig.call("POST", "/workflows/" + id + "/clone");
    CHECK(text_at(copy.body, "workflow", "cluster_id") == "demo");
    CHECK(c.rig.call("DELETE", "/workflows/" + id).status == 200);
}

TEST_CASE("clusters, credentials, log and default survive a restart of the hub") {
    ClusterRig c;
    c.add();
    REQUIRE(c.rig.call("PUT", "/clusters/staging", {{"displayName", "Staging area"}, {"labels", {{"tier", "2"}}}}).status == 200);
    REQUIRE(c.rig.call("PUT", "/clusters/staging/default").status == 200);
    c.connector.connected.clear();
    c.rig.start();
    const Json known = c.cluster("staging");
    CHECK(text_at(known, "displayName") == "Staging area");
    CHECK(text_at(known, "labels", "tier") == "2");
    CHECK(flag_at(known, "default"));
    REQUIRE(c.connector.connected.size() == 1);
    CHECK(c.connector.connected[0].token == "s3cret-token");
    CHECK(c.rig.call("POST", "/clusters/staging/test").status == 200);
    CHECK(c.rig.call("GET", "/clusters/staging/logs").body["logs"].size() >= 3);
}

TEST_CASE("credentials are replaced only by such that work") {
    ClusterRig c;
    Refusing refusing;
    c.connector.servers["https://refusing"] = &refusing;
    c.add();
    CHECK(c.rig.call("PUT", "/clusters/staging/credentials", {{"authType", "token"}, {"server", "https://refusing"}, {"credentials", {{"token", "new"}}}}).status == 503);
    CHECK(text_at(c.cluster("staging"), "server") == "https://staging:6443");
    REQUIRE(c.rig.call("PUT", "/clusters/staging/credentials", {{"authType", "token"}, {"credentials", {{"token", "new"}}}}).status == 200);
    CHECK(c.connector.connected.back().token == "new");
    CHECK(text_at(c.cluster("staging"), "status") == "connected");
}

TEST_CASE("only admins add clusters; others see and use what is shared with them") {
    ClusterRig c(AuthMode::builtin);
    const auto sign_up = [&](const std::string& email, const std::string& code) {
        c.rig.token.clear();
        const Answer answer = c.rig.call("POST", "/auth/register", {{"name", "N"}, {"email", email}, {"password", "correct horse"}, {"inviteCode", code}});
        return text_at(answer.body, "token");
    };
    const std::string admin = sign_up("ann@example.com", "");
    c.rig.token = admin;
    const Answer invite = c.rig.call("GET", "/admin/settings/invite-code");
    std::string code;
    for (const auto& [key, value] : invite.body.items()) {
        if (value.is_string() && value.get<std::string>().size() == 6) code = value.get<std::string>();
    }
    REQUIRE(c.add().status == 201);
    const std::string bob = sign_up("bob@example.com", code);
    REQUIRE_FALSE(bob.empty());
    c.rig.token = bob;
    CHECK(c.add("mine").status == 403);
    CHECK(c.rig.call("POST", "/clusters/test", ClusterRig::by_token("x")).status == 403);
    CHECK(c.rig.call("GET", "/clusters").body["clusters"].size() == 1);
    CHECK(c.rig.call("GET", "/clusters/staging").status == 404);
    CHECK(c.rig.call("GET", "/resources?cluster=staging").status == 404);
    CHECK(c.rig.call("POST", "/workflows", {{"name", "w"}, {"cluster_id", "staging"}}).status == 400);

    const auto share = [&](const std::string& role, Json namespaces) {
        c.rig.token = admin;
        const Answer answer = c.rig.call("POST", "/clusters/staging/share", {{"targetUserId", "bob@example.com"}, {"role", role}, {"namespaces", std::move(namespaces)}});
        c.rig.token = bob;
        return answer.status;
    };
    CHECK(share("king", Json::array()) == 400);
    REQUIRE(share("viewer", Json::array()) == 200);
    CHECK(c.rig.call("GET", "/clusters").body["clusters"].size() == 2);
    CHECK_FALSE(flag_at(c.cluster("staging"), "canRun"));
    const std::string id = text_at(c.rig.call("POST", "/workflows", {{"name", "w"}, {"cluster_id", "staging"}, {"nodes", Json::array({node("d", "deployment", {{"name", "web"}, {"image", "a"}})})}, {"edges", Json::array()}}).body, "id");
    (void)c.rig.call("PUT", "/workflows/" + id + "/status", {{"status", "published"}});
    CHECK(c.rig.call("POST", "/workflows/" + id + "/run").status == 403);
    REQUIRE(share("editor", Json::array({"other"})) == 200);
    const Answer elsewhere = c.rig.call("POST", "/workflows/" + id + "/run");
    CHECK(elsewhere.status == 403);
    CHECK(text_at(elsewhere.body, "error") == "web is in the namespace team, which is not shared with you.");
    REQUIRE(share("editor", Json::array({"team"})) == 200);
    CHECK(c.rig.call("POST", "/workflows/" + id + "/run").status == 200);
    c.staging.put("/api/v1/namespaces/secret/pods/p", {{"metadata", {{"name", "p"}, {"namespace", "secret"}, {"uid", "u"}}}});
    CHECK(number_at(c.rig.call("GET", "/resources?cluster=staging&type=Pod").body, -1, "total") == 0);
    CHECK(c.rig.call("GET", "/resources/pods~secret~p~u~staging").status == 403);
    REQUIRE(share("none", Json::array()) == 200);
    CHECK(c.rig.call("GET", "/clusters/staging").status == 404);
}

TEST_CASE("without accounts there is nobody to share with, without a connector nothing to add") {
    ClusterRig c;
    c.add();
    CHECK(c.rig.call("POST", "/clusters/staging/share", {{"targetUserId", "x"}}).status == 409);
    c.rig.connector = nullptr;
    c.rig.start();
    const Answer answer = c.add("more");
    CHECK(answer.status == 503);
    CHECK(text_at(answer.body, "error") == "This server cannot reach further clusters.");
    CHECK(c.rig.call("POST", "/clusters/staging/test").status == 503);
}
