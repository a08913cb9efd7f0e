#include "hub/answers.hpp"

namespace hub {

void send_json(net::ResponseWriter& writer, int status, const Json& body, net::Headers headers) {
    headers.set("content-type", "application/json; charset=utf-8");
    headers.set("cache-control", "no-store");
    writer.respond({.status = status, .headers = std::move(headers), .body = dump_json(body)});
}

void send_error(net::ResponseWriter& writer, int status, std::string_view message,
                const std::vector<std::string>& details, net::Headers headers) {
    Json body = {{"error", message}};
    if (!details.empty()) body["details"] = details;
    send_json(writer, status, body, std::move(headers));
}

void send_error(net::ResponseWriter& writer, const base::Error& error) {
    std::vector<std::string> details;
    if (!error.hint.empty()) details.push_back(error.hint);
    send_error(writer, http_status(error.code), error.message, details);
}

int http_status(base::ErrorCode code) {
    switch (code) {
        case base::ErrorCode::invalid_argument: return 400;
        case base::ErrorCode::unauthenticated: return 401;
        case base::ErrorCode::forbidden: return 403;
        case base::ErrorCode::not_found: return 404;
        case base::ErrorCode::conflict: return 409;
        case base::ErrorCode::too_large: return 413;
        case base::ErrorCode::unavailable: return 503;
        case base::ErrorCode::timed_out: return 504;
        case base::ErrorCode::protocol: return 502;
        case base::ErrorCode::quota: return 507;
        case base::ErrorCode::cancelled:
        case base::ErrorCode::internal: return 500;
    }
    return 500;
}

base::Result<Json> read_body(const net::ServerRequest& request) {
    if (request.body.empty()) return Json::object();
    auto json = base::parse_json(request.body);
    if (!json) return json;
    if (!json->is_object()) return base::fail(base::ErrorCode::invalid_argument, "The body must be a JSON object.");
    return json;
}

net::ResponseHead event_stream_head() {
    return {.status = 200,
            .headers = {{"content-type", "text/event-stream; charset=utf-8"},
                        {"cache-control", "no-cache, no-transform"},
                        {"x-accel-buffering", "no"}}};
}

}  // namespace hub
