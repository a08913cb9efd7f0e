// QueryClient: the cache of what servers said. It fetches each key once for all who want it, keeps the answer while it is fresh,
// retries, refetches, and tells observers when what they see has changed. The counterpart of TanStack Query's core.
//
//   state::QueryClient queries(scheduler);
//   list_ = queries.observe({.key = {"workflows", "list"}, .fetch = load_list}, [this](const state::QueryResult& r) { redraw(); });
//   if (list_.result().is_success()) draw(list_.result().data->member("items"));
//   queries.invalidate(state::QueryKey{"workflows"});               // marks all below, refetches what is on screen
//
//   names_ = queries.observe<std::vector<std::string>>(options, [](const state::SharedJson& d) { ... return names; },
//                                                      [this](const state::QueryResult&, const std::vector<std::string>* names) {...});
//
// Promises
//   - At most one fetch per key runs; everybody who asks meanwhile shares it.
//   - No callback runs inside a call to the client, except those that compute something (`updater`, `select`, `combine`, predicates,
//     settings given as functions; they must not call the client), query and mutation functions, and on_mutate. Changes of one task are delivered together by one posted task, in the order in which their observers changed first, each observer once
//     with its newest result; nobody hears of a change that was undone meanwhile.
//   - An observer's callback runs only if its result changed: data by identity after structural sharing and select, flags by value,
//     and only for what `notify_on` names.
//   - Handles (QueryObserver, QueryRequest, Mutator, ...) may be dropped anywhere, in callbacks too, and may outlive the client.
//   - clear() ends the epoch: what was fetched, queued or mutated before it can never write into the cache again.
//   - Staleness, retries and collection go by the monotonic clock; a jump of the wall clock changes only the times shown.
//   - One scheduler timer for the whole client, whatever the number of entries.
//   - Looking a key up is one hash lookup; operations on a prefix visit only keys with the same first part (and skip a different
//     second part without looking at the entry) and allocate nothing per entry.
//
// Single-threaded. The scheduler must outlive the client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/scheduler.hpp"
#include "state/query/mutation_types.hpp"
#include "state/query/query_types.hpp"
#include "state/store.hpp"

namespace state {

class QueryClient;
class ObserverCore;
class MutatorCore;
class RequestCore;
class ManyCore;

struct QueryClientOptions {
    QuerySettings queries = {};     // over the built-in defaults
    MutationOptions mutations = {}; // retry, delays, network mode, gc: defaults of every mutation
    MutationHooks hooks = {};
    SharedFunction<void(const base::Error&, const QueryKey&)> on_query_error = {};  // once per failed fetch, after the retries
    bool online = true;
    bool focused = true;
};

// Turns data into what one observer wants; made by observe<T>.
class QuerySelector {
public:
    virtual ~QuerySelector() = default;
    // Computes the value of `data`; true if it differs from the last one.
    virtual base::Result<bool> run(const SharedJson& data) = 0;
};

struct RefetchOptions {
    bool cancel_running = true;  // restart a running fetch if there is data already; else join it
};

// Watches one key. Dropping it ends that. An empty one has an empty result.
class QueryObserver {
public:
    QueryObserver() = default;
    explicit QueryObserver(std::shared_ptr<ObserverCore> core) : core_(std::move(core)) {}
    QueryObserver(QueryObserver&& other) noexcept = default;
    QueryObserver& operator=(QueryObserver&& other) noexcept;
    QueryObserver(const QueryObserver&) = delete;
    QueryObserver& operator=(const QueryObserver&) = delete;
    ~QueryObserver();

