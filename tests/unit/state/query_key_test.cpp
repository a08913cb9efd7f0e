#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>

#include "query_fixture.hpp"
#include "state/query/query_key.hpp"

using state::QueryKey;
using state::SharedJson;

namespace {
QueryKey key(std::string_view text) {
    auto parsed = QueryKey::parse(text);
    REQUIRE(parsed);
    return *parsed;
}
}  // namespace

TEST_CASE("a key's text sorts object members at every depth and keeps lists in order [Q1]") {
    CHECK(key(R"(["a",{"z":1,"b":{"y":2,"x":[3,1]}}])").text() == R"(["a",{"b":{"x":[3,1],"y":2},"z":1}])");
    CHECK(key(R"([{"a":1,"b":2}])") == key(R"([{"b":2,"a":1}])"));
    CHECK(key(R"([{"a":1,"b":2}])").hash() == key(R"([{"b":2,"a":1}])").hash());
    CHECK_FALSE(key("[1,2]") == key("[2,1]"));
    CHECK_FALSE(key(R"([{"a":null}])") == key("[{}]"));
}

TEST_CASE("members are sorted by code point, not by UTF-16 unit [Q1]") {
    // U+FF61 comes before U+1F600, though its UTF-16 unit is larger than the first of the other's two.
    CHECK(QueryKey{SharedJson::object({{"\xF0\x9F\x98\x80", 1}, {"\xEF\xBD\xA1", 2}})}.text() == "[{\"\xEF\xBD\xA1\":2,\"\xF0\x9F\x98\x80\":1}]");
}

TEST_CASE("numbers in keys: 1.0 is 1, zeros are one, what JSON lacks is null, 64 bits are exact [Q1]") {
    CHECK(QueryKey{1.0} == QueryKey{1});
    CHECK(QueryKey{-0.0} == QueryKey{0});
    CHECK(QueryKey{std::nan("")} == QueryKey{nullptr});
    CHECK(QueryKey{std::numeric_limits<double>::infinity()} == QueryKey{nullptr});
    CHECK_FALSE(QueryKey{std::int64_t{9007199254740992}} == QueryKey{std::int64_t{9007199254740993}});
    CHECK(QueryKey{9007199254740992.0} == QueryKey{std::int64_t{9007199254740992}});
    CHECK(QueryKey{UINT64_MAX}.text() == "[18446744073709551615]");
    CHECK_FALSE(QueryKey{2.5} == QueryKey{2});
    CHECK(QueryKey{SharedJson::object({{"page", 2.0}})} == key(R"([{"page":2}])"));
}

TEST_CASE("text in keys is compared byte by byte, ill-formed UTF-8 as U+FFFD [Q1]") {
    CHECK_FALSE(QueryKey{"\xC3\xA9"} == QueryKey{"e\xCC\x81"});  // composed and decomposed é
    CHECK(QueryKey{"a\xFF"} == QueryKey{"a\xEF\xBF\xBD"});
    CHECK(QueryKey{SharedJson::object({{"\xFF", 1}})} == QueryKey{SharedJson::object({{"\xEF\xBF\xBD", 1}})});
}

TEST_CASE("a number and its text are different keys [Q2]") {
    CHECK_FALSE(QueryKey{1} == QueryKey{"1"});
    CHECK_FALSE(QueryKey{true} == QueryKey{"true"});
    CHECK_FALSE(QueryKey{nullptr} == QueryKey{"null"});
    CHECK(QueryKey{1}.text() != QueryKey{"1"}.text());
}

TEST_CASE("the hash is computed once from the tree, so no hash function needs to be given [Q3]") {
    const QueryKey a{"workflows", "list", SharedJson::object({{"status", "draft"}})};
    CHECK(a.hash() == QueryKey::parse(a.text())->hash());
    CHECK(a.hash() != QueryKey{"workflows", "list"}.hash());
}

