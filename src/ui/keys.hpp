// Keys: what was pressed this frame, in KeyboardEvent.key words, read from ImGui.
//
// Printable keys without Ctrl, Alt or Meta come from the characters that were typed, so "?" and "+" are right on every keyboard layout;
// the rest from ImGui's key codes.
#pragma once

#include <string>
#include <vector>

namespace ui {

struct PressedKey {
    std::string key;
    bool ctrl = false, shift = false, alt = false, meta = false;
    bool repeat = false;
};

[[nodiscard]] std::vector<PressedKey> pressed_keys();

}  // namespace ui
