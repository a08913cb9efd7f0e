// KubeProxy: GET /api/proxy/<path of the Kubernetes API>, read from the cluster as the caller (contract: Datum's watch hub). For the
// lists that precede a watch, tables, discovery, and single objects; the answer is the cluster's, byte for byte, as it comes.
//
//   GET /api/proxy/apis/apps/v1/namespaces/default/deployments?limit=500&cluster=staging      Accept: application/json;as=Table;...
//
// Promises
//   - Who may read what is decided by kube_access.hpp. `cluster` is ours and not passed on; without it the hub's default cluster answers.
//   - Of the headers only Accept is passed on, and Content-Type, Retry-After and Warning come back. A 401 of the cluster (the hub's
//     credentials, not the caller's) arrives as a 403 with its words: the caller's session goes on.
//   - A reader that lags pauses the cluster's answer. Watches and followed logs are refused with 400, they have routes of their own; and
//     so is every subresource but status, scale and log.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "hub/services.hpp"
#include "net/router.hpp"

namespace hub {

class KubeProxy {
public:
    explicit KubeProxy(Services& services) : services_(services) {}
    void add_routes(net::Router& router);

private:
    struct Transfer;
    void get(const User& caller, const net::RoutedRequest& routed, const Writer& writer);
    void on_head(std::uint64_t id, net::ResponseHead head);
    void on_data(std::uint64_t id, std::string_view bytes);
    void on_done(std::uint64_t id, const base::Result<void>& result);

    Services& services_;
    std::map<std::uint64_t, std::shared_ptr<Transfer>> transfers_;
    std::uint64_t next_id_ = 1;
};

}  // namespace hub
