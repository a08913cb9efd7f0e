// What a run would need and do, without doing it; both ours:
//   GET  /workflows/:id/inputs    the keys of secrets and environment variables that want a value, and whether the cluster has one
//   POST /workflows/:id/dry-run   what a run would make, change, leave and delete, as the cluster itself says (server-side apply with dryRun=All)
#pragma once

#include <memory>

#include "hub/services.hpp"
#include "hub/workflow_rules.hpp"

namespace hub {

class RunPlanRoutes {
public:
    explicit RunPlanRoutes(Services& services) : services_(services) {}
    void add_routes(net::Router& router);

private:
    struct Plan;
    void begin(const User& caller, std::string id, bool dry_run, const Writer& writer);
    void next(const std::shared_ptr<Plan>& plan);
    void look_at(const std::shared_ptr<Plan>& plan, std::size_t index, base::Result<Json> existing);
    void try_apply(const std::shared_ptr<Plan>& plan, std::size_t index, Json existing);
    void answer(Plan& plan);

    Services& services_;
    Lifetime lifetime_;
};

// What an apply changed, member by member: [{path, from, to}]; what every write changes (resourceVersion, managedFields, status, ...) is left out, and the
// values of a Secret are not said. At most `most`, then one more entry says that there is more.
[[nodiscard]] Json changes_of_object(const Json& before, const Json& after, std::size_t most = 100);

}  // namespace hub
