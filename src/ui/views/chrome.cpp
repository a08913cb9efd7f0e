// Rail, top bar, status bar, offline banner: what frames the work.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/text.hpp"
#include "model/alerts.hpp"
#include "model/clusters.hpp"
#include "ui/commands.hpp"
#include "ui/views/notifications_view.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

struct RailEntry {
    std::string_view id;     // UiState::rail
    std::string_view title;
    Icon icon;
};
// Only what works now.
constexpr std::array<RailEntry, 5> kRail{{{"workflows", "Workflows", Icon::workflows}, {"resources", "Resources", Icon::box}, {"clusters", "Clusters", Icon::clusters}, {"activity", "Activity", Icon::activity}, {"settings", "Settings", Icon::settings}}};

void line_below(UiContext& ctx, const Box& box) {
    ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(box.min.x, box.max.y - 1), box.max, ctx.theme.border);
}

// below: the title stands under the icon (the bar of narrow windows); beside: right of it.
enum class RailTitle { none, below, beside };

void rail_entry(UiContext& ctx, const RailEntry& entry, ImVec2 min, ImVec2 size, RailTitle title) {
    const bool labelled = title == RailTitle::below;
    const bool selected = ctx.app.ui().rail == entry.id;
    const ImVec2 max(min.x + size.x, min.y + size.y);
    const Interaction item = interact(ctx, id_of(entry.id), min, max,
                                      {.role = Role::button, .name = entry.title, .flags = kPressable | (selected ? kSelected : 0U)});
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (selected && !labelled) list->AddRectFilled(min, max, ctx.theme.accent_soft, metrics::kRadius);
    else if (item.hovered) list->AddRectFilled(min, max, ctx.theme.hover, metrics::kRadius);
    const ImU32 color = selected ? ctx.theme.accent : item.hovered ? ctx.theme.text : ctx.theme.muted;
    const float middle = (min.x + max.x) / 2;
    if (labelled) {
        draw_icon_centered(list, entry.icon, ImVec2(middle, min.y + 18), metrics::kIcon, color);
        const float width = text_width(ctx.fonts.ui, text_size::kSmall, entry.title);
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(middle - width / 2, min.y + 30), color, entry.title);
    } else if (title == RailTitle::beside) {
        draw_icon_centered(list, entry.icon, ImVec2(min.x + 18, (min.y + max.y) / 2), metrics::kIcon, color);
        draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(min.x + 40, (min.y + max.y) / 2 - text_size::kUi / 2 - 1), color, entry.title, size.x - 46);
    } else {
        draw_icon_centered(list, entry.icon, ImVec2(middle, (min.y + max.y) / 2), metrics::kIcon, color);
        tooltip(ctx, item, entry.title, ctx.commands.shortcut("go." + std::string(entry.id)));
    }
    focus_ring(ctx, item);
    if (item.pressed) ctx.app.set_rail(std::string(entry.id));
}

// Where streams and backend stand, as a colour and a word.
struct ConnectionWords {
    ImU32 color;
    std::string words;
};

ConnectionWords connection_words(UiContext& ctx) {
    const model::App& app = ctx.app;
    if (!app.connection().online) return {ctx.theme.danger, "Offline"};
    for (const model::StreamView& stream : app.streams()) {
        if (stream.phase == model::StreamPhase::retrying) return {ctx.theme.warning, "Reconnecting"};
    }
    return {ctx.theme.success, "Connected"};
}

