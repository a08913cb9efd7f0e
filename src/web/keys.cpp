#include "web/keys.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.hpp"

namespace web {

namespace {

using Entry = std::pair<std::string_view, ImGuiKey>;

constexpr auto kByCode = std::to_array<Entry>({
    {"AltLeft", ImGuiKey_LeftAlt},
    {"AltRight", ImGuiKey_RightAlt},
    {"ArrowDown", ImGuiKey_DownArrow},
    {"ArrowLeft", ImGuiKey_LeftArrow},
    {"ArrowRight", ImGuiKey_RightArrow},
    {"ArrowUp", ImGuiKey_UpArrow},
    {"Backquote", ImGuiKey_GraveAccent},
    {"Backslash", ImGuiKey_Backslash},
    {"Backspace", ImGuiKey_Backspace},
    {"BracketLeft", ImGuiKey_LeftBracket},
    {"BracketRight", ImGuiKey_RightBracket},
    {"Comma", ImGuiKey_Comma},
    {"ContextMenu", ImGuiKey_Menu},
    {"ControlLeft", ImGuiKey_LeftCtrl},
    {"ControlRight", ImGuiKey_RightCtrl},
    {"Delete", ImGuiKey_Delete},
    {"End", ImGuiKey_End},
    {"Enter", ImGuiKey_Enter},
    {"Equal", ImGuiKey_Equal},
    {"Escape", ImGuiKey_Escape},
    {"Home", ImGuiKey_Home},
    {"Insert", ImGuiKey_Insert},
    {"MetaLeft", ImGuiKey_LeftSuper},
    {"MetaRight", ImGuiKey_RightSuper},
    {"Minus", ImGuiKey_Minus},
    {"NumpadAdd", ImGuiKey_KeypadAdd},
    {"NumpadDecimal", ImGuiKey_KeypadDecimal},
    {"NumpadDivide", ImGuiKey_KeypadDivide},
    {"NumpadEnter", ImGuiKey_KeypadEnter},
    {"NumpadMultiply", ImGuiKey_KeypadMultiply},
    {"NumpadSubtract", ImGuiKey_KeypadSubtract},
    {"PageDown", ImGuiKey_PageDown},
    {"PageUp", ImGuiKey_PageUp},
    {"Period", ImGuiKey_Period},
    {"Quote", ImGuiKey_Apostrophe},
    {"Semicolon", ImGuiKey_Semicolon},
    {"ShiftLeft", ImGuiKey_LeftShift},
    {"ShiftRight", ImGuiKey_RightShift},
    {"Slash", ImGuiKey_Slash},
    {"Space", ImGuiKey_Space},
    {"Tab", ImGuiKey_Tab},
});

constexpr bool by_name(const Entry& a, const Entry& b) { return a.first < b.first; }
static_assert(std::is_sorted(kByCode.begin(), kByCode.end(), by_name));

ImGuiKey from_letter_or_digit(char c) {
    const char lower = base::ascii_lower(c);
    if (lower >= 'a' && lower <= 'z') return static_cast<ImGuiKey>(ImGuiKey_A + (lower - 'a'));
    if (base::is_ascii_digit(c)) return static_cast<ImGuiKey>(ImGuiKey_0 + (c - '0'));
    return ImGuiKey_None;
}

ImGuiKey from_code(std::string_view code) {
    const auto found = std::lower_bound(kByCode.begin(), kByCode.end(), Entry{code, ImGuiKey_None}, by_name);
    if (found != kByCode.end() && found->first == code) return found->second;
    if (code.starts_with("Key") && code.size() == 4) return from_letter_or_digit(code[3]);
    if (code.starts_with("Digit") && code.size() == 6) return from_letter_or_digit(code[5]);
    if (code.starts_with("Numpad") && code.size() == 7 && base::is_ascii_digit(code[6])) {
        return static_cast<ImGuiKey>(ImGuiKey_Keypad0 + (code[6] - '0'));
    }
    if (code.starts_with("F")) {
        if (const auto number = base::parse_integer_in<int>(code.substr(1), 1, 24)) return static_cast<ImGuiKey>(ImGuiKey_F1 + *number - 1);
    }
    return ImGuiKey_None;
}

}  // namespace

KeyModifiers modifiers_from_bits(int bits) {
    return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0};
}

ImGuiKey imgui_key(std::string_view key, std::string_view code) {
    if (key.size() == 1 && !code.starts_with("Numpad")) {
        // Where Shift+1 types "!", the key is still 1; a letter follows the layout (Ctrl+Z on AZERTY is where Z is).
        if (const ImGuiKey letter = from_letter_or_digit(key[0]); letter != ImGuiKey_None) return letter;
    }
    if (const ImGuiKey place = from_code(code); place != ImGuiKey_None) return place;
    return from_code(key);  // "Escape", "Enter", "Tab" are named alike; on-screen keyboards send no code
}

bool browser_owns(std::string_view key, const KeyModifiers& mods, bool mac) {
    if (key.size() > 1 && key[0] == 'F' && base::is_ascii_digit(key[1])) return true;  // reload, full screen, developer tools
    const bool command = mac ? mods.meta : mods.ctrl;
    if (mods.alt && !command) return key.starts_with("Arrow") || key == "Home";  // history
    if (!command || mods.alt_graph) return false;
    if (key == "Tab" || key == "PageUp" || key == "PageDown") return true;
    if (key.size() != 1) return false;
    const char c = base::ascii_lower(key[0]);
    if (base::is_ascii_digit(c)) return true;  // tabs, and 0: zoom
    constexpr std::string_view kZoom = "+-=_";
    if (kZoom.find(c) != std::string_view::npos) return true;
    constexpr std::string_view kPlain = "ltwrnhpqujo";
    constexpr std::string_view kShifted = "tnrwcijkmpbo";  // reopen tab, hard reload, developer tools, ...
    return (mods.shift ? kShifted : kPlain).find(c) != std::string_view::npos;
}

bool edits_text(ImGuiKey key) {
    constexpr ImGuiKey kKeys[] = {ImGuiKey_Tab,  ImGuiKey_LeftArrow, ImGuiKey_RightArrow, ImGuiKey_UpArrow,   ImGuiKey_DownArrow, ImGuiKey_PageUp, ImGuiKey_PageDown,
                                  ImGuiKey_Home, ImGuiKey_End,       ImGuiKey_Delete,     ImGuiKey_Backspace, ImGuiKey_Enter,     ImGuiKey_Escape, ImGuiKey_KeypadEnter};
    return std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
}

std::string_view typed_text(std::string_view key, const KeyModifiers& mods) {
    const bool command = (mods.ctrl || mods.meta) && !mods.alt_graph;
    if (command || key.empty()) return {};
    return base::code_point_count(key) == 1 ? key : std::string_view();
}

}  // namespace web
