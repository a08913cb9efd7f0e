#include "hub/watch_routes.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "base/url.hpp"
#include "hub/kube_access.hpp"
#include "net/stream_frame.hpp"
#include "wire/json_reader.hpp"

namespace hub {

namespace {

constexpr std::string_view kWatchRoot = "/api/watch";
constexpr std::string_view kProxyRoot = "/api/proxy";
constexpr std::size_t kMaxSelectorBytes = 4 * 1024;
constexpr std::size_t kMaxTargetBytes = 8 * 1024;
constexpr std::size_t kMaxHeaders = 50;
constexpr std::size_t kMaxHeaderBytes = 8 * 1024;

// What a read may say. `watch` and `follow` hold a connection: those go over the shared stream.
constexpr std::array<std::string_view, 8> kProxyQuery{"limit", "continue", "labelSelector", "fieldSelector", "resourceVersion", "resourceVersionMatch", "includeObject", "pretty"};

void refuse(net::ResponseWriter& writer, int status, std::string_view message, std::string_view hint, std::string_view reason) {
    Json body = {{"error", message}, {"reason", reason}};
    if (!hint.empty()) body["details"] = Json::array({hint});
    send_json(writer, status, body);
}

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

bool is_header_name(std::string_view text) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
    });
}

// A route of the hub that is no part of the shared stream itself.
bool is_own_route(std::string_view target) {
    if (!base::parse_target(target)) return false;
    const std::string_view path = net::split_target(target).path;
    const auto below = [path](std::string_view root) { return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/'); };
    return (below(kApiPrefix) || below("/api")) && !below(kWatchRoot);
}

}  // namespace

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !hex) return false;
    }
    return true;
}

base::Result<WatchSpec> read_watch_spec(const Json& body) {
    wire::JsonErrors errors;
    const wire::JsonReader reader(body, errors);
    WatchSpec spec;
    spec.resource_type = reader.string("resourceType");
    spec.cluster = reader.string_or("cluster", "");
    spec.org = reader.string_or("orgId", "");
    spec.project = reader.string_or("projectId", "");
    spec.ns = reader.string_or("namespace", "");
    spec.name = reader.string_or("name", "");
    spec.label_selector = reader.string_or("labelSelector", "");
    spec.field_selector = reader.string_or("fieldSelector", "");
    spec.user_scoped = reader.boolean_or("userScoped", false);
    if (!spec.resource_type.empty()) {
        if (const auto place = parse_resource_type(spec.resource_type); !place) reader.fail("resourceType", place.error().message);
    }
    if (!spec.ns.empty() && !is_dns_label(spec.ns)) reader.fail("namespace", "is no name of a namespace");
    for (const auto& [member, value] : {std::pair<const char*, const std::string*>{"orgId", &spec.org}, {"projectId", &spec.project}, {"name", &spec.name}}) {
        if (!value->empty() && !is_path_segment_name(*value)) reader.fail(member, "is no name of an object");
    }
    for (const auto& [member, value] : {std::pair<const char*, const std::string*>{"labelSelector", &spec.label_selector}, {"fieldSelector", &spec.field_selector}}) {
        if (value->size() > kMaxSelectorBytes || !is_plain(*value)) reader.fail(member, "is too long, or holds control characters");
    }
    if (!errors.empty()) return base::fail(errors.to_error());
    return spec;
}

base::Result<StreamRequest> read_stream_request(const Json& body) {
    wire::JsonErrors errors;
    const wire::JsonReader stream = wire::JsonReader(body, errors).object("stream");
    StreamRequest wanted{stream.string("id"), {.method = "GET", .target = stream.string("target")}};
    if (!wanted.id.empty() && !net::is_channel_id(wanted.id)) stream.fail("id", "expected up to 64 letters, digits, '-' and '_'");
    if (!wanted.request.target.empty() && (wanted.request.target.size() > kMaxTargetBytes || !is_own_route(wanted.request.target))) {
        stream.fail("target", "is no stream of this hub");
    }
    const wire::JsonArray headers = stream.array_or_empty("headers");
    if (headers.size() > kMaxHeaders) stream.fail("headers", "are too many");
    for (std::size_t i = 0; i < std::min(headers.size(), kMaxHeaders); ++i) {
        const wire::JsonArray field = headers[i].as_array();
        if (field.size() != 2) {
            headers[i].fail("expected a name and a value");
            continue;
        }
        std::string name = field[0].as_string();
        std::string value = field[1].as_string();
        const bool sound = is_header_name(name) && value.size() <= kMaxHeaderBytes && is_plain(value);
        if (!sound) headers[i].fail("is no header");
        // Who asks is said by the request that carries this.
        else if (!net::equals_ignoring_case(name, "authorization") && !net::equals_ignoring_case(name, "cookie")) wanted.request.headers.add(name, std::move(value));
    }
    if (!errors.empty()) return base::fail(errors.to_error());
    return wanted;
}

WatchRoutes::WatchRoutes(Services& services, net::HttpHandler& routes, WatchHub& watches, StreamSessionOptions options)
    : services_(services), watches_(watches), sessions_(services.ports.scheduler, routes, &watches, options) {}

