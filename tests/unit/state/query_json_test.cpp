#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>

#include "base/testing/virtual_scheduler.hpp"
#include "state/query/shared_json.hpp"

using state::SharedJson;

namespace {

SharedJson json(std::string_view text) {
    auto parsed = SharedJson::parse(text);
    REQUIRE(parsed);
    return *parsed;
}

SharedJson random_json(base::Random& random, int depth) {
    switch (random.next_u64() % (depth > 0 ? 8 : 6)) {
        case 0: return {};
        case 1: return random.next_u64() % 2 == 0;
        case 2: return static_cast<std::int64_t>(random.next_u64());
        case 3: return random.next_u64();
        case 4: return static_cast<double>(static_cast<std::int64_t>(random.next_u64() % 1000)) / 8;
        case 5: return std::string(random.next_u64() % 12, static_cast<char>('a' + random.next_u64() % 3));
        case 6: {
            std::vector<SharedJson> items;
            for (auto n = random.next_u64() % 5; n > 0; --n) items.push_back(random_json(random, depth - 1));
            return SharedJson::array(std::move(items));
        }
        default: {
            std::vector<SharedJson::Member> members;
            for (auto n = random.next_u64() % 5; n > 0; --n) {
                members.push_back({std::string(1, static_cast<char>('a' + random.next_u64() % 6)), random_json(random, depth - 1)});
            }
            return SharedJson::object_of(std::move(members));
        }
    }
}

}  // namespace

TEST_CASE("a shared JSON reads as what it was made from, and writes canonical text") {
    const SharedJson value = json(R"({"b":[1,-2,2.5,"x",null,true],"a":{"z":{},"y":[]}})");
    CHECK(value.text() == R"({"a":{"y":[],"z":{}},"b":[1,-2,2.5,"x",null,true]})");
    CHECK(SharedJson::from(value.to_json()) == value);
    CHECK(value.member("b").item(0).integer_or(0) == 1);
    CHECK(value.member("b").item(2).number_or(0) == 2.5);
    CHECK(value.member("b").item(99).is_null());
    CHECK(value.member("none").member("deeper").string_or("fallback") == "fallback");
    CHECK(value.member("a").size() == 2);
    CHECK(value.depth() == 3);
}

TEST_CASE("accessors give the fallback for another kind, and take integral doubles as integers") {
    const SharedJson value = SharedJson::object({{"n", 3.0}, {"half", 2.5}, {"s", "7"}, {"t", true}, {"big", UINT64_MAX}});
    CHECK(value.integer_or("n", -1) == 3);
    CHECK(value.integer_or("half", -1) == -1);
    CHECK(value.integer_or("s", -1) == -1);
    CHECK(value.integer_or("big", -1) == -1);
    CHECK(value.number_or("big", 0) == static_cast<double>(UINT64_MAX));
    CHECK(value.boolean_or("t", false));
    CHECK(value.boolean_or("n", true));
    CHECK(value.string_or("t", "no") == "no");
}

TEST_CASE("numbers keep their kind and their last digit; what JSON lacks becomes null [Q1]") {
    CHECK(SharedJson(1) == SharedJson(1U));
    CHECK_FALSE(SharedJson(1) == SharedJson(1.0));
    CHECK_FALSE(SharedJson(1) == SharedJson("1"));
    CHECK_FALSE(SharedJson(1) == SharedJson(true));
    CHECK(SharedJson(std::int64_t{9007199254740993}).text() == "9007199254740993");
    CHECK(SharedJson(std::numeric_limits<std::int64_t>::min()).text() == "-9223372036854775808");
    CHECK(SharedJson(UINT64_MAX).text() == "18446744073709551615");
    CHECK_FALSE(SharedJson(std::int64_t{-1}) == SharedJson(UINT64_MAX));
    CHECK(SharedJson(std::nan("")).is_null());
    CHECK(SharedJson(std::numeric_limits<double>::infinity()).is_null());
    CHECK(SharedJson(-std::numeric_limits<double>::infinity()).is_null());
    CHECK(same(SharedJson(-0.0), SharedJson(0.0)));
    CHECK(SharedJson(-0.0).hash() == SharedJson(0.0).hash());
    CHECK_FALSE(std::signbit(SharedJson(-0.0).number_or(1)));
}

