// The conflict dialog: edits here and another version in the backend, side by side, with three ways out.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr std::string_view kId = "conflict";
constexpr float kRow = 24;

// Three columns, or one below the other where there is no room.
struct Columns {
    float left, mine, theirs, end;  // x in window px
    bool narrow;
};

Columns columns_of(float min_x, float width) {
    const bool narrow = width < 460;
    if (narrow) return {min_x, min_x + 12, min_x + 12, min_x + width, true};
    const float label = width * 0.28f;
    const float half = (width - label) / 2;
    return {min_x, min_x + label, min_x + label + half, min_x + width, false};
}

void cell(UiContext& ctx, ImVec2 at, float room, std::string_view words, ImU32 color, bool mono) {
    draw_text(ImGui::GetWindowDrawList(), mono ? ctx.fonts.mono : ctx.fonts.ui, mono ? text_size::kMono : text_size::kUi, at, color, words, std::max(room, 20.0f));
}

void field_row(UiContext& ctx, std::string_view key, std::string_view name, std::string_view mine, std::string_view theirs, bool mono) {
    const float width = ImGui::GetContentRegionAvail().x;
    const bool narrow = columns_of(0, width).narrow;
    const float height = narrow ? 3 * kRow - 6 : kRow;
    const ImVec2 pos = reserve(ctx, ImVec2(width, height));
    const Columns c = columns_of(pos.x, width);
    const std::string left = mine.empty() ? "not set" : std::string(mine);
    const std::string right = theirs.empty() ? "not set" : std::string(theirs);
    const ImU32 mine_color = mine.empty() ? ctx.theme.disabled : ctx.theme.text;
    const ImU32 theirs_color = theirs.empty() ? ctx.theme.disabled : ctx.theme.text;
    if (narrow) {
        cell(ctx, pos, width, name, ctx.theme.muted, false);
        cell(ctx, ImVec2(c.mine, pos.y + kRow - 4), width - 12, "Mine: " + left, mine_color, false);
        cell(ctx, ImVec2(c.theirs, pos.y + 2 * kRow - 8), width - 12, "Theirs: " + right, theirs_color, false);
    } else {
        cell(ctx, ImVec2(c.left + 26, pos.y + 2), c.mine - c.left - 34, name, ctx.theme.muted, false);
        cell(ctx, ImVec2(c.mine, pos.y + 2), c.theirs - c.mine - 12, left, mine_color, mono && !mine.empty());
        cell(ctx, ImVec2(c.theirs, pos.y + 2), c.end - c.theirs - 4, right, theirs_color, mono && !theirs.empty());
    }
    const std::string spoken = std::string(name) + ": mine " + left + ", theirs " + right;
    record(ctx, id_of(key), pos, ImVec2(pos.x + width, pos.y + height), {.role = Role::listitem, .name = spoken});
}

// A thing that one side has and the other has not.
void thing_row(UiContext& ctx, std::string_view key, std::string_view name, model::DiffKind kind, Icon icon) {
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 pos = reserve(ctx, ImVec2(width, kRow + 2));
    const Columns c = columns_of(pos.x, width);
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_icon(list, icon, ImVec2(pos.x + 2, pos.y + 5), 14, ctx.theme.muted);
    const bool mine = kind == model::DiffKind::only_left;
    const std::string_view word = kind == model::DiffKind::changed ? "" : mine ? "only in mine" : "only in theirs";
    const float word_width = text_width(ctx.fonts.ui, text_size::kUi, word);
    const float end = c.narrow ? c.end - word_width - 8 : mine || word.empty() ? (word.empty() ? c.end : c.mine) : c.mine;
    cell(ctx, ImVec2(pos.x + 26, pos.y + 3), end - pos.x - 34, name, ctx.theme.text, false);
    const float x = c.narrow ? c.end - word_width - 4 : mine ? c.mine : c.theirs;
    if (!word.empty()) cell(ctx, ImVec2(x, pos.y + 3), c.end - x, word, ctx.theme.muted, false);
    std::string spoken(name);
    if (!word.empty()) spoken += ", " + std::string(word);
    record(ctx, id_of(key), pos, ImVec2(pos.x + width, pos.y + kRow), {.role = Role::listitem, .name = spoken});
}

void differences(UiContext& ctx, const model::ConflictState& state) {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 2));
    if (state.my_name != state.their_name) field_row(ctx, "name", "Name", state.my_name, state.their_name, false);
    for (const model::NodeDiff& node : state.diff.nodes) {
        ImGui::PushID(node.id.c_str());
        thing_row(ctx, "node", node.name, node.kind, kind_icon(model::node_kind_from_type(node.type)));
        for (const model::FieldDiff& field : node.fields) field_row(ctx, field.field, field.field, field.left, field.right, true);
        if (node.moved) field_row(ctx, "position", "place", "moved", "elsewhere", false);
        ImGui::PopID();
    }
    for (const model::EdgeDiff& edge : state.diff.edges) {
        ImGui::PushID(edge.id.c_str());
        thing_row(ctx, "edge", edge.from + " → " + edge.to, edge.kind, Icon::network);
        ImGui::PopID();
    }
    if (state.diff.reordered) field_row(ctx, "order", "Drawing order", "another", "another", false);
    ImGui::PopStyleVar();
}

