// What a browser keeps of the event feed.
#include "model/event_archive.hpp"

#include <catch2/catch_test_macros.hpp>

#include <memory>

#include "base/testing/virtual_scheduler.hpp"
#include "model/testing/memory_archive_store.hpp"

using namespace model;
using model::testing::MemoryArchiveStore;

namespace {

struct Rig {
    base::testing::VirtualScheduler time;
    MemoryArchiveStore store{time};
    EventArchive archive{&store, time};

    FeedEventPtr event(const std::string& id, std::int64_t age_ms = 0) {
        FeedEvent made;
        made.id = id;
        made.type = "error_report";
        made.title = "title of " + id;
        made.time_ms = time.unix_ms() - age_ms;
        return std::make_shared<const FeedEvent>(std::move(made));
    }
    bool open(EventArchive& which, const std::string& owner = "u1") {
        bool good = false;
        which.open(owner, [&](base::Result<void> opened) { good = opened.has_value(); });
        time.advance(1);
        return good;
    }
    std::vector<std::string> read(EventArchive& which, std::int64_t from_ms = 0, std::size_t most = 100) {
        std::vector<std::string> ids;
        which.read(from_ms, most, [&](base::Result<std::vector<FeedEventPtr>> events) {
            REQUIRE(events);
            for (const FeedEventPtr& each : *events) ids.push_back(each->id);
        });
        time.advance(1);
        return ids;
    }
};

}  // namespace

