// The inside of QueryClient: entries, fetches, observers, mutations. Included by the .cpp files of this folder only.
//
// Who owns what: QueryCore owns entries and mutations; an observer handle owns its ObserverCore, which shares its entry; entries point
// back to their observers, which take themselves off when dropped. Wherever a user's function may run, the entry at hand is kept by a
// shared_ptr and looked at anew afterwards.
#pragma once

#include <map>
#include <unordered_map>

#include "state/query/deadline_queue.hpp"
#include "state/query/query_client.hpp"

namespace state {

// QuerySettings with nothing left open.
struct Plan {
    QueryFunction fetch;
    QuerySettings settings;
    std::optional<QueryPages> pages;
};

// One optimistic edit of one mutation.
struct Patch {
    MutationId mutation = 0;
    SharedFunction<std::optional<SharedJson>(const std::optional<SharedJson>&)> apply;
    SharedFunction<std::optional<SharedJson>(const std::optional<SharedJson>&, const SharedJson&)> confirm;
    std::uint64_t confirmed_at = 0;  // serial; 0: pending
};

enum class FetchMode : std::uint8_t { plain, all_pages, next_page, previous_page };

struct Fetch {
    explicit Fetch(void* entry) : retry(Deadline::Kind::query_retry, entry) {}

    std::shared_ptr<const Plan> plan;
    std::uint64_t started_at = 0;    // serial
    std::uint64_t call = 0;          // serial of the running attempt; 0: none
    QueryWork work;
    bool in_call = false;
    bool consumed = false;           // some attempt was cancellable
    bool retries_cancelled = false;
    bool held = false;               // by prefetch(): goes on without observers
    bool waits_to_start = false;     // paused before the first attempt
    bool waits_to_retry = false;     // paused after a retry's delay
    Deadline retry;
    std::optional<base::Error> last_error;
    // To go back to.
    QueryState before;
    std::optional<SharedJson> before_data;
    std::int64_t before_mono_ms = 0;
    // Infinite queries.
    FetchMode mode = FetchMode::plain;
    std::vector<SharedJson> pages;
    std::vector<SharedJson> params;
    std::size_t pages_wanted = 0;
    SharedJson page_param;
};

struct Entry : std::enable_shared_from_this<Entry> {
    explicit Entry(QueryKey k) : key(std::move(k)), gc(Deadline::Kind::query_gc, this) {}

    QueryKey key;
    std::size_t bucket_place = 0;
    bool removed = false;
    bool restored = false;                 // by hydrate(): worth keeping, though nobody has observed it yet
    QueryState state;                      // state.data is what views see
    std::optional<SharedJson> server_data;
    std::int64_t data_mono_ms = 0;
    std::shared_ptr<const Plan> plan;      // of who observed or fetched last; null: only set by hand
    std::optional<SharedJson> initial_data;
    std::int64_t initial_updated_at_ms = 0;
    std::int64_t gc_ms = -1;               // the largest asked for; -1: nobody did
    std::vector<ObserverCore*> observers;
    std::vector<std::shared_ptr<RequestCore>> requests;
    std::unique_ptr<Fetch> fetch;
    std::vector<Patch> patches;
    Deadline gc;
};

class RequestCore {
public:
    std::weak_ptr<QueryCore> core;
    std::shared_ptr<Entry> entry;
    base::UniqueFunction<void(base::Result<SharedJson>)> done;
    std::optional<base::Result<SharedJson>> answer;
    std::uint64_t epoch = 0;
    bool live = true;
};

class ObserverCore : public std::enable_shared_from_this<ObserverCore> {
public:
    ObserverCore() : stale(Deadline::Kind::stale, this), interval(Deadline::Kind::interval, this) {}

    void changed();                        // what it sees may have: queue it
    void look();                           // brings `now` up to date
    void forget_previous();                // no data of before may be shown again
    [[nodiscard]] bool enabled() const;
    [[nodiscard]] std::int64_t stale_ms() const;
    [[nodiscard]] bool is_stale() const;
    [[nodiscard]] bool fetches_on(RefetchWhen when) const;
    [[nodiscard]] bool fetches_on_mount() const;

