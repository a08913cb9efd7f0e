// FakeConnector: further clusters by their address.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hub/cluster_connector.hpp"
#include "net/loopback.hpp"

namespace hub::testing {

class FakeConnector final : public ClusterConnector {
public:
    explicit FakeConnector(base::Scheduler& scheduler) : scheduler_(scheduler) {}
    base::Result<std::unique_ptr<net::HttpClient>> connect(const ClusterAccess& access) override {
        connected.push_back(access);
        const auto found = servers.find(access.server);
        if (found == servers.end()) return base::fail(base::ErrorCode::invalid_argument, "no way to " + access.server, "take another");
        return std::unique_ptr<net::HttpClient>(std::make_unique<net::LoopbackClient>(scheduler_, *found->second));
    }
    std::map<std::string, net::HttpHandler*> servers;
    std::vector<ClusterAccess> connected;

private:
    base::Scheduler& scheduler_;
};

}  // namespace hub::testing
