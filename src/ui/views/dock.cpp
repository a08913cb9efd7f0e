// The dock: Logs, Events, Build, History, Problems.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "base/time_text.hpp"
#include "model/live_resource.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

void choose_tab(UiContext& ctx, ViewState& views, const Layout& layout, std::string_view tab) {
    ctx.app.set_dock_tab(std::string(tab));
    if (layout.compact) views.compact_dock_open = true;
    else ctx.app.set_dock_open(true);
}

void dock_header(UiContext& ctx, ViewState& views, const Layout& layout, bool open) {
    const Box& box = layout.dock;
    ImGui::SetCursorScreenPos(ImVec2(box.min.x + 12, box.min.y + 1));
    const std::array<TabItem, 6> all{{{"logs", "Logs"}, {"events", "Events"}, {"build", "Build"}, {"history", "History"}, {"problems", "Problems", static_cast<int>(ctx.app.problems().size())}, {"developer", "Developer"}}};
    const std::span<const TabItem> items(all.data(), ctx.app.ui().developer ? 6 : 5);
    const std::string_view current = open ? std::string_view(ctx.app.ui().dock_tab) : std::string_view();
    if (const auto chosen = tabs(ctx, "dock-tabs", items, current, {.name = "Dock", .height = metrics::kTabHeight - 1, .gap = box.width() < 420 ? 8.0f : 16.0f}); !chosen.empty()) choose_tab(ctx, views, layout, chosen);
    const float size = button_height(ctx);
    const float strip = ctx.input.coarse_pointer ? metrics::kTouchTarget : metrics::kTabHeight;
    ImGui::SetCursorScreenPos(ImVec2(box.max.x - size - 8, box.min.y + (strip - size) / 2));
    if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = open ? Icon::chevron_down : Icon::chevron_up, .id = "toggle-dock", .tooltip = open ? "Hide the dock" : "Show the dock",
                         .shortcut = ctx.commands.shortcut("view.toggle_dock")}))
        ctx.commands.run("view.toggle_dock");
}

}  // namespace

void draw_dock(UiContext& ctx, ViewState& views, const Layout& layout) {
    const Box& box = layout.dock;
    if (box.empty()) return;
    const bool open = layout.compact ? views.compact_dock_open : ctx.app.ui().dock_open;
    begin_record_group(ctx, id_of("dock"), box.min, box.max, {.role = Role::region, .name = "Dock"});
    if (begin_region(ctx, "dock-region", box.min, box.max, ctx.theme.surface)) {
        ImDrawList* list = ImGui::GetWindowDrawList();
        list->AddRectFilled(box.min, ImVec2(box.max.x, box.min.y + 1), ctx.theme.border);
        dock_header(ctx, views, layout, open);
        const float strip = ctx.input.coarse_pointer ? metrics::kTouchTarget : metrics::kTabHeight;
        float y = box.min.y + strip;
        // How the pod fares whose log is on screen.
        const bool logs_shown = open && ctx.app.ui().dock_tab == "logs";
        ctx.app.live_resource().follow(logs_shown ? ctx.app.log_panel().pod_id : std::string());
        if (open) {
            list->AddRectFilled(ImVec2(box.min.x, y), ImVec2(box.max.x, y + 1), ctx.theme.border);
            const std::string& tab = ctx.app.ui().dock_tab;
            if (tab == "events") {
                if (begin_region(ctx, "dock-events", ImVec2(box.min.x, y + 1), box.max, ctx.theme.background, ImVec2(12, 6), true)) draw_events_table(ctx, "dock-events-table");
                end_region(ctx);
            } else if (tab == "problems") {
                if (begin_region(ctx, "dock-problems", ImVec2(box.min.x, y + 1), box.max, ctx.theme.background, ImVec2(12, 6), true)) draw_problems(ctx);
                end_region(ctx);
            } else if (tab == "build") {
                draw_builds(ctx, views, Box{ImVec2(box.min.x, y + 1), box.max});
            } else if (tab == "history") {
                draw_history(ctx, views, Box{ImVec2(box.min.x, y + 1), box.max});
            } else if (tab == "developer" && ctx.app.ui().developer) {
                draw_developer(ctx, views.developer, Box{ImVec2(box.min.x, y + 1), box.max});
            } else {
                const float toolbar = button_height(ctx) + 9;
                if (begin_region(ctx, "log-toolbar", ImVec2(box.min.x, y + 1), ImVec2(box.max.x, y + 1 + toolbar), ctx.theme.surface, ImVec2(12, 4))) {
                    views.log_view.draw_toolbar(ctx, views.focus_log_search);
                    views.focus_log_search = false;
                }
                end_region(ctx);
                y += toolbar;
                list->AddRectFilled(ImVec2(box.min.x, y), ImVec2(box.max.x, y + 1), ctx.theme.border);
                if (begin_region(ctx, "log-scroll", ImVec2(box.min.x, y + 1), box.max, ctx.theme.background, ImVec2(0, 0), true, !ctx.app.log_panel().wrap)) views.log_view.draw_lines(ctx);
                end_region(ctx);
            }
        }
    }
    end_region(ctx);
    end_record_group(ctx);
}

