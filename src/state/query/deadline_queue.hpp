// DeadlineQueue: many due times behind one scheduler timer. A heap whose members know their place, so that moving or withdrawing one
// costs as little as adding it.
//
//   state::Deadline gc{state::Deadline::Kind::gc, &entry};
//   queue.set(gc, now_ms + 600'000);
//   while (state::Deadline* due = queue.pop_due(now_ms)) ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace state {

// Part of its owner, which withdraws it before it goes. Deadlines of the same time come out in the order they were set.
struct Deadline {
    enum class Kind : std::uint8_t { query_gc, query_retry, stale, interval, mutation_retry, mutation_gc };
    static constexpr std::size_t kNowhere = SIZE_MAX;

    Deadline(Kind k, void* o) : kind(k), owner(o) {}
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;
    [[nodiscard]] bool pending() const { return place != kNowhere; }

    Kind kind;
    void* owner;
    std::int64_t due_ms = 0;
    std::uint64_t order = 0;
    std::size_t place = kNowhere;
};

class DeadlineQueue {
public:
    void set(Deadline& deadline, std::int64_t due_ms);
    void remove(Deadline& deadline);
    [[nodiscard]] Deadline* pop_due(std::int64_t now_ms);
    // Null when there is none.
    [[nodiscard]] const Deadline* next() const { return heap_.empty() ? nullptr : heap_.front(); }
    [[nodiscard]] std::size_t size() const { return heap_.size(); }

private:
    [[nodiscard]] static bool before(const Deadline& a, const Deadline& b) {
        return a.due_ms != b.due_ms ? a.due_ms < b.due_ms : a.order < b.order;
    }
    void put(std::size_t place, Deadline* deadline);
    void rise(std::size_t place);
    void sink(std::size_t place);

    std::vector<Deadline*> heap_;
    std::uint64_t next_order_ = 0;
};

}  // namespace state
