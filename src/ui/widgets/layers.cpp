// Menus and dialogs.
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "ui/commands.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

// Independent of the ID stack, so that a menu or dialog can be opened from anywhere.
ImGuiID layer_id(std::string_view id) { return ImHashStr(id.data(), id.size(), 0x1a9e75U); }

constexpr float kMenuPadding = 6;
constexpr float kMenuItemHeight = 32;

ImVec2 last_size_of(ImGuiID popup) {
    char name[24];
    std::snprintf(name, sizeof name, "##Popup_%08x", popup);
    const ImGuiWindow* window = ImGui::FindWindowByName(name);
    return window != nullptr ? window->SizeFull : ImVec2(0, 0);
}

// A layer is as high as its content was a frame ago, and placed for the height it had then. What has changed asks for those frames; else
// the next click would meet a layer that moves under it.
void follow_content(UiContext& ctx) {
    const ImGuiWindow* window = ImGui::GetCurrentWindow();
    if (std::trunc(window->DC.CursorMaxPos.y - window->DC.CursorStartPos.y) != window->ContentSize.y) ctx.wake_in(0);
}

}  // namespace

// ---- menus --------------------------------------------------------------------------------------------------------------------

void open_menu(std::string_view id) { ImGui::OpenPopupEx(layer_id(id)); }

bool menu_is_open(std::string_view id) { return ImGui::IsPopupOpen(layer_id(id), ImGuiPopupFlags_AnyPopupLevel); }

bool begin_menu(UiContext& ctx, std::string_view id, const MenuOptions& options) {
    const ImGuiID popup = layer_id(id);
    if (!ImGui::IsPopupOpen(popup, ImGuiPopupFlags_None)) return false;
    const ImVec2 size = last_size_of(popup);
    const float below = ctx.input.height - options.anchor_max.y - 12;
    const float above = options.anchor_min.y - 12;
    const bool upwards = size.y > below && above > below;
    const float room = std::max(upwards ? above : below, 80.0f);
    const float width = std::min(std::max(options.width, 180.0f), ctx.input.width - 16);
    float x = options.align_right ? options.anchor_max.x - std::max(size.x, width) : options.anchor_min.x;
    x = std::clamp(x, 8.0f, std::max(8.0f, ctx.input.width - std::max(size.x, width) - 8));
    const float y = upwards ? options.anchor_min.y - 4 - std::min(size.y, room) : options.anchor_max.y + 4;
    ImGui::SetNextWindowPos(snap(ImVec2(x, y), ctx.input.pixel_ratio), ImGuiCond_Always);
    ImGui::SetNextWindowSizeConstraints(ImVec2(width, 0), ImVec2(std::max(width, std::min(420.0f, ctx.input.width - 16)), room));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(kMenuPadding, kMenuPadding));
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
    const bool open = ImGui::BeginPopupEx(popup, ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoSavedSettings);
    if (!open) {
        ImGui::PopStyleVar(2);
        return false;
    }
    if (ImGui::GetWindowHeight() != size.y) ctx.wake_in(0);
    const ImVec2 min = ImGui::GetWindowPos();
    const ImVec2 max(min.x + ImGui::GetWindowWidth(), min.y + ImGui::GetWindowHeight());
    draw_shadow(ctx, ImGui::GetWindowDrawList(), min, max, metrics::kRadiusLarge);
    begin_record_group(ctx, popup, min, max, {.role = options.role, .name = options.name});
    SemanticAction action;
    if (ctx.semantics.take_action(popup, ActionKind::dismiss, action)) ImGui::CloseCurrentPopup();
    return true;
}

void end_menu(UiContext& ctx) {
    end_record_group(ctx);
    end_placed();
    follow_content(ctx);
    ImGui::EndPopup();
    ImGui::PopStyleVar(2);
}

