// The commands of the shell: what menus, palette, keys and buttons run.
#include <string>
#include <utility>

#include "model/browse_preferences.hpp"
#include "model/clusters.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

void register_shell_commands(CommandTable& commands, model::App& app, ViewState& views, Layers& layers, Platform& platform) {
    auto signed_in = [&app] { return app.session().phase == model::SessionPhase::signed_in; };
    auto has_workflow = [&app] { return app.session().phase == model::SessionPhase::signed_in && app.workflow().phase == model::LoadPhase::ready; };
    auto dialog = [&layers](const char* id) { return [&layers, id] { layers.to_open.emplace_back(id); }; };

    commands.add({.id = "app.palette", .title = "Search or run a command", .group = "General", .keys = {"Mod+K"}, .enabled = signed_in, .run = dialog("palette"), .in_palette = false});
    commands.add({.id = "app.shortcuts", .title = "Keyboard shortcuts", .group = "General", .keys = {"?"}, .enabled = signed_in, .run = dialog("shortcuts")});
    commands.add({.id = "app.copy_diagnostics", .title = "Copy diagnostics", .group = "General", .run = [&app, &platform] {
                      platform.copy_text(platform.diagnostics());
                      app.show_toast(model::ToastKind::info, "Diagnostics copied", "They hold no tokens or passwords.");
                  }});

    commands.add({.id = "workflow.run", .title = "Run workflow", .group = "Workflow", .keys = {"Mod+Enter"},
                  .enabled = [&app, has_workflow] { return has_workflow() && app.workflow().run == model::RunPhase::idle && app.graph().node_count() > 0; },
                  .run = [&app] { app.run(); }});
    commands.add({.id = "workflow.cancel_run", .title = "Stop waiting for the run", .group = "Workflow", .enabled = [&app] { return app.execution().active(); }, .run = [&app] { app.cancel_run(); }});
    commands.add({.id = "workflow.compare", .title = "Compare with the version saved elsewhere…", .group = "Workflow",
                  .enabled = [&app] { return app.workflow().save == model::SavePhase::conflict; }, .run = [&app] { app.open_conflict(); }});
    commands.add({.id = "workflow.save", .title = "Save now", .group = "Workflow", .keys = {"Mod+S"}, .enabled = has_workflow, .run = [&app] { app.save_now(); }});
    commands.add({.id = "workflow.new", .title = "New workflow…", .group = "Workflow", .enabled = signed_in, .run = dialog("new-workflow")});
    register_import_commands(commands, app, layers, platform);
    register_export_commands(commands, app, views, layers, platform);
    commands.add({.id = "workflow.rename", .title = "Rename workflow…", .group = "Workflow", .enabled = has_workflow, .run = dialog("rename-workflow")});
    commands.add({.id = "workflow.delete", .title = "Delete workflow…", .group = "Workflow", .enabled = has_workflow, .run = dialog("delete-workflow")});

    commands.add({.id = "cluster.add", .title = "Add cluster…", .group = "Clusters",
                  .enabled = [&app, signed_in] { return signed_in() && (!app.auth().user || app.auth().user->role == "admin"); },
                  .run = [&app, open = dialog("cluster-form")] {
                      app.set_rail("clusters");
                      app.clusters().begin_add();
                      open();
                  }});

    commands.add({.id = "go.workflows", .title = "Go to workflows", .group = "Go to", .keys = {"G W"}, .enabled = signed_in, .run = [&app] { app.set_rail("workflows"); }});
    commands.add({.id = "go.clusters", .title = "Go to clusters", .group = "Go to", .keys = {"G C"}, .enabled = signed_in, .run = [&app] { app.set_rail("clusters"); }});
    commands.add({.id = "go.settings", .title = "Go to settings", .group = "Go to", .keys = {"Mod+,"}, .enabled = signed_in, .run = [&app] { app.set_rail("settings"); }});

    register_activity_commands(commands, app, views, platform);
    commands.add({.id = "go.profile", .title = "Profile", .group = "Go to", .enabled = signed_in, .run = [&app] { app.set_rail("profile"); }});
    commands.add({.id = "view.notifications", .title = "Show notifications", .group = "View", .keys = {"G N"}, .enabled = signed_in,
                  .run = [&views] { views.notifications_wanted = true; }});
    for (const char* section : {"registries", "plugins"}) {
        commands.add({.id = std::string("settings.") + section, .title = std::string("Settings: ") + section, .group = "Go to", .enabled = signed_in, .run = [&app, &views, section] {
                          views.settings.section = section;
                          app.set_rail("settings");
                      }});
    }

    auto show_tab = [&app, &views](const char* tab) {
        return [&app, &views, tab] {
            app.set_rail("workflows");
            app.set_dock_tab(tab);
            app.set_dock_open(true);
            views.compact_dock_open = true;
        };
    };
    commands.add({.id = "view.logs", .title = "Show logs", .group = "View", .enabled = has_workflow, .run = show_tab("logs")});
    commands.add({.id = "view.events", .title = "Show events", .group = "View", .enabled = has_workflow, .run = show_tab("events")});
    register_build_commands(commands, app, views, layers);
    register_history_commands(commands, app, views, layers);
    register_alert_commands(commands, app, views, layers);
    commands.add({.id = "view.problems", .title = "Show problems", .group = "View", .enabled = has_workflow, .run = show_tab("problems")});
    commands.add({.id = "view.toggle_dock", .title = "Show or hide the dock", .group = "View", .keys = {"Mod+J"}, .enabled = has_workflow, .run = [&app, &views] {
                      app.set_dock_open(!app.ui().dock_open);
                      views.compact_dock_open = !views.compact_dock_open;
                  }});
    commands.add({.id = "view.toggle_inspector", .title = "Show or hide details", .group = "View", .keys = {"Mod+I"}, .enabled = has_workflow, .run = [&app, &views] {
                      app.set_inspector_open(!app.ui().inspector_open);
                      views.sheet_dismissed = !views.sheet_dismissed;
                  }});
    commands.add({.id = "logs.search", .title = "Search the log", .group = "Log", .keys = {"/"}, .enabled = has_workflow, .run = [&views, show = show_tab("logs")] {
                      show();
                      views.focus_log_search = true;
                  },
                  .keys_active = [&app] { return full_page(app.ui().rail) == nullptr; }});  // pages have a search of their own
    commands.add({.id = "logs.follow", .title = "Follow the log", .group = "Log", .enabled = has_workflow, .run = [&app] { app.set_log_follow(!app.log_panel().follow); }});
    commands.add({.id = "logs.wrap", .title = "Wrap long log lines", .group = "Log", .enabled = has_workflow, .run = [&app] { app.set_log_wrap(!app.log_panel().wrap); }});
    commands.add({.id = "logs.reconnect", .title = "Reconnect the log", .group = "Log", .enabled = [&app, has_workflow] { return has_workflow() && app.log_stream().phase != model::StreamPhase::closed; },
                  .run = [&app] { app.reconnect_log(); }});
    commands.add({.id = "logs.clear", .title = "Clear the log view", .group = "Log", .enabled = [&app, has_workflow] { return has_workflow() && app.log().size() > 0; }, .run = [&app] { app.clear_log(); }});
    commands.add({.id = "logs.copy_all", .title = "Copy all log lines", .group = "Log", .enabled = [&app, has_workflow] { return has_workflow() && app.log().size() > 0; },
                  .run = [&app, &platform] { platform.copy_text(LogView::all_text(app)); }});
    commands.add({.id = "toasts.dismiss", .title = "Dismiss notifications", .group = "View", .enabled = [&app] { return !app.toasts().empty(); }, .run = [&app] {
                      while (!app.toasts().empty()) {
                          const std::size_t before = app.toasts().size();
                          app.dismiss_toast(app.toasts().back().id);
                          if (app.toasts().size() >= before) break;
                      }
                  }});
    commands.add({.id = "view.close_layer", .title = "Close what is on top", .group = "General", .keys = {"Escape"},
                  .enabled = [&app, &views, has_workflow] { return has_workflow() && (views.compact_dock_open || !app.toasts().empty()); },
                  .run = [&app, &views] {
                      if (views.compact_dock_open) views.compact_dock_open = false;
                      else if (!app.toasts().empty()) app.dismiss_toast(app.toasts().back().id);
                  },
                  .in_palette = false});

    struct ThemeCommand {
        const char *id, *title;
        model::ThemeChoice choice;
    };
    for (const ThemeCommand& theme : {ThemeCommand{"theme.system", "Theme: same as system", model::ThemeChoice::system}, ThemeCommand{"theme.dark", "Theme: dark", model::ThemeChoice::dark},
                                      ThemeCommand{"theme.light", "Theme: light", model::ThemeChoice::light}}) {
        commands.add({.id = theme.id, .title = theme.title, .group = "Appearance", .run = [&app, choice = theme.choice] { app.set_theme(choice); }});
    }
    commands.add({.id = "view.developer", .title = "Show or hide the developer panel", .group = "View", .keys = {"Mod+Shift+D"}, .enabled = has_workflow, .run = [&app, &views] {
                      const bool on = !app.ui().developer;
                      app.set_developer(on);
                      if (!on) return;
                      app.set_rail("workflows");
                      app.set_dock_open(true);
                      views.compact_dock_open = true;
                  }});
    commands.add({.id = "view.toggle_sidebar", .title = "Show or hide the side bar", .group = "View", .keys = {"Mod+B"}, .enabled = signed_in, .run = [&app] { app.toggle_sidebar(); }});
    commands.add({.id = "view.sidebar_words", .title = "Side bar with or without words", .group = "View", .enabled = signed_in,
                  .run = [&app] { app.set_sidebar_collapsed(!app.ui().sidebar_collapsed); }});
    commands.add({.id = "view.workflows_folder", .title = "Show or hide the workflows in the side bar", .group = "View",
                  .enabled = [&app, signed_in] { return signed_in() && app.ui().sidebar_open && !app.ui().sidebar_collapsed; },
                  .run = [&app] { app.browse().set_folder_open(std::string(kWorkflowsFolder), !rail_workflows_open(app)); }});
    for (const int step : {10, -10}) {
        commands.add({.id = step > 0 ? "view.larger" : "view.smaller", .title = step > 0 ? "Larger text" : "Smaller text", .group = "Appearance",
                      .enabled = [&app, step] { const int next = app.ui().font_percent + step; return next >= model::UiState::kMinFontPercent && next <= model::UiState::kMaxFontPercent; },
                      .run = [&app, step] { app.set_font_percent(app.ui().font_percent + step); }});
    }
    commands.add({.id = "view.density", .title = "Compact or comfortable rows", .group = "Appearance",
                  .run = [&app] { app.set_density(app.ui().density == model::Density::compact ? model::Density::comfortable : model::Density::compact); }});
    commands.add({.id = "session.logout", .title = "Log out", .group = "Account",
                  .enabled = [&app, signed_in] { return signed_in() && app.session().login_required; }, .run = [&app] { app.logout(); }});
}

}  // namespace ui
