#include "api_rig.hpp"

#include "kube/patch.hpp"

using namespace kube::test;
namespace api = kube::api;

namespace {

constexpr const char* kJsonPatch = "application/json-patch+json";
constexpr const char* kStrategic = "application/strategic-merge-patch+json";

const api::Schema& schema() {
    static const api::Schema kSchema;
    return kSchema;
}

Json strategic(const char* kind, const char* target, const char* patch) {
    auto out = api::apply_strategic_merge_patch(schema().kind(kind), Json::parse(target), Json::parse(patch));
    INFO((out ? std::string() : out.error().message));
    REQUIRE(out);
    return *out;
}

}  // namespace

TEST_CASE("JSON Patch does the operations of RFC 6902") {
    struct Case {
        const char* target;
        const char* patch;
        const char* result;  // null: refused
    };
    const Case cases[] = {
        {R"({"a":1})", R"([{"op":"add","path":"/b","value":[1]}])", R"({"a":1,"b":[1]})"},
        {R"({"a":[1,3]})", R"([{"op":"add","path":"/a/1","value":2}])", R"({"a":[1,2,3]})"},
        {R"({"a":[1]})", R"([{"op":"add","path":"/a/-","value":2}])", R"({"a":[1,2]})"},
        {R"({"a":1,"b":2})", R"([{"op":"remove","path":"/a"}])", R"({"b":2})"},
        {R"({"a":[1,2,3]})", R"([{"op":"remove","path":"/a/1"}])", R"({"a":[1,3]})"},
        {R"({"a":1})", R"([{"op":"replace","path":"/a","value":{"x":null}}])", R"({"a":{"x":null}})"},
        {R"({"a":{"b":1},"c":{}})", R"([{"op":"move","from":"/a/b","path":"/c/d"}])", R"({"a":{},"c":{"d":1}})"},
        {R"({"a":{"b":1}})", R"([{"op":"copy","from":"/a","path":"/c"}])", R"({"a":{"b":1},"c":{"b":1}})"},
        {R"({"a/b":1,"m~n":2})", R"([{"op":"test","path":"/a~1b","value":1},{"op":"test","path":"/m~0n","value":2}])", R"({"a/b":1,"m~n":2})"},
        {R"({"a":1})", R"([{"op":"add","path":"","value":{"z":1}}])", R"({"z":1})"},
        {R"({"":1})", R"([{"op":"replace","path":"/","value":2}])", R"({"":2})"},
        {R"({"a":1})", R"([{"op":"test","path":"/a","value":2}])", nullptr},
        {R"({"a":1})", R"([{"op":"remove","path":"/b"}])", nullptr},
        {R"({"a":1})", R"([{"op":"add","path":"/b/c","value":1}])", nullptr},
        {R"({"a":[1]})", R"([{"op":"add","path":"/a/2","value":1}])", nullptr},
        {R"({"a":[1]})", R"([{"op":"add","path":"/a/01","value":1}])", nullptr},
        {R"({"a":[1]})", R"([{"op":"remove","path":"/a/-"}])", nullptr},
        {R"({"a":1})", R"([{"op":"explode","path":"/a"}])", nullptr},
        {R"({"a":1})", R"([{"op":"add","path":"a","value":1}])", nullptr},
        {R"({"a":1})", R"([{"op":"add","path":"/b"}])", nullptr},
        {R"({"a":1})", R"([{"op":"add","path":"/a~2","value":1}])", nullptr},
        {R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a/b"}])", nullptr},
        {R"({"a":1})", R"([{"op":"remove","path":""}])", nullptr},
        {R"({"a":1})", R"({"op":"remove"})", nullptr},
        {R"({"a":1})", R"([7])", nullptr},
    };
    for (const auto& each : cases) {
        INFO(each.target << " " << each.patch);
        const auto out = api::apply_json_patch(Json::parse(each.target), Json::parse(each.patch));
        CHECK(out.has_value() == (each.result != nullptr));
        if (out && each.result) CHECK(*out == Json::parse(each.result));
    }
}