TEST_CASE("what was added is read newest first, from a time on, at most so many") {
    Rig rig;
    REQUIRE(rig.open(rig.archive));
    rig.archive.add(rig.event("b", 2'000));
    rig.archive.add(rig.event("c", 1'000));
    rig.archive.add(rig.event("a", 3'000));
    CHECK(rig.store.events() == 0);  // together, soon
    rig.time.advance(EventArchive::kWriteDelayMs);
    CHECK(rig.store.events() == 3);
    CHECK(rig.read(rig.archive) == std::vector<std::string>{"c", "b", "a"});
    CHECK(rig.read(rig.archive, rig.time.unix_ms() - 2'500) == std::vector<std::string>{"c", "b"});
    CHECK(rig.read(rig.archive, 0, 1) == std::vector<std::string>{"c"});
    // What still waits is part of what is read.
    rig.archive.add(rig.event("d"));
    CHECK(rig.read(rig.archive).front() == "d");
}

TEST_CASE("the archive outlives the page, and two tabs write the same event once") {
    Rig rig;
    REQUIRE(rig.open(rig.archive));
    EventArchive other(&rig.store, rig.time);
    REQUIRE(rig.open(other));
    const FeedEventPtr event = rig.event("e");
    rig.archive.add(event);
    other.add(event);
    rig.time.advance(1'000);
    CHECK(rig.store.events() == 1);
    EventArchive again(&rig.store, rig.time);
    REQUIRE(rig.open(again));
    CHECK(rig.read(again) == std::vector<std::string>{"e"});
}

TEST_CASE("what was acknowledged stays so, whoever adds the event again") {
    Rig rig;
    REQUIRE(rig.open(rig.archive));
    const FeedEventPtr event = rig.event("e");
    rig.archive.add(event);
    FeedEvent done = *event;
    done.acknowledged = true;
    rig.archive.put({std::make_shared<const FeedEvent>(done)});
    EventArchive other(&rig.store, rig.time);
    REQUIRE(rig.open(other));
    other.add(event);
    rig.time.advance(1'000);
    bool acknowledged = false;
    other.read(0, 10, [&](base::Result<std::vector<FeedEventPtr>> events) { acknowledged = events->front()->acknowledged; });
    rig.time.advance(1);
    CHECK(acknowledged);
    CHECK(rig.store.events() == 1);
}

TEST_CASE("the archive is bounded by count and by age") {
    Rig rig;
    REQUIRE(rig.open(rig.archive));
    rig.archive.add(rig.event("old", EventArchive::kMaxAgeMs + 60'000));
    for (std::size_t i = 0; i < EventArchive::kMaxEvents + 3 * EventArchive::kTrimEvery; ++i) {
        rig.archive.add(rig.event("e" + std::to_string(i), 0));
        rig.time.advance(10);
    }
    rig.time.advance(1'000);
    CHECK(rig.store.events() <= EventArchive::kMaxEvents + EventArchive::kTrimEvery);
    CHECK(rig.store.trims > 3);
    const auto ids = rig.read(rig.archive, 0, 100'000);
    CHECK(std::find(ids.begin(), ids.end(), "old") == ids.end());
    CHECK(ids.front() == "e" + std::to_string(EventArchive::kMaxEvents + 3 * EventArchive::kTrimEvery - 1));
    // A visit later begins by throwing away what is too old by then.
    rig.time.advance(EventArchive::kMaxAgeMs + 60'000);
    EventArchive later(&rig.store, rig.time);
    REQUIRE(rig.open(later));
    CHECK(rig.store.events() == 0);
}

TEST_CASE("signing out removes everything, also what another program left, and nothing comes back") {
    Rig rig;
    rig.store.rows["2/0001767225600000/x"] = "{}";
    REQUIRE(rig.open(rig.archive));
    rig.archive.add(rig.event("e"));
    rig.archive.clear();
    rig.time.advance(1'000);
    CHECK(rig.store.rows.empty());
    rig.archive.add(rig.event("late"));
    rig.archive.flush();
    rig.time.advance(1'000);
    CHECK(rig.store.rows.empty());
    CHECK_FALSE(rig.archive.is_open());
}

TEST_CASE("what another user left behind is removed before anything is read") {
    Rig rig;
    REQUIRE(rig.open(rig.archive, "ada"));
    rig.archive.add(rig.event("secret"));
    rig.time.advance(1'000);
    EventArchive next(&rig.store, rig.time);
    REQUIRE(rig.open(next, "bob"));
    CHECK(rig.read(next).empty());
    CHECK(rig.store.events() == 0);
    EventArchive same(&rig.store, rig.time);
    next.add(rig.event("mine"));
    rig.time.advance(1'000);
    REQUIRE(rig.open(same, "bob"));
    CHECK(rig.read(same) == std::vector<std::string>{"mine"});
}

TEST_CASE("rows of a newer schema are kept aside: said, not read, not touched") {
    Rig rig;
    rig.store.rows["0"] = R"({"schema":2,"owner":"u1"})";
    rig.store.rows["2/0001767225600000/future"] = "whatever a later version writes";
    REQUIRE(rig.open(rig.archive));
    CHECK(rig.archive.newer_kept());
    rig.archive.add(rig.event("e"));
    CHECK(rig.read(rig.archive) == std::vector<std::string>{"e"});
    CHECK(rig.store.rows.contains("2/0001767225600000/future"));
    CHECK(rig.store.rows["0"].find("\"schema\":2") != std::string::npos);
}

TEST_CASE("broken rows are skipped") {
    Rig rig;
    REQUIRE(rig.open(rig.archive));
    rig.archive.add(rig.event("good"));
    rig.time.advance(1'000);
    rig.store.rows["1/9000000000000/a"] = "{";
    rig.store.rows["1/9000000000000/b"] = "[]";
    rig.store.rows["1/9000000000000/c"] = R"({"id":"c","type":"error_report","time":"never"})";
    CHECK(rig.read(rig.archive) == std::vector<std::string>{"good"});
    rig.store.rows["0"] = "not json";
    EventArchive other(&rig.store, rig.time);
    REQUIRE(rig.open(other));  // nobody's: begins anew
    CHECK(rig.store.events() == 0);
}

TEST_CASE("a store without room gives up half of what there is, and says that events were not kept until it works again") {
    Rig rig;
    REQUIRE(rig.open(rig.archive));
    for (int i = 0; i < 10; ++i) rig.archive.add(rig.event("e" + std::to_string(i), 10'000 - i));
    rig.time.advance(1'000);
    rig.store.fail_next({base::ErrorCode::quota, "no room", ""});
    const int trims = rig.store.trims;
    rig.archive.add(rig.event("lost"));
    rig.time.advance(1'000);
    CHECK(rig.archive.problem() == "no room");
    CHECK(rig.store.trims == trims + 1);
    CHECK(rig.archive.is_open());
    rig.archive.add(rig.event("kept"));
    rig.time.advance(1'000);
    CHECK(rig.archive.problem().empty());
    CHECK(rig.read(rig.archive).front() == "kept");
}

TEST_CASE("a store that fails, or none at all, ends the archive with a reason") {
    Rig rig;
    rig.store.fail_next({base::ErrorCode::unavailable, "denied", ""});
    CHECK_FALSE(rig.open(rig.archive));
    CHECK(rig.archive.problem() == "denied");
    bool failed = false;
    rig.archive.read(0, 1, [&](base::Result<std::vector<FeedEventPtr>> events) { failed = !events; });
    rig.time.advance(1);
    CHECK(failed);
    EventArchive none(nullptr, rig.time);
    CHECK_FALSE(rig.open(none));
    CHECK_FALSE(none.problem().empty());
    none.add(rig.event("e"));
    none.clear();
    rig.time.advance(1'000);
}

TEST_CASE("an archive that ends while it is asked answers nobody") {
    Rig rig;
    int answers = 0;
    {
        EventArchive brief(&rig.store, rig.time);
        brief.open("u1", [&](base::Result<void>) { ++answers; });
    }
    rig.time.advance(10);
    CHECK(answers == 0);
}
