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
#include "state/persist.hpp"
#include "state/query/query_client.hpp"

namespace model {

struct ModelContext {
    net::ApiClient& api;
    state::QueryClient& queries;
    base::Scheduler& scheduler;
    base::Random& random;
    state::PersistHub& persist;
    std::function<void(TopicSet)> changed;  // views that show these topics are drawn again
    std::function<void(ToastKind, std::string title, std::string text)> toast;
};

}  // namespace model
