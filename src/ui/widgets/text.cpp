// Text and small marks.
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>

#include "base/text.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr std::string_view kEllipsis = "…";

const char* begin_of(std::string_view text) { return text.data(); }
const char* end_of(std::string_view text) { return text.data() + text.size(); }

ImU32 or_default(ImU32 color, ImU32 fallback) { return color != 0 ? color : fallback; }

}  // namespace

float text_width(ImFont* font, float size, std::string_view text) {
    if (text.empty()) return 0;
    return font->CalcTextSizeA(size, FLT_MAX, 0, begin_of(text), end_of(text)).x;
}

std::string ellipsized(ImFont* font, float size, std::string_view text, float max_width) {
    if (text_width(font, size, text) <= max_width) return std::string(text);
    const float room = std::max(max_width - text_width(font, size, kEllipsis), 0.0f);
    const char* cut = nullptr;
    (void)font->CalcTextSizeA(size, room, 0, begin_of(text), end_of(text), &cut);
    std::string out(text.substr(0, cut != nullptr ? static_cast<std::size_t>(cut - text.data()) : 0));
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out + std::string(kEllipsis);
}

float draw_text(ImDrawList* list, ImFont* font, float size, ImVec2 pos, ImU32 color, std::string_view text, float max_width) {
    if (text.empty()) return 0;
    const float width = text_width(font, size, text);
    if (max_width > 0 && width > max_width) {
        const std::string cut = ellipsized(font, size, text, max_width);
        list->AddText(font, size, pos, color, begin_of(cut), end_of(cut));
        return text_width(font, size, cut);
    }
    list->AddText(font, size, pos, color, begin_of(text), end_of(text));
    return width;
}

void text(UiContext& ctx, std::string_view content, const TextOptions& options) {
    ImFont* font = options.font != nullptr ? options.font : ctx.fonts.ui;
    const ImU32 color = or_default(options.color, ctx.theme.text);
    const float room = options.max_width > 0 ? options.max_width : std::max(ImGui::GetContentRegionAvail().x, 1.0f);
    const ImVec2 natural = font->CalcTextSizeA(options.size, FLT_MAX, options.wrap ? room : 0, begin_of(content), end_of(content));
    const ImVec2 size(std::min(natural.x, room), std::max(natural.y, options.size));
    const ImVec2 pos = reserve(ctx, size);
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (options.wrap) {
        list->AddText(font, options.size, pos, color, begin_of(content), end_of(content), room);
    } else {
        draw_text(list, font, options.size, pos, color, content, room);
    }
    const ImVec2 max(pos.x + size.x, pos.y + size.y);
    record(ctx, id_of(content), pos, max, {.role = options.role, .name = content, .flags = options.flags});
    if (!options.tooltip.empty()) {
        const Interaction item{.id = id_of(content), .min = pos, .max = max, .visible = true, .hovered = ImGui::IsMouseHoveringRect(pos, max)};
        tooltip(ctx, item, options.tooltip);
    }
}

void heading(UiContext& ctx, std::string_view content) {
    text(ctx, content, {.font = ctx.fonts.semibold, .size = text_size::kTitle, .role = Role::heading});
}

void section_label(UiContext& ctx, std::string_view content) {
    text(ctx, content, {.size = text_size::kSmall, .color = ctx.theme.muted, .role = Role::heading});
}

void label_value(UiContext& ctx, std::string_view label, std::string_view value, bool mono) {
    const float width = ImGui::GetContentRegionAvail().x;
    const float label_room = std::min(width * 0.42f, 140.0f);
    ImFont* font = mono ? ctx.fonts.mono : ctx.fonts.ui;
    const float size = mono ? text_size::kMono : text_size::kUi;
    const ImVec2 value_size = font->CalcTextSizeA(size, FLT_MAX, width - label_room, begin_of(value), end_of(value));
    const float height = std::max(value_size.y, metrics::kRowHeight);
    const ImVec2 pos = reserve(ctx, ImVec2(width, height));
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(pos.x, pos.y + (metrics::kRowHeight - text_size::kUi) / 2), ctx.theme.muted, label,
              label_room - 8);
    const float value_y = pos.y + (metrics::kRowHeight - size) / 2;
    list->AddText(font, size, ImVec2(pos.x + label_room, value_y), ctx.theme.text, begin_of(value), end_of(value), width - label_room);
    record(ctx, id_of(label), pos, ImVec2(pos.x + width, pos.y + height), {.role = Role::text, .name = label, .value = value});
}

