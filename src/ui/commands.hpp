// CommandTable: every action has a name, a title, shortcuts and a rule when it is enabled. Menus, the palette (Ctrl/Cmd-K), keys,
// the semantics tree and tests go through it.
//
//   commands.add({.id = "workflow.run", .title = "Run workflow", .group = "Workflow", .keys = {"Mod+Enter"},
//                 .enabled = [&app] { return can_run(app); }, .run = [&app] { app.run(); }});
//   commands.run("workflow.run");
//
// A chord is written "Mod+Shift+Z": Mod is Cmd on a Mac and Ctrl elsewhere; further Ctrl, Alt, Shift, Meta. The key is what
// KeyboardEvent.key says: a character ("k", "?", "+"; case does not matter) or a name ("Enter", "Delete", "ArrowLeft", "Escape").
// A character that needs Shift ("?") is written without it. "G W" is a sequence: G, then W within a second.
// Chords without Mod, Ctrl, Alt or Meta do nothing while a text field has the keyboard.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_function.hpp"

namespace ui {

struct Command {
    std::string id = {};                 // "workflow.run"
    std::string title = {};              // "Run workflow"
    std::string group = {};              // "Workflow": heading in the shortcuts sheet and the palette
    std::vector<std::string> keys = {};  // the first one is shown
    std::vector<std::string> mac_keys = {};  // in place of `keys` on a Mac, when not empty
    mutable base::UniqueFunction<bool()> enabled = {};  // empty: always
    mutable base::UniqueFunction<void()> run = {};
    bool in_palette = true;
    // Keys work only while this is true (the canvas has the focus, say); empty: whenever enabled. The palette ignores it.
    mutable base::UniqueFunction<bool()> keys_active = {};
    // Keys also fire for as long as a key is held (moving nodes by arrows).
    bool repeats = false;
};

struct KeyChord {
    std::string key = {};  // lower case: "k", "enter", "?"
    bool mod = false, ctrl = false, alt = false, shift = false, meta = false;
    friend bool operator==(const KeyChord&, const KeyChord&) = default;
};
// "Mod+Shift+Z"; a sequence gives several. Empty when the text is malformed.
[[nodiscard]] std::vector<KeyChord> parse_keys(std::string_view text);
// For people: "Ctrl+Shift+Z", on a Mac "⇧⌘Z"; "G then W".
[[nodiscard]] std::string keys_label(std::string_view text, bool mac, bool mac_glyphs = true);

struct KeyPress {
    std::string_view key = {};  // as KeyboardEvent.key
    bool ctrl = false, shift = false, alt = false, meta = false;
    bool repeat = false;
    bool text_editing = false;  // a text field has the keyboard
};

// How well `needle` fits `text`: nothing when its letters do not occur in order; more is better. Starts of words count more.
[[nodiscard]] std::optional<int> fuzzy_score(std::string_view needle, std::string_view text);

class CommandTable {
public:
    explicit CommandTable(bool mac = false) : mac_(mac) {}

    // A second command of the same id replaces the first.
    void add(Command command);
    [[nodiscard]] const Command* find(std::string_view id) const;
    [[nodiscard]] bool enabled(std::string_view id) const;
    // False when there is no such command or it is not enabled now.
    bool run(std::string_view id);
    // The shortcut as shown in menus, or "".
    [[nodiscard]] std::string shortcut(std::string_view id) const;
    [[nodiscard]] const std::vector<Command>& all() const { return commands_; }
    [[nodiscard]] bool mac() const { return mac_; }
    void set_mac(bool mac) { mac_ = mac; }
    // Whether ⌘ and friends can be drawn with the loaded font.
    void set_mac_glyphs(bool available) { mac_glyphs_ = available; }

    // Runs what this key means now. True when it was ours (also for the first key of a sequence).
    bool press(const KeyPress& press, std::int64_t now_ms);
    // What press() would answer, without doing it: the browser's default is prevented by it.
    [[nodiscard]] bool owns(const KeyPress& press, std::int64_t now_ms) const;

    // Enabled palette entries that fit `query`, best first; indices into all().
    [[nodiscard]] std::vector<std::size_t> search(std::string_view query) const;

private:
    struct Match {
        const Command* command = nullptr;
        bool prefix = false;  // the press begins (or continues) a sequence
    };
    [[nodiscard]] Match match(const KeyPress& press, std::int64_t now_ms) const;
    [[nodiscard]] const std::vector<std::string>& keys_of(const Command& command) const;
    [[nodiscard]] bool chord_matches(const KeyChord& chord, const KeyPress& press) const;

    bool mac_;
    bool mac_glyphs_ = true;
    std::vector<Command> commands_;
    std::string pending_;               // key of the sequence under way, lower case
    std::int64_t pending_until_ms_ = 0;
};

}  // namespace ui
