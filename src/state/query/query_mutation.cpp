// Mutations: their order, retries and pauses, and the optimistic edits they lay over the data.
#include <algorithm>

#include "state/query/query_core.hpp"

namespace state {

namespace {
constexpr std::int64_t kDefaultGcMs = 5 * 60 * 1000;
}

MutationOptions QueryCore::mutation_options_for(const MutationOptions& given) const {
    MutationOptions out = given;
    const auto fill = [&out](const MutationOptions& from) {
        if (!out.run) out.run = from.run;
        if (out.scope.empty()) out.scope = from.scope;
        if (!out.retry && !out.retry_if) {
            out.retry = from.retry;
            out.retry_if = from.retry_if;
        }
        if (!out.retry_delay_ms) out.retry_delay_ms = from.retry_delay_ms;
        if (!out.network_mode) out.network_mode = from.network_mode;
        if (!out.gc_ms) out.gc_ms = from.gc_ms;
        if (!out.optimistic) out.optimistic = from.optimistic;
        if (!out.on_mutate) out.on_mutate = from.on_mutate;
        if (!out.on_success) out.on_success = from.on_success;
        if (!out.on_error) out.on_error = from.on_error;
        if (!out.on_settled) out.on_settled = from.on_settled;
        if (out.invalidates.empty()) out.invalidates = from.invalidates;
        if (out.meta.is_null()) out.meta = from.meta;
    };
    // The later registered wins, so it fills first.
    for (auto it = mutation_defaults.rbegin(); given.key && it != mutation_defaults.rend(); ++it) {
        if (it->first.matches(*given.key)) fill(it->second);
    }
    fill(options.mutations);
    return out;
}

MutationId QueryCore::mutate(const MutationOptions& given, SharedJson variables, MutateCallbacks callbacks, const std::shared_ptr<MutatorCore>& mutator) {
    const auto mutation = std::make_shared<Mutation>();
    mutation->id = next_mutation++;
    mutation->options = mutation_options_for(given);
    mutation->state.status = MutationStatus::pending;
    mutation->state.variables = std::move(variables);
    mutation->state.submitted_at_ms = unix_ms();
    mutation->callbacks = std::move(callbacks);
    mutations[mutation->id] = mutation;
    if (mutator) {
        if (const auto before = std::exchange(mutator->current, mutation)) {
            before->callbacks = {};
            before->mutator.reset();
            schedule_gc(*before);
        }
        mutation->mutator = mutator;
    }
    const bool starts = may_start(mutation->options.network_mode.value_or(NetworkMode::offline_first)) && first_of_scope(*mutation);
    mutation->state.is_paused = !starts;
    mutation_changed(*mutation);
    if (options.hooks.on_mutate) options.hooks.on_mutate(mutation->state);
    add_edits(*mutation);
    if (mutation->options.on_mutate) mutation->state.context = mutation->options.on_mutate(mutation->state.variables);
    if (starts && !mutation->removed) run_mutation(mutation);
    return mutation->id;
}

void QueryCore::add_edits(Mutation& mutation) {
    if (!mutation.options.optimistic || mutation.removed) return;
    for (OptimisticEdit& edit : mutation.options.optimistic(mutation.state.variables)) {
        if (!edit.apply) continue;
        const auto entry = find_or_make(edit.key);
        if (entry->gc_ms < 0) entry->gc_ms = *plan_for({.key = edit.key}, true)->settings.gc_ms;
        entry->patches.push_back({mutation.id, std::move(edit.apply), std::move(edit.confirm)});
        remove_deadline(entry->gc);
        mutation.edited.push_back(edit.key);
        restate(*entry);
        touch(*entry);
    }
}

bool QueryCore::first_of_scope(const Mutation& mutation) const {
    if (mutation.options.scope.empty()) return true;
    for (const auto& [id, other] : mutations) {
        if (other->state.status == MutationStatus::pending && other->options.scope == mutation.options.scope) return id == mutation.id;
    }
    return true;
}

void QueryCore::run_mutation(const std::shared_ptr<Mutation>& mutation) {
    const std::uint64_t call = ++serial;
    mutation->call = call;
    mutation->started = true;
    mutation->waits_to_retry = false;
    mutation_calls[call] = mutation;
    QueryDone done(weak_from_this(), call, true);
    mutation->in_call = true;
    QueryWork work;
    const MutationFunction run = mutation->options.run;
    if (run) {
        const MutationContext context{mutation->id,
                                      mutation->options.key,
                                      mutation->state.variables,
                                      mutation->state.context,
                                      mutation->options.meta,
                                      static_cast<int>(mutation->state.failure_count),
                                      epoch};
        work = run(context, std::move(done));
    } else {
        done(base::fail(base::ErrorCode::invalid_argument, "no function runs this mutation", "Set the defaults of its key first."));
    }
    if (mutation->removed || mutation->call != call) return;
    mutation->in_call = false;
    mutation->work = std::move(work);
}

void QueryCore::mutation_answered(std::uint64_t call, base::Result<SharedJson> answer) {
    const auto found = mutation_calls.find(call);
    if (found == mutation_calls.end()) return;
    const auto mutation = found->second.lock();
    if (!mutation || mutation->removed || mutation->call != call) {
        mutation_calls.erase(found);
        return;
    }
    if (mutation->in_call) {
        scheduler.post([weak = weak_from_this(), call, answer = std::move(answer)]() mutable {
            if (const auto core = weak.lock()) core->mutation_answered(call, std::move(answer));
        });
        return;
    }
    mutation_calls.erase(found);
    mutation->call = 0;
    finished_work.push_back(std::move(mutation->work));
    schedule_flush();
    if (answer) {
        settle(mutation, std::move(answer));
    } else {
        mutation_failed(mutation, std::move(answer.error()));
    }
}

void QueryCore::mutation_failed(const std::shared_ptr<Mutation>& mutation, base::Error error) {
    const MutationOptions& how = mutation->options;
    const int failures = static_cast<int>(mutation->state.failure_count);
    const int limit = how.retry.value_or(1);
    const bool again = how.retry_if ? how.retry_if(failures, error) : (limit < 0 || failures < limit) && worth_retrying(error);
    ++mutation->state.failure_count;
    mutation->state.failure_reason = error;
    if (!again) {
        settle(mutation, base::fail(std::move(error)));
        return;
    }
    const std::int64_t delay_ms = how.retry_delay_ms ? how.retry_delay_ms(failures, error) : default_retry_delay_ms(failures);
    set_deadline(mutation->retry, now_ms() + std::max<std::int64_t>(delay_ms, 0));
    mutation_changed(*mutation);
}

void QueryCore::continue_mutation(const std::shared_ptr<Mutation>& mutation) {
    if (mutation->removed || mutation->state.status != MutationStatus::pending || mutation->call != 0 || mutation->retry.pending()) return;
    const NetworkMode mode = mutation->options.network_mode.value_or(NetworkMode::offline_first);
    const bool goes = first_of_scope(*mutation) && (mutation->started ? may_go_on(mode) : may_start(mode));
    if (mutation->state.is_paused != !goes) {
        mutation->state.is_paused = !goes;
        mutation_changed(*mutation);
    }
    if (goes) {
        run_mutation(mutation);
    } else if (std::erase(awaited, mutation->id) != 0) {
        after_mutation({});
    }
}

void QueryCore::resume_mutations() {
    std::vector<std::shared_ptr<Mutation>> paused;
    for (const auto& [id, mutation] : mutations) {
        if (mutation->state.is_paused) paused.push_back(mutation);
    }
    for (const auto& mutation : paused) continue_mutation(mutation);
}

void QueryCore::report(const base::Result<void>& outcome) {
    if (!outcome && options.hooks.on_report) options.hooks.on_report(outcome.error());
}

void QueryCore::settle(const std::shared_ptr<Mutation>& mutation, base::Result<SharedJson> answer) {
    MutationState& state = mutation->state;
    const MutationOptions how = mutation->options;
    const MutationHooks hooks = options.hooks;
    const std::uint64_t begun_in = epoch;
    // Any of these may sign out: then the rest is of no interest to anybody.
    const auto over = [&] { return mutation->removed || epoch != begun_in; };
    settle_edits(*mutation, answer ? &*answer : nullptr);
    std::optional<base::Error> error;
    if (answer) {
        state.data = *answer;
        base::Result<void> outcome = hooks.on_success ? hooks.on_success(*answer, state) : base::Result<void>();
        if (over()) return;
        if (outcome && how.on_success) outcome = how.on_success(*answer, state);
        if (over()) return;
        if (!outcome) error = outcome.error();
    } else {
        error = answer.error();
    }
    if (error) {
        state.error = error;
        if (hooks.on_error) report(hooks.on_error(*error, state));
        if (over()) return;
        if (how.on_error) report(how.on_error(*error, state));
        if (over()) return;
    }
    for (const QueryKey& prefix : how.invalidates) {
        if (!over()) invalidate(QueryFilter(prefix), QueryActivity::active, true);
    }
    if (over()) return;
    if (hooks.on_settled) report(hooks.on_settled(state));
    if (over()) return;
    if (how.on_settled) report(how.on_settled(state));
    if (over()) return;
    state.status = error ? MutationStatus::error : MutationStatus::success;
    state.is_paused = false;
    if (!error) {
        state.failure_count = 0;
        state.failure_reason.reset();
    }
    late_calls.emplace_back([mutation, error] {
        auto callbacks = std::exchange(mutation->callbacks, {});
        if (error && callbacks.on_error) callbacks.on_error(*error);
        if (!error && callbacks.on_success) callbacks.on_success(*mutation->state.data);
        if (callbacks.on_settled) callbacks.on_settled();
    });
    mutation_changed(*mutation);
    schedule_flush();
    schedule_gc(*mutation);
    std::erase(awaited, mutation->id);
    after_mutation(how.scope);
}

void QueryCore::after_mutation(const std::string& scope) {
    if (!scope.empty()) {
        for (const auto& [id, next] : mutations) {
            if (next->options.scope != scope || next->state.status != MutationStatus::pending) continue;
            const auto keep = next;
            continue_mutation(keep);
            break;
        }
    }
    if (!awaited.empty() || !back_by_network) return;
    const bool by_network = *std::exchange(back_by_network, std::nullopt);
    if (by_network ? online : focused) came_back(by_network);
}

void QueryCore::signal_back(bool by_network) {
    std::vector<MutationId> resumed;
    for (const auto& [id, mutation] : mutations) {
        if (mutation->state.is_paused) resumed.push_back(id);
    }
    resume_mutations();
    for (const MutationId id : resumed) {
        const auto found = mutations.find(id);
        if (found != mutations.end() && found->second->call != 0) awaited.push_back(id);
    }
    back_by_network = by_network || back_by_network.value_or(false);
    after_mutation({});
}

void QueryCore::settle_edits(Mutation& mutation, const SharedJson* reply) {
    for (const QueryKey& key : std::exchange(mutation.edited, {})) {
        const auto entry = find(key);
        if (!entry) continue;
        if (reply) {
            for (Patch& patch : entry->patches) {
                if (patch.mutation != mutation.id || patch.confirmed_at != 0) continue;
                patch.confirmed_at = ++serial;
                if (!patch.confirm) continue;
                patch.apply = [confirm = patch.confirm, answer = *reply](const std::optional<SharedJson>& now) { return confirm(now, answer); };
            }
        } else {
            std::erase_if(entry->patches, [&](const Patch& patch) { return patch.mutation == mutation.id; });
        }
        restate(*entry);
        fold_confirmed(*entry);
        touch(*entry);
        schedule_gc(*entry);
    }
}

void QueryCore::fold_confirmed(Entry& entry) {
    // A running fetch may have begun before the confirmation: its answer would lack the edit, so the edit stays on top until then.
    if (entry.fetch || entry.patches.empty() || entry.patches.front().confirmed_at == 0) return;
    std::size_t folded = 0;
    for (; folded < entry.patches.size() && entry.patches[folded].confirmed_at != 0; ++folded) {
        auto next = entry.patches[folded].apply(entry.server_data);
        if (!next) continue;
        if (!entry.server_data) entry.data_mono_ms = mono_from_unix(0);  // nobody has fetched it yet
        entry.server_data = std::move(next);
    }
    entry.patches.erase(entry.patches.begin(), entry.patches.begin() + static_cast<std::ptrdiff_t>(folded));
    restate(entry);
}

void QueryCore::mutation_changed(Mutation& mutation) {
    touch();
    const auto mutator = mutation.mutator.lock();
    if (!mutator || !mutator->core || mutator->queued) return;
    mutator->queued = true;
    changed_mutators.push_back(mutator);
    schedule_flush();
}

void QueryCore::schedule_gc(Mutation& mutation) {
    const std::int64_t gc_ms = mutation.options.gc_ms.value_or(kDefaultGcMs);
    if (mutation.removed || mutation.state.status == MutationStatus::pending || mutation.mutator.lock() || gc_ms >= kStaticMs) return;
    set_deadline(mutation.gc, now_ms() + std::max<std::int64_t>(gc_ms, 0));
}

}  // namespace state
