// The workflows under their entry, in a side bar with words. Open or closed is SidebarState::folder_state, "workflows".
#include <algorithm>
#include <string>

#include "model/browse_preferences.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr float kIndent = 34;  // where the entries' titles begin, nearly
constexpr std::size_t kMostShown = 12;

bool row(UiContext& ctx, std::string_view id, std::string_view title, ImVec2 min, ImVec2 size, bool current) {
    const ImVec2 max(min.x + size.x, min.y + size.y);
    const Interaction item = interact(ctx, id_of(id), min, max, {.role = Role::button, .name = title, .flags = current ? static_cast<std::uint32_t>(kSelected) : 0U});
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (item.hovered) list->AddRectFilled(min, max, ctx.theme.hover, metrics::kRadius);
    draw_text(list, current ? ctx.fonts.semibold : ctx.fonts.ui, text_size::kSmall, ImVec2(min.x + 8, min.y + (size.y - text_size::kSmall) / 2), current || item.hovered ? ctx.theme.text : ctx.theme.muted, title,
              size.x - 14);
    focus_ring(ctx, item);
    return item.pressed;
}

}  // namespace

bool rail_workflows_open(const model::App& app) { return app.browse().folder_open(std::string(kWorkflowsFolder)); }

void draw_rail_workflows_toggle(UiContext& ctx, ImVec2 min, ImVec2 size) {
    const bool open = rail_workflows_open(ctx.app);
    const ImVec2 max(min.x + size.x, min.y + size.y);
    const Interaction item = interact(ctx, id_of("workflows-folder"), min, max,
                                      {.role = Role::button, .name = open ? "Hide the workflows" : "Show the workflows", .flags = open ? kExpanded : kCollapsed});
    if (item.hovered) ImGui::GetWindowDrawList()->AddRectFilled(min, max, ctx.theme.hover, metrics::kRadius);
    draw_icon_centered(ImGui::GetWindowDrawList(), open ? Icon::chevron_down : Icon::chevron_right, ImVec2((min.x + max.x) / 2, (min.y + max.y) / 2), 11, ctx.theme.muted);
    focus_ring(ctx, item);
    if (item.pressed) ctx.commands.run("view.workflows_folder");
}

float draw_rail_workflows(UiContext& ctx, ImVec2 min, ImVec2 room) {
    const model::WorkflowState& workflow = ctx.app.workflow();
    const float height = ctx.input.coarse_pointer ? metrics::kTouchTarget : 28.0f;
    const auto fit = static_cast<std::size_t>(std::max(room.y / height, 0.0f));
    if (workflow.list.empty() || fit < 2 || !rail_workflows_open(ctx.app)) return 0;
    const std::size_t most = std::min(fit, kMostShown);
    const std::size_t shown = workflow.list.size() <= most ? workflow.list.size() : most - 1;
    const bool more = shown < workflow.list.size();
    const float used = height * static_cast<float>(shown + (more ? 1 : 0));
    const ImVec2 size(room.x - kIndent, height);
    std::string wanted;  // a press changes the list while it is drawn
    begin_record_group(ctx, id_of("rail-workflows"), min, ImVec2(min.x + room.x, min.y + used), {.role = Role::list, .name = "Workflows"});
    for (std::size_t i = 0; i < shown; ++i) {
        const model::WorkflowSummary& each = workflow.list[i];
        const bool current = each.id == workflow.id && ctx.app.ui().rail == "workflows";
        if (row(ctx, each.id, each.name, ImVec2(min.x + kIndent, min.y + height * static_cast<float>(i)), size, current)) wanted = each.id;
    }
    if (more) {
        const std::string words = std::to_string(workflow.list.size() - shown) + " more…";
        if (row(ctx, "more-workflows", words, ImVec2(min.x + kIndent, min.y + height * static_cast<float>(shown)), size, false)) ctx.commands.run("app.palette");
    }
    end_record_group(ctx);
    if (!wanted.empty()) {
        ctx.app.set_rail("workflows");
        if (wanted != ctx.app.workflow().id) ctx.app.open_workflow(wanted);
    }
    return used;
}

}  // namespace ui
