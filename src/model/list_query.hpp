// ListQuery: a list of the backend (or another answer that is shown for a while), owned by the query cache and shown by one part of the
// model. Whoever invalidates its key (a mutation, another tab, a watch) or patches it brings the new list here.
//
//   ListQuery list_(context, keys::registries(), "/registries", [this](base::Result<Json> answer) { take(std::move(answer)); });
//   list_.load();      // the first time: from the cache if it is fresh, else from the backend; later: again, at once
//   list_.patch([&](const state::SharedJson& now) { return now.with_path({"registries"}, ...); });   // what a change here has made of it
//   list_.stop();      // the user left
//
// The callback comes with every change of the data, in a later task or within patch() and deliver(); once for each load(), though nothing
// has changed; with the first failure after a load() or an answer, while the cache goes on trying, and with the data when that has helped. Data that could not be renewed stays in the cache with its age (updated_at_ms).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/unique_function.hpp"
#include "model/model_context.hpp"

namespace model {

class ListQuery {
public:
    using Callback = base::UniqueFunction<void(base::Result<Json>)>;
    ListQuery(ModelContext& context, state::QueryKey key, std::string path, Callback callback)
        : context_(context), key_(std::move(key)), path_(std::move(path)), callback_(std::move(callback)) {}
    ListQuery(const ListQuery&) = delete;
    ListQuery& operator=(const ListQuery&) = delete;

    void load();
    void stop() { observer_.reset(); }
    // Changes the cached data, which keeps its age; nothing happens while there is none. A fetch that is under way has the last word.
    void patch(base::UniqueFunction<std::optional<state::SharedJson>(const state::SharedJson& now)> change);
    // Brings what the cache has by now here at once, as after an optimistic edit.
    void deliver();
    // After a change of our own: the server's version is fetched.
    void invalidate() { context_.queries.invalidate(state::QueryFilter::exactly(key_)); }
    [[nodiscard]] bool loading() const { return observer_.active() && observer_.result().is_fetching(); }
    [[nodiscard]] bool failing() const { return observer_.active() && observer_.result().failure_count > 0; }
    [[nodiscard]] bool stale() const { return !observer_.active() || observer_.result().is_stale; }
    // Unix time the data is from; 0: there is none.
    [[nodiscard]] std::int64_t updated_at_ms() const { return observer_.active() ? observer_.result().data_updated_at_ms : 0; }

private:
    void on_result(const state::QueryResult& result);

    ModelContext& context_;
    state::QueryKey key_;
    std::string path_;
    Callback callback_;
    state::QueryObserver observer_;
    std::uint64_t shown_version_ = 0;
    bool told_failure_ = false;  // since the last load() or answer
    bool failed_ = false;        // a failure is the last thing that was told
    bool answer_due_ = false;    // to load()
};

}  // namespace model
