// Observers: what they see, and when their looking fetches.
#include <algorithm>

#include "state/query/query_core.hpp"

namespace state {

void ObserverCore::changed() {
    outdated = true;
    if (!core) return;
    if (!queued) {
        queued = true;
        core->changed_observers.push_back(weak_from_this());
    }
    core->schedule_flush();
    if (!options.enabled_if && !plan->settings.refetch_interval_by) return;
    // Their answers may depend on the state.
    const bool is_enabled = enabled();
    if (is_enabled && !was_enabled) {
        core->scheduler.post([weak = weak_from_this()] {
            if (const auto self = weak.lock(); self && self->core) self->core->reconsider(*self);
        });
    }
    core->watch_interval(*this);
}

bool ObserverCore::enabled() const { return options.enabled && (!options.enabled_if || options.enabled_if(entry->state)); }

std::int64_t ObserverCore::stale_ms() const {
    return plan->settings.stale_ms_by ? plan->settings.stale_ms_by(entry->state) : *plan->settings.stale_ms;
}

bool ObserverCore::is_stale() const { return enabled() && core->is_stale_after(*entry, stale_ms()); }

bool ObserverCore::fetches_on(RefetchWhen when) const {
    if (when == RefetchWhen::never || !enabled() || stale_ms() == kStaticMs) return false;
    return when == RefetchWhen::always || is_stale();
}

bool ObserverCore::fetches_on_mount() const {
    if (!enabled()) return false;
    if (!entry->server_data) return entry->state.status != QueryStatus::error || plan->settings.retry_on_mount.value_or(true);
    return fetches_on(*plan->settings.refetch_on_mount);
}

void ObserverCore::look() {
    if (!core) return;
    // Staleness comes with time, not only with changes.
    const bool stale_now = is_stale();
    if (!outdated && stale_now == now.is_stale) return;
    outdated = false;
    const QueryState& state = entry->state;
    now.status = state.status;
    now.fetch_status = state.fetch_status;
    now.error = state.error;
    now.data_updated_at_ms = state.data_updated_at_ms;
    now.error_updated_at_ms = state.error_updated_at_ms;
    now.failure_count = state.failure_count;
    now.failure_reason = state.failure_reason;
    now.error_update_count = state.error_update_count;
    now.is_enabled = enabled();
    now.is_stale = stale_now;
    now.is_fetched = state.data_update_count + state.error_update_count != 0;
    now.is_fetched_after_mount = state.data_update_count > data_count_at_mount || state.error_update_count > error_count_at_mount;
    now.is_optimistic = state.optimistic;
    look_at_data();
    look_at_pages();
    watch_staleness();
}

void ObserverCore::look_at_data() {
    std::optional<SharedJson> data = entry->state.data;
    now.is_placeholder = false;
    if (data) {
        previous_data_ = data;
        previous_key_ = entry->key;
    } else if (entry->state.status == QueryStatus::pending) {
        if (options.placeholder_by) {
            data = options.placeholder_by(previous_data_, previous_key_);
        } else if (options.keep_previous && previous_data_) {
            data = previous_data_;
        } else {
            data = options.placeholder;
        }
        now.is_placeholder = data.has_value();
        if (data) now.status = QueryStatus::success;
    }
    if (!data) {
        if (now.data) ++data_version_;
        now.data.reset();
        now.data_version = data_version_;
        select_input_.reset();
        select_error_.reset();
        return;
    }
    const bool selects = selector || options.select;
    const bool memoised = select_input_ && same(*select_input_, *data) && select_used_ == options.select;
    if (!memoised) {
        select_error_.reset();
        bool differs = true;
        std::optional<SharedJson> next = data;
        if (selector) {
            const auto outcome = selector->run(*data);
            if (!outcome) select_error_ = outcome.error();
            differs = !outcome || *outcome || !now.data;
        } else if (options.select) {
            auto outcome = options.select(*data);
            if (outcome) {
                next = selected_ ? share(*selected_, *outcome) : std::move(*outcome);
            } else {
                select_error_ = outcome.error();
                next.reset();
            }
        }
        if (!selector) differs = next.has_value() != now.data.has_value() || (next && !same(*next, *now.data));
        if (differs) ++data_version_;
        select_input_ = data;
        select_used_ = options.select;
        selected_ = std::move(next);
    }
    now.data = selects && select_error_ ? std::nullopt : selected_;
    now.data_version = data_version_;
    if (select_error_) {
        now.error = select_error_;
        now.status = QueryStatus::error;
    }
}

void ObserverCore::look_at_pages() {
    now.has_next_page = now.has_previous_page = now.is_fetching_next_page = now.is_fetching_previous_page = false;
    if (!plan->pages || !entry->state.data) return;
    const SharedJson& pages = entry->state.data->member("pages");
    const SharedJson& params = entry->state.data->member("pageParams");
    if (pages.empty() || pages.size() != params.size()) return;
    const auto exists = [&](const auto& rule, const SharedJson& page, const SharedJson& param) {
        if (!rule) return false;
        const QueryPages::Param next = rule(page, pages, param);
        return next && !next->is_null();
    };
    now.has_next_page = exists(plan->pages->next, pages.items().back(), params.items().back());
    now.has_previous_page = exists(plan->pages->previous, pages.items().front(), params.items().front());
    if (!entry->fetch) return;
    now.is_fetching_next_page = now.is_fetching() && entry->fetch->mode == FetchMode::next_page;
    now.is_fetching_previous_page = now.is_fetching() && entry->fetch->mode == FetchMode::previous_page;
}

void ObserverCore::watch_staleness() {
    const std::int64_t after_ms = stale_ms();
    if (now.is_stale || !now.is_enabled || after_ms >= kStaticMs) {
        core->remove_deadline(stale);
        return;
    }
    const std::int64_t due_ms = entry->data_mono_ms + after_ms;
    if (!stale.pending() || stale.due_ms != due_ms) core->set_deadline(stale, due_ms);
}

void ObserverCore::forget_previous() {
    previous_data_.reset();
    previous_key_ = {};
    selected_.reset();
    select_input_.reset();
}

std::shared_ptr<ObserverCore> QueryCore::observe(QueryOptions query, base::UniqueFunction<void(const QueryResult&)> callback,
                                                 std::unique_ptr<QuerySelector> selector) {
    const auto observer = std::make_shared<ObserverCore>();
    observer->core = this;
    observer->options = std::move(query);
    observer->callback = std::move(callback);
    observer->selector = std::move(selector);
    observer->plan = plan_for(observer->options, false);
    observer->queued = true;  // what its own coming changes is no news for it
    attach(*observer, find_or_make(observer->options.key));
    observer->look();
    observer->shown = observer->now;
    observer->queued = false;
    return observer;
}

void QueryCore::attach(ObserverCore& observer, const std::shared_ptr<Entry>& entry) {
    observer.entry = entry;
    entry->observers.push_back(&observer);
    remove_deadline(entry->gc);
    if (entry->fetch) entry->fetch->retries_cancelled = false;
    use_plan(*entry, observer.plan, observer.options);
    observer.data_count_at_mount = entry->state.data_update_count;
    observer.error_count_at_mount = entry->state.error_update_count;
    observer.outdated = true;
    observer.was_enabled = observer.enabled();
    if (restoring == 0 && observer.fetches_on_mount()) start_fetch(entry, observer.plan, {.cancel_running = false});
    watch_interval(observer);
}

void QueryCore::detach(ObserverCore& observer) {
    const auto entry = observer.entry;
    remove_deadline(observer.stale);
    remove_deadline(observer.interval);
    observer.interval_ms = 0;
    if (!entry) return;
    std::erase(entry->observers, &observer);
    nobody_left(*entry);
}

void QueryCore::set_options(ObserverCore& observer, QueryOptions query) {
    const bool other_key = !(query.key == observer.entry->key);
    const bool was_enabled = observer.was_enabled;
    const bool was_stale = observer.is_stale();
    if (other_key) {
        observer.look();  // what it showed may become the placeholder
        const auto before = observer.entry;
        auto entry = find_or_make(query.key);
        observer.options = std::move(query);
        observer.plan = plan_for(observer.options, false);
        // The new key first: a fetch that both share must not lose its last observer in between.
        remove_deadline(observer.stale);
        remove_deadline(observer.interval);
        observer.interval_ms = 0;
        std::erase(before->observers, &observer);
        attach(observer, entry);
        nobody_left(*before);
    } else {
        observer.options = std::move(query);
        observer.plan = plan_for(observer.options, false);
        use_plan(*observer.entry, observer.plan, observer.options);
        observer.was_enabled = observer.enabled();
        const bool woken = observer.was_enabled && !was_enabled;
        const bool aged = observer.was_enabled && was_enabled && !was_stale && observer.is_stale();
        if (restoring == 0 && ((woken && observer.fetches_on_mount()) || (aged && observer.fetches_on(RefetchWhen::if_stale)))) {
            start_fetch(observer.entry, observer.plan, {.cancel_running = false});
        }
        watch_interval(observer);
    }
    observer.changed();
}

void QueryCore::reconsider(ObserverCore& observer) {
    const bool is_enabled = observer.enabled();
    const bool woken = is_enabled && !observer.was_enabled;
    observer.was_enabled = is_enabled;
    if (woken && restoring == 0 && observer.fetches_on_mount()) start_fetch(observer.entry, observer.plan, {.cancel_running = false});
    watch_interval(observer);
    observer.changed();
}

void QueryCore::fetch_for(ObserverCore& observer, RefetchOptions how, FetchMode mode) { start_fetch(observer.entry, observer.plan, how, mode); }

void QueryCore::watch_interval(ObserverCore& observer) {
    const QuerySettings& settings = observer.plan->settings;
    std::int64_t every_ms = settings.refetch_interval_by ? settings.refetch_interval_by(observer.entry->state) : settings.refetch_interval_ms.value_or(0);
    if (!observer.enabled() || every_ms >= kStaticMs) every_ms = 0;
    if (every_ms == observer.interval_ms) return;
    observer.interval_ms = every_ms;
    if (every_ms > 0) {
        set_deadline(observer.interval, now_ms() + every_ms);
    } else {
        remove_deadline(observer.interval);
    }
}

void QueryCore::came_back(bool by_network) {
    std::vector<std::shared_ptr<Entry>> all;
    visit({}, [&all](Entry& entry) {
        if (!entry.observers.empty() || entry.fetch) all.push_back(entry.shared_from_this());
    });
    for (const auto& entry : all) {
        if (entry->removed) continue;
        const auto wants = [by_network](const ObserverCore* observer) {
            const QuerySettings& settings = observer->plan->settings;
            return observer->fetches_on(by_network ? *settings.refetch_on_reconnect : settings.refetch_on_focus.value_or(RefetchWhen::never));
        };
        const auto first = std::find_if(entry->observers.begin(), entry->observers.end(), wants);
        if (first != entry->observers.end() && restoring == 0) start_fetch(entry, (*first)->plan, {.cancel_running = false});
        go_on(entry);
    }
}

void QueryCore::end_restoring() {
    if (restoring == 0 || --restoring != 0) return;
    std::vector<std::shared_ptr<ObserverCore>> all;
    visit({}, [&all](Entry& entry) {
        for (ObserverCore* observer : entry.observers) all.push_back(observer->shared_from_this());
    });
    for (const auto& observer : all) {
        if (observer->core && observer->fetches_on_mount()) start_fetch(observer->entry, observer->plan, {.cancel_running = false});
    }
}

}  // namespace state
