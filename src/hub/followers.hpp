// Followers: the readers of one event stream. A reader that lags is sent nothing; when it has caught up it gets, in place of what it
// missed, the words that say where things stand.
//
//   Followers<User> followers_;
//   followers_.add(writer, [this] { return connected(); }, caller);     // which it is told first, too
//   followers_.send(bytes, [&](const User& user) { return may_see(user); });
//
// `Tag` says whose stream it is. Streams end when this is destroyed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "hub/answers.hpp"
#include "hub/lifetime.hpp"

namespace hub {

template <class Tag = std::monostate>
class Followers {
public:
    using CatchUp = base::UniqueFunction<std::string()>;

    Followers() = default;
    Followers(const Followers&) = delete;
    Followers& operator=(const Followers&) = delete;
    ~Followers() { end_all({}); }

    // Starts the stream. Nothing happens for a reader that has gone already.
    void add(Writer writer, CatchUp catch_up, Tag tag = {}) {
        if (writer->closed()) return;
        writer->start(event_stream_head());
        const std::uint64_t id = next_++;
        writer->on_close(lifetime_.guard([this, id] {
            std::erase_if(list_, [id](const Follower& follower) { return follower.id == id; });
            if (list_.empty() && on_empty_) on_empty_();
        }));
        list_.push_back({.id = id, .writer = std::move(writer), .catch_up = std::move(catch_up), .tag = std::move(tag)});
        Follower& added = list_.back();
        put(added, added.catch_up());
    }

    template <class Wants>
    void send(const std::string& bytes, Wants wants) {
        for (Follower& follower : list_) {
            if (wants(std::as_const(follower.tag))) put(follower, bytes);
        }
    }
    void send(const std::string& bytes) {
        send(bytes, [](const Tag&) { return true; });
    }

    void end_all(std::string_view last) {
        for (Follower& follower : std::exchange(list_, {})) {
            if (follower.writer->closed()) continue;
            if (!last.empty()) follower.writer->write(last);
            follower.writer->end();
        }
    }

    // The last reader has gone by itself. May destroy this only by way of the scheduler.
    void on_empty(base::UniqueFunction<void()> callback) { on_empty_ = std::move(callback); }
    [[nodiscard]] std::size_t size() const { return list_.size(); }

private:
    struct Follower {
        std::uint64_t id = 0;
        Writer writer;
        CatchUp catch_up;
        Tag tag;
        bool lagging = false;
        bool missed = false;
    };

    void put(Follower& follower, const std::string& bytes) {
        if (follower.lagging) {
            follower.missed = true;
            return;
        }
        if (follower.writer->write(bytes)) return;
        follower.lagging = true;
        follower.writer->on_drain(lifetime_.guard([this, id = follower.id] {
            const auto found = std::find_if(list_.begin(), list_.end(), [id](const Follower& entry) { return entry.id == id; });
            if (found == list_.end()) return;
            found->lagging = false;
            if (std::exchange(found->missed, false)) put(*found, found->catch_up());
        }));
    }

    std::vector<Follower> list_;
    std::uint64_t next_ = 1;
    base::UniqueFunction<void()> on_empty_;
    Lifetime lifetime_;
};

}  // namespace hub
