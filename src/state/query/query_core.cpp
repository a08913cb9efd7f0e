// Time, delivery and the end of a query client.
#include "state/query/query_core.hpp"

namespace state {

QueryDone& QueryDone::operator=(QueryDone&& other) noexcept {
    if (this != &other) {
        QueryDone dropped(std::move(*this));
        core_ = std::move(other.core_);
        serial_ = std::exchange(other.serial_, 0);
        mutation_ = other.mutation_;
    }
    return *this;
}

QueryDone::~QueryDone() {
    if (serial_ == 0) return;
    (*this)(base::fail(base::ErrorCode::internal, "the request ended without an answer", "Try again."));
}

void QueryDone::operator()(base::Result<SharedJson> answer) {
    const std::uint64_t call = std::exchange(serial_, 0);
    if (call == 0) return;
    const auto core = core_.lock();
    if (!core) return;
    if (mutation_) {
        core->mutation_answered(call, std::move(answer));
    } else {
        core->answered(call, std::move(answer));
    }
}

void QueryCore::end() {
    if (std::exchange(ended_, true)) return;
    timer_.cancel();
    calls.clear();
    mutation_calls.clear();
    listeners.clear();
    late_calls.clear();
    for (const auto& request : answered_requests) request->live = false;
    for (auto& [key, entry] : entries) {
        for (ObserverCore* observer : std::exchange(entry->observers, {})) observer->core = nullptr;
        for (const auto& request : std::exchange(entry->requests, {})) request->live = false;
        const auto fetch = std::exchange(entry->fetch, nullptr);
    }
    for (MutatorCore* mutator : std::exchange(mutators, {})) mutator->core = nullptr;
    for (auto& [id, mutation] : mutations) {
        mutation->removed = true;
        const auto work = std::move(mutation->work);
    }
}

void QueryCore::schedule_flush() {
    if (flush_posted_ || ended_) return;
    flush_posted_ = true;
    scheduler.post([weak = weak_from_this()] {
        if (const auto core = weak.lock()) core->flush();
    });
}

void QueryCore::flush() {
    flush_posted_ = false;
    // What the callbacks change goes into the next round.
    std::exchange(finished_work, {}).clear();
    const auto observers = std::exchange(changed_observers, {});
    const auto requests = std::exchange(answered_requests, {});
    const auto mutator_list = std::exchange(changed_mutators, {});
    auto calls_now = std::exchange(late_calls, {});
    for (const auto& weak : observers) {
        const auto observer = weak.lock();
        if (!observer || !observer->core) continue;
        observer->queued = false;
        observer->look();
        const QueryResult& now = observer->now;
        const QueryResult& shown = observer->shown;
        std::uint32_t differs = 0;
        const auto note = [&differs](bool changed, std::uint32_t bit) { differs |= changed ? bit : 0; };
        note(now.data_version != shown.data_version || now.data.has_value() != shown.data.has_value() || now.is_optimistic != shown.is_optimistic ||
                 now.has_next_page != shown.has_next_page || now.has_previous_page != shown.has_previous_page,
             NotifyOn::kData);
        note(now.status != shown.status || now.is_fetched != shown.is_fetched || now.is_fetched_after_mount != shown.is_fetched_after_mount ||
                 now.is_enabled != shown.is_enabled,
             NotifyOn::kStatus);
        note(now.fetch_status != shown.fetch_status || now.is_fetching_next_page != shown.is_fetching_next_page ||
                 now.is_fetching_previous_page != shown.is_fetching_previous_page,
             NotifyOn::kFetchStatus);
        note(now.error != shown.error, NotifyOn::kError);
        note(now.is_stale != shown.is_stale, NotifyOn::kStale);
        note(now.data_updated_at_ms != shown.data_updated_at_ms || now.error_updated_at_ms != shown.error_updated_at_ms ||
                 now.error_update_count != shown.error_update_count,
             NotifyOn::kUpdatedAt);
        note(now.failure_count != shown.failure_count || now.failure_reason != shown.failure_reason, NotifyOn::kFailures);
        note(now.is_placeholder != shown.is_placeholder, NotifyOn::kPlaceholder);
        if (differs == 0) continue;
        observer->shown = observer->now;
        if ((differs & observer->options.notify_on) != 0 && observer->callback) observer->callback(observer->shown);
    }
    for (const auto& request : requests) {
        if (!request->live || !request->answer) continue;
        request->live = false;
        const bool was_muted = std::exchange(muted, muted || request->epoch != epoch);
        auto done = std::exchange(request->done, nullptr);
        if (done) done(std::move(*request->answer));
        muted = was_muted;
    }
    for (const auto& weak : mutator_list) {
        const auto mutator = weak.lock();
        if (!mutator || !mutator->core) continue;
        mutator->queued = false;
        mutator->now = mutator->current ? mutator->current->state : MutationState{};
        if (mutator->callback) mutator->callback(MutationState(mutator->now));
    }
    for (auto& call : calls_now) {
        if (!ended_) call();
    }
    if (ended_ || version_told_ == version) return;
    version_told_ = version;
    const auto told = listeners;
    for (const auto& listener : told) {
        if (listener->live && listener->on_change) listener->on_change();
    }
    std::erase_if(listeners, [](const auto& listener) { return !listener->live; });
}

void QueryCore::set_deadline(Deadline& deadline, std::int64_t due_ms) {
    if (ended_) return;
    deadlines.set(deadline, due_ms);
    if (due_ms < timer_due_ms_) arm();
}

void QueryCore::arm() {
    const Deadline* next = deadlines.next();
    if (!next) {
        timer_due_ms_ = INT64_MAX;
        timer_.cancel();
        return;
    }
    timer_due_ms_ = next->due_ms;
    const std::int64_t wait_ms = next->due_ms - now_ms();
    timer_ = scheduler.after(wait_ms > 0 ? wait_ms : 0, [weak = weak_from_this()] {
        if (const auto core = weak.lock()) core->run_deadlines();
    });
}

void QueryCore::run_deadlines() {
    // What becomes due meanwhile waits for the next timer: no run without an end.
    timer_due_ms_ = INT64_MIN;  // no arming meanwhile
    const std::int64_t now = now_ms();
    for (std::size_t left = deadlines.size(); left != 0; --left) {
        Deadline* due = deadlines.pop_due(now);
        if (!due) break;
        fire(*due);
        if (ended_) return;
    }
    arm();
}

void QueryCore::fire(Deadline& deadline) {
    switch (deadline.kind) {
        case Deadline::Kind::query_gc: {
            Entry& entry = *static_cast<Entry*>(deadline.owner);
            if (entry.observers.empty() && entry.requests.empty() && !entry.fetch && entry.patches.empty()) erase(entry);
            break;
        }
        case Deadline::Kind::query_retry: retry_due(static_cast<Entry*>(deadline.owner)->shared_from_this()); break;
        case Deadline::Kind::stale: static_cast<ObserverCore*>(deadline.owner)->changed(); break;
        case Deadline::Kind::interval: {
            const auto observer = static_cast<ObserverCore*>(deadline.owner)->shared_from_this();
            observer->interval_ms = 0;
            if (focused || observer->plan->settings.refetch_in_background.value_or(false)) fetch_for(*observer, {.cancel_running = false});
            if (observer->core) watch_interval(*observer);
            break;
        }
        case Deadline::Kind::mutation_retry: {
            const auto mutation = static_cast<Mutation*>(deadline.owner)->shared_from_this();
            mutation->waits_to_retry = true;
            continue_mutation(mutation);
            break;
        }
        case Deadline::Kind::mutation_gc: {
            const auto mutation = static_cast<Mutation*>(deadline.owner)->shared_from_this();
            mutation->removed = true;
            mutations.erase(mutation->id);
            touch();
            break;
        }
    }
}

}  // namespace state
