// History over a toy document: a list of numbers by name, changed by patches of "set name to value".
#include <catch2/catch_test_macros.hpp>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "state/history.hpp"

namespace {

struct Sets {
    std::vector<std::pair<std::string, int>> list;
    [[nodiscard]] bool empty() const { return list.empty(); }
};

struct Toy {
    std::map<std::string, int> values;
    state::History<Sets> history;
    std::int64_t now_ms = 0;

    explicit Toy(state::HistoryOptions options = {}) : history(options) {}

    Sets apply(Sets patch) {
        Sets inverse;
        for (const auto& [name, value] : patch.list) {
            if (values[name] == value) continue;
            inverse.list.insert(inverse.list.begin(), {name, values[name]});
            values[name] = value;
        }
        return inverse;
    }
    static void merge(Sets& older, Sets newer) { older.list.insert(older.list.begin(), newer.list.begin(), newer.list.end()); }
    void set(const std::string& name, int value, std::string group = {}) {
        history.record({.title = "Set " + name, .group = std::move(group), .now_ms = now_ms}, apply({{{name, value}}}), merge);
    }
    std::size_t undo(std::size_t n = 1) {
        return history.undo(n, [&](Sets patch, bool&) { return apply(std::move(patch)); });
    }
    std::size_t redo(std::size_t n = 1) {
        return history.redo(n, [&](Sets patch, bool&) { return apply(std::move(patch)); });
    }
};

}  // namespace

TEST_CASE("undo and redo move the present between past and future [H1]") {
    Toy toy;
    toy.set("a", 1);
    toy.set("a", 2);
    toy.set("a", 3);
    CHECK(toy.history.undo_title() == "Set a");
    CHECK(toy.undo() == 1);
    CHECK(toy.values["a"] == 2);
    CHECK(toy.undo(2) == 2);
    CHECK(toy.values["a"] == 0);
    CHECK_FALSE(toy.history.can_undo());
    CHECK(toy.redo() == 1);
    CHECK(toy.values["a"] == 1);  // the newest state is not lost, as it was in seed 5's store
    CHECK(toy.redo(2) == 2);
    CHECK(toy.values["a"] == 3);
}

TEST_CASE("undo and redo by more than there is stop at the end [H1]") {
    Toy toy;
    toy.set("a", 1);
    toy.set("a", 2);
    CHECK(toy.undo(99) == 2);
    CHECK(toy.values["a"] == 0);
    CHECK(toy.undo() == 0);
    CHECK(toy.redo(99) == 2);
    CHECK(toy.values["a"] == 2);
    CHECK(toy.redo() == 0);
}

TEST_CASE("a new edit clears the future [H2]") {
    Toy toy;
    toy.set("a", 1);
    toy.set("a", 2);
    toy.undo();
    toy.set("a", 9);
    CHECK_FALSE(toy.history.can_redo());
    CHECK(toy.undo(9) == 2);
    CHECK(toy.values["a"] == 0);
}

TEST_CASE("over the limit the oldest entry goes, also when it is reached by redo [H3]") {
    Toy toy({.limit = 3, .window_ms = 1000});
    for (int i = 1; i <= 5; ++i) toy.set("a", i);
    CHECK(toy.history.past_size() == 3);
    CHECK(toy.undo(9) == 3);
    CHECK(toy.values["a"] == 2);
    CHECK(toy.redo(9) == 3);
    CHECK(toy.history.past_size() == 3);
    CHECK(state::HistoryOptions{}.limit == 100);
}

TEST_CASE("an edit that changes nothing makes no entry and no new state [H4]") {
    Toy toy;
    toy.set("a", 1);
    const auto present = toy.history.present();
    toy.set("a", 1);
    CHECK(toy.history.past_size() == 1);
    CHECK(toy.history.present() == present);
}

TEST_CASE("edits of one group within the window are one entry, and a pause begins another [H5]") {
    Toy toy;
    for (int i = 1; i <= 10; ++i) {
        toy.now_ms += 900;
        toy.set("a", i, "typing:a");
    }
    CHECK(toy.history.past_size() == 1);
    toy.now_ms += 1001;
    toy.set("a", 11, "typing:a");
    toy.set("b", 1, "typing:b");
    CHECK(toy.history.past_size() == 3);
    toy.undo(2);
    CHECK(toy.values["a"] == 10);
    toy.undo();
    CHECK(toy.values["a"] == 0);
    toy.redo();
    CHECK(toy.values["a"] == 10);
    toy.set("a", 12, "typing:a");  // nothing joins an entry that undo has passed
    CHECK(toy.history.past_size() == 2);
}

TEST_CASE("a transaction is one entry whatever is in it, nested ones too [H5]") {
    Toy toy;
    toy.set("z", 1);
    toy.history.begin("Arrange");
    toy.set("a", 1);
    toy.history.begin("inner");
    toy.set("b", 2);
    toy.history.end();
    toy.set("a", 3);
    toy.history.end();
    toy.set("c", 1);
    CHECK(toy.history.past_size() == 3);
    toy.undo();
    CHECK(toy.history.undo_title() == "Arrange");
    toy.undo();
    CHECK(toy.values["a"] == 0);
    CHECK(toy.values["b"] == 0);
    CHECK(toy.values["z"] == 1);
    toy.redo();
    CHECK(toy.values["a"] == 3);
    CHECK(toy.values["b"] == 2);
}

