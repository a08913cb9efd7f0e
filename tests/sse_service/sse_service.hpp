// SseService: our EventStream behind the small HTTP service by which an SSE client's conformance harness drives any client (the protocol of
// launchdarkly/sse-contract-tests 2.31).
//
//   GET /             {"capabilities":[...]}
//   POST /            {"streamUrl","callbackUrl",...}: opens a stream; 201 with its Location
//   POST <Location>   {"command":"restart"} or {"command":"listen",...}: 202
//   DELETE <Location> closes that stream: 204
//   DELETE /          quits: 204
//
// What a stream tells goes by POST to callbackUrl/1, callbackUrl/2, ..., one at a time and in order:
// {"kind":"event","event":{"type","data","id"}}, {"kind":"comment","comment"}, {"kind":"error","comment"}.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/random.hpp"
#include "base/unique_function.hpp"
#include "gateway/asio_scheduler.hpp"
#include "net/router.hpp"

namespace sse_service {

class SseService final : public net::HttpHandler {
public:
    // `quit` runs after the answer to DELETE / was given to the writer.
    SseService(gateway::AsioScheduler& loop, base::Random& random, base::UniqueFunction<void()> quit);
    ~SseService() override;
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override { router_.handle(std::move(request), std::move(writer)); }

private:
    class Stream;

    void open(net::RoutedRequest request, net::ResponseWriter& writer);
    void command(net::RoutedRequest request, net::ResponseWriter& writer);

    gateway::AsioScheduler& loop_;
    base::Random& random_;
    base::UniqueFunction<void()> quit_;
    net::Router router_;
    std::map<std::string, std::unique_ptr<Stream>, std::less<>> streams_;
    std::uint64_t next_id_ = 1;
};

}  // namespace sse_service