    [[nodiscard]] bool active() const { return core_ != nullptr; }
    void reset();
    // As of now, whether or not its callback has run yet. Valid until the next call or task.
    [[nodiscard]] const QueryResult& result() const;
    [[nodiscard]] QueryKey key() const;
    // Other key, enabled, interval, select...: fetches if that is called for. A key switch keeps the callback.
    void set_options(QueryOptions options);
    // Asks enabled_if, stale_ms_by and refetch_interval_by again, for when what they depend on changed.
    void reconsider();
    // Even if disabled or fresh. The answer is seen in result().
    void refetch(RefetchOptions options = {});
    void fetch_next_page();
    void fetch_previous_page();

private:
    std::shared_ptr<ObserverCore> core_;
};

template <class T>
class TypedQueryObserver {
public:
    TypedQueryObserver() = default;
    [[nodiscard]] bool active() const { return observer_.active(); }
    void reset() { observer_.reset(); }
    [[nodiscard]] const QueryResult& result() const { return observer_.result(); }
    // Null while there is no data, or select failed.
    [[nodiscard]] const T* value() const {
        const QueryResult& now = observer_.result();
        return now.data && value_ && *value_ ? &**value_ : nullptr;
    }
    [[nodiscard]] QueryObserver& untyped() { return observer_; }

private:
    friend class QueryClient;
    TypedQueryObserver(QueryObserver observer, std::shared_ptr<std::optional<T>> value) : observer_(std::move(observer)), value_(std::move(value)) {}
    QueryObserver observer_;
    std::shared_ptr<std::optional<T>> value_;
};

// Watches several keys (duplicates allowed); results in the order of the options.
class QueriesObserver {
public:
    QueriesObserver() = default;
    explicit QueriesObserver(std::shared_ptr<ManyCore> core) : core_(std::move(core)) {}
    QueriesObserver(QueriesObserver&&) noexcept = default;
    QueriesObserver& operator=(QueriesObserver&&) noexcept = default;
    [[nodiscard]] bool active() const { return core_ != nullptr; }
    void reset() { core_.reset(); }
    [[nodiscard]] const std::vector<QueryResult>& results() const;
    // What `combine` made of them: computed when a result has changed, structurally shared with the one before.
    [[nodiscard]] const SharedJson& combined() const;
    // Observers whose key stays are kept.
    void set_queries(std::vector<QueryOptions> queries);

private:
    std::shared_ptr<ManyCore> core_;
};

// One imperative fetch. Dropping it withdraws the callback; the fetch is cancelled if nobody else wants it (and it can be).
class QueryRequest {
public:
    QueryRequest() = default;
    explicit QueryRequest(std::shared_ptr<RequestCore> core) : core_(std::move(core)) {}
    QueryRequest(QueryRequest&&) noexcept = default;
    QueryRequest& operator=(QueryRequest&& other) noexcept;
    QueryRequest(const QueryRequest&) = delete;
    QueryRequest& operator=(const QueryRequest&) = delete;
    ~QueryRequest();
    void reset();
    [[nodiscard]] bool pending() const;

private:
    std::shared_ptr<RequestCore> core_;
};

// Runs mutations and shows the newest. Dropping it leaves a running mutation running, without its mutate-level callbacks.
class Mutator {
public:
    Mutator() = default;
    explicit Mutator(std::shared_ptr<MutatorCore> core) : core_(std::move(core)) {}
    Mutator(Mutator&&) noexcept = default;
    Mutator& operator=(Mutator&& other) noexcept;
    Mutator(const Mutator&) = delete;
    Mutator& operator=(const Mutator&) = delete;
    ~Mutator();
    [[nodiscard]] bool active() const { return core_ != nullptr; }
    // `callbacks` are of the newest call only: an earlier one's are dropped.
    MutationId mutate(SharedJson variables, MutateCallbacks callbacks = {});
    [[nodiscard]] const MutationState& result() const;
    void forget();  // back to idle
    void reset();

private:
    std::shared_ptr<MutatorCore> core_;
};

// Writes into the cache as of the epoch it was made in; after clear() it does nothing. For watches, late callbacks, other modules.
class QueryWriter {
public:
    QueryWriter() = default;
    QueryWriter(std::weak_ptr<QueryCore> core, std::uint64_t epoch) : core_(std::move(core)), epoch_(epoch) {}
    [[nodiscard]] bool live() const;
    bool set_data(const QueryKey& key, SharedJson data) const;
    bool update_data(const QueryKey& key, SharedFunction<std::optional<SharedJson>(const std::optional<SharedJson>&)> updater) const;
    bool invalidate(const QueryFilter& filter) const;

private:
    std::weak_ptr<QueryCore> core_;
    std::uint64_t epoch_ = 0;
};

// One line of the developer panel.
struct QueryInfo {
    std::string key;  // canonical text
    QueryStatus status = QueryStatus::pending;
    FetchStatus fetch_status = FetchStatus::idle;
    std::int64_t age_ms = -1;  // since the data came; -1: no data
    std::int64_t data_updated_at_ms = 0;
    std::size_t observers = 0;
    bool is_stale = true;
    bool invalidated = false;
    bool optimistic = false;
    std::uint32_t failure_count = 0;
    std::string failure_reason;
};
struct MutationInfo {
    MutationId id = 0;
    std::string key;  // empty: none
    std::string scope;
    MutationStatus status = MutationStatus::idle;
    bool is_paused = false;
    std::int64_t submitted_at_ms = 0;
    std::uint32_t failure_count = 0;
    std::string failure_reason;
};

struct DehydrateOptions {
    SharedFunction<bool(const QueryKey&, const QueryState&)> queries = {};        // default: those with status success
    bool paused_mutations = true;
    bool only_persistable = false;                                               // settings.persist
};

class QueryClient {
public:
    explicit QueryClient(base::Scheduler& scheduler, QueryClientOptions options = {});
    QueryClient(const QueryClient&) = delete;
    QueryClient& operator=(const QueryClient&) = delete;
    ~QueryClient();

