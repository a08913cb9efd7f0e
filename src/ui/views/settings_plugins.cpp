// Settings, Plugins: the catalogue with search and categories, a switch for each, and what each brings.
#include <imgui.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "model/plugins.hpp"
#include "ui/views/settings_view.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

bool contains_word(std::string_view text, std::string_view word) { return base::find_ascii_case(text, word) != std::string_view::npos; }

bool fits(const model::PluginView& plugin, std::string_view search) {
    if (search.empty() || contains_word(plugin.title, search) || contains_word(plugin.description, search) || contains_word(plugin.crd_group, search)) return true;
    const auto any = [&](const auto& list, auto part) { return std::any_of(list.begin(), list.end(), [&](const auto& entry) { return contains_word(part(entry), search); }); };
    return any(plugin.crd_kinds, [](const std::string& kind) -> std::string_view { return kind; }) ||
           any(plugin.node_types, [](const model::PluginNodeTypeView& type) -> std::string_view { return type.title; });
}

void filters(UiContext& ctx, SettingsState& settings, const model::PluginsState& state) {
    const bool wide = ImGui::GetContentRegionAvail().x > 560;
    const FieldResult search = input_text(ctx, "search", settings.plugin_search,
                                          {.name = "Search plugins", .placeholder = "Search by name, kind or group", .search = true, .width = wide ? ImGui::GetContentRegionAvail().x - 232 : -1});
    if (search.cancelled) settings.plugin_search.clear();
    if (wide) ImGui::SameLine(0, 8);
    std::vector<SelectItem> items{{"", "All categories"}};
    for (const std::string& category : state.categories) items.push_back({category, category});
    (void)select(ctx, "category", settings.plugin_category, items, {.name = "Category", .width = wide ? 224.0f : -1.0f});
    (void)checkbox(ctx, "Only enabled", settings.plugins_enabled_only);
}

void details(UiContext& ctx, const model::PluginView& plugin) {
    std::string kinds;
    for (const std::string& kind : plugin.crd_kinds) kinds += (kinds.empty() ? "" : ", ") + kind;
    label_value(ctx, "API group", plugin.crd_group + "/" + plugin.version, true);
    label_value(ctx, "Kinds", kinds);
    text(ctx, "Binnacle does not install " + plugin.title + ". Where the cluster does not know these kinds, a run says so.", {.size = text_size::kSmall, .color = ctx.theme.muted, .wrap = true});
    if (!plugin.homepage.empty() && link(ctx, "How to install it", "home")) ctx.platform.open_url(plugin.homepage);
    for (const model::PluginNodeTypeView& type : plugin.node_types) {
        ImGui::PushID(type.name.c_str());
        section_label(ctx, "Node type: " + type.title);
        ImGui::SetCursorPosY(ImGui::GetCursorPosY() - 4);
        text(ctx, type.description, {.color = ctx.theme.muted, .wrap = true});
        std::string fields;
        for (const std::string& field : type.fields) fields += (fields.empty() ? "" : ", ") + field;
        text(ctx, "Fields: " + fields, {.size = text_size::kSmall, .color = ctx.theme.muted, .wrap = true});
        if (button(ctx, "Copy YAML", {.style = ButtonStyle::ghost, .icon = Icon::copy, .id = "yaml", .name = "Copy YAML of " + type.title})) {
            ctx.platform.copy_text(type.default_yaml);
            ctx.app.show_toast(model::ToastKind::info, "Copied", "A " + type.title + " as YAML, with examples for values.");
        }
        ImGui::PopID();
    }
}

