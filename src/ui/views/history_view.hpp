// The History tab of the dock: the versions of the open workflow and its past runs; and the dialogs of a run: what it needs, what it would do.
#pragma once

#include <string>

#include "ui/ui_context.hpp"
#include "ui/views/layout.hpp"

namespace ui {

class CommandTable;
struct ViewState;

struct HistoryViewState {
    bool runs = false;           // else versions
    bool details_open = false;   // narrow: in place of the list
    bool logs = false;           // of the selected run, in place of its timeline
    bool form_shown = false;     // the dialog of a version's words was there last frame
    bool inputs_shown = false;   // ... that of what a run needs
    bool plan_shown = false;     // ... that of a dry run
};

inline constexpr float kHistoryRow = 46;

void draw_history(UiContext& ctx, ViewState& views, const Box& box);
void register_history_commands(CommandTable& commands, model::App& app, ViewState& views, Layers& layers);

// The parts of it, inside a region each.
void draw_version_rows(UiContext& ctx, ViewState& views);
void draw_version_details(UiContext& ctx, ViewState& views);
void draw_run_rows(UiContext& ctx, ViewState& views);
void draw_run_details(UiContext& ctx, ViewState& views);

// Dialogs; drawn from the root window.
inline constexpr std::string_view kVersionDialog = "version-words";
void draw_version_dialog(UiContext& ctx, ViewState& views);
void draw_secrets_dialog(UiContext& ctx, ViewState& views);
void draw_dry_run_dialog(UiContext& ctx, ViewState& views);

}  // namespace ui