    // Signals
    void set_online(bool online);
    void set_focused(bool focused);
    [[nodiscard]] bool online() const;
    [[nodiscard]] bool focused() const;

    // Settings of all keys below `prefix`; asked in order of registration, the later wins. The same prefix again replaces it.
    void set_defaults(const QueryKey& prefix, QuerySettings settings);
    void set_mutation_defaults(const QueryKey& prefix, MutationOptions options);
    [[nodiscard]] QuerySettings settings_for(const QueryKey& key) const;

    // Observers
    [[nodiscard]] QueryObserver observe(QueryOptions options, base::UniqueFunction<void(const QueryResult&)> callback);
    // select: T or base::Result<T> from const SharedJson&. It runs when the data changed; == decides whether anybody hears of it.
    // callback(const QueryResult&, const T* value).
    template <class T, class Select, class F>
    [[nodiscard]] TypedQueryObserver<T> observe(QueryOptions options, Select select, F callback) {
        struct Stage final : QuerySelector {
            Stage(Select s, std::shared_ptr<std::optional<T>> v) : function(std::move(s)), value(std::move(v)) {}
            base::Result<bool> run(const SharedJson& data) override {
                base::Result<T> next = function(data);
                if (!next) {
                    value->reset();
                    return base::fail(next.error());
                }
                if (*value && **value == *next) return false;
                *value = std::move(*next);
                return true;
            }
            Select function;
            std::shared_ptr<std::optional<T>> value;
        };
        auto value = std::make_shared<std::optional<T>>();
        QueryObserver observer = observe_selected(
            std::move(options),
            [value, callback = std::move(callback)](const QueryResult& result) mutable {
                callback(result, result.data && *value ? &**value : nullptr);
            },
            std::make_unique<Stage>(std::move(select), value));
        return TypedQueryObserver<T>(std::move(observer), std::move(value));
    }
    [[nodiscard]] QueriesObserver observe_all(std::vector<QueryOptions> queries, base::UniqueFunction<void(const QueriesObserver&)> callback,
                                              SharedFunction<SharedJson(const std::vector<QueryResult>&)> combine = {});

