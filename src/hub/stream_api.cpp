#include "hub/stream_api.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/url.hpp"
#include "hub/kube_access.hpp"
#include "net/stream_frame.hpp"
#include "wire/json_reader.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxSelectorBytes = 4 * 1024;
constexpr std::size_t kMaxTargetBytes = 8 * 1024;
constexpr std::size_t kMaxHeaders = 50;
constexpr std::size_t kMaxHeaderBytes = 8 * 1024;

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
bool is_own_route(std::string_view text) {
    const auto target = base::parse_target(text);
    if (!target || target->segments.size() < 2) return false;
    const std::vector<std::string>& at = target->segments;
    return (at[0] == "v1" && at[1] == "api") || (at[0] == "api" && at[1] != "watch");
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
    using Field = std::pair<const char*, const std::string*>;
    if (errors.empty()) {
        if (const auto place = parse_resource_type(spec.resource_type); !place) reader.fail("resourceType", place.error().message);
    }
    if (!spec.ns.empty() && !is_dns_label(spec.ns)) reader.fail("namespace", "is no name of a namespace");
    for (const auto& [member, value] : {Field{"orgId", &spec.org}, Field{"projectId", &spec.project}, Field{"name", &spec.name}}) {
        if (!value->empty() && !is_path_segment_name(*value)) reader.fail(member, "is no name of an object");
    }
    for (const auto& [member, value] : {Field{"labelSelector", &spec.label_selector}, Field{"fieldSelector", &spec.field_selector}}) {
        if (value->size() > kMaxSelectorBytes || !is_plain(*value)) reader.fail(member, "is too long, or holds control characters");
    }
    if (!errors.empty()) return base::fail(errors.to_error());
    return spec;
}

base::Result<StreamRequest> read_stream_request(const Json& body) {
    wire::JsonErrors errors;
    const wire::JsonReader stream = wire::JsonReader(body, errors).object("stream");
    StreamRequest wanted{stream.string("id"), {.method = "GET", .target = stream.string("target")}};
    if (!net::is_channel_id(wanted.id)) stream.fail("id", "expected up to 64 letters, digits, '-' and '_'");
    if (wanted.request.target.size() > kMaxTargetBytes || !is_own_route(wanted.request.target)) {
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

void StreamApi::stream(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    const auto query = base::parse_query(net::split_target(request.target).query);
    if (!query) return send_error(*writer, query.error());
    const std::string client_id(query->get("cid"));
    if (!is_uuid(client_id)) return send_error(*writer, 400, "The stream needs the id of its client.", {"cid: expected a UUID"});
    sessions_.open(caller, client_id, request.headers.get("last-event-id"), writer);
}

StreamSession* StreamApi::session_of(const User& caller, const Json& body, net::ResponseWriter& writer) {
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

void StreamApi::subscribe(const User& caller, const net::ServerRequest& request, const Writer& writer) {
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
    if (!watches_) return send_error(*writer, 404, "This server has no watches.");
    const auto channel = watches_->join(caller, *spec, *session);
    if (!channel) return send_error(*writer, channel.error());
    if (!session->watches().contains(*channel) && !session->has_room()) {
        watches_->leave(*session, *channel);
        return refuse_more();
    }
    session->watches().insert(*channel);
    send_json(*writer, 200, {{"channel", *channel}});
}

void StreamApi::unsubscribe(const User& caller, const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    wire::JsonErrors errors;
    const bool all = wire::JsonReader(*body, errors).boolean_or("all", false);
    const std::string channel = all ? std::string() : wire::JsonReader(*body, errors).string("channel");
    if (!errors.empty()) return send_error(*writer, errors.to_error());
    StreamSession* session = session_of(caller, *body, *writer);
    if (!session) return;
    if (all) {
        sessions_.end(*session);
        return send_json(*writer, 200, {{"ok", true}});
    }
    if (session->watches().erase(channel) > 0) watches_->leave(*session, channel);
    else session->channels().close(channel);
    send_json(*writer, 200, {{"ok", true}});
}

void StreamApi::credit(const User& caller, const net::ServerRequest& request, const Writer& writer) {
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

}  // namespace hub