// ---- marks --------------------------------------------------------------------------------------------------------------------

float pill_width(const UiContext& ctx, std::string_view content) { return text_width(ctx.fonts.ui, text_size::kSmall, content) + 14; }

void draw_pill(UiContext& ctx, ImDrawList* list, ImVec2 min, std::string_view content, ImU32 background, ImU32 color) {
    constexpr float kHeight = 18;
    list->AddRectFilled(min, ImVec2(min.x + pill_width(ctx, content), min.y + kHeight), background, kHeight / 2);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(min.x + 7, min.y), color, content);
}

void pill(UiContext& ctx, std::string_view content, ImU32 color) {
    const ImVec2 pos = reserve(ctx, ImVec2(pill_width(ctx, content), text_size::kUi));
    draw_pill(ctx, ImGui::GetWindowDrawList(), ImVec2(pos.x, pos.y + 1), content, ctx.theme.pill, or_default(color, ctx.theme.text));
    record(ctx, id_of(content), pos, ImVec2(pos.x + pill_width(ctx, content), pos.y + text_size::kUi), {.role = Role::text, .name = content});
}

void progress_bar(UiContext& ctx, std::string_view id, std::string_view name, int percent) {
    constexpr float kThick = 6;
    const float room = std::max(ImGui::GetContentRegionAvail().x, 20.0f);
    const ImVec2 min = reserve(ctx, ImVec2(room, kThick));
    const ImVec2 max(min.x + room, min.y + kThick);
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(min, max, ctx.theme.pill, kThick / 2);
    const float share = static_cast<float>(std::clamp(percent, 0, 100)) / 100;
    if (share > 0) list->AddRectFilled(min, ImVec2(min.x + std::max(room * share, kThick), max.y), ctx.theme.accent, kThick / 2);
    record(ctx, id_of(id), min, max, {.role = Role::progressbar, .name = name, .value = std::to_string(percent) + " %", .value_min = 0, .value_max = 100, .value_now = static_cast<float>(percent)});
}

float key_cap_width(const UiContext& ctx, std::string_view keys) { return text_width(ctx.fonts.ui, text_size::kSmall, keys) + 12; }

void draw_key_cap(UiContext& ctx, ImDrawList* list, ImVec2 right_center, std::string_view keys) {
    const float width = key_cap_width(ctx, keys);
    const ImVec2 min = snap(ImVec2(right_center.x - width, right_center.y - 9), ctx.input.pixel_ratio);
    list->AddRect(min, ImVec2(min.x + width, min.y + 18), ctx.theme.border, 4);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(min.x + 6, min.y), ctx.theme.muted, keys);
}

void key_cap(UiContext& ctx, std::string_view keys) {
    const float width = key_cap_width(ctx, keys);
    const ImVec2 pos = reserve(ctx, ImVec2(width, text_size::kUi));
    draw_key_cap(ctx, ImGui::GetWindowDrawList(), ImVec2(pos.x + width, pos.y + text_size::kUi / 2), keys);
    record(ctx, id_of(keys), pos, ImVec2(pos.x + width, pos.y + text_size::kUi), {.role = Role::text, .name = keys});
}

void status_dot(UiContext& ctx, ImU32 color, std::string_view word, ImU32 word_color) {
    const float width = 16 + text_width(ctx.fonts.ui, text_size::kUi, word);
    const ImVec2 pos = reserve(ctx, ImVec2(width, text_size::kUi));
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddCircleFilled(ImVec2(pos.x + 4, pos.y + text_size::kUi / 2), 4, color);
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(pos.x + 16, pos.y), or_default(word_color, ctx.theme.text), word);
    record(ctx, id_of(word), pos, ImVec2(pos.x + width, pos.y + text_size::kUi), {.role = Role::text, .name = word});
}

