#include "hub/watch_routes.hpp"

#include <string>

#include "hub/answers.hpp"

namespace hub {

namespace {

StreamSessionOptions session_options(const HubOptions& options) {
    StreamSessionOptions sessions;
    sessions.max_clients = options.watch_clients;
    sessions.max_channels = options.watch_channels;
    return sessions;
}

}  // namespace

WatchRoutes::WatchRoutes(Services& services, net::HttpHandler& routes)
    : services_(services), sessions_(services.ports.scheduler, routes, &services.watches, session_options(services.options)), api_(sessions_, &services.watches) {}

void WatchRoutes::add_routes(net::Router& router) {
    const auto route = [&](const char* method, std::string pattern, auto handle) {
        router.route(method, pattern, [this, handle](const net::RoutedRequest& routed, const Writer& writer) {
            const auto caller = services_.auth.authenticate(routed.request, TokenFrom::header);
            if (!caller) return send_error(*writer, caller.error());
            handle(*caller, routed.request, writer);
        });
    };
    const std::string root = "/api/watch";
    route("GET", root + "/stream", [this](const User& caller, const net::ServerRequest& request, const Writer& writer) { api_.stream(caller, request, writer); });
    route("POST", root + "/subscribe", [this](const User& caller, const net::ServerRequest& request, const Writer& writer) { api_.subscribe(caller, request, writer); });
    route("POST", root + "/unsubscribe", [this](const User& caller, const net::ServerRequest& request, const Writer& writer) { api_.unsubscribe(caller, request, writer); });
    route("POST", root + "/credit", [this](const User& caller, const net::ServerRequest& request, const Writer& writer) { api_.credit(caller, request, writer); });
    route("GET", root + "/stats", [this](const User& caller, const net::ServerRequest&, const Writer& writer) { stats(caller, writer); });
}

void WatchRoutes::stats(const User& caller, const Writer& writer) {
    if (!Services::require_admin(caller, "see everybody's subscriptions", *writer)) return;
    Json json = services_.watches.stats();
    for (const auto& [name, value] : sessions_.stats().items()) json[name] = value;
    send_json(*writer, 200, json);
}

}  // namespace hub
