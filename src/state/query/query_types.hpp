// What queries and mutations are made of: the function that fetches, its context and answer, settings and their defaults, and the
// states that views read.
//
//   state::QueryFunction load = [&api](const state::QueryContext&, state::QueryDone done) -> state::QueryWork {
//       return api.get("/v1/api/workflows", [done = std::move(done)](base::Result<net::Response> answer) mutable {
//           if (!answer) return done(base::fail(answer.error()));
//           done(state::SharedJson::parse(answer->body));
//       });                                                    // the net::RequestHandle becomes the QueryWork: cancellable
//   };
//
// A query function
//   - answers through `done`, once, now or later; a second answer is ignored. Dropping `done` unused fails the fetch (internal).
//   - returns what owns the running work. A non-empty QueryWork says "dropping me cancels": when nobody wants the answer any more
//     it is dropped and the query goes back to the state before the fetch. An empty one ({}) says "cannot be cancelled": the answer
//     is kept when it comes, but failures are no longer retried.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "state/query/query_key.hpp"
#include "state/query/shared_function.hpp"
#include "state/query/shared_json.hpp"

namespace state {

class QueryCore;

inline constexpr std::int64_t kForeverMs = INT64_MAX;     // never stale by age, never collected
inline constexpr std::int64_t kStaticMs = INT64_MAX - 1;  // as a stale time: never stale, not even when invalidated

// Owns running work of any movable type; dropping it cancels.
class QueryWork {
public:
    QueryWork() = default;
    QueryWork(std::nullptr_t) {}  // NOLINT(google-explicit-constructor)
    template <class T>
        requires(!std::is_same_v<std::remove_cvref_t<T>, QueryWork>)
    QueryWork(T&& owner)  // NOLINT(google-explicit-constructor): whatever owns the work is the work
        : holder_(std::make_unique<Holder<std::decay_t<T>>>(std::forward<T>(owner))) {}
    [[nodiscard]] bool cancellable() const { return holder_ != nullptr; }
    void reset() { holder_.reset(); }

private:
    struct Base {
        virtual ~Base() = default;
    };
    template <class T>
    struct Holder final : Base {
        explicit Holder(T&& value) : owner(std::move(value)) {}
        explicit Holder(const T& value) : owner(value) {}
        T owner;
    };
    std::unique_ptr<Base> holder_;
};

// The way back of an answer. Move-only; may outlive the client, and then does nothing.
class QueryDone {
public:
    QueryDone() = default;
    QueryDone(std::weak_ptr<QueryCore> core, std::uint64_t serial, bool mutation) : core_(std::move(core)), serial_(serial), mutation_(mutation) {}
    QueryDone(QueryDone&& other) noexcept : core_(std::move(other.core_)), serial_(std::exchange(other.serial_, 0)), mutation_(other.mutation_) {}
    QueryDone& operator=(QueryDone&& other) noexcept;
    QueryDone(const QueryDone&) = delete;
    QueryDone& operator=(const QueryDone&) = delete;
    ~QueryDone();
    void operator()(base::Result<SharedJson> answer);

private:
    std::weak_ptr<QueryCore> core_;
    std::uint64_t serial_ = 0;  // 0: answered
    bool mutation_ = false;
};

struct QueryContext {
    QueryKey key;
    std::uint64_t epoch = 0;  // QueryClient::epoch() at the start
    int attempt = 0;          // 0, then 1 for the first retry
    SharedJson page_param;    // infinite queries
    bool backwards = false;   // the page before the first one is wanted
    SharedJson meta;
};

using QueryFunction = SharedFunction<QueryWork(const QueryContext&, QueryDone)>;

enum class QueryStatus : std::uint8_t { pending, error, success };    // is there data?
enum class FetchStatus : std::uint8_t { fetching, paused, idle };     // is the function running?
enum class NetworkMode : std::uint8_t { online, offline_first, always };
enum class RefetchWhen : std::uint8_t { never, if_stale, always };

[[nodiscard]] std::string_view to_string(QueryStatus status);
[[nodiscard]] std::string_view to_string(FetchStatus status);

// What the cache knows of one key.
struct QueryState {
    std::optional<SharedJson> data;      // what views see: the server's data with pending optimistic edits on top
    QueryStatus status = QueryStatus::pending;
    FetchStatus fetch_status = FetchStatus::idle;
    std::optional<base::Error> error;
    std::int64_t data_updated_at_ms = 0;   // unix; 0 = never. To be shown and persisted: staleness goes by the monotonic clock
    std::int64_t error_updated_at_ms = 0;
    std::uint32_t data_update_count = 0;
    std::uint32_t error_update_count = 0;
    std::uint32_t failure_count = 0;       // of the running or last fetch
    std::optional<base::Error> failure_reason;
    bool invalidated = false;
    bool optimistic = false;               // data includes edits the server has not confirmed
};

using RetryDecision = SharedFunction<bool(int failure_count, const base::Error&)>;
using RetryDelay = SharedFunction<std::int64_t(int failure_count, const base::Error&)>;  // ms; failure_count from 0

// True for what trying again may help: unavailable, timed_out, protocol, quota and internal errors.
[[nodiscard]] bool worth_retrying(const base::Error& error);
// 1 s * 2^failure_count, at most 30 s.
[[nodiscard]] std::int64_t default_retry_delay_ms(int failure_count);

// Everything about a query but its key and function. What is not set comes from the defaults of the matching key prefixes (the
// later registered wins), then from the client's, then from those written here.
struct QuerySettings {
    std::optional<std::int64_t> stale_ms = {};                            // 5 min; 0 = at once; kForeverMs; kStaticMs
    SharedFunction<std::int64_t(const QueryState&)> stale_ms_by = {};     // wins over stale_ms
    std::optional<std::int64_t> gc_ms = {};                               // 10 min; the largest ever asked for counts
    std::optional<int> retry = {};                                        // 2; retries after the first attempt; < 0 = for ever
    RetryDecision retry_if = {};                                          // wins over retry; else only worth_retrying() errors are
    RetryDelay retry_delay_ms = {};                                       // default_retry_delay_ms
    std::optional<NetworkMode> network_mode = {};                         // offline_first
    std::optional<RefetchWhen> refetch_on_mount = {};                     // if_stale
    std::optional<RefetchWhen> refetch_on_focus = {};                     // never
    std::optional<RefetchWhen> refetch_on_reconnect = {};                 // if_stale
    std::optional<bool> retry_on_mount = {};                              // true: a query in error fetches when observed
    std::optional<bool> structural_sharing = {};                          // true
    std::optional<std::int64_t> refetch_interval_ms = {};                 // none
    SharedFunction<std::int64_t(const QueryState&)> refetch_interval_by = {};  // 0 = not now; asked again after every change
    std::optional<bool> refetch_in_background = {};                       // false: no interval while the tab is hidden
    std::optional<bool> persist = {};                                     // false: QueryPersister keeps only what asks for it
    SharedJson meta = {};
};

// `over` on top of `under`.
[[nodiscard]] QuerySettings merged(const QuerySettings& under, const QuerySettings& over);

// Infinite queries: the data is {"pages":[...],"pageParams":[...]}; a refetch loads all pages again, one after another.
struct QueryPages {
    using Param = std::optional<SharedJson>;  // nothing, or null: there is no such page
    SharedJson first_param = {};
    SharedFunction<Param(const SharedJson& last_page, const SharedJson& pages, const SharedJson& last_param)> next = {};
    SharedFunction<Param(const SharedJson& first_page, const SharedJson& pages, const SharedJson& first_param)> previous = {};
    std::size_t max_pages = 0;  // 0: no limit; else the far end is dropped
    std::size_t prefetch_pages = 1;  // loaded by the first fetch
};

struct QueryOptions {
    QueryKey key = {};
    QueryFunction fetch = {};
    QuerySettings settings = {};
    bool enabled = true;                                             // false: no fetch by itself; refetch() still works
    SharedFunction<bool(const QueryState&)> enabled_if = {};         // and-ed; asked again after every change
    std::optional<SharedJson> initial_data = {};                     // as if fetched, unless there is data
    SharedFunction<std::optional<SharedJson>()> initial_data_by = {};
    std::optional<std::int64_t> initial_data_updated_at_ms = {};     // unix; default now; 0 = stale at once
    std::optional<SharedJson> placeholder = {};         // shown until there is data; never cached
    SharedFunction<std::optional<SharedJson>(const std::optional<SharedJson>& previous, const QueryKey& previous_key)> placeholder_by = {};  // wins
    bool keep_previous = false;                                      // on a key switch show the old key's data meanwhile
    SharedFunction<base::Result<SharedJson>(const SharedJson&)> select = {};
    std::optional<QueryPages> pages = {};                            // makes it an infinite query
    std::uint32_t notify_on = 0xFFFFFFFF;                            // NotifyOn bits: changes that are worth a callback
};

struct NotifyOn {
    static constexpr std::uint32_t kData = 1, kStatus = 2, kFetchStatus = 4, kError = 8, kStale = 16, kUpdatedAt = 32, kFailures = 64,
                                   kPlaceholder = 128, kEverything = 0xFFFFFFFF;
};

// What an observer sees.
struct QueryResult {
    QueryStatus status = QueryStatus::pending;
    FetchStatus fetch_status = FetchStatus::idle;
    std::optional<SharedJson> data;            // after select; placeholder data included
    std::uint64_t data_version = 0;            // grows whenever the (selected) data changes
    std::optional<base::Error> error;          // of the fetch, or of select
    std::int64_t data_updated_at_ms = 0;       // unix
    std::int64_t error_updated_at_ms = 0;
    std::uint32_t failure_count = 0;
    std::optional<base::Error> failure_reason;
    std::uint32_t error_update_count = 0;
    bool is_placeholder = false;
    bool is_stale = true;
    bool is_enabled = true;
    bool is_fetched = false;                   // an answer, good or bad, has come
    bool is_fetched_after_mount = false;       // since this observer looks
    bool is_optimistic = false;
    bool has_next_page = false;                // infinite queries
    bool has_previous_page = false;
    bool is_fetching_next_page = false;
    bool is_fetching_previous_page = false;

