// Query functions over the API: what a state::QueryClient calls to fetch a key.
//
//   list_ = context.queries.observe({.key = keys::clusters::list(), .fetch = api_get(context.api, "/clusters")}, ...);
//
// Dropping the work cancels the call. The answer's body becomes the data; an empty one is null.
#pragma once

#include <string>

#include "net/api_client.hpp"
#include "state/query/mutation_types.hpp"
#include "state/query/query_types.hpp"

namespace model {

// GET `path` (behind the API's prefix). The client must outlive the function.
[[nodiscard]] state::QueryFunction api_get(net::ApiClient& api, std::string path);

// The same for what changes something: `run` of a mutation. It may be sent twice, so it must be idempotent.
[[nodiscard]] state::MutationFunction api_send(net::ApiClient& api, std::string method, std::string path);

}  // namespace model