void plugin_row(UiContext& ctx, SettingsState& settings, const model::PluginView& plugin, bool may_change, bool busy) {
    ImGui::PushID(plugin.id.c_str());
    const bool open = settings.open_plugin == plugin.id;
    const float width = ImGui::GetContentRegionAvail().x;
    const float height = ctx.input.coarse_pointer ? 60.0f : 52.0f;
    const ImVec2 min = reserve(ctx, ImVec2(width, height));
    const ImVec2 max(min.x + width, min.y + height);
    constexpr float kSwitchRoom = 64;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 after = ImGui::GetCursorScreenPos();
    const Interaction row = interact(ctx, id_of("row"), min, ImVec2(max.x - kSwitchRoom, max.y),
                                     {.role = Role::button, .name = plugin.title + " details", .description = plugin.description, .flags = open ? kExpanded : kCollapsed});
    if (row.hovered) list->AddRectFilled(min, max, ctx.theme.hover, metrics::kRadius);
    draw_icon_centered(list, open ? Icon::chevron_down : Icon::chevron_right, ImVec2(min.x + 14, min.y + height / 2), 12, ctx.theme.muted);
    const float text_x = min.x + 32;
    const float room = width - 32 - kSwitchRoom - 8;
    const float top = min.y + (height - text_size::kUi - text_size::kSmall) / 2;
    const float title = draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(text_x, top), ctx.theme.text, plugin.title, room);
    const float pill_room = room - title - 10;
    if (pill_room > pill_width(ctx, plugin.category)) draw_pill(ctx, list, ImVec2(text_x + title + 10, top + 1), plugin.category, ctx.theme.pill, ctx.theme.muted);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(text_x, top + text_size::kUi), ctx.theme.muted, plugin.description, room);
    focus_ring(ctx, row);
    if (row.pressed) settings.open_plugin = open ? std::string() : plugin.id;
    // A switch with its name for readers only: the title stands at the left.
    const float track = 34, track_height = 20;
    const float hit = ctx.input.coarse_pointer ? metrics::kTouchTarget : 32.0f;
    const ImVec2 center(max.x - 12 - track / 2, min.y + height / 2);
    const std::string name = "Enable " + plugin.title;
    const Interaction toggle = interact(ctx, id_of("switch"), ImVec2(center.x - track / 2 - 6, center.y - hit / 2), ImVec2(center.x + track / 2 + 6, center.y + hit / 2),
                                        {.role = Role::switch_, .name = name, .flags = plugin.enabled ? static_cast<std::uint32_t>(kChecked) : 0U}, !may_change || busy);
    const float place = animate(ctx, id_of("switch-place"), plugin.enabled ? 1.0f : 0.0f);
    const ImVec2 track_min(center.x - track / 2, center.y - track_height / 2);
    const ImU32 fill = mixed(ctx.theme.disabled, ctx.theme.accent, place);
    list->AddRectFilled(track_min, ImVec2(track_min.x + track, track_min.y + track_height), may_change && !busy ? fill : faded(fill, 0.5f), track_height / 2);
    list->AddCircleFilled(ImVec2(track_min.x + 10 + place * (track - 20), center.y), 7, ctx.theme.on_accent, 24);
    focus_ring(ctx, toggle, track_height / 2);
    if (!may_change) tooltip(ctx, toggle, "Only an admin may enable plugins");
    if (toggle.pressed && may_change && !busy) ctx.app.plugins().set_enabled(plugin.id, !plugin.enabled);
    ImGui::SetCursorScreenPos(after);
    if (open) {
        ImGui::Indent(32);
        details(ctx, plugin);
        ImGui::Unindent(32);
        ImGui::Dummy(ImVec2(0, 8));
    }
    const ImVec2 line = ImGui::GetCursorScreenPos();
    list->AddRectFilled(ImVec2(min.x, line.y - 4), ImVec2(max.x, line.y - 3), ctx.theme.border);
    ImGui::PopID();
}

}  // namespace

void draw_plugins_section(UiContext& ctx, ViewState& views) {
    model::Plugins& plugins = ctx.app.plugins();
    plugins.ensure();
    const model::PluginsState state = plugins.state();  // a switch changes it while it is drawn
    text(ctx, "A plugin adds node types for the custom resources of a Kubernetes extension.", {.color = ctx.theme.muted, .wrap = true});
    if (state.phase == model::LoadPhase::failed) {
        if (error_state(ctx, "plugins-error", state.error)) plugins.reload();
        return;
    }
    if (state.phase != model::LoadPhase::ready) return skeleton(ctx, "plugins-loading", 8);
    if (!state.error.message.empty() && stale_banner(ctx, "plugins-stale", state.error, state.loaded_at_ms)) plugins.reload();
    filters(ctx, views.settings, state);
    const auto& user = ctx.app.auth().user;
    const bool may_change = !user || user->role == "admin";
    if (!may_change) text(ctx, "Only an admin may enable or disable plugins.", {.color = ctx.theme.muted, .wrap = true});
    ImGui::Dummy(ImVec2(0, 2));
    int shown = 0;
    for (const model::PluginView& plugin : state.plugins) {
        if (!views.settings.plugin_category.empty() && plugin.category != views.settings.plugin_category) continue;
        if (views.settings.plugins_enabled_only && !plugin.enabled) continue;
        if (!fits(plugin, base::trim(views.settings.plugin_search))) continue;
        ++shown;
        plugin_row(ctx, views.settings, plugin, may_change, state.busy.contains(plugin.id));
    }
    if (shown > 0) {
        text(ctx, std::to_string(shown) + " of " + std::to_string(state.plugins.size()) + " plugins · " + std::to_string(plugins.enabled_count()) + " enabled",
             {.size = text_size::kSmall, .color = ctx.theme.muted, .role = Role::status});
        return;
    }
    if (state_message(ctx, "no-plugin", {.icon = Icon::puzzle, .title = "No plugin fits", .text = "Search for something else, or show all.", .action = "Show all"})) {
        views.settings.plugin_search.clear();
        views.settings.plugin_category.clear();
        views.settings.plugins_enabled_only = false;
    }
}

}  // namespace ui
