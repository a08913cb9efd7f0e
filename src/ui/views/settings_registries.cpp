// Settings, Registries: the list with its checks, the dialog that adds or changes one, and the look-up of an image.
#include <imgui.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "model/registries.hpp"
#include "model/registry_form.hpp"
#include "ui/views/settings_view.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"
#include "ui/widgets/form.hpp"

namespace ui {

namespace {

constexpr std::string_view kDialog = "registry";
constexpr std::string_view kRemoveDialog = "remove-registry";

bool is_admin(const UiContext& ctx) {
    const auto& user = ctx.app.auth().user;
    return !user || user->role == "admin";
}

void open_form(UiContext& ctx, SettingsState& settings, const model::RegistryView* registry) {
    settings.registry = std::make_shared<RegistryForm>();
    if (registry != nullptr) {
        settings.registry->id = registry->id;
        settings.registry->had_credentials = registry->has_credentials;
    }
    settings.registry->form = model::make_registry_form(registry);
    settings.registry->form->focus("name");
    open_dialog(ctx, kDialog);
}

void submit(UiContext& ctx, const std::shared_ptr<RegistryForm>& form) {
    form->form->submit([&app = ctx.app, form](model::Json values) {
        // An answer that comes after the dialog was closed is for nobody here; the list is read again in any case.
        app.registries().save(form->id, model::registry_body(std::move(values)), [form](base::Result<void> saved) {
            if (!form->form) return;
            form->saved = saved.has_value();
            if (saved) form->form->succeeded();
            else model::fail_registry_form(*form->form, saved.error());
        });
    });
}

void form_dialog(UiContext& ctx, SettingsState& settings) {
    const std::shared_ptr<RegistryForm> form = settings.registry;
    const bool creating = form->id.empty();
    if (!begin_dialog(ctx, kDialog, {.title = creating ? "Add registry" : "Change registry", .width = 480})) {
        if (form->form) form->form.reset();  // secrets do not stay behind
        return;
    }
    if (!form->form || form->saved) {
        ImGui::CloseCurrentPopup();
        ctx.wake_in(0);
        return end_dialog(ctx);
    }
    {
        FormFields fields(ctx, *form->form);
        fields.alert();
        const std::span<const model::RegistryKind> kinds = model::registry_kinds();
        std::vector<SelectItem> items;
        items.reserve(kinds.size());
        for (const model::RegistryKind& kind : kinds) items.push_back({kind.type, kind.title});
        (void)fields.choice("registryType", items, {.label = "Kind"});
        const model::RegistryKind& kind = model::registry_kind(form->form->text("registryType"));
        (void)fields.text("name", {.label = "Name", .placeholder = kind.title});
        (void)fields.text("registryUrl", {.label = "Address", .placeholder = kind.url_example, .required = kind.url_needed, .mono = true});
        bool first = true;
        for (const model::RegistryCredential& entry : kind.credentials) {
            if (entry.name.empty()) continue;
            const std::string_view help = form->had_credentials && first ? "Empty fields keep what is stored" : entry.help;
            (void)fields.text("credentials/" + std::string(entry.name), {.label = entry.label, .help = help, .password = entry.secret && entry.rows == 1, .mono = entry.rows > 1, .rows = entry.rows});
            first = false;
        }
        ImGui::Dummy(ImVec2(0, 4));
        const std::string_view label = creating ? "Add registry" : "Save";
        const float buttons = button_width(ctx, "Cancel") + 8 + button_width(ctx, fields.busy() ? "Saving…" : label, {.style = ButtonStyle::primary});
        ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - buttons, 0.0f));
        if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
        ImGui::SameLine();
        if (fields.submit(label, {.busy_label = "Saving…", .name = creating ? "Add" : "Save"})) submit(ctx, form);
    }
    end_dialog(ctx);
}

