#include <catch2/catch_test_macros.hpp>

#include "hub/yaml.hpp"

using base::Json;
using hub::parse_yaml;

namespace {

Json good(std::string_view text) {
    const auto json = parse_yaml(text);
    INFO((json ? "" : json.error().message));
    REQUIRE(json.has_value());
    return *json;
}

std::string refused(std::string_view text) {
    const auto json = parse_yaml(text);
    REQUIRE_FALSE(json.has_value());
    return json.error().message;
}

}  // namespace

TEST_CASE("YAML: plain scalars follow the core schema, quoted ones are text") {
    CHECK(good("a: 1\nb: -2.5\nc: true\nd: ~\ne: '1'\nf: \"true\"\ng: yes\nh: 0x1F\ni: 0o17\nj:\nk: 1.2.3\nl: 2026-01-01\n") ==
          Json{{"a", 1}, {"b", -2.5}, {"c", true}, {"d", nullptr}, {"e", "1"}, {"f", "true"}, {"g", "yes"}, {"h", 31}, {"i", 15}, {"j", nullptr}, {"k", "1.2.3"}, {"l", "2026-01-01"}});
    CHECK(good("!!str 12") == Json("12"));
    CHECK(good("").is_null());
    CHECK(good("# only a comment\n").is_null());
}

TEST_CASE("YAML: block and flow styles, literal and folded text") {
    CHECK(good("list:\n- name: x\n  v: |\n    one\n    two\n- {name: y, v: [1, 2]}\nfold: >-\n  a\n  b\n") ==
          Json{{"list", Json::array({{{"name", "x"}, {"v", "one\ntwo\n"}}, {{"name", "y"}, {"v", Json::array({1, 2})}}})}, {"fold", "a b"}});
    CHECK(good("{\"apiVersion\": \"v1\", \"n\": [true, null]}") == Json{{"apiVersion", "v1"}, {"n", Json::array({true, nullptr})}});
    CHECK(good("\xEF\xBB\xBF" "a: b\r\nc: d\r\n") == Json{{"a", "b"}, {"c", "d"}});
}

TEST_CASE("YAML: aliases stand for what their anchor holds") {
    CHECK(good("a: &x {k: 1}\nb: *x\nc: [*x, *x]\n") == Json{{"a", {{"k", 1}}}, {"b", {{"k", 1}}}, {"c", Json::array({{{"k", 1}}, {{"k", 1}}})}});
    CHECK(refused("a: *none\n").find("*none has no anchor") != std::string::npos);
    CHECK(refused("a: &x\n  b: *x\n").find("inside of its own anchor") != std::string::npos);
}

TEST_CASE("YAML: no text at all is an answer, not a crash") {
    // A view that was never given an address, as the first input of every fuzzer is.
    const auto nothing = hub::parse_yaml(std::string_view());
    CHECK((!nothing.has_value() ? !nothing.error().message.empty() : nothing->is_null()));
    CHECK(!hub::parse_yaml("").has_value() == !nothing.has_value());
}

TEST_CASE("YAML: an alias bomb is refused before it is built") {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int k = 0; k < 9; ++k) bomb += ", " + before;
        bomb += "]\n";
    }
    const auto json = parse_yaml(bomb);
    REQUIRE_FALSE(json.has_value());
    CHECK(json.error().code == base::ErrorCode::too_large);
    std::string long_text = "a: &t " + std::string(100'000, 'x') + "\nb: [*t";
    for (int i = 0; i < 100; ++i) long_text += ", *t";
    CHECK(refused(long_text + "]\n").find("grows too large") != std::string::npos);
}

