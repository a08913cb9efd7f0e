// What a run would do to the cluster.
#include <imgui.h>

#include <algorithm>
#include <string>

#include "model/dry_run.hpp"
#include "ui/commands.hpp"
#include "ui/views/history_view.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr std::string_view kId = "dry-run";
constexpr float kRow = 26;

ImU32 action_color(const Theme& theme, std::string_view action) {
    if (action == "create") return theme.success;
    if (action == "delete" || action == "refused") return theme.danger;
    return action == "unchanged" ? theme.disabled : theme.warning;
}

std::string counted(const model::DryRunState& state) {
    std::string words;
    for (const std::string_view action : {"create", "change", "replace", "delete", "refused", "unchanged"}) {
        const int n = state.count(action);
        if (n == 0) continue;
        const std::string_view word = action == "create" ? "to create" : action == "change" ? "to change" : action == "replace" ? "to replace" : action == "delete" ? "to delete" : action;
        words += (words.empty() ? "" : ", ") + std::to_string(n) + " " + std::string(word);
    }
    return words.empty() ? "Nothing to do" : words;
}

void change_row(UiContext& ctx, const model::PlannedChange& change) {
    const std::string from = change.from.empty() ? "not set" : change.from;
    const std::string to = change.to.empty() ? "not set" : change.to;
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 pos = reserve(ctx, ImVec2(width, 42));
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(pos.x + 22, pos.y + 1), ctx.theme.muted, change.path, width - 22);
    const float used = draw_text(list, ctx.fonts.mono, text_size::kMono, ImVec2(pos.x + 22, pos.y + 18), ctx.theme.muted, from, (width - 60) / 2);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(pos.x + 30 + used, pos.y + 19), ctx.theme.muted, "→");
    draw_text(list, ctx.fonts.mono, text_size::kMono, ImVec2(pos.x + 48 + used, pos.y + 18), ctx.theme.text, to, std::max(width - 48 - used, 30.0f));
    const auto id = static_cast<ImGuiID>(id_of(change.path));
    const std::string spoken = change.path + ": " + from + " → " + to;
    const ImVec2 end(pos.x + width, pos.y + 42);
    record(ctx, id, pos, end, {.role = Role::listitem, .name = spoken});
    if (ImGui::IsMouseHoveringRect(pos, end)) tooltip(ctx, {.id = id, .min = pos, .max = end, .visible = true, .hovered = true}, spoken);
}

void node_rows(UiContext& ctx, const model::PlannedNode& node) {
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 pos = reserve(ctx, ImVec2(width, kRow));
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddCircleFilled(ImVec2(pos.x + 6, pos.y + 12), 4, action_color(ctx.theme, node.action));
    const float word_width = text_width(ctx.fonts.ui, text_size::kSmall, node.action);
    draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(pos.x + 22, pos.y + 3), ctx.theme.text, node.object, width - word_width - 40);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(pos.x + width - word_width, pos.y + 5), ctx.theme.muted, node.action);
    record(ctx, id_of("node"), pos, ImVec2(pos.x + width, pos.y + kRow), {.role = Role::listitem, .name = node.object + ", " + node.action});
    if (!node.message.empty()) {
        ImGui::Indent(22);
        text(ctx, node.message, {.size = text_size::kSmall, .color = node.action == "refused" ? ctx.theme.danger_text : ctx.theme.muted, .wrap = true});
        ImGui::Unindent(22);
    }
    for (const model::PlannedChange& change : node.changes) change_row(ctx, change);
}

}  // namespace

void draw_dry_run_dialog(UiContext& ctx, ViewState& views) {
    model::DryRun& dry_run = ctx.app.dry_run();
    if (dry_run.state().open && !views.history.plan_shown) {
        open_dialog(ctx, kId);
        views.history.plan_shown = true;
    }
    if (!views.history.plan_shown) return;
    if (!begin_dialog(ctx, kId, {.title = "Dry run", .width = 620})) {
        if (dialog_is_open(kId)) return;
        views.history.plan_shown = false;
        if (dry_run.state().open) dry_run.close();
        return;
    }
    const model::DryRunState state = dry_run.state();
    if (!state.open) {  // another workflow was opened
        views.history.plan_shown = false;
        ImGui::CloseCurrentPopup();
        end_dialog(ctx);
        return;
    }
    text(ctx, "What a run would do, as the cluster says. Nothing was changed.", {.color = ctx.theme.muted, .wrap = true});
    if (state.phase == model::LoadPhase::loading) skeleton(ctx, "dry-run-loading", 5);
    if (state.phase == model::LoadPhase::failed && error_state(ctx, "dry-run-error", state.error)) dry_run.ask(ctx.app.workflow().id);
    if (state.phase == model::LoadPhase::ready) {
        text(ctx, counted(state), {.font = ctx.fonts.semibold, .role = Role::status});
        std::size_t rows = 0;
        for (const model::PlannedNode& node : state.nodes) rows += 1 + node.changes.size() * 2 + (node.message.empty() ? 0 : 1);
        const float room = std::clamp(static_cast<float>(rows) * kRow + 12, 60.0f, std::max(std::min(ctx.input.height - 300.0f, 420.0f), 80.0f));
        const ImVec2 min = ImGui::GetCursorScreenPos();
        const float width = ImGui::GetContentRegionAvail().x;
        begin_record_group(ctx, id_of("plan"), min, ImVec2(min.x + width, min.y + room), {.role = Role::list, .name = "Planned changes"});
        if (begin_region(ctx, "plan-region", min, ImVec2(min.x + width, min.y + room), 0U, ImVec2(0, 4), true)) {
            for (std::size_t i = 0; i < state.nodes.size(); ++i) {
                ImGui::PushID(static_cast<int>(i));
                node_rows(ctx, state.nodes[i]);
                ImGui::PopID();
            }
        }
        end_region(ctx);
        end_record_group(ctx);
    }
    ImGui::Dummy(ImVec2(0, 4));
    const float buttons = button_width(ctx, "Close") + 8 + button_width(ctx, "Run", {.style = ButtonStyle::primary, .icon = Icon::play});
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - buttons, 0.0f));
    if (button(ctx, "Close", {.id = "close-dry-run"})) ImGui::CloseCurrentPopup();
    ImGui::SameLine();
    if (button(ctx, "Run", {.style = ButtonStyle::primary, .icon = Icon::play, .id = "run-planned", .name = "Run now", .disabled = state.phase != model::LoadPhase::ready || !ctx.commands.enabled("workflow.run")})) {
        ImGui::CloseCurrentPopup();
        ctx.commands.run("workflow.run");
    }
    end_dialog(ctx);
}

}  // namespace ui
