// What may be connected, and what an edge writes into the nodes it joins.
#include <catch2/catch_test_macros.hpp>

#include <set>

#include "model/change_records.hpp"
#include "model/graph/connections.hpp"
#include "model/workflow_document.hpp"

using namespace model;

namespace {

Node make_node(std::string id, std::string type, Json data = Json::object()) {
    Node node;
    node.id = id;
    node.type = std::move(type);
    node.data = std::move(data);
    if (!node.data.contains("name")) node.data["name"] = id;
    return node;
}

struct Rig {
    WorkflowDocument document;
    std::int64_t now_ms = 0;
    Rig() { document.open(Graph{}, "w"); }
    void edit(const Change& change) {
        now_ms += 5'000;
        const auto done = document.edit(change, {}, now_ms);
        INFO((done ? std::string() : done.error().message));
        REQUIRE(done);
    }
    void add(std::string id, std::string type, Json data = Json::object()) { edit(AddNode{make_node(std::move(id), std::move(type), std::move(data))}); }
    void connect(const std::string& from, const std::string& to, std::string handle = {}) { edit(AddEdge{{from + ">" + to, from, to, std::move(handle), ""}}); }
    void set(const std::string& id, const char* key, Json value) {
        Json data = at(id);
        data[key] = std::move(value);
        edit(SetNodeData{id, std::move(data)});
    }
    const Json& at(const std::string& id) const { return document.graph().node(document.graph().find_node(id)).data; }
};

}  // namespace

TEST_CASE("the kinds that connect are those of the contract, each with a reason otherwise") {
    const std::set<std::pair<std::string, std::string>> allowed{
        {"ingress", "service"},
        {"service", "deployment"}, {"service", "statefulset"}, {"service", "daemonset"},
        {"configmap", "deployment"}, {"configmap", "statefulset"}, {"configmap", "job"}, {"configmap", "cronjob"}, {"configmap", "daemonset"},
        {"secret", "deployment"}, {"secret", "statefulset"}, {"secret", "job"}, {"secret", "cronjob"}, {"secret", "daemonset"},
        {"persistentvolumeclaim", "deployment"}, {"persistentvolumeclaim", "statefulset"},
        {"hpa", "deployment"}, {"hpa", "statefulset"},
        {"networkpolicy", "deployment"}, {"networkpolicy", "statefulset"}, {"networkpolicy", "daemonset"}};
    const std::vector<std::string> core{"deployment", "service", "ingress", "configmap", "secret", "persistentvolumeclaim", "statefulset", "job", "cronjob", "daemonset", "hpa", "networkpolicy"};
    for (const std::string& from : core) {
        for (const std::string& to : core) {
            Graph graph;
            REQUIRE(graph.apply(AddNode{make_node("a", from)}));
            REQUIRE(graph.apply(AddNode{make_node("b", to)}));
            const auto may = can_connect(graph, "a", "b");
            INFO(from << " > " << to);
            CHECK(may.has_value() == allowed.contains({from, to}));
            CHECK(graph.apply(AddEdge{{"e", "a", "b", "", ""}}).has_value() == may.has_value());
            if (may) continue;
            CHECK(may.error().code == base::ErrorCode::invalid_argument);
            // A sentence with both kinds, and what would be right.
            CHECK(may.error().message.find(kind_title(node_kind_from_type(from))) != std::string::npos);
            CHECK((may.error().message.starts_with("Connect from the ") || may.error().message.find("connects to a") != std::string::npos ||
                   may.error().message.find("Edges lead to a") != std::string::npos));
        }
    }
}

