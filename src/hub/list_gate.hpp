// ListGate: how many may do something costly at once; the others wait their turn. After a restart of an API server a hundred watches want
// a list: eight at a time is quick enough, and leaves the server time for people.
//
//   ticket_ = gate.enter([this] { go_on(); });
//   if (!ticket_.granted()) return;           // go_on() runs when it is our turn
//   ...
//   ticket_ = {};                             // the next one, or leaves the queue
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

#include "base/scheduler.hpp"
#include "base/unique_function.hpp"

namespace hub {

class ListGate {
    struct Place {
        bool granted = false;
        base::UniqueFunction<void()> on_turn;
    };
    struct Queue {
        base::Scheduler& scheduler;
        std::size_t limit;
        std::size_t inside = 0;
        std::deque<std::weak_ptr<Place>> waiting{};

        void admit() {
            while (inside < limit && !waiting.empty()) {
                const auto place = waiting.front().lock();
                waiting.pop_front();
                if (!place) continue;  // gave up
                ++inside;
                place->granted = true;
                scheduler.post([weak = std::weak_ptr<Place>(place)] {
                    if (const auto here = weak.lock()) here->on_turn();
                });
            }
        }
    };

public:
    // Owns a place inside or in the queue. May outlive the gate.
    class Ticket {
    public:
        Ticket() = default;
        Ticket(Ticket&&) = default;
        Ticket& operator=(Ticket&& other) noexcept {
            leave();
            place_ = std::move(other.place_);
            queue_ = std::move(other.queue_);
            return *this;
        }
        ~Ticket() { leave(); }
        [[nodiscard]] bool taken() const { return place_ != nullptr; }
        [[nodiscard]] bool granted() const { return place_ && place_->granted; }

    private:
        friend class ListGate;
        void leave() {
            const bool was_inside = granted();
            place_.reset();
            const auto queue = std::exchange(queue_, nullptr);
            if (!was_inside || !queue) return;
            --queue->inside;
            queue->admit();
        }
        std::shared_ptr<Place> place_;
        std::shared_ptr<Queue> queue_;
    };

    ListGate(base::Scheduler& scheduler, std::size_t limit) : queue_(std::make_shared<Queue>(Queue{scheduler, limit})) {}

    // Granted at once when there is room; else `on_turn` runs later, from the scheduler, unless the ticket is dropped.
    [[nodiscard]] Ticket enter(base::UniqueFunction<void()> on_turn) {
        Ticket ticket;
        ticket.place_ = std::make_shared<Place>();
        ticket.queue_ = queue_;
        if (queue_->inside < queue_->limit) {
            ++queue_->inside;
            ticket.place_->granted = true;
        } else {
            ticket.place_->on_turn = std::move(on_turn);
            queue_->waiting.push_back(ticket.place_);
        }
        return ticket;
    }
    [[nodiscard]] std::size_t inside() const { return queue_->inside; }

private:
    std::shared_ptr<Queue> queue_;
};

}  // namespace hub
