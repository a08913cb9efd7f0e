#include "ui/views/settings_view.hpp"

#include <imgui.h>

#include <algorithm>
#include <array>

#include "model/notifications.hpp"
#include "model/plugins.hpp"
#include "model/registries.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr float kNavigationWidth = 184;
constexpr float kRoomForNavigation = 720;

std::string_view theme_id(model::ThemeChoice choice) {
    return choice == model::ThemeChoice::dark ? "dark" : choice == model::ThemeChoice::light ? "light" : "system";
}

void draw_general_section(UiContext& ctx, ViewState&) {
    const model::App& app = ctx.app;
    section_label(ctx, "Account");
    if (app.auth().user) label_value(ctx, "Signed in as", app.auth().user->email);
    if (app.auth().user) label_value(ctx, "Role", app.auth().user->role);
    if (ctx.commands.enabled("session.logout")) command_button(ctx, "session.logout", "Log out", {.icon = Icon::logout});
}

void draw_appearance_section(UiContext& ctx, ViewState&) {
    constexpr std::array<SelectItem, 3> kThemes{{{"system", "Same as system"}, {"dark", "Dark"}, {"light", "Light"}}};
    std::string theme(theme_id(ctx.app.ui().theme));
    if (select(ctx, "theme", theme, kThemes, {.label = "Theme", .width = 240})) ctx.commands.run("theme." + theme);
}

void draw_connection_section(UiContext& ctx, ViewState&) {
    const model::App& app = ctx.app;
    label_value(ctx, "Hub", app.session().backend_label);
    label_value(ctx, "Cluster", app.session().cluster_name.empty() ? std::string_view("unknown") : std::string_view(app.session().cluster_name));
    label_value(ctx, "State", app.connection().online ? std::string_view("Connected") : std::string_view(app.connection().problem));
    label_value(ctx, "Notifications", ctx.app.notifications().state().live ? "Live" : "Reconnecting");
}

void draw_storage_section(UiContext& ctx, ViewState&) {
    const bool degraded = ctx.app.storage_degraded();
    text(ctx, degraded ? "The browser refuses to store data for this page: theme, panel sizes and unsaved edits last until the tab is closed."
                       : "Theme, panel sizes, viewport and unsaved edits are kept in this browser.",
         {.color = degraded ? ctx.theme.warning : ctx.theme.muted, .wrap = true, .role = Role::status});
}

void draw_help_section(UiContext& ctx, ViewState&) {
    command_button(ctx, "app.copy_diagnostics", "Copy diagnostics", {.icon = Icon::copy});
    if (ImGui::GetContentRegionAvail().x > 360) ImGui::SameLine();
    command_button(ctx, "app.shortcuts", "Keyboard shortcuts", {.icon = Icon::help});
}

struct Section {
    std::string_view id, title;
    void (*draw)(UiContext&, ViewState&);
};
constexpr std::array<Section, 7> kSections{{
    {"general", "General", draw_general_section},
    {"appearance", "Appearance", draw_appearance_section},
    {"connection", "Connection", draw_connection_section},
    {"registries", "Registries", draw_registries_section},
    {"plugins", "Plugins", draw_plugins_section},
    {"storage", "Storage", draw_storage_section},
    {"help", "Help", draw_help_section},
}};

const Section& section_of(std::string_view id) {
    const auto found = std::find_if(kSections.begin(), kSections.end(), [id](const Section& section) { return section.id == id; });
    return found == kSections.end() ? kSections.front() : *found;
}

void navigation(UiContext& ctx, SettingsState& settings, const Box& box) {
    begin_record_group(ctx, id_of("settings-sections"), box.min, box.max, {.role = Role::navigation, .name = "Settings sections"});
    if (begin_region(ctx, "settings-navigation", box.min, box.max, ctx.theme.background, ImVec2(12, 24), true)) {
        for (const Section& section : kSections) {
            const bool selected = settings.section == section.id;
            const float height = ctx.input.coarse_pointer ? metrics::kTouchTarget : 32;
            const Interaction row = list_row(ctx, section.id, {.name = section.title, .selected = selected, .height = height, .role = Role::button});
            draw_text(ImGui::GetWindowDrawList(), selected ? ctx.fonts.semibold : ctx.fonts.ui, text_size::kUi, ImVec2(row.min.x + 10, (row.min.y + row.max.y - text_size::kUi) / 2),
                      selected ? ctx.theme.text : ctx.theme.muted, section.title, row.max.x - row.min.x - 16);
            if (row.pressed) settings.section = section.id;
            ImGui::SetCursorPosY(ImGui::GetCursorPosY() - 4);
        }
    }
    end_region(ctx);
    end_record_group(ctx);
}

void section_list(UiContext& ctx, SettingsState& settings) {
    std::array<SelectItem, kSections.size()> items;
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = {kSections[i].id, kSections[i].title};
    (void)select(ctx, "section", settings.section, items, {.label = "Section"});
    ImGui::Dummy(ImVec2(0, 8));
}

}  // namespace

void draw_settings(UiContext& ctx, ViewState& views, const Layout& layout) {
    const Box& box = layout.main;
    SettingsState& settings = views.settings;
    begin_record_group(ctx, id_of("settings"), box.min, box.max, {.role = Role::main, .name = "Settings"});
    const bool wide = box.width() >= kRoomForNavigation;
    const float left = wide ? box.min.x + kNavigationWidth : box.min.x;
    if (wide) navigation(ctx, settings, {box.min, ImVec2(left, box.max.y)});
    const Section& section = section_of(settings.section);
    const float pad = wide ? 28.0f : metrics::kPad;
    const float right = std::max(box.max.x - left - pad - kSettingsColumn, pad);
    const std::string region = "settings-" + std::string(section.id);  // each scrolls on its own
    if (begin_region(ctx, region, ImVec2(left, box.min.y), box.max, ctx.theme.background, ImVec2(pad, 24), true)) {
        ImGui::PushID(section.id.data(), section.id.data() + section.id.size());
        if (!wide) section_list(ctx, settings);
        // The column keeps its width, the scrollbar stays at the edge.
        ImGui::BeginChild("##column", ImVec2(std::max(ImGui::GetContentRegionAvail().x - std::max(right - pad, 0.0f), 120.0f), 0), ImGuiChildFlags_AutoResizeY | ImGuiChildFlags_NavFlattened);
        heading(ctx, section.title);
        ImGui::Dummy(ImVec2(0, 4));
        section.draw(ctx, views);
        ImGui::Dummy(ImVec2(0, 24));
        ImGui::EndChild();
        ImGui::PopID();
    }
    end_region(ctx);
    end_record_group(ctx);
}

}  // namespace ui
