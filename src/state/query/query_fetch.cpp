// One fetch of one entry: attempts, retries, pauses, pages, cancellation.
#include <algorithm>

#include "state/query/query_core.hpp"

namespace state {

namespace {

std::vector<SharedJson> list_of(const SharedJson& data, std::string_view name) {
    const auto items = data.member(name).items();
    return {items.begin(), items.end()};
}

QueryPages::Param wanted_param(QueryPages::Param param) {
    if (param && param->is_null()) return {};
    return param;
}

}  // namespace

void QueryCore::start_fetch(const std::shared_ptr<Entry>& entry, std::shared_ptr<const Plan> plan, RefetchOptions how, FetchMode mode) {
    if (entry->removed) return;
    if (entry->fetch) {
        if (!entry->server_data || !how.cancel_running) {
            entry->fetch->retries_cancelled = false;
            return;
        }
    }
    if (!plan->fetch && entry->plan && entry->plan->fetch) {
        plan = std::make_shared<const Plan>(Plan{entry->plan->fetch, plan->settings, plan->pages ? plan->pages : entry->plan->pages});
    }
    auto fetch = std::make_unique<Fetch>(entry.get());
    fetch->plan = plan;
    if (plan->pages) {
        const SharedJson data = entry->server_data.value_or(SharedJson());
        const std::vector<SharedJson> pages = list_of(data, "pages");
        const std::vector<SharedJson> params = list_of(data, "pageParams");
        const bool have = !pages.empty() && pages.size() == params.size();
        fetch->mode = have ? mode : FetchMode::all_pages;
        if (fetch->mode == FetchMode::all_pages) {
            fetch->pages_wanted = have ? pages.size() : std::max<std::size_t>(plan->pages->prefetch_pages, 1);
            fetch->page_param = have ? params.front() : plan->pages->first_param;
        } else {
            const bool next = fetch->mode == FetchMode::next_page;
            const auto& rule = next ? plan->pages->next : plan->pages->previous;
            const auto param = rule ? wanted_param(rule(next ? pages.back() : pages.front(), data.member("pages"), next ? params.back() : params.front()))
                                    : std::nullopt;
            if (!param) return;  // there is no such page
            fetch->page_param = *param;
            fetch->pages = pages;
            fetch->params = params;
        }
    }
    if (entry->fetch) drop_fetch(*entry);
    fetch->started_at = ++serial;
    fetch->before = entry->state;
    fetch->before.fetch_status = FetchStatus::idle;
    fetch->before_data = entry->server_data;
    fetch->before_mono_ms = entry->data_mono_ms;
    entry->fetch = std::move(fetch);
    remove_deadline(entry->gc);
    entry->state.failure_count = 0;
    entry->state.failure_reason.reset();
    if (!entry->server_data) {
        entry->state.error.reset();
        restate(*entry);
    }
    const bool starts = may_start(*plan->settings.network_mode);
    entry->fetch->waits_to_start = !starts;
    entry->state.fetch_status = starts ? FetchStatus::fetching : FetchStatus::paused;
    touch(*entry);
    if (starts) run_attempt(entry);
}

void QueryCore::run_attempt(const std::shared_ptr<Entry>& entry) {
    Fetch& fetch = *entry->fetch;
    const std::uint64_t call = ++serial;
    fetch.call = call;
    calls[call] = entry;
    QueryDone done(weak_from_this(), call, false);
    const auto plan = fetch.plan;
    fetch.in_call = true;
    QueryWork work;
    if (plan->fetch) {
        const QueryContext context{entry->key, epoch, static_cast<int>(entry->state.failure_count), fetch.page_param,
                                   fetch.mode == FetchMode::previous_page, plan->settings.meta};
        work = plan->fetch(context, std::move(done));
    } else {
        done(base::fail(base::ErrorCode::invalid_argument, "no function fetches " + entry->key.text(), "Give the query a fetch function."));
    }
    // The function may have cancelled the fetch, or all of them: then its work ends with this call.
    if (!entry->fetch || entry->fetch->call != call) return;
    entry->fetch->in_call = false;
    entry->fetch->consumed = entry->fetch->consumed || work.cancellable();
    entry->fetch->work = std::move(work);
}

void QueryCore::answered(std::uint64_t call, base::Result<SharedJson> answer) {
    const auto found = calls.find(call);
    if (found == calls.end()) return;  // cancelled meanwhile
    const auto entry = found->second.lock();
    if (!entry || !entry->fetch || entry->fetch->call != call) {
        calls.erase(found);
        return;
    }
    Fetch& fetch = *entry->fetch;
    if (fetch.in_call) {
        // Whoever observes sees "fetching" first, even if the answer was at hand.
        scheduler.post([weak = weak_from_this(), call, answer = std::move(answer)]() mutable {
            if (const auto core = weak.lock()) core->answered(call, std::move(answer));
        });
        return;
    }
    calls.erase(found);
    fetch.call = 0;
    if (fetch.work.cancellable()) {
        finished_work.push_back(std::move(fetch.work));
        schedule_flush();
    }
    if (!answer) {
        attempt_failed(entry, std::move(answer.error()));
    } else if (fetch.plan->pages) {
        page_came(entry, std::move(*answer));
    } else {
        finish(*entry, std::move(*answer));
    }
}

void QueryCore::attempt_failed(const std::shared_ptr<Entry>& entry, base::Error error) {
    const QuerySettings& settings = entry->fetch->plan->settings;
    const int failures = static_cast<int>(entry->state.failure_count);
    const int limit = settings.retry.value_or(0);
    const bool again = !entry->fetch->retries_cancelled && (settings.retry_if ? settings.retry_if(failures, error)
                                                                             : (limit < 0 || failures < limit) && worth_retrying(error));
    if (!again || !entry->fetch) {
        finish(*entry, std::move(error));
        return;
    }
    const std::int64_t delay_ms = settings.retry_delay_ms ? settings.retry_delay_ms(failures, error) : default_retry_delay_ms(failures);
    ++entry->state.failure_count;
    entry->state.failure_reason = error;
    entry->fetch->last_error = std::move(error);
    set_deadline(entry->fetch->retry, now_ms() + std::max<std::int64_t>(delay_ms, 0));
    touch(*entry);
}

void QueryCore::retry_due(const std::shared_ptr<Entry>& entry) {
    if (!entry->fetch) return;
    entry->fetch->waits_to_retry = true;
    if (entry->fetch->retries_cancelled || may_go_on(*entry->fetch->plan->settings.network_mode)) {
        go_on(entry);
        return;
    }
    entry->state.fetch_status = FetchStatus::paused;
    touch(*entry);
}

void QueryCore::go_on(const std::shared_ptr<Entry>& entry) {
    if (!entry->fetch) return;
    Fetch& fetch = *entry->fetch;
    const NetworkMode mode = *fetch.plan->settings.network_mode;
    if (fetch.waits_to_retry && fetch.retries_cancelled) {
        finish(*entry, base::Error(*fetch.last_error));
        return;
    }
    if (!(fetch.waits_to_start && may_start(mode)) && !(fetch.waits_to_retry && may_go_on(mode))) return;
    fetch.waits_to_start = false;
    fetch.waits_to_retry = false;
    entry->state.fetch_status = FetchStatus::fetching;
    touch(*entry);
    run_attempt(entry);
}

bool QueryCore::next_page_wanted(Fetch& fetch) const {
    if (fetch.mode != FetchMode::all_pages || fetch.pages.size() >= fetch.pages_wanted || !fetch.plan->pages->next) return false;
    const auto param = wanted_param(fetch.plan->pages->next(fetch.pages.back(), SharedJson::array(fetch.pages), fetch.params.back()));
    if (!param) return false;
    fetch.page_param = *param;
    return true;
}

void QueryCore::page_came(const std::shared_ptr<Entry>& entry, SharedJson page) {
    Fetch& fetch = *entry->fetch;
    const std::size_t limit = fetch.plan->pages->max_pages;
    const bool at_front = fetch.mode == FetchMode::previous_page;
    const auto add = [&](std::vector<SharedJson>& list, SharedJson value) {
        list.insert(at_front ? list.begin() : list.end(), std::move(value));
        if (limit != 0 && list.size() > limit) list.erase(at_front ? list.end() - 1 : list.begin());
    };
    add(fetch.pages, std::move(page));
    add(fetch.params, fetch.page_param);
    if (next_page_wanted(fetch)) {
        run_attempt(entry);
        return;
    }
    finish(*entry, SharedJson::object({{"pages", SharedJson::array(fetch.pages)}, {"pageParams", SharedJson::array(fetch.params)}}));
}

void QueryCore::finish(Entry& entry, SharedJson data) {
    const std::uint64_t started_at = entry.fetch->started_at;
    drop_fetch(entry);
    // An answer asked for after the server had confirmed an edit contains it.
    std::erase_if(entry.patches, [started_at](const Patch& patch) { return patch.confirmed_at != 0 && patch.confirmed_at < started_at; });
    entry.state.failure_count = 0;
    entry.state.failure_reason.reset();
    put_server_data(entry, std::move(data), unix_ms(), now_ms());
    fold_confirmed(entry);
    touch(entry);
    settle_requests(entry, *entry.server_data);
    schedule_gc(entry);
}

void QueryCore::finish(Entry& entry, base::Error error) {
    drop_fetch(entry);
    ++entry.state.failure_count;
    entry.state.failure_reason = error;
    entry.state.error = error;
    entry.state.error_updated_at_ms = unix_ms();
    ++entry.state.error_update_count;
    entry.state.invalidated = true;  // what there is may be old: the next occasion fetches
    restate(entry);
    fold_confirmed(entry);
    touch(entry);
    if (options.on_query_error) {
        late_calls.emplace_back([hook = options.on_query_error, error, key = entry.key] { hook(error, key); });
        schedule_flush();
    }
    settle_requests(entry, base::fail(std::move(error)));
    schedule_gc(entry);
}

void QueryCore::drop_fetch(Entry& entry) {
    // The work goes last: its end may call anything.
    const auto fetch = std::exchange(entry.fetch, nullptr);
    if (!fetch) return;
    if (fetch->call != 0) calls.erase(fetch->call);
    remove_deadline(fetch->retry);
    entry.state.fetch_status = FetchStatus::idle;
}

void QueryCore::cancel(Entry& entry, bool revert) {
    if (!entry.fetch) return;
    const auto keep = entry.shared_from_this();
    if (revert) {
        const bool invalidated = entry.state.invalidated;
        std::optional<SharedJson> seen = std::exchange(entry.state.data, std::nullopt);
        entry.state = entry.fetch->before;
        entry.state.data = std::move(seen);  // for structural sharing
        entry.state.invalidated = invalidated;
        entry.server_data = entry.fetch->before_data;
        entry.data_mono_ms = entry.fetch->before_mono_ms;
        restate(entry);
    }
    const auto work = std::move(entry.fetch->work);  // outlives the changes below
    drop_fetch(entry);
    fold_confirmed(entry);
    touch(entry);
    settle_requests(entry, revert && entry.server_data ? base::Result<SharedJson>(*entry.server_data)
                                                       : base::fail(base::ErrorCode::cancelled, "the request was cancelled"));
    schedule_gc(entry);
}

void QueryCore::settle_requests(Entry& entry, const base::Result<SharedJson>& answer) {
    if (entry.requests.empty()) return;
    for (const auto& request : std::exchange(entry.requests, {})) {
        request->answer = answer;
        answered_requests.push_back(request);
    }
    schedule_flush();
}

void QueryCore::nobody_left(Entry& entry) {
    if (!entry.observers.empty() || !entry.requests.empty()) return;
    if (entry.fetch && !entry.fetch->held) {
        const bool waits_for_first = entry.state.fetch_status == FetchStatus::paused && !entry.server_data;
        if (entry.fetch->consumed || waits_for_first) {
            cancel(entry, true);
        } else {
            entry.fetch->retries_cancelled = true;
        }
    }
    schedule_gc(entry);
}

}  // namespace state
