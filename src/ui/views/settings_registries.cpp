// Settings, Registries: the list with its checks, the dialog that adds or changes one, and the look-up of an image.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"
#include "model/registries.hpp"
#include "ui/views/settings_view.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr std::string_view kDialog = "registry";
constexpr std::string_view kRemoveDialog = "remove-registry";

struct CredentialField {
    std::string_view name, label, help;
    bool secret = false;
    int rows = 1;
};
struct TypeWords {
    std::string_view type, title, url_example;
    bool url_needed;
    bool credentials_needed;
    std::array<CredentialField, 3> credentials;
};
constexpr std::array<TypeWords, 6> kTypes{{
    {"dockerhub", "Docker Hub", "docker.io", false, false, {{{"username", "User name", ""}, {"password", "Password or token", "An access token is safer than the password", true}, {}}}},
    {"ghcr", "GitHub packages", "ghcr.io", false, false, {{{"username", "User name", ""}, {"password", "Token", "A token that may read packages", true}, {}}}},
    {"ecr", "Amazon ECR", "123456789012.dkr.ecr.eu-central-1.amazonaws.com", true, true, {{{"accessKeyId", "Access key ID", ""}, {"secretAccessKey", "Secret access key", "", true}, {"region", "Region", "Such as eu-central-1"}}}},
    {"gcr", "Google Artifact Registry", "europe-docker.pkg.dev/my-project", false, true, {{{"serviceAccountJson", "Key file of a service account", "The whole JSON file", true, 5}, {}, {}}}},
    {"acr", "Azure Container Registry", "example.azurecr.io", true, true, {{{"tenantId", "Tenant ID", ""}, {"clientId", "Client ID", ""}, {"clientSecret", "Client secret", "", true}}}},
    {"custom", "Another registry", "registry.example.com:5000", true, false, {{{"username", "User name", ""}, {"password", "Password or token", "", true}, {}}}},
}};

const TypeWords& words_of(std::string_view type) {
    const auto found = std::find_if(kTypes.begin(), kTypes.end(), [type](const TypeWords& words) { return words.type == type; });
    return found == kTypes.end() ? kTypes.back() : *found;
}

bool is_admin(const UiContext& ctx) {
    const auto& user = ctx.app.auth().user;
    return !user || user->role == "admin";
}

void open_form(UiContext& ctx, SettingsState& settings, const model::RegistryView* registry) {
    const std::uint64_t round = settings.registry->round + 1;
    settings.registry = std::make_shared<RegistryForm>();
    RegistryForm& form = *settings.registry;
    form.round = round;
    if (registry != nullptr) {
        form.id = registry->id;
        form.type = registry->type;
        form.had_credentials = registry->has_credentials;
        form.values["name"] = registry->name;
        form.values["registryUrl"] = registry->url;
    }
    open_dialog(ctx, kDialog);
}

// "credentials.password: is needed; name: is empty" under the fields it is about; the rest above the form.
void take_error(RegistryForm& form, const base::Error& error) {
    form.errors.clear();
    std::string rest;
    const std::string lines = base::replace_all(error.message, "; ", "\n");
    for (std::string_view part : base::split(lines, '\n')) {
        std::string_view path = part.substr(0, part.find(": "));
        if (path.starts_with("credentials.")) path.remove_prefix(12);
        const bool known = path == "name" || path == "registryUrl" || path == "registryType" ||
                           std::any_of(kTypes.begin(), kTypes.end(), [&](const TypeWords& words) {
                               return std::any_of(words.credentials.begin(), words.credentials.end(), [&](const CredentialField& field) { return !field.name.empty() && field.name == path; });
                           });
        if (!known || path.size() == part.size()) {
            rest += (rest.empty() ? "" : "; ") + std::string(part);
            continue;
        }
        std::string words(part.substr(part.find(": ") + 2));
        if (!words.empty()) words[0] = base::ascii_upper(words[0]);
        form.errors[std::string(path)] = std::move(words);
    }
    if (!error.hint.empty() && form.errors.empty()) rest += (rest.empty() ? "" : ". ") + error.hint;
    if (!rest.empty()) form.errors[""] = std::move(rest);
}

