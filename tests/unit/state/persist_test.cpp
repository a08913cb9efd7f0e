#include "state/persist.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <iterator>

#include "state/testing/faulty_storage.hpp"

using base::Json;
using state::Hydration;
using state::PersistNotice;

namespace {

// A store with a history: v1 had "dock" in px; v2 split it into "dock_px" and "open"; v3 renamed "open" to "dock_open".
struct Panels {
    int dock_px = 200;
    bool dock_open = true;
    int scroll = 0;  // not kept
    friend bool operator==(const Panels&, const Panels&) = default;
};

int int_or(const Json& json, const char* key, int fallback) {
    const auto found = json.find(key);
    if (found == json.end()) return fallback;
    const auto* number = found->get_ptr<const Json::number_integer_t*>();
    return number ? static_cast<int>(*number) : fallback;
}
bool bool_or(const Json& json, const char* key, bool fallback) {
    const auto found = json.find(key);
    if (found == json.end()) return fallback;
    const auto* flag = found->get_ptr<const Json::boolean_t*>();
    return flag ? *flag : fallback;
}

state::PersistSchema<Panels> schema(int version = 3) {
    return {.key = "panels",
            .version = version,
            .to_json = [](const Panels& p) { return Json{{"dock_px", p.dock_px}, {"dock_open", p.dock_open}}; },
            .from_json =
                [](const Json& json, Panels current) {
                    current.dock_px = int_or(json, "dock_px", current.dock_px);
                    current.dock_open = bool_or(json, "dock_open", current.dock_open);
                    return current;
                },
            .migrations = {{1,
                            [](Json old) -> base::Result<Json> {
                                if (!old.is_object()) return base::fail(base::ErrorCode::protocol, "no object");
                                return Json{{"dock_px", int_or(old, "dock", 200)}, {"open", int_or(old, "dock", 200) > 0}};
                            }},
                           {2, [](Json old) -> base::Result<Json> {
                                return Json{{"dock_px", int_or(old, "dock_px", 200)}, {"dock_open", bool_or(old, "open", true)}};
                            }}}};
}

std::string golden(int version) {
    std::ifstream in(std::string(BINNACLE_TEST_DATA) + "/persist/panels.v" + std::to_string(version) + ".json", std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    REQUIRE(!text.empty());
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

struct World {
    state::testing::FaultyStorage storage;
    std::vector<PersistNotice> notices;
    int dirty_calls = 0;
    state::Store<Panels> store;
    state::PersistHub hub{storage,
                          {.on_notice = [this](const PersistNotice& n) { notices.push_back(n); }, .on_dirty = [this] { ++dirty_calls; }}};

    std::string stored(std::string_view key = "panels") {
        storage.fail_reads_with({});
        return storage.get(key)->value_or("(none)");
    }
};

}  // namespace

TEST_CASE("golden files of every version read as the state they were [P10 P12 P21]") {
    for (int version = 1; version <= 3; ++version) {
        CAPTURE(version);
        World w;
        (void)w.storage.set("panels", golden(version));
        CHECK(w.hub.bind(w.store, schema()) == (version == 3 ? Hydration::restored : Hydration::migrated));
        CHECK(w.store.get() == Panels{320, true, 0});
        CHECK(w.notices.empty());
        CHECK(w.hub.flush() == (version == 3 ? 0 : 1));
        CHECK(w.stored() == golden(3));
    }
}

TEST_CASE("hydrating an empty storage writes nothing [P12 P16 P21]") {
    World w;
    CHECK(w.hub.bind(w.store, schema()) == Hydration::fresh);
    CHECK_FALSE(w.hub.dirty());
    CHECK(w.hub.flush() == 0);
    CHECK(w.storage.writes() == 0);
}

TEST_CASE("many updates are one write per flush [P10 P24]") {
    World w;
    w.hub.bind(w.store, schema());
    for (int i = 1; i <= 50; ++i) w.store.update([&](Panels& p) { p.dock_px = i; });
    CHECK(w.dirty_calls == 1);
    CHECK(w.hub.dirty());
    CHECK(w.hub.flush() == 1);
    CHECK(w.hub.flush() == 0);
    CHECK(w.storage.writes() == 1);
    CHECK(w.stored() == R"({"state":{"dock_open":true,"dock_px":50},"version":3})");
}

TEST_CASE("what is not kept causes no write, nor does changing there and back [P19]") {
    World w;
    w.hub.bind(w.store, schema());
    w.store.update([](Panels& p) { p.scroll = 7; });
    CHECK(w.hub.flush() == 0);
    w.store.update([](Panels& p) { p.dock_px = 1; });
    w.store.update([](Panels& p) { p.dock_px = 200; });
    CHECK(w.hub.flush() == 0);
    CHECK(w.storage.writes() == 0);
}

TEST_CASE("state of a newer version is kept aside before anything is written [P13]") {
    World w;
    const std::string newer = R"({"state":{"dock":{"px":1}},"version":9})";
    (void)w.storage.set("panels", newer);
    CHECK(w.hub.bind(w.store, schema()) == Hydration::kept_aside);
    CHECK(w.stored() == newer);
    CHECK(w.stored("panels.v9.kept") == newer);
    CHECK(w.store.get() == Panels{});
    REQUIRE(w.notices.size() == 1);
    CHECK(w.notices[0].kind == PersistNotice::Kind::newer_kept);
    w.store.update([](Panels& p) { p.dock_px = 5; });
    CHECK(w.hub.flush() == 1);
    CHECK(w.stored("panels.v9.kept") == newer);
}

TEST_CASE("broken text is kept aside [P14 P15]") {
    for (const std::string bad : {"", "{", "[]", "7", "{\"version\":3}", "{\"state\":{},\"version\":-1}", "{\"state\":{},\"version\":1.5}",
                                  "{\"state\":{},\"version\":\"3\"}"}) {
        CAPTURE(bad);
        World w;
        (void)w.storage.set("panels", bad);
        CHECK(w.hub.bind(w.store, schema()) == Hydration::kept_aside);
        CHECK(w.stored("panels.broken.kept") == bad);
        REQUIRE(w.notices.size() == 1);
        CHECK(w.notices[0].kind == PersistNotice::Kind::broken_kept);
        CHECK(w.store.get() == Panels{});
    }
    World deep;
    (void)deep.storage.set("panels", std::string(100'000, '['));
    CHECK(deep.hub.bind(deep.store, schema()) == Hydration::kept_aside);
}

TEST_CASE("a missing or failing migration keeps the old state aside [P13 P15]") {
    for (const std::string old : {R"({"state":{},"version":0})", R"({"state":5,"version":1})"}) {
        World w;
        (void)w.storage.set("panels", old);
        CHECK(w.hub.bind(w.store, schema()) == Hydration::kept_aside);
        CHECK(w.stored(old.find(":0}") != std::string::npos ? "panels.v0.kept" : "panels.v1.kept") == old);
        REQUIRE(w.notices.size() == 1);
        CHECK(w.notices[0].kind == PersistNotice::Kind::migration_failed);
    }
}

TEST_CASE("state that cannot be kept aside is left alone for the session [P13]") {
    World w;
    const std::string newer = R"({"state":{},"version":9})";
    (void)w.storage.set("panels", newer);
    w.storage.fail_writes_with(base::Error{base::ErrorCode::quota, "full", ""});
    CHECK(w.hub.bind(w.store, schema()) == Hydration::kept_aside);
    CHECK(w.hub.degraded());
    w.storage.fail_writes_with({});
    w.store.update([](Panels& p) { p.dock_px = 5; });
    CHECK(w.hub.flush() == 0);
    CHECK(w.stored() == newer);
    CHECK(w.store.get().dock_px == 5);
}

TEST_CASE("an envelope without a version is taken as current, odd fields fall back one by one [P14 P19]") {
    World w;
    (void)w.storage.set("panels", R"({"state":{"dock_px":"wide","dock_open":false,"extra":1}})");
    CHECK(w.hub.bind(w.store, schema()) == Hydration::restored);
    CHECK(w.store.get() == Panels{200, false, 0});
}

TEST_CASE("a full storage is reported once, the store lives on, and saving resumes when there is room [P23]") {
    World w;
    w.hub.bind(w.store, schema());
    w.storage.fail_writes_with(base::Error{base::ErrorCode::quota, "full", ""});
    for (int i = 1; i <= 3; ++i) {
        w.store.update([&](Panels& p) { p.dock_px = i; });
        CHECK(w.hub.flush() == 0);
    }
    CHECK(w.store.get().dock_px == 3);
    CHECK(w.hub.degraded());
    REQUIRE(w.notices.size() == 1);
    CHECK(w.notices[0].kind == PersistNotice::Kind::storage_full);
    CHECK(w.notices[0].key == "panels");
    w.storage.fail_writes_with({});
    w.store.update([](Panels& p) { p.dock_px = 4; });
    CHECK(w.hub.flush() == 1);
    CHECK_FALSE(w.hub.degraded());
}

TEST_CASE("a denied storage leaves everything working in memory [P11 P17]") {
    World w;
    const base::Error denied{base::ErrorCode::forbidden, "SecurityError", ""};
    w.storage.fail_reads_with(denied);
    w.storage.fail_writes_with(denied);
    CHECK(w.hub.bind(w.store, schema()) == Hydration::unavailable);
    w.store.update([](Panels& p) { p.dock_px = 77; });
    CHECK(w.hub.flush() == 0);
    w.hub.erase("panels");
    CHECK(w.store.get().dock_px == 77);
    CHECK(w.hub.degraded());
    REQUIRE(w.notices.size() == 1);
    CHECK(w.notices[0].kind == PersistNotice::Kind::storage_denied);
}

TEST_CASE("another tab's write is taken over unless there are changes here [P18 P20]") {
    World w;
    w.hub.bind(w.store, schema());
    (void)w.storage.set("panels", R"({"state":{"dock_px":111},"version":3})");
    CHECK(w.hub.reload("panels") == Hydration::restored);
    CHECK(w.store.get().dock_px == 111);
    CHECK(w.hub.flush() == 0);
    w.store.update([](Panels& p) { p.dock_px = 5; });
    (void)w.storage.set("panels", R"({"state":{"dock_px":222},"version":3})");
    (void)w.hub.reload("panels");
    CHECK(w.store.get().dock_px == 5);
    CHECK(w.hub.flush() == 1);
}

TEST_CASE("two tabs that change different members lose neither, whichever writes last [X6]") {
    state::testing::FaultyStorage storage;
    state::Store<Panels> store_a, store_b;
    state::PersistHub a(storage), b(storage);
    a.bind(store_a, schema());
    b.bind(store_b, schema());
    store_a.update([](Panels& p) { p.dock_px = 300; });
    store_b.update([](Panels& p) { p.dock_open = !p.dock_open; });
    const bool open = store_b.get().dock_open;
    CHECK(a.flush() == 1);
    CHECK(b.flush() == 1);
    CHECK(store_b.get() == Panels{.dock_px = 300, .dock_open = open});
    CHECK(a.reload("panels") == Hydration::restored);
    CHECK(store_a.get() == store_b.get());

    // The same member changed in both: the last writer wins it.
    store_a.update([](Panels& p) { p.dock_px = 1; });
    store_b.update([](Panels& p) { p.dock_px = 2; });
    a.flush();
    b.flush();
    CHECK(store_b.get().dock_px == 2);
    CHECK(a.reload("panels") == Hydration::restored);
    CHECK(store_a.get().dock_px == 2);
}

TEST_CASE("state that belongs together is written whole [X6]") {
    state::testing::FaultyStorage storage;
    state::Store<Panels> store_a, store_b;
    state::PersistHub a(storage), b(storage);
    auto whole = schema();
    whole.atomic = true;
    a.bind(store_a, whole);
    b.bind(store_b, whole);
    store_a.update([](Panels& p) { p.dock_px = 300; });
    a.flush();
    store_b.update([](Panels& p) { p.dock_open = !p.dock_open; });
    b.flush();
    CHECK(store_b.get().dock_px == Panels{}.dock_px);
}

TEST_CASE("two tabs that tell each other of every write come to rest [X3]") {
    state::testing::FaultyStorage storage;
    state::Store<Panels> store_a, store_b;
    state::PersistHub a(storage), b(storage);
    a.bind(store_a, schema());
    b.bind(store_b, schema());
    store_a.update([](Panels& p) { p.dock_px = 300; });
    store_b.update([](Panels& p) { p.dock_open = false; });
    std::size_t writes = 0;
    for (int round = 0; round < 10; ++round) {
        if (const auto n = a.flush()) writes += n, (void)b.reload("panels");
        if (const auto n = b.flush()) writes += n, (void)a.reload("panels");
    }
    CHECK(writes == 2);
    CHECK(store_a.get() == store_b.get());
}

TEST_CASE("a storage cleared under the page loses nothing that is in memory") {
    World w;
    w.hub.bind(w.store, schema());
    w.store.update([](Panels& p) { p.dock_px = 321; });
    w.hub.flush();
    (void)w.storage.remove("panels");
    (void)w.hub.reload("panels");
    CHECK(w.store.get().dock_px == 321);
    w.store.update([](Panels& p) { p.dock_open = !p.dock_open; });
    CHECK(w.hub.flush() == 1);
    CHECK(w.stored().find("321") != std::string::npos);
}

TEST_CASE("erase removes the key and its kept copies and nothing of its neighbours [P17]") {
    World w;
    for (const char* key : {"panels", "panels.v9.kept", "panels.broken.kept", "panels.view", "panels.view.v1.kept", "panels2"}) {
        (void)w.storage.set(key, R"({"state":{"dock_px":9},"version":3})");
    }
    w.hub.bind(w.store, schema());
    w.store.set(Panels{});
    w.hub.erase("panels");
    CHECK(w.hub.flush() == 0);
    CHECK(*w.storage.keys() == std::vector<std::string>{"panels.view", "panels.view.v1.kept", "panels2"});
}

TEST_CASE("several stores are written each on its own [P24]") {
    World w;
    state::Store<Panels> other;
    w.hub.bind(w.store, schema());
    auto second = schema();
    second.key = "other";
    w.hub.bind(other, std::move(second));
    other.update([](Panels& p) { p.dock_px = 1; });
    CHECK(w.hub.flush() == 1);
    CHECK(w.stored() == "(none)");
    other.update([](Panels& p) { p.dock_px = 2; });
    w.store.update([](Panels& p) { p.dock_px = 2; });
    CHECK(w.dirty_calls == 2);
    CHECK(w.hub.flush() == 2);
}

TEST_CASE("memory storage counts its bytes against the quota [P23]") {
    state::MemoryStorage storage(10);
    CHECK(storage.set("ab", "12345678"));
    CHECK(storage.used_bytes() == 10);
    const auto full = storage.set("ab", "123456789");
    REQUIRE_FALSE(full);
    CHECK(full.error().code == base::ErrorCode::quota);
    CHECK(**storage.get("ab") == "12345678");
    CHECK(storage.set("ab", "1"));
    CHECK(storage.set("c", "2"));
    CHECK(*storage.keys() == std::vector<std::string>{"ab", "c"});
    CHECK(storage.remove("ab"));
    CHECK(storage.remove("ab"));
    CHECK_FALSE(*storage.get("ab"));
    CHECK(storage.used_bytes() == 2);
}
