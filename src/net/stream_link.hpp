// StreamLink: the one live connection of a tab to its hub. Browsers allow six HTTP/1.1 connections per origin over all tabs, so everything
// that lives (StreamMux's channels, WatchManager's watches) shares this one: GET <root>/stream?cid=<uuid> down, small POSTs up.
//
//   net::StreamLink link(http, scheduler, random, {.root = "/api/watch", .authorization = ..., .renew = ...});
//   net::StreamMux streams(http, scheduler, link);
//   net::WatchManager watches(http, scheduler, random, link);
//   link.set_visible(false);
//
// Promises
//   - One connection, opened when a user first wants something and closed kLingerMs after nobody does. Single flight: never two.
//   - A cut, an end or silence (kIdleMs, three of the hub's heartbeats) is followed by another attempt: the first at once, then 500 ms
//     doubled up to kMaxDelayMs, less 0-50 % jitter; wake() skips the wait. The bearer is asked for at each attempt.
//   - A reconnect sends Last-Event-ID. If the hub still has the session (`connected{resumed:true}`) nothing is lost or doubled; else the
//     users hear on_lost() and begin anew with another session. A session that was away for kResumeMs is given up.
//   - POSTs go out only while the session is connected, at most kMaxPosts at a time; an answer for a lost session is never delivered. 401
//     renews the token once and sends again; "unknown client" ends the session.
//   - A hidden tab lets go after kHiddenMs and is back at once when shown; meanwhile the hub keeps the session.
//   - 404, 405 or a page in place of the stream: the backend has no such route (Phase::unsupported), which on_failed() tells with not_found.
//
// Nothing is called back inside a call to the link but on_lost() inside reset(). The link may not be destroyed inside a User's callback.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "net/http.hpp"
#include "wire/sse_parser.hpp"

namespace net {

class StreamLink {
public:
    static constexpr std::int64_t kIdleMs = 15'000;
    static constexpr std::int64_t kResumeMs = 110'000;  // the hub forgets a client after 120 s
    static constexpr std::int64_t kHiddenMs = 30'000;
    static constexpr std::int64_t kLingerMs = 5'000;
    static constexpr std::int64_t kMaxDelayMs = 10'000;
    static constexpr std::int64_t kGoodAfterMs = 10'000;  // open for so long: the next cut is not a repeated one
    static constexpr std::size_t kMaxPosts = 2;
    static constexpr std::int64_t kAckBytes = 128 * 1024;

    struct Options {
        std::string root = "/api/watch";                          // stream, subscribe, unsubscribe and credit are below; empty: unsupported
        base::UniqueFunction<std::string()> authorization{};      // the header's value; empty: none
        // Renews the token and calls back whether that worked; without it a 401 fails the attempt.
        base::UniqueFunction<void(base::UniqueFunction<void(bool)>)> renew{};
        bool acknowledges = true;                                 // the hub takes `credit`; false for a foreign one
    };

    enum class Phase {
        idle,         // nobody wants anything
        connecting,
        open,
        waiting,      // for the next attempt, see retry_at_ms
        released,     // the tab is hidden
        unsupported,  // the backend has no such route
    };

    struct Status {
        Phase phase = Phase::idle;
        std::string client_id;
        int retries = 0;                  // failed attempts since it last worked
        std::int64_t retry_at_ms = 0;     // monotonic, while waiting
        std::int64_t opened_at_ms = 0;    // monotonic, of this connection
        std::int64_t last_frame_ms = 0;
        std::uint64_t attempts = 0;
        std::uint64_t resumes = 0;
        std::uint64_t sessions = 0;
        std::uint64_t bytes = 0;
        std::uint64_t frames = 0;
        std::uint64_t unknown_frames = 0; // nobody's
        std::uint64_t posts = 0;
        std::string last_error;           // empty while all is well
    };

    // One who lives on the link.
    class User {
    public:
        virtual ~User() = default;
        // True: the frame was this user's.
        virtual bool on_frame(const wire::SseEvent& event) = 0;
        // The session is there. After on_lost() it is a new one.
        virtual void on_open() = 0;
        // The session is over: what was subscribed is gone, POSTs under way are not answered any more.
        virtual void on_lost(const base::Error& why) = 0;
        // An attempt failed; the next is under way unless the phase is `unsupported`.
        virtual void on_failed(const base::Error& why) = 0;
        // The phase has become `open`, or is no longer.
        virtual void on_connected(bool connected) = 0;
        [[nodiscard]] virtual bool wants_link() const = 0;
        // Adds to the body of the next `credit` what the readers have consumed: channel → bytes in all.
        virtual void add_credit(base::Json& channels) = 0;
    };

