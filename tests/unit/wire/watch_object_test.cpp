#include "wire/watch_object.hpp"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "base/json_check.hpp"
#include "wire/flat_json.hpp"

using namespace wire;

TEST_CASE("an object's identity is read without building it, escapes included") {
    WatchObjectReader reader;
    const std::string json = R"({"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"d\u0065f","name":"a\"b","uid":"u","resourceVersion":"12"},"spec":{"name":"other"}})";
    REQUIRE(reader.read(json));
    CHECK(reader.object().ns == "def");
    CHECK(reader.object().name == "a\"b");
    CHECK(reader.object().uid == "u");
    CHECK(reader.object().resource_version == "12");
    CHECK(reader.object().json.data() == json.data());  // not copied
}

TEST_CASE("managedFields are dropped wherever they stand, and nothing else is [S10]") {
    const std::string fields = R"("managedFields":[{"manager":"a,\"}]","fieldsV1":{"f:x":{}}},{}])";
    const std::string rest = R"("name":"a","resourceVersion":"1")";
    WatchObjectReader reader;
    for (const std::string& metadata : {fields + "," + rest, rest + "," + fields, R"("name":"a", )" + fields + R"( , "resourceVersion":"1")", rest + " ,\n\t" + fields + " "}) {
        const std::string json = R"({"kind":"Pod","metadata":{)" + metadata + R"(},"spec":{"managedFields":1}})";
        REQUIRE(base::check_json(json));
        REQUIRE(reader.read(json));
        const auto parsed = base::parse_json(reader.object().json);
        REQUIRE(parsed);
        CHECK(*parsed == *base::parse_json(R"({"kind":"Pod","metadata":{"name":"a","resourceVersion":"1"},"spec":{"managedFields":1}})"));
        CHECK(reader.object().json.find('\n') == std::string_view::npos);
    }
}

TEST_CASE("items of a list get the kind and apiVersion that the list has") {
    WatchPage page;
    const std::string list = R"({"kind":"DeploymentList","apiVersion":"apps/v1","metadata":{"resourceVersion":"9","continue":"c","remainingItemCount":3},"items":[{"metadata":{"name":"a","resourceVersion":"1"}}]})";
    REQUIRE(read_watch_page(list, page));
    CHECK(page.resource_version == "9");
    CHECK(page.continue_token == "c");
    FlatArray items(page.items);
    REQUIRE(items.next());
    WatchObjectReader reader;
    REQUIRE(reader.read(items.raw(), page.api_version, page.kind));
    CHECK(reader.object().json == R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","resourceVersion":"1"}})");
    REQUIRE(reader.read(R"({"kind":"Own","metadata":{"name":"a","resourceVersion":"1"}})", page.api_version, page.kind));
    CHECK(reader.object().json == R"({"apiVersion":"apps/v1","kind":"Own","metadata":{"name":"a","resourceVersion":"1"}})");
    REQUIRE(read_watch_page(R"({"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[]})", page));
    CHECK(page.kind.empty());
    CHECK(page.api_version.empty());
}

TEST_CASE("what has no name or version is no object of a watch") {
    WatchObjectReader reader;
    for (const char* json : {"{}", "[]", "null", "", R"({"metadata":7})", R"({"metadata":{}})", R"({"metadata":{"name":"a"}})", R"({"metadata":{"resourceVersion":"1"}})", R"({"metadata":{"name":"a","resourceVersion":1}})",
                             R"({"metadata":{"name":"","resourceVersion":"1"}})", R"({"metadata":{"name":"a","resourceVersion":"1"}},)", R"({"metadata":{"name":"a","resourceVersion":"1"},"metadata":{}})"}) {
        INFO(json);
        CHECK_FALSE(reader.read(json));
    }
}

