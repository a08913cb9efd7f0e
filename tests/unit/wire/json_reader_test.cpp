#include "wire/json_reader.hpp"

#include <catch2/catch_test_macros.hpp>

using wire::JsonErrors;
using wire::JsonReader;

namespace {

wire::Json parsed(std::string_view text) {
    auto json = wire::parse_json(text);
    REQUIRE(json);
    return std::move(*json);
}

}  // namespace

TEST_CASE("a well-formed document reads without errors") {
    const auto json = parsed(R"({"name":"shop","version":3,"scale":1.5,"live":true,"description":null,
        "nodes":[{"id":"a","position":{"x":1,"y":-2.5}},{"id":"b","position":{"x":7,"y":0}}],
        "labels":{"app":"web","tier":"front"},"tags":["x","y"],"phase":"Running"})");
    JsonErrors errors;
    const JsonReader r(json, errors);
    CHECK(r.string("name") == "shop");
    CHECK(r.string_view("name") == "shop");
    CHECK(r.integer("version", {.min = 1, .max = 9}) == 3);
    CHECK(r.number("scale") == 1.5);
    CHECK(r.number("version") == 3.0);
    CHECK(r.boolean("live"));
    CHECK(r.string_or("description", "none") == "none");
    CHECK(!r.optional_string("missing"));
    CHECK(r.integer_or("missing", 5) == 5);
    CHECK(r.boolean_or("missing", true));
    CHECK(r.string_map("labels") == std::map<std::string, std::string>{{"app", "web"}, {"tier", "front"}});
    CHECK(r.string_list("tags") == std::vector<std::string>{"x", "y"});
    CHECK(r.choice<int>("phase", {{"Pending", 1}, {"Running", 2}}) == 2);
    CHECK(r.choice_or("missing", 8, {{"Pending", 1}}) == 8);
    CHECK(!r.optional_object("missing"));
    CHECK(r.array_or_empty("missing").empty());
    CHECK(r.has("name"));
    CHECK(!r.has("description"));
    std::string ids;
    double y = 0;
    for (const JsonReader& node : r.array("nodes")) {
        ids += node.string("id");
        y += node.object("position").number("y");
    }
    CHECK(ids == "ab");
    CHECK(y == -2.5);
    CHECK(errors.empty());
}

TEST_CASE("every mistake is collected with its path") {
    const auto json = parsed(R"({"name":7,"nodes":[{},{"id":"b","position":{"x":"far"}},5],"count":-1,"big":1e300,"half":1.5,
        "labels":{"a":1},"phase":"Odd","live":"yes"})");
    JsonErrors errors;
    const JsonReader r(json, errors);
    CHECK(r.string("name").empty());
    for (const JsonReader& node : r.array("nodes")) {
        (void)node.string("id");
        if (const auto position = node.optional_object("position")) CHECK(position.number("x") == 0.0);
    }
    CHECK(r.integer("count", {.min = 0}) == 0);
    CHECK(r.integer_or("big", 3) == 3);
    CHECK(r.integer_or("half", 3) == 3);
    CHECK(r.string_map("labels").empty());
    CHECK(r.choice<int>("phase", {{"Pending", 1}, {"Running", 2}}) == 1);
    CHECK_FALSE(r.boolean("live"));
    CHECK_FALSE(r.object("nothing"));
    const std::vector<JsonErrors::Issue> expected = {
        {"name", "expected string, got number"},
        {"nodes[0].id", "required"},
        {"nodes[1].position.x", "expected number, got string"},
        {"nodes[2]", "expected object, got number"},
        {"count", "expected 0 or more"},
        {"big", "out of range"},
        {"half", "expected integer, got a fraction"},
        {"labels.a", "expected string, got number"},
        {"phase", "expected one of Pending, Running, got 'Odd'"},
        {"live", "expected boolean, got string"},
        {"nothing", "required"},
    };
    CHECK(errors.issues() == expected);
    CHECK(errors.to_error().message ==
          "name: expected string, got number; nodes[0].id: required; nodes[1].position.x: expected number, got string; "
          "nodes[2]: expected object, got number; count: expected 0 or more; and 6 more");
    CHECK(errors.to_error().code == base::ErrorCode::invalid_argument);
}

TEST_CASE("absent readers are silent: one mistake, one error") {
    const auto json = parsed("{}");
    JsonErrors errors;
    const JsonReader r(json, errors);
    const auto spec = r.object("spec");
    CHECK(spec.string("a").empty());
    CHECK(spec.object("b").array("c").empty());
    CHECK(spec.keys().empty());
    spec.fail("x", "not heard");
    CHECK(errors.issues() == std::vector<JsonErrors::Issue>{{"spec", "required"}});
}