TEST_CASE("the reason why a connection is refused says what to do instead") {
    Graph graph;
    for (const auto& [id, type] : {std::pair{"in", "ingress"}, std::pair{"web", "deployment"}, std::pair{"batch", "job"}, std::pair{"conf", "configmap"}}) REQUIRE(graph.apply(AddNode{make_node(id, type)}));
    const auto reason = [&](const char* from, const char* to) { return can_connect(graph, from, to).error().message; };
    CHECK(reason("in", "web") == "An Ingress does not connect to a Deployment. It connects to a Service");
    CHECK(reason("web", "batch") == "A Deployment does not connect to a Job. Edges lead to a Deployment, not away from it");
    CHECK(reason("web", "conf") == "Connect from the ConfigMap to the Deployment, not the other way");
    CHECK(reason("conf", "in") == "A ConfigMap does not connect to an Ingress. It connects to a Deployment, a StatefulSet, a Job, a CronJob or a DaemonSet");
    CHECK(reason("web", "ghost") == "There is no node \"ghost\" for the edge to end at");
    CHECK(reason("web", "web") == "A node cannot connect to itself");
}

TEST_CASE("a cycle through nodes of plugins is refused with the node it would close at") {
    Graph graph;
    for (const char* id : {"a", "b", "c"}) REQUIRE(graph.apply(AddNode{make_node(id, "certificate")}));
    REQUIRE(graph.apply(AddEdge{{"1", "a", "b", "", ""}}));
    REQUIRE(graph.apply(AddEdge{{"2", "b", "c", "", ""}}));
    CHECK(can_connect(graph, "c", "a").error().message == "This edge would close a cycle through a");
    CHECK(can_connect(graph, "a", "c"));
}

TEST_CASE("connecting a Service fills in its workload, renaming follows, disconnecting clears it") {
    Rig rig;
    rig.add("web", "deployment", {{"port", 8080}});
    rig.add("svc", "service", {{"port", 80}});
    rig.connect("svc", "web");
    CHECK(rig.at("svc") == Json{{"name", "svc"}, {"port", 80}, {"_linkedDeployment", "web"}, {"targetApp", "web"}, {"targetPort", 8080}});
    rig.set("web", "name", "front");
    CHECK(rig.at("svc")["targetApp"] == "front");
    rig.set("web", "port", 9090);
    CHECK(rig.at("svc")["targetPort"] == 9090);
    rig.edit(RemoveEdges{{"svc>web"}});
    CHECK(rig.at("svc") == Json{{"name", "svc"}, {"port", 80}});
    // One step each.
    (void)rig.document.undo();
    CHECK(rig.at("svc")["_linkedDeployment"] == "web");
    (void)rig.document.undo();
    CHECK(rig.at("svc")["targetPort"] == 8080);
    (void)rig.document.undo();
    CHECK(rig.at("svc")["targetApp"] == "web");
    (void)rig.document.undo();
    CHECK(rig.at("svc") == Json{{"name", "svc"}, {"port", 80}});
    CHECK(rig.document.graph().edge_count() == 0);
    const auto redone = rig.document.redo();
    REQUIRE(redone);
    CHECK(redone->nodes.empty());  // the edge is what it was about
    CHECK(redone->edges == std::vector<std::string>{"svc>web"});
    CHECK(rig.at("svc")["_linkedDeployment"] == "web");
}

TEST_CASE("a port that somebody has written is theirs; what was entered without an edge stays") {
    Rig rig;
    rig.add("web", "deployment", {{"port", 8080}});
    rig.add("svc", "service", {{"targetPort", 9000}});
    rig.add("lone", "service", {{"targetApp", "elsewhere"}, {"targetPort", 1234}});
    rig.connect("svc", "web");
    CHECK(rig.at("svc")["targetPort"] == 9000);
    rig.set("web", "port", 8081);
    CHECK(rig.at("svc")["targetPort"] == 9000);
    rig.edit(RemoveNodes{{"web"}});
    CHECK(rig.at("svc")["targetPort"] == 9000);
    CHECK_FALSE(rig.at("svc").contains("targetApp"));
    rig.set("lone", "name", "alone");
    CHECK(rig.at("lone")["targetApp"] == "elsewhere");
    CHECK(rig.at("lone")["targetPort"] == 1234);
}

