// SqliteStore, Argon2Hasher, AsioScheduler.
#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <optional>

#include "gateway/argon2_hasher.hpp"
#include "gateway/sodium_random.hpp"
#include "gateway/sqlite_store.hpp"
#include "temporary_folder.hpp"

using gateway::AsioScheduler;
using gateway::SqliteStore;
using hub::DocumentStore;

namespace {

constexpr std::int64_t kWatchdogMs = 30'000;

std::unique_ptr<SqliteStore> open(AsioScheduler& loop, const std::string& directory) {
    auto store = SqliteStore::open(loop, directory);
    if (!store) FAIL(store.error().message);
    return std::move(*store);
}

// Waits for the answer of one call.
template <class T, class Call>
base::Result<T> await(AsioScheduler& loop, Call call) {
    std::optional<base::Result<T>> result;
    call([&](base::Result<T> answer) { result = std::move(answer); });
    CHECK_FALSE(result.has_value());  // never inside the call
    REQUIRE(loop.run_until([&] { return result.has_value(); }, kWatchdogMs));
    return *result;
}

struct Documents {
    AsioScheduler& loop;
    DocumentStore& store;
    base::Result<std::int64_t> put(std::string id, std::string json, std::int64_t expected) {
        return await<std::int64_t>(loop, [&](auto done) { store.put("workflows", id, json, expected, done); });
    }
    base::Result<hub::Document> get(std::string id) {
        return await<hub::Document>(loop, [&](auto done) { store.get("workflows", id, done); });
    }
    base::Result<void> remove(std::string id, std::int64_t expected) {
        return await<void>(loop, [&](auto done) { store.remove("workflows", id, expected, done); });
    }
    std::string list(std::string collection) {
        auto documents = await<std::vector<hub::Document>>(loop, [&](auto done) { store.list(collection, done); });
        std::string text;
        for (const auto& document : *documents) text += document.id + ":" + std::to_string(document.revision) + " ";
        return text;
    }
};

}  // namespace

TEST_CASE("documents are written by compare-and-swap and survive a restart") {
    test::TemporaryFolder folder;
    const std::string directory = (folder.path() / "deep/data").string();
    {
        AsioScheduler loop;
        auto store = open(loop, directory);
        Documents documents{loop, *store};
        CHECK(documents.put("b", "{\"n\":1}", DocumentStore::kMustNotExist) == 1);
        CHECK(documents.put("b", "again", DocumentStore::kMustNotExist).error().code == base::ErrorCode::conflict);
        CHECK(documents.put("b", "two", 1) == 2);
        CHECK(documents.put("b", "stale", 1).error().code == base::ErrorCode::conflict);
        CHECK(documents.put("b", "three", DocumentStore::kAnyRevision) == 3);
        CHECK(documents.put("a", std::string("nul \0 and 'quotes'", 18), DocumentStore::kAnyRevision) == 1);
        CHECK(documents.put("missing", "x", 4).error().code == base::ErrorCode::conflict);
        CHECK(documents.get("missing").error().code == base::ErrorCode::not_found);
        CHECK(documents.get("a")->json == std::string("nul \0 and 'quotes'", 18));
        CHECK(documents.list("workflows") == "a:1 b:3 ");
        CHECK(documents.list("users").empty());
        CHECK(documents.remove("a", 7).error().code == base::ErrorCode::conflict);
        CHECK(documents.remove("a", 1).has_value());
        CHECK(documents.remove("a", 1).error().code == base::ErrorCode::not_found);
        CHECK(documents.remove("a", DocumentStore::kAnyRevision).error().code == base::ErrorCode::not_found);
        // Accepted, and the store is gone before it can answer: written all the same, and the callback stays silent.
        store->put("workflows", "last", "kept", DocumentStore::kAnyRevision, [](auto) { FAIL("ran after the store was gone"); });
        store.reset();
        loop.run_until([] { return false; }, 20);
    }
    AsioScheduler loop;
    auto store = open(loop, directory);
    Documents documents{loop, *store};
    CHECK(documents.list("workflows") == "b:3 last:1 ");
    CHECK(documents.get("b")->json == "three");
}

