#include "gateway/sqlite_store.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace gateway {

namespace {

constexpr int kSchemaVersion = 1;
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
        for (auto* statement : {get_, list_, insert_, update_, update_any_, remove_}) sqlite3_finalize(statement);
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
        if (!run("PRAGMA journal_mode=WAL") || !run("PRAGMA synchronous=FULL")) return explain(path);
        if (const auto check = text_of("PRAGMA quick_check(1)"); check != "ok") return damaged(path, check);

        const auto version = text_of("PRAGMA user_version");
        if (version != "0" && version != std::to_string(kSchemaVersion)) {
            return base::fail(base::ErrorCode::unavailable,
                              "\"" + path + "\" was written by a newer Binnacle (format " + version + ", this one knows " +
                                  std::to_string(kSchemaVersion) + ")",
                              "Update Binnacle, or choose another folder with --data-dir DIR");
        }
        if (!run("CREATE TABLE IF NOT EXISTS documents (collection TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, "
                 "json TEXT NOT NULL, PRIMARY KEY (collection, id)) WITHOUT ROWID") ||
            !run("PRAGMA user_version=1")) {
            return explain(path);
        }
        if (!prepare(get_, "SELECT revision, json FROM documents WHERE collection=? AND id=?") ||
            !prepare(list_, "SELECT id, revision, json FROM documents WHERE collection=? ORDER BY id") ||
            !prepare(insert_, "INSERT OR IGNORE INTO documents (json, revision, collection, id) VALUES (?, 1, ?, ?) RETURNING revision") ||
            !prepare(update_, "UPDATE documents SET json=?, revision=revision+1 WHERE collection=? AND id=? AND revision=? RETURNING revision") ||
            !prepare(update_any_,
                     "INSERT INTO documents (json, revision, collection, id) VALUES (?, 1, ?, ?) "
                     "ON CONFLICT (collection, id) DO UPDATE SET json=excluded.json, revision=revision+1 RETURNING revision") ||
            !prepare(remove_, "DELETE FROM documents WHERE collection=?1 AND id=?2 AND (?3=-1 OR revision=?3) RETURNING revision")) {
            return explain(path);
        }
        return {};
    }

    base::Result<hub::Document> get(const std::string& collection, const std::string& id) {
        Query query(get_);
        const int step = query.bind(collection).bind(id).step();
        if (step == SQLITE_ROW) return hub::Document{id, query.integer(0), query.text(1)};
        if (step == SQLITE_DONE) return base::fail(not_found(collection, id));
        return base::fail(failure());
    }

    base::Result<std::vector<hub::Document>> list(const std::string& collection) {
        Query query(list_);
        query.bind(collection);
        std::vector<hub::Document> documents;
        int step = query.step();
        for (; step == SQLITE_ROW; step = query.step()) documents.push_back({query.text(0), query.integer(1), query.text(2)});
        if (step != SQLITE_DONE) return base::fail(failure());
        return documents;
    }

    base::Result<std::int64_t> put(const std::string& collection, const std::string& id, const std::string& json,
                                   std::int64_t expected_revision) {
        auto* statement = expected_revision == kAnyRevision ? update_any_ : expected_revision == kMustNotExist ? insert_ : update_;
        std::int64_t revision = 0;
        {
            Query query(statement);
            query.bind(json).bind(collection).bind(id);
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
    sqlite3_stmt* remove_ = nullptr;
};

base::Result<std::unique_ptr<SqliteStore>> SqliteStore::open(AsioScheduler& loop, const std::string& directory) {
    if (auto folder = prepare_folder(directory); !folder) return base::fail(folder.error());
    auto database = std::make_unique<Database>();
    if (auto opened = database->open(directory + "/binnacle.db"); !opened) return base::fail(opened.error());
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