    using PostDone = base::UniqueFunction<void(base::Result<Response>)>;

    // All must outlive the link.
    StreamLink(HttpClient& http, base::Scheduler& scheduler, base::Random& random, Options options);
    ~StreamLink();
    StreamLink(const StreamLink&) = delete;
    StreamLink& operator=(const StreamLink&) = delete;

    void add(User& user);
    void remove(User& user);
    // After each change of phase, from a task of its own.
    void on_change(base::UniqueFunction<void()> callback) { on_change_ = std::move(callback); }

    // Somebody wants something now: connects if need be.
    void want();
    // Somebody wants nothing any more.
    void want_less();
    // POST <root>/<action> with clientId and what is in `body`. Kept until the session is open. Those of one lane go out one after another.
    void post(std::string_view action, std::string lane, base::Json body, PostDone done);
    // There is credit to tell.
    void credit_soon();

    void set_visible(bool visible);
    // Reconnect now instead of waiting.
    void wake();
    // Sign-out: the session is over here and, if it can be told, at the hub; its id is never used again. To be called while the token is
    // still the old one. Who wants something is heard after that.
    void reset();

    [[nodiscard]] const Status& status() const { return status_; }
    [[nodiscard]] bool open() const { return status_.phase == Phase::open; }
    [[nodiscard]] bool unsupported() const { return status_.phase == Phase::unsupported; }

private:
    struct Post {
        std::string action;
        std::string lane;
        base::Json body;
        PostDone done;
        bool renewed = false;
    };

    void attempt();
    void on_head(const ResponseHead& head);
    void on_data(std::string_view bytes);
    void on_done(const base::Result<void>& result);
    void on_event(const wire::SseEvent& event);
    void greeted(const wire::SseEvent& event);
    void fail(const base::Error& why, std::int64_t at_least_ms = 0);
    void lose(const base::Error& why);
    void drop_session();
    void renew(base::UniqueFunction<void(bool)> done);
    void release();
    void retry_in(std::int64_t delay_ms);
    void set_phase(Phase phase);
    void notify_soon();
    void pump_posts();
    void send_post(Post post);
    void post_answered(Post post, base::Result<Response> response);
    void send_credit();
    void credit_answered(const base::Result<Response>& response, base::Json channels);
    void authorize(Request& request);
    [[nodiscard]] bool wanted() const;
    [[nodiscard]] std::int64_t now_ms() const { return scheduler_.clock().monotonic_ms(); }
    template <class F>
    void each_user(F call);

    HttpClient& http_;
    base::Scheduler& scheduler_;
    base::Random& random_;
    Options options_;
    std::vector<User*> users_;
    base::UniqueFunction<void()> on_change_;
    Status status_;
    wire::SseParser parser_;
    RequestHandle stream_;
    base::Timer timer_;         // the next attempt
    base::Timer linger_timer_;
    base::Timer hidden_timer_;
    bool visible_ = true;
    bool accepted_ = false;     // this attempt's head was good
    bool greeted_ = false;      // and `connected` has come
    bool renewed_ = false;      // since it last worked
    bool session_ = false;      // the hub knows client_id
    std::int64_t cut_at_ms_ = 0;
    std::uint64_t generation_ = 0;  // of attempts
    std::uint64_t epoch_ = 0;       // of sessions
    std::int64_t unacknowledged_bytes_ = 0;
    std::deque<Post> posts_;
    struct Running {
        RequestHandle handle;
        std::string lane;
    };
    std::map<std::uint64_t, Running> running_;
    std::uint64_t next_post_ = 0;
    RequestHandle farewell_;
    base::Timer credit_timer_;
    bool credit_due_ = false;
    bool credit_busy_ = false;
    base::Json credit_again_ = base::Json::object();  // what a failed `credit` said
    bool notify_posted_ = false;
    std::shared_ptr<StreamLink*> self_;
};

[[nodiscard]] std::string_view to_string(StreamLink::Phase phase);
// A random UUID (version 4).
[[nodiscard]] std::string make_uuid(base::Random& random);

}  // namespace net
