// What a view shows when it has nothing else to show: loading, empty, error, banners.
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <array>
#include <string>

#include "ui/widgets.hpp"

namespace ui {

namespace {

void centered_line(UiContext& ctx, std::string_view content, ImFont* font, float size, ImU32 color, Role role, std::uint32_t flags) {
    const float room = ImGui::GetContentRegionAvail().x;
    const float wrap = std::min(room, 420.0f);
    const ImVec2 extent = font->CalcTextSizeA(size, FLT_MAX, wrap, content.data(), content.data() + content.size());
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max((room - extent.x) / 2, 0.0f));
    text(ctx, content, {.font = font, .size = size, .color = color, .max_width = wrap, .wrap = true, .role = role, .flags = flags});
}

}  // namespace

void skeleton(UiContext& ctx, std::string_view id, int lines) {
    const ImVec2 start = ImGui::GetCursorScreenPos();
    const float room = ImGui::GetContentRegionAvail().x;
    record(ctx, id_of(id), start, ImVec2(start.x + room, start.y + 20), {.role = Role::status, .name = "Loading"});
    if (!lasted(ctx, id_of(id), metrics::kSkeletonDelayMs)) return;
    constexpr std::array<float, 5> kWidths{0.62f, 0.84f, 0.46f, 0.74f, 0.55f};
    for (int i = 0; i < lines; ++i) {
        const float width = std::min(room, 560.0f) * kWidths[static_cast<std::size_t>(i) % kWidths.size()];
        const ImVec2 pos = reserve(ctx, ImVec2(width, 12));
        ImGui::GetWindowDrawList()->AddRectFilled(pos, ImVec2(pos.x + width, pos.y + 12), ctx.theme.skeleton, 4);
        ImGui::Dummy(ImVec2(0, 4));
    }
}

bool state_message(UiContext& ctx, std::string_view id, const StateOptions& options) {
    ImGui::PushID(id.data(), id.data() + id.size());
    const ImVec2 avail = ImGui::GetContentRegionAvail();
    float height = 30;
    if (options.icon != Icon::none) height += 36;
    if (!options.title.empty()) height += 24;
    if (!options.text.empty()) height += 40;
    if (!options.action.empty()) height += button_height(ctx);
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() + std::max((avail.y - height) * 0.42f, 0.0f));
    if (options.icon != Icon::none) {
        ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max((avail.x - 28) / 2, 0.0f));
        icon(ctx, options.icon, 28, options.error ? ctx.theme.danger : ctx.theme.disabled);
    }
    const Role role = options.error ? Role::alert : Role::status;
    if (!options.title.empty()) centered_line(ctx, options.title, ctx.fonts.semibold, text_size::kUi, ctx.theme.text, role, 0);
    if (!options.text.empty()) {
        ImGui::SetCursorPosY(ImGui::GetCursorPosY() - 4);
        centered_line(ctx, options.text, ctx.fonts.ui, text_size::kUi, ctx.theme.muted, options.title.empty() ? role : Role::text, 0);
    }
    bool pressed = false;
    float buttons = 0;
    if (!options.action.empty()) buttons += button_width(ctx, options.action);
    if (!options.details.empty()) buttons += button_width(ctx, "Copy details", {.icon = Icon::copy}) + (buttons > 0 ? 8.0f : 0.0f);
    if (buttons > 0) {
        ImGui::Dummy(ImVec2(0, 2));
        ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max((ImGui::GetContentRegionAvail().x - buttons) / 2, 0.0f));
        if (!options.action.empty()) pressed = button(ctx, options.action);
        if (!options.details.empty()) {
            if (!options.action.empty()) ImGui::SameLine();
            if (button(ctx, "Copy details", {.style = ButtonStyle::ghost, .icon = Icon::copy})) ctx.platform.copy_text(options.details);
        }
    }
    ImGui::PopID();
    return pressed;
}

bool error_state(UiContext& ctx, std::string_view id, const base::Error& error) {
    const bool forbidden = error.code == base::ErrorCode::forbidden;
    std::string details = error.message;
    if (!error.hint.empty()) details += "\n" + error.hint;
    details += "\ncode: " + std::string(base::to_string(error.code));
    const std::string title = forbidden ? "You have no permission for this" : error.message.empty() ? "This could not be loaded" : error.message;
    const std::string body = forbidden ? error.message + (error.hint.empty() ? "" : ". " + error.hint) : error.hint;
    return state_message(ctx, id, {.icon = forbidden ? Icon::lock : Icon::warning, .title = title, .text = body, .action = "Retry", .details = details, .error = true});
}

bool banner(UiContext& ctx, std::string_view id, BannerKind kind, std::string_view content, std::string_view action) {
    ImGui::PushID(id.data(), id.data() + id.size());
    const float width = ImGui::GetContentRegionAvail().x;
    const float height = ctx.input.coarse_pointer && !action.empty() ? metrics::kTouchTarget + 4 : 36.0f;
    const ImVec2 min = ImGui::GetCursorScreenPos();
    const ImVec2 max(min.x + width, min.y + height);
    const Theme& theme = ctx.theme;
    const ImU32 color = kind == BannerKind::danger ? theme.danger : kind == BannerKind::warning ? theme.warning : theme.accent;
    const ImU32 fill = kind == BannerKind::danger ? theme.danger_soft : kind == BannerKind::warning ? theme.warning_soft : theme.accent_soft;
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(min, max, fill);
    list->AddRectFilled(ImVec2(min.x, max.y - 1), max, theme.border);
    draw_icon_centered(list, kind == BannerKind::info ? Icon::info : Icon::warning, ImVec2(min.x + 24, min.y + height / 2), 16, color);
    const float action_width = action.empty() ? 0 : button_width(ctx, action) + 16;
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(min.x + 42, min.y + (height - text_size::kUi) / 2), theme.text, content, std::max(width - 58 - action_width, 20.0f));
    record(ctx, id_of("##banner"), min, max, {.role = kind == BannerKind::info ? Role::status : Role::alert, .name = content, .flags = kLive});
    bool pressed = false;
    if (!action.empty()) {
        const float button_h = button_height(ctx);
        ImGui::SetCursorScreenPos(ImVec2(max.x - action_width + 4, min.y + (height - button_h) / 2));
        pressed = button(ctx, action);
    }
    ImGui::SetCursorScreenPos(min);
    reserve(ctx, ImVec2(width, height));
    ImGui::PopID();
    return pressed;
}

}  // namespace ui
