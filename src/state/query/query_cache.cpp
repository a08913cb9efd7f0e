// Entries: finding them, their data, staleness, invalidation, collection.
#include <algorithm>

#include "state/query/query_core.hpp"

namespace state {

namespace {

std::uint64_t first_hash(const QueryKey& key) { return key.parts().empty() ? 0 : key.parts()[0].hash(); }
std::uint64_t second_hash(const QueryKey& key) { return key.parts().size() < 2 ? 0 : key.parts()[1].hash(); }

constexpr std::int64_t kDefaultStaleMs = 5 * 60 * 1000;
constexpr std::int64_t kDefaultGcMs = 10 * 60 * 1000;
// A stored time may be ahead of a clock that is being corrected, but not by much.
constexpr std::int64_t kClockSlackMs = 60 * 1000;

}  // namespace

std::shared_ptr<Entry> QueryCore::find(const QueryKey& key) const {
    const auto found = entries.find(key);
    return found == entries.end() ? nullptr : found->second;
}

std::shared_ptr<Entry> QueryCore::find_or_make(const QueryKey& key) {
    auto& slot = entries[key];
    if (!slot) {
        slot = std::make_shared<Entry>(key);
        Bucket& bucket = buckets[first_hash(key)];
        slot->bucket_place = bucket.items.size();
        bucket.items.push_back({slot.get(), second_hash(key)});
        touch();
    }
    return slot;
}

void QueryCore::erase(Entry& entry) {
    if (entry.removed) return;
    entry.removed = true;
    drop_fetch(entry);
    remove_deadline(entry.gc);
    const auto found = buckets.find(first_hash(entry.key));
    if (found != buckets.end()) {
        Bucket& bucket = found->second;
        bucket.items[entry.bucket_place].entry = nullptr;
        if (++bucket.gaps == bucket.items.size()) {
            buckets.erase(found);
        } else if (bucket.gaps > 16 && bucket.gaps * 2 > bucket.items.size()) {
            std::erase_if(bucket.items, [](const auto& item) { return item.entry == nullptr; });
            for (std::size_t i = 0; i < bucket.items.size(); ++i) bucket.items[i].entry->bucket_place = i;
            bucket.gaps = 0;
        }
    }
    touch();
    // Last: it may be the entry's end.
    const QueryKey key = entry.key;
    entries.erase(key);
}

bool QueryCore::fits(const QueryFilter& filter, const Entry& entry) const {
    if (filter.activity != QueryActivity::all && is_active(entry) != (filter.activity == QueryActivity::active)) return false;
    if (filter.fetch_status && entry.state.fetch_status != *filter.fetch_status) return false;
    if (filter.stale && is_stale(entry) != *filter.stale) return false;
    return !filter.predicate || filter.predicate(entry.key, entry.state);
}

void QueryCore::collect(const QueryFilter& filter, std::vector<std::shared_ptr<Entry>>& out) const {
    visit(filter, [&out](Entry& entry) { out.push_back(entry.shared_from_this()); });
}

std::shared_ptr<const Plan> QueryCore::plan_for(const QueryOptions& query, bool imperative) const {
    static const QuerySettings kBuiltIn{.stale_ms = kDefaultStaleMs,
                                        .gc_ms = kDefaultGcMs,
                                        .retry = 2,
                                        .network_mode = NetworkMode::offline_first,
                                        .refetch_on_mount = RefetchWhen::if_stale,
                                        .refetch_on_focus = RefetchWhen::never,
                                        .retry_on_mount = true,
                                        .structural_sharing = true,
                                        .refetch_in_background = false,
                                        .persist = false};
    QuerySettings settings = merged(kBuiltIn, options.queries);
    for (const auto& [prefix, more] : defaults) {
        if (prefix.matches(query.key)) settings = merged(settings, more);
    }
    if (imperative) {
        settings.retry = 0;
        settings.retry_if = nullptr;
    }
    settings = merged(settings, query.settings);
    if (!settings.refetch_on_reconnect) {
        // Who never pauses for the network has missed nothing.
        settings.refetch_on_reconnect = settings.network_mode == NetworkMode::always ? RefetchWhen::never : RefetchWhen::if_stale;
    }
    return std::make_shared<const Plan>(Plan{query.fetch, std::move(settings), query.pages});
}

void QueryCore::use_plan(Entry& entry, std::shared_ptr<const Plan> plan, const QueryOptions& query) {
    entry.gc_ms = std::max(entry.gc_ms, *plan->settings.gc_ms);
    // An observer without a function must not take away the one that another brought.
    if (plan->fetch || !entry.plan) entry.plan = std::move(plan);
    if (!entry.server_data) {
        std::optional<SharedJson> initial = query.initial_data;
        if (!initial && query.initial_data_by) initial = query.initial_data_by();
        if (initial) {
            entry.initial_data = std::move(initial);
            entry.initial_updated_at_ms = query.initial_data_updated_at_ms.value_or(unix_ms());
            blank(entry);
            touch(entry);
        }
    }
    if (entry.observers.empty()) schedule_gc(entry);
}

std::shared_ptr<const Plan> QueryCore::plan_of(const Entry& entry) {
    for (const ObserverCore* observer : entry.observers) {
        if (observer->enabled()) return observer->plan;
    }
    return entry.plan;
}

bool QueryCore::is_active(const Entry& entry) {
    return std::any_of(entry.observers.begin(), entry.observers.end(), [](const ObserverCore* observer) { return observer->enabled(); });
}

bool QueryCore::is_disabled(const Entry& entry) {
    if (!entry.observers.empty()) return !is_active(entry);
    return !entry.plan || !entry.plan->fetch || entry.state.data_update_count + entry.state.error_update_count == 0;
}

bool QueryCore::is_static(const Entry& entry) {
    return std::any_of(entry.observers.begin(), entry.observers.end(), [](const ObserverCore* observer) { return observer->stale_ms() == kStaticMs; });
}

bool QueryCore::is_stale_after(const Entry& entry, std::int64_t stale_ms) const {
    if (!entry.server_data) return true;
    if (stale_ms == kStaticMs) return false;
    if (entry.state.invalidated) return true;
    return stale_ms != kForeverMs && now_ms() - entry.data_mono_ms >= stale_ms;
}

bool QueryCore::is_stale(const Entry& entry) const {
    if (!entry.observers.empty()) {
        return std::any_of(entry.observers.begin(), entry.observers.end(), [](const ObserverCore* observer) { return observer->is_stale(); });
    }
    return !entry.server_data || entry.state.invalidated;
}

std::int64_t QueryCore::mono_from_unix(std::int64_t updated_at_ms) const {
    constexpr std::int64_t kVeryOldMs = INT64_MAX / 4;
    const std::int64_t age_ms = updated_at_ms == 0 ? kVeryOldMs : unix_ms() - updated_at_ms;
    if (age_ms < -kClockSlackMs) return now_ms() - kVeryOldMs;  // from the future: nobody knows how old it is
    return now_ms() - std::clamp<std::int64_t>(age_ms, 0, kVeryOldMs);
}

void QueryCore::restate(Entry& entry) {
    std::optional<SharedJson> seen = entry.server_data;
    bool optimistic = false;
    for (const Patch& patch : entry.patches) {
        if (auto next = patch.apply(seen)) {
            seen = std::move(next);
            optimistic = true;
        }
    }
    const bool sharing = !entry.plan || entry.plan->settings.structural_sharing.value_or(true);
    if (seen && entry.state.data && sharing) seen = share(*entry.state.data, *seen);
    entry.state.data = std::move(seen);
    entry.state.optimistic = optimistic;
    entry.state.status = entry.state.error  ? QueryStatus::error
                         : entry.state.data ? QueryStatus::success
                                            : QueryStatus::pending;
}

void QueryCore::put_server_data(Entry& entry, SharedJson data, std::int64_t unix_time_ms, std::int64_t mono_time_ms) {
    const bool sharing = !entry.plan || entry.plan->settings.structural_sharing.value_or(true);
    if (entry.server_data && sharing) data = share(*entry.server_data, data);
    entry.server_data = std::move(data);
    entry.data_mono_ms = mono_time_ms;
    entry.state.data_updated_at_ms = unix_time_ms;
    ++entry.state.data_update_count;
    entry.state.error.reset();
    entry.state.invalidated = false;
    restate(entry);
}

bool QueryCore::set_data(const QueryKey& key, SharedJson data, std::optional<std::int64_t> updated_at_ms) {
    if (!writable()) return false;
    const auto entry = find_or_make(key);
    if (updated_at_ms && entry->server_data && *updated_at_ms < entry->state.data_updated_at_ms) return false;
    set_data(*entry, std::move(data), updated_at_ms.value_or(unix_ms()));
    return true;
}

void QueryCore::set_data(Entry& entry, SharedJson data, std::int64_t updated_at_ms) {
    put_server_data(entry, std::move(data), updated_at_ms, mono_from_unix(updated_at_ms));
    if (entry.fetch) {
        // A fetch that is cancelled now goes back to this, not to what was before.
        entry.fetch->before = entry.state;
        entry.fetch->before_data = entry.server_data;
        entry.fetch->before_mono_ms = entry.data_mono_ms;
    }
    if (entry.gc_ms < 0) entry.gc_ms = *plan_for({.key = entry.key}, true)->settings.gc_ms;
    touch(entry);
    schedule_gc(entry);
}

void QueryCore::blank(Entry& entry) {
    const FetchStatus fetch_status = entry.state.fetch_status;
    entry.state = {};
    entry.state.fetch_status = fetch_status;
    entry.server_data.reset();
    if (entry.initial_data) {
        entry.server_data = entry.initial_data;
        entry.state.data_updated_at_ms = entry.initial_updated_at_ms;
        entry.data_mono_ms = mono_from_unix(entry.initial_updated_at_ms);
    }
    restate(entry);
}

void QueryCore::touch() {
    ++version;
    if (!listeners.empty()) schedule_flush();
}

void QueryCore::touch(Entry& entry) {
    touch();
    for (ObserverCore* observer : entry.observers) observer->changed();
}

void QueryCore::schedule_gc(Entry& entry) {
    if (entry.removed) return;
    const bool idle = entry.observers.empty() && entry.requests.empty() && !entry.fetch && entry.patches.empty();
    if (!idle || entry.gc_ms == kForeverMs || entry.gc_ms < 0) {
        remove_deadline(entry.gc);
        return;
    }
    set_deadline(entry.gc, now_ms() + entry.gc_ms);
}

void QueryCore::invalidate(const QueryFilter& filter, std::optional<QueryActivity> refetch_which, bool own) {
    std::size_t marked = 0;
    visit(filter, [&](Entry& entry) {
        if (entry.state.invalidated) return;
        entry.state.invalidated = true;
        ++marked;
        for (ObserverCore* observer : entry.observers) observer->changed();
    });
    if (marked != 0) touch();
    if (own) {
        const auto told = listeners;
        for (const auto& listener : told) {
            if (listener->live && listener->on_invalidate) listener->on_invalidate(filter);
        }
    }
    if (!refetch_which) return;
    QueryFilter which = filter;
    which.activity = *refetch_which;
    which.stale.reset();  // they are stale now
    refetch(which, {});
}

void QueryCore::refetch(const QueryFilter& filter, RefetchOptions how) {
    // Only what will fetch is held on to: marking ten thousand inactive entries allocates nothing.
    std::vector<std::shared_ptr<Entry>> wanted;
    visit(filter, [&wanted](Entry& entry) {
        if (!is_disabled(entry) && !is_static(entry)) wanted.push_back(entry.shared_from_this());
    });
    for (const auto& entry : wanted) {
        if (entry->removed) continue;
        if (const auto plan = plan_of(*entry)) start_fetch(entry, plan, how);
    }
}

void QueryCore::clear() {
    ++epoch;
    awaited.clear();
    back_by_network.reset();
    calls.clear();
    mutation_calls.clear();
    std::vector<QueryWork> cancelled;  // dropped last
    for (auto& [id, mutation] : std::exchange(mutations, {})) {
        remove_deadline(mutation->retry);
        remove_deadline(mutation->gc);
        mutation->removed = true;
        mutation->call = 0;
        mutation->callbacks = {};
        cancelled.push_back(std::move(mutation->work));
        if (const auto mutator = mutation->mutator.lock(); mutator && mutator->current == mutation) {
            mutator->current.reset();
            mutation_changed(*mutation);
        }
    }
    late_calls.clear();
    std::vector<std::shared_ptr<Entry>> all;
    collect({}, all);
    for (const auto& entry : all) {
        drop_fetch(*entry);
        settle_requests(*entry, base::fail(base::ErrorCode::cancelled, "signed out"));
        entry->patches.clear();
        entry->initial_data.reset();
        if (entry->observers.empty()) {
            erase(*entry);
        } else {
            entry->state.fetch_status = FetchStatus::idle;
            blank(*entry);
            for (ObserverCore* observer : entry->observers) observer->forget_previous();
            touch(*entry);
        }
    }
    touch();
    schedule_flush();
}

}  // namespace state
