#include "wire/watch_store.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace wire;

namespace {

struct Told {
    WatchStore store;
    std::vector<std::string> heard;

    explicit Told(bool ordered = false) : store(ordered) {}

    auto teller() {
        return [this](WatchStore::Change change, const std::string& key, const StoredObject& object) {
            const char* word = change == WatchStore::Change::added ? "added " : change == WatchStore::Change::modified ? "modified " : "deleted ";
            heard.push_back(word + key + " " + object.uid + "@" + object.resource_version);
        };
    }
    static WatchObject make(std::string_view name, std::string_view uid, std::string_view version) { return {"default", name, uid, version, version}; }
    std::vector<std::string> apply(std::string_view name, std::string_view uid, std::string_view version) {
        store.apply(make(name, uid, version), teller());
        return std::exchange(heard, {});
    }
    std::vector<std::string> remove(std::string_view name, std::string_view uid, std::string_view version) {
        store.remove(make(name, uid, version), teller());
        return std::exchange(heard, {});
    }
    std::vector<std::string> commit() {
        store.commit(teller());
        return std::exchange(heard, {});
    }
};

using Heard = std::vector<std::string>;

}  // namespace

TEST_CASE("another uid under the same name is another object: deleted, then added [S1]") {
    Told told;
    CHECK(told.apply("a", "u1", "1") == Heard{"added default/a u1@1"});
    CHECK(told.apply("a", "u2", "5") == Heard{"deleted default/a u1@1", "added default/a u2@5"});
    CHECK(told.remove("a", "u1", "6").empty());  // late news of the first one
    CHECK(told.store.objects().size() == 1);
    told.store.begin();
    told.store.collect(Told::make("a", "u3", "9"));
    CHECK(told.commit() == Heard{"deleted default/a u2@5", "added default/a u3@9"});
}

TEST_CASE("a known ADDED is a change, an unknown MODIFIED an addition, an unknown DELETED nothing [S2]") {
    Told told;
    CHECK(told.apply("a", "u", "1") == Heard{"added default/a u@1"});
    CHECK(told.apply("a", "u", "2") == Heard{"modified default/a u@2"});
    CHECK(told.remove("b", "u", "3").empty());
    CHECK(told.remove("a", "u", "3") == Heard{"deleted default/a u@3"});
    CHECK(told.remove("a", "u", "3").empty());
    CHECK(told.store.bytes() == 0);
}

TEST_CASE("the same version is no news [S3]") {
    Told told;
    (void)told.apply("a", "u", "7");
    CHECK(told.apply("a", "u", "7").empty());
    told.store.begin();
    told.store.collect(Told::make("a", "u", "7"));
    CHECK(told.commit().empty());
}

TEST_CASE("where versions are ordered, older news of an object is dropped; where they are not, it cannot be told [S4]") {
    Told ordered(true);
    (void)ordered.apply("a", "u", "10");
    CHECK(ordered.apply("a", "u", "9").empty());
    CHECK(ordered.remove("a", "u", "9").empty());
    CHECK(ordered.store.objects().begin()->second.resource_version == "10");
    CHECK(ordered.apply("a", "u", "11") == Heard{"modified default/a u@11"});
    Told opaque;
    (void)opaque.apply("a", "u", "10");
    CHECK(opaque.apply("a", "u", "9") == Heard{"modified default/a u@9"});
}

TEST_CASE("an answer to an own write that is newer than the watch is not flickered back [S5]") {
    Told told(true);
    (void)told.apply("a", "u", "10");
    CHECK(told.apply("a", "u", "12") == Heard{"modified default/a u@12"});  // what the PUT answered
    CHECK(told.apply("a", "u", "11").empty());                               // the watch is behind
    CHECK(told.apply("a", "u", "12").empty());
    CHECK(told.apply("a", "u", "13") == Heard{"modified default/a u@13"});
}

TEST_CASE("a list is believed although its versions are lower, as after a restored backup [S4]") {
    Told told(true);
    (void)told.apply("a", "u", "100");
    (void)told.apply("b", "v", "101");
    told.store.begin();
    told.store.collect(Told::make("a", "u", "40"));
    CHECK(told.commit() == Heard{"modified default/a u@40", "deleted default/b v@101"});
    CHECK(told.apply("a", "u", "41") == Heard{"modified default/a u@41"});
}

TEST_CASE("a new list tells the difference only, and rows that stay keep their text [S8]") {
    Told told;
    for (const char* name : {"a", "b", "c", "d"}) (void)told.apply(name, "u", "1");
    const auto text = told.store.objects().at("default/a").json;
    told.store.begin();
    told.store.collect(Told::make("a", "u", "1"));
    CHECK(told.store.objects().size() == 4);  // no empty moment
    told.store.collect(Told::make("c", "u", "2"));
    told.store.collect(Told::make("e", "u", "3"));
    CHECK(told.store.objects().size() == 4);
    CHECK(told.commit() == Heard{"deleted default/b u@1", "modified default/c u@2", "deleted default/d u@1", "added default/e u@3"});
    CHECK(told.store.objects().at("default/a").json == text);
    CHECK(told.store.bytes() == 3);
}

TEST_CASE("what was deleted while nobody watched is found by the next list: no ghosts [S9]") {
    Told told;
    (void)told.apply("ghost", "u", "1");
    told.store.begin();
    CHECK(told.commit() == Heard{"deleted default/ghost u@1"});
    CHECK(told.store.objects().empty());
}

TEST_CASE("events within a list that comes in belong to it, and a list that is begun anew forgets the first half") {
    Told told;
    (void)told.apply("old", "u", "1");
    told.store.begin();
    told.store.collect(Told::make("a", "u", "2"));
    told.store.begin();
    told.store.collect(Told::make("b", "u", "3"));
    CHECK(told.apply("c", "u", "4").empty());
    CHECK(told.remove("b", "u", "5").empty());
    CHECK(told.commit() == Heard{"added default/c u@4", "deleted default/old u@1"});
    CHECK(told.store.bytes() == 1);
}
