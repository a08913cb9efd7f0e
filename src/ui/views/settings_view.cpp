#include "ui/views/settings_view.hpp"

#include <imgui.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "model/event_feed.hpp"
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
    ImGui::Dummy(ImVec2(0, 6));
    constexpr std::array<SelectItem, 6> kSizes{{{"80", "80 %"}, {"90", "90 %"}, {"100", "100 %"}, {"110", "110 %"}, {"125", "125 %"}, {"150", "150 %"}}};
    std::string size = std::to_string(ctx.app.ui().font_percent);
    if (select(ctx, "font", size, kSizes, {.label = "Text size", .help = "Of everything in the window. The browser's own zoom works too.", .width = 240})) {
        ctx.app.set_font_percent(base::parse_integer<int>(size).value_or(100));
    }
    ImGui::Dummy(ImVec2(0, 6));
    constexpr std::array<SelectItem, 2> kDensities{{{"comfortable", "Comfortable"}, {"compact", "Compact"}}};
    const bool compact = ctx.app.ui().density == model::Density::compact;
    std::string density = compact ? "compact" : "comfortable";
    if (select(ctx, "density", density, kDensities, {.label = "Density", .width = 240})) ctx.commands.run("view.density");
    ImGui::Dummy(ImVec2(0, 6));
    bool shown = ctx.app.ui().sidebar_open;
    if (switch_control(ctx, "Side bar", shown)) ctx.app.toggle_sidebar();
    bool words = !ctx.app.ui().sidebar_collapsed;
    if (switch_control(ctx, "Words in the side bar", words, !ctx.app.ui().sidebar_open)) ctx.app.set_sidebar_collapsed(!words);
}

void draw_connection_section(UiContext& ctx, ViewState&) {
    const model::App& app = ctx.app;
    label_value(ctx, "Hub", app.session().backend_label);
    label_value(ctx, "Cluster", app.session().cluster_name.empty() ? std::string_view("unknown") : std::string_view(app.session().cluster_name));
    label_value(ctx, "State", app.connection().online ? std::string_view("Connected") : std::string_view(app.connection().problem));
    label_value(ctx, "Notifications", ctx.app.notifications().state().live ? "Live" : "Reconnecting");
    label_value(ctx, "Events", ctx.app.event_feed().live() ? "Live" : "Not connected");
    const auto& backends = app.options().backends;
    if (backends.empty()) return;
    separator(ctx, 24);
    section_label(ctx, "Backends");
    for (const model::BackendView& backend : backends) {
        ImGui::PushID(backend.name.c_str());
        label_value(ctx, backend.name == "tab" ? std::string_view("In this tab") : std::string_view(backend.name), backend.in_use ? "in use" : std::string_view(backend.address), true);
        if (!backend.in_use && button(ctx, "Use", {.id = "use", .name = "Use " + backend.name})) ctx.platform.use_backend(backend.name);
        ImGui::PopID();
    }
    text(ctx, "The file config.json beside the page names them.", {.size = text_size::kSmall, .color = ctx.theme.muted, .wrap = true});
}

// What a key of the storage holds, in words; the key itself when it is not one of ours.
std::string_view storage_words(std::string_view key) {
    struct Named {
        std::string_view key, words;
    };
    static constexpr std::array<Named, 10> kNames{{{"binnacle-ui", "Appearance"}, {"binnacle-view", "Page and panels"}, {"binnacle-panels", "Panel sizes"}, {"binnacle-canvas", "Viewports"},
                                                   {"binnacle-draft", "Unsaved edits"}, {"binnacle-cluster", "Chosen cluster"}, {"binnacle-resources", "Resources view"}, {"binnacle-sidebar", "Open folders"},
                                                   {"binnacle-notifications", "Notification filter"}, {"auth-storage", "Session"}}};
    for (const Named& named : kNames) {
        // One session for each backend.
        if (key == named.key || (named.key == "auth-storage" && key.starts_with("auth-storage-"))) return named.words;
    }
    return key;
}

std::string size_text(std::size_t bytes) { return bytes < 1024 ? std::to_string(bytes) + " B" : std::to_string((bytes + 512) / 1024) + " kB"; }

