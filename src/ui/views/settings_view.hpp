// Settings: one page of sections, chosen at the left (a list above them when the window is narrow).
//
// To add a section: write `void draw_..._section(UiContext&, ViewState&)` in a file of its own, declare it here, and give it a row in
// the table of settings_view.cpp. A section draws downwards from the cursor, in a column of at most kSettingsColumn, under its title.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "state/forms/form.hpp"

namespace ui {

struct UiContext;
struct ViewState;

inline constexpr float kSettingsColumn = 720;

// The dialog that adds or changes a registry.
struct RegistryForm {
    std::string id;                     // empty: a new one
    std::unique_ptr<state::Form> form;  // model/registry_form.hpp; null once the dialog is closed
    bool had_credentials = false;
    bool saved = false;                 // the hub has taken it: the dialog closes
};

struct SettingsState {
    std::string section = "general";
    std::string plugin_search;
    std::string plugin_category;  // empty: all
    bool plugins_enabled_only = false;
    std::string open_plugin;      // whose details are shown
    std::string lookup_image;
    std::string registry_to_remove;
    bool delete_documents = false;  // of the dialog that clears local data
    std::shared_ptr<RegistryForm> registry = std::make_shared<RegistryForm>();
};

void draw_clear_data_dialog(UiContext& ctx, ViewState& views);
void draw_registries_section(UiContext& ctx, ViewState& views);
void draw_plugins_section(UiContext& ctx, ViewState& views);
void draw_canvas_section(UiContext& ctx, ViewState& views);
// Dialogs of the sections, from the root window.
void draw_settings_dialogs(UiContext& ctx, ViewState& views);

}  // namespace ui