TEST_CASE("watch events are told by their type and object") {
    WatchEvent event;
    REQUIRE(read_watch_event(R"({"object":{"a":1},"type":"MODIFIED"})", event));
    CHECK(event.type == WatchEventType::modified);
    CHECK(event.object == R"({"a":1})");
    REQUIRE(read_watch_event(R"({"type":"\u0045RROR","object":{}})", event));
    CHECK(event.type == WatchEventType::error);
    REQUIRE(read_watch_event(R"({"type":"added","object":{}})", event));
    CHECK(event.type == WatchEventType::unknown);
    for (const char* line : {"", "{}", R"({"type":"ADDED"})", R"({"object":{}})", R"({"type":1,"object":{}})", R"({"type":"ADDED","object":[]})", R"({"type":"ADDED","object":{})"}) CHECK_FALSE(read_watch_event(line, event));
}

TEST_CASE("a bookmark says its version, and whether it ends the initial events") {
    CHECK(read_bookmark(R"({"metadata":{"resourceVersion":"5"}})").resource_version == "5");
    CHECK_FALSE(read_bookmark(R"({"metadata":{"resourceVersion":"5","annotations":{"k8s.io/initial-events-end":"false","x":"true"}}})").ends_initial_events);
    CHECK(read_bookmark(R"({"metadata":{"annotations":{"k8s.io/initial-events-end":"true"},"resourceVersion":"5"}})").ends_initial_events);
    CHECK(read_bookmark("{}").resource_version.empty());
}

TEST_CASE("a Status of any shape is read as far as it goes [W6]") {
    const WatchStatus full = read_watch_status(R"({"code":429,"reason":"TooManyRequests","message":"later","details":{"retryAfterSeconds":3}})");
    CHECK(full.code == 429);
    CHECK(full.retry_after_ms == 3'000);
    CHECK_FALSE(full.expired());
    CHECK(read_watch_status(R"({"reason":"Gone"})").expired());
    CHECK(read_watch_status("nonsense").code == 0);
    CHECK(read_watch_status(R"({"code":"410","reason":7,"details":[]})").code == 0);
    CHECK(read_watch_status(R"({"details":{"retryAfterSeconds":-5}})").retry_after_ms == 0);
    CHECK(read_watch_status(std::string(70'000, '[')).code == 0);
}

TEST_CASE("versions are compared as numbers of any length, and only if they are numbers [S4]") {
    CHECK(is_older_version("9", "10"));
    CHECK(is_older_version("9007199254740993", "9007199254740994"));
    CHECK(is_older_version("99999999999999999999999", "100000000000000000000000"));
    CHECK_FALSE(is_older_version("10", "9"));
    CHECK_FALSE(is_older_version("10", "10"));
    for (const char* opaque : {"", "0", "01", "a", "1a", "MTIz", "-1"}) {
        CHECK_FALSE(is_older_version(opaque, "5"));
        CHECK_FALSE(is_older_version("5", opaque));
    }
}

TEST_CASE("check_json judges as parse_json does") {
    for (const char* text : {"{}", "[1,2.5e3,\"x\",null,true]", "", "{", "[1,]", "{\"a\":}", "\"\xff\"", "1 2", "[[[[]]]]", "[[[[[]]]]]", "nul", "\"\\ud800\""}) {
        INFO(text);
        const base::JsonLimits limits{.max_bytes = 30, .max_depth = 4};
        const auto parsed = base::parse_json(text, limits);
        const auto checked = base::check_json(text, limits);
        REQUIRE(parsed.has_value() == checked.has_value());
        if (!parsed) CHECK(parsed.error() == checked.error());
    }
    CHECK_FALSE(base::check_json(std::string(31, ' '), {.max_bytes = 30}));
    CHECK_FALSE(base::check_json(std::string_view("1\0", 2)));
}

TEST_CASE("the elements of an array are read one by one") {
    std::string seen;
    FlatArray array(R"( [1, "a]", {"x":[1,2]}, [3] ,true, null] )");
    while (array.next()) seen += std::string(array.raw()) + "|";
    CHECK_FALSE(array.failed());
    CHECK(seen == R"(1|"a]"|{"x":[1,2]}|[3]|true|null|)");
    FlatArray empty("[]");
    CHECK_FALSE(empty.next());
    CHECK_FALSE(empty.failed());
    for (const char* bad : {"", "[", "[1", "[1 2]", "[1,]x", "{}", "[}", "[1]]"}) {
        FlatArray broken(bad);
        while (broken.next()) {}
        INFO(bad);
        CHECK(broken.failed());
    }
}