bool menu_item(UiContext& ctx, std::string_view label, const MenuItemOptions& options) {
    const float height = ctx.input.coarse_pointer ? metrics::kTouchTarget : kMenuItemHeight;
    const bool marks = options.icon != Icon::none || options.checked.has_value();
    const float left = marks ? 34.0f : 10.0f;
    const float tail = !options.shortcut.empty() ? key_cap_width(ctx, options.shortcut) + 24
                       : !options.hint.empty()   ? text_width(ctx.fonts.ui, text_size::kSmall, options.hint) + 24
                                                 : 10.0f;
    const float natural = left + text_width(ctx.fonts.ui, text_size::kUi, label) + tail;
    const float width = std::max(natural, ImGui::GetContentRegionAvail().x);
    const ImVec2 min = reserve(ctx, ImVec2(std::min(natural, 408.0f), height));
    const ImVec2 max(min.x + std::min(width, ImGui::GetContentRegionAvail().x > 1 ? ImGui::GetContentRegionAvail().x : width), min.y + height);
    std::uint32_t flags = 0;
    if (options.checked) flags |= *options.checked ? (options.role == Role::option ? kSelected : kChecked) : 0U;
    const Interaction item = interact(ctx, id_of(options.id.empty() ? label : options.id), min, max,
                                      {.role = options.role, .name = label, .value = options.hint, .flags = flags}, options.disabled);
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (item.hovered || (item.focused && ImGui::GetCurrentContext()->NavCursorVisible)) list->AddRectFilled(min, max, ctx.theme.hover, 4);
    const ImU32 color = options.disabled ? ctx.theme.disabled : options.danger ? ctx.theme.danger_text : ctx.theme.text;
    const float middle = (min.y + max.y) / 2;
    if (options.checked.value_or(false)) {
        draw_icon_centered(list, Icon::check, ImVec2(min.x + 17, middle), 14, ctx.theme.accent);
    } else if (options.icon != Icon::none) {
        draw_icon_centered(list, options.icon, ImVec2(min.x + 17, middle), 16, options.danger ? color : options.disabled ? ctx.theme.disabled : ctx.theme.muted);
    }
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(min.x + left, middle - text_size::kUi / 2), color, label, std::max(max.x - min.x - left - tail + 10, 10.0f));
    if (!options.shortcut.empty()) {
        draw_key_cap(ctx, list, ImVec2(max.x - 8, middle), options.shortcut);
    } else if (!options.hint.empty()) {
        const float hint = text_width(ctx.fonts.ui, text_size::kSmall, options.hint);
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(max.x - 8 - hint, middle - text_size::kSmall / 2), ctx.theme.muted, options.hint);
    }
    if (item.pressed && !options.keep_open) ImGui::CloseCurrentPopup();
    return item.pressed;
}

bool menu_command(UiContext& ctx, std::string_view command_id, Icon which, bool danger) {
    const Command* command = ctx.commands.find(command_id);
    if (command == nullptr) return false;
    const std::string shortcut = ctx.commands.shortcut(command_id);
    if (!menu_item(ctx, command->title, {.icon = which, .shortcut = shortcut, .id = command_id, .disabled = !ctx.commands.enabled(command_id), .danger = danger}))
        return false;
    ctx.commands.run(command_id);
    return true;
}

void menu_separator(UiContext& ctx) {
    const ImVec2 pos = reserve(ctx, ImVec2(10, 9));
    const float width = ImGui::GetContentRegionAvail().x;
    ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(pos.x, pos.y + 4), ImVec2(pos.x + width, pos.y + 5), ctx.theme.border);
}

void menu_label(UiContext& ctx, std::string_view content) {
    const float width = text_width(ctx.fonts.ui, text_size::kSmall, content) + 20;
    const ImVec2 pos = reserve(ctx, ImVec2(width, 26));
    draw_text(ImGui::GetWindowDrawList(), ctx.fonts.ui, text_size::kSmall, ImVec2(pos.x + 10, pos.y + 4), ctx.theme.muted, content);
    record(ctx, id_of(content), pos, ImVec2(pos.x + width, pos.y + 26), {.role = Role::text, .name = content});
}

// ---- dialogs ------------------------------------------------------------------------------------------------------------------

void open_dialog(UiContext& ctx, std::string_view id) {
    if (ctx.layers == nullptr) return;
    ctx.layers->to_open.emplace_back(id);
    ctx.wake_in(0);
}

