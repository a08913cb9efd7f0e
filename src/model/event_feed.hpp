// EventFeed: what happens in the clusters, projects and workloads, live and looked back on: the provider of seed 3, its store and its archive.
//
//   feed.start("user-1");                            // signed in: opens the archive, shows the last events, then opens the one stream
//   feed.state().events;                             // newest first, at most kKept
//   feed.events_of_type("workload.running");         // in any of the vocabularies
//   auto sub = feed.subscribe({.project_id = id}, [](const FeedEvent& event) { ... });
//   feed.replay_from(now - day);                     // out of the archive, into state().replay
//   feed.clear_event_state();                        // sign-out: nothing is read any more, nothing is kept
//
// Promises
//   - One connection, whatever is subscribed with whatever filter: filters choose from what comes, they never connect.
//   - A stream that breaks is tried again after 1 s doubling to 30 s, ten times; then it has given up, says so and waits for
//     reconnect(), or for the tab to be shown or be online again (wake()).
//   - What was missed while the stream was away is asked for by Last-Event-ID; where the backend cannot give all of it, state().gap is set.
//     Nothing is in the list twice.
//   - An event of this very moment, not one that was replayed, goes to `on_fresh`: the toasts.
//   - Acknowledging is remembered by the archive and told to the other tabs.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/event_archive.hpp"
#include "model/feed_query.hpp"
#include "model/model_context.hpp"
#include "model/tab_sync.hpp"
#include "model/topics.hpp"
#include "net/shared_streams.hpp"
#include "state/store.hpp"

namespace model {

// Where a kind of backend has its feed; how the stream behaves is said by net::stream_profile().
struct EventFeedSource {
    std::string_view kind;        // as in config.json
    net::StreamBackend backend = net::StreamBackend::binnacle;
    std::string_view path;
    bool below_api = true;        // the path is behind the API's prefix
};
[[nodiscard]] const EventFeedSource& event_feed_source(std::string_view kind);  // of our own hub for an unknown kind

enum class FeedPhase : std::uint8_t {
    closed,      // nobody is signed in
    connecting,
    open,
    retrying,    // again at retry_at_ms
    gave_up,     // after ten tries
    refused,     // the backend has no feed, or not for this user: see `problem`
};

struct EventReplay {
    LoadPhase phase = LoadPhase::idle;    // idle: the list shows the live events
    std::int64_t from_ms = 0;             // unix
    base::Error error;
    std::vector<FeedEventPtr> events;     // newest first
    bool cut = false;                     // there are more than kMaxReplay
    friend bool operator==(const EventReplay&, const EventReplay&) = default;
};

struct EventFeedState {
    FeedPhase phase = FeedPhase::closed;
    int tries = 0;                        // failed ones since it last worked
    std::int64_t retry_at_ms = 0;         // monotonic
    std::string problem;                  // why it is not open
    base::ErrorCode refusal = base::ErrorCode::unavailable;  // while refused
    bool loading = false;                 // the archive is being read for the first time
    bool gap = false;                     // something may have been missed since the first of `events`
    std::vector<FeedEventPtr> events;     // newest first
    std::string archive_problem;          // why events are not kept, or empty
    bool newer_kept = false;              // a newer program left events that are not shown
    EventReplay replay;
    friend bool operator==(const EventFeedState&, const EventFeedState&) = default;
};

class EventFeed {
public:
    static constexpr std::size_t kKept = 100;
    static constexpr std::size_t kMaxReplay = 2'000;
    static constexpr std::size_t kKnown = 1'000;       // ids that are recognised when they come again
    static constexpr std::int64_t kFreshMs = 30'000;   // older than that by the backend's clock: not of this moment

    struct Parts {
        ModelContext& context;
        TabSync& tabs;
        EventArchiveStore* archive = nullptr;  // must outlive the feed
        EventFeedSource source;
    };
    explicit EventFeed(Parts parts);
    ~EventFeed();

    [[nodiscard]] const EventFeedState& state() const { return state_.get(); }
    [[nodiscard]] std::uint64_t version() const { return state_.version(); }
    // The stream is open: whoever else tells of nodes may be silent.
    [[nodiscard]] bool live() const { return state().phase == FeedPhase::open; }
    [[nodiscard]] int max_tries() const;

    void start(std::string owner);
    void wake();        // the tab came back, or the network did
    void reconnect();   // by hand
    void flush();       // the page may go: writes what waits for the archive
    void clear_event_state();

    // Events that are in memory, newest first.
    [[nodiscard]] std::vector<FeedEventPtr> events_of_type(std::string_view name) const;
    [[nodiscard]] std::vector<FeedEventPtr> events_of_resource(std::string_view resource_id) const;

    // Ends when dropped.
    using Subscription = std::shared_ptr<void>;
    struct Wanted {
        std::string cluster_id = {}, project_id = {}, workload_id = {};  // empty: any
        std::optional<EventAbout> about = {};
        [[nodiscard]] bool wants(const FeedEvent& event) const;
    };
    // `callback` gets each event that comes from now on; it may end its own and other subscriptions.
    [[nodiscard]] Subscription subscribe(Wanted wanted, base::UniqueFunction<void(const FeedEvent&)> callback);
    void on_fresh(base::UniqueFunction<void(const FeedEventPtr&)> callback) { on_fresh_ = std::move(callback); }

    void acknowledge(const std::vector<std::string>& ids, bool acknowledged = true);

    // Reads what the archive has since then. A negative time ends looking back.
    void replay_from(std::int64_t from_ms);
    void retry_replay();

private:
    struct Listener {
        Wanted wanted;
        base::UniqueFunction<void(const FeedEvent&)> callback;
    };
    template <class F>
    void update(F change);
    void open_stream(const std::string& after);
    void on_phase(const net::EventStream::State& now);
    void on_frame(const wire::SseEvent& frame);
    void on_greeting(std::string_view data);
    void take(FeedEventPtr event);
    void set_acknowledged(const std::set<std::string>& ids, bool acknowledged, bool keep);
    [[nodiscard]] bool remember(const std::string& id);  // false: known already

    ModelContext& context_;
    TabSync& tabs_;
    EventFeedSource source_;
    EventArchive archive_;
    state::Store<EventFeedState> state_;
    net::SharedStreams::Lease stream_;
    std::vector<std::weak_ptr<Listener>> listeners_;
    base::UniqueFunction<void(const FeedEventPtr&)> on_fresh_;
    std::set<std::string, std::less<>> known_;
    std::deque<std::string> known_order_;
    std::string last_sse_id_;
    std::int64_t clock_ahead_ms_ = 0;   // the backend's clock less ours, as of its last greeting
    std::int64_t started_ms_ = 0;       // unix, by our clock
    std::uint64_t round_ = 0;           // raised by start() and clear_event_state()
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace model
