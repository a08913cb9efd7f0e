// WatchMachine: keeps up with one Kubernetes collection, as an explicit state machine without I/O. Whoever drives it sends the request it
// wants, tells it what comes back and what time it is, and hears from it what the collection holds (Kubernetes API concepts, "Efficient
// detection of changes"; KEP-3157 streaming lists; KEP-365 pages; KEP-956 bookmarks).
//
//   wire::WatchMachine machine({.path = "/api/v1/namespaces/default/pods"}, random, consumer);
//   machine.start(now);
//   // after every call: see to it that what is under way is machine.request() (another id: drop the old one, send this one and say
//   // sent()), and that tick() is called at machine.deadline_ms()
//   machine.on_head(id, now, {.status = 200});  machine.on_data(id, now, bytes);  machine.on_end(id, now, nullptr);
//
//            start                         last page                                        410, or events that cannot be read
//   idle ───────────► listing ◄── page ──┐ ─────────► watching ◄── ends, cuts: resumed ──┐ ─────────► listing
//                  └► streaming ── initial-events-end ──┘ └───────────────────────────────┘
//                     refused: listing, and remembered       any failure: waiting, then on from where it was
//
// Promises
//   - on_init, any number of on_init_apply, on_init_done: the collection as it was at one moment. Then on_apply and on_deleted, in order,
//     without a gap, until the next on_init. A second on_init before on_init_done means that what came since the first is void.
//   - The resource version moves on with events and bookmarks only; an ERROR, an unknown type or a line that cannot be read never moves it.
//     A watch that ends is resumed there; only 410 (as status or as event), versions from the future and repeated nonsense lead to a new
//     list. That is asked for at no older a state than was seen already.
//   - Every failure is waited out: 0.8 s, doubled up to 30 s, each with as much again by chance; Retry-After is kept to. Thirty good seconds
//     of a watch make the next failure the first one again. What will not get better by itself (401 after a renewal, 403, 404, 400)
//     is asked about slowly: after 5 min, 1 min, 30 s and 5 min.
//   - A silence longer than the server was told to keep a watch open (5 to 10 min by chance, and 5 s) is the end of that connection.
//   - Late input for a request that is no longer wanted changes nothing. Nothing is buffered beyond `max_object_bytes` (events) and
//     `max_page_bytes` (a page).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "wire/ndjson.hpp"
#include "wire/watch_object.hpp"

namespace wire {

struct WatchTrouble {
    enum class Kind : std::uint8_t {
        unreachable,      // no answer, or it was cut
        busy,             // 429: the server asks for patience
        server_error,     // 5xx, or 410 again and again
        protocol,         // no Kubernetes API, or one that sends nonsense
        too_large,        // a page or an event over its limit
        unauthenticated,  // 401, also after a renewal of the credentials
        forbidden,        // 403
        not_found,        // 404: no such kind (any more)
        refused,          // any other 4xx: the request itself is wrong
    };
    Kind kind = Kind::unreachable;
    int status = 0;       // as HTTP has it, 0 without an answer
    std::string reason;   // of the Status, may be empty
    std::string message;  // for people, never empty
    std::int64_t retry_at_ms = 0;  // monotonic
};

// May neither call nor destroy the machine from within a call.
class WatchConsumer {
public:
    virtual ~WatchConsumer() = default;
    virtual void on_init() = 0;
    virtual void on_init_apply(const WatchObject& object) = 0;
    // What was known before and has not come again is gone.
    virtual void on_init_done(std::string_view resource_version) = 0;
    virtual void on_apply(const WatchObject& object) = 0;    // added or modified
    virtual void on_deleted(const WatchObject& object) = 0;  // its last state; between on_init and on_init_done: not one of them after all
    virtual void on_bookmark(std::string_view resource_version) { (void)resource_version; }
    // Once when trouble begins, and again when it is of another kind.
    virtual void on_trouble(const WatchTrouble& trouble) = 0;
    virtual void on_recovered() = 0;
};

struct WatchOptions {
    std::string path{};               // of the collection: "/apis/apps/v1/namespaces/default/deployments"
    std::string query{};              // selectors, percent-encoded: "labelSelector=app%3Dweb"; may be empty
    bool streaming_list = true;       // ask for the list as a stream first
    bool any_version_first = true;    // the first list may be a few seconds old (resourceVersion=0: from the server's memory)
    int page_limit = 500;
    std::size_t max_object_bytes = 16 * 1024 * 1024;
    std::size_t max_page_bytes = 64 * 1024 * 1024;
    std::int64_t shortest_watch_s = 300;  // what the server is told, by chance up to twice that
};

// Counts since the machine was made.
struct WatchStats {
    std::uint64_t lists = 0;      // begun, by pages or as a stream
    std::uint64_t watches = 0;    // requests that watch, streaming lists included
    std::uint64_t events = 0;     // ADDED, MODIFIED, DELETED
    std::uint64_t bookmarks = 0;
    std::uint64_t expired = 0;    // 410
    std::uint64_t failures = 0;   // waited out
    std::uint64_t unreadable = 0; // lines
    std::uint64_t unknown = 0;    // events of a type that is not known
    std::uint64_t misplaced = 0;  // DELETED within a streaming list: the server's bug
};

class WatchMachine {
public:
    enum class State : std::uint8_t { idle, listing, streaming, watching, waiting, renewing };