void user_menu(UiContext& ctx, ImVec2 min, float size) {
    const ImVec2 max(min.x + size, min.y + size);
    ImGui::SetCursorScreenPos(min);
    reserve(ctx, ImVec2(size, size));
    const bool open = menu_is_open("user-menu");
    const Interaction item = interact(ctx, id_of("user-menu"), min, max, {.role = Role::button, .name = "User menu", .flags = open ? kExpanded : kCollapsed});
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 center((min.x + max.x) / 2, (min.y + max.y) / 2);
    list->AddCircleFilled(center, 14, avatar_color(ctx), 32);
    if (item.hovered || open) list->AddCircle(center, 15.5f, ctx.theme.border, 32, 1.5f);
    const std::string initials = initials_of(ctx.app);
    const float width = text_width(ctx.fonts.semibold, text_size::kUi, initials);
    draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(center.x - width / 2, center.y - text_size::kUi / 2), rgb(0xFFFFFF), initials);
    focus_ring(ctx, item, 16);
    if (item.pressed) open_menu("user-menu");
    if (!begin_menu(ctx, "user-menu", {.anchor_min = min, .anchor_max = max, .align_right = true, .width = 220, .name = "User menu"})) return;
    const auto& user = ctx.app.auth().user;
    if (user) {
        menu_label(ctx, user->name.empty() ? user->email : user->name);
        menu_command(ctx, "go.profile", Icon::user);
        menu_separator(ctx);
    }
    const model::ThemeChoice theme = ctx.app.ui().theme;
    if (menu_item(ctx, "Same as system", {.checked = theme == model::ThemeChoice::system})) ctx.commands.run("theme.system");
    if (menu_item(ctx, "Dark", {.checked = theme == model::ThemeChoice::dark})) ctx.commands.run("theme.dark");
    if (menu_item(ctx, "Light", {.checked = theme == model::ThemeChoice::light})) ctx.commands.run("theme.light");
    menu_separator(ctx);
    menu_command(ctx, "app.shortcuts", Icon::help);
    menu_command(ctx, "app.copy_diagnostics", Icon::copy);
    if (ctx.commands.enabled("session.logout")) {
        menu_separator(ctx);
        menu_command(ctx, "session.logout", Icon::logout);
    }
    end_menu(ctx);
}

void workflow_menu(UiContext& ctx, ViewState& views, ImVec2 min, float height, float room) {
    const model::WorkflowState& workflow = ctx.app.workflow();
    const std::string name = workflow.name.empty() ? "No workflow" : workflow.name;
    constexpr float kChevron = 22;
    const float width = std::min(text_width(ctx.fonts.semibold, text_size::kUi + 2, name), std::max(room - kChevron, 40.0f));
    const ImVec2 max(min.x + width + kChevron, min.y + height);
    const bool open = menu_is_open("workflow-menu");
    const Interaction item = interact(ctx, id_of("workflow-menu"), ImVec2(min.x - 6, min.y), max,
                                      {.role = Role::button, .name = "Workflow: " + name, .flags = open ? kExpanded : kCollapsed});
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (item.hovered || open) list->AddRectFilled(ImVec2(min.x - 6, min.y), max, ctx.theme.hover, metrics::kRadius);
    draw_text(list, ctx.fonts.semibold, text_size::kUi + 2, ImVec2(min.x, min.y + (height - text_size::kUi - 2) / 2), ctx.theme.text, name, width + 1);
    draw_icon_centered(list, Icon::chevron_down, ImVec2(min.x + width + 11, min.y + height / 2 + 1), 11, ctx.theme.muted);
    focus_ring(ctx, item);
    if (item.pressed) {
        ctx.app.reload_workflows();
        open_menu("workflow-menu");
    }
    if (!begin_menu(ctx, "workflow-menu", {.anchor_min = ImVec2(min.x - 6, min.y), .anchor_max = max, .width = 260, .name = "Workflows"})) return;
    views.workflows_visible = true;
    if (workflow.list_phase == model::LoadPhase::failed) menu_label(ctx, workflow.list_error.message);
    if (workflow.list_phase == model::LoadPhase::loading && workflow.list.empty()) menu_label(ctx, "Loading…");
    for (const model::WorkflowSummary& entry : workflow.list) {
        const std::string when = ago(ctx, entry.updated_at);
        if (menu_item(ctx, entry.name, {.id = entry.id, .checked = entry.id == workflow.id, .hint = when}) && entry.id != workflow.id) ctx.app.open_workflow(entry.id);
    }
    menu_separator(ctx);
    menu_command(ctx, "workflow.new", Icon::plus);
    menu_command(ctx, "workflow.import", Icon::box);
    menu_command(ctx, "workflow.export", Icon::file);
    menu_command(ctx, "workflow.rename", Icon::edit);
    menu_command(ctx, "workflow.delete", Icon::trash, true);
    end_menu(ctx);
}

