// The autosave machine on its own, in virtual time, against a document that is a number and a store that is a script.
#include <catch2/catch_test_macros.hpp>

#include <deque>

#include "base/testing/virtual_scheduler.hpp"
#include "model/autosave.hpp"

using model::Autosave;
using Phase = Autosave::Phase;

namespace {

struct World final : Autosave::Document {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{3};
    state::StateId now = 1;
    state::StateId saved = 1;
    state::StateId last = 1;

    // The backend.
    int revision = 7;
    state::StateId stored = 1;
    bool down = false;
    std::int64_t answer_ms = 50;
    base::ErrorCode refuse = base::ErrorCode::cancelled;  // that one: accept
    int sends = 0;
    int reads = 0;
    int at_once = 0;
    int most_at_once = 0;
    std::vector<Phase> phases;
    std::deque<base::Timer> timers;
    Autosave autosave{time, random, *this};

    [[nodiscard]] state::StateId present() const override { return now; }
    [[nodiscard]] bool dirty() const override { return now != saved; }
    void mark_saved(state::StateId id) override { saved = id; }
    void send(const std::string& known, Autosave::RevisionCallback done) override {
        ++sends;
        most_at_once = std::max(most_at_once, ++at_once);
        timers.push_back(time.after(answer_ms, [this, known, sent = now, done = std::move(done)] {
            --at_once;
            if (down) return done(base::fail(base::ErrorCode::unavailable, "The gateway does not answer"));
            if (refuse != base::ErrorCode::cancelled) return done(base::fail(refuse, "Refused"));
            if (known != text()) return done(base::fail(base::ErrorCode::conflict, "changed elsewhere"));
            ++revision;
            stored = sent;
            done(text());
        }));
    }
    void read_revision(Autosave::RevisionCallback done) override {
        ++reads;
        timers.push_back(time.after(answer_ms, [this, done = std::move(done)] { done(text()); }));
    }
    void save_changed() override { phases.push_back(autosave.phase()); }
    [[nodiscard]] std::string text() const { return "\"" + std::to_string(revision) + "\""; }

    void open(Autosave::Check check = Autosave::Check::if_match) { autosave.open(text(), check); }
    void edit() {
        now = ++last;
        autosave.edited();
    }
    void back_to(state::StateId id) {
        now = id;
        autosave.edited();
    }
};

}  // namespace

