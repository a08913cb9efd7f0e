#include "model/list_query.hpp"

#include "model/api_query.hpp"

namespace model {

void ListQuery::load() {
    if (observer_.active()) return observer_.refetch({.cancel_running = false});
    shown_version_ = 0;
    shown_error_.clear();
    observer_ = context_.queries.observe({.key = key_, .fetch = api_get(context_.api, path_)}, [this](const state::QueryResult& result) { on_result(result); });
    if (observer_.result().data) on_result(observer_.result());
}

void ListQuery::on_result(const state::QueryResult& result) {
    if (result.is_success() && result.failure_count == 0) {
        const bool healed = !shown_error_.empty();
        shown_error_.clear();
        if (result.data_version == shown_version_ && !healed) return;
        shown_version_ = result.data_version;
        return callback_(result.data->to_json());
    }
    const auto& problem = result.error ? result.error : result.failure_reason;
    if (!problem || problem->message == shown_error_) return;
    // Signed out: there is nobody to tell.
    if (problem->code == base::ErrorCode::unauthenticated) return;
    shown_error_ = problem->message;
    callback_(base::fail(*problem));
}

}  // namespace model