TEST_CASE("a partial key matches by prefix of lists and subset of objects, at every depth [Q4]") {
    CHECK(QueryKey{}.matches(key(R"(["a"])")));
    CHECK(key(R"(["a"])").matches(key(R"(["a","b"])")));
    CHECK_FALSE(key(R"(["a","b"])").matches(key(R"(["a"])")));
    CHECK_FALSE(key(R"(["b"])").matches(key(R"(["a","b"])")));
    CHECK(key(R"(["a",{"s":1}])").matches(key(R"(["a",{"s":1,"t":2}])")));
    CHECK_FALSE(key(R"(["a",{"s":1}])").matches(key(R"(["a",{"s":2,"t":2}])")));
    CHECK_FALSE(key(R"(["a",{"s":1}])").matches(key(R"(["a",{"t":2}])")));
    CHECK(key(R"(["a",{}])").matches(key(R"(["a",{"s":1}])")));
    CHECK(key(R"(["a",[]])").matches(key(R"(["a",[1,2]])")));
    CHECK(key(R"(["a",[{"x":{"y":1}}]])").matches(key(R"(["a",[{"x":{"y":1,"z":2}},3]])")));
    CHECK(key(R"(["a",null])").matches(key(R"(["a",null])")));
    CHECK_FALSE(key(R"(["a",null])").matches(key(R"(["a",0])")));
    CHECK_FALSE(key(R"(["a",{"s":null}])").matches(key(R"(["a",{}])")));
}

TEST_CASE("an exact filter takes the key itself only [Q5]") {
    query_test::Fixture f;
    f.client.set_data({"a"}, 1);
    f.client.set_data({"a", "b"}, 2);
    f.client.set_data({"a", "b", "c"}, 3);
    CHECK(f.client.get_all_data(QueryKey{"a", "b"}).size() == 2);
    CHECK(f.client.get_all_data(state::QueryFilter::exactly({"a", "b"})).size() == 1);
    CHECK(f.client.get_all_data(state::QueryFilter::exactly({"b"})).empty());
    CHECK(f.client.get_all_data({}).size() == 3);
}

TEST_CASE("defaults of a prefix apply below it, the later registered wins, a shorter key inherits nothing [Q6]") {
    query_test::Fixture f;
    f.client.set_defaults({"a"}, {.stale_ms = 1, .gc_ms = 10});
    f.client.set_defaults({"a", "b"}, {.stale_ms = 2});
    CHECK(f.client.settings_for({"a", "b", "c"}).stale_ms == 2);
    CHECK(f.client.settings_for({"a", "b", "c"}).gc_ms == 10);
    CHECK(f.client.settings_for({"a"}).stale_ms == 1);
    CHECK(f.client.settings_for({"b"}).stale_ms == 5 * query_test::kMinute);
    f.client.set_defaults({"a"}, {.stale_ms = 3});  // in its old place: the longer one was registered later
    CHECK(f.client.settings_for({"a", "b"}).stale_ms == 2);
    CHECK(f.client.settings_for({"a", "b"}).gc_ms == 10 * query_test::kMinute);
}

TEST_CASE("parsing a key refuses what is no list") {
    CHECK_FALSE(QueryKey::parse("{}"));
    CHECK_FALSE(QueryKey::parse("["));
    CHECK_FALSE(QueryKey::parse("1"));
    CHECK(QueryKey::parse("[]"));
}

TEST_CASE("parts nested too deep count by their text, so a key is always bounded") {
    SharedJson deep = 1;
    for (int i = 0; i < 5000; ++i) deep = SharedJson::array({deep});
    const QueryKey a{"x", deep};
    const QueryKey b{"x", SharedJson::array({deep})};
    CHECK(a == QueryKey({"x", deep}));
    CHECK_FALSE(a == b);
    CHECK(a.json().depth() <= QueryKey::kMaxDepth);
    CHECK(QueryKey::parse(a.text()) == a);
    CHECK(a.matches(a));
}