void header(UiContext& ctx) {
    const float width = ImGui::GetContentRegionAvail().x;
    if (columns_of(0, width).narrow) return;
    const ImVec2 pos = reserve(ctx, ImVec2(width, 22));
    const Columns c = columns_of(pos.x, width);
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_text(list, ctx.fonts.semibold, text_size::kSmall, ImVec2(c.mine, pos.y), ctx.theme.muted, "Mine");
    draw_text(list, ctx.fonts.semibold, text_size::kSmall, ImVec2(c.theirs, pos.y), ctx.theme.muted, "Theirs");
    list->AddRectFilled(ImVec2(pos.x, pos.y + 21), ImVec2(c.end, pos.y + 22), ctx.theme.border);
}

struct Way {
    model::ConflictChoice choice;
    std::string_view label, tooltip;
    ButtonStyle style;
};
constexpr std::array<Way, 3> kWays{{
    {model::ConflictChoice::save_copy, "Save mine as a copy", "A new workflow with your version; this one keeps theirs", ButtonStyle::secondary},
    {model::ConflictChoice::take_theirs, "Take theirs", "Shows their version; Undo brings your edits back", ButtonStyle::secondary},
    {model::ConflictChoice::keep_mine, "Keep mine", "Stores your version over theirs, for everybody", ButtonStyle::primary},
}};

}  // namespace

void draw_conflict_dialog(UiContext& ctx, ViewState& views) {
    const model::ConflictState state = ctx.app.conflict();  // a copy: a choice replaces it
    if (state.open && state.known && !views.conflict_shown) {
        open_dialog(ctx, kId);
        views.conflict_shown = true;
    }
    if (!begin_dialog(ctx, kId, {.title = "This workflow was changed elsewhere", .width = 680})) {
        // Closed by Escape or its button: decided later.
        if (views.conflict_shown && state.open) ctx.app.postpone_conflict();
        views.conflict_shown = false;
        return;
    }
    if (!state.open) ImGui::CloseCurrentPopup();
    const std::string when = ago(ctx, state.their_updated_at);
    const std::string intro = "Another version" + (when.empty() ? std::string() : " was saved " + when) +
                              ", based on the same one as your edits. Nothing is overwritten until you choose.";
    text(ctx, intro, {.color = ctx.theme.muted, .wrap = true});
    ImGui::Dummy(ImVec2(0, 2));
    header(ctx);
    const float width = ImGui::GetContentRegionAvail().x;
    const bool narrow = columns_of(0, width).narrow;
    std::size_t rows = state.diff.nodes.size() + state.diff.edges.size() + (state.my_name != state.their_name ? 1 : 0);
    for (const model::NodeDiff& node : state.diff.nodes) rows += (node.fields.size() + (node.moved ? 1 : 0)) * (narrow ? 3 : 1);
    const float wanted = static_cast<float>(rows) * (kRow + 4) + 8;
    const float room = std::max(std::min(wanted, std::min(ctx.input.height - (narrow ? 380.0f : 280.0f), 380.0f)), 60.0f);
    const ImVec2 min = ImGui::GetCursorScreenPos();
    begin_record_group(ctx, id_of("differences"), min, ImVec2(min.x + width, min.y + room), {.role = Role::list, .name = "Differences"});
    if (begin_region(ctx, "differences-region", min, ImVec2(min.x + width, min.y + room), 0U, ImVec2(0, 4), true)) differences(ctx, state);
    end_region(ctx);
    end_record_group(ctx);
    if (!state.error.empty()) text(ctx, state.error, {.color = ctx.theme.danger_text, .wrap = true, .role = Role::alert});
    ImGui::Dummy(ImVec2(0, 4));

    float buttons = 16;
    for (const Way& way : kWays) buttons += button_width(ctx, way.label, {.style = way.style});
    const bool stacked = buttons > width;
    if (!stacked) ImGui::SetCursorPosX(ImGui::GetCursorPosX() + width - buttons);
    for (std::size_t i = 0; i < kWays.size(); ++i) {
        const Way& way = kWays[stacked ? kWays.size() - 1 - i : i];
        if (i > 0 && !stacked) ImGui::SameLine(0, 8);
        if (button(ctx, way.label, {.style = way.style, .tooltip = way.tooltip, .description = way.tooltip, .width = stacked ? width : 0, .busy = state.busy})) {
            ctx.app.resolve_conflict(way.choice);
            ctx.wake_in(0);
        }
    }
    end_dialog(ctx);
}

}  // namespace ui