void draw_storage_section(UiContext& ctx, ViewState&) {
    const bool degraded = ctx.app.storage_degraded();
    text(ctx, degraded ? "The browser refuses to store data for this page: theme, panel sizes and unsaved edits last until the tab is closed."
                       : "Theme, panel sizes, viewport and unsaved edits are kept in this browser.",
         {.color = degraded ? ctx.theme.warning : ctx.theme.muted, .wrap = true, .role = Role::status});
    ImGui::Dummy(ImVec2(0, 4));
    std::size_t total = 0;
    for (const auto& [key, bytes] : ctx.app.storage_use()) {
        label_value(ctx, storage_words(key), size_text(bytes), true);
        total += bytes;
    }
    label_value(ctx, "In all", size_text(total), true);
    ImGui::Dummy(ImVec2(0, 6));
    if (button(ctx, "Clear local data…", {.style = ButtonStyle::danger, .icon = Icon::trash, .id = "clear-data"})) open_dialog(ctx, "clear-data");
}

void draw_help_section(UiContext& ctx, ViewState&) {
    if (!ctx.app.options().version.empty()) label_value(ctx, "Version", ctx.app.options().version, true);
    command_button(ctx, "app.copy_diagnostics", "Copy diagnostics", {.icon = Icon::copy});
    if (ImGui::GetContentRegionAvail().x > 360) ImGui::SameLine();
    command_button(ctx, "app.shortcuts", "Keyboard shortcuts", {.icon = Icon::help});
}

void draw_toasts_section(UiContext& ctx, ViewState&) {
    constexpr std::array<SelectItem, 7> kTimes{{{"3", "3 seconds"}, {"5", "5 seconds"}, {"7", "7 seconds"}, {"10", "10 seconds"}, {"20", "20 seconds"}, {"60", "1 minute"}, {"0", "Until dismissed"}}};
    const model::UiState& ui = ctx.app.ui();
    text(ctx, "Toasts are the short messages at the bottom right. They wait while the pointer is over one of them, and while nobody sees the tab.", {.color = ctx.theme.muted, .wrap = true});
    ImGui::Dummy(ImVec2(0, 6));
    std::string usual = std::to_string(ui.toast_seconds);
    std::string errors = std::to_string(ui.toast_error_seconds);
    const bool usual_changed = select(ctx, "toast-time", usual, kTimes, {.label = "Shown for", .width = 240});
    ImGui::Dummy(ImVec2(0, 6));
    const bool errors_changed = select(ctx, "toast-error-time", errors, kTimes, {.label = "Failures shown for", .width = 240});
    if (usual_changed || errors_changed) ctx.app.set_toast_seconds(base::parse_integer<int>(usual).value_or(5), base::parse_integer<int>(errors).value_or(7));
    ImGui::Dummy(ImVec2(0, 6));
    bool events = ui.event_toasts;
    if (switch_control(ctx, "Events as toasts", events, false, "What happens to workloads, clusters and builds, whatever page is open. All of it is on the Activity page.")) ctx.app.set_event_toasts(events);
    ImGui::Dummy(ImVec2(0, 6));
    if (button(ctx, "Show an example", {.icon = Icon::bell})) ctx.app.show_toast(model::ToastKind::info, "This is a toast", "It stays as long as is chosen here.");
}

struct Section {
    std::string_view id, title;
    void (*draw)(UiContext&, ViewState&);
};
constexpr std::array<Section, 9> kSections{{
    {"general", "General", draw_general_section},
    {"appearance", "Appearance", draw_appearance_section},
    {"canvas", "Canvas", draw_canvas_section},
    {"toasts", "Toasts", draw_toasts_section},
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

void draw_clear_data_dialog(UiContext& ctx, ViewState& views) {
    if (!begin_dialog(ctx, "clear-data", {.title = "Clear local data?"})) return;
    SettingsState& settings = views.settings;
    if (ImGui::IsWindowAppearing()) settings.delete_documents = false;
    const bool in_tab = ctx.app.options().storage_suffix == "tab";
    text(ctx, ctx.app.has_unsaved() ? "Preferences, the session and your unsaved edits in this browser are deleted. The page is loaded anew."
                                    : "Preferences and the session in this browser are deleted. The page is loaded anew.",
         {.color = ctx.theme.muted, .wrap = true});
    if (in_tab) (void)checkbox(ctx, "Also delete the workflows and the cluster", settings.delete_documents, false, "They exist in this browser only.");
    ImGui::Dummy(ImVec2(0, 4));
    const float buttons = button_width(ctx, "Cancel") + 8 + button_width(ctx, "Clear", {.style = ButtonStyle::danger});
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - buttons, 0.0f));
    if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
    ImGui::SameLine();
    if (button(ctx, "Clear", {.style = ButtonStyle::danger})) {
        ImGui::CloseCurrentPopup();
        ctx.app.clear_local_data();
        if (in_tab && settings.delete_documents) ctx.platform.delete_documents();
        ctx.platform.reload_page();
    }
    end_dialog(ctx);
}

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
