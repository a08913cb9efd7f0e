// SecretBox, and what SqliteStore seals with it.
#include "gateway/secret_box.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <optional>

#include "gateway/sqlite_store.hpp"
#include "hub/credential_collections.hpp"
#include "temporary_folder.hpp"

using gateway::AsioScheduler;
using gateway::SecretBox;
using gateway::SqliteStore;
using hub::DocumentStore;

namespace {

constexpr std::int64_t kWatchdogMs = 30'000;
constexpr const char* kSecret = "hunter2-of-the-registry";

SecretBox open_box(const std::string& path) {
    auto box = SecretBox::open(path, SecretBox::Missing::make);
    if (!box) FAIL(box.error().message);
    return std::move(*box);
}

std::string read_whole(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

// A data folder, and stores opened in it one after another.
class Folder {
public:
    [[nodiscard]] std::string path() const { return folder_.path().string(); }
    [[nodiscard]] std::string key_file() const { return path() + "/credentials.key"; }

    base::Result<void> start(const SqliteStore::Options& options = {}) {
        store_.reset();
        auto store = SqliteStore::open(loop_, path(), options);
        if (!store) return base::fail(store.error());
        store_ = std::move(*store);
        return {};
    }
    void stop() { store_.reset(); }
    void put(const std::string& collection, const std::string& id, const std::string& json) {
        std::optional<base::Result<std::int64_t>> answer;
        store_->put(collection, id, json, DocumentStore::kAnyRevision, [&](auto result) { answer = result; });
        REQUIRE(loop_.run_until([&] { return answer.has_value(); }, kWatchdogMs));
        REQUIRE(answer->has_value());
    }
    base::Result<hub::Document> get(const std::string& collection, const std::string& id) {
        std::optional<base::Result<hub::Document>> answer;
        store_->get(collection, id, [&](auto result) { answer = std::move(result); });
        REQUIRE(loop_.run_until([&] { return answer.has_value(); }, kWatchdogMs));
        return *answer;
    }
    base::Result<std::vector<hub::Document>> list(const std::string& collection) {
        std::optional<base::Result<std::vector<hub::Document>>> answer;
        store_->list(collection, [&](auto result) { answer = std::move(result); });
        REQUIRE(loop_.run_until([&] { return answer.has_value(); }, kWatchdogMs));
        return *answer;
    }
    // Everything that a thief of the database would have.
    [[nodiscard]] std::string database_bytes() const { return read_whole(folder_.path() / "binnacle.db") + read_whole(folder_.path() / "binnacle.db-wal"); }
    void sql(const char* text) {
        sqlite3* db = nullptr;
        REQUIRE(sqlite3_open((path() + "/binnacle.db").c_str(), &db) == SQLITE_OK);
        char* error = nullptr;
        sqlite3_exec(db, text, nullptr, nullptr, &error);
        INFO((error ? error : ""));
        CHECK(error == nullptr);
        sqlite3_free(error);
        sqlite3_close(db);
    }
    [[nodiscard]] const test::TemporaryFolder& folder() const { return folder_; }

private:
    test::TemporaryFolder folder_;
    AsioScheduler loop_;
    std::unique_ptr<SqliteStore> store_;
};

}  // namespace

TEST_CASE("a sealed text opens with its key and context, and with nothing else") {
    test::TemporaryFolder folder;
    const SecretBox box = open_box((folder.path() / "key").string());
    const std::string sealed = box.seal("registries/1", kSecret);
    CHECK(SecretBox::is_sealed(sealed));
    CHECK(box.is_current(sealed));
    CHECK(sealed.find(kSecret) == std::string::npos);
    CHECK(sealed != box.seal("registries/1", kSecret));  // a nonce of its own
    CHECK(box.open_sealed("registries/1", sealed) == kSecret);
    CHECK(box.open_sealed("registries/1", box.seal("registries/1", "")) == "");
    CHECK_FALSE(box.open_sealed("registries/2", sealed).has_value());
    CHECK_FALSE(box.open_sealed("registries/", sealed).has_value());
    // The context is not a prefix that can be moved into the text.
    CHECK_FALSE(box.open_sealed("a/b", box.seal("a", "/bc")).has_value());
    CHECK_FALSE(box.open_sealed("registries/1", "{\"in\":\"the clear\"}").has_value());
    const SecretBox other = open_box((folder.path() / "other").string());
    CHECK_FALSE(other.open_sealed("registries/1", sealed).has_value());
    CHECK_FALSE(other.is_current(sealed));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        INFO(i);
        std::string changed = sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        CHECK_FALSE(box.open_sealed("registries/1", changed).has_value());
        CHECK_FALSE(box.open_sealed("registries/1", sealed.substr(0, i)).has_value());
    }
}