TEST_CASE("structural sharing keeps equal parts, gives the old root when all is equal, and finds moved elements [O6]") {
    const SharedJson old = json(R"({"items":[{"id":1,"tags":["x"]},{"id":2,"tags":["y"]}],"meta":{"n":2}})");
    CHECK(same(share(old, json(old.text())), old));

    const SharedJson next = share(old, json(R"({"items":[{"id":1,"tags":["x"]},{"id":2,"tags":["z"]}],"meta":{"n":2}})"));
    CHECK_FALSE(same(next, old));
    CHECK(same(next.member("meta"), old.member("meta")));
    CHECK(same(next.member("items").item(0), old.member("items").item(0)));
    CHECK_FALSE(same(next.member("items").item(1), old.member("items").item(1)));

    const SharedJson longer = share(old, json(R"({"items":[{"id":0,"tags":[]},{"id":1,"tags":["x"]},{"id":2,"tags":["y"]}],"meta":{"n":3}})"));
    CHECK(longer.member("items").size() == 3);
    CHECK(same(longer.member("items").item(1), old.member("items").item(0)));
    CHECK(same(longer.member("items").item(2), old.member("items").item(1)));

    const SharedJson shorter = share(old, json(R"({"items":[{"id":2,"tags":["y"]}],"meta":{"n":2}})"));
    CHECK(same(shorter.member("items").item(0), old.member("items").item(1)));
    CHECK(share(json("[1,2]"), json(R"({"0":1})")).is_object());
}

TEST_CASE("sharing changes nothing but identity, for any two trees [O6]") {
    base::testing::SeededRandom random(7);
    for (int round = 0; round < 3000; ++round) {
        const SharedJson old = random_json(random, 4);
        const SharedJson next = random_json(random, 4);
        const SharedJson shared = share(old, next);
        REQUIRE(shared == next);
        REQUIRE(shared.hash() == next.hash());
        REQUIRE(shared.text() == next.text());
        REQUIRE(same(share(old, shared), shared));
        REQUIRE((old == next) == (old.text() == next.text()));
        REQUIRE(SharedJson::from(next.to_json()) == next);
    }
}

TEST_CASE("a tree of any depth is built, compared, shared, written and dropped without recursion [O6]") {
    const auto deep = [](int levels) {
        SharedJson value = 1;
        for (int i = 0; i < levels; ++i) value = SharedJson::array({std::move(value)});
        return value;
    };
    const SharedJson a = deep(200'000);
    const SharedJson b = deep(200'000);
    CHECK(a == b);
    CHECK(same(share(a, b), a));
    CHECK_FALSE(a == deep(200'001));
    const SharedJson c = SharedJson::array({deep(100'000), 2});
    CHECK(share(SharedJson::array({deep(100'000), 3}), c) == c);
    CHECK(a.text().size() == 400'001);
    CHECK(a.depth() == 65'535);
}

TEST_CASE("an edit shares what it leaves alone, and changes nothing if nothing changes") {
    const SharedJson value = json(R"({"spec":{"replicas":1,"image":"a"},"list":[1,2]})");
    const SharedJson next = value.with_path({"spec", "replicas"}, 3);
    CHECK(next.text() == R"({"list":[1,2],"spec":{"image":"a","replicas":3}})");
    CHECK(same(next.member("list"), value.member("list")));
    CHECK(same(value.with_path({"spec", "replicas"}, 1), value));
    CHECK(same(value.with_path({"list", 5}, 1), value));
    CHECK(value.with_path({"list", 1}, 9).member("list").text() == "[1,9]");
    CHECK(SharedJson().with_path({"a", "b"}, 1).text() == R"({"a":{"b":1}})");
    CHECK(value.without("spec").text() == R"({"list":[1,2]})");
    CHECK(same(value.without("none"), value));
    CHECK(value.member("list").without_item(0).text() == "[2]");
    CHECK(value.member("list").appended("x").text() == R"([1,2,"x"])");
}

TEST_CASE("a list of objects is patched by the value of a member") {
    const SharedJson list = json(R"([{"id":"a","v":1},{"id":"b","v":1}])");
    CHECK(list.with_item_by("id", json(R"({"id":"b","v":2})")).text() == R"([{"id":"a","v":1},{"id":"b","v":2}])");
    CHECK(list.with_item_by("id", json(R"({"id":"c","v":3})")).size() == 3);
    CHECK(list.with_item_by("id", json(R"({"v":3})")).size() == 3);
    CHECK(list.without_item_by("id", "a").text() == R"([{"id":"b","v":1}])");
    CHECK(same(list.without_item_by("id", "z"), list));
}

TEST_CASE("of duplicate members the last one wins") {
    CHECK(SharedJson::object({{"a", 1}, {"b", 2}, {"a", 3}}).text() == R"({"a":3,"b":2})");
}
