// What floats over the canvas: buttons, "Add node", the minimap, the empty state, the sign of the lock.
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "ui/canvas/canvas_view.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr float kMargin = 12;
constexpr float kRoomForMinimap = 420;  // logical px of canvas width below which it would be in the way

}  // namespace

void CanvasView::draw_overlays(UiContext& ctx) {
    model::App& app = ctx.app;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float button = ctx.input.coarse_pointer ? metrics::kTouchTarget : 30;
    const std::array<std::pair<const char*, Icon>, 7> tools{{{"edit.undo", Icon::undo}, {"edit.redo", Icon::redo}, {"canvas.zoom_in", Icon::plus}, {"canvas.zoom_out", Icon::minus}, {"canvas.fit", Icon::fit},
                                                             {"canvas.snap", Icon::layout}, {"canvas.lock", Icon::lock}}};
    const ImVec2 bar_size(6 + button * static_cast<float>(tools.size()), 6 + button);
    const ImVec2 bar_min(space_.min.x + kMargin, space_.max.y - kMargin - bar_size.y);
    const ImVec2 bar_max(bar_min.x + bar_size.x, bar_min.y + bar_size.y);
    begin_record_group(ctx, id_of("canvas-tools"), bar_min, bar_max, {.role = Role::toolbar, .name = "Canvas tools"});
    list->AddRectFilled(bar_min, bar_max, ctx.theme.surface, metrics::kRadius);
    list->AddRect(bar_min, bar_max, ctx.theme.border, metrics::kRadius);
    ImVec2 at(bar_min.x + 3, bar_min.y + 3);
    for (const auto& [command, icon] : tools) {
        ImGui::SetCursorScreenPos(at);
        // "Undo Move 3 nodes"
        const std::string_view name = icon == Icon::undo ? "Undo" : icon == Icon::redo ? "Redo" : "";
        const std::string what = icon == Icon::undo ? app.undo_title() : icon == Icon::redo ? app.redo_title() : std::string();
        std::optional<bool> pressed;
        if (icon == Icon::lock) pressed = app.canvas().locked;
        if (icon == Icon::layout) pressed = app.ui().canvas.snap;
        command_button(ctx, command, "", {.style = ButtonStyle::ghost, .icon = icon, .id = command, .name = name, .tooltip = what, .description = what, .selected = pressed, .width = button, .height = button});
        at.x += button;
    }
    end_record_group(ctx);

    ImGui::SetCursorScreenPos(ImVec2(space_.min.x + kMargin, space_.min.y + kMargin));
    if (app.graph().node_count() > 0) {
        const float width = button_width(ctx, "Add node", {.icon = Icon::plus});
        const ImVec2 min(space_.min.x + kMargin, space_.min.y + kMargin);
        list->AddRectFilled(min, ImVec2(min.x + width, min.y + button_height(ctx)), ctx.theme.surface, metrics::kRadius);
        command_button(ctx, "canvas.add_node", "Add node", {.style = ButtonStyle::secondary, .icon = Icon::plus, .id = "add-node"});
    } else {
        begin_region(ctx, "canvas-empty", ImVec2(space_.min.x + 40, space_.min.y + 40), ImVec2(space_.max.x - 40, space_.max.y - 60), 0);
        if (state_message(ctx, "empty-workflow", {.icon = Icon::workflows, .title = "This workflow is empty", .text = "Nodes are the objects that Run puts into the cluster.", .action = "Add node", .details = {}, .error = false})) {
            ctx.commands.run("canvas.add_node");
        }
        end_region(ctx);
    }
    if (app.canvas().locked) {
        constexpr std::string_view kWords = "Locked: nothing moves or connects";
        const float width = pill_width(ctx, kWords);
        const ImVec2 min((space_.min.x + space_.max.x - width) / 2, space_.max.y - kMargin - 24);
        draw_pill(ctx, list, min, kWords, ctx.theme.raised, ctx.theme.text);
        record(ctx, id_of("canvas-locked"), min, ImVec2(min.x + width, min.y + 20), {.role = Role::status, .name = kWords});
    }
    if (space_.width() >= kRoomForMinimap && app.graph().node_count() > 0) {
        const ImVec2 min(space_.max.x - kMargin - Minimap::kSize.x, space_.max.y - kMargin - Minimap::kSize.y);
        if (const auto target = minimap_.draw(ctx, app.graph(), space_, min)) {
            app.set_viewport(*target);
            ctx.wake_in(0);
        }
    }
}

}  // namespace ui