TEST_CASE("while paused nothing is recorded, but the state is another one [H5]") {
    Toy toy;
    toy.set("a", 1);
    toy.history.mark_saved(toy.history.present());
    toy.history.pause();
    toy.set("b", 1);
    toy.history.resume();
    CHECK(toy.history.past_size() == 1);
    CHECK(toy.history.dirty());
    toy.set("a", 2);
    CHECK(toy.history.past_size() == 2);
}

TEST_CASE("dirty compares states: undo past a save point, back to it, and a save under way [H8]") {
    Toy toy;
    CHECK_FALSE(toy.history.dirty());
    toy.set("a", 1);
    toy.set("a", 2);
    CHECK(toy.history.dirty());
    toy.history.mark_saved(toy.history.present());
    CHECK_FALSE(toy.history.dirty());
    toy.undo();
    CHECK(toy.history.dirty());  // past the save point
    toy.redo();
    CHECK_FALSE(toy.history.dirty());
    // A save of this state begins, then the user undoes: the answer makes clean only what it stored.
    toy.set("a", 3);
    const auto sent = toy.history.present();
    toy.undo();
    toy.history.mark_saved(sent);
    CHECK(toy.history.dirty());
    toy.redo();
    CHECK_FALSE(toy.history.dirty());
    // Typing that joins the saved entry is a state of its own.
    toy.set("b", 1, "g");
    toy.history.mark_saved(toy.history.present());
    toy.set("b", 2, "g");
    CHECK(toy.history.dirty());
    toy.undo();
    CHECK(toy.history.dirty());
}

TEST_CASE("another document begins without history and clean [H9]") {
    Toy toy;
    toy.set("a", 1);
    toy.undo();
    toy.history.clear();
    CHECK_FALSE(toy.history.can_undo());
    CHECK_FALSE(toy.history.can_redo());
    CHECK_FALSE(toy.history.dirty());
}

TEST_CASE("a rebase takes what was touched elsewhere out of all entries and makes no old state the saved one [H10]") {
    Toy toy;
    toy.set("a", 1);
    toy.set("b", 1);
    toy.set("c", 1);
    toy.undo();
    toy.history.mark_saved(toy.history.present());
    toy.values["b"] = 50;  // from elsewhere
    toy.history.rebase(true, [](Sets& patch) { std::erase_if(patch.list, [](const auto& set) { return set.first == "b"; }); });
    CHECK_FALSE(toy.history.dirty());
    CHECK(toy.history.past_size() == 1);
    CHECK(toy.history.undo_title() == "Set a");
    toy.undo();
    CHECK(toy.history.dirty());
    CHECK(toy.values["b"] == 50);
    toy.redo();
    CHECK_FALSE(toy.history.dirty());
    toy.redo();
    CHECK(toy.history.dirty());
    CHECK(toy.values["c"] == 1);
}

TEST_CASE("an undo that leaves something out leads to a state that is not the saved one [H8 H10]") {
    Toy toy;
    toy.history.mark_saved(toy.history.present());
    toy.history.record({.title = "Set both", .group = {}, .now_ms = 0}, toy.apply({{{"a", 1}, {"b", 1}}}), Toy::merge);
    const auto without_b = [&](Sets patch, bool& exact) {
        exact = false;
        std::erase_if(patch.list, [](const auto& set) { return set.first == "b"; });
        return toy.apply(std::move(patch));
    };
    CHECK(toy.history.undo(1, without_b) == 1);
    CHECK(toy.values["a"] == 0);
    CHECK(toy.values["b"] == 1);
    CHECK(toy.history.dirty());
    // With nothing done at all the entry goes and the state stays.
    const auto present = toy.history.present();
    CHECK(toy.history.redo(1, [](Sets, bool& exact) {
        exact = false;
        return Sets{};
    }) == 0);
    CHECK(toy.history.present() == present);
    CHECK_FALSE(toy.history.can_redo());
}

TEST_CASE("undo of k and redo of k is the identity, for random edits and walks [H1]") {
    for (unsigned seed = 1; seed <= 60; ++seed) {
        std::mt19937 random(seed);
        Toy toy({.limit = 20, .window_ms = 300});
        for (int step = 0; step < 200; ++step) {
            toy.now_ms += random() % 400;
            const std::string name(1, static_cast<char>('a' + random() % 4));
            if (random() % 3 != 0) toy.set(name, static_cast<int>(random() % 5), random() % 2 ? "g" + name : "");
            else if (random() % 2) toy.undo(random() % 4);
            else toy.redo(random() % 4);
            const auto before = toy.values;
            const auto present = toy.history.present();
            const std::size_t k = random() % 25;
            const std::size_t undone = toy.undo(k);
            CHECK(toy.redo(undone) == undone);
            REQUIRE(toy.values == before);
            REQUIRE(toy.history.present() == present);
        }
    }
}
