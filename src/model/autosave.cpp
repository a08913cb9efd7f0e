#include "model/autosave.hpp"

#include <algorithm>
#include <memory>

namespace model {

namespace {

// Trying again may help.
bool may_pass(const base::Error& error) {
    using base::ErrorCode;
    return error.code == ErrorCode::unavailable || error.code == ErrorCode::timed_out || error.code == ErrorCode::internal || error.code == ErrorCode::cancelled;
}

}  // namespace

Autosave::Autosave(base::Scheduler& scheduler, base::Random& random, Document& document)
    : scheduler_(scheduler), random_(random), document_(document), epoch_(std::make_shared<std::uint64_t>(0)) {}

Autosave::~Autosave() { ++*epoch_; }

void Autosave::set_phase(Phase phase) {
    phase_ = phase;
    document_.save_changed();
}

void Autosave::settle_phase() {
    if (phase_ == Phase::closed || phase_ == Phase::conflict) return;
    set_phase(in_flight_ ? Phase::saving : !document_.dirty() ? Phase::saved : failures_ > 0 ? Phase::failed : Phase::unsaved);
}

Autosave::RevisionCallback Autosave::guarded(std::function<void(base::Result<std::string>)> then) {
    return [epoch = epoch_, mine = *epoch_, then = std::move(then)](base::Result<std::string> revision) {
        if (*epoch == mine) then(std::move(revision));
    };
}

void Autosave::open(std::string revision, Check check) {
    close();
    check_ = check;
    revision_ = std::move(revision);
    phase_ = Phase::saved;
    settle_phase();
    if (document_.dirty()) edited();
}

void Autosave::close() {
    ++*epoch_;
    timer_.cancel();
    in_flight_ = queued_ = false;
    failures_ = 0;
    error_ = {};
    unsaved_since_ms_ = -1;
    phase_ = Phase::closed;
    answer(false, serial_);
}

void Autosave::plan(std::int64_t delay_ms) {
    due_ms_ = scheduler_.clock().monotonic_ms() + delay_ms;
    timer_ = scheduler_.after(delay_ms, [this] { attempt(); });
}

void Autosave::edited() {
    if (phase_ == Phase::closed) return;
    ++serial_;
    if (phase_ == Phase::conflict) return;
    if (!document_.dirty() && !in_flight_) {
        // Undone back to what is stored.
        timer_.cancel();
        unsaved_since_ms_ = -1;
        failures_ = 0;
        error_ = {};
        return settle_phase();
    }
    const std::int64_t now_ms = scheduler_.clock().monotonic_ms();
    if (unsaved_since_ms_ < 0) unsaved_since_ms_ = now_ms;
    plan(std::clamp<std::int64_t>(unsaved_since_ms_ + kMaxWaitMs - now_ms, 0, kDebounceMs));
    settle_phase();
}

void Autosave::save_now(std::function<void(bool)> done) {
    if (phase_ == Phase::closed || phase_ == Phase::conflict) return done(false);
    if (!document_.dirty() && !in_flight_) return done(true);
    waiters_.push_back({serial_, std::move(done)});
    attempt();
}

void Autosave::flush() {
    if (phase_ == Phase::closed || phase_ == Phase::conflict || !document_.dirty() || in_flight_) return;
    attempt();
}

void Autosave::back_online() {
    if (phase_ == Phase::failed || phase_ == Phase::unsaved) attempt();
}

void Autosave::attempt() {
    timer_.cancel();
    if (phase_ == Phase::closed || phase_ == Phase::conflict) return;
    if (in_flight_) {
        queued_ = true;
        return;
    }
    queued_ = false;
    if (!document_.dirty()) {
        settle_phase();
        return answer(true, serial_);
    }
    in_flight_ = true;
    set_phase(Phase::saving);
    if (check_ == Check::if_match) return send();
    document_.read_revision(guarded([this](base::Result<std::string> stored) {
        if (!stored) return failed(stored.error());
        if (*stored != revision_) return failed({base::ErrorCode::conflict, "This workflow was changed elsewhere", ""});
        send();
    }));
}

void Autosave::send() {
    sending_ = document_.present();
    sending_serial_ = serial_;
    unsaved_since_ms_ = -1;
    document_.send(revision_, guarded([this](base::Result<std::string> revision) {
        if (revision) succeeded(std::move(*revision));
        else failed(revision.error());
    }));
}

void Autosave::succeeded(std::string revision) {
    revision_ = std::move(revision);
    in_flight_ = false;
    failures_ = 0;
    error_ = {};
    document_.mark_saved(sending_);
    if (!document_.dirty()) {
        timer_.cancel();
        queued_ = false;
        unsaved_since_ms_ = -1;
    } else if (unsaved_since_ms_ < 0) {
        unsaved_since_ms_ = scheduler_.clock().monotonic_ms();
    }
    if (phase_ == Phase::conflict) {
        // Told of another version while this one was under way; it turned out to be the newest.
        phase_ = Phase::saved;
    }
    settle_phase();
    const std::uint64_t epoch = *epoch_;
    answer(true, document_.dirty() ? sending_serial_ : serial_);
    if (*epoch_ != epoch || in_flight_) return;
    if (queued_ || !waiters_.empty()) attempt();
    else if (document_.dirty() && !timer_.pending()) plan(kDebounceMs);
}

void Autosave::failed(base::Error error) {
    in_flight_ = queued_ = false;
    ++failures_;
    error_ = std::move(error);
    timer_.cancel();
    if (error_.code == base::ErrorCode::conflict) {
        set_phase(Phase::conflict);
    } else {
        phase_ = Phase::failed;  // also when the edits are undone by now: nobody knows what is stored
        if (may_pass(error_)) {
            const std::int64_t delay_ms = std::min(kRetryMs << std::min(failures_ - 1, 10), kMaxRetryMs);
            plan(delay_ms + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(delay_ms) / 4 + 1)));
        }
        document_.save_changed();
    }
    answer(false, serial_);
}

void Autosave::enter_conflict() {
    if (phase_ == Phase::closed || phase_ == Phase::conflict) return;
    timer_.cancel();
    error_ = {base::ErrorCode::conflict, "This workflow was changed elsewhere", ""};
    set_phase(Phase::conflict);
    answer(false, serial_);
}

void Autosave::overwrite(std::string revision) {
    if (phase_ != Phase::conflict) return;
    revision_ = std::move(revision);
    phase_ = Phase::unsaved;
    attempt();
}

void Autosave::resolved(std::string revision) {
    if (phase_ == Phase::closed) return;
    revision_ = std::move(revision);
    failures_ = 0;
    error_ = {};
    timer_.cancel();
    unsaved_since_ms_ = -1;
    phase_ = Phase::saved;
    if (document_.dirty()) edited();
    else settle_phase();
}

void Autosave::answer(bool ok, std::uint64_t up_to_serial) {
    std::vector<Waiter> due;
    std::vector<Waiter> left;
    for (Waiter& waiter : waiters_) (waiter.serial <= up_to_serial ? due : left).push_back(std::move(waiter));
    waiters_ = std::move(left);
    for (Waiter& waiter : due) waiter.done(ok);
}

}  // namespace model
