#include "api_rig.hpp"

using namespace kube::test;

TEST_CASE("an invalid object is 422 with a cause per field") {
    ApiRig rig;
    const Answer answer = rig.call("POST", kPods, Json{{"metadata", {{"name", "Bad_Name"}}}, {"spec", {{"containers", Json::array()}}}});
    CHECK(answer.status == 422);
    CHECK(answer.reason() == "Invalid");
    const Json& causes = answer.body["details"]["causes"];
    REQUIRE(causes.size() == 2);
    CHECK(causes[0]["field"] == "metadata.name");
    CHECK(causes[0]["reason"] == "FieldValueInvalid");
    CHECK(causes[1] == Json{{"field", "spec.containers"}, {"reason", "FieldValueRequired"}, {"message", "Required value"}});
    CHECK(answer.message().starts_with("Pod \"Bad_Name\" is invalid: [metadata.name: Invalid value: \"Bad_Name\": a lowercase RFC 1123 subdomain"));
    CHECK(answer.body["details"]["kind"] == "Pod");
}

TEST_CASE("each rule of each kind is checked") {
    ApiRig rig;
    const std::string apps = "/apis/apps/v1/namespaces/default/";
    struct Case {
        std::string path;
        const char* patch;  // merged into a sound object of the path's kind
        const char* field;
    };
    const Case cases[] = {
        {kDeployments, R"({"spec":{"selector":null}})", "spec.selector"},
        {kDeployments, R"({"spec":{"selector":{"matchLabels":{"app":"other"}}}})", "spec.template.metadata.labels"},
        {kDeployments, R"({"spec":{"selector":{"matchExpressions":[{"key":"a","operator":"Near"}]}}})", "spec.selector"},
        {kDeployments, R"({"spec":{"selector":{"matchLabels":null}}})", "spec.selector"},
        {kDeployments, R"({"spec":{"replicas":-1}})", "spec.replicas"},
        {kDeployments, R"({"spec":{"replicas":2000000000}})", "spec.replicas"},
        {kDeployments, R"({"spec":{"template":null}})", "spec.template"},
        {kDeployments, R"({"spec":{"strategy":{"type":"Sideways"}}})", "spec.strategy.type"},
        {kDeployments, R"({"spec":{"strategy":{"rollingUpdate":{"maxSurge":"many"}}}})", "spec.strategy.rollingUpdate.maxSurge"},
        {kDeployments, R"({"spec":{"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":0}}}})", "spec.strategy.rollingUpdate.maxUnavailable"},
        {kDeployments, R"({"spec":{"template":{"spec":{"restartPolicy":"Never"}}}})", "spec.template.spec.restartPolicy"},
        {kDeployments, R"({"spec":{"template":{"spec":{"containers":[{"name":"a"}]}}}})", "spec.template.spec.containers[0].image"},
        {kDeployments, R"({"spec":{"template":{"spec":{"containers":[{"name":"a","image":"x"},{"name":"a","image":"x"}]}}}})", "spec.template.spec.containers[1].name"},
        {kDeployments, R"({"metadata":{"labels":{"a b":"c"}}})", "metadata.labels"},
        {kDeployments, R"({"metadata":{"labels":{"a":"c d"}}})", "metadata.labels"},
        {kDeployments, R"({"metadata":{"annotations":{"a b":"c"}}})", "metadata.annotations"},
        {kPods, R"({"spec":{"containers":[{"name":"a","image":"x","ports":[{"containerPort":70000}]}]}})", "spec.containers[0].ports[0].containerPort"},
        {kPods, R"({"spec":{"containers":[{"name":"a","image":"x","volumeMounts":[{"name":"v","mountPath":"/v"}]}]}})", "spec.containers[0].volumeMounts[0].name"},
        {kPods, R"({"spec":{"containers":[{"name":"a","image":"x","env":[{"value":"v"}]}]}})", "spec.containers[0].env[0].name"},
        {kPods, R"({"spec":{"containers":[{"name":"a","image":"x","resources":{"limits":{"cpu":"lots"}}}]}})", "spec.containers[0].resources.limits[cpu]"},
        {kPods, R"({"spec":{"containers":[{"name":"a","image":"x","livenessProbe":{"periodSeconds":3}}]}})", "spec.containers[0].livenessProbe"},
        {kPods, R"({"spec":{"volumes":[{"name":"v","secret":{}}]}})", "spec.volumes[0].secret.secretName"},
        {kPods, R"({"spec":{"restartPolicy":"Sometimes"}})", "spec.restartPolicy"},
        {kServices, R"({"spec":{"type":"Teleport"}})", "spec.type"},
        {kServices, R"({"spec":{"ports":null}})", "spec.ports"},
        {kServices, R"({"spec":{"ports":[{"port":0}]}})", "spec.ports[0].port"},
        {kServices, R"({"spec":{"ports":[{"port":1},{"port":2}]}})", "spec.ports[0].name"},
        {kServices, R"({"metadata":{"name":"1st"}})", "metadata.name"},
        {kServices, R"({"spec":{"clusterIP":"192.168.0.1"}})", "spec.clusterIPs"},
        {kConfigMaps, R"({"data":{"a b":"1"}})", "data[a b]"},
        {kConfigMaps, R"({"binaryData":{"a":"?"}})", "binaryData[a]"},
    };
    for (const auto& each : cases) {
        INFO(each.path << " " << each.patch);
        Json body = each.path == kDeployments ? deployment("ok") : each.path == kPods ? pod("ok") : each.path == kServices ? service("ok") : config_map("ok");
        body.merge_patch(Json::parse(each.patch));
        const Answer answer = rig.call("POST", each.path, body);
        CHECK(answer.status == 422);
        bool named = false;
        for (const Json& cause : answer.body["details"]["causes"]) named = named || cause["field"] == each.field;
        INFO(answer.message());
        CHECK(named);
    }
    const std::pair<std::string, const char*> others[] = {
        {"/apis/batch/v1/namespaces/default/jobs", R"({"spec":{"template":{"spec":{"containers":[{"name":"a","image":"x"}]}}}})"},
        {"/apis/batch/v1/namespaces/default/cronjobs", R"({"spec":{"schedule":"whenever","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"a","image":"x"}]}}}}}})"},
        {"/apis/networking.k8s.io/v1/namespaces/default/ingresses", R"({"spec":{"rules":[{"host":"h","http":{"paths":[{"path":"/","backend":{"service":{"name":"s","port":{"number":80}}}}]}}]}})"},
        {"/apis/networking.k8s.io/v1/namespaces/default/ingresses", R"({"spec":{}})"},
        {"/apis/networking.k8s.io/v1/namespaces/default/networkpolicies", R"({"spec":{"podSelector":{},"policyTypes":["Sideways"]}})"},
        {"/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", R"({"spec":{"maxReplicas":1,"minReplicas":2,"scaleTargetRef":{"kind":"Deployment","name":"w"}}})"},
        {"/api/v1/namespaces/default/persistentvolumeclaims", R"({"spec":{"accessModes":["Always"],"resources":{"requests":{"storage":"big"}}}})"},
        {"/api/v1/namespaces/default/persistentvolumeclaims", R"({})"},
    };
    for (const auto& [path, text] : others) {
        Json body = Json::parse(text);
        body["metadata"]["name"] = "x";
        INFO(path << " " << text);
        CHECK(rig.call("POST", path, body).status == 422);
    }
}

