// SharedStreams: one connection per key, however many views ask for it. Who asks gets a lease; the first opens the stream, the last
// to go closes it.
//
//   lease_ = streams.join("workflow:" + id, [&] { return net::stream_options(profile, target); },
//                         {.on_event = ..., .on_change = ...}, "metadata");
//   lease_.state().phase; lease_.reconnect_now();
//
// - `make` is called for the first of a key only: what belongs together has the same key.
// - Who comes later gets the last event of each type named in `kept`, in the order they came, before any further event and not
//   within join(). So a view that opens a stream others read already still learns what was said once, at its start.
// - Joining a stream that has stopped or given up opens it again, for all.
// - Events go to the listeners in the order they joined. A lease may be dropped, and others taken, inside every callback.
// - Leases may outlive the SharedStreams; they are then empty.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/event_stream.hpp"

namespace net {

class SharedStreams {
public:
    struct Listener {
        base::UniqueFunction<void(const wire::SseEvent&)> on_event{};
        base::UniqueFunction<void(const EventStream::State&)> on_change{};  // its phase changed; also within the first join()
    };

private:
    struct Channel;
    struct Member;

public:
    class Lease {
    public:
        Lease() = default;
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&& other) noexcept;
        ~Lease() { reset(); }
        void reset();
        explicit operator bool() const { return member_ != nullptr; }
        // Of the stream; one that is closed when the lease is empty.
        [[nodiscard]] const EventStream::State& state() const;
        void reconnect_now();  // for all who share it
        void restart();

    private:
        friend class SharedStreams;
        explicit Lease(std::shared_ptr<Member> member) : member_(std::move(member)) {}
        std::shared_ptr<Member> member_;
    };

    struct Entry {
        std::string_view key;
        const EventStream::State& state;
        std::size_t listeners = 0;
        std::string_view target{};
    };

    SharedStreams(HttpClient& http, base::Scheduler& scheduler, base::Random& random);
    ~SharedStreams();

    [[nodiscard]] Lease join(std::string_view key, base::UniqueFunction<EventStreamOptions()> make, Listener listener, std::string_view kept = {});
    [[nodiscard]] bool has(std::string_view key) const;
    [[nodiscard]] std::vector<Entry> list() const;  // by key; valid until the next call
    // Everything that waits for its next attempt makes it now: the network is back, or the page is seen again.
    void wake();

private:
    struct Core;
    std::shared_ptr<Core> core_;
};

}  // namespace net
