#include "api_rig.hpp"

using namespace kube::test;

TEST_CASE("an object is created, read, replaced and deleted") {
    ApiRig rig;
    const Json made = rig.ok("POST", kConfigMaps, config_map("a"));
    CHECK(made["metadata"]["namespace"] == "default");
    CHECK(made["metadata"]["managedFields"][0]["manager"] == "tester");
    Json read = rig.ok("GET", kConfigMaps + "/a");
    CHECK(read == made);
    read["data"]["key"] = "2";
    const Json replaced = rig.ok("PUT", kConfigMaps + "/a", read);
    CHECK(replaced["data"]["key"] == "2");
    CHECK(replaced["metadata"]["resourceVersion"] != made["metadata"]["resourceVersion"]);
    const Json gone = rig.ok("DELETE", kConfigMaps + "/a");
    CHECK(gone["status"] == "Success");
    CHECK(gone["details"]["name"] == "a");
    const Answer missing = rig.call("GET", kConfigMaps + "/a");
    CHECK(missing.status == 404);
    CHECK(missing.message() == "configmaps \"a\" not found");
    CHECK(missing.body["kind"] == "Status");
    CHECK(missing.body["details"] == Json{{"name", "a"}, {"kind", "configmaps"}});
}

TEST_CASE("errors name the group, as kubectl prints them") {
    ApiRig rig;
    CHECK(rig.call("GET", kDeployments + "/web").message() == "deployments.apps \"web\" not found");
    CHECK(rig.call("GET", kDeployments + "/web").body["details"]["group"] == "apps");
    rig.ok("POST", kDeployments, deployment("web"));
    const Answer again = rig.call("POST", kDeployments, deployment("web"));
    CHECK(again.status == 409);
    CHECK(again.reason() == "AlreadyExists");
    CHECK(again.message() == "deployments.apps \"web\" already exists");
}

TEST_CASE("a stale resourceVersion is refused with 409 and changes nothing") {
    ApiRig rig;
    const Json first = rig.ok("POST", kConfigMaps, config_map("a"));
    rig.ok("PUT", kConfigMaps + "/a", config_map("a", "2"));
    Json stale = first;
    stale["data"]["key"] = "3";
    const Answer answer = rig.call("PUT", kConfigMaps + "/a", stale);
    CHECK(answer.status == 409);
    CHECK(answer.message() == "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to "
                              "the latest version and try again");
    CHECK(rig.ok("GET", kConfigMaps + "/a")["data"]["key"] == "2");
}

TEST_CASE("clients cannot write what the server owns") {
    ApiRig rig;
    Json body = deployment("web");
    body["metadata"]["uid"] = "forged";
    body["metadata"]["creationTimestamp"] = "1999-01-01T00:00:00Z";
    body["metadata"]["generation"] = 99;
    body["metadata"]["deletionTimestamp"] = "1999-01-01T00:00:00Z";
    body["metadata"]["managedFields"] = Json::array({Json{{"manager", "x"}}});
    body["status"] = Json{{"readyReplicas", 99}};
    Json made = rig.ok("POST", kDeployments, body);
    CHECK(made["metadata"]["uid"].get<std::string>().size() == 36);
    CHECK(made["metadata"]["creationTimestamp"] == "2026-01-01T00:00:00Z");
    CHECK(made["metadata"]["generation"] == 1);
    CHECK_FALSE(made["metadata"].contains("deletionTimestamp"));
    CHECK(made["status"] == Json::object());
    made["status"]["readyReplicas"] = 3;
    CHECK(rig.ok("PUT", kDeployments + "/web", made)["status"] == Json::object());
    made = rig.ok("PUT", kDeployments + "/web/status", made);
    CHECK(made["status"]["readyReplicas"] == 3);
    made["spec"]["replicas"] = 1;
    CHECK(rig.ok("PUT", kDeployments + "/web/status", made)["spec"]["replicas"] == 3);
}

TEST_CASE("generateName gives a fresh name each time") {
    ApiRig rig;
    Json body = pod("x");
    body["metadata"].erase("name");
    body["metadata"]["generateName"] = "web-";
    const std::string first = rig.ok("POST", kPods, body)["metadata"]["name"].get<std::string>();
    const std::string second = rig.ok("POST", kPods, body)["metadata"]["name"].get<std::string>();
    CHECK(first.size() == 9);
    CHECK(first.starts_with("web-"));
    CHECK(first != second);
}

