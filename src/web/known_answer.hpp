// KnownAnswer: an HttpClient that has the answer to one question already, and gives it once; everything else goes through. The backend's
// health was asked to find the backend, and the App asks the same a moment later.
//
//   KnownAnswer client(scheduler, fetch, "/v1/api/health", json);
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/scheduler.hpp"
#include "net/http.hpp"
#include "net/loopback.hpp"

namespace web {

class KnownAnswer final : public net::HttpClient {
public:
    // `inner` must outlive this. An empty `json`: nothing is known.
    KnownAnswer(base::Scheduler& scheduler, net::HttpClient& inner, std::string target, std::string json)
        : inner_(inner), target_(std::move(target)), json_(std::move(json)), known_(scheduler, [this](net::ServerRequest, const std::shared_ptr<net::RelayWriter>& writer) {
              writer->respond({200, {{"Content-Type", "application/json"}}, std::exchange(json_, {})});
          }) {}

    [[nodiscard]] net::RequestHandle send(net::Request request, net::ResponseCallbacks callbacks) override {
        const bool known = !given_ && !json_.empty() && request.method == "GET" && request.target == target_;
        given_ = given_ || known;
        return known ? known_.send(std::move(request), std::move(callbacks)) : inner_.send(std::move(request), std::move(callbacks));
    }

private:
    net::HttpClient& inner_;
    std::string target_;
    std::string json_;
    bool given_ = false;
    net::LoopbackClient known_;
};

}  // namespace web
