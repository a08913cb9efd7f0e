#include "state/query/deadline_queue.hpp"

namespace state {

void DeadlineQueue::put(std::size_t place, Deadline* deadline) {
    heap_[place] = deadline;
    deadline->place = place;
}

void DeadlineQueue::rise(std::size_t place) {
    Deadline* moving = heap_[place];
    while (place != 0) {
        const std::size_t parent = (place - 1) / 2;
        if (!before(*moving, *heap_[parent])) break;
        put(place, heap_[parent]);
        place = parent;
    }
    put(place, moving);
}

void DeadlineQueue::sink(std::size_t place) {
    Deadline* moving = heap_[place];
    for (;;) {
        std::size_t child = 2 * place + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && before(*heap_[child + 1], *heap_[child])) ++child;
        if (!before(*heap_[child], *moving)) break;
        put(place, heap_[child]);
        place = child;
    }
    put(place, moving);
}

void DeadlineQueue::set(Deadline& deadline, std::int64_t due_ms) {
    remove(deadline);
    deadline.due_ms = due_ms;
    deadline.order = next_order_++;
    heap_.push_back(&deadline);
    deadline.place = heap_.size() - 1;
    rise(deadline.place);
}

void DeadlineQueue::remove(Deadline& deadline) {
    if (!deadline.pending()) return;
    const std::size_t place = deadline.place;
    deadline.place = Deadline::kNowhere;
    Deadline* last = heap_.back();
    heap_.pop_back();
    if (last == &deadline) return;
    put(place, last);
    rise(place);
    sink(last->place);
}

Deadline* DeadlineQueue::pop_due(std::int64_t now_ms) {
    if (heap_.empty() || heap_.front()->due_ms > now_ms) return nullptr;
    Deadline* due = heap_.front();
    remove(*due);
    return due;
}

}  // namespace state
