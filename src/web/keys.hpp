// Keys: from KeyboardEvent to ImGui's keys, and which keys stay the browser's.
#pragma once

#include <imgui.h>

#include <string_view>

namespace web {

struct KeyModifiers {
    bool ctrl = false, shift = false, alt = false, meta = false, alt_graph = false;
};
[[nodiscard]] KeyModifiers modifiers_from_bits(int bits);  // as in lib_input.js

// Letters and digits by what the layout makes of the key, the rest by where it is ("KeyboardEvent.code").
[[nodiscard]] ImGuiKey imgui_key(std::string_view key, std::string_view code);

// Keys that belong to the browser whatever a view would like: its tabs, address, reload, zoom, developer tools, function keys.
[[nodiscard]] bool browser_owns(std::string_view key, const KeyModifiers& mods, bool mac);

// Keys that edit text or move within it; the browser's default would scroll or go back.
[[nodiscard]] bool edits_text(ImGuiKey key);

// The text that a key press types, empty for names ("Enter") and with Ctrl or Meta.
[[nodiscard]] std::string_view typed_text(std::string_view key, const KeyModifiers& mods);

}  // namespace web
