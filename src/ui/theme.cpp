#include "ui/theme.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ui {

Theme dark_theme() {
    Theme t;
    t.dark = true;
    t.background = rgb(0x0E1116);
    t.surface = rgb(0x151A21);
    t.raised = rgb(0x1C232C);
    t.border = rgb(0x2A323D);
    t.hover = rgb(0x222B36);
    t.text = rgb(0xE6EAF0);
    t.muted = rgb(0x9AA5B1);
    t.disabled = rgb(0x5C6773);
    t.accent = rgb(0x4C9AFF);
    t.on_accent = rgb(0x08111F);
    t.accent_hover = rgb(0x6BACFF);
    t.accent_active = rgb(0x3A86E8);
    t.accent_soft = rgb(0x1B3350);
    t.success = rgb(0x3FB950);
    t.warning = rgb(0xD29922);
    t.danger = rgb(0xF85149);
    t.purple = rgb(0xA371F7);
    t.danger_text = rgb(0xFF6B62);
    t.danger_fill = rgb(0xC9302C);
    t.danger_fill_hover = rgb(0xDA3B36);
    t.danger_soft = rgb(0x35191B);
    t.warning_soft = rgb(0x2E2512);
    t.on_danger = rgb(0xFFFFFF);
    t.pill = rgb(0x2A323D);
    t.match = rgb(0x5C4A16);
    t.match_current = rgb(0x9A7410);
    t.selection = rgb(0x4C9AFF, 70);
    t.scrim = rgb(0x05070A, 150);
    t.shadow = rgb(0x000000, 90);
    t.skeleton = rgb(0x222B36);
    t.dot_grid = rgb(0x2A323D);
    t.edge = rgb(0x6B7683);
    t.port = rgb(0x9AA5B1);
    t.scrollbar = rgb(0x323C48);
    t.scrollbar_hover = rgb(0x4A5665);
    t.log_time = rgb(0x7B8794);
    t.chip_icon = rgb(0xFFFFFF);
    return t;
}

Theme light_theme() {
    Theme t;
    t.dark = false;
    t.background = rgb(0xF6F8FA);
    t.surface = rgb(0xFFFFFF);
    t.raised = rgb(0xFFFFFF);
    t.border = rgb(0xD0D7DE);
    t.hover = rgb(0xEEF2F6);
    t.text = rgb(0x1F2328);
    t.muted = rgb(0x57606A);
    t.disabled = rgb(0x8C959F);
    t.accent = rgb(0x0969DA);
    t.on_accent = rgb(0xFFFFFF);
    t.accent_hover = rgb(0x0A5CC0);
    t.accent_active = rgb(0x084FA6);
    t.accent_soft = rgb(0xDDEBFB);
    t.success = rgb(0x1A7F37);
    t.warning = rgb(0x9A6700);
    t.danger = rgb(0xCF222E);
    t.purple = rgb(0x8250DF);
    t.danger_text = rgb(0xCF222E);
    t.danger_fill = rgb(0xCF222E);
    t.danger_fill_hover = rgb(0xB01C27);
    t.danger_soft = rgb(0xFFEDEB);
    t.warning_soft = rgb(0xFFF6DB);
    t.on_danger = rgb(0xFFFFFF);
    t.pill = rgb(0xE9EDF2);
    t.match = rgb(0xF3E3A8);
    t.match_current = rgb(0xF2C94C);
    t.selection = rgb(0x0969DA, 50);
    t.scrim = rgb(0x1F2328, 90);
    t.shadow = rgb(0x1F2328, 40);
    t.skeleton = rgb(0xE9EDF2);
    t.dot_grid = rgb(0xD0D7DE);
    t.edge = rgb(0x8C959F);
    t.port = rgb(0x57606A);
    t.scrollbar = rgb(0xC9D1D9);
    t.scrollbar_hover = rgb(0xA8B3BF);
    t.log_time = rgb(0x656D76);
    t.chip_icon = rgb(0xFFFFFF);
    return t;
}

