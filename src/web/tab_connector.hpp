// TabConnector: hub::ClusterConnector in a browser: a bearer token over fetch(), and that is all a page can do. Certificate authorities,
// client certificates and "do not check" are the browser's own affair, so an access that needs them is refused with the way out.
//
//   web::TabConnector connector(scheduler);
#pragma once

#include "base/scheduler.hpp"
#include "hub/cluster_connector.hpp"

namespace web {

class TabConnector final : public hub::ClusterConnector {
public:
    explicit TabConnector(base::Scheduler& scheduler) : scheduler_(scheduler) {}
    [[nodiscard]] base::Result<std::unique_ptr<net::HttpClient>> connect(const hub::ClusterAccess& access) override;

private:
    base::Scheduler& scheduler_;
};

}  // namespace web