TEST_CASE("JSON Patch cannot make a document explode or nest without end") {
    Json doubling = Json::array();
    for (int i = 0; i < 60; ++i) doubling.push_back(Json{{"op", "copy"}, {"from", "/a"}, {"path", "/a/-"}});
    CHECK(api::apply_json_patch(Json::parse(R"({"a":[1,2,3]})"), doubling).error().code == base::ErrorCode::too_large);
    Json nesting = Json::array();
    for (int i = 0; i < 100; ++i) nesting.push_back(Json{{"op", "copy"}, {"from", ""}, {"path", "/a"}});
    CHECK(api::apply_json_patch(Json::parse(R"({"a":1})"), nesting).error().code == base::ErrorCode::invalid_argument);
    Json wide = Json::array();
    for (int i = 0; i < 60; ++i) wide.push_back(Json{{"op", "copy"}, {"from", ""}, {"path", "/k" + std::to_string(i)}});
    CHECK_FALSE(api::apply_json_patch(Json::parse(R"({"a":[1,2,3]})"), wide));
    Json flat = Json::array();
    Json big = Json::array();
    for (int i = 0; i < 100'000; ++i) big.push_back(i);
    for (int i = 0; i < 10; ++i) flat.push_back(Json{{"op", "copy"}, {"from", "/a"}, {"path", "/b" + std::to_string(i)}});
    CHECK(api::apply_json_patch(Json{{"a", big}}, flat).error().code == base::ErrorCode::too_large);
}

TEST_CASE("a merge patch replaces lists, merges maps and erases by null (RFC 7386, appendix A)") {
    const char* cases[][3] = {
        {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
        {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
        {R"({"a":"b"})", R"({"a":null})", R"({})"},
        {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
        {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
        {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
        {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
        {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
    };
    for (const auto& each : cases) CHECK(api::apply_merge_patch(Json::parse(each[0]), Json::parse(each[1])) == Json::parse(each[2]));
}

TEST_CASE("a strategic merge patch merges lists by their keys") {
    const char* target = R"({"spec":{"containers":[{"name":"a","image":"x:1","env":[{"name":"E","value":"1"},{"name":"F","value":"2"}]},{"name":"b","image":"y"}]}})";
    CHECK(strategic("Pod", target, R"({"spec":{"containers":[{"name":"a","image":"x:2","env":[{"name":"E","value":"9"}]}]}})") ==
          Json::parse(R"({"spec":{"containers":[{"name":"a","image":"x:2","env":[{"name":"E","value":"9"},{"name":"F","value":"2"}]},{"name":"b","image":"y"}]}})"));
    CHECK(strategic("Pod", target, R"({"spec":{"containers":[{"name":"c","image":"z"}]}})")["spec"]["containers"].size() == 3);
    CHECK(strategic("Pod", target, R"({"spec":{"containers":[{"name":"b","$patch":"delete"}]}})")["spec"]["containers"].size() == 1);
    CHECK(strategic("Pod", target, R"({"spec":{"containers":[{"$patch":"replace"},{"name":"z"}]}})") == Json::parse(R"({"spec":{"containers":[{"name":"z"}]}})"));
    CHECK(strategic("Pod", target, R"({"spec":{"containers":[{"name":"b","$patch":"replace","tty":true}]}})")["spec"]["containers"][1] ==
          Json::parse(R"({"name":"b","tty":true})"));
    CHECK(strategic("Pod", target, R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"a","tty":true}]}})")
              ["spec"]["containers"][0]["name"] == "b");
    CHECK(strategic("Pod", target, R"({"spec":{"$patch":"replace","hostname":"h"}})") == Json::parse(R"({"spec":{"hostname":"h"}})"));
    CHECK(strategic("Pod", target, R"({"spec":{"containers":null}})") == Json::parse(R"({"spec":{}})"));
    CHECK_FALSE(api::apply_strategic_merge_patch(schema().kind("Pod"), Json::parse(target), Json::parse(R"({"spec":{"containers":[{"image":"nameless"}]}})")));
    CHECK_FALSE(api::apply_strategic_merge_patch(schema().kind("Pod"), Json::parse(target), Json::parse(R"({"spec":{"$patch":"shuffle"}})")));
}

TEST_CASE("strategic merge knows sets, ports, atomic lists and retained keys") {
    CHECK(strategic("Pod", R"({"metadata":{"finalizers":["a","b"]}})", R"({"metadata":{"finalizers":["c","a"]}})") ==
          Json::parse(R"({"metadata":{"finalizers":["a","b","c"]}})"));
    CHECK(strategic("Pod", R"({"metadata":{"finalizers":["a","b"]}})", R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}})") ==
          Json::parse(R"({"metadata":{"finalizers":["b"]}})"));
    CHECK(strategic("Service", R"({"spec":{"ports":[{"port":80,"protocol":"TCP","nodePort":30001},{"port":53,"protocol":"UDP"}]}})",
                    R"({"spec":{"ports":[{"port":80,"targetPort":8080}]}})")["spec"]["ports"][0] ==
          Json::parse(R"({"port":80,"protocol":"TCP","nodePort":30001,"targetPort":8080})"));
    CHECK(strategic("Pod", R"({"spec":{"tolerations":[{"key":"a"}]}})", R"({"spec":{"tolerations":[{"key":"b"}]}})") ==
          Json::parse(R"({"spec":{"tolerations":[{"key":"b"}]}})"));
    CHECK(strategic("Deployment", R"({"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}})",
                    R"({"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}})") == Json::parse(R"({"spec":{"strategy":{"type":"Recreate"}}})"));
    CHECK(strategic("ConfigMap", R"({})", R"({"data":{"a":"1"},"x":[{"$patch":"delete"},{"k":null,"l":1}]})") == Json::parse(R"({"data":{"a":"1"},"x":[{"l":1}]})"));
}

