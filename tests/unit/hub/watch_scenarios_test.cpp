// Seeded random scenarios of watches against a server that does everything wrong, in virtual time. Afterwards what the client holds is what
// the server holds, nothing is left behind, and nothing was connected twice.
//
//   BINNACLE_SCENARIOS=20 build/dev/test_hub "*scenarios*"          twenty times as many
//   BINNACLE_SEED=4711 build/dev/test_hub "*scenarios*"             one scenario again
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>

#include "faulty_api.hpp"
#include "hub/watch_driver.hpp"
#include "hub/memory_document_store.hpp"
#include "hub/services.hpp"
#include "net/loopback.hpp"
#include "watch_mirror.hpp"
#include "wire/watch_store.hpp"

using namespace hub;
using namespace hub::testing;

namespace {

constexpr std::int64_t kMinute_ms = 60'000;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// Runs one after the other; `one` gives what went wrong, or nothing.
template <class One>
void run_scenarios(std::uint64_t count, One one) {
    const std::uint64_t only = number_from("BINNACLE_SEED", 0);
    const std::uint64_t first = only > 0 ? only : 1;
    const std::uint64_t last = only > 0 ? only : count * std::max<std::uint64_t>(1, number_from("BINNACLE_SCENARIOS", 1));
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const std::string wrong = one(seed);
        if (wrong.empty()) continue;
        FAIL_CHECK("BINNACLE_SEED=" << seed << ": " << wrong);
        return;
    }
    SUCCEED(last - first + 1 << " scenarios");
}

// A consumer that keeps a store, and a second book of what the store said: the two must agree, and each word must be news.
struct Follower final : wire::WatchConsumer {
    Follower(const FaultyApi& its_api, bool ordered_versions) : store(ordered_versions), api(its_api) {}

    void on_init() override { store.begin(); }
    void on_init_apply(const wire::WatchObject& object) override { store.collect(object); }
    void on_init_done(std::string_view version) override {
        const int listed = std::stoi(std::string(version));
        if (listed < newest && life == api.life) wrong = "listed the past";
        newest = listed;
        life = api.life;
        store.commit([this](auto change, const std::string& key, const wire::StoredObject& object) { hear(change, key, object); });
    }
    void on_apply(const wire::WatchObject& object) override {
        move_on(object.resource_version);
        store.apply(object, [this](auto change, const std::string& key, const wire::StoredObject& stored) { hear(change, key, stored); });
    }
    void on_deleted(const wire::WatchObject& object) override {
        if (!store.collecting()) move_on(object.resource_version);
        store.remove(object, [this](auto change, const std::string& key, const wire::StoredObject& stored) { hear(change, key, stored); });
    }
    void on_bookmark(std::string_view version) override { newest = std::max(newest, std::stoi(std::string(version))); }
    void on_trouble(const wire::WatchTrouble&) override { in_trouble = true; }
    void on_recovered() override {
        if (!std::exchange(in_trouble, false)) wrong = "recovered from nothing";
    }
    // A watch goes on where it stopped: no event comes twice, or late.
    void move_on(std::string_view version) {
        const int next = std::stoi(std::string(version));
        if (next <= newest) wrong = "told the past";
        newest = next;
    }
    void hear(wire::WatchStore::Change change, const std::string& key, const wire::StoredObject& object) {
        const auto known = told.find(key);
        const bool is_known = known != told.end();
        if (is_known != (change != wire::WatchStore::Change::added)) wrong = "told what makes no sense of " + key;
        if (change == wire::WatchStore::Change::modified && is_known && known->second == *object.json) wrong = "no news of " + key;
        if (change == wire::WatchStore::Change::deleted) told.erase(key);
        else told[key] = *object.json;
    }
    wire::WatchStore store;
    const FaultyApi& api;
    std::map<std::string, std::string> told;
    std::string wrong;
    int newest = 0;  // version
    int life = 0;
    bool in_trouble = false;
};

