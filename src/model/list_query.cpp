#include "model/list_query.hpp"

#include "model/api_query.hpp"

namespace model {

void ListQuery::load() {
    told_failure_ = false;
    answer_due_ = true;
    if (!observer_.active()) {
        shown_version_ = 0;
        failed_ = false;
        observer_ = context_.queries.observe({.key = key_, .fetch = api_get(context_.api, path_)}, [this](const state::QueryResult& result) { on_result(result); });
        return deliver();
    }
    // Somebody asks now: not after the pause before the next try.
    if (observer_.result().is_fetching() && observer_.result().failure_count > 0) context_.queries.cancel(state::QueryFilter::exactly(key_));
    observer_.refetch({.cancel_running = false});
}

void ListQuery::patch(base::UniqueFunction<std::optional<state::SharedJson>(const state::SharedJson& now)> change) {
    const auto state = context_.queries.get_state(key_);
    if (!state || !state->data) return;
    // What is seen may have edits on top that the server has not confirmed; they are not to become the server's.
    std::optional<state::SharedJson> next;
    (void)context_.queries.update_data(key_, [&](const std::optional<state::SharedJson>& now) {
        if (now) next = change(*now);
        return std::optional<state::SharedJson>();
    });
    if (!next || !context_.queries.set_data(key_, std::move(*next), state->data_updated_at_ms)) return;
    deliver();
}

void ListQuery::deliver() {
    if (observer_.active()) on_result(observer_.result());
}

void ListQuery::on_result(const state::QueryResult& result) {
    const bool renewed = result.data && result.failure_count == 0 && !result.is_error();
    const bool answered = renewed && answer_due_ && !result.is_fetching();
    const bool fresh = result.data && (result.data_version != shown_version_ || answered || (renewed && failed_));
    std::optional<base::Error> failure;
    // Signed out: there is nobody to tell.
    if (!renewed && result.failure_count > 0 && !told_failure_ && result.failure_reason && result.failure_reason->code != base::ErrorCode::unauthenticated) failure = result.failure_reason;
    if (fresh) {
        shown_version_ = result.data_version;
        if (renewed) told_failure_ = failed_ = false;
        if (answered) answer_due_ = false;
        callback_(result.data->to_json());  // may stop(): `result` is gone then
    }
    if (!failure) return;
    told_failure_ = failed_ = true;
    callback_(base::fail(std::move(*failure)));
}

}  // namespace model
