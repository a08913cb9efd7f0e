#include "ui/keys.hpp"

#include <imgui.h>

#include <array>
#include <utility>

#include "base/text.hpp"

namespace ui {

namespace {

struct NamedKey {
    ImGuiKey key;
    const char* name;
};

constexpr std::array<NamedKey, 17> kNamed{{{ImGuiKey_Enter, "Enter"}, {ImGuiKey_KeypadEnter, "Enter"}, {ImGuiKey_Escape, "Escape"}, {ImGuiKey_Delete, "Delete"},
    {ImGuiKey_Backspace, "Backspace"}, {ImGuiKey_Tab, "Tab"}, {ImGuiKey_LeftArrow, "ArrowLeft"}, {ImGuiKey_RightArrow, "ArrowRight"}, {ImGuiKey_UpArrow, "ArrowUp"},
    {ImGuiKey_DownArrow, "ArrowDown"}, {ImGuiKey_Home, "Home"}, {ImGuiKey_End, "End"}, {ImGuiKey_PageUp, "PageUp"}, {ImGuiKey_PageDown, "PageDown"},
    {ImGuiKey_F2, "F2"}, {ImGuiKey_F6, "F6"}, {ImGuiKey_F10, "F10"}}};

constexpr std::array<NamedKey, 11> kSigns{{{ImGuiKey_Comma, ","}, {ImGuiKey_Period, "."}, {ImGuiKey_Slash, "/"}, {ImGuiKey_Minus, "-"}, {ImGuiKey_Equal, "="},
    {ImGuiKey_Semicolon, ";"}, {ImGuiKey_LeftBracket, "["}, {ImGuiKey_RightBracket, "]"}, {ImGuiKey_Backslash, "\\"}, {ImGuiKey_Apostrophe, "'"}, {ImGuiKey_Space, " "}}};

}  // namespace

std::vector<PressedKey> pressed_keys() {
    const ImGuiIO& io = ImGui::GetIO();
    PressedKey modifiers;
    // ImGui swaps the two on a Mac so that its own shortcuts follow Cmd; here they are what the keyboard says.
    modifiers.ctrl = io.ConfigMacOSXBehaviors ? io.KeySuper : io.KeyCtrl;
    modifiers.meta = io.ConfigMacOSXBehaviors ? io.KeyCtrl : io.KeySuper;
    modifiers.alt = io.KeyAlt;
    modifiers.shift = io.KeyShift;

    std::vector<PressedKey> out;
    auto add = [&](std::string name, ImGuiKey key) {
        if (!ImGui::IsKeyPressed(key, true)) return;
        PressedKey pressed = modifiers;
        pressed.key = std::move(name);
        pressed.repeat = !ImGui::IsKeyPressed(key, false);
        out.push_back(std::move(pressed));
    };
    for (const NamedKey& named : kNamed) add(named.name, named.key);
    if (modifiers.ctrl || modifiers.meta || modifiers.alt) {
        for (int i = 0; i < 26; ++i) add(std::string(1, static_cast<char>('a' + i)), static_cast<ImGuiKey>(ImGuiKey_A + i));
        for (int i = 0; i < 10; ++i) add(std::string(1, static_cast<char>('0' + i)), static_cast<ImGuiKey>(ImGuiKey_0 + i));
        for (const NamedKey& sign : kSigns) add(sign.name, sign.key);
        return out;
    }
    for (const ImWchar character : io.InputQueueCharacters) {
        if (character < 32) continue;
        PressedKey pressed = modifiers;
        base::append_code_point(pressed.key, character);
        out.push_back(std::move(pressed));
    }
    return out;
}

}  // namespace ui
