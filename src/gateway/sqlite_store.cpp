#include "gateway/sqlite_store.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "gateway/secret_box.hpp"
#include "hub/credential_collections.hpp"

namespace gateway {

namespace {

constexpr int kSchemaVersion = 2;  // 1: nothing was sealed
constexpr const char* kHint = "Choose another folder with --data-dir DIR";

// Steps a prepared statement that goes back to its first state at the end of the scope.
class Query {
public:
    explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
    ~Query() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    Query& bind(std::string_view text) {
        sqlite3_bind_text64(statement_, ++bound_, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
        return *this;
    }
    Query& bind(std::int64_t value) {
        sqlite3_bind_int64(statement_, ++bound_, value);
        return *this;
    }
    int step() { return sqlite3_step(statement_); }
    [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
    [[nodiscard]] std::string text(int column) const {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : std::string();
    }

private:
    sqlite3_stmt* statement_;
    int bound_ = 0;
};

base::Result<void> prepare_folder(const std::string& directory) {
    std::error_code error;
    const std::filesystem::path folder(directory);
    if (!std::filesystem::is_directory(folder, error)) {
        std::filesystem::create_directories(folder.parent_path(), error);
        if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
            return base::fail(base::ErrorCode::unavailable, "Cannot make the data folder \"" + directory + "\": " + std::strerror(errno), kHint);
        }
        if (!std::filesystem::is_directory(folder, error)) {
            return base::fail(base::ErrorCode::unavailable, "\"" + directory + "\" is not a folder", kHint);
        }
    }
    if (::access(directory.c_str(), W_OK | X_OK) != 0) {
        return base::fail(base::ErrorCode::unavailable, "The data folder \"" + directory + "\" cannot be written: " + std::strerror(errno), kHint);
    }
    return {};
}

}  // namespace

class SqliteStore::Database {
public:
    ~Database() {
        for (auto* statement : {get_, list_, insert_, update_, update_any_, reseal_, remove_}) sqlite3_finalize(statement);
        sqlite3_close(db_);
    }

    base::Result<void> open(const std::string& path) {
        // Made here, so that nobody else can read it even for a moment; the -wal and -shm files take its mode.
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0) {
            return base::fail(base::ErrorCode::unavailable, "Cannot write \"" + path + "\": " + std::strerror(errno), kHint);
        }
        ::close(fd);
        if (sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) return explain(path);
        sqlite3_busy_timeout(db_, 5'000);
        if (!run("PRAGMA journal_mode=WAL") || !run("PRAGMA synchronous=FULL") || !run("PRAGMA secure_delete=ON")) return explain(path);
        if (const auto check = text_of("PRAGMA quick_check(1)"); check != "ok") return damaged(path, check);

        const auto version = text_of("PRAGMA user_version");
        if (version != "0" && version != "1" && version != std::to_string(kSchemaVersion)) {
            return base::fail(base::ErrorCode::unavailable,
                              "\"" + path + "\" was written by a newer Binnacle (format " + version + ", this one knows " +
                                  std::to_string(kSchemaVersion) + ")",
                              "Update Binnacle, or choose another folder with --data-dir DIR");
        }
        if (!run("CREATE TABLE IF NOT EXISTS documents (collection TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, "
                 "json TEXT NOT NULL, PRIMARY KEY (collection, id)) WITHOUT ROWID")) {
            return explain(path);
        }
        if (!prepare(get_, "SELECT revision, json FROM documents WHERE collection=? AND id=?") ||
            !prepare(list_, "SELECT id, revision, json FROM documents WHERE collection=? ORDER BY id") ||
            !prepare(insert_, "INSERT OR IGNORE INTO documents (json, revision, collection, id) VALUES (?, 1, ?, ?) RETURNING revision") ||
            !prepare(update_, "UPDATE documents SET json=?, revision=revision+1 WHERE collection=? AND id=? AND revision=? RETURNING revision") ||
            !prepare(update_any_,
                     "INSERT INTO documents (json, revision, collection, id) VALUES (?, 1, ?, ?) "
                     "ON CONFLICT (collection, id) DO UPDATE SET json=excluded.json, revision=revision+1 RETURNING revision") ||
            !prepare(reseal_, "UPDATE documents SET json=? WHERE collection=? AND id=?") ||
            !prepare(remove_, "DELETE FROM documents WHERE collection=?1 AND id=?2 AND (?3=-1 OR revision=?3) RETURNING revision")) {
            return explain(path);
        }
        return {};
    }