    [[nodiscard]] bool is_pending() const { return status == QueryStatus::pending; }
    [[nodiscard]] bool is_success() const { return status == QueryStatus::success; }
    [[nodiscard]] bool is_error() const { return status == QueryStatus::error; }
    [[nodiscard]] bool is_fetching() const { return fetch_status == FetchStatus::fetching; }
    [[nodiscard]] bool is_paused() const { return fetch_status == FetchStatus::paused; }
    [[nodiscard]] bool is_loading() const { return is_pending() && is_fetching(); }
    [[nodiscard]] bool is_refetching() const { return !is_pending() && is_fetching(); }
    [[nodiscard]] bool is_loading_error() const { return is_error() && data_updated_at_ms == 0; }
    [[nodiscard]] bool is_refetch_error() const { return is_error() && data_updated_at_ms != 0; }
};

enum class QueryActivity : std::uint8_t { all, active, inactive };

// Which queries an operation is about. Empty: all of them.
struct QueryFilter {
    std::optional<QueryKey> key = {};
    bool exact = false;                       // the key itself, not what begins with it
    QueryActivity activity = QueryActivity::all;
    std::optional<bool> stale = {};
    std::optional<FetchStatus> fetch_status = {};
    SharedFunction<bool(const QueryKey&, const QueryState&)> predicate = {};

    QueryFilter() = default;
    QueryFilter(QueryKey prefix) : key(std::move(prefix)) {}  // NOLINT(google-explicit-constructor): a prefix is the usual filter
    [[nodiscard]] static QueryFilter exactly(QueryKey key) {
        QueryFilter filter(std::move(key));
        filter.exact = true;
        return filter;
    }
    [[nodiscard]] static QueryFilter active_only(QueryKey prefix = {}) {
        QueryFilter filter(std::move(prefix));
        filter.activity = QueryActivity::active;
        return filter;
    }
};

}  // namespace state
