// History: undo and redo as past, present and future, for a document that is changed by patches.
//
//   state::History<Patch> history;
//   history.record({.title = "Move web", .now_ms = now}, undo_patch);      // after the edit was made
//   history.undo(1, [&](Patch patch, bool& exact) { return document.apply(std::move(patch), exact); });   // gives back what reverts it
//   history.dirty();      // present() is not the state that was saved
//
// Promises
//   - An entry holds one patch: what undoes it while it is past, what redoes it while it is future. Undo and redo cost what the edit
//     changed, whatever the size of the document; and since the function that applies a patch returns the exact inverse of what it
//     really did, undo k times and redo k times is the identity.
//   - Every state of the document has an id. dirty() compares ids, so undoing back to the saved state is clean again, undoing past a
//     save point is dirty, and a save that was under way meanwhile changes nothing about that.
//   - undo(n) and redo(n) stop at the ends. A new edit drops the future. Beyond `limit` the oldest entry goes.
//   - Edits that belong together are one entry: those between begin() and end() (a gesture), and those with the same non-empty
//     `group` within `window_ms` of the one before (typing).
//   - An entry whose patch comes back empty (nothing of it could be applied, or nothing was left to do) is dropped. `exact` is true
//     before apply; whoever leaves out a part sets it to false, and the state that results is a new one, never the saved one.
// While paused, edits are not recorded: they get a new present(), and whoever pauses must prune() what they touched.
//
// Patch: movable, with `bool empty() const`. Not thread-safe. apply must not call back into the history.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace state {

using StateId = std::uint64_t;

struct HistoryOptions {
    std::size_t limit = 100;
    std::int64_t window_ms = 1000;
};

struct HistoryEdit {
    std::string title = {};   // "Move 3 nodes", for "Undo Move 3 nodes"
    std::string group = {};   // "data:web:image"
    std::int64_t now_ms = 0;  // monotonic
};

template <class Patch>
class History {
public:
    struct Entry {
        std::string title;
        std::string group;
        std::int64_t at_ms = 0;
        Patch patch;
        StateId other = 0;  // the state that undoing (past) or redoing (future) leads to
    };

    explicit History(HistoryOptions options = {}) : options_(options) {}

    [[nodiscard]] StateId present() const { return present_; }
    [[nodiscard]] StateId saved() const { return saved_; }
    [[nodiscard]] bool dirty() const { return present_ != saved_; }
    void mark_saved(StateId id) { saved_ = id; }

    [[nodiscard]] bool can_undo() const { return !past_.empty(); }
    [[nodiscard]] bool can_redo() const { return !future_.empty(); }
    [[nodiscard]] std::string_view undo_title() const { return past_.empty() ? std::string_view{} : std::string_view(past_.back().title); }
    [[nodiscard]] std::string_view redo_title() const { return future_.empty() ? std::string_view{} : std::string_view(future_.back().title); }
    [[nodiscard]] std::size_t past_size() const { return past_.size(); }
    [[nodiscard]] std::size_t future_size() const { return future_.size(); }
    [[nodiscard]] const std::deque<Entry>& past() const { return past_; }

    // The edit was made; `undo` reverts it. An empty patch means that nothing changed: no entry, no new state.
    // `merge(Patch& older, Patch newer)` makes of two undo patches of one entry the one that reverts both.
    template <class Merge>
    void record(HistoryEdit edit, Patch undo, Merge merge) {
        if (undo.empty()) return;
        future_.clear();
        const StateId before = std::exchange(present_, ++last_id_);
        if (paused_ > 0) return;
        if (joins(edit)) {
            Entry& entry = past_.back();
            merge(entry.patch, std::move(undo));
            entry.at_ms = edit.now_ms;
            if (open_ > 0 && entry.title.empty()) entry.title = std::move(edit.title);
            open_has_entry_ = open_ > 0;
            return;
        }
        std::string title = open_ > 0 && !open_title_.empty() ? open_title_ : std::move(edit.title);
        past_.push_back({std::move(title), std::move(edit.group), edit.now_ms, std::move(undo), before});
        open_has_entry_ = open_ > 0;
        while (past_.size() > options_.limit) past_.pop_front();
    }

    // Everything until the matching end() is one entry. May be nested; the outermost title counts.
    void begin(std::string title = {}) {
        if (open_++ > 0) return;
        open_title_ = std::move(title);
        open_has_entry_ = false;
    }
    void end() {
        if (open_ == 0 || --open_ > 0) return;
        open_has_entry_ = false;
        seal();
    }
    // The next edit begins an entry of its own.
    void seal() {
        if (!past_.empty()) past_.back().group.clear();
    }
    void pause() { ++paused_; }
    void resume() { paused_ -= paused_ > 0 ? 1 : 0; }
    [[nodiscard]] bool paused() const { return paused_ > 0; }

    // `apply(Patch, bool& exact) -> Patch` makes the change and returns its inverse. Returns how many entries had an effect.
    template <class Apply>
    std::size_t undo(std::size_t n, Apply apply) { return travel(past_, future_, n, apply); }
    template <class Apply>
    std::size_t redo(std::size_t n, Apply apply) { return travel(future_, past_, n, apply); }

    // The document was changed by somebody else. `strip(Patch&)` removes what the change has touched; entries left empty go.
    // The state that results is new to everybody; `saved`: it is also what is stored.
    template <class Strip>
    void rebase(bool saved, Strip strip) {
        for (auto* side : {&past_, &future_}) {
            for (Entry& entry : *side) {
                strip(entry.patch);
                entry.group.clear();
            }
            drop_empty(*side);
        }
        present_ = ++last_id_;
        // No older id means what it meant.
        saved_ = saved ? present_ : 0;
    }

    // Another document. What is shown now is saved.
    void clear() {
        past_.clear();
        future_.clear();
        open_ = paused_ = 0;
        open_has_entry_ = false;
        present_ = saved_ = ++last_id_;
    }

private:
    [[nodiscard]] bool joins(const HistoryEdit& edit) const {
        if (past_.empty()) return false;
        if (open_ > 0) return open_has_entry_;
        const Entry& last = past_.back();
        return !edit.group.empty() && edit.group == last.group && edit.now_ms - last.at_ms <= options_.window_ms;
    }
    static void drop_empty(std::deque<Entry>& side) {
        side.erase(std::remove_if(side.begin(), side.end(), [](const Entry& entry) { return entry.patch.empty(); }), side.end());
    }
    template <class Apply>
    std::size_t travel(std::deque<Entry>& from, std::deque<Entry>& to, std::size_t n, Apply& apply) {
        open_has_entry_ = false;
        std::size_t done = 0;
        while (done < n && !from.empty()) {
            Entry entry = std::move(from.back());
            from.pop_back();
            bool exact = true;
            entry.patch = apply(std::move(entry.patch), exact);
            entry.group.clear();
            const StateId to_state = exact ? entry.other : ++last_id_;
            if (entry.patch.empty() && !exact) continue;  // as if it had never been
            entry.other = std::exchange(present_, to_state);
            if (entry.patch.empty()) continue;
            to.push_back(std::move(entry));
            ++done;
        }
        return done;
    }

    HistoryOptions options_;
    std::deque<Entry> past_;    // latest at the back
    std::deque<Entry> future_;  // next at the back
    StateId last_id_ = 1;
    StateId present_ = 1;
    StateId saved_ = 1;         // 0: no state that can be reached
    int open_ = 0;
    int paused_ = 0;
    bool open_has_entry_ = false;
    std::string open_title_;
};

}  // namespace state
