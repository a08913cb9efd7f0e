#include "api_rig.hpp"
#include "base/url.hpp"

using namespace kube::test;

namespace {

std::string names(const Json& list) {
    std::string out;
    for (const Json& item : list["items"]) out += item["metadata"]["name"].get<std::string>() + " ";
    return out;
}

}  // namespace

TEST_CASE("lists have their kind and version, over one namespace or all") {
    ApiRig rig;
    rig.ok("POST", "/api/v1/namespaces", Json{{"metadata", {{"name", "team"}}}});
    rig.ok("POST", kConfigMaps, config_map("b"));
    rig.ok("POST", kConfigMaps, config_map("a"));
    rig.ok("POST", "/api/v1/namespaces/team/configmaps", config_map("c"));
    const Json list = rig.ok("GET", kConfigMaps);
    CHECK(list["kind"] == "ConfigMapList");
    CHECK(list["apiVersion"] == "v1");
    CHECK(list["metadata"]["resourceVersion"] == std::to_string(rig.store.resource_version()));
    CHECK(names(list) == "a b ");
    CHECK(names(rig.ok("GET", "/api/v1/configmaps")) == "a b c ");
    CHECK(names(rig.ok("GET", "/api/v1/namespaces/empty/configmaps")) == "");
    CHECK(rig.ok("GET", kDeployments)["kind"] == "DeploymentList");
}

TEST_CASE("pages of a list show one moment, whatever is written between them") {
    ApiRig rig;
    for (const char* name : {"a", "b", "c", "d", "e"}) rig.ok("POST", kConfigMaps, config_map(name));
    const Json first = rig.ok("GET", kConfigMaps + "?limit=2");
    CHECK(names(first) == "a b ");
    CHECK(first["metadata"]["remainingItemCount"] == 3);
    rig.ok("DELETE", kConfigMaps + "/c");
    rig.ok("POST", kConfigMaps, config_map("bb"));
    rig.patch(kConfigMaps + "/d", Json{{"data", {{"key", "changed"}}}});
    const std::string token = first["metadata"]["continue"].get<std::string>();
    const Json second = rig.ok("GET", kConfigMaps + "?limit=2&continue=" + token);
    CHECK(names(second) == "c d ");
    CHECK(second["items"][1]["data"]["key"] == "1");
    CHECK(second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]);
    const Json last = rig.ok("GET", kConfigMaps + "?limit=2&continue=" + second["metadata"]["continue"].get<std::string>());
    CHECK(names(last) == "e ");
    CHECK_FALSE(last["metadata"].contains("continue"));
    rig.store.compact();
    const Answer late = rig.call("GET", kConfigMaps + "?limit=2&continue=" + token);
    CHECK(late.status == 410);
    CHECK(late.reason() == "Expired");
}

