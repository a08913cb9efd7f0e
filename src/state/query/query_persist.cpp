#include "state/query/query_persist.hpp"

#include <algorithm>

namespace state {

namespace {
constexpr base::JsonLimits kStoredLimits{.max_bytes = 8 * 1024 * 1024, .max_depth = 128};
}

QueryPersister::QueryPersister(QueryClient& client, KeyValueStorage& storage, QueryPersistOptions options)
    : client_(client), storage_(storage), options_(std::move(options)) {
    saved_version_ = client_.version();
    subscription_ = client_.subscribe([this] { changed(); });
}

void QueryPersister::report(const base::Error& error) {
    if (options_.on_error && reported_.insert(error.code).second) options_.on_error(error);
}

std::size_t QueryPersister::restore() {
    const auto text = storage_.get(options_.key);
    if (!text) {
        report(text.error());
        return 0;
    }
    if (!*text) return 0;
    const auto stored = SharedJson::parse(**text, kStoredLimits);
    const std::int64_t age_ms = stored ? client_.scheduler().clock().unix_ms() - stored->integer_or("timestamp", 0) : 0;
    if (!stored || !stored->is_object() || age_ms > options_.max_age_ms || stored->string_or("buster", "") != options_.buster) {
        if (!stored) report(stored.error());
        if (const auto removed = storage_.remove(options_.key); !removed) report(removed.error());
        return 0;
    }
    const std::size_t taken = client_.hydrate(stored->member("state"));
    saved_version_ = client_.version();  // what was just read need not be written
    return taken;
}

void QueryPersister::changed() {
    if (timer_.pending() || client_.version() == saved_version_) return;
    timer_ = client_.scheduler().after(options_.throttle_ms, [this] { save(); });
}

void QueryPersister::flush() {
    timer_.cancel();
    if (client_.version() != saved_version_) save();
}

void QueryPersister::erase() {
    timer_.cancel();
    saved_version_ = client_.version();
    if (const auto removed = storage_.remove(options_.key); !removed) report(removed.error());
}

void QueryPersister::save() {
    saved_version_ = client_.version();
    const SharedJson state = client_.dehydrate({.only_persistable = true});
    std::vector<SharedJson> queries(state.member("queries").items().begin(), state.member("queries").items().end());
    if (queries.empty() && state.member("mutations").empty()) {
        if (const auto removed = storage_.remove(options_.key); !removed) report(removed.error());
        return;
    }
    std::stable_sort(queries.begin(), queries.end(),
                     [](const SharedJson& a, const SharedJson& b) { return a.integer_or("updatedAt", 0) > b.integer_or("updatedAt", 0); });
    const std::int64_t now_ms = client_.scheduler().clock().unix_ms();
    std::size_t bytes = 0;
    const auto fitting = std::find_if(queries.begin(), queries.end(), [&](const SharedJson& query) {
        bytes += query.text().size() + 1;
        return bytes > options_.max_bytes;
    });
    queries.erase(fitting, queries.end());
    for (;;) {
        const std::string text = SharedJson::object({{"timestamp", now_ms},
                                                     {"buster", options_.buster},
                                                     {"state", state.with("queries", SharedJson::array(queries))}})
                                     .text();
        std::optional<base::Error> error;
        if (text.size() > options_.max_bytes) {
            error = base::Error{base::ErrorCode::quota, "the cached answers are over their share of the storage", {}};
        } else if (const auto written = storage_.set(options_.key, text); !written) {
            error = written.error();
        }
        if (!error) return;
        if (error->code != base::ErrorCode::quota || queries.empty()) {
            report(*error);
            return;
        }
        // The oldest; of many, some at a time.
        queries.resize(queries.size() - std::max<std::size_t>(1, queries.size() / 8));
    }
}

}  // namespace state