TEST_CASE("objects need an existing namespace, and one that is not ending") {
    ApiRig rig;
    const Answer none = rig.call("POST", "/api/v1/namespaces/nowhere/configmaps", config_map("a"));
    CHECK(none.status == 404);
    CHECK(none.message() == "namespaces \"nowhere\" not found");
    rig.ok("POST", "/api/v1/namespaces", Json{{"metadata", {{"name", "team"}}}});
    rig.ok("POST", "/api/v1/namespaces/team/configmaps", config_map("a"));
    const Json ending = rig.ok("DELETE", "/api/v1/namespaces/team");
    CHECK(ending["status"]["phase"] == "Terminating");
    CHECK(ending["metadata"].contains("deletionTimestamp"));
    const Answer late = rig.call("POST", "/api/v1/namespaces/team/configmaps", config_map("b"));
    CHECK(late.status == 403);
    CHECK(late.reason() == "Forbidden");
    CHECK(rig.call("DELETE", "/api/v1/namespaces/default").status == 403);
    Json body = config_map("a");
    body["metadata"]["namespace"] = "other";
    CHECK(rig.call("POST", kConfigMaps, body).status == 400);
}

TEST_CASE("dryRun answers as if, and stores nothing") {
    ApiRig rig;
    const auto before = rig.store.resource_version();
    CHECK(rig.ok("POST", kDeployments + "?dryRun=All", deployment("web"))["spec"]["strategy"]["type"] == "RollingUpdate");
    CHECK(rig.call("GET", kDeployments + "/web").status == 404);
    CHECK(rig.store.resource_version() == before);
    rig.ok("POST", kDeployments, deployment("web"));
    const auto after = rig.store.resource_version();
    CHECK(rig.call("PATCH", kDeployments + "/web?dryRun=All", Json{{"spec", {{"replicas", 9}}}}, {{"Content-Type", "application/merge-patch+json"}})
              .body["spec"]["replicas"] == 9);
    rig.ok("DELETE", kDeployments + "/web?dryRun=All");
    CHECK(rig.store.resource_version() == after);
    CHECK(rig.call("POST", kDeployments + "?dryRun=Some", deployment("x")).status == 400);
}

TEST_CASE("deleting a scheduled pod starts its grace period; an unscheduled one goes at once") {
    ApiRig rig;
    rig.ok("POST", kPods, pod("idle"));
    CHECK(rig.ok("DELETE", kPods + "/idle")["kind"] == "Pod");
    CHECK(rig.call("GET", kPods + "/idle").status == 404);

    rig.ok("POST", kPods, pod("busy"));
    rig.ok("POST", kPods + "/busy/binding", Json{{"target", {{"kind", "Node"}, {"name", "node-1"}}}});
    CHECK(rig.call("POST", kPods + "/busy/binding", Json{{"target", {{"name", "node-2"}}}}).status == 409);
    const Json ending = rig.ok("DELETE", kPods + "/busy");
    CHECK(ending["metadata"]["deletionGracePeriodSeconds"] == 30);
    CHECK(ending["metadata"]["deletionTimestamp"] == "2026-01-01T00:00:30Z");
    CHECK(rig.ok("DELETE", kPods + "/busy?gracePeriodSeconds=60")["metadata"]["deletionGracePeriodSeconds"] == 30);
    CHECK(rig.ok("DELETE", kPods + "/busy", Json{{"kind", "DeleteOptions"}, {"gracePeriodSeconds", 5}})["metadata"]["deletionGracePeriodSeconds"] == 5);
    rig.ok("DELETE", kPods + "/busy?gracePeriodSeconds=0");
    CHECK(rig.call("GET", kPods + "/busy").status == 404);
}

