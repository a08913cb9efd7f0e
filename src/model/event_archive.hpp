// EventArchive: the events of the feed that this browser has seen, so that a reload still shows them and one can look back for days.
//
// Rows lie in a port, a sorted table of texts (IndexedDB in the tab: web/indexed_db_archive.hpp; memory in tests and where the browser
// refuses it). A row's key is "<schema>/<13 digits of unix ms>/<event id>", so that keys are in the order of time.
//
//   EventArchive archive(store, scheduler);
//   archive.open("user-1", [](base::Result<void>) { ... });       // another user's rows go first
//   archive.add(event);                                            // written with others, soon; one that is there stays as it is
//   archive.read(from_unix_ms, 1'000, [](base::Result<std::vector<FeedEvent>> newest_first) { ... });
//   archive.clear();                                               // sign-out
//
// Promises
//   - At most kMaxEvents, none older than kMaxAgeMs; when the browser has no room, half of that.
//   - All tabs share the table. Writing is idempotent by key; add() never undoes what put() wrote (acknowledged).
//   - Rows of a newer schema, or of an older one without a migration, are kept aside: not read, not counted, not removed but by clear().
//   - Unreadable rows are skipped. A store that fails makes the archive say so by problem(); the feed goes on in memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "base/unique_function.hpp"
#include "model/feed_event.hpp"

namespace model {

// A table of texts by key, sorted by bytes. Answers come in the order of the calls, never inside of them; none once it is destroyed.
class EventArchiveStore {
public:
    struct Row {
        std::string key;
        std::string text;
    };
    using Done = base::UniqueFunction<void(base::Result<void>)>;
    using Rows = base::UniqueFunction<void(base::Result<std::vector<Row>>)>;

    virtual ~EventArchiveStore() = default;
    // `replace` false: rows whose key is there stay as they are. All of them or, with an error, none.
    virtual void write(std::vector<Row> rows, bool replace, Done done) = 0;
    // The last `most` with from <= key < to, sorted.
    virtual void read(std::string from, std::string to, std::size_t most, Rows done) = 0;
    // Of those with from <= key < to: removes what is before `before`, and the first ones beyond the last `keep`.
    virtual void trim(std::string from, std::string to, std::string before, std::size_t keep, Done done) = 0;
    virtual void clear(Done done) = 0;
};

class EventArchive {
public:
    static constexpr int kSchema = 1;
    static constexpr std::size_t kMaxEvents = 5'000;
    static constexpr std::int64_t kMaxAgeMs = 30LL * 24 * 60 * 60 * 1000;
    static constexpr std::int64_t kWriteDelayMs = 250;
    static constexpr std::size_t kTrimEvery = 200;      // events written between two trims
    static constexpr std::size_t kMaxPending = 500;     // not written yet; beyond it the oldest go

    // `store` null: nothing is kept. It must outlive the archive.
    EventArchive(EventArchiveStore* store, base::Scheduler& scheduler) : store_(store), scheduler_(scheduler) {}

    using Opened = base::UniqueFunction<void(base::Result<void>)>;
    void open(std::string owner, Opened done);
    void add(FeedEventPtr event);
    void put(std::vector<FeedEventPtr> events);  // replaces: their acknowledged state has changed
    void flush();                                // writes what waits, now
    using Found = base::UniqueFunction<void(base::Result<std::vector<FeedEventPtr>>)>;
    void read(std::int64_t from_ms, std::size_t most, Found done);
    void clear();                                // everything, of any schema; closes

    [[nodiscard]] bool is_open() const { return phase_ == Phase::open; }
    // Why events are not kept, or empty.
    [[nodiscard]] const std::string& problem() const { return problem_; }
    // A newer program has left events that this one cannot read.
    [[nodiscard]] bool newer_kept() const { return newer_kept_; }

private:
    enum class Phase { closed, opening, open, failed };
    template <class F>
    [[nodiscard]] auto guard(F function);
    void claim(Opened done);
    void write_meta(Opened done);
    void write(std::vector<EventArchiveStore::Row> rows, bool replace);
    void trim();
    void fail(const base::Error& error);
    [[nodiscard]] static std::string key_of(const FeedEvent& event);
    [[nodiscard]] static std::string key_at(std::int64_t unix_ms);

    EventArchiveStore* store_;
    base::Scheduler& scheduler_;
    Phase phase_ = Phase::closed;
    std::string owner_;
    std::string problem_;
    bool newer_kept_ = false;
    int newest_schema_ = kSchema;
    std::size_t most_ = kMaxEvents;      // less once the browser had no room
    std::vector<FeedEventPtr> waiting_;
    std::size_t since_trim_ = 0;
    base::Timer timer_;
    std::uint64_t session_ = 0;          // raised by open() and clear(): answers of an earlier one count no more
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace model
