#include "wire/flat_json.hpp"

#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "base/json.hpp"

using wire::FlatJson;

namespace {

// Reads to the end; false when the text is refused.
bool accepts(std::string_view text) {
    FlatJson fields(text);
    while (fields.next()) {
    }
    return !fields.failed();
}

}  // namespace

TEST_CASE("the members of a flat object come in order with their kinds") {
    const std::string text =
        R"( { "type" : "log", "n":-12, "f":1.5e3,"ok":true, "no":false,"nil":null,"o":{"a":[1,"}"]},"l":["\"]",{}], "e":"a\"b\u20ac\ud83d\ude00" } )";
    FlatJson f(text);
    std::string scratch;
    REQUIRE(f.next());
    CHECK(f.key_is("type"));
    CHECK(f.kind() == FlatJson::Kind::string);
    CHECK(f.string(scratch) == "log");
    CHECK(scratch.empty());  // no escapes, no copy
    REQUIRE(f.next());
    CHECK(f.integer() == -12);
    CHECK(f.number() == -12.0);
    CHECK(!f.boolean());
    REQUIRE(f.next());
    CHECK(f.number() == 1500.0);
    CHECK(!f.integer());
    REQUIRE(f.next());
    CHECK(f.boolean() == true);
    REQUIRE(f.next());
    CHECK(f.boolean() == false);
    REQUIRE(f.next());
    CHECK(f.is_null());
    CHECK(f.string(scratch).empty());
    REQUIRE(f.next());
    CHECK(f.kind() == FlatJson::Kind::object);
    CHECK(f.raw() == R"({"a":[1,"}"]})");
    REQUIRE(f.next());
    CHECK(f.kind() == FlatJson::Kind::array);
    CHECK(f.raw() == R"(["\"]",{}])");
    REQUIRE(f.next());
    CHECK(f.raw_key() == "e");
    CHECK(f.string(scratch) == "a\"b\xE2\x82\xAC\xF0\x9F\x98\x80");
    CHECK_FALSE(f.next());
    CHECK_FALSE(f.failed());
    CHECK_FALSE(f.next());
}

TEST_CASE("what is no object is refused") {
    for (const std::string_view bad : {"", "  ", "[1]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{\"a\" 1}",
                                       "{\"a\":}", "{\"a\":tru}", "{\"a\":\"x}", "{\"a\":[1}", "{\"a\":1}x", "{\"a\":\"\\", "{,}", "{\"a\":1 2}"}) {
        CAPTURE(bad);
        CHECK_FALSE(accepts(bad));
    }
    for (const std::string_view good : {"{}", " { } ", "{\"\":\"\"}", "{\"a\":1,\"a\":2}", "{\"a\":[[],{}]}\n"}) {
        CAPTURE(good);
        CHECK(accepts(good));
    }
}

TEST_CASE("escapes in keys and odd escapes in values are resolved") {
    FlatJson f(R"({"a\u0062":"\b\f\n\r\t\/\\","x":"\ud800!\udc00\u12G4\q"})");
    std::string scratch;
    REQUIRE(f.next());
    CHECK(f.key_is("ab"));
    CHECK_FALSE(f.key_is("a\\u0062"));
    CHECK(f.key(scratch) == "ab");
    CHECK(f.string(scratch) == "\b\f\n\r\t/\\");
    REQUIRE(f.next());
    CHECK(f.string(scratch) == "\xEF\xBF\xBD!\xEF\xBF\xBD\xEF\xBF\xBD" "12G4\xEF\xBF\xBD");
}

TEST_CASE("a million brackets are nothing to a counter") {
    std::string text = "{\"a\":" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + ",\"b\":7}";
    FlatJson f(text);
    REQUIRE(f.next());
    CHECK(f.raw().size() == 2'000'000);
    REQUIRE(f.next());
    CHECK(f.integer() == 7);
    CHECK_FALSE(accepts(std::string_view(text).substr(0, 1'500'000)));
}

TEST_CASE("flat_json_string finds one member, the last of duplicates") {
    CHECK(wire::flat_json_string(R"({"a":"1","b":"2","a":"3"})", "a") == "3");
    CHECK(!wire::flat_json_string(R"({"a":1})", "a"));
    CHECK(!wire::flat_json_string(R"({"a":"1")", "a"));
    CHECK(!wire::flat_json_string("{}", "a"));
}