ImU32 kind_color(const Theme& theme, model::NodeKind kind) {
    using model::NodeKind;
    switch (kind) {
        case NodeKind::ingress: return rgb(0x0D9488);
        case NodeKind::service: return rgb(0x2F81F7);
        case NodeKind::deployment: return rgb(0x7C3AED);
        case NodeKind::statefulset: return rgb(0xBE185D);
        case NodeKind::daemonset: return rgb(0x6D28D9);
        case NodeKind::configmap:
        case NodeKind::secret: return rgb(0xB45309);
        case NodeKind::persistentvolumeclaim: return rgb(0x0E7490);
        case NodeKind::job:
        case NodeKind::cronjob: return rgb(0x475569);
        case NodeKind::hpa: return rgb(0x15803D);
        case NodeKind::networkpolicy: return rgb(0xB91C1C);
        case NodeKind::plugin: return theme.dark ? rgb(0x4B5563) : rgb(0x57606A);
    }
    return theme.muted;
}

ImU32 state_color(const Theme& theme, model::NodeState state) {
    using model::NodeState;
    switch (state) {
        case NodeState::healthy:
        case NodeState::running:
        case NodeState::created:
        case NodeState::bound: return theme.success;
        case NodeState::partial: return theme.warning;
        case NodeState::error:
        case NodeState::lost: return theme.danger;
        case NodeState::pending:
        case NodeState::none: return theme.disabled;
    }
    return theme.disabled;
}

ImU32 source_color(const Theme& theme, std::string_view source) {
    const std::array<ImU32, 4> colors = theme.dark
        ? std::array<ImU32, 4>{rgb(0x58A6FF), rgb(0xB184F8), rgb(0x39C5CF), rgb(0xE3A857)}
        : std::array<ImU32, 4>{rgb(0x0969DA), rgb(0x8250DF), rgb(0x0B7285), rgb(0x9A5B00)};
    std::uint32_t hash = 2166136261U;
    for (const char c : source) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return colors[hash % colors.size()];
}

std::uint32_t to_rgb_hex(ImU32 color) {
    return ((color & 0xffU) << 16) | (color & 0xff00U) | ((color >> 16) & 0xffU);
}

ImU32 faded(ImU32 color, float alpha) {
    const float a = static_cast<float>(color >> 24) * std::clamp(alpha, 0.0f, 1.0f);
    return (color & 0x00ffffffU) | (static_cast<ImU32>(a + 0.5f) << 24);
}

ImU32 mixed(ImU32 a, ImU32 b, float t) {
    t = std::clamp(t, 0.0f, 1.0f);
    ImU32 out = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        const auto from = static_cast<float>((a >> shift) & 0xffU);
        const auto to = static_cast<float>((b >> shift) & 0xffU);
        out |= static_cast<ImU32>(from + (to - from) * t + 0.5f) << shift;
    }
    return out;
}