void run_button(UiContext& ctx) {
    const model::WorkflowState& workflow = ctx.app.workflow();
    std::string_view label = "Run";
    if (workflow.run == model::RunPhase::saving) label = "Saving…";
    if (workflow.run == model::RunPhase::applying) label = "Applying…";
    command_button(ctx, "workflow.run", label,
                   {.style = ButtonStyle::primary, .icon = workflow.run == model::RunPhase::idle ? Icon::play : Icon::none, .name = "Run",
                    .tooltip = "Deploy this workflow to the cluster", .description = label, .busy = workflow.run != model::RunPhase::idle});
}

float run_button_width(const UiContext& ctx) {
    const model::RunPhase phase = ctx.app.workflow().run;
    const std::string_view label = phase == model::RunPhase::saving ? "Saving…" : phase == model::RunPhase::applying ? "Applying…" : "Run";
    return button_width(ctx, label, {.style = ButtonStyle::primary, .icon = phase == model::RunPhase::idle ? Icon::play : Icon::none});
}

void save_state(UiContext& ctx, ImVec2 pos, float height, float room) {
    const model::WorkflowState& workflow = ctx.app.workflow();
    if (workflow.phase != model::LoadPhase::ready || room < 20) return;
    const std::string words = save_words(workflow);
    const bool conflict = workflow.save == model::SavePhase::conflict;
    const bool failed = conflict || workflow.save == model::SavePhase::failed;
    const ImVec2 min(pos.x, pos.y + (height - text_size::kUi) / 2);
    const float width = std::min(text_width(ctx.fonts.ui, text_size::kUi, words), room);
    const ImVec2 max(min.x + width, min.y + text_size::kUi);
    std::string why = failed ? workflow.save_error.message : std::string();
    if (failed && !workflow.save_error.hint.empty()) why += ". " + workflow.save_error.hint;
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (conflict) {
        const Interaction item = interact(ctx, id_of("compare"), ImVec2(min.x - 6, pos.y), ImVec2(max.x + 6, pos.y + height), {.role = Role::button, .name = words, .description = why});
        if (item.hovered) list->AddRectFilled(item.min, item.max, ctx.theme.hover, metrics::kRadius);
        draw_text(list, ctx.fonts.ui, text_size::kUi, min, ctx.theme.danger_text, words, room);
        list->AddRectFilled(ImVec2(min.x, max.y + 1), ImVec2(max.x, max.y + 2), ctx.theme.danger_text);
        focus_ring(ctx, item);
        tooltip(ctx, item, why);
        if (item.pressed) ctx.commands.run("workflow.compare");
        return;
    }
    draw_text(list, ctx.fonts.ui, text_size::kUi, min, failed ? ctx.theme.danger_text : ctx.theme.muted, words, room);
    const ImGuiID id = id_of("save-state");
    record(ctx, id, min, max, {.role = Role::status, .name = words, .description = why, .flags = kLive});
    const Interaction item{.id = id, .min = min, .max = max, .visible = true, .hovered = ImGui::IsMouseHoveringRect(min, max)};
    if (failed) tooltip(ctx, item, why);
    else if (item.hovered && workflow.saved_at_ms > 0) tooltip(ctx, item, "Last saved " + ago(ctx, workflow.saved_at_ms));
}

void search_box(UiContext& ctx, ImVec2 min, ImVec2 max) {
    const std::string shortcut = ctx.commands.shortcut("app.palette");
    const Interaction item = interact(ctx, id_of("command-box"), min, max, {.role = Role::button, .name = "Search or run a command"});
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(min, max, item.hovered ? ctx.theme.hover : ctx.theme.background, metrics::kRadius);
    list->AddRect(min, max, ctx.theme.border, metrics::kRadius);
    const float middle = (min.y + max.y) / 2;
    const float cap = key_cap_width(ctx, shortcut);
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(min.x + 11, middle - text_size::kUi / 2), ctx.theme.muted, "Search or run a command", max.x - min.x - cap - 28);
    draw_key_cap(ctx, list, ImVec2(max.x - 7, middle), shortcut);
    focus_ring(ctx, item);
    if (item.pressed) ctx.commands.run("app.palette");
}