TEST_CASE("resourceVersion and its match choose the moment") {
    ApiRig rig;
    rig.ok("POST", kConfigMaps, config_map("a"));
    const std::string version = rig.ok("GET", kConfigMaps)["metadata"]["resourceVersion"].get<std::string>();
    rig.ok("POST", kConfigMaps, config_map("b"));
    CHECK(names(rig.ok("GET", kConfigMaps + "?resourceVersionMatch=Exact&resourceVersion=" + version)) == "a ");
    CHECK(names(rig.ok("GET", kConfigMaps + "?resourceVersion=0")) == "a b ");
    CHECK(names(rig.ok("GET", kConfigMaps + "?resourceVersionMatch=NotOlderThan&resourceVersion=" + version)) == "a b ");
    const Answer future = rig.call("GET", kConfigMaps + "?resourceVersion=9999");
    CHECK(future.status == 504);
    CHECK(future.body["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge");
    rig.store.compact();
    CHECK(rig.call("GET", kConfigMaps + "?resourceVersionMatch=Exact&resourceVersion=" + version).status == 410);
}

TEST_CASE("label selectors know the whole grammar") {
    ApiRig rig;
    rig.ok("POST", kConfigMaps, config_map("a", "1", {{"tier", "web"}, {"n", "3"}}));
    rig.ok("POST", kConfigMaps, config_map("b", "1", {{"tier", "db"}, {"n", "10"}}));
    rig.ok("POST", kConfigMaps, config_map("c"));
    const auto select = [&](std::string selector) {
        return names(rig.ok("GET", kConfigMaps + "?labelSelector=" + base::percent_encode(selector)));
    };
    CHECK(select("tier=web") == "a ");
    CHECK(select("tier==web") == "a ");
    CHECK(select("tier!=web") == "b c ");
    CHECK(select("tier") == "a b ");
    CHECK(select("!tier") == "c ");
    CHECK(select("tier in (web, db)") == "a b ");
    CHECK(select("tier notin (web)") == "b c ");
    CHECK(select("tier,n>5") == "b ");
    CHECK(select(" tier in (web) , n < 5 ") == "a ");
    CHECK(select("tier=") == "");
    CHECK(select("") == "a b c ");
    for (const char* bad : {"tier in web", "tier in (", "=x", "tier=web,", "a b", "tier=b@d", "/x", "n>many", "!", ",", "tier in (a b)"}) {
        const Answer answer = rig.call("GET", kConfigMaps + "?labelSelector=" + base::percent_encode(bad));
        INFO(bad);
        CHECK(answer.status == 400);
    }
}

TEST_CASE("field selectors know the fields of each kind") {
    ApiRig rig;
    rig.ok("POST", kPods, pod("a"));
    rig.ok("POST", kPods, pod("b"));
    const auto select = [&](std::string selector) { return names(rig.ok("GET", kPods + "?fieldSelector=" + base::percent_encode(selector))); };
    CHECK(select("metadata.name=a") == "a ");
    CHECK(select("metadata.name!=a,status.phase=Pending") == "b ");
    CHECK(select("spec.nodeName=") == "a b ");
    CHECK(select("metadata.namespace==default") == "a b ");
    const Answer unknown = rig.call("GET", kPods + "?fieldSelector=spec.secret%3Dx");
    CHECK(unknown.status == 400);
    CHECK(unknown.message() == "field label not supported: spec.secret");
    rig.ok("POST", "/api/v1/namespaces/default/events",
           Json{{"metadata", {{"name", "a.1"}}}, {"involvedObject", {{"kind", "Pod"}, {"name", "a"}, {"namespace", "default"}}}, {"reason", "Pulled"}, {"type", "Normal"}});
    CHECK(names(rig.ok("GET", "/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Da,involvedObject.kind%3DPod,reason%3DPulled")) == "a.1 ");
    CHECK(names(rig.ok("GET", "/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Db")) == "");
}

TEST_CASE("bad list parameters are 400") {
    ApiRig rig;
    for (const char* query : {"limit=-1", "limit=x", "continue=!!", "continue=e30", "resourceVersion=abc", "resourceVersionMatch=Exact",
                              "resourceVersion=1&resourceVersionMatch=Sometimes", "resourceVersion=0&resourceVersionMatch=Exact", "watch=maybe",
                              "watch=1&timeoutSeconds=x", "includeObject=All"}) {
        INFO(query);
        CHECK(rig.call("GET", kConfigMaps + "?" + query).status == 400);
    }
}

TEST_CASE("a list as partial metadata leaves out the rest") {
    ApiRig rig;
    rig.ok("POST", kConfigMaps, config_map("a"));
    const Json list = rig.ok("GET", kConfigMaps, nullptr, {{"Accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}});
    CHECK(list["kind"] == "PartialObjectMetadataList");
    CHECK(list["items"][0]["kind"] == "PartialObjectMetadata");
    CHECK(list["items"][0]["metadata"]["name"] == "a");
    CHECK_FALSE(list["items"][0].contains("data"));
}
