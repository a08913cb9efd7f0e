// Trace: what happened to the stores, for the developer panel and for bug reports: time, store, action, difference.
//
//   state::Trace trace(clock);
//   sub_ = trace.watch(auth, "auth", [](const AuthState& s) { return base::Json{{"user", s.user_id}, {"token", state::redacted(s.token)}}; });
//   auth.update("login", ...);
//   trace.entries().back();      // {store "auth", action "login", changes [{"/user", null, "7"}, {"/token", "(none)", "(set)"}]}
//   trace.to_json();             // for export
//
// Promises
//   - The last kCapacity entries are kept; entries() tells how many older ones are gone.
//   - The same action on the same store within kCoalesceMs is one entry with a count: dragging does not push out everything else.
//   - A projection decides what is shown; secrets never enter: project them through redacted().
//   - At most kMaxChanges differences per entry, each value cut at kMaxValueBytes: the cost of a change is that of its projection.
//   - An update that changes nothing the projection shows makes no entry.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/ring_buffer.hpp"
#include "base/scheduler.hpp"
#include "state/store.hpp"

namespace state {

// "(set)" or "(none)".
[[nodiscard]] std::string_view redacted(std::string_view secret);

struct TraceChange {
    std::string path;  // JSON pointer (RFC 6901)
    std::string from;  // JSON text, "" when it was not there
    std::string to;    // JSON text, "" when it is gone
    friend bool operator==(const TraceChange&, const TraceChange&) = default;
};

// The differences between two values, object members one by one, arrays whole; at most `limit`.
[[nodiscard]] std::vector<TraceChange> differences(const base::Json& from, const base::Json& to, std::size_t limit);

struct TraceEntry {
    std::uint64_t number = 0;   // grows by one per entry
    std::int64_t unix_ms = 0;   // of the last time it happened
    std::string store;
    std::string action;         // "change" when it has no name
    std::uint32_t count = 1;
    std::vector<TraceChange> changes;
};

class Trace {
public:
    static constexpr std::size_t kCapacity = 300;
    static constexpr std::int64_t kCoalesceMs = 1'000;
    static constexpr std::size_t kMaxChanges = 16;
    static constexpr std::size_t kMaxValueBytes = 160;

    explicit Trace(const base::Clock& clock) : clock_(clock), entries_(kCapacity) {}
    Trace(const Trace&) = delete;
    Trace& operator=(const Trace&) = delete;

    // `project(const T&)` gives the JSON that is compared and shown. Ends when the subscription is dropped; the trace must outlive it.
    template <class T, class F>
    [[nodiscard]] Subscription watch(Store<T>& store, std::string name, F project) {
        base::Json now = project(store.get());
        return store.subscribe([this, &store, name = std::move(name), project = std::move(project), last = std::move(now)](const T& value) mutable {
            base::Json next = project(value);
            record(name, store.action(), last, next);
            last = std::move(next);
        });
    }
    void record(std::string_view store, std::string_view action, const base::Json& from, const base::Json& to);

    [[nodiscard]] const base::RingBuffer<TraceEntry>& entries() const { return entries_; }
    [[nodiscard]] std::uint64_t version() const { return version_; }
    [[nodiscard]] base::Json to_json() const;
    void clear();

private:
    const base::Clock& clock_;
    base::RingBuffer<TraceEntry> entries_;
    std::int64_t last_ms_ = 0;  // monotonic, of the newest entry
    base::Json before_newest_;  // its store before it
    std::uint64_t next_number_ = 1;
    std::uint64_t version_ = 0;
};

}  // namespace state