void close_dialog(UiContext& ctx, std::string_view id) {
    if (ctx.layers == nullptr) return;
    ctx.layers->to_close.emplace_back(id);
    ctx.wake_in(0);
}

bool dialog_is_open(std::string_view id) { return ImGui::IsPopupOpen(layer_id(id), ImGuiPopupFlags_AnyPopupLevel); }

bool begin_dialog(UiContext& ctx, std::string_view id, const DialogOptions& options) {
    const ImGuiID popup = layer_id(id);
    if (ctx.layers != nullptr && std::erase(ctx.layers->to_open, id) > 0) ImGui::OpenPopupEx(popup);
    if (!ImGui::IsPopupOpen(popup, ImGuiPopupFlags_None)) {
        if (ctx.layers != nullptr) std::erase(ctx.layers->to_close, id);
        return false;
    }

    const float width = std::min(options.width, ctx.input.width - 24);
    const float room = ctx.input.height - 24;
    const ImVec2 size = last_size_of(popup);
    const float x = (ctx.input.width - width) / 2;
    float y = options.top > 0 ? std::min(options.top, ctx.input.height * 0.2f) : (ctx.input.height - size.y) / 2.4f;
    y = std::clamp(y, 12.0f, std::max(12.0f, ctx.input.height - size.y - 12));
    ImGui::SetNextWindowPos(snap(ImVec2(x, y), ctx.input.pixel_ratio), ImGuiCond_Always);
    ImGui::SetNextWindowSizeConstraints(ImVec2(width, 0), ImVec2(width, room));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(options.padding, options.padding));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 10.0f);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1.0f);
    ImGui::PushStyleColor(ImGuiCol_WindowBg, ctx.theme.raised);
    const bool open = ImGui::BeginPopupEx(popup, ImGuiWindowFlags_Modal | ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoResize |
                                                     ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoCollapse);
    ImGui::PopStyleColor();
    ImGui::PopStyleVar(3);
    if (!open) return false;
    if (ctx.layers != nullptr) ctx.layers->shown = id;
    // It was placed for the size it had. What has grown or shrunk is placed anew.
    if (ImGui::GetWindowHeight() != size.y) ctx.wake_in(0);

    const ImVec2 min = ImGui::GetWindowPos();
    const ImVec2 max(min.x + ImGui::GetWindowWidth(), min.y + ImGui::GetWindowHeight());
    draw_shadow(ctx, ImGui::GetWindowDrawList(), min, max, 10);
    begin_record_group(ctx, popup, min, max, {.role = Role::dialog, .name = options.title, .flags = kModal});

    ImGuiContext& g = *ImGui::GetCurrentContext();
    const bool topmost = !g.OpenPopupStack.empty() && g.OpenPopupStack.back().PopupId == popup;
    SemanticAction action;
    bool close = ctx.semantics.take_action(popup, ActionKind::dismiss, action);
    close |= topmost && !ImGui::IsWindowAppearing() && ImGui::IsKeyPressed(ImGuiKey_Escape, false);
    close |= ctx.layers != nullptr && std::erase(ctx.layers->to_close, id) > 0;
    if (!options.title_bar && topmost && !ImGui::IsWindowAppearing() && ImGui::IsMouseClicked(ImGuiMouseButton_Left) && !ImGui::IsMouseHoveringRect(min, max, false))
        close = true;
    if (options.title_bar) {
        const float content = ImGui::GetContentRegionAvail().x;
        text(ctx, options.title, {.font = ctx.fonts.semibold, .size = text_size::kTitle, .max_width = content - 40, .role = Role::heading});
        ImGui::SameLine();
        ImGui::SetCursorScreenPos(ImVec2(max.x - options.padding - button_height(ctx) + 6, min.y + options.padding));
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::close, .id = "close-dialog", .tooltip = "Close"})) close = true;
    }
    if (close) ImGui::CloseCurrentPopup();
    return true;
}

void end_dialog(UiContext& ctx) {
    end_record_group(ctx);
    end_placed();
    follow_content(ctx);
    ImGui::EndPopup();
}

}  // namespace ui
