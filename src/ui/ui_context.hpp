// UiContext: what every view gets besides its data. Owned by the Shell, filled anew each frame.
#pragma once

#include <imgui.h>

#include <string>
#include <vector>

#include "model/app.hpp"
#include "ui/semantics.hpp"
#include "ui/shell.hpp"
#include "ui/theme.hpp"

namespace ui {

class CommandTable;

// Dialogs that were asked for from anywhere (a menu, a command); begin_dialog() opens them at the root, above everything.
struct Layers {
    static constexpr int kFieldFrames = 4;  // ImGui takes two, a dialog that is measured first one more
    std::vector<std::string> to_open;
    std::vector<std::string> to_close;
    std::string shown;   // the dialog that was drawn last in this frame, or none
    int field_frames = 0;  // a field has asked for the keyboard and gets it within so many frames: what is typed now is for it
};

struct UiContext {
    model::App& app;
    const Theme& theme;        // colours and metrics: ui/theme.hpp
    const Fonts& fonts;        // ui/theme.hpp
    Semantics& semantics;
    CommandTable& commands;
    const FrameInput& input;
    Platform& platform;
    // A view that animates asks for the next frame (0 = at once) or for one at a later time.
    void wake_in(std::int64_t delay_ms) {
        const std::int64_t at = input.now_ms + delay_ms;
        if (wake_at_ms < 0 || at < wake_at_ms) wake_at_ms = at;
    }
    std::int64_t wake_at_ms = -1;
    Layers* layers = nullptr;
};

}  // namespace ui
