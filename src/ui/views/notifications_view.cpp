#include "ui/views/notifications_view.hpp"

#include <algorithm>
#include <string>

#include "base/time_text.hpp"
#include "model/builds.hpp"
#include "model/notifications.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr const char* kPanel = "notifications";
constexpr float kPanelWidth = 408;

struct Mark {
    Icon icon;
    ImU32 color;
    std::string_view word;
};

Mark mark_of(const UiContext& ctx, std::string_view type) {
    if (type == "workflow_deployed" || type == "build_completed") return {Icon::ok, ctx.theme.success, "Done"};
    if (type == "workflow_failed" || type == "build_failed") return {Icon::error, ctx.theme.danger, "Failed"};
    if (type == "resource_warning") return {Icon::warning, ctx.theme.warning, "Warning"};
    return {Icon::info, ctx.theme.accent, "System"};
}

// "Today", "Yesterday", "2026-11-18": by the clock of UTC, as the stamps are.
std::string day_of(std::string_view stamp, std::int64_t now_ms) {
    const std::string day(stamp.substr(0, 10));
    if (day == base::format_rfc3339_millis(now_ms).substr(0, 10)) return "Today";
    if (day == base::format_rfc3339_millis(now_ms - 24 * 60 * 60 * 1000LL).substr(0, 10)) return "Yesterday";
    return day;
}

void follow(UiContext& ctx, ViewState& views, const model::NotificationView& item) {
    ctx.app.notifications().mark_read(item.id);
    follow_link(ctx, views, item.link);
}

void row(UiContext& ctx, ViewState& views, const model::NotificationView& item) {
    const float width = std::max(ImGui::GetContentRegionAvail().x, 100.0f);
    const Mark mark = mark_of(ctx, item.type);
    const bool has_message = !item.message.empty();
    const float height = std::max(has_message ? 52.0f : 36.0f, ctx.input.coarse_pointer ? 56.0f : 0.0f);
    const ImVec2 min = reserve(ctx, ImVec2(width, height));
    const ImVec2 max(min.x + width, min.y + height);
    const std::string when = ago(ctx, std::string_view(item.created_at));
    const std::string name = item.title + (item.read ? "" : ", unread");
    const Interaction hit = interact(ctx, id_of(item.id), min, max, {.role = Role::listitem, .name = name, .value = when, .description = item.message});
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (hit.hovered) list->AddRectFilled(min, max, ctx.theme.hover, 4);
    const float block = text_size::kUi + (has_message ? text_size::kSmall : 0);
    const float top = min.y + (height - block) / 2;
    draw_icon_centered(list, mark.icon, ImVec2(min.x + 18, top + text_size::kUi / 2), 16, mark.color);
    const float when_width = text_width(ctx.fonts.ui, text_size::kSmall, when);
    const float text_x = min.x + 36;
    draw_text(list, item.read ? ctx.fonts.ui : ctx.fonts.semibold, text_size::kUi, ImVec2(text_x, top), ctx.theme.text, item.title, width - 36 - when_width - 34);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(max.x - when_width - 22, top + 1), ctx.theme.muted, when);
    if (!item.read) list->AddCircleFilled(ImVec2(max.x - 11, top + text_size::kUi / 2), 4, ctx.theme.accent);
    if (has_message) draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(text_x, top + text_size::kUi), ctx.theme.muted, item.message, width - 36 - 12);
    focus_ring(ctx, hit, 4);
    tooltip(ctx, hit, has_message ? item.message : item.created_at);
    if (!hit.pressed) return;
    follow(ctx, views, item);
    ImGui::CloseCurrentPopup();
}

void panel_head(UiContext& ctx, const model::NotificationsState& state, bool unread_only) {
    model::Notifications& notifications = ctx.app.notifications();
    const ImVec2 start = ImGui::GetCursorPos();
    ImGui::SetCursorPos(ImVec2(start.x + 10, start.y + 6));
    text(ctx, "Notifications", {.font = ctx.fonts.semibold, .max_width = 160, .role = Role::heading});
    const float filter = button_width(ctx, "Unread");
    const float read_all = button_width(ctx, "Mark all as read", {.style = ButtonStyle::ghost});
    ImGui::SetCursorPos(ImVec2(start.x + ImGui::GetContentRegionAvail().x - filter - read_all - 6, start.y + 2));
    if (button(ctx, "Mark all as read", {.style = ButtonStyle::ghost, .disabled = state.unread == 0})) notifications.mark_all_read();
    ImGui::SameLine(0, 4);
    if (button(ctx, "Unread", {.name = "Only unread", .tooltip = "Show only what is unread", .selected = unread_only})) notifications.set_unread_only(!unread_only);
    ImGui::SetCursorPos(ImVec2(start.x, start.y + button_height(ctx) + 6));
    menu_separator(ctx);
}