namespace {

double linear(ImU32 channel) {
    const double c = static_cast<double>(channel) / 255.0;
    return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(ImU32 color) {
    return 0.2126 * linear(color & 0xffU) + 0.7152 * linear((color >> 8) & 0xffU) + 0.0722 * linear((color >> 16) & 0xffU);
}

ImVec4 vec(ImU32 color) { return ImGui::ColorConvertU32ToFloat4(color); }

}  // namespace

double contrast_ratio(ImU32 a, ImU32 b) {
    const double la = luminance(a);
    const double lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

void apply_style(const Theme& theme, bool coarse_pointer) {
    ImGuiStyle& style = ImGui::GetStyle();
    style.Alpha = 1.0f;
    style.DisabledAlpha = 1.0f;  // disabled looks come from the theme, not from fading
    style.WindowPadding = ImVec2(0, 0);
    style.WindowRounding = 0;
    style.WindowBorderSize = 0;
    style.WindowMinSize = ImVec2(1, 1);
    style.ChildRounding = 0;
    style.ChildBorderSize = 0;
    style.PopupRounding = metrics::kRadiusLarge;
    style.PopupBorderSize = 1;
    style.FramePadding = ImVec2(10, 6);
    style.FrameRounding = metrics::kRadius;
    style.FrameBorderSize = 1;
    style.ItemSpacing = ImVec2(8, 8);
    style.ItemInnerSpacing = ImVec2(8, 4);
    style.CellPadding = ImVec2(8, 4);
    style.TouchExtraPadding = ImVec2(0, 0);
    style.ScrollbarSize = coarse_pointer ? 6.0f : 10.0f;
    style.ScrollbarRounding = 5;
    style.GrabMinSize = 24;
    style.GrabRounding = 4;
    style.TabRounding = 0;
    style.AntiAliasedLinesUseTex = false;  // crisp strokes at fractional pixel ratios
    style.CircleTessellationMaxError = 0.2f;
    style.FontSizeBase = text_size::kUi;

    auto set = [&](ImGuiCol slot, ImU32 color) { style.Colors[slot] = vec(color); };
    set(ImGuiCol_Text, theme.text);
    set(ImGuiCol_TextDisabled, theme.muted);
    set(ImGuiCol_WindowBg, theme.surface);
    set(ImGuiCol_ChildBg, faded(theme.surface, 0));
    set(ImGuiCol_PopupBg, theme.raised);
    set(ImGuiCol_Border, theme.border);
    set(ImGuiCol_BorderShadow, faded(theme.border, 0));
    set(ImGuiCol_FrameBg, theme.background);
    set(ImGuiCol_FrameBgHovered, theme.background);
    set(ImGuiCol_FrameBgActive, theme.background);
    set(ImGuiCol_ScrollbarBg, faded(theme.surface, 0));
    set(ImGuiCol_ScrollbarGrab, theme.scrollbar);
    set(ImGuiCol_ScrollbarGrabHovered, theme.scrollbar_hover);
    set(ImGuiCol_ScrollbarGrabActive, theme.scrollbar_hover);
    set(ImGuiCol_CheckMark, theme.accent);
    set(ImGuiCol_Button, faded(theme.surface, 0));
    set(ImGuiCol_ButtonHovered, theme.hover);
    set(ImGuiCol_ButtonActive, theme.hover);
    set(ImGuiCol_Header, theme.accent_soft);
    set(ImGuiCol_HeaderHovered, theme.hover);
    set(ImGuiCol_HeaderActive, theme.accent_soft);
    set(ImGuiCol_Separator, theme.border);
    set(ImGuiCol_InputTextCursor, theme.text);
    set(ImGuiCol_TextSelectedBg, theme.selection);
    set(ImGuiCol_NavCursor, faded(theme.accent, 0));  // widgets draw their own focus ring
    set(ImGuiCol_NavWindowingHighlight, faded(theme.accent, 0));
    set(ImGuiCol_NavWindowingDimBg, faded(theme.scrim, 0));
    set(ImGuiCol_ModalWindowDimBg, theme.scrim);
    set(ImGuiCol_TableBorderLight, theme.border);
    set(ImGuiCol_TableBorderStrong, theme.border);
    set(ImGuiCol_TableHeaderBg, theme.surface);
    set(ImGuiCol_TableRowBg, faded(theme.surface, 0));
    set(ImGuiCol_TableRowBgAlt, faded(theme.surface, 0));
    set(ImGuiCol_ResizeGrip, faded(theme.border, 0));
    set(ImGuiCol_ResizeGripHovered, faded(theme.border, 0));
    set(ImGuiCol_ResizeGripActive, faded(theme.border, 0));
}

float snap(float logical, float pixel_ratio) {
    return pixel_ratio > 0 ? std::floor(logical * pixel_ratio + 0.5f) / pixel_ratio : logical;
}

ImVec2 snap(ImVec2 logical, float pixel_ratio) { return ImVec2(snap(logical.x, pixel_ratio), snap(logical.y, pixel_ratio)); }

}  // namespace ui