TEST_CASE("callbacks come in the order of the calls") {
    test::TemporaryFolder folder;
    AsioScheduler loop;
    auto store = open(loop, folder.path().string());
    std::vector<int> order;
    for (int i = 0; i < 50; ++i) {
        store->put("c", std::to_string(i), "x", DocumentStore::kAnyRevision, [&order, i](auto) { order.push_back(2 * i); });
        store->get("c", std::to_string(i), [&order, i](base::Result<hub::Document> document) { order.push_back(document ? 2 * i + 1 : -1); });
    }
    REQUIRE(loop.run_until([&] { return order.size() == 100; }, kWatchdogMs));
    for (int i = 0; i < 100; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("the folder and the file are for their owner alone") {
    test::TemporaryFolder folder;
    const std::string directory = (folder.path() / "data").string();
    AsioScheduler loop;
    auto store = open(loop, directory);
    Documents{loop, *store}.put("a", "x", DocumentStore::kAnyRevision);
    struct stat info {};
    REQUIRE(::stat(directory.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
    for (const char* name : {"/binnacle.db", "/binnacle.db-wal"}) {
        REQUIRE(::stat((directory + name).c_str(), &info) == 0);
        CHECK((info.st_mode & 0777) == 0600);
    }
}

TEST_CASE("a data folder that cannot be used names the flag") {
    test::TemporaryFolder folder;
    folder.write("file", "not a folder");
    AsioScheduler loop;
    for (const char* name : {"file", "file/below"}) {
        auto store = SqliteStore::open(loop, (folder.path() / name).string());
        REQUIRE_FALSE(store.has_value());
        CHECK(store.error().hint.find("--data-dir") != std::string::npos);
    }
    std::filesystem::create_directories(folder.path() / "taken/binnacle.db");
    auto taken = SqliteStore::open(loop, (folder.path() / "taken").string());
    REQUIRE_FALSE(taken.has_value());
    CHECK(taken.error().hint.find("--data-dir") != std::string::npos);
}

TEST_CASE("a damaged or newer database is reported and left alone") {
    test::TemporaryFolder folder;
    AsioScheduler loop;
    const std::string garbage = "this is no database, but it may be somebody's only copy of something";
    folder.write("damaged/binnacle.db", garbage);
    auto damaged = SqliteStore::open(loop, (folder.path() / "damaged").string());
    REQUIRE_FALSE(damaged.has_value());
    CHECK(damaged.error().message.find("damaged") != std::string::npos);
    std::ifstream file(folder.path() / "damaged/binnacle.db", std::ios::binary);
    CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == garbage);

    // A page overwritten in the middle of a real one.
    const std::string half = (folder.path() / "half").string();
    {
        auto store = open(loop, half);
        Documents documents{loop, *store};
        for (int i = 0; i < 200; ++i) documents.put(std::to_string(i), std::string(500, 'x'), DocumentStore::kAnyRevision);
    }
    {
        std::fstream db(half + "/binnacle.db", std::ios::in | std::ios::out | std::ios::binary);
        db.seekp(4096);
        db << std::string(3 * 4096, '\x5a');
    }
    auto broken = SqliteStore::open(loop, half);
    REQUIRE_FALSE(broken.has_value());
    CHECK(broken.error().message.find("damaged") != std::string::npos);
}

TEST_CASE("argon2id hashes verify, and only with their password") {
    AsioScheduler loop;
    gateway::Argon2Hasher hasher(loop);
    auto hash = await<std::string>(loop, [&](auto done) { hasher.hash("correct horse", done); });
    REQUIRE(hash.has_value());
    CHECK(hash->starts_with("$argon2id$"));
    CHECK(await<bool>(loop, [&](auto done) { hasher.verify("correct horse", *hash, done); }) == true);
    CHECK(await<bool>(loop, [&](auto done) { hasher.verify("battery staple", *hash, done); }) == false);
    for (const auto& bad : {std::string(), std::string("plain"), std::string(5000, '$'), *hash + "x"}) {
        CHECK(await<bool>(loop, [&](auto done) { hasher.verify("correct horse", bad, done); }) == false);
    }
    auto again = await<std::string>(loop, [&](auto done) { hasher.hash("correct horse", done); });
    CHECK(*again != *hash);  // salted
}

TEST_CASE("timers run in order, not before their time, and not when dropped") {
    AsioScheduler loop;
    std::string ran;
    const auto start_ms = loop.monotonic_ms();
    auto later = loop.after(20, [&] { ran += 'c'; });
    auto sooner = loop.after(5, [&] { ran += 'b'; });
    auto dropped = loop.after(1, [&] { ran += 'x'; });
    base::Timer self;
    self = loop.after(2, [&] {
        ran += 'a';
        self.cancel();  // a timer may be dropped inside its own task
    });
    loop.post([&] { ran += '0'; });
    CHECK(later.pending());
    dropped.cancel();
    REQUIRE(loop.run_until([&] { return ran.size() == 4; }, kWatchdogMs));
    CHECK(ran == "0abc");
    CHECK(loop.monotonic_ms() - start_ms >= 19);
    CHECK_FALSE(later.pending());
}

TEST_CASE("random bytes differ") {
    gateway::SodiumRandom random;
    CHECK(random.next_u64() != random.next_u64());
}
