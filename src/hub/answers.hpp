// How the hub answers: JSON bodies, and errors as {"error": "...", "details": [...]} (contracts: KubeOrch core, "General").
//
//   send_json(*writer, 201, {{"id", id}});
//   send_error(*writer, 400, "The workflow is not valid", {"nodes[0].id: is missing"});
//   if (!record) return send_error(*writer, record.error());
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "hub/json_text.hpp"
#include "net/http.hpp"

namespace hub {

using Writer = std::shared_ptr<net::ResponseWriter>;

void send_json(net::ResponseWriter& writer, int status, const Json& body, net::Headers headers = {});
void send_error(net::ResponseWriter& writer, int status, std::string_view message,
                const std::vector<std::string>& details = {}, net::Headers headers = {});
void send_error(net::ResponseWriter& writer, const base::Error& error);
[[nodiscard]] int http_status(base::ErrorCode code);

// The body as a JSON object; an empty body is an empty object.
[[nodiscard]] base::Result<Json> read_body(const net::ServerRequest& request);

// The headers of an event stream; never cached, never buffered by a proxy in between.
[[nodiscard]] net::ResponseHead event_stream_head();

}  // namespace hub