    QueryCore* core = nullptr;             // null once the client is gone or the handle dropped
    std::shared_ptr<Entry> entry;
    QueryOptions options;
    std::shared_ptr<const Plan> plan;
    base::UniqueFunction<void(const QueryResult&)> callback;
    std::unique_ptr<QuerySelector> selector;
    QueryResult now;
    QueryResult shown;                     // what the callback saw last
    bool outdated = true;
    bool queued = false;
    bool was_enabled = false;
    std::int64_t interval_ms = 0;
    std::uint32_t data_count_at_mount = 0;
    std::uint32_t error_count_at_mount = 0;
    Deadline stale;
    Deadline interval;

private:
    void look_at_data();
    void look_at_pages();
    void watch_staleness();

    // select, memoised by what it was given
    std::optional<SharedJson> select_input_;
    SharedFunction<base::Result<SharedJson>(const SharedJson&)> select_used_;
    std::optional<SharedJson> selected_;
    std::optional<base::Error> select_error_;
    std::uint64_t data_version_ = 0;
    // the placeholder, memoised by what it was made of
    std::optional<SharedJson> previous_data_;
    QueryKey previous_key_;

    friend class QueryCore;
};

struct Mutation : std::enable_shared_from_this<Mutation> {
    Mutation() : retry(Deadline::Kind::mutation_retry, this), gc(Deadline::Kind::mutation_gc, this) {}

    MutationId id = 0;
    MutationOptions options;
    MutationState state;
    MutateCallbacks callbacks;
    std::weak_ptr<MutatorCore> mutator;
    std::uint64_t call = 0;
    QueryWork work;
    bool in_call = false;
    bool started = false;        // an attempt has run
    bool waits_to_retry = false;
    bool removed = false;
    std::vector<QueryKey> edited;
    Deadline retry;
    Deadline gc;
};

class MutatorCore : public std::enable_shared_from_this<MutatorCore> {
public:
    QueryCore* core = nullptr;
    MutationOptions options;
    base::UniqueFunction<void(const MutationState&)> callback;
    std::shared_ptr<Mutation> current;
    MutationState now;
    bool queued = false;
};

class QueryCore : public std::enable_shared_from_this<QueryCore> {
public:
    QueryCore(base::Scheduler& s, QueryClientOptions o) : scheduler(s), options(std::move(o)), online(options.online), focused(options.focused) {}
    ~QueryCore() { end(); }
    void end();  // the client goes: nobody hears anything any more

    [[nodiscard]] std::int64_t now_ms() const { return scheduler.clock().monotonic_ms(); }
    [[nodiscard]] std::int64_t unix_ms() const { return scheduler.clock().unix_ms(); }

    // Entries: query_cache.cpp
    [[nodiscard]] std::shared_ptr<Entry> find(const QueryKey& key) const;
    std::shared_ptr<Entry> find_or_make(const QueryKey& key);
    void erase(Entry& entry);
    // Predicates run here.
    void collect(const QueryFilter& filter, std::vector<std::shared_ptr<Entry>>& out) const;
    template <class F>
    void visit(const QueryFilter& filter, F&& each) const;  // each(Entry&) must not add or remove entries
    [[nodiscard]] bool fits(const QueryFilter& filter, const Entry& entry) const;
    [[nodiscard]] std::shared_ptr<const Plan> plan_for(const QueryOptions& query, bool imperative) const;
    void use_plan(Entry& entry, std::shared_ptr<const Plan> plan, const QueryOptions& query);
    // How to fetch it again: as its first enabled observer wants, else as the last one who fetched it did. May be null.
    [[nodiscard]] static std::shared_ptr<const Plan> plan_of(const Entry& entry);
    [[nodiscard]] static bool is_active(const Entry& entry);
    [[nodiscard]] static bool is_disabled(const Entry& entry);
    [[nodiscard]] static bool is_static(const Entry& entry);
    [[nodiscard]] bool is_stale(const Entry& entry) const;
    [[nodiscard]] bool is_stale_after(const Entry& entry, std::int64_t stale_ms) const;
    void put_server_data(Entry& entry, SharedJson data, std::int64_t unix_time_ms, std::int64_t mono_time_ms);
    bool set_data(const QueryKey& key, SharedJson data, std::optional<std::int64_t> updated_at_ms);
    void set_data(Entry& entry, SharedJson data, std::int64_t updated_at_ms);
    [[nodiscard]] std::int64_t mono_from_unix(std::int64_t updated_at_ms) const;
    void restate(Entry& entry);     // data and status from server data, edits and error
    void blank(Entry& entry);       // as if new, observers stay
    void invalidate(const QueryFilter& filter, std::optional<QueryActivity> refetch, bool own);
    void refetch(const QueryFilter& filter, RefetchOptions how);
    void clear();
    void touch(Entry& entry);       // state changed: tell observers
    void touch();
    void schedule_gc(Entry& entry);

