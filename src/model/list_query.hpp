// ListQuery: a list of the backend, owned by the query cache and shown by one part of the model. Whoever invalidates its key (a
// mutation, another tab, a watch) brings the new list here.
//
//   ListQuery list_(context, keys::registries(), "/registries", [this](base::Result<Json> answer) { take(std::move(answer)); });
//   list_.load();      // the first time: from the cache if it is fresh, else from the backend; later: again
//   list_.stop();      // the user left
//
// A failure is told at once, while the cache goes on trying; the callback then comes again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "model/model_context.hpp"

namespace model {

class ListQuery {
public:
    using Callback = std::function<void(base::Result<Json>)>;
    ListQuery(ModelContext& context, state::QueryKey key, std::string path, Callback callback)
        : context_(context), key_(std::move(key)), path_(std::move(path)), callback_(std::move(callback)) {}
    ListQuery(const ListQuery&) = delete;
    ListQuery& operator=(const ListQuery&) = delete;

    void load();
    void stop() { observer_.reset(); }
    // After a change of our own: the server's version is fetched.
    void invalidate() { context_.queries.invalidate(key_); }
    [[nodiscard]] bool loading() const { return observer_.active() && observer_.result().is_fetching(); }

private:
    void on_result(const state::QueryResult& result);

    ModelContext& context_;
    state::QueryKey key_;
    std::string path_;
    Callback callback_;
    state::QueryObserver observer_;
    std::uint64_t shown_version_ = 0;
    std::string shown_error_;
};

}  // namespace model
