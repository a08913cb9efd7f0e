#include "state/query/query_types.hpp"

#include <algorithm>

#include "state/query/mutation_types.hpp"

namespace state {

std::string_view to_string(QueryStatus status) {
    switch (status) {
        case QueryStatus::pending: return "pending";
        case QueryStatus::error: return "error";
        case QueryStatus::success: break;
    }
    return "success";
}

std::string_view to_string(FetchStatus status) {
    switch (status) {
        case FetchStatus::fetching: return "fetching";
        case FetchStatus::paused: return "paused";
        case FetchStatus::idle: break;
    }
    return "idle";
}

std::string_view to_string(MutationStatus status) {
    switch (status) {
        case MutationStatus::idle: return "idle";
        case MutationStatus::pending: return "pending";
        case MutationStatus::success: return "success";
        case MutationStatus::error: break;
    }
    return "error";
}

bool worth_retrying(const base::Error& error) {
    using enum base::ErrorCode;
    switch (error.code) {
        case timed_out:
        case unavailable:
        case protocol:
        case quota:
        case internal: return true;
        default: return false;
    }
}

std::int64_t default_retry_delay_ms(int failure_count) {
    constexpr std::int64_t kLongestMs = 30'000;
    return failure_count >= 5 ? kLongestMs : std::min(kLongestMs, std::int64_t{1000} << std::max(failure_count, 0));
}

namespace {
template <class T>
void take(std::optional<T>& into, const std::optional<T>& from) {
    if (from) into = from;
}
template <class T>
void take(SharedFunction<T>& into, const SharedFunction<T>& from) {
    if (from) into = from;
}
}  // namespace

QuerySettings merged(const QuerySettings& under, const QuerySettings& over) {
    QuerySettings out = under;
    // A plain value set above hides a function set below, and the other way round.
    if (over.stale_ms) out.stale_ms_by = nullptr;
    if (over.retry) out.retry_if = nullptr;
    if (over.refetch_interval_ms) out.refetch_interval_by = nullptr;
    take(out.stale_ms, over.stale_ms);
    take(out.stale_ms_by, over.stale_ms_by);
    take(out.gc_ms, over.gc_ms);
    take(out.retry, over.retry);
    take(out.retry_if, over.retry_if);
    take(out.retry_delay_ms, over.retry_delay_ms);
    take(out.network_mode, over.network_mode);
    take(out.refetch_on_mount, over.refetch_on_mount);
    take(out.refetch_on_focus, over.refetch_on_focus);
    take(out.refetch_on_reconnect, over.refetch_on_reconnect);
    take(out.retry_on_mount, over.retry_on_mount);
    take(out.structural_sharing, over.structural_sharing);
    take(out.refetch_interval_ms, over.refetch_interval_ms);
    take(out.refetch_interval_by, over.refetch_interval_by);
    take(out.refetch_in_background, over.refetch_in_background);
    take(out.persist, over.persist);
    if (!over.meta.is_null()) out.meta = over.meta;
    return out;
}

}  // namespace state