TEST_CASE("reading members of what is no object is one error") {
    const auto json = parsed("[1]");
    JsonErrors errors;
    const JsonReader r(json, errors);
    (void)r.string("a");
    (void)r.integer_or("b", 1);
    CHECK(r.as_array()[0].as_integer() == 1);
    CHECK(errors.issues() == std::vector<JsonErrors::Issue>{{"", "expected object, got array"}});
    CHECK(errors.to_error().message == "expected object, got array");
}

TEST_CASE("keys that are no plain words are quoted in paths") {
    const auto json = parsed(R"({"metadata":{"app.kubernetes.io/name":3}})");
    JsonErrors errors;
    const JsonReader r(json, errors);
    (void)r.object("metadata").string("app.kubernetes.io/name");
    REQUIRE(errors.issues().size() == 1);
    CHECK(errors.issues()[0].path == "metadata[\"app.kubernetes.io/name\"]");
}

TEST_CASE("integers keep all 64 bits and nothing beyond") {
    const auto json = parsed(R"({"max":9223372036854775807,"min":-9223372036854775808,"over":9223372036854775808,"whole":3.0})");
    JsonErrors errors;
    const JsonReader r(json, errors);
    CHECK(r.integer("max") == std::numeric_limits<std::int64_t>::max());
    CHECK(r.integer("min") == std::numeric_limits<std::int64_t>::min());
    CHECK(r.integer("whole") == 3);
    CHECK(errors.empty());
    CHECK(r.integer("over") == 0);
    CHECK(errors.count() == 1);
}

TEST_CASE("errors beyond the limit are counted, not kept") {
    std::string text = "[";
    for (int i = 0; i < 100; ++i) text += i == 0 ? "\"x\"" : ",\"x\"";
    const auto json = parsed(text + "]");
    JsonErrors errors;
    for (const JsonReader& element : JsonReader(json, errors).as_array()) (void)element.as_number();
    CHECK(errors.count() == 100);
    CHECK(errors.issues().size() == JsonErrors::kMaxIssues);
}

TEST_CASE("malformed JSON is an error that says where") {
    const auto json = wire::parse_json(R"({"a": tru})");
    REQUIRE_FALSE(json);
    CHECK(json.error().code == base::ErrorCode::invalid_argument);
    CHECK(json.error().message.find("byte 10") != std::string::npos);
    for (const std::string_view bad : {"", " ", "{", "[1,]", "{\"a\":1}x", "\"\xFF\"", "nan", "1e999", "\"\\ud800\"", "'a'"}) {
        CAPTURE(bad);
        CHECK_FALSE(wire::parse_json(bad));
    }
    CHECK_FALSE(wire::parse_json(std::string_view("{}\0garbage", 10)));
}

TEST_CASE("depth and size are limited before anything is built") {
    const std::string brackets(1'000'000, '[');
    const auto deep = wire::parse_json(brackets);
    REQUIRE_FALSE(deep);
    CHECK(deep.error().message == "nested deeper than 64 levels");
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
    CHECK_FALSE(wire::parse_json(objects));
    CHECK(wire::parse_json("[[1]]", {.max_depth = 2}));
    CHECK_FALSE(wire::parse_json("[[1]]", {.max_depth = 1}));
    const auto large = wire::parse_json("[1,2,3,4]", {.max_bytes = 8});
    REQUIRE_FALSE(large);
    CHECK(large.error().code == base::ErrorCode::too_large);
}

TEST_CASE("documents survive a round trip, and dumping repairs what is no UTF-8") {
    const std::string text = R"({"a":[1,-2,3.5,true,null,"\u20ac\n"],"b":{"c":{}},"d":18446744073709551615})";
    CHECK(parsed(text) == wire::Json::parse(text));
    CHECK(parsed(wire::dump_json(parsed(text))) == parsed(text));
    CHECK(parsed("{\"a\":1,\"a\":[2]}") == parsed("{\"a\":[2]}"));
    CHECK(wire::dump_json(wire::Json("a\xFF")) == "\"a\xEF\xBF\xBD\"");
}

TEST_CASE("a string literal reads back as the text") {
    std::string all;
    for (int c = 0; c < 128; ++c) all.push_back(static_cast<char>(c));
    all += "\xE2\x82\xAC\xF0\x9F\x98\x80";
    std::string literal;
    wire::append_json_string(literal, all);
    CHECK(parsed(literal) == wire::Json(all));
}
