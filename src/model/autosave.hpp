// Autosave: when a document is stored, and what is said of it. It knows states by id and revisions by text, not the document itself.
//
//   Autosave autosave(scheduler, random, document);   // document: Autosave::Document
//   autosave.open("\"7\"");       // just read: clean
//   autosave.edited();            // after every edit, undo and redo
//   autosave.save_now([](bool saved) { ... });
//
// Promises
//   - A save begins kDebounceMs after the last edit, at most kMaxWaitMs after the first one that is not stored.
//   - One save at a time; edits made meanwhile are saved by the next one. A success makes clean only what it stored: the state that was
//     present when it began (A1). Undoing back to the stored state is clean and saves nothing.
//   - A failure that may pass (no connection, timeout, server error) is tried again after 2, 4, 8 ... 60 s with jitter, and at once by
//     back_online(); any other waits for the next edit or save_now(). Both stay visible in phase() and error() until a save succeeds (A2).
//   - What was just read is clean (A3). A save that meets another revision ends in `conflict`: nothing is sent any more until
//     overwrite() or resolved() (A5).
//   - Every waiter of save_now() is answered once: true when what was there at its call is stored.
// It never touches the cluster: whoever implements Document::send stores, and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "state/history.hpp"

namespace model {

class Autosave {
public:
    static constexpr std::int64_t kDebounceMs = 2'000;
    static constexpr std::int64_t kMaxWaitMs = 10'000;
    static constexpr std::int64_t kRetryMs = 2'000;
    static constexpr std::int64_t kMaxRetryMs = 60'000;

    enum class Phase : std::uint8_t { closed, saved, unsaved, saving, failed, conflict };
    // How a stored revision is checked: by the server with If-Match, or, where it knows no such thing, by reading it again before
    // every save (which leaves the moment between the two).
    enum class Check : std::uint8_t { if_match, read_again };

    using RevisionCallback = std::function<void(base::Result<std::string> revision)>;

    class Document {
    public:
        virtual ~Document() = default;
        [[nodiscard]] virtual state::StateId present() const = 0;
        [[nodiscard]] virtual bool dirty() const = 0;
        virtual void mark_saved(state::StateId id) = 0;
        // Stores the present state if the stored one is still `revision` (Check::if_match; else without a condition). Answers once
        // with the new revision; ErrorCode::conflict when it is another.
        virtual void send(const std::string& revision, RevisionCallback done) = 0;
        // The revision that is stored now; for Check::read_again.
        virtual void read_revision(RevisionCallback done) = 0;
        // phase() or error() changed.
        virtual void save_changed() = 0;
    };

    Autosave(base::Scheduler& scheduler, base::Random& random, Document& document);
    ~Autosave();
    Autosave(const Autosave&) = delete;
    Autosave& operator=(const Autosave&) = delete;

    // A document was opened. Clean, unless it already differs from what is stored (edits of the last visit).
    void open(std::string revision, Check check = Check::if_match);
    void close();  // late answers are ignored; waiters get false
    void edited();
    void save_now(std::function<void(bool)> done);
    // The page is hidden, or another document is opened: what is not stored is sent now.
    void flush();
    void back_online();

    // It is known that another revision is stored while there are edits here.
    void enter_conflict();
    // Stores mine over `revision`.
    void overwrite(std::string revision);
    // The document became what is stored as `revision` (or is based on it now).
    void resolved(std::string revision);

    [[nodiscard]] Phase phase() const { return phase_; }
    [[nodiscard]] const base::Error& error() const { return error_; }
    [[nodiscard]] const std::string& revision() const { return revision_; }
    [[nodiscard]] bool in_flight() const { return in_flight_; }
    [[nodiscard]] bool has_unsaved() const { return phase_ != Phase::closed && (in_flight_ || document_.dirty()); }
    // When the next attempt is due, monotonic; -1: none is planned.
    [[nodiscard]] std::int64_t next_attempt_ms() const { return timer_.pending() ? due_ms_ : -1; }

private:
    struct Waiter {
        std::uint64_t serial;
        std::function<void(bool)> done;
    };
    void set_phase(Phase phase);
    void settle_phase();
    void plan(std::int64_t delay_ms);
    void attempt();
    void send();
    void succeeded(std::string revision);
    void failed(base::Error error);
    void answer(bool ok, std::uint64_t up_to_serial);
    [[nodiscard]] RevisionCallback guarded(std::function<void(base::Result<std::string>)> then);

    base::Scheduler& scheduler_;
    base::Random& random_;
    Document& document_;
    Check check_ = Check::if_match;

    Phase phase_ = Phase::closed;
    base::Error error_;
    std::string revision_;
    bool in_flight_ = false;
    bool queued_ = false;              // an attempt fell due during a save
    std::uint64_t serial_ = 0;         // of edits
    std::uint64_t sending_serial_ = 0;
    state::StateId sending_ = 0;
    std::int64_t unsaved_since_ms_ = -1;
    int failures_ = 0;
    std::vector<Waiter> waiters_;
    base::Timer timer_;
    std::int64_t due_ms_ = 0;
    std::shared_ptr<std::uint64_t> epoch_;  // of the open document; late answers carry another
};

}  // namespace model