void cluster_chip(UiContext& ctx, ImVec2 min, float width, float height) {
    const ConnectionWords words = connection_words(ctx);
    const std::string cluster = open_cluster_name(ctx.app);
    const std::string label = cluster.empty() ? words.words : cluster;
    const ImVec2 max(min.x + width, min.y + height);
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRect(min, max, ctx.theme.border, metrics::kRadius);
    const float middle = min.y + height / 2;
    list->AddCircleFilled(ImVec2(min.x + 15, middle), 4, words.color);
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(min.x + 27, middle - text_size::kUi / 2), ctx.theme.muted, label, width - 36);
    const std::string name = "Cluster " + label + ": " + words.words;
    const bool open = menu_is_open("cluster-menu");
    ImGui::SetCursorScreenPos(min);
    reserve(ctx, ImVec2(width, height));
    const Interaction item = interact(ctx, id_of("cluster-chip"), min, max, {.role = Role::button, .name = name, .flags = open ? kExpanded : kCollapsed});
    if (item.hovered || open) list->AddRect(min, max, ctx.theme.muted, metrics::kRadius);
    focus_ring(ctx, item);
    std::string detail = words.words + " · hub " + ctx.app.session().backend_label;
    if (!ctx.app.connection().online && !ctx.app.connection().problem.empty()) detail = ctx.app.connection().problem;
    tooltip(ctx, item, detail);
    if (item.pressed) open_menu("cluster-menu");
    if (!begin_menu(ctx, "cluster-menu", {.anchor_min = min, .anchor_max = max, .align_right = true, .width = 260, .name = "Clusters"})) return;
    const model::WorkflowState& workflow = ctx.app.workflow();
    if (workflow.phase == model::LoadPhase::ready && !workflow.cluster.empty()) {
        menu_label(ctx, "Run this workflow on");
        for (const model::ClusterInfo& info : ctx.app.clusters().state().clusters) {
            if (menu_item(ctx, info.display_name, {.id = info.name, .disabled = !info.can_run, .checked = info.name == workflow.cluster})) ctx.app.move_workflow(info.name);
        }
        menu_separator(ctx);
    }
    menu_command(ctx, "go.clusters", Icon::clusters);
    end_menu(ctx);
}

}  // namespace

std::string initials_of(const model::App& app) {
    const auto& user = app.auth().user;
    const std::string_view name = user ? (user->name.empty() ? std::string_view(user->email) : std::string_view(user->name)) : std::string_view("A");
    const std::string_view first = base::utf8_prefix(name, 4);
    std::size_t end = 1;
    while (end < first.size() && (static_cast<unsigned char>(first[end]) & 0xC0U) == 0x80U) ++end;
    return base::to_ascii_upper(first.substr(0, end));
}

ImU32 avatar_color(const UiContext& ctx) { return ctx.theme.dark ? rgb(0x8B5CF6) : rgb(0x8250DF); }