TEST_CASE("YAML: errors name line and column") {
    CHECK(refused("a: 1\nb:\n  c: 1\n  c: 2\n") == "line 4, column 3: the key \"c\" is there twice");
    CHECK(refused("a: [1, 2\nb: 3\n").starts_with("line 2, column "));
    CHECK(refused("a: b: c\n").starts_with("line 1, column "));
    CHECK(refused("\tx: 1\n").starts_with("line 1, column 1"));
    CHECK(refused("a: 1\n---\nb: 2\n").starts_with("line 2, column 1: a second document"));
    CHECK(refused("? [a]\n: 1\n").find("a key must be a word") != std::string::npos);
    CHECK(refused("x: &x {a: 1}\n<<: *x\n").find("merge keys") != std::string::npos);
    CHECK(refused("a: !custom 1\n").find("tag !custom") != std::string::npos);
    CHECK(refused("a: \xff\xfe\n").starts_with("byte "));
}

TEST_CASE("YAML: size and depth have limits") {
    CHECK(parse_yaml(std::string(1024 * 1024 + 1, ' ')).error().code == base::ErrorCode::too_large);
    CHECK(good(std::string(64, '[') + std::string(64, ']')).is_array());
    CHECK(refused(std::string(65, '[') + std::string(65, ']')).find("nested deeper than 64") != std::string::npos);
    CHECK_FALSE(parse_yaml(std::string(200'000, '[')).has_value());
    std::string many = "[";
    for (int i = 0; i < 100'001; ++i) many += "1,";
    CHECK(parse_yaml(many + "]").error().code == base::ErrorCode::too_large);
}

TEST_CASE("YAML: a stream of documents, each with the lines of what is in it") {
    const auto stream = hub::parse_yaml_stream("# head\na: 1\nlist:\n  - x\n  - name: y\n---\n---\nb: {c: 2,\n  d: 3}\n...\n");
    CHECK_FALSE(stream.error);
    REQUIRE(stream.documents.size() == 2);
    const hub::YamlMark& first = stream.documents[0].marks;
    CHECK(stream.documents[0].value == Json{{"a", 1}, {"list", Json::array({"x", {{"name", "y"}}})}});
    CHECK(first.line == 2);
    CHECK(line_of(first, {"list"}) == 3);
    CHECK(line_of(first, {"list", std::size_t{1}, "name"}) == 5);
    CHECK(line_of(first, {"list", std::size_t{7}}) == 3);  // the deepest that is there
    CHECK(line_of(first, {"nothing"}) == 2);
    CHECK(line_of(stream.documents[1].marks, {"b", "d"}) == 9);
}

TEST_CASE("YAML: a stream gives what stands before the error, and the error's line") {
    const auto stream = hub::parse_yaml_stream("a: 1\n---\nb: 2\nb: 3\n");
    REQUIRE(stream.error);
    CHECK(stream.documents.size() == 1);
    CHECK(stream.error_line == 4);
    CHECK(hub::parse_yaml_stream("a: [1\n").error_line == 2);
    CHECK(hub::parse_yaml_stream("x: &a 1\n---\ny: *a\n").error);  // anchors end with their document
    CHECK(hub::parse_yaml_stream(std::string(2'000'000, ' ')).error->code == base::ErrorCode::too_large);
    CHECK(hub::parse_yaml_stream("").documents.empty());
}

TEST_CASE("YAML: merge keys fill in what a mapping does not have itself") {
    const auto merged = [](std::string_view text) {
        const auto stream = hub::parse_yaml_stream(text);
        REQUIRE_FALSE(stream.error);
        return stream.documents.front().value;
    };
    CHECK(merged("x: &x {a: 1, b: 2}\ny: {b: 3, <<: *x}\n")["y"] == Json{{"a", 1}, {"b", 3}});
    CHECK(merged("x: &x {a: 1}\nz: &z {a: 2, c: 4}\ny:\n  <<: [*x, *z]\n")["y"] == Json{{"a", 1}, {"c", 4}});
    CHECK(merged("'<<': 1\n") == Json{{"<<", 1}});  // quoted, it is a key like any other
    CHECK(hub::parse_yaml_stream("a: {<<: 1}\n").error);
    CHECK(hub::parse_yaml_stream("a: {<<: [1]}\n").error);
}