void remove_dialog(UiContext& ctx, SettingsState& settings) {
    if (!begin_dialog(ctx, kRemoveDialog, {.title = "Remove registry?"})) return;
    const model::RegistryView* registry = ctx.app.registries().find(settings.registry_to_remove);
    const std::string name = registry != nullptr ? registry->name : std::string("It");
    text(ctx, "\"" + name + "\" and its stored credentials are removed from the hub. Images stay where they are.", {.color = ctx.theme.muted, .wrap = true});
    ImGui::Dummy(ImVec2(0, 4));
    const float buttons = button_width(ctx, "Cancel") + 8 + button_width(ctx, "Remove registry", {.style = ButtonStyle::danger});
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - buttons, 0.0f));
    if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
    ImGui::SameLine();
    if (button(ctx, "Remove registry", {.style = ButtonStyle::danger})) {
        ctx.app.registries().remove(settings.registry_to_remove);
        ImGui::CloseCurrentPopup();
    }
    end_dialog(ctx);
}

void row_menu(UiContext& ctx, SettingsState& settings, const model::RegistryView& registry, bool busy) {
    const std::string menu = "registry-menu-" + registry.id;
    const ImVec2 min = ImGui::GetCursorScreenPos();
    const float size = button_height(ctx);
    if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::more, .id = "more", .name = "More for " + registry.name, .expanded = menu_is_open(menu), .has_menu = true}))
        open_menu(menu);
    if (!begin_menu(ctx, menu, {.anchor_min = min, .anchor_max = ImVec2(min.x + size, min.y + size), .align_right = true, .width = 200, .name = registry.name})) return;
    if (menu_item(ctx, "Change…", {.icon = Icon::edit, .disabled = busy})) open_form(ctx, settings, &registry);
    if (menu_item(ctx, "Make default", {.icon = Icon::check, .disabled = busy || registry.is_default})) ctx.app.registries().make_default(registry.id);
    if (!registry.preview_url.empty() && menu_item(ctx, "Open its page", {.icon = Icon::external})) ctx.platform.open_url(registry.preview_url);
    menu_separator(ctx);
    if (menu_item(ctx, "Remove…", {.icon = Icon::trash, .disabled = busy, .danger = true})) {
        settings.registry_to_remove = registry.id;
        open_dialog(ctx, kRemoveDialog);
    }
    end_menu(ctx);
}

void registry_row(UiContext& ctx, SettingsState& settings, const model::RegistryView& registry, bool admin, bool busy) {
    ImGui::PushID(registry.id.c_str());
    const float width = ImGui::GetContentRegionAvail().x;
    const bool failed = registry.status == "error";
    const float buttons = admin ? button_width(ctx, "Check") + button_height(ctx) + 12 : 0;
    const float height = (ctx.input.coarse_pointer ? 64.0f : 56.0f) + (failed ? text_size::kSmall : 0.0f);
    const ImVec2 min = reserve(ctx, ImVec2(width, height));
    const ImVec2 max(min.x + width, min.y + height);
    const ImVec2 after = ImGui::GetCursorScreenPos();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float room = width - buttons - 16;
    const float top = min.y + (height - text_size::kUi - text_size::kSmall * (failed ? 2.0f : 1.0f)) / 2;
    const float title = draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(min.x, top), ctx.theme.text, registry.name, room);
    if (registry.is_default && room - title > 80) draw_pill(ctx, list, ImVec2(min.x + title + 10, top + 1), "default", ctx.theme.pill, ctx.theme.muted);
    const ImU32 color = failed ? ctx.theme.danger : registry.status == "connected" ? ctx.theme.success : ctx.theme.disabled;
    std::string state = busy ? "Checking…" : failed ? "Not connected" : registry.status == "connected" ? "Connected" : "Not checked yet";
    if (!busy && !registry.last_check.empty()) state += ", " + ago(ctx, std::string_view(registry.last_check));
    const float y = top + text_size::kUi;
    list->AddCircleFilled(ImVec2(min.x + 5, y + text_size::kSmall / 2), 4, color);
    const std::string line = state + " · " + std::string(model::registry_kind(registry.type).title) + " · " + registry.url;
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(min.x + 15, y), ctx.theme.muted, line, room - 15);
    if (failed) draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(min.x + 15, y + text_size::kSmall), ctx.theme.danger_text, registry.status_message, room - 15);
    record(ctx, id_of("row"), min, ImVec2(max.x - buttons, max.y), {.role = Role::listitem, .name = registry.name + (registry.is_default ? ", default" : ""), .value = line, .description = registry.status_message});
    const Interaction hover{.id = id_of("row"), .min = min, .max = ImVec2(max.x - buttons, max.y), .visible = true, .hovered = ImGui::IsMouseHoveringRect(min, ImVec2(max.x - buttons, max.y))};
    if (!registry.status_message.empty()) tooltip(ctx, hover, registry.status_message);
    if (admin) {
        const float button_y = min.y + (height - button_height(ctx)) / 2;
        ImGui::SetCursorScreenPos(ImVec2(max.x - buttons, button_y));
        if (button(ctx, "Check", {.name = "Check " + registry.name, .tooltip = "Ask the registry whether it takes the credentials", .busy = busy})) ctx.app.registries().test(registry.id);
        ImGui::SameLine(0, 4);
        ImGui::SetCursorScreenPos(ImVec2(max.x - button_height(ctx), button_y));
        row_menu(ctx, settings, registry, busy);
    }
    ImGui::SetCursorScreenPos(after);
    list->AddRectFilled(ImVec2(min.x, max.y + 3), ImVec2(max.x, max.y + 4), ctx.theme.border);
    ImGui::PopID();
}