TEST_CASE("a Service over two workloads is linked to the first; when that goes, to the other") {
    Rig rig;
    rig.add("a", "deployment", {{"port", 1}});
    rig.add("b", "statefulset", {{"port", 2}});
    rig.add("svc", "service");
    rig.connect("svc", "a");
    rig.connect("svc", "b");
    CHECK(rig.at("svc")["_linkedDeployment"] == "a");
    rig.edit(RemoveNodes{{"a"}});
    CHECK(rig.at("svc")["_linkedDeployment"] == "b");
    CHECK(rig.at("svc")["targetApp"] == "b");
    CHECK(rig.at("svc")["targetPort"] == 2);
    (void)rig.document.undo();
    CHECK(rig.at("svc")["_linkedDeployment"] == "a");
}

TEST_CASE("an Ingress links the path that the edge's handle names, the first one by default") {
    Rig rig;
    const Json paths = Json::array({{{"id", "p1"}, {"path", "/"}}, {{"id", "p2"}, {"path", "/api"}, {"servicePort", 7}}});
    rig.add("in", "ingress", {{"paths", paths}});
    rig.add("web", "service", {{"port", 80}});
    rig.add("api", "service", {{"ports", Json::array({{{"port", 8080}}})}});
    rig.connect("in", "web");
    rig.connect("in", "api", "p2");
    const Json linked = rig.at("in")["paths"];
    CHECK(linked[0] == Json{{"id", "p1"}, {"path", "/"}, {"_linkedService", "web"}, {"serviceName", "web"}, {"servicePort", 80}});
    CHECK(linked[1] == Json{{"id", "p2"}, {"path", "/api"}, {"_linkedService", "api"}, {"serviceName", "api"}, {"servicePort", 7}});
    rig.edit(RemoveEdges{{"in>web", "in>api"}});
    CHECK(rig.at("in")["paths"] == paths);
}

TEST_CASE("ConfigMaps, Secrets and claims are listed at the workload and mounted; their own mount path is kept") {
    Rig rig;
    rig.add("web", "deployment", {{"volumeMounts", Json::array({{{"name", "mine"}, {"mountPath", "/mine"}}})}});
    rig.add("conf", "configmap");
    rig.add("key", "secret", {{"mountPath", "/keys"}});
    rig.add("disk", "persistentvolumeclaim");
    for (const char* id : {"conf", "key", "disk"}) rig.connect(id, "web");
    CHECK(rig.at("web")["_linkedConfigMaps"] == Json::array({"conf"}));
    CHECK(rig.at("web")["_linkedSecrets"] == Json::array({"key"}));
    CHECK(rig.at("web")["_linkedPVCs"] == Json::array({"disk"}));
    Json mounts = rig.at("web")["volumeMounts"];
    REQUIRE(mounts.size() == 4);
    CHECK(mounts[0] == Json{{"name", "mine"}, {"mountPath", "/mine"}});
    CHECK(mounts[1] == Json{{"type", "configMap"}, {"name", "conf"}, {"mountPath", "/etc/config"}, {"nodeId", "conf"}});
    CHECK(mounts[2]["mountPath"] == "/keys");
    CHECK(mounts[3]["type"] == "persistentVolumeClaim");
    mounts[1]["mountPath"] = "/app/conf";
    rig.set("web", "volumeMounts", mounts);
    rig.set("conf", "name", "settings");
    CHECK(rig.at("web")["volumeMounts"][1] == Json{{"type", "configMap"}, {"name", "settings"}, {"mountPath", "/app/conf"}, {"nodeId", "conf"}});
    rig.edit(RemoveNodes{{"conf", "key", "disk"}});
    CHECK(rig.at("web") == Json{{"name", "web"}, {"volumeMounts", Json::array({{{"name", "mine"}, {"mountPath", "/mine"}}})}});
}