    // Fetches: query_fetch.cpp
    void start_fetch(const std::shared_ptr<Entry>& entry, std::shared_ptr<const Plan> plan, RefetchOptions how, FetchMode mode = FetchMode::all_pages);
    void run_attempt(const std::shared_ptr<Entry>& entry);
    void answered(std::uint64_t call, base::Result<SharedJson> answer);
    void attempt_failed(const std::shared_ptr<Entry>& entry, base::Error error);
    void page_came(const std::shared_ptr<Entry>& entry, SharedJson page);
    [[nodiscard]] bool next_page_wanted(Fetch& fetch) const;
    void finish(Entry& entry, SharedJson data);
    void finish(Entry& entry, base::Error error);
    void retry_due(const std::shared_ptr<Entry>& entry);
    void go_on(const std::shared_ptr<Entry>& entry);  // a paused fetch, if it may
    void cancel(Entry& entry, bool revert);
    void drop_fetch(Entry& entry);                    // silently
    void settle_requests(Entry& entry, const base::Result<SharedJson>& answer);
    void nobody_left(Entry& entry);                   // its last observer or request went
    [[nodiscard]] bool may_start(NetworkMode mode) const { return mode != NetworkMode::online || online; }
    [[nodiscard]] bool may_go_on(NetworkMode mode) const { return focused && (mode == NetworkMode::always || online); }

    // Observers: query_observer.cpp
    [[nodiscard]] std::shared_ptr<ObserverCore> observe(QueryOptions query, base::UniqueFunction<void(const QueryResult&)> callback,
                                                        std::unique_ptr<QuerySelector> selector);
    void attach(ObserverCore& observer, const std::shared_ptr<Entry>& entry);
    void detach(ObserverCore& observer);
    void set_options(ObserverCore& observer, QueryOptions query);
    void reconsider(ObserverCore& observer);
    void fetch_for(ObserverCore& observer, RefetchOptions how, FetchMode mode = FetchMode::all_pages);
    void watch_interval(ObserverCore& observer);
    void came_back(bool by_network);                  // queries, after mutations
    void end_restoring();

    // Mutations: query_mutation.cpp
    MutationId mutate(const MutationOptions& given, SharedJson variables, MutateCallbacks callbacks, const std::shared_ptr<MutatorCore>& mutator);
    [[nodiscard]] MutationOptions mutation_options_for(const MutationOptions& given) const;
    void add_edits(Mutation& mutation);
    void run_mutation(const std::shared_ptr<Mutation>& mutation);
    void mutation_answered(std::uint64_t call, base::Result<SharedJson> answer);
    void mutation_failed(const std::shared_ptr<Mutation>& mutation, base::Error error);
    void settle(const std::shared_ptr<Mutation>& mutation, base::Result<SharedJson> answer);
    void settle_edits(Mutation& mutation, const SharedJson* reply);
    void fold_confirmed(Entry& entry);
    void continue_mutation(const std::shared_ptr<Mutation>& mutation);
    [[nodiscard]] bool first_of_scope(const Mutation& mutation) const;
    void resume_mutations();
    void after_mutation(const std::string& scope);
    void mutation_changed(Mutation& mutation);
    void schedule_gc(Mutation& mutation);
    void signal_back(bool by_network);                // paused mutations first, then queries
    void report(const base::Result<void>& outcome);

    // query_hydrate.cpp
    [[nodiscard]] SharedJson dehydrate(const DehydrateOptions& how) const;
    std::size_t hydrate(const SharedJson& dehydrated);