    struct Request {
        std::uint64_t id = 0;    // another one for every request
        std::string target;
    };
    struct Head {
        int status = 0;
        std::string_view retry_after = {};  // the header's value: seconds; a date is not understood and counts as absent
    };

    // `random` and `consumer` must outlive the machine.
    WatchMachine(WatchOptions options, base::Random& random, WatchConsumer& consumer);
    WatchMachine(const WatchMachine&) = delete;
    WatchMachine& operator=(const WatchMachine&) = delete;

    // ---- what should be so
    [[nodiscard]] const std::optional<Request>& request() const { return request_; }
    // Part of a list, as opposed to a watch: what a server that has just come back should not get from everybody at once.
    [[nodiscard]] bool is_initial() const { return state_ == State::listing || state_ == State::streaming; }
    // When to call tick(), monotonic. It only ever matters as it is now: a deadline that moved is to be looked up again.
    [[nodiscard]] std::optional<std::int64_t> deadline_ms() const;
    // The credentials are to be renewed; answer by on_renewed().
    [[nodiscard]] bool wants_renewal() const { return state_ == State::renewing; }

    // ---- what happens; `now_ms` is monotonic
    // Begins, or begins anew with a whole list: another server, other credentials. Pauses are cut short.
    void start(std::int64_t now_ms);
    void stop();
    void sent(std::uint64_t id, std::int64_t now_ms);
    void on_head(std::uint64_t id, std::int64_t now_ms, const Head& head);
    void on_data(std::uint64_t id, std::int64_t now_ms, std::string_view bytes);
    // `cut`: what ended it before its end, null for the proper end.
    void on_end(std::uint64_t id, std::int64_t now_ms, const base::Error* cut);
    void on_renewed(std::int64_t now_ms);
    void tick(std::int64_t now_ms);

    // ---- how it is
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool synced() const { return synced_; }  // a whole list has come in at least once
    [[nodiscard]] const std::string& resource_version() const { return version_; }  // empty: to be listed
    [[nodiscard]] bool streaming_refused() const { return streaming_refused_; }
    [[nodiscard]] const std::optional<WatchTrouble>& trouble() const { return trouble_; }
    [[nodiscard]] const WatchStats& stats() const { return stats_; }

private:
    enum class Freshness : std::uint8_t { any, not_older, newest };
    // What a line has brought that ends its request.
    struct Verdict {
        enum class Kind : std::uint8_t { none, status, unreadable, incomplete, oversized } kind = Kind::none;
        WatchStatus status{};
    };

    void begin_list(std::int64_t now_ms);
    void ask(State state, std::int64_t now_ms);
    [[nodiscard]] std::string target_of(State state);
    void wait(std::int64_t now_ms, std::int64_t delay_ms, State then);
    [[nodiscard]] std::int64_t backoff_ms();
    [[nodiscard]] std::int64_t jittered(std::int64_t ms);
    void fail(std::int64_t now_ms, WatchTrouble trouble, std::int64_t at_least_ms = 0);
    void park(std::int64_t now_ms, WatchTrouble trouble, std::int64_t delay_ms);
    void tell(WatchTrouble trouble);
    void recovered();
    void relist_after_410(std::int64_t now_ms);
    void forget_version(Freshness next);
    void refused(std::int64_t now_ms, WatchStatus status, bool in_stream);
    void fall_back(std::int64_t now_ms);

    void take_page(std::int64_t now_ms);
    void take_line(std::string_view line, bool whole);
    void take_bookmark(std::string_view object);
    void initial_events_ended(const std::string& version);
    void judge(std::int64_t now_ms);
    void stream_ended(std::int64_t now_ms, const base::Error* cut);

    WatchOptions options_;
    base::Random& random_;
    WatchConsumer& consumer_;

    State state_ = State::idle;
    State then_ = State::idle;         // what a pause or a renewal ends in
    std::optional<Request> request_;
    std::uint64_t next_id_ = 1;
    bool sent_ = false;
    std::int64_t started_ms_ = 0;      // of the request
    std::int64_t last_byte_ms_ = 0;
    std::int64_t wake_ms_ = 0;         // of a pause
    std::int64_t watch_ms_ = 0;        // what the server was told
    std::int64_t now_ms_ = 0;          // of the call that is running
    int status_ = 0;                   // 0: no head yet
    std::int64_t retry_after_ms_ = 0;
    std::string body_;                 // of a page, or of a refusal
    LineSplitter lines_;
    WatchObjectReader reader_;
    Verdict verdict_;
    std::uint64_t events_of_request_ = 0;

    std::string version_;              // where the watch goes on; empty: list
    std::string seen_version_;         // the newest the consumer knows of
    std::string continue_;             // of the next page
    std::uint64_t pages_ = 0;
    Freshness freshness_;
    bool synced_ = false;
    bool streaming_refused_ = false;
    bool renewed_ = false;             // since the last success

    int failures_ = 0;                 // in a row
    int short_watches_ = 0;            // in a row
    int broken_streams_ = 0;           // streaming lists that ended before their end, in a row
    int internal_errors_ = 0;          // in streams, in a row
    int unreadable_ = 0;               // requests that ended so, in a row
    std::optional<std::int64_t> well_since_ms_;
    std::optional<WatchTrouble> trouble_;
    WatchStats stats_;
};

}  // namespace wire
