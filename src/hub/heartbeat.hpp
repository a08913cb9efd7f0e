// Heartbeat: an SSE comment on every open stream, so that proxies and clients see that a quiet stream lives. One timer for
// all of them, none while no stream is open.
//
//   heartbeat.add(writer);     // forgotten by itself when the stream has ended
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/scheduler.hpp"
#include "net/http.hpp"

namespace hub {

class Heartbeat {
public:
    Heartbeat(base::Scheduler& scheduler, std::int64_t interval_ms) : scheduler_(scheduler), interval_ms_(interval_ms) {}

    void add(const std::shared_ptr<net::ResponseWriter>& writer) {
        if (interval_ms_ <= 0) return;
        writers_.push_back(writer);
        if (!timer_.pending()) arm();
    }

private:
    void arm() {
        timer_ = scheduler_.after(interval_ms_, [this] { beat(); });
    }

    void beat() {
        std::erase_if(writers_, [](const std::weak_ptr<net::ResponseWriter>& weak) {
            const auto writer = weak.lock();
            return !writer || writer->closed();
        });
        for (const auto& weak : writers_) {
            // A reader that lags has bytes enough to know that the stream lives.
            if (const auto writer = weak.lock(); writer && writer->queued_bytes() == 0) writer->write(":\n\n");
        }
        if (!writers_.empty()) arm();
    }

    base::Scheduler& scheduler_;
    std::int64_t interval_ms_;
    std::vector<std::weak_ptr<net::ResponseWriter>> writers_;
    base::Timer timer_;
};

}  // namespace hub