TEST_CASE("what is immutable stays") {
    ApiRig rig;
    rig.ok("POST", kDeployments, deployment("web"));
    Json other = deployment("web");
    other["spec"]["selector"]["matchLabels"]["app"] = "x";
    other["spec"]["template"]["metadata"]["labels"]["app"] = "x";
    const Answer answer = rig.call("PUT", kDeployments + "/web", other);
    CHECK(answer.status == 422);
    CHECK(answer.message().find("spec.selector") != std::string::npos);
    CHECK(answer.message().find("field is immutable") != std::string::npos);

    rig.ok("POST", kPods, pod("p"));
    CHECK(rig.patch(kPods + "/p", Json::parse(R"({"spec":{"hostname":"x"}})")).status == 422);
    CHECK(rig.patch(kPods + "/p", Json::parse(R"({"spec":{"containers":[{"name":"app","image":"nginx:2"}]}})"), "application/strategic-merge-patch+json").status == 200);

    Json fixed = config_map("fixed");
    fixed["immutable"] = true;
    rig.ok("POST", kConfigMaps, fixed);
    CHECK(rig.patch(kConfigMaps + "/fixed", Json::parse(R"({"data":{"key":"2"}})")).status == 422);
}

TEST_CASE("wrong types are 400 with the field") {
    ApiRig rig;
    struct Case {
        std::string path;
        const char* body;
        const char* says;
    };
    const Case cases[] = {
        {kDeployments, R"({"spec":{"replicas":"3"}})", "field Deployment.spec.replicas of type integer"},
        {kDeployments, R"({"spec":{"replicas":3.5}})", "Deployment.spec.replicas"},
        {kDeployments, R"({"spec":{"replicas":1e300}})", "Deployment.spec.replicas"},
        {kDeployments, R"({"spec":{"replicas":18446744073709551615}})", "Deployment.spec.replicas"},
        {kDeployments, R"({"spec":[]})", "cannot unmarshal array into field Deployment.spec of type object"},
        {kDeployments, R"({"metadata":"x"})", "Deployment.metadata"},
        {kDeployments, R"({"metadata":{"labels":{"a":1}}})", "Deployment.metadata.labels.a of type string"},
        {kPods, R"({"spec":{"containers":{}}})", "Pod.spec.containers of type list"},
        {kPods, R"({"spec":{"containers":["x"]}})", "Pod.spec.containers[0]"},
        {kPods, R"({"kind":"Service"})", "the kind in the data (Service)"},
        {kPods, R"({"kind":7})", "Pod.kind of type string"},
        {kPods, R"({"apiVersion":"apps/v1"})", "the API version in the data (apps/v1) does not match the expected API version (v1)"},
        {kPods, "[]", "not a JSON object"},
        {kPods, "null", "not a JSON object"},
        {kPods, "7", "not a JSON object"},
        {kPods, "", "couldn't parse the body"},
        {kPods, "{", "couldn't parse the body"},
        {kPods, "{\"a\":\"\xff\"}", "couldn't parse the body"},
    };
    for (const auto& each : cases) {
        INFO(each.body);
        const Answer answer = rig.send("POST", each.path, each.body);
        CHECK(answer.status == 400);
        CHECK(answer.reason() == "BadRequest");
        INFO(answer.message());
        CHECK(answer.message().find(each.says) != std::string::npos);
    }
    CHECK(rig.send("POST", kPods, std::string(100'000, '[')).status == 400);
    Json wide = pod("wide");
    for (int i = 0; i < 3000; ++i) wide["spec"]["containers"].push_back(Json{{"name", "c"}, {"image", "x"}});
    CHECK(rig.call("POST", kPods, wide).status == 400);
}

TEST_CASE("hostile requests get a Status, whatever they are") {
    ApiRig rig;
    struct Case {
        const char* method;
        std::string target;
        int status;
    };
    const Case cases[] = {
        {"GET", "/", 404},
        {"GET", "/api/v2/pods", 404},
        {"GET", "/api/v1/unknowns", 404},
        {"GET", "/apis/apps/v1/namespaces/default/pods", 404},
        {"GET", "/apis/apps", 200},
        {"GET", "/apis/nope", 404},
        {"GET", "/apis/apps/v9", 404},
        {"GET", "/api/v1/pods/a", 404},
        {"GET", "/api/v1/namespaces/default/nodes", 404},
        {"GET", "/api/v1/namespaces/default/pods/a/b/c", 404},
        {"GET", "/api/v1/namespaces/default/pods/a/teleport", 404},
        {"GET", "/api/v1/namespaces/..%2f/pods", 200},
        {"GET", "/api/v1/namespaces/default/pods/%00", 400},
        {"GET", "/api/v1/namespaces/default/pods/%zz", 400},
        {"GET", "/api/v1/namespaces/default/pods/%ff", 400},
        {"GET", "/api/v1/../v1/pods", 400},
        {"POST", "/api/v1/pods", 405},
        {"POST", "/api/v1/namespaces/default/pods/a", 405},
        {"PUT", "/api/v1/namespaces/default/pods", 405},
        {"BREW", "/api/v1/namespaces/default/pods", 405},
        {"OPTIONS", "/api/v1/namespaces/default/pods", 405},
        {"DELETE", "/api/v1/namespaces", 405},
        {"POST", "/api/v1/namespaces/default/pods/a/log", 405},
        {"GET", "/api/v1/namespaces/default/pods/a/exec", 501},
        {"DELETE", "/api/v1/namespaces/default/configmaps/a/status", 404},
        {"DELETE", "/apis/apps/v1/namespaces/default/deployments/a/scale", 405},
    };
    for (const auto& each : cases) {
        INFO(each.method << " " << each.target);
        const Answer answer = rig.send(each.method, each.target);
        CHECK(answer.status == each.status);
        if (answer.status >= 400) {
            CHECK(answer.body["kind"] == "Status");
            CHECK(answer.body["code"] == each.status);
            CHECK_FALSE(answer.message().empty());
        }
    }
    CHECK(rig.call("GET", kPods, nullptr, {{"Accept", "application/vnd.kubernetes.protobuf"}}).status == 406);
    CHECK(rig.call("GET", kPods, nullptr, {{"Accept", "application/vnd.kubernetes.protobuf,application/json"}}).status == 200);
    CHECK(rig.call("POST", kPods, pod("p"), {{"Content-Type", "application/vnd.kubernetes.protobuf"}}).status == 415);
    CHECK(rig.call("POST", kPods, pod("p"), {{"Content-Type", "application/json; charset=utf-8"}}).status == 201);
    const Answer big = rig.send("POST", kPods, std::string(10 * 1024 * 1024, ' '));
    CHECK(big.status == 413);
    CHECK(big.reason() == "RequestEntityTooLarge");
}