TEST_CASE("the key is made once, for its owner alone, and is never in an error") {
    test::TemporaryFolder folder;
    const std::string path = (folder.path() / "key").string();
    const std::string sealed = open_box(path).seal("c", "text");
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    const std::string file = read_whole(path);
    CHECK(open_box(path).open_sealed("c", sealed) == "text");
    CHECK(read_whole(path) == file);

    REQUIRE(::chmod(path.c_str(), 0640) == 0);
    auto open_to_others = SecretBox::open(path, SecretBox::Missing::make);
    REQUIRE_FALSE(open_to_others.has_value());
    CHECK(open_to_others.error().hint.find("chmod 600") != std::string::npos);
    REQUIRE(::chmod(path.c_str(), 0600) == 0);

    const std::string key = file.substr(file.find_last_of(' ') + 1, 43);
    for (const std::string& damaged : {std::string(), file.substr(0, file.size() - 5), file + "more\n", std::string("0123456789abcdef ") + key + "=\n"}) {
        folder.write("key", damaged);
        auto refused = SecretBox::open(path, SecretBox::Missing::make);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().message.find("damaged") != std::string::npos);
        CHECK(refused.error().message.find(key.substr(0, 20)) == std::string::npos);
        CHECK(read_whole(path) == damaged);  // left alone
    }
    CHECK(SecretBox::open((folder.path() / "none").string(), SecretBox::Missing::refuse).error().code == base::ErrorCode::not_found);
    CHECK(SecretBox::open((folder.path() / "no/folder").string(), SecretBox::Missing::make).error().hint.find("--key-file") != std::string::npos);
}

TEST_CASE("credentials are in the database sealed, everything else as it is") {
    Folder data;
    REQUIRE(data.start());
    const std::string json = std::string("{\"password\":\"") + kSecret + "\"}";
    for (const auto collection : hub::kCredentialCollections) data.put(std::string(collection), "a", json);
    data.put("workflows", "a", "{\"name\":\"in the clear\"}");
    CHECK(data.get("registries", "a")->json == json);
    CHECK(data.list("registries")->at(0).json == json);
    data.stop();
    CHECK(data.database_bytes().find(kSecret) == std::string::npos);
    CHECK(data.database_bytes().find("in the clear") != std::string::npos);
    REQUIRE(data.start());
    CHECK(data.get("cluster_credentials", "a")->json == json);
    data.put("registries", "a", json);
    CHECK(data.get("registries", "a")->revision == 2);
}

TEST_CASE("what a former version stored in the clear is sealed when the store is opened, and leaves no trace") {
    Folder data;
    data.sql("CREATE TABLE documents (collection TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, json TEXT NOT NULL, "
             "PRIMARY KEY (collection, id)) WITHOUT ROWID; PRAGMA user_version=1;"
             "INSERT INTO documents VALUES ('registries', 'a', 7, '{\"password\":\"hunter2-of-the-registry\"}'), ('workflows', 'w', 3, '{}')");
    REQUIRE(data.database_bytes().find(kSecret) != std::string::npos);
    REQUIRE(data.start());
    CHECK(data.get("registries", "a")->json == "{\"password\":\"hunter2-of-the-registry\"}");
    CHECK(data.get("registries", "a")->revision == 7);
    CHECK(data.get("workflows", "w")->json == "{}");
    data.stop();
    CHECK(data.database_bytes().find(kSecret) == std::string::npos);
}

TEST_CASE("without its key, or with a row that was changed, the store does not start, and says what to do") {
    Folder data;
    REQUIRE(data.start());
    data.put("registries", "a", "one");
    data.put("registries", "b", "two");
    data.stop();
    std::filesystem::rename(data.key_file(), data.path() + "/elsewhere");
    const auto keyless = data.start();
    REQUIRE_FALSE(keyless.has_value());
    CHECK(keyless.error().hint.find("--key-file") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(data.key_file()));
    REQUIRE(data.start({.key_file = data.path() + "/elsewhere"}));
    CHECK(data.get("registries", "a")->json == "one");
    data.stop();
    // Another registry's credentials put in place of one's own.
    data.sql("UPDATE documents SET json=(SELECT json FROM documents WHERE id='b') WHERE id='a'");
    const auto moved = data.start({.key_file = data.path() + "/elsewhere"});
    REQUIRE_FALSE(moved.has_value());
    CHECK(moved.error().message.find("registries/a") != std::string::npos);
}

TEST_CASE("a new key seals everything anew, the old one is forgotten; cut off in between, the next start ends it") {
    Folder data;
    REQUIRE(data.start());
    data.put("registries", "a", "one");
    data.stop();
    const std::string old_key = read_whole(data.key_file());
    REQUIRE(data.start({.rotate_key = true}));
    CHECK(data.get("registries", "a")->json == "one");
    CHECK(data.get("registries", "a")->revision == 1);
    data.stop();
    const std::string new_key = read_whole(data.key_file());
    CHECK(new_key != old_key);
    CHECK(open_box(data.key_file()).key_count() == 1);

    // The file was written with both, the rows not yet.
    {
        SecretBox box = open_box(data.key_file());
        REQUIRE(box.add_key());
        CHECK(box.key_count() == 2);
    }
    REQUIRE(data.start());
    CHECK(data.get("registries", "a")->json == "one");
    data.stop();
    CHECK(open_box(data.key_file()).key_count() == 1);
    REQUIRE(data.start());
    CHECK(data.get("registries", "a")->json == "one");
    data.stop();
    // The old key opens nothing of it.
    data.folder().write("credentials.key", old_key);
    CHECK_FALSE(data.start().has_value());
}