TEST_CASE("what was just opened is clean and saves nothing [A3]") {
    World w;
    w.open();
    w.time.advance(60'000);
    CHECK(w.sends == 0);
    CHECK(w.autosave.phase() == Phase::saved);
    CHECK_FALSE(w.autosave.has_unsaved());
}

TEST_CASE("edits are saved after two seconds of rest [A1]") {
    World w;
    w.open();
    for (int i = 0; i < 4; ++i) {
        w.edit();
        w.time.advance(1'900);
    }
    CHECK(w.sends == 0);
    CHECK(w.autosave.phase() == Phase::unsaved);
    CHECK(w.autosave.has_unsaved());
    w.time.advance(100);
    CHECK(w.autosave.phase() == Phase::saving);
    w.time.advance(50);
    CHECK(w.autosave.phase() == Phase::saved);
    CHECK(w.sends == 1);
    CHECK(w.stored == w.now);
}

TEST_CASE("who never rests is saved every ten seconds all the same [A1]") {
    World w;
    w.open();
    for (int i = 0; i < 40; ++i) {
        w.edit();
        w.time.advance(1'000);
    }
    CHECK(w.sends >= 3);
    CHECK(w.sends <= 4);
    w.time.advance(5'000);
    CHECK(w.stored == w.now);
}

TEST_CASE("edits during a save stay dirty and are saved by the next one; never two at once [A1]") {
    World w;
    w.open();
    w.answer_ms = 5'000;
    w.edit();
    w.time.advance(2'500);
    CHECK(w.sends == 1);
    w.edit();
    const auto latest = w.now;
    w.time.advance(4'600);  // the first answer; the second edit has rested long enough meanwhile
    CHECK(w.autosave.phase() == Phase::saving);
    CHECK(w.autosave.has_unsaved());
    CHECK(w.sends == 2);
    w.time.advance(5'000);
    CHECK(w.stored == latest);
    CHECK(w.autosave.phase() == Phase::saved);
    CHECK(w.most_at_once == 1);
}

TEST_CASE("undoing back to what is stored is clean and saves nothing [H8]") {
    World w;
    w.open();
    const auto start = w.now;
    w.edit();
    w.back_to(start);
    w.time.advance(60'000);
    CHECK(w.sends == 0);
    CHECK(w.autosave.phase() == Phase::saved);
}

TEST_CASE("undo during a save leaves the undone state to be saved [H8]") {
    World w;
    w.open();
    const auto start = w.now;
    w.edit();
    w.time.advance(2'010);
    w.back_to(start);
    w.time.advance(50);
    CHECK(w.autosave.phase() == Phase::unsaved);
    w.time.advance(5'000);
    CHECK(w.stored == start);
    CHECK(w.sends == 2);
    CHECK(w.autosave.phase() == Phase::saved);
}

TEST_CASE("a failure keeps the edits, is visible, and is tried again ever more rarely [A2]") {
    World w;
    w.open();
    w.down = true;
    w.edit();
    w.time.advance(2'060);
    CHECK(w.autosave.phase() == Phase::failed);
    CHECK(w.autosave.error().message == "The gateway does not answer");
    CHECK(w.autosave.has_unsaved());
    w.time.advance(600'000);
    CHECK(w.sends > 8);
    CHECK(w.sends < 20);
    CHECK(w.autosave.phase() == Phase::failed);
    w.down = false;
    w.autosave.back_online();
    w.time.advance(60);
    CHECK(w.autosave.phase() == Phase::saved);
    CHECK(w.stored == w.now);
    CHECK(w.autosave.error().message.empty());
}

TEST_CASE("a refusal is not repeated until something is edited [A2]") {
    World w;
    w.open();
    w.refuse = base::ErrorCode::forbidden;
    w.edit();
    w.time.advance(600'000);
    CHECK(w.sends == 1);
    CHECK(w.autosave.phase() == Phase::failed);
    CHECK(w.autosave.next_attempt_ms() == -1);
    w.refuse = base::ErrorCode::cancelled;
    w.edit();
    w.time.advance(3'000);
    CHECK(w.autosave.phase() == Phase::saved);
}

TEST_CASE("another revision is a conflict: nothing is sent until it is decided [A5]") {
    World w;
    w.open();
    w.revision = 9;
    w.edit();
    w.time.advance(3'000);
    CHECK(w.autosave.phase() == Phase::conflict);
    w.edit();
    w.time.advance(120'000);
    CHECK(w.sends == 1);
    CHECK(w.stored == 1);
    bool answered = false;
    w.autosave.save_now([&](bool saved) {
        answered = true;
        CHECK_FALSE(saved);
    });
    CHECK(answered);
    SECTION("keeping mine overwrites with the newer revision") {
        w.autosave.overwrite(w.text());
        w.time.advance(60);
        CHECK(w.autosave.phase() == Phase::saved);
        CHECK(w.stored == w.now);
        CHECK(w.revision == 10);
    }
    SECTION("keeping mine meets a still newer one") {
        w.autosave.overwrite("\"8\"");
        w.time.advance(60);
        CHECK(w.autosave.phase() == Phase::conflict);
    }
    SECTION("taking theirs is clean at once") {
        w.now = w.saved = ++w.last;
        w.autosave.resolved(w.text());
        w.time.advance(60'000);
        CHECK(w.autosave.phase() == Phase::saved);
        CHECK(w.sends == 1);
        w.edit();
        w.time.advance(3'000);
        CHECK(w.stored == w.now);
    }
}

TEST_CASE("a backend without revisions is read again before every save [A5]") {
    World w;
    w.open(Autosave::Check::read_again);
    w.edit();
    w.time.advance(3'000);
    CHECK(w.reads == 1);
    CHECK(w.stored == w.now);
    w.revision = 20;
    w.edit();
    w.time.advance(3'000);
    CHECK(w.autosave.phase() == Phase::conflict);
    CHECK(w.sends == 1);
}

TEST_CASE("who waits for a save is answered once, when what was there is stored [A1]") {
    World w;
    w.open();
    w.answer_ms = 1'000;
    std::vector<int> answers;
    w.autosave.save_now([&](bool ok) { answers.push_back(ok ? 0 : -1); });
    CHECK(answers == std::vector<int>{0});  // nothing to save
    w.edit();
    w.autosave.save_now([&](bool ok) { answers.push_back(ok ? 1 : -1); });
    w.time.advance(500);
    w.edit();
    const auto wanted = w.now;
    w.autosave.save_now([&](bool ok) {
        answers.push_back(ok ? 2 : -1);
        CHECK(w.stored == wanted);
    });
    w.time.advance(600);
    CHECK(answers == std::vector<int>{0, 1});
    w.time.advance(1'000);
    CHECK(answers == std::vector<int>{0, 1, 2});
    w.edit();
    w.autosave.save_now([&](bool ok) { answers.push_back(ok ? 3 : -3); });
    w.autosave.close();
    CHECK(answers.back() == -3);
    w.time.advance(10'000);
    CHECK(answers.size() == 4);
}

TEST_CASE("a late answer says nothing about the document that is open by then [A1]") {
    World w;
    w.open();
    w.answer_ms = 5'000;
    w.edit();
    w.time.advance(2'100);
    w.now = w.saved = ++w.last;
    w.open();
    w.edit();
    w.time.advance(1'000);
    CHECK(w.autosave.phase() == Phase::unsaved);
    w.time.advance(4'500);
    CHECK(w.autosave.has_unsaved());  // the answer of the first one has come meanwhile
}

TEST_CASE("leaving the page sends what is not stored at once [A4]") {
    World w;
    w.open();
    w.autosave.flush();
    CHECK(w.sends == 0);
    w.edit();
    w.autosave.flush();
    CHECK(w.sends == 1);
    w.autosave.flush();
    CHECK(w.sends == 1);
}
