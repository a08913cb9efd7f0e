// QueriesObserver: several observers, one callback.
#include <algorithm>

#include "state/query/query_core.hpp"

namespace state {

class ManyCore : public std::enable_shared_from_this<ManyCore> {
public:
    void set_queries(std::vector<QueryOptions> queries) {
        std::vector<QueryObserver> next;
        next.reserve(queries.size());
        for (QueryOptions& query : queries) {
            // The first of the old ones with that key goes on, with the new options; a duplicate takes the next.
            const auto kept = std::find_if(observers.begin(), observers.end(),
                                           [&](const QueryObserver& observer) { return observer.active() && observer.key() == query.key; });
            if (kept != observers.end()) {
                next.push_back(std::move(*kept));
                next.back().set_options(std::move(query));
            } else {
                next.push_back(QueryObserver(core.lock()->observe(
                    std::move(query),
                    [weak = weak_from_this()](const QueryResult&) {
                        if (const auto self = weak.lock()) self->changed();
                    },
                    nullptr)));
            }
        }
        observers = std::move(next);
        changed();
    }

    // One callback for all that changed in a round.
    void changed() {
        outdated = true;
        if (queued) return;
        const auto client = core.lock();
        if (!client) return;
        queued = true;
        client->scheduler.post([weak = weak_from_this()] {
            const auto self = weak.lock();
            if (!self) return;
            self->queued = false;
            if (self->callback && !self->core.expired()) self->callback(QueriesObserver(self));
        });
    }

    const std::vector<QueryResult>& look() {
        bool differs = outdated || results.size() != observers.size();
        for (const QueryObserver& observer : observers) {
            const std::size_t index = static_cast<std::size_t>(&observer - observers.data());
            const QueryResult& now = observer.result();
            differs = differs || index >= results.size() || now.data_version != results[index].data_version || now.status != results[index].status ||
                      now.fetch_status != results[index].fetch_status || now.is_stale != results[index].is_stale;
        }
        if (!differs) return results;
        outdated = false;
        results.clear();
        for (const QueryObserver& observer : observers) results.push_back(observer.result());
        if (combine) combined = share(combined, combine(results));
        return results;
    }

    std::weak_ptr<QueryCore> core;
    std::vector<QueryObserver> observers;
    base::UniqueFunction<void(const QueriesObserver&)> callback;
    SharedFunction<SharedJson(const std::vector<QueryResult>&)> combine;
    std::vector<QueryResult> results;
    SharedJson combined;
    bool queued = false;
    bool outdated = true;
};

QueriesObserver QueryClient::observe_all(std::vector<QueryOptions> queries, base::UniqueFunction<void(const QueriesObserver&)> callback,
                                         SharedFunction<SharedJson(const std::vector<QueryResult>&)> combine) {
    const auto many = std::make_shared<ManyCore>();
    many->core = core_;
    many->callback = std::move(callback);
    many->combine = std::move(combine);
    many->queued = true;  // making it is no change
    many->set_queries(std::move(queries));
    many->queued = false;
    return QueriesObserver(many);
}

const std::vector<QueryResult>& QueriesObserver::results() const {
    static const std::vector<QueryResult> kNone;
    return core_ ? core_->look() : kNone;
}
const SharedJson& QueriesObserver::combined() const {
    static const SharedJson kNone;
    if (!core_) return kNone;
    core_->look();
    return core_->combined;
}
void QueriesObserver::set_queries(std::vector<QueryOptions> queries) {
    if (core_ && !core_->core.expired()) core_->set_queries(std::move(queries));
}

}  // namespace state
