// The public faces over QueryCore.
#include "state/query/query_client.hpp"

#include <algorithm>

#include "state/query/query_core.hpp"

namespace state {

QueryClient::QueryClient(base::Scheduler& scheduler, QueryClientOptions options)
    : core_(std::make_shared<QueryCore>(scheduler, std::move(options))) {}
QueryClient::~QueryClient() { core_->end(); }

void QueryClient::set_online(bool online) {
    if (std::exchange(core_->online, online) == online || !online) return;
    core_->signal_back(true);
}
void QueryClient::set_focused(bool focused) {
    if (std::exchange(core_->focused, focused) == focused || !focused) return;
    core_->signal_back(false);
}
bool QueryClient::online() const { return core_->online; }
bool QueryClient::focused() const { return core_->focused; }

namespace {
template <class T>
void put_default(std::vector<std::pair<QueryKey, T>>& list, const QueryKey& prefix, T value) {
    for (auto& [key, known] : list) {
        if (key == prefix) {
            known = std::move(value);
            return;
        }
    }
    list.emplace_back(prefix, std::move(value));
}
}  // namespace

void QueryClient::set_defaults(const QueryKey& prefix, QuerySettings settings) { put_default(core_->defaults, prefix, std::move(settings)); }
void QueryClient::set_mutation_defaults(const QueryKey& prefix, MutationOptions options) {
    put_default(core_->mutation_defaults, prefix, std::move(options));
}
QuerySettings QueryClient::settings_for(const QueryKey& key) const { return core_->plan_for({.key = key}, false)->settings; }

QueryObserver QueryClient::observe(QueryOptions options, base::UniqueFunction<void(const QueryResult&)> callback) {
    return QueryObserver(core_->observe(std::move(options), std::move(callback), nullptr));
}
QueryObserver QueryClient::observe_selected(QueryOptions options, base::UniqueFunction<void(const QueryResult&)> callback,
                                            std::unique_ptr<QuerySelector> selector) {
    return QueryObserver(core_->observe(std::move(options), std::move(callback), std::move(selector)));
}

QueryRequest QueryClient::fetch(QueryOptions options, base::UniqueFunction<void(base::Result<SharedJson>)> done) {
    const auto plan = core_->plan_for(options, true);
    const auto entry = core_->find_or_make(options.key);
    core_->use_plan(*entry, plan, options);
    auto request = std::make_shared<RequestCore>();
    request->core = core_;
    request->entry = entry;
    request->done = std::move(done);
    request->epoch = core_->epoch;
    const std::int64_t stale_ms = plan->settings.stale_ms_by ? plan->settings.stale_ms_by(entry->state) : *plan->settings.stale_ms;
    if (!core_->is_stale_after(*entry, stale_ms)) {
        request->answer = *entry->server_data;
        core_->answered_requests.push_back(request);
        core_->schedule_flush();
    } else {
        entry->requests.push_back(request);
        core_->start_fetch(entry, plan, {.cancel_running = false});
    }
    return QueryRequest(std::move(request));
}

void QueryClient::prefetch(QueryOptions options) {
    const auto plan = core_->plan_for(options, true);
    const auto entry = core_->find_or_make(options.key);
    core_->use_plan(*entry, plan, options);
    const std::int64_t stale_ms = plan->settings.stale_ms_by ? plan->settings.stale_ms_by(entry->state) : *plan->settings.stale_ms;
    if (!core_->is_stale_after(*entry, stale_ms)) return;
    core_->start_fetch(entry, plan, {.cancel_running = false});
    if (entry->fetch) entry->fetch->held = true;
}

QueryRequest QueryClient::ensure(QueryOptions options, base::UniqueFunction<void(base::Result<SharedJson>)> done) {
    options.settings.stale_ms = kStaticMs;
    options.settings.stale_ms_by = nullptr;
    return fetch(std::move(options), std::move(done));
}

std::optional<SharedJson> QueryClient::get_data(const QueryKey& key) const {
    const auto found = core_->entries.find(key);
    return found == core_->entries.end() ? std::nullopt : found->second->state.data;
}
std::vector<std::pair<QueryKey, SharedJson>> QueryClient::get_all_data(const QueryFilter& filter) const {
    std::vector<std::pair<QueryKey, SharedJson>> out;
    core_->visit(filter, [&out](Entry& entry) {
        if (entry.state.data) out.emplace_back(entry.key, *entry.state.data);
    });
    return out;
}
std::optional<QueryState> QueryClient::get_state(const QueryKey& key) const {
    const auto entry = core_->find(key);
    return entry ? std::optional(entry->state) : std::nullopt;
}
bool QueryClient::set_data(const QueryKey& key, SharedJson data, std::optional<std::int64_t> updated_at_ms) {
    return core_->set_data(key, std::move(data), updated_at_ms);
}
bool QueryClient::update_data(const QueryKey& key, base::UniqueFunction<std::optional<SharedJson>(const std::optional<SharedJson>&)> updater) {
    return writer().update_data(key, std::move(updater));
}
void QueryClient::update_all_data(const QueryFilter& filter, base::UniqueFunction<std::optional<SharedJson>(const SharedJson&)> updater) {
    std::vector<std::shared_ptr<Entry>> all;
    core_->collect(filter, all);
    for (const auto& entry : all) {
        if (entry->removed || !entry->server_data) continue;
        if (auto next = updater(*entry->server_data)) (void)core_->set_data(entry->key, std::move(*next), std::nullopt);
    }
}
QueryWriter QueryClient::writer() const { return QueryWriter(core_, core_->epoch); }
std::uint64_t QueryClient::epoch() const { return core_->epoch; }

void QueryClient::invalidate(const QueryFilter& filter, std::optional<QueryActivity> refetch) { core_->invalidate(filter, refetch, true); }
void QueryClient::refetch(const QueryFilter& filter, RefetchOptions options) { core_->refetch(filter, options); }
void QueryClient::cancel(const QueryFilter& filter, bool revert) {
    std::vector<std::shared_ptr<Entry>> all;
    core_->collect(filter, all);
    for (const auto& entry : all) core_->cancel(*entry, revert);
}
void QueryClient::reset(const QueryFilter& filter) {
    std::vector<std::shared_ptr<Entry>> all;
    core_->collect(filter, all);
    for (const auto& entry : all) {
        core_->drop_fetch(*entry);
        core_->blank(*entry);
        core_->touch(*entry);
        if (const auto plan = QueryCore::plan_of(*entry); plan && QueryCore::is_active(*entry)) core_->start_fetch(entry, plan, {});
        if (!entry->fetch) core_->settle_requests(*entry, base::fail(base::ErrorCode::cancelled, "the query was reset"));
        core_->schedule_gc(*entry);
    }
}
void QueryClient::remove(const QueryFilter& filter) {
    std::vector<std::shared_ptr<Entry>> all;
    core_->collect(filter, all);
    for (const auto& entry : all) {
        core_->drop_fetch(*entry);
        core_->settle_requests(*entry, base::fail(base::ErrorCode::cancelled, "the query was removed"));
        if (entry->observers.empty()) {
            core_->erase(*entry);
            continue;
        }
        entry->initial_data.reset();
        core_->blank(*entry);
        core_->touch(*entry);
    }
}
void QueryClient::clear() { core_->clear(); }
std::size_t QueryClient::size() const { return core_->entries.size(); }
std::size_t QueryClient::fetching_count(const QueryFilter& filter) const {
    std::size_t count = 0;
    core_->visit(filter, [&count](const Entry& entry) { count += entry.state.fetch_status == FetchStatus::fetching ? 1 : 0; });
    return count;
}
std::size_t QueryClient::mutating_count() const {
    return static_cast<std::size_t>(std::count_if(core_->mutations.begin(), core_->mutations.end(),
                                                  [](const auto& item) { return item.second->state.status == MutationStatus::pending; }));
}

MutationId QueryClient::mutate(MutationOptions options, SharedJson variables, MutateCallbacks callbacks) {
    return core_->mutate(options, std::move(variables), std::move(callbacks), nullptr);
}
Mutator QueryClient::mutator(MutationOptions options, base::UniqueFunction<void(const MutationState&)> callback) {
    const auto mutator = std::make_shared<MutatorCore>();
    mutator->core = core_.get();
    mutator->options = std::move(options);
    mutator->callback = std::move(callback);
    core_->mutators.push_back(mutator.get());
    return Mutator(mutator);
}
std::optional<MutationState> QueryClient::mutation_state(MutationId id) const {
    const auto found = core_->mutations.find(id);
    return found == core_->mutations.end() ? std::nullopt : std::optional(found->second->state);
}
void QueryClient::resume_paused_mutations() { core_->resume_mutations(); }

void QueryClient::begin_restoring() { ++core_->restoring; }
void QueryClient::end_restoring() { core_->end_restoring(); }
bool QueryClient::restoring() const { return core_->restoring != 0; }
SharedJson QueryClient::dehydrate(const DehydrateOptions& options) const { return core_->dehydrate(options); }
std::size_t QueryClient::hydrate(const SharedJson& dehydrated) { return core_->hydrate(dehydrated); }

std::vector<QueryInfo> QueryClient::list_queries() const {
    std::vector<QueryInfo> out;
    core_->visit({}, [&](const Entry& entry) {
        const QueryState& state = entry.state;
        out.push_back({.key = entry.key.text(),
                       .status = state.status,
                       .fetch_status = state.fetch_status,
                       .age_ms = entry.server_data && state.data_updated_at_ms != 0 ? core_->now_ms() - entry.data_mono_ms : -1,
                       .data_updated_at_ms = state.data_updated_at_ms,
                       .observers = entry.observers.size(),
                       .is_stale = core_->is_stale(entry),
                       .invalidated = state.invalidated,
                       .optimistic = state.optimistic,
                       .failure_count = state.failure_count,
                       .failure_reason = state.failure_reason ? state.failure_reason->message : std::string()});
    });
    std::sort(out.begin(), out.end(), [](const QueryInfo& a, const QueryInfo& b) { return a.key < b.key; });
    return out;
}
std::vector<MutationInfo> QueryClient::list_mutations() const {
    std::vector<MutationInfo> out;
    for (const auto& [id, mutation] : core_->mutations) {
        const MutationState& state = mutation->state;
        out.push_back({.id = id,
                       .key = mutation->options.key ? mutation->options.key->text() : std::string(),
                       .scope = mutation->options.scope,
                       .status = state.status,
                       .is_paused = state.is_paused,
                       .submitted_at_ms = state.submitted_at_ms,
                       .failure_count = state.failure_count,
                       .failure_reason = state.failure_reason ? state.failure_reason->message : std::string()});
    }
    return out;
}
std::uint64_t QueryClient::version() const { return core_->version; }
Subscription QueryClient::subscribe(base::UniqueFunction<void()> on_change) {
    auto listener = std::make_shared<QueryCore::Listener>();
    listener->on_change = std::move(on_change);
    core_->listeners.push_back(listener);
    return Subscription(std::move(listener));
}
Subscription QueryClient::on_invalidate(base::UniqueFunction<void(const QueryFilter&)> callback) {
    auto listener = std::make_shared<QueryCore::Listener>();
    listener->on_invalidate = std::move(callback);
    core_->listeners.push_back(listener);
    return Subscription(std::move(listener));
}
base::Scheduler& QueryClient::scheduler() const { return core_->scheduler; }

// Handles

QueryObserver& QueryObserver::operator=(QueryObserver&& other) noexcept {
    if (this != &other) {
        // The new one already looks: what both look at is not cancelled in between.
        const auto old = std::exchange(core_, std::move(other.core_));
        QueryObserver dropped(old);
    }
    return *this;
}
QueryObserver::~QueryObserver() { reset(); }
void QueryObserver::reset() {
    const auto observer = std::exchange(core_, nullptr);
    if (!observer || !observer->core) return;
    // Not a member afterwards, whatever the cancelled work does.
    const auto core = observer->core->shared_from_this();
    core->detach(*observer);
    observer->core = nullptr;
}
const QueryResult& QueryObserver::result() const {
    static const QueryResult kNone;
    if (!core_) return kNone;
    core_->look();
    return core_->now;
}
QueryKey QueryObserver::key() const { return core_ ? core_->options.key : QueryKey(); }
void QueryObserver::set_options(QueryOptions options) {
    if (core_ && core_->core) core_->core->set_options(*core_, std::move(options));
}
void QueryObserver::reconsider() {
    if (core_ && core_->core) core_->core->reconsider(*core_);
}
void QueryObserver::refetch(RefetchOptions options) {
    if (core_ && core_->core) core_->core->fetch_for(*core_, options);
}
void QueryObserver::fetch_next_page() {
    if (core_ && core_->core) core_->core->fetch_for(*core_, {}, FetchMode::next_page);
}
void QueryObserver::fetch_previous_page() {
    if (core_ && core_->core) core_->core->fetch_for(*core_, {}, FetchMode::previous_page);
}

QueryRequest& QueryRequest::operator=(QueryRequest&& other) noexcept {
    if (this != &other) {
        reset();
        core_ = std::move(other.core_);
    }
    return *this;
}
QueryRequest::~QueryRequest() { reset(); }
void QueryRequest::reset() {
    const auto request = std::exchange(core_, nullptr);
    if (!request || !request->live) return;
    request->live = false;
    const auto core = request->core.lock();
    if (!core || std::erase(request->entry->requests, request) == 0) return;
    core->nobody_left(*request->entry);
}
bool QueryRequest::pending() const { return core_ && core_->live; }

Mutator& Mutator::operator=(Mutator&& other) noexcept {
    if (this != &other) {
        reset();
        core_ = std::move(other.core_);
    }
    return *this;
}
Mutator::~Mutator() { reset(); }
void Mutator::reset() {
    forget();
    const auto mutator = std::exchange(core_, nullptr);
    if (!mutator || !mutator->core) return;
    std::erase(mutator->core->mutators, mutator.get());
    mutator->core = nullptr;
}
MutationId Mutator::mutate(SharedJson variables, MutateCallbacks callbacks) {
    if (!core_ || !core_->core) return 0;
    return core_->core->mutate(core_->options, std::move(variables), std::move(callbacks), core_);
}
const MutationState& Mutator::result() const {
    static const MutationState kIdle;
    return core_ && core_->current ? core_->current->state : kIdle;
}
void Mutator::forget() {
    if (!core_) return;
    const auto mutation = std::exchange(core_->current, nullptr);
    if (!mutation || !core_->core) return;
    mutation->callbacks = {};
    core_->core->mutation_changed(*mutation);
    mutation->mutator.reset();
    core_->core->schedule_gc(*mutation);
}

bool QueryWriter::live() const {
    const auto core = core_.lock();
    return core && core->epoch == epoch_ && core->writable();
}
bool QueryWriter::set_data(const QueryKey& key, SharedJson data) const { return live() && core_.lock()->set_data(key, std::move(data), std::nullopt); }
bool QueryWriter::update_data(const QueryKey& key, SharedFunction<std::optional<SharedJson>(const std::optional<SharedJson>&)> updater) const {
    const auto core = core_.lock();
    if (!live()) return false;
    const auto entry = core->find(key);
    auto next = updater(entry ? entry->server_data : std::nullopt);
    return next && live() && core->set_data(key, std::move(*next), std::nullopt);
}
bool QueryWriter::invalidate(const QueryFilter& filter) const {
    if (!live()) return false;
    core_.lock()->invalidate(filter, QueryActivity::active, true);
    return true;
}

}  // namespace state
