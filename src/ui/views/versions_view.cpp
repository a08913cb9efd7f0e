// Versions: the list, one of them, and what is different between two.
#include <imgui.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "model/versions.hpp"
#include "ui/commands.hpp"
#include "ui/views/history_view.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"
#include "ui/widgets/form.hpp"

namespace ui {

namespace {

constexpr float kDiffRow = 24;

std::string how_made(const model::VersionView& version) {
    if (version.restored_from > 0) return "restored";
    return version.automatic ? "automatic" : "kept";
}

std::string side_words(std::int64_t number) { return number == model::Versions::kPresent ? std::string("now") : "version " + std::to_string(number); }

// `from` is the older side: what is only there was removed since.
std::string_view change_word(model::DiffKind kind) {
    switch (kind) {
        case model::DiffKind::only_left: return "removed";
        case model::DiffKind::only_right: return "added";
        case model::DiffKind::changed: break;
    }
    return "changed";
}

ImU32 change_color(const Theme& theme, model::DiffKind kind) {
    return kind == model::DiffKind::only_left ? theme.danger : kind == model::DiffKind::only_right ? theme.success : theme.warning;
}

void thing_row(UiContext& ctx, std::string_view id, Icon icon, const std::string& name, model::DiffKind kind, const std::string& node_id) {
    const std::string word(change_word(kind));
    const bool there = !node_id.empty() && ctx.app.graph().find_node(node_id) != model::kNoIndex;
    const Interaction row = list_row(ctx, id, {.name = name + ", " + word, .description = there ? "Show this node" : "", .height = kDiffRow, .role = there ? Role::button : Role::listitem, .inset = 6});
    ImDrawList* list = ImGui::GetWindowDrawList();
    const Icon sign = kind == model::DiffKind::only_left ? Icon::minus : kind == model::DiffKind::only_right ? Icon::plus : Icon::edit;
    draw_icon(list, sign, ImVec2(row.min.x, row.min.y + 5), 14, change_color(ctx.theme, kind));
    draw_icon(list, icon, ImVec2(row.min.x + 22, row.min.y + 5), 14, ctx.theme.muted);
    const float width = draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(row.min.x + 44, row.min.y + 3), ctx.theme.text, name, std::max(row.max.x - row.min.x - 140, 60.0f));
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(row.min.x + 44 + width + 10, row.min.y + 4.5f), ctx.theme.muted, word, 90);
    if (row.pressed && there) {
        ctx.app.select_nodes({node_id});
        ctx.app.set_inspector_open(true);
    }
}

void field_row(UiContext& ctx, const model::FieldDiff& field) {
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 pos = reserve(ctx, ImVec2(width, kDiffRow));
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float name_width = std::clamp(width * 0.24f, 70.0f, 180.0f);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(pos.x + 44, pos.y + 4), ctx.theme.muted, field.field, name_width - 8);
    const std::string from = field.left.empty() ? "not set" : field.left;
    const std::string to = field.right.empty() ? "not set" : field.right;
    const float x = pos.x + 44 + name_width;
    const float half = std::max((width - 44 - name_width - 24) / 2, 30.0f);
    const float used = draw_text(list, ctx.fonts.mono, text_size::kMono, ImVec2(x, pos.y + 3), field.left.empty() ? ctx.theme.disabled : ctx.theme.muted, from, half);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(x + used + 6, pos.y + 4), ctx.theme.muted, "→");
    draw_text(list, ctx.fonts.mono, text_size::kMono, ImVec2(x + used + 24, pos.y + 3), field.right.empty() ? ctx.theme.disabled : ctx.theme.text, to, std::max(width - 44 - name_width - used - 24, 30.0f));
    const auto id = static_cast<ImGuiID>(id_of(field.field));
    const std::string spoken = field.field + ": " + from + " → " + to;
    record(ctx, id, pos, ImVec2(pos.x + width, pos.y + kDiffRow), {.role = Role::listitem, .name = spoken});
    if (ImGui::IsMouseHoveringRect(pos, ImVec2(pos.x + width, pos.y + kDiffRow))) tooltip(ctx, {.id = id, .min = pos, .max = ImVec2(pos.x + width, pos.y + kDiffRow), .visible = true, .hovered = true}, spoken);
}

