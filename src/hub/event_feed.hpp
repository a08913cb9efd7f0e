// EventFeed: one live stream of what happens: workloads, projects, clusters, addons, builds, errors (contract: KubeNest's
// /api/v1/events/stream). Who publishes does not know who reads; who reads gets what passes the filter of the request and what that
// caller may see at that moment.
//
//   feed.publish({.type = "cluster_status_update", .resource_type = "cluster", .data = {{"cluster_id", "demo"}, {"status", "healthy"}}, .cluster = "demo"});
//   feed.stream(caller, filter, request.headers.get("last-event-id"), writer);
//
// - The last kKept events stay in memory. Each has an id, "<life>-<number>": the SSE id, and the member `id` of the data. A reader that comes
//   with one as Last-Event-ID gets what it missed first. An id of an earlier life of the hub, or any other text ("0"), gets all that is kept.
// - Frames: `connected`, which says by `complete` whether nothing is lost between that id and what follows, and by `restarted` that the id is
//   not of this life; the events; `gap` {missed} where a
//   reader was so slow that events fell out of memory; `heartbeat` at the interval, without an id. Each has event_type and a numeric timestamp
//   in seconds; events have `time` (RFC 3339, milliseconds) besides.
// - A reader that lags is not written to until it has caught up; it loses nothing that is still kept.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "hub/answers.hpp"
#include "hub/auth.hpp"
#include "hub/lifetime.hpp"

namespace hub {

struct FeedEvent {
    std::string type;                       // workload_status_update, project_status_update, ..., error_report
    std::string resource_type;              // workload, project, cluster, addon, build: what ?resource_type= asks for
    Json data = Json::object();             // without id, event_type and times
    // Who may see it.
    std::string cluster = {};               // those who see this cluster; empty: everybody who is signed in
    std::vector<std::string> namespaces = {};  // of the cluster: a caller who is limited to some there needs all of these; empty: not known
    std::vector<std::string> users = {};    // not empty: these and admins, whatever the cluster
};

struct FeedFilter {
    std::string cluster_id, project_id, workload_id;  // empty: any
    std::string resource_type;                         // empty or "all": any

    [[nodiscard]] bool passes(const FeedEvent& event) const;
};

class EventFeed {
public:
    static constexpr std::size_t kKept = 500;
    static constexpr std::size_t kMaxReaders = 1'000;
    static constexpr std::size_t kMaxTextBytes = 2'000;  // of each text in the data

    // Asked for each event and reader when it is sent.
    using MaySee = base::UniqueFunction<bool(const User& caller, const FeedEvent& event)>;

    // `heartbeat_ms` 0: none.
    EventFeed(base::Scheduler& scheduler, base::Random& random, std::int64_t heartbeat_ms, MaySee may_see);
    ~EventFeed();  // ends the streams

    void publish(FeedEvent event);
    void stream(User caller, FeedFilter filter, std::string_view last_event_id, Writer writer);
    [[nodiscard]] std::size_t readers() const { return readers_.size(); }
    // Runs when somebody comes to read where nobody did, never inside stream().
    void on_first_reader(base::UniqueFunction<void()> callback) { on_first_reader_ = std::move(callback); }

private:
    struct Kept {
        std::uint64_t number = 0;
        FeedEvent event;    // without its data
        std::string frame;
    };
    struct Reader {
        std::uint64_t id = 0;
        User caller;
        FeedFilter filter;
        Writer writer;
        std::uint64_t next = 0;  // number of the event to be sent next
        bool lagging = false;
    };
    struct Resume {
        std::uint64_t next = 0;
        bool complete = true;
        bool restarted = false;  // the id is not of this life
    };

    [[nodiscard]] Resume resume_at(std::string_view last_event_id) const;
    [[nodiscard]] std::string frame(std::string_view type, Json data, const std::string& id = {}) const;
    [[nodiscard]] std::uint64_t oldest() const { return kept_.empty() ? next_number_ : kept_.front().number; }
    void pump(std::uint64_t reader_id);
    void send(Reader& reader, const std::string& bytes);
    void beat();
    [[nodiscard]] Reader* find(std::uint64_t reader_id);
    [[nodiscard]] std::vector<std::uint64_t> reader_ids() const;  // a write may end a reader

    base::Scheduler& scheduler_;
    base::Random& random_;
    std::int64_t heartbeat_ms_;
    MaySee may_see_;
    std::string life_;
    std::uint64_t next_number_ = 1;
    std::deque<Kept> kept_;
    std::deque<Reader> readers_;
    std::uint64_t next_reader_ = 1;
    base::UniqueFunction<void()> on_first_reader_;
    base::Timer heartbeat_;
    Lifetime lifetime_;
};

}  // namespace hub
