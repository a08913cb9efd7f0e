#include "model/api_query.hpp"

#include <utility>

namespace model {

namespace {

state::QueryWork send(net::ApiClient& api, net::ApiRequest request, state::QueryDone done) {
    return api.call(std::move(request), [done = std::move(done)](base::Result<net::ApiReply> reply) mutable {
        if (!reply) return done(base::fail(reply.error()));
        done(state::SharedJson::from(reply->json));
    });
}

}  // namespace

state::QueryFunction api_get(net::ApiClient& api, std::string path) {
    return [&api, path = std::move(path)](const state::QueryContext&, state::QueryDone done) { return send(api, {.path = path}, std::move(done)); };
}

state::MutationFunction api_send(net::ApiClient& api, std::string method, std::string path) {
    return [&api, method = std::move(method), path = std::move(path)](const state::MutationContext&, state::QueryDone done) {
        return send(api, {.method = method, .path = path}, std::move(done));
    };
}

}  // namespace model