TEST_CASE("autoscalers and network policies say what they are for") {
    Rig rig;
    rig.add("db", "statefulset");
    rig.add("web", "deployment");
    rig.add("scale", "hpa");
    rig.add("wall", "networkpolicy");
    rig.connect("scale", "db");
    CHECK(rig.at("scale") == Json{{"name", "scale"}, {"_linkedTarget", "db"}, {"scaleTargetKind", "StatefulSet"}, {"scaleTargetName", "db"}});
    rig.connect("wall", "web");
    CHECK(rig.at("wall") == Json{{"name", "wall"}, {"_linkedWorkloads", Json::array({"web"})}, {"podSelector", {{"app", "web"}}}});
    rig.connect("wall", "db");
    CHECK(rig.at("wall") == Json{{"name", "wall"}, {"_linkedWorkloads", Json::array({"web", "db"})}});
    rig.edit(RemoveEdges{{"wall>db", "wall>web", "scale>db"}});
    CHECK(rig.at("wall") == Json{{"name", "wall"}});
    CHECK(rig.at("scale") == Json{{"name", "scale"}});
}

TEST_CASE("what is pasted links to what is pasted with it, not to what it was copied from") {
    Rig rig;
    rig.add("web", "deployment", {{"port", 80}});
    rig.add("svc", "service");
    rig.connect("svc", "web");
    Restore paste;
    paste.nodes.push_back({kNoIndex, make_node("web-2", "deployment", {{"name", "web-2"}, {"port", 80}}), {}});
    Json copied = rig.at("svc");
    copied["name"] = "svc-2";
    paste.nodes.push_back({kNoIndex, make_node("svc-2", "service", copied), {}});
    paste.nodes.push_back({kNoIndex, make_node("svc-3", "service", copied), {}});
    paste.edges.push_back({kNoIndex, {"e2", "svc-2", "web-2", "", ""}});
    rig.edit(paste);
    CHECK(rig.at("svc-2")["_linkedDeployment"] == "web-2");
    CHECK(rig.at("svc-2")["targetApp"] == "web-2");
    CHECK_FALSE(rig.at("svc-3").contains("_linkedDeployment"));
    CHECK_FALSE(rig.at("svc-3").contains("targetApp"));
}

TEST_CASE("the other tabs are told of the link fields with the edge") {
    Rig rig;
    rig.add("web", "deployment", {{"port", 80}});
    rig.add("svc", "service");
    ChangeOutbox outbox;
    WorkflowDocument other;
    auto copy = Graph::from_json(Json{{"nodes", rig.document.graph().nodes_to_json()}, {"edges", Json::array()}});
    REQUIRE(copy);
    other.open(std::move(*copy), "w");
    rig.document.set_listener(&outbox);
    rig.connect("svc", "web");
    const auto records = outbox.take();
    REQUIRE(records);
    const auto patch = patch_from_records(*records);
    REQUIRE(patch);
    REQUIRE(other.apply_remote(*patch));
    CHECK(other.graph().nodes_to_json() == rig.document.graph().nodes_to_json());
    CHECK(other.graph().edges_to_json() == rig.document.graph().edges_to_json());
    rig.document.set_listener(nullptr);
}

TEST_CASE("undoing a connection after the node was changed elsewhere leaves no link behind") {
    Rig rig;
    rig.add("web", "deployment", {{"port", 80}});
    rig.add("svc", "service");
    rig.connect("svc", "web");
    rig.document.mark_saved(rig.document.present());
    Json data = rig.at("svc");
    data["port"] = 8443;
    REQUIRE(rig.document.apply_remote({.changes = {SetNodeData{"svc", data}}, .name = {}}));
    REQUIRE(rig.document.undo());
    CHECK(rig.document.graph().edge_count() == 0);
    CHECK(rig.at("svc")["port"] == 8443);
    CHECK_FALSE(rig.at("svc").contains("_linkedDeployment"));
    CHECK_FALSE(rig.at("svc").contains("targetApp"));
}