void draw_events_table(UiContext& ctx, std::string_view id) {
    const model::EventsState& events = ctx.app.events();
    if (events.phase == model::LoadPhase::loading && events.events.empty()) return skeleton(ctx, "events-loading", 4);
    if (events.phase == model::LoadPhase::failed) {
        if (error_state(ctx, "events-error", events.error)) ctx.app.retry();
        return;
    }
    if (events.events.empty()) {
        state_message(ctx, "events-empty", {.icon = Icon::list, .text = events.node_id.empty() ? "No events yet. They appear when the workflow runs." : "No events of this node yet"});
        return;
    }
    const float room = ImGui::GetContentRegionAvail().x;
    const bool narrow = room < 560;
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    begin_record_group(ctx, id_of(id), origin, ImVec2(origin.x + room, origin.y + static_cast<float>(events.events.size()) * 27), {.role = Role::list, .name = "Events"});
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < events.events.size(); ++i) {
        const model::KubeEventView& event = events.events[i];
        const bool warning = event.type == "Warning";
        const float message_room = room - 20;
        const float wrapped = narrow ? std::min(ctx.fonts.ui->CalcTextSizeA(text_size::kSmall, FLT_MAX, message_room, event.message.c_str()).y, 4 * text_size::kSmall) : 0;
        const float height = narrow ? 26 + wrapped + 6 : row_height(ctx);
        const ImVec2 min = reserve(ctx, ImVec2(room, height));
        ImGui::SetCursorPosY(ImGui::GetCursorPosY() - ImGui::GetStyle().ItemSpacing.y);
        const ImVec2 max(min.x + room, min.y + height);
        if (!ImGui::IsRectVisible(min, max)) continue;
        const std::string when = ago(ctx, event.last_seen);
        const std::string count = event.count > 1 ? "×" + std::to_string(event.count) : std::string();
        const std::string name = event.type + ": " + event.reason + ", " + event.object + ", " + event.message + (count.empty() ? "" : ", " + count) + ", " + when;
        const auto row_id = static_cast<ImGuiID>(id_of(event.id.empty() ? std::string_view(name) : std::string_view(event.id)));
        record(ctx, row_id, min, max, {.role = Role::listitem, .name = name});
        draw_icon(list, warning ? Icon::warning : Icon::info, ImVec2(min.x, min.y + 6), 14, warning ? ctx.theme.warning : ctx.theme.muted);
        const float when_width = text_width(ctx.fonts.ui, text_size::kSmall, when);
        const float text_y = min.y + 3;
        const float small_y = min.y + 4.5f;
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(max.x - when_width, small_y), ctx.theme.muted, when);
        if (narrow) {
            draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(min.x + 20, text_y), ctx.theme.text, event.reason + (count.empty() ? "" : " " + count), room - when_width - 32);
            list->PushClipRect(min, max, true);
            list->AddText(ctx.fonts.ui, text_size::kSmall, ImVec2(min.x + 20, min.y + 25), ctx.theme.muted, event.message.data(), event.message.data() + event.message.size(), message_room);
            list->PopClipRect();
        } else {
            const float object_x = min.x + 20 + std::min(170.0f, room * 0.2f);
            const float message_x = object_x + std::min(230.0f, room * 0.26f);
            draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(min.x + 20, text_y), ctx.theme.text, event.reason, object_x - min.x - 28);
            draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(object_x, text_y), ctx.theme.muted, event.object, message_x - object_x - 10);
            const float count_width = count.empty() ? 0 : text_width(ctx.fonts.ui, text_size::kSmall, count) + 14;
            draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(message_x, text_y), ctx.theme.text, event.message, std::max(max.x - when_width - count_width - 16 - message_x, 20.0f));
            if (!count.empty()) draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(max.x - when_width - count_width, small_y), ctx.theme.muted, count);
        }
        if (ImGui::IsMouseHoveringRect(min, max)) {
            const Interaction item{.id = row_id, .min = min, .max = max, .visible = true, .hovered = true};
            tooltip(ctx, item, event.message + "\n" + event.last_seen);
        }
    }
    end_record_group(ctx);
}

void draw_problems(UiContext& ctx) {
    const auto& problems = ctx.app.problems();
    if (problems.empty()) {
        state_message(ctx, "no-problems", {.icon = Icon::ok, .text = "No problems"});
        return;
    }
    for (const model::Problem& problem : problems) {
        const Interaction row = list_row(ctx, problem.node_id, {.name = problem.node_name + ": " + problem.message, .description = "Show this node", .role = Role::button, .inset = 6});
        ImDrawList* list = ImGui::GetWindowDrawList();
        const float y = row.min.y + (row.max.y - row.min.y - text_size::kUi) / 2;
        draw_icon(list, Icon::error, ImVec2(row.min.x, y + 3), 15, ctx.theme.danger);
        const float name = draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(row.min.x + 24, y), ctx.theme.text, problem.node_name, 220);
        const float x = row.min.x + 24 + name + 12;
        draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(x, y), ctx.theme.muted, problem.message, std::max(row.max.x - x, 20.0f));
        tooltip(ctx, row, problem.message);
        if (row.pressed) {
            ctx.app.select_nodes({problem.node_id});
            ctx.app.set_inspector_open(true);
        }
    }
}

}  // namespace ui