std::string differs(const Follower& follower, const FaultyApi& api) {
    if (follower.told.size() != api.objects.size()) return "holds " + std::to_string(follower.told.size()) + " objects of " + std::to_string(api.objects.size());
    for (const auto& [name, object] : api.objects) {
        const auto found = follower.store.objects().find("default/" + name);
        if (found == follower.store.objects().end()) return "misses " + name;
        if (found->second.uid != object.uid) return name + " is another object";
        if (found->second.json->find("\"value\":" + std::to_string(object.value) + ",") == std::string::npos) return name + " is out of date";
        if (follower.told.at("default/" + name) != *found->second.json) return name + " was told otherwise";
    }
    return {};
}

void let_something_happen(FaultyApi& api, base::testing::VirtualScheduler& time, base::Random& random) {
    switch (random.below(14)) {
        case 0: api.compact(); break;
        case 1: api.restart(static_cast<std::int64_t>(random.below(kMinute_ms))); break;
        case 2: api.go_silent(); break;
        case 3: api.bookmark(); break;
        case 4: time.jump_wall_clock(static_cast<std::int64_t>(random.below(100'000'000)) - 50'000'000); break;
        case 5:
            if (random.below(3) == 0) api.restore();
            break;
        case 6: time.advance(static_cast<std::int64_t>(random.below(12 * kMinute_ms))); break;
        default:
            for (auto changes = random.below(4) + 1; changes > 0; --changes) api.change();
    }
    time.advance(random.below(3) == 0 ? static_cast<std::int64_t>(random.below(30'000)) : static_cast<std::int64_t>(random.below(3'000)));
}

std::string follow_one(std::uint64_t seed) {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random(seed);
    FaultyApi api(time, random);
    net::LoopbackClient client(time, api);
    KubeApi kube(client, time);
    Follower follower(api, random.below(2) == 0);
    {
        wire::WatchOptions options{.path = "/api/v1/things"};
        options.streaming_list = random.below(3) > 0;
        options.any_version_first = random.below(2) == 0;
        WatchDriver driver(kube, random, options, follower);
        for (auto steps = 3 + random.below(6); steps > 0; --steps) {
            let_something_happen(api, time, random);
            if (!follower.wrong.empty()) return follower.wrong;
            if (api.open() > 1) return "connected twice";
        }
        api.heal();
        // The longest way back: ten minutes at rest after a 401, and another ten until a dead connection is noticed.
        for (int minute = 0; minute < 35 && (follower.in_trouble || minute < 12 || !differs(follower, api).empty()); ++minute) time.advance(kMinute_ms);
        if (const std::string wrong = differs(follower, api); !wrong.empty()) return wrong;
        if (follower.in_trouble) return "still in trouble";
        api.change();
        time.advance(12 * kMinute_ms);
        if (const std::string wrong = differs(follower, api); !wrong.empty()) return "afterwards it " + wrong;
        if (!follower.wrong.empty()) return follower.wrong;
        if (api.open() != 1) return std::to_string(api.open()) + " connections";
        if (api.requests > 300) return std::to_string(api.requests) + " requests";
    }
    time.run_ready();
    if (api.open() != 0) return "left a connection";
    if (time.pending() != 0) return "left a timer";
    return {};
}

std::string differs(const WatchMirror::Channel& channel, const FaultyApi& api, const std::string& only) {
    std::size_t expected = 0;
    for (const auto& [name, object] : api.objects) {
        if (!only.empty() && name != only) continue;
        ++expected;
        const auto found = channel.objects.find(name);
        if (found == channel.objects.end()) return "misses " + name;
        if (text_at(found->second, "metadata", "uid") != object.uid) return name + " is another object";
        if (number_at(found->second, -1, "spec", "value") != object.value) return name + " is out of date";
    }
    return channel.objects.size() == expected ? std::string() : "holds too much";
}