    // Before anything is read or written: every row that must be sealed is, by the key that seals now, and can be opened.
    base::Result<void> protect(const std::string& key_path, bool rotate) {
        std::vector<Row> rows;
        if (auto read = read_sealable(rows); !read) return read;
        const bool any_sealed = std::any_of(rows.begin(), rows.end(), [](const Row& row) { return SecretBox::is_sealed(row.json); });
        auto box = SecretBox::open(key_path, any_sealed ? SecretBox::Missing::refuse : SecretBox::Missing::make);
        if (!box) return base::fail(box.error());
        box_.emplace(std::move(*box));
        if (rotate) {
            if (auto added = box_->add_key(); !added) return added;
        }
        bool was_clear = false;
        if (!run("BEGIN IMMEDIATE")) return base::fail(failure());
        for (const Row& row : rows) {
            auto text = unsealed(row.collection, row.id, row.json);
            if (!text) {
                run("ROLLBACK");
                return base::fail(text.error());
            }
            if (box_->is_current(row.json)) continue;
            was_clear = was_clear || !SecretBox::is_sealed(row.json);
            // The revision stays: nobody's copy of it is out of date.
            Query query(reseal_);
            if (query.bind(box_->seal(context_of(row.collection, row.id), *text)).bind(row.collection).bind(row.id).step() != SQLITE_DONE) {
                auto error = failure();
                run("ROLLBACK");
                return base::fail(std::move(error));
            }
        }
        if (!run(("PRAGMA user_version=" + std::to_string(kSchemaVersion)).c_str()) || !run("COMMIT")) return base::fail(failure());
        // What stood there in the clear shall not be found in free pages or in the log.
        if (was_clear && (!run("VACUUM") || !run("PRAGMA wal_checkpoint(TRUNCATE)"))) return base::fail(failure());
        return box_->drop_old_keys();
    }

    base::Result<hub::Document> get(const std::string& collection, const std::string& id) {
        Query query(get_);
        const int step = query.bind(collection).bind(id).step();
        if (step == SQLITE_ROW) {
            auto text = unsealed(collection, id, query.text(1));
            if (!text) return base::fail(text.error());
            return hub::Document{id, query.integer(0), std::move(*text)};
        }
        if (step == SQLITE_DONE) return base::fail(not_found(collection, id));
        return base::fail(failure());
    }

    base::Result<std::vector<hub::Document>> list(const std::string& collection) {
        Query query(list_);
        query.bind(collection);
        std::vector<hub::Document> documents;
        int step = query.step();
        for (; step == SQLITE_ROW; step = query.step()) {
            auto text = unsealed(collection, query.text(0), query.text(2));
            if (!text) return base::fail(text.error());
            documents.push_back({query.text(0), query.integer(1), std::move(*text)});
        }
        if (step != SQLITE_DONE) return base::fail(failure());
        return documents;
    }

    base::Result<std::int64_t> put(const std::string& collection, const std::string& id, const std::string& json,
                                   std::int64_t expected_revision) {
        auto* statement = expected_revision == kAnyRevision ? update_any_ : expected_revision == kMustNotExist ? insert_ : update_;
        std::int64_t revision = 0;
        const std::string stored = hub::holds_credentials(collection) ? box_->seal(context_of(collection, id), json) : json;
        {
            Query query(statement);
            query.bind(stored).bind(collection).bind(id);
            if (statement == update_) query.bind(expected_revision);
            int step = query.step();
            if (step == SQLITE_ROW) {
                revision = query.integer(0);
                step = query.step();  // to the end: only then is it committed
            }
            if (step != SQLITE_DONE) return base::fail(failure());
        }
        if (revision == 0) return base::fail(refusal(collection, id));
        return revision;
    }

    base::Result<void> remove(const std::string& collection, const std::string& id, std::int64_t expected_revision) {
        bool removed = false;
        {
            Query query(remove_);
            int step = query.bind(collection).bind(id).bind(expected_revision).step();
            if (step == SQLITE_ROW) {
                removed = true;
                step = query.step();
            }
            if (step != SQLITE_DONE) return base::fail(failure());
        }
        if (!removed) {
            if (auto stored = get(collection, id); !stored) return base::fail(stored.error());
            return base::fail(refusal(collection, id));
        }
        return {};
    }

private:
    struct Row {
        std::string collection, id, json;
    };

    static std::string context_of(std::string_view collection, std::string_view id) { return std::string(collection) + '/' + std::string(id); }

    // What a row of a sealed collection says. In the clear only until protect() has run.
    base::Result<std::string> unsealed(const std::string& collection, const std::string& id, std::string stored) const {
        if (!hub::holds_credentials(collection) || !SecretBox::is_sealed(stored)) return stored;
        return box_->open_sealed(context_of(collection, id), stored);
    }

    base::Result<void> read_sealable(std::vector<Row>& rows) {
        for (const std::string_view collection : hub::kCredentialCollections) {
            Query query(list_);
            query.bind(collection);
            int step = query.step();
            for (; step == SQLITE_ROW; step = query.step()) rows.push_back({std::string(collection), query.text(0), query.text(2)});
            if (step != SQLITE_DONE) return base::fail(failure());
        }
        return {};
    }

    bool run(const char* sql) { return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK; }
    bool prepare(sqlite3_stmt*& statement, const char* sql) {
        return sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) == SQLITE_OK;
    }
    std::string text_of(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        std::string text;
        if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
            text = Query(statement).text(0);
        } else {
            text = sqlite3_errmsg(db_);
        }
        sqlite3_finalize(statement);
        return text;
    }