void lookup(UiContext& ctx, SettingsState& settings) {
    model::Registries& registries = ctx.app.registries();
    separator(ctx, 24);
    section_label(ctx, "Where does an image come from?");
    const float room = ImGui::GetContentRegionAvail().x - button_width(ctx, "Look up") - 8;
    const FieldResult field = input_text(ctx, "image", settings.lookup_image, {.name = "Image", .placeholder = "ghcr.io/example/web:1.4", .mono = true, .width = room});
    ImGui::SameLine(0, 8);
    const std::string image(base::trim(settings.lookup_image));
    if (button(ctx, "Look up", {.disabled = image.empty(), .height = control_height(ctx)}) || field.submitted) registries.lookup(image);
    const model::RegistriesState& state = registries.state();
    if (!state.lookup_answer.empty() && state.lookup_image == image)
        text(ctx, state.lookup_answer, {.color = state.lookup_failed ? ctx.theme.danger_text : ctx.theme.muted, .wrap = true, .role = Role::status, .flags = kLive});
}

}  // namespace

void draw_registries_section(UiContext& ctx, ViewState& views) {
    model::Registries& registries = ctx.app.registries();
    registries.ensure();
    const model::RegistriesState state = registries.state();
    text(ctx, "Where container images come from, and with which credentials. What is stored here is never shown again.", {.color = ctx.theme.muted, .wrap = true});
    if (state.phase == model::LoadPhase::failed) {
        if (error_state(ctx, "registries-error", state.error)) registries.reload();
        return;
    }
    if (state.phase != model::LoadPhase::ready) return skeleton(ctx, "registries-loading", 4);
    if (!state.error.message.empty() && stale_banner(ctx, "registries-stale", state.error, state.loaded_at_ms)) registries.reload();
    const bool admin = is_admin(ctx);
    if (state.registries.empty()) {
        ImGui::Dummy(ImVec2(0, 8));
        text(ctx, "No registry yet", {.font = ctx.fonts.semibold, .role = Role::status});
        text(ctx, "Public images need none.", {.color = ctx.theme.muted});
        ImGui::Dummy(ImVec2(0, 4));
        if (admin && button(ctx, "Add registry", {.icon = Icon::plus})) open_form(ctx, views.settings, nullptr);
    } else {
        for (const model::RegistryView& registry : state.registries) registry_row(ctx, views.settings, registry, admin, state.busy.contains(registry.id));
        ImGui::Dummy(ImVec2(0, 4));
        if (admin) {
            if (button(ctx, "Add registry", {.icon = Icon::plus})) open_form(ctx, views.settings, nullptr);
        } else {
            text(ctx, "Only an admin may change registries.", {.color = ctx.theme.muted, .wrap = true});
        }
    }
    lookup(ctx, views.settings);
}

void draw_settings_dialogs(UiContext& ctx, ViewState& views) {
    form_dialog(ctx, views.settings);
    remove_dialog(ctx, views.settings);
    draw_clear_data_dialog(ctx, views);
}

}  // namespace ui