    // Time and delivery: query_core.cpp
    void set_deadline(Deadline& deadline, std::int64_t due_ms);
    void remove_deadline(Deadline& deadline) { deadlines.remove(deadline); }
    void schedule_flush();
    [[nodiscard]] bool writable() const { return !muted; }

    base::Scheduler& scheduler;
    QueryClientOptions options;
    bool online;
    bool focused;
    std::uint64_t epoch = 1;
    std::uint64_t version = 0;
    std::uint64_t serial = 0;
    int restoring = 0;
    bool muted = false;  // a callback of an earlier epoch is running: it may not write

    struct KeyHash {
        std::size_t operator()(const QueryKey& key) const { return static_cast<std::size_t>(key.hash()); }
    };
    // Entries whose keys have the same first part, in the order they were made; gaps are null.
    struct Bucket {
        struct Item {
            Entry* entry;
            std::uint64_t second;  // hash of the key's second part
        };
        std::vector<Item> items;
        std::size_t gaps = 0;
    };
    std::unordered_map<QueryKey, std::shared_ptr<Entry>, KeyHash> entries;
    std::unordered_map<std::uint64_t, Bucket> buckets;  // by the hash of the first part; 0 for the empty key
    std::unordered_map<std::uint64_t, std::weak_ptr<Entry>> calls;
    std::unordered_map<std::uint64_t, std::weak_ptr<Mutation>> mutation_calls;
    std::vector<std::pair<QueryKey, QuerySettings>> defaults;
    std::vector<std::pair<QueryKey, MutationOptions>> mutation_defaults;
    std::map<MutationId, std::shared_ptr<Mutation>> mutations;
    MutationId next_mutation = 1;
    std::vector<MutatorCore*> mutators;
    std::vector<MutationId> awaited;  // resumed mutations that queries wait for
    std::optional<bool> back_by_network;

    class Listener final : public Subscription::Entry {
    public:
        base::UniqueFunction<void()> on_change;
        base::UniqueFunction<void(const QueryFilter&)> on_invalidate;
    };
    std::vector<std::shared_ptr<Listener>> listeners;

private:
    void arm();
    void run_deadlines();
    void fire(Deadline& deadline);
    void flush();

    friend class ObserverCore;
    DeadlineQueue deadlines;
    base::Timer timer_;
    std::int64_t timer_due_ms_ = INT64_MAX;
    bool ended_ = false;
    bool flush_posted_ = false;
    std::uint64_t version_told_ = 0;

public:
    std::vector<std::weak_ptr<ObserverCore>> changed_observers;
    std::vector<std::weak_ptr<MutatorCore>> changed_mutators;
    std::vector<std::shared_ptr<RequestCore>> answered_requests;
    std::vector<QueryWork> finished_work;                // dropped outside the callbacks that finished it
    std::vector<base::UniqueFunction<void()>> late_calls;  // mutate-level callbacks
};

template <class F>
void QueryCore::visit(const QueryFilter& filter, F&& each) const {
    if (!filter.key || filter.key->parts().empty()) {
        for (const auto& [first, bucket] : buckets) {
            for (const auto& item : bucket.items) {
                if (item.entry && (!filter.exact || !filter.key || item.entry->key == *filter.key) && fits(filter, *item.entry)) each(*item.entry);
            }
        }
        return;
    }
    const QueryKey& key = *filter.key;
    if (filter.exact) {
        const auto found = entries.find(key);
        if (found != entries.end() && fits(filter, *found->second)) each(*found->second);
        return;
    }
    const auto parts = key.parts();
    const auto in_bucket = [&](const Bucket& bucket) {
        // A second part that is no container matches by equality only: other hashes need no look at the entry.
        const bool by_second = parts.size() > 1 && !parts[1].is_array() && !parts[1].is_object();
        const std::uint64_t second = by_second ? parts[1].hash() : 0;
        for (const auto& item : bucket.items) {
            if (!item.entry || (by_second && item.second != second)) continue;
            if (key.matches(item.entry->key) && fits(filter, *item.entry)) each(*item.entry);
        }
    };
    if (parts[0].is_array() || parts[0].is_object()) {
        for (const auto& [first, bucket] : buckets) in_bucket(bucket);
        return;
    }
    const auto found = buckets.find(parts[0].hash());
    if (found != buckets.end()) in_bucket(found->second);
}

}  // namespace state