void panel_body(UiContext& ctx, ViewState& views, const model::NotificationsState& state, bool unread_only) {
    model::Notifications& notifications = ctx.app.notifications();
    if (state.phase == model::LoadPhase::failed) {
        ImGui::Dummy(ImVec2(kPanelWidth - 30, 8));
        if (error_state(ctx, "notifications-error", state.error)) notifications.reload();
        ImGui::Dummy(ImVec2(0, 12));
        return;
    }
    if (state.phase != model::LoadPhase::ready) {
        ImGui::Dummy(ImVec2(kPanelWidth - 30, 4));
        return skeleton(ctx, "notifications-loading", 5);
    }
    if (!state.error.message.empty() && stale_banner(ctx, "notifications-stale", state.error, state.loaded_at_ms)) notifications.reload();
    std::string day;
    int shown = 0;
    for (const model::NotificationView& item : state.items) {
        if (unread_only && item.read) continue;
        ++shown;
        if (std::string its_day = day_of(item.created_at, ctx.input.unix_ms); its_day != day) {
            day = std::move(its_day);
            menu_label(ctx, day);
        }
        row(ctx, views, item);
    }
    if (shown == 0) {
        ImGui::Dummy(ImVec2(kPanelWidth - 30, 16));
        const bool none = state.items.empty();
        if (state_message(ctx, "no-notification", {.icon = Icon::bell, .title = none ? "Nothing yet" : "Nothing unread", .text = none ? "Runs and failing nodes are told of here." : "", .action = none ? "" : "Show all"}))
            notifications.set_unread_only(false);
        ImGui::Dummy(ImVec2(0, 16));
    }
    if (static_cast<int>(state.items.size()) < state.total) {
        if (menu_item(ctx, state.loading_more ? "Loading…" : "Show older", {.icon = Icon::chevron_down, .id = "more", .disabled = state.loading_more, .keep_open = true, .role = Role::button})) notifications.load_more();
    }
}

}  // namespace

void follow_link(UiContext& ctx, ViewState& views, std::string_view link) {
    const model::NotificationLink to = model::parse_notification_link(link);
    if (!to.workflow_id.empty()) {
        ctx.app.set_rail("workflows");
        ctx.app.open_workflow_at(to.workflow_id, to.node_id);
        if (!to.node_id.empty()) ctx.app.set_inspector_open(true);
    } else if (!to.build_id.empty()) {
        ctx.app.builds().ensure();
        ctx.app.builds().open(to.build_id);
        views.builds.details_open = true;
        ctx.commands.run("view.build");
    } else if (to.page.starts_with("settings/")) {
        views.settings.section = to.page.substr(9);
        ctx.app.set_rail("settings");
    } else if (!to.page.empty() && full_page(to.page) != nullptr) {
        ctx.app.set_rail(to.page);
    }
}

float notification_bell_size(const UiContext& ctx) { return ctx.input.coarse_pointer ? metrics::kTouchTarget : 30.0f; }

void draw_notification_bell(UiContext& ctx, ViewState& views, ImVec2 min) {
    model::Notifications& notifications = ctx.app.notifications();
    const float size = notification_bell_size(ctx);
    const ImVec2 max(min.x + size, min.y + size);
    ImGui::SetCursorScreenPos(min);
    reserve(ctx, ImVec2(size, size));
    const int unread = notifications.state().unread;
    const bool open = menu_is_open(kPanel);
    const std::string name = unread > 0 ? "Notifications, " + std::to_string(unread) + " unread" : std::string("Notifications");
    const Interaction item = interact(ctx, id_of("notification-bell"), min, max, {.role = Role::button, .name = name, .flags = open ? kExpanded : kCollapsed});
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (item.hovered || open) list->AddRectFilled(min, max, ctx.theme.hover, metrics::kRadius);
    const ImVec2 center((min.x + max.x) / 2, (min.y + max.y) / 2);
    draw_icon_centered(list, Icon::bell, center, metrics::kIcon, item.hovered || open ? ctx.theme.text : ctx.theme.muted);
    if (unread > 0) {
        const std::string count = unread > 99 ? "99+" : std::to_string(unread);
        constexpr float kCount = 15;  // line height of the small digits
        const float width = std::max(text_width(ctx.fonts.semibold, kCount, count) + 7, 15.0f);
        const ImVec2 badge(std::min(center.x + 2, max.x + 4 - width), center.y - 13);
        list->AddRectFilled(ImVec2(badge.x - 1.5f, badge.y - 1.5f), ImVec2(badge.x + width + 1.5f, badge.y + 16.5f), ctx.theme.surface, 9);
        list->AddRectFilled(badge, ImVec2(badge.x + width, badge.y + 15), ctx.theme.danger_fill, 7.5f);
        draw_text(list, ctx.fonts.semibold, kCount, ImVec2(badge.x + (width - text_width(ctx.fonts.semibold, kCount, count)) / 2, badge.y), ctx.theme.on_danger, count);
    }
    focus_ring(ctx, item);
    if (!open) tooltip(ctx, item, "Notifications", ctx.commands.shortcut("view.notifications"));
    if (item.pressed || std::exchange(views.notifications_wanted, false)) {
        notifications.ensure();
        open_menu(kPanel);
        ctx.wake_in(0);
    }
    if (!begin_menu(ctx, kPanel, {.anchor_min = min, .anchor_max = max, .align_right = true, .width = kPanelWidth, .name = "Notifications", .role = Role::dialog})) return;
    const model::NotificationsState state = notifications.state();  // a press changes it while it is drawn
    const bool unread_only = notifications.preferences().unread_only;
    panel_head(ctx, state, unread_only);
    panel_body(ctx, views, state, unread_only);
    end_menu(ctx);
}

}  // namespace ui