TEST_CASE("delete honours preconditions, finalizers and propagation") {
    ApiRig rig;
    const Json made = rig.ok("POST", kConfigMaps, config_map("a"));
    const Answer wrong = rig.call("DELETE", kConfigMaps + "/a", Json{{"preconditions", {{"uid", "other"}}}});
    CHECK(wrong.status == 409);
    CHECK(rig.call("DELETE", kConfigMaps + "/a", Json{{"preconditions", {{"resourceVersion", "1"}}}}).status == 409);
    CHECK(rig.call("DELETE", kConfigMaps + "/a", Json{{"propagationPolicy", "Sideways"}}).status == 422);
    rig.ok("DELETE", kConfigMaps + "/a", Json{{"preconditions", {{"uid", made["metadata"]["uid"]}}}});

    Json held = config_map("held");
    held["metadata"]["finalizers"] = Json::array({"example.com/hold"});
    rig.ok("POST", kConfigMaps, held);
    CHECK(rig.ok("DELETE", kConfigMaps + "/held")["metadata"].contains("deletionTimestamp"));
    rig.ok("PATCH", kConfigMaps + "/held", Json{{"metadata", {{"finalizers", nullptr}}}}, {{"Content-Type", "application/merge-patch+json"}});
    CHECK(rig.call("GET", kConfigMaps + "/held").status == 404);

    rig.ok("POST", kDeployments, deployment("web"));
    const Json foreground = rig.ok("DELETE", kDeployments + "/web?propagationPolicy=Foreground");
    CHECK(foreground["metadata"]["finalizers"] == Json::array({"foregroundDeletion"}));
}

TEST_CASE("deletecollection takes what the selector matches") {
    ApiRig rig;
    rig.ok("POST", kConfigMaps, config_map("a", "1", {{"tier", "x"}}));
    rig.ok("POST", kConfigMaps, config_map("b", "1", {{"tier", "y"}}));
    const Json gone = rig.ok("DELETE", kConfigMaps + "?labelSelector=tier%3Dx");
    CHECK(gone["items"].size() == 1);
    CHECK(rig.call("GET", kConfigMaps + "/a").status == 404);
    CHECK(rig.call("GET", kConfigMaps + "/b").status == 200);
    CHECK(rig.call("DELETE", "/api/v1/configmaps").status == 405);
}

TEST_CASE("the scale subresource shows and sets replicas") {
    ApiRig rig;
    rig.ok("POST", kDeployments, deployment("web", 2));
    Json scale = rig.ok("GET", kDeployments + "/web/scale");
    CHECK(scale["kind"] == "Scale");
    CHECK(scale["apiVersion"] == "autoscaling/v1");
    CHECK(scale["spec"]["replicas"] == 2);
    CHECK(scale["status"]["selector"] == "app=web");
    CHECK(rig.patch(kDeployments + "/web/scale", Json{{"spec", {{"replicas", 5}}}}).body["spec"]["replicas"] == 5);
    CHECK(rig.ok("GET", kDeployments + "/web")["spec"]["replicas"] == 5);
    CHECK(rig.call("PUT", kDeployments + "/web/scale", scale).status == 409);
    scale["metadata"].erase("resourceVersion");
    scale["spec"]["replicas"] = 0;
    CHECK(rig.ok("PUT", kDeployments + "/web/scale", scale)["spec"]["replicas"] == 0);
    CHECK(rig.patch(kDeployments + "/web/scale", Json{{"spec", {{"replicas", -1}}}}).status == 422);
    CHECK(rig.patch(kDeployments + "/web/scale", Json{{"spec", {{"replicas", "many"}}}}).status == 400);
    CHECK(rig.call("GET", kConfigMaps + "/a/scale").status == 404);
}

