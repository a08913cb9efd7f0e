#include "ui/commands.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace ui {

namespace {

constexpr std::int64_t kSequenceMs = 1000;

// "Mod+Shift+Z", "+" alone and "Mod++" included.
std::optional<KeyChord> parse_chord(std::string_view text) {
    KeyChord chord;
    while (true) {
        const std::size_t plus = text.find('+');
        if (plus == std::string_view::npos || plus == 0) break;
        const std::string word = base::to_ascii_lower(text.substr(0, plus));
        if (word == "mod") chord.mod = true;
        else if (word == "ctrl") chord.ctrl = true;
        else if (word == "alt") chord.alt = true;
        else if (word == "shift") chord.shift = true;
        else if (word == "meta") chord.meta = true;
        else return std::nullopt;
        text.remove_prefix(plus + 1);
    }
    if (text.empty()) return std::nullopt;
    chord.key = base::to_ascii_lower(text);
    return chord;
}

bool is_letter_or_name(std::string_view key) { return key.size() > 1 || base::is_ascii_alpha(key[0]) || base::is_ascii_digit(key[0]); }

std::string key_title(std::string_view key, bool mac_glyphs) {
    struct Named {
        std::string_view key, title, glyph;
    };
    static constexpr std::array<Named, 12> kNames{{{"arrowleft", "Left", "←"}, {"arrowright", "Right", "→"}, {"arrowup", "Up", "↑"},
        {"arrowdown", "Down", "↓"}, {"escape", "Esc", "Esc"}, {"delete", "Del", "Del"}, {"backspace", "Backspace", "Backspace"},
        {"enter", "Enter", "Enter"}, {" ", "Space", "Space"}, {"tab", "Tab", "Tab"}, {"pageup", "Page up", "Page up"},
        {"pagedown", "Page down", "Page down"}}};
    for (const Named& named : kNames) {
        if (named.key == key) return std::string(mac_glyphs ? named.glyph : named.title);
    }
    if (key.size() == 1) return base::to_ascii_upper(key);
    std::string title(key);
    title[0] = base::ascii_upper(title[0]);
    return title;
}

std::string chord_label(const KeyChord& chord, bool mac, bool glyphs) {
    std::string out;
    if (mac && glyphs) {
        if (chord.ctrl) out += "⌃";
        if (chord.alt) out += "⌥";
        if (chord.shift) out += "⇧";
        if (chord.mod || chord.meta) out += "⌘";
    } else {
        if (chord.mod) out += mac ? "Cmd " : "Ctrl ";
        if (chord.ctrl) out += "Ctrl ";
        if (chord.meta) out += mac ? "Cmd " : "Meta ";
        if (chord.alt) out += mac ? "Option " : "Alt ";
        if (chord.shift) out += "Shift ";
    }
    return out + key_title(chord.key, mac && glyphs);
}

}  // namespace

std::vector<KeyChord> parse_keys(std::string_view text) {
    std::vector<KeyChord> chords;
    for (const std::string_view part : base::split(text, ' ')) {
        const auto chord = parse_chord(part);
        if (!chord) return {};
        chords.push_back(*chord);
    }
    return chords;
}

std::string keys_label(std::string_view text, bool mac, bool mac_glyphs) {
    std::string out;
    for (const KeyChord& chord : parse_keys(text)) {
        if (!out.empty()) out += " then ";
        out += chord_label(chord, mac, mac_glyphs);
    }
    return out;
}

std::optional<int> fuzzy_score(std::string_view needle, std::string_view text) {
    int score = 0;
    std::size_t at = 0;
    bool last_hit = false;
    for (const char raw : needle) {
        const char wanted = base::ascii_lower(raw);
        if (wanted == ' ') {
            last_hit = false;
            continue;
        }
        // The start of a word beats the next occurrence, unless the run goes on.
        std::size_t hit = std::string_view::npos;
        if (last_hit && at < text.size() && base::ascii_lower(text[at]) == wanted) hit = at;
        for (std::size_t i = at; hit == std::string_view::npos && i < text.size(); ++i) {
            const bool word_start = i == 0 || text[i - 1] == ' ' || text[i - 1] == '-' || text[i - 1] == '/';
            if (word_start && base::ascii_lower(text[i]) == wanted) hit = i;
        }
        for (std::size_t i = at; hit == std::string_view::npos && i < text.size(); ++i) {
            if (base::ascii_lower(text[i]) == wanted) hit = i;
        }
        if (hit == std::string_view::npos) return std::nullopt;
        if (hit == at && last_hit) score += 8;
        if (hit == 0) score += 12;
        else if (text[hit - 1] == ' ' || text[hit - 1] == '-' || text[hit - 1] == '/') score += 10;
        else score += 1;
        score -= static_cast<int>(std::min<std::size_t>(hit - at, 6)) / 2;
        at = hit + 1;
        last_hit = true;
    }
    return score * 4 - static_cast<int>(std::min<std::size_t>(text.size(), 60)) / 8;
}

