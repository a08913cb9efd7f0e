// BeastConnector: hub::ClusterConnector over sockets, with all that a kubeconfig can hold: certificate authorities, client certificates,
// bearer tokens, another server name, no check at all.
//
//   gateway::BeastConnector connector(loop);
#pragma once

#include "gateway/asio_scheduler.hpp"
#include "hub/cluster_connector.hpp"

namespace gateway {

class BeastConnector final : public hub::ClusterConnector {
public:
    // `loop` must outlive this and its clients.
    explicit BeastConnector(AsioScheduler& loop) : loop_(loop) {}
    [[nodiscard]] base::Result<std::unique_ptr<net::HttpClient>> connect(const hub::ClusterAccess& access) override;

private:
    AsioScheduler& loop_;
};

}  // namespace gateway