TEST_CASE("services get cluster IPs and node ports, without conflicts, and keep them") {
    ApiRig rig;
    const Json plain = rig.ok("POST", kServices, service("a"));
    const std::string ip = plain["spec"]["clusterIP"].get<std::string>();
    CHECK(ip.starts_with("10.96."));
    CHECK(plain["spec"]["clusterIPs"] == Json::array({ip}));
    CHECK(plain["spec"]["ports"][0]["targetPort"] == 80);
    CHECK(plain["spec"]["ports"][0]["protocol"] == "TCP");
    const Json exposed = rig.ok("POST", kServices, service("b", "NodePort"));
    const int node_port = exposed["spec"]["ports"][0]["nodePort"].get<int>();
    CHECK(node_port >= 30000);
    CHECK(node_port <= 32767);
    CHECK(exposed["spec"]["clusterIP"] != ip);

    Json taken = service("c");
    taken["spec"]["clusterIP"] = ip;
    CHECK(rig.call("POST", kServices, taken).status == 422);
    Json taken_port = service("d", "NodePort");
    taken_port["spec"]["ports"][0]["nodePort"] = node_port;
    const Answer conflict = rig.call("POST", kServices, taken_port);
    CHECK(conflict.status == 422);
    CHECK(conflict.message().find("provided port is already allocated") != std::string::npos);
    taken_port["spec"]["ports"][0]["nodePort"] = 80;
    CHECK(rig.call("POST", kServices, taken_port).status == 422);

    // A client that sends its own file again sends neither.
    Json again = service("b", "NodePort");
    const Json kept = rig.ok("PUT", kServices + "/b", again);
    CHECK(kept["spec"]["clusterIP"] == exposed["spec"]["clusterIP"]);
    CHECK(kept["spec"]["ports"][0]["nodePort"] == node_port);
    again["spec"]["clusterIP"] = "10.96.9.9";
    CHECK(rig.call("PUT", kServices + "/b", again).status == 422);

    Json headless = service("e");
    headless["spec"]["clusterIP"] = "None";
    CHECK(rig.ok("POST", kServices, headless)["spec"]["clusterIP"] == "None");
    CHECK(rig.ok("GET", kServices + "/kubernetes")["spec"]["clusterIP"] == "10.96.0.1");
}

TEST_CASE("secrets fold stringData into data") {
    ApiRig rig;
    const Json made = rig.ok("POST", "/api/v1/namespaces/default/secrets",
                             Json{{"metadata", {{"name", "s"}}}, {"stringData", {{"user", "admin"}}}, {"data", {{"user", "eA=="}, {"b", "eQ=="}}}});
    CHECK(made["data"] == Json{{"user", "YWRtaW4="}, {"b", "eQ=="}});
    CHECK(made["type"] == "Opaque");
    CHECK_FALSE(made.contains("stringData"));
    CHECK(rig.call("POST", "/api/v1/namespaces/default/secrets", Json{{"metadata", {{"name", "t"}}}, {"data", {{"a", "not base64!"}}}}).status == 422);
}

TEST_CASE("workloads are completed with defaults") {
    ApiRig rig;
    const Json made = rig.ok("POST", kDeployments, deployment("web"));
    CHECK(made["spec"]["strategy"] == Json::parse(R"({"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"}})"));
    CHECK(made["spec"]["revisionHistoryLimit"] == 10);
    const Json& spec = made["spec"]["template"]["spec"];
    CHECK(spec["restartPolicy"] == "Always");
    CHECK(spec["terminationGracePeriodSeconds"] == 30);
    CHECK(spec["containers"][0]["imagePullPolicy"] == "IfNotPresent");
    // Sending the same again is no change.
    const auto version = rig.store.resource_version();
    rig.ok("PUT", kDeployments + "/web", deployment("web"));
    CHECK(rig.store.resource_version() == version);

    Json job{{"metadata", {{"name", "migrate"}}},
             {"spec", {{"template", {{"spec", {{"restartPolicy", "Never"}, {"containers", Json::array({Json{{"name", "m"}, {"image", "x"}}})}}}}}}}};
    const Json started = rig.ok("POST", "/apis/batch/v1/namespaces/default/jobs", job);
    CHECK(started["spec"]["completions"] == 1);
    CHECK(started["spec"]["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"] == started["metadata"]["uid"]);
    CHECK(started["spec"]["template"]["metadata"]["labels"]["job-name"] == "migrate");
    CHECK(started["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] == "Always");
}

TEST_CASE("reviews allow everything") {
    ApiRig rig;
    const Json review = rig.ok("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                               Json{{"spec", {{"resourceAttributes", {{"verb", "list"}, {"resource", "pods"}}}}}});
    CHECK(review["status"]["allowed"] == true);
    CHECK(rig.ok("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", Json{{"spec", {{"namespace", "default"}}}})["status"]["incomplete"] == false);
    CHECK(rig.call("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Json{{"spec", Json::object()}}).status == 400);
}
