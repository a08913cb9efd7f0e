// The palette: one field that finds commands, nodes and workflows.
#include <imgui.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

struct Entry {
    enum class Kind { command, node, workflow };
    Kind kind = Kind::command;
    std::string id;
    std::string title;
    std::string hint;
    std::string shortcut;
    Icon icon = Icon::none;
    int score = 0;
};

constexpr std::size_t kMostEntries = 60;

std::vector<Entry> find_entries(UiContext& ctx, std::string_view query) {
    std::vector<Entry> out;
    for (const std::size_t index : ctx.commands.search(query)) {
        const Command& command = ctx.commands.all()[index];
        out.push_back({Entry::Kind::command, command.id, command.title, command.group, ctx.commands.shortcut(command.id), Icon::chevron_right,
                       fuzzy_score(query, command.title).value_or(-20)});
    }
    if (!query.empty()) {
        const model::Graph& graph = ctx.app.graph();
        for (model::NodeIndex i = 0; i < graph.node_slots(); ++i) {
            if (!graph.node_alive(i)) continue;
            const model::Node& node = graph.node(i);
            if (const auto score = fuzzy_score(query, node.name))
                out.push_back({Entry::Kind::node, node.id, node.name, std::string(model::kind_title(node.kind)), {}, kind_icon(node.kind), *score + 4});
        }
        for (const model::WorkflowSummary& workflow : ctx.app.workflow().list) {
            if (const auto score = fuzzy_score(query, workflow.name)) out.push_back({Entry::Kind::workflow, workflow.id, workflow.name, "Workflow", {}, Icon::workflows, *score});
        }
        std::stable_sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) { return a.score > b.score; });
    }
    if (out.size() > kMostEntries) out.resize(kMostEntries);
    return out;
}

void choose(UiContext& ctx, const Entry& entry) {
    switch (entry.kind) {
        case Entry::Kind::command: ctx.commands.run(entry.id); break;
        case Entry::Kind::workflow: ctx.app.open_workflow(entry.id); break;
        case Entry::Kind::node:
            ctx.app.set_rail("workflows");
            ctx.app.select_nodes({entry.id});
            ctx.app.set_inspector_open(true);
            break;
    }
}

bool entry_row(UiContext& ctx, const Entry& entry, bool chosen, bool scroll_here) {
    const float height = ctx.input.coarse_pointer ? metrics::kTouchTarget : 34.0f;
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 min = reserve(ctx, ImVec2(width, height));
    const ImVec2 max(min.x + width, min.y + height);
    const std::string key = std::to_string(static_cast<int>(entry.kind)) + entry.id;
    const Interaction item = interact(ctx, id_of(key), min, max,
                                      {.role = Role::option, .name = entry.title, .value = entry.hint, .flags = chosen ? static_cast<std::uint32_t>(kSelected) : 0U});
    if (scroll_here) ImGui::SetScrollHereY(0.5f);
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (chosen) list->AddRectFilled(min, max, ctx.theme.accent_soft, metrics::kRadius);
    else if (item.hovered) list->AddRectFilled(min, max, ctx.theme.hover, metrics::kRadius);
    const float middle = (min.y + max.y) / 2;
    draw_icon_centered(list, entry.icon, ImVec2(min.x + 18, middle), entry.kind == Entry::Kind::command ? 12.0f : 16.0f, ctx.theme.muted);
    const std::string_view tail = !entry.shortcut.empty() ? std::string_view(entry.shortcut) : std::string_view(entry.hint);
    const float tail_width = !entry.shortcut.empty() ? key_cap_width(ctx, tail) : text_width(ctx.fonts.ui, text_size::kSmall, tail);
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(min.x + 38, middle - text_size::kUi / 2), ctx.theme.text, entry.title, std::max(width - tail_width - 64, 40.0f));
    if (!entry.shortcut.empty()) draw_key_cap(ctx, list, ImVec2(max.x - 10, middle), tail);
    else draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(max.x - tail_width - 12, middle - text_size::kSmall / 2), ctx.theme.muted, tail);
    return item.pressed;
}

}  // namespace

void draw_palette(UiContext& ctx, ViewState& views) {
    if (!begin_dialog(ctx, "palette", {.title = "Search or run a command", .width = 600, .title_bar = false, .top = 96, .padding = 10})) return;
    PaletteState& state = views.palette;
    const bool appearing = ImGui::IsWindowAppearing();
    if (appearing) state = {.query = {}, .chosen = 0, .scroll_to_chosen = false, .just_opened = true};
    const FieldResult field = input_text(ctx, "query", state.query,
                                         {.name = "Search or run a command", .placeholder = "Search or run a command", .search = true, .focus = appearing, .height = 40});
    if (field.changed) {
        state.chosen = 0;
        state.scroll_to_chosen = true;
    }
    const std::vector<Entry> entries = find_entries(ctx, state.query);
    const int last = static_cast<int>(entries.size()) - 1;
    if (field.down) state.chosen = state.chosen >= last ? 0 : state.chosen + 1;
    if (field.up) state.chosen = state.chosen <= 0 ? std::max(last, 0) : state.chosen - 1;
    state.chosen = std::clamp(state.chosen, 0, std::max(last, 0));
    const bool moved = field.up || field.down || state.scroll_to_chosen;
    state.scroll_to_chosen = false;

    std::optional<std::size_t> picked;
    if (field.submitted && !entries.empty()) picked = static_cast<std::size_t>(state.chosen);
    const ImVec2 min = ImGui::GetCursorScreenPos();
    const float height = std::min(ctx.input.height * 0.5f, 360.0f);
    begin_record_group(ctx, id_of("results"), min, ImVec2(min.x + ImGui::GetContentRegionAvail().x, min.y + height), {.role = Role::list, .name = "Results"});
    if (begin_region(ctx, "palette-list", min, ImVec2(min.x + ImGui::GetContentRegionAvail().x, min.y + height), 0U, ImVec2(0, 0), true)) {
        ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 2));
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const bool chosen = static_cast<int>(i) == state.chosen;
            if (entry_row(ctx, entries[i], chosen, chosen && moved)) picked = i;
        }
        ImGui::PopStyleVar();
        if (entries.empty()) state_message(ctx, "nothing", {.text = "Nothing found"});
    }
    end_region(ctx);
    end_record_group(ctx);
    if (picked) ImGui::CloseCurrentPopup();
    end_dialog(ctx);
    if (picked) choose(ctx, entries[*picked]);
}

}  // namespace ui