void icon(UiContext& ctx, Icon which, float size, ImU32 color) {
    const ImVec2 pos = reserve(ctx, ImVec2(size, size));
    draw_icon(ImGui::GetWindowDrawList(), which, pos, size, color);
}

void kind_chip(UiContext& ctx, model::NodeKind kind, float size) {
    const ImVec2 pos = reserve(ctx, ImVec2(size, size));
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(pos, ImVec2(pos.x + size, pos.y + size), kind_color(ctx.theme, kind), metrics::kRadius);
    draw_icon_centered(list, kind_icon(kind), ImVec2(pos.x + size / 2, pos.y + size / 2), size * 0.5625f, ctx.theme.chip_icon);
    record(ctx, id_of("kind-chip"), pos, ImVec2(pos.x + size, pos.y + size), {.role = Role::img, .name = model::kind_title(kind)});
}

void separator(UiContext& ctx, float space) {
    ImGui::Dummy(ImVec2(0, std::max(space / 2 - ImGui::GetStyle().ItemSpacing.y, 0.0f)));
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 pos = reserve(ctx, ImVec2(width, 1));
    ImGui::GetWindowDrawList()->AddRectFilled(pos, ImVec2(pos.x + width, pos.y + 1), ctx.theme.border);
    ImGui::Dummy(ImVec2(0, std::max(space / 2 - ImGui::GetStyle().ItemSpacing.y, 0.0f)));
}

void tooltip(UiContext& ctx, const Interaction& item, std::string_view content, std::string_view shortcut) {
    if (content.empty()) return;
    ImGuiContext& g = *ImGui::GetCurrentContext();
    const bool keyboard = item.focused && g.NavCursorVisible;
    const bool mouse = item.hovered && !item.held && ImGui::IsMouseHoveringRect(item.min, item.max);
    if ((!keyboard && !mouse) || !item.visible) return;
    if (!lasted(ctx, item.id ^ 0x70017195U, metrics::kTooltipDelayMs)) return;

    const std::string label(content.substr(0, 400));
    constexpr float kMaxWidth = 360;
    const ImVec2 size = ctx.fonts.ui->CalcTextSizeA(text_size::kSmall, FLT_MAX, kMaxWidth, begin_of(label), end_of(label));
    const float cap = shortcut.empty() ? 0 : key_cap_width(ctx, shortcut) + 8;
    const ImVec2 box(size.x + cap + 20, size.y + 12);
    float x = std::clamp((item.min.x + item.max.x - box.x) / 2, 8.0f, std::max(8.0f, ctx.input.width - box.x - 8));
    float y = item.max.y + 6;
    if (y + box.y > ctx.input.height - 4) y = item.min.y - box.y - 6;
    if (item.max.y - item.min.y > 60) {  // tall things: beside the pointer
        x = std::clamp(g.IO.MousePos.x + 12, 8.0f, std::max(8.0f, ctx.input.width - box.x - 8));
        y = std::clamp(g.IO.MousePos.y + 16, 8.0f, std::max(8.0f, ctx.input.height - box.y - 8));
    }
    const ImVec2 min = snap(ImVec2(x, y), ctx.input.pixel_ratio);
    ImDrawList* list = ImGui::GetForegroundDrawList();
    draw_shadow(ctx, list, min, ImVec2(min.x + box.x, min.y + box.y), metrics::kRadius);
    list->AddRectFilled(min, ImVec2(min.x + box.x, min.y + box.y), ctx.theme.raised, metrics::kRadius);
    list->AddRect(min, ImVec2(min.x + box.x, min.y + box.y), ctx.theme.border, metrics::kRadius);
    list->AddText(ctx.fonts.ui, text_size::kSmall, ImVec2(min.x + 10, min.y + 6), ctx.theme.text, begin_of(label), end_of(label), kMaxWidth);
    if (cap > 0) draw_key_cap(ctx, list, ImVec2(min.x + box.x - 10, min.y + box.y / 2), shortcut);
}

}  // namespace ui
