#include "ui/views/history_view.hpp"

#include <imgui.h>

#include <algorithm>

#include "model/dry_run.hpp"
#include "model/run_inputs.hpp"
#include "model/runs.hpp"
#include "model/versions.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr float kListWidth = 268;
constexpr float kRoomForBoth = 640;

void list_part(UiContext& ctx, ViewState& views, const Box& box) {
    const bool runs = views.history.runs;
    if (begin_region(ctx, "history-list", box.min, box.max, ctx.theme.background, ImVec2(12, 8), true)) {
        if (button(ctx, "Versions", {.id = "show-versions", .selected = !runs})) views.history.runs = false;
        ImGui::SameLine(0, 6);
        if (button(ctx, "Runs", {.id = "show-runs", .selected = runs})) views.history.runs = true;
        ImGui::SameLine(0, 6);
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::refresh, .id = "reload-history", .tooltip = "Read the list again"})) {
            if (runs) ctx.app.runs().reload();
            else ctx.app.versions().reload();
        }
        if (!runs) command_button(ctx, "version.keep", "Keep this version…", {.icon = Icon::plus, .width = ImGui::GetContentRegionAvail().x});
        ImGui::Dummy(ImVec2(0, 2));
        if (runs) draw_run_rows(ctx, views);
        else draw_version_rows(ctx, views);
    }
    end_region(ctx);
}

void details_part(UiContext& ctx, ViewState& views, const Box& box, bool narrow) {
    if (begin_region(ctx, views.history.runs ? "run-details" : "version-details", box.min, box.max, ctx.theme.background, ImVec2(16, 8), true)) {
        if (narrow && button(ctx, "Back to the list", {.style = ButtonStyle::ghost, .icon = Icon::close, .id = "back-to-history"})) views.history.details_open = false;
        if (views.history.runs) draw_run_details(ctx, views);
        else draw_version_details(ctx, views);
    }
    end_region(ctx);
}

}  // namespace

// A part of its own: docs/decisions/0009.
[[gnu::noinline]] void draw_history(UiContext& ctx, ViewState& views, const Box& box) {
    // Only of a document that is there.
    if (ctx.app.workflow().phase == model::LoadPhase::ready) {
        if (views.history.runs) ctx.app.runs().show(ctx.app.workflow().id);
        else ctx.app.versions().show(ctx.app.workflow().id);
    }
    begin_record_group(ctx, id_of("history"), box.min, box.max, {.role = Role::group, .name = "History"});
    if (box.width() < kRoomForBoth) {
        if (views.history.details_open) details_part(ctx, views, box, true);
        else list_part(ctx, views, box);
    } else {
        const float middle = box.min.x + kListWidth;
        list_part(ctx, views, {box.min, ImVec2(middle, box.max.y)});
        details_part(ctx, views, {ImVec2(middle + 1, box.min.y), box.max}, false);
        ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(middle, box.min.y), ImVec2(middle + 1, box.max.y), ctx.theme.border);
    }
    end_record_group(ctx);
}

void register_history_commands(CommandTable& commands, model::App& app, ViewState& views, Layers& layers) {
    const auto has_workflow = [&app] { return app.session().phase == model::SessionPhase::signed_in && app.workflow().phase == model::LoadPhase::ready && !app.workflow().id.empty(); };
    const auto show = [&app, &views](bool runs) {
        return [&app, &views, runs] {
            app.set_rail("workflows");
            app.set_dock_tab("history");
            app.set_dock_open(true);
            views.compact_dock_open = true;
            views.history.runs = runs;
            if (runs) app.runs().show(app.workflow().id);
            else app.versions().show(app.workflow().id);
        };
    };
    commands.add({.id = "view.versions", .title = "Show versions", .group = "View", .enabled = has_workflow, .run = show(false)});
    commands.add({.id = "view.runs", .title = "Show past runs", .group = "View", .enabled = has_workflow, .run = show(true)});
    commands.add({.id = "version.keep", .title = "Keep this version…", .group = "Versions", .enabled = has_workflow, .run = [&app, &layers, open = show(false)] {
                      open();
                      app.versions().begin(0);
                      layers.to_open.emplace_back(kVersionDialog);
                  }});
    commands.add({.id = "version.end_compare", .title = "End the comparison", .group = "Versions", .enabled = [&app] { return app.versions().state().compare.open; }, .run = [&app] { app.versions().end_compare(); }});
    commands.add({.id = "run.end_replay", .title = "Back to what is live", .group = "Versions", .enabled = [&app] { return !app.runs().state().replayed.empty(); }, .run = [&app] { app.runs().end_replay(); }});
    commands.add({.id = "workflow.dry_run", .title = "Dry run: what would change in the cluster", .group = "Workflow",
                  .enabled = [&app, has_workflow] { return has_workflow() && app.graph().node_count() > 0 && app.workflow().run == model::RunPhase::idle; }, .run = [&app] { app.dry_run().ask(app.workflow().id); }});
}

}  // namespace ui