    static base::Error not_found(const std::string& collection, const std::string& id) {
        return {base::ErrorCode::not_found, "no \"" + id + "\" in " + collection, {}};
    }
    // Why a compare-and-swap touched nothing: another revision is stored, or none.
    base::Error refusal(const std::string& collection, const std::string& id) {
        const auto stored = get(collection, id);
        if (!stored && stored.error().code != base::ErrorCode::not_found) return stored.error();
        const std::string found = stored ? "revision " + std::to_string(stored->revision) : "none";
        return {base::ErrorCode::conflict, "\"" + id + "\" in " + collection + " was changed by somebody else (stored: " + found + ")",
                "Load it again"};
    }
    base::Error failure() {
        const int code = sqlite3_errcode(db_) & 0xff;
        const std::string text = sqlite3_errmsg(db_);
        if (code == SQLITE_FULL) return {base::ErrorCode::quota, "The disk is full: nothing was saved", "Free some space and try again"};
        if (code == SQLITE_READONLY || code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_BUSY) {
            return {base::ErrorCode::unavailable, "The database cannot be used: " + text, "Check the folder given by --data-dir"};
        }
        return {base::ErrorCode::internal, "The database failed: " + text, {}};
    }

    static base::Result<void> damaged(const std::string& path, const std::string& detail) {
        return base::fail(base::ErrorCode::unavailable, "The database \"" + path + "\" is damaged: " + detail,
                          "It was left as it is. Restore a copy of it, or move it away to start anew, or choose another folder with --data-dir DIR");
    }
    base::Result<void> explain(const std::string& path) {
        const int code = sqlite3_errcode(db_) & 0xff;
        const std::string text = sqlite3_errmsg(db_);
        if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) return damaged(path, text);
        return base::fail(base::ErrorCode::unavailable, "Cannot use the database \"" + path + "\": " + text, kHint);
    }

    sqlite3* db_ = nullptr;
    sqlite3_stmt* get_ = nullptr;
    sqlite3_stmt* list_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
    sqlite3_stmt* update_ = nullptr;
    sqlite3_stmt* update_any_ = nullptr;
    sqlite3_stmt* reseal_ = nullptr;
    sqlite3_stmt* remove_ = nullptr;
    std::optional<SecretBox> box_;
};

base::Result<std::unique_ptr<SqliteStore>> SqliteStore::open(AsioScheduler& loop, const std::string& directory, const Options& options) {
    if (auto folder = prepare_folder(directory); !folder) return base::fail(folder.error());
    auto database = std::make_unique<Database>();
    if (auto opened = database->open(directory + "/binnacle.db"); !opened) return base::fail(opened.error());
    const std::string key_file = options.key_file.empty() ? directory + "/credentials.key" : options.key_file;
    if (auto ready = database->protect(key_file, options.rotate_key); !ready) return base::fail(ready.error());
    return std::unique_ptr<SqliteStore>(new SqliteStore(loop, std::move(database)));
}

SqliteStore::SqliteStore(AsioScheduler& loop, std::unique_ptr<Database> database) : database_(std::move(database)), worker_(loop) {}
SqliteStore::~SqliteStore() = default;

void SqliteStore::get(std::string_view collection, std::string_view id, base::UniqueFunction<void(base::Result<hub::Document>)> done) {
    worker_.run([db = database_.get(), collection = std::string(collection), id = std::string(id),
                 done = std::move(done)]() mutable -> Worker::Completion {
        return [result = db->get(collection, id), done = std::move(done)]() mutable { done(std::move(result)); };
    });
}

void SqliteStore::list(std::string_view collection, base::UniqueFunction<void(base::Result<std::vector<hub::Document>>)> done) {
    worker_.run([db = database_.get(), collection = std::string(collection), done = std::move(done)]() mutable -> Worker::Completion {
        return [result = db->list(collection), done = std::move(done)]() mutable { done(std::move(result)); };
    });
}

void SqliteStore::put(std::string_view collection, std::string_view id, std::string json, std::int64_t expected_revision,
                      base::UniqueFunction<void(base::Result<std::int64_t>)> done) {
    worker_.run([db = database_.get(), collection = std::string(collection), id = std::string(id), json = std::move(json),
                 expected_revision, done = std::move(done)]() mutable -> Worker::Completion {
        return [result = db->put(collection, id, json, expected_revision), done = std::move(done)]() mutable { done(std::move(result)); };
    });
}

void SqliteStore::remove(std::string_view collection, std::string_view id, std::int64_t expected_revision,
                         base::UniqueFunction<void(base::Result<void>)> done) {
    worker_.run([db = database_.get(), collection = std::string(collection), id = std::string(id), expected_revision,
                 done = std::move(done)]() mutable -> Worker::Completion {
        return [result = db->remove(collection, id, expected_revision), done = std::move(done)]() mutable { done(std::move(result)); };
    });
}

}  // namespace gateway
