// The Alerts page: what is active, what was, and the rules.
#pragma once

#include <string>

#include "ui/ui_context.hpp"
#include "ui/views/layout.hpp"

namespace ui {

class CommandTable;
struct ViewState;

struct AlertsViewState {
    std::string tab = "active";   // active, history, rules
    std::string rule_to_remove;
    bool form_shown = false;      // its dialog was there last frame
};

void draw_alerts(UiContext& ctx, ViewState& views, const Layout& layout);
void draw_alert_dialogs(UiContext& ctx, ViewState& views);
void register_alert_commands(CommandTable& commands, model::App& app, ViewState& views, Layers& layers);

}  // namespace ui
