// LoopbackClient: an HttpClient whose other end is an HttpHandler in the same process. It is how the hub in the tab reaches
// the cluster in the tab, and how tests reach both. Bytes are handed over through the scheduler, never inside a call.
//
//   net::LoopbackClient client(scheduler, cluster.api());
#pragma once

#include <memory>
#include <string>

#include "base/scheduler.hpp"
#include "net/http.hpp"

namespace net {

class LoopbackClient final : public HttpClient {
public:
    // Both must outlive the client, the scheduler also the writers that the handler still holds.
    // `peer` is what the handler sees as ServerRequest::peer.
    LoopbackClient(base::Scheduler& scheduler, HttpHandler& handler, std::string peer = "loopback");
    ~LoopbackClient() override;
    [[nodiscard]] RequestHandle send(Request request, ResponseCallbacks callbacks) override;

private:
    class Exchanges;  // those under way
    base::Scheduler& scheduler_;
    HttpHandler& handler_;
    std::string peer_;
    std::shared_ptr<Exchanges> exchanges_;
};

}  // namespace net
