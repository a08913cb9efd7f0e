// One pod's log as server-sent events (contracts: KubeOrch core, /resources/:id/logs/stream): `metadata`, then a `log` per
// line with the text `RFC3339Nano message`, then `error` or `complete`.
//
// History and follow are one upstream request, so no line is lost or doubled between them. The upstream is paused while the
// reader lags, and cancelled when the reader leaves.
//
// The first line of each batch carries its stamp as the event's id, so that whoever has a line has a position; behind the batch the stamp
// of its last one follows as an id without an event. A reader that comes back with it as Last-Event-ID gets, in place of
// the tail, everything from a second before the one in which that line was written (the API server's sinceTime knows only whole
// seconds), so it has the lines it knows among them and can tell by these that none is missing.
//
//   streams.open(services, {.ns = "default", .pod = "web-0", .container = "web", .follow = true, .tail = 100}, writer);
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "hub/answers.hpp"
#include "hub/heartbeat.hpp"
#include "hub/kube_api.hpp"
#include "wire/ndjson.hpp"

namespace hub {

struct LogRequest {
    std::string ns;
    std::string pod;
    std::string container;
    std::string cluster;
    bool follow = true;
    bool previous = false;
    std::int64_t tail = 100;
    std::optional<std::int64_t> since_seconds;
    std::string after;  // the Last-Event-ID; what is no stamp is ignored
};

class LogStreams {
public:
    LogStreams(KubeApi& kube, Heartbeat& heartbeat) : kube_(kube), heartbeat_(heartbeat) {}
    ~LogStreams();  // ends all with `complete`

    void open(const LogRequest& request, Writer writer);
    [[nodiscard]] std::size_t open_streams() const { return streams_.size(); }

private:
    struct Stream {
        explicit Stream(Writer stream_writer) : writer(std::move(stream_writer)), lines({.max_line_bytes = 256 * 1024}) {}
        Writer writer;
        wire::LineSplitter lines;
        int status = 0;
        std::string error_body;
        bool paused = false;
        net::RequestHandle upstream;
    };

    void on_data(std::uint64_t id, std::string_view bytes);
    void on_done(std::uint64_t id, const base::Result<void>& result);

    KubeApi& kube_;
    Heartbeat& heartbeat_;
    std::uint64_t next_id_ = 0;
    std::map<std::uint64_t, std::shared_ptr<Stream>> streams_;
};

}  // namespace hub
