// The Build tab of the dock: the list of builds, the log and progress of one, and the dialog that starts one.
#pragma once

#include <cstdint>
#include <string>

#include "ui/ui_context.hpp"
#include "ui/views/layout.hpp"

namespace ui {

class CommandTable;
struct ViewState;

struct BuildsViewState {
    bool details_open = false;   // narrow: in place of the list
    bool follow = true;          // the log sticks to its end
    std::uint64_t drawn_lines = 0;
    bool more = false;           // the form's further settings
    bool form_shown = false;     // its dialog was there last frame
};

void draw_builds(UiContext& ctx, ViewState& views, const Box& box);
void draw_build_dialog(UiContext& ctx, ViewState& views);
void register_build_commands(CommandTable& commands, model::App& app, ViewState& views, Layers& layers);

}  // namespace ui
