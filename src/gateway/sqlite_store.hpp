// SqliteStore: hub::DocumentStore in one SQLite file (WAL, synchronous FULL), on a thread of its own.
//
//   auto store = gateway::SqliteStore::open(loop, "/home/me/.local/share/binnacle");
//   if (!store) ...store.error()...              // folder cannot be made or written, file damaged or from a newer Binnacle
//
// The folder is made with mode 0700 and the file (binnacle.db) with 0600. A damaged file is reported, never replaced.
// What holds credentials (hub::holds_credentials) is stored sealed by a SecretBox, whose key is in a file of its own; rows that a former version
// wrote in the clear, or that an older key sealed, are sealed anew when the store is opened. docs/decisions/0008-stored-credentials.md.
// Callbacks run through the loop in the order of the calls. The destructor writes out what was accepted.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "gateway/worker.hpp"
#include "hub/document_store.hpp"

namespace gateway {

class SqliteStore final : public hub::DocumentStore {
public:
    struct Options {
        std::string key_file{};   // empty: credentials.key in the folder
        bool rotate_key = false;  // seal everything with a new key, and forget the old one
    };

    [[nodiscard]] static base::Result<std::unique_ptr<SqliteStore>> open(AsioScheduler& loop, const std::string& directory, const Options& options);
    [[nodiscard]] static base::Result<std::unique_ptr<SqliteStore>> open(AsioScheduler& loop, const std::string& directory) { return open(loop, directory, Options()); }
    ~SqliteStore() override;

    void get(std::string_view collection, std::string_view id, base::UniqueFunction<void(base::Result<hub::Document>)> done) override;
    void list(std::string_view collection, base::UniqueFunction<void(base::Result<std::vector<hub::Document>>)> done) override;
    void put(std::string_view collection, std::string_view id, std::string json, std::int64_t expected_revision,
             base::UniqueFunction<void(base::Result<std::int64_t>)> done) override;
    void remove(std::string_view collection, std::string_view id, std::int64_t expected_revision,
                base::UniqueFunction<void(base::Result<void>)> done) override;

private:
    class Database;
    SqliteStore(AsioScheduler& loop, std::unique_ptr<Database> database);

    std::unique_ptr<Database> database_;  // used by the worker's thread only
    Worker worker_;
};

}  // namespace gateway
