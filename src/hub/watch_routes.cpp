#include "hub/watch_routes.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/url.hpp"
#include "hub/kube_access.hpp"

namespace hub {

namespace {

constexpr std::string_view kProxyRoot = "/api/proxy";

// What a read may say. `watch` and `follow` hold a connection: those go over the shared stream.
constexpr std::array<std::string_view, 8> kProxyQuery{"limit", "continue", "labelSelector", "fieldSelector", "resourceVersion", "resourceVersionMatch", "includeObject", "pretty"};

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
    route("GET", std::string(kProxyRoot) + "/*path", [this](const User& caller, const net::ServerRequest& request, const Writer& writer) { proxy(caller, request, writer); });
}

void WatchRoutes::stats(const User& caller, const Writer& writer) {
    if (!Services::require_admin(caller, "see everybody's subscriptions", *writer)) return;
    Json json = services_.watches.stats();
    for (const auto& [name, value] : sessions_.stats().items()) json[name] = value;
    send_json(*writer, 200, json);
}

void WatchRoutes::proxy(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    const auto [path, query_text] = net::split_target(request.target);
    const auto place = parse_kube_path(path.substr(kProxyRoot.size()));
    if (!place) return send_error(*writer, place.error());
    if (!place->subresource.empty() && place->subresource != "status" && place->subresource != "scale") {
        return send_error(*writer, 400, "Only objects and lists of them can be read here.", {"The subresource " + place->subresource + " is not served"});
    }
    auto query = base::parse_query(query_text);
    if (!query) return send_error(*writer, query.error());
    const std::string cluster(query->get("cluster"));
    query->remove("cluster");
    for (const auto& [name, value] : query->fields()) {
        if (std::find(kProxyQuery.begin(), kProxyQuery.end(), name) != kProxyQuery.end()) continue;
        return send_error(*writer, 400, "The parameter " + name.substr(0, 40) + " is not served here.",
                          name == "watch" ? std::vector<std::string>{"Watches go over /api/watch"} : std::vector<std::string>{});
    }
    const auto link = reach_kube_place(services_.clusters, caller, cluster, *place);
    if (!link) return send_error(*writer, link.error());
    net::Request upstream{.method = "GET", .target = place->path() + query->to_suffix()};
    if (const std::string_view accept = request.headers.get("accept"); !accept.empty()) upstream.headers.set("accept", std::string(accept));
    relay(**link, std::move(upstream), writer);
}

void WatchRoutes::relay(ClusterLink& link, net::Request upstream, const Writer& writer) {
    const std::uint64_t id = next_relay_++;
    const auto relay = std::make_shared<Relay>();
    relay->writer = writer;
    relays_[id] = relay;
    writer->on_close(lifetime_.guard([this, id] { relays_.erase(id); }));
    net::ResponseCallbacks callbacks;
    callbacks.on_head = [relay = std::weak_ptr<Relay>(relay)](const net::ResponseHead& head) {
        const auto open = relay.lock();
        if (!open) return;
        net::ResponseHead own{head.status, {{"cache-control", "no-store"}}};
        if (const std::string_view type = head.headers.get("content-type"); !type.empty()) own.headers.set("content-type", std::string(type));
        open->started = true;
        open->writer->start(std::move(own));
    };
    callbacks.on_data = [relay = std::weak_ptr<Relay>(relay)](std::string_view bytes) {
        const auto open = relay.lock();
        if (!open || open->writer->write(bytes)) return;
        open->upstream.set_paused(true);
        open->writer->on_drain([relay] {
            if (const auto drained = relay.lock()) drained->upstream.set_paused(false);
        });
    };
    callbacks.on_done = lifetime_.guard([this, id](const base::Result<void>& result) {
        const auto node = relays_.extract(id);
        if (node.empty()) return;
        const Relay& ended = *node.mapped();
        if (result) ended.writer->end();
        else if (ended.started) ended.writer->abort();
        else send_error(*ended.writer, kube_transport_error(result.error()));
    });
    relay->upstream = link.kube.client().send(std::move(upstream), std::move(callbacks));
}

}  // namespace hub
