// Buttons.
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>

#include "ui/commands.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr float kIconSize = 16;

float padding_of(std::string_view label, const ButtonOptions& options) {
    if (label.empty()) return 0;
    return options.style == ButtonStyle::primary || options.style == ButtonStyle::danger ? 14.0f : 11.0f;
}

struct Look {
    ImU32 fill = 0;
    ImU32 border = 0;
    ImU32 text = 0;
};

Look look_of(const Theme& theme, const ButtonOptions& options, const Interaction& item, bool disabled) {
    const bool hot = item.hovered && !item.held;
    if (disabled) {
        if (options.style == ButtonStyle::ghost) return {0, 0, theme.disabled};
        if (options.style == ButtonStyle::secondary) return {0, theme.border, theme.disabled};
        return {theme.hover, theme.border, theme.disabled};
    }
    const bool on = options.selected.value_or(false);
    switch (options.style) {
        case ButtonStyle::primary:
            return {item.held ? theme.accent_active : hot ? theme.accent_hover : theme.accent, 0, theme.on_accent};
        case ButtonStyle::danger:
            return {item.held || hot ? theme.danger_fill_hover : theme.danger_fill, 0, theme.on_danger};
        case ButtonStyle::secondary:
            return {item.held ? theme.border : hot || options.expanded ? theme.hover : 0U, on ? theme.accent : theme.border,
                    on ? theme.text : item.hovered || options.expanded ? theme.text : theme.muted};
        case ButtonStyle::ghost:
            return {on ? theme.accent_soft : item.held ? theme.border : hot || options.expanded ? theme.hover : 0U, 0,
                    on ? theme.accent : item.hovered || options.expanded ? theme.text : theme.muted};
    }
    return {};
}

}  // namespace

float button_width(const UiContext& ctx, std::string_view label, const ButtonOptions& options) {
    if (options.width > 0) return options.width;
    const float height = options.height > 0 ? options.height : button_height(ctx);
    if (label.empty()) return height;
    ImFont* font = options.style == ButtonStyle::primary || options.style == ButtonStyle::danger ? ctx.fonts.semibold : ctx.fonts.ui;
    float width = text_width(font, text_size::kUi, label) + 2 * padding_of(label, options);
    if (options.icon != Icon::none) width += kIconSize + 6;
    if (options.trailing_icon != Icon::none) width += kIconSize + 2;
    return std::max(width, height);
}

bool button(UiContext& ctx, std::string_view label, const ButtonOptions& options) {
    const float height = options.height > 0 ? options.height : button_height(ctx);
    float width = button_width(ctx, label, options);
    if (options.width < 0) width = std::max(ImGui::GetContentRegionAvail().x + options.width, height);
    const ImVec2 min = reserve(ctx, ImVec2(width, height));
    const ImVec2 max(min.x + width, min.y + height);
    const std::string_view name = !options.name.empty() ? options.name : !label.empty() ? label : options.tooltip;
    const bool disabled = options.disabled || options.busy;

    std::uint32_t flags = 0;
    if (options.selected) flags |= kPressable | (*options.selected ? kSelected : 0U);
    if (options.has_menu) flags |= options.expanded ? kExpanded : kCollapsed;
    const std::string_view id = !options.id.empty() ? options.id : !label.empty() ? label : name;
    const Interaction item =
        interact(ctx, id_of(id), min, max, {.role = options.role, .name = name, .description = options.description, .flags = flags}, disabled);

    const Look look = look_of(ctx.theme, options, item, disabled);
    ImDrawList* list = ImGui::GetWindowDrawList();
    if ((look.fill >> 24) != 0) list->AddRectFilled(min, max, look.fill, metrics::kRadius);
    if ((look.border >> 24) != 0) list->AddRect(min, max, look.border, metrics::kRadius);
    if (label.empty()) {
        draw_icon_centered(list, options.icon, ImVec2((min.x + max.x) / 2, (min.y + max.y) / 2), kIconSize, look.text);
    } else {
        ImFont* font = options.style == ButtonStyle::primary || options.style == ButtonStyle::danger ? ctx.fonts.semibold : ctx.fonts.ui;
        float content = text_width(font, text_size::kUi, label);
        if (options.icon != Icon::none) content += kIconSize + 6;
        if (options.trailing_icon != Icon::none) content += kIconSize + 2;
        const float room = width - 12;
        float x = min.x + std::max((width - content) / 2, 6.0f);
        const float middle = (min.y + max.y) / 2;
        if (options.icon != Icon::none) {
            const float size = options.icon == Icon::play ? 12.0f : kIconSize;
            draw_icon_centered(list, options.icon, ImVec2(x + kIconSize / 2, middle), size, look.text);
            x += kIconSize + 6;
        }
        const float text_room = options.trailing_icon != Icon::none ? std::max(room - kIconSize - (x - min.x), 1.0f) : std::max(max.x - x - 4, 1.0f);
        x += draw_text(list, font, text_size::kUi, ImVec2(x, middle - text_size::kUi / 2), look.text, label, text_room);
        if (options.trailing_icon != Icon::none) {
            draw_icon_centered(list, options.trailing_icon, ImVec2(x + 3 + kIconSize / 2, middle), 12, look.text);
        }
    }
    focus_ring(ctx, item);
    tooltip(ctx, item, options.tooltip, options.shortcut);
    return item.pressed;
}

bool command_button(UiContext& ctx, std::string_view command_id, std::string_view label, ButtonOptions options) {
    const Command* command = ctx.commands.find(command_id);
    if (command == nullptr) return false;
    const std::string shortcut = ctx.commands.shortcut(command_id);
    if (options.tooltip.empty() && label != command->title) options.tooltip = command->title;
    if (options.name.empty()) options.name = label.empty() ? std::string_view(command->title) : label;
    options.shortcut = shortcut;
    options.disabled = options.disabled || !ctx.commands.enabled(command_id);
    if (options.id.empty()) options.id = command_id;
    if (!button(ctx, label, options)) return false;
    ctx.commands.run(command_id);
    return true;
}

bool link(UiContext& ctx, std::string_view label, std::string_view id) {
    const float width = text_width(ctx.fonts.ui, text_size::kUi, label);
    const float height = ctx.input.coarse_pointer ? metrics::kTouchTarget : text_size::kUi;
    const ImVec2 min = reserve(ctx, ImVec2(width, height));
    const ImVec2 max(min.x + width, min.y + height);
    const Interaction item = interact(ctx, id_of(id.empty() ? label : id), min, max, {.role = Role::link, .name = label});
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float y = min.y + (height - text_size::kUi) / 2;
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(min.x, y), ctx.theme.accent, label);
    if (item.hovered) list->AddRectFilled(ImVec2(min.x, y + 18), ImVec2(max.x, y + 19), ctx.theme.accent);
    return item.pressed;
}

}  // namespace ui