TEST_CASE("each patch type works over HTTP, with defaults and validation after it") {
    ApiRig rig;
    rig.ok("POST", kDeployments, deployment("web"));
    CHECK(rig.patch(kDeployments + "/web", Json::parse(R"({"spec":{"template":{"spec":{"containers":[{"name":"app","image":"nginx:1.28"}]}}}})"), kStrategic)
              .body["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.28");
    CHECK(rig.patch(kDeployments + "/web", Json::parse(R"([{"op":"replace","path":"/spec/replicas","value":7}])"), kJsonPatch).body["spec"]["replicas"] == 7);
    CHECK(rig.patch(kDeployments + "/web", Json::parse(R"({"spec":{"replicas":null}})")).body["spec"]["replicas"] == 1);
    CHECK(rig.patch(kDeployments + "/web", Json::parse(R"({"spec":{"replicas":"7"}})")).status == 400);
    CHECK(rig.patch(kDeployments + "/web", Json::parse(R"({"spec":{"replicas":-7}})")).status == 422);
    CHECK(rig.patch(kDeployments + "/web", Json::parse(R"({"metadata":{"name":"other"}})")).status == 400);
    CHECK(rig.patch(kDeployments + "/web", Json::parse(R"({"metadata":{"resourceVersion":"1"}})")).status == 409);
    CHECK(rig.patch(kDeployments + "/web", Json::parse(R"([{"op":"remove","path":"/spec/nothing"}])"), kJsonPatch).status == 422);
    CHECK(rig.patch(kDeployments + "/web", Json::parse("[]")).status == 400);
    CHECK(rig.patch(kDeployments + "/none", Json::object()).status == 404);
    const Answer media = rig.patch(kDeployments + "/web", Json::object(), "application/json");
    CHECK(media.status == 415);
    CHECK(media.reason() == "UnsupportedMediaType");
    const auto version = rig.store.resource_version();
    CHECK(rig.patch(kDeployments + "/web", Json::object()).status == 200);
    CHECK(rig.store.resource_version() == version);
}
