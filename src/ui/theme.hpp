// Theme: every colour, size and radius of the UI, dark and light, and the three faces of its type.
//
// Colours are ImU32 (what ImDrawList takes). Lengths are logical px on a 4 px grid. Views take them from UiContext::theme and
// never write a literal colour. `apply_style` gives ImGui the same values, for the few stock parts that are left (scrollbars,
// text editing).
//
//   draw_list->AddRectFilled(min, max, ctx.theme.raised, metrics::kRadius);
//   ui::FontScope small(ctx.fonts.ui, text_size::kSmall);
#pragma once

#include <imgui.h>

#include <cstdint>
#include <string_view>

#include "model/graph.hpp"

namespace ui {

struct Fonts {
    ImFont* ui = nullptr;
    ImFont* semibold = nullptr;
    ImFont* mono = nullptr;
};

// Font sizes as ImGui takes them (PushFont, AddText, CalcTextSizeA): the height of a line, in logical px. The faces are loaded so that
// it is 1.5 times the size a designer would name (19/13 for mono), which is how browsers lay out text: Inter 14 is kUi, 12 is kSmall,
// 18 is kTitle, JetBrains Mono 13 is kMono. Capitals stand in the middle of the line, so centring a line centres its text. Scale by
// zoom as usual: kUi * zoom.
namespace text_size {
inline constexpr float kUi = 21;
inline constexpr float kSmall = 18;
inline constexpr float kTitle = 27;
inline constexpr float kMono = 19;
}  // namespace text_size
inline constexpr float kLineHeight = 1.5f;              // of ui and semibold
inline constexpr float kMonoLineHeight = 19.0f / 13.0f;
// Em from the top of the line to the baseline; ImGui rounds up, so these give the baselines that browsers choose (16 of 21, 13 of 18).
inline constexpr float kAscent = 1.08f;
inline constexpr float kMonoAscent = 1.07f;

namespace metrics {
inline constexpr float kRadius = 6;
inline constexpr float kRadiusLarge = 8;
inline constexpr float kBorder = 1;
inline constexpr float kGap = 8;
inline constexpr float kPad = 16;              // inside panels
inline constexpr float kControlHeight = 32;    // fields, primary buttons
inline constexpr float kButtonHeight = 28;
inline constexpr float kTouchTarget = 44;
inline constexpr float kRowHeight = 27;
inline constexpr float kRailWidth = 48;
inline constexpr float kTopBarHeight = 44;
inline constexpr float kStatusBarHeight = 24;
inline constexpr float kTabHeight = 36;
inline constexpr float kIcon = 18;
inline constexpr float kIconStroke = 1.6f;
inline constexpr float kIconSmall = 16;
inline constexpr int kTransitionMs = 140;      // ease-out; 0 when the system asks for reduced motion
inline constexpr int kTooltipDelayMs = 450;
inline constexpr int kSkeletonDelayMs = 150;
}  // namespace metrics

struct Theme {
    bool dark = true;

    ImU32 background = 0;   // behind the canvas, logs, fields
    ImU32 surface = 0;      // bars and panels
    ImU32 raised = 0;       // cards, popups, toasts
    ImU32 border = 0;
    ImU32 hover = 0;
    ImU32 text = 0;
    ImU32 muted = 0;
    ImU32 disabled = 0;
    ImU32 accent = 0;
    ImU32 on_accent = 0;      // text on accent
    ImU32 accent_hover = 0;
    ImU32 accent_active = 0;
    ImU32 accent_soft = 0;    // selected rail entry, selected row
    ImU32 success = 0;
    ImU32 warning = 0;
    ImU32 danger = 0;
    ImU32 purple = 0;
    ImU32 danger_text = 0;    // danger as text: at least 4.5:1 on every surface
    ImU32 danger_fill = 0;    // destructive button
    ImU32 danger_fill_hover = 0;
    ImU32 danger_soft = 0;    // background of an error banner
    ImU32 warning_soft = 0;
    ImU32 on_danger = 0;
    ImU32 pill = 0;           // replica badge, key cap, count
    ImU32 match = 0;          // search hit in a log
    ImU32 match_current = 0;
    ImU32 selection = 0;      // selected text, selected log lines
    ImU32 scrim = 0;          // behind a modal
    ImU32 shadow = 0;         // popups; alpha is the strongest
    ImU32 skeleton = 0;
    ImU32 dot_grid = 0;       // canvas background dots at full strength
    ImU32 edge = 0;           // canvas edges
    ImU32 port = 0;           // ring of a port
    ImU32 scrollbar = 0;
    ImU32 scrollbar_hover = 0;
    ImU32 log_time = 0;       // timestamps in logs
    ImU32 chip_icon = 0;      // icon on a kind chip
};

[[nodiscard]] Theme dark_theme();
[[nodiscard]] Theme light_theme();

// Background of the chip that stands for a node kind.
[[nodiscard]] ImU32 kind_color(const Theme& theme, model::NodeKind kind);
// Colour of a node state: dot, minimap block, far-zoom bar.
[[nodiscard]] ImU32 state_color(const Theme& theme, model::NodeState state);
// One of the few colours that tell log sources apart; the same source always gets the same.
[[nodiscard]] ImU32 source_color(const Theme& theme, std::string_view source);

// 0xRRGGBB to opaque ImU32.
[[nodiscard]] constexpr ImU32 rgb(std::uint32_t hex, unsigned alpha = 255) {
    return ((hex >> 16) & 0xffU) | (hex & 0xff00U) | ((hex & 0xffU) << 16) | (static_cast<ImU32>(alpha & 0xffU) << 24);
}
[[nodiscard]] std::uint32_t to_rgb_hex(ImU32 color);
// The colour with its alpha multiplied by `alpha` (0..1).
[[nodiscard]] ImU32 faded(ImU32 color, float alpha);
// `t` of the way from a to b (0..1), each channel.
[[nodiscard]] ImU32 mixed(ImU32 a, ImU32 b, float t);
// WCAG 2 contrast ratio of two opaque colours, 1..21.
[[nodiscard]] double contrast_ratio(ImU32 a, ImU32 b);

// Gives ImGui's own style the same colours and lengths.
void apply_style(const Theme& theme, bool coarse_pointer);

// To the next device pixel, so that 1 px lines are crisp at every pixel ratio.
[[nodiscard]] float snap(float logical, float pixel_ratio);
[[nodiscard]] ImVec2 snap(ImVec2 logical, float pixel_ratio);

// PushFont for a block.
class FontScope {
public:
    FontScope(ImFont* font, float size) { ImGui::PushFont(font, size); }
    ~FontScope() { ImGui::PopFont(); }
    FontScope(const FontScope&) = delete;
    FontScope& operator=(const FontScope&) = delete;
};

}  // namespace ui