void draw_rail(UiContext& ctx, const Layout& layout) {
    const Box& box = layout.rail;
    if (box.empty()) return;
    begin_record_group(ctx, id_of("rail"), box.min, box.max, {.role = Role::navigation, .name = "Main"});
    if (begin_region(ctx, "rail-region", box.min, box.max, ctx.theme.surface)) {
        ImDrawList* list = ImGui::GetWindowDrawList();
        if (layout.narrow) {
            list->AddRectFilled(box.min, ImVec2(box.max.x, box.min.y + 1), ctx.theme.border);
            const float width = box.width() / static_cast<float>(kRail.size());
            for (std::size_t i = 0; i < kRail.size(); ++i)
                rail_entry(ctx, kRail[i], ImVec2(box.min.x + width * static_cast<float>(i), box.min.y + 1), ImVec2(width, box.height() - 1), RailTitle::below);
        } else {
            list->AddRectFilled(ImVec2(box.max.x - 1, box.min.y), box.max, ctx.theme.border);
            constexpr float kSize = 36;
            const float step = ctx.input.coarse_pointer ? metrics::kTouchTarget : kSize + 4;
            float next = box.min.y + 8;
            for (std::size_t i = 0; i < kRail.size(); ++i) {
                // Settings stands at the bottom.
                const bool last = i + 1 == kRail.size();
                const bool folder = layout.rail_words && kRail[i].id == "workflows";
                const ImVec2 min(box.min.x + 6, last ? box.max.y - kSize - 8 : next);
                const float toggle = folder ? 28.0f : 0.0f;
                rail_entry(ctx, kRail[i], min, ImVec2(box.width() - 12 - toggle, kSize), layout.rail_words ? RailTitle::beside : RailTitle::none);
                next += step;
                if (!folder) continue;
                draw_rail_workflows_toggle(ctx, ImVec2(box.max.x - 6 - toggle, min.y), ImVec2(toggle, kSize));
                const float others = step * static_cast<float>(kRail.size() - 1) + 24;
                next += draw_rail_workflows(ctx, ImVec2(min.x, next), ImVec2(box.width() - 12, box.max.y - next - others));
            }
        }
    }
    end_region(ctx);
    end_record_group(ctx);
}

void draw_top_bar(UiContext& ctx, ViewState& views, const Layout& layout) {
    const Box& box = layout.top_bar;
    if (box.empty()) return;
    begin_record_group(ctx, id_of("top-bar"), box.min, box.max, {.role = Role::toolbar, .name = "Workflow"});
    if (begin_region(ctx, "top-bar-region", box.min, box.max, ctx.theme.surface)) {
        line_below(ctx, box);
        const float height = button_height(ctx);
        const float y = std::floor(box.min.y + (box.height() - 1 - height) / 2);
        const float gap = 12;
        float x = box.max.x - 12;
        const float avatar = ctx.input.coarse_pointer ? metrics::kTouchTarget : 28.0f;
        const float avatar_x = x - avatar;
        const float bell = notification_bell_size(ctx);
        const float bell_x = avatar_x - 8 - bell;
        x = bell_x - gap;
        const bool has_workflow = ctx.app.ui().rail == "workflows";
        const float run_x = x - run_button_width(ctx);
        if (has_workflow) x = run_x - gap;

        // What has room: first the search box goes to its icon, then the cluster chip.
        const std::string cluster = open_cluster_name(ctx.app);
        const float chip = std::min(text_width(ctx.fonts.ui, text_size::kUi, cluster.empty() ? "Reconnecting" : cluster) + 40, 200.0f);
        const float left = box.min.x + 16;
        const bool show_chip = !layout.narrow && x - left > 420;
        const float chip_x = x - chip;
        if (show_chip) x = chip_x - gap;
        const std::string shortcut = ctx.commands.shortcut("app.palette");
        const float wanted = text_width(ctx.fonts.ui, text_size::kUi, "Search or run a command") + key_cap_width(ctx, shortcut) + 34;
        const bool wide_search = x - left > wanted + 300;
        const float search = wide_search ? wanted : height;
        const float search_x = x - search;
        x = search_x - gap;

        const float room = std::max(x - left, 40.0f);
        const std::string name = ctx.app.workflow().name.empty() ? "No workflow" : ctx.app.workflow().name;
        // A long reason is cut before the name is.
        const float all_words = text_width(ctx.fonts.ui, text_size::kUi, save_words(ctx.app.workflow()));
        const float words = std::min(all_words, std::max(room - 160, 80.0f));
        const bool show_save = room > words + 140;
        const float name_room = show_save ? room - words - 24 : room;
        const float name_width = std::min(text_width(ctx.fonts.semibold, text_size::kUi + 2, name) + 22, name_room);
        ImGui::SetCursorScreenPos(ImVec2(left, y));
        reserve(ctx, ImVec2(name_width, height));
        workflow_menu(ctx, views, ImVec2(left, y), height, name_room);
        if (show_save) save_state(ctx, ImVec2(left + name_width + 10, y), height, words + 2);

        ImGui::SetCursorScreenPos(ImVec2(search_x, y));
        if (wide_search) {
            reserve(ctx, ImVec2(search, height));
            search_box(ctx, ImVec2(search_x, y), ImVec2(search_x + search, y + height));
        } else if (button(ctx, "", {.icon = Icon::search, .id = "command-box", .name = "Search or run a command", .tooltip = "Search or run a command"})) {
            ctx.commands.run("app.palette");
        }
        if (show_chip) cluster_chip(ctx, ImVec2(chip_x, y), chip, height);
        if (has_workflow) {
            ImGui::SetCursorScreenPos(ImVec2(run_x, y));
            run_button(ctx);
        }
        draw_notification_bell(ctx, views, ImVec2(bell_x, std::floor(box.min.y + (box.height() - bell) / 2)));
        user_menu(ctx, ImVec2(avatar_x, std::floor(box.min.y + (box.height() - avatar) / 2)), avatar);
    }
    end_region(ctx);
    end_record_group(ctx);
}

