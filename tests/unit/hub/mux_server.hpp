// MuxServer: the hub's shared stream over any routes, without the rest of a hub.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "hub/stream_api.hpp"
#include "hub/stream_sessions.hpp"
#include "net/router.hpp"

namespace hub::testing {

// The hub's end: /api/watch by StreamApi, all else by `routes`, which sees targets without "/v1/api".
class MuxServer final : public net::HttpHandler {
public:
    MuxServer(base::Scheduler& scheduler, net::HttpHandler& routes, StreamSessionOptions options = {}, WatchHub* watches = nullptr)
        : scheduler_(scheduler), watches_(watches), options_(options) {
        mounts_.mount("/v1/api", routes, net::Mounts::Prefix::strip);
        user.id = "ada";
        restart();
    }
    // Everything that was open is gone, as after a restart of the process.
    void restart() {
        api.reset();
        sessions.reset();
        sessions = std::make_unique<StreamSessions>(scheduler_, mounts_, watches_, options_);
        api = std::make_unique<StreamApi>(*sessions, watches_);
    }
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        const std::string path(net::split_target(request.target).path);
        ++calls[request.method + " " + path];
        if (path == "/api/watch/stream") return api->stream(user, request, writer);
        if (path == "/api/watch/subscribe") return api->subscribe(user, request, writer);
        if (path == "/api/watch/unsubscribe") return api->unsubscribe(user, request, writer);
        if (path == "/api/watch/credit") return api->credit(user, request, writer);
        mounts_.handle(std::move(request), std::move(writer));
    }
    [[nodiscard]] std::size_t open_channels() const {
        const Json stats = sessions->stats();
        std::size_t count = 0;
        for (const auto& [target, number] : stats.at("streams").items()) count += number.get<std::size_t>();
        return count;
    }

    User user;
    std::map<std::string, int> calls;
    std::unique_ptr<StreamSessions> sessions;
    std::unique_ptr<StreamApi> api;

private:
    base::Scheduler& scheduler_;
    WatchHub* watches_;
    StreamSessionOptions options_;
    net::Mounts mounts_;
};

}  // namespace hub::testing
