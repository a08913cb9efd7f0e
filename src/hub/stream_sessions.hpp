// StreamSessions: the tabs that hold the hub's shared stream (GET /api/watch/stream?cid=<uuid>), each with what it has open: channels that
// carry other streams (StreamChannels) and watches (WatchHub). The far end of net/stream_link.hpp.
//
//   sessions.open(caller, cid, request.headers.get("last-event-id"), writer);      // the stream: connected, heartbeat, frames
//   auto session = sessions.find(caller, cid);                                     // for the POSTs; error: unknown, or somebody else's
//   (*session)->channels().open(...);
//
// Promises
//   - Every frame has an id, rising by one; `connected` says whether the stream goes on where it was cut. Frames that the client has not
//     acknowledged are kept, up to kept_bytes: a reconnect with Last-Event-ID within away_ms gets exactly what is missing, else a session that
//     begins anew, with everything closed.
//   - A client id belongs to the user who opened it. A second connection with the same id takes the stream over; the late end of the first
//     changes nothing.
//   - A session whose reader lags, or whose kept frames are full, is `full()`: channels pause, watches are held back by their hub. Frames that
//     tell of heads and ends are always taken; what is open bounds them.
//   - A heartbeat every heartbeat_ms, one timer for all; none while nobody is connected. Above max_clients the stream is one `error` frame.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/scheduler.hpp"
#include "hub/answers.hpp"
#include "hub/auth.hpp"
#include "hub/lifetime.hpp"
#include "hub/stream_channels.hpp"
#include "hub/watch_hub.hpp"

namespace hub {

struct StreamSessionOptions {
    std::size_t max_clients = 1'000;
    std::size_t max_channels = 50;              // of one client, watches and streams together
    // Of frames that a client has not acknowledged. Never less than 256 KiB, whatever is said here: a client acknowledges what it has at once
    // (net::StreamLink::kAckBytes), and with less both would wait for one another.
    std::size_t kept_bytes = 1024 * 1024;
    std::size_t kept_frames = 8'192;
    std::int64_t away_ms = 120'000;             // a client without a connection is forgotten after that
    std::int64_t heartbeat_ms = 5'000;
};

class StreamSessions;

class StreamSession final : public WatchSink, private StreamChannels::Output {
public:
    // Made by StreamSessions.
    StreamSession(StreamSessions& sessions, std::string client_id, const User& user);
    ~StreamSession() override;
    StreamSession(const StreamSession&) = delete;
    StreamSession& operator=(const StreamSession&) = delete;

    [[nodiscard]] const std::string& client_id() const { return client_id_; }
    [[nodiscard]] const std::string& user_id() const { return user_id_; }
    [[nodiscard]] StreamChannels& channels() { return channels_; }
    [[nodiscard]] std::set<std::string>& watches() { return watches_; }  // channels joined at the WatchHub
    [[nodiscard]] bool has_room() const;                                  // for one more of either

    // Takes the frame in any case; false when full().
    bool send(std::string_view event, std::string_view data) override;
    // The client has everything up to this id.
    void acknowledge(std::uint64_t id);
    [[nodiscard]] bool full() const override;

private:
    friend class StreamSessions;
    void attach(Writer writer, std::string_view last_event_id);
    void detach();
    void forget_ended(std::string_view data);
    void write(std::uint64_t id, std::string_view frame);
    void beat(const std::string& frame);
    void drop_kept(std::size_t count);
    void resume();
    bool send_frame(std::string_view event, std::string_view data) override { return send(event, data); }

    StreamSessions& sessions_;
    std::string client_id_;
    std::string user_id_;
    Writer writer_;                     // null: away
    std::uint64_t generation_ = 0;      // of connections
    std::int64_t away_since_ms_ = 0;
    std::uint64_t last_id_ = 0;         // of the newest frame
    std::deque<std::shared_ptr<const std::string>> kept_;  // without their ids, the newest last; those of a fan-out are one text
    std::size_t kept_bytes_ = 0;
    bool acknowledges_ = false;         // it has done so at least once: then nothing is dropped before it does
    bool lagging_ = false;              // the writer's queue is over its mark
    mutable bool was_full_ = false;     // somebody was told so
    std::set<std::string> watches_;
    StreamChannels channels_;
    Lifetime lifetime_;
};

class StreamSessions {
public:
    // `routes` answers the streams that channels carry; `watches` may be null. All must outlive this.
    StreamSessions(base::Scheduler& scheduler, net::HttpHandler& routes, WatchHub* watches, StreamSessionOptions options);
    ~StreamSessions();
    StreamSessions(const StreamSessions&) = delete;
    StreamSessions& operator=(const StreamSessions&) = delete;

    // Answers with the event stream. `client_id` has been checked to be a UUID.
    void open(const User& caller, const std::string& client_id, std::string_view last_event_id, Writer writer);
    // not_found: unknown; forbidden: another user's. Valid until the next task.
    [[nodiscard]] base::Result<StreamSession*> find(const User& caller, std::string_view client_id);
    // The client has left for good.
    void end(const StreamSession& session);
    // Every user's: {clients, away, streams{target: count}}
    [[nodiscard]] Json stats() const;
    [[nodiscard]] const StreamSessionOptions& options() const { return options_; }
    // Texts of frames made so far; one for all readers of the same event.
    [[nodiscard]] std::uint64_t frames_made() const { return frames_made_; }

private:
    friend class StreamSession;
    void beat();
    void prune();
    void arm_prune();
    [[nodiscard]] std::shared_ptr<const std::string> shared_frame(std::string_view event, std::string_view data);
    [[nodiscard]] std::int64_t now_ms() const { return scheduler_.clock().monotonic_ms(); }

    base::Scheduler& scheduler_;
    net::HttpHandler& routes_;
    WatchHub* watches_;
    StreamSessionOptions options_;
    std::map<std::string, std::unique_ptr<StreamSession>, std::less<>> sessions_;
    std::shared_ptr<const std::string> newest_;  // the frame made last, for the other readers of the same
    std::uint64_t frames_made_ = 0;
    base::Timer beat_timer_;
    base::Timer prune_timer_;
};

}  // namespace hub