std::string follow_many(std::uint64_t seed) {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random(seed);
    FaultyApi api(time, random);
    net::LoopbackClient client(time, api);
    MemoryDocumentStore documents(time);
    std::vector<WatchMirror> mirrors(3);
    Services services({.kube = client, .documents = documents, .scheduler = time, .random = random}, {});
    WatchHub hub(services.clusters, services.auth, time, random, {.queued_events = 1 + random.below(6), .lists_at_once = 1 + random.below(2)});
    const User caller{.id = "local", .email = {}, .name = {}, .role = "admin", .created_at = {}, .password_hash = {}};
    std::map<std::pair<WatchMirror*, std::string>, std::string> joined;  // channel -> name that it is limited to
    const auto join = [&](WatchMirror& mirror, const std::string& only) {
        const auto channel = hub.join(caller, {.resource_type = "api/v1/things", .name = only}, mirror);
        if (channel && joined.emplace(std::pair{&mirror, *channel}, only).second) mirror.channels.erase(*channel);
    };
    for (auto steps = 6 + random.below(10); steps > 0; --steps) {
        WatchMirror& mirror = mirrors[random.below(mirrors.size())];
        switch (random.below(6)) {
            case 0:
            case 1: join(mirror, random.below(2) == 0 ? std::string() : std::string(1, static_cast<char>('a' + random.below(3)))); break;
            case 2:
                if (joined.empty()) break;
                {
                    auto which = joined.begin();
                    std::advance(which, random.below(joined.size()));
                    hub.leave(*which->first.first, which->first.second);
                    joined.erase(which);
                }
                break;
            case 3: mirror.room = 1 + static_cast<int>(random.below(5)); break;
            case 4:
                mirror.room = random.below(2) == 0 ? 0 : 1 + static_cast<int>(random.below(5));
                hub.drained(mirror);
                break;
            default: break;
        }
        let_something_happen(api, time, random);
        for (const WatchMirror& one : mirrors) {
            if (!one.complaints.empty()) return one.complaints[0];
        }
    }
    join(mirrors[0], {});
    api.heal();
    for (WatchMirror& mirror : mirrors) {
        mirror.room = 0;
        hub.drained(mirror);
    }
    const auto wrong = [&]() -> std::string {
        for (const auto& [where, only] : joined) {
            const auto& channel = where.first->channels[where.second];
            if (!channel.synced) return "no snapshot of " + where.second;
            if (channel.in_trouble) return "still in trouble";
            if (std::string different = differs(channel, api, only); !different.empty()) return different;
        }
        return {};
    };
    for (int minute = 0; minute < 45 && (minute < 12 || !wrong().empty()); ++minute) time.advance(kMinute_ms);
    if (std::string found = wrong(); !found.empty()) return found;
    api.change();
    time.advance(12 * kMinute_ms);
    if (std::string found = wrong(); !found.empty()) return "afterwards " + found;
    std::set<std::string> specs;
    for (const auto& [where, only] : joined) specs.insert(only);
    if (api.open() != specs.size()) return std::to_string(api.open()) + " connections for " + std::to_string(specs.size()) + " collections";
    for (WatchMirror& mirror : mirrors) {
        if (!mirror.complaints.empty()) return mirror.complaints[0];
        hub.leave_all(mirror);
    }
    time.advance(10'001);
    if (hub.stats()["upstreams"] != 0 || hub.stats()["clients"] != 0) return "left an upstream";
    if (api.open() != 0) return "left a connection";
    if (time.pending() != 0) return "left a timer";
    return {};
}

}  // namespace

TEST_CASE("scenarios of one watch: whatever the server does, in the end the store is what the server holds [E5] [S9] [K7]") { run_scenarios(10'000, follow_one); }

TEST_CASE("scenarios of the hub: clients that join, leave and lag end with what the server holds, over one upstream each [H3] [H5]") { run_scenarios(1'000, follow_many); }