void comparison(UiContext& ctx) {
    const model::VersionComparison compare = ctx.app.versions().state().compare;  // a copy: a press may end it
    separator(ctx, 10);
    text(ctx, "From " + side_words(compare.from) + " to " + side_words(compare.to), {.font = ctx.fonts.semibold, .role = Role::heading});
    if (button(ctx, "End comparison", {.id = "end-compare"})) ctx.app.versions().end_compare();
    if (compare.phase == model::LoadPhase::loading) return skeleton(ctx, "compare-loading", 3);
    if (compare.phase == model::LoadPhase::failed) {
        if (error_state(ctx, "compare-error", compare.error)) ctx.app.versions().compare(compare.from, compare.to);
        return;
    }
    if (compare.diff.empty()) return text(ctx, "They are the same.", {.color = ctx.theme.muted, .role = Role::status});
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 2));
    std::size_t rows = compare.diff.nodes.size() + compare.diff.edges.size() + 1;
    for (const model::NodeDiff& node : compare.diff.nodes) rows += node.fields.size();
    const ImVec2 min = ImGui::GetCursorScreenPos();
    begin_record_group(ctx, id_of("changes"), min, ImVec2(min.x + ImGui::GetContentRegionAvail().x, min.y + static_cast<float>(rows) * (kDiffRow + 2)), {.role = Role::list, .name = "Changes"});
    for (const model::NodeDiff& node : compare.diff.nodes) {
        ImGui::PushID(node.id.c_str());
        thing_row(ctx, "node", kind_icon(model::node_kind_from_type(node.type)), node.name.empty() ? node.id : node.name, node.kind, node.id);
        for (const model::FieldDiff& field : node.fields) field_row(ctx, field);
        if (node.moved) field_row(ctx, {"place", "moved", "elsewhere"});
        ImGui::PopID();
    }
    for (const model::EdgeDiff& edge : compare.diff.edges) {
        ImGui::PushID(edge.id.c_str());
        thing_row(ctx, "edge", Icon::network, edge.from + " → " + edge.to, edge.kind, {});
        ImGui::PopID();
    }
    if (compare.diff.reordered) field_row(ctx, {"drawing order", "another", "another"});
    end_record_group(ctx);
    ImGui::PopStyleVar();
}

}  // namespace

void draw_version_rows(UiContext& ctx, ViewState& views) {
    model::Versions& versions = ctx.app.versions();
    const model::VersionsState state = versions.state();  // a copy: a press on a row changes it
    if (state.phase == model::LoadPhase::failed) {
        if (state.versions.empty()) {
            if (error_state(ctx, "versions-error", state.error)) versions.reload();
        } else if (banner(ctx, "versions-stale", BannerKind::warning, "Not up to date: " + state.error.message, "Retry")) {
            versions.reload();
        }
    }
    if (state.versions.empty()) {
        if (state.phase == model::LoadPhase::loading || state.phase == model::LoadPhase::idle) skeleton(ctx, "versions-loading", 3);
        else if (state.phase == model::LoadPhase::ready) text(ctx, "No versions yet. Every run keeps one.", {.color = ctx.theme.muted, .wrap = true, .role = Role::status});
        return;
    }
    for (const model::VersionView& version : state.versions) {
        const std::string when = ago(ctx, version.created_at);
        std::string below = how_made(version);
        if (!version.tag.empty()) below = version.tag + " · " + below;
        if (!version.run_status.empty()) below += version.run_status == "failed" ? " · run failed" : " · ran";
        const Interaction row = list_row(ctx, std::to_string(version.number), {.name = version.title(), .value = below + ", " + when, .description = "Show this version", .selected = state.selected == version.number, .height = kHistoryRow, .role = Role::button, .inset = 8});
        ImDrawList* list = ImGui::GetWindowDrawList();
        const float room = row.max.x - row.min.x;
        const float when_width = text_width(ctx.fonts.ui, text_size::kSmall, when);
        draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(row.min.x, row.min.y + 5), ctx.theme.text, version.title(), room);
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(row.min.x, row.min.y + 25), ctx.theme.muted, below, room - when_width - 12);
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(row.max.x - when_width, row.min.y + 25), ctx.theme.muted, when);
        if (!row.pressed) continue;
        versions.select(version.number);
        views.history.details_open = true;
    }
    const auto listed = static_cast<std::int64_t>(state.versions.size());
    if (state.total > listed) text(ctx, std::to_string(state.total - listed) + " older ones are not listed", {.size = text_size::kSmall, .color = ctx.theme.muted, .wrap = true});
}

