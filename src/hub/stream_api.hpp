// StreamApi: what a client says to its StreamSession, as HTTP: opening the stream, subscribing, credit. WatchRoutes puts it behind
// /api/watch and says who calls.
//
//   GET  .../stream?cid=<uuid>      the stream: connected, heartbeat, watch..., head, data, end, stream-error
//   POST .../subscribe              a watch: {clientId, resourceType, orgId?, projectId?, namespace?, name?, labelSelector?, fieldSelector?,
//                                   userScoped?, cluster?}; or any stream of the hub: {clientId, stream: {id, target, headers?}}, whose
//                                   target is asked as this caller. Answers {channel}
//   POST .../unsubscribe            {clientId, channel} → {ok}; {clientId, all: true} ends the session
//   POST .../credit                 {clientId, ack?, channels?: {id: bytes consumed}} → {ok}
//
// Refusals are JSON {error, details, reason?}; `reason` is a word for programs: "unknown_client" (400), "other_owner" (403),
// "too_many_channels" (400).
#pragma once

#include <string>
#include <string_view>

#include "hub/answers.hpp"
#include "hub/auth.hpp"
#include "hub/stream_sessions.hpp"
#include "hub/watch_hub.hpp"

namespace hub {

// The body of a subscription to a watch, checked for shape; WatchHub judges the rest. invalid_argument lists what is wrong.
[[nodiscard]] base::Result<WatchSpec> read_watch_spec(const Json& body);

// A stream of the hub that is to be carried by a channel.
struct StreamRequest {
    std::string id;
    net::Request request;
};
[[nodiscard]] base::Result<StreamRequest> read_stream_request(const Json& body);

[[nodiscard]] bool is_uuid(std::string_view text);

class StreamApi {
public:
    // Both must outlive it. `watches` null: watches are answered with 404.
    StreamApi(StreamSessions& sessions, WatchHub* watches) : sessions_(sessions), watches_(watches) {}

    void stream(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void subscribe(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void unsubscribe(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void credit(const User& caller, const net::ServerRequest& request, const Writer& writer);

private:
    // The session that the body's clientId names; answers the refusal itself.
    [[nodiscard]] StreamSession* session_of(const User& caller, const Json& body, net::ResponseWriter& writer);

    StreamSessions& sessions_;
    WatchHub* watches_;
};

}  // namespace hub
