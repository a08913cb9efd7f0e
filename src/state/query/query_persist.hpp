// QueryPersister: keeps a part of the query cache across reloads, in one storage key.
//
//   state::QueryPersister persister(queries, local_storage, {.key = "binnacle-queries", .buster = BINNACLE_VERSION});
//   persister.restore();      // before the first observer
//
// Only queries with settings.persist are kept (never secrets, never logs), and mutations that wait for the network. Saved at most once
// per throttle_ms, with the newest state. Over max_bytes or the storage's quota the oldest queries are left out until the rest fits.
// What is expired, of another buster or unreadable is deleted; on_error hears of trouble once per kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "state/query/query_client.hpp"
#include "state/storage.hpp"

namespace state {

struct QueryPersistOptions {
    std::string key = "binnacle-queries";
    std::string buster = {};
    std::int64_t max_age_ms = 24 * 60 * 60 * 1000;
    std::int64_t throttle_ms = 1000;
    std::size_t max_bytes = 1024 * 1024;
    SharedFunction<void(const base::Error&)> on_error = {};
};

class QueryPersister {
public:
    QueryPersister(QueryClient& client, KeyValueStorage& storage, QueryPersistOptions options = {});
    QueryPersister(const QueryPersister&) = delete;
    QueryPersister& operator=(const QueryPersister&) = delete;

    // Returns how many queries and mutations came back.
    std::size_t restore();
    void flush();  // pagehide
    // Sign-out: deletes what is stored; what is not yet written will not be.
    void erase();

private:
    void changed();
    void save();
    void report(const base::Error& error);

    QueryClient& client_;
    KeyValueStorage& storage_;
    QueryPersistOptions options_;
    base::Timer timer_;
    std::uint64_t saved_version_ = 0;
    std::set<base::ErrorCode> reported_;
    Subscription subscription_;
};

}  // namespace state
