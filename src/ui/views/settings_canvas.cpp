// Settings: how the canvas answers mouse, trackpad and keys.
#include <imgui.h>

#include <array>
#include <string>

#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

void draw_canvas_section(UiContext& ctx, ViewState&) {
    model::CanvasSettings settings = ctx.app.ui().canvas;
    constexpr std::array<SelectItem, 2> kDrags{{{"pan", "Pans; with Shift it selects"}, {"select", "Selects; with Shift it pans"}}};
    std::string drag = settings.drag_selects ? "select" : "pan";
    const bool drag_changed = select(ctx, "canvas-drag", drag, kDrags, {.label = "Dragging empty canvas", .help = "Space, the middle and the right button always pan.", .width = 300});
    settings.drag_selects = drag == "select";
    ImGui::Dummy(ImVec2(0, 6));
    constexpr std::array<SelectItem, 2> kMarquees{{{"touches", "What it touches"}, {"encloses", "What lies in it whole"}}};
    std::string marquee = settings.marquee_encloses ? "encloses" : "touches";
    const bool marquee_changed = select(ctx, "canvas-marquee", marquee, kMarquees, {.label = "A marquee selects", .help = "Shift adds to the selection, Ctrl or Cmd takes away what was selected.", .width = 300});
    settings.marquee_encloses = marquee == "encloses";
    ImGui::Dummy(ImVec2(0, 6));
    constexpr std::array<SelectItem, 2> kWheels{{{"pan", "Pans; with Ctrl or Cmd it zooms"}, {"zoom", "Zooms; with Shift it pans"}}};
    std::string wheel = settings.wheel_zooms ? "zoom" : "pan";
    const bool wheel_changed = select(ctx, "canvas-wheel", wheel, kWheels, {.label = "Mouse wheel and two fingers", .help = "Pinching always zooms.", .width = 300});
    settings.wheel_zooms = wheel == "zoom";
    ImGui::Dummy(ImVec2(0, 6));
    const bool snap_changed = switch_control(ctx, "Snap moved nodes to the grid", settings.snap, false, "Alt held while dragging suspends it, and the guides.");
    if (drag_changed || marquee_changed || wheel_changed || snap_changed) ctx.app.set_canvas_settings(settings);
}

}  // namespace ui
