#include "model/api_query.hpp"

#include <utility>

namespace model {

state::QueryFunction api_get(net::ApiClient& api, std::string path) {
    return [&api, path = std::move(path)](const state::QueryContext&, state::QueryDone done) -> state::QueryWork {
        return api.call({.path = path}, [done = std::move(done)](base::Result<net::ApiReply> reply) mutable {
            if (!reply) return done(base::fail(reply.error()));
            done(state::SharedJson::from(reply->json));
        });
    };
}

}  // namespace model