// What is missing, told before the hub is asked.
bool check(RegistryForm& form, const TypeWords& words) {
    form.errors.clear();
    const auto empty = [&](std::string_view name) { return base::trim(form.values[std::string(name)]).empty(); };
    if (empty("name")) form.errors["name"] = "Give it a name";
    if (words.url_needed && empty("registryUrl")) form.errors["registryUrl"] = "Enter the address, such as " + std::string(words.url_example);
    bool any = false;
    bool all = true;
    for (const CredentialField& field : words.credentials) {
        if (field.name.empty()) continue;
        if (empty(field.name)) all = false;
        else any = true;
    }
    const bool needed = words.credentials_needed && !form.had_credentials;
    if (!all && (any || needed)) {
        for (const CredentialField& field : words.credentials) {
            if (!field.name.empty() && empty(field.name)) form.errors[std::string(field.name)] = std::string(field.label) + " is needed";
        }
    }
    return form.errors.empty();
}

void submit(UiContext& ctx, const std::shared_ptr<RegistryForm>& form, const TypeWords& words) {
    if (form->busy || !check(*form, words)) return;
    model::Json values{{"name", std::string(base::trim(form->values["name"]))}, {"registryType", form->type}};
    if (const std::string url(base::trim(form->values["registryUrl"])); !url.empty()) values["registryUrl"] = url;
    model::Json credentials = model::Json::object();
    for (const CredentialField& field : words.credentials) {
        if (field.name.empty()) continue;
        if (const std::string value(base::trim(form->values[std::string(field.name)])); !value.empty()) credentials[std::string(field.name)] = value;
    }
    if (!credentials.empty()) values["credentials"] = std::move(credentials);
    form->busy = true;
    ctx.app.registries().save(form->id, std::move(values), [form](base::Result<void> saved) {
        form->busy = false;
        if (saved) form->saved = true;
        else take_error(*form, saved.error());
    });
}

void form_dialog(UiContext& ctx, SettingsState& settings) {
    const std::shared_ptr<RegistryForm> form = settings.registry;
    const bool creating = form->id.empty();
    if (!begin_dialog(ctx, kDialog, {.title = creating ? "Add registry" : "Change registry", .width = 480})) return;
    const bool appearing = ImGui::IsWindowAppearing();
    const auto error = [&](std::string_view name) {
        const auto found = form->errors.find(std::string(name));
        return found == form->errors.end() ? std::string_view() : std::string_view(found->second);
    };
    bool entered = false;
    const auto field = [&](std::string_view name, FieldOptions options) {
        options.error = error(name);
        options.disabled = form->busy;
        const FieldResult result = input_text(ctx, name, form->values[std::string(name)], options);
        if (result.changed) form->errors.erase(std::string(name));
        entered |= result.submitted && options.rows == 1;
    };
    if (!error("").empty()) text(ctx, error(""), {.color = ctx.theme.danger_text, .wrap = true, .role = Role::alert, .flags = kLive});
    std::array<SelectItem, kTypes.size()> items;
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = {kTypes[i].type, kTypes[i].title};
    if (select(ctx, "type", form->type, items, {.label = "Kind", .disabled = form->busy})) form->errors.clear();
    const TypeWords& words = words_of(form->type);
    field("name", {.label = "Name", .placeholder = words.title, .required = true, .focus = appearing});
    field("registryUrl", {.label = "Address", .placeholder = words.url_example, .required = words.url_needed, .mono = true});
    const std::string_view kept = "Empty fields keep what is stored";
    bool first = true;
    for (const CredentialField& entry : words.credentials) {
        if (entry.name.empty()) continue;
        const std::string_view help = form->had_credentials && first ? kept : entry.help;
        field(entry.name, {.label = entry.label, .help = help, .required = words.credentials_needed && !form->had_credentials,
                           .password = entry.secret && entry.rows == 1, .mono = entry.rows > 1, .rows = entry.rows});
        first = false;
    }
    ImGui::Dummy(ImVec2(0, 4));
    const std::string_view label = form->busy ? "Saving…" : creating ? "Add registry" : "Save";
    const float buttons = button_width(ctx, "Cancel") + 8 + button_width(ctx, label, {.style = ButtonStyle::primary});
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - buttons, 0.0f));
    if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
    ImGui::SameLine();
    if (button(ctx, label, {.style = ButtonStyle::primary, .id = "save", .name = creating ? "Add" : "Save", .busy = form->busy}) || entered) {
        submit(ctx, form, words);
        ctx.wake_in(0);
    }
    if (form->saved) {
        ImGui::CloseCurrentPopup();
        form->saved = false;
        ctx.wake_in(0);
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
    const std::string line = state + " · " + std::string(words_of(registry.type).title) + " · " + registry.url;
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
