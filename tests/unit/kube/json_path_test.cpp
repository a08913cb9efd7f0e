#include <catch2/catch_test_macros.hpp>

#include "base/json.hpp"
#include "kube/json_path.hpp"

namespace {

using kube::Json;

std::string found(const char* path, const char* object) {
    const auto parsed = kube::JsonPath::parse(path);
    if (!parsed) return "refused";
    const Json json = Json::parse(object);
    std::string out;
    for (const Json* value : parsed->find(json)) out += (out.empty() ? "" : " ") + value->dump();
    return out;
}

TEST_CASE("a JSON path leads to the values it names") {
    constexpr const char* kObject = R"({"spec":{"replicas":3,"a.b":"dot","list":[{"type":"Ready","status":"True"},{"type":"Other","status":"False"}]}})";
    CHECK(found(".spec.replicas", kObject) == "3");
    CHECK(found("$.spec.replicas", kObject) == "3");
    CHECK(found("{.spec.replicas}", kObject) == "3");
    CHECK(found(R"(.spec.a\.b)", kObject) == R"("dot")");
    CHECK(found(".spec['a.b']", kObject) == R"("dot")");
    CHECK(found(".spec.list[0].type", kObject) == R"("Ready")");
    CHECK(found(".spec.list[-1].type", kObject) == R"("Other")");
    CHECK(found(".spec.list[*].status", kObject) == R"("True" "False")");
    CHECK(found(".spec.list.*.status", kObject) == R"("True" "False")");
    CHECK(found(R"(.spec.list[?(@.type=="Ready")].status)", kObject) == R"("True")");
    CHECK(found(R"(.spec.list[?(@.type != 'Ready')].status)", kObject) == R"("False")");
    CHECK(found(".spec.list[7].type", kObject).empty());
    CHECK(found(".spec.nothing.below", kObject).empty());
    CHECK(found(".spec.replicas.below", kObject).empty());
}

TEST_CASE("a JSON path that is not simple is refused") {
    for (const char* path : {"", "spec", ".", ".spec[", ".spec[]", ".spec[x]", ".spec[?(@.a)]", ".spec[?(@.a==)]", ".spec[?(@.a==[])]", ".spec..a",
                             ".spec['a]", ".spec[99999999999999999999]", ".a b"}) {
        INFO(path);
        CHECK(found(path, "{}") == "refused");
    }
    CHECK_FALSE(kube::JsonPath::parse("." + std::string(kube::kMaxJsonPathBytes, 'a')));
}

TEST_CASE("only a path of names can be written to") {
    CHECK(kube::JsonPath::parse(".spec.replicas")->plain_names() == std::vector<std::string>{"spec", "replicas"});
    CHECK(kube::JsonPath::parse(".spec.list[0]")->plain_names().empty());
}

TEST_CASE("a JSON path gives up at a thousand values") {
    Json many = Json::array();
    for (int i = 0; i < 3000; ++i) many.push_back(Json::array({1, 2}));
    CHECK(kube::JsonPath::parse("$[*][*]")->find(many).size() == kube::kMaxJsonPathResults);
}

}  // namespace
