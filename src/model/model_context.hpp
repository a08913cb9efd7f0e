// What App hands to every part of the model (Clusters, Registries, Notifications, ...): ports, the shared query cache and the ways to
// tell the views. The references outlive the parts.
#pragma once

#include <functional>
#include <string>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "model/app_state.hpp"
#include "model/topics.hpp"
#include "net/api_client.hpp"
#include "net/shared_streams.hpp"
#include "state/persist.hpp"
#include "state/query/query_client.hpp"

namespace model {

struct ModelContext {
    // The options of a live stream of the backend at `path` below the API's base, with the bearer and its renewal.
    [[nodiscard]] net::EventStreamOptions stream(net::StreamKind kind, std::string_view path) const;
    [[nodiscard]] net::EventStreamOptions stream(net::StreamBackend backend, net::StreamKind kind, std::string_view path) const;

    net::ApiClient& api;
    state::QueryClient& queries;
    base::Scheduler& scheduler;
    base::Random& random;
    state::PersistHub& persist;
    net::SharedStreams& streams;            // every live stream of the tab, by key
    std::function<void(TopicSet)> changed;  // views that show these topics are drawn again
    std::function<void(ToastKind, std::string title, std::string text)> toast;
};

}  // namespace model
