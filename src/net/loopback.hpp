// LoopbackClient: an HttpClient whose other end is an HttpHandler in the same process. It is how the hub in the tab reaches
// the cluster in the tab, and how tests reach both. Bytes are handed over through the scheduler, never inside a call.
//
//   net::LoopbackClient client(scheduler, cluster.api());
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "base/unique_function.hpp"
#include "net/http.hpp"

namespace net {

// A writer that can also end the exchange with an error of the transport, which a handler has no business to do: for clients that
// relay to somewhere else and leave the seam's rules (order, cancellation, timeouts, pause) to the loopback in front of them.
class RelayWriter : public ResponseWriter {
public:
    virtual void fail(base::Error error) = 0;
    // While silent, head and idle timeout rest: nothing can come for a reason on this side. They start anew afterwards.
    virtual void set_silent(bool silent) = 0;
};

class LoopbackClient final : public HttpClient {
public:
    using Relay = base::UniqueFunction<void(ServerRequest, std::shared_ptr<RelayWriter>)>;

    // Both must outlive the client, the scheduler also the writers that the handler still holds.
    // `peer` is what the handler sees as ServerRequest::peer.
    LoopbackClient(base::Scheduler& scheduler, HttpHandler& handler, std::string peer = "loopback");
    // `relay` is called as a handler would be; what it captures must outlive the client.
    LoopbackClient(base::Scheduler& scheduler, Relay relay);
    ~LoopbackClient() override;
    [[nodiscard]] RequestHandle send(Request request, ResponseCallbacks callbacks) override;

private:
    class Exchanges;  // those under way
    base::Scheduler& scheduler_;
    std::shared_ptr<Relay> relay_;
    std::string peer_;
    std::shared_ptr<Exchanges> exchanges_;
};

}  // namespace net
