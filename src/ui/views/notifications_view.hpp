// The notification centre: the bell of the top bar with its count, and the panel that opens under it.
#pragma once

#include <imgui.h>

namespace ui {

struct UiContext;
struct ViewState;

[[nodiscard]] float notification_bell_size(const UiContext& ctx);
// At `min`, notification_bell_size() wide and high.
void draw_notification_bell(UiContext& ctx, ViewState& views, ImVec2 min);

}  // namespace ui