    // Imperative. No retry unless options.settings.retry says so. `done` runs once, later: with cached data if it is fresh.
    [[nodiscard]] QueryRequest fetch(QueryOptions options, base::UniqueFunction<void(base::Result<SharedJson>)> done);
    // The same for nobody in particular: fills the cache, errors stay in the state.
    void prefetch(QueryOptions options);
    // Any cached data will do, however old; it is fetched only if there is none.
    [[nodiscard]] QueryRequest ensure(QueryOptions options, base::UniqueFunction<void(base::Result<SharedJson>)> done);

    // The cache. Data set by hand is the server's: optimistic edits stay on top of it.
    [[nodiscard]] std::optional<SharedJson> get_data(const QueryKey& key) const;
    [[nodiscard]] std::vector<std::pair<QueryKey, SharedJson>> get_all_data(const QueryFilter& filter) const;
    [[nodiscard]] std::optional<QueryState> get_state(const QueryKey& key) const;
    // updated_at_ms: unix time the data is from, default now; data older than the cached one is refused (false).
    bool set_data(const QueryKey& key, SharedJson data, std::optional<std::int64_t> updated_at_ms = {});
    // Nothing returned: nothing happens, no entry is made. Sees the server's data, without optimistic edits.
    bool update_data(const QueryKey& key, base::UniqueFunction<std::optional<SharedJson>(const std::optional<SharedJson>&)> updater);
    void update_all_data(const QueryFilter& filter, base::UniqueFunction<std::optional<SharedJson>(const SharedJson&)> updater);
    [[nodiscard]] QueryWriter writer() const;
    [[nodiscard]] std::uint64_t epoch() const;

    // Bulk operations
    void invalidate(const QueryFilter& filter, std::optional<QueryActivity> refetch = QueryActivity::active);  // nothing: only mark
    void refetch(const QueryFilter& filter, RefetchOptions options = {});  // skips disabled and static ones
    void cancel(const QueryFilter& filter, bool revert = true);
    void reset(const QueryFilter& filter);   // to the initial state; active ones fetch again
    void remove(const QueryFilter& filter);
    void clear();                            // sign-out: everything goes, a new epoch begins; observers show no data
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::size_t fetching_count(const QueryFilter& filter = {}) const;
    [[nodiscard]] std::size_t mutating_count() const;

    // Mutations
    MutationId mutate(MutationOptions options, SharedJson variables = {}, MutateCallbacks callbacks = {});
    [[nodiscard]] Mutator mutator(MutationOptions options, base::UniqueFunction<void(const MutationState&)> callback);
    [[nodiscard]] std::optional<MutationState> mutation_state(MutationId id) const;
    void resume_paused_mutations();

    // While restoring (a nested count) observers do not fetch; they do when it ends, if what was restored is not fresh.
    void begin_restoring();
    void end_restoring();
    [[nodiscard]] bool restoring() const;
    [[nodiscard]] SharedJson dehydrate(const DehydrateOptions& options = {}) const;
    // Takes what is newer than the cache; returns how many queries and mutations were taken. Malformed parts are skipped.
    std::size_t hydrate(const SharedJson& dehydrated);

    // Developer panel, persistence, other tabs
    [[nodiscard]] std::vector<QueryInfo> list_queries() const;
    [[nodiscard]] std::vector<MutationInfo> list_mutations() const;
    [[nodiscard]] std::uint64_t version() const;  // grows with every change of any entry or mutation
    [[nodiscard]] Subscription subscribe(base::UniqueFunction<void()> on_change);  // once per batch of changes
    [[nodiscard]] Subscription on_invalidate(base::UniqueFunction<void(const QueryFilter&)> callback);  // at once; the client's own calls

    [[nodiscard]] base::Scheduler& scheduler() const;

private:
    friend class QueryTabs;
    [[nodiscard]] QueryObserver observe_selected(QueryOptions options, base::UniqueFunction<void(const QueryResult&)> callback,
                                                 std::unique_ptr<QuerySelector> selector);
    std::shared_ptr<QueryCore> core_;
};

}  // namespace state
