// ReadOnce: what has to be read from the store before anything else can be answered. It is read when it is first needed; requests that
// come meanwhile wait; after a failure, which those that wait get as their answer, the next one tries again.
//
//   ReadOnce stored_{[this](ReadOnce::Done done) { store_.list("builds", lifetime_.guard([done = std::move(done)](auto list) mutable { ...; done({}); })); }};
//   stored_.when_read(writer, [this, writer] { answer(*writer); });
#pragma once

#include <utility>
#include <vector>

#include "hub/answers.hpp"
#include "hub/lifetime.hpp"

namespace hub {

class ReadOnce {
public:
    using Done = base::UniqueFunction<void(base::Result<void>)>;
    explicit ReadOnce(base::UniqueFunction<void(Done)> read) : read_(std::move(read)) {}

    // `writer` may be null: then a failure is nobody's.
    void when_read(Writer writer, base::UniqueFunction<void()> then) {
        if (phase_ == Phase::ready) return then();
        waiting_.push_back({std::move(writer), std::move(then)});
        if (phase_ == Phase::reading) return;
        phase_ = Phase::reading;
        read_(lifetime_.guard([this](const base::Result<void>& outcome) {
            phase_ = outcome ? Phase::ready : Phase::unread;
            for (Waiting& waiting : std::exchange(waiting_, {})) {
                if (outcome) waiting.then();
                else if (waiting.writer) send_error(*waiting.writer, outcome.error());
            }
        }));
    }
    [[nodiscard]] bool ready() const { return phase_ == Phase::ready; }

private:
    enum class Phase { unread, reading, ready };
    struct Waiting {
        Writer writer;
        base::UniqueFunction<void()> then;
    };
    base::UniqueFunction<void(Done)> read_;
    Phase phase_ = Phase::unread;
    std::vector<Waiting> waiting_;
    Lifetime lifetime_;
};

}  // namespace hub