void draw_version_details(UiContext& ctx, ViewState& views) {
    model::Versions& versions = ctx.app.versions();
    const model::VersionView* selected = versions.find(versions.state().selected);
    if (selected == nullptr) {
        const bool empty = versions.state().phase == model::LoadPhase::ready && versions.state().versions.empty();
        state_message(ctx, "no-version", {.icon = Icon::layers, .text = empty ? "A version is the workflow as it was at a run, or when you kept it." : "Choose a version to compare or restore it."});
        if (versions.state().compare.open) comparison(ctx);
        return;
    }
    const model::VersionView version = *selected;
    text(ctx, version.title(), {.font = ctx.fonts.semibold, .max_width = std::max(ImGui::GetContentRegionAvail().x - 160, 80.0f), .role = Role::heading});
    if (!version.tag.empty()) {
        ImGui::SameLine(0, 10);
        pill(ctx, version.tag);
    }
    std::string about = std::to_string(version.nodes) + (version.nodes == 1 ? " node, " : " nodes, ") + std::to_string(version.edges) + (version.edges == 1 ? " connection" : " connections");
    about += " · " + how_made(version) + " " + ago(ctx, version.created_at);
    if (!version.created_by.empty()) about += " by " + version.created_by;
    text(ctx, about, {.size = text_size::kSmall, .color = ctx.theme.muted, .tooltip = version.created_at});
    if (!version.description.empty()) text(ctx, version.description, {.wrap = true});
    const bool restoring = versions.state().restoring != 0;
    const bool running = ctx.app.workflow().run != model::RunPhase::idle;
    if (button(ctx, "Compare with now", {.id = "compare-now", .tooltip = "What has changed since, here and on the canvas"})) versions.compare(version.number, model::Versions::kPresent);
    const auto& all = versions.state().versions;
    const auto before = std::find_if(all.begin(), all.end(), [&](const model::VersionView& other) { return other.number < version.number; });
    if (before != all.end()) {
        ImGui::SameLine();
        if (button(ctx, "Compare with " + std::to_string(before->number), {.id = "compare-before", .tooltip = "What this version changed"})) versions.compare(before->number, version.number);
    }
    ImGui::SameLine();
    if (button(ctx, "Rename…", {.id = "rename-version", .tooltip = "Name, tag and description"})) {
        versions.begin(version.number);
        open_dialog(ctx, kVersionDialog);
    }
    ImGui::SameLine();
    if (button(ctx, "Restore", {.style = ButtonStyle::primary, .id = "restore-version", .tooltip = "Makes the workflow what it was; Undo takes it back, and the cluster changes with the next run", .disabled = restoring || running, .busy = restoring}))
        versions.restore(version.number);
    if (versions.state().compare.open) comparison(ctx);
    (void)views;
}

void draw_version_dialog(UiContext& ctx, ViewState& views) {
    model::Versions& versions = ctx.app.versions();
    const bool fresh = versions.state().form_for <= 0;
    if (!begin_dialog(ctx, kVersionDialog, {.title = fresh ? "Keep this version" : "Rename version", .width = 440})) {
        if (views.history.form_shown) versions.end_form();
        views.history.form_shown = false;
        return;
    }
    state::Form* form = versions.form();
    if (form == nullptr) {  // done
        views.history.form_shown = false;
        ImGui::CloseCurrentPopup();
        end_dialog(ctx);
        return;
    }
    const bool first = !views.history.form_shown;
    views.history.form_shown = true;
    {
        FormFields fields(ctx, *form);
        fields.alert();
        (void)fields.text("name", {.label = "Name", .placeholder = "Before the move", .focus = first});
        (void)fields.text("tag", {.label = "Tag", .placeholder = "v1.2", .help = "One version has it at a time", .mono = true});
        (void)fields.text("description", {.label = "Description", .rows = 3});
        ImGui::Dummy(ImVec2(0, 4));
        const std::string_view label = fresh ? "Keep" : "Rename";
        const float buttons = button_width(ctx, "Cancel") + 8 + button_width(ctx, form->submitting() ? "Saving…" : label, {.style = ButtonStyle::primary});
        ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - buttons, 0.0f));
        if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
        ImGui::SameLine();
        if (fields.submit(label, {.busy_label = "Saving…"})) versions.submit();
    }
    end_dialog(ctx);
}

}  // namespace ui
