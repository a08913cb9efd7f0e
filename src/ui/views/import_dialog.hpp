// The Import dialog: a Compose file or manifests, pasted, chosen, dropped or in a repository; then what would become of it.
#pragma once

#include "ui/ui_context.hpp"

namespace ui {

class CommandTable;
struct ViewState;

struct ImportViewState {
    bool shown = false;         // the dialog was there last frame
};

void draw_import_dialog(UiContext& ctx, ViewState& views);
void register_import_commands(CommandTable& commands, model::App& app, Layers& layers, Platform& platform);

}  // namespace ui