void WatchRoutes::add_routes(net::Router& router) {
    const auto route = [&](const char* method, std::string_view path, void (WatchRoutes::*handle)(const User&, const net::ServerRequest&, const Writer&)) {
        router.route(method, std::string(kWatchRoot) + std::string(path), [this, handle](const net::RoutedRequest& routed, const Writer& writer) {
            const auto caller = services_.auth.authenticate(routed.request, TokenFrom::header);
            if (!caller) return send_error(*writer, caller.error());
            (this->*handle)(*caller, routed.request, writer);
        });
    };
    route("POST", "/subscribe", &WatchRoutes::subscribe);
    route("POST", "/unsubscribe", &WatchRoutes::unsubscribe);
    route("POST", "/credit", &WatchRoutes::credit);
    router.route("GET", std::string(kWatchRoot) + "/stream", [this](const net::RoutedRequest& routed, const Writer& writer) {
        const auto caller = services_.auth.authenticate(routed.request, TokenFrom::header);
        if (!caller) return send_error(*writer, caller.error());
        stream(*caller, routed, writer);
    });
    router.route("GET", std::string(kWatchRoot) + "/stats", [this](const net::RoutedRequest& routed, const Writer& writer) {
        const auto caller = services_.auth.authenticate(routed.request, TokenFrom::header);
        if (!caller) return send_error(*writer, caller.error());
        stats(*caller, writer);
    });
    router.route("GET", std::string(kProxyRoot) + "/*path", [this](const net::RoutedRequest& routed, const Writer& writer) {
        const auto caller = services_.auth.authenticate(routed.request, TokenFrom::header);
        if (!caller) return send_error(*writer, caller.error());
        proxy(*caller, routed.request, writer);
    });
}

void WatchRoutes::stream(const User& caller, const net::RoutedRequest& routed, const Writer& writer) {
    const auto query = base::parse_query(routed.query());
    if (!query) return send_error(*writer, query.error());
    const std::string client_id(query->get("cid"));
    if (!is_uuid(client_id)) return send_error(*writer, 400, "The stream needs the id of its client.", {"cid: expected a UUID"});
    sessions_.open(caller, client_id, routed.request.headers.get("last-event-id"), writer);
}

StreamSession* WatchRoutes::session_of(const User& caller, const Json& body, net::ResponseWriter& writer) {
    wire::JsonErrors errors;
    const std::string client_id = wire::JsonReader(body, errors).string("clientId");
    if (errors.empty() && !is_uuid(client_id)) errors.add("clientId", "expected a UUID");
    if (!errors.empty()) {
        send_error(writer, errors.to_error());
        return nullptr;
    }
    const auto session = sessions_.find(caller, client_id);
    if (session) return *session;
    const bool unknown = session.error().code == base::ErrorCode::not_found;
    refuse(writer, unknown ? 400 : 403, session.error().message, session.error().hint, unknown ? "unknown_client" : "other_owner");
    return nullptr;
}

void WatchRoutes::subscribe(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    const bool carries_stream = body->contains("stream");
    base::Result<StreamRequest> wanted = base::fail(base::ErrorCode::internal, "");
    base::Result<WatchSpec> spec = base::fail(base::ErrorCode::internal, "");
    if (carries_stream) wanted = read_stream_request(*body);
    else spec = read_watch_spec(*body);
    if (carries_stream ? !wanted.has_value() : !spec.has_value()) return send_error(*writer, carries_stream ? wanted.error() : spec.error());
    StreamSession* session = session_of(caller, *body, *writer);
    if (!session) return;
    const auto refuse_more = [&] {
        refuse(*writer, 400, "This tab has " + std::to_string(sessions_.options().max_channels) + " channels open already.", "Close some first", "too_many_channels");
    };
    if (carries_stream) {
        if (!session->has_room()) return refuse_more();
        if (const std::string_view token = request.headers.get("authorization"); !token.empty()) wanted->request.headers.set("authorization", std::string(token));
        if (!session->channels().open(wanted->id, std::move(wanted->request))) {
            return send_error(*writer, 409, "There is another channel of this id.", {"Choose another one"});
        }
        return send_json(*writer, 200, {{"channel", wanted->id}});
    }
    const auto channel = watches_.join(caller, *spec, *session);
    if (!channel) return send_error(*writer, channel.error());
    if (!session->watches().contains(*channel) && !session->has_room()) {
        watches_.leave(*session, *channel);
        return refuse_more();
    }
    session->watches().insert(*channel);
    send_json(*writer, 200, {{"channel", *channel}});
}

void WatchRoutes::unsubscribe(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    wire::JsonErrors errors;
    const std::string channel = wire::JsonReader(*body, errors).string("channel");
    if (!errors.empty()) return send_error(*writer, errors.to_error());
    StreamSession* session = session_of(caller, *body, *writer);
    if (!session) return;
    if (session->watches().erase(channel) > 0) watches_.leave(*session, channel);
    else session->channels().close(channel);
    send_json(*writer, 200, {{"ok", true}});
}

void WatchRoutes::credit(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    StreamSession* session = session_of(caller, *body, *writer);
    if (!session) return;
    wire::JsonErrors errors;
    const wire::JsonReader reader(*body, errors);
    const auto ack = base::parse_integer<std::uint64_t>(reader.string_or("ack", ""));
    const wire::JsonReader channels = reader.optional_object("channels");
    for (const std::string_view id : channels.keys()) {
        session->channels().credit(id, channels.integer(id, {.min = 0, .max = std::numeric_limits<std::int64_t>::max()}));
    }
    if (ack) session->acknowledge(*ack);
    if (!errors.empty()) return send_error(*writer, errors.to_error());
    send_json(*writer, 200, {{"ok", true}});
}

void WatchRoutes::stats(const User& caller, const Writer& writer) {
    if (!Services::require_admin(caller, "see everybody's subscriptions", *writer)) return;
    Json json = watches_.stats();
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