void draw_offline_banner(UiContext& ctx, const Layout& layout) {
    const Box& box = layout.banner;
    if (box.empty()) return;
    const model::ConnectionState& connection = ctx.app.connection();
    std::string words = connection.problem.empty() ? "The backend does not answer" : connection.problem;
    const std::int64_t left_ms = connection.retry_at_ms - ctx.input.now_ms;
    if (connection.retry_at_ms > 0 && left_ms > 0) {
        const std::int64_t seconds = (left_ms + 999) / 1000;
        words += ". Retrying in " + std::to_string(seconds) + " s";
        ctx.wake_in(left_ms - (seconds - 1) * 1000);  // the next full second
    } else {
        words += ". Retrying…";
    }
    if (begin_region(ctx, "offline", box.min, box.max, ctx.theme.surface)) {
        if (banner(ctx, "offline-banner", BannerKind::danger, words, "Retry now")) ctx.app.wake();
    }
    end_region(ctx);
}

void draw_status_bar(UiContext& ctx, ViewState& views, const Layout& layout) {
    const Box& box = layout.status_bar;
    if (box.empty()) return;
    begin_record_group(ctx, id_of("status-bar"), box.min, box.max, {.role = Role::region, .name = "Status"});
    if (begin_region(ctx, "status-region", box.min, box.max, ctx.theme.surface)) {
        ImDrawList* list = ImGui::GetWindowDrawList();
        list->AddRectFilled(box.min, ImVec2(box.max.x, box.min.y + 1), ctx.theme.border);
        const model::App& app = ctx.app;
        const ConnectionWords connection = connection_words(ctx);
        const float y = box.min.y + (box.height() - text_size::kSmall) / 2 + 0.5f;
        float x = box.min.x + 12;
        auto put = [&](std::string_view key, std::string_view words, ImU32 color, bool live) {
            const float width = draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(x, y), color, words, std::max(box.max.x - x - 8, 1.0f));
            record(ctx, id_of(key), ImVec2(x, y), ImVec2(x + width, y + text_size::kSmall),
                   {.role = live ? Role::status : Role::text, .name = words, .flags = live ? static_cast<std::uint32_t>(kLive) : 0U});
            x += width + 18;
        };
        list->AddCircleFilled(ImVec2(x + 3, box.min.y + box.height() / 2), 4, connection.color);
        x += 14;
        std::string where = open_cluster_name(app);
        if (where.empty()) where = connection.words;
        if (!app.session().backend_label.empty()) where += " · " + app.session().backend_label;
        put("cluster", where, ctx.theme.muted, false);

        int live = 0;
        int failed = 0;
        std::int64_t retry_ms = -1;
        for (const model::StreamView& stream : app.streams()) {
            if (stream.phase == model::StreamPhase::open) ++live;
            if (stream.phase == model::StreamPhase::gave_up || (stream.phase == model::StreamPhase::stopped && !stream.ended)) ++failed;
            if (stream.phase == model::StreamPhase::retrying) retry_ms = std::max<std::int64_t>(stream.retry_at_ms - ctx.input.now_ms, 0);
        }
        if (retry_ms >= 0) {
            const std::int64_t seconds = (retry_ms + 999) / 1000;
            put("streams", "Streams " + std::to_string(live) + " live · reconnecting in " + std::to_string(seconds) + " s", ctx.theme.warning, false);
            if (retry_ms > 0) ctx.wake_in(retry_ms - std::max<std::int64_t>(seconds - 1, 0) * 1000);
        } else if (failed > 0) {
            put("streams", "Streams " + std::to_string(live) + " live · " + std::to_string(failed) + " stopped", ctx.theme.danger, false);
        } else {
            put("streams", "Streams " + std::to_string(live) + " live", ctx.theme.muted, false);
        }
        if (const model::AlertsState& alerts = ctx.app.alerts().state(); alerts.active > 0) {
            const std::string words = std::to_string(alerts.active) + (alerts.active == 1 ? " alert" : " alerts");
            const float width = text_width(ctx.fonts.ui, text_size::kSmall, words);
            const Interaction item = interact(ctx, id_of("alerts"), ImVec2(x - 4, box.min.y + 2), ImVec2(x + width + 4, box.max.y - 1), {.role = Role::button, .name = words, .description = "Show alerts"});
            if (item.hovered) list->AddRectFilled(item.min, item.max, ctx.theme.hover, 4);
            draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(x, y), alerts.critical > 0 ? ctx.theme.danger_text : ctx.theme.warning, words);
            focus_ring(ctx, item, 4);
            if (item.pressed) ctx.commands.run("go.alerts");
            x += width + 18;
        }
        const model::WorkflowState& workflow = app.workflow();
        if (workflow.phase == model::LoadPhase::ready && workflow.nodes_total > 0) {
            put("ready", "Nodes " + std::to_string(workflow.nodes_ready) + " of " + std::to_string(workflow.nodes_total) + " ready", ctx.theme.muted, true);
            if (workflow.nodes_failed > 0) {
                const std::string words = std::to_string(workflow.nodes_failed) + " failed";
                const float width = text_width(ctx.fonts.ui, text_size::kSmall, words);
                const Interaction item = interact(ctx, id_of("failed"), ImVec2(x - 4, box.min.y + 2), ImVec2(x + width + 4, box.max.y - 1),
                                                  {.role = Role::button, .name = words, .description = "Show problems"});
                if (item.hovered) list->AddRectFilled(item.min, item.max, ctx.theme.hover, 4);
                draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(x, y), ctx.theme.danger_text, words);
                focus_ring(ctx, item, 4);
                if (item.pressed) ctx.commands.run("view.problems");
                x += width + 18;
            }
        }
        const model::ExecutionState& run = app.execution();
        if (run.phase == model::ExecutionPhase::running) {
            put("run", "Running " + std::to_string(run.done) + " of " + std::to_string(run.total), ctx.theme.accent, true);
            constexpr std::string_view kStop = "Stop waiting";
            const float width = text_width(ctx.fonts.ui, text_size::kSmall, kStop);
            const Interaction item = interact(ctx, id_of("stop-waiting"), ImVec2(x - 12, box.min.y + 2), ImVec2(x - 4 + width, box.max.y - 1),
                                              {.role = Role::button, .name = kStop, .description = "What was applied stays in the cluster"});
            if (item.hovered) list->AddRectFilled(item.min, item.max, ctx.theme.hover, 4);
            draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(x - 8, y), ctx.theme.muted, kStop);
            focus_ring(ctx, item, 4);
            tooltip(ctx, item, "The tab stops following this run; what was applied stays in the cluster");
            if (item.pressed) ctx.commands.run("workflow.cancel_run");
            x += width + 18;
        }
        if (ctx.input.developer && !views.idle_text.empty()) {
            const float width = text_width(ctx.fonts.ui, text_size::kSmall, views.idle_text);
            draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(box.max.x - width - 12, y), ctx.theme.muted, views.idle_text);
        }
    }
    end_region(ctx);
    end_record_group(ctx);
}

}  // namespace ui