void CommandTable::add(Command command) {
    for (Command& existing : commands_) {
        if (existing.id == command.id) {
            existing = std::move(command);
            return;
        }
    }
    commands_.push_back(std::move(command));
}

const Command* CommandTable::find(std::string_view id) const {
    for (const Command& command : commands_) {
        if (command.id == id) return &command;
    }
    return nullptr;
}

bool CommandTable::enabled(std::string_view id) const {
    const Command* command = find(id);
    return command != nullptr && (!command->enabled || command->enabled());
}

bool CommandTable::run(std::string_view id) {
    const Command* command = find(id);
    if (command == nullptr || !command->run || (command->enabled && !command->enabled())) return false;
    command->run();
    return true;
}

std::string CommandTable::shortcut(std::string_view id) const {
    const Command* command = find(id);
    if (command == nullptr || keys_of(*command).empty()) return {};
    return keys_label(keys_of(*command).front(), mac_, mac_glyphs_);
}

const std::vector<std::string>& CommandTable::keys_of(const Command& command) const {
    return mac_ && !command.mac_keys.empty() ? command.mac_keys : command.keys;
}

bool CommandTable::chord_matches(const KeyChord& chord, const KeyPress& press) const {
    if (base::to_ascii_lower(press.key) != chord.key) return false;
    const bool want_ctrl = chord.ctrl || (chord.mod && !mac_);
    const bool want_meta = chord.meta || (chord.mod && mac_);
    if (press.ctrl != want_ctrl || press.meta != want_meta || press.alt != chord.alt) return false;
    // Shift belongs to the character for "?" or "+": it depends on the keyboard layout.
    return !is_letter_or_name(chord.key) || press.shift == chord.shift;
}

CommandTable::Match CommandTable::match(const KeyPress& press, std::int64_t now_ms) const {
    const bool sequence = !pending_.empty() && now_ms < pending_until_ms_;
    const bool plain = !press.ctrl && !press.meta && !press.alt;
    if (press.text_editing && plain && !(press.key.size() > 1 && press.key[0] == 'F')) return {};
    Match begin;
    for (const Command& command : commands_) {
        for (const std::string& keys : keys_of(command)) {
            const std::vector<KeyChord> chords = parse_keys(keys);
            if (chords.empty() || (press.repeat && !command.repeats)) continue;
            const KeyChord& wanted = sequence && chords.size() == 2 && chords[0].key == pending_ ? chords[1] : chords[0];
            if (!chord_matches(wanted, press)) continue;
            if ((command.keys_active && !command.keys_active()) || (command.enabled && !command.enabled())) continue;
            const bool completes = chords.size() == 1 ? !sequence || begin.command == nullptr : &wanted == &chords[1];
            if (completes && chords.size() == 2) return {&command, false};
            if (chords.size() == 2) {
                if (begin.command == nullptr) begin = {&command, true};
            } else if (begin.command == nullptr || begin.prefix) {
                begin = {&command, false};
            }
        }
    }
    return begin;
}

bool CommandTable::press(const KeyPress& press, std::int64_t now_ms) {
    const Match found = match(press, now_ms);
    pending_.clear();
    if (found.command == nullptr) return false;
    if (found.prefix) {
        pending_ = base::to_ascii_lower(press.key);
        pending_until_ms_ = now_ms + kSequenceMs;
        return true;
    }
    if (found.command->run) {
        // The command may add others and so move this one.
        const std::string id = found.command->id;
        return run(id);
    }
    return false;
}

bool CommandTable::owns(const KeyPress& press, std::int64_t now_ms) const { return match(press, now_ms).command != nullptr; }

std::vector<std::size_t> CommandTable::search(std::string_view query) const {
    struct Hit {
        std::size_t index;
        int score;
    };
    std::vector<Hit> hits;
    for (std::size_t i = 0; i < commands_.size(); ++i) {
        const Command& command = commands_[i];
        if (!command.in_palette || !command.run || (command.enabled && !command.enabled())) continue;
        auto score = fuzzy_score(query, command.title);
        if (!score && !command.group.empty()) {
            score = fuzzy_score(query, command.group + " " + command.title);
            if (score) *score -= 20;
        }
        if (score) hits.push_back({i, *score});
    }
    std::stable_sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.score > b.score; });
    std::vector<std::size_t> out;
    out.reserve(hits.size());
    for (const Hit& hit : hits) out.push_back(hit.index);
    return out;
}

}  // namespace ui
